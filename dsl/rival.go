package dsl

import (
	"fmt"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
)

// Rival is what an allocation is tried with in the place of what it says: one of the two.
type Rival struct {
	Rule    policy.Baseline
	Weights map[string]float64 // by term; a fraction. Terms that are not named keep theirs.
	Open    *policy.Expr       // for Rule: which records are open, over Self
}

// With is a policy whose allocation gives out by other weights or by a rule with a name. The policy
// stays as it is. Weights are brought to 100 % together.
func (r *Rival) With(p *policy.Policy, full string) (*policy.Policy, error) {
	i := slices.IndexFunc(p.Allocations, func(a *policy.Allocation) bool { return a.Full == full })
	if i < 0 {
		return nil, fmt.Errorf("no allocation is called %s", full)
	}
	x, a := *p, *p.Allocations[i]
	x.Allocations = slices.Clone(p.Allocations)
	x.Allocations[i] = &a
	if r.Rule == "" {
		return &x, r.weigh(&a)
	}
	a.Base, a.Weigh, a.Share = r.Rule, nil, nil
	switch r.Rule {
	case policy.RoundRobin:
		return &x, nil
	case policy.LeastOpen, policy.LoadRate:
	default:
		return nil, fmt.Errorf("no rule is called %s", r.Rule)
	}
	if r.Open == nil {
		return nil, fmt.Errorf("nothing says which records of %s are open", a.Of.Name)
	}
	a.Weigh = byName(&a, r.Rule, swapped(r.Open, policy.OpSelf, policy.OpRow))
	keep := newAggregates(p.Aggregates)
	for _, t := range a.Weigh {
		keep.collect(t.X)
	}
	x.Aggregates = keep.list
	return &x, nil
}

func (r *Rival) weigh(a *policy.Allocation) error {
	a.Weigh = slices.Clone(a.Weigh)
	known, all := 0, 0.0
	for i := range a.Weigh {
		t := &a.Weigh[i]
		if w, ok := r.Weights[t.Name]; ok {
			t.Weight = w
			known++
		}
		if t.Weight < 0 {
			return fmt.Errorf("the weight of %s is below 0", t.Name)
		}
		all += t.Weight
	}
	switch {
	case known < len(r.Weights):
		return fmt.Errorf("%s has no term of a name that was given", a.Full)
	case all <= 0:
		return fmt.Errorf("the weights of %s add up to 0", a.Full)
	}
	for i := range a.Weigh {
		a.Weigh[i].Weight /= all
	}
	return nil
}

// swapped is an expression with one node that stands for a record in the place of another: the
// counted record for Self, or the other way round.
func swapped(x *policy.Expr, from, to policy.Op) *policy.Expr {
	y := *x
	if y.Op == from {
		y.Op = to
	}
	y.Args = slices.Clone(x.Args)
	for i, z := range y.Args {
		y.Args[i] = swapped(z, from, to)
	}
	return &y
}

// CountedOpen is which records an allocation takes for open, over Self: as its journey says, else
// as its rule with a name does; nil: nothing says.
func CountedOpen(a *policy.Allocation) *policy.Expr {
	if f := fieldNamed(a.Of, "open"); f != nil && f.System == policy.SysOpen {
		return selfField(a.Of, f)
	}
	if a.Base == policy.LeastOpen || a.Base == policy.LoadRate {
		var open *policy.Expr
		for i := range a.Weigh {
			kind.Visit(a.Weigh[i].X, func(x *policy.Expr) bool {
				if x.Op == policy.OpAggregate && x.Agg.Window.Kind == policy.Ever {
					open = x.Agg.Where
				}
				return open == nil
			})
		}
		if open != nil {
			return swapped(open, policy.OpRow, policy.OpSelf)
		}
	}
	return nil
}

func selfField(r *policy.Record, f *policy.Field) *policy.Expr {
	x := rowField(r, f, f.Span)
	x.Args[0].Op = policy.OpSelf
	return x
}
