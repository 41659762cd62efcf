package engine

import (
	"math"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
)

// effect is one effect of a declaration, ready to be made.
type effect struct {
	of     *policy.Effect
	index  int32 // among the node's effects, for `at most`
	when   *program
	args   []leaf
	who    func(*eval.Env) value.Value // a reference or a list of them
	people *table                      // what who refers to
	with   func(*eval.Env) value.Value
	value  func(*eval.Env) value.Value
	target eval.Int // set: the record written; nil: Self
	digest bool     // its text reads {names} or {count}

	// Of a task.
	node   *node                         // that it is of
	name   string                        // which finds it again in another policy
	met    *met                          // nil: it is done by hand
	others []func(*eval.Env) value.Value // whom `else` hands it to
}

// effects compiles a list of effects of a node.
func (e *Engine) effects(n *node, list []*policy.Effect) []*effect {
	var out []*effect
	for _, p := range list {
		x := &effect{of: p, index: n.effects}
		n.effects++
		if p.When != nil {
			x.when = e.program(e.watches.of(n.head, p.When))
		}
		if p.Text != nil {
			x.args, x.digest = e.messageArgs(p.Text)
		}
		if p.Who != nil {
			x.who, x.people = e.comp.Value(p.Who), e.peopleOf(p.Who)
		}
		if p.With != nil {
			x.with = e.comp.Value(p.With)
		}
		if p.Value != nil {
			x.value = e.comp.Value(p.Value)
		}
		if p.Target != nil && p.Target.Op != policy.OpSelf {
			x.target = e.comp.Int(p.Target)
		}
		if p.Kind == policy.Task {
			e.planTask(n, x)
		}
		out = append(out, x)
	}
	return out
}

// messageArgs compiles the expressions of a message, of both languages one after the other.
func (e *Engine) messageArgs(m *policy.Message) (args []leaf, digest bool) {
	for _, parts := range [][]policy.Part{m.Parts, m.Other} {
		for _, p := range parts {
			if p.X == nil {
				continue
			}
			if p.X.Op == policy.OpCall && (p.X.Fn == "names" || p.X.Fn == "count") && len(p.X.Args) == 0 {
				digest = true
				args = append(args, e.digestLeaf(p.X))
				continue
			}
			args = append(args, e.boxed(p.X))
		}
	}
	return args, digest
}

func (e *Engine) peopleOf(x *policy.Expr) *table {
	t := x.Type
	if t.Kind == value.List {
		t = *t.Elem
	}
	if t.Record == nil {
		return nil
	}
	return e.tables[t.Record.Index]
}

// act makes a declaration's effects for a subject; -1 is the event in hand.
func (e *Engine) act(n *node, h int32, list []*effect) {
	if h < 0 {
		e.env.Self, e.env.SelfRef = e.inHand, -1
	} else {
		e.subject(n.table, h)
	}
	for _, x := range list {
		if x.when != nil {
			verdict, part := x.when.run(&e.env)
			e.note(x.when, e.about(n, h), verdict, part)
			if verdict != value.True {
				continue
			}
		}
		if l := x.of.AtMost; l != nil && !l.Open && !e.allowed(n, h, x) {
			continue
		}
		e.make(n, h, x)
	}
}

func (e *Engine) about(n *node, h int32) int32 {
	if h < 0 {
		return -1
	}
	return e.subjectIndex(n.table, h)
}

// allowed counts an effect with `at most N per D` and says whether there is room for one more.
func (e *Engine) allowed(n *node, h int32, x *effect) bool {
	if h < 0 {
		h = 0 // a rule on events counts for all of them
	}
	st := n.state(h)
	i := slices.IndexFunc(st.sent, func(s sent) bool { return s.effect == x.index })
	if i < 0 {
		st.sent = append(st.sent, sent{effect: x.index})
		i = len(st.sent) - 1
	}
	s := &st.sent[i]
	s.moments = slices.DeleteFunc(s.moments, func(m int64) bool { return m <= e.now-x.of.AtMost.Per })
	if len(s.moments) >= x.of.AtMost.N {
		return false
	}
	s.moments = append(s.moments, e.now)
	return true
}

// make writes one effect into the decision.
func (e *Engine) make(n *node, h int32, x *effect) {
	var to, instead []decision.Ref
	if x.of.Kind == policy.Task {
		some := e.wanted(x)
		if some {
			to, instead, some = e.takers(x)
		}
		if !some {
			return
		}
	}
	d := e.addEffect()
	d.Kind, d.Rule, d.Effect, d.Span = decision.EffectKind(x.of.Kind), n.head.Full, x.of, x.of.Span
	d.Subject, d.Shadow = e.dec.Record, n.shadow
	if h >= 0 {
		d.Subject = n.table.ref(h)
	}
	for _, a := range x.args {
		d.Args = append(d.Args, a(&e.env))
	}
	if x.digest {
		d.Count, d.Names = len(e.names), append(d.Names, e.names...)
	}
	switch {
	case x.of.Kind == policy.Task:
		e.give(x, d, to, instead)
	case x.who != nil:
		e.recipients(n, x, d)
	case x.of.Kind == policy.Suggest && n.by != nil:
		if w, ok := n.by(&e.env); ok {
			e.kept.tasks.given = append(e.kept.tasks.given, given{effect: len(e.dec.Effects) - 1,
				whose: n.people.ref(int32(w))})
		}
	}
	if x.with != nil {
		d.With = e.refs(x.of.With, x.with(&e.env), d.With)
	}
	switch x.of.Kind {
	case policy.Set, policy.Assign:
		e.set(n, h, x, d)
	case policy.Pool:
		e.poolBy(n, h, x, d)
	}
}

// recipients resolves `for WHO`; a missing one stands with "for": null and a finding.
func (e *Engine) recipients(n *node, x *effect, d *decision.Effect) {
	d.For = e.refs(x.of.Who, x.who(&e.env), d.For)
	if len(d.For) > 0 {
		return
	}
	d.For = append(d.For, decision.Ref{})
	e.findAt(source.EffectNobody, n.head.Full, x.of.Span)
}

// findAt appends a finding that a rule speaks.
func (e *Engine) findAt(c source.Code, rule string, at source.Span, args ...string) {
	e.find(c, append([]string{rule}, args...)...)
	f := &e.dec.Findings[len(e.dec.Findings)-1]
	f.Rule, f.Span = rule, at
}

// refs turns a reference, a list of references or a list of event ids into names of records.
func (e *Engine) refs(x *policy.Expr, v value.Value, into []decision.Ref) []decision.Ref {
	switch v.Kind {
	case value.Ref:
		return append(into, e.tables[x.Type.Record.Index].ref(int32(v.N)))
	case value.List:
		elem := x.Type.Elem
		for _, it := range v.X.([]value.Value) {
			switch {
			case it.Kind == value.Text:
				into = append(into, decision.Ref{Type: elem.Record, ID: it.S})
			case it.Kind == value.Ref:
				into = append(into, e.tables[elem.Record.Index].ref(int32(it.N)))
			}
		}
	}
	return into
}

// due is the moment a task falls due, counted from now; 0 where it lies beyond all calendars.
func (e *Engine) due(d *policy.Due) int64 {
	at, _ := e.dueFrom(e.now, d)
	return at
}

// dueFrom is the moment that a span of time leads to, working or not.
func (e *Engine) dueFrom(from int64, d *policy.Due) (at int64, ok bool) {
	if !d.Work {
		return from + d.Micro, true
	}
	c := e.cals.For(d.Calendar)
	if d.Days != 0 {
		return c.AddWorkdays(from, d.Days, e.zone)
	}
	return c.AddWorkTime(from, d.Micro, e.zone)
}

// set writes the effect's target and value, and wants a step that applies it.
func (e *Engine) set(n *node, h int32, x *effect, d *decision.Effect) {
	to := h
	if x.target != nil {
		w, ok := x.target(&e.env)
		if !ok {
			e.findAt(source.SetNobody, n.head.Full, x.of.Span)
			return
		}
		to = int32(w)
	}
	rec := x.of.Field.Of
	d.Target = e.tables[rec.Index].ref(to)
	v := value.Value{}
	if x.of.Kind == policy.Assign {
		v = e.withID(x.of.Field, x.who(&e.env))
	} else {
		v = e.withID(x.of.Field, owned(x.value(&e.env)))
		d.Value = v
	}
	if n.shadow {
		return
	}
	e.steps = append(e.steps, Entry{Kind: decision.Step, Moment: e.now, Depth: e.dec.Depth + 1,
		Step: &StepChange{Type: rec, ID: d.Target.ID, Field: x.of.Field, Value: v,
			Rule: n.head.Full, handle: to, chain: append(slices.Clone(e.chain), n.head.Full)}})
}

// withID gives a reference its id: a handle means nothing in the log.
func (e *Engine) withID(f *policy.Field, v value.Value) value.Value {
	if v.Kind == value.Ref {
		v.S = e.tables[f.Type.Record.Index].meta[v.N].id
	}
	return v
}

// poolBy puts a record into the pool because a rule says so: of every allocation that gives it out.
func (e *Engine) poolBy(n *node, h int32, x *effect, d *decision.Effect) {
	d.Target = n.table.ref(h)
	if n.shadow {
		return
	}
	until := int64(math.MaxInt64)
	if x.of.For != nil {
		if at, ok := e.dueFrom(e.now, x.of.For); ok {
			until = at
		}
	}
	for _, a := range e.kinds[n.table.rec.Index].allocations {
		if c := a.about(h); c.phase == offered {
			e.rowEnds(a, h, "lapsed")
		}
		e.intoPool(a, h, until)
	}
}
