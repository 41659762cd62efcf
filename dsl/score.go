package dsl

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// score checks a score once; what reads it is checked after it.
func (c *checker) score(d *decl) {
	if d.state != untouched {
		return
	}
	d.state = inHand
	d.score.Mode = c.modeOf(d)
	d.score.Terms = c.terms(d, d.line, func(l *syntax.Line) *scope {
		s := c.scopeOf(d, l)
		s.scored = true
		return s
	})
	d.state = done
	if d.later != "" {
		c.laterOf(d)
		return
	}
	c.policy.Scores = append(c.policy.Scores, d.score)
}

// terms checks the weighted lines of a score, or of an allocation's weigh: together they are 100%.
func (c *checker) terms(d *decl, block *syntax.Line, in func(*syntax.Line) *scope) []policy.Term {
	var out []policy.Term
	weights, unweighted, broken := 0.0, false, false
	for _, l := range block.Body {
		n, ok := l.Node.(*syntax.Term)
		if !ok {
			continue
		}
		t := in(l).weighted(n, out)
		switch {
		case n.Weight.Ok():
		case t.X == nil:
			broken = true
		default:
			t.Weight = weightOf(t.X)
			unweighted = unweighted || t.Weight == 0
		}
		weights += t.Weight
		if t.X != nil {
			out = append(out, t)
		}
	}
	switch {
	case unweighted:
		c.tell(source.NoWeight, d.span, d.name)
	case broken, unread(block):
	case len(block.Body) == 0:
		c.tell(source.EmptyBlock, d.span, d.name)
	case weights < 1-1e-9 || weights > 1+1e-9:
		c.tell(source.WeightsSum, d.span, d.name, percentText(weights))
	}
	return out
}

// weighted checks one line of terms.
func (s *scope) weighted(n *syntax.Term, others []policy.Term) policy.Term {
	l := s.line
	t := policy.Term{Name: l.Name(n.Name.Tok), Label: textOf(l, n.Label), Skip: n.Skip,
		Span: l.Span()}
	if n.Label2 != nil {
		t.Label = textOf(l, n.Label2)
	}
	s.c.declares(Symbol{Kind: "term", Name: t.Name, In: s.d.name, Label: t.Label, Whole: t.Span,
		Span: l.TokSpan(n.Name.Tok)})
	for _, o := range others {
		if o.Name == t.Name {
			d := s.tell(source.TwoAlike, l.TokSpan(n.Name.Tok), t.Name)
			d.Related = []source.Related{{Span: o.Span, Code: source.FirstHere}}
			break
		}
	}
	t.X = s.share(n.X)
	if n.Weight.Ok() {
		t.Weight = s.weight(n.Weight.Tok)
	}
	return t
}

// weightOf is the weight of the one action that a term reads, 0 where there is none.
func weightOf(x *policy.Expr) (w float64) {
	visit(x, func(e *policy.Expr) {
		if e.Action != nil {
			w = e.Action.Weight
		}
	})
	return w
}

func percentText(f float64) string {
	return value.Style{}.Text(value.OfFloat(value.Percent, f))
}

// weight reads a weight: a percent.
func (s *scope) weight(t syntax.Tok) float64 {
	want := policy.Type{Kind: value.Percent}
	l, ok := s.amount(t, want)
	switch {
	case !ok:
		return 0
	case l.Value.Kind == value.Percent && !l.Diff:
		return l.Value.Float()
	}
	s.badAmount(t, l, want)
	return 0
}

// share checks a term: a number in 0…1, where a truth counts as 1 or 0.
func (s *scope) share(x syntax.Expr) *policy.Expr {
	e := s.term(s.expr(x, &policy.Type{Kind: value.Number}))
	if e == nil {
		return nil
	}
	switch e.Type.Kind {
	case value.Int:
		return asNumber(e)
	case value.Number, value.Percent:
		return e
	}
	s.tell(source.WrongType, e.Span, "number", typeWord(e.Type))
	return nil
}
