package kind

import "github.com/throughline/throughline/dsl/policy"

// Metric is the word of the kind whose declarations are looked at only when somebody asks.
const Metric = "metric"

func metrics() *Kind {
	return &Kind{Word: Metric, Label: both("metrics", "指标"), Plain: true,
		decls: func(p *policy.Policy) []Decl { return each(p.Metrics, metric) }}
}

// metric takes a metric apart: what is measured, of which rows, and how they are grouped.
func metric(m *policy.Metric) Decl {
	l := list{mode(&m.Head)}
	l.shown("value", m.Value)
	l.shown("where", m.Where)
	l.shown("at", m.At)
	for i := range m.By {
		from := len(l)
		l.shown("group "+m.By[i].Name, m.By[i].X)
		l.named(from, Things(m.By[i].X)...)
	}
	if m.Every != policy.NoPeriod {
		l.set("every", period(m.Every), m.Span)
	}
	switch m.Better {
	case policy.Lower:
		l.set("better", both("lower", "越低"), m.Span)
	case policy.Higher:
		l.set("better", both("higher", "越高"), m.Span)
	}
	return Decl{Head: &m.Head, Of: m.Of, Parts: l}
}

func (l *list) shown(name string, x *policy.Expr) {
	if x != nil {
		l.add(Part{Role: Shown, Name: name, Expr: x, Span: x.Span})
	}
}
