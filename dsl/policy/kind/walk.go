package kind

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

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

// Things are what the names in an expression's text may call.
func Things(x *policy.Expr) (out []Thing) {
	Visit(x, func(y *policy.Expr) bool {
		if f := y.Field; f != nil {
			out = append(out, Thing{f.Name, f.Label})
		}
		if y.Score != nil {
			out = append(out, Of(&y.Score.Head))
		}
		if y.Tier != nil {
			out = append(out, Of(&y.Tier.Head))
		}
		if y.Action != nil {
			out = append(out, Of(&y.Action.Head))
		}
		if y.Cal != nil {
			out = append(out, Of(&y.Cal.Head))
		}
		if g := y.Agg; g != nil && g.Action != nil {
			out = append(out, Of(&g.Action.Head))
		} else if g != nil && g.Source != nil {
			out = append(out, Of(&g.Source.Head))
		}
		if c := y.Type.Choice; y.Op == policy.OpConst && c != nil && y.Const.Kind == value.Choice &&
			y.Const.N >= 0 && int(y.Const.N) < len(c.Values) {
			v := c.Values[y.Const.N]
			out = append(out, Thing{v.Name, v.Label})
		}
		return true
	})
	return out
}

// thingsOf are what a type's text calls.
func thingsOf(t policy.Type) (out []Thing) {
	switch {
	case t.Choice != nil && t.Choice.Name != "":
		return []Thing{Of(&t.Choice.Head)}
	case t.Choice != nil:
		for _, v := range t.Choice.Values {
			out = append(out, Thing{v.Name, v.Label})
		}
	case t.Kind == value.Row && t.Record != nil && t.Record.Kind == policy.Rows:
		for _, f := range t.Record.Fields {
			out = append(append(out, Thing{f.Name, f.Label}), thingsOf(f.Type)...)
		}
	case t.Record != nil:
		return []Thing{Of(&t.Record.Head)}
	case t.Elem != nil:
		return thingsOf(*t.Elem)
	}
	return out
}

// Calls are what all the texts of a part may call, but for its name.
func (p *Part) Calls() []Thing {
	out := append([]Thing{}, p.Tells...)
	all := func(x *policy.Expr) { out = append(out, Things(x)...) }
	p.Exprs(all)
	for e := p.Effect; e != nil; e = e.Else {
		if e.Field != nil {
			out = append(out, Thing{e.Field.Name, e.Field.Label})
		}
		all(e.When)
		if m := e.Until; m != nil {
			for _, x := range []*policy.Expr{m.X, m.Count, m.Of} {
				all(x)
			}
		}
	}
	return out
}
