package fair

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/record"
)

// needs tells the records that an allocation can depend on from those that it cannot: of a sales
// team's year hardly one in ten has to do with who gets a lead, and a slider waits for the rest. It
// leaves out events alone, and where it is not plain what reads them, none.
type needs struct {
	spare map[*policy.Record]bool // events that nothing reads
	heard map[*policy.Record]map[string]bool
	day   int64
}

// needed finds out what an allocation and the questions about it read.
func needed(p *policy.Policy, of *policy.Allocation, q *Questions) *needs {
	n := &needs{spare: map[*policy.Record]bool{}, heard: map[*policy.Record]map[string]bool{}, day: -1}
	w := &reach{p: p, seen: map[*policy.Record]bool{}}
	w.allocations(of, q)
	for _, r := range lean(p).Rules {
		w.seen[r.On] = true
		w.exprs(r.When, r.Where)
		for _, e := range r.Do {
			w.exprs(e.When, e.Value, e.Target, e.Who)
		}
		w.lost = w.lost || r.Check != nil || r.Every != nil
	}
	if w.lost {
		return n
	}
	for _, r := range p.Records {
		if r.Kind != policy.Event || r.Builtin || w.seen[r] {
			continue
		}
		its, who, hidden := false, false, false
		for _, f := range r.Fields {
			its = its || f.Type.Kind == value.Ref && f.Type.Record == of.Of
			who = who || f.Type.Kind == value.Ref && f.Type.Record == of.To
			hidden = hidden || f.Type.Kind == value.List || f.Type.Kind == value.Row
		}
		n.spare[r] = !(its && who) && !(hidden && refersInside(r))
	}
	return n
}

// refersInside reports whether lists or rows of a type refer to anything: a record hears of that.
func refersInside(r *policy.Record) bool {
	return slices.ContainsFunc(r.Fields, func(f *policy.Field) bool {
		for t := &f.Type; t != nil; t = t.Elem {
			if t != &f.Type && t.Kind == value.Ref {
				return true
			}
			if t.Kind == value.Row && t.Record != nil && t.Record != r &&
				slices.ContainsFunc(t.Record.Fields, func(g *policy.Field) bool {
					return g.Type.Kind == value.Ref
				}) {
				return true
			}
		}
		return false
	})
}

// takes reports whether a record has to be gone through. Where nothing reads it, it may still be
// the first to name somebody, or the first of a day, at which loads are asked for.
func (n *needs) takes(r *record.Record, at int64) bool {
	fresh := at/day != n.day
	if r.Type == nil {
		return true
	}
	for _, f := range r.Type.Fields {
		if f.Type.Kind == value.Ref && f.Type.Record != nil && f.Index < len(r.Refs) {
			if id := r.Refs[f.Index]; id != "" && n.hears(f.Type.Record, id) {
				fresh = true
			}
		}
	}
	if r.Type.Kind == policy.Entity {
		n.hears(r.Type, r.ID)
	}
	if !fresh && n.spare[r.Type] {
		return false
	}
	n.day = at / day
	return true
}

func (n *needs) hears(of *policy.Record, id string) bool {
	if n.heard[of] == nil {
		n.heard[of] = map[string]bool{}
	}
	if n.heard[of][id] {
		return false
	}
	n.heard[of][id] = true
	return true
}

// reach follows what expressions read.
type reach struct {
	p    *policy.Policy
	seen map[*policy.Record]bool
	lost bool // it cannot be followed
}

func (w *reach) allocations(of *policy.Allocation, q *Questions) {
	w.record(of.Of)
	w.record(of.To)
	for _, a := range w.p.Allocations {
		w.exprs(a.Where, a.Share, a.Limit)
		for _, t := range a.Weigh {
			w.exprs(t.X)
		}
		if a.Keep != nil {
			w.exprs(a.Keep.Where)
		}
		if a != of {
			w.record(a.Of)
			w.record(a.To)
		}
	}
	w.exprs(q.Effort, q.Value, q.Open, q.Won, q.Team, q.Capacity, q.Load)
}

// record follows what a type works out, and where its journey takes it.
func (w *reach) record(r *policy.Record) {
	if r == nil || w.seen[r] {
		return
	}
	w.seen[r] = true
	w.lost = w.lost || r.Kept && r.Name != "Assignment"
	for _, f := range r.Fields {
		w.exprs(f.Compute, f.Fill)
	}
	w.exprs(r.Drop...)
	// A stage asks for what was done: that may be anything.
	w.lost = w.lost || slices.ContainsFunc(w.p.Journeys, func(j *policy.Journey) bool {
		return j.Of == r || j.Stays == r
	})
}

func (w *reach) exprs(list ...*policy.Expr) {
	for _, x := range list {
		kind.Visit(x, func(x *policy.Expr) bool {
			switch x.Op {
			case policy.OpField:
				w.record(x.Field.Of)
			case policy.OpAggregate:
				w.lost = w.lost || x.Agg.Action != nil
				w.record(x.Agg.Source)
			case policy.OpScore, policy.OpTier, policy.OpDone, policy.OpCompleted, policy.OpLink,
				policy.OpExtern, policy.OpRank, policy.OpMetric:
				w.lost = true
			case policy.OpCall:
				w.lost = w.lost || policy.TrustFunction(x.Fn)
			}
			return !w.lost
		})
	}
}
