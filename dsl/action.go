package dsl

import (
	"unicode"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// action checks an action once; what reads it is checked after it. What only acts on it (its
// digest, its feedback) is checked last, because it may count the action itself.
func (c *checker) action(d *decl) {
	if d.state != untouched {
		return
	}
	d.state = inHand
	a := d.action
	*a = policy.Action{Head: d.head, On: d.of}
	a.Mode = c.modeOf(d)
	lines, ok := once{}, d.of != nil
	c.actionOn(d)
	var later []*syntax.Line
	for _, l := range c.actionBody(d) {
		switch n := l.Node.(type) {
		case *syntax.Every:
			later = append(later, l)
		case *syntax.Block:
			if n.Kind == "feedback" {
				later = append(later, l)
			} else {
				ok = c.scopeOf(d, l).steps(a, l, lines) && ok
			}
		default:
			ok = c.scopeOf(d, l).actionLine(a, l, lines) && ok
		}
	}
	ok = ok && c.doneSteps(d, a)
	if a.By == nil && !lines["by"] {
		a.By = c.onlyPerson(d)
	}
	d.state = done
	if a.By != nil {
		c.people[a.Person()] = true
	}
	c.settle(d, ok, func() {
		d.act = &acting{action: a}
		c.policy.Actions = append(c.policy.Actions, a)
	})
	for _, l := range later {
		c.actionActs(d, a, l)
	}
}

// actionBody is the block of an action, where a use may give another target and weight.
func (c *checker) actionBody(d *decl) []*syntax.Line {
	var out []*syntax.Line
	for _, l := range d.line.Body {
		switch l.Node.(type) {
		case *syntax.Target:
			if d.used != nil && d.used.target != nil {
				l = d.used.target
			}
		case *syntax.Weight:
			if d.used != nil && d.used.weight != nil {
				l = d.used.weight
			}
		}
		out = append(out, l)
	}
	if d.used == nil {
		return out
	}
	for _, l := range []*syntax.Line{d.used.target, d.used.weight} {
		if l != nil && !contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

func contains(list []*syntax.Line, l *syntax.Line) bool {
	for _, x := range list {
		if x == l {
			return true
		}
	}
	return false
}

// actionOn reports an action that is on no event.
func (c *checker) actionOn(d *decl) {
	found := false
	for _, l := range d.line.Body {
		n, ok := l.Node.(*syntax.On)
		if !ok {
			continue
		}
		found = true
		if e := c.path(d.pkg, l, n.Path); e != nil && e.kind != isEvent {
			c.tell(source.NotA, l.PathSpan(n.Path), e.name, string(e.kind), "event")
			d.of = nil
		}
	}
	if !found {
		c.tell(source.ActionNoEvent, d.span, d.name)
	}
}

// actionLine checks one line of an action.
//
//tidy:long one flat switch over the lines of an action
func (s *scope) actionLine(a *policy.Action, l *syntax.Line, lines once) bool {
	switch n := l.Node.(type) {
	case *syntax.By:
		if lines.seen(s, "by") || len(n.Paths) == 0 {
			return false
		}
		a.By = s.reference(n.Paths[0])
		return a.By != nil
	case *syntax.About:
		if lines.seen(s, "about") {
			return false
		}
		a.About = s.reference(n.Path)
		return a.About != nil
	case *syntax.Done:
		return !lines.seen(s, "done") && s.doneLine(a, n)
	case *syntax.Proof:
		return s.proof(a, l, n)
	case *syntax.Target:
		if lines.seen(s, "target") {
			return false
		}
		t := &policy.Target{N: s.count(n.N.Tok), Per: periodNamed(n.Per), Span: l.Span()}
		if n.Distinct != nil {
			if t.Distinct = s.pathExpr(n.Distinct); t.Distinct == nil {
				return false
			}
		}
		a.Target = t
		return t.N > 0
	case *syntax.Why:
		a.Why = s.message(n.Text)
	case *syntax.Moves:
		m := s.c.path(s.pkg, l, n.Path)
		if m == nil {
			return false
		}
		a.Moves, a.MovesUp = m.full, n.How == "higher"
	case *syntax.Weight:
		if !lines.seen(s, "weight") {
			a.Weight = s.weight(n.W.Tok)
		}
	}
	return true
}

// doneLine checks `done E within D` and `done all steps`, which doneSteps completes.
func (s *scope) doneLine(a *policy.Action, n *syntax.Done) bool {
	if n.Within.Ok() {
		d, ok := s.due(n.Within.Tok)
		if !ok {
			return false
		}
		a.DoneWithin = &d
	}
	if n.AllSteps {
		s.d.allSteps = s.line
		return true
	}
	if n.X == nil {
		return false
	}
	a.Done = s.condition(n.X)
	return a.Done != nil
}

// doneSteps makes `done all steps` the `and` of the steps.
func (c *checker) doneSteps(d *decl, a *policy.Action) bool {
	if d.allSteps == nil {
		return true
	}
	at := d.allSteps.Span()
	if len(a.Steps) == 0 {
		c.tell(source.NoSteps, at, d.name)
		return false
	}
	var all []*policy.Expr
	for i := range a.Steps {
		all = append(all, a.Steps[i].X)
	}
	a.Done = all[0]
	if len(all) > 1 {
		a.Done = &policy.Expr{Op: policy.OpAnd, Type: boolType(), Args: all, Span: at}
	}
	return true
}

// reference is a path that leads to an entity.
func (s *scope) reference(p *syntax.Path) *policy.Expr {
	x := s.pathExpr(p)
	if x != nil && x.Type.Kind != value.Ref {
		s.tell(source.NotRef, x.Span, typeWord(x.Type))
		return nil
	}
	return x
}

// pathExpr resolves a path of fields from the subject.
func (s *scope) pathExpr(p *syntax.Path) *policy.Expr {
	if s.self == nil {
		return nil
	}
	return s.fieldPath(s.self, p)
}

// onlyPerson is the event's one Rep.
func (c *checker) onlyPerson(d *decl) *policy.Expr {
	if d.of == nil {
		return nil
	}
	return c.onlyRep(d.of, d.span)
}

// actionActs checks the lines that act on an action: its digest and its feedback.
func (c *checker) actionActs(d *decl, a *policy.Action, l *syntax.Line) {
	s := c.scopeOf(d, l)
	if n, ok := l.Node.(*syntax.Every); ok {
		c.actionEvery(d, a, l, n)
		return
	}
	for _, line := range l.Body {
		t := s.at(line)
		switch n := line.Node.(type) {
		case *syntax.Show:
			m, x := t.message(n.Text), t.expr(n.X, nil)
			if m == nil || x == nil {
				continue
			}
			m.Parts = shown(m.Parts, x)
			if m.Other != nil {
				m.Other = shown(m.Other, x)
			}
			a.Feedback = append(a.Feedback, &policy.Effect{Kind: policy.Note, Text: m, Span: line.Span()})
		case *syntax.EffectLine:
			if n.Do != nil {
				if e := t.effect(n.Do); e != nil {
					a.Feedback = append(a.Feedback, e)
				}
			}
		}
	}
}

// actionEvery makes `every wednesday at 09:00 for Store where overdue { … }` a rule with one
// effect a recipient (reference, section 7).
func (c *checker) actionEvery(d *decl, a *policy.Action, l *syntax.Line, n *syntax.Every) {
	s := c.scopeOf(d, l)
	s.self, s.lost = a.Subject(), a.Subject() == nil
	if n.For != nil {
		if e := c.path(d.pkg, l, n.For); e != nil {
			if e.kind != isEntity {
				c.tell(source.NotA, l.PathSpan(n.For), e.name, string(e.kind), "entity")
				return
			}
			s.self, s.lost = e.record, e.record == nil
		}
	}
	if s.self == nil {
		if n.For == nil {
			c.tell(source.EveryNobody, l.Span(), d.name)
		}
		return
	}
	r := &policy.Rule{Head: d.head, On: s.self, Each: true}
	r.Name, r.Full, r.Mode, r.Was = d.name+".every", d.full+".every", a.Mode, nil
	r.Head.Span = l.HeadSpan()
	n2 := *n
	n2.For = nil
	r.Every = s.schedule(&n2)
	s.overdue = a
	if n.Where != nil {
		if r.Where = s.condition(n.Where); r.Where == nil {
			return
		}
	}
	s.digest = true
	r.Do = s.effects(l.Body)
	if d.act != nil {
		c.policy.Rules = append(c.policy.Rules, r)
	}
}

// overdueOf is `overdue`: no counted completion about the subject in the target's period.
func (s *scope) overdueOf(at source.Span) *policy.Expr {
	a := s.overdue
	if a.About == nil || a.Subject() != s.self {
		s.tell(source.OverdueAbout, at, a.Name, s.self.Name)
		return nil
	}
	w := policy.Window{Kind: policy.This, Period: policy.Weekly}
	if a.Target != nil {
		w.Period = a.Target.Per
		if w.Period == policy.Workday {
			w.Period = policy.Daily
		}
	}
	g := &policy.Aggregate{Fn: policy.Count, Source: a.On, Action: a, Subject: s.self, Window: w,
		Via: rowOf(a.About), Type: policy.Type{Kind: value.Int}, Span: at}
	count := &policy.Expr{Op: policy.OpAggregate, Agg: g, Type: g.Type, Span: at}
	zero := constOf(value.OfWord(value.Int, 0), policy.Type{Kind: value.Int}, at)
	return &policy.Expr{Op: policy.OpEq, Type: boolType(), Args: []*policy.Expr{count, zero}, Span: at}
}

// rowOf reads the counted record where an expression reads the subject.
func rowOf(x *policy.Expr) *policy.Expr {
	if x == nil {
		return nil
	}
	y := *x
	if y.Op == policy.OpSelf {
		y.Op = policy.OpRow
	}
	y.Args = nil
	for _, a := range x.Args {
		y.Args = append(y.Args, rowOf(a))
	}
	return &y
}

// actionsNamed are the actions that an expression names, once they are checked; false where it
// cannot be read, which has been told.
func (s *scope) actionsNamed(x syntax.Expr) ([]*uses, bool) {
	p := pathOf(x)
	at := s.line.ExprSpan(x)
	if p == nil {
		s.tell(source.NotA, at, s.textAt(at), "expression", "action")
		return nil, false
	}
	name := s.line.Name(p[0])
	if s.cell != nil && name == "action" && len(p) == 1 {
		a := s.cell
		return []*uses{{on: a.On, lead: a, acts: []*policy.Action{a}}}, true
	}
	d, _ := s.c.visible(s.pkg, name)
	if a := s.pkg.aliases[name]; a != nil && len(p) > 1 {
		d = a.pkg.named(s.line.Name(p[1]))
	}
	switch {
	case d == nil:
		s.tell(source.UnknownName, at, name).Near = source.Nearest(name,
			s.c.typeNames(s.pkg, func(d *decl) bool { return d.kind == isAction }))
		return nil, false
	case d.kind != isAction:
		s.tell(source.NotA, at, name, string(d.kind), "action")
		return nil, false
	}
	s.c.refer(at, d)
	return s.standsFor(d, at)
}

// running is the action of a declaration where it is in force and sound.
func (s *scope) running(d *decl, at source.Span) *policy.Action {
	if d.known {
		return d.action
	}
	if !s.c.inForce(d) {
		s.tell(source.ActionNotUsed, at, d.name)
		return nil
	}
	if d.state == inHand {
		s.tell(source.Cycle, at, d.name)
		return nil
	}
	s.c.action(d)
	if d.later != "" {
		s.needsLater(d.name)
		return nil
	}
	if d.act == nil {
		return nil
	}
	return d.act.action
}

// cellText is the action of a cell in a message or a comparison: its label, else its name.
func (s *scope) cellText(at source.Span) *policy.Expr {
	if s.cell.Label.Main == "" {
		return constOf(value.OfText(s.cell.Name), policy.Type{Kind: value.Text}, at)
	}
	x := constOf(value.OfText(s.cell.Label.Main), policy.Type{Kind: value.Text}, at)
	x.Label = &s.cell.Label
	return x
}

// shown is a text with what it shows behind it, after the colon of its script.
func shown(parts []policy.Part, x *policy.Expr) []policy.Part {
	colon := ": "
	for _, p := range parts {
		for _, r := range p.Lit {
			if unicode.Is(unicode.Han, r) {
				colon = "："
			}
		}
	}
	return append(parts, policy.Part{Lit: colon}, policy.Part{X: x})
}
