package engine

import (
	"math"

	"github.com/throughline/throughline/dsl/value"
)

// lookEvent looks at a rule for the event in hand: it fires for each that meets `when`.
func (e *Engine) lookEvent(n *node) {
	e.env.Self, e.env.SelfRef = e.inHand, -1
	verdict, part := n.when.run(&e.env)
	n.count.saw(verdict)
	e.note(n.when, -1, verdict, part)
	if verdict == value.True {
		n.count.Fired++
		e.act(n, -1, n.whom)
	}
}

// lookRule looks at a rule on an entity: it fires when the condition turns true, from false,
// unknown or not yet there (reference, section 3: missing and unknown).
func (e *Engine) lookRule(n *node, h int32, st *state) {
	verdict := e.truth(n, n.when, h)
	before := st.truth
	fresh := !st.looked
	st.truth, st.looked = verdict, true
	if verdict == value.True && (fresh || before != value.True) {
		n.count.Fired++
		e.act(n, h, n.whom)
	}
}

// truth evaluates a condition about an entity and writes its receipt.
func (e *Engine) truth(n *node, p *program, h int32) value.Tri {
	verdict, part := p.run(&e.env)
	if verdict == value.False && n.due != nil && n.due.ask.waiting(&e.env) {
		verdict = value.Unknown
	}
	n.count.saw(verdict)
	if p.wrong = -1; verdict == value.False {
		p.wrong = part
	}
	if e.lazy {
		e.pending = append(e.pending, pending{p, n.table, h, verdict, part})
	} else {
		e.note(p, e.subjectIndex(n.table, h), verdict, part)
	}
	return verdict
}

// subjectIndex lists a subject in the decision for receipts; -1 is the decision's own record.
func (e *Engine) subjectIndex(t *table, h int32) int32 {
	r := t.ref(h)
	d := &e.dec
	if d.Record == r {
		return -1
	}
	if l := len(d.Subjects); l > 0 && d.Subjects[l-1] == r {
		return int32(l - 1)
	}
	d.Subjects = append(d.Subjects, r)
	return int32(len(d.Subjects) - 1)
}

// arm schedules the next moment at which time alone can change what the node sees: a boundary of
// its condition, or the end of a `for D`.
func (e *Engine) arm(n *node, st *state) {
	var next int64
	found := false
	sooner := func(at int64, ok bool) {
		if ok && at > e.env.Now && (!found || at < next) {
			next, found = at, true
		}
	}
	if n.due != nil {
		if !st.open || st.holds || st.untilHolds {
			e.timers.stop(&st.timer) // nothing more that time alone could change
			return
		}
		sooner(st.since, st.since < math.MaxInt64)
	}
	if n.met != nil && len(e.kept.tasks.waiting[waiting{n.index, st.timer.handle}]) == 0 {
		e.timers.stop(&st.timer)
		return
	}
	for _, b := range n.times {
		sooner(b(&e.env))
	}
	for _, p := range n.timed {
		p.next(&e.env, sooner)
	}
	if a := n.alert; a != nil {
		sooner(st.since+a.For, st.holds && !st.open && a.For > 0)
		sooner(st.untilSince+a.UntilFor, st.untilHolds && st.open && a.UntilFor > 0)
	}
	if found {
		e.timers.set(&st.timer, next)
	} else {
		e.timers.stop(&st.timer)
	}
}
