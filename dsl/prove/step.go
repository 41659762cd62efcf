package prove

import (
	"math"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/internal/decimal"
)

// step is what a term does to its one argument that is no constant, where more of it never makes
// less (or, going down, never makes more). Values are places in their kinds' order; what overflows
// is the end of the range, so that a step is total. An inverse is found by halving, hence exact
// whatever is rounded on the way.
type step struct {
	arg   id
	down  bool
	apply func(int64) int64
}

// step finds what a term does, where it is one.
func (t *terms) step(n *term) (step, bool) {
	if !n.looked {
		n.way, n.steps = t.findStep(n)
		n.looked = true
	}
	return n.way, n.steps
}

func (t *terms) findStep(n *term) (step, bool) {
	if n.x == nil || n.leaf || len(n.args) == 0 || len(n.args) > 2 {
		return step{}, false
	}
	a := n.args[0]
	if len(n.args) == 1 {
		f := t.unary(n)
		return step{a, n.op == policy.OpNeg, f}, f != nil
	}
	b := n.args[1]
	switch {
	case t.known(b) && !t.known(a):
		f, down := t.binary(n, t.list[b].val, false)
		return step{a, down, f}, f != nil
	case t.known(a) && !t.known(b):
		f, down := t.binary(n, t.list[a].val, true)
		return step{b, down, f}, f != nil
	}
	return step{}, false
}

// unary are the steps without a constant.
func (t *terms) unary(n *term) func(int64) int64 {
	from := t.list[n.args[0]].kind
	float := from.Class() == value.Float
	switch n.op {
	case policy.OpNeg:
		return func(x int64) int64 { return -max(x, math.MinInt64+1) }
	case policy.OpFloat:
		if from == value.Money {
			return func(x int64) int64 { return ordFloat(decimal.Float(x)) }
		}
		return func(x int64) int64 { return ordFloat(float64(x)) }
	case policy.OpFraction:
		return func(x int64) int64 { return ordFloat(floatOrd(x) / 100) }
	case policy.OpDateStart:
		return func(x int64) int64 { return calendar.DayStart(x, t.zone) }
	case policy.OpCall:
	default:
		return nil
	}
	unit := map[string]int64{"days": value.Day, "hours": value.Hour, "minutes": value.Minute}[n.x.Fn]
	round := map[string]func(float64) float64{"floor": math.Floor, "ceil": math.Ceil,
		"round": math.Round}[n.x.Fn]
	switch {
	case unit > 0:
		return func(x int64) int64 { f, _ := decimal.Ratio(x, unit); return ordFloat(f) }
	case round != nil && float && n.kind == value.Int:
		return func(x int64) int64 { return wordFloor(round(floatOrd(x))) }
	case round != nil && from == value.Percent:
		return func(x int64) int64 { return ordFloat(finite(round(finite(floatOrd(x)*100)) / 100)) }
	case round != nil && float:
		return func(x int64) int64 { return ordFloat(round(floatOrd(x))) }
	case n.x.Fn == "date" && from == value.Time:
		return func(x int64) int64 { return calendar.DateOf(x, t.zone) }
	}
	return nil
}

// finite holds a float within what numbers can be.
func finite(f float64) float64 { return min(max(f, -math.MaxFloat64), math.MaxFloat64) }

// binary are the steps with a constant, which stands on the left where first.
func (t *terms) binary(n *term, c value.Value, first bool) (func(int64) int64, bool) {
	k, class := n.kind, n.kind.Class()
	other := t.list[n.args[1]].kind
	if !first {
		other = t.list[n.args[0]].kind
	}
	words := other.Class() == value.Word && c.Kind.Class() == value.Word
	floatsOnly := other.Class() == value.Float && c.Kind.Class() == value.Float
	switch n.op {
	case policy.OpAdd:
		if words {
			return held(k, func(x int64) int64 { return addSat(x, c.N) }), false
		}
		if floatsOnly && class == value.Float {
			return overFloats(func(f float64) float64 { return f + c.Float() }), false
		}
	case policy.OpSub:
		switch {
		case words && other == value.Date: // the difference of two dates is a duration
			if first {
				return func(x int64) int64 { return mulSat(addSat(c.N, -x), value.Day) }, true
			}
			return func(x int64) int64 { return mulSat(addSat(x, -c.N), value.Day) }, false
		case words && first:
			return held(k, func(x int64) int64 { return addSat(c.N, -max(x, math.MinInt64+1)) }), true
		case words:
			return held(k, func(x int64) int64 { return addSat(x, -max(c.N, math.MinInt64+1)) }), false
		case floatsOnly && first:
			return overFloats(func(f float64) float64 { return c.Float() - f }), true
		case floatsOnly:
			return overFloats(func(f float64) float64 { return f - c.Float() }), false
		}
	case policy.OpMul:
		return times(n, c, words, floatsOnly)
	case policy.OpDiv:
		if !first {
			return t.over(n, c, other)
		}
	}
	return nil, false
}

// held keeps moments and dates within what they can be.
func held(k value.Kind, f func(int64) int64) func(int64) int64 {
	all := whole(k)
	return func(x int64) int64 { return min(max(f(x), all.lo), all.hi) }
}

func overFloats(f func(float64) float64) func(int64) int64 {
	return func(x int64) int64 { return ordFloat(finite(f(floatOrd(x)))) }
}

// times is multiplication by a constant.
func times(n *term, c value.Value, words, floatsOnly bool) (func(int64) int64, bool) {
	down := ordOf(c) < 0
	switch {
	case ordOf(c) == 0:
		return nil, false
	case floatsOnly:
		return overFloats(func(f float64) float64 { return f * c.Float() }), down
	case words:
		return func(x int64) int64 { return mulSat(x, c.N) }, down
	case c.Kind.Class() == value.Float:
		return func(x int64) int64 {
			r, ok := decimal.MulFloat(x, c.Float())
			return orEnd(r, ok, x < 0 != down)
		}, down
	case n.kind.Class() == value.Word: // a float times whole units
		return func(x int64) int64 {
			r, ok := decimal.MulFloat(c.N, floatOrd(x))
			return orEnd(r, ok, x < 0 != down)
		}, down
	}
	return nil, false
}

// over is division by a constant.
func (t *terms) over(n *term, c value.Value, from value.Kind) (func(int64) int64, bool) {
	down := ordOf(c) < 0
	switch {
	case ordOf(c) == 0:
		return nil, false
	case from.Class() == value.Float && c.Kind.Class() == value.Float:
		return overFloats(func(f float64) float64 { return f / c.Float() }), down
	case from.Class() == value.Word && c.Kind.Class() == value.Word && n.kind.Class() == value.Float:
		return func(x int64) int64 { f, _ := decimal.Ratio(x, c.N); return ordFloat(f) }, down
	case from.Class() == value.Word && c.Kind.Class() == value.Float && n.kind.Class() == value.Word:
		return func(x int64) int64 {
			r, ok := decimal.DivFloat(x, c.Float())
			return orEnd(r, ok, x < 0 != down)
		}, down
	}
	return nil, false
}

func orEnd(r int64, ok, negative bool) int64 {
	switch {
	case ok:
		return r
	case negative:
		return math.MinInt64
	}
	return math.MaxInt64
}

func addSat(a, b int64) int64 {
	r, ok := decimal.Add(a, b)
	return orEnd(r, ok, b < 0)
}

func mulSat(a, b int64) int64 {
	r, ok := decimal.Mul(a, b)
	return orEnd(r, ok, a < 0 != (b < 0))
}

// image is what a step makes of a range.
func (s step) image(r span) span {
	lo, hi := s.apply(r.lo), s.apply(r.hi)
	if s.down {
		lo, hi = hi, lo
	}
	return span{lo, hi}
}

// inverse is the part of from that a step takes into r.
func (s step) inverse(r, from span) span {
	if s.down {
		lo := first(from, func(x int64) bool { return s.apply(x) <= r.hi })
		hi := first(from, func(x int64) bool { return s.apply(x) < r.lo })
		return span{lo.lo, before(from, hi)}
	}
	lo := first(from, func(x int64) bool { return s.apply(x) >= r.lo })
	hi := first(from, func(x int64) bool { return s.apply(x) > r.hi })
	return span{lo.lo, before(from, hi)}
}

// first is the part of a range where a test, false and then true, is true; empty where it never is.
func first(r span, is func(int64) bool) span {
	if r.empty() || !is(r.hi) {
		return span{math.MaxInt64, math.MinInt64}
	}
	lo, hi := r.lo, r.hi
	for lo < hi {
		mid := lo + int64(uint64(hi-lo)/2)
		if is(mid) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return span{lo, r.hi}
}

// before is the last place of a range in front of a part at its end.
func before(r, part span) int64 {
	switch {
	case part.empty():
		return r.hi
	case part.lo == math.MinInt64:
		return math.MinInt64
	}
	return part.lo - 1
}

// linear is a whole number as pos − neg + c; either may be 0, for none.
type linear struct {
	pos, neg id
	c        int64
}

// linear takes a term of whole units apart, as far as it is a difference of two.
func (t *terms) linear(n id) linear {
	x := &t.list[n]
	if x.kind.Class() != value.Word {
		return linear{pos: n}
	}
	switch {
	case x.op == policy.OpConst && x.val.Known():
		return linear{c: x.val.N}
	case x.op == opVia:
		return t.linear(x.args[1])
	case x.op == policy.OpNeg:
		if a := t.linear(x.args[0]); a.c > math.MinInt64 {
			return linear{a.neg, a.pos, -a.c}
		}
	case x.op == policy.OpAdd || x.op == policy.OpSub:
		if t.list[x.args[0]].kind == value.Date || t.list[x.args[1]].kind == value.Date ||
			t.list[x.args[0]].kind.Class() != value.Word ||
			t.list[x.args[1]].kind.Class() != value.Word {
			break
		}
		if l, ok := t.linear(x.args[0]).plus(t.linear(x.args[1]), x.op == policy.OpSub); ok {
			return l
		}
	}
	return linear{pos: n}
}

// plus adds or takes away, where a difference of two is left.
func (l linear) plus(o linear, minus bool) (linear, bool) {
	if minus {
		if o.c == math.MinInt64 {
			return l, false
		}
		o = linear{o.neg, o.pos, -o.c}
	}
	c, ok := decimal.Add(l.c, o.c)
	pos, neg := []id{l.pos, o.pos}, []id{l.neg, o.neg}
	for i := range pos {
		for j := range neg {
			if pos[i] != 0 && pos[i] == neg[j] {
				pos[i], neg[j] = 0, 0
			}
		}
	}
	if pos[0] != 0 && pos[1] != 0 || neg[0] != 0 && neg[1] != 0 {
		return l, false
	}
	return linear{pos[0] | pos[1], neg[0] | neg[1], c}, ok
}
