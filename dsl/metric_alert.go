package dsl

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// fewestPeriods is of how many periods a baseline is made at least (reference, section 9).
const fewestPeriods = 3

// metricAlert checks an alert of a metric; false where the alert is of something else. What it is
// about is a cell: a group of the metric's rows, all of them, or the groups beside each other.
func (c *checker) metricAlert(d *decl, n *syntax.Alert) bool {
	m, _ := c.visible(d.pkg, d.line.Dotted(n.Of))
	if m == nil || m.kind != isMetric {
		return false
	}
	c.refer(d.line.PathSpan(n.Of), m)
	c.metric(m)
	d.of = c.cellsOf(m)
	if m.later != "" {
		c.scopeOf(d, d.line).needsLater(m.later)
	}
	a := &policy.Alert{Head: d.head, Of: d.of, Metric: m.metric, Across: len(n.Across) > 0}
	a.Mode = c.modeOf(d)
	ok := c.alertDims(d, a, append(append([]*syntax.Path{}, n.By...), n.Across...))
	lines := once{}
	for _, l := range d.line.Body {
		s := c.figures(d, l, m)
		s.extra = alertWords(m.metric, a.Across)
		ok = s.alertLine(a, l, lines) && ok
		look, is := l.Node.(*syntax.Check)
		if is && look.Late.Ok() && m.metric.Of != nil && m.metric.Taken() {
			c.tell(source.LateTaken, l.Span(), m.name)
			ok = false
		}
	}
	alertExprs(a, func(x *policy.Expr) {
		visit(x, func(e *policy.Expr) {
			switch {
			case !e.Figure():
			case e.Fn == "chance" && !measurable(m.metric):
				c.tell(source.NoChance, e.Span, m.name)
				ok = false
			case e.Fn == "band" && !isShare(m.metric):
				c.tell(source.NoBand, e.Span, m.name)
				ok = false
			}
		})
	})
	c.alertEnds(d, a, lines, ok && m.metric.Of != nil && m.metric.Value != nil)
	return true
}

// celled keeps the cells of a metric that an alert in force is of.
func (c *checker) celled(a *policy.Alert) {
	if m := a.Metric; m != nil && m.Cells == nil {
		m.Cells = a.Of
		c.policy.Records = append(c.policy.Records, a.Of)
	}
}

// alertDims finds the metric's dimensions that an alert names.
func (c *checker) alertDims(d *decl, a *policy.Alert, names []*syntax.Path) bool {
	ok := true
	for _, p := range names {
		name, at := d.line.Dotted(p), d.line.PathSpan(p)
		i, twice := -1, false
		var have []string
		for k := range a.Metric.By {
			have = append(have, a.Metric.By[k].Name)
			if a.Metric.By[k].Name == name {
				i = k
			}
		}
		for _, k := range a.Dims {
			twice = twice || k == i
		}
		switch {
		case i < 0:
			c.tell(source.UnknownBy, at, a.Metric.Name, name).Near = source.Nearest(name, have)
			ok = false
		case twice:
			c.tell(source.TwoAlike, at, name)
			ok = false
		default:
			a.Dims = append(a.Dims, i)
		}
	}
	return ok
}

// cellsOf is the entity that the metric's cells are: its fields are what the rows are grouped by.
func (c *checker) cellsOf(m *decl) *policy.Record {
	if m.cells != nil {
		return m.cells
	}
	r := &policy.Record{Builtin: true, Kept: true, Head: policy.Head{Name: m.head.Name,
		Full: m.head.Full, Was: m.head.Was, Label: m.head.Label, Span: m.head.Span}}
	addSystem(r, isSource)
	for _, y := range m.metric.By {
		if fieldNamed(r, y.Name) != nil {
			continue // a dimension called id or created is not to be asked for
		}
		t := y.X.Type
		t.Maybe = true
		addField(r, &policy.Field{Name: y.Name, Type: t, Span: y.X.Span})
	}
	m.cells = r
	return r
}

// alertWords are the bare names of a metric's alert beside the dimensions.
func alertWords(m *policy.Metric, across bool) map[string]policy.Type {
	all := figureWords(m)
	words := map[string]policy.Type{"n": all["n"]}
	names := []string{"value", "previous", "last_year", "change"}
	if across {
		names = []string{"spread", "chance", "band"}
	}
	for _, w := range names {
		words[w] = all[w]
	}
	return words
}

// measurable reports whether it can be told how likely chance alone makes groups of a metric as
// different as they are: one share, mean or number of rows, and no arithmetic over several.
func measurable(m *policy.Metric) bool {
	if m.Value == nil || m.Value.Op != policy.OpAggregate {
		return false
	}
	switch m.Value.Agg.Fn {
	case policy.Share, policy.Avg, policy.Count:
		return true
	}
	return false
}

// isShare reports whether a metric is one share of its rows: what a band can be drawn for.
func isShare(m *policy.Metric) bool {
	return m.Value != nil && m.Value.Op == policy.OpAggregate && m.Value.Agg.Fn == policy.Share
}

// figureWords are the types of a metric's figures.
func figureWords(m *policy.Metric) map[string]policy.Type {
	v := policy.Type{Kind: value.Number}
	if m != nil && m.Value != nil {
		v = m.Value.Type
	}
	v.Maybe = true
	diff := v
	diff.Diff = v.Kind == value.Percent
	percent := policy.Type{Kind: value.Percent, Maybe: true}
	change := percent
	change.Diff = diff.Diff
	return map[string]policy.Type{"value": v, "previous": v, "last_year": v, "n": {Kind: value.Int},
		"change": change, "difference": diff, "spread": diff, "chance": percent, "band": diff}
}

// figures is where the conditions and effects of a metric's alert or remedy stand.
func (c *checker) figures(d *decl, l *syntax.Line, m *decl) *scope {
	s := c.scopeOf(d, l)
	s.lost, s.looks, s.measured = false, true, m.metric
	return s
}

// remedyScope is where the lines of a remedy stand: the dimensions are bare names.
func (c *checker) remedyScope(d *decl, l *syntax.Line, m *decl) *scope {
	s := c.figures(d, l, m)
	s.self, s.extra = c.cellsOf(m), figureWords(m.metric)
	return s
}

// metricWord is mean(12), sd(12), median(12) and mad(12) in a metric's alert.
func (s *scope) metricWord(n *syntax.Call) (x *policy.Expr, ok bool) {
	if s.measured == nil || len(n.Args) != 1 || s.inRow {
		return nil, false
	}
	switch n.Fn {
	case "mean", "sd", "median", "mad":
	default:
		return nil, false
	}
	l, _, ok := s.literal(n.Args[0].X)
	if !ok || l.Value.Kind != value.Int {
		return nil, false
	}
	at := s.line.ExprSpan(n)
	if l.Value.N < fewestPeriods || l.Value.N > mostPeriods {
		s.tell(source.BadPeriods, s.line.ExprSpan(n.Args[0].X))
		return nil, true
	}
	t := figureWords(s.measured)["value"]
	if t.Kind == value.Int {
		t.Kind = value.Number
	}
	count := constOf(l.Value, policy.Type{Kind: value.Int}, at)
	return &policy.Expr{Op: policy.OpCall, Fn: n.Fn, Type: t, Span: at,
		Args: []*policy.Expr{count}}, true
}

// mostPeriods bounds a look's cost: ten years of months.
const mostPeriods = 120

// inPoints reports whether `change` of a percentage stands beside percentage points: then it is the
// difference, where beside a percentage it is relative.
func (s *scope) inPoints(name, beside syntax.Expr) bool {
	n, ok := name.(*syntax.Name)
	if !ok || s.measured == nil || s.line.Word(n.Tok) != "change" {
		return false
	}
	l, _, ok := s.literal(beside)
	return ok && l.Diff && s.measured.Value != nil && s.measured.Value.Type.Kind == value.Percent
}
