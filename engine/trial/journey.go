package trial

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/engine/cover"
	"github.com/throughline/throughline/engine/decision"
)

// travelled tells coverage where a decision has taken its record: which stage it is in now, and by
// which ways. A move that skips stages goes through all of them.
func (r *run) travelled(d *decision.Decision) {
	to := r.opts.Recorder
	if to == nil || d.Record.Type == nil || d.Record.Type.Kind != policy.Entity {
		return
	}
	for _, j := range r.policy.Journeys {
		if j.Of != d.Record.Type {
			continue
		}
		stage, _ := r.engine.StageOf(j.Of, d.Record.ID)
		was := r.stages[d.Record]
		if stage == was {
			return
		}
		r.stages[d.Record] = stage
		if stage != "" {
			to.Took(cover.Stage, j.Full, kind.StageName(stage))
			to.Fired(j.Full, 1)
		}
		if was != "" && stage != "" {
			for _, way := range ways(j, was, stage) {
				to.Took(cover.Transition, j.Full, way)
			}
		}
	}
}

// ways are the parts of a journey that a move goes through; back leads none.
func ways(j *policy.Journey, from, to string) (list []string) {
	last, on := "", false
	for _, g := range j.Stages {
		switch {
		case g.Kind != policy.StageLost:
			if on {
				list = append(list, kind.TransitionName(last, g.Name))
			}
			if g.Name == to && on {
				return list
			}
			on = on || g.Name == from
			last = g.Name
		case g.Name == to:
			return []string{kind.TransitionName("", to)}
		}
	}
	return nil
}
