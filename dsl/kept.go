package dsl

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// links are the fields of built-in sources that name a record as Type/id: the person first, then
// what it is about.
var links = map[string][]string{
	"Task":       {"for", "about"},
	"Suggestion": {"for", "about"},
	"Alert":      {"of"},
	"Finding":    {"person", "record"},
	"Assignment": {"to", "record"},
}

// linked finds by which field the rows of a built-in source point at the subject. Without `via`
// a person's are those for them, and everything else's are those about it; who is a person shows
// only when the whole policy is read, so that is settled at the end.
func (s *scope) linked(a *policy.Aggregate, n *syntax.Call) bool {
	names := links[a.Source.Name]
	at := s.line.ExprSpan(n)
	a.Via = &policy.Expr{Op: policy.OpLink, Span: at,
		Type: policy.Type{Kind: value.Ref, Record: a.Subject, Maybe: true}}
	if n.Via == nil {
		s.c.linkless = append(s.c.linkless, a)
		return true
	}
	name := ""
	if p := pathOf(n.Via); len(p) == 1 {
		name = s.line.Name(p[0])
	}
	if !slices.Contains(names, name) {
		s.tell(source.ViaLink, s.line.ExprSpan(n.Via), a.Source.Name, strings.Join(names, ", "))
		return false
	}
	a.Via.Args = linkArgs(a.Source, name, at)
	return true
}

func linkArgs(r *policy.Record, name string, at source.Span) []*policy.Expr {
	f := fieldNamed(r, name)
	return []*policy.Expr{{Op: policy.OpField, Field: f, Type: f.Type, Span: at,
		Args: []*policy.Expr{standing(policy.OpRow, r, at)}}}
}

// person notes that entities of a type do work: tasks are for them, actions by them.
func (c *checker) person(t policy.Type) {
	if t.Kind == value.List && t.Elem != nil {
		t = *t.Elem
	}
	if t.Kind == value.Ref && t.Record != nil {
		c.people[t.Record] = true
	}
}

// settleLinks settles what linked left open.
func (c *checker) settleLinks() {
	for _, a := range c.linkless {
		names := links[a.Source.Name]
		name := names[len(names)-1]
		if c.people[a.Subject] {
			name = names[0]
		}
		a.Via.Args = linkArgs(a.Source, name, a.Span)
	}
}

// peopleOf finds the people of a checked policy.
func (c *checker) peopleOf(p *policy.Policy) {
	for _, a := range p.Actions {
		if a.By != nil {
			c.person(a.By.Type)
		}
	}
	for _, a := range p.Allocations {
		c.people[a.To] = true
	}
	for _, list := range effectLists(p) {
		for _, e := range list {
			if e.Who != nil {
				c.person(e.Who.Type)
			}
		}
	}
}

// effectLists are the effects of everything that acts.
func effectLists(p *policy.Policy) (out [][]*policy.Effect) {
	for _, r := range p.Rules {
		out = append(out, r.Do)
	}
	for _, a := range p.Alerts {
		out = append(out, a.Do)
	}
	for _, g := range p.Segments {
		out = append(out, g.Enter, g.Leave)
		for i := range g.Tiers {
			out = append(out, g.Tiers[i].Enter, g.Tiers[i].Leave)
		}
	}
	for _, a := range p.Allocations {
		out = append(out, a.Effects())
	}
	for _, j := range p.Journeys {
		for _, g := range j.Stages {
			for _, h := range g.Hooks() {
				out = append(out, h.Do)
			}
		}
	}
	return out
}
