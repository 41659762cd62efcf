package trial_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/trial"
)

const sizeText = `entity Shop {
  tier Gold | Silver
  size number?
}
event Order { shop Shop }
segment Big of Shop {
  when size >= 5 and tier == Gold and count(Order in 7d) < 2
  enter { task "See {id}" for self }
}
segment Level of Shop {
  pick {
    count(Order) >= 2 : Busy
    size >= 5         : Large
    else              : Rest
  }
}
segment Moved of Shop {
  check each month
  when tier == Gold
}
`

const sizeLog = `{"type":"Shop","id":"a","tier":"Gold","size":9,"at":"2026-03-02T09:00:00Z"}
{"type":"Shop","id":"b","tier":"Silver","size":7,"at":"2026-03-02T09:00:00Z"}
{"type":"Shop","id":"c","tier":"Gold","at":"2026-03-02T09:00:00Z"}
{"type":"Shop","id":"d","tier":"Gold","size":2,"at":"2026-03-02T09:00:00Z"}
{"type":"Order","id":"1","shop":"d","at":"2026-03-02T10:00:00Z"}
{"type":"Order","id":"2","shop":"d","at":"2026-03-02T10:00:00Z"}
`

// told is a size in a line: who is in it, and of each part how many, unknown of whom.
func told(x *trial.Size) string {
	parts := []string{fmt.Sprint(x.Records, x.Members)}
	for _, p := range x.Parts {
		parts = append(parts, fmt.Sprint(p.Holds, "?", p.Unknown, p.IDs))
	}
	return strings.Join(parts, " ")
}

func sized(t *testing.T) (*policy.Policy, *trial.Past) {
	t.Helper()
	p := check(t, []source.File{{Name: "p.thru", Text: sizeText}}, "en")
	past, err := trial.Fired(p, logOf(sizeLog), 90, trial.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p, past
}

// TestSizeOf: a segment's size is who has entered, and each condition is told by itself; rows share
// the records among them. What a look has not come to yet is not in it.
func TestSizeOf(t *testing.T) {
	p, past := sized(t)
	e := past.Engine
	for name, want := range map[string]string{
		"Big":   "4 [a] 2?1 [a b] 3?0 [a c d] 3?0 [a b c]",
		"Level": "4 [a b d] 1?0 [d] 2?1 [a b] 0?0 []",
		"Moved": "4 [] 3?0 [a c d]",
	} {
		i := slices.IndexFunc(p.Segments, func(s *policy.Segment) bool { return s.Name == name })
		x := trial.SizeOf(e, p.Segments[i])
		if got := told(x); got != want || x.Quick || !x.Asked {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// TestDid: beside how often a segment was entered stands what that made happen.
func TestDid(t *testing.T) {
	_, past := sized(t)
	if did := past.Did("Big"); len(did) != 1 || did[0] != (trial.Did{Kind: decision.Task, N: 1}) {
		t.Error(did)
	}
	if did := past.Did("Level"); did != nil {
		t.Error(did)
	}
}

// TestSizeIf: asked as conditions of a segment that is entered as they hold, they say the same as
// the engine that let everybody in; where an unknown row comes before, nobody is in a later one.
func TestSizeIf(t *testing.T) {
	p, past := sized(t)
	e := past.Engine
	for _, s := range p.Segments {
		if s.Check != nil {
			continue
		}
		x := trial.SizeIf(e, s.Of, trial.Conditions(s), s.Tiers != nil)
		if got, want := told(x), told(trial.SizeOf(e, s)); got != want || !x.Quick {
			t.Errorf("%s: %s, want %s", s.Name, got, want)
		}
	}
}
