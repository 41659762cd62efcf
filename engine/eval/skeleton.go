package eval

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

func (c *Compiler) conds(args []*policy.Expr) []Cond {
	out := make([]Cond, len(args))
	for i, a := range args {
		out[i] = c.Cond(a)
	}
	return out
}

// and compiles a conjunction. Neighbours that compare slots with constants become one program.
func (c *Compiler) and(args []*policy.Expr) Cond {
	var out []Cond
	for len(args) > 0 {
		if run := c.tests(args); len(run) > 1 {
			out = append(out, all(run))
			args = args[len(run):]
			continue
		}
		out = append(out, c.Cond(args[0]))
		args = args[1:]
	}
	return and(out)
}

// and is the minimum; it stops at the first False. Two and three parts are by far the commonest.
//
//go:noinline
func and(x []Cond) Cond {
	switch len(x) {
	case 1:
		return x[0]
	case 2:
		a, b := x[0], x[1]
		return func(v *Env) value.Tri {
			t := a(v)
			if t == value.False {
				return t
			}
			return min(t, b(v))
		}
	case 3:
		a, b, c := x[0], x[1], x[2]
		return func(v *Env) value.Tri {
			t := a(v)
			if t == value.False {
				return t
			}
			if t = min(t, b(v)); t == value.False {
				return t
			}
			return min(t, c(v))
		}
	}
	return func(v *Env) value.Tri {
		t := value.True
		for _, f := range x {
			if t = min(t, f(v)); t == value.False {
				break
			}
		}
		return t
	}
}

// or is the maximum; it stops at the first True.
//
//go:noinline
func or(x []Cond) Cond {
	if len(x) == 2 {
		a, b := x[0], x[1]
		return func(v *Env) value.Tri {
			t := a(v)
			if t == value.True {
				return t
			}
			return max(t, b(v))
		}
	}
	return func(v *Env) value.Tri {
		t := value.False
		for _, f := range x {
			if t = max(t, f(v)); t == value.True {
				break
			}
		}
		return t
	}
}

// has is whether a value is known; it is never unknown itself.
func (c *Compiler) has(e *policy.Expr) Cond {
	if s, ok := c.slot(e); ok {
		return s.has()
	}
	if e.Type.Kind == value.Bool {
		x := c.Cond(e)
		return func(v *Env) value.Tri { return known(x(v) != value.Unknown) }
	}
	switch e.Type.Kind.Class() {
	case value.Word:
		return knows(c.Int(e))
	case value.Float:
		return knows(c.Num(e))
	case value.String:
		return knows(c.Str(e))
	case value.Wide:
		return knows(c.Any(e))
	}
	return func(*Env) value.Tri { return value.False }
}

//go:noinline
func knows[F ~func(*Env) (R, bool), R any](x F) Cond {
	return func(v *Env) value.Tri {
		_, ok := x(v)
		return known(ok)
	}
}

func known(ok bool) value.Tri {
	if ok {
		return value.True
	}
	return value.False
}

// truth reads a Bool that is kept as 0 or 1.
//
//go:noinline
func truth(x program[int64]) Cond {
	return func(v *Env) value.Tri {
		switch n, ok := x(v); {
		case !ok:
			return value.Unknown
		case n != 0:
			return value.True
		}
		return value.False
	}
}

// verdict reads the answer of a strict piece.
//
//go:noinline
func verdict(x program[bool]) Cond {
	return func(v *Env) value.Tri {
		switch b, ok := x(v); {
		case !ok:
			return value.Unknown
		case b:
			return value.True
		}
		return value.False
	}
}

//go:noinline
func term(x Cond) program[float64] {
	return func(v *Env) (float64, bool) {
		t := x(v)
		return float64(t >> 1), t != value.Unknown
	}
}

// rows takes a pick apart: its conditions, its values, and what stands behind else, or nil.
func rows(e *policy.Expr) (conds, values []*policy.Expr, other *policy.Expr) {
	n := len(e.Args)
	for i := 0; i+1 < n; i += 2 {
		conds, values = append(conds, e.Args[i]), append(values, e.Args[i+1])
	}
	if n%2 == 1 {
		other = e.Args[n-1]
	}
	return conds, values, other
}

// pickCond is a pick of conditions: unknown where a row before the first that holds is unknown.
func (c *Compiler) pickCond(e *policy.Expr) Cond {
	when, values, other := rows(e)
	conds, then := c.links(when), c.conds(values)
	last := func(*Env) value.Tri { return value.Unknown }
	if other != nil {
		last = c.Cond(other)
	}
	return func(v *Env) value.Tri {
		switch i, sure := first(conds, v); {
		case !sure:
			return value.Unknown
		case i < len(then):
			return then[i](v)
		}
		return last(v)
	}
}

// pick is a pick of values. Rows of constants, as in most decision tables, are kept as values.
func pick[R any](c *Compiler, e *policy.Expr) program[R] {
	when, values, other := rows(e)
	conds := c.links(when)
	consts := make([]R, len(conds)+1)
	ok := make([]bool, len(conds)+1)
	fixed := true
	for i, x := range append(values, other) {
		switch {
		case x == nil:
		case x.Op == policy.OpConst:
			consts[i], ok[i] = literal[R](c, x)
		default:
			fixed = false
		}
	}
	if fixed {
		if s, is := stepsOf(c, when, consts, ok); is {
			return func(v *Env) (R, bool) { return s.of(v.Self) }
		}
		return func(v *Env) (R, bool) {
			i, sure := first(conds, v)
			return consts[i], ok[i] && sure
		}
	}
	then := make([]program[R], len(conds)+1)
	for i, x := range append(values, other) {
		if x == nil {
			then[i] = func(*Env) (r R, ok bool) { return }
			continue
		}
		then[i] = compile[R](c, x)
	}
	return func(v *Env) (r R, ok bool) {
		i, sure := first(conds, v)
		if !sure {
			return r, false
		}
		return then[i](v)
	}
}

// first finds the row that wins, len(conds) where none does; not sure where an unknown row comes
// before it.
func first(conds []link, v *Env) (int, bool) {
	x := v.Self
	for i := range conds {
		switch conds[i].of(v, x) {
		case value.True:
			return i, true
		case value.Unknown:
			return i, false
		}
	}
	return len(conds), true
}
