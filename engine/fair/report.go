package fair

import (
	"math"
	"slices"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/baseline"
)

// Report says how a period was shared out. Counts are set beside what capacity would give, among
// those who could have got each record: equal chances, not equal numbers.
type Report struct {
	Cases   int // records of the allocation that came in the period
	Nobody  int // that nobody has at the end
	Closed  int
	People  []Line
	Teams   []Line // of people who have one
	Even    []Even
	Draws   int // of the permutation test
	Spread  *Outcome
	Circle  *Circle
	Worth   bool // records have a worth
	Loads   bool // people have a load
	Started bool // it is known when people began
}

// Line is one person or team.
type Line struct {
	Name, Team string
	People     int
	Capacity   float64
	Count      int
	Share      float64 // of all records
	In         Range   // of Share
	Target     float64 // share that its capacity would give, among those who could have got each
	Effort     float64
	Expected   float64 // worth × chance of being won, by effort
	Outlook    float64 // records to be expected won: by effort, by whom, and how busy they are
	Speed      float64 // median hours until they began
	SpeedIn    Range
	SpeedKnown bool // there are enough for an interval
	Started    int  // records that were begun
	Closed     int
	Won        int
	Days       float64 // mean days until closed
	Cycle      float64 // the same with what is still open: days open ÷ closed
	Load       float64 // mean over days
	LoadHigh   float64 // 95 of 100 days are below
	Over       float64 // share of days above 1
	targets    [3]float64
}

// Even is how evenly one figure is shared out, by capacity.
type Even struct {
	Of         string // count, effort, value
	Gini, Jain float64
	Chance     float64 // how often chance alone is at least as far from the target
}

// Outcome is the range between teams' shares of won records, of those old enough to have ended.
type Outcome struct {
	Teams  []TeamOutcome
	After  float64 // days that a record is given to end
	Range  float64
	Band   float64 // 95 of 100 ranges are below where all are truly alike
	Chance float64 // that teams truly alike differ so much
	Known  bool    // of Chance
}

// TeamOutcome is one team's.
type TeamOutcome struct {
	Name  string
	N     int // old enough
	Won   int
	Open  int // of N: not ended all the same, so not won
	In    Range
	Young int // not yet old enough: they say nothing
}

// NewReport works a report out of a play. Until, the moment up to which things are known, decides
// which records are old enough to have ended. The model is of the period as it was.
func NewReport(p *Play, m *Model, until int64) *Report {
	b := &builder{p: p, m: m, until: until, r: &Report{Cases: len(p.Cases)}}
	b.lines()
	b.even()
	b.spread()
	b.circle()
	return b.r
}

type builder struct {
	p      *Play
	m      *Model
	r      *Report
	until  int64
	groups [][]int32 // of people, by Case.among; the last: everybody
	upTo   [][]int64 // capacity up to each of a group
	speeds map[*Line][]float64
}

// among prepares who could have got what.
func (b *builder) among() {
	everybody := make([]int32, len(b.p.People))
	for i := range everybody {
		everybody[i] = int32(i)
	}
	b.groups = append(slices.Clone(b.p.groups), everybody)
	for _, g := range b.groups {
		sum, list := int64(0), make([]int64, len(g))
		for i, who := range g {
			sum += max(1, int64(math.Round(b.p.People[who].Capacity*1000)))
			list[i] = sum
		}
		b.upTo = append(b.upTo, list)
	}
}

// group is who could have got a record: those in its account with whoever has it, else everybody.
func (b *builder) group(c *Case) int {
	if c.among >= 0 && slices.Contains(b.groups[c.among], c.To) {
		return int(c.among)
	}
	return len(b.groups) - 1
}

func (b *builder) lines() {
	b.among()
	people := make([]Line, len(b.p.People))
	for i := range b.p.People {
		x := &b.p.People[i]
		l := Line{Name: x.ID, Team: x.Team, People: 1, Capacity: x.Capacity}
		loads := slices.Sorted(slices.Values(x.loads))
		for _, f := range loads {
			l.Load += f / float64(len(loads))
			if f > 1 {
				l.Over += 1 / float64(len(loads))
			}
		}
		l.LoadHigh = baseline.Quantile(loads, 0.95)
		b.r.Loads = b.r.Loads || len(loads) > 0
		people[i] = l
	}
	b.speeds = map[*Line][]float64{}
	for i := range b.p.Cases {
		c := &b.p.Cases[i]
		if c.Closed != 0 {
			b.r.Closed++
		}
		if c.To < 0 {
			b.r.Nobody++
			continue
		}
		b.count(&people[c.To], c)
		b.target(people, c)
	}
	b.r.People = people
	b.teams()
	for i := range b.r.People {
		b.finish(&b.r.People[i])
	}
	for i := range b.r.Teams {
		b.finish(&b.r.Teams[i])
	}
}

// count adds a record to whoever has it.
func (b *builder) count(l *Line, c *Case) {
	l.Count++
	l.Effort += c.Effort
	l.Expected += b.m.worth(c)
	l.Outlook += b.m.by(c, &b.p.People[c.To])
	b.r.Worth = b.r.Worth || !math.IsNaN(c.Worth)
	if c.First != 0 {
		l.Started++
		b.r.Started = true
		b.speeds[l] = append(b.speeds[l], float64(c.First-c.Given)/(day/24))
	}
	if c.Closed == 0 {
		l.Cycle += float64(max(0, b.until-c.Given)) / day
	} else {
		l.Cycle += float64(c.Closed-c.Given) / day
		l.Closed++
		l.Days += float64(c.Closed-c.Given) / day
		if c.Won == value.True {
			l.Won++
		}
	}
}

// target gives everybody who could have got a record the part of it that their capacity is.
func (b *builder) target(people []Line, c *Case) {
	g := b.group(c)
	up := b.upTo[g]
	all := float64(up[len(up)-1])
	was := int64(0)
	for i, who := range b.groups[g] {
		w := float64(up[i]-was) / all
		was = up[i]
		t := &people[who].targets
		t[0] += w
		t[1] += float64(w * c.Effort)
		t[2] += float64(w * b.m.worth(c))
	}
}

// teams adds people up.
func (b *builder) teams() {
	at := map[string]int{}
	var order []string
	for i := range b.r.People {
		if t := b.r.People[i].Team; t != "" && at[t] == 0 {
			order = append(order, t)
			at[t] = 1
		}
	}
	slices.Sort(order)
	b.r.Teams = make([]Line, len(order))
	for i, t := range order {
		at[t] = i
		b.r.Teams[i].Name = t
	}
	for i := range b.r.People {
		l := &b.r.People[i]
		if l.Team == "" {
			continue
		}
		t := &b.r.Teams[at[l.Team]]
		t.People++
		t.Capacity += l.Capacity
		t.Count, t.Effort, t.Expected = t.Count+l.Count, t.Effort+l.Effort, t.Expected+l.Expected
		t.Started, t.Closed, t.Won = t.Started+l.Started, t.Closed+l.Closed, t.Won+l.Won
		t.Days, t.Cycle, t.Outlook = t.Days+l.Days, t.Cycle+l.Cycle, t.Outlook+l.Outlook
		t.Load, t.Over = t.Load+l.Load, t.Over+l.Over
		t.LoadHigh = max(t.LoadHigh, l.LoadHigh)
		for k := range t.targets {
			t.targets[k] += l.targets[k]
		}
		b.speeds[t] = append(b.speeds[t], b.speeds[l]...)
	}
	for i := range b.r.Teams {
		t := &b.r.Teams[i]
		t.Load, t.Over = t.Load/float64(t.People), t.Over/float64(t.People)
	}
}

func (b *builder) finish(l *Line) {
	given := b.r.Cases - b.r.Nobody
	if given > 0 {
		l.Share, l.Target = float64(l.Count)/float64(given), l.targets[0]/float64(given)
	}
	l.In = Wilson(l.Count, given)
	l.Days /= float64(max(1, l.Closed))
	l.Cycle /= float64(max(1, l.Closed))
	l.Speed, l.SpeedIn, l.SpeedKnown = median(slices.Sorted(slices.Values(b.speeds[l])))
}

// measures are the figures of a record that are shared out, as whole numbers.
func (b *builder) measures(c *Case) [3]int64 {
	return [3]int64{1, int64(math.Round(c.Effort * 1000)), int64(math.Round(b.m.worth(c) * 100))}
}

// even works out how evenly each figure is shared out, and whether chance could explain it: every
// record is given again and again to one of those who could have got it, drawn by capacity.
func (b *builder) even() {
	r := b.r
	names := []string{"count", "effort", "value"}
	if !r.Worth {
		names = names[:2]
	}
	if r.Cases == r.Nobody || len(r.People) < 2 {
		return
	}
	r.Draws = 999
	if r.Cases > 20_000 {
		r.Draws = 199
	}
	far := b.permute(len(names))
	for m, name := range names {
		per := make([]float64, len(r.People))
		for i := range r.People {
			l := &r.People[i]
			per[i] = [3]float64{float64(l.Count), l.Effort, l.Expected}[m] / l.Capacity
		}
		r.Even = append(r.Even, Even{Of: name, Gini: Gini(per), Jain: Jain(per),
			Chance: float64(1+far[m]) / float64(1+r.Draws)})
	}
}

// permute counts the draws that are at least as far from the target as what was.
func (b *builder) permute(n int) (far [3]int) {
	r := b.r
	what, group := make([][3]int64, r.Cases), make([]int, r.Cases)
	was := make([][3]int64, len(r.People))
	for i := range b.p.Cases {
		c := &b.p.Cases[i]
		if group[i] = -1; c.To < 0 {
			continue
		}
		what[i], group[i] = b.measures(c), b.group(c)
		for m := range n {
			was[c.To][m] += what[i][m]
		}
	}
	least := b.distance(was, n)
	sums := make([][3]int64, len(r.People))
	for t := range r.Draws {
		clear(sums)
		for i, g := range group {
			if g < 0 {
				continue
			}
			up := b.upTo[g]
			x := int64(baseline.Dice(1).Below(uint64(up[len(up)-1]), t, i))
			k, found := slices.BinarySearch(up, x)
			if found {
				k++ // up to, and not with
			}
			to := &sums[b.groups[g][k]]
			for m := range n {
				to[m] += what[i][m]
			}
		}
		for m, d := range b.distance(sums, n) {
			if m < n && d >= least[m] {
				far[m]++
			}
		}
	}
	return far
}

// distance is how far sums are from their targets: Σ (sum − target)² ÷ target.
func (b *builder) distance(sums [][3]int64, n int) (d [3]float64) {
	unit := [3]float64{1, 1000, 100}
	for i := range sums {
		for m := range n {
			t := b.r.People[i].targets[m] * unit[m]
			if t <= 0 {
				continue
			}
			x := float64(sums[i][m]) - t
			d[m] += float64(x*x) / t
		}
	}
	return d
}

// spread compares teams by what became of the records that are old enough: those given at least as
// long ago as nine in ten of the slowest team take to close.
func (b *builder) spread() {
	if len(b.r.Teams) < 2 || b.r.Closed == 0 {
		return
	}
	took := make([][]float64, len(b.r.Teams))
	for i := range b.p.Cases {
		if c := &b.p.Cases[i]; c.To >= 0 && c.Closed != 0 {
			if t := b.teamOf(c); t >= 0 {
				took[t] = append(took[t], float64(c.Closed-c.Given)/day)
			}
		}
	}
	x := &Outcome{Teams: make([]TeamOutcome, len(b.r.Teams))}
	for t := range took {
		slices.Sort(took[t])
		x.After = max(x.After, baseline.Quantile(took[t], 0.9))
	}
	for i := range b.p.Cases {
		c := &b.p.Cases[i]
		t := b.teamOf(c)
		if t < 0 {
			continue
		}
		if float64(b.until-c.Given)/day < x.After {
			x.Teams[t].Young++
			continue
		}
		x.Teams[t].N++
		if c.Closed == 0 {
			x.Teams[t].Open++
		}
		if c.Won == value.True {
			x.Teams[t].Won++
		}
	}
	var groups []baseline.Group
	for t := range x.Teams {
		o := &x.Teams[t]
		o.Name, o.In = b.r.Teams[t].Name, Wilson(o.Won, o.N)
		if o.N > 0 {
			groups = append(groups, baseline.Group{N: int64(o.N), True: int64(o.Won)})
		}
	}
	x.Range = Spread(groups)
	x.Band, _ = baseline.Band(groups, 0)
	x.Chance, x.Known = baseline.Shares(groups)
	b.r.Spread = x
}

func (b *builder) teamOf(c *Case) int {
	if c.To < 0 {
		return -1
	}
	name := b.p.People[c.To].Team
	return slices.IndexFunc(b.r.Teams, func(l Line) bool { return l.Name == name })
}
