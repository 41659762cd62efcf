package engine

import (
	"strings"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/internal/calendar"
)

// keepLook remembers a look for as long as late records may change it. The state before the
// oldest one kept is what they are counted on from.
func (e *Engine) keepLook(n *node, st *state, l look) {
	if n.check.Late == 0 {
		return
	}
	for len(st.looks) > 0 && l.at-st.looks[0].at > n.check.Late {
		old := st.base.state()
		e.applyLook(n, &old, st.looks[0])
		st.base = old.run()
		st.looks = st.looks[1:]
	}
	st.looks = append(st.looks, l)
}

// lookAgain takes the looks again that a late record may have changed (reference, section 7:
// late). An alert that should not have opened is withdrawn.
func (e *Engine) lookAgain(n *node, h int32, st *state) {
	changed := false
	var corrected []correction
	e.asOf, e.closing = true, true
	for i := range st.looks {
		l := &st.looks[i]
		if l.at <= e.lateAt || e.now-l.at > n.check.Late {
			continue
		}
		was := *l
		if *l = e.lookAt(n, h, l.at); *l != was {
			corrected = append(corrected, correction{was, *l})
		}
		changed = true
	}
	e.asOf, e.closing = false, false
	e.env.Now = e.now
	if !changed {
		return
	}
	e.correct(n, h, corrected)
	again := st.base.state()
	right := again.open && st.opened < st.looks[0].at // it was right to be open
	for _, l := range st.looks {
		e.applyLook(n, &again, l)
		right = right || again.open && l.at >= st.opened
	}
	was := st.open
	st.restore(again.run())
	if again.looked {
		st.truth = again.truth
	}
	switch {
	case was && !st.open && right:
		e.state(n, h, decision.Resolved, 0)
	case was && !st.open:
		e.withdrawn(n, h)
		e.state(n, h, decision.Withdrawn, 0)
	case st.open && !was:
		n.count.Fired++
		st.opened = again.opened
		e.state(n, h, decision.Open, 0)
		e.actAsOf(n, h, st.opened)
	}
}

// actAsOf makes an alert's effects with the values that a look which was taken again saw.
func (e *Engine) actAsOf(n *node, h int32, look int64) {
	e.asOf, e.closing, e.env.Now = true, true, look-1
	e.act(n, h, n.whom)
	e.asOf, e.closing, e.env.Now = false, false, e.now
}

// lookAt takes one look again. Whoever turns out to have been away is left out.
func (e *Engine) lookAt(n *node, h int32, at int64) look {
	if e.onLeave(n, h, at) {
		return look{at: at, until: value.False, left: true}
	}
	e.env.Now = at - 1
	return e.seeLook(n, h, at)
}

// correction is a look that a late fact changed.
type correction struct{ was, is look }

// correct says of each look that was judged otherwise which it is and what it is now, also where
// the alert stays as it was: a streak hangs on it.
func (e *Engine) correct(n *node, h int32, list []correction) {
	for _, c := range list {
		if n.shadow || c.was.verdict == c.is.verdict && c.was.left == c.is.left {
			continue
		}
		closed := value.OfWord(value.Date, calendar.DateOf(c.is.at-1, e.zone))
		day := value.Style{}.Text(closed)
		e.findAt(source.LookCorrected, n.head.Full, n.head.Span, n.table.ref(h).String(), day,
			c.was.word(), c.is.word())
	}
}

// word is what a look came to, in a word of no language.
func (l look) word() string {
	if l.left {
		return "–"
	}
	return [...]string{value.Unknown: "unknown", value.False: "false", value.True: "true"}[l.verdict]
}

// withdrawn names the decision that opened an alert which should not have opened.
func (e *Engine) withdrawn(n *node, h int32) {
	if n.shadow {
		return
	}
	at := standing{of: n.table.ref(h).String()}
	at.rule, at.cell = decision.CellOf(n.head.Full)
	if row, ok := e.kept.open[at]; ok {
		seq, _, _ := strings.Cut(e.kept.alert.table.meta[row].id, "/")
		e.findAt(source.AlertCorrected, n.head.Full, n.head.Span, at.of, seq)
	}
}
