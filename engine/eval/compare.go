package eval

import (
	"cmp"
	"math"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// strictCond compiles a strict condition to a closure. A slot beside constants is one closure:
// such conditions are most of every policy.
func (c *Compiler) strictCond(e *policy.Expr) Cond {
	switch e.Op {
	case policy.OpEq, policy.OpNe, policy.OpLt, policy.OpLe, policy.OpGt, policy.OpGe,
		policy.OpBetween:
		if x, ok := c.fused(e); ok {
			return x
		}
		if e.Op != policy.OpBetween {
			return c.comparison(e)
		}
	case policy.OpIn:
		if x, ok := c.member(e); ok {
			return x
		}
	}
	return verdict(strict[bool](c, e))
}

// has is what `has` says of a slot.
func (s slot) has() Cond {
	return func(v *Env) value.Tri { return known(s.known(s.base.slots(v))) }
}

// cond reads a slot of Type Bool.
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
	op, args := e.Op, e.Args
	if args[0].Op == policy.OpConst && op != policy.OpBetween {
		op, args = mirror(op), []*policy.Expr{args[1], args[0]}
	}
	s, ok := c.slot(args[0])
	if !ok || slices.ContainsFunc(args[1:], func(a *policy.Expr) bool {
		return a.Op != policy.OpConst || !a.Const.Known()
	}) {
		return nil, false
	}
	switch args[0].Type.Kind.Class() {
	case value.Word:
		lo, _ := literal[int64](c, args[1])
		hi, _ := literal[int64](c, args[len(args)-1])
		return s.words(op, lo, hi), true
	case value.Float:
		lo, _ := literal[float64](c, args[1])
		hi, _ := literal[float64](c, args[len(args)-1])
		return s.floats(op, lo, hi), true
	case value.String:
		if op == policy.OpEq || op == policy.OpNe {
			return s.text(args[1].Const.S, op == policy.OpEq), true
		}
	}
	return nil, false
}

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
func (s slot) words(op policy.Op, lo, hi int64) Cond {
	in, out := value.True, value.False
	switch op {
	case policy.OpNe:
		in, out = out, in
	case policy.OpGe:
		hi = math.MaxInt64
	case policy.OpLe:
		lo = math.MinInt64
	case policy.OpLt: // not >=
		in, out = out, in
		hi = math.MaxInt64
	case policy.OpGt: // not <=
		in, out = out, in
		lo = math.MinInt64
	}
	if lo > hi { // between 5 and 3 holds of nothing
		return func(v *Env) value.Tri {
			if !s.known(s.base.slots(v)) {
				return value.Unknown
			}
			return out
		}
	}
	span := uint64(hi) - uint64(lo)
	if s.base == self {
		return func(v *Env) value.Tri {
			x := v.Self
			switch {
			case x.Known[s.word]&s.mask == 0:
				return value.Unknown
			case uint64(x.N[s.pos])-uint64(lo) <= span:
				return in
			}
			return out
		}
	}
	return func(v *Env) value.Tri {
		x := s.base.slots(v)
		switch {
		case !s.known(x):
			return value.Unknown
		case uint64(x.N[s.pos])-uint64(lo) <= span:
			return in
		}
		return out
	}
}

// floats does the same for float64, which has a next smaller and a next greater number.
func (s slot) floats(op policy.Op, lo, hi float64) Cond {
	in, out := value.True, value.False
	switch op {
	case policy.OpNe:
		in, out = out, in
	case policy.OpGe:
		hi = math.Inf(1)
	case policy.OpGt:
		lo, hi = math.Nextafter(lo, math.Inf(1)), math.Inf(1)
	case policy.OpLe:
		lo = math.Inf(-1)
	case policy.OpLt:
		lo, hi = math.Inf(-1), math.Nextafter(hi, math.Inf(-1))
	}
	return func(v *Env) value.Tri {
		x := s.base.slots(v)
		if !s.known(x) {
			return value.Unknown
		}
		if f := math.Float64frombits(uint64(x.N[s.pos])); lo <= f && f <= hi {
			return in
		}
		return out
	}
}

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
	list := elements(e)
	if list == nil || slices.ContainsFunc(list, func(a *policy.Expr) bool {
		return a.Op != policy.OpConst || !a.Const.Known()
	}) {
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
func (s slot) oneOf(mask uint64) Cond {
	return func(v *Env) value.Tri {
		x := s.base.slots(v)
		if !s.known(x) {
			return value.Unknown
		}
		n := uint64(x.N[s.pos])
		return known(n < 64 && mask>>(n&63)&1 == 1)
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
