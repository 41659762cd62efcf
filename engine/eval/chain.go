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
}

// link is one conjunct.
type link struct {
	how  how
	test test  // ranged
	real ftest // real
	set  uint64
	cond Cond // called
}

type how uint8

const (
	called how = iota
	ranged     // a word in a range, or a bool
	real       // a float64 in a range
	chosen     // a choice among some of its values
)

// Chain compiles conjuncts. On the reference backend each is called, so that the two agree.
func (c *Compiler) Chain(parts []*policy.Expr) *Chain {
	out := &Chain{links: make([]link, len(parts))}
	for i, e := range parts {
		out.links[i] = c.link(e)
	}
	return out
}

func (c *Compiler) link(e *policy.Expr) link {
	if c.Backend == Closures && c.Probe == nil {
		if t, ok := c.rangeTest(e); ok && t.base == self {
			return link{how: ranged, test: t}
		}
		if t, ok := c.realTest(e); ok && t.base == self {
			return link{how: real, real: t}
		}
		if s, set, ok := c.chosenTest(e); ok && s.base == self {
			return link{how: chosen, test: test{slot: s}, set: set}
		}
	}
	return link{how: called, cond: c.Cond(e)}
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
		switch t := c.links[i].of(v, x); {
		case t == value.False:
			return value.False, i
		case t == value.Unknown && verdict == value.True:
			verdict, part = value.Unknown, i
		}
	}
	return verdict, part
}

func (l *link) of(v *Env, x *slots.Slots) value.Tri {
	switch l.how {
	case ranged:
		return l.test.of(x)
	case real:
		return l.real.of(x)
	case chosen:
		if x.Known[l.test.word]&l.test.mask == 0 {
			return value.Unknown
		}
		return value.Tri(l.set >> (uint64(x.N[l.test.pos]) & 63) & 1 << 1)
	}
	return l.cond(v)
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
