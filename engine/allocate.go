package engine

import (
	"math"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// allocation is one allocation as the engine runs it (reference, section 8). It is a fold over the
// log: what it decides on a record is applied before the next record is looked at, so that a file
// of many leads comes out as the same leads one by one.
type allocation struct {
	of     *policy.Allocation
	kind   *entityType // whose reference it fills
	to     *entityType // the candidates
	on     bool        // false: mode off
	shadow bool
	away   *policy.Due // who is on leave within this is left out; nil: who is on leave now
	keep   *program    // of `recycle … where`; nil: none
	node   *node       // its counters, and whom its `else` is made by
	picker

	cases  []handing // by the record's handle
	turns  []turn    // by the candidate's handle
	given  uint64    // assignments so far, by whomever
	pooled uint64    // records put into the pool so far
	pauses []pause
	resume *timer // when the pauses end
}

// phase is how far a record is on its way to somebody.
type phase uint8

const (
	apart   phase = iota // nothing is known of it
	offered              // it is somebody's, who has yet to accept it
	theirs               // it is somebody's
	inPool               // it can be claimed
	nobodys              // nobody got it and no pool takes it: it is tried again when it changes
)

// open reports whether a record that changes is to be tried again.
func (p phase) open() bool { return p == apart || p == nobodys }

// handing is what an allocation remembers of a record.
type handing struct {
	phase    phase
	to       int32   // whom it is offered or given to
	until    int64   // when the offer lapses, or the pool's time ends; math.MaxInt64: never
	among    []int32 // whom it is offered to at once, where several; then to is the first of them
	lapsed   []int32 // who let an offer of it lapse
	former   []former
	number   uint64 // of the pool: the order in which records came into it
	unworked        // of what is somebody's
	paused   bool   // it is in the pool because of a pause
	held     bool   // it is in the pool until working time begins
	alert    bool   // its alert is open: nobody got it
	rowed    bool   // the assignment in hand has a row: it was offered
	row      int32  // of its last assignment
	timer    *timer
}

// unworked is the clock of what nobody works on.
type unworked struct {
	got    int64  // when whoever has it got it
	since  int64  // when they last did something about it, or got it
	warned uint64 // which lines `warn` have had their time since
}

// former is somebody who had a record not long ago, and may not have it again before a moment.
type former struct {
	who   int32
	until int64
}

// turn is what an allocation remembers of a candidate.
type turn struct {
	last   uint64 // number of the last assignment; 0: none yet
	credit int64  // of smooth weighted round robin, in shareUnit
}

// unowned names a record that an allocation has to look at before the entry in hand is done.
type unowned struct {
	a *allocation
	h int32
}

// about returns what is remembered of a record.
func (a *allocation) about(h int32) *handing {
	for int(h) >= len(a.cases) {
		a.cases = append(a.cases, handing{row: -1})
	}
	return &a.cases[h]
}

func (a *allocation) turn(h int32) *turn {
	for int(h) >= len(a.turns) {
		a.turns = append(a.turns, turn{})
	}
	return &a.turns[h]
}

// holder is who a record's reference leads to.
func (a *allocation) holder(h int32) (int32, bool) {
	s, i := a.kind.table.rows[h], a.of.Field.Index
	return int32(s.N[a.kind.layout.Pos[i]]), s.Has(i)
}

// followed follows an entity's state: a reference that was filled by somebody else, or is left
// missing. Changed is nil for a new entity.
func (e *Engine) followed(k *entityType, h int32, changed []uint64, born bool) {
	for _, a := range k.allocations {
		if !a.on {
			continue
		}
		i := a.of.Field.Index
		fresh := born || changed[i>>6]>>(i&63)&1 == 1
		to, has := a.holder(h)
		switch {
		case e.giving == a:
		case has && fresh:
			e.byHand(a, h, to)
		case !has && fresh:
			e.release(a, h)
			e.unheld = append(e.unheld, unowned{a, h})
		case !has && e.dec.Kind == decision.Record && a.about(h).phase.open():
			e.unheld = append(e.unheld, unowned{a, h})
		}
	}
}

// allot gives out the records that the entry in hand left without their reference.
func (e *Engine) allot() {
	for i := 0; i < len(e.unheld); i++ {
		w := e.unheld[i]
		_, has := w.a.holder(w.h)
		if has || w.a.kind.table.lives[w.h] != alive || e.willSet(w.a, w.h) ||
			w.a.about(w.h).phase == inPool { // a rule has put it there
			continue
		}
		e.allocate(w.a, w.h)
	}
	e.unheld = e.unheld[:0]
}

// willSet reports whether a step that waits gives the record to somebody.
func (e *Engine) willSet(a *allocation, h int32) bool {
	return slices.ContainsFunc(e.steps, func(in Entry) bool {
		s := in.Step
		return in.Seq == 0 && s.Field == a.of.Field && s.handle == h && s.Value.Known()
	})
}

// allocate finds somebody for a record, or says that there is nobody.
func (e *Engine) allocate(a *allocation, h int32) {
	if p := a.pausedBy(e.env.Now); p != nil {
		e.find(source.AllotPaused, a.of.Full, a.kind.table.ref(h).String(), p.by, p.why)
		e.ruled(a)
		e.poolPaused(a, h)
		return
	}
	if a.of.Hold && e.holds(a, h) {
		return
	}
	account := e.dec.AddAccount()
	e.choose(a, h, account)
	a.node.count.saw(value.OfBool(account.Winner >= 0).Tri())
	if account.Winner < 0 {
		e.nobody(a, h, account)
		return
	}
	a.node.count.Fired++
	winner := account.Winner
	var several []int32
	if a.of.Offer > 1 && a.of.Accept != nil && account.Count(decision.In) > 1 {
		several = account.Ranked()[:min(a.of.Offer, account.Count(decision.In))]
	}
	if e.opts.NoReceipts {
		e.dec.Accounts = e.dec.Accounts[:len(e.dec.Accounts)-1]
	}
	if several != nil {
		e.offerTo(a, h, several)
		return
	}
	e.grant(a, h, winner)
}

// grant assigns a record: the effect says so, and the next step does it.
func (e *Engine) grant(a *allocation, h, to int32) {
	c := a.about(h)
	e.closeAlert(a, h)
	x := e.allocationEffect(a, h, decision.Assign)
	x.For = append(x.For, a.to.table.ref(to))
	e.took(a, to)
	until, offer := int64(math.MaxInt64), a.of.Accept != nil && !e.claiming
	if offer {
		if at, ok := e.dueFrom(e.env.Now, a.of.Accept); ok {
			until = at
		}
	}
	c.phase, c.to, c.until, c.paused, c.held = theirs, to, until, false, false
	c.among, c.rowed = nil, false
	if a.shadow {
		return
	}
	if offer {
		c.phase = offered
	} else {
		e.becomesTheirs(a, c)
	}
	e.armHanding(a, h)
	e.want(a, h, a.reference(to))
}

// took notes that a candidate got a record: the turn goes on.
func (e *Engine) took(a *allocation, to int32) {
	a.given++
	a.turn(to).last = a.given
}

// reference is a candidate as the value of the field.
func (a *allocation) reference(to int32) value.Value {
	return value.Value{Kind: value.Ref, N: int64(to), S: a.to.table.meta[to].id}
}

// want makes the step that fills or clears the reference.
func (e *Engine) want(a *allocation, h int32, v value.Value) {
	e.steps = append(e.steps, Entry{Kind: decision.Step, Moment: e.env.Now, Depth: e.dec.Depth + 1,
		Step: &StepChange{Type: a.of.Of, ID: a.kind.table.meta[h].id, Field: a.of.Field, Value: v,
			Rule: a.of.Full, handle: h, giving: a, chain: append(slices.Clone(e.chain), a.of.Full)}})
}

// allocationEffect makes an effect of an allocation about a record.
func (e *Engine) allocationEffect(
	a *allocation, h int32, k decision.EffectKind,
) *decision.Effect {
	x := e.addEffect()
	x.Kind, x.Rule, x.Span, x.Shadow = k, a.of.Full, a.of.Span, a.shadow
	x.Subject = a.kind.table.ref(h)
	x.Target = x.Subject
	return x
}

// nobody says why nobody gets a record, opens its alert, and does what `else` says.
func (e *Engine) nobody(a *allocation, h int32, why *decision.Account) {
	c := a.about(h)
	e.find(source.AllotNobody, a.of.Full, a.kind.table.ref(h).String(), a.to.rec.Name,
		whole(int64(why.Count(decision.ByWhere))), whole(int64(why.Count(decision.ByLimit))),
		whole(int64(why.Count(decision.Away))), whole(int64(why.Count(decision.Lapsed))),
		whole(int64(why.Count(decision.NoShare))), whole(int64(why.Count(decision.Cooling))))
	e.ruled(a)
	e.openAlert(a, h)
	if a.of.Else == nil && c.phase == nobodys {
		return // tried again, and as before
	}
	if a.of.Pools() {
		until := int64(math.MaxInt64)
		if a.of.Else != nil && a.of.Else.For != nil {
			if at, ok := e.dueFrom(e.env.Now, a.of.Else.For); ok {
				until = at
			}
		}
		e.pool(a, h, until)
		if a.of.Else == nil && !a.shadow {
			c.phase = nobodys // anybody may claim it, and it is tried again when it changes
		}
		return
	}
	e.withdraw(a, h)
	c.phase, c.until, c.among = nobodys, math.MaxInt64, nil
	e.armHanding(a, h)
	e.act(a.node, h, a.node.whom[:1])
}

// pool puts a record where it can be claimed.
func (e *Engine) pool(a *allocation, h int32, until int64) {
	c := a.about(h)
	e.allocationEffect(a, h, decision.Pool)
	if a.shadow {
		c.phase = theirs // it has been looked at; nothing comes of it
		return
	}
	e.intoPool(a, h, until)
}

// intoPool takes a record from whoever has it, for anybody who may claim it.
func (e *Engine) intoPool(a *allocation, h int32, until int64) {
	e.withdraw(a, h)
	a.pooled++
	c := a.about(h)
	e.lost(a, c)
	c.phase, c.until, c.number, c.paused, c.held = inPool, until, a.pooled, false, false
	c.among = nil
	e.armHanding(a, h)
}

// notGiven makes it seen that a record could not be given to whom it was decided to.
func (e *Engine) notGiven(a *allocation, h int32) {
	c := a.about(h)
	c.phase, c.until, c.among = nobodys, math.MaxInt64, nil
	e.armHanding(a, h)
	e.openAlert(a, h)
}

// withdraw takes a record from whoever has it.
func (e *Engine) withdraw(a *allocation, h int32) {
	if _, has := a.holder(h); has && !a.shadow {
		e.want(a, h, value.Value{})
	}
}

// ruled makes the finding just added one that the allocation speaks.
func (e *Engine) ruled(a *allocation) {
	f := &e.dec.Findings[len(e.dec.Findings)-1]
	f.Rule, f.Span = a.of.Full, a.of.Span
}

// byHand follows a record that was given to somebody by a record, a rule or an import: it is as
// much theirs as one that was allocated.
func (e *Engine) byHand(a *allocation, h, to int32) {
	c := a.about(h)
	if c.phase == offered {
		e.rowEnds(a, h, "lapsed")
	}
	e.closeAlert(a, h)
	e.took(a, to)
	*c = handing{phase: theirs, to: to, row: c.row, timer: c.timer, alert: c.alert, former: c.former}
	e.becomesTheirs(a, c)
	e.armHanding(a, h)
	e.handRow(a, h, to)
}

// release forgets what was on its way: the reference was cleared.
func (e *Engine) release(a *allocation, h int32) {
	c := a.about(h)
	if c.phase == offered {
		e.rowEnds(a, h, "lapsed")
	}
	e.lost(a, c)
	*c = handing{row: c.row, timer: c.timer, alert: c.alert, former: c.former}
	e.armHanding(a, h)
}

// forgetHandings ends what was on its way to somebody of a record that is deleted.
func (e *Engine) forgetHandings(k *entityType, h int32) {
	for _, a := range k.allocations {
		if int(h) >= len(a.cases) {
			continue
		}
		c := &a.cases[h]
		if c.alert && a.on {
			e.alertState(a, h, decision.Withdrawn)
		}
		*c = handing{row: -1, timer: c.timer}
		e.armHanding(a, h)
	}
}

// openAlert makes it seen that nobody got a record; closeAlert that somebody did.
func (e *Engine) openAlert(a *allocation, h int32) {
	if c := a.about(h); !c.alert {
		c.alert = true
		e.alertState(a, h, decision.Open)
	}
}

func (e *Engine) closeAlert(a *allocation, h int32) {
	if c := a.about(h); c.alert {
		c.alert = false
		e.alertState(a, h, decision.Resolved)
	}
}

func (e *Engine) alertState(a *allocation, h int32, s decision.State) {
	x := e.allocationEffect(a, h, decision.Alert)
	x.State, x.Target = s, decision.Ref{}
}

// armHanding schedules the end of an offer or of the pool's time, or what is next on the clock of
// what nobody works on.
func (e *Engine) armHanding(a *allocation, h int32) {
	c := a.about(h)
	next := c.until
	if c.phase == theirs && !a.shadow {
		next = min(next, e.nextWarning(a, c))
	}
	due := c.phase != apart && c.phase != nobodys && next < math.MaxInt64
	switch {
	case due && c.timer == nil:
		c.timer = timerOf(rankOffer, int32(a.of.Index))
		c.timer.handle = h
		fallthrough
	case due:
		e.timers.set(c.timer, next)
	case c.timer != nil:
		e.timers.stop(c.timer)
	}
}
