package engine

import (
	"math"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
)

// write puts into a snapshot who has what, whose turn it is, and what is paused. What is kept of
// candidates follows from them and is worked out again.
func (a *allocation) write(w *writer) {
	w.uint(a.given)
	w.uint(a.pooled)
	w.uint(uint64(len(a.pauses)))
	for _, p := range a.pauses {
		w.text(p.id)
		w.text(p.by)
		w.text(p.why)
		w.int(p.until)
	}
	w.bool(a.resume != nil && a.resume.pos >= 0)
	if a.resume != nil && a.resume.pos >= 0 {
		w.int(a.resume.at)
	}
	for h := range a.to.table.rows {
		t := turn{}
		if h < len(a.turns) {
			t = a.turns[h]
		}
		w.uint(t.last)
		w.int(t.credit)
	}
	for h := range a.kind.table.rows {
		if h >= len(a.cases) {
			new(handing).write(w)
			continue
		}
		a.cases[h].write(w)
	}
}

func (c *handing) write(w *writer) {
	w.uint(uint64(c.phase))
	w.bool(c.alert)
	w.uint(uint64(len(c.former)))
	for _, f := range c.former {
		w.uint(uint64(f.who))
		w.int(f.until)
	}
	if c.phase == apart {
		return
	}
	w.uint(uint64(c.to))
	w.int(c.until)
	w.int(c.got)
	w.int(c.since)
	w.uint(c.warned)
	w.uint(c.number)
	w.bool(c.paused)
	w.bool(c.held)
	w.uint(uint64(len(c.among)))
	for _, who := range c.among {
		w.uint(uint64(who))
	}
	w.uint(uint64(len(c.lapsed)))
	for _, who := range c.lapsed {
		w.uint(uint64(who))
	}
}

func (e *Engine) readAllocation(a *allocation, r *scanner) {
	a.given, a.pooled = r.uint(), r.uint()
	for range r.count() {
		a.pauses = append(a.pauses, pause{r.text(), r.text(), r.text(), r.int()})
	}
	if r.bool() {
		a.resume = timerOf(rankOffer, int32(a.of.Index))
		e.timers.set(a.resume, r.int())
	}
	people := uint64(len(a.to.table.rows))
	for h := range a.to.table.rows {
		if t := (turn{r.uint(), r.int()}); t != (turn{}) {
			*a.turn(int32(h)) = t
		}
	}
	for h := range a.kind.table.rows {
		phase, alert := phase(r.below(uint64(nobodys)+1)), r.bool()
		var had []former
		for range r.count() {
			had = append(had, former{int32(r.below(people)), r.int()})
		}
		if phase == apart && !alert && had == nil || r.bad {
			continue
		}
		c := a.about(int32(h))
		c.phase, c.alert, c.former = phase, alert, had
		if phase == apart {
			continue
		}
		c.to, c.until = int32(r.below(people+1)), r.int()
		c.unworked = unworked{got: r.int(), since: r.int(), warned: r.uint()}
		c.number, c.paused, c.held = r.uint(), r.bool(), r.bool()
		for range r.count() {
			c.among = append(c.among, int32(r.below(people)))
		}
		for range r.count() {
			c.lapsed = append(c.lapsed, int32(r.below(people)))
		}
		e.armHanding(a, int32(h))
	}
}

// adoptAllocation takes over what the allocation that this one continues knows: who has an offer,
// what lies in the pool, whose turn it is. A new one begins in silence: what has nobody stays so,
// can be claimed, and is tried again when it changes.
func (e *Engine) adoptAllocation(a *allocation, old *Engine) Silent {
	out := Silent{Declaration: a.of.Full}
	for h := range a.to.table.rows {
		a.spoil(int32(h))
	}
	if !a.on {
		return out
	}
	was := old.allocationFor(a)
	if was != nil {
		out.Kept = a.of.Continues(&was.of.Head)
		e.carryAllocation(a, was)
	}
	for _, h := range a.kind.table.inOrder() {
		if a.kind.table.lives[h] != alive {
			continue
		}
		if to, has := a.holder(h); has {
			if c := a.about(h); c.phase == apart { // clocks count from now
				c.to = to
				e.switchedOn(a, h)
			}
			continue
		}
		out.Count++
		if c := a.about(h); c.phase == apart {
			c.phase, c.until = nobodys, math.MaxInt64
		}
	}
	return out
}

// allocationFor finds the allocation that another policy's continues.
func (e *Engine) allocationFor(next *allocation) *allocation {
	for _, name := range append([]string{next.of.Full}, next.of.Was...) {
		for _, a := range e.allocations {
			if a.of.Full == name && a.on && a.to.rec.Full == next.to.rec.Full {
				return a
			}
		}
	}
	return nil
}

func (e *Engine) carryAllocation(a, was *allocation) {
	a.given, a.pooled = was.given, was.pooled
	a.pauses = slices.Clone(was.pauses)
	a.node.count = was.node.count
	to := make([]int32, len(was.to.table.rows))
	for i := range to {
		h, ok := a.to.table.find(was.to.table.meta[i].id)
		if to[i] = h; !ok {
			to[i] = -1
			continue
		}
		if i < len(was.turns) {
			*a.turn(h) = was.turns[i]
		}
	}
	for i := range was.cases {
		h, ok := a.kind.table.find(was.kind.table.meta[i].id)
		if !ok || a.kind.table.lives[h] != alive {
			continue
		}
		x := was.cases[i]
		c := a.about(h)
		row := c.row
		*c = handing{phase: x.phase, until: x.until, number: x.number, paused: x.paused,
			held: x.held, unworked: x.unworked, alert: x.alert, row: row, timer: c.timer}
		for _, who := range x.among {
			if to[who] >= 0 {
				c.among = append(c.among, to[who])
			}
		}
		if x.phase == offered || x.phase == theirs {
			if c.to = to[x.to]; c.to < 0 && len(c.among) > 0 {
				c.to = c.among[0]
			}
			if c.to < 0 {
				c.phase = apart
			}
		}
		for _, f := range x.former {
			if to[f.who] >= 0 {
				c.former = append(c.former, former{to[f.who], f.until})
			}
		}
		for _, who := range x.lapsed {
			if to[who] >= 0 {
				c.lapsed = append(c.lapsed, to[who])
			}
		}
		if c.phase == theirs {
			e.reclocked(a, was, h)
		}
		e.armHanding(a, h)
	}
	e.armResume(a)
}

// reclocked brings the clock of what somebody has to what the policy that comes into force says: a
// line that is new counts from now, one that is gone is forgotten, and one whose time has passed
// already under another name does not act at once.
func (e *Engine) reclocked(a, was *allocation, h int32) {
	c := a.about(h)
	if a.of.Clocked() && (!was.of.Clocked() || a.of.Keep != nil && was.of.Keep == nil) {
		e.switchedOn(a, h)
		return
	}
	later := func(from int64, d *policy.Due) int64 {
		at, ok := e.dueFrom(from, d)
		if ok && at <= e.now {
			at, ok = e.dueFrom(e.now, d)
		}
		if !ok {
			return math.MaxInt64
		}
		return at
	}
	switch k, old := a.of.Keep, was.of.Keep; {
	case k == nil:
		c.until = math.MaxInt64
	case !k.After.Same(&old.After) || (k.Most == nil) != (old.Most == nil) ||
		k.Most != nil && !k.Most.Same(old.Most):
		if c.until = later(c.since, &k.After); k.Most != nil {
			c.until = min(c.until, later(c.got, k.Most))
		}
	}
	c.warned = 0
	for i := range a.of.Warn {
		if at, ok := e.dueFrom(c.since, &a.of.Warn[i].After); ok && at <= e.now {
			c.warned |= 1 << i
		}
	}
}

// switchedOn begins the clock of what somebody has when a policy that has one comes into force.
func (e *Engine) switchedOn(a *allocation, h int32) {
	now := e.env.Now
	e.env.Now = e.now
	e.becomesTheirs(a, a.about(h))
	e.armHanding(a, h)
	e.env.Now = now
}

// Held says who has a record of an allocation, as a person would ask.
type Held struct {
	Phase string   // offered, theirs, pool, nobody; "" where nothing is known
	To    string   // id of whom it is offered to or with
	Among []string // ids of whom it is offered to, where several
	Until int64    // when the offer lapses or the pool's time ends; 0: it does not
}

// HeldBy returns how far a record is on its way to somebody, by the allocation's qualified name.
func (e *Engine) HeldBy(full, id string) (x Held) {
	for _, a := range e.allocations {
		h, ok := a.kind.table.find(id)
		if a.of.Full != full || !ok || int(h) >= len(a.cases) {
			continue
		}
		c := &a.cases[h]
		x.Phase = [...]string{"", "offered", "theirs", "pool", "nobody"}[c.phase]
		if c.phase == offered || c.phase == theirs {
			x.To = a.to.table.meta[c.to].id
		}
		for _, who := range c.among {
			x.Among = append(x.Among, a.to.table.meta[who].id)
		}
		if c.until < math.MaxInt64 {
			x.Until = c.until
		}
	}
	return x
}
