package examples_test

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/examples"
)

// load checks an example; it must be without errors and without warnings.
func load(t *testing.T, name string) *policy.Policy {
	t.Helper()
	p, diags, err := dsl.Load(examples.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range diags {
		if d.Code.Severity() != source.Note {
			t.Errorf("%s: %s: %s", name, d.Code, source.Render(d, "en"))
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	return p
}

func TestEveryFolderIsNamed(t *testing.T) {
	dirs, err := fs.Glob(examples.Files, "*")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(dirs, examples.Names()) {
		t.Errorf("folders are %v, named are %v", dirs, examples.Names())
	}
}

// TestExamplesPassTheirTests also holds each example to test all of its rules: whatever acts is
// expected of somewhere.
func TestExamplesPassTheirTests(t *testing.T) {
	for _, name := range examples.Names() {
		t.Run(name, func(t *testing.T) {
			p := load(t, name)
			read := func(file string) ([]byte, error) {
				return fs.ReadFile(examples.Files, path.Join(name, file))
			}
			for _, reference := range []bool{false, true} {
				o := trial.Options{Lang: "en", Read: read}
				o.Engine = engine.Options{Reference: reference}
				results := trial.All(p, o, nil)
				if len(results) == 0 {
					t.Error("no tests")
				}
				for _, r := range results {
					if !r.Passed {
						t.Errorf("%s:%d: %s: %s", r.File, r.Line, r.Name, r.Message)
					}
				}
			}
		})
	}
}

func TestWhateverActsIsTested(t *testing.T) {
	for _, name := range examples.Names() {
		file, err := fs.ReadFile(examples.Files, path.Join(name, "tests.thru"))
		if err != nil {
			t.Fatal(err)
		}
		text := syntax.Format(string(file), syntax.Options{Lang: "en"})
		p := load(t, name)
		var acts []string
		for _, a := range p.Alerts {
			acts = append(acts, "expect alert "+a.Name+" ", "resolved alert "+a.Name+" ")
		}
		for _, s := range p.Segments {
			if len(s.Tiers) > 0 {
				acts = append(acts, "."+s.Name+" == ")
			} else {
				acts = append(acts, "expect segment "+s.Name+" ", "leave "+s.Name+" ")
			}
		}
		for _, r := range p.Rules {
			acts = append(acts, "because "+r.Name+"\n")
		}
		for _, s := range p.Scores {
			acts = append(acts, "."+s.Name+" ")
		}
		for _, a := range acts {
			if !strings.Contains(text, a) {
				t.Errorf("%s: no test expects %q", name, a)
			}
		}
	}
}

func TestExamplesAreCanonical(t *testing.T) {
	files, err := fs.Glob(examples.Files, "*/*.thru")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(examples.Files, file)
		if err != nil {
			t.Fatal(err)
		}
		lang := load(t, path.Dir(file)).Settings.Lang
		if got := syntax.Format(string(text), syntax.Options{Lang: lang}); got != string(text) {
			t.Errorf("%s is not as thru fmt writes it:\n%s", file, got)
		}
	}
}
