package dsl_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/internal/golden"
)

// TestIndex shows every name of a policy with what it stands for and where that is declared.
func TestIndex(t *testing.T) {
	golden.Run(t, "testdata/index", func(t *testing.T, c *golden.Case) golden.Outputs {
		var files []source.File
		for _, name := range c.Names() {
			if strings.HasSuffix(name, ".thru") {
				files = append(files, source.File{Name: name, Text: c.Input(t, name)})
			}
		}
		x := new(dsl.Checker).Index(files, policy.Settings{})
		var out strings.Builder
		for _, d := range x.Diags {
			if d.Code.Severity() == source.Error {
				t.Errorf("%s", source.Text(x.Texts, d, "en"))
			}
		}
		for i, f := range x.Texts {
			if strings.HasPrefix(f.Name, "std/") {
				continue
			}
			for _, r := range x.Refs(int32(i)) {
				fmt.Fprintf(&out, "%s %s: %s\n", at(x, r.Span), f.Text[r.Span.Off:r.Span.End],
					told(x, r.To))
			}
		}
		return golden.Outputs{"names": out.String()}
	})
}

func at(x *dsl.Index, s source.Span) string {
	f := x.Texts[s.File]
	p := f.Position(s.Off)
	return fmt.Sprintf("%s:%d:%d", f.Name, p.Line, p.Col)
}

func told(x *dsl.Index, s *dsl.Symbol) string {
	out := s.Kind + " " + s.Name
	if s.In != "" {
		out += " in " + s.In
	}
	if s.Fn != "" {
		out += "(" + s.Fn + ")"
	}
	if s.Type != "" {
		out += " (" + s.Type + ")"
	}
	if s.Span.IsZero() {
		return out + ", built in"
	}
	return out + " at " + at(x, s.Span)
}
