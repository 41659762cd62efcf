package engine

import (
	"cmp"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/engine/slots"
	"github.com/throughline/throughline/engine/window"
)

// judgedEvent is an event whose verdict may still change: a line is open for review, or `done`
// waits. What it said is kept, because only a review or late values change what it counts for, and
// from the stored values (reference, section 3: frozen and live).
type judgedEvent struct {
	number  int32 // by which its timers find it
	typ     *eventType
	id      string
	seq     uint64
	at      int64
	values  slots.Slots
	acts    []judgedAction
	reviews []review
	scores  []decision.Scored // of the type's scores, in their order
	trusted []verdictOf       // what the trust functions said, by their numbers
	rows    []byte            // its rows in streams that read verdicts or scores, as they are now
}

// judgedAction is one action that the event completes, or may yet.
type judgedAction struct {
	program *actionProgram
	done    value.Tri
	lines   []string // ids of the rows of its open lines' findings; none: nothing to review
	until   int64    // done waits until then; 0: it does not
	counted value.Tri
	rows    []byte // its completion's, made when the values came
	in      bool   // they are in the streams of what counts
	maybe   bool   // and in those of what may yet count
	timer   *timer
}

// review is what one Review said.
type review struct {
	id   string
	at   int64
	seq  uint64
	pass bool
	by   string // "": it does not say
}

// judging collects what becomes of the event in hand.
type judging struct {
	byID map[string]*judgedEvent // by Type/id
	list []*judgedEvent          // in order of arrival
	next int32
	due  map[int32]*judgedEvent // by number: those that wait
	acts []judgedAction         // of the event in hand

	asked bool // some row reads whether an event may yet count
}

func (j *judging) reset() { j.acts = j.acts[:0] }

func (j *judging) action(a *actionProgram) *judgedAction {
	for i := range j.acts {
		if j.acts[i].program == a {
			return &j.acts[i]
		}
	}
	j.acts = append(j.acts, judgedAction{program: a})
	return &j.acts[len(j.acts)-1]
}

// holds reports whether the event in hand may yet count for an action.
func (j *judging) holds(a *actionProgram) bool {
	return slices.ContainsFunc(j.acts, func(x judgedAction) bool { return x.program == a })
}

func (j *judging) wait(a *actionProgram, until int64) { j.action(a).until = until }

func (j *judging) open(a *actionProgram, _ *lineProgram, id string) {
	x := j.action(a)
	x.lines = append(x.lines, id)
}

// keepJudged keeps the event in hand where its verdict may change.
func (e *Engine) keepJudged(t *eventType, r *record.Record) {
	if len(t.actions) == 0 || len(e.judged.acts) == 0 {
		return
	}
	e.judged.next++
	j := &judgedEvent{number: e.judged.next, typ: t, id: strings.Clone(r.ID), seq: e.seq + 1, at: r.At,
		values: t.layout.New(), acts: slices.Clone(e.judged.acts)}
	for i := range t.rec.Fields {
		if t.layout.Pos[i] >= 0 {
			t.layout.Put(&j.values, i, owned(t.layout.Value(&r.Slots, i)))
		}
	}
	for i := range j.acts {
		x := &j.acts[i]
		v := e.verdicts[x.program.of.Index]
		x.done, x.counted = v.done, v.counted
		if x.until > 0 {
			x.counted = value.Unknown
			e.armJudged(j, x)
		}
	}
	for i := range e.dec.Scores {
		s := e.dec.Scores[i]
		s.Terms = slices.Clone(s.Terms)
		j.scores = append(j.scores, s)
	}
	e.keepTrust(j)
	j.rows = e.managed(e.dec.Row)
	for i := range j.acts {
		e.env.Row = e.inHand
		e.makeRows(j, &j.acts[i])
	}
	e.fileJudged(j)
}

func (e *Engine) fileJudged(j *judgedEvent) {
	if e.judged.byID == nil {
		e.judged.byID = map[string]*judgedEvent{}
	}
	e.judged.byID[j.name()] = j
	e.judged.list = append(e.judged.list, j)
}

func (j *judgedEvent) name() string { return j.typ.rec.Full + "/" + j.id }

// managed are the rows of a decision that a verdict may move.
func (e *Engine) managed(b []byte) []byte {
	var out []byte
	e.eachRow(b, func(s *stream, h int32, r *window.Row) {
		if movable(s) {
			out = s.pack(out, h, r)
		}
	})
	return out
}

// armJudged schedules the end of a wait.
func (e *Engine) armJudged(j *judgedEvent, x *judgedAction) {
	t := timerOf(rankDone, int32(x.program.of.Index))
	t.handle = j.number
	x.timer = t
	if e.judged.due == nil {
		e.judged.due = map[int32]*judgedEvent{}
	}
	e.judged.due[j.number] = j
	e.timers.set(t, max(x.until, e.now+1))
}

// review takes in a Review: it settles the open lines of the record that it names; of several the
// latest holds.
func (e *Engine) review(r *record.Record) {
	name := r.Text("record")
	j := e.judged.byID[name]
	if j == nil || !j.reviewable() {
		e.find(source.NothingOpen, name)
		return
	}
	pass := r.Slots.N[r.Layout.Pos[fieldIndex(r.Type, "verdict")]] == 0
	j.reviews = append(j.reviews,
		review{strings.Clone(r.ID), r.At, e.seq + 1, pass, strings.Clone(r.Text("by"))})
	slices.SortFunc(j.reviews, func(a, b review) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq))
	})
	e.keepUndo(undoReview, j.name(), r.ID)
	e.rejudge(j)
}

// reviewed takes a review back.
func (e *Engine) unreview(name, id string) {
	if j := e.judged.byID[name]; j != nil {
		j.reviews = slices.DeleteFunc(j.reviews, func(v review) bool { return v.id == id })
		e.rejudge(j)
	}
}

func (j *judgedEvent) reviewable() bool {
	return slices.ContainsFunc(j.acts, func(x judgedAction) bool { return len(x.lines) > 0 })
}

// rejudge brings everything that depends on an event's verdicts up to date.
func (e *Engine) rejudge(j *judgedEvent) {
	changed := false
	for i := range j.acts {
		x := &j.acts[i]
		now := x.verdict(j.reviews)
		e.settleFindings(j, x)
		if now != x.counted {
			e.recount(j, x, now)
			changed = true
		}
		was := x.maybe
		e.placeRows(j, x)
		changed = changed || e.judged.asked && x.maybe != was
	}
	if changed {
		e.rescore(j)
	}
}

// verdict is what an action's completion counts for, given the reviews.
func (x *judgedAction) verdict(reviews []review) value.Tri {
	switch {
	case x.until > 0 && x.done != value.True:
		return value.Unknown
	case x.done != value.True:
		return value.False
	case len(x.lines) == 0:
		return value.True
	case len(reviews) == 0:
		return value.False
	case reviews[len(reviews)-1].pass:
		return value.True
	}
	return value.False
}

// recount says that a completion counts, or counts no more.
func (e *Engine) recount(j *judgedEvent, x *judgedAction, now value.Tri) {
	was := x.counted
	x.counted = now
	a := x.program
	code := source.CountsNow
	switch {
	case now == value.True:
	case was == value.True:
		code = source.CountsNoMore
	default:
		return
	}
	if !e.absorbing && !a.bare {
		e.findAt(code, a.of.Full, a.of.Span, j.name())
	}
}

// stand makes a stored event the one in hand.
func (e *Engine) stand(j *judgedEvent) {
	e.standing, e.inHand = j, &j.values
	e.env.Self, e.env.SelfRef, e.env.Row = &j.values, -1, &j.values
	for _, a := range j.typ.actions {
		e.verdicts[a.of.Index] = verdict{done: value.Unknown, counted: value.Unknown}
	}
	for i := range j.acts {
		x := &j.acts[i]
		may := x.counted == value.True || x.mayCount(j.reviews)
		e.verdicts[x.program.of.Index] = verdict{x.done, x.counted, may}
	}
	for i := range j.scores {
		s := &j.scores[i]
		e.scored[s.Score.Index] = decision.Scored{Value: s.Value, Known: s.Known}
	}
}

// rescore works the scores out again that read a verdict, from the stored values of their other
// terms, and moves the rows that read verdicts or scores.
func (e *Engine) rescore(j *judgedEvent) {
	e.stand(j)
	for i := range j.scores {
		s := &j.scores[i]
		p := e.scores[s.Score.Index]
		sum, weights, moved := 0.0, 0.0, false
		for k := range s.Terms {
			t := &p.terms[k]
			if stageOf(s.Score.Terms[k].X) != onArrival {
				v, ok := t.x.Of(&e.env)
				moved = true
				s.Terms[k] = decision.TermValue{Known: ok, Skipped: !ok && t.skip}
				if ok {
					s.Terms[k].Value = clamp(v)
				}
			}
			if !s.Terms[k].Skipped {
				weights += t.weight
			}
			if s.Terms[k].Known {
				sum += float64(t.weight * s.Terms[k].Value)
			}
		}
		if !moved {
			continue
		}
		was := s.Value
		s.Value, s.Known = total(sum, weights)
		e.scored[s.Score.Index] = decision.Scored{Value: s.Value, Known: s.Known}
		if s.Value != was && !e.absorbing {
			e.findAt(source.ScoreCorrected, s.Score.Full, s.Score.Span, j.name(),
				value.Style{}.Text(value.OfFloat(value.Number, was)),
				value.Style{}.Text(value.OfFloat(value.Number, s.Value)))
		}
	}
	e.moveRows(j)
}

// settleFindings writes what a review said into the rows of the lines that it settles.
func (e *Engine) settleFindings(j *judgedEvent, x *judgedAction) {
	if e.absorbing {
		return
	}
	k := e.kept.finding
	var v, at, by value.Value
	if n := len(j.reviews); n > 0 {
		last := &j.reviews[n-1]
		v, at = choiceOf(0), timeOf(last.at)
		if !last.pass {
			v = choiceOf(1)
		}
		if last.by != "" {
			by = textOf(last.by)
		}
	}
	for _, id := range x.lines {
		if h, ok := k.table.find(id); ok && k.table.lives[h] == alive {
			e.write(&change{kind: k, handle: h, values: []named{{"settled", v}, {"settled_at", at},
				{"settled_by", by}}})
		}
	}
}

// waits reports whether a record that came again brings late values to an event that waits.
func (e *Engine) waits(t *eventType, r *record.Record) bool {
	if !t.judged {
		return false
	}
	j := e.judged.byID[t.rec.Full+"/"+r.ID]
	return j != nil &&
		slices.ContainsFunc(j.acts, func(x judgedAction) bool { return x.until > e.now })
}

// lateValues gives an event that waits the values that it lacked, and looks at `done` again.
func (e *Engine) lateValues(t *eventType, r *record.Record) {
	j := e.judged.byID[t.rec.Full+"/"+r.ID]
	e.resolve(&t.common, r)
	if !j.lacks(t, r) {
		e.dec.Outcome = decision.Duplicate
		e.find(source.RecordDuplicate, r.Type.Name, r.ID, seqText(j.seq))
		return
	}
	e.dec.Outcome = decision.Accepted
	e.find(source.LateValues, j.name())
	e.trustLate(j, r, func() { e.takeLate(j, t, r) })
	for i := range j.acts {
		if x := &j.acts[i]; x.until > 0 {
			e.stand(j)
			e.makeRows(j, x)
		}
	}
	e.lookDone(j, false)
	for i := range j.acts {
		if x := &j.acts[i]; !x.program.bare {
			e.dec.Actions = append(e.dec.Actions, decision.Completion{Action: x.program.of,
				Done: x.done, Counted: x.counted})
		}
	}
	e.settle()
}

// lacks reports whether a record has a value that an event is without.
func (j *judgedEvent) lacks(t *eventType, r *record.Record) bool {
	return slices.ContainsFunc(t.rec.Fields, func(f *policy.Field) bool { return j.needs(f, r) })
}

func (j *judgedEvent) needs(f *policy.Field, r *record.Record) bool {
	return f.System == policy.NotSystem && f.Compute == nil && r.Slots.Has(f.Index) &&
		!j.values.Has(f.Index)
}

// takeLate takes the values that an event lacked and computes what follows from them.
func (e *Engine) takeLate(j *judgedEvent, t *eventType, r *record.Record) {
	for i, f := range t.rec.Fields {
		if j.needs(f, r) {
			t.layout.Put(&j.values, i, owned(t.layout.Value(&r.Slots, i)))
		}
	}
	e.stand(j)
	for i := range t.computed {
		if !j.values.Has(t.computed[i].field) {
			t.computed[i].put(&e.env, &j.values)
		}
	}
}

// lookDone looks again at what waits. At the end of the wait what is not done stays so.
func (e *Engine) lookDone(j *judgedEvent, over bool) {
	e.stand(j)
	for i := range j.acts {
		x := &j.acts[i]
		if x.until == 0 || over && x.until > e.env.Now {
			continue
		}
		e.stand(j)
		x.done, _ = x.program.done.run(&e.env)
		if x.done == value.True {
			v := verdict{done: value.True, counted: value.True}
			rec := record.Record{Type: j.typ.rec, ID: j.id, At: j.at, Layout: j.typ.layout}
			e.judged.reset()
			e.prove(j.typ, x.program, &rec, &v) // a refusal comes too late: the line is open
			if len(e.judged.acts) > 0 {
				x.lines = e.judged.acts[0].lines
			}
			x.lines = append(x.lines, e.lateRefusals()...)
		}
		if x.done == value.True || over {
			x.until = 0
			e.timers.stop(x.timer)
		}
	}
	if !slices.ContainsFunc(j.acts, func(x judgedAction) bool { return x.until > 0 }) {
		delete(e.judged.due, j.number)
	}
	e.rejudge(j)
}

// lateRefusals are the findings of lines that would have refused the record, had they been looked
// at when it came.
func (e *Engine) lateRefusals() (out []string) {
	for i := range e.dec.Findings {
		f := &e.dec.Findings[i]
		if f.Verdict != decision.Said(policy.Reject) {
			continue
		}
		f.Verdict = decision.Said(policy.Review)
		for k := range e.kept.found {
			c := &e.kept.found[k]
			for v := range c.values {
				if c.values[v].field == "verdict" && c.values[v].v.S == "reject" {
					c.values[v].v = textOf("review")
					out = append(out, c.id)
				}
			}
		}
	}
	return out
}

// retractJudged takes an event back that is kept here: what its verdicts moved goes, and so do its
// open findings. Rows that it has here are left out by takeOut.
func (e *Engine) retractJudged(name string) *judgedEvent {
	j := e.judged.byID[name]
	if j == nil {
		return nil
	}
	e.takeOut(j.rows, nil)
	for i := range j.acts {
		x := &j.acts[i]
		e.moveCompletion(j, x, false, false)
		if x.timer != nil {
			e.timers.stop(x.timer)
		}
		for _, id := range x.lines {
			if h, ok := e.kept.finding.table.find(id); ok && !e.absorbing &&
				e.kept.finding.table.lives[h] == alive {
				e.unwrite(e.kept.finding, h)
			}
		}
	}
	delete(e.judged.due, j.number)
	delete(e.judged.byID, name)
	e.judged.list = slices.DeleteFunc(e.judged.list, func(x *judgedEvent) bool { return x == j })
	return j
}

func fieldIndex(r *policy.Record, name string) int {
	return slices.IndexFunc(r.Fields, func(f *policy.Field) bool { return f.Name == name })
}
