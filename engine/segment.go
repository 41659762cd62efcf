package engine

import (
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// lookSegment looks at a membership. A subject enters when the condition becomes true and leaves
// on false; unknown never removes a member (reference, section 3: missing and unknown).
func (e *Engine) lookSegment(n *node, h int32, st *state) {
	if n.tiers != nil {
		e.lookTiers(n, h, st)
		return
	}
	verdict := e.truth(n, n.when, h)
	st.truth, st.looked = verdict, true
	switch {
	case verdict == value.True && !st.open:
		e.enter(n, h, st, 0)
	case verdict == value.False && st.open:
		e.leave(n, h, st)
	}
}

// lookTiers finds the first row that holds. An unknown row before it leaves the subject where it
// is, because nobody can say that the row does not hold.
func (e *Engine) lookTiers(n *node, h int32, st *state) {
	to := int32(-1)
	for i, p := range n.tiers {
		verdict := value.True
		if p != nil {
			verdict = e.truth(n, p, h)
		}
		if verdict == value.Unknown {
			st.truth, st.looked = value.Unknown, true
			return
		}
		if verdict == value.True {
			to = int32(i)
			break
		}
	}
	st.looked, st.truth = true, value.False
	if to >= 0 {
		st.truth = value.True
	}
	if st.open && st.tier != to {
		e.leave(n, h, st)
	}
	if to >= 0 && !st.open {
		e.enter(n, h, st, to)
	}
}

func (e *Engine) enter(n *node, h int32, st *state, tier int32) {
	st.open, st.tier, st.opened = true, tier, e.now
	n.count.Fired++
	e.state(n, h, decision.Enter, tier)
	e.act(n, h, n.enter)
	if n.segment.Kinds != nil {
		e.act(n, h, n.byTier.enter[tier])
	}
	e.tierChanged(n, h)
}

func (e *Engine) leave(n *node, h int32, st *state) {
	tier := st.tier
	st.open, st.tier = false, 0
	e.state(n, h, decision.Leave, tier)
	e.act(n, h, n.leave)
	if n.segment.Kinds != nil {
		e.act(n, h, n.byTier.leave[tier])
	}
	e.tierChanged(n, h)
}

// tierChanged puts the conditions on the agenda that read the segment.
func (e *Engine) tierChanged(n *node, h int32) {
	for _, r := range e.farTiers[n.segment.Index] {
		e.reach(r, h)
	}
}
