package templates_test

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/throughline/throughline/builder/doc"
	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/engine/cover"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/internal/golden"
	"github.com/throughline/throughline/templates"
	"github.com/throughline/throughline/templates/internal/measure"
)

// TestPackages holds every package to check without a warning, to be laid out as fmt does, and to
// have tests that pass and reach all of it.
func TestPackages(t *testing.T) {
	for _, dir := range templates.Folders() {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			p, diags, err := dsl.Load(templates.Files, dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range diags {
				if d.Code.Severity() != source.Note {
					t.Errorf("%s: %s", d.Code, source.Render(d, "en"))
				}
			}
			if t.Failed() {
				return
			}
			formatted(t, dir)
			c := cover.New(p)
			read := func(name string) ([]byte, error) {
				return fs.ReadFile(templates.Files, path.Join(dir, name))
			}
			for _, x := range p.Tests {
				r := cover.NewRecorder()
				out := trial.Run(p, x, trial.Options{Lang: "en", Read: read, Recorder: r})
				if !out.Passed {
					t.Errorf("%s:%d: %s: %s", out.File, out.Line, out.Name, out.Message)
				}
				c.Run(r)
			}
			if share := c.Total(); share.Percent() < 100 {
				t.Errorf("tests reach %s:\n%s", share, c.AppendUnseen(nil, "en"))
			}
			if !t.Failed() {
				paged(t, dir, p, c)
			}
		})
	}
}

// paged holds the package's page, in both languages, to what the package says. With -update it is
// written anew.
func paged(t *testing.T, dir string, p *policy.Policy, c *cover.Coverage) {
	m, _, err := dsl.ReadManifest(templates.Files, dir)
	if err != nil {
		t.Fatal(err)
	}
	k := doc.Package{Policy: p, Manifest: m, Tests: len(p.Tests), Cover: c, Library: true,
		History: []doc.Release{{Version: m.Version}}}
	for _, lang := range doc.Languages() {
		file := filepath.Join("../docs/templates", doc.PageName(m.Name, lang))
		page := k.Page(lang)
		was, err := os.ReadFile(file)
		if err == nil && bytes.Equal(was, page) {
			continue
		}
		if !golden.Update() {
			t.Errorf("%s is not current: go test ./templates -run Packages -update", file)
		} else if err := os.WriteFile(file, page, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkPackages checks and proves every package, each with nothing known of any text, as many at
// once as there are cores.
func BenchmarkPackages(b *testing.B) {
	for b.Loop() {
		var all sync.WaitGroup
		next := make(chan string)
		for range runtime.GOMAXPROCS(0) {
			all.Go(func() {
				for dir := range next {
					if _, _, err := dsl.Load(templates.Files, dir); err != nil {
						b.Error(err)
					}
				}
			})
		}
		for _, dir := range templates.Folders() {
			next <- dir
		}
		close(next)
		all.Wait()
	}
	b.ReportMetric(float64(len(templates.Folders())), "packages")
}

func formatted(t *testing.T, dir string) {
	files, err := fs.Glob(templates.Files, dir+"/*.thru")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(templates.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		if syntax.Format(string(text), syntax.Options{Lang: "en"}) != string(text) {
			t.Errorf("%s is not as `thru fmt` writes it", name)
		}
	}
}

// TestQuality holds the library as a whole to its limits.
func TestQuality(t *testing.T) {
	l, err := measure.Load()
	if err != nil {
		t.Fatal(err)
	}
	f := l.Measure()
	t.Log("\n" + f.String())
	for _, x := range append(l.Faults, f.Faults()...) {
		t.Error(x)
	}
}
