package trial

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// expectState checks `alert A of x` and `segment S of x`: what the engine says is open or a member,
// and takes the effect that made it so off. For `resolved`, `withdrawn`, `enter` and `leave` it is
// the effect itself that is expected.
func (r *run) expectState(s *policy.Step, x *policy.Expect) {
	word := x.Word
	kind, entered := decision.Alert, decision.Open
	if x.Kind == policy.ExpectSegment {
		kind, entered = decision.Segment, decision.Enter
	}
	asked := word == "" || word == entered.String() && kind == decision.Alert || word == "segment"
	wanted := word
	if asked {
		wanted = entered.String()
	}
	is := func(p pending) bool {
		return p.Kind == kind && isRule(p.Rule, x.Name) && p.State.String() == wanted &&
			(x.ID == "" || p.Subject.ID == x.ID)
	}
	if !asked {
		r.settle(s, x, is)
		return
	}
	so := r.inState(kind, x)
	if at := r.find(is); at >= 0 && !x.No {
		r.pending = slices.Delete(r.pending, at, at+1)
		return
	}
	if so == x.No {
		now := "leave"
		switch {
		case so:
			now = entered.String()
		case kind == decision.Alert:
			now = ""
		}
		r.fail(s.Span, r.say.state, r.words(s), r.say.states[now])
		r.addWhy(x)
	}
}

// isRule reports whether a rule is the one of that name, or a cell of it.
func isRule(rule, name string) bool {
	base, _ := decision.CellOf(rule)
	return rule == name || base == name
}

// inState asks the engine whether an alert is open on a subject, or the subject a member; without
// a subject, whether there is any.
func (r *run) inState(kind decision.EffectKind, x *policy.Expect) bool {
	ids := r.engine.OpenAlerts(x.Name)
	if kind == decision.Segment {
		ids = r.engine.Members(x.Name)
	}
	if x.ID == "" {
		return len(ids) > 0
	}
	return slices.Contains(ids, x.ID)
}

// addWhy says what the declarations that an expectation may mean see: the one it names, else those
// that have such an effect.
func (r *run) addWhy(x *policy.Expect) {
	switch {
	case x.No:
	case r.addAllotted(x):
	case x.Because != "":
		r.addSees(x.Because, x.ID)
	case subjectOf(r.policy, x.Name) != nil:
		r.addSees(x.Name, x.ID)
	default:
		kind := x.Word
		if kind == "flagged" {
			kind = decision.Flag.String()
		}
		r.addYielding(kind, x.ID)
	}
}

// addYielding says what the declarations see that could have had an effect of a kind. Where there
// is such an effect, only another than expected, it says enough.
func (r *run) addYielding(kind, id string) {
	for _, p := range r.pending {
		if p.step >= r.since && p.Kind.String() == kind {
			return
		}
	}
	for i, name := range r.yielding(kind) {
		if i < mostSeen {
			r.addSees(name, id)
		}
	}
}

// mostSeen is how many declarations a failure explains at most.
const mostSeen = 3

// yielding lists the declarations that have an effect of a kind and have looked since the test
// began.
func (r *run) yielding(kind string) []string {
	var names []string
	for _, w := range decision.Watches(r.policy) {
		name := w.Head.Full
		if r.looked[name] == nil || slices.Contains(names, name) {
			continue
		}
		for _, e := range decision.EffectsOf(r.policy, name) {
			if decision.EffectKind(e.Kind).String() == kind {
				names = append(names, name)
				break
			}
		}
	}
	return names
}

// addSees says what one declaration sees. Conditions on entities are asked anew, because most
// looks that change nothing leave no decision behind.
func (r *run) addSees(name, id string) {
	d := WhyNot(r.engine, name, id)
	if len(d.Receipts) == 0 {
		d = r.looked[name]
	}
	if d == nil {
		r.add(r.say.neverLooked, name)
		return
	}
	if text := r.why.Rule(d, name); text != "" {
		r.add(r.say.looked, name, text)
	}
}

// expectValue asks an expression of an entity.
func (r *run) expectValue(s *policy.Step, x *policy.Expect) {
	v, ok := r.ask(x, x.X)
	switch {
	case !ok:
		r.fail(s.Span, r.say.noSubject, r.words(s), decision.Ref{Type: x.Of, ID: x.ID})
	case !v.Known():
		r.fail(s.Span, r.say.valueMissing, r.words(s))
		r.addSides(x)
		r.addOwner(x)
	case v.Tri() != value.True && !x.No, v.Tri() == value.True && x.No:
		r.fail(s.Span, r.say.value, r.words(s))
		r.addSides(x)
		r.addOwner(x)
	}
}

// ask evaluates an expression at the test's clock, of an event as it was on arrival.
func (r *run) ask(x *policy.Expect, e *policy.Expr) (value.Value, bool) {
	of, id := x.Of, x.ID
	if of != nil && of.Kind == policy.Event {
		for _, f := range r.frozen[id] {
			if f.of == e {
				return f.value, f.known
			}
		}
		return value.Value{}, false
	}
	e = r.filled(e)
	if of == nil {
		return r.engine.Program(e).Whole(), true
	}
	return r.engine.Program(e).Ask(of, id)
}

// addSides says what the two sides of a comparison that does not hold are.
func (r *run) addSides(x *policy.Expect) {
	seen := map[string]bool{}
	for _, a := range x.X.Args {
		text := r.w.Source(a.Span)
		v, ok := r.ask(x, a)
		if !ok || a.Op == policy.OpConst || text == "" || seen[text] {
			continue
		}
		seen[text] = true
		r.add(r.say.sides, text, r.w.AppendValue(nil, a.Type, v))
	}
}
