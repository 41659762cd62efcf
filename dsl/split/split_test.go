package split_test

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/split"
)

const visits = `entity Rep "销售" en "Rep" {
  name   text?
  region text?
}
event Visit {
  rep Rep
  n   int
}
event Note { n int }
// Big ones are looked at.
rule Big on Visit {
  when n >= 8
    or n == 2
  do { task "look at {n}" for rep }
}
rule Each on Visit { do { flag } }
alert Busy of Rep {
  when sum(Visit.n in 1h) >= 20
  do { notify self "busy" }
}
rule Daily on Rep {
  every day at 09:00
  do { flag }
}
score Size of Visit { size 100% = n / 10 }
`

func check(t *testing.T, files ...source.File) *policy.Policy {
	t.Helper()
	p, diags := dsl.Check(files, policy.Settings{})
	for _, d := range diags {
		if d.Code.Severity() == source.Error {
			t.Fatal(source.Text(p.Files, d, "en"))
		}
	}
	return p
}

func one(text string) source.File { return source.File{Name: "p.thru", Text: text} }

// TestSplit writes both rules, each for its own subjects, and the policy is sound.
func TestSplit(t *testing.T) {
	old := check(t, one(visits))
	replace := func(pairs ...string) *policy.Policy {
		return check(t, one(strings.NewReplacer(pairs...).Replace(visits)))
	}
	for _, c := range []struct {
		name  string
		new   *policy.Policy
		by    split.By
		wants []string
	}{
		{"a rule on an event", replace("n >= 8", "n >= 5"), split.By{Of: "Rep", Share: 10},
			[]string{"rule Big on Visit {\n  when (n >= 8\n    or n == 2) and not (rep.trial ?? false)\n",
				"rule BigCanary on Visit {\n  when (n >= 5\n    or n == 2) and (rep.trial ?? false)\n",
				"extend Rep {\n  trial bool = bucket(10000) < 1000\n}"}},
		{"without a condition", replace("on Visit { do { flag } }", "on Visit { do { note \"n\" } }"),
			split.By{Of: "Rep", When: `region == "north"`},
			[]string{"rule Each on Visit {\n  when not (rep.trial ?? false)\n do { flag } }",
				"rule EachCanary on Visit {\n  when (rep.trial ?? false)\n do { note \"n\" } }",
				"  trial bool = region == \"north\"\n"}},
		{"an alert of the entity", replace(">= 20", ">= 30"), split.By{Of: "Rep", Share: 2.5},
			[]string{"when (sum(Visit.n in 1h) >= 20) and not (trial ?? false)",
				"alert BusyCanary of Rep {\n  when (sum(Visit.n in 1h) >= 30) and (trial ?? false)",
				"bucket(10000) < 250"}},
		{"a new rule", replace("rule Each on Visit { do { flag } }",
			"rule Each on Visit { do { flag } }\nrule Small on Visit {\n  when n < 2\n  do { flag }\n}"),
			split.By{Of: "Rep", Share: 50},
			[]string{"rule Small on Visit {\n  when (n < 2) and (rep.trial ?? false)\n"}},
		{"a rule that goes", replace("rule Each on Visit { do { flag } }\n", ""),
			split.By{Of: "Rep", Share: 50},
			[]string{"rule Each on Visit {\n  when not (rep.trial ?? false)\n do { flag } }"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.by.Field = "trial"
			s, err := split.Policies(old, c.new, c.by)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range c.wants {
				if !strings.Contains(s.Files[0].Text, w) {
					t.Errorf("no %q in\n%s", w, s.Files[0].Text)
				}
			}
			check(t, s.Files...)
		})
	}
}

// TestFileThatGoes: what stood in a file that the new policy has not stands in it again, once.
func TestFileThatGoes(t *testing.T) {
	more := source.File{Name: "more.thru", Text: "rule A on Visit { do { flag } }\n" +
		"rule B on Visit { do { note \"b\" } }\n"}
	old, half := check(t, one(visits), more), split.By{Of: "Rep", Share: 50, Field: "trial"}
	s, err := split.Policies(old, check(t, one(visits)), half)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Files) != 2 {
		t.Errorf("%d files", len(s.Files))
	}
	if p := check(t, s.Files...); len(p.Rules) != len(old.Rules) {
		t.Errorf("%d rules of %d", len(p.Rules), len(old.Rules))
	}
}

// TestWhatCannotBeSplitIsRefused keeps two truths about one record out of a log.
func TestWhatCannotBeSplitIsRefused(t *testing.T) {
	old := check(t, one(visits))
	half := split.By{Of: "Rep", Share: 50, Field: "trial"}
	for why, c := range map[string]struct {
		from, to string
		by       split.By
	}{
		"score Size differs":        {"n / 10", "n / 20", half},
		"Daily is about many":       {"09:00", "10:00", half},
		"record Rep differs":        {"name   text?", "name   text?\n  x int?", half},
		"decide alike":              {"n >= 8", "n >= 8", half},
		"by 0 fields, not one":      {"n >= 8", "n >= 5", split.By{Of: "Note", Share: 50, Field: "trial"}},
		"or a condition: one of":    {"n >= 8", "n >= 5", split.By{Of: "Rep", Field: "trial"}},
		"between 0 and 100 percent": {"n >= 8", "n >= 5", split.By{Of: "Rep", Share: 100, Field: "t"}},
	} {
		_, err := split.Policies(old, check(t, one(strings.Replace(visits, c.from, c.to, 1))), c.by)
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", why, err)
		}
	}
}
