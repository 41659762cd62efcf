package eval

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/prove/naive"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/slots"
)

// The oracle: the naive walk over the records of this package's world.
type walker struct {
	w *world
	v *Env
}

var none value.Value

func (o walker) walk(e *policy.Expr) value.Value {
	return naive.Walker{Leaf: o.leaf, Host: o.host, Zone: o.w.zone, Calendars: o.w.cal,
		Ref: func(id string) int64 { return int64(id[0] - '0') }}.Walk(e)
}

// at is the walker standing on another record.
func (o walker) at(e *policy.Expr) (walker, bool) {
	v := *o.v
	switch e.Op {
	case policy.OpSelf:
	case policy.OpRow:
		v.Self, v.SelfRef = v.Row, v.RowRef
	case policy.OpCandidate:
		v.Self, v.SelfRef = v.Cand, v.CandRef
	default:
		h := o.walk(e)
		if !h.Known() || h.N < 0 || h.N >= int64(len(v.Tables[0])) {
			return o, false
		}
		v.Self, v.SelfRef = v.Tables[0][h.N], h.N
	}
	return walker{o.w, &v}, true
}

func (o walker) leaf(e *policy.Expr) value.Value {
	switch e.Op {
	case policy.OpNow:
		return value.OfWord(value.Time, o.v.Now)
	case policy.OpSelf:
		return value.OfWord(value.Ref, o.v.SelfRef)
	case policy.OpCandidate:
		return value.OfWord(value.Ref, o.v.CandRef)
	case policy.OpAggregate:
		return o.w.aggs[e.Agg.ID]
	}
	if e.Args[0].Type.Kind == value.Photo {
		m := o.walk(e.Args[0])
		if !m.Known() {
			return none
		}
		switch p := m.X.(*value.Media); e.Field.Name {
		case "size":
			return value.OfWord(value.Int, p.Size)
		case "taken":
			return p.Taken
		default:
			return p.Device
		}
	}
	on, ok := o.at(e.Args[0])
	if !ok {
		return none
	}
	if e.Op != policy.OpField {
		f, ok := score(on.v)
		switch {
		case !ok:
			return none
		case e.Op == policy.OpTier:
			return value.OfWord(value.Choice, int64(f)%3)
		}
		return value.OfFloat(value.Number, f)
	}
	if e.Field.Compute != nil {
		if _, direct := baseOf(e.Args[0].Op); !direct && !on.v.Self.Has(1) {
			return none // a stub
		}
		return on.walk(e.Field.Compute)
	}
	return slots.For(e.Field.Of).Value(on.v.Self, e.Field.Index)
}

func (o walker) host(e *policy.Expr, a []value.Value) value.Value {
	if e.Fn != "bucket" {
		return o.call(e.Fn, a)
	}
	id := slots.For(o.w.rep).Value(o.v.Self, 0)
	if a[0].N < 1 || !id.Known() {
		return none
	}
	return value.OfWord(e.Type.Kind, int64(mix("r", id.S)%uint64(a[0].N)))
}

// call calls the embedding program. A backend that calls it too reports a fault and is not compared.
func (o walker) call(fn string, a []value.Value) (r value.Value) {
	defer func() { _ = recover() }()
	switch f := o.w.externs[fn].Go.(type) {
	case func(string) float64:
		return finiteNumber(f(a[0].S))
	case func(int64) int64:
		return value.OfWord(value.Int, f(a[0].N))
	case func(float64, bool, *value.Place) (float64, bool):
		if r, ok := f(a[0].Float(), a[1].N == 1, a[2].X.(*value.Place)); ok {
			return finiteNumber(r)
		}
	}
	return none
}

func finiteNumber(x float64) value.Value {
	if f, ok := finite(x); ok {
		return value.OfFloat(value.Number, f)
	}
	return none
}
