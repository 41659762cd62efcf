package dsl

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// Inside an imported package the name of a template stands for its uses in the workspace: for none
// of them, for one, or for whichever of several an event completes (reference, section 2). What
// such a name is read in need not know which of these it is: a figure of none is a constant, a
// figure of one is that action's, and of several it is asked of every event whether one of them
// counts it.

// uses are the actions that a name stands for and that are done by one event.
type uses struct {
	of    *decl            // what was named: an action, or a template
	on    *policy.Record   // the event
	lead  *policy.Action   // says by whom and about what it is; where acts is empty, nothing counts it
	acts  []*policy.Action // each in force
	first *decl            // the first of their declarations: how names of fields are read
	mixed bool             // they bind the event's fields differently
}

// one is the action where the name stands for exactly one.
func (u *uses) one() *policy.Action {
	if len(u.acts) == 1 {
		return u.acts[0]
	}
	return nil
}

// bind is how the template's names of fields are read in the event's.
func (u *uses) bind() *binding {
	if u == nil || u.first == nil {
		return nil
	}
	return u.first.bind
}

// counts is whether the record at hand is a counted completion of one of them; nil where that goes
// without saying, because its rows are the completions of one action.
func (u *uses) counts(op policy.Op, fn string, at source.Span) *policy.Expr {
	if len(u.acts) == 1 && op == policy.OpRow && fn == "" {
		return nil
	}
	var any []*policy.Expr
	for _, a := range u.acts {
		any = append(any, &policy.Expr{Op: policy.OpDone, Action: a, Fn: fn, Span: at,
			Type: policy.Type{Kind: value.Bool, Maybe: true},
			Args: []*policy.Expr{standing(op, u.on, at)}})
	}
	switch len(any) {
	case 0:
		return constOf(value.OfBool(false), boolType(), at)
	case 1:
		return any[0]
	}
	return &policy.Expr{Op: policy.OpOr, Type: any[0].Type, Args: any, Span: at}
}

// and adds a condition to another; nil is none.
func and(a, b *policy.Expr) *policy.Expr {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return &policy.Expr{Op: policy.OpAnd, Type: boolType(), Args: []*policy.Expr{a, b}, Span: b.Span}
}

// standsFor finds the actions that a name stands for, in groups by their events. What cannot be
// read has been told.
func (s *scope) standsFor(d *decl, at source.Span) ([]*uses, bool) {
	if d.known || s.c.inForce(d) || s.pkg == s.c.own || d.pkg == s.c.own {
		a := s.running(d, at)
		if a == nil {
			return nil, false
		}
		return []*uses{{of: d, on: a.On, lead: a, acts: []*policy.Action{a}}}, true
	}
	var found []*decl
	for _, u := range d.usedAs {
		if u.useBad {
			return nil, false
		}
		a := s.running(u, at)
		if a == nil {
			return nil, false
		}
		found = append(found, u)
	}
	if len(found) > 1 { // of several, what counts nothing adds nothing
		on := slices.DeleteFunc(slices.Clone(found), func(u *decl) bool {
			return u.action.Mode == policy.Off || u.action.Mode == policy.Shadow
		})
		if len(on) > 0 {
			found = on
		}
	}
	if len(found) == 0 {
		s.unusedHere(d, at)
		a := s.c.asWritten(d)
		if a.On == nil {
			return nil, false
		}
		return []*uses{{of: d, on: a.On, lead: a}}, true
	}
	return grouped(d, found), true
}

// grouped puts the uses of a template together by the events that they are on.
func grouped(d *decl, found []*decl) (out []*uses) {
	for _, u := range found {
		i := slices.IndexFunc(out, func(g *uses) bool { return g.on == u.action.On })
		if i < 0 {
			out = append(out, &uses{of: d, on: u.action.On, lead: u.action, first: u})
			i = len(out) - 1
		}
		g := out[i]
		g.mixed = g.mixed || !sameBinding(g.first.bind, u.bind)
		g.acts = append(g.acts, u.action)
	}
	return out
}

// sameBinding reports whether two uses read a template's names of fields alike.
func sameBinding(a, b *binding) bool {
	if a == nil || b == nil {
		return a == b
	}
	if len(a.fields) != len(b.fields) {
		return false
	}
	for name, x := range a.fields { //tidy:order whether all are alike is the same in any order
		y, ok := b.fields[name]
		if !ok || written(x) != written(y) {
			return false
		}
	}
	return true
}

func written(b bound) string {
	at := b.line.ExprSpan(b.x)
	return b.line.File().Text[at.Off:at.End]
}

// asWritten is a template as its text has it: what it is on, by whom, about what and how often.
// Nothing is told of it, because it is not in force.
func (c *checker) asWritten(d *decl) *policy.Action {
	if d.plain != nil {
		return d.plain
	}
	told, of := len(c.diags), d.of
	a := &policy.Action{Head: d.head, On: c.eventOf(d)}
	d.of, d.plain = a.On, a
	lines := once{}
	for _, l := range d.line.Body {
		switch l.Node.(type) {
		case *syntax.By, *syntax.About, *syntax.Target:
			c.scopeOf(d, l).actionLine(a, l, lines)
		}
	}
	if a.By == nil && !lines["by"] {
		a.By = c.onlyPerson(d)
	}
	c.diags, d.of = c.diags[:told], of
	return a
}

// unusedHere tells who uses one template that it reads another which nothing uses.
func (s *scope) unusedHere(d *decl, at source.Span) {
	if s.d == nil || s.d.used == nil || s.c.lacks[[2]*decl{s.d, d}] {
		return
	}
	if s.c.lacks == nil {
		s.c.lacks = map[[2]*decl]bool{}
	}
	s.c.lacks[[2]*decl{s.d, d}] = true
	s.c.tell(source.NothingUses, s.d.useLine.HeadSpan(), s.d.name, d.name).Related =
		[]source.Related{{Span: at, Code: source.FirstHere}}
}

// apartUses tells that a figure of uses on several events has no meaning: at the use that is one
// too many, because the text that reads it is not the author's.
func (s *scope) apartUses(list []*uses, what string, at source.Span) {
	second := list[min(1, len(list)-1)].first
	s.c.tell(source.UsesApart, second.useLine.HeadSpan(), list[0].of.name, what).Related =
		[]source.Related{{Span: at, Code: source.FirstHere}}
}

// boundPart reads a template's name of a field in the event that a use is on, where it says how.
func (s *scope) boundPart(name string) (*policy.Expr, bool) {
	b := s.bind
	if s.inRow {
		b = s.counting.bind()
	}
	if b == nil {
		return nil, false
	}
	f, ok := b.fields[name]
	if !ok {
		return nil, false
	}
	t := &scope{c: s.c, pkg: f.pkg, line: f.line, self: s.self, d: s.d, inRow: s.inRow, row: s.row}
	return t.expr(f.x, nil), true
}

// nothing is a figure of no records: 0 of them, or missing.
func nothing(a *policy.Aggregate, at source.Span) *policy.Expr {
	v := value.Value{}
	switch a.Fn {
	case policy.Count, policy.Sum, policy.Distinct:
		if v = value.OfWord(a.Type.Kind, 0); a.Type.Kind.Class() == value.Float {
			v = value.OfFloat(a.Type.Kind, 0)
		}
	}
	return constOf(v, a.Type, at)
}

// together adds up a figure over the uses of a template on several events.
func (s *scope) together(fn policy.AggFn, list []*counted, n *syntax.Call) *policy.Expr {
	at := s.line.ExprSpan(n)
	var all []*uses
	for _, src := range list {
		all = append(all, src.uses)
	}
	if fn != policy.Count && fn != policy.Sum {
		s.apartUses(all, n.Fn, at)
		return nil
	}
	var sum *policy.Expr
	for _, src := range list {
		x := s.aggregateOf(fn, src, n)
		if x == nil {
			return nil
		}
		sum = plus(sum, x)
	}
	return sum
}
