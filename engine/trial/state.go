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
		return p.Kind == kind && p.Rule == x.Name && p.State.String() == wanted &&
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

// addWhy says what the declaration that an expectation names sees. Conditions on entities are
// asked anew, because most looks that change nothing leave no decision behind.
func (r *run) addWhy(x *policy.Expect) {
	name := x.Name
	if x.Because != "" {
		name = x.Because
	}
	if name == "" || x.No {
		return
	}
	d := WhyNot(r.engine, name, x.ID)
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
	if x.Of != nil && x.Of.Kind == policy.Event {
		r.fail(s.Span, r.say.notEntity, r.words(s), x.ID)
		return
	}
	v, ok := r.ask(x, x.X)
	switch {
	case !ok:
		r.fail(s.Span, r.say.noSubject, r.words(s), x.Of.Full+"/"+x.ID)
	case !v.Known():
		r.fail(s.Span, r.say.valueMissing, r.words(s))
		r.addSides(x)
	case v.Tri() != value.True && !x.No, v.Tri() == value.True && x.No:
		r.fail(s.Span, r.say.value, r.words(s))
		r.addSides(x)
	}
}

// ask evaluates an expression at the test's clock.
func (r *run) ask(x *policy.Expect, e *policy.Expr) (value.Value, bool) {
	of, id := x.Of, x.ID
	if of == nil { // an expression about nobody in particular is asked of the workspace
		of, id = r.workspace()
	}
	if of == nil {
		return value.Value{}, false
	}
	return r.engine.Program(e).Ask(of, id)
}

// workspace finds the built-in record that every record refers to.
func (r *run) workspace() (*policy.Record, string) {
	for _, rec := range r.policy.Records {
		if rec.Builtin && rec.Name == "Workspace" {
			if ids := r.engine.IDs(rec); len(ids) > 0 {
				return rec, ids[0]
			}
		}
	}
	return nil, ""
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
