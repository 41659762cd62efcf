package prove

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// allocations looks at who is a candidate, what is weighed, and what becomes of what nobody gets.
func (r *prover) allocations() {
	for _, a := range r.p.Allocations {
		if !r.begin(&a.Head) {
			continue
		}
		for _, x := range []*policy.Expr{a.Where, a.Limit} {
			r.inside(x)
			r.cond(x)
		}
		r.nobodyLeft(a)
		if a.Keep != nil {
			r.inside(a.Keep.Where)
			r.cond(a.Keep.Where)
		}
		r.inside(a.Share)
		r.effects(a.Effects())
		if a.Base != "" {
			continue // what it was made of is ours
		}
		for _, t := range a.Weigh {
			r.inside(t.X)
			before := len(r.diags)
			if r.term(t); len(r.diags) == before {
				r.circle(a, t)
			}
		}
	}
}

// nobodyLeft tells where `limit` leaves out everybody whom `where` lets in.
func (r *prover) nobodyLeft(a *policy.Allocation) {
	if a.Where == nil || a.Limit == nil || r.none(is(a.Where)) == proved ||
		r.none(is(a.Limit)) == proved {
		return
	}
	if r.none(is(a.Where), is(a.Limit)) == proved {
		r.tell(source.NeverTrue, a.Limit.Span).Related = []source.Related{
			{Span: a.Where.Span, Code: source.ExcludesThis}}
	}
}

// circle tells of a term that grows with what it gives: whoever has most gets the next, and so on.
func (r *prover) circle(a *policy.Allocation, t policy.Term) {
	g := &growth{r: r, a: a}
	if g.of(t.X, false) == more {
		r.tell(source.TermGrows, t.X.Span, t.Name, r.s.t.slice(g.by.Span))
	}
}

// trend is what an expression does when the candidate gets one record more.
type trend uint8

const (
	still trend = iota
	more
	fewer
	either
)

func (t trend) turned() trend {
	return [...]trend{still: still, more: fewer, fewer: more, either: either}[t]
}

// and is what two of them do together.
func (t trend) and(o trend) trend {
	switch {
	case t == still:
		return o
	case o == still || o == t:
		return t
	}
	return either
}

// growth follows an expression of an allocation down to what it gives.
type growth struct {
	r     *prover
	a     *policy.Allocation
	by    *policy.Expr // the aggregate that grows
	depth int
}

// of is the trend of an expression; self says that the candidate stands in the place of Self.
// Divisors and factors are taken for positive, as they are where they say how much work there is.
func (g *growth) of(x *policy.Expr, self bool) trend {
	switch x.Op {
	case policy.OpField:
		return g.field(x, self)
	case policy.OpAggregate:
		return g.aggregate(x, self)
	case policy.OpAdd, policy.OpMul, policy.OpCoalesce:
		return g.of(x.Args[0], self).and(g.of(x.Args[1], self))
	case policy.OpSub, policy.OpDiv, policy.OpGt, policy.OpGe:
		return g.of(x.Args[0], self).and(g.of(x.Args[1], self).turned())
	case policy.OpLt, policy.OpLe:
		return g.of(x.Args[1], self).and(g.of(x.Args[0], self).turned())
	case policy.OpNeg, policy.OpNot:
		return g.of(x.Args[0], self).turned()
	case policy.OpFloat, policy.OpFraction, policy.OpRatio, policy.OpTerm, policy.OpAnd, policy.OpOr:
		return g.all(x.Args, self)
	case policy.OpCall:
		return g.call(x, self)
	}
	if g.all(x.Args, self) == still {
		return still
	}
	return either
}

func (g *growth) all(list []*policy.Expr, self bool) trend {
	t := still
	for _, x := range list {
		t = t.and(g.of(x, self))
	}
	return t
}

func (g *growth) call(x *policy.Expr, self bool) trend {
	all := g.all(x.Args, self)
	switch x.Fn {
	case "round", "floor", "ceil", "sqrt", "min", "max", "clamp":
		return all
	case "scale":
		lo, hi := x.Args[1], x.Args[2]
		if lo.Op == policy.OpConst && hi.Op == policy.OpConst && g.all(x.Args[1:], self) == still {
			if number(hi.Const) < number(lo.Const) {
				return all.turned()
			}
			return all
		}
	}
	if all == still {
		return still
	}
	return either
}

func number(v value.Value) float64 {
	if v.Kind.Class() == value.Float {
		return v.Float()
	}
	return float64(v.N)
}

// candidate reports whether an expression is the candidate itself.
func candidate(x *policy.Expr, self bool) bool {
	return x.Op == policy.OpCandidate || self && x.Op == policy.OpSelf
}

func (g *growth) field(x *policy.Expr, self bool) trend {
	f := x.Field
	if !candidate(x.Args[0], self) || f.Compute == nil || g.depth > 8 {
		return still
	}
	g.depth++
	defer func() { g.depth-- }()
	return g.of(f.Compute, true)
}

// aggregate: a count or a sum of what the allocation gives to the candidate grows with it, unless
// what is new cannot count.
func (g *growth) aggregate(x *policy.Expr, self bool) trend {
	a := x.Agg
	theirs := a.Of == nil && self || a.Of != nil && candidate(a.Of, self)
	given := a.Source == g.a.Of && a.Via != nil && a.Via.Op == policy.OpField &&
		a.Via.Field == g.a.Field
	if a.Source != nil && a.Source.Kept && a.Source.Name == "Assignment" {
		given = true
	}
	switch {
	case !theirs || !given:
		return still
	case a.Fn != policy.Count && a.Fn != policy.Sum && a.Fn != policy.Distinct:
		return either
	case a.Window.Kind == policy.Prior || a.Window.Kind == policy.Before || g.old(a):
		return still
	}
	g.by = x
	return more
}

// old reports whether only records count that are no longer as they come: closed ones. How they
// come is what `fill` says.
func (g *growth) old(a *policy.Aggregate) bool {
	if a.Where == nil || a.Source != g.a.Of {
		return false
	}
	goals := []goal{is(a.Where)}
	for _, f := range a.Source.Fields {
		if f.Fill == nil || f.Fill.Op != policy.OpConst {
			continue
		}
		row := &policy.Expr{Op: policy.OpRow, Type: policy.Type{Kind: value.Ref, Record: a.Source}}
		read := &policy.Expr{Op: policy.OpField, Field: f, Type: f.Type, Args: []*policy.Expr{row}}
		as := &policy.Expr{Op: policy.OpEq, Type: policy.Type{Kind: value.Bool},
			Args: []*policy.Expr{read, f.Fill}}
		if f.Type.Kind == value.Bool {
			if as = read; f.Fill.Const.N&1 == 0 {
				goals = append(goals, isNot(read))
				continue
			}
		}
		goals = append(goals, is(as))
	}
	return len(goals) > 1 && g.r.none(goals...) == proved
}
