package prove

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// cond tells where a condition is never or always true, at the part of it that makes it so.
// given is what holds wherever the condition is looked at.
func (r *prover) cond(x *policy.Expr, given ...goal) {
	if x == nil || r.fixed(x) {
		return
	}
	if r.none(append(given, is(x))...) == proved {
		r.never(x, given)
		return
	}
	if len(given) == 0 && r.none(isNot(x)) == proved {
		r.always(x)
		return
	}
	switch x.Op {
	case policy.OpAnd, policy.OpOr, policy.OpNot:
		for _, a := range x.Args {
			r.cond(a)
		}
	}
}

// fixed reports whether an expression reads nothing: `when true` is meant, and what a template's
// parameters come to is its user's matter.
func (r *prover) fixed(x *policy.Expr) bool {
	reads := false
	visit(x, func(e *policy.Expr) {
		switch e.Op {
		case policy.OpSelf, policy.OpRow, policy.OpNow, policy.OpField, policy.OpScore, policy.OpTier,
			policy.OpAggregate, policy.OpCandidate, policy.OpCall, policy.OpExtern, policy.OpRank:
			reads = true
		}
	})
	return !reads
}

// never tells what makes a condition never true: one part by itself, or the fewest together.
func (r *prover) never(x *policy.Expr, given []goal) {
	if computed(x) {
		return // told where it is computed
	}
	switch x.Op {
	case policy.OpAnd:
		for _, a := range x.Args {
			if !r.fixed(a) && r.none(is(a)) == proved {
				r.never(a, nil)
				return
			}
		}
		r.together(source.NeverTrue, x, given, is)
		return
	case policy.OpOr:
		for _, a := range x.Args {
			if r.fixed(a) {
				continue
			}
			r.never(a, given)
		}
		return
	}
	if name, text, ok := r.range1(x); ok && len(given) == 0 {
		r.tell(source.RangeNever, x.Span, name, text)
		return
	}
	d := r.tell(source.NeverTrue, x.Span)
	for _, g := range given {
		d.Related = append(d.Related, source.Related{Span: g.x.Span, Code: source.ExcludesThis})
	}
}

// always tells what makes a condition never false.
func (r *prover) always(x *policy.Expr) {
	if computed(x) {
		return
	}
	switch x.Op {
	case policy.OpOr:
		for _, a := range x.Args {
			if !r.fixed(a) && r.none(isNot(a)) == proved {
				r.always(a)
				return
			}
		}
		r.together(source.AlwaysTrue, x, nil, isNot)
		return
	case policy.OpAnd:
		for _, a := range x.Args {
			if !r.fixed(a) {
				r.always(a)
			}
		}
		return
	}
	if name, text, ok := r.range1(x); ok {
		r.tell(source.RangeAlways, x.Span, name, text)
		return
	}
	r.tell(source.AlwaysTrue, x.Span)
}

// computed reports whether a condition is a computed truth, which is looked at by itself.
func computed(x *policy.Expr) bool {
	return x.Op == policy.OpField && x.Field.Compute != nil
}

// together tells of the fewest arguments that suffice for what holds of all of them.
func (r *prover) together(
	code source.Code, x *policy.Expr, given []goal, wish func(*policy.Expr) goal,
) {
	core := slices.Clone(x.Args)
	var whole []goal
	for _, a := range core {
		whole = append(whole, wish(a))
	}
	if len(given) > 0 && r.none(whole...) == proved {
		given = nil // it needs no help
	}
	for i := 0; i < len(core) && len(core) > 1; {
		rest := slices.Delete(slices.Clone(core), i, i+1)
		goals := slices.Clone(given)
		for _, a := range rest {
			goals = append(goals, wish(a))
		}
		if r.none(goals...) == proved {
			core = rest
		} else {
			i++
		}
	}
	if code == source.AlwaysTrue {
		r.tell(code, x.Span)
		return
	}
	last := core[len(core)-1]
	d := r.tell(code, last.Span)
	for _, a := range core[:len(core)-1] {
		d.Related = append(d.Related, source.Related{Span: a.Span, Code: source.ExcludesThis})
	}
	for _, g := range given {
		d.Related = append(d.Related, source.Related{Span: g.x.Span, Code: source.ExcludesThis})
	}
}

// range1 is the range of the one value that decides a comparison with a constant.
func (r *prover) range1(x *policy.Expr) (name, text string, ok bool) {
	if x.Op < policy.OpEq || x.Op > policy.OpGe {
		return "", "", false
	}
	t := r.s.t
	a, b := t.of(x.Args[0], 0), t.of(x.Args[1], 0)
	side := x.Args[0]
	if t.known(a) {
		a, b, side = b, a, x.Args[1]
	}
	n := &t.list[a]
	if !t.known(b) || identity(n.kind) || n.dom == whole(n.kind) || n.kind.Class() == value.Wide ||
		n.kind == value.Bool {
		return "", "", false
	}
	if c := t.list[b].dom.lo; n.dom.lo < c && c < n.dom.hi {
		return "", "", false
	}
	typ := side.Type
	show := func(at int64) string {
		if v := valueAt(n.kind, at); v.Kind.Class() == value.Float {
			return value.Style{}.Text(v)
		}
		return t.show(typ, valueAt(n.kind, at))
	}
	lo, hi := show(n.dom.lo), show(n.dom.hi)
	switch all := whole(n.kind); {
	case n.dom.hi >= all.hi:
		text = "≥ " + lo
	case n.dom.lo <= all.lo:
		text = "≤ " + hi
	default:
		text = lo + " … " + hi
	}
	return t.slice(side.Span), text, true
}

// visit calls f for an expression and all below it, the parts of aggregates too.
func visit(x *policy.Expr, f func(*policy.Expr)) {
	if x == nil {
		return
	}
	f(x)
	for _, a := range x.Args {
		visit(a, f)
	}
	if a := x.Agg; a != nil {
		for _, e := range []*policy.Expr{a.List, a.Value, a.Value2, a.Where, a.Of, a.Window.T,
			a.Window.At} {
			visit(e, f)
		}
	}
}

// inside looks at what stands in an expression: tables, and what aggregates count. What reads
// another record is looked at over that record.
func (r *prover) inside(x *policy.Expr) {
	visit(x, func(e *policy.Expr) {
		if r.told[e] {
			return
		}
		r.told[e] = true
		switch {
		case e.Op == policy.OpPick && len(e.Args) > 3:
			r.pick(e)
		case e.Op == policy.OpPick:
			r.cond(e.Args[0])
		case e.Op == policy.OpAggregate:
			r.cond(e.Agg.Where)
			r.kept(e)
		}
	})
}
