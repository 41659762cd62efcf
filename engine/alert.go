package engine

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// lookAlert looks at an alert that is watched at every moment (reference, section 7). Closed, it
// opens when `when` has held without a break for `for`; open, only its end is looked at.
func (e *Engine) lookAlert(n *node, h int32, st *state) {
	when := e.truth(n, n.when, h)
	if n.needs != nil && when != value.Unknown && e.truth(n, n.needs, h) != value.True {
		when = value.Unknown // a look where `needs` is not true is left out
	}
	until := value.False
	if n.until != nil {
		until = e.truth(n, n.until, h)
	}
	l := look{at: e.now, verdict: when, until: until}
	if st.open {
		e.mayEnd(n, h, st, l)
	} else {
		e.mayOpen(n, h, st, l)
	}
	st.truth, st.looked = when, true
}

// mayOpen opens a closed alert. Unknown breaks `for D`; `until` does not, but while it holds the
// alert does not open, because it would be resolved at once.
func (e *Engine) mayOpen(n *node, h int32, st *state, l look) {
	if l.verdict != value.True {
		st.holds = false
		return
	}
	if !st.holds {
		if n.alert.For == 0 && st.looked && st.truth == value.True {
			return // it was resolved while `when` held: it opens again only when `when` turns true
		}
		st.holds, st.since = true, e.now
	}
	if e.now-st.since < n.alert.For || l.until == value.True && n.alert.UntilFor == 0 {
		return
	}
	e.open(n, h, st)
	if n.alert.UntilFor > 0 {
		st.ends(n.alert, l) // what is over from the beginning counts from there
	}
}

// mayEnd resolves an open alert; where `when` still holds, `for` counts from nothing.
func (e *Engine) mayEnd(n *node, h int32, st *state, l look) {
	if !st.ends(n.alert, l) {
		return
	}
	e.resolved(n, h, st)
	if l.verdict == value.True && n.alert.For > 0 {
		st.holds, st.since = true, l.at
	}
}

// ends reports whether a look ends an open alert: with neither clause when `when` is false, with
// `until` when that holds, with `until … for D` when that, or `when` being false, has held for D.
func (st *state) ends(a *policy.Alert, l look) bool {
	over := l.verdict == value.False
	if a.Until != nil {
		over = l.until == value.True || a.UntilFor > 0 && over
	}
	if !over {
		st.untilHolds = false
		return false
	}
	if !st.untilHolds {
		st.untilHolds, st.untilSince = true, l.at
	}
	return l.at-st.untilSince >= a.UntilFor
}

func (e *Engine) open(n *node, h int32, st *state) {
	st.open, st.opened, st.untilHolds = true, e.now, false
	n.count.Fired++
	e.state(n, h, decision.Open, 0)
	e.act(n, h, n.whom)
}

func (e *Engine) resolved(n *node, h int32, st *state) {
	st.open, st.holds, st.untilHolds, st.streak = false, false, false, 0
	e.state(n, h, decision.Resolved, 0)
}

// state writes that an alert or a membership changed.
func (e *Engine) state(n *node, h int32, s decision.State, tier int32) {
	x := e.addEffect()
	x.Kind, x.Rule, x.Span, x.State = decision.Alert, n.head.Full, n.head.Span, s
	x.Subject = n.table.ref(h)
	x.Shadow = n.shadow
	if n.segment != nil {
		x.Kind = decision.Segment
		if n.segment.Kinds != nil {
			x.Tier = n.segment.Tiers[tier].Name
		}
	}
}
