package engine

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/internal/calendar"
)

// fire does what has fallen due. Each subject that changes anything is a tick of its own; one that
// changes nothing is not logged (decision D4).
func (e *Engine) fire(t *timer, emit Emit) {
	at := t.at
	e.env.Now = at
	switch t.rank {
	case rankClose:
		e.cubes[t.node].take(at)
	case rankLook:
		e.fireLook(e.nodes[t.node], at, emit)
	case rankTask:
		e.tick(at, emit, func() {
			e.expire(t.handle)
			e.settle()
		})
	case rankDone:
		e.tick(at, emit, func() {
			e.lookDone(e.judged.due[t.handle], true)
			e.settle()
		})
	case rankRow:
		e.tick(at, emit, func() {
			e.pushRow(t.node, t.handle)
			e.settle()
		})
	case rankWatch:
		n := e.nodes[t.node]
		e.tick(at, emit, func() {
			e.push(n, t.handle)
			e.settle()
		})
	case rankOffer:
		a := e.allocations[t.node]
		if t.handle < 0 {
			e.resumed(a, at, emit)
			break
		}
		e.tick(at, emit, func() {
			e.offerDue(a, t.handle)
			e.settle()
		})
	case rankEvery:
		e.fireEvery(e.nodes[t.node], at, emit)
	}
	if t.pos >= 0 && t.at == at {
		e.timers.stop(t) // nothing scheduled it anew
	}
}

// tick runs f as one entry; it is emitted only where it said or caused something.
func (e *Engine) tick(at int64, emit Emit, f func()) {
	in := &e.ticking
	*in = Entry{Kind: decision.Tick, Moment: at}
	now := e.env.Now
	e.begin(in)
	e.env.Now = now
	e.lazy = true
	f()
	e.lazy = false
	e.pending = e.pending[:0]
	if e.absorbing || len(e.dec.Effects) == 0 && len(e.dec.Findings) == 0 {
		return // while a rebuild absorbs the log, the log has its ticks already
	}
	e.emit(in, emit)
	e.follow(emit, now)
}

// schedule sets a node's next look or scheduled time after a moment.
func (e *Engine) schedule(n *node, after int64) {
	switch {
	case !n.on:
	case n.kind == everyRule:
		if n.look == nil {
			n.look = timerOf(rankEvery, n.index)
		}
		e.timers.set(n.look, e.nextTime(n.rule.Every, after))
	case n.check != nil:
		if n.look == nil {
			n.look = timerOf(rankLook, n.index)
		}
		e.timers.set(n.look, e.cal.Close(n.check.Each, after, e.zone))
	}
}

// fireLook looks at every subject at the last instant of the period that closes: records of the
// very moment it ends are not in it (reference, section 7: check each).
func (e *Engine) fireLook(n *node, at int64, emit Emit) {
	e.env.Now = at - 1
	e.closing = true
	defer func() { e.closing = false }()
	for _, r := range n.ranks {
		e.fixRanks(n, r)
	}
	for _, h := range n.table.inOrder() {
		if n.table.lives[h] != alive || !n.owns(h) {
			continue
		}
		if e.onLeave(n, h, at) {
			if n.alert != nil { // it may turn out that the person was there
				e.keepLook(n, n.state(h), look{at: at, until: value.False, left: true})
			}
			continue
		}
		e.env.Now = at - 1
		e.tick(at, emit, func() {
			e.subject(n.table, h)
			e.lookClosed(n, h, at)
			e.settle()
		})
	}
	e.schedule(n, at)
	e.env.Now = e.now
}

// fireEvery runs a scheduled rule: for each subject where it holds, or for the top ones.
func (e *Engine) fireEvery(n *node, at int64, emit Emit) {
	hs := e.chosen(n)
	if n.digest() {
		e.tick(at, emit, func() { e.actDigest(n, hs) })
	} else {
		for _, h := range hs {
			e.tick(at, emit, func() {
				e.subject(n.table, h)
				n.count.Fired++
				e.act(n, h, n.whom)
				e.settle()
			})
		}
	}
	e.schedule(n, at)
}

// nextTime is the next moment of a schedule after another. A weekday that is a holiday moves to
// the next workday; the search begins two weeks back, because a moved one may still be ahead.
func (e *Engine) nextTime(s *policy.Schedule, after int64) int64 {
	today := calendar.DateOf(after, e.zone)
	for d := today - 14; ; d++ {
		if !e.falls(s, d) {
			continue
		}
		on := d
		if s.Weekday >= 1 && s.Weekday <= 5 && !e.cal.IsWorkday(d) {
			if moved, ok := e.cal.AddDays(d, 1); ok {
				on = moved
			}
		}
		if at := calendar.At(on, s.At, e.zone); at > after {
			return at
		}
	}
}

// falls reports whether a schedule names a date.
func (e *Engine) falls(s *policy.Schedule, date int64) bool {
	switch {
	case s.Weekday != 0:
		return calendar.Weekday(date) == s.Weekday
	case s.Each == policy.Workday:
		return e.cal.IsWorkday(date)
	}
	return calendar.FirstDay(s.Each, date) == date
}

// lookClosed looks at one subject at the end of a period.
func (e *Engine) lookClosed(n *node, h int32, at int64) {
	st := n.state(h)
	switch n.kind {
	case entityRule:
		e.lookRule(n, h, st)
	case segmentNode:
		e.lookSegment(n, h, st)
	case alertNode:
		l := e.seeLook(n, h, at)
		e.keepLook(n, st, l)
		was := st.open
		e.applyLook(n, st, l)
		e.turned(n, h, was, st)
	}
}

// seeLook evaluates an alert at the present look. What `needs` leaves out, counts for nothing.
func (e *Engine) seeLook(n *node, h int32, at int64) look {
	l := look{at: at, until: value.False}
	if n.needs != nil && e.truth(n, n.needs, h) != value.True {
		l.left = true
		return l
	}
	l.verdict = e.truth(n, n.when, h)
	if n.until != nil {
		l.until = e.truth(n, n.until, h)
	}
	return l
}

// applyLook moves an alert's state by one look: unknown is passed over, false breaks the row.
func (e *Engine) applyLook(n *node, st *state, l look) {
	a := n.alert
	if l.left {
		return
	}
	st.truth, st.looked = l.verdict, true
	if st.open {
		if st.ends(a, l) {
			st.open, st.holds, st.untilHolds, st.streak = false, false, false, 0
		}
		return
	}
	switch l.verdict {
	case value.False:
		st.streak, st.holds = 0, false
	case value.True:
		st.streak++
		if !st.holds {
			st.holds, st.since = true, l.at
		}
		if int(st.streak) >= max(1, a.ForN) && l.at-st.since >= a.For &&
			(l.until != value.True || a.UntilFor > 0) {
			st.open, st.opened, st.untilHolds = true, l.at, false
			if a.UntilFor > 0 {
				st.ends(a, l)
			}
		}
	}
}

// turned says what changed between two states of an alert.
func (e *Engine) turned(n *node, h int32, was bool, st *state) {
	switch {
	case st.open && !was:
		n.count.Fired++
		e.state(n, h, decision.Open, 0)
		e.act(n, h, n.whom)
	case was && !st.open:
		e.state(n, h, decision.Resolved, 0)
	}
}
