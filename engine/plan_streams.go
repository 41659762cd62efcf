package engine

import (
	"fmt"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/window"
)

// planStreams groups the aggregates by source, reference and placing moment, plans their windows
// and compiles their columns.
func (e *Engine) planStreams() {
	e.streams.of = map[int]slot{}
	keys := map[string]*stream{}
	keep := e.lateness()
	for _, a := range e.policy.Aggregates {
		if a.List != nil {
			continue
		}
		k := fmt.Sprintf("%d %s %v %s %s", a.Source.Index, actionName(a.Action), a.Open, exprKey(a.Via),
			exprKey(a.Window.At))
		s := keys[k]
		if s == nil || !s.holds(a) {
			s = e.stream(a)
			keys[k] = s
		}
		e.streams.of[a.ID] = slot{s, s.addSpec(a, keep[a.ID])}
		e.probeShared(s, a)
	}
	e.planCubes()
	for _, s := range e.streams.list {
		cols := make([]window.Col, len(s.cols))
		for i, c := range s.cols {
			cols[i] = window.Col{Kind: c.kind, At: s.places(c.expr)}
		}
		s.plan = window.New(cols, s.specs, e.zone)
	}
	for _, s := range e.streams.list {
		e.compileStream(s)
	}
	for _, c := range e.cubes {
		c.compile()
	}
}

func actionName(a *policy.Action) string {
	if a == nil {
		return "-"
	}
	return a.Full
}

func (e *Engine) stream(a *policy.Aggregate) *stream {
	s := newStream(a)
	s.index = len(e.streams.list)
	if a.Subject != nil {
		s.subject = e.tables[a.Subject.Index]
	}
	e.streams.list = append(e.streams.list, s)
	return s
}

func newStream(a *policy.Aggregate) *stream {
	s := &stream{source: a.Source, viaExpr: a.Via, atExpr: a.Window.At, atField: -1, action: a.Action,
		open: a.Open}
	want := policy.SysAt
	if a.Source.Kind == policy.Entity {
		want = policy.SysCreated
	}
	for i, f := range a.Source.Fields {
		if f.System == want {
			s.atField = i
		}
	}
	return s
}

// places reports whether an expression is the moment that places the stream's rows.
func (s *stream) places(x *policy.Expr) bool {
	return x != nil && x.Op == policy.OpField && x.Args[0].Op == policy.OpRow && s.atExpr == nil &&
		x.Field.Index == s.atField
}

// join files a stream under the reference that leads to its subject, if it is one of the event's.
func (t *eventType) join(s *stream) {
	if t.joins == nil {
		t.joins = make([][]*stream, len(t.refs))
	}
	for i, f := range t.refs {
		if s.viaPos >= 0 && s.subject != nil && f.Index == s.viaField {
			t.joins[i] = append(t.joins[i], s)
		}
	}
}

// joining are the streams whose subject the event's reference of that number is.
func (t *eventType) joining(ref int) []*stream {
	if t.joins == nil {
		return nil
	}
	return t.joins[ref]
}

func (e *Engine) compileStream(s *stream) {
	e.compileColumns(s)
	if s.source.Kind == policy.Event {
		t := e.events[s.source.Index]
		s.viaPos = -1
		if x := s.viaExpr; x != nil && x.Op == policy.OpField && x.Args[0].Op == policy.OpRow &&
			x.Type.Kind == value.Ref && x.Field.Compute == nil {
			s.viaField, s.viaPos = x.Field.Index, t.layout.Pos[x.Field.Index]
		}
		if s.action == nil {
			t.streams = append(t.streams, s)
			t.join(s)
		}
		if s.atField >= 0 {
			s.atLayoutPos = t.layout.Pos[s.atField]
		}
	} else {
		k := e.kinds[s.source.Index]
		k.streams = append(k.streams, s)
		if s.atField >= 0 {
			s.atLayoutPos = k.layout.Pos[s.atField]
		}
	}
}

// compileColumns compiles what a stream works out of a record: whose it is, when, and the columns.
func (e *Engine) compileColumns(s *stream) {
	if s.viaExpr != nil {
		s.via = e.comp.Int(s.viaExpr)
	}
	if s.atExpr != nil {
		s.at = e.comp.Int(s.atExpr)
	}
	for i := range s.cols {
		c := &s.cols[i]
		switch {
		case c.id:
		case c.kind == value.Bool && c.key[0] == '?':
			c.cond = e.comp.Cond(c.expr)
		default:
			c.leaf = e.leaf(c.expr)
		}
	}
}

// lateness says by aggregate how long rows must be kept for looks that are taken again.
func (e *Engine) lateness() map[int]int64 {
	keep := map[int]int64{}
	for _, a := range e.policy.Alerts {
		if a.Check == nil || a.Check.Late == 0 {
			continue
		}
		// A look of the period before may be the oldest that is taken again.
		for _, x := range append(said(a.Do), a.When, a.Needs, a.Until) {
			eachAggregate(x, func(g *policy.Aggregate) {
				keep[g.ID] = max(keep[g.ID], a.Check.Late+value.Day)
			})
		}
	}
	for _, j := range e.policy.Journeys {
		for _, g := range j.Stages {
			for _, r := range g.Requirements() {
				if r.Within == nil {
					continue
				}
				for _, x := range []*policy.Expr{r.X, r.Open} {
					eachAggregate(x, func(a *policy.Aggregate) { keep[a.ID] = max(keep[a.ID], settleFor) })
				}
			}
		}
	}
	return keep
}

// said are the expressions whose values effects tell or hang on.
func said(effects []*policy.Effect) (out []*policy.Expr) {
	for _, x := range effects {
		out = append(out, x.When, x.Value)
		if x.Text != nil {
			for _, p := range append(slices.Clone(x.Text.Parts), x.Text.Other...) {
				out = append(out, p.X)
			}
		}
	}
	return out
}

// eachAggregate visits the aggregates of an expression and of what it computes from.
func eachAggregate(x *policy.Expr, f func(*policy.Aggregate)) {
	if x == nil {
		return
	}
	if x.Agg != nil {
		f(x.Agg)
		eachAggregate(x.Agg.Of, f)
		eachAggregate(x.Agg.Window.T, f)
	}
	if x.Op == policy.OpField && x.Field.Of != nil && x.Field.Of.Kind == policy.Entity {
		eachAggregate(x.Field.Compute, f)
	}
	if x.Op == policy.OpScore && x.Score.Of.Kind == policy.Entity {
		for _, t := range x.Score.Terms {
			eachAggregate(t.X, f)
		}
	}
	for _, a := range x.Args {
		eachAggregate(a, f)
	}
}
