package builder

import (
	"cmp"
	"context"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/host"
)

//go:embed starter
var starter embed.FS

// begin makes a workspace whose policy is the small example. Who does is in the server's own log.
func (b *Builder) begin(ctx context.Context, name, title, who string) error {
	dir, err := fs.Sub(starter, "starter")
	if err != nil {
		return err
	}
	in, err := read(dir)
	if err != nil {
		return err
	}
	in.entitle(title)
	var files []source.File
	for _, name := range slices.Sorted(maps.Keys(in)) {
		files = append(files, source.File{Name: name, Text: in[name]})
	}
	var k dsl.Checker
	p, diags := b.checkFiles(&k, files)
	if dsl.HasErrors(diags) {
		return fmt.Errorf("the example to begin with: %v", diags)
	}
	if err := b.o.Host.Create(name, p); err != nil {
		return err
	}
	return b.o.Access.Note(ctx, access.Act{What: "create", Workspace: name,
		About: hex.EncodeToString(p.Hash[:]), Who: who})
}

// beginAs makes a workspace that is called by a title. Its name in addresses is the first one made
// from that which is free, where none is given.
func (b *Builder) beginAs(ctx context.Context, name, title, who string) (string, error) {
	if name != "" || title == "" {
		return name, b.begin(ctx, name, title, who)
	}
	base := addressed(title)
	name = base
	for n := 2; ; n++ {
		err := b.begin(ctx, name, title, who)
		if !errors.Is(err, host.ErrExists) {
			return name, err
		}
		name = fmt.Sprintf("%s-%d", base, n)
	}
}

// addressed is how a title is written in addresses: 华东 Team as hd-team.
func addressed(title string) string {
	words := strings.FieldsFunc(strings.ToLower(syntax.Initials(title)), func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9')
	})
	name := strings.Join(words, "-")
	return cmp.Or(strings.Trim(name[:min(len(name), 40)], "-"), "workspace")
}

// plainTitle is a title as it was given, on one line and without spaces around it.
func plainTitle(s string) string {
	return strings.Join(strings.Fields(strings.Map(printed, s)), " ")
}

func printed(c rune) rune {
	if unicode.IsControl(c) || c == utf8.RuneError {
		return ' '
	}
	return c
}

// entitle gives the settings a title; "" leaves them as they are.
func (m memory) entitle(title string) {
	const settings = "thru.toml"
	if title == "" {
		return
	}
	if at := titleLine.FindStringIndex(m[settings]); at != nil {
		m[settings] = m[settings][:at[0]] + m[settings][at[1]:]
	}
	m[settings] = "title = " + strconv.Quote(title) + "\n" + m[settings] // TOML has these escapes
}

var titleLine = regexp.MustCompile(`(?m)^title\s*=.*\n?`)

// runtimePolicy is the policy in force.
func runtimePolicy(ctx context.Context, w *runtime.Workspace) (p *policy.Policy, err error) {
	err = w.View(ctx, func(e *engine.Engine) { p = e.Policy() })
	return p, err
}
