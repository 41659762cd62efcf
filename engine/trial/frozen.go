package trial

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
)

// frozen is an expression about an event, worked out when the event arrives.
type frozen struct {
	of    *policy.Expr
	ask   *engine.Program
	value value.Value
	known bool // the event has come
}

// freeze prepares what the test expects of events' values, and the two sides of each comparison,
// which a failure shows.
func (r *run) freeze(t *policy.Test) {
	for _, s := range t.Steps {
		x := s.Expect
		if x == nil || x.Kind != policy.ExpectValue || x.Of == nil || x.Of.Kind != policy.Event {
			continue
		}
		for _, e := range append([]*policy.Expr{x.X}, x.X.Args...) {
			if e.Op != policy.OpConst {
				r.frozen[x.ID] = append(r.frozen[x.ID], &frozen{of: e, ask: r.engine.Program(e)})
			}
		}
	}
}

// thaw works out what is expected of the event that is being decided on.
func (r *run) thaw(d *decision.Decision) {
	if d.Outcome != decision.Accepted || d.Record.Type.Kind != policy.Event {
		return
	}
	for _, f := range r.frozen[d.Record.ID] {
		f.value, f.known = f.ask.InHand(), true
	}
}
