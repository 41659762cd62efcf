// Package doc writes a policy as a static site for people who do not read policies: what is
// recorded, what is scored, what leads to what, as sentences in English and Chinese.
//
// A page is put together from the registry of declaration kinds, so that a new kind has a page as
// soon as it is registered; what is worth telling better than part by part (a journey's picture, a
// score's weights) has a block of its own in blocks.go. The pages need no network, no script and
// no style but the one sheet beside them.
package doc

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/source"
)

//go:generate go tool -modfile=../../internal/tools.mod templ generate -log-level error

//go:embed style.css
var style []byte

// A File is a file of the site, by its slash path from the site's folder.
type File struct {
	Name string
	Data []byte
}

// Languages are those that a site can be in, in the order in which they are offered.
func Languages() []string { return []string{"en", "zh"} }

// Make writes the site of a policy in some languages: a folder of pages for each, the page that
// leads to them, and the style.
func Make(p *policy.Policy, langs []string) ([]File, error) {
	s := newSite(p, langs)
	files := []File{{"style.css", style}}
	add := func(name string, c component) error {
		var b bytes.Buffer
		err := c.Render(context.Background(), &b)
		files = append(files, File{name, b.Bytes()})
		return err
	}
	if err := add("index.html", doorPage(s)); err != nil {
		return nil, fmt.Errorf("doc: %w", err)
	}
	for _, lang := range langs {
		v := &view{site: s, lang: lang, Speaker: say.In(lang)}
		for _, pg := range s.pages {
			if err := add(lang+"/"+pg.file, frame(v, pg, v.body(pg))); err != nil {
				return nil, fmt.Errorf("doc: %s: %w", pg.file, err)
			}
		}
	}
	return files, nil
}

// A site is what all pages of all languages have in common.
type site struct {
	policy *policy.Policy
	langs  []string
	pages  []*page
	at     map[*policy.Head]place        // where a declaration is told of
	used   map[*policy.Head][]*kind.Decl // by whom a declaration is used, in reading order
}

// A place is where on the site something is told of.
type place struct{ file, id string }

// A page is one page, in every language.
type page struct {
	file  string
	title policy.Text
	decls []kind.Decl // of a page about a kind
}

// Pages that are about no kind.
const (
	overviewFile = "index.html"
	testsFile    = "tests.html"
	wordsFile    = "words.html"
)

func both(en, zh string) policy.Text { return policy.Text{Main: en, En: en, Zh: zh} }

func newSite(p *policy.Policy, langs []string) *site {
	s := &site{policy: p, langs: langs, at: map[*policy.Head]place{}}
	s.pages = []*page{{file: overviewFile, title: both("Overview", "概览")}}
	for _, k := range readingOrder() {
		pg := &page{file: k.Word + "s.html", title: titleOf(k)}
		for _, d := range k.Of(p) {
			if d.Own {
				pg.decls = append(pg.decls, d)
				s.at[d.Head] = place{pg.file, idOf(d.Head)}
			}
		}
		if len(pg.decls) > 0 {
			s.pages = append(s.pages, pg)
		}
	}
	if len(p.Tests) > 0 {
		s.pages = append(s.pages, &page{file: testsFile, title: both("Tests", "测试")})
	}
	s.pages = append(s.pages, &page{file: wordsFile, title: both("Words", "用语")})
	for _, j := range p.Journeys {
		for _, g := range j.Stages {
			s.at[&g.Head] = place{s.at[&j.Head].file, idOf(&g.Head)}
		}
	}
	s.used = usersOf(p)
	return s
}

// readingOrder is the order of the registry with what is recorded first: all else is about it.
func readingOrder() []*kind.Kind {
	first := []string{"record", "journey", "action"}
	order := func(k *kind.Kind) int { return slices.Index(first, k.Word) }
	all := kind.Kinds()
	slices.SortStableFunc(all, func(a, b *kind.Kind) int {
		x, y := order(a), order(b)
		if x < 0 || y < 0 {
			return y - x // one of these goes before what is none
		}
		return x - y
	})
	return all
}

// titleOf is a kind's label as a title.
func titleOf(k *kind.Kind) policy.Text {
	b := []byte(k.Label.En)
	if len(b) > 0 && 'a' <= b[0] && b[0] <= 'z' {
		b[0] -= 'a' - 'A'
	}
	return both(string(b), k.Label.Zh)
}

// title is what the whole policy is called.
func (s *site) title() string {
	for _, name := range []string{s.policy.Settings.Title, s.policy.Settings.Name, s.policy.Package} {
		if name != "" {
			return name
		}
	}
	return ""
}

// version says which policy this is: its version and the first digits of its hash.
func (s *site) version() string {
	hash := hex.EncodeToString(s.policy.Hash[:6])
	if v := s.policy.Settings.Version; v != "" {
		return v + " · " + hash
	}
	return hash
}

// place is where something stands in the policy.
func (s *site) place(at source.Span) string {
	if at.IsZero() || int(at.File) >= len(s.policy.Files) {
		return ""
	}
	f := s.policy.Files[at.File]
	return fmt.Sprintf("%s:%d", f.Name, f.Position(at.Off).Line)
}

// idOf is the id of a declaration on its page; fieldID that of a field. The first letter keeps
// them apart: names may have dots in them.
func idOf(h *policy.Head) string { return "d-" + h.Full }

func fieldID(f *policy.Field) string { return "f-" + f.Of.Full + "." + f.Name }

// href leads to what a piece of a sentence names; "" where no page tells of it.
func (s *site) href(r *say.Run) string {
	to, ok := s.at[r.To]
	if !ok {
		return ""
	}
	id := to.id
	if r.In != nil && r.In.System == policy.NotSystem {
		id = fieldID(r.In)
	}
	return to.file + "#" + url.PathEscape(id)
}
