package golden

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Rule is one row of the table of conformance: a rule of the reference and the cases that hold it.
type Rule struct {
	Section, Says string
	Cases         []string // folder/name
}

// Rules reads the table of conformance: section, rule and cases, separated by tabs.
func Rules(t testing.TB, table string) []Rule {
	t.Helper()
	text, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	var out []Rule
	for line := range strings.Lines(string(text)) {
		parts := strings.Split(strings.TrimSpace(line), "\t")
		if len(parts) != 3 || strings.TrimSpace(parts[1]) == "" || len(strings.Fields(parts[2])) == 0 {
			t.Fatalf("%s: a row has a section, a rule and its cases: %q", table, line)
		}
		out = append(out, Rule{parts[0], parts[1], strings.Fields(parts[2])})
	}
	return out
}

// Listed holds the archives of a folder to the table of conformance, where they are called
// kind/name: each stands behind a rule, and each that does is there.
func Listed(t *testing.T, table, kind, dir string) {
	t.Helper()
	named := map[string]bool{}
	for _, r := range Rules(t, table) {
		for _, c := range r.Cases {
			if name, ok := strings.CutPrefix(c, kind+"/"); ok {
				named[name] = true
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives in %s (%v)", dir, err)
	}
	var there []string
	for _, f := range files {
		there = append(there, strings.TrimSuffix(filepath.Base(f), ".txtar"))
	}
	for _, name := range there {
		if !named[name] {
			t.Errorf("%s/%s holds no rule of %s: add it to a row", kind, name, table)
		}
	}
	for name := range named {
		if !slices.Contains(there, name) {
			t.Errorf("%s names %s/%s, which there is not", table, kind, name)
		}
	}
}
