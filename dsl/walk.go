package dsl

import "github.com/throughline/throughline/dsl/policy"

// visit calls f for every expression node below x, aggregates' parts included, x first.
func visit(x *policy.Expr, f func(*policy.Expr)) {
	if x == nil {
		return
	}
	f(x)
	for _, a := range x.Args {
		visit(a, f)
	}
	if x.Agg != nil {
		for _, e := range parts(x.Agg) {
			visit(e, f)
		}
	}
}

// parts are the expressions of an aggregate.
func parts(a *policy.Aggregate) []*policy.Expr {
	return []*policy.Expr{a.List, a.Value, a.Value2, a.Where, a.Via, a.Of, a.Window.T, a.Window.At}
}

// exprs calls f for every expression of the policy's declarations, in their order.
func exprs(p *policy.Policy, f func(*policy.Expr)) {
	for _, r := range p.Records {
		recordExprs(r, f)
	}
	for _, a := range p.Actions {
		actionExprs(a, f)
	}
	for _, s := range p.Scores {
		for _, t := range s.Terms {
			f(t.X)
		}
	}
	for _, r := range p.Rules {
		ruleExprs(r, f)
	}
	for _, a := range p.Alerts {
		alertExprs(a, f)
	}
	for _, g := range p.Segments {
		segmentExprs(g, f)
	}
	for _, j := range p.Journeys {
		journeyExprs(j, f)
	}
	for _, a := range p.Allocations {
		allocationExprs(a, f)
	}
}

func allocationExprs(a *policy.Allocation, f func(*policy.Expr)) {
	for _, x := range []*policy.Expr{a.Where, a.Share, a.Limit} {
		f(x)
	}
	if a.Keep != nil {
		f(a.Keep.Where)
	}
	for _, t := range a.Weigh {
		f(t.X)
	}
	effectExprs(a.Effects(), f)
}

func recordExprs(r *policy.Record, f func(*policy.Expr)) {
	for _, x := range r.Fields {
		f(x.Compute)
		f(x.Fill)
	}
	for _, x := range r.Drop {
		f(x)
	}
}

func ruleExprs(r *policy.Rule, f func(*policy.Expr)) {
	f(r.When)
	f(r.Where)
	if r.Top != nil {
		f(r.Top.By)
	}
	effectExprs(r.Do, f)
}

func alertExprs(a *policy.Alert, f func(*policy.Expr)) {
	f(a.Needs)
	f(a.When)
	f(a.Until)
	effectExprs(a.Do, f)
}

func segmentExprs(g *policy.Segment, f func(*policy.Expr)) {
	f(g.When)
	effectExprs(g.Enter, f)
	effectExprs(g.Leave, f)
	for i := range g.Tiers {
		f(g.Tiers[i].When)
		effectExprs(g.Tiers[i].Enter, f)
		effectExprs(g.Tiers[i].Leave, f)
	}
}

func journeyExprs(j *policy.Journey, f func(*policy.Expr)) {
	for _, g := range j.Stages {
		for _, r := range g.Requirements() {
			f(r.X)
			f(r.Open)
			if r.Text != nil {
				messageExprs(r.Text, f)
			}
		}
		for _, h := range g.Hooks() {
			effectExprs(h.Do, f)
		}
	}
}

func effectExprs(list []*policy.Effect, f func(*policy.Expr)) {
	for _, e := range list {
		for _, x := range []*policy.Expr{e.Who, e.With, e.Target, e.Value, e.When} {
			f(x)
		}
		if e.Until != nil {
			f(e.Until.X)
			f(e.Until.Of)
		}
		for next := e.Else; next != nil; next = next.Else {
			f(next.Who)
		}
		if e.Text != nil {
			messageExprs(e.Text, f)
		}
	}
}

func messageExprs(m *policy.Message, f func(*policy.Expr)) {
	for _, parts := range [][]policy.Part{m.Parts, m.Other} {
		for _, p := range parts {
			f(p.X)
		}
	}
}

func actionExprs(a *policy.Action, f func(*policy.Expr)) {
	for _, x := range []*policy.Expr{a.By, a.About, a.Done} {
		f(x)
	}
	for _, p := range a.Proof {
		f(p.X)
		if p.Text != nil {
			messageExprs(p.Text, f)
		}
	}
	if a.Target != nil {
		f(a.Target.Distinct)
	}
	for i := range a.Steps {
		f(a.Steps[i].X)
	}
	if a.Why != nil {
		messageExprs(a.Why, f)
	}
	effectExprs(a.Feedback, f)
}
