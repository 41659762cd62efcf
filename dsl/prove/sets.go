package prove

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// writer is one effect that sets a field, with what holds when it does.
type writer struct {
	head   *policy.Head
	of     *policy.Record
	when   []*policy.Expr // all of them true
	effect *policy.Effect
	event  bool // every record is looked at; else only one whose condition turns true
}

// writers are the effects of the workspace's own that set a field.
func (r *prover) writers() []writer {
	var out []writer
	add := func(h *policy.Head, of *policy.Record, list []*policy.Effect, when ...*policy.Expr) {
		if h.Mode == policy.Off || h.Mode == policy.Shadow || h.Span.IsZero() || !r.own(h.Span) {
			return
		}
		for _, e := range list {
			if e.Kind != policy.Set || e.Field == nil || e.Value == nil || e.Target == nil {
				continue
			}
			w := writer{head: h, of: of, effect: e, event: of.Kind == policy.Event}
			for _, x := range append(slices.Clone(when), e.When) {
				if x != nil {
					w.when = append(w.when, x)
				}
			}
			out = append(out, w)
		}
	}
	for _, u := range r.p.Rules {
		add(&u.Head, u.On, u.Do, u.When, u.Where)
	}
	for _, a := range r.p.Alerts {
		add(&a.Head, a.Of, a.Do, a.When, a.Needs)
	}
	for _, g := range r.p.Segments {
		if g.When != nil {
			add(&g.Head, g.Of, g.Enter, g.When)
		}
	}
	return out
}

func (w writer) goals() []goal {
	var out []goal
	for _, x := range w.when {
		out = append(out, is(x))
	}
	return out
}

// field is what a writer sets, as a policy names it.
func (w writer) field() string { return w.effect.Field.Of.Name + "." + w.effect.Field.Name }

// maxWriters bounds the pairs that are looked at of one field.
const maxWriters = 40

// sets tells of two declarations that set one field of one record differently.
func (r *prover) sets() {
	list := r.writers()
	byField := map[*policy.Field]int{}
	for i, a := range list {
		byField[a.effect.Field]++
		if byField[a.effect.Field] > maxWriters {
			continue
		}
		for _, b := range list[:i] {
			if a.effect.Field == b.effect.Field && a.of == b.of && a.head != b.head {
				r.left = stepsInAll
				if r.pair(b, a) {
					break // one is enough to say that a is not alone
				}
			}
		}
	}
	r.chains(list)
}

// pair looks at two writers of one field, a the one that comes first by name, and reports whether
// there is something to tell.
func (r *prover) pair(a, b writer) bool {
	if b.head.Full < a.head.Full {
		a, b = b, a
	}
	t := r.s.t
	if t.of(a.effect.Target, 0) != t.of(b.effect.Target, 0) {
		return false
	}
	m, ok := r.differ(a.effect.Value, b.effect.Value, append(a.goals(), b.goals()...))
	if !ok {
		return false
	}
	d := source.Diagnostic{Code: source.SetTwice, Span: b.effect.Span,
		Args: []string{a.head.Name, b.head.Name, a.field(), m.show()}}
	// Of one event both act on each record that meets them, in the order of their names.
	if a.event && r.implied(a, b) {
		d = source.Diagnostic{Code: source.SetInVain, Span: a.effect.Span,
			Args: []string{a.head.Name, b.head.Name, a.field()}}
		a, b = b, a
	}
	d.Related = []source.Related{{Span: a.effect.Span, Code: source.SetHere}}
	r.diags = append(r.diags, d)
	return true
}

// implied reports whether b acts wherever a does.
func (r *prover) implied(a, b writer) bool {
	for _, x := range b.when {
		if r.none(append(a.goals(), goal{x, isFalse | isUnknown})...) != proved {
			return false
		}
	}
	return true
}

// chainSteps is how long a chain of effects may be (reference, section 3).
const chainSteps = 16

// chains tells of declarations whose effects set one another off without end, with a record from
// which they do. Only a chain that goes on from a confirmed record is told: what the fields can be
// is then given, and whatever else the conditions read stays as it is.
func (r *prover) chains(list []writer) {
	var live []writer
	for _, w := range list {
		self := w.effect.Target.Op == policy.OpSelf
		if self && !w.event && w.of.Kind == policy.Entity && len(w.when) > 0 {
			live = append(live, w)
		}
	}
	told := map[*policy.Head]bool{}
	for _, w := range live {
		if told[w.head] || !r.readBack(w, live) {
			continue
		}
		r.left = stepsInAll
		m, v := r.one(w.goals()...)
		if v != refuted {
			continue
		}
		at := m.show()
		names, heads := r.follow(m, w, live)
		if names == nil {
			continue
		}
		for _, h := range heads {
			told[h] = true
		}
		d := r.tell(source.EndlessChain, w.effect.Span, strings.Join(names, " → "), at)
		for _, o := range live {
			if o.head != w.head && slices.Contains(heads, o.head) {
				d.Related = append(d.Related, source.Related{Span: o.effect.Span, Code: source.SetHere})
			}
		}
	}
}

// readBack reports whether any other writer of the same records reads what this one sets.
func (r *prover) readBack(w writer, live []writer) bool {
	field := r.target(w)
	for _, o := range live {
		if o.of != w.of || o.head == w.head {
			continue
		}
		for _, x := range o.when {
			if slices.Contains(r.s.leaves(r.s.t.of(x, 0), map[id]bool{}, nil), field) {
				return true
			}
		}
	}
	return false
}

// target is the term of the field that a writer sets.
func (r *prover) target(w writer) id {
	f := w.effect.Field
	return r.s.t.of(&policy.Expr{Op: policy.OpField, Field: f, Type: f.Type,
		Args: []*policy.Expr{w.effect.Target}}, 0)
}

// follow plays what happens from a record on which w acts: its effect is set, then every writer
// whose condition has turned true acts, and so on. It returns the names in turn where there is no
// end to it within the steps that are allowed.
func (r *prover) follow(m *model, w writer, live []writer) (names []string, heads []*policy.Head) {
	was := map[*policy.Head]bool{}
	for _, o := range live {
		was[o.head] = o.of == w.of && r.holds(m, o)
	}
	queue := []writer{w}
	for range chainSteps + 1 {
		if len(queue) == 0 {
			return nil, nil
		}
		next := queue[0]
		queue = queue[1:]
		if !r.assign(m, next) {
			return nil, nil
		}
		if !slices.Contains(heads, next.head) {
			heads = append(heads, next.head)
			names = append(names, next.head.Name)
		}
		for _, o := range live {
			if o.of != w.of {
				continue
			}
			if r.holds(m, o) && !was[o.head] {
				queue = append(queue, o)
			}
		}
		for _, o := range live {
			was[o.head] = o.of == w.of && r.holds(m, o)
		}
	}
	return append(names, names[0]), heads
}

func (r *prover) holds(m *model, w writer) bool {
	for _, x := range w.when {
		if v := m.walk(x, 0, map[id]bool{}); !v.Known() || v.N == 0 {
			return false
		}
	}
	return true
}

// assign sets a field of the model's record.
func (r *prover) assign(m *model, w writer) bool {
	n := r.target(w)
	v := m.walk(w.effect.Value, 0, map[id]bool{})
	if v.Kind == value.Ref && v.S == "" {
		v.S = r.s.t.textOf(v.N)
	}
	m.vals[n] = v
	return r.s.t.list[n].leaf
}
