package engine_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
)

// tank is what the alerts below look at, in the plainest form: what was known at each minute.
type tank struct {
	level *int
	pings []int // minutes
}

// since counts pings in (t − minutes, t].
func (k *tank) since(t, minutes int) (n int) {
	for _, p := range k.pings {
		if p > t-minutes && p <= t {
			n++
		}
	}
	return n
}

func tri(b bool) value.Tri {
	if b {
		return value.True
	}
	return value.False
}

// when are conditions with what they mean at a minute.
var when = []struct {
	text string
	at   func(*tank, int) value.Tri
}{
	{"level < 10", func(k *tank, _ int) value.Tri {
		if k.level == nil {
			return value.Unknown
		}
		return tri(*k.level < 10)
	}},
	{"count(Ping in 2h) == 0", func(k *tank, t int) value.Tri { return tri(k.since(t, 120) == 0) }},
	{"age(last(Ping.at)) >= 2h", quietFor(120)},
	{"days(age(last(Ping.at))) >= 0.125", quietFor(180)},
	{"now >= due and level < 10", func(k *tank, t int) value.Tri {
		v := quietFor(90)(k, t)
		if k.level != nil && *k.level >= 10 {
			v = value.False
		}
		if k.level == nil && v == value.True {
			v = value.Unknown
		}
		return v
	}},
	{"not (age(last(Ping.at)) < 1h) and count(Ping in 5h) >= 1", func(k *tank, t int) value.Tri {
		if len(k.pings) == 0 {
			return value.False
		}
		return tri(t-slices.Max(k.pings) >= 60 && k.since(t, 300) >= 1)
	}},
}

func quietFor(minutes int) func(*tank, int) value.Tri {
	return func(k *tank, t int) value.Tri {
		if len(k.pings) == 0 {
			return value.Unknown
		}
		return tri(t-slices.Max(k.pings) >= minutes)
	}
}

const tankSchema = `
entity Tank { level int?; due time = last(Ping.at) + 90min }
event Ping { tank Tank }
`

// watched is an alert or a segment that is watched, and what a watch of it by the minute says.
type watched struct {
	text     string
	when     func(*tank, int) value.Tri
	hold     int  // for, in minutes
	until    bool // count(Ping in 1h) >= 2
	untilFor int

	open, held, over, seen bool
	since, overSince       int
	last                   value.Tri
	said                   []string
}

func drawWatched(t *rapid.T) *watched {
	c := rapid.SampledFrom(when).Draw(t, "when")
	w := &watched{when: c.at,
		hold:     rapid.SampledFrom([]int{0, 0, 30, 150}).Draw(t, "for"),
		until:    rapid.Bool().Draw(t, "until"),
		untilFor: rapid.SampledFrom([]int{0, 0, 45}).Draw(t, "until for")}
	var b strings.Builder
	b.WriteString("alert A of Tank {\n")
	fmt.Fprintf(&b, "  when %s\n", c.text)
	if w.hold > 0 {
		fmt.Fprintf(&b, "  for %dmin\n", w.hold)
	}
	switch {
	case w.until && w.untilFor > 0:
		fmt.Fprintf(&b, "  until count(Ping in 1h) >= 2 for %dmin\n", w.untilFor)
	case w.until:
		b.WriteString("  until count(Ping in 1h) >= 2\n")
	case w.untilFor > 0:
		fmt.Fprintf(&b, "  until for %dmin\n", w.untilFor)
	}
	w.text = b.String() + "}\n"
	return w
}

// watch looks at the alert at a minute.
func (w *watched) watch(k *tank, t int) {
	v, u := w.when(k, t), w.until && k.since(t, 60) >= 2
	turned := v == value.True && (w.last != value.True || !w.seen)
	w.last, w.seen = v, true
	if !w.open {
		if v != value.True {
			w.held = false
			return
		}
		if !w.held && (turned || w.hold > 0) {
			w.held, w.since = true, t
		}
		if !w.held || t-w.since < w.hold || u && w.untilFor == 0 {
			return
		}
		w.open, w.over = true, false
		w.said = append(w.said, fmt.Sprint(t, " open"))
		if w.untilFor == 0 {
			return
		}
	}
	over := v == value.False
	if w.until {
		over = u || w.untilFor > 0 && over
	}
	if !over {
		w.over = false
		return
	}
	if !w.over {
		w.over, w.overSince = true, t
	}
	if t-w.overSince >= w.untilFor {
		w.open, w.held, w.over = false, v == value.True && w.hold > 0, false
		w.since = t
		w.said = append(w.said, fmt.Sprint(t, " resolved"))
	}
}

var start = time.Date(2026, 3, 2, 0, 0, 0, 0, shanghai)

func stamp(minute int) string {
	return start.Add(time.Duration(minute) * time.Minute).Format(time.RFC3339)
}

// states reads off the decisions when an alert or a membership changed.
func states(t *rapid.T, decisions string) (out []string) {
	for line := range strings.Lines(decisions) {
		var d struct {
			At      time.Time `json:"at"`
			Effects []struct{ Kind, State string }
		}
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatal(err)
		}
		for _, x := range d.Effects {
			out = append(out, fmt.Sprint(d.At.Sub(start).Minutes(), " ", x.State))
		}
	}
	return out
}

// happening is something that is said of the tank at a minute.
type happening struct {
	minute int
	ping   bool
	level  *int
}

func drawHappenings(t *rapid.T, steps []int) (out []happening) {
	minute := 0
	for range rapid.IntRange(1, 12).Draw(t, "happenings") {
		minute += rapid.SampledFrom(steps).Draw(t, "minutes")
		h := happening{minute: minute, ping: rapid.Bool().Draw(t, "ping")}
		if n := rapid.SampledFrom([]int{-1, 5, 15}).Draw(t, "level"); n >= 0 {
			h.level = &n
		}
		out = append(out, h)
	}
	return out
}

func (h *happening) line(i int) string {
	if h.ping {
		return fmt.Sprintf(`{"type":"Ping","id":"p%d","at":"%s","tank":"t"}`, i, stamp(h.minute))
	}
	level := "null"
	if h.level != nil {
		level = fmt.Sprint(*h.level)
	}
	return fmt.Sprintf(`{"type":"Tank","id":"t","at":"%s","level":%s}`, stamp(h.minute), level)
}

func (h *happening) apply(k *tank) {
	if h.ping {
		k.pings = append(k.pings, h.minute)
	} else {
		k.level = h.level
	}
}

// TestAlertsByTheMinute holds alerts that are watched to a look at every minute, and segments to
// the same look with neither clause.
func TestAlertsByTheMinute(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWatched(rt)
		if rapid.Bool().Draw(rt, "segment") && !w.until && w.hold+w.untilFor == 0 {
			w.text = strings.Replace(w.text, "alert A", "segment A", 1)
		}
		rt.Log(w.text)
		list := drawHappenings(rt, []int{0, 1, 15, 45, 60, 90, 400})
		z, k := newWorld(t, check(t, tankSchema+w.text), engine.Options{}), &tank{}
		z.feed(`{"type":"Tank","id":"t","at":"` + stamp(0) + `"}`)
		w.watch(k, 0)
		minute := 0
		for i, h := range list {
			rt.Log(h.line(i))
			z.feed(h.line(i))
			for ; minute < h.minute; minute++ {
				w.watch(k, minute+1)
			}
			h.apply(k)
			w.watch(k, minute)
		}
		z.until(stamp(minute + 1000))
		for ; minute < list[len(list)-1].minute+1000; minute++ {
			w.watch(k, minute+1)
		}
		want := strings.NewReplacer(" open", " enter", " resolved", " leave")
		got, said := states(rt, z.out.String()), w.said
		if strings.HasPrefix(w.text, "segment") {
			for i := range said {
				said[i] = want.Replace(said[i])
			}
		}
		if !slices.Equal(got, said) {
			rt.Fatalf("the engine says %v, every minute says %v", got, said)
		}
	})
}

// TestLooksDayByDay holds `check each day … for N in a row` to a look at the end of every day.
func TestLooksDayByDay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n, needs := rapid.IntRange(1, 3).Draw(rt, "in a row"), rapid.Bool().Draw(rt, "needs")
		until := rapid.Bool().Draw(rt, "until")
		text := fmt.Sprintf("alert A of Tank {\n  check each day\n"+
			"  when level < 10\n  for %d in a row\n", n)
		if needs {
			text += "  needs count(Ping in 2d) >= 1\n"
		}
		if until {
			text += "  until count(Ping in this day) >= 2\n"
		}
		rt.Log(text)
		z, k := newWorld(t, check(t, tankSchema+text+"}\n"), engine.Options{}), &tank{}
		list := drawHappenings(rt, []int{0, 60, 720, 1440, 2880})
		z.feed(`{"type":"Tank","id":"t","at":"` + stamp(0) + `"}`)
		var said []string
		open, streak := false, 0
		look := func(day int) { // at the last instant of the day that ends at this midnight
			t := day * 1440
			v, u := when[0].at(k, t), until && k.since(t-1, 1440) >= 2
			switch {
			case needs && k.since(t-1, 2880) == 0:
			case open && (until && u || !until && v == value.False):
				open, streak = false, 0
				said = append(said, fmt.Sprint(t, " resolved"))
			case open:
			case v == value.False:
				streak = 0
			case v == value.True:
				if streak++; streak >= n && !u {
					open = true
					said = append(said, fmt.Sprint(t, " open"))
				}
			}
		}
		day := 0
		for i, h := range list {
			rt.Log(h.line(i))
			z.feed(h.line(i))
			for ; (day+1)*1440 <= h.minute; day++ {
				look(day + 1)
			}
			h.apply(k)
		}
		z.until(stamp((day + 5) * 1440))
		for range 5 {
			day++
			look(day)
		}
		if got := states(rt, z.out.String()); !slices.Equal(got, said) {
			rt.Fatalf("the engine says %v, every day says %v", got, said)
		}
	})
}
