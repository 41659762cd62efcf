package engine

import (
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/decision"
)

// A Task is one task as it stands, in the words of its row.
type Task struct {
	ID, Rule, Text, About, For, InsteadOf string
	Other                                 string // en or zh: the policy has the text in it too
	State, How, By, Why                   string
	Created, Due, DoneAt                  int64  // moments; 0: none
	Until                                 string // what ends it; "": it is done by hand
}

// Tasks lists the tasks that there are, the open ones only or all, in the order in which they were
// given.
func (e *Engine) Tasks(all bool) (out []Task) {
	k := e.kept.task
	for h := range k.table.rows {
		h := int32(h)
		if k.table.lives[h] != alive || !all && k.choice(h, "state") != taskOpen {
			continue
		}
		t := Task{ID: k.table.meta[h].id, Rule: k.text(h, "rule"), Text: k.text(h, "text"),
			About: k.text(h, "about"), For: k.text(h, "for"), InsteadOf: k.text(h, "instead_of"),
			State: k.word(h, "state"), How: k.word(h, "how"), By: k.text(h, "by"), Why: k.text(h, "why")}
		t.Created, _ = k.moment(h, "created")
		t.Due, _ = k.moment(h, "due")
		t.DoneAt, _ = k.moment(h, "done_at")
		a := &e.kept.tasks.of[h]
		if a.of != nil && a.of.of.Text != nil {
			t.Other = a.of.of.Text.Lang
		}
		if a.ends() != nil {
			u := a.of.of.Until
			if t.Until = u.Name; u.N > 1 {
				t.Until = strconv.Itoa(u.N) + " " + u.Name
			}
		}
		out = append(out, t)
	}
	return out
}

// A Doubt is one line of proof that waits for a review, or was settled by one.
type Doubt struct {
	ID, Rule, Record, Person, Strength string
	At, Due                            int64  // moments; 0: it is never due
	Settled, By                        string // pass or fail, "": it waits
	SettledAt                          int64
}

// Overdue reports whether a review was not there when it was due, or is not at a moment.
func (d *Doubt) Overdue(now int64) bool {
	return d.Due != 0 && (d.Settled == "" && d.Due <= now || d.SettledAt > d.Due)
}

// Doubts lists the lines of proof that were put to a person, in the order in which they came.
func (e *Engine) Doubts() (out []Doubt) {
	k := e.kept.finding
	for h := range k.table.rows {
		h := int32(h)
		if k.table.lives[h] != alive || k.text(h, "verdict") != decision.Said(policy.Review).String() {
			continue
		}
		d := Doubt{ID: k.table.meta[h].id, Rule: k.text(h, "rule"), Record: k.text(h, "record"),
			Person: k.text(h, "person"), Strength: k.text(h, "strength"), Settled: k.word(h, "settled"),
			By: k.text(h, "settled_by")}
		d.At, _ = k.moment(h, "at")
		d.Due, _ = k.moment(h, "due")
		d.SettledAt, _ = k.moment(h, "settled_at")
		out = append(out, d)
	}
	return out
}

// A Waiver is one exemption: a check that is not held against a record, or against anybody.
type Waiver struct {
	ID, Rule, Record, By, Why string
	At, Until                 int64
}

// Waivers lists the exemptions in force at a moment, in the order in which they came.
func (e *Engine) Waivers(at int64) (out []Waiver) {
	for i, w := range e.waivers {
		ended := slices.ContainsFunc(e.waivers[i+1:], func(x waiver) bool { return x.covers(&w) })
		if w.until > at && !ended {
			out = append(out, Waiver{w.id, w.rule, w.record, w.by, w.why, w.at, w.until})
		}
	}
	return out
}

// covers reports whether an exemption stands in the place of an earlier one wherever that applies.
func (w *waiver) covers(old *waiver) bool {
	rule := w.rule == "*" || w.rule == old.rule || strings.HasPrefix(old.rule, w.rule+".proof.")
	return rule && (w.record == "" || w.record == old.record)
}

// Name is what an entity is called: its field `name`, else its id. The type may be that of another
// policy, as of what was decided long ago: it is found by name.
func (e *Engine) Name(r *policy.Record, id string) string {
	t := e.tableNamed(r)
	if t == nil {
		return id
	}
	if h, ok := t.find(id); ok {
		return t.called(h)
	}
	return id
}

// tableNamed is the table of entities of a type, whichever policy's it is; nil: there is none.
func (e *Engine) tableNamed(r *policy.Record) *table {
	all := e.policy.Records
	i := r.Index
	if i >= len(all) || all[i] != r {
		i = slices.IndexFunc(all, func(o *policy.Record) bool { return o.Full == r.Full })
	}
	if i < 0 {
		return nil
	}
	return e.tables[i]
}

// Fulfilment is how much of an action's target a subject has done in a window: what
// completion(A in W) divides.
type Fulfilment struct {
	e  *Engine
	c  *completion
	of *policy.Record
}

// Fulfilment prepares completion(A in W), an expression about a record type.
func (e *Engine) Fulfilment(x *policy.Expr, of *policy.Record) *Fulfilment {
	return &Fulfilment{e, e.completion(x), of}
}

// Of returns what counts for a subject, and what its closed workdays owe; 0: nothing is due.
func (f *Fulfilment) Of(id string) (counted int, due float64) {
	h, ok := f.e.tables[f.of.Index].find(id)
	if !ok {
		return 0, 0
	}
	f.c.each(h, func(person int32) {
		counted += f.c.done(person, f.e.now)
		due += f.c.due(person, f.e.now)
	})
	return counted, due
}
