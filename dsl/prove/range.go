package prove

import (
	"math"
	"strconv"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/decimal"
)

// span is a closed interval in the order of a kind's values. Floats are taken by their bits, which
// have the order of the numbers, so that every kind is a range of whole numbers and nothing about
// them is approximate.
type span struct{ lo, hi int64 }

func (s span) empty() bool           { return s.lo > s.hi }
func (s span) has(n int64) bool      { return s.lo <= n && n <= s.hi }
func (s span) apart(o span) bool     { return s.hi < o.lo || o.hi < s.lo }
func (s span) meet(o span) span      { return span{max(s.lo, o.lo), min(s.hi, o.hi)} }
func (s span) join(o span) span      { return span{min(s.lo, o.lo), max(s.hi, o.hi)} }
func (s span) single() (int64, bool) { return s.lo, s.lo == s.hi }

// ordOf is a value's place in the order of its kind.
func ordOf(v value.Value) int64 {
	if v.Kind.Class() == value.Float {
		return ordFloat(v.Float())
	}
	return v.N
}

func ordFloat(f float64) int64 {
	b := int64(math.Float64bits(f))
	if b < 0 {
		return -(b & math.MaxInt64)
	}
	return b
}

func floatOrd(n int64) float64 {
	if n < 0 {
		return -math.Float64frombits(uint64(-n))
	}
	return math.Float64frombits(uint64(n))
}

// valueAt is the value of a kind at a place.
func valueAt(k value.Kind, n int64) value.Value {
	if k.Class() == value.Float {
		return value.OfFloat(k, floatOrd(n))
	}
	return value.OfWord(k, n)
}

// numbers of codes of texts and ids: far more than any policy has.
const maxCode = 1 << 40

// whole is all values of a kind.
func whole(k value.Kind) span {
	switch k {
	case value.Bool:
		return span{0, 1}
	case value.Text, value.Ref, value.Choice:
		return span{0, maxCode}
	case value.Time:
		return span{value.MinTime, value.MaxTime}
	case value.Date:
		return span{value.MinDate, value.MaxDate}
	}
	if k.Class() == value.Float {
		return span{-ordFloat(math.MaxFloat64), ordFloat(math.MaxFloat64)}
	}
	return span{math.MinInt64, math.MaxInt64}
}

func floats(lo, hi float64) span { return span{ordFloat(lo), ordFloat(hi)} }

// least is all values of a kind that are not below 0.
func least(k value.Kind) span { return span{0, whole(k).hi} }

// reach is what a leaf's values can be.
func (t *terms) reach(x *policy.Expr) span {
	switch x.Op {
	case policy.OpField, policy.OpTier:
		if c := x.Type.Choice; x.Type.Kind == value.Choice && c != nil && len(c.Values) > 0 {
			return span{0, int64(len(c.Values)) - 1}
		}
	case policy.OpScore:
		return t.scoreRange(x.Score)
	case policy.OpAggregate:
		return t.aggregateRange(x.Agg)
	}
	switch x.Fn {
	case "bucket":
		if n := x.Args[0]; n.Op == policy.OpConst && n.Const.Known() && n.Const.N > 0 {
			return span{0, n.Const.N - 1}
		}
	case "quintile":
		return span{1, 5}
	case "rank":
		return span{1, math.MaxInt64}
	case "percentile":
		return floats(0, 1)
	}
	return whole(x.Type.Kind)
}

func (t *terms) aggregateRange(a *policy.Aggregate) span {
	k := a.Type.Kind
	switch a.Fn {
	case policy.Count, policy.Distinct:
		return least(k)
	case policy.Share:
		return floats(0, 1)
	case policy.Corr:
		return floats(-1.0001, 1.0001)
	case policy.SD:
		if k.Class() == value.Float {
			return least(k)
		}
		return span{0, whole(k).hi}
	case policy.Min, policy.Max, policy.Avg, policy.Median, policy.P90, policy.First, policy.Last:
		if a.Value == nil || a.Value.Type.Kind != k {
			return whole(k)
		}
		return widened(k, t.list[t.of(a.Value, 0)].dom)
	}
	return whole(k)
}

// widened is a range of floats with room for the rounding of means.
func widened(k value.Kind, s span) span {
	if k.Class() != value.Float || s == whole(k) {
		return s
	}
	lo, hi := floatOrd(s.lo), floatOrd(s.hi)
	return span{max(whole(k).lo, ordFloat(lo-float64(math.Abs(lo)*1e-9))),
		min(whole(k).hi, ordFloat(hi+float64(math.Abs(hi)*1e-9)))}
}

// scoreRange is what a score can be with its terms: the weighted mean of those that are not left
// out, each within what its expression can be.
func (t *terms) scoreRange(s *policy.Score) span {
	var skips []int
	for i, x := range s.Terms {
		if x.Skip {
			skips = append(skips, i)
		}
	}
	if len(skips) > 10 || len(s.Terms) == 0 {
		return floats(0, 100)
	}
	least, most := 100.0, 0.0
	for set := range 1 << len(skips) {
		lo, hi, weight := 0.0, 0.0, 0.0
		for i, x := range s.Terms {
			out := false
			for b, at := range skips {
				out = out || at == i && set>>b&1 == 1
			}
			if out {
				continue
			}
			from, to := t.termRange(x)
			lo, hi = lo+float64(x.Weight*from), hi+float64(x.Weight*to)
			weight += x.Weight
		}
		if weight > 0 {
			least, most = min(least, lo/weight*100), max(most, hi/weight*100)
		}
	}
	if least > most {
		return floats(0, 100)
	}
	// Room for rounding: the score is summed in floats.
	return floats(max(0, least-1e-6), min(100, most+1e-6))
}

// termRange is what a term adds, as a share of its weight.
func (t *terms) termRange(x policy.Term) (lo, hi float64) {
	n := t.list[t.of(x.X, 0)]
	if n.kind.Class() != value.Float {
		return 0, 1
	}
	lo, hi = unit(floatOrd(n.dom.lo)), unit(floatOrd(n.dom.hi))
	if !x.Skip {
		lo = 0 // without data it adds nothing
		if t.always(t.of(x.X, 0)) {
			lo = unit(floatOrd(n.dom.lo))
		}
	}
	return lo, hi
}

func unit(f float64) float64 { return min(max(f, 0), 1) }

// always reports whether a term has a value whatever the record holds.
func (t *terms) always(n id) bool {
	x := &t.list[n]
	switch {
	case x.op == policy.OpConst:
		return x.val.Known()
	case x.maybe || x.partial || x.op == policy.OpPick:
		return false
	case x.op == policy.OpHas:
		return true
	}
	for _, a := range x.args {
		if !t.always(a) {
			return false
		}
	}
	return true
}

// hull is what a term that is worked out can be, from what its arguments can be.
func (t *terms) hull(n *term) span {
	all := whole(n.kind)
	arg := func(i int) span { return t.list[n.args[i]].dom }
	switch n.op {
	case policy.OpTerm:
		return floats(0, 1)
	case policy.OpCoalesce:
		return arg(0).join(arg(1))
	case policy.OpPick:
		return t.pickHull(n)
	case policy.OpCall:
		return t.callHull(n, arg)
	case policy.OpNeg:
		if s := arg(0); s.lo > math.MinInt64 {
			return span{-s.hi, -s.lo}
		}
	case policy.OpFloat, policy.OpFraction, policy.OpAdd, policy.OpSub, policy.OpMul, policy.OpDiv:
		return t.arithmeticHull(n, arg).meet(all)
	}
	return all
}

func (t *terms) pickHull(n *term) span {
	s, some := span{}, false
	add := func(a id) {
		v := &t.list[a]
		if v.op == policy.OpConst && !v.val.Known() {
			return
		}
		if !some {
			s, some = v.dom, true
		}
		s = s.join(v.dom)
	}
	for i := 1; i < len(n.args); i += 2 {
		add(n.args[i])
	}
	if len(n.args)%2 == 1 {
		add(n.args[len(n.args)-1])
	}
	if !some {
		return whole(n.kind)
	}
	return s
}

func (t *terms) callHull(n *term, arg func(int) span) span {
	all := whole(n.kind)
	switch n.x.Fn {
	case "len", "workdays", "sqrt", "workhours", "distance":
		return least(n.kind)
	case "hour":
		return span{0, 23}
	case "weekday":
		return span{1, 7}
	case "month":
		return span{1, 12}
	case "scale":
		return floats(0, 1)
	case "abs":
		return least(n.kind)
	case "min", "max":
		s := arg(0)
		for i := range n.args {
			o := arg(i)
			if n.x.Fn == "min" {
				s = span{min(s.lo, o.lo), min(s.hi, o.hi)}
			} else {
				s = span{max(s.lo, o.lo), max(s.hi, o.hi)}
			}
		}
		return s
	case "clamp":
		lo, hi := arg(1), arg(2)
		if lo.hi <= hi.lo {
			x := arg(0)
			return span{min(max(x.lo, lo.lo), hi.hi), min(max(x.hi, lo.lo), hi.hi)}
		}
	case "days", "hours", "minutes", "floor", "ceil", "round":
		if step, ok := t.step(n); ok {
			lo, hi := step.apply(arg(0).lo), step.apply(arg(0).hi)
			return span{lo, hi}.meet(all)
		}
	}
	return all
}

// arithmeticHull is interval arithmetic on floats, with room for their rounding; whole numbers are
// worked out as floats too, which is why the room is wide.
func (t *terms) arithmeticHull(n *term, arg func(int) span) span {
	all := whole(n.kind)
	at := func(i int) (float64, float64) {
		k := t.list[n.args[i]].kind
		if k.Class() == value.Float {
			return floatOrd(arg(i).lo), floatOrd(arg(i).hi)
		}
		if k == value.Money && n.op == policy.OpFloat {
			return float64(arg(i).lo) / decimal.Scale, float64(arg(i).hi) / decimal.Scale
		}
		return float64(arg(i).lo), float64(arg(i).hi)
	}
	if class := t.list[n.args[0]].kind.Class(); class != value.Word && class != value.Float ||
		t.list[n.args[0]].kind == value.Date {
		return all
	}
	if s, ok := t.wordHull(n, arg); ok {
		return s
	}
	a, b := at(0)
	lo, hi := a, b
	if len(n.args) > 1 {
		c, d := at(1)
		switch n.op {
		case policy.OpAdd:
			lo, hi = a+c, b+d
		case policy.OpSub:
			lo, hi = a-d, b-c
		case policy.OpMul:
			lo = min(a*c, a*d, b*c, b*d)
			hi = max(a*c, a*d, b*c, b*d)
		case policy.OpDiv:
			if c <= 0 && d >= 0 {
				return all
			}
			lo = min(a/c, a/d, b/c, b/d)
			hi = max(a/c, a/d, b/c, b/d)
		}
	} else if n.op == policy.OpFraction {
		lo, hi = a/100, b/100
	}
	if math.IsNaN(lo) || math.IsNaN(hi) {
		return all
	}
	if !t.floatsOnly(n) { // units are converted on the way; floats alone round in order
		lo, hi = lo-float64(math.Abs(lo)*1e-9), hi+float64(math.Abs(hi)*1e-9)
	}
	if n.kind.Class() == value.Float {
		return span{ordFloat(max(lo, -math.MaxFloat64)), ordFloat(min(hi, math.MaxFloat64))}
	}
	return span{wordFloor(lo), -wordFloor(-hi)}
}

// floatsOnly reports whether a term and its arguments are floats.
func (t *terms) floatsOnly(n *term) bool {
	for _, a := range n.args {
		if t.list[a].kind.Class() != value.Float {
			return n.op == policy.OpFloat && t.list[a].kind == value.Int
		}
	}
	return n.kind.Class() == value.Float
}

// wordHull is interval arithmetic on whole numbers alone.
func (t *terms) wordHull(n *term, arg func(int) span) (span, bool) {
	if len(n.args) != 2 || n.kind.Class() != value.Word ||
		t.list[n.args[1]].kind.Class() != value.Word {
		return span{}, false
	}
	a, b := arg(0), arg(1)
	switch n.op {
	case policy.OpAdd:
		return span{addSat(a.lo, b.lo), addSat(a.hi, b.hi)}, true
	case policy.OpSub:
		return span{subSat(a.lo, b.hi), subSat(a.hi, b.lo)}, true
	case policy.OpMul:
		p, q, u, v := mulSat(a.lo, b.lo), mulSat(a.lo, b.hi), mulSat(a.hi, b.lo), mulSat(a.hi, b.hi)
		return span{min(p, q, u, v), max(p, q, u, v)}, true
	}
	return span{}, false
}

// wordFloor is a float as a whole number, rounded down and held within what there is.
func wordFloor(f float64) int64 {
	switch f = math.Floor(f); {
	case f <= math.MinInt64+1:
		return math.MinInt64 + 1
	case f >= math.MaxInt64:
		return math.MaxInt64
	}
	return int64(f)
}

func formatFloat(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
