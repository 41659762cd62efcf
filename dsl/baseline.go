package dsl

import (
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// processed is over how many days `by load_rate` counts what was closed.
const processed = 30

const microsADay = 24 * int64(time.Hour/time.Microsecond)

// baseline writes out a rule that is known by its name, as the terms that say the same (reference,
// section 8): explained, replayed and proved like any other. A term is 1 / (1 + figure), so that
// the least figure wins, however great figures become.
func (s *scope) baseline(a *policy.Allocation, n *syntax.Baseline) bool {
	at := s.line.Span()
	a.Base = policy.Baseline(n.Rule)
	if a.Of == nil || a.To == nil || a.Field == nil {
		return false
	}
	if a.Base == policy.RoundRobin {
		return true // without terms everybody ties, so everybody takes turns
	}
	open := s.stillOpen(a, n, at)
	if open == nil {
		return false
	}
	a.Weigh = byName(a, a.Base, open)
	return true
}

// byName is the one term of a rule with a name; open says over the counted record which are open.
func byName(a *policy.Allocation, rule policy.Baseline, open *policy.Expr) []policy.Term {
	at := open.Span
	t := policy.Term{Name: "open", Weight: 1, Span: at}
	figure := asFloating(handled(a, open, 0))
	if rule == policy.LoadRate {
		t.Name = "rate"
		closed := node(policy.OpNot, value.Bool, open)
		closed.Span = at
		figure = rate(figure, handled(a, closed, processed), at)
	}
	one := &policy.Expr{Op: policy.OpConst, Type: policy.Type{Kind: value.Number},
		Const: value.OfFloat(value.Number, 1), Span: at}
	t.X = node(policy.OpDiv, value.Number, one, node(policy.OpAdd, value.Number, one, figure))
	t.X.Span, t.X.Args[1].Span = at, at
	return []policy.Term{t}
}

// stillOpen says of a counted record that work on it goes on: as the line says, else as its journey
// does.
func (s *scope) stillOpen(
	a *policy.Allocation, n *syntax.Baseline, at source.Span,
) *policy.Expr {
	t := s.inside(&policy.Aggregate{Source: a.Of})
	t.cand = nil
	if n.Where != nil {
		return t.condition(n.Where)
	}
	f := fieldNamed(a.Of, "open")
	if f == nil || f.System != policy.SysOpen {
		s.tell(source.OpenUnsaid, at, a.Of.Name)
		return nil
	}
	return rowField(a.Of, f, at)
}

// handled counts the records of a candidate for which something holds; with days, those that came
// to do so in the last of them.
func handled(a *policy.Allocation, where *policy.Expr, days int64) *policy.Expr {
	at := where.Span
	g := &policy.Aggregate{Fn: policy.Count, Source: a.Of, Subject: a.To, Where: where, Span: at,
		Via: rowField(a.Of, a.Field, at), Of: standing(policy.OpCandidate, a.To, at),
		Type: policy.Type{Kind: value.Int}}
	if days > 0 {
		since := fieldNamed(a.Of, "stage_since")
		if since == nil || since.System != policy.SysStageSince {
			since = fieldNamed(a.Of, "updated")
		}
		g.Window = policy.Window{Kind: policy.Sliding, D: days * microsADay,
			At: rowField(a.Of, since, at)}
	}
	return &policy.Expr{Op: policy.OpAggregate, Agg: g, Type: g.Type, Span: at}
}

// rate is how many days the open records would last at the pace of those closed; who closed none
// counts as half of one, so that a beginner is not at once the busiest.
func rate(open, closed *policy.Expr, at source.Span) *policy.Expr {
	number := func(f float64) *policy.Expr {
		return &policy.Expr{Op: policy.OpConst, Type: policy.Type{Kind: value.Number},
			Const: value.OfFloat(value.Number, f), Span: at}
	}
	least := node(policy.OpCall, value.Number, asFloating(closed), number(0.5))
	least.Fn, least.Span = "max", at
	days := node(policy.OpMul, value.Number, number(processed), open)
	x := node(policy.OpDiv, value.Number, days, least)
	x.Span, days.Span = at, at
	return x
}

func rowField(r *policy.Record, f *policy.Field, at source.Span) *policy.Expr {
	return &policy.Expr{Op: policy.OpField, Field: f, Type: f.Type, Span: at,
		Args: []*policy.Expr{standing(policy.OpRow, r, at)}}
}
