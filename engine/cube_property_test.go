package engine_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/engine"
)

// measuredShop has alerts of a metric in every form: by a group, across groups, of everything; with
// each baseline; and looks that late records may change. The hundredths keep equal figures apart,
// which are rounded here otherwise than there.
const measuredShop = `
event Call { team text?; minutes int? }
metric Talk of Call { value avg(minutes); by team; every day }
metric Made of Call { value count(); by team; every day }
metric Long of Call { value share(minutes > 20); where has minutes; by team; every day }
alert Mean of Talk by team { check each day late 2d; needs n >= 1
  when value > mean(4) + sd(4) + 0.01 }
alert Robust of Talk by team { check each day; when value > median(5) + mad(5) + 0.01 }
alert Fewer of Made by team { check each day late 1d; when value < previous; until value > previous }
alert Drop of Made { check each day; when change <= -50% or value > last_year }
alert Apart of Long across team { check each day late 2d; when spread > 40pp and n >= 1
  for 2 in a row }
alert Points of Long by team { check each day; when change > 20pp and not (change > 90%) }
`

// called is a call as the oracle remembers it.
type called struct {
	id, team string
	at       time.Time
	minutes  int
	known    bool
	gone     bool
}

// phone works every figure out from all calls anew.
type phone struct {
	zone  *time.Location
	calls []*called
}

const oneDay = 24 * time.Hour

// rows are the calls of a group in the day that begins at a moment, up to another.
func (p *phone) rows(c *cell, day, until time.Time) (out []*called) {
	for _, x := range p.calls {
		if !x.gone && (c.all || x.team == c.team) && (c.metric != "Long" || x.known) &&
			!x.at.Before(day) && x.at.Before(day.Add(oneDay)) && x.at.Before(until) {
			out = append(out, x)
		}
	}
	return out
}

// figure is the value of a day; NaN where it is missing.
func (p *phone) figure(c *cell, day, until time.Time) (float64, int) {
	in := p.rows(c, day, until)
	sum, known, long := 0, 0, 0
	for _, x := range in {
		if x.known {
			known, sum = known+1, sum+x.minutes
			if x.minutes > 20 {
				long++
			}
		}
	}
	switch c.metric {
	case "Made":
		return float64(len(in)), len(in)
	case "Long":
		return float64(long) / float64(known), len(in)
	}
	return float64(sum) / float64(known), len(in)
}

// first is the day of the earliest row of a metric.
func (p *phone) first(metric string) (day time.Time, ok bool) {
	for _, x := range p.calls {
		if !x.gone && (metric != "Long" || x.known) && (!ok || x.at.Before(day)) {
			day, ok = x.at, true
		}
	}
	y, m, d := day.In(p.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, p.zone), ok
}

// cell is one subject of an alert.
type cell struct {
	alert, metric, team string
	all, across         bool
	late                time.Duration
	inRow               int
	born                time.Time // when it last came to have rows
	lives               bool
	looks               []seenLook
	open                bool
}

type seenLook struct {
	at      time.Time
	verdict string // T, F, U, or - where it was left out
	until   string
}

func truthOf(known, is bool) string {
	switch {
	case !known:
		return "U"
	case is:
		return "T"
	}
	return "F"
}

// both is Kleene's and, either his or.
func both(a, b string) string {
	switch {
	case a == "F" || b == "F":
		return "F"
	case a == "U" || b == "U":
		return "U"
	}
	return "T"
}

func either(a, b string) string { return inverse(both(inverse(a), inverse(b))) }

func inverse(a string) string { return map[string]string{"T": "F", "F": "T", "U": "U"}[a] }

// look is what an alert sees at the end of a day, worked out from all calls.
func (p *phone) look(c *cell, end time.Time) seenLook {
	day := end.Add(-oneDay)
	l := seenLook{at: end, until: "F"}
	if c.across {
		l.verdict = p.apart(c, day, end)
		return l
	}
	v, n := p.figure(c, day, end)
	from, _ := p.first(c.metric)
	before := func(k int) (list []float64) {
		for i := 1; i <= k; i++ {
			d := day.Add(-time.Duration(i) * oneDay)
			f := math.NaN()
			if !d.Before(from) {
				f, _ = p.figure(c, d, end)
			}
			list = append(list, f)
		}
		return list
	}
	prev := before(1)[0]
	ok := !math.IsNaN(v)
	switch c.alert {
	case "Mean":
		if n < 1 {
			l.verdict = "-"
			return l
		}
		mean, sd, some := moments(before(4))
		l.verdict = truthOf(ok && some, v > mean+sd+0.01)
	case "Robust":
		known := withoutNaN(before(5))
		if len(known) < 3 {
			l.verdict = "U"
			return l
		}
		mid := middleOf(known)
		var far []float64
		for _, f := range known {
			far = append(far, math.Abs(f-mid))
		}
		l.verdict = truthOf(ok, v > mid+middleOf(far)+0.01)
	case "Fewer":
		l.verdict = truthOf(!math.IsNaN(prev), v < prev)
		l.until = truthOf(!math.IsNaN(prev), v > prev)
	case "Drop":
		last := math.NaN()
		if was := day.AddDate(-1, 0, 0); !was.Before(from) {
			last, _ = p.figure(c, was, end)
		}
		l.verdict = either(truthOf(!math.IsNaN(prev) && prev != 0, (v-prev)/prev <= -0.5),
			truthOf(!math.IsNaN(last), v > last))
	case "Points":
		known := ok && !math.IsNaN(prev)
		l.verdict = both(truthOf(known, v-prev > 0.2+1e-12),
			inverse(truthOf(known && prev != 0, (v-prev)/prev > 0.9+1e-12)))
	}
	return l
}

// apart is `spread > 40pp and n >= 1` over the groups that have a figure.
func (p *phone) apart(c *cell, day, end time.Time) string {
	var figures []float64
	least := math.MaxInt
	for _, team := range []string{"–", "east", "west"} {
		g := &cell{metric: c.metric, team: strings.TrimPrefix(team, "–")}
		if v, n := p.figure(g, day, end); n > 0 {
			least = min(least, n)
			if !math.IsNaN(v) {
				figures = append(figures, v)
			}
		}
	}
	if least == math.MaxInt {
		least = 0
	}
	wide := "U"
	if len(figures) > 1 {
		wide = truthOf(true, slices.Max(figures)-slices.Min(figures) > 0.4+1e-12)
	}
	return both(wide, truthOf(true, least >= 1))
}

func withoutNaN(list []float64) []float64 { return slices.DeleteFunc(list, math.IsNaN) }

func middleOf(list []float64) float64 {
	s := slices.Sorted(slices.Values(list))
	return (s[len(s)/2] + s[(len(s)-1)/2]) / 2
}

func moments(list []float64) (mean, sd float64, ok bool) {
	list = withoutNaN(list)
	for _, v := range list {
		mean += v / float64(len(list))
	}
	for _, v := range list {
		sd += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(sd / float64(len(list)-1)), len(list) >= 3
}

// standing works the alert's state out from all its looks.
func (c *cell) standing() bool {
	open, streak := false, 0
	for _, l := range c.looks {
		switch {
		case l.verdict == "-":
		case open && c.alert == "Fewer":
			open = l.until != "T"
			streak = 0
		case open:
			open = l.verdict != "F"
			streak = 0
		case l.verdict == "F":
			streak = 0
		case l.verdict == "T":
			streak++
			open = streak >= c.inRow && l.until != "T"
		}
	}
	return open
}

// cells are all subjects that there may be.
func cells() (out []*cell) {
	for _, team := range []string{"", "east", "west"} {
		out = append(out, &cell{alert: "Mean", metric: "Talk", team: team, late: 2 * oneDay, inRow: 1},
			&cell{alert: "Robust", metric: "Talk", team: team, inRow: 1},
			&cell{alert: "Fewer", metric: "Made", team: team, late: oneDay, inRow: 1},
			&cell{alert: "Points", metric: "Long", team: team, inRow: 1})
	}
	return append(out, &cell{alert: "Drop", metric: "Made", all: true, inRow: 1},
		&cell{alert: "Apart", metric: "Long", all: true, across: true, late: 2 * oneDay, inRow: 2})
}

func (c *cell) id() string {
	switch {
	case c.across:
		return "team=*"
	case c.all:
		return "*"
	case c.team == "":
		return "team=–"
	}
	return "team=" + c.team
}

// day lets the looks of a day's end take place.
func (p *phone) day(all []*cell, end time.Time) {
	for _, c := range all {
		if c.lives && end.After(c.born) {
			c.looks = append(c.looks, p.look(c, end))
		}
	}
}

// now brings everything up to date after a record that came at a moment.
func (p *phone) now(all []*cell, at time.Time) {
	for _, c := range all {
		lives := slices.ContainsFunc(p.calls, func(x *called) bool {
			return !x.gone && (c.all || x.team == c.team) && (c.metric != "Long" || x.known)
		})
		if lives != c.lives {
			c.lives, c.born, c.looks = lives, at, nil
		}
		for i := range c.looks {
			if l := &c.looks[i]; c.late > 0 && at.Sub(l.at) <= c.late {
				*l = p.look(c, l.at)
			}
		}
	}
}

// TestMetricAlertsAreWhatTheLogSays compares the alerts of metrics that are open after every record
// with those that follow from all records anew, with late, retracted and contradicting ones.
func TestMetricAlertsAreWhatTheLogSays(t *testing.T) {
	policy := check(t, measuredShop)
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, policy, engine.Options{})
		p, all := &phone{zone: w.e.Zone()}, cells()
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, p.zone)
		day := time.Date(2026, 3, 3, 0, 0, 0, 0, p.zone)
		said := []string{}
		for i := range rapid.IntRange(1, 80).Draw(rt, "records") {
			now = now.Add(time.Duration(rapid.IntRange(0, 16).Draw(rt, "hours")) * time.Hour)
			for !day.After(now) {
				p.day(all, day)
				day = day.Add(oneDay)
			}
			line := ""
			if n := len(p.calls); n > 0 && rapid.IntRange(0, 5).Draw(rt, "retract") == 0 {
				x := p.calls[rapid.IntRange(0, n-1).Draw(rt, "which")]
				x.gone = true
				line = fmt.Sprintf(`{"type":"Call","id":"%s","at":"%s","retracted":true}`, x.id,
					now.Format(time.RFC3339))
			} else {
				x := &called{id: fmt.Sprint("c", i), team: rapid.SampledFrom([]string{"", "east", "east", "east", "west"}).Draw(rt, "team"),
					at:      now.Add(-time.Duration(rapid.SampledFrom([]int{0, 0, 0, 5, 26, 50, 24 * 365}).Draw(rt, "late")) * time.Hour),
					minutes: rapid.IntRange(0, 40).Draw(rt, "minutes"), known: rapid.IntRange(0, 4).Draw(rt, "known") > 0}
				p.calls = append(p.calls, x)
				line = x.line(now)
			}
			w.feed(line)
			p.now(all, now)
			said = append(said, line)
			for _, c := range all {
				open := slices.Contains(w.e.OpenAlerts(c.alert), c.id())
				if c.open = c.standing(); open != c.open {
					rt.Fatalf("%s of %s is open: %v, and %v by %v\n%s", c.alert, c.id(), open, c.open,
						c.looks, strings.Join(said, "\n"))
				}
			}
		}
	})
}

func (x *called) line(now time.Time) string {
	s := fmt.Sprintf(`{"type":"Call","id":"%s","at":"%s","received":"%s"`, x.id,
		x.at.Format(time.RFC3339), now.Format(time.RFC3339))
	if x.team != "" {
		s += `,"team":"` + x.team + `"`
	}
	if x.known {
		s += fmt.Sprintf(`,"minutes":%d`, x.minutes)
	}
	return s + "}"
}
