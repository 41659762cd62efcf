package dsl

import (
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
	p.Actions = sortHeads(p.Actions, func(x *policy.Action) *policy.Head { return &x.Head })
	p.Scores = sortHeads(p.Scores, func(x *policy.Score) *policy.Head { return &x.Head })
	p.Rules = sortHeads(p.Rules, func(x *policy.Rule) *policy.Head { return &x.Head })
	p.Alerts = sortHeads(p.Alerts, func(x *policy.Alert) *policy.Head { return &x.Head })
	p.Segments = sortHeads(p.Segments, func(x *policy.Segment) *policy.Head { return &x.Head })
	p.Journeys = sortHeads(p.Journeys, func(x *policy.Journey) *policy.Head { return &x.Head })
	p.Metrics = sortHeads(p.Metrics, func(x *policy.Metric) *policy.Head { return &x.Head })
	p.Allocations = sortHeads(p.Allocations,
		func(x *policy.Allocation) *policy.Head { return &x.Head })
	p.Later = sortHeads(p.Later, func(x *policy.Later) *policy.Head { return &x.Head })
	for i, r := range p.Records {
		r.Index = i
	}
	for i, a := range p.Actions {
		a.Index = i
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
	for i, j := range p.Journeys {
		j.Index = i
	}
	for i, m := range p.Metrics {
		m.Index = i
	}
	for i, a := range p.Allocations {
		a.Index = i
	}
	own := newAggregates(nil)
	exprs(p, own.collect)
	testExprs(p, own.collect)
	p.Aggregates = own.list
	c.hash(own.keys)
}

func (c *checker) sortedBy(list []*policy.Record) []*policy.Record {
	return sortHeads(list, func(x *policy.Record) *policy.Head { return &x.Head })
}

// sortHeads sorts declarations by qualified name and keeps the first of each.
func sortHeads[T any](list []T, head func(T) *policy.Head) []T {
	slices.SortStableFunc(list, func(a, b T) int {
		return strings.Compare(head(a).Full, head(b).Full)
	})
	return slices.CompactFunc(list, func(a, b T) bool { return head(a).Full == head(b).Full })
}

// aggregates are the distinct aggregates of a policy, found by what they mean.
type aggregates struct {
	list  []*policy.Aggregate
	keys  []string // of list
	index map[string]*policy.Aggregate
	w     canon
}

func newAggregates(known []*policy.Aggregate) *aggregates {
	a := &aggregates{index: map[string]*policy.Aggregate{}}
	for _, g := range known { // they have their IDs: a policy in use is not written to
		a.w.b = a.w.b[:0]
		a.w.aggregate(g)
		key := string(a.w.b)
		a.index[key] = g
		a.list, a.keys = append(a.list, g), append(a.keys, key)
	}
	return a
}

// add returns the aggregate that means the same, which is g where there was none.
func (a *aggregates) add(g *policy.Aggregate) *policy.Aggregate {
	a.w.b, a.w.reads = a.w.b[:0], a.w.reads[:0]
	a.w.aggregate(g)
	if known := a.index[string(a.w.b)]; known != nil {
		return known
	}
	g.ID = len(a.list)
	key := string(a.w.b)
	a.index[key] = g
	a.list, a.keys = append(a.list, g), append(a.keys, key)
	return g
}

// collect replaces every aggregate of an expression by the one that means the same.
func (a *aggregates) collect(x *policy.Expr) {
	visit(x, func(e *policy.Expr) {
		if e.Agg != nil {
			e.Agg = a.add(e.Agg)
		}
	})
}
