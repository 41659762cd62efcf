package prove_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/internal/golden"
)

// told checks and proves one file.
func told(name, text, lang string) (string, []source.Diagnostic) {
	p, diags := dsl.Check([]source.File{{Name: name, Text: text}}, policy.Settings{})
	diags = append(diags, dsl.Prove(p, diags)...)
	var b strings.Builder
	for _, d := range diags {
		b.WriteString(source.Text(p.Files, d, lang))
	}
	return b.String(), diags
}

// TestFlaws finds every flaw that was planted, and nothing in the twin without it.
func TestFlaws(t *testing.T) {
	golden.Run(t, "testdata/flaws", func(t *testing.T, c *golden.Case) golden.Outputs {
		en, _ := told("flaw.thru", c.Input(t, "flaw.thru"), "en")
		zh, _ := told("flaw.thru", c.Input(t, "flaw.thru"), "zh")
		if en == "" {
			t.Error("nothing was found")
		}
		if twin, _ := told("clean.thru", c.Input(t, "clean.thru"), "en"); twin != "" {
			t.Errorf("found in the twin without the flaw:\n%s", twin)
		}
		return golden.Outputs{"told": en, "told.zh": zh}
	})
}

// TestFindingsHaveAFlaw holds the archives against the table: every code of a proof is planted.
func TestFindingsHaveAFlaw(t *testing.T) {
	files, err := filepath.Glob("testdata/flaws/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all += string(text)
	}
	related := map[source.Code]bool{source.ExcludesThis: true, source.RowTakes: true, source.SetHere: true,
		source.AskedHere: true}
	for _, e := range source.Codes() {
		if strings.HasPrefix(string(e.Code), "T08") && !related[e.Code] && !strings.Contains(all, string(e.Code)+": ") {
			t.Errorf("%s is in no archive", e.Code)
		}
	}
}

// TestExamplesAreSound finds nothing in the policies that the project ships and shows: what is told
// there would be noise.
func TestExamplesAreSound(t *testing.T) {
	root := os.DirFS("../..")
	folders := map[string]bool{}
	err := fs.WalkDir(root, "examples", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".thru") {
			folders[filepath.ToSlash(filepath.Dir(path))] = true
		}
		return err
	})
	if err != nil || len(folders) == 0 {
		t.Fatal(len(folders), err)
	}
	for dir := range folders {
		p, diags, err := dsl.Load(root, dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range diags {
			// How many flags chance alone raises is a figure, not a flaw.
			luck := d.Code == source.FlagsByLuck || d.Code == source.FlagsOfNothing
			if strings.HasPrefix(string(d.Code), "T08") && !luck {
				t.Errorf("%s: %s", dir, source.Text(p.Files, d, "en"))
			}
		}
	}
	std, err := os.ReadFile("../std/sales.thru")
	if err != nil {
		t.Fatal(err)
	}
	if out, _ := told("sales.thru", string(std), "en"); out != "" {
		t.Error(out)
	}
}
