package engine

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/window"
)

// EachRow hands out the rows that the policy keeps for some aggregates `first(Source.value)` over
// all records: one source, one moment that places them. Values stand in the order of the
// aggregates, a reference is its handle; the list is used again.
func (e *Engine) EachRow(of []*policy.Aggregate, f func(at int64, seq uint64, row []value.Value)) {
	s := e.streams.of[of[0].ID].stream
	cols := make([]int, len(of))
	for i, a := range of {
		cols[i] = s.specs[e.streams.of[a.ID].spec].Value
	}
	rows := s.has(0)
	if rows == nil {
		return
	}
	row := make([]value.Value, len(of))
	s.plan.Visit(rows, e.now, func(r *window.Row) {
		s.values(r, cols, row)
		f(r.At, r.Seq, row)
	})
}

// EachRowNow is EachRow of aggregates that the policy does not keep, where the source is entities:
// those are in memory, and what they say is worked out now. false: the rows are of another kind.
func (e *Engine) EachRowNow(
	of []*policy.Aggregate, f func(at int64, seq uint64, row []value.Value),
) bool {
	if of[0].Source.Kind != policy.Entity || of[0].Action != nil {
		return false
	}
	s, k := newStream(of[0]), e.kinds[of[0].Source.Index]
	cols := make([]int, len(of))
	for i, a := range of {
		cols[i] = s.specs[s.addSpec(a, 0)].Value
	}
	e.compileColumns(s)
	if s.atField >= 0 {
		s.atLayoutPos = k.layout.Pos[s.atField]
	}
	was := e.env
	row := make([]value.Value, len(of))
	for _, h := range k.table.inOrder() {
		if k.table.lives[h] != alive {
			continue
		}
		e.env.Row, e.env.RowRef, e.env.Now = k.table.rows[h], int64(h), e.now
		e.subject(k.table, h)
		if in, _ := e.rowNow(s, h, &s.spare); in && s.spare.At <= e.now {
			s.values(&s.spare, cols, row)
			f(s.spare.At, s.spare.Seq, row)
		}
	}
	e.env = was
	return true
}

// values reads some columns of a row.
func (s *stream) values(r *window.Row, cols []int, row []value.Value) {
	for i, c := range cols {
		switch k := s.cols[c].kind; {
		case r.Known>>c&1 == 0:
			row[i] = value.Value{}
		case k.Class() == value.String:
			row[i] = value.Value{Kind: k, S: r.S[c]}
		default:
			row[i] = value.OfWord(k, r.N[c])
		}
	}
}

// EachFigure hands out the figures that an alert makes the engine keep of a metric by some of its
// dimensions: of every group and period that has rows. A reference is its handle, and the list is
// not to be kept. false: no alert looks at them, or they are of a state, of which only closed
// periods are kept.
func (e *Engine) EachFigure(
	m *policy.Metric, dims []int, f func(by []value.Value, start int64, v value.Value, n int64),
) bool {
	if m.Taken() {
		return false
	}
	for _, c := range e.cubes {
		if c.of != m || !slices.Equal(c.dims, dims) {
			continue
		}
		now := e.env.Now
		e.env.Now = e.now
		for _, p := range c.places {
			if v, n := c.figure(&e.env, p.cell, p.start); p.rows > 0 && n > 0 {
				f(c.groups[p.cell].values, p.start, v, n)
			}
		}
		e.env.Now = now
		return true
	}
	return false
}

// Over compiles an expression about nobody in particular whose leaves somebody else knows.
func (e *Engine) Over(x *policy.Expr, h eval.Host) func() value.Value {
	c := *e.comp
	c.Host, c.Probe = h, nil
	v := c.Value(x)
	env := &eval.Env{Now: e.now, Tables: e.env.Tables}
	return func() value.Value { return v(env) }
}

// Called returns what people call an entity: its name, else its id.
func (e *Engine) Called(r *policy.Record, handle int64) string {
	return e.tables[r.Index].called(int32(handle))
}

// AbsorbUntil lets time pass during a rebuild, up to a moment.
func (e *Engine) AbsorbUntil(moment int64) {
	e.absorb(func() { e.Advance(moment, nil) })
}

// LookAfter is when a `check each` looks next after a moment.
func (e *Engine) LookAfter(each policy.Period, moment int64) int64 {
	return e.cal.Close(each, moment, e.zone)
}

// Closing lets f read as a look at a period's end does: the day that ends has closed.
func (e *Engine) Closing(f func()) {
	e.closing = true
	f()
	e.closing = false
}
