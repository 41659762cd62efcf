package diff_test

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/diff"
	"github.com/throughline/throughline/dsl/mutate"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/examples"
	"github.com/throughline/throughline/internal/golden"
)

func check(t *testing.T, name, text string) *policy.Policy {
	t.Helper()
	p, diags := dsl.Check([]source.File{{Name: name, Text: text}}, policy.Settings{})
	for _, d := range diags {
		if d.Code.Severity() == source.Error {
			r := source.ReportOf(p.Files, d, "en")
			t.Fatalf("%s:%d: %s %s", r.File, r.Line, r.Code, r.Message)
		}
	}
	return p
}

func TestGolden(t *testing.T) {
	golden.Run(t, "testdata", func(t *testing.T, c *golden.Case) golden.Outputs {
		old := check(t, "old.thru", c.Input(t, "old.thru"))
		new := check(t, "new.thru", c.Input(t, "new.thru"))
		r := diff.Of(old, new)
		return golden.Outputs{"en": r.Text("en"), "zh": r.Text("zh"),
			"json": string(r.AppendJSON(nil))}
	})
}

// TestNoMeaningChanges formats and translates the examples: nothing changes, either way round.
func TestNoMeaningChanges(t *testing.T) {
	for _, name := range examples.Names() {
		p, _, err := dsl.Load(examples.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, lang := range []string{"en", "zh"} {
			q := translated(t, p, lang)
			if p.Hash != q.Hash {
				t.Errorf("%s: the hash changes in %s", name, lang)
			}
			for _, r := range []*diff.Report{diff.Of(p, q), diff.Of(q, p)} {
				if !r.Empty() {
					t.Errorf("%s in %s:\n%s", name, lang, r.Text("en"))
				}
			}
		}
	}
}

func translated(t *testing.T, p *policy.Policy, lang string) *policy.Policy {
	t.Helper()
	var files []source.File
	for i := len(p.Files) - 1; i >= 0; i-- { // the order of files is no meaning either
		f := p.Files[i]
		if strings.HasSuffix(f.Name, ".thru") && !strings.HasPrefix(f.Name, "std/") {
			f.Text = "// moved\n\n" + syntax.Format(f.Text, syntax.Options{Lang: lang})
			files = append(files, f)
		}
	}
	q, diags := dsl.Check(files, p.Settings)
	if dsl.HasErrors(diags) {
		t.Fatalf("%+v", diags)
	}
	return q
}

// TestEveryMutantIsTold: whatever changes the policy's hash is a change that is told, and the
// declarations that lose their state are told to.
func TestEveryMutantIsTold(t *testing.T) {
	p, _, err := dsl.Load(examples.Files, "pipeline")
	if err != nil {
		t.Fatal(err)
	}
	set := mutate.Of(p)
	told := 0
	for i := range set.Len() {
		q, ok := set.Policy(i)
		if !ok {
			continue
		}
		told++
		r, m := diff.Of(p, q), set.Mutant(i)
		if r.Empty() {
			t.Errorf("%s %s: %q -> %q is not told", m.Decl, m.What, m.Old, m.New)
		}
		said := map[string]diff.State{}
		for _, g := range r.Groups {
			for _, c := range g.Changes {
				said[c.Name] = c.State
			}
		}
		for j, a := range q.Alerts {
			want := diff.Kept
			if p.Alerts[j].State != a.State {
				want = diff.Reset
			}
			if got, is := said[a.Full]; is && got != want || !is && want == diff.Reset {
				t.Errorf("%s: %q -> %q: the state of %s is %s, told as %s", m.Decl, m.Old, m.New,
					a.Full, want, got)
			}
		}
	}
	if told < 100 {
		t.Errorf("only %d changes", told)
	}
}

// TestStateMovesWithAName: `was` keeps what runs.
func TestStateMovesWithAName(t *testing.T) {
	const text = "entity C { n int }\nalert NAME of C {\n  when n > 1\n  for 2d\n  do { note \"x\" }\n}\n"
	a := check(t, "a.thru", strings.Replace(text, "NAME", "A", 1))
	b := check(t, "a.thru", strings.Replace(text, "NAME", "B was A", 1))
	r := diff.Of(a, b)
	if len(r.Groups) != 1 || len(r.Groups[0].Changes) != 1 {
		t.Fatalf("%s", r.Text("en"))
	}
	if c := r.Groups[0].Changes[0]; c.What != diff.Renamed || c.State != diff.Carry || c.Was != "A" {
		t.Errorf("%s", r.Text("en"))
	}
}
