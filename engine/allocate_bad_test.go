package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/engine"
)

// badInput is what goes wrong around an allocation: what is fed, what must be said, and where the
// lead l must be at the end. Nothing is ever lost.
var badInput = []struct {
	name, policy, records string
	says                  []string
	phase, owner          string
}{
	{"no candidates", "else pool for 3d", oneLead,
		[]string{"T0901", `"kind":"pool"`, `"state":"open"`}, "pool", ""},
	{"no candidates and no else", "", oneLead, []string{"T0901", `"state":"open"`}, "nobody", ""},
	{"all at capacity", "limit candidate.mine < 1; else pool", repLines("a", "b") + leadLines("x", "y", "l"),
		[]string{"T0901", "2 are over `limit`"}, "pool", ""},
	{"shares that add up to 0", "share by candidate.part; else pool", repLines("a", "b") + oneLead,
		[]string{"T0901", "2 have no share"}, "pool", ""},
	{"a person leaves in the middle", "where candidate.active; accept within 4h; else pool",
		repLines("a", "b") + oneLead +
			`{"type":"Rep","id":"a","at":"2026-03-02T10:00:00+08:00","active":false}` +
			"\nuntil 2026-03-02T13:00\n", []string{"T0903"}, "offered", "b"},
	{"an offer is accepted after its lapse", "accept within 4h; else pool",
		repLines("a") + oneLead + "until 2026-03-02T13:00\n" +
			`{"type":"Accept","id":"x","at":"2026-03-02T13:30:00+08:00","record":"Lead/l","by":"a"}` + "\n",
		[]string{"T0903", "T0917", `"outcome":"rejected"`}, "pool", ""},
	{"a claim by somebody not eligible", "where candidate.active and candidate.part == 1; else pool",
		repLines("a") + oneLead +
			`{"type":"Claim","id":"x","at":"2026-03-02T13:30:00+08:00","record":"Lead/l","by":"a"}` + "\n",
		[]string{"T0906", `"outcome":"rejected"`}, "pool", ""},
	{"a claim by somebody of whom nothing is known", "where candidate.part2 == 1; else pool",
		repLines("a") + oneLead +
			`{"type":"Claim","id":"x","at":"2026-03-02T13:30:00+08:00","record":"Lead/l","by":"a"}` + "\n",
		[]string{"T0912"}, "pool", ""},
	{"a claim by nobody", "where false; else pool", oneLead +
		`{"type":"Claim","id":"x","at":"2026-03-02T13:30:00+08:00","record":"Lead/l","by":"zz"}` + "\n",
		[]string{"T0907"}, "pool", ""},
	{"two pauses at once", "else pool", repLines("a") + pauses + oneLead +
		"until 2026-03-02T12:30\n",
		[]string{"T0902"}, "pool", ""},
	{"two pauses, and both have ended", "else pool", repLines("a") + pauses + oneLead +
		"until 2026-03-02T15:00\n",
		[]string{"T0902", `"to":"Rep/a"`}, "theirs", "a"},
	{"everybody is away on a holiday", "else pool for 3d",
		repLines("a", "b") + leaveOf("a") + leaveOf("b") + oneLead,
		[]string{"T0901", "2 are away"}, "pool", ""},
	{"and comes back", "else pool for 3d", repLines("a", "b") + leaveOf("a") + leaveOf("b") + oneLead +
		"until 2026-03-05T10:00\n", []string{"2 are away", `"state":"resolved"`}, "theirs", "a"},
}

const oneLead = `{"type":"Lead","id":"l","at":"2026-03-02T09:00:00+08:00"}` + "\n"

const pauses = `{"type":"Pause","id":"p1","at":"2026-03-02T08:30:00+08:00","rule":"Lead.owner",` +
	`"by":"x","why":"y","until":"2026-03-02T12:00:00+08:00"}
{"type":"Pause","id":"p2","at":"2026-03-02T08:30:00+08:00","rule":"Lead.owner",` +
	`"by":"x","why":"y","until":"2026-03-02T14:00:00+08:00"}
`

func repLines(ids ...string) (text string) {
	for _, id := range ids {
		text += `{"type":"Rep","id":"` + id + `","at":"2026-03-02T08:00:00+08:00","active":true,` +
			`"part":0}` + "\n"
	}
	return text
}

func leadLines(ids ...string) (text string) {
	for _, id := range ids {
		text += strings.ReplaceAll(oneLead, `"l"`, `"`+id+`"`)
	}
	return text
}

func leaveOf(who string) string {
	return `{"type":"Away","id":"w` + who + `","at":"2026-03-02T08:10:00+08:00","who":"` + who +
		`","from":"2026-03-02T00:00:00+08:00","until":"2026-03-04T00:00:00+08:00"}` + "\n"
}

// TestBadInput says plainly what is wrong, and loses no lead.
func TestBadInput(t *testing.T) {
	for _, c := range badInput {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, check(t, `
entity Rep { active bool; part int; part2 int?; mine int = count(Lead) }
entity Lead { owner Rep? }
allocate Lead.owner to Rep { `+c.policy+` }`), engine.Options{})
			for line := range strings.Lines(c.records) {
				if to, ok := strings.CutPrefix(strings.TrimSpace(line), "until "); ok {
					w.until(to)
				} else {
					w.feed(strings.TrimSpace(line))
				}
			}
			for _, s := range c.says {
				if !strings.Contains(w.out.String(), s) {
					t.Errorf("%q is not said:\n%s", s, w.out.String())
				}
			}
			if h := w.e.HeldBy("Lead.owner", "l"); h.Phase != c.phase || w.owner("l") != c.owner {
				t.Errorf("it is %s %q instead of %s %q", h.Phase, w.owner("l"), c.phase, c.owner)
			}
		})
	}
}

// TestTenThousandAtOnce: a file of ten thousand leads of one moment is given out in one go, each
// before the next, and evenly.
func TestTenThousandAtOnce(t *testing.T) {
	const n = 10_000
	w := newWorld(t, check(t, `
entity Rep { mine int = count(Lead) }
entity Lead { owner Rep? }
allocate Lead.owner to Rep { weigh { idle 100% = 1 / (1 + candidate.mine) } }`), engine.Options{})
	for i := range 8 {
		w.feed(fmt.Sprintf(`{"type":"Rep","id":"r%d","at":"2026-03-02T08:00:00+08:00"}`, i))
	}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, shanghai).Format(time.RFC3339)
	for i := range n {
		w.feed(fmt.Sprintf(`{"type":"Lead","id":"l%d","at":"%s"}`, i, at))
		w.out.Reset()
	}
	for i := range n {
		if id := fmt.Sprintf("l%d", i); w.e.HeldBy("Lead.owner", id).To != fmt.Sprintf("r%d", i%8) {
			t.Fatalf("%s is %+v", id, w.e.HeldBy("Lead.owner", id))
		}
	}
}
