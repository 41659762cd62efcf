package dsl_test

import (
	"os"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/golden"
)

const conformance = "testdata/rules.tsv"

// TestConformance holds the table of conformance: every section of the reference that says what a
// policy means has its rules, no rule stands twice, and every case that one names is there. The
// other kinds of case are held to the table in their own packages.
func TestConformance(t *testing.T) {
	golden.Listed(t, conformance, "check", "testdata/check")
	sections, seen := map[string]bool{}, map[string]bool{}
	for _, r := range golden.Rules(t, conformance) {
		sections[r.Section] = true
		if seen[r.Says] {
			t.Errorf("the rule %q stands twice", r.Says)
		}
		seen[r.Says] = true
		for _, c := range r.Cases {
			kind, name, _ := strings.Cut(c, "/")
			switch kind {
			case "check", "syntax", "decisions", "trial":
			case "code": // the example of a code's page
				if _, err := os.Stat("source/pages/" + name + ".txtar"); err != nil {
					t.Errorf("%s: %v", c, err)
				}
			default:
				t.Errorf("%s is no kind of case", c)
			}
		}
	}
	for _, s := range strings.Fields("1 2 3 4 5 6 7 8 8a 9 10 13") {
		if !sections[s] {
			t.Errorf("no rule of section %s", s)
		}
	}
}
