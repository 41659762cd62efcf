package eval

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// Probe is told what every expression comes out as while it runs: coverage is made of it. A
// condition is told as it is; any other expression as True where its value is known and Unknown
// where it is missing. With a probe nothing is fused, so that every part of a condition that is
// looked at is told; what `and` and `or` need not look at is not.
type Probe interface {
	Saw(x *policy.Expr, t value.Tri)
	// Same says that two expressions are one program, which is told as the first.
	Same(runs, too *policy.Expr)
}

// watched tells the probe what a condition comes out as.
func (c *Compiler) watched(e *policy.Expr, x Cond) Cond {
	p := c.Probe
	return func(v *Env) value.Tri {
		t := x(v)
		p.Saw(e, t)
		return t
	}
}

// watching tells the probe whether a value is known.
func watching[R any](c *Compiler, e *policy.Expr, x program[R]) program[R] {
	p := c.Probe
	return func(v *Env) (R, bool) {
		r, ok := x(v)
		t := value.Unknown
		if ok {
			t = value.True
		}
		p.Saw(e, t)
		return r, ok
	}
}
