package trial

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
)

// travels knows where records are on their journeys, to tell where a decision has taken one.
type travels struct {
	engine   *engine.Engine
	journeys []*policy.Journey // by Record.Index
	stages   map[decision.Ref]string
}

func newTravels(e *engine.Engine) *travels {
	t := &travels{engine: e, stages: map[decision.Ref]string{},
		journeys: make([]*policy.Journey, len(e.Policy().Records))}
	for _, j := range e.Policy().Journeys {
		t.journeys[j.Of.Index] = j
	}
	return t
}

// saw returns the journey on which a decision has moved its record, and between which stages; nil
// where it has not. To begin in the first stage is no move; a stage of "" is nowhere.
func (t *travels) saw(d *decision.Decision) (on *policy.Journey, from, to string) {
	typ := d.Record.Type
	if typ == nil || typ.Kind != policy.Entity || t.journeys[typ.Index] == nil {
		return nil, "", ""
	}
	j := t.journeys[typ.Index]
	to, _ = t.engine.StageOf(typ, d.Record.ID)
	from, been := t.stages[d.Record]
	t.stages[d.Record] = to
	if to == from || !been && to == j.Stages[0].Name {
		return nil, "", ""
	}
	return j, from, to
}
