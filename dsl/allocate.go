package dsl

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// allocateHead resolves whose reference an allocation fills, and with whom.
func (c *checker) allocateHead(d *decl, n *syntax.Allocate) {
	d.allocate = &policy.Allocation{Head: d.head}
	last := len(n.Path.Names) - 1
	if last == 0 {
		c.tell(source.NotPath, d.span, d.name)
		return
	}
	d.of = c.subject(d, &syntax.Path{Names: n.Path.Names[:last]}, isEntity)
	d.allocate.Of, d.allocate.To = d.of, c.subject(d, n.To, isEntity)
	if d.allocate.To != nil {
		c.people[d.allocate.To] = true // what is given to somebody is theirs, not about them
	}
}

// allocateBody checks an allocation (reference, section 8).
func (c *checker) allocateBody(d *decl) {
	if d.state != untouched {
		return
	}
	d.state = done
	a := d.allocate
	a.Mode = c.modeOf(d)
	ok := c.allocated(d)
	lines := once{}
	for _, l := range d.line.Body {
		s := c.scopeOf(d, l)
		s.cand = a.To
		s.lost = s.lost || a.To == nil
		ok = s.allocateLine(a, l, lines) && ok
	}
	c.tooLate(d)
	switch {
	case unread(d.line) && len(d.line.Body) > 0:
		ok = false
	case a.Offer > 1 && a.Share != nil:
		c.tell(source.OfferedInTurn, d.span, d.name)
		ok = false
	case lines["weigh"] && lines["share"], lines["by"] && (lines["weigh"] || lines["share"]):
		c.tell(source.WeighAndShare, d.span, d.name)
		ok = false
	}
	c.settle(d, ok, func() { c.policy.Allocations = append(c.policy.Allocations, a) })
}

// allocated checks the reference that an allocation fills: stored, allowed to be missing, and to
// the type of the candidates.
func (c *checker) allocated(d *decl) bool {
	a := d.allocate
	if a.Of == nil || a.To == nil {
		return false
	}
	n := d.node.(*syntax.Allocate)
	last := n.Path.Names[len(n.Path.Names)-1].Tok
	name, at := d.line.Name(last), d.line.TokSpan(last)
	f := fieldNamed(a.Of, name)
	if f == nil {
		f = fieldLabelled(a.Of, name)
	}
	if f == nil {
		c.scopeOf(d, d.line).unknownField(a.Of, name, at)
		return false
	}
	c.refer(at, f)
	a.Field = f
	switch {
	case f.System != policy.NotSystem || c.isComputed(f):
		c.tell(source.NotStored, at, name)
	case f.Type.Kind != value.Ref || f.Type.Record != a.To:
		c.tell(source.AllocateTo, d.line.PathSpan(n.To), d.name, typeWord(f.Type), a.To.Name).Related =
			[]source.Related{{Span: f.Span, Code: source.FirstHere}}
	case !f.Type.Maybe:
		c.tell(source.AllocateNeeded, at, d.name, a.Of.Name).Related =
			[]source.Related{{Span: f.Span, Code: source.FirstHere}}
	default:
		return true
	}
	return false
}

// allocateLine checks one line of an allocation.
func (s *scope) allocateLine(a *policy.Allocation, l *syntax.Line, lines once) bool {
	switch n := l.Node.(type) {
	case *syntax.Cond:
		if lines.seen(s, n.Kind) {
			return false
		}
		x := s.condition(n.X)
		if n.Kind == "limit" {
			a.Limit = x
		} else {
			a.Where = x
		}
		return x != nil
	case *syntax.Block:
		if lines.seen(s, "weigh") {
			return false
		}
		a.Weigh = s.c.terms(s.d, l, s.at)
		return len(a.Weigh) == len(l.Body)
	case *syntax.ShareBy:
		if lines.seen(s, "share") {
			return false
		}
		a.Share = s.share(n.X)
		return a.Share != nil
	case *syntax.Baseline:
		return !lines.seen(s, "by") && s.baseline(a, n)
	case *syntax.Accept:
		d, ok := s.due(n.D.Tok)
		a.Accept = &d
		if n.Top.Ok() {
			a.Offer = s.count(n.Top.Tok)
			ok = ok && a.Offer > 0
		}
		return !lines.seen(s, "accept") && ok
	case *syntax.WarnAfter:
		return s.warnAfter(a, n)
	case *syntax.Hold:
		a.Hold = true
		return !lines.seen(s, "hold")
	case *syntax.AwayWithin:
		d, ok := s.due(n.D.Tok)
		a.Away = &d
		return !lines.seen(s, "away") && ok
	case *syntax.Recycle:
		return s.recycle(a, n) && !lines.seen(s, "recycle")
	case *syntax.Cool:
		d, ok := s.due(n.D.Tok)
		a.Cool = &d
		return !lines.seen(s, "cool") && ok
	case *syntax.Same:
		return !lines.seen(s, "same") && s.sameField(a, n)
	case *syntax.Else:
		if lines.seen(s, "else") || n.Do == nil {
			return false
		}
		s.cand = nil
		a.Else = s.effect(n.Do)
		return a.Else != nil
	case *syntax.Mode:
		return !lines.seen(s, "mode")
	}
	return true
}

// recycle checks when a record goes back to the pool.
func (s *scope) recycle(a *policy.Allocation, n *syntax.Recycle) bool {
	d, ok := s.due(n.D.Tok)
	a.Keep = &policy.Recycle{After: d}
	if n.Most.Ok() {
		most, sound := s.due(n.Most.Tok)
		a.Keep.Most, ok = &most, ok && sound
		if sound && reaches(d, most) {
			s.tell(source.AfterAll, s.line.TokSpan(n.D.Tok), s.line.Text(n.D.Tok), s.line.Text(n.Most.Tok))
		}
	}
	if n.Where != nil {
		s.cand = nil
		a.Keep.Where = s.condition(n.Where)
		ok = ok && a.Keep.Where != nil
	}
	return ok
}

// warnAfter checks what is done before a record goes back.
func (s *scope) warnAfter(a *policy.Allocation, n *syntax.WarnAfter) bool {
	d, ok := s.due(n.D.Tok)
	s.cand = nil
	w := policy.Nudge{After: d, Do: s.effects(s.line.Body)}
	a.Warn = append(a.Warn, w)
	return ok && len(w.Do) == len(s.line.Body)
}

// reaches reports whether a deadline is no sooner than another that is counted alike.
func reaches(d, other policy.Due) bool {
	return d.Work == other.Work && (d.Days == 0) == (other.Days == 0) &&
		(d.Days > other.Days || d.Days == other.Days && d.Micro >= other.Micro)
}

// tooLate tells of warnings that would come when the record has gone back already.
func (c *checker) tooLate(d *decl) {
	a, i, back := d.allocate, 0, ""
	for _, l := range d.line.Body {
		if n, ok := l.Node.(*syntax.Recycle); ok && a.Keep != nil {
			back = l.Text(n.D.Tok)
		}
	}
	for _, l := range d.line.Body {
		n, ok := l.Node.(*syntax.WarnAfter)
		if !ok {
			continue
		}
		if back != "" && reaches(a.Warn[i].After, a.Keep.After) {
			c.tell(source.AfterAll, l.TokSpan(n.D.Tok), l.Text(n.D.Tok), back)
		}
		i++
	}
}

// sameField checks `same customer`: a stored reference of the record.
func (s *scope) sameField(a *policy.Allocation, n *syntax.Same) bool {
	at, name := s.line.PathSpan(n.Path), s.line.Dotted(n.Path)
	if s.self == nil {
		return false
	}
	f := fieldNamed(s.self, name)
	if f == nil {
		f = fieldLabelled(s.self, name)
	}
	switch {
	case f == nil:
		s.unknownField(s.self, name, at)
		return false
	case f.System != policy.NotSystem || s.c.isComputed(f):
		s.tell(source.NotStored, at, name)
		return false
	case f.Type.Kind != value.Ref:
		s.tell(source.WrongType, at, "reference", typeWord(f.Type))
		return false
	}
	s.c.refer(at, f)
	a.Same = f
	return true
}

// pools reports whether an allocation in force gives out records of a type: what can be put into
// a pool.
func (c *checker) pools(r *policy.Record) bool {
	for _, d := range c.decls {
		if d.kind == isAllocate && d.of == r && c.inForce(d) {
			return true
		}
	}
	return false
}
