package engine

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/record"
)

// tasks is what the engine knows of tasks besides their rows (reference, section 6: tasks).
type tasks struct {
	of      []assigned          // by handle
	open    map[string][]int32  // open tasks of a person, Type/id
	about   map[string][]int32  // open tasks about a record, Type/id
	named   map[string]*effect  // effects that make tasks, by their name
	waiting map[waiting][]int32 // open tasks that a condition about a subject ends
	given   []given             // by the decision in hand
}

// assigned is what one task came from.
type assigned struct {
	of    *effect // nil: nothing is known, it is done by hand
	level int     // how often it was handed on by `else`
	about decision.Ref
	on    decision.Ref     // whom `until … of` looks at; none: what the task is about
	base  int64            // what `until` had counted when the first of its chain was made
	next  [][]decision.Ref // whom `else` hands it to, as they were when it was made
	due   *timer
	open  bool
	whose string // under which it stands in open
}

type waiting struct{ node, subject int32 }

// given is what an effect of the decision in hand leaves to its rows.
type given struct {
	effect  int            // index in the decision
	instead []decision.Ref // of a task: whose place each recipient takes
	from    assigned       // of a task
	whose   decision.Ref   // of a suggestion
}

// How a task ended, as its row's choice is declared.
const (
	byHand = iota
	byEvent
	byCondition
	byDue
	byCancel
	byWithdrawal
	byDeletion
)

// met is what ends a task.
type met struct {
	node  *node
	of    eval.Int // whom it looks at; nil: the subject
	count eval.Int // nil: the condition is a truth of its own
	n     int64
}

// ends is what ends a task; nil: it is done by hand, as one is that was given about nobody.
func (a *assigned) ends() *met {
	if a.of == nil || a.of.met == nil || a.of.met.of != nil && a.on.Type == nil {
		return nil
	}
	return a.of.met
}

// watched is whom the condition that ends a task looks at.
func (a *assigned) watched() decision.Ref {
	if a.of.met.of != nil {
		return a.on
	}
	return a.about
}

// taskNodes makes a node for every task that a condition ends: it looks when what it reads changes.
func (e *Engine) taskNodes() {
	add := func(h *policy.Head, of *policy.Record, list []*policy.Effect) {
		for _, x := range list {
			if x.Until == nil {
				continue
			}
			n := &node{kind: taskNode, head: h, record: of, met: x}
			if x.Until.Of != nil {
				n.record = x.Until.Of.Type.Record
			}
			e.nodes = append(e.nodes, n)
		}
	}
	p := e.policy
	for _, r := range p.Rules {
		add(&r.Head, r.On, r.Do)
	}
	for _, a := range p.Alerts {
		add(&a.Head, a.Of, a.Do)
	}
	for _, s := range p.Segments {
		add(&s.Head, s.Of, s.Enter)
		add(&s.Head, s.Of, s.Leave)
		for i := range s.Tiers {
			add(&s.Head, s.Of, s.Tiers[i].Enter)
			add(&s.Head, s.Of, s.Tiers[i].Leave)
		}
	}
	for _, j := range p.Journeys {
		for _, g := range j.Stages {
			for _, h := range g.Hooks() {
				add(&h.Head, j.Of, h.Do)
			}
		}
	}
}

// planTask names an effect that makes tasks and finds the node that ends them.
func (e *Engine) planTask(n *node, x *effect) {
	x.node, x.name = n, n.head.Full+"#"+strconv.Itoa(int(x.index))
	e.kept.tasks.named[x.name] = x
	for next := x.of.Else; next != nil; next = next.Else {
		x.others = append(x.others, e.comp.Value(next.Who))
	}
	if x.of.Until == nil {
		return
	}
	for _, m := range e.nodes {
		if m.met == x.of {
			x.met = &met{node: m, n: int64(x.of.Until.N)}
		}
	}
	if of := x.of.Until.Of; of != nil {
		x.met.of = e.comp.Int(of)
	}
	if c := x.of.Until.Count; c != nil {
		x.met.count = e.comp.Int(c)
	}
}

// wanted reports whether a task is given: not where what ends it holds already.
func (e *Engine) wanted(x *effect) bool {
	if x.met == nil || x.met.count != nil {
		return true
	}
	verdict := value.Unknown
	e.onWatched(x, func() { verdict, _ = x.met.node.when.run(&e.env) })
	return verdict != value.True
}

// onWatched calls f with whom the condition of a task looks at as the subject, where there is
// somebody, and says who that is beside what the task is about.
func (e *Engine) onWatched(x *effect, f func()) (on decision.Ref) {
	if x.met.of == nil {
		f()
		return on
	}
	h, ok := x.met.of(&e.env)
	if !ok {
		return on
	}
	self, ref := e.env.Self, e.env.SelfRef
	e.subject(x.met.node.table, int32(h))
	f()
	e.env.Self, e.env.SelfRef = self, ref
	return x.met.node.table.ref(int32(h))
}

// takers are who gets a task, and whose place each takes: who is away leaves it to their deputy,
// and whoever has as many open tasks as the effect allows gets no more.
func (e *Engine) takers(x *effect) (to, instead []decision.Ref, some bool) {
	all := e.refs(x.of.Who, x.who(&e.env), nil)
	if x.node.shadow {
		return all, all, true
	}
	for _, r := range all {
		d := e.deputyOf(x, r)
		if l := x.of.AtMost; l != nil && l.Open && e.load(d) >= l.N {
			e.remark(x, source.TaskCapped, d.String(), strconv.Itoa(e.load(d)))
			continue
		}
		to, instead = append(to, d), append(instead, r)
	}
	return to, instead, len(to) > 0 || len(all) == 0
}

// remark appends a finding that an effect speaks, also where nothing has been said yet.
func (e *Engine) remark(x *effect, c source.Code, args ...string) {
	if e.lazy {
		e.flush()
	}
	e.findAt(c, x.node.head.Full, x.of.Span, args...)
}

// deputyOf is who takes the tasks of a person now: while they are away, the deputy that their
// leave names, or theirs.
func (e *Engine) deputyOf(x *effect, r decision.Ref) decision.Ref {
	to, _ := e.inPlaceOf(r, e.now)
	if to != r {
		e.remark(x, source.TaskDeputy, r.String(), to.String())
	}
	return to
}

// load is how many open tasks a person has, with those that the decision in hand gives them.
func (e *Engine) load(r decision.Ref) int {
	n := len(e.kept.tasks.open[r.String()])
	for i := range e.dec.Effects {
		if x := &e.dec.Effects[i]; x.Kind == decision.Task && !x.Shadow && slices.Contains(x.For, r) {
			n++
		}
	}
	return n
}

// give writes who gets a task into the effect in hand, and what its rows are to know.
func (e *Engine) give(x *effect, d *decision.Effect, to, instead []decision.Ref) {
	d.For = append(d.For, to...)
	if len(to) == 0 {
		d.For = append(d.For, decision.Ref{})
		e.findAt(source.EffectNobody, x.node.head.Full, x.of.Span)
	}
	if x.of.Due != nil {
		d.Due = e.dueOf(x.of.Due, d.For)
	}
	g := given{effect: len(e.dec.Effects) - 1, instead: instead,
		from: assigned{of: x, about: d.Subject}}
	if x.met != nil {
		g.from.on = e.onWatched(x, func() {
			if x.met.count != nil {
				g.from.base, _ = x.met.count(&e.env)
			}
		})
	}
	part := x.of.Else
	for _, who := range x.others {
		g.from.next = append(g.from.next, e.refs(part.Who, who(&e.env), nil))
		part = part.Else
	}
	e.kept.tasks.given = append(e.kept.tasks.given, g)
}

// givenBy is what an effect of the decision just made left; nil: nothing.
func (e *Engine) givenBy(i int) *given {
	list := e.kept.tasks.given
	k, ok := slices.BinarySearchFunc(list, i, func(g given, i int) int { return g.effect - i })
	if !ok {
		return nil
	}
	return &list[k]
}

// dueOf is when a task falls due that is given now. Work time is that of whoever gets it: the days
// of their leave are left out, where it is one person.
func (e *Engine) dueOf(d *policy.Due, to []decision.Ref) int64 {
	if !d.Work || len(to) != 1 || to[0].Type == nil || len(e.leaves) == 0 {
		return e.due(d)
	}
	from := e.now
	for range len(e.leaves) { // one leave may go on from another
		l := e.leaveAt(to[0], from)
		if l == nil {
			break
		}
		from = l.until
	}
	if d.Days == 0 {
		at, _ := e.dueFrom(from, d)
		return at
	}
	t := e.tables[to[0].Type.Index]
	h, _ := t.find(to[0].ID)
	day := *d
	for day.Days = 1; d.Days > 0; {
		at, ok := e.dueFrom(from, &day)
		if !ok {
			return 0
		}
		if !e.isAway(t, h, at) {
			d = &policy.Due{Days: d.Days - 1}
		}
		from = at
	}
	return from
}

// keepTask makes a task one row for each person that it is for; the second one's id ends in .2.
func (e *Engine) keepTask(x *decision.Effect, i int) {
	rule, _ := decision.CellOf(x.Rule)
	for n, who := range x.For {
		id := e.rowID(i)
		if n > 0 {
			id += "." + strconv.Itoa(n+1)
		}
		c := change{kind: e.kept.task, handle: -1, id: id, values: append(e.kept.room(),
			named{"rule", textOf(rule)},
			named{"text", textOf(string(e.kept.words.AppendMessage(nil, x)))},
			named{"about", textOf(x.Subject.String())},
			named{"state", choiceOf(taskOpen)})}
		if who != (decision.Ref{}) {
			c.values = append(c.values, named{"for", textOf(who.String())})
		}
		if x.Due != 0 {
			c.values = append(c.values, named{"due", timeOf(x.Due)})
		}
		if g := e.givenBy(i); g != nil {
			if n < len(g.instead) && g.instead[n] != who {
				c.values = append(c.values, named{"instead_of", textOf(g.instead[n].String())})
			}
			c.task = &g.from
		}
		e.kept.changes = append(e.kept.changes, c)
	}
}

// taskWritten keeps what is known of a task besides its row: whose open ones there are, when it
// expires, and what ends it.
func (e *Engine) taskWritten(h int32) {
	k, t := e.kept.task, &e.kept.tasks
	for int(h) >= len(t.of) {
		t.of = append(t.of, assigned{})
	}
	a := &t.of[h]
	open, whose := k.table.lives[h] == alive && k.choice(h, "state") == taskOpen, k.text(h, "for")
	if a.open && (!open || whose != a.whose) {
		drop(t.open, a.whose, h)
		drop(t.about, k.text(h, "about"), h)
		e.wait(h, false)
	}
	if open && (!a.open || whose != a.whose) {
		t.open[whose] = append(t.open[whose], h)
		about := k.text(h, "about")
		t.about[about] = append(t.about[about], h)
		a.open = true
		e.wait(h, true)
	}
	a.open, a.whose = open, whose
	e.expireAt(h)
}

func drop[K comparable](m map[K][]int32, key K, h int32) {
	list := m[key]
	if i := slices.Index(list, h); i >= 0 {
		list = slices.Delete(list, i, i+1)
	}
	if len(list) == 0 {
		delete(m, key)
		return
	}
	m[key] = list
}

// wait files a task under the condition that ends it, or takes it out.
func (e *Engine) wait(h int32, in bool) {
	a := &e.kept.tasks.of[h]
	m := a.ends()
	if m == nil {
		return
	}
	n := m.node
	s, ok := n.table.find(a.watched().ID)
	if !ok {
		return
	}
	key := waiting{n.index, s}
	if !in {
		drop(e.kept.tasks.waiting, key, h)
		return
	}
	e.kept.tasks.waiting[key] = append(e.kept.tasks.waiting[key], h)
	if !e.absorbing {
		e.push(n, s)
	}
}

// lookTask ends the open tasks about a subject whose condition holds.
func (e *Engine) lookTask(n *node, h int32) {
	list := e.kept.tasks.waiting[waiting{n.index, h}]
	if len(list) == 0 {
		return
	}
	verdict, part := n.when.run(&e.env)
	if n.when.wrong = -1; verdict == value.False {
		n.when.wrong = part
	}
	if e.lazy {
		e.pending = append(e.pending, pending{n.when, n.table, h, verdict, part})
	} else {
		e.note(n.when, e.subjectIndex(n.table, h), verdict, part)
	}
	if verdict != value.True {
		return
	}
	self, ref := e.env.Self, e.env.SelfRef
	for _, task := range slices.Clone(list) {
		a, how := &e.kept.tasks.of[task], int64(byCondition)
		if c := a.of.met.count; c != nil {
			if counted, _ := c(&e.env); counted-a.base < a.of.met.n {
				continue
			}
			how = byEvent
		}
		e.remark(a.of, source.TaskMet, e.kept.task.table.meta[task].id, n.met.Until.Name)
		e.endTask(task, taskDone, how, named{"done_at", timeOf(e.env.Now)})
		e.env.Self, e.env.SelfRef = self, ref
	}
}

// endTask closes a task.
func (e *Engine) endTask(h int32, state, how int64, more ...named) {
	e.write(&change{kind: e.kept.task, handle: h, values: append([]named{
		{"state", choiceOf(state)}, {"how", choiceOf(how)}}, more...)})
}

// expireAt schedules the expiry of a task, or takes it out of the schedule.
func (e *Engine) expireAt(h int32) {
	k, a := e.kept.task, &e.kept.tasks.of[h]
	due, ok := k.moment(h, "due")
	if !a.open || !ok || due <= e.now {
		if a.due != nil {
			e.timers.stop(a.due)
		}
		return
	}
	if a.due == nil {
		a.due = timerOf(rankTask, 0)
		a.due.handle = h
	}
	e.timers.set(a.due, due)
}

// expire ends a task that fell due and was not done, and hands it on where its effect says to whom.
// Alone it is no entry of the log, like an event that leaves a window: whoever counts expired tasks
// looks at that moment.
func (e *Engine) expire(h int32) {
	a := e.kept.tasks.of[h]
	e.endTask(h, taskExpired, byDue)
	if a.of != nil && len(a.next) > 0 && !e.absorbing {
		e.handOn(h, &a)
	}
}

// handOn gives a task that was not done to the next in its chain.
func (e *Engine) handOn(h int32, a *assigned) {
	part := a.of.of
	for range a.level + 1 {
		if part = part.Else; part == nil {
			return // the policy says it no more
		}
	}
	var to []decision.Ref
	for _, r := range a.next[0] {
		to = append(to, e.deputyOf(a.of, r))
	}
	d := e.addEffect()
	d.Kind, d.Rule, d.Effect, d.Span = decision.Task, a.of.node.head.Full, part, part.Span
	d.Subject, d.For = a.about, append(d.For, to...)
	d.Args = append(d.Args, textOf(e.kept.task.text(h, "text")))
	if len(to) == 0 {
		d.For = append(d.For, decision.Ref{})
		e.findAt(source.EffectNobody, d.Rule, part.Span)
	}
	if part.Due != nil {
		d.Due = e.dueOf(part.Due, d.For)
	}
	e.kept.tasks.given = append(e.kept.tasks.given, given{effect: len(e.dec.Effects) - 1,
		instead: a.next[0], from: assigned{of: a.of, level: a.level + 1, about: a.about,
			on: a.on, base: a.base, next: a.next[1:]}})
}

// done takes in a `Done` event: the task it names is done, also where it had expired. What a
// condition ends is not done by saying so.
func (e *Engine) done(r *record.Record) {
	h, ok := e.taskOf(r)
	if !ok {
		return
	}
	k, id, a := e.kept.task, r.Text("task"), &e.kept.tasks.of[h]
	expired := k.choice(h, "state") == taskExpired
	switch {
	case !a.open && !expired:
		e.find(source.TaskClosed, id, k.word(h, "state"))
		return
	case a.ends() != nil:
		e.find(source.TaskByItself, id, a.of.of.Until.Name)
		return
	case expired:
		e.find(source.TaskLate, id)
	}
	e.endTask(h, taskDone, byHand, named{"done_at", timeOf(r.At)},
		named{"by", textOf(strings.Clone(r.Text("by")))})
	e.keepUndo(undoDone, id)
}

// cancel takes in a `Cancel` event: the task it names need not be done, for a reason.
func (e *Engine) cancel(r *record.Record) {
	h, ok := e.taskOf(r)
	if !ok {
		return
	}
	k, id := e.kept.task, r.Text("task")
	if !e.kept.tasks.of[h].open {
		e.find(source.TaskClosed, id, k.word(h, "state"))
		return
	}
	e.endTask(h, taskCancelled, byCancel, named{"by", textOf(strings.Clone(r.Text("by")))},
		named{"why", textOf(strings.Clone(r.Text("why")))})
	e.keepUndo(undoDone, id)
}

// taskOf finds the task that an event names.
func (e *Engine) taskOf(r *record.Record) (int32, bool) {
	k, id := e.kept.task, r.Text("task")
	if e.absorbing {
		return 0, false // the engine replaced hands its rows over
	}
	h, ok := k.table.find(id)
	if !ok || k.table.lives[h] != alive {
		e.find(source.TaskUnknown, id)
		return 0, false
	}
	return h, true
}

// undone opens a task again whose Done or Cancel was taken back.
func (e *Engine) undone(id string) {
	k := e.kept.task
	h, ok := k.table.find(id)
	if !ok || e.absorbing || e.kept.tasks.of[h].open || k.choice(h, "state") == taskExpired {
		return
	}
	how, state := value.Value{}, int64(taskOpen)
	if due, ok := k.moment(h, "due"); ok && due <= e.now {
		how, state = choiceOf(byDue), taskExpired
	}
	e.write(&change{kind: k, handle: h, values: []named{{"state", choiceOf(state)}, {"how", how},
		{"done_at", value.Value{}}, {"by", value.Value{}}, {"why", value.Value{}}}})
}

// cancelAbout cancels the open tasks about a record that is no more, or of one rule whose alert
// should not have opened.
func (e *Engine) cancelAbout(about, rule string, how int64) {
	list := slices.Sorted(slices.Values(e.kept.tasks.about[about]))
	for _, h := range list {
		of := e.kept.tasks.of[h].of
		if rule != "" && (of == nil || of.node.head.Full != rule) {
			continue
		}
		e.kept.changes = append(e.kept.changes, change{kind: e.kept.task, handle: h,
			values: []named{{"state", choiceOf(taskCancelled)}, {"how", choiceOf(how)}}})
	}
}

// handOver gives a deputy the open tasks of a person that fall due while they are away.
func (e *Engine) handOver(l *leave) {
	if l.deputy == "" || e.absorbing {
		return
	}
	k := e.kept.task
	people := slices.Sorted(maps.Keys(e.kept.tasks.open)) //tidy:order sorted
	for _, key := range people {
		whose, ok := e.refNamed(key)
		if !ok || !isWho(e.tables[whose.Type.Index], whose.ID, l.who) {
			continue
		}
		t := e.tables[whose.Type.Index]
		d, ok := findWho(t, l.deputy)
		if !ok {
			e.find(source.NoDeputy, l.deputy)
			continue
		}
		for _, h := range slices.Sorted(slices.Values(e.kept.tasks.open[key])) {
			due, ok := k.moment(h, "due")
			if !ok || due < l.from || due >= l.until || t.ref(d) == whose {
				continue
			}
			e.find(source.TaskHanded, k.table.meta[h].id, key, t.ref(d).String())
			e.write(&change{kind: k, handle: h, values: []named{
				{"for", textOf(t.ref(d).String())}, {"instead_of", textOf(key)}}})
		}
	}
}

// refNamed reads Type/id.
func (e *Engine) refNamed(s string) (decision.Ref, bool) {
	name, id, ok := strings.Cut(s, "/")
	if !ok {
		return decision.Ref{}, false
	}
	for _, k := range e.kinds {
		if k != nil && k.rec.Full == name {
			return decision.Ref{Type: k.rec, ID: id}, true
		}
	}
	return decision.Ref{}, false
}

// assign keeps what a task came from.
func (e *Engine) assign(h int32, a *assigned) {
	t := &e.kept.tasks
	for int(h) >= len(t.of) {
		t.of = append(t.of, assigned{})
	}
	x := &t.of[h]
	x.of, x.level, x.about, x.base, x.next = a.of, a.level, ownRef(a.about), a.base, nil
	x.on = ownRef(a.on)
	for _, level := range a.next {
		var to []decision.Ref
		for _, r := range level {
			to = append(to, ownRef(r))
		}
		x.next = append(x.next, to)
	}
}

// ownRef is a reference whose id outlives the record that it was read from.
func ownRef(r decision.Ref) decision.Ref {
	return decision.Ref{Type: r.Type, ID: strings.Clone(r.ID)}
}

// inherited is what a task of the engine replaced came from, in the words of this one.
func (e *Engine) inherited(old *assigned) *assigned {
	if old.of == nil {
		return nil
	}
	of := e.kept.tasks.named[old.of.name]
	if of == nil {
		return nil
	}
	a := &assigned{of: of, level: old.level, base: old.base, about: e.current(old.about),
		on: e.current(old.on)}
	for _, level := range old.next {
		var to []decision.Ref
		for _, r := range level {
			if r = e.current(r); r.Type != nil {
				to = append(to, r)
			}
		}
		a.next = append(a.next, to)
	}
	return a
}

// current is a reference of another policy as one of this.
func (e *Engine) current(r decision.Ref) decision.Ref {
	if r.Type == nil {
		return r
	}
	for _, x := range e.policy.Records {
		if x.Full == r.Type.Full {
			return decision.Ref{Type: x, ID: r.ID}
		}
	}
	return decision.Ref{}
}

// waited reports whether a node is worth asking about a subject: what ends a task is where there is
// an open one.
func (e *Engine) waited(n *node, h int32) bool {
	return n.met == nil || len(e.kept.tasks.waiting[waiting{n.index, h}]) > 0
}

// lookTasks looks at all open tasks that a node ends.
func (e *Engine) lookTasks(n *node) {
	for _, h := range n.table.inOrder() {
		if e.waited(n, h) {
			e.look(n, h)
		}
	}
}

func (t *tasks) write(w *writer) {
	for h := range t.of {
		a := &t.of[h]
		if a.of == nil {
			continue
		}
		w.uint(uint64(h) + 1)
		w.text(a.of.name)
		w.uint(uint64(a.level))
		w.int(a.base)
		writeRef(w, a.about)
		writeRef(w, a.on)
		w.uint(uint64(len(a.next)))
		for _, level := range a.next {
			w.uint(uint64(len(level)))
			for _, r := range level {
				writeRef(w, r)
			}
		}
	}
	w.uint(0)
}

func writeRef(w *writer, r decision.Ref) {
	if r.Type == nil {
		w.text("")
	} else {
		w.text(r.Type.Full)
	}
	w.text(r.ID)
}

// readTasks reads what tasks came from; their rows are there already.
func (e *Engine) readTasks(r *scanner) {
	for {
		n := r.uint()
		if n == 0 {
			return
		}
		a := assigned{of: e.kept.tasks.named[r.text()], level: int(r.uint()), base: r.int()}
		a.about, a.on = e.readRef(r), e.readRef(r)
		for range r.count() {
			var level []decision.Ref
			for range r.count() {
				level = append(level, e.readRef(r))
			}
			a.next = append(a.next, level)
		}
		if n > uint64(len(e.kept.tasks.of)) || a.of == nil || r.bad {
			r.bad = true
			return
		}
		h := int32(n - 1)
		e.assign(h, &a)
		if e.kept.tasks.of[h].open {
			e.wait(h, true)
		}
	}
}

func (e *Engine) readRef(r *scanner) decision.Ref {
	full, id := r.text(), r.text()
	for _, x := range e.policy.Records {
		if x.Full == full {
			return decision.Ref{Type: x, ID: id}
		}
	}
	return decision.Ref{ID: id}
}
