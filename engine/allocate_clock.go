package engine

import (
	"math"
	"slices"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// becomesTheirs begins the clock of what nobody works on: somebody has the record now, however they
// got it.
func (e *Engine) becomesTheirs(a *allocation, c *handing) {
	c.phase, c.lapsed, c.among, c.got = theirs, nil, nil, e.env.Now
	e.restarts(a, c)
}

// restarts lets the clock begin anew. What somebody has had too long already is asked again when it
// would have been: working on it does not put that off.
func (e *Engine) restarts(a *allocation, c *handing) {
	now, was := e.env.Now, c.until
	c.since, c.warned, c.until = now, 0, math.MaxInt64
	if a.of.Keep == nil {
		return
	}
	if at, ok := e.dueFrom(now, &a.of.Keep.After); ok {
		c.until = at
	}
	switch most := e.keptUntil(a, c); {
	case most > now:
		c.until = min(c.until, most)
	case was > now:
		c.until = min(c.until, was)
	}
}

// keptUntil is how long whoever has a record may have it at most.
func (e *Engine) keptUntil(a *allocation, c *handing) int64 {
	if a.of.Keep == nil || a.of.Keep.Most == nil {
		return math.MaxInt64
	}
	if at, ok := e.dueFrom(c.got, a.of.Keep.Most); ok {
		return at
	}
	return math.MaxInt64
}

// worked takes what somebody did about a record for the acceptance of an offer, and lets the clock
// of what nobody works on begin anew.
func (e *Engine) worked(a *allocation, h, who int32) {
	c := a.about(h)
	if c.phase == offered {
		e.accepted(a, h, who)
		return
	}
	e.restarts(a, c)
	e.armHanding(a, h)
}

// recycled puts a record back into the pool that nothing was done about, or that somebody has had
// for as long as anybody may.
func (e *Engine) recycled(a *allocation, h int32) {
	c := a.about(h)
	e.subject(a.kind.table, h)
	if !e.keepsOn(a, h) { // asked again when as much time has passed
		e.restarts(a, c)
		e.armHanding(a, h)
		return
	}
	code := source.Recycled
	if e.keptUntil(a, c) <= e.env.Now {
		code = source.KeptLong
	}
	e.find(code, a.of.Full, a.to.table.ref(c.to).String(), a.kind.table.ref(h).String())
	e.ruled(a)
	e.rowEnds(a, h, "lapsed")
	until := int64(math.MaxInt64)
	if a.of.Else != nil && a.of.Else.For != nil {
		if at, ok := e.dueFrom(e.env.Now, a.of.Else.For); ok {
			until = at
		}
	}
	e.pool(a, h, until)
}

// nextWarning is when the next line `warn` has its time.
func (e *Engine) nextWarning(a *allocation, c *handing) int64 {
	next := int64(math.MaxInt64)
	for i := range a.of.Warn {
		if c.warned>>i&1 == 1 {
			continue
		}
		if at, ok := e.dueFrom(c.since, &a.of.Warn[i].After); ok {
			next = min(next, at)
		}
	}
	return next
}

// warnings does what is to be done before a record goes back.
func (e *Engine) warnings(a *allocation, h int32) {
	c := a.about(h)
	e.subject(a.kind.table, h)
	on, from := e.keepsOn(a, h), 0
	if a.of.Else != nil {
		from = 1
	}
	for i := range a.of.Warn {
		w := &a.of.Warn[i]
		list := a.node.whom[from : from+len(w.Do)]
		from += len(w.Do)
		at, ok := e.dueFrom(c.since, &w.After)
		if !ok || at > e.env.Now || c.warned>>i&1 == 1 {
			continue
		}
		c.warned |= 1 << i
		if on {
			e.act(a.node, h, list)
		}
	}
	e.armHanding(a, h)
}

// keepsOn reports whether a record is one that goes back at all: where its line says so, else while
// its journey is open.
func (e *Engine) keepsOn(a *allocation, h int32) bool {
	if a.keep != nil {
		verdict, part := a.keep.run(&e.env)
		e.note(a.keep, e.subjectIndex(a.kind.table, h), verdict, part)
		return verdict == value.True
	}
	j := a.kind.journey
	if j == nil {
		return true
	}
	return a.kind.table.rows[h].N[a.kind.layout.Pos[j.open]] == 1
}

// lost notes that whoever had a record, or an offer of it, has it no more.
func (e *Engine) lost(a *allocation, c *handing) {
	if a.of.Cool == nil || c.phase != theirs && c.phase != offered {
		return
	}
	now := e.env.Now
	until, ok := e.dueFrom(now, a.of.Cool)
	c.former = slices.DeleteFunc(c.former, func(f former) bool {
		return f.until <= now || c.with(f.who)
	})
	if !ok {
		return
	}
	for _, who := range c.whom() {
		c.former = append(c.former, former{who, until})
	}
}

// cooling reports whether somebody had a record not long ago.
func (c *handing) cooling(who int32, now int64) bool {
	return slices.ContainsFunc(c.former, func(f former) bool { return f.who == who && f.until > now })
}

// whom lists who has a record, or whom it is offered to.
func (c *handing) whom() []int32 {
	if len(c.among) > 0 {
		return c.among
	}
	return []int32{c.to}
}

// with reports whether somebody is among them.
func (c *handing) with(who int32) bool {
	return c.to == who || slices.Contains(c.among, who)
}

// offerTo offers a record to several at once. It stays nobody's until the first of them accepts.
func (e *Engine) offerTo(a *allocation, h int32, several []int32) {
	c := a.about(h)
	e.closeAlert(a, h)
	x := e.allocationEffect(a, h, decision.Assign)
	for _, to := range several {
		x.For = append(x.For, a.to.table.ref(to))
	}
	c.phase, c.to, c.until, c.paused, c.held = theirs, several[0], math.MaxInt64, false, false
	if a.shadow {
		return
	}
	if at, ok := e.dueFrom(e.env.Now, a.of.Accept); ok {
		c.until = at
	}
	c.phase, c.among = offered, slices.Clone(several)
	e.withdraw(a, h)
	e.armHanding(a, h)
}

// accepted makes an offer somebody's; of several the first to accept.
func (e *Engine) accepted(a *allocation, h, who int32) {
	c := a.about(h)
	if c.phase != offered {
		return
	}
	if len(c.among) == 0 {
		e.becomesTheirs(a, c)
		e.armHanding(a, h)
		e.givenRow(a, h, who, "accepted")
		return
	}
	for _, other := range c.among {
		if other != who {
			e.givenRow(a, h, other, "lapsed")
		}
	}
	e.givenRow(a, h, who, "accepted")
	now := e.env.Now
	e.env.Now = e.now
	x := e.allocationEffect(a, h, decision.Assign)
	x.For = append(x.For, a.to.table.ref(who))
	e.took(a, who)
	c.to, c.rowed = who, true
	e.becomesTheirs(a, c)
	e.armHanding(a, h)
	e.want(a, h, a.reference(who))
	e.env.Now = now
}

// holds lets a record that comes outside working time wait in the pool until that begins.
func (e *Engine) holds(a *allocation, h int32) bool {
	now := e.env.Now
	at, ok := e.cals.For(nil).AddWorkTime(now, 1, e.zone)
	if at--; !ok || at <= now {
		return false
	}
	e.find(source.AllotHeld, a.of.Full, a.kind.table.ref(h).String(),
		string(value.AppendTime(nil, at, e.zone)))
	e.ruled(a)
	e.pool(a, h, at)
	a.about(h).held = a.about(h).phase == inPool
	return true
}
