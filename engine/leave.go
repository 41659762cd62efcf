package engine

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/internal/calendar"
)

// leave is one Away: a person is not at work from one moment to another.
type leave struct {
	id, who     string
	from, until int64
	deputy      string // who takes their tasks; "": nobody
}

// waiver is one Waive: a check is not held against a record, what it is about, or its person.
type waiver struct {
	id, rule, record, by, why string
	at, until                 int64
}

// away takes in an Away. Who is named by id or as Type/id.
func (e *Engine) away(r *record.Record) {
	l := leave{id: strings.Clone(r.ID), who: strings.Clone(r.Text("who"))}
	l.from, l.until = momentOf(r, "from"), momentOf(r, "until")
	l.deputy = strings.Clone(r.Text("deputy"))
	e.leaves = append(e.leaves, l)
	e.keepUndo(undoAway, r.ID)
	e.leaveChanged(l.who)
	e.handOver(&l)
}

func (e *Engine) unaway(id string) {
	for i, l := range e.leaves {
		if l.id == id {
			e.leaves = slices.Delete(e.leaves, i, i+1)
			e.leaveChanged(l.who)
			return
		}
	}
}

func momentOf(r *record.Record, name string) int64 {
	i := fieldIndex(r.Type, name)
	if i < 0 || !r.Slots.Has(i) {
		return 0
	}
	return r.Slots.N[r.Layout.Pos[i]]
}

// leaveChanged puts everything on the agenda that reads what a person owes.
func (e *Engine) leaveChanged(who string) {
	for _, s := range e.streams.list {
		if s.action == nil || s.subject == nil {
			continue
		}
		for h := range s.subject.rows {
			if isWho(s.subject, s.subject.meta[h].id, who) {
				e.since(0)
				s.change++
				e.streamChanged(s, int32(h))
			}
		}
	}
	for _, n := range e.nodes {
		if n.check == nil || n.check.Late == 0 {
			continue
		}
		if h, ok := findWho(n.table, who); ok {
			e.since(0)
			e.push(n, h)
		}
	}
}

// isWho reports whether a person is the one that a text names.
func isWho(t *table, id, who string) bool {
	if len(who) == len(id) {
		return who == id
	}
	rest, ok := strings.CutSuffix(who, "/"+id)
	return ok && (rest == t.rec.Full || rest == t.rec.Name)
}

// findWho finds the person that a text names.
func findWho(t *table, who string) (int32, bool) {
	for _, id := range []string{who, strings.TrimPrefix(who, t.rec.Full+"/"),
		strings.TrimPrefix(who, t.rec.Name+"/")} {
		if h, ok := t.find(id); ok && t.lives[h] == alive {
			return h, true
		}
	}
	return 0, false
}

// leaveAt returns the leave that a person is on at a moment; of several the one that ends last.
func (e *Engine) leaveAt(r decision.Ref, at int64) (last *leave) {
	if len(e.leaves) == 0 || r.Type == nil {
		return nil
	}
	t := e.tables[r.Type.Index]
	for i := range e.leaves {
		l := &e.leaves[i]
		if l.from <= at && at < l.until && isWho(t, r.ID, l.who) &&
			(last == nil || l.until > last.until) {
			last = l
		}
	}
	return last
}

// leaveDays counts the workdays from first to last that a person is away: those whose noon it is
// that they miss.
func (e *Engine) leaveDays(t *table, h int32, first, last int64) (n int64) {
	return int64(len(e.awayOn(t, h, first, last)))
}

// awayOn lists those days.
func (e *Engine) awayOn(t *table, h int32, first, last int64) (days []int64) {
	for i := range e.leaves {
		if l := &e.leaves[i]; isWho(t, t.meta[h].id, l.who) {
			days = span{l.from, l.until}.days(e, first, last, days)
		}
	}
	return days
}

// freeDays counts the workdays from first to last of which a person owes nothing: away, or not
// active.
func (e *Engine) freeDays(t *table, h int32, first, last int64) int64 {
	days := e.awayOn(t, h, first, last)
	if t.idle != nil {
		for _, s := range t.idle.of[h] {
			days = s.days(e, first, last, days)
		}
	}
	return int64(len(days))
}

// isAway reports whether a person is away on the day that a moment is in.
func (e *Engine) isAway(t *table, h int32, at int64) bool {
	d := calendar.DateOf(at, e.zone)
	return e.leaveDays(t, h, d, d) > 0
}

// onLeave reports whether a look at a day's end is left out, because the person looked at was away.
func (e *Engine) onLeave(n *node, h int32, at int64) bool {
	return len(e.leaves) > 0 && n.check != nil &&
		(n.check.Each == policy.Workday || n.check.Each == policy.Daily) && e.isAway(n.table, h, at-1)
}

// waive takes in a Waive; one of the same rule and record takes the place of the one before, so
// that an `until` in the past closes it. The rule "*" closes or grants all.
func (e *Engine) waive(r *record.Record) {
	w := waiver{id: strings.Clone(r.ID), rule: strings.Clone(r.Text("rule")),
		record: strings.Clone(r.Text("record")), by: strings.Clone(r.Text("by")),
		why: strings.Clone(r.Text("why")), at: r.At, until: momentOf(r, "until")}
	e.waivers = append(e.waivers, w)
	e.keepUndo(undoWaive, r.ID)
	if !e.knowsCheck(w.rule) {
		e.find(source.WaiveUnknown, w.rule)
	}
}

func (e *Engine) unwaive(id string) {
	e.waivers = slices.DeleteFunc(e.waivers, func(w waiver) bool { return w.id == id })
}

// knowsCheck reports whether a rule names a proof line, or all of an action.
func (e *Engine) knowsCheck(rule string) bool {
	if rule == "*" {
		return true
	}
	for _, a := range e.actions {
		if a.of.Full == rule {
			return true
		}
		for _, l := range a.lines {
			if l.rule == rule {
				return true
			}
		}
	}
	return false
}

// waivedBy returns the exemption that stands against a line for the event in hand.
func (e *Engine) waivedBy(a *actionProgram, l *lineProgram, r *record.Record) *waiver {
	if len(e.waivers) == 0 {
		return nil
	}
	names := []string{a.of.On.Full + "/" + r.ID}
	if a.about != nil {
		if h, ok := a.about(&e.env); ok {
			names = append(names, e.tables[a.of.Subject().Index].ref(int32(h)).String())
		}
	}
	if a.by != nil {
		if h, ok := a.by(&e.env); ok {
			names = append(names, e.tables[a.of.Person().Index].ref(int32(h)).String())
		}
	}
	for i := len(e.waivers) - 1; i >= 0; i-- {
		w := &e.waivers[i]
		if w.rule != l.rule && w.rule != a.of.Full && w.rule != "*" {
			continue
		}
		if w.record != "" && !slices.Contains(names, w.record) {
			continue
		}
		// The latest that fits decides: one whose time is over has ended the ones before it.
		if r.At >= w.until {
			return nil
		}
		return w
	}
	return nil
}

// waived says that a line is not held against anybody, by whom, why and until when.
func (e *Engine) waived(l *lineProgram, w *waiver) {
	until := string(value.AppendTime(nil, w.until, e.zone))
	e.findAt(source.ProofWaived, l.rule, l.of.Span, w.by, w.why, until)
	e.dec.Findings[len(e.dec.Findings)-1].Verdict = decision.Said(policy.Waived)
}

// inPlaceOf is who stands in for a person at a moment: while they are away, the deputy that their
// leave names, or theirs; nobody: the person. Until is when the person is back.
func (e *Engine) inPlaceOf(r decision.Ref, at int64) (to decision.Ref, until int64) {
	to = r
	for range 8 {
		l := e.leaveAt(to, at)
		if l == nil || l.deputy == "" {
			break
		}
		t := e.tables[to.Type.Index]
		h, ok := findWho(t, l.deputy)
		if !ok || t.ref(h) == r {
			break
		}
		if to == r {
			until = l.until
		}
		to = t.ref(h)
	}
	return to, until
}
