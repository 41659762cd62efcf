package pipeline_test

import (
	"math"
	"testing"
	"time"
)

// figures are those of some deals, worked out anew from the table.
type figures struct {
	won, lost, open int
	value           float64
	days            []float64
}

func (f *figures) add(d *deal, at string) {
	switch {
	case d.closed == "" || d.closed > at:
		f.open++
	case d.state == "won":
		f.won++
		f.value += number(d.value)
		f.days = append(f.days, between(d.engaged, d.closed))
	default:
		f.lost++
	}
}

func (f *figures) rate() float64 { return float64(f.won) / float64(f.won+f.lost) }

func (f *figures) mean() float64 {
	sum := 0.0
	for _, x := range f.days {
		sum += x
	}
	return sum / float64(len(f.days))
}

// sd is the sample deviation, in two passes.
func (f *figures) sd() float64 {
	m, sum := f.mean(), 0.0
	for _, x := range f.days {
		sum += (x - m) * (x - m)
	}
	return math.Sqrt(sum / float64(len(f.days)-1))
}

func number(s string) float64 {
	n := 0.0
	for _, c := range s {
		n = n*10 + float64(c-'0')
	}
	return n
}

// between is the number of days from one day to another.
func between(from, to string) float64 {
	a, _ := time.Parse(time.DateOnly, from)
	b, _ := time.Parse(time.DateOnly, to)
	return b.Sub(a).Hours() / 24
}

// TestTheWholePipelineAtAnyMoment stops the stream at moments between two days and works every
// figure out anew from the rows; the engine has kept them all along.
func TestTheWholePipelineAtAnyMoment(t *testing.T) {
	c := open(t)
	region := map[string]string{}
	for _, id := range c.IDs("Rep") {
		region[id] = c.Raw("Rep", id, "region").S
	}
	stops := map[int]bool{}
	for x := uint64(20171231); len(stops) < 6; {
		x = x*6364136223846793005 + 1442695040888963407
		stops[int(x>>33)%len(c.changes)] = true
	}
	checked := 0
	for i, x := range c.changes {
		c.apply(x)
		last := i+1 == len(c.changes) || c.changes[i+1].day != x.day
		// A stop waits for its day to be complete.
		stops[i+1] = stops[i+1] || stops[i] && !last
		if stops[i] && last {
			c.atMoment(t, x.day, region)
			checked++
		}
	}
	if checked < 4 {
		t.Errorf("only %d moments were looked at", checked)
	}
}

// atMoment compares what the policy says at the beginning of a day, its changes applied.
func (c *crm) atMoment(t *testing.T, day string, region map[string]string) {
	t.Helper()
	all, agents, regions := &figures{}, map[string]*figures{}, map[string]*figures{}
	stalled := 0
	group := func(m map[string]*figures, key string) *figures {
		if m[key] == nil {
			m[key] = &figures{}
		}
		return m[key]
	}
	for _, d := range c.deals {
		if max(d.engaged, first) > day {
			continue
		}
		all.add(d, day)
		group(agents, d.agent).add(d, day)
		group(regions, region[d.agent]).add(d, day)
		if d.engaged != "" && (d.closed == "" || d.closed > day) && between(d.engaged, day) > 30 {
			stalled++
		}
	}
	near := func(typ, id, text string, want float64) {
		t.Helper()
		got, known := c.Value(typ, id, text)
		if known == math.IsNaN(want) || known && math.Abs(got-want) > 1e-9*max(1, math.Abs(want)) {
			t.Errorf("%s: %s of %s is %v (known %v), anew %v", day, text, id, got, known, want)
		}
	}
	near("Book", "all", "won", float64(all.won))
	near("Book", "all", "rate", all.rate())
	near("Book", "all", "days_mean", all.mean())
	if len(all.days) > 1 {
		near("Book", "all", "days_sd", all.sd())
	}
	for id, f := range agents {
		near("Rep", id, "won", float64(f.won))
		near("Rep", id, "lost", float64(f.lost))
		near("Rep", id, "load", float64(f.open))
		near("Rep", id, "value", f.value)
		near("Rep", id, "win_rate", f.rate())
		near("Rep", id, "cycle", f.mean())
	}
	for id, f := range regions {
		near("Region", id, "deals", float64(f.won+f.lost+f.open))
		near("Region", id, "value", f.value)
	}
	if got := len(c.Engine.OpenAlerts("Stalled30")); got != stalled {
		t.Errorf("%s: %d deals are stalled, anew %d", day, got, stalled)
	}
}
