package dsl

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// trust checks a trust function (reference, section 6): it judges an event as it arrives, by what
// came before it. Behind its arguments stand the event, the person whose it is and their team.
func (s *scope) trust(f function, n *syntax.Call, at source.Span) *policy.Expr {
	if !s.arrives() {
		s.tell(source.TrustNeedsEvent, at, f.name)
		return nil
	}
	args := s.arguments(f, n, nil)
	for _, a := range args {
		if a == nil {
			return nil
		}
	}
	x := s.typed(f, n, args)
	if x == nil {
		return nil
	}
	if len(x.Args) < f.most { // a list of one's own words may be left out
		elem := policy.Type{Kind: value.Text}
		x.Args = append(x.Args, &policy.Expr{Op: policy.OpList, Span: at,
			Type: policy.Type{Kind: value.List, Elem: &elem}})
	}
	return s.judged(x)
}

// arrives reports whether the scope is of an event in hand.
func (s *scope) arrives() bool {
	return s.self != nil && s.self.Kind == policy.Event && !s.inRow
}

// judged ends a trust function with the event, and with whose it is where one is.
func (s *scope) judged(x *policy.Expr) *policy.Expr {
	x.Type.Maybe = true
	x.Args = append(x.Args, standing(policy.OpSelf, s.self, x.Span))
	who := s.c.onlyRep(s.self, x.Span)
	if who == nil {
		return x
	}
	x.Args = append(x.Args, who)
	f := fieldNamed(who.Type.Record, "team")
	if f != nil && f.Type.Kind == value.Ref && f.Compute == nil {
		x.Args = append(x.Args, &policy.Expr{Op: policy.OpField, Field: f, Span: x.Span,
			Type: policy.Type{Kind: value.Ref, Record: f.Type.Record, Maybe: true},
			Args: []*policy.Expr{who}})
	}
	return x
}

// origin is how the event in hand came to be written.
func (s *scope) origin(at source.Span) *policy.Expr {
	return s.judged(&policy.Expr{Op: policy.OpCall, Fn: "origin", Span: at,
		Type: policy.Type{Kind: value.Choice, Choice: s.c.origins}})
}

// onlyRep is the one reference of an event to a Rep; nil where it has none, or several.
func (c *checker) onlyRep(r *policy.Record, at source.Span) *policy.Expr {
	var found *policy.Field
	for _, f := range r.Fields {
		if f.Type.Kind != value.Ref || f.Type.Record == nil || f.Type.Record.Name != "Rep" ||
			c.isComputed(f) {
			continue
		}
		if found != nil {
			return nil
		}
		found = f
	}
	if found == nil {
		return nil
	}
	return &policy.Expr{Op: policy.OpField, Field: found, Type: found.Type, Span: at,
		Args: []*policy.Expr{standing(policy.OpSelf, r, at)}}
}
