package insight

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/baseline"
)

// Before is how many periods a baseline is made of.
const Before = 12

// Figure is a metric's value for one group in one period, beside those of other periods. Mean and
// SD, the sample deviation, are over the 12 periods before; this period is not among them.
type Figure struct {
	By         []value.Value // by the question's dimensions; missing is a group of its own
	Called     []string      // what people call a group that is an entity, else ""
	Start, End int64         // [Start, End); both 0 where there are no periods
	Value      value.Value
	N          int64 // rows
	Mean, SD   value.Value
	Previous   value.Value
	LastYear   value.Value
}

// Type is the type of a question's values, and MeanType of means and deviations of them.
func (q *Question) Type() policy.Type { return q.Metric.Value.Type }

// MeanType is the type of means and deviations of a question's values.
func (q *Question) MeanType() policy.Type {
	t := q.Metric.Value.Type
	t.Kind, t.Maybe = q.base.Kind(), true
	return t
}

// Figures are all that was taken, group by group and period by period. A period without rows has a
// figure where nothing counts as something: 0 of a count or sum. Others are left out.
func (q *Question) Figures() []Figure {
	slices.SortFunc(q.groups, func(a, b *group) int {
		for i := range a.by {
			if c := compare(a.by[i], b.by[i]); c != 0 {
				return c
			}
		}
		return 0
	})
	starts, ends := q.periods()
	var out []Figure
	for _, g := range q.groups {
		out = append(out, q.series(g, starts, ends)...)
	}
	return out
}

// compare orders groups: the missing one last.
func compare(a, b value.Value) int {
	switch {
	case a.Known() != b.Known():
		if a.Known() {
			return -1
		}
		return 1
	case a.Kind.Class() == value.Float:
		return cmp.Compare(a.Float(), b.Float())
	case a.S != b.S:
		return cmp.Compare(a.S, b.S)
	case a.Kind == value.Ref:
		return 0
	}
	return cmp.Compare(a.N, b.N)
}

// periods lists them from the first that any group has rows in to the present one.
func (q *Question) periods() (starts, ends []int64) {
	var all []int64
	for _, g := range q.groups {
		all = append(all, g.starts...)
	}
	if len(all) == 0 || q.Period == policy.NoPeriod {
		return make([]int64, min(1, len(all))), make([]int64, min(1, len(all)))
	}
	for at := slices.Min(all); at <= q.now; {
		start, end := q.cal.At(q.Period, at)
		starts, ends = append(starts, start), append(ends, end)
		at = end
	}
	return starts, ends
}

// series are the figures of one group.
func (q *Question) series(g *group, starts, ends []int64) []Figure {
	values := make([]value.Value, len(starts))
	has := make([]bool, len(starts))
	at := make(map[int64]int, len(starts))
	for i, start := range starts {
		at[start] = i
		if c := g.cells[start]; c != nil {
			values[i], has[i] = c.value, true
		} else if q.zero.Known() {
			values[i], has[i] = q.zero, true
		}
	}
	var out []Figure
	for i, start := range starts {
		if !has[i] {
			continue
		}
		f := Figure{By: g.by, Called: g.called, Start: start, End: ends[i], Value: values[i]}
		if c := g.cells[start]; c != nil {
			f.N = c.n
		}
		if i > 0 {
			f.Previous = values[i-1]
		}
		if y, ok := at[baseline.LastYear(q.cal, q.Period, start)]; ok && y < i {
			f.LastYear = values[y]
		}
		before := values[max(0, i-Before):i]
		f.Mean, f.SD = q.base.Mean(before), q.base.SD(before)
		out = append(out, f)
	}
	return out
}

// Clear forgets what was taken.
func (q *Question) Clear() { q.groups, q.index = nil, map[string]*group{} }

// Of is the figure of one group in the period that holds a moment, or in the one before it, as it
// was taken. By the question's dimensions; a reference is its id in S.
func (q *Question) Of(by []value.Value, at int64, prior bool) value.Value {
	start := int64(0)
	if q.Period != policy.NoPeriod {
		start, _ = q.cal.At(q.Period, at)
		if prior {
			start, _ = q.cal.At(q.Period, start-1)
		}
	}
	for _, g := range q.groups {
		if c := g.cells[start]; c != nil && slices.EqualFunc(g.by, by, sameGroup) {
			return c.value
		}
	}
	return q.zero
}

func sameGroup(a, b value.Value) bool {
	return a.Known() == b.Known() && (!a.Known() || compare(a, b) == 0)
}

// Label is how a period is written: 2017-03-05, 2017-W09, 2017-03, 2017-Q1, 2017; "" for no period.
func (q *Question) Label(f *Figure) string {
	if q.Period == policy.NoPeriod {
		return ""
	}
	return Label(q.Period, f.Start, q.cal.Zone())
}

// Label is how the period that begins at a moment is written.
func Label(p policy.Period, start int64, zone *time.Location) string {
	t := time.UnixMicro(start).In(zone)
	switch p {
	case policy.Weekly:
		y, w := t.ISOWeek()
		return fmt.Sprintf("%d-W%02d", y, w)
	case policy.Monthly:
		return t.Format("2006-01")
	case policy.Quarterly:
		return fmt.Sprintf("%d-Q%d", t.Year(), (int(t.Month())+2)/3)
	case policy.Yearly:
		return t.Format("2006")
	}
	return t.Format("2006-01-02")
}
