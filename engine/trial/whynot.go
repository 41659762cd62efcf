package trial

import (
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
)

// WhyNot asks the conditions of one declaration of an entity, as things stand: the receipts of
// what no index let look, for explain. It has none for rules on events, whose record is gone, and
// for subjects that the engine does not know.
func WhyNot(e *engine.Engine, name, id string) *decision.Decision {
	d := &decision.Decision{Moment: e.Now(), At: e.Now()}
	of := subjectOf(e.Policy(), name)
	if of == nil || of.Kind != policy.Entity || id == "" {
		return d
	}
	d.Subjects = append(d.Subjects, decision.Ref{Type: of, ID: id})
	for _, w := range decision.Watches(e.Policy()) {
		if w.Head.Full != name || w.What == "effect" {
			continue
		}
		askWatch(e, d, w)
	}
	return d
}

// askWatch appends a receipt for every conjunct that does not hold, or one for all where all do.
func askWatch(e *engine.Engine, d *decision.Decision, w *decision.Watch) {
	about := d.Subjects[0]
	ask := func(x *policy.Expr) (value.Value, bool) { return e.Program(x).Ask(about.Type, about.ID) }
	from, missed := len(d.Seen), 0
	var held []value.Value
	for i, part := range w.Parts {
		v, ok := ask(part.X)
		if !ok {
			return
		}
		var seen []value.Value
		for _, leaf := range part.Leaves {
			l, _ := ask(leaf)
			seen = append(seen, l)
		}
		if v.Tri() == value.True {
			held = append(held, seen...)
			continue
		}
		missed++
		from = len(d.Seen)
		d.Seen = append(d.Seen, seen...)
		d.Receipts = append(d.Receipts, decision.Receipt{Watch: w, Part: int16(i), Verdict: v.Tri(),
			From: int32(from), To: int32(len(d.Seen))})
	}
	if missed == 0 {
		d.Seen = append(d.Seen, held...)
		d.Receipts = append(d.Receipts, decision.Receipt{Watch: w, Part: -1, Verdict: value.True,
			From: int32(from), To: int32(len(d.Seen))})
	}
}

// subjectOf finds what kind of record a declaration is about.
func subjectOf(p *policy.Policy, name string) *policy.Record {
	for _, r := range p.Rules {
		if r.Full == name {
			return r.On
		}
	}
	for _, a := range p.Alerts {
		if a.Full == name {
			return a.Of
		}
	}
	for _, s := range p.Segments {
		if s.Full == name {
			return s.Of
		}
	}
	for _, j := range p.Journeys {
		if strings.HasPrefix(name, j.Full+".") {
			return j.Of
		}
	}
	return nil
}
