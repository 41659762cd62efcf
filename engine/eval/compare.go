package eval

import (
	"cmp"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// strictCond compiles a strict condition to a closure. A slot beside constants is one closure:
// such conditions are most of every policy.
func (c *Compiler) strictCond(e *policy.Expr) Cond {
	if x, ok := c.fused(e); ok {
		return x
	}
	switch {
	case e.Op == policy.OpIn:
		if x, ok := c.member(e); ok {
			return x
		}
	case besides(e.Op) && e.Op != policy.OpBetween:
		return c.comparison(e)
	}
	return verdict(strict[bool](c, e))
}

// has is what `has` says of a slot.
//
//go:noinline
func (s slot) has() Cond {
	return func(v *Env) value.Tri { return known(s.known(s.base.slots(v))) }
}

// cond reads a slot of Type Bool.
//
//go:noinline
func (s slot) cond() Cond {
	return func(v *Env) value.Tri {
		x := s.base.slots(v)
		switch {
		case !s.known(x):
			return value.Unknown
		case x.N[s.pos] != 0:
			return value.True
		}
		return value.False
	}
}

// fused compiles a comparison of a slot with constants, if it is one.
func (c *Compiler) fused(e *policy.Expr) (Cond, bool) {
	s, ok := c.simple(e)
	if !ok {
		return nil, false
	}
	switch s.lo.Type.Kind.Class() {
	case value.Word:
		lo, _ := literal[int64](c, s.lo)
		hi, _ := literal[int64](c, s.hi)
		return s.words(s.op, lo, hi), true
	case value.Float:
		lo, _ := literal[float64](c, s.lo)
		hi, _ := literal[float64](c, s.hi)
		return s.floats(s.op, lo, hi), true
	case value.String:
		if s.op == policy.OpEq || s.op == policy.OpNe {
			return s.text(s.lo.Const.S, s.op == policy.OpEq), true
		}
	}
	return nil, false
}

// besides are the operations that a slot can be compared with constants by.
func besides(op policy.Op) bool {
	return op >= policy.OpEq && op <= policy.OpGe || op == policy.OpBetween
}

// simple is a comparison of a slot with constants, the slot first.
type simple struct {
	slot
	op     policy.Op
	lo, hi *policy.Expr // one and the same but for between
}

// simple takes a condition apart, if it is one.
func (c *Compiler) simple(e *policy.Expr) (simple, bool) {
	if !besides(e.Op) {
		return simple{}, false
	}
	op, args := e.Op, c.folded(e.Args)
	if args[0].Op == policy.OpConst && op != policy.OpBetween {
		op, args = mirror(op), []*policy.Expr{args[1], args[0]}
	}
	s, ok := c.slot(args[0])
	return simple{s, op, args[1], args[len(args)-1]}, ok && !slices.ContainsFunc(args[1:], unfixed)
}

// unfixed reports whether an expression is anything but a literal.
func unfixed(e *policy.Expr) bool { return e.Op != policy.OpConst || !e.Const.Known() }

// mirror is the operation with its sides exchanged.
func mirror(op policy.Op) policy.Op {
	switch op {
	case policy.OpLt:
		return policy.OpGt
	case policy.OpLe:
		return policy.OpGe
	case policy.OpGt:
		return policy.OpLt
	case policy.OpGe:
		return policy.OpLe
	}
	return op
}

// words compares a whole number with constants. Every comparison is membership in a range, or not
// being in one, and a range is one unsigned comparison.
//
//go:noinline
func (s slot) words(op policy.Op, lo, hi int64) Cond {
	t := s.test(op, lo, hi)
	return func(v *Env) value.Tri { return t.of(t.base.slots(v)) }
}

// floats does the same for float64.
//
//go:noinline
func (s slot) floats(op policy.Op, lo, hi float64) Cond {
	t := s.floatTest(op, lo, hi)
	return func(v *Env) value.Tri { return t.of(t.base.slots(v)) }
}

//go:noinline
func (s slot) text(t string, equal bool) Cond {
	return func(v *Env) value.Tri {
		x := s.base.slots(v)
		if !s.known(x) {
			return value.Unknown
		}
		return known((x.S[s.pos] == t) == equal)
	}
}

// comparison compiles a comparison of two expressions.
func (c *Compiler) comparison(e *policy.Expr) Cond {
	a, b := e.Args[0], e.Args[1]
	switch a.Type.Kind.Class() {
	case value.Float:
		return compare(e.Op, c.Num(a), c.Num(b))
	case value.String:
		return compare(e.Op, c.Str(a), c.Str(b))
	case value.Wide:
		return verdict(strict[bool](c, e))
	}
	return compare(e.Op, c.Int(a), c.Int(b))
}

// compare compares with one switch on a captured operation: the branch is the same at every call.
//
//go:noinline
func compare[F ~func(*Env) (T, bool), T cmp.Ordered](op policy.Op, a, b F) Cond {
	return func(v *Env) value.Tri {
		x, ok := a(v)
		if !ok {
			return value.Unknown
		}
		y, ok := b(v)
		if !ok {
			return value.Unknown
		}
		return known(holds(op, x, y))
	}
}

func holds[T cmp.Ordered](op policy.Op, x, y T) bool {
	switch op {
	case policy.OpEq:
		return x == y
	case policy.OpNe:
		return x != y
	case policy.OpLt:
		return x < y
	case policy.OpLe:
		return x <= y
	case policy.OpGt:
		return x > y
	}
	return x >= y
}

// elements are what `in` looks among, where they are written out; nil where it is a list's value.
func elements(e *policy.Expr) []*policy.Expr {
	rest := e.Args[1:]
	if len(rest) == 1 && rest[0].Type.Kind == value.List {
		if rest[0].Op != policy.OpList {
			return nil
		}
		return rest[0].Args
	}
	return rest
}

// member compiles `x in [constants]` as a look into a set.
func (c *Compiler) member(e *policy.Expr) (Cond, bool) {
	list := c.folded(elements(e))
	if list == nil || slices.ContainsFunc(list, unfixed) {
		return nil, false
	}
	x := e.Args[0]
	switch x.Type.Kind.Class() {
	case value.Float:
		return within(c.Num(x), literals[float64](c, list)), true
	case value.String:
		return within(c.Str(x), literals[string](c, list)), true
	case value.Wide:
		return nil, false
	}
	set := literals[int64](c, list)
	var mask uint64
	for _, n := range set {
		if uint64(n) > 63 {
			return within(c.Int(x), set), true
		}
		mask |= 1 << n
	}
	if s, ok := c.slot(x); ok {
		return s.oneOf(mask), true
	}
	return within(c.Int(x), set), true
}

// oneOf is membership in a set of small numbers: the values of a choice.
//
//go:noinline
func (s slot) oneOf(mask uint64) Cond {
	return func(v *Env) value.Tri {
		x := s.base.slots(v)
		if !s.known(x) {
			return value.Unknown
		}
		if n := uint64(x.N[s.pos]); n > 63 || mask>>n&1 == 0 {
			return value.False
		}
		return value.True
	}
}

func literals[R any](c *Compiler, list []*policy.Expr) []R {
	out := make([]R, len(list))
	for i, a := range list {
		out[i], _ = literal[R](c, a)
	}
	return out
}

// within is membership in a set of constants. Up to eight are compared one by one.
//
//go:noinline
func within[F ~func(*Env) (T, bool), T cmp.Ordered](x F, set []T) Cond {
	if len(set) <= 8 {
		return func(v *Env) value.Tri {
			t, ok := x(v)
			if !ok {
				return value.Unknown
			}
			return known(slices.Contains(set, t))
		}
	}
	members := map[T]struct{}{}
	for _, t := range set {
		members[t] = struct{}{}
	}
	return func(v *Env) value.Tri {
		t, ok := x(v)
		if !ok {
			return value.Unknown
		}
		_, found := members[t]
		return known(found)
	}
}
