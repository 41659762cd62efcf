package prove

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

func (r *prover) records() {
	for _, rec := range r.p.Records {
		for _, f := range rec.Fields {
			if f.Compute == nil || f.Span.IsZero() || !r.look(f.Span) {
				continue
			}
			r.left = stepsInAll
			r.inside(f.Compute)
			if f.Type.Kind == value.Bool {
				r.cond(f.Compute)
			}
		}
		if r.begin(&rec.Head) {
			for _, x := range rec.Drop {
				r.inside(x)
				r.cond(x)
				r.hints(x, nil)
			}
		}
	}
}

func (r *prover) scores() {
	for _, s := range r.p.Scores {
		if !r.begin(&s.Head) {
			continue
		}
		for _, t := range s.Terms {
			r.inside(t.X)
			r.term(t)
		}
	}
}

// term tells of a term that is the same share of its weight whatever the record holds.
func (r *prover) term(t policy.Term) {
	x := t.X
	for x.Op == policy.OpTerm {
		before := len(r.diags)
		r.cond(x.Args[0])
		if len(r.diags) > before {
			return
		}
		x = x.Args[0]
	}
	n := r.s.t.list[r.s.t.of(t.X, 0)]
	if r.fixed(t.X) || n.kind.Class() != value.Float {
		return
	}
	switch lo, hi := floatOrd(n.dom.lo), floatOrd(n.dom.hi); {
	case hi <= 0:
		r.tell(source.TermFixed, t.X.Span, "0%")
	case lo >= 1:
		r.tell(source.TermFixed, t.X.Span, "100%")
	}
}

func (r *prover) rules() {
	for _, u := range r.p.Rules {
		if !r.begin(&u.Head) {
			continue
		}
		for _, x := range []*policy.Expr{u.When, u.Where} {
			r.inside(x)
			r.cond(x)
			r.hints(x, u.Check)
		}
		if u.Top != nil {
			r.inside(u.Top.By)
		}
		r.effects(u.Do, u.When, u.Where)
	}
}

// effects looks at effects of a declaration whose condition holds.
func (r *prover) effects(list []*policy.Effect, when ...*policy.Expr) {
	var given []goal
	for _, x := range when {
		if x != nil && !r.fixed(x) {
			given = append(given, is(x))
		}
	}
	if len(given) > 0 && r.none(given...) == proved {
		given = nil // told already
	}
	for _, e := range list {
		for _, x := range []*policy.Expr{e.Who, e.With, e.Value, e.When} {
			r.inside(x)
		}
		if e.When != nil {
			r.cond(e.When, given...)
			r.hints(e.When, nil)
		}
		r.due(e)
	}
}

func (r *prover) alerts() {
	for _, a := range r.p.Alerts {
		if !r.begin(&a.Head) {
			continue
		}
		for _, x := range []*policy.Expr{a.Needs, a.When, a.Until} {
			r.inside(x)
			r.cond(x)
		}
		r.hints(a.When, a.Check)
		r.effects(a.Do, a.When, a.Needs)
		r.meets(a)
		r.luck(a)
	}
	r.byLuck()
}

// meets tells where an alert cannot open because what ends it holds as well, and where what it
// needs excludes what it waits for.
func (r *prover) meets(a *policy.Alert) {
	if a.When == nil {
		return
	}
	goals := []goal{is(a.When)}
	if a.Needs != nil {
		goals = append(goals, is(a.Needs))
		if r.none(is(a.When)) != proved && r.none(is(a.Needs)) != proved && r.none(goals...) == proved {
			r.tell(source.NeverTrue, a.When.Span).Related = []source.Related{
				{Span: a.Needs.Span, Code: source.ExcludesThis}}
			return
		}
	}
	if a.Until == nil || a.UntilFor > 0 {
		return
	}
	if m, v := r.one(append(goals, is(a.Until))...); v == refuted {
		r.tell(source.UntilMeets, a.Until.Span, m.show())
	}
}

func (r *prover) segments() {
	for _, g := range r.p.Segments {
		if !r.begin(&g.Head) {
			continue
		}
		r.inside(g.When)
		r.cond(g.When)
		r.hints(g.When, g.Check)
		r.effects(g.Enter, g.When)
		r.effects(g.Leave)
		if len(g.Tiers) > 0 {
			r.tiers(g)
		}
	}
}

// tiers looks at a segment's rows like at a table's.
func (r *prover) tiers(g *policy.Segment) {
	var rows []row
	var last *policy.Tier
	for i := range g.Tiers {
		t := &g.Tiers[i]
		r.effects(t.Enter, t.When)
		r.effects(t.Leave)
		if t.When == nil {
			last = t
			continue
		}
		r.inside(t.When)
		r.hints(t.When, g.Check)
		rows = append(rows, row{t.When, t.When.Span})
	}
	switch full := r.table(rows); {
	case full && last != nil:
		r.tell(source.ElseUnreached, last.Span)
	case !full && last == nil && len(rows) > 0:
		r.gap(rows, g.Span)
	}
}
