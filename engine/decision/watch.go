package decision

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// NewWatch splits a condition into the conjuncts of its topmost `and`; a nil condition, which is
// always true, has none.
func NewWatch(head *policy.Head, what string, x *policy.Expr) *Watch {
	return &Watch{Head: head, What: what, X: x, Parts: conjuncts(nil, x)}
}

func conjuncts(parts []Conjunct, x *policy.Expr) []Conjunct {
	if x == nil {
		return parts
	}
	if x.Op != policy.OpAnd {
		return append(parts, Conjunct{X: x, Leaves: leaves(nil, x)})
	}
	for _, a := range x.Args {
		parts = conjuncts(parts, a)
	}
	return parts
}

// leaves lists what an expression reads: fields, aggregates, scores and tiers, each place once.
// A path such as owner.region is one leaf, because its value is what a person wants to see.
func leaves(out []*policy.Expr, x *policy.Expr) []*policy.Expr {
	if isLeaf(x) {
		return once(out, x)
	}
	for _, a := range x.Args {
		if x.Op != policy.OpCall || a.Span != x.Span || a.Span.IsZero() {
			out = leaves(out, a)
		} // else a trust function is given it unsaid: whose the event is, and their team
	}
	if x.Op == policy.OpCall && policy.TrustFunction(x.Fn) && x.Type.Kind != value.Bool {
		out = once(out, x) // what it came to, behind what it was given
	}
	return out
}

func once(out []*policy.Expr, x *policy.Expr) []*policy.Expr {
	for _, l := range out {
		if same(l, x) {
			return out
		}
	}
	return append(out, x)
}

func isLeaf(x *policy.Expr) bool {
	switch x.Op {
	case policy.OpField, policy.OpScore, policy.OpTier, policy.OpAggregate, policy.OpNow,
		policy.OpRank, policy.OpDone, policy.OpCompleted:
		return true
	case policy.OpCall:
		switch x.Fn {
		case "time_in", "entered", "left": // what a journey remembers
			return true
		}
		return x.Figure()
	}
	return false
}

// same reports whether two leaves read the same thing.
func same(a, b *policy.Expr) bool {
	if a == b {
		return true
	}
	if a.Op != b.Op || a.Field != b.Field || a.Score != b.Score || a.Tier != b.Tier ||
		a.Agg != b.Agg || a.Action != b.Action || a.Fn != b.Fn ||
		len(a.Args) != len(b.Args) || !equal(a.Const, b.Const) {
		return false
	}
	for i := range a.Args {
		if !same(a.Args[i], b.Args[i]) {
			return false
		}
	}
	return true
}

// Watches returns every condition of a policy, in the order of its declarations' qualified names
// and, inside one, of the text. A packed receipt holds an index into it, so the order is part of
// the stored form: it may only change together with the format.
func Watches(p *policy.Policy) []*Watch {
	var l watchList
	for _, r := range p.Records {
		for _, x := range r.Drop {
			l.add(&r.Head, "drop", x)
		}
	}
	for _, r := range p.Rules {
		l.add(&r.Head, "when", r.When)
		l.some(&r.Head, "where", r.Where)
		l.effects(&r.Head, r.Do)
	}
	for _, a := range p.Alerts {
		l.some(&a.Head, "needs", a.Needs)
		l.add(&a.Head, "when", a.When)
		l.some(&a.Head, "until", a.Until)
		l.effects(&a.Head, a.Do)
	}
	for _, s := range p.Segments {
		l.some(&s.Head, "when", s.When)
		for i := range s.Tiers {
			l.add(&s.Head, "tier", s.Tiers[i].When)
		}
		l.effects(&s.Head, effectsOfSegment(s))
	}
	for _, j := range p.Journeys {
		l.journey(j)
	}
	for _, a := range p.Actions {
		l.add(&a.Head, "done", a.Done)
		for _, x := range a.Proof {
			l.add(&a.Head, "proof "+x.Name, x.X)
		}
		l.effects(&a.Head, a.Feedback)
	}
	for _, a := range p.Allocations {
		l.some(&a.Head, "where", a.Where)
		l.some(&a.Head, "limit", a.Limit)
		if a.Keep != nil {
			l.some(&a.Head, "recycle", a.Keep.Where)
		}
		l.effects(&a.Head, a.Effects())
	}
	return l
}

// journey adds what a journey's stages ask for, stage by stage.
func (l *watchList) journey(j *policy.Journey) {
	for _, g := range j.Stages {
		for _, r := range g.Entry {
			l.add(&r.Head, "entry", r.X)
		}
		for _, r := range g.Must {
			l.add(&r.Head, "must", r.X)
		}
		for _, h := range g.Hooks() {
			l.effects(&h.Head, h.Do)
		}
	}
}

type watchList []*Watch

func (l *watchList) add(h *policy.Head, what string, x *policy.Expr) {
	w := NewWatch(h, what, x)
	w.Index = int32(len(*l))
	*l = append(*l, w)
}

// some adds a condition that a declaration may do without.
func (l *watchList) some(h *policy.Head, what string, x *policy.Expr) {
	if x != nil {
		l.add(h, what, x)
	}
}

func (l *watchList) effects(h *policy.Head, effects []*policy.Effect) {
	for _, e := range effects {
		l.some(h, "effect", e.When)
		if e.Until != nil {
			l.add(h, "until", e.Until.X)
		}
	}
}

// effectsOfSegment lists a segment's effects in the order in which decisions number them.
func effectsOfSegment(s *policy.Segment) []*policy.Effect {
	var all []*policy.Effect
	all = append(append(all, s.Enter...), s.Leave...)
	for i := range s.Tiers {
		all = append(append(all, s.Tiers[i].Enter...), s.Tiers[i].Leave...)
	}
	return all
}

// withElse adds to effects the tasks that they hand on, behind all of them.
func withElse(list []*policy.Effect) []*policy.Effect {
	all := list[:len(list):len(list)]
	for _, e := range list {
		for next := e.Else; next != nil; next = next.Else {
			all = append(all, next)
		}
	}
	return all
}

// EffectsOf lists the effects of a declaration in the order in which decisions number them.
func EffectsOf(p *policy.Policy, full string) []*policy.Effect {
	return withElse(effectsOf(p, full))
}

func effectsOf(p *policy.Policy, full string) []*policy.Effect {
	for _, r := range p.Rules {
		if r.Full == full {
			return r.Do
		}
	}
	for _, a := range p.Actions {
		if a.Full == full {
			return a.Feedback
		}
	}
	for _, a := range p.Alerts {
		if a.Full == full {
			return a.Do
		}
	}
	for _, s := range p.Segments {
		if s.Full == full {
			return effectsOfSegment(s)
		}
	}
	for _, a := range p.Allocations {
		if a.Full == full {
			return a.Effects()
		}
	}
	for _, j := range p.Journeys {
		for _, g := range j.Stages {
			for _, h := range g.Hooks() {
				if h.Full == full {
					return h.Do
				}
			}
		}
	}
	return nil
}
