package eval

import "github.com/throughline/throughline/dsl/policy"

// Conjuncts are the parts of a condition's topmost `and`, or the condition itself.
func Conjuncts(e *policy.Expr) []*policy.Expr {
	if e.Op != policy.OpAnd {
		return []*policy.Expr{e}
	}
	var out []*policy.Expr
	for _, a := range e.Args {
		out = append(out, Conjuncts(a)...)
	}
	return out
}
