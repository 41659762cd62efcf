// Package fair tells who got what by an allocation and how fair that was, and what would have come
// of other weights or another rule (reference, section 8).
//
// A Book holds the records of a period, decoded once. A Play goes through them under one policy on
// an engine and nothing else, and notes for every record whom it went to, when they began, when it
// was closed and how. A Report holds what a play came to against what chance alone would do.
package fair

import (
	"math"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
)

// Questions are what is asked of each record and each candidate; nil: it is not.
type Questions struct {
	Effort   *policy.Expr // of a record: the work it is
	Value    *policy.Expr // of a record: what it is worth if it is won
	Open     *policy.Expr // of a record: whether work on it goes on
	Won      *policy.Expr // of a record: whether it was won
	Team     *policy.Expr // of a candidate
	Capacity *policy.Expr // of a candidate
	Load     *policy.Expr // of a candidate: utilisation, 1 is full
	Lang     string       // of the names of teams
}

// Case is one record that the allocation gives out.
type Case struct {
	ID     string
	To     int32 // index into People; -1: nobody has it
	Came   int64 // when it was first heard of
	Given  int64 // when whoever has it got it, or was offered it with others
	First  int64 // their first event about it, or their acceptance; 0: none yet
	Closed int64 // when work on it ended; 0: it goes on
	Won    value.Tri
	Effort float64 // 1 where nobody asks, or it is missing
	Worth  float64 // NaN: missing, or nobody asks
	among  int32   // index into Play.groups: who could have got it
	asked  int64   // when it was offered to several at once, none of whom has it yet; 0: it is not
}

// Person is one candidate.
type Person struct {
	ID, Team string
	Capacity float64   // 1 where nobody asks, or it is missing
	loads    []float64 // by day
}

// Play is what one going-through of a book came to.
type Play struct {
	People  []Person
	Cases   []Case
	From    int64 // of what is counted
	Until   int64
	Records int

	groups [][]int32 // of people, sorted
	byKey  map[string]int32
	byID   map[string]int32 // cases
}

// reader turns what an engine decides into the cases of a play.
type reader struct {
	e                    *engine.Engine
	a                    *policy.Allocation
	p                    *Play
	owner                *engine.Program
	effort, worth        *engine.Program
	open, won            *engine.Program
	team, capacity, load *engine.Program
	teamType             policy.Type
	lang                 string
	day                  int64
	index                []int32 // of people, by handle; -1: not heard of
	touches              map[*policy.Record]*touch
	key                  []byte
	from, until          int64
}

// touch says how events of a type refer to a record and to a candidate.
type touch struct{ its, who []*policy.Field }

func newReader(e *engine.Engine, a *policy.Allocation, q *Questions) *reader {
	r := &reader{e: e, a: a, p: &Play{byKey: map[string]int32{}, byID: map[string]int32{}},
		touches: map[*policy.Record]*touch{}, day: math.MinInt64, until: math.MaxInt64}
	program := func(x *policy.Expr) *engine.Program {
		if x == nil {
			return nil
		}
		return e.Program(x)
	}
	self := &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: a.Of}}
	r.owner = e.Program(&policy.Expr{Op: policy.OpField, Field: a.Field, Type: a.Field.Type,
		Args: []*policy.Expr{self}})
	r.effort, r.worth = program(q.Effort), program(q.Value)
	r.open, r.won = program(q.Open), program(q.Won)
	if q.Team != nil {
		r.teamType = q.Team.Type
	}
	r.lang = q.Lang
	r.team, r.capacity, r.load = program(q.Team), program(q.Capacity), program(q.Load)
	for _, t := range e.Policy().Records {
		if t.Kind != policy.Event {
			continue
		}
		x := &touch{}
		for _, f := range t.Fields {
			switch {
			case f.Type.Kind != value.Ref:
			case f.Type.Record == a.Of:
				x.its = append(x.its, f)
			case f.Type.Record == a.To:
				x.who = append(x.who, f)
			}
		}
		if len(x.its) > 0 && len(x.who) > 0 {
			r.touches[t] = x
		}
	}
	return r
}

// saw takes in one decision.
func (r *reader) saw(in *engine.Entry, d *decision.Decision) {
	r.daily(d.Moment)
	switch {
	case d.Outcome != decision.Accepted || d.Record.Type == nil:
	case d.Record.Type == r.a.Of:
		r.about(in, d)
	case in.Kind == decision.Record && in.Record != nil:
		r.event(in, d)
	}
	r.gaveOut(d)
}

// gaveOut takes in among whom a decision gave records out. It may be one that time alone brought:
// what came at night is given out in the morning.
func (r *reader) gaveOut(d *decision.Decision) {
	for n := range d.Accounts {
		x := &d.Accounts[n]
		if x.Rule.Full != r.a.Full || x.Claim || x.Record.Type != r.a.Of {
			continue
		}
		i, ok := r.p.byID[x.Record.ID]
		if !ok {
			continue
		}
		if c := &r.p.Cases[i]; c.among < 0 || x.Record == d.Record {
			c.among = r.group(x)
		}
	}
	if r.a.Offer <= 1 {
		return
	}
	for n := range d.Effects {
		x := &d.Effects[n]
		if x.Kind != decision.Assign || x.Rule != r.a.Full || len(x.For) < 2 {
			continue
		}
		if i, ok := r.p.byID[x.Target.ID]; ok {
			r.p.Cases[i].asked = d.Moment
		}
	}
}

// event takes in what somebody did about a record.
func (r *reader) event(in *engine.Entry, d *decision.Decision) {
	switch t := r.touches[d.Record.Type]; {
	case t != nil:
		for _, its := range t.its {
			for _, who := range t.who {
				r.worked(in.Record.Refs[its.Index], in.Record.Refs[who.Index], d.Moment)
			}
		}
	case d.Record.Type.Builtin && d.Record.Type.Name == "Accept":
		if id, ok := idOf(r.a.Of, in.Record.Text("record")); ok {
			who, _ := idOf(r.a.To, in.Record.Text("by"))
			r.worked(id, who, d.Moment)
		}
	}
}

// idOf is the id of a name that is an id, or Type/id.
func idOf(of *policy.Record, name string) (string, bool) {
	for _, t := range []string{of.Full, of.Name} {
		if n := len(t); len(name) > n && name[:n] == t && name[n] == '/' {
			return name[n+1:], true
		}
	}
	return name, false
}

// worked notes that whoever has a record did something about it.
func (r *reader) worked(id, who string, at int64) {
	i, ok := r.p.byID[id]
	if !ok {
		return
	}
	c := &r.p.Cases[i]
	if c.First == 0 && c.To >= 0 && r.p.People[c.To].ID == who {
		c.First = at
	}
}

// about takes in what became of a record of the allocation.
func (r *reader) about(in *engine.Entry, d *decision.Decision) {
	h, ok := r.e.Handle(r.a.Of, d.Record.ID)
	if !ok {
		return
	}
	i, known := r.p.byID[d.Record.ID]
	if !known {
		i = int32(len(r.p.Cases))
		c := Case{ID: r.e.ID(r.a.Of, int64(h)), To: -1, Came: d.Moment, among: -1}
		r.p.byID[c.ID] = i
		r.p.Cases = append(r.p.Cases, c)
	}
	c := &r.p.Cases[i]
	r.held(in, d, c, r.owner.At(r.a.Of, h))
	c.Effort, c.Worth = 1, math.NaN()
	if f, ok := figure(r.effort, r.a.Of, h); ok {
		c.Effort = f
	}
	if f, ok := figure(r.worth, r.a.Of, h); ok {
		c.Worth = f
	}
	if r.won != nil {
		c.Won = r.won.At(r.a.Of, h).Tri()
	}
	if r.open == nil {
		return
	}
	switch open := r.open.At(r.a.Of, h).Tri(); {
	case open == value.True:
		c.Closed = 0
	case open == value.False && c.Closed == 0:
		c.Closed = d.Moment
	}
}

// held notes who has a record. Of several to whom it was offered the first who began has it.
func (r *reader) held(in *engine.Entry, d *decision.Decision, c *Case, owner value.Value) {
	if !owner.Known() {
		c.To = -1
		return
	}
	to := r.person(int32(owner.N))
	switch {
	case to == c.To:
		return
	case c.asked != 0 && in.Kind == decision.Step && in.Step.Rule == r.a.Full:
		c.To, c.Given, c.First = to, c.asked, d.Moment
	default:
		c.To, c.Given, c.First = to, d.Moment, 0
	}
	c.asked = 0
}

// figure asks for a number; money and durations count in their units.
func figure(p *engine.Program, of *policy.Record, h int32) (float64, bool) {
	if p == nil {
		return 0, false
	}
	v := p.At(of, h)
	if !v.Known() {
		return 0, false
	}
	return number(v), true
}

// number is a value as people would count it: money in units, durations in days.
func number(v value.Value) float64 {
	switch v.Kind {
	case value.Int:
		return float64(v.N)
	case value.Money:
		return float64(v.N) / 10_000
	case value.Duration:
		return float64(v.N) / day
	case value.Bool:
		return float64(v.N & 1)
	}
	return v.Float()
}

// person is the index of a candidate, who is asked about team and capacity now and at the end.
func (r *reader) person(h int32) int32 {
	for int(h) >= len(r.index) {
		r.index = append(r.index, -1)
	}
	if r.index[h] < 0 {
		r.index[h] = int32(len(r.p.People))
		r.p.People = append(r.p.People, Person{ID: r.e.ID(r.a.To, int64(h)), Capacity: 1})
	}
	return r.index[h]
}

// group is the set of people among whom a record was given out: those who were in. In the account
// of a decision just made candidates are numbered by their handles.
func (r *reader) group(x *decision.Account) int32 {
	r.key = r.key[:0]
	for i, o := range x.Out {
		if i&7 == 0 {
			r.key = append(r.key, 0)
		}
		if o == decision.In {
			r.key[i>>3] |= 1 << (i & 7)
		}
	}
	if g, ok := r.p.byKey[string(r.key)]; ok {
		return g
	}
	var list []int32
	for i, o := range x.Out {
		if o == decision.In {
			list = append(list, r.person(int32(i)))
		}
	}
	g := int32(len(r.p.groups))
	r.p.groups = append(r.p.groups, list)
	r.p.byKey[string(r.key)] = g
	return g
}

const day = 24 * 60 * 60 * 1e6

// daily asks everybody's load once a day, at the first decision of it.
func (r *reader) daily(at int64) {
	if r.load == nil || at < r.from || at >= r.until {
		return
	}
	d := at / day
	if d == r.day {
		return
	}
	r.day = d
	for _, id := range r.e.IDs(r.a.To) {
		h, _ := r.e.Handle(r.a.To, id)
		if f, ok := figure(r.load, r.a.To, h); ok {
			p := &r.p.People[r.person(h)]
			p.loads = append(p.loads, f)
		}
	}
}

// done asks what is asked of candidates, at the end.
func (r *reader) done() *Play {
	words := decision.NewWriter(r.e.Policy(), decision.Options{Zone: r.e.Zone(), Lang: r.lang})
	for _, id := range r.e.IDs(r.a.To) {
		h, _ := r.e.Handle(r.a.To, id)
		p := &r.p.People[r.person(h)]
		if f, ok := figure(r.capacity, r.a.To, h); ok && f > 0 {
			p.Capacity = f
		}
		if r.team != nil {
			if v := r.team.At(r.a.To, h); v.Known() {
				p.Team = string(words.AppendValue(nil, r.teamType, v))
			}
		}
	}
	r.p.order()
	return r.p
}

// order sorts people by id, so that a play does not depend on who was heard of first.
func (p *Play) order() {
	was := make([]int32, len(p.People))
	for i := range was {
		was[i] = int32(i)
	}
	slices.SortFunc(was, func(i, j int32) int {
		switch a, b := p.People[i].ID, p.People[j].ID; {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	})
	to, people := make([]int32, len(was)), make([]Person, len(was))
	for i, j := range was {
		to[j], people[i] = int32(i), p.People[j]
	}
	p.People = people
	for i := range p.Cases {
		if c := &p.Cases[i]; c.To >= 0 {
			c.To = to[c.To]
		}
	}
	for _, g := range p.groups {
		for i := range g {
			g[i] = to[g[i]]
		}
		slices.Sort(g)
	}
}
