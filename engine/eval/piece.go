package eval

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// inputs are what a strict piece reads, in order of first appearance: leaves, and nodes of the
// skeleton inside it, which are worked out before it runs. A function may read more than it is
// given, such as the subject's id.
func (c *Compiler) inputs(e *policy.Expr) []*policy.Expr {
	if isLeaf(e) || tolerant(e) {
		return []*policy.Expr{e}
	}
	args := e.Args
	if e.Op == policy.OpCall {
		args = c.function(e).args
	}
	var out []*policy.Expr
	for _, a := range args {
		out = append(out, c.inputs(a)...)
	}
	return out
}

// folded works out what reads nothing, such as 3 * 100万, so that what compares with it is as fast
// as with a literal. The reference backend folds nothing.
func (c *Compiler) folded(list []*policy.Expr) []*policy.Expr {
	if c.Backend != Closures {
		return list
	}
	out := slices.Clone(list)
	for i, e := range out {
		strict := e.Op != policy.OpConst && !isLeaf(e) && !tolerant(e) && !callsOut(e)
		if strict && e.Type.Kind.Class() != value.Wide && len(c.inputs(e)) == 0 {
			folded := *e
			folded.Op, folded.Args, folded.Const = policy.OpConst, nil, c.Value(e)(nil)
			out[i] = &folded
		}
	}
	return out
}

// callsOut reports whether a piece calls the embedding program.
func callsOut(e *policy.Expr) bool {
	return e.Op == policy.OpExtern ||
		!isLeaf(e) && !tolerant(e) && slices.ContainsFunc(e.Args, callsOut)
}

// guarded makes a piece that calls the embedding program ask first whether everything it reads is
// known, so that both backends call a function in the same cases: its panic is a fault, and a fault
// must not depend on the backend. All other pieces run as they are.
//
//go:noinline
func guarded[R any](c *Compiler, e *policy.Expr, x program[R]) program[R] {
	ready := c.ready(e)
	if ready == nil {
		return x
	}
	return func(v *Env) (r R, ok bool) {
		if !ready(v) {
			return r, false
		}
		return x(v)
	}
}

// guardedCond is guarded for conditions.
//
//go:noinline
func (c *Compiler) guardedCond(e *policy.Expr, x Cond) Cond {
	ready := c.ready(e)
	if ready == nil {
		return x
	}
	return func(v *Env) value.Tri {
		if !ready(v) {
			return value.Unknown
		}
		return x(v)
	}
}

// ready asks whether all inputs are known; it is nil where nothing calls out.
func (c *Compiler) ready(e *policy.Expr) func(*Env) bool {
	if !callsOut(e) {
		return nil
	}
	var all []Cond
	for _, in := range c.inputs(e) {
		all = append(all, c.has(in))
	}
	return func(v *Env) bool {
		for _, f := range all {
			if f(v) != value.True {
				return false
			}
		}
		return true
	}
}
