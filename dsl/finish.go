package dsl

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
)

// finish puts the policy in order: sorts it, gives indexes, makes equal aggregates one, and works
// out hashes.
func (c *checker) finish() {
	p := c.policy
	for _, d := range c.decls {
		if d.kind.isRecord() && d.record != nil {
			p.Records = append(p.Records, d.record)
		}
		if d.choice != nil {
			p.Choices = append(p.Choices, d.choice)
		}
	}
	p.Records = c.sortedBy(p.Records)
	p.Choices = sortHeads(p.Choices, func(x *policy.Choice) *policy.Head { return &x.Head })
	p.Externs = sortHeads(p.Externs, func(x *policy.Extern) *policy.Head { return &x.Head })
	p.Calendars = sortHeads(p.Calendars, func(x *policy.Calendar) *policy.Head { return &x.Head })
	p.Scores = sortHeads(p.Scores, func(x *policy.Score) *policy.Head { return &x.Head })
	p.Rules = sortHeads(p.Rules, func(x *policy.Rule) *policy.Head { return &x.Head })
	p.Alerts = sortHeads(p.Alerts, func(x *policy.Alert) *policy.Head { return &x.Head })
	p.Segments = sortHeads(p.Segments, func(x *policy.Segment) *policy.Head { return &x.Head })
	p.Later = sortHeads(p.Later, func(x *policy.Later) *policy.Head { return &x.Head })
	for i, r := range p.Records {
		r.Index = i
	}
	for i, s := range p.Scores {
		s.Index = i
	}
	for i, r := range p.Rules {
		r.Index = i
	}
	for i, a := range p.Alerts {
		a.Index = i
	}
	for i, g := range p.Segments {
		g.Index = i
	}
	own := newAggregates(nil)
	exprs(p, own.collect)
	testExprs(p, own.collect)
	p.Aggregates = own.list
	c.hash()
}

func (c *checker) sortedBy(list []*policy.Record) []*policy.Record {
	return sortHeads(list, func(x *policy.Record) *policy.Head { return &x.Head })
}

// sortHeads sorts declarations by qualified name and keeps the first of each.
func sortHeads[T any](list []T, head func(T) *policy.Head) []T {
	slices.SortStableFunc(list, func(a, b T) int { return strings.Compare(head(a).Full, head(b).Full) })
	return slices.CompactFunc(list, func(a, b T) bool { return head(a).Full == head(b).Full })
}

// aggregates are the distinct aggregates of a policy, found by what they mean.
type aggregates struct {
	list  []*policy.Aggregate
	index map[string]*policy.Aggregate
}

func newAggregates(known []*policy.Aggregate) *aggregates {
	a := &aggregates{list: slices.Clip(known), index: map[string]*policy.Aggregate{}}
	for _, g := range known {
		a.index[aggregateKey(g)] = g
	}
	return a
}

func aggregateKey(g *policy.Aggregate) string {
	var w canon
	w.aggregate(g)
	return string(w.b)
}

// collect replaces every aggregate of an expression by the one that means the same.
func (a *aggregates) collect(x *policy.Expr) {
	visit(x, func(e *policy.Expr) {
		if e.Agg == nil {
			return
		}
		k := aggregateKey(e.Agg)
		if g := a.index[k]; g != nil {
			e.Agg = g
			return
		}
		e.Agg.ID = len(a.list)
		a.index[k] = e.Agg
		a.list = append(a.list, e.Agg)
	})
}

// hash gives every declaration the hash of what it means with all that it reads, and the policy
// the hash of them all.
func (c *checker) hash() {
	h := &hasher{own: map[any]*canon{}}
	p := c.policy
	whole := sha256.New()
	add := func(head *policy.Head, thing any) {
		head.Hash = h.hash(thing)
		head.State = h.hash(stateOf(thing))
		fmt.Fprintf(whole, "%T %s %x\n", thing, head.Full, head.Hash)
	}
	for _, x := range p.Records {
		add(&x.Head, x)
	}
	for _, x := range p.Choices {
		add(&x.Head, x)
	}
	for _, x := range p.Externs {
		add(&x.Head, x)
	}
	for _, x := range p.Calendars {
		add(&x.Head, x)
	}
	for _, x := range p.Scores {
		add(&x.Head, x)
	}
	for _, x := range p.Rules {
		add(&x.Head, x)
	}
	for _, x := range p.Alerts {
		add(&x.Head, x)
	}
	for _, x := range p.Segments {
		add(&x.Head, x)
	}
	// Counters that only tests ask for are kept too: a snapshot of one set of counters must not be
	// taken for another.
	for _, a := range p.Aggregates {
		k := aggregateKey(a)
		fmt.Fprintf(whole, "%d %s\n", len(k), k)
	}
	s := p.Settings
	fmt.Fprintf(whole, "%s %s %s %d\n", p.Package, s.Timezone, s.Calendar, s.Datum)
	whole.Sum(p.Hash[:0])
}

// hasher works out hashes; what several declarations read is written once.
type hasher struct {
	own map[any]*canon
}

// hash is over the declaration and everything it reads, directly or not, in a fixed order.
func (h *hasher) hash(thing any) policy.Hash {
	seen := map[any]bool{}
	var all []string
	var walk func(t any)
	walk = func(t any) {
		if seen[t] {
			return
		}
		seen[t] = true
		w := h.write(t)
		all = append(all, string(w.b))
		for _, r := range w.reads {
			walk(r)
		}
	}
	walk(thing)
	slices.Sort(all[1:])
	sum := sha256.New()
	for _, s := range all {
		fmt.Fprintf(sum, "%d ", len(s))
		sum.Write([]byte(s))
	}
	var out policy.Hash
	sum.Sum(out[:0])
	return out
}

// stateOf is the part of a declaration that its running state hangs on: who is looked at, when, and
// for what, but neither what it then does nor its mode.
func stateOf(thing any) any {
	switch x := thing.(type) {
	case *policy.Rule:
		y := *x
		y.Do, y.Mode = nil, 0
		return &y
	case *policy.Alert:
		y := *x
		y.Do, y.Mode = nil, 0
		return &y
	case *policy.Segment:
		y := *x
		y.Enter, y.Leave, y.Mode = nil, nil, 0
		y.Tiers = slices.Clone(x.Tiers)
		for i := range y.Tiers {
			y.Tiers[i].Enter, y.Tiers[i].Leave = nil, nil
		}
		return &y
	}
	return thing
}

// write is what one thing says by itself.
func (h *hasher) write(thing any) *canon {
	if w := h.own[thing]; w != nil {
		return w
	}
	w := &canon{}
	h.own[thing] = w
	switch x := thing.(type) {
	case *policy.Field:
		w.wholeField(x)
	case *policy.Record:
		w.record(x)
	case counting:
		w.text("counting")
		w.text(x.of.Full)
		w.drops(x.of)
	case *policy.Choice:
		w.typ(policy.Type{Choice: x})
	case *policy.Extern:
		w.text(x.Full)
		w.num(int64(x.Version))
		for _, t := range append([]policy.Type{x.Result}, x.Params...) {
			w.typ(t)
		}
	case *policy.Calendar:
		w.calendar(x)
	case *policy.Score:
		w.score(x)
	case *policy.Segment:
		w.segment(x)
	case *policy.Rule:
		w.rule(x)
	case *policy.Alert:
		w.alert(x)
	}
	return w
}

// wholeField writes a field's declaration; a computed one with what computes it.
func (w *canon) wholeField(f *policy.Field) {
	w.text("field")
	if f.Of != nil {
		w.text(f.Of.Full)
	}
	w.text(f.Name)
	w.typ(f.Type)
	w.yes(f.Type.Maybe && f.Compute == nil)
	w.expr(f.Compute)
	w.expr(f.Fill)
}

func (w *canon) record(r *policy.Record) {
	w.text("record")
	w.text(r.Full)
	w.num(int64(r.Kind))
	fields := slices.Clone(r.Fields)
	slices.SortFunc(fields, func(a, b *policy.Field) int { return strings.Compare(a.Name, b.Name) })
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
		var d canon
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
	w.text(x.Full)
	w.text(x.From)
	w.num(x.Open)
	w.num(x.Close)
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
	w.text(s.Full)
	w.num(int64(s.Mode))
	w.text(recordFull(s.Of))
	terms := slices.Clone(s.Terms)
	slices.SortStableFunc(terms, func(a, b policy.Term) int { return strings.Compare(a.Name, b.Name) })
	w.list(len(terms))
	for _, t := range terms {
		w.text(t.Name)
		w.b = fmt.Appendf(w.b, "%x ", t.Weight)
		w.expr(t.X)
		w.yes(t.Skip)
	}
}

func recordFull(r *policy.Record) string {
	if r == nil {
		return ""
	}
	return r.Full
}

func (w *canon) segment(g *policy.Segment) {
	w.text("segment")
	w.text(g.Full)
	w.num(int64(g.Mode))
	w.text(recordFull(g.Of))
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
	w.text(r.Full)
	w.num(int64(r.Mode))
	w.text(recordFull(r.On))
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
	w.text(a.Full)
	w.num(int64(a.Mode))
	w.text(recordFull(a.Of))
	w.check(a.Check)
	w.expr(a.Needs)
	w.expr(a.When)
	w.expr(a.Until)
	w.num(a.For)
	w.num(int64(a.ForN))
	w.num(a.UntilFor)
	w.effects(a.Do)
}
