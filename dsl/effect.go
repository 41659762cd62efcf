package dsl

import (
	"maps"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// effects checks the effects in a block.
func (s *scope) effects(body []*syntax.Line) []*policy.Effect {
	var out []*policy.Effect
	for _, l := range body {
		n, ok := l.Node.(*syntax.EffectLine)
		if !ok || n.Do == nil {
			continue
		}
		if e := s.at(l).effect(n.Do); e != nil {
			out = append(out, e)
		}
	}
	return out
}

// effect checks one effect; nil where it could not be.
func (s *scope) effect(n *syntax.Effect) *policy.Effect {
	e := &policy.Effect{Span: s.line.Span()}
	ok := s.deed(e, n)
	if n.When != nil {
		e.When = s.condition(n.When)
		ok = ok && e.When != nil
	}
	if n.AtMost.Ok() {
		e.AtMost = &policy.Limit{N: s.count(n.AtMost.Tok), Open: n.Open}
		if n.Open && n.Task == nil {
			s.tell(source.OpenTasks, s.line.TokSpan(n.AtMost.Tok))
			ok = false
		} else if !n.Open {
			e.AtMost.Per = s.duration(n.Per.Tok)
		}
	}
	if !ok {
		return nil
	}
	return e
}

// deed checks what an effect does.
func (s *scope) deed(e *policy.Effect, n *syntax.Effect) (ok bool) {
	switch {
	case n.Task != nil:
		return s.task(e, n.Task)
	case n.Notify != nil:
		e.Kind, e.Via = policy.Notify, s.line.Name(n.Notify.Via.Tok)
		e.Who, ok = s.recipient(n.Notify.Who)
		e.Text = s.message(n.Notify.Text)
		return ok
	case n.Set != nil:
		return s.set(e, n.Set)
	case n.Say != nil:
		e.Kind = policy.Suggest
		if n.Say.Kind == "note" {
			e.Kind = policy.Note
		}
		e.Text = s.message(n.Say.Text)
	case n.Flag != nil:
		e.Kind = policy.Flag
		e.Text = s.message(n.Flag.Text)
	case n.Call != nil:
		e.Kind, e.Name = policy.Call, s.line.Name(n.Call.Name.Tok)
		e.Text = s.message(n.Call.Text)
	case n.Pool != nil:
		e.Kind = policy.Pool
		if s.self != nil && !s.c.pools(s.self) {
			s.tell(source.PoolOf, s.line.HeadSpan(), recordName(s.self))
			return false
		}
		if n.Pool.For.Ok() {
			if d, ok := s.due(n.Pool.For.Tok); ok {
				e.For = &d
			}
		}
	default:
		return false
	}
	return true
}

func (s *scope) task(e *policy.Effect, n *syntax.TaskEffect) (ok bool) {
	e.Kind = policy.Task
	e.Text = s.message(n.Text)
	e.Who, ok = s.recipient(n.For)
	if n.Due.Ok() {
		d, good := s.due(n.Due.Tok)
		e.Due, ok = &d, ok && good
	}
	if n.With != nil {
		e.With = s.expr(n.With, nil)
		ok = ok && e.With != nil
		if e.With != nil && e.With.Type.Kind != value.List {
			s.tell(source.NotList, e.With.Span, typeWord(e.With.Type))
			ok = false
		}
	}
	if n.Until != nil {
		e.Until = s.met(n.Until, e.Text)
		ok = ok && e.Until != nil
	}
	return s.handed(e, n) && ok
}

// met checks what a task is done by: something about the entity that the task is about, or that
// `of PATH` names, looked at at every moment.
func (s *scope) met(n *syntax.Met, text *policy.Message) *policy.Met {
	m, about := &policy.Met{}, s
	of := n.Of
	if n.Count != nil {
		of = n.Count.Of
	}
	if of != nil {
		if m.Of = s.reference(of); m.Of == nil {
			return nil
		}
		about = s.standingOn(m.Of.Type.Record)
	}
	if about.self == nil || about.self.Kind != policy.Entity || text != nil && isDigest(text) {
		if !s.lost {
			s.tell(source.UntilAbout, s.line.Span())
		}
		return nil
	}
	r := &policy.Requirement{}
	if n.Count != nil {
		count := *n.Count
		count.Of = nil
		about.required(r, &count)
	} else {
		r.X = about.condition(n.X)
	}
	if r.X == nil || !s.c.dated(r.X) {
		return nil
	}
	if r.Name == "" {
		r.Name = strings.Join(strings.Fields(s.textAt(r.X.Span)), " ")
	}
	m.Name, m.N, m.Count, m.X = r.Name, r.N, r.Count, r.X
	return m
}

// standingOn is the scope of what is said of another record.
func (s *scope) standingOn(r *policy.Record) *scope {
	t := *s
	t.self, t.bind, t.extra, t.overdue, t.digest = r, nil, nil, nil, false
	return &t
}

// handed checks who gets a task that was not done by its due, one after the other: each is the same
// task for somebody else.
func (s *scope) handed(e *policy.Effect, n *syntax.TaskEffect) bool {
	ok := true
	for _, h := range n.Else {
		next := &policy.Effect{Kind: policy.Task, Span: s.line.ExprSpan(h.For)}
		next.Text = sameText(next.Span)
		var good bool
		next.Who, good = s.recipient(h.For)
		ok = ok && good
		if e.Due == nil {
			s.tell(source.ElseNoDue, next.Span)
			ok = false
		}
		if h.Due.Ok() {
			d, good := s.due(h.Due.Tok)
			next.Due, ok = &d, ok && good
		}
		e.Else, e = next, next
	}
	return ok
}

// sameText is the text of a task that is handed on: one value, which is the text as it was given.
func sameText(at source.Span) *policy.Message {
	x := constOf(value.OfText(""), policy.Type{Kind: value.Text}, at)
	return &policy.Message{Parts: []policy.Part{{X: x}}, Span: at}
}

// isDigest reports whether a message tells of several subjects at once.
func isDigest(m *policy.Message) bool {
	for _, p := range m.Parts {
		if x := p.X; x != nil && x.Op == policy.OpCall && len(x.Args) == 0 &&
			(x.Fn == "names" || x.Fn == "count") {
			return true
		}
	}
	return false
}

// recipient checks WHO: a reference or a list of them. Whom a message can reach is what entity
// the reference leads to; the workspace knows its people.
func (s *scope) recipient(x syntax.Expr) (*policy.Expr, bool) {
	who := s.expr(x, nil)
	if who == nil {
		return nil, false
	}
	t := who.Type
	if t.Kind == value.List && t.Elem != nil {
		t = *t.Elem
	}
	if t.Kind != value.Ref {
		s.tell(source.NotRecipient, who.Span, typeWord(who.Type))
		return nil, false
	}
	s.c.person(who.Type)
	return who, true
}

// set checks `set PATH = e` and `assign PATH = WHO`.
func (s *scope) set(e *policy.Effect, n *syntax.SetEffect) bool {
	e.Kind = policy.Set
	if n.Kind == "assign" {
		e.Kind = policy.Assign
	}
	target, f := s.writable(n.Path)
	if f == nil {
		s.quietly(n.X)
		return false
	}
	e.Target, e.Field = target, f
	if e.Kind == policy.Assign {
		return s.assign(e, n, f)
	}
	e.Value = s.fitted(n.X, f.Type)
	return e.Value != nil
}

// assign checks whom `assign PATH = WHO` gives a record to: one that the field leads to.
func (s *scope) assign(e *policy.Effect, n *syntax.SetEffect, f *policy.Field) bool {
	if f.Type.Kind != value.Ref {
		s.tell(source.WrongType, s.line.PathSpan(n.Path), "reference", typeWord(f.Type))
		s.quietly(n.X)
		return false
	}
	if e.Who = s.fitted(n.X, f.Type); e.Who == nil {
		return false
	}
	s.c.person(e.Who.Type)
	return true
}

// writable resolves the path of a set: a stored field of an entity.
func (s *scope) writable(p *syntax.Path) (*policy.Expr, *policy.Field) {
	at := s.line.PathSpan(p)
	if s.self == nil {
		if !s.lost {
			s.tell(source.NoSelf, at)
		}
		return nil, nil
	}
	x := standing(policy.OpSelf, s.self, at)
	for _, w := range p.Names[:len(p.Names)-1] {
		if x = s.partOf(x, s.line.Name(w.Tok), at, s.line.TokSpan(w.Tok)); x == nil {
			return nil, nil
		}
	}
	last := p.Names[len(p.Names)-1].Tok
	name := s.line.Name(last)
	r := x.Type.Record
	if x.Type.Kind != value.Ref && x.Type.Kind != value.Row || r == nil {
		s.tell(source.NoFields, s.line.TokSpan(last), typeWord(x.Type), name)
		return nil, nil
	}
	f := fieldNamed(r, name)
	if f == nil {
		f = fieldLabelled(r, name)
	}
	if f == nil {
		f = s.stageOf(r, name)
	}
	if f != nil {
		s.c.refer(s.line.TokSpan(last), f)
	}
	switch {
	case f == nil:
		s.unknownField(r, name, s.line.TokSpan(last))
		return nil, nil
	case f.System != policy.NotSystem && f.System != policy.SysStage || s.c.isComputed(f) || r.Kept:
		s.tell(source.NotStored, at, name)
	case r.Kind != policy.Entity:
		s.tell(source.SetEvent, at, name, r.Name)
	default:
		return x, f
	}
	return nil, nil
}

// message checks the expressions that are filled into a text.
func (s *scope) message(label *syntax.Label) *policy.Message {
	if label == nil {
		return nil
	}
	m := &policy.Message{Parts: s.messageParts(label.Text), Span: s.line.TokSpan(label.Text.Tok)}
	if label.Lang != "" {
		m.Lang, m.Other = label.Lang, s.messageParts(label.Other)
	}
	return m
}

func (s *scope) messageParts(t syntax.Quoted) []policy.Part {
	var out []policy.Part
	for _, p := range s.c.cache.Message(s.line, t) {
		if p.X == nil {
			out = append(out, policy.Part{Lit: p.Lit})
			continue
		}
		in := s.at(p.Line)
		if s.digest {
			in.extra = digestNames(s.extra)
		}
		x := in.expr(p.X, nil)
		if x == nil {
			continue
		}
		out = append(out, policy.Part{X: x})
	}
	return out
}

// digestNames are the names that a scheduled rule's messages have beside the subject's: how many
// subjects there are and what they are called.
func digestNames(extra map[string]policy.Type) map[string]policy.Type {
	out := map[string]policy.Type{
		"count": {Kind: value.Int},
		"names": {Kind: value.List, Elem: &policy.Type{Kind: value.Text}},
	}
	maps.Copy(out, extra)
	return out
}
