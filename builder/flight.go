package builder

import (
	"slices"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime/ask"
)

// mostStranded is how many of those who need a person are named for each stage.
const mostStranded = 5

// flight is what would become of open records if a policy took force; nil: there are none.
func (v *Visit) flight(next *policy.Policy) (*view.Flight, error) {
	var stages []ask.InStage
	var in *policy.Policy
	err := v.Ask().Look(func(e *engine.Engine, _ *ask.Sight) {
		in, stages = e.Policy(), ask.InFlight(e, next)
	})
	if err != nil || len(stages) == 0 {
		return nil, err
	}
	out := new(view.Flight)
	for i := range stages {
		s := &stages[i]
		one := view.InStage{Count: s.Count, Name: v.stageName(in, s.Journey, s.Stage)}
		to := v.stageName(next, s.Journey, s.To)
		switch s.Fate {
		case ask.Stays:
			out.Stays += s.Count
			one.Fate = v.Say(words.FlightStay)
		case ask.Moves:
			out.Moves += s.Count
			one.Fate = v.Sayf(words.FlightMove, to)
		case ask.Stranded:
			out.Stranded += s.Count
			one.Fate = v.Sayf(words.FlightStranded, to)
			if s.To == "" {
				one.Fate = v.Say(words.FlightGone)
			}
			for _, id := range s.IDs[:min(len(s.IDs), mostStranded)] {
				name := s.Type + "/" + id
				one.Who = append(one.Who, view.Link{Name: name, Href: v.recordLink(name)})
			}
			one.More = s.Count - len(one.Who)
		}
		for _, r := range s.Rules {
			out.Held = true
			one.Rules = append(one.Rules, v.Say(map[string]words.Text{"entry": words.FlightEntry,
				"must": words.FlightMust, "sla": words.FlightSla}[r]))
		}
		out.Stages = append(out.Stages, one)
	}
	return out, nil
}

// stageName is how people call a stage of a journey, in its own policy or in the one that follows.
func (v *Visit) stageName(p *policy.Policy, journey, stage string) string {
	sp := say.In(v.Lang)
	for _, j := range p.Journeys {
		if j.Full != journey && !slices.Contains(j.Was, journey) {
			continue
		}
		for _, s := range j.Stages {
			if s.Name == stage {
				return sp.Name(&j.Head) + " · " + sp.Name(&s.Head)
			}
		}
	}
	return stage
}
