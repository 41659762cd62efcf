package ask

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
)

// Fate is what becomes of records on a journey when another policy takes force.
type Fate string

// The fates. Whoever is stranded stands in a stage that has gone without `was`: the journey
// would have them begin anew, which only a person can want.
const (
	Stays    Fate = "stays"
	Moves    Fate = "moves"
	Stranded Fate = "stranded"
)

// InStage is what becomes of the open records in a stage.
type InStage struct {
	Journey string   `json:"journey" doc:"As it is called in the policy in force"`
	Type    string   `json:"type" doc:"Of the records"`
	Stage   string   `json:"stage"`
	To      string   `json:"to,omitempty" doc:"The stage that they will be in; none: the journey is gone"`
	Fate    Fate     `json:"fate" enum:"stays,moves,stranded"`
	Rules   []string `json:"rules,omitempty" doc:"Of those that stay or move: what of the stage they are held to is another: entry, must, sla"`
	Count   int      `json:"count"`
	IDs     []string `json:"ids" doc:"The first of them"`
}

// flightIDs is how many records of a stage are named.
const flightIDs = 100

// InFlight tells what becomes of every open record on a journey when another policy takes force, by
// stage. It only looks at where records are, and is quick.
func InFlight(e *engine.Engine, next *policy.Policy) (out []InStage) {
	for _, j := range e.Policy().Journeys {
		list := make([]InStage, len(j.Stages))
		to := journeyAfter(j, next)
		for i, s := range j.Stages {
			list[i] = InStage{Journey: j.Full, Type: j.Of.Full, Stage: s.Name, Fate: Stranded,
				IDs: []string{}}
			if to != nil {
				list[i].lead(s, to)
			}
		}
		for _, id := range e.IDs(j.Of) {
			name, _ := e.StageOf(j.Of, id)
			i := slices.IndexFunc(j.Stages, func(s *policy.Stage) bool { return s.Name == name })
			if i < 0 || j.Stages[i].Kind != policy.StageOpen {
				continue
			}
			if list[i].Count++; len(list[i].IDs) < flightIDs {
				list[i].IDs = append(list[i].IDs, id)
			}
		}
		for _, f := range list {
			if f.Count > 0 {
				out = append(out, f)
			}
		}
	}
	return out
}

// lead finds the stage that an older one continues in: by name, else by `was`.
func (f *InStage) lead(s *policy.Stage, to *policy.Journey) {
	f.To = to.Stages[0].Name
	f.Fate = Stays
	i := slices.IndexFunc(to.Stages, func(x *policy.Stage) bool {
		return x.Full == s.Full || x.Name == s.Name
	})
	if i < 0 {
		f.Fate = Moves
		i = slices.IndexFunc(to.Stages, func(x *policy.Stage) bool {
			return slices.Contains(x.Was, s.Full)
		})
	}
	if i < 0 {
		f.Fate = Stranded
		return
	}
	f.To, f.Rules = to.Stages[i].Name, rulesOf(s, to.Stages[i])
}

// rulesOf names what of a stage is not what it was.
func rulesOf(old, new *policy.Stage) (out []string) {
	same := func(a, b []*policy.Requirement) bool {
		return slices.EqualFunc(a, b, func(a, b *policy.Requirement) bool {
			return b.Continues(&a.Head)
		})
	}
	if !same(old.Entry, new.Entry) {
		out = append(out, "entry")
	}
	if !same(old.Must, new.Must) {
		out = append(out, "must")
	}
	if (old.Sla == nil) != (new.Sla == nil) ||
		old.Sla != nil && !new.Sla.Continues(&old.Sla.Head) {
		out = append(out, "sla")
	}
	return out
}

// journeyAfter is the journey that continues one in another policy: by name or `was`, else by the
// type that it is of; nil: none.
func journeyAfter(old *policy.Journey, next *policy.Policy) *policy.Journey {
	by := func(is func(*policy.Journey) bool) *policy.Journey {
		if i := slices.IndexFunc(next.Journeys, is); i >= 0 {
			return next.Journeys[i]
		}
		return nil
	}
	if j := by(func(j *policy.Journey) bool { return j.Full == old.Full }); j != nil {
		return j
	}
	if j := by(func(j *policy.Journey) bool { return slices.Contains(j.Was, old.Full) }); j != nil {
		return j
	}
	return by(func(j *policy.Journey) bool {
		return j.Of.Full == old.Of.Full || slices.Contains(j.Of.Was, old.Of.Full)
	})
}
