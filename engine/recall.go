package engine

import (
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// Then is what was decided on a record of which something was erased since. A rebuild takes the
// record in without looking at it again: what is missing would make another verdict of it.
type Then struct {
	Actions map[string]decision.Completion // by the action's qualified name
	Scores  map[string]decision.Scored     // by the score's
}

// recall takes in a record that was accepted and of which something was erased since.
func (e *Engine) recall(in *Entry) {
	r := in.Record
	if r.Retracted {
		e.record(in)
		return
	}
	r.Reject = nil // it lacks what was erased
	e.dec.Record = decision.Ref{Type: r.Type, ID: r.ID}
	if k := e.kinds[r.Type.Index]; k != nil {
		e.recalling = true
		e.entity(k, r)
		e.recalling = false
		return
	}
	t := e.events[r.Type.Index]
	_, place, again := e.known(t, r.ID)
	if again && e.waits(t, r) {
		e.lateValues(t, r)
	}
	if again {
		return
	}
	e.refer(t, r)
	e.env.Self, e.env.SelfRef, e.env.Row = &r.Slots, -1, &r.Slots
	for _, p := range t.fills {
		if !r.Slots.Has(p.field.Index) {
			t.layout.Put(&r.Slots, p.field.Index, p.value(&e.env))
		}
	}
	for i := range t.computed {
		t.computed[i].put(&e.env, &r.Slots)
	}
	e.dec.Outcome = decision.Accepted
	if t.does != nil && !e.did(t, r) {
		return
	}
	e.insert(t, r, onArrival)
	e.refreshRows()
	e.inHand = &r.Slots
	e.env.Self, e.env.SelfRef = &r.Slots, -1
	e.recallVerdicts(t, in.Then)
	e.use(t, r.ID, place)
	e.insert(t, r, onVerdict)
	e.env.Self, e.env.SelfRef = &r.Slots, -1
	e.recallScores(t, in.Then)
	e.insert(t, r, onScore)
	if t.refuses {
		e.noteAbsorbed(t, r)
	}
	e.settle()
}

// recallVerdicts gives the event in hand the verdicts that it had.
func (e *Engine) recallVerdicts(t *eventType, then *Then) {
	for _, a := range t.actions {
		v := &e.verdicts[a.of.Index]
		*v = verdict{done: value.Unknown, counted: value.Unknown}
		if was, ok := then.Actions[a.of.Full]; ok {
			v.done, v.counted = was.Done, was.Counted
		} else if a.on {
			v.done, _ = a.done.run(&e.env)
			v.counted = v.done
		}
		v.may = v.counted == value.True
	}
}

// recallScores gives the event in hand the scores that it had.
func (e *Engine) recallScores(t *eventType, then *Then) {
	for _, p := range t.scores {
		was := then.Scores[p.score.Full]
		d := e.dec.AddScore()
		d.Score, d.Value, d.Known = p.score, was.Value, was.Known
		s := &e.scored[p.score.Index]
		s.Value, s.Known = was.Value, was.Known
	}
}

// Erased names entries of which something was erased, and the records that they are about.
type Erased struct {
	Seqs    map[uint64]bool
	Records map[string]bool // Type/id
}

// Hush takes the texts out of tasks, suggestions and findings that were made of what is erased.
// That they are there, and for whom, stays.
func (e *Engine) Hush(x *Erased) {
	for _, k := range []*entityType{e.kept.task, e.kept.suggestion, e.kept.finding} {
		if k == nil {
			continue
		}
		for h := range k.table.rows {
			if !x.of(k, int32(h)) {
				continue
			}
			for _, name := range []string{"text", "why"} {
				i, row := k.fieldNamed(name), k.table.rows[h]
				if i >= 0 && row.Has(i) {
					k.layout.Put(row, i, textOf(""))
				}
			}
		}
	}
}

// of reports whether a kept row was made by an entry in which something was erased, or is about a
// record of which something was.
func (x *Erased) of(k *entityType, h int32) bool {
	text, _, _ := strings.Cut(k.table.meta[h].id, "/")
	if seq, err := strconv.ParseUint(text, 10, 64); err == nil && x.Seqs[seq] {
		return true
	}
	for _, name := range []string{"about", "record"} {
		if k.fieldNamed(name) >= 0 && x.Records[k.text(h, name)] {
			return true
		}
	}
	return false
}
