package dsl

import (
	"strconv"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// aggFn is the aggregate function of a name.
func aggFn(name string) (policy.AggFn, bool) {
	switch name {
	case "count":
		return policy.Count, true
	case "sum":
		return policy.Sum, true
	case "avg":
		return policy.Avg, true
	case "sd":
		return policy.SD, true
	case "min":
		return policy.Min, true
	case "max":
		return policy.Max, true
	case "median":
		return policy.Median, true
	case "p90":
		return policy.P90, true
	case "share":
		return policy.Share, true
	case "distinct":
		return policy.Distinct, true
	case "first":
		return policy.First, true
	case "last":
		return policy.Last, true
	case "corr":
		return policy.Corr, true
	}
	return 0, false
}

// call checks a function, an aggregate, an extern or a constant reference.
func (s *scope) call(n *syntax.Call, want *policy.Type) *policy.Expr {
	at := s.line.ExprSpan(n)
	if x, ok := s.metricWord(n); ok {
		return x
	}
	if fn, ok := aggFn(n.Fn); ok && !s.plainExtreme(n) {
		if s.metric {
			return s.metricAggregate(fn, n)
		}
		return s.aggregate(fn, n)
	}
	switch n.Fn {
	case "verified":
		return s.doneCall(n, at)
	case "completion":
		return s.completedCall(n, at)
	}
	if f, ok := functionNamed(n.Fn); ok {
		if n.Window != nil || n.Of != nil || n.Via != nil || n.Where != nil ||
			n.By != nil && f.ranks == 0 {
			s.tell(source.NoClauses, at, n.Fn)
			return nil
		}
		return s.function(f, n, want)
	}
	return s.named(n, at)
}

// plainExtreme reports whether min or max is a function here: they are aggregates where their
// argument begins with a source's name, or they stand in a metric.
func (s *scope) plainExtreme(n *syntax.Call) bool {
	if n.Fn != "min" && n.Fn != "max" || n.Window != nil || n.Of != nil || n.Via != nil ||
		n.Where != nil {
		return false
	}
	if len(n.Args) != 1 {
		return true
	}
	return !s.metric && !s.beginsWithSource(n.Args[0].X)
}

// named is a call of a declared name: an extern, or an entity's constant reference.
func (s *scope) named(n *syntax.Call, at source.Span) *policy.Expr {
	name := s.line.Name(n.FnAt)
	d, clash := s.c.visible(s.pkg, name)
	fnAt := s.line.TokSpan(n.FnAt)
	if d != nil {
		s.c.refer(fnAt, d)
	}
	switch {
	case clash != nil:
		s.tell(source.TwoImports, fnAt, name, d.pkg.path, clash.path)
	case d == nil:
		near := append(functionNames(), s.c.typeNames(s.pkg, func(d *decl) bool {
			return d.kind == isExtern || d.kind == isEntity
		})...)
		s.tell(source.UnknownFunction, fnAt, name).Near = source.Nearest(name, near)
	case d.kind == isEntity:
		return s.constantRef(d, n, at)
	case d.kind == isExtern:
		return s.extern(d, n, at)
	default:
		s.tell(source.NotA, fnAt, name, string(d.kind), "function")
	}
	for _, a := range n.Args {
		if d == nil {
			break // what an unknown function takes is unknown too
		}
		s.quietly(a.X)
	}
	return nil
}

// constantRef is Rep("li").
func (s *scope) constantRef(d *decl, n *syntax.Call, at source.Span) *policy.Expr {
	if len(n.Args) == 1 && d.record != nil {
		if id := s.fitted(n.Args[0].X, policy.Type{Kind: value.Text}); id == nil {
			return nil
		} else if id.Op == policy.OpConst {
			return refConst(d.record, id.Const.S, at)
		}
	}
	s.tell(source.RefText, at, d.name)
	return nil
}

func (s *scope) extern(d *decl, n *syntax.Call, at source.Span) *policy.Expr {
	if d.extern == nil {
		return nil
	}
	if len(n.Args) != len(d.extern.Params) {
		s.arity(n, d.name, len(d.extern.Params), len(d.extern.Params))
		return nil
	}
	x := &policy.Expr{Op: policy.OpExtern, Fn: d.extern.Full, Type: d.extern.Result, Span: at}
	ok := true
	for i, a := range n.Args {
		v := s.fitted(a.X, d.extern.Params[i])
		ok = ok && v != nil
		x.Args = append(x.Args, v)
		x.Type.Maybe = x.Type.Maybe || v != nil && v.Type.Maybe
	}
	if !ok {
		return nil
	}
	return x
}

func (s *scope) arity(n *syntax.Call, name string, least, most int) {
	want := strconv.Itoa(least)
	if most < 0 {
		want += "+"
	} else if most != least {
		want += "–" + strconv.Itoa(most)
	}
	s.tell(source.Arity, s.line.ExprSpan(n), name, want, strconv.Itoa(len(n.Args)))
}

// function checks a built-in function's arguments and finds its type.
func (s *scope) function(f function, n *syntax.Call, want *policy.Type) *policy.Expr {
	at := s.line.ExprSpan(n)
	if len(n.Args) < f.least || f.most >= 0 && len(n.Args) > f.most {
		s.arity(n, f.name, f.least, f.most)
		return nil
	}
	switch {
	case f.ranks != 0:
		return s.ranked(f, n, at)
	case f.stage:
		return s.stageFunction(f, n)
	case f.trust:
		return s.trust(f, n, at)
	}
	if f.name == "missing" {
		x := s.expr(n.Args[0].X, nil)
		if x == nil {
			return nil
		}
		return &policy.Expr{Op: policy.OpCall, Fn: f.name, Type: boolType(), Args: []*policy.Expr{x},
			Span: at}
	}
	if s.inRow && f.clock {
		s.tell(source.NotInWhere, s.line.TokSpan(n.FnAt), f.name)
		return nil
	}
	args := s.arguments(f, n, want)
	for _, a := range args {
		if a == nil {
			return nil
		}
	}
	return s.typed(f, n, args)
}

// arguments checks a function's arguments; those that must be alike give literals their unit.
func (s *scope) arguments(f function, n *syntax.Call, want *policy.Type) []*policy.Expr {
	asts := make([]syntax.Expr, len(n.Args))
	for i, a := range n.Args {
		asts[i] = a.X
	}
	if !f.alike {
		out := make([]*policy.Expr, len(asts))
		for i, a := range asts {
			out[i] = s.term(s.expr(a, nil))
		}
		return out
	}
	if f.name == "scale" {
		want = nil
	}
	vals := s.values(asts, want)
	for i, v := range vals {
		vals[i] = s.term(v)
	}
	if _, ok := s.united(vals, asts, nil); !ok {
		return []*policy.Expr{nil}
	}
	return vals
}

// typed finds the result of a function, or reports arguments of a wrong type.
func (s *scope) typed(f function, n *syntax.Call, args []*policy.Expr) *policy.Expr {
	at := s.line.ExprSpan(n)
	for i := range args {
		if isMoment(args[i].Type.Kind) && f.moment != value.Missing {
			args[i], _ = convert(args[i], policy.Type{Kind: f.moment})
			if args[i] == nil {
				s.tell(source.WrongType, s.line.ExprSpan(n.Args[i].X), kindWord(f.moment), "time")
				return nil
			}
		}
	}
	if f.name == "workdays" || f.name == "workhours" {
		if args[0].Type.Kind != args[1].Type.Kind {
			for i := range args {
				if y, ok := convert(args[i], policy.Type{Kind: value.Time}); ok {
					args[i] = y
				}
			}
		}
	}
	result := f.result(args)
	if result.Kind == value.Missing {
		s.tell(source.WrongArgument, at, f.name, typeWord(args[0].Type), f.takes)
		return nil
	}
	for _, a := range args {
		result.Maybe = result.Maybe || a.Type.Maybe
	}
	return &policy.Expr{Op: policy.OpCall, Fn: f.name, Type: result, Args: args, Span: at}
}

// ranked is rank, quintile and percentile, which compare all subjects of one look.
func (s *scope) ranked(f function, n *syntax.Call, at source.Span) *policy.Expr {
	if !s.looks || s.inRow || s.field != nil {
		s.tell(source.RankNeedsLook, at, f.name)
		return nil
	}
	x := s.term(s.expr(n.Args[0].X, nil))
	if x == nil {
		return nil
	}
	if !comparable(x.Type.Kind, true) || x.Type.Kind == value.Text {
		s.tell(source.WrongArgument, at, f.name, typeWord(x.Type), "number")
		return nil
	}
	out := &policy.Expr{Op: policy.OpRank, Fn: f.name, Args: []*policy.Expr{x}, Span: at,
		Type: policy.Type{Kind: f.ranks, Maybe: true}}
	if n.By != nil {
		g := s.expr(n.By, nil)
		if g == nil {
			return nil
		}
		if !comparable(g.Type.Kind, false) {
			s.tell(source.NotOrdered, g.Span, "by", typeWord(g.Type))
			return nil
		}
		out.Args = append(out.Args, g)
	}
	return out
}
