package kind

import "github.com/throughline/throughline/dsl/policy"

// Visit calls f for every expression node below x, aggregates' parts included, x first. Where f
// answers false it goes no deeper.
func Visit(x *policy.Expr, f func(*policy.Expr) bool) {
	if x == nil || !f(x) {
		return
	}
	for _, a := range x.Args {
		Visit(a, f)
	}
	if g := x.Agg; g != nil {
		for _, e := range []*policy.Expr{g.List, g.Value, g.Value2, g.Where, g.Via, g.Of,
			g.Window.T, g.Window.At} {
			Visit(e, f)
		}
	}
}

// Exprs calls f for every expression that a part holds, the topmost node of each.
func (p *Part) Exprs(f func(*policy.Expr)) {
	call := func(x *policy.Expr) {
		if x != nil {
			f(x)
		}
	}
	call(p.Expr)
	e := p.Effect
	if e == nil {
		return
	}
	for _, x := range []*policy.Expr{e.Who, e.With, e.Target, e.Value} {
		call(x)
	}
	for next := e.Else; next != nil; next = next.Else {
		call(next.Who)
	}
	if e.Text == nil {
		return
	}
	for _, parts := range [][]policy.Part{e.Text.Parts, e.Text.Other} {
		for _, t := range parts {
			call(t.X)
		}
	}
}
