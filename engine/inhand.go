package engine

import "github.com/throughline/throughline/dsl/value"

// InHand evaluates the program for the event whose decision is being emitted: its values and
// scores are fixed on arrival and are asked for then (reference, section 3: frozen and live).
func (p *Program) InHand() value.Value {
	e := p.e
	self, ref := e.env.Self, e.env.SelfRef
	e.env.Self, e.env.SelfRef = e.inHand, -1
	v := p.of(&e.env)
	e.env.Self, e.env.SelfRef = self, ref
	return v
}
