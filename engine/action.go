package engine

import (
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/record"
)

// actionProgram is one action as the engine judges it (reference, section 6).
type actionProgram struct {
	of       *policy.Action
	node     *node // that its feedback is made by
	done     *program
	lines    []*lineProgram
	by       eval.Int // nil: nobody's
	about    eval.Int
	streams  []*stream // of its completions
	feedback []*effect
	on, bare bool // bare: mode shadow, it is judged and nothing comes of it
}

// lineProgram is one proof line.
type lineProgram struct {
	of    *policy.ProofLine
	p     *program
	rule  string
	names []string // of the values it reads, as the policy calls them
	reads []leaf
	text  []leaf
}

// verdict is what an event completes of one action.
type verdict struct {
	done    value.Tri
	counted value.Tri // done and no line is open; unknown while `done` waits
	may     bool      // it counts, or may yet
}

// planActions compiles the actions and files them under their events.
func (e *Engine) planActions() {
	e.actions = make([]*actionProgram, len(e.policy.Actions))
	for _, a := range e.policy.Actions {
		p := &actionProgram{of: a, on: a.Mode != policy.Off, bare: a.Mode == policy.Shadow}
		p.node = &node{kind: eventRule, index: -1, head: &a.Head, record: a.On, on: p.on, shadow: p.bare}
		e.comp.Rule = a.Full
		p.done = e.program(e.watches.of(&a.Head, a.Done))
		for _, l := range a.Proof {
			p.lines = append(p.lines, e.lineProgram(a, l))
		}
		if a.By != nil {
			p.by = e.comp.Int(a.By)
		}
		if a.About != nil {
			p.about = e.comp.Int(a.About)
		}
		for _, s := range e.streams.list {
			if s.action == a {
				p.streams = append(p.streams, s)
			}
		}
		if p.by != nil {
			p.node.by, p.node.people = p.by, e.tables[a.Person().Index]
		}
		p.feedback = e.effects(p.node, a.Feedback)
		e.actions[a.Index] = p
		t := e.events[a.On.Index]
		t.actions = append(t.actions, p)
		t.judged = t.judged || len(a.Proof) > 0 || a.DoneWithin != nil
	}
}

func (e *Engine) lineProgram(a *policy.Action, l *policy.ProofLine) *lineProgram {
	p := &lineProgram{of: l, rule: a.Full + ".proof." + l.Name,
		p: e.program(e.watches.of(&a.Head, l.X))}
	for _, part := range p.p.watch.Parts {
		for _, x := range part.Leaves {
			p.names, p.reads = append(p.names, nameOf(x)), append(p.reads, e.boxed(x))
		}
	}
	if l.Text != nil {
		p.text, _ = e.messageArgs(l.Text)
	}
	return p
}

// nameOf calls a value as the policy does.
func nameOf(x *policy.Expr) string {
	switch x.Op {
	case policy.OpField:
		if of := nameOf(x.Args[0]); of != "" {
			return of + "." + x.Field.Name
		}
		return x.Field.Name
	case policy.OpScore:
		return x.Score.Name
	case policy.OpTier:
		return x.Tier.Name
	case policy.OpAggregate:
		if x.Agg.Source == nil { // over a list
			return nameOf(x.Agg.List)
		}
		return x.Agg.Source.Name
	case policy.OpDone, policy.OpCompleted:
		return x.Action.Name
	case policy.OpNow:
		return "now"
	}
	return ""
}

// judge looks at what the event in hand completes: `done`, and where it is done the proof. It
// reports whether a line refuses the record.
func (e *Engine) judge(t *eventType, r *record.Record) (refused bool) {
	e.judged.reset()
	for _, a := range t.actions {
		v := &e.verdicts[a.of.Index]
		*v = verdict{done: value.Unknown, counted: value.Unknown}
		if !a.on {
			continue
		}
		var part int
		v.done, part = a.done.run(&e.env)
		a.node.count.saw(v.done)
		e.note(a.done, -1, v.done, part)
		switch {
		case v.done != value.True && a.of.DoneWithin != nil:
			until, _ := e.dueFrom(r.At, a.of.DoneWithin)
			e.judged.wait(a, until)
		case v.done == value.True:
			v.counted = value.True
			refused = e.prove(t, a, r, v) || refused
		default:
			v.counted = value.False
		}
		v.may = v.counted == value.True || e.judged.holds(a)
		if !a.bare && !refused {
			e.dec.Actions = append(e.dec.Actions, decision.Completion{Action: a.of, Done: v.done,
				Counted: v.counted})
		}
	}
	return refused
}

// prove looks at the proof lines of an action that is done.
func (e *Engine) prove(
	t *eventType, a *actionProgram, r *record.Record, v *verdict,
) (refused bool) {
	for _, l := range a.lines {
		truth, part := l.p.run(&e.env)
		e.note(l.p, -1, truth, part)
		if truth == value.True {
			continue
		}
		says := l.of.Else
		if truth == value.Unknown {
			says = l.of.Unknown
		}
		if says == policy.Reject && a.of.Mode == policy.Warn {
			says = policy.Review // a refusal becomes a finding
		}
		if a.bare {
			continue
		}
		if w := e.waivedBy(a, l, r); w != nil && says != policy.Remark {
			e.waived(l, w)
			continue
		}
		e.lineFinding(l, truth, says)
		switch says {
		case policy.Reject:
			refused = true
			v.counted = value.False
		case policy.Review:
			v.counted = value.False
			e.judged.open(a, l, e.findingID())
		}
		e.keepFinding(a, l, r, says)
	}
	return refused
}

// findingID names the row of the finding just made.
func (e *Engine) findingID() string {
	return strconv.FormatUint(e.seq+1, 10) + "/" + strconv.Itoa(len(e.dec.Findings))
}

// lineFinding says of a line that it does not hold, or what is missing to tell.
func (e *Engine) lineFinding(l *lineProgram, truth value.Tri, says policy.Verdict) {
	text, args, code := l.of.Text, l.text, source.ProofFails
	if truth == value.Unknown {
		// What is missing is missing: the text behind `else` would accuse.
		text, code = nil, source.ProofUnknown
	}
	missing := ""
	if truth == value.Unknown {
		if missing = strings.Join(e.missingIn(l), ", "); missing == "" {
			code = source.ProofUnclear
		}
	}
	if text != nil {
		code = source.ProofSays
	}
	e.findAt(code, l.rule, l.of.Span, missing)
	f := &e.dec.Findings[len(e.dec.Findings)-1]
	if f.Verdict = decision.Said(says); text == nil {
		return
	}
	f.Text = text
	for _, a := range args {
		f.Values = append(f.Values, a(&e.env))
	}
}

// missingIn names the values that a line reads and that are not there.
func (e *Engine) missingIn(l *lineProgram) (out []string) {
	for i, read := range l.reads {
		if l.names[i] != "" && !read(&e.env).Known() {
			out = append(out, l.names[i])
		}
	}
	return out
}

// refuse takes the record in hand out again: it counts nowhere and its id is free.
func (e *Engine) refuse() {
	e.dec.Outcome = decision.Rejected
	e.takeOut(e.dec.Row, nil)
	e.refreshRows()
	e.dec.Row = e.dec.Row[:0]
	e.dec.Actions = e.dec.Actions[:0]
	e.kept.found = e.kept.found[:0]
	e.agenda.reset()
}

// complete counts the event in hand as the completions that it is.
func (e *Engine) complete(t *eventType, r *record.Record, when stage) {
	for _, a := range t.actions {
		if e.verdicts[a.of.Index].counted != value.True || a.bare {
			continue
		}
		for _, s := range a.streams {
			if max(s.stage, onVerdict) == when {
				e.insertRow(s, r)
			}
		}
	}
}

// doneLeaf is verified(A) of the event in hand, or whether it may yet be.
func (e *Engine) doneLeaf(x *policy.Expr) eval.Int {
	v := &e.verdicts[x.Action.Index]
	if x.Fn == policy.MayCount {
		e.judged.asked = true
		return func(*eval.Env) (int64, bool) {
			if v.may {
				return 1, true
			}
			return 0, true
		}
	}
	return func(*eval.Env) (int64, bool) { return int64(v.counted >> 1), v.counted != value.Unknown }
}

// feedback tells who submitted what the action shows and suggests.
func (e *Engine) feedback(t *eventType) {
	for _, a := range t.actions {
		if len(a.feedback) > 0 && a.on && !e.absorbing && e.verdicts[a.of.Index].done == value.True {
			a.node.count.Fired++
			e.act(a.node, -1, a.feedback)
		}
	}
}

// keepFinding leaves a finding to become a row.
func (e *Engine) keepFinding(
	a *actionProgram, l *lineProgram, r *record.Record, says policy.Verdict,
) {
	if e.absorbing {
		return // the engine replaced hands its rows over
	}
	f := change{kind: e.kept.finding, handle: -1, id: e.findingID(), values: append(e.kept.room(),
		named{"rule", textOf(l.rule)}, named{"record", textOf(a.of.On.Full + "/" + r.ID)},
		named{"verdict", textOf(decision.Said(says).String())},
		named{"strength", textOf([...]string{"weak", "strong"}[l.of.Strength])},
		named{"at", timeOf(r.At)})}
	if a.by != nil {
		if h, ok := a.by(&e.env); ok {
			who := e.tables[a.of.Person().Index].ref(int32(h)).String()
			f.values = append(f.values, named{"person", textOf(who)})
		}
	}
	if l.of.Within != nil && says == policy.Review {
		if due, ok := e.dueFrom(e.now, l.of.Within); ok {
			f.values = append(f.values, named{"due", timeOf(due)})
		}
	}
	e.kept.found = append(e.kept.found, f)
}
