package engine

import (
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/slots"
)

// kept holds what the engine knows of the rows that it writes itself: tasks, alerts, findings. They
// are entities in every other way, so windows, snapshots and questions need nothing of their own.
//
// What one entry decided becomes rows when its decision is made, and whoever counts them looks in
// the step after it: conditions see the state before effects (reference, section 3), and a chain
// of looks is bounded like one of sets (decision D9).
type kept struct {
	task, alert, finding *entityType
	suggestion           *entityType
	assignment           *entityType
	open                 map[standing]int32 // open alerts' rows
	tasks                tasks
	words                *decision.Writer
	changes              []change
	written              []change // the array of changes that were written, to be used again
	found                []change // findings of the decision in hand
	rooms                [][]named
	entry                Entry
	step                 StepChange // always empty: rows are no change of a field
}

// standing names one open alert.
type standing struct {
	rule, of, cell string
}

// change is one row to be written: fields by name, in order.
type change struct {
	kind   *entityType
	handle int32  // -1: a new row
	id     string // of a new one
	values []named
	task   *assigned // of a new task: what it came from
}

type named struct {
	field string
	v     value.Value
}

// room returns an empty list for the values of a change.
func (k *kept) room() []named {
	last := len(k.rooms) - 1
	if last < 0 {
		return make([]named, 0, 8)
	}
	room := k.rooms[last]
	k.rooms = k.rooms[:last]
	return room
}

// recycle takes back the room of changes that were written.
func (k *kept) recycle(changes []change) {
	for i := range changes {
		if room := changes[i].values; cap(room) >= 8 {
			clear(room)
			k.rooms = append(k.rooms, room[:0])
		}
	}
	clear(changes)
	k.written = changes[:0]
}

func (e *Engine) planKept() {
	k := &e.kept
	k.open = map[standing]int32{}
	k.tasks = tasks{open: map[string][]int32{}, about: map[string][]int32{},
		named: map[string]*effect{}, waiting: map[waiting][]int32{}}
	k.words = decision.NewWriter(e.policy, decision.Options{Zone: e.zone})
	for _, t := range e.kinds {
		switch {
		case t == nil || !t.rec.Kept:
		case t.rec.Name == "Task":
			k.task = t
		case t.rec.Name == "Alert":
			k.alert = t
		case t.rec.Name == "Finding":
			k.finding = t
		case t.rec.Name == "Suggestion":
			k.suggestion = t
		case t.rec.Name == "Assignment":
			k.assignment = t
		}
	}
}

// planBuiltins says what the built-in events do.
func (e *Engine) planBuiltins() {
	for _, t := range e.events {
		if t == nil || !t.rec.Builtin {
			continue
		}
		switch t.rec.Name {
		case "Done":
			t.does = e.done
		case "Cancel":
			t.does = e.cancel
		case "Dismiss":
			t.does = e.dismiss
		case "Review":
			t.does = e.review
		case "Away":
			t.does = e.away
		case "Waive":
			t.does = e.waive
		case "Accept":
			t.does, t.refuses = e.accept, true
		case "Claim":
			t.does, t.refuses = e.claim, true
		case "Pause":
			t.does, t.refuses = e.pause, true
		case "Resume":
			t.does, t.refuses = e.resumeEvent, true
		}
	}
}

// linkOf reads the entity that a kept row names as Type/id.
func (e *Engine) linkOf(x *policy.Expr) eval.Int {
	name, t := e.comp.Str(x.Args[0]), e.tables[x.Type.Record.Index]
	prefix := x.Type.Record.Full + "/"
	return func(env *eval.Env) (int64, bool) {
		s, ok := name(env)
		if !ok {
			return 0, false
		}
		id, ok := strings.CutPrefix(s, prefix)
		if !ok {
			return 0, false
		}
		h, ok := t.find(id)
		return int64(h), ok
	}
}

func textOf(s string) value.Value  { return value.OfText(s) }
func timeOf(at int64) value.Value  { return value.OfWord(value.Time, at) }
func choiceOf(n int64) value.Value { return value.OfWord(value.Choice, n) }

// The states of tasks and alerts, as their choices are declared.
const (
	taskOpen = iota
	taskDone
	taskExpired
	taskCancelled
)

const (
	alertOpen = iota
	alertResolved
	alertWithdrawn
)

// keepEffects turns the effects of the decision just made into rows.
func (e *Engine) keepEffects() {
	for i := range e.dec.Effects {
		x := &e.dec.Effects[i]
		switch {
		case x.Shadow:
		case x.Kind == decision.Task:
			e.keepTask(x, i)
		case x.Kind == decision.Suggest:
			e.keepSuggestion(x, i)
		case x.Kind == decision.Alert:
			e.keepAlert(x, i)
		case x.Kind == decision.Assign:
			e.keepAssign(x, i)
		}
	}
}

// rowID names a row by the decision and the effect in it that made it.
func (e *Engine) rowID(i int) string {
	return strconv.FormatUint(e.seq, 10) + "/" + strconv.Itoa(i+1)
}

func (e *Engine) keepAlert(x *decision.Effect, i int) {
	at := standing{of: x.Subject.String()}
	at.rule, at.cell = decision.CellOf(x.Rule)
	if x.State == decision.Open {
		e.kept.changes = append(e.kept.changes, e.openRow(at, e.rowID(i), e.now))
		return
	}
	h, ok := e.kept.open[at]
	if !ok {
		return
	}
	delete(e.kept.open, at)
	state := choiceOf(alertResolved)
	if x.State == decision.Withdrawn {
		state = choiceOf(alertWithdrawn)
		e.cancelAbout(at.of, x.Rule, byWithdrawal)
	}
	e.kept.changes = append(e.kept.changes, change{kind: e.kept.alert, handle: h,
		values: []named{{"state", state}, {"resolved", timeOf(e.now)}}})
}

func (e *Engine) openRow(at standing, id string, since int64) change {
	c := change{kind: e.kept.alert, handle: -1, id: id, values: append(e.kept.room(),
		named{"rule", textOf(at.rule)}, named{"of", textOf(at.of)}, named{"opened", timeOf(since)},
		named{"state", choiceOf(alertOpen)})}
	if at.cell != "" {
		c.values = append(c.values, named{"action", textOf(at.cell)})
	}
	return c
}

// runKept writes the rows that the entry just emitted left behind, and lets who counts them look:
// a step of its own, logged only where it says or causes something.
func (e *Engine) runKept(emit Emit) {
	if len(e.dec.Effects) > 0 {
		e.keepEffects()
	}
	e.kept.changes = append(e.kept.changes, e.kept.found...)
	e.kept.found = e.kept.found[:0]
	if len(e.kept.changes) == 0 {
		return
	}
	changes, in := e.kept.changes, &e.kept.entry
	e.kept.changes, e.kept.written = e.kept.written, nil
	*in = Entry{Kind: decision.Step, Moment: e.now, Cause: e.seq, Depth: e.dec.Depth + 1,
		Step: &e.kept.step}
	e.begin(in)
	e.lazy = true
	for i := range changes {
		e.write(&changes[i])
	}
	e.kept.recycle(changes)
	e.refreshRows()
	if in.Depth > MaxDepth && len(e.agenda.items) > 0 {
		e.agenda.items = e.agenda.items[:0]
		e.find(source.KeptCycle)
	}
	e.settle()
	e.lazy = false
	e.pending = e.pending[:0]
	if len(e.dec.Effects) > 0 || len(e.dec.Findings) > 0 {
		e.emit(in, emit)
		e.runKept(emit)
	}
}

// write makes one row what a change says.
func (e *Engine) write(c *change) int32 {
	k, h := c.kind, c.handle
	next := &k.spare
	if h < 0 {
		h = e.made(k.table, c.id)
	}
	k.layout.Copy(next, k.table.rows[h])
	for _, v := range c.values {
		k.layout.Put(next, k.fieldNamed(v.field), v.v)
	}
	if !next.Has(k.table.created) {
		k.layout.Put(next, k.table.created, timeOf(e.now))
	}
	e.become(k, h, next)
	if c.task != nil {
		e.assign(h, c.task)
	}
	e.rowWritten(k, h)
	return h
}

// rowWritten keeps what is known of rows besides themselves: which alerts are open, and when an
// open task expires.
func (e *Engine) rowWritten(k *entityType, h int32) {
	switch k {
	case e.kept.alert:
		if k.choice(h, "state") == alertOpen {
			e.kept.open[standing{k.text(h, "rule"), k.text(h, "of"), k.text(h, "action")}] = h
		}
	case e.kept.task:
		e.taskWritten(h)
	case e.kept.assignment:
		e.assignmentWritten(h)
	}
}

// adoptKept takes over the rows of the engine that this one replaces: what it decided stays
// decided. Alerts that are no longer open are withdrawn, and those that opened in silence have a
// row like the others.
func (e *Engine) adoptKept(old *Engine) {
	for _, k := range e.kinds {
		if k == nil || !k.rec.Kept || k.stays || k.cells {
			continue
		}
		for _, o := range old.kinds {
			if o != nil && o.rec.Kept && o.rec.Full == k.rec.Full {
				e.adoptRows(k, o, old)
			}
		}
	}
	e.refreshRows()
}

func (e *Engine) adoptRows(k, o *entityType, old *Engine) {
	for h := range o.table.rows {
		c := change{kind: k, handle: -1, id: o.table.meta[h].id}
		for _, f := range o.rec.Fields {
			if o.layout.Pos[f.Index] >= 0 && o.table.rows[h].Has(f.Index) && k.fieldNamed(f.Name) >= 0 {
				c.values = append(c.values, named{f.Name, o.layout.Value(o.table.rows[h], f.Index)})
			}
		}
		if k == e.kept.task {
			c.task = e.inherited(&old.kept.tasks.of[h])
		}
		e.write(&c)
	}
}

// settleAlerts makes the rows of alerts agree with which of them are open.
func (e *Engine) settleAlerts() {
	k, n := e.kept.alert, 0
	is := map[standing]bool{}
	for _, x := range e.nodes {
		if x.kind != alertNode || x.shadow {
			continue
		}
		for _, h := range x.table.inOrder() {
			st := x.find(h)
			if st == nil || !st.open {
				continue
			}
			at := standing{of: x.table.ref(h).String()}
			at.rule, at.cell = decision.CellOf(x.head.Full)
			is[at] = true
			if _, ok := e.kept.open[at]; !ok {
				n++
				c := e.openRow(at, strconv.FormatUint(e.seq+1, 10)+"/"+strconv.Itoa(n), st.opened)
				e.write(&c)
			}
		}
	}
	for _, a := range e.allocations {
		for h := range a.cases {
			if a.cases[h].alert {
				is[standing{rule: a.of.Full, of: a.kind.table.ref(int32(h)).String()}] = true
			}
		}
	}
	for h := range k.table.rows {
		at := standing{k.text(int32(h), "rule"), k.text(int32(h), "of"), k.text(int32(h), "action")}
		if k.choice(int32(h), "state") == alertOpen && !is[at] {
			delete(e.kept.open, at)
			e.write(&change{kind: k, handle: int32(h), values: []named{
				{"state", choiceOf(alertWithdrawn)}, {"resolved", timeOf(e.now)}}})
		}
	}
	e.refreshRows()
}

// restoreKept works out from the rows what is known besides them.
func (e *Engine) restoreKept() {
	for _, k := range []*entityType{e.kept.task, e.kept.alert, e.kept.assignment} {
		for h := range k.table.rows {
			e.rowWritten(k, int32(h))
		}
	}
}

// fieldNamed is the index of a field, -1 where there is none.
func (k *entityType) fieldNamed(name string) int {
	for i, f := range k.rec.Fields {
		if f.Name == name {
			return i
		}
	}
	return -1
}

func (k *entityType) stored(h int32, name string) (*slots.Slots, int32, bool) {
	i, s := k.fieldNamed(name), k.table.rows[h]
	return s, k.layout.Pos[i], s.Has(i)
}

func (k *entityType) text(h int32, name string) string {
	if s, pos, ok := k.stored(h, name); ok {
		return s.S[pos]
	}
	return ""
}

func (k *entityType) moment(h int32, name string) (int64, bool) {
	s, pos, ok := k.stored(h, name)
	return s.N[pos], ok
}

func (k *entityType) choice(h int32, name string) int64 {
	if s, pos, ok := k.stored(h, name); ok {
		return s.N[pos]
	}
	return -1
}

// word is the name of a choice's value.
func (k *entityType) word(h int32, name string) string {
	n := k.choice(h, name)
	if n < 0 {
		return ""
	}
	return k.rec.Fields[k.fieldNamed(name)].Type.Choice.Values[n].Name
}

// unwrite takes a row away, as if it had never been written.
func (e *Engine) unwrite(k *entityType, h int32) {
	empty := k.layout.New()
	k.layout.Put(&empty, k.table.id, textOf(k.table.meta[h].id))
	changed := e.changedFields(k, k.table.rows[h], &empty)
	e.moveBacks(k, h, k.table.rows[h], &empty)
	k.layout.Copy(&k.before, k.table.rows[h])
	k.layout.Copy(k.table.rows[h], &empty)
	k.table.lives[h] = gone
	e.fieldsChanged(k, h, &k.before, changed)
	for _, s := range k.streams {
		e.pushRow(int32(s.index), h)
	}
}
