package engine

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/engine/slots"
)

// touching says that events of a type refer to a record and a candidate of an allocation: they are
// work of the candidate on it.
type touching struct {
	a        *allocation
	its, who []*policy.Field // references of the event
}

// planTouches finds the events by which somebody works on what they were given.
func (e *Engine) planTouches() {
	for _, t := range e.events {
		if t == nil {
			continue
		}
		for _, a := range e.allocations {
			x := touching{a: a}
			for _, f := range t.rec.Fields {
				switch {
				case f.Type.Kind != value.Ref:
				case f.Type.Record == a.of.Of:
					x.its = append(x.its, f)
				case f.Type.Record == a.of.To:
					x.who = append(x.who, f)
				}
			}
			if a.on && len(x.its) > 0 && len(x.who) > 0 {
				t.touches = append(t.touches, x)
			}
		}
	}
}

// touched takes an event of the person that a record is offered to for its acceptance.
func (e *Engine) touched(t *eventType, s *slots.Slots) {
	if e.absorbing {
		return
	}
	for _, x := range t.touches {
		for _, its := range x.its {
			h := int32(s.N[t.layout.Pos[its.Index]])
			if !s.Has(its.Index) || int(h) >= len(x.a.cases) {
				continue
			}
			c := &x.a.cases[h]
			if c.phase != offered && (c.phase != theirs || !x.a.of.Clocked()) {
				continue
			}
			for _, who := range x.who {
				if s.Has(who.Index) && c.with(int32(s.N[t.layout.Pos[who.Index]])) {
					e.worked(x.a, h, int32(s.N[t.layout.Pos[who.Index]]))
				}
			}
		}
	}
}

// named finds the records that a text names as Type/id: what allocations it is of, and its handle.
func (e *Engine) named(name string) (*entityType, int32, bool) {
	typ, id, ok := strings.Cut(name, "/")
	if !ok {
		return nil, 0, false
	}
	for _, k := range e.kinds {
		if k == nil || len(k.allocations) == 0 || typ != k.rec.Full && typ != k.rec.Name {
			continue
		}
		if h, ok := k.table.find(id); ok && k.table.lives[h] == alive {
			return k, h, true
		}
	}
	return nil, 0, false
}

// refuseRecord rejects a built-in event that asks for what cannot be.
func (e *Engine) refuseRecord(c source.Code, args ...string) {
	e.dec.Outcome = decision.Rejected
	e.find(c, args...)
}

// accept takes in an Accept.
func (e *Engine) accept(r *record.Record) {
	if e.absorbing {
		return
	}
	name, by := r.Text("record"), r.Text("by")
	k, h, ok := e.named(name)
	if !ok {
		e.refuseRecord(source.HandUnknown, name)
		return
	}
	late := false
	for _, a := range k.allocations {
		c := a.about(h)
		who, ok := a.to.person(by)
		switch {
		case !ok:
		case c.phase == offered && c.with(who):
			e.accepted(a, h, who)
			return
		default:
			waits := c.phase == inPool || c.phase == nobodys && a.of.Pools()
			late = late || waits && slices.Contains(c.lapsed, who)
		}
	}
	if late {
		e.refuseRecord(source.OfferOver, name, by)
		return
	}
	e.refuseRecord(source.NotOffered, name, by, e.heldBy(k, h))
}

// heldBy says who has a record, or to whom it is offered.
func (e *Engine) heldBy(k *entityType, h int32) string {
	var names []string
	for _, a := range k.allocations {
		if to, has := a.holder(h); has {
			return a.to.table.ref(to).String()
		}
		for _, who := range a.about(h).among {
			names = append(names, a.to.table.ref(who).String())
		}
	}
	if names == nil {
		return value.MissingText
	}
	return strings.Join(names, ", ")
}

// claim takes in a Claim: what lies in a pool is the first one's who may have it.
func (e *Engine) claim(r *record.Record) {
	if e.absorbing {
		return
	}
	name, by := r.Text("record"), r.Text("by")
	k, h, ok := e.named(name)
	if !ok {
		e.refuseRecord(source.HandUnknown, name)
		return
	}
	i := slices.IndexFunc(k.allocations, func(a *allocation) bool {
		p := a.about(h).phase
		return p == inPool || p == nobodys
	})
	if i < 0 {
		e.refuseRecord(source.ClaimTaken, name, e.heldBy(k, h))
		return
	}
	a := k.allocations[i]
	who, ok := a.to.person(by)
	if !ok || a.to.table.lives[who] != alive {
		e.refuseRecord(source.ClaimNobody, a.to.rec.Name, by)
		return
	}
	if e.mayClaim(a, h, who) {
		e.claimAccount(a, h, who)
		e.claiming = true
		e.grant(a, h, who)
		e.claiming = false
	}
}

// claimAccount is the account of a claim: nobody is compared.
func (e *Engine) claimAccount(a *allocation, h, who int32) {
	if e.opts.NoReceipts {
		return
	}
	c := e.dec.AddAccount()
	c.Rule, c.Record, c.Claim, c.Winner = a.of, a.kind.table.ref(h), true, 0
	c.IDs, c.Out, c.Part = a.names()[who:who+1], append(c.Out, decision.In), append(c.Part, 0)
	c.Keys, c.Last = append(c.Keys, 0), append(c.Last, a.turn(who).last)
	for range a.of.Weigh {
		c.Terms = append(c.Terms, math.NaN())
	}
}

// mayClaim holds `where` and `limit` against who claims, and says which does not hold.
func (e *Engine) mayClaim(a *allocation, h, who int32) bool {
	e.env.Now = e.now
	e.subject(a.kind.table, h)
	e.candidate(a, who)
	if a.about(h).cooling(who, e.now) {
		e.refuseRecord(source.ClaimCool, a.to.table.ref(who).String(), a.kind.table.ref(h).String())
		return false
	}
	for _, s := range []*screen{a.where, a.limit} {
		if s == nil {
			continue
		}
		if v, part := s.whole.run(&e.env); v != value.True {
			e.note(s.whole, e.subjectIndex(a.kind.table, h), v, part)
			names := []string{a.to.table.ref(who).String(), a.kind.table.ref(h).String(),
				s.whole.watch.What}
			if v == value.Unknown {
				e.refuseRecord(source.ClaimUnsure, append(names, e.lacking(s.whole, part))...)
			} else {
				e.refuseRecord(source.ClaimOut, names...)
			}
			return false
		}
	}
	return true
}

// offerDue ends an offer that was not accepted, or a record's time in the pool.
func (e *Engine) offerDue(a *allocation, h int32) {
	c := a.about(h)
	if c.phase == theirs && c.until > e.env.Now && a.kind.table.lives[h] == alive {
		e.warnings(a, h)
		return
	}
	if c.until > e.env.Now || a.kind.table.lives[h] != alive {
		return
	}
	switch c.phase {
	case offered:
		for _, who := range c.whom() {
			e.find(source.OfferLapsed, a.of.Full, a.to.table.ref(who).String(),
				a.kind.table.ref(h).String())
			e.ruled(a)
			c.lapsed = append(c.lapsed, who)
		}
		e.rowEnds(a, h, "lapsed")
		e.lost(a, c)
		c.among = nil
	case theirs:
		e.recycled(a, h)
		return
	case inPool:
		if !c.held {
			c.lapsed = nil
		}
	default:
		return
	}
	e.allocate(a, h)
}

// pause is one Pause that stands.
type pause struct {
	id, by, why string
	until       int64 // math.MaxInt64: until it is resumed
}

// pausedBy is the pause that ends last of those that stand; nil: none does.
func (a *allocation) pausedBy(now int64) *pause {
	var p *pause
	for i := range a.pauses {
		if x := &a.pauses[i]; x.until > now && (p == nil || x.until > p.until) {
			p = x
		}
	}
	return p
}

// poolPaused puts a record into the pool for as long as the pause lasts.
func (e *Engine) poolPaused(a *allocation, h int32) {
	e.pool(a, h, math.MaxInt64)
	if c := a.about(h); c.phase == inPool {
		c.paused = true
	}
}

// pause takes in a Pause: everything goes to the pool until it ends.
func (e *Engine) pause(r *record.Record) {
	a := e.allocationNamed(r.Text("rule"))
	if e.absorbing || a == nil {
		return
	}
	p := pause{id: strings.Clone(r.ID), by: strings.Clone(r.Text("by")),
		why: strings.Clone(r.Text("why")), until: math.MaxInt64}
	if at := momentOf(r, "until"); at != 0 {
		p.until = at
	}
	if p.until <= e.now {
		e.refuseRecord(source.PauseOver, a.of.Full)
		return
	}
	a.pauses = append(a.pauses, p)
	e.keepUndo(undoPause, a.of.Full, p.id)
	e.armResume(a)
}

// resumeEvent takes in a Resume: every pause of the allocation ends.
func (e *Engine) resumeEvent(r *record.Record) {
	a := e.allocationNamed(r.Text("rule"))
	if e.absorbing || a == nil {
		return
	}
	if a.pausedBy(e.now) == nil {
		e.find(source.NotPaused, a.of.Full)
	}
	a.pauses = nil
	e.armResume(a)
}

// unpause takes back a Pause.
func (e *Engine) unpause(rule, id string) {
	for _, a := range e.allocations {
		if a.of.Full == rule {
			a.pauses = slices.DeleteFunc(a.pauses, func(p pause) bool { return p.id == id })
			e.armResume(a)
		}
	}
}

// allocationNamed finds an allocation; one that is not there is told, and the record rejected.
func (e *Engine) allocationNamed(name string) *allocation {
	for _, a := range e.allocations {
		if a.of.Full == name {
			return a
		}
	}
	if !e.absorbing {
		e.refuseRecord(source.PauseUnknown, name)
	}
	return nil
}

// armResume schedules the end of the pauses. One that has ended does so with the next moment, as an
// entry of its own.
func (e *Engine) armResume(a *allocation) {
	at := e.now
	if p := a.pausedBy(e.now); p != nil {
		at = p.until
	}
	waits := slices.ContainsFunc(a.cases, func(c handing) bool { return c.paused })
	if a.resume == nil {
		a.resume = timerOf(rankOffer, int32(a.of.Index))
	}
	switch {
	case at == math.MaxInt64, at == e.now && !waits:
		e.timers.stop(a.resume)
	default:
		e.timers.set(a.resume, max(at, e.now+1))
	}
}

// resumed gives out what came while an allocation was paused, in the order in which it came.
func (e *Engine) resumed(a *allocation, at int64, emit Emit) {
	if a.pausedBy(at) != nil {
		e.armResume(a)
		return
	}
	a.pauses = nil
	var list []int32
	for h := range a.cases {
		if a.cases[h].paused && a.kind.table.lives[h] == alive {
			list = append(list, int32(h))
		}
	}
	slices.SortFunc(list, func(x, y int32) int {
		return int(int64(a.cases[x].number) - int64(a.cases[y].number))
	})
	for _, h := range list {
		e.env.Now = at
		e.tick(at, emit, func() {
			a.cases[h].paused = false
			e.allocate(a, h)
			e.settle()
		})
	}
}

// handRow makes the row of an assignment that was made by hand. A claim or a decision of the
// allocation has an effect, whose row is made with the others.
func (e *Engine) handRow(a *allocation, h, to int32) {
	if e.opts.NoAssignments {
		return
	}
	id := e.rowID(len(e.dec.Effects)) + "h"
	by := choiceOf(givenByHand)
	if e.dec.Kind == decision.Step {
		by = choiceOf(givenByRule)
	}
	c := e.assignmentRow(a, h, id)
	c.values = append(c.values, named{"to", textOf(a.to.table.ref(to).String())},
		named{"accepted", timeOf(e.dec.At)}, named{"by", by})
	e.kept.found = append(e.kept.found, c)
}

// The ways in which something is given to somebody, as Assignment declares them.
const (
	givenByRule = iota
	givenByClaim
	givenByHand
)

func (e *Engine) assignmentRow(a *allocation, h int32, id string) change {
	return change{kind: e.kept.assignment, handle: -1, id: id, values: []named{
		{"rule", textOf(a.of.Full)}, {"record", textOf(a.kind.table.ref(h).String())},
		{"at", timeOf(e.env.Now)}}}
}

// keepAssign makes the row of an assignment.
func (e *Engine) keepAssign(x *decision.Effect, i int) {
	if e.opts.NoAssignments {
		return
	}
	for _, a := range e.allocations {
		if a.of.Full != x.Rule {
			continue
		}
		h, ok := a.kind.table.find(x.Target.ID)
		if !ok || a.about(h).rowed {
			return
		}
		by := choiceOf(givenByRule)
		if t := e.dec.Record.Type; t != nil && t.Builtin && t.Name == "Claim" {
			by = choiceOf(givenByClaim)
		}
		for n, to := range x.For {
			id := e.rowID(i)
			if n > 0 {
				id += "." + strconv.Itoa(n+1)
			}
			c := e.assignmentRow(a, h, id)
			c.values = append(c.values, named{"to", textOf(to.String())}, named{"by", by})
			if a.about(h).phase == theirs {
				c.values = append(c.values, named{"accepted", timeOf(e.env.Now)})
			}
			e.kept.changes = append(e.kept.changes, c)
		}
		return
	}
}

// rowEnds notes when the last assignment of a record was accepted or lapsed: of everybody whom it
// was offered to.
func (e *Engine) rowEnds(a *allocation, h int32, field string) {
	for _, who := range a.about(h).whom() {
		e.givenRow(a, h, who, field)
	}
}

// givenRow notes the same of one of them.
func (e *Engine) givenRow(a *allocation, h, who int32, field string) {
	c, k := a.about(h), e.kept.assignment
	row := c.row
	if len(c.among) > 0 { // their rows were made together
		record, to := a.kind.table.ref(h).String(), a.to.table.ref(who).String()
		for row >= 0 && (k.text(row, "to") != to || k.text(row, "record") != record ||
			k.text(row, "rule") != a.of.Full) {
			if row--; row < c.row-int32(len(c.among)) {
				return
			}
		}
	}
	if row >= 0 {
		e.kept.found = append(e.kept.found, change{kind: k, handle: row,
			values: []named{{field, timeOf(e.env.Now)}}})
	}
}

// assignmentWritten finds the row of a record's last assignment again.
func (e *Engine) assignmentWritten(h int32) {
	k := e.kept.assignment
	rule := k.text(h, "rule")
	for _, a := range e.allocations {
		if a.of.Full != rule {
			continue
		}
		if id, ok := strings.CutPrefix(k.text(h, "record"), a.of.Of.Full+"/"); ok {
			if of, there := a.kind.table.find(id); there {
				c := a.about(of)
				c.row = max(c.row, h) // rows are numbered as they come
			}
		}
	}
}
