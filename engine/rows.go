package engine

import (
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
		f(r.At, r.Seq, row)
	})
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
