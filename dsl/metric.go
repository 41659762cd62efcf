package dsl

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// metric checks a metric.
func (c *checker) metric(d *decl) {
	if d.state != untouched {
		return
	}
	d.state = done
	m := &policy.Metric{Head: d.head}
	m.Mode = c.modeOf(d)
	d.metric = m
	of, ok := c.metricOf(d, m)
	lines := once{}
	for _, l := range d.line.Body {
		s := c.scopeOf(d, l)
		s.counting = of
		ok = s.metricLine(m, l, lines) && ok
	}
	if !lines["value"] && !unread(d.line) {
		c.tell(source.NeedsMetricValue, d.span, d.name)
		ok = false
	}
	if of != nil {
		m.Action, m.Where = of.one(), and(of.counts(policy.OpRow, "", d.line.HeadSpan()), m.Where)
	}
	c.settle(d, ok && !unread(d.line), func() { c.policy.Metrics = append(c.policy.Metrics, m) })
}

// metricOf resolves whose rows a metric is of: an entity, an event, the counted completions of an
// action, or the stays of a journey.
func (c *checker) metricOf(d *decl, m *policy.Metric) (*uses, bool) {
	n := d.node.(*syntax.Metric)
	e := c.path(d.pkg, d.line, n.Of)
	if e == nil {
		return nil, false
	}
	d.of = c.eventOf(e)
	m.Of = d.of
	switch {
	case e.kind == isAction:
		s, at := c.scopeOf(d, d.line), d.line.PathSpan(n.Of)
		list, ok := s.standsFor(e, at)
		switch {
		case !ok:
			return nil, false
		case len(list) > 1 || list[0].mixed:
			s.apartUses(list, "metric "+d.name, at)
			return nil, false
		}
		d.of, m.Of = list[0].on, list[0].on
		return list[0], true
	case e.kind == isJourney && d.of == nil:
		c.scopeOf(d, d.line).needsLater(e.name)
	case d.of == nil:
		c.tell(source.NotA, d.line.PathSpan(n.Of), e.name, string(e.kind), "entity | event")
		return nil, false
	}
	return nil, true
}

// metricLine checks one line of a metric.
func (s *scope) metricLine(m *policy.Metric, l *syntax.Line, lines once) bool {
	switch n := l.Node.(type) {
	case *syntax.Cond:
		if lines.seen(s, n.Kind) {
			return false
		}
		switch n.Kind {
		case "value":
			m.Value = s.metricValue(n.X)
			return m.Value != nil
		case "where":
			m.Where = s.ofRow().condition(n.X)
			return m.Where != nil
		}
		m.At = s.ofRow().fitted(n.X, policy.Type{Kind: value.Time})
		return m.At != nil
	case *syntax.By:
		return !lines.seen(s, n.Kind) && s.dimensions(m, n)
	case *syntax.Every:
		m.Every = periodNamed(n.Each)
		if m.Every == policy.NoPeriod || m.Every == policy.Workday || n.At != nil || n.For != nil ||
			n.Where != nil {
			s.tell(source.MetricEvery, l.Span())
			return false
		}
		return !lines.seen(s, "every")
	case *syntax.Better:
		m.Better = policy.Higher
		if n.How == "lower" {
			m.Better = policy.Lower
		}
		return !lines.seen(s, "better")
	case *syntax.Mode:
		return !lines.seen(s, "mode")
	}
	return l.Node != nil
}

// ofRow is the scope of a metric's row.
func (s *scope) ofRow() *scope {
	t := *s
	t.inRow, t.row, t.metric = true, s.self, false
	return &t
}

// metricValue checks what a metric is: aggregates of rows, and arithmetic over them.
func (s *scope) metricValue(x syntax.Expr) *policy.Expr {
	t := *s
	t.metric, t.self, t.row = true, nil, s.self
	v := t.expr(x, nil)
	if v == nil {
		return nil
	}
	if k := v.Type.Kind; !isNumber(k) && !scalable(k) && k != value.Percent {
		s.tell(source.WrongArgument, v.Span, "value", typeWord(v.Type), quantities)
		return nil
	}
	return v
}

// dimensions reads `by industry, owner.region`. The lines `drill` and `split` are checked where
// they are words of the metric's own record, and not run.
func (s *scope) dimensions(m *policy.Metric, n *syntax.By) bool {
	if n.Kind != "by" || m.Of == nil {
		return true
	}
	ok := true
	for _, p := range n.Paths {
		x := s.rowPath(m.Of, p)
		name := s.line.Dotted(p)
		switch {
		case x == nil:
			ok = false
			continue
		case m.Dimension(name) != nil:
			s.tell(source.TwoAlike, s.line.PathSpan(p), name)
			ok = false
		case !comparable(x.Type.Kind, false):
			s.tell(source.WrongArgument, x.Span, "by", typeWord(x.Type), quantities)
			ok = false
		}
		m.By = append(m.By, policy.Dimension{Name: name, X: x})
	}
	return ok
}

// rowPath resolves a written path of fields from a metric's row.
func (s *scope) rowPath(r *policy.Record, p *syntax.Path) *policy.Expr {
	t := s.ofRow()
	t.row = r
	return t.fieldPath(r, p)
}

// metricAggregate checks an aggregate of a metric, over one row's expression.
func (s *scope) metricAggregate(fn policy.AggFn, n *syntax.Call) *policy.Expr {
	at := s.line.ExprSpan(n)
	if n.Window != nil || n.Of != nil || n.Via != nil || n.By != nil {
		s.tell(source.NoClauses, at, n.Fn)
		return nil
	}
	most := 1
	if fn == policy.Corr {
		most = 2
	}
	if len(n.Args) > most || len(n.Args) < most && fn == policy.Corr {
		s.arity(n, n.Fn, most, most)
		return nil
	}
	a := &policy.Aggregate{Fn: fn, Source: s.row, Span: at}
	t := *s
	t.metric, t.inRow = false, true
	ok := true
	for i, arg := range n.Args {
		if s.row != nil && i == 0 && t.rowItself(arg.X) {
			continue
		}
		x := t.expr(arg.X, nil)
		if ok = x != nil && ok; i == 0 {
			a.Value = x
		} else {
			a.Value2 = x
		}
	}
	if n.Where != nil {
		a.Where = t.condition(n.Where)
		ok = ok && a.Where != nil
	}
	if s.row == nil || !ok || !s.result(a, n) {
		return nil // what it is of could not be resolved, or its rows have no fields yet
	}
	return &policy.Expr{Op: policy.OpAggregate, Agg: a, Type: a.Type, Span: at}
}

// rowItself reports whether an argument is the name of what the metric is of: count(Visit).
func (s *scope) rowItself(x syntax.Expr) bool {
	p := pathOf(x)
	if len(p) != 1 || fieldNamed(s.row, s.line.Name(p[0])) != nil {
		return false
	}
	d, _ := s.c.visible(s.pkg, s.line.Name(p[0]))
	if d == nil || d.record != s.row {
		return false
	}
	s.c.refer(s.line.TokSpan(p[0]), d)
	return true
}
