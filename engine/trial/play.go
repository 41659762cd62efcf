package trial

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
)

// Played is what a policy makes of a few records, on an engine of its own: nothing is carried out
// and nothing is kept.
type Played struct {
	Engine *engine.Engine
	Steps  []PlayedStep
}

// PlayedStep is what was decided on one record, or as time went on: the record's own decision
// first, then what it caused.
type PlayedStep struct {
	Input     int // -1: no record, but time
	Decisions []*decision.Decision
}

// Play decides on a few records in their order and then lets time go on until a moment.
func Play(p *policy.Policy, list []Input, until int64, o Options) (*Played, error) {
	x := &Played{}
	at := -1
	f, err := newFeeder(p, Slice(list), o.Engine, func(in *engine.Entry, d *decision.Decision) {
		n := at
		if in.Kind == decision.Tick {
			n = -1
		}
		if last := len(x.Steps) - 1; last < 0 || x.Steps[last].Input != n || n < 0 {
			x.Steps = append(x.Steps, PlayedStep{Input: n})
		}
		s := &x.Steps[len(x.Steps)-1]
		s.Decisions = append(s.Decisions, d.Clone())
	})
	if err != nil {
		return nil, err
	}
	x.Engine = f.engine
	for i, in := range list {
		at = i
		f.decode(in)
		f.apply(max(f.moment(in), f.engine.Now()))
	}
	at = -1
	f.engine.Advance(max(until, f.engine.Now()), f.emitted)
	return x, nil
}
