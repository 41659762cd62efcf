package eval

import (
	"math"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/slots"
)

// Chain is a condition as the conjuncts of its topmost `and`, run in order. Most conjuncts compare
// a field of the subject with constants; those run without a call, because a condition is looked
// at for every record and a call costs as much as the comparison.
type Chain struct {
	links []link
	parts []*policy.Expr
}

// link is one conjunct.
type link struct {
	how     how
	in, out value.Tri // ranged
	word    int32     // of Known
	pos     int32
	mask    uint64
	flip    int64 // ranged: turns the bits of a number into a word that sorts like it
	lo      int64
	span    uint64 // ranged; chosen: the set
	cond    Cond   // called
	num     Num    // measured
}

type how uint8

const (
	called   how = iota
	ranged       // a word or a number in a range, or a bool
	chosen       // a choice among some of its values
	measured     // a number that is worked out, in a range
)

// Chain compiles conjuncts. On the reference backend each is called, so that the two agree.
func (c *Compiler) Chain(parts []*policy.Expr) *Chain { return &Chain{c.links(parts), parts} }

func (c *Compiler) links(parts []*policy.Expr) []link {
	out := make([]link, len(parts))
	for i, e := range parts {
		out[i] = c.link(e)
	}
	return out
}

func (c *Compiler) link(e *policy.Expr) link {
	if c.Backend == Closures && c.Probe == nil {
		if l, ok := c.asks(e); ok {
			return l
		}
		if t, x, ok := c.measure(e); ok {
			l := t.link(measured)
			l.num = x
			return l
		}
	}
	return link{how: called, cond: c.Cond(e)}
}

// asks knows a conjunct that compares a stored field of the subject with constants.
func (c *Compiler) asks(e *policy.Expr) (l link, ok bool) {
	if t, ok := c.rangeTest(e); ok && t.base == self {
		l = t.slot.link(ranged)
		l.in, l.out, l.lo, l.span = t.in, t.out, t.lo, t.span
		return l, true
	}
	if t, ok := c.realTest(e); ok && t.base == self {
		return t.link(ranged), true
	}
	if s, set, ok := c.chosenTest(e); ok && s.base == self {
		l = s.link(chosen)
		l.span = set
		return l, true
	}
	return l, false
}

// link makes a link of a test of numbers.
func (t *ftest) link(h how) link {
	l := t.slot.link(h)
	l.in, l.out, l.flip = t.in, t.out, math.MaxInt64
	lo, hi := bound(t.lo, true), bound(t.hi, false)
	if lo > hi { // holds of nothing
		lo, hi, l.in = math.MinInt64, math.MaxInt64, t.out
	}
	l.lo, l.span = lo, uint64(hi)-uint64(lo)
	return l
}

// measure knows a comparison of a number, such as a score, with constants.
func (c *Compiler) measure(e *policy.Expr) (t ftest, x Num, ok bool) {
	if !besides(e.Op) || e.Args[0].Type.Kind.Class() != value.Float || callsOut(e) {
		return t, nil, false
	}
	args := c.folded(e.Args)
	if slices.ContainsFunc(args[1:], unfixed) {
		return t, nil, false
	}
	lo, _ := literal[float64](c, args[1])
	hi, _ := literal[float64](c, args[len(args)-1])
	return slot{}.floatTest(e.Op, lo, hi), c.Num(args[0]), true
}

func (s slot) link(h how) link { return link{how: h, word: s.word, pos: s.pos, mask: s.mask} }

// bound is a bound as a word that sorts like it. Negative zero sorts below zero and equals it,
// so a lower bound of zero begins at the one and an upper bound ends at the other.
func bound(f float64, lower bool) int64 {
	switch {
	case f == 0 && lower:
		return math.MinInt64 ^ math.MaxInt64
	case f == 0:
		return 0
	}
	n := asWord(f)
	return n ^ n>>63&math.MaxInt64
}

// rangeTest knows what test knows, and a Bool's negation.
func (c *Compiler) rangeTest(e *policy.Expr) (test, bool) {
	if e.Op == policy.OpNot && e.Args[0].Type.Kind == value.Bool {
		if s, ok := c.slot(e.Args[0]); ok {
			return s.test(policy.OpEq, 0, 0), true
		}
	}
	return c.test(e)
}

func (c *Compiler) realTest(e *policy.Expr) (ftest, bool) {
	s, ok := c.simple(e)
	if !ok || s.lo.Type.Kind.Class() != value.Float {
		return ftest{}, false
	}
	lo, _ := literal[float64](c, s.lo)
	hi, _ := literal[float64](c, s.hi)
	return s.floatTest(s.op, lo, hi), true
}

// chosenTest knows membership of a slot in a set of small numbers.
func (c *Compiler) chosenTest(e *policy.Expr) (s slot, set uint64, ok bool) {
	if e.Op != policy.OpIn || e.Args[0].Type.Kind.Class() != value.Word {
		return s, 0, false
	}
	list := c.folded(elements(e))
	if s, ok = c.slot(e.Args[0]); !ok || list == nil || slices.ContainsFunc(list, unfixed) {
		return s, 0, false
	}
	for _, n := range literals[int64](c, list) {
		if uint64(n) > 63 {
			return s, 0, false
		}
		set |= 1 << n
	}
	return s, set, true
}

// Run evaluates the conjuncts. The first false one decides; otherwise the first unknown. The
// second result is its index, -1 where all hold.
func (c *Chain) Run(v *Env) (verdict value.Tri, part int) {
	verdict, part = value.True, -1
	x := v.Self
	for i := range c.links {
		l := &c.links[i]
		t := l.out
		if l.how != ranged { // as of says: written out, because most are
			t = l.of(v, x)
		} else if x.Known[l.word]&l.mask == 0 {
			t = value.Unknown
		} else if n := x.N[l.pos]; uint64(n^n>>63&l.flip)-uint64(l.lo) <= l.span {
			t = l.in
		}
		if t == value.True {
			continue
		}
		if t == value.False {
			return t, i
		}
		if verdict == value.True {
			verdict, part = value.Unknown, i
		}
	}
	return verdict, part
}

func (l *link) of(v *Env, x *slots.Slots) value.Tri {
	var n int64
	switch l.how {
	case called:
		return l.cond(v)
	case measured:
		f, ok := l.num(v)
		if !ok {
			return value.Unknown
		}
		n = asWord(f)
	default:
		if x.Known[l.word]&l.mask == 0 {
			return value.Unknown
		}
		if n = x.N[l.pos]; l.how == chosen {
			return value.Tri(l.span >> (uint64(n) & 63) & 1 << 1)
		}
	}
	return l.within(sorted(n, l.flip))
}

// within is what a point of the line is worth.
func (l *link) within(n int64) value.Tri {
	if uint64(n)-uint64(l.lo) <= l.span {
		return l.in
	}
	return l.out
}

// ftest is test for float64, which has a next smaller and a next greater number.
type ftest struct {
	slot
	in, out value.Tri
	lo, hi  float64
}

func (s slot) floatTest(op policy.Op, lo, hi float64) ftest {
	t := ftest{slot: s, in: value.True, out: value.False}
	switch op {
	case policy.OpNe:
		t.in, t.out = t.out, t.in
	case policy.OpGe:
		hi = math.Inf(1)
	case policy.OpGt:
		lo, hi = math.Nextafter(lo, math.Inf(1)), math.Inf(1)
	case policy.OpLe:
		lo = math.Inf(-1)
	case policy.OpLt:
		lo, hi = math.Inf(-1), math.Nextafter(hi, math.Inf(-1))
	}
	t.lo, t.hi = lo, hi
	return t
}

func (t *ftest) of(x *slots.Slots) value.Tri {
	if x.Known[t.word]&t.mask == 0 {
		return value.Unknown
	}
	if f := math.Float64frombits(uint64(x.N[t.pos])); t.lo <= f && f <= t.hi {
		return t.in
	}
	return t.out
}
