package engine

import (
	"math"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
)

// scoreProgram is 0–100 = Σ weight × clamp(term, 0, 1) (reference, section 7). A term without data
// adds 0; with `else skip` it leaves both sums instead.
type scoreProgram struct {
	score *policy.Score
	terms []termProgram
	on    bool
}

type termProgram struct {
	x      eval.Number
	weight float64 // percent
	skip   bool
}

func (e *Engine) planScores() {
	e.scores = make([]*scoreProgram, len(e.policy.Scores))
	e.scored = make([]decision.Scored, len(e.policy.Scores))
	for _, s := range e.policy.Scores {
		p := &scoreProgram{score: s, on: s.Mode != policy.Off}
		for _, t := range s.Terms {
			// Weights are kept in percent, rounded to 10⁻⁶ of one, so that 20 % is exactly 20.
			w := math.Round(t.Weight*1e8) / 1e6
			p.terms = append(p.terms, termProgram{e.number(t.X), w, t.Skip})
		}
		e.scores[s.Index] = p
	}
	done := make([]bool, len(e.scores))
	for _, p := range e.scores {
		e.orderScore(p, done)
	}
}

// orderScore puts an event's score behind those that it reads: each is fixed once, in this order.
func (e *Engine) orderScore(p *scoreProgram, done []bool) {
	of := p.score.Of
	if done[p.score.Index] || of.Kind != policy.Event || !p.on {
		return
	}
	done[p.score.Index] = true
	for _, t := range p.score.Terms {
		e.orderRead(t.X, of, done)
	}
	e.events[of.Index].scores = append(e.events[of.Index].scores, p)
}

// orderRead puts the scores of the same event that an expression reads first.
func (e *Engine) orderRead(x *policy.Expr, of *policy.Record, done []bool) {
	if x.Op == policy.OpScore && x.Score.Of == of {
		e.orderScore(e.scores[x.Score.Index], done)
	}
	for _, a := range x.Args {
		e.orderRead(a, of, done)
	}
}

// number compiles a term, which may be a whole number or a yes or no.
func (e *Engine) number(x *policy.Expr) eval.Number {
	if x.Type.Kind.Class() == value.Float {
		return e.comp.Number(x)
	}
	n := e.comp.Int(x)
	return eval.NumberOf(func(env *eval.Env) (float64, bool) {
		v, ok := n(env)
		return float64(v), ok
	})
}

// value is the score alone, as other expressions read it.
func (p *scoreProgram) value(env *eval.Env) (float64, bool) {
	sum, weights := 0.0, 0.0
	for i := range p.terms {
		t := &p.terms[i]
		x, ok := t.x.Of(env)
		if !ok && t.skip {
			continue
		}
		weights += t.weight
		if ok {
			sum += float64(t.weight * clamp(x))
		}
	}
	return total(sum, weights)
}

// total scales what was reached to 100. Weights of exactly 100 leave the sum as it is.
func total(sum, weights float64) (float64, bool) {
	switch weights {
	case 0:
		return 0, false
	case 100:
		return min(sum, 100), true
	}
	return min(sum/weights*100, 100), true
}

func clamp(x float64) float64 {
	switch {
	case x >= 1:
		return 1
	case x > 0:
		return x
	}
	return 0
}

// scoreEvent fixes the scores of the event in hand, with a receipt line for each term.
func (e *Engine) scoreEvent(t *eventType) {
	for _, p := range t.scores {
		d := e.dec.AddScore()
		d.Score = p.score
		sum, weights := 0.0, 0.0
		d.Terms = slices.Grow(d.Terms, len(p.terms))[:len(p.terms)]
		for i := range p.terms {
			t := &p.terms[i]
			x, ok := t.x.Of(&e.env)
			line := decision.TermValue{Known: ok, Skipped: !ok && t.skip}
			if ok {
				line.Value = clamp(x)
				sum += float64(t.weight * line.Value)
			}
			if !line.Skipped {
				weights += t.weight
			}
			d.Terms[i] = line
		}
		d.Value, d.Known = total(sum, weights)
		s := &e.scored[p.score.Index]
		s.Value, s.Known = d.Value, d.Known
	}
}
