package engine

import (
	"math"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// settleFor is how long after a deadline a late record may still show that it was kept: for so long
// the rows that a requirement counts are remembered.
const settleFor = 31 * value.Day

// A deadline keeps what it knows of a record in the state of its node: open while the record is in
// the stage; opened, when it entered; since, when the deadline falls due; holds, whether the
// requirement was met by then; untilSince, when; untilHolds, whether `on late` has acted. One that
// has fallen due and neither holds nor has acted is held: what may yet count would meet it.

// startDue starts a deadline for a record that entered its stage at a moment. One that is met
// already does not run.
func (e *Engine) startDue(n *node, h int32, since int64) {
	st := n.state(h)
	t := st.timer
	*st = state{timer: t, mark: st.mark, sent: st.sent}
	at, ok := e.dueFrom(since, &n.due.span)
	if !ok {
		at = math.MaxInt64 // beyond all calendars
	}
	st.open, st.opened, st.since = true, since, at
	if n.when != nil {
		e.subject(n.table, h)
		if e.truth(n, n.when, h) == value.True {
			st.holds, st.untilSince = true, e.env.Now
		}
	}
	e.arm(n, st)
}

// endDue stops a deadline: the record left the stage.
func (e *Engine) endDue(n *node, h int32) {
	if st := n.find(h); st != nil && st.open {
		e.timers.stop(&st.timer)
		*st = state{timer: st.timer, mark: st.mark, sent: st.sent}
	}
}

// lookDue looks at a deadline: because it falls due, because something that its requirement reads
// has changed, or because a record came late or was taken back.
func (e *Engine) lookDue(n *node, h int32, st *state) {
	if !st.open {
		return
	}
	now := e.env.Now
	switch {
	case n.when == nil:
		if now >= st.since && !st.untilHolds {
			e.missed(n, h, st)
		}
	case st.holds && !(e.taking && now-st.untilSince <= settleFor && !e.heldAt(n, h, st.untilSince)):
	case now < st.since:
		st.holds = false
		e.meet(n, h, st, now)
	case e.meet(n, h, st, st.since):
		if st.untilHolds {
			e.inTime(n, h)
		}
	case !st.untilHolds:
		e.fallDue(n, h, st)
	}
}

// fallDue decides on a deadline that passed and was not met: what may yet count holds it. Where it
// was held for so long that its moment cannot be told any more, what is so now decides.
func (e *Engine) fallDue(n *node, h int32, st *state) {
	verdict := e.verdictAt(n, h, st.since)
	if e.env.Now-st.since > settleFor {
		verdict = e.truth(n, n.when, h)
	}
	switch {
	case verdict == value.True:
		st.holds, st.untilSince = true, st.since
	case verdict == value.False, n.due.ask.open == nil: // what cannot be told was not so
		e.missed(n, h, st)
	}
}

// meet looks whether a requirement holds at a moment, or held when the record in hand happened,
// which may have come late.
func (e *Engine) meet(n *node, h int32, st *state, at int64) bool {
	st.holds, st.untilSince = false, at
	now := e.env.Now
	switch happened := max(e.lateAt, st.opened); {
	case at == now && e.truth(n, n.when, h) == value.True:
		st.holds = true
	case at < now && e.lateAt > at && !e.taking:
		return false // nothing that came can have changed what was so then
	case at < now && e.heldAt(n, h, at):
		st.holds = true
	case happened < min(at, now) && e.heldAt(n, h, happened):
		st.holds, st.untilSince = true, happened
	}
	return st.holds
}

// heldAt reports whether a requirement held at an earlier moment, with all that is known today.
func (e *Engine) heldAt(n *node, h int32, at int64) bool {
	if at == e.env.Now {
		return e.truth(n, n.when, h) == value.True
	}
	return e.verdictAt(n, h, at) == value.True
}

// verdictAt is what a requirement was at a moment, with all that is known today. What is too long
// ago to be told was not so.
func (e *Engine) verdictAt(n *node, h int32, at int64) value.Tri {
	now := e.env.Now
	if now-at > settleFor {
		return value.False
	}
	e.asOf, e.env.Now = at < now, at
	e.subject(n.table, h)
	v, _ := n.due.ask.run(&e.env)
	e.asOf, e.env.Now = false, now
	return v
}

// missed says that a deadline passed, once.
func (e *Engine) missed(n *node, h int32, st *state) {
	st.untilHolds = true
	n.count.Fired++
	if !n.shadow {
		if q := n.due.ask; q == nil {
			e.tell(n, source.StayLate, n.table.ref(h).String(), "")
		} else {
			e.tell(n, source.DoneLate, n.table.ref(h).String(), q.of.Name)
		}
	}
	if late := n.due.stage.late; late != nil {
		late.count.Fired++
		e.act(late, h, late.whom)
	}
}

// inTime says that a requirement was met in time after all.
func (e *Engine) inTime(n *node, h int32) {
	if !n.shadow {
		e.tell(n, source.DoneInTime, n.table.ref(h).String(), n.due.ask.of.Name)
	}
}

// tell appends a finding that a deadline speaks.
func (e *Engine) tell(n *node, c source.Code, about, what string) {
	if e.lazy {
		e.flush()
	}
	e.findAt(c, n.head.Full, n.head.Span, about, what)
	f := &e.dec.Findings[len(e.dec.Findings)-1]
	f.Args[0] = n.due.stage.of.Name
	if q := n.due.ask; q != nil {
		e.say(q)
	}
}

// say adds what a requirement's author says of it to the last finding.
func (e *Engine) say(q *requirement) {
	f := &e.dec.Findings[len(e.dec.Findings)-1]
	if f.Text = q.of.Text; f.Text == nil {
		return
	}
	for _, x := range q.text {
		f.Values = append(f.Values, x(&e.env))
	}
}

// findUnmet tells of a requirement that a move asks for: how many there are, or which value is
// missing.
func (e *Engine) findUnmet(q *requirement, verdict value.Tri, part int) {
	codes := [...]source.Code{source.EntryCount, source.EntryUnknown, source.EntryUnmet,
		source.EntryOpen}
	if q.must {
		codes = [...]source.Code{source.MustCount, source.MustUnknown, source.MustUnmet, source.MustOpen}
	}
	stage := q.stage.of.Name
	var args []string
	code := codes[2]
	switch {
	case q.count != nil:
		n, _ := q.count(&e.env)
		code, args = codes[0], []string{stage, whole(n), whole(int64(q.of.N)), q.of.Name}
		if verdict == value.Unknown && q.open != nil {
			all, _ := q.open(&e.env)
			code, args = codes[3], append(args, whole(all-n))
		}
	case verdict == value.Unknown:
		code, args = codes[1], []string{stage, q.of.Name, e.lacking(q.when, part)}
	default:
		args = []string{stage, q.of.Name}
	}
	e.find(code, args...)
	f := &e.dec.Findings[len(e.dec.Findings)-1]
	f.Rule, f.Span = q.of.Full, q.of.Span
	e.say(q)
}

// lacking names the first value that a condition's part could not read.
func (e *Engine) lacking(p *program, part int) string {
	if part < 0 || part >= len(p.watch.Parts) {
		return value.MissingText
	}
	from := len(e.dec.Seen)
	e.see(p.leaves[part])
	name := value.MissingText
	for i, x := range p.watch.Parts[part].Leaves {
		if !e.dec.Seen[from+i].Known() {
			name = pathText(x)
			break
		}
	}
	e.dec.Seen = e.dec.Seen[:from]
	return name
}

// pathText is a leaf as a policy would write it, without its clauses.
func pathText(x *policy.Expr) string {
	var parts []string
	for x != nil && x.Op == policy.OpField {
		parts = append([]string{x.Field.Name}, parts...)
		x = x.Args[0]
	}
	switch {
	case x == nil || len(parts) > 0:
	case x.Score != nil:
		parts = append(parts, x.Score.Name)
	case x.Tier != nil:
		parts = append(parts, x.Tier.Name)
	case x.Agg != nil && x.Agg.Source != nil:
		parts = append(parts, x.Agg.Source.Name)
	default:
		parts = append(parts, x.Fn)
	}
	return strings.Join(parts, ".")
}
