package engine_test

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/engine"
)

// TestClocksOverAChange: a policy comes into force on the fourth, over a lead that somebody has had
// since the second and did nothing about. What is new counts from then, what is gone is forgotten,
// and what is unchanged or only longer goes on.
func TestClocksOverAChange(t *testing.T) {
	const old = `
entity Rep { name text }
entity Lead { owner Rep? }
event Call { rep Rep; lead Lead }
allocate Lead.owner to Rep { else pool; `
	for name, c := range map[string]struct{ was, now, back, told string }{
		"switched on":           {"", "recycle after 3d", "2026-03-07T09:00", ""},
		"switched off":          {"recycle after 3d", "", "", ""},
		"as it was":             {"recycle after 3d", "recycle after 3d", "2026-03-05T09:00", ""},
		"longer":                {"recycle after 3d", "recycle after 10d", "2026-03-12T09:00", ""},
		"shorter":               {"recycle after 10d", "recycle after 4d", "2026-03-06T09:00", ""},
		"shorter, and passed":   {"recycle after 10d", "recycle after 1d", "2026-03-05T09:00", ""},
		"at most, and passed":   {"recycle after 10d", "recycle after 8d at most 1d", "2026-03-05T09:00", ""},
		"warned before":         {"warn after 9d { note \"soon\" }", "recycle after 3d", "2026-03-07T09:00", ""},
		"warned now":            {"", "warn after 3d { note \"soon\" }", "", "2026-03-07T09:00"},
		"a warning that passed": {"recycle after 9d", "recycle after 9d; warn after 1d { note \"soon\" }", "2026-03-11T09:00", ""},
		"another warning":       {"warn after 1d { note \"soon\" }", "warn after 5d { note \"soon\" }", "", "2026-03-07T09:00"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, check(t, old+c.was+" }"), engine.Options{})
			l := w.keep([]string{
				`{"type":"Rep","id":"li","at":"2026-03-02T08:00:00+08:00","name":"Li"}`,
				`{"type":"Lead","id":"l","at":"2026-03-02T09:00:00+08:00","owner":"li"}`,
				`{"type":"Rep","id":"li","at":"2026-03-04T09:00:00+08:00","name":"Li Na"}`,
			})
			z := newWorld(t, check(t, old+c.now+" }"), engine.Options{})
			z.e = rebuild(t, z.e.Policy(), l)
			z.e.Adopt(w.e)
			phase := func() string { return z.e.HeldBy("Lead.owner", "l").Phase }
			for day := range 20 {
				at := "2026-03-" + string('0'+rune((day+4)/10)) + string('0'+rune((day+4)%10)) + "T09:00"
				z.out.Reset()
				z.until(at)
				want := "theirs"
				if c.back != "" && at >= c.back {
					want = "pool"
				}
				if phase() != want {
					t.Fatalf("on %s it is %s instead of %s", at, phase(), want)
				}
				if told := strings.Contains(z.out.String(), "soon"); told != (at == c.told) {
					t.Errorf("on %s it is told: %v", at, told)
				}
			}
		})
	}
}
