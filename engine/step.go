package engine

import (
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/decision"
)

// step applies one `set`: the next log step after the decision that wanted it. A chain longer than
// MaxDepth is not applied; its finding prints the cycle (decision D9).
func (e *Engine) step(in *Entry) {
	s := in.Step
	k := e.kinds[s.Type.Index]
	d := &e.dec
	d.Record = decision.Ref{Type: s.Type, ID: s.ID}
	d.At = in.Moment
	e.chain = s.chain
	defer func() { e.chain = nil }()
	switch {
	case in.Depth > MaxDepth:
		d.Outcome = decision.Rejected
		e.findAt(source.SetCycle, s.Rule, s.Field.Span, strings.Join(s.chain, " → "))
		if s.giving != nil {
			e.notGiven(s.giving, s.handle)
		}
		return
	case k.table.lives[s.handle] != alive:
		d.Outcome = decision.Rejected
		e.findAt(source.SetStub, s.Rule, s.Field.Span, s.Type.Name, s.ID)
		return
	case !s.Value.Known() && !s.Field.Type.Maybe:
		d.Outcome = decision.Rejected
		e.find(source.RecordRequired, s.Type.Name, s.Field.Name)
		return
	}
	d.Outcome = decision.Accepted
	if s.Field.System == policy.SysStage {
		e.stepStage(k, s.handle, int32(s.Value.N), in.Moment)
		return
	}
	next := &k.spare
	k.layout.Copy(next, k.table.rows[s.handle])
	k.layout.Put(next, s.Field.Index, s.Value)
	e.stamp(k, next, in.Moment)
	e.giving = s.giving
	e.become(k, s.handle, next)
	e.giving = nil
	e.settle()
}

// stepStage asks for the move that a `set stage` wants.
func (e *Engine) stepStage(k *entityType, h, to int32, at int64) {
	j := k.journey
	switch {
	case to == j.stageOf(k.table.rows[h]):
		return
	case !e.allows(j, h, to):
		e.dec.Outcome = decision.Held
		return
	}
	next := &k.spare
	k.layout.Copy(next, k.table.rows[h])
	e.stamp(k, next, at)
	e.become(k, h, next)
	e.move(j, h, to, false)
	e.settle()
}
