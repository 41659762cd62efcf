package eval

import (
	"math"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/slots"
)

// test compares a slot of class Word with constants: in where lo <= x <= lo + span, else out.
// Conditions are mostly made of such tests, so a conjunction of them runs without calls.
type test struct {
	slot
	in, out value.Tri
	lo      int64
	span    uint64
}

// test turns a comparison into membership in a range; for between the range is lo to hi, else both
// are the constant.
func (s slot) test(op policy.Op, lo, hi int64) test {
	t := test{slot: s, in: value.True, out: value.False}
	switch op {
	case policy.OpNe:
		t.in, t.out = t.out, t.in
	case policy.OpGe:
		hi = math.MaxInt64
	case policy.OpLe:
		lo = math.MinInt64
	case policy.OpLt: // not >=
		t.in, t.out = t.out, t.in
		hi = math.MaxInt64
	case policy.OpGt: // not <=
		t.in, t.out = t.out, t.in
		lo = math.MinInt64
	}
	if lo > hi { // between 5 and 3 holds of nothing
		lo, hi, t.in = math.MinInt64, math.MaxInt64, t.out
	}
	t.lo, t.span = lo, uint64(hi)-uint64(lo)
	return t
}

func (t *test) of(x *slots.Slots) value.Tri {
	switch {
	case x.Known[t.word]&t.mask == 0:
		return value.Unknown
	case uint64(x.N[t.pos])-uint64(t.lo) <= t.span:
		return t.in
	}
	return t.out
}

// tests are the tests that a conjunction begins with, as far as they read the same record.
func (c *Compiler) tests(args []*policy.Expr) []test {
	var out []test
	for _, a := range args {
		t, ok := c.test(a)
		if !ok || len(out) > 0 && t.base != out[0].base {
			break
		}
		out = append(out, t)
	}
	return out
}

// test knows a comparison of a slot of class Word with constants, and a slot of Type Bool. On the
// reference backend there are none: what is fused here runs there piece by piece.
func (c *Compiler) test(e *policy.Expr) (test, bool) {
	if c.Backend != Closures || c.Probe != nil {
		return test{}, false
	}
	if s, ok := c.slot(e); ok && e.Type.Kind == value.Bool {
		return s.test(policy.OpNe, 0, 0), true
	}
	s, ok := c.simple(e)
	if !ok || s.lo.Type.Kind.Class() != value.Word {
		return test{}, false
	}
	lo, _ := literal[int64](c, s.lo)
	hi, _ := literal[int64](c, s.hi)
	return s.test(s.op, lo, hi), true
}

// all is the minimum of tests of one record.
//
//go:noinline
func all(list []test) Cond {
	base := list[0].base
	return func(v *Env) value.Tri {
		x := base.slots(v)
		min := value.True
		for i := range list {
			if t := list[i].of(x); t < min {
				if t == value.False {
					return t
				}
				min = t
			}
		}
		return min
	}
}
