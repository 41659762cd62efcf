// Package insight works out metrics: figures over records by group and period, beside those of the
// periods before (reference, section 9).
//
// A metric costs a running engine nothing. What the engine has in memory is read off it (TakeNow):
// entities, and what alerts make it keep. For the rest whoever asks grows the policy by what the
// metric reads of each row (Question.Policy), lets an engine take in the log under it, and hands
// that engine to Take: at the end, and for a metric of a state without `at` also whenever a period
// closes. Sums, means and deviations are those of engine/window, exact over any order of rows.
package insight

import (
	"fmt"
	"slices"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/baseline"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/window"
)

// Question is a metric as it is asked for.
type Question struct {
	Metric *policy.Metric
	By     []policy.Dimension
	Period policy.Period  // NoPeriod: one figure over everything
	Policy *policy.Policy // the one in force with what the metric reads of a row

	cols   []*policy.Aggregate // what is read of a row: its id first
	where  int                 // column; -1: all rows
	by     []int               // columns
	specs  []window.Spec       // of the value's aggregates, over the columns
	specOf map[*policy.Aggregate]int
	groups []*group
	index  map[string]*group
	zero   value.Value // of no rows
	now    int64
	cal    *window.Calendar
	base   *baseline.Baseline
}

// group is the figures of one group.
type group struct {
	by     []value.Value
	called []string
	starts []int64
	cells  map[int64]*cell // by the period's first moment
}

type cell struct {
	value value.Value
	n     int64
}

// Ask prepares a question about a metric of a policy.
func Ask(p *policy.Policy, m *policy.Metric, by []policy.Dimension, every policy.Period) *Question {
	q := &Question{Metric: m, By: by, Period: every, where: -1,
		specOf: map[*policy.Aggregate]int{}, index: map[string]*group{},
		base: baseline.New(m.Value.Type.Kind, time.UTC)}
	grown := *p
	grown.Aggregates = slices.Clone(p.Aggregates)
	q.Policy = &grown
	q.column(nil)
	if m.Where != nil {
		q.where = q.column(m.Where)
	}
	for _, d := range by {
		q.by = append(q.by, q.column(d.X))
	}
	kind.Visit(m.Value, func(x *policy.Expr) bool {
		if x.Op == policy.OpAggregate {
			q.aggregate(x.Agg)
		}
		return x.Op != policy.OpAggregate
	})
	return q
}

// column makes the engine keep an expression of every row; nil is the row's id.
func (q *Question) column(x *policy.Expr) int {
	i := slices.IndexFunc(q.cols, func(a *policy.Aggregate) bool { return a.Value == x })
	if i >= 0 {
		return i
	}
	a := &policy.Aggregate{ID: len(q.Policy.Aggregates), Fn: policy.First, Source: q.Metric.Of,
		Action: q.Metric.Action, Value: x, Window: policy.Window{At: q.Metric.At}}
	if a.Type.Kind = value.Text; x != nil {
		a.Type = x.Type
	}
	q.Policy.Aggregates = append(q.Policy.Aggregates, a)
	q.cols = append(q.cols, a)
	return len(q.cols) - 1
}

func (q *Question) aggregate(a *policy.Aggregate) {
	s := window.Spec{Fn: a.Fn, Where: -1, Value: -1, Value2: -1, N: a.N, Result: a.Type.Kind}
	if a.Where != nil {
		s.Where = q.column(a.Where)
	}
	switch {
	case a.Value != nil:
		s.Value = q.column(a.Value)
	case a.Fn != policy.Count:
		s.Value = 0
	}
	if a.Value2 != nil {
		s.Value2 = q.column(a.Value2)
	}
	q.specOf[a] = len(q.specs)
	q.specs = append(q.specs, s)
}

// Closes returns the moment at which the period that holds a moment closes: Take must be called
// right before it where the metric is of a state without `at`.
func (q *Question) Closes(e *engine.Engine, moment int64) int64 {
	_, end := q.calendar(e).At(q.Period, moment)
	return end
}

func (q *Question) calendar(e *engine.Engine) *window.Calendar {
	if q.cal == nil {
		q.cal = window.NewCalendar(e.Zone())
	}
	return q.cal
}

// reading is one going through the rows.
type reading struct {
	q     *Question
	e     *engine.Engine
	plan  *window.Plan
	cells map[place]*gathered
	order []*gathered
	cur   *window.Series // what the value's aggregates are read of
	by    []value.Value  // the group of the row in hand
}

type place struct {
	group *group
	start int64
}

type gathered struct {
	place
	rows window.Series
	n    int64
}

// Take reads the rows as an engine has them now. Of a metric of a state without `at` it is the
// figure of the period that holds this moment; of others it is all figures.
func (q *Question) Take(e *engine.Engine) {
	r := q.reading(e)
	e.EachRow(q.cols, r.row)
	r.end()
}

// TakeNow reads the rows off an engine of the policy in force, without what Policy adds to it:
// entities as they are, or the figures that an alert makes it keep. false: it has not got them, and
// Take must go through the log.
func (q *Question) TakeNow(e *engine.Engine) bool {
	if q.Metric.Taken() && q.Period != policy.NoPeriod {
		return false // each figure is of the moment at which its period closed
	}
	r := q.reading(e)
	if e.EachRowNow(q.cols, r.row) {
		r.end()
		return true
	}
	if q.Period != q.Metric.Every || !e.EachFigure(q.Metric, q.dims(), r.figure) {
		return false
	}
	r.end()
	return true
}

// dims are the places of the question's dimensions among the metric's.
func (q *Question) dims() (out []int) {
	for i := range q.By {
		out = append(out, slices.IndexFunc(q.Metric.By,
			func(d policy.Dimension) bool { return d.Name == q.By[i].Name }))
	}
	return out
}

func (q *Question) reading(e *engine.Engine) *reading {
	r := &reading{q: q, e: e, cells: map[place]*gathered{}, by: make([]value.Value, len(q.by))}
	cols := make([]window.Col, len(q.cols))
	for i, a := range q.cols {
		cols[i].Kind = a.Type.Kind
	}
	r.plan = window.New(cols, q.specs, e.Zone())
	q.now = e.Now()
	q.calendar(e)
	return r
}

// end works the figures of the rows out.
func (r *reading) end() {
	figure := r.e.Over(r.q.Metric.Value, r)
	for _, c := range r.order {
		r.cur = &c.rows
		c.group.put(c.start, &cell{figure(), c.n})
	}
	r.cur = &window.Series{}
	r.q.zero = figure()
}

// figure takes one that the engine has kept.
func (r *reading) figure(by []value.Value, start int64, v value.Value, n int64) {
	r.group(by).put(start, &cell{v, n})
}

func (g *group) put(start int64, c *cell) {
	if g.cells[start] == nil {
		g.starts = append(g.starts, start)
	}
	g.cells[start] = c
}

// row puts one row into its group and period.
func (r *reading) row(at int64, seq uint64, row []value.Value) {
	q := r.q
	if q.where >= 0 && row[q.where].Tri() != value.True {
		return
	}
	when := at
	if q.Metric.Taken() {
		when = r.e.Now()
	}
	for i, c := range q.by {
		r.by[i] = row[c]
	}
	w := place{group: r.group(r.by)}
	if q.Period != policy.NoPeriod {
		w.start, _ = q.calendar(r.e).At(q.Period, when)
	}
	c := r.cells[w]
	if c == nil {
		c = &gathered{place: w}
		r.cells[w] = c
		r.order = append(r.order, c)
	}
	c.n++
	in := &window.Row{At: at, Seq: seq, N: make([]int64, len(row)), S: make([]string, len(row))}
	for i, v := range row {
		if v.Known() {
			in.Known |= 1 << i
			in.N[i], in.S[i] = v.N, v.S
		}
	}
	r.plan.Insert(&c.rows, in, r.e.Now())
}

// group finds the group of some values. A reference is called by its id and, for people, by its
// name.
func (r *reading) group(by []value.Value) *group {
	q := r.q
	var key []byte
	for _, v := range by {
		if v.Kind == value.Ref {
			v = value.OfWord(value.Int, v.N) // its handle: what it is called is not in the row
		}
		key = decision.AppendValue(key, v)
	}
	if g := q.index[string(key)]; g != nil {
		return g
	}
	g := &group{cells: map[int64]*cell{}}
	for i, v := range by {
		name := ""
		if v.Kind == value.Ref {
			of := q.By[i].X.Type.Record
			name = r.e.Called(of, v.N)
			v.S = r.e.ID(of, v.N)
		}
		g.by, g.called = append(g.by, v), append(g.called, name)
	}
	q.index[string(key)] = g
	q.groups = append(q.groups, g)
	return g
}

// Leaf implements eval.Host: the aggregates of the metric's value over the rows in hand.
func (r *reading) Leaf(x *policy.Expr) eval.Leaf {
	if x.Op != policy.OpAggregate {
		panic(fmt.Sprintf("insight: no leaf for operation %d", x.Op))
	}
	spec := r.q.specOf[x.Agg]
	if x.Type.Kind.Class() == value.Float {
		return eval.Leaf{Num: func(env *eval.Env) (float64, bool) {
			return r.plan.Num(r.cur, spec, env.Now, 0)
		}}
	}
	return eval.Leaf{Int: func(env *eval.Env) (int64, bool) {
		return r.plan.Int(r.cur, spec, env.Now, 0)
	}}
}
