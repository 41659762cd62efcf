package eval

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

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

// Leaves are the fields, aggregates, scores, tiers and ranks that an expression reads, each once,
// in order of first appearance: what a receipt shows. A path such as owner.region is one leaf.
func Leaves(e *policy.Expr) []*policy.Expr {
	var out []*policy.Expr
	var walk func(*policy.Expr)
	walk = func(e *policy.Expr) {
		switch e.Op {
		case policy.OpField, policy.OpAggregate, policy.OpScore, policy.OpTier, policy.OpRank,
			policy.OpDone, policy.OpCompleted:
			if !slices.ContainsFunc(out, func(o *policy.Expr) bool { return same(o, e) }) {
				out = append(out, e)
			}
			return
		}
		for _, a := range e.Args {
			walk(a)
		}
	}
	walk(e)
	return out
}

// same reports whether two expressions mean the same: equal but for their places.
func same(a, b *policy.Expr) bool {
	if a == b {
		return true
	}
	if a.Op != b.Op || a.Field != b.Field || a.Score != b.Score || a.Tier != b.Tier ||
		a.Fn != b.Fn || a.Cal != b.Cal || a.Type.Kind != b.Type.Kind || !sameAggregate(a, b) {
		return false
	}
	return sameConst(a.Const, b.Const) && slices.EqualFunc(a.Args, b.Args, same)
}

func sameAggregate(a, b *policy.Expr) bool {
	return a.Agg == b.Agg || a.Agg != nil && b.Agg != nil && a.Agg.ID == b.Agg.ID
}

func sameConst(a, b value.Value) bool {
	return a.Kind == b.Kind && a.N == b.N && a.S == b.S && a.X == nil && b.X == nil
}
