package dsl

import (
	"maps"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// asked checks a figure of a metric in an expectation: `Cycle in last month by industry: "IT"`.
func (s *scope) asked(n *syntax.Measured) *policy.Expr {
	d := s.declAt(n.X)
	at := s.line.ExprSpan(n)
	if d == nil {
		s.expr(n.X, nil) // tells what is wrong with it
		return nil
	}
	if d.kind != isMetric || !s.expects {
		s.tell(source.NotA, s.line.ExprSpan(n.X), d.name, string(d.kind), "metric")
		return nil
	}
	s.c.refer(s.line.ExprSpan(n.X), d)
	return s.figureOf(d, n, at)
}

// declAt finds the declaration that a path names, here or in a package.
func (s *scope) declAt(x syntax.Expr) *decl {
	names := pathOf(x)
	switch {
	case len(names) == 1:
		d, _ := s.c.visible(s.pkg, s.line.Name(names[0]))
		return d
	case len(names) == 2 && s.pkg.aliases[s.line.Name(names[0])] != nil:
		return s.pkg.aliases[s.line.Name(names[0])].pkg.named(s.line.Name(names[1]))
	}
	return nil
}

// figureOf is a metric's figure; n says of which group and period, nil: of all rows, now.
func (s *scope) figureOf(d *decl, n *syntax.Measured, at source.Span) *policy.Expr {
	s.c.metric(d)
	if d.later != "" {
		s.needsLater(d.later)
	}
	m := d.metric
	if m == nil || m.Value == nil || m.Of == nil {
		return nil // what is wrong with it has been told
	}
	a := &policy.Asked{Metric: m, Period: m.Every}
	if n != nil && !(s.askedPeriod(a, n) && s.askedGroup(a, n)) {
		return nil
	}
	t := m.Value.Type
	t.Maybe = true
	return &policy.Expr{Op: policy.OpMetric, Type: t, Asked: a, Span: at}
}

// askedPeriod reads `in last month`.
func (s *scope) askedPeriod(a *policy.Asked, n *syntax.Measured) bool {
	w := n.Window
	if w == nil {
		return true
	}
	at := s.line.ExprSpan(n)
	if w.Kind != syntax.This && w.Kind != syntax.Last || w.At != nil {
		s.tell(source.TestPeriod, at)
		return false
	}
	a.Period, a.Prior = periodNamed(w.Period), w.Kind == syntax.Last
	return true
}

// askedGroup reads `by industry: "IT", owner: li`.
func (s *scope) askedGroup(a *policy.Asked, n *syntax.Measured) bool {
	ok := true
	for _, g := range n.By {
		at := s.line.ExprSpan(g.Name)
		i, near := dimensionNamed(a.Metric, s.dotted(g.Name))
		if i < 0 {
			s.tell(source.UnknownBy, at, a.Metric.Name, s.dotted(g.Name)).Near = near
			ok = false
			continue
		}
		for _, k := range a.Dims {
			if k == i {
				s.tell(source.TwoAlike, at, a.Metric.By[i].Name)
				ok = false
			}
		}
		v, fits := s.fixed(a.Metric.By[i].X.Type, g.X)
		a.Dims, a.Of, ok = append(a.Dims, i), append(a.Of, v), ok && fits
	}
	return ok
}

// dotted is a path as it is written.
func (s *scope) dotted(x syntax.Expr) string {
	out := ""
	for i, t := range pathOf(x) {
		if i > 0 {
			out += "."
		}
		out += s.line.Name(t)
	}
	return out
}

// dimensionNamed finds one of a metric's dimensions, or the name that is near.
func dimensionNamed(m *policy.Metric, name string) (int, string) {
	var have []string
	for i := range m.By {
		if m.By[i].Name == name {
			return i, ""
		}
		have = append(have, m.By[i].Name)
	}
	return -1, source.Nearest(name, have)
}

// fixed is a value that stands there: null, a bare name or a literal.
func (s *scope) fixed(t policy.Type, x syntax.Value) (value.Value, bool) {
	if c, ok := x.(*syntax.Const); ok && c.Word == "null" {
		return value.Value{}, true
	}
	if t.Kind == value.Ref {
		if name, ok := x.(*syntax.Name); ok {
			s.referID(s.line.TokSpan(name.Tok), s.line.Name(name.Tok))
			return value.Value{Kind: value.Ref, S: s.line.Name(name.Tok)}, true
		}
		if lit, ok := x.(*syntax.Lit); ok && s.line.Kind(lit.Tok) == syntax.KindText {
			return value.Value{Kind: value.Ref, S: s.line.String(lit.Tok)}, true
		}
	}
	if o, ok := x.(*syntax.Object); ok {
		s.tell(source.TestValue, s.line.ExprSpan(o), typeWord(t), typeWord(t))
		return value.Value{}, false
	}
	v := s.fitted(x, t)
	if v != nil && v.Op != policy.OpConst {
		s.tell(source.TestValue, v.Span, typeWord(t), typeWord(t))
		return value.Value{}, false
	}
	if v == nil {
		return value.Value{}, false
	}
	return v.Const, true
}

// measures looks at the metrics in an expectation: they are figures over many records, so none can
// be expected of one event, and people in their groups are the test's.
func (t *tester) measures(l *syntax.Line, e *policy.Expect) bool {
	ok := true
	visit(e.X, func(x *policy.Expr) {
		if x.Op != policy.OpMetric {
			return
		}
		if e.Of != nil && e.Of.Kind == policy.Event {
			t.c.tell(source.TestFigure, x.Span, x.Asked.Metric.Name, e.ID)
			ok = false
		}
		for _, v := range x.Asked.Of {
			if _, known := t.ids[v.S]; v.Kind == value.Ref && !known && !t.files {
				t.c.tell(source.TestStranger, x.Span, v.S).Near =
					source.Nearest(v.S, slices.Sorted(maps.Keys(t.ids)))
			}
		}
	})
	return ok
}

// measured is the alert of a metric that an expectation names: what it is about are cells.
func (t *tester) measured(l *syntax.Line, n *syntax.ExpectEffect) *policy.Alert {
	if n.Kind != "alert" || n.Path == nil {
		return nil
	}
	d, _ := t.c.visible(t.c.own, l.Dotted(n.Path))
	if d == nil || d.act == nil || d.act.alert == nil ||
		d.act.alert.Metric == nil {
		return nil
	}
	return d.act.alert
}

// cell checks the name of a cell, as decisions write it: "industry=IT,owner=li".
func (t *tester) cell(l *syntax.Line, id syntax.Tok, a *policy.Alert) {
	var names []string
	for _, i := range a.Dims {
		names = append(names, a.Metric.By[i].Name)
	}
	parts, sample := strings.Split(idOf(l, id), ","), "*"
	ok := len(parts) == max(1, len(names))
	if len(names) == 0 {
		ok = ok && parts[0] == "*"
	}
	for i, name := range names {
		group := "=…"
		if a.Across {
			group = "=*"
		}
		sample += "," + name + group
		ok = ok && strings.HasPrefix(parts[i], name+"=") && (!a.Across || parts[i] == name+"=*")
	}
	if len(names) > 0 {
		sample = strings.TrimPrefix(sample, "*,")
	}
	if !ok {
		t.c.tell(source.TestCell, l.TokSpan(id), a.Name, sample)
	}
}
