package dsl

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
)

// hash gives every declaration the hash of what it means with all that it reads, and the policy
// the hash of them all. One that has its hash already means what it meant before.
func (c *checker) hash(counters []string) {
	h := &hasher{things: map[any]*thing{}}
	if c.renamed() {
		h.former = &hasher{things: map[any]*thing{}, w: canon{former: true}}
	}
	p := c.policy
	whole := &canon{}
	add := func(kind declKind, head *policy.Head, what any, state func() any) {
		if head.Hash == (policy.Hash{}) {
			head.Hash = h.hash(what)
			head.State, head.Former = head.Hash, h.before(what, head.Hash)
			if state != nil {
				y := state()
				head.State = h.hash(y)
				head.Former = h.before(y, head.State)
			}
		}
		whole.text(string(kind))
		whole.text(head.Full)
		whole.b = append(whole.b, head.Hash[:]...)
	}
	for _, x := range p.Records {
		add(isEntity, &x.Head, x, nil)
	}
	for _, x := range p.Choices {
		add(isChoice, &x.Head, x, nil)
	}
	for _, x := range p.Externs {
		add(isExtern, &x.Head, x, nil)
	}
	for _, x := range p.Calendars {
		add(isCalendar, &x.Head, x, nil)
	}
	for _, x := range p.Actions {
		add(isAction, &x.Head, x, nil)
	}
	for _, x := range p.Scores {
		add(isScore, &x.Head, x, nil)
	}
	for _, x := range p.Rules {
		add(isRule, &x.Head, x, func() any { return ruleState(x) })
	}
	for _, x := range p.Alerts {
		add(isAlert, &x.Head, x, func() any { return alertState(x) })
	}
	for _, x := range p.Segments {
		add(isSegment, &x.Head, x, func() any { return segmentState(x) })
	}
	for _, x := range p.Journeys {
		h.stages(x)
		add(isJourney, &x.Head, x, func() any { return journeyState(x) })
	}
	for _, x := range p.Metrics {
		add(isMetric, &x.Head, x, nil)
	}
	for _, x := range p.Allocations {
		add(isAllocate, &x.Head, x, func() any { return allocationState(x) })
	}
	// Counters that only tests ask for are kept too: a snapshot of one set of counters must not be
	// taken for another.
	for _, k := range counters {
		whole.text(k)
	}
	s := p.Settings
	whole.text(p.Package)
	whole.text(s.Timezone)
	whole.text(s.Calendar)
	whole.num(int64(s.Datum))
	p.Hash = sha256.Sum256(whole.b)
}

// renamed reports whether anything of the policy had another name.
func (c *checker) renamed() bool {
	for _, r := range c.policy.Records {
		for _, f := range r.Fields {
			if len(f.Was) > 0 {
				return true
			}
		}
	}
	for _, d := range c.decls {
		if len(d.head.Was) > 0 {
			return true
		}
	}
	return slices.ContainsFunc(c.policy.Journeys, func(j *policy.Journey) bool {
		return slices.ContainsFunc(j.Stages, func(g *policy.Stage) bool { return len(g.Was) > 0 })
	})
}

// before is a hash in the names that things had before; where nothing was renamed it is the same.
func (h *hasher) before(what any, now policy.Hash) policy.Hash {
	if h.former == nil {
		return now
	}
	return h.former.hash(what)
}

// hasher works out hashes; what several declarations read is written once.
type hasher struct {
	former *hasher // in former names; nil: nothing was renamed
	things map[any]*thing
	round  int
	all    []policy.Hash
	w      canon
}

// thing is something that declarations read: the hash of what it says, and what it reads in turn.
type thing struct {
	own   policy.Hash
	reads []*thing
	round int // in which it was last met
}

// hash is over the declaration and everything it reads, directly or not, in an order that depends
// on nothing but what they say.
func (h *hasher) hash(what any) policy.Hash {
	h.round++
	h.all = h.all[:0]
	t := h.thing(what)
	h.walk(t)
	slices.SortFunc(h.all[1:], func(a, b policy.Hash) int { return bytes.Compare(a[:], b[:]) })
	h.w.b = h.w.b[:0]
	for i := range h.all {
		h.w.b = append(h.w.b, h.all[i][:]...)
	}
	return sha256.Sum256(h.w.b)
}

func (h *hasher) walk(t *thing) {
	if t.round == h.round {
		return
	}
	t.round = h.round
	h.all = append(h.all, t.own)
	for _, r := range t.reads {
		h.walk(r)
	}
}

// thing writes one thing, once.
func (h *hasher) thing(what any) *thing {
	if t := h.things[what]; t != nil {
		return t
	}
	t := &thing{}
	h.things[what] = t
	h.w.b, h.w.reads = h.w.b[:0], h.w.reads[:0]
	h.w.whole(what)
	t.own = sha256.Sum256(h.w.b)
	t.reads = make([]*thing, len(h.w.reads))
	for i, r := range slices.Clone(h.w.reads) { // what is read is written with the same buffers
		t.reads[i] = h.thing(r)
	}
	return t
}

// ruleState, alertState and segmentState are the part of a declaration that its running state
// hangs on: who is looked at, when, and for what, but neither what it then does nor its mode, nor
// its name, which `was` may have changed.
func ruleState(x *policy.Rule) *policy.Rule {
	y := *x
	y.Do, y.Mode, y.Full = nil, 0, ""
	return &y
}

func alertState(x *policy.Alert) *policy.Alert {
	y := *x
	y.Do, y.Mode, y.Full = nil, 0, ""
	return &y
}

func segmentState(x *policy.Segment) *policy.Segment {
	y := *x
	y.Enter, y.Leave, y.Mode, y.Full = nil, nil, 0, ""
	y.Tiers = slices.Clone(x.Tiers)
	for i := range y.Tiers {
		y.Tiers[i].Enter, y.Tiers[i].Leave = nil, nil
	}
	return &y
}

func journeyState(x *policy.Journey) *policy.Journey {
	y := *x
	y.Mode, y.Warn = 0, false
	y.Stages = make([]*policy.Stage, len(x.Stages))
	for i, g := range x.Stages {
		h := *g
		h.Enter, h.Leave, h.Late = nil, nil, nil
		y.Stages[i] = &h
	}
	return &y
}

// allocationState is whose reference is given to whom: offers, turns and the pool go on whatever is
// weighed.
func allocationState(x *policy.Allocation) *policy.Allocation {
	return &policy.Allocation{Of: x.Of, Field: x.Field, To: x.To}
}

// stages gives what has state of its own inside a journey its hash: the lines with a deadline,
// and the effects that are limited in number.
func (h *hasher) stages(j *policy.Journey) {
	for _, g := range j.Stages {
		for _, r := range g.Requirements() {
			y := *r
			y.Text = nil
			r.Hash, r.State = h.hash(r), h.hash(&y)
			r.Former = h.before(&y, r.State)
		}
		if g.Sla != nil {
			g.Sla.Hash = h.hash(g.Sla)
			g.Sla.State, g.Sla.Former = g.Sla.Hash, g.Sla.Hash
		}
		for _, k := range g.Hooks() {
			k.Hash = h.hash(k)
			k.State, k.Former = k.Hash, h.before(k, k.Hash)
		}
	}
}

// whole is what one thing says by itself.
func (w *canon) whole(what any) {
	switch x := what.(type) {
	case *policy.Field:
		w.wholeField(x)
	case *policy.Record:
		w.record(x)
	case counting:
		w.text("counting")
		w.name(&x.of.Head)
		w.drops(x.of)
	case *policy.Choice:
		w.typ(policy.Type{Choice: x})
	case *policy.Extern:
		w.name(&x.Head)
		w.num(int64(x.Version))
		for _, t := range append([]policy.Type{x.Result}, x.Params...) {
			w.typ(t)
		}
	case *policy.Calendar:
		w.calendar(x)
	case *policy.Action:
		w.wholeAction(x)
	case *policy.Score:
		w.score(x)
	case *policy.Segment:
		w.segment(x)
	case *policy.Rule:
		w.rule(x)
	case *policy.Alert:
		w.alert(x)
	case *policy.Journey:
		w.journey(x)
	case *policy.Metric:
		w.metric(x)
	case *policy.Allocation:
		w.allocation(x)
	case *policy.Requirement:
		w.requirement(x)
	case *policy.Deadline:
		w.due(&x.Due)
	case *policy.Hook:
		w.effects(x.Do)
	}
}

// wholeField writes a field's declaration; a computed one with what computes it.
func (w *canon) wholeField(f *policy.Field) {
	w.text("field")
	if f.Of != nil {
		w.name(&f.Of.Head)
	}
	w.text(w.called(f.Name, f.Was))
	w.typ(f.Type)
	w.yes(f.Type.Maybe && f.Compute == nil)
	w.expr(f.Compute)
	w.expr(f.Fill)
}

func (w *canon) record(r *policy.Record) {
	w.text("record")
	w.name(&r.Head)
	w.num(int64(r.Kind))
	fields := slices.Clone(r.Fields)
	slices.SortFunc(fields, func(a, b *policy.Field) int {
		return strings.Compare(w.called(a.Name, a.Was), w.called(b.Name, b.Was))
	})
	w.list(len(fields))
	for _, f := range fields {
		w.wholeField(f)
	}
	w.drops(r)
}

// drops writes which records of a type are counted nowhere.
func (w *canon) drops(r *policy.Record) {
	drops := make([]string, len(r.Drop))
	for i, x := range r.Drop {
		d := canon{former: w.former}
		d.expr(x)
		drops[i] = string(d.b)
		w.reads = append(w.reads, d.reads...)
	}
	slices.Sort(drops) // which of several drops a record does not matter
	w.list(len(drops))
	for _, d := range drops {
		w.text(d)
	}
}

func (w *canon) calendar(x *policy.Calendar) {
	w.text("calendar")
	w.name(&x.Head)
	w.text(x.From)
	w.list(len(x.Hours))
	for _, h := range x.Hours {
		w.num(h.Open)
		w.num(h.Close)
	}
	for _, rules := range [][]policy.DayRule{x.Work, x.Rest} {
		w.list(len(rules))
		for _, r := range rules {
			w.num(int64(r.Weekday))
			w.num(r.Date)
		}
	}
}

func (w *canon) score(s *policy.Score) {
	w.text("score")
	w.name(&s.Head)
	w.num(int64(s.Mode))
	w.name(headIn(s.Of))
	w.terms(s.Terms)
}

// terms writes weighted terms; their order says nothing.
func (w *canon) terms(list []policy.Term) {
	terms := slices.Clone(list)
	slices.SortStableFunc(terms, func(a, b policy.Term) int { return strings.Compare(a.Name, b.Name) })
	w.list(len(terms))
	for _, t := range terms {
		w.text(t.Name)
		w.b = fmt.Appendf(w.b, "%x ", t.Weight)
		w.expr(t.X)
		w.yes(t.Skip)
	}
}

func (w *canon) allocation(a *policy.Allocation) {
	w.text("allocate")
	w.name(&a.Head)
	w.num(int64(a.Mode))
	w.field(a.Field)
	w.name(headIn(a.To))
	for _, x := range []*policy.Expr{a.Where, a.Share, a.Limit} {
		w.expr(x)
	}
	w.text(string(a.Base))
	w.terms(a.Weigh)
	w.due(a.Accept)
	w.num(int64(a.Offer))
	w.yes(a.Hold)
	w.due(a.Away)
	w.due(a.Cool)
	if a.Keep != nil {
		w.due(&a.Keep.After)
		w.due(a.Keep.Most)
		w.expr(a.Keep.Where)
	}
	w.list(len(a.Warn))
	for i := range a.Warn {
		w.due(&a.Warn[i].After)
		w.effects(a.Warn[i].Do)
	}
	if a.Same != nil {
		w.field(a.Same)
	}
	if a.Else == nil {
		w.tag(0)
		return
	}
	w.tag(1)
	w.effect(a.Else)
}

func headIn(r *policy.Record) *policy.Head {
	if r == nil {
		return nil
	}
	return &r.Head
}

func (w *canon) segment(g *policy.Segment) {
	w.text("segment")
	w.name(&g.Head)
	w.num(int64(g.Mode))
	w.name(headIn(g.Of))
	w.check(g.Check)
	w.expr(g.When)
	w.effects(g.Enter)
	w.effects(g.Leave)
	w.list(len(g.Tiers))
	for _, t := range g.Tiers {
		w.text(t.Name)
		w.expr(t.When)
		w.effects(t.Enter)
		w.effects(t.Leave)
	}
}

func (w *canon) rule(r *policy.Rule) {
	w.text("rule")
	w.name(&r.Head)
	w.num(int64(r.Mode))
	w.name(headIn(r.On))
	w.check(r.Check)
	w.expr(r.When)
	w.expr(r.Where)
	if r.Every != nil {
		w.tag(1)
		w.num(int64(r.Every.Each))
		w.num(int64(r.Every.Weekday))
		w.num(r.Every.At)
	}
	if r.Top != nil {
		w.tag(2)
		w.num(int64(r.Top.N))
		w.expr(r.Top.By)
	}
	w.effects(r.Do)
}

func (w *canon) alert(a *policy.Alert) {
	w.text("alert")
	w.name(&a.Head)
	w.action(a.Cell)
	w.yes(a.Metric != nil)
	if a.Metric != nil {
		w.read(a.Metric)
		w.list(len(a.Dims))
		for _, i := range a.Dims {
			w.text(a.Metric.By[i].Name)
		}
		w.yes(a.Across)
	}
	w.num(int64(a.Mode))
	w.name(headIn(a.Of))
	w.check(a.Check)
	w.expr(a.Needs)
	w.expr(a.When)
	w.expr(a.Until)
	w.num(a.For)
	w.num(int64(a.ForN))
	w.num(a.UntilFor)
	w.effects(a.Do)
}

func (w *canon) journey(j *policy.Journey) {
	w.text("journey")
	w.name(&j.Head)
	w.num(int64(j.Mode))
	w.name(headIn(j.Of))
	w.yes(j.Warn)
	w.list(len(j.Stages))
	for _, g := range j.Stages {
		w.name(&g.Head)
		w.num(int64(g.Kind))
		for _, rs := range [][]*policy.Requirement{g.Entry, g.Must} {
			w.list(len(rs))
			for _, r := range rs {
				w.requirement(r)
			}
		}
		for _, h := range []*policy.Hook{g.Enter, g.Leave, g.Late} {
			if h == nil {
				w.tag(0)
				continue
			}
			w.tag(1)
			w.effects(h.Do)
		}
		if g.Sla == nil {
			w.tag(0)
			continue
		}
		w.due(&g.Sla.Due)
	}
}

func (w *canon) requirement(r *policy.Requirement) {
	w.expr(r.X)
	w.due(r.Within)
	w.message(r.Text)
}

func (w *canon) metric(m *policy.Metric) {
	w.text("metric")
	w.name(&m.Head)
	w.num(int64(m.Mode))
	w.name(headIn(m.Of))
	w.action(m.Action)
	w.read(counting{m.Of})
	for _, x := range []*policy.Expr{m.Value, m.Where, m.At} {
		w.expr(x)
	}
	w.list(len(m.By))
	for _, y := range m.By {
		w.text(y.Name)
		w.expr(y.X)
	}
	w.num(int64(m.Every))
	w.num(int64(m.Better))
}
