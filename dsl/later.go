package dsl

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// laterOf puts a declaration among those that are checked and not run, and says so once.
func (c *checker) laterOf(d *decl) {
	if !c.inForce(d) {
		return
	}
	l := &policy.Later{Head: d.head, What: string(d.kind), Why: d.later}
	if d.kind == declKind(d.later) {
		l.Why = ""
		c.tell(source.NotRun, d.span, string(d.kind), d.name)
	} else {
		c.tell(source.NeedsNotRun, d.span, string(d.kind), d.name, d.later)
	}
	c.policy.Later = append(c.policy.Later, l)
}

// laterDecl checks a declaration whose engine does not exist yet: its names, fields and conditions.
func (c *checker) laterDecl(d *decl) {
	if d.state != untouched || !d.kind.acts() {
		return
	}
	d.state = done
	d.head.Mode = c.modeOf(d)
	switch d.node.(type) {
	case *syntax.Goal:
		c.goal(d)
	case *syntax.Remedy:
		c.remedy(d)
	}
	d.later = string(d.kind)
	c.laterOf(d)
}

// eventOf is the event that an action is on, or a declared record itself.
func (c *checker) eventOf(d *decl) *policy.Record {
	if d.record != nil {
		return d.record
	}
	if d.kind != isAction {
		return nil
	}
	if d.of != nil {
		return d.of
	}
	for _, l := range d.line.Body {
		if n, ok := l.Node.(*syntax.On); ok {
			if e, _ := c.visible(d.pkg, l.Name(n.Path.Names[0].Tok)); e != nil {
				return e.record
			}
		}
	}
	return nil
}

// fieldPath resolves a written path of fields from a record; the first name may be bound by a use.
func (s *scope) fieldPath(r *policy.Record, p *syntax.Path) *policy.Expr {
	at := s.line.PathSpan(p)
	_, op := s.subject()
	x, names := standing(op, r, at), p.Names
	if y, ok := s.boundPart(s.line.Name(names[0].Tok)); ok {
		x, names = y, names[1:]
	}
	for _, w := range names {
		if x == nil {
			return nil
		}
		x = s.partOf(x, s.line.Name(w.Tok), at, s.line.TokSpan(w.Tok))
	}
	return x
}

func (c *checker) metricPath(d *decl, l *syntax.Line, p *syntax.Path) *decl {
	m := c.path(d.pkg, l, p)
	if m != nil && m.kind != isMetric {
		c.tell(source.NotA, l.PathSpan(p), m.name, string(m.kind), "metric")
		return nil
	}
	if m != nil {
		c.metric(m)
	}
	return m
}

func (c *checker) goal(d *decl) {
	for _, l := range d.line.Body {
		s := c.scopeOf(d, l)
		s.lost = false
		switch n := l.Node.(type) {
		case *syntax.GoalMetric:
			c.metricPath(d, l, n.Path)
		case *syntax.Through:
			for _, y := range n.Items {
				if a := c.path(d.pkg, l, y.Path); a != nil && a.kind != isAction {
					c.tell(source.NotA, l.PathSpan(y.Path), a.name, string(a.kind), "action")
				}
			}
		}
	}
}

func (c *checker) remedy(d *decl) {
	n := d.node.(*syntax.Remedy)
	m := c.metricPath(d, d.line, n.For)
	if m == nil {
		return
	}
	for _, l := range d.line.Body {
		s := c.remedyScope(d, l, m)
		switch n := l.Node.(type) {
		case *syntax.Cond:
			s.condition(n.X)
		case *syntax.EffectLine:
			if n.Do != nil {
				s.effect(n.Do)
			}
		case *syntax.Verify:
			s.duration(n.After.Tok)
			s.condition(n.X)
		}
	}
}
