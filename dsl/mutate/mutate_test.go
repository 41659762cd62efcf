package mutate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/mutate"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/examples"
	"github.com/throughline/throughline/internal/golden"
)

func check(t *testing.T, text string) *policy.Policy {
	t.Helper()
	p, diags := dsl.Check([]source.File{{Name: "a.thru", Text: text}}, policy.Settings{})
	for _, d := range diags {
		if d.Code.Severity() == source.Error {
			r := source.ReportOf(p.Files, d, "en")
			t.Fatalf("%s:%d: %s %s", r.File, r.Line, r.Code, r.Message)
		}
	}
	return p
}

// told lists the mutants of a policy; what the checker refuses or finds no change in is marked.
func told(p *policy.Policy) string {
	set := mutate.Of(p)
	var b strings.Builder
	for i := range set.Len() {
		m := set.Mutant(i)
		at := p.Files[m.Place.File].Position(m.Place.Off)
		mark := ""
		if _, ok := set.Policy(i); !ok {
			mark = "  (none)"
		}
		fmt.Fprintf(&b, "%d:%d %s %s: %s -> %s%s\n", at.Line, at.Col, m.Decl, m.What, m.Old, m.New, mark)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	golden.Run(t, "testdata", func(t *testing.T, c *golden.Case) golden.Outputs {
		return golden.Outputs{"mutants": told(check(t, c.Input(t, "a.thru")))}
	})
}

// TestBothVocabulariesChangeAlike translates an example: the same changes are made of both texts,
// and each of them means the same.
func TestBothVocabulariesChangeAlike(t *testing.T) {
	for _, name := range []string{"pipeline"} {
		p, _, err := dsl.Load(examples.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		one := checkIn(t, p, "en")
		two := checkIn(t, p, "zh")
		a, b := mutate.Of(one), mutate.Of(two)
		if a.Len() != b.Len() {
			t.Fatalf("%s: %d changes in English, %d in Chinese", name, a.Len(), b.Len())
		}
		for i := range a.Len() {
			x, okx := a.Policy(i)
			y, oky := b.Policy(i)
			m := a.Mutant(i)
			if okx != oky || okx && x.Hash != y.Hash {
				t.Errorf("%s: %s %s %q -> %q means another thing than %q -> %q", name, m.Decl, m.What,
					m.Old, m.New, b.Mutant(i).Old, b.Mutant(i).New)
			}
		}
	}
}

func checkIn(t *testing.T, p *policy.Policy, lang string) *policy.Policy {
	t.Helper()
	var files []source.File
	for _, f := range p.Files {
		if strings.HasSuffix(f.Name, ".thru") && !strings.HasPrefix(f.Name, "std/") {
			f.Text = syntax.Format(f.Text, syntax.Options{Lang: lang})
			files = append(files, f)
		}
	}
	out, diags := dsl.Check(files, p.Settings)
	if dsl.HasErrors(diags) {
		t.Fatalf("%s is not read: %+v", lang, diags)
	}
	return out
}
