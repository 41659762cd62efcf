package dsl

import (
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

// cycles reports computed fields and scores that read themselves, judged on Type.field whatever
// the records are (reference, section 11), and takes one of them out so that the rest can be used.
func (c *checker) cycles() {
	g := &graph{state: map[any]stage{}}
	for _, d := range c.decls {
		if c.asBefore(d) {
			continue // what is told of a circle is told of those in it
		}
		if d.record != nil && d.kind.isRecord() {
			for _, f := range d.record.Fields {
				if f.Compute != nil && g.visit(f) {
					c.told(g, f.Span)
				}
			}
		}
		if d.score != nil && g.visit(d.score) {
			c.told(g, d.span)
		}
	}
}

func (c *checker) told(g *graph, _ source.Span) {
	names := make([]string, 0, len(g.cycle)+1)
	var at source.Span
	for i, t := range g.cycle {
		name, span := nameOf(t)
		if i == 0 {
			at = span
		}
		names = append(names, name)
	}
	names = append(names, names[0])
	c.tell(source.Cycle, at, strings.Join(names, " → "))
	switch t := g.cycle[0].(type) {
	case *policy.Field:
		t.Compute = nil
	case *policy.Score:
		t.Terms = nil
	}
	g.cycle = nil
}

func nameOf(t any) (string, source.Span) {
	switch t := t.(type) {
	case *policy.Field:
		return t.Of.Name + "." + t.Name, t.Span
	case *policy.Score:
		return t.Name, t.Span
	}
	return "", source.Span{}
}

// graph walks what computed fields and scores read.
type graph struct {
	state map[any]stage
	stack []any
	cycle []any
}

// visit reports whether a cycle was found; it is then in g.cycle.
func (g *graph) visit(t any) bool {
	switch g.state[t] {
	case done:
		return false
	case inHand:
		for i, s := range g.stack {
			if s == t {
				g.cycle = append([]any{}, g.stack[i:]...)
			}
		}
		return true
	}
	g.state[t] = inHand
	g.stack = append(g.stack, t)
	found := false
	for _, next := range readsOf(t) {
		if found = g.visit(next); found {
			break
		}
	}
	g.stack = g.stack[:len(g.stack)-1]
	g.state[t] = done
	return found
}

// readsOf are the computed fields and scores that one reads.
func readsOf(t any) []any {
	var out []any
	add := func(x *policy.Expr) {
		visit(x, func(e *policy.Expr) {
			switch {
			case e.Op == policy.OpField && e.Field.Compute != nil:
				out = append(out, e.Field)
			case e.Op == policy.OpScore:
				out = append(out, e.Score)
			}
		})
	}
	switch t := t.(type) {
	case *policy.Field:
		add(t.Compute)
	case *policy.Score:
		for _, x := range t.Terms {
			add(x.X)
		}
	}
	return out
}
