package engine

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
)

// Silent is how many subjects met a new or changed condition when it took force, without effects.
type Silent struct {
	Declaration string // qualified name
	Count       int
	Kept        bool // the declaration is unchanged and kept its state
}

// Adopt gives this engine, rebuilt from the same log with another policy, the running state of the
// engine that it replaces (reference, section 8a: identity). A declaration of the same meaning,
// found by qualified name or `was`, keeps its state. A new or changed condition is looked at in
// silence: who meets it is a member, has fired, or is open; `for` and looks count from now.
func (e *Engine) Adopt(old *Engine) []Silent {
	var out []Silent
	if old.started {
		e.absorb(func() { e.Advance(old.now, nil) }) // rows that time alone has changed since
	}
	e.seq, e.now, e.started, e.built = old.seq, old.now, old.started, old.seq
	e.env.Now = e.now
	e.dec.Reset()
	e.agenda.reset()
	for _, j := range e.journeys { // first: conditions read the stage
		out = append(out, j.adopt(e, old))
	}
	e.adoptRefused(old)
	e.adoptKept(old)
	for _, n := range e.nodes {
		switch n.kind {
		case dueNode, hookNode, candidateNode:
			continue
		case taskNode:
			e.lookTasks(n)
			continue
		}
		s := Silent{Declaration: n.head.Full}
		was := old.nodeFor(n)
		if was != nil && n.head.Continues(was.head) && was.kind == n.kind {
			s.Kept = true
			s.Count = e.carry(n, was, old)
		} else if n.on && n.table != nil && n.kind != everyRule {
			s.Count = e.silence(n)
		}
		out = append(out, s)
	}
	for _, a := range e.allocations {
		out = append(out, e.adoptAllocation(a, old))
	}
	e.settleAlerts()
	e.dec.Reset()
	e.agenda.reset()
	e.steps = e.steps[:0]
	for _, n := range e.nodes {
		if e.started {
			e.schedule(n, e.now)
		}
	}
	return out
}

// nodeFor finds the declaration that another one continues.
func (e *Engine) nodeFor(n *node) *node {
	names := append([]string{n.head.Full}, n.head.Was...)
	for _, name := range names {
		for _, o := range e.nodes {
			if o.head.Full == name && o.step() == n.step() {
				return o
			}
		}
	}
	return nil
}

// carry copies a node's states, subject by subject.
func (e *Engine) carry(n, was *node, old *Engine) (members int) {
	n.count = was.count
	for p, page := range was.states.list {
		if page == nil {
			continue
		}
		for i := range page {
			st := &page[i]
			if !st.worth() {
				continue
			}
			h := int32(p*pageSize + i)
			if n.table != nil {
				there := false
				h, there = n.table.find(was.table.meta[h].id)
				if !there || n.table.lives[h] != alive {
					continue
				}
			}
			to := n.state(h)
			t := to.timer
			*to = *st
			to.timer, to.mark = t, 0
			to.looks, to.sent = slices.Clone(st.looks), cloneSent(st.sent)
			if st.timer.pos >= 0 {
				e.timers.set(&to.timer, st.timer.at)
			}
			if st.open {
				members++
			}
		}
	}
	return members
}

// cloneSent copies what the engine being replaced may still change.
func cloneSent(list []sent) []sent {
	list = slices.Clone(list)
	for i := range list {
		list[i].moments = slices.Clone(list[i].moments)
	}
	return list
}

// silence looks at a new or changed condition of every subject without making effects.
func (e *Engine) silence(n *node) (members int) {
	for _, r := range n.ranks {
		e.fixRanks(n, r)
	}
	for _, h := range n.table.inOrder() {
		if n.table.lives[h] != alive || !n.owns(h) {
			continue
		}
		e.subject(n.table, h)
		st := n.state(h)
		e.quiet(n, st)
		if n.check == nil {
			e.arm(n, st)
		}
		if st.open || n.kind == entityRule && st.truth == value.True {
			members++
		}
	}
	return members
}

// quiet sets a state to what the condition says now.
func (e *Engine) quiet(n *node, st *state) {
	st.looked = true
	if n.tiers != nil {
		e.quietTier(n, st)
		return
	}
	st.truth, _ = n.when.run(&e.env)
	if st.truth == value.True && n.needs != nil {
		if v, _ := n.needs.run(&e.env); v != value.True {
			st.truth = value.Unknown
		}
	}
	switch {
	case st.truth != value.True:
	case n.segment != nil:
		st.open, st.opened = true, e.now
	case n.alert != nil:
		e.quietAlert(n, st)
	}
}

// quietAlert opens an alert whose condition holds, unless it first has to hold for some time, for
// several looks, or `until` holds too.
func (e *Engine) quietAlert(n *node, st *state) {
	a := n.alert
	over := false
	if n.until != nil && a.UntilFor == 0 {
		v, _ := n.until.run(&e.env)
		over = v == value.True
	}
	switch {
	case a.For > 0 && n.check == nil, a.For == 0 && a.ForN <= 1 && over:
		st.holds, st.since = true, e.now
	case a.For == 0 && a.ForN <= 1:
		st.open, st.opened = true, e.now
	}
}

func (e *Engine) quietTier(n *node, st *state) {
	for i, p := range n.tiers {
		v := value.True
		if p != nil {
			v, _ = p.run(&e.env)
		}
		switch v {
		case value.Unknown:
			st.truth = value.Unknown
			return
		case value.True:
			st.truth, st.open, st.tier, st.opened = value.True, true, int32(i), e.now
			return
		}
	}
}

// Absorb takes in an entry of the log as a fact, for a rebuild under another policy: entities and
// windows change, nothing looks and nothing acts. What steps set is given by their entries. It
// returns what a later retraction of the entry's event needs, valid until the next call.
func (e *Engine) Absorb(in *Entry) (row []byte) {
	e.absorb(func() { e.take(in) })
	return e.dec.Row
}

// absorb runs f while nothing looks and nothing acts. Only rows of entities have timers then, and
// they say nothing.
func (e *Engine) absorb(f func()) {
	e.absorbing, e.started = true, true
	f()
	e.absorbing = false
}

func (e *Engine) take(in *Entry) {
	e.Advance(in.Moment, nil)
	e.begin(in)
	switch in.Kind {
	case decision.Record:
		if in.Then != nil {
			e.recall(in)
		} else {
			e.record(in)
		}
	case decision.Step:
		if in.Step.Type == nil {
			break // rows that the engine replaced will hand over
		}
		if k := e.kinds[in.Step.Type.Index]; k != nil {
			if h, ok := k.table.find(in.Step.ID); ok {
				in.Step.handle = h
				e.lead(in.Step)
				e.step(in)
			}
		}
	}
	e.seq++
	e.steps = e.steps[:0]
}

// lead makes a reference that a stored step sets lead to its entity again.
func (e *Engine) lead(s *StepChange) {
	t := s.Field.Type
	if s.Value.Kind != value.Ref || t.Kind != value.Ref {
		return
	}
	to := e.tables[t.Record.Index]
	h, ok := to.find(s.Value.S)
	if !ok {
		h = e.stub(to, s.Value.S)
	}
	s.Value.N = int64(h)
}

// absorbedEvent is an event that a rebuild took in and that may have been rejected: whether a claim
// was in time only the engine that decided on it knows.
type absorbedEvent struct {
	t   *eventType
	id  string
	seq uint64
	row []byte
}

func (e *Engine) noteAbsorbed(t *eventType, r *record.Record) {
	e.absorbed = append(e.absorbed, absorbedEvent{t, strings.Clone(r.ID), e.seq + 1,
		slices.Clone(e.dec.Row)})
}

// adoptRefused takes out again what the engine that is replaced did not take in.
func (e *Engine) adoptRefused(old *Engine) {
	seen := map[*eventType]idSet{}
	for _, x := range e.absorbed {
		was := old.typeNamed(x.t.rec.Full)
		set, begun := seen[x.t]
		if !begun {
			set = newIDSet()
		}
		seq, _, ok := uint64(0), claim{}, false
		if was != nil {
			seq, _, ok = old.known(was, x.id)
		}
		if !ok || seq&^takenBack != x.seq {
			e.retractJudged(x.t.rec.Full + "/" + x.id)
			e.takeOut(x.row, nil)
		} else {
			set.set(x.id, seq)
		}
		seen[x.t] = set
	}
	for t, set := range seen { //tidy:order each is a set of its own
		t.seen, t.used = set, uint64(set.n)
	}
	e.absorbed = nil
	e.refreshRows()
}

func (e *Engine) typeNamed(full string) *eventType {
	for _, t := range e.events {
		if t != nil && t.rec.Full == full {
			return t
		}
	}
	return nil
}
