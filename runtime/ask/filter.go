package ask

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// Filter takes out of a decision what is not seen; false: nothing is left. Line is the record as it
// came, where it was one. The decision must be the caller's own, and of is the same view of the
// policy that made it.
//
// Of a record that is not seen its findings, scores and actions go. An effect for somebody is seen
// by whoever sees one of them, any other by whoever sees what it is about. What remains loses
// the values that come from hidden fields.
func (s *Sight) Filter(d *decision.Decision, line []byte, of *Lens) bool {
	if s.view.Whole() {
		return true
	}
	if !s.view.All && !s.rows(d, s.seesSubject(d, line)) {
		return false
	}
	of.mask(d)
	return true
}

// Mine is Filter for a record that whoever looks has brought themselves.
func (s *Sight) Mine(d *decision.Decision, of *Lens) {
	if !s.view.All {
		s.rows(d, true)
	}
	of.mask(d)
}

// seesSubject says of a decision's own record whether it is seen.
func (s *Sight) seesSubject(d *decision.Decision, line []byte) bool {
	switch {
	case d.Record.Type == nil:
		return false
	case d.Record.Type.Kind == policy.Event:
		return line != nil && s.SeesEvent(line)
	}
	return s.Sees(d.Record.Type, d.Record.ID)
}

// rows takes out what is about others; false: nothing is left.
func (s *Sight) rows(d *decision.Decision, own bool) bool {
	d.Effects = slices.DeleteFunc(d.Effects, func(x decision.Effect) bool {
		return !s.seesEffect(&x, d.Record, own)
	})
	for i := range d.Effects {
		x := &d.Effects[i]
		see := func(r decision.Ref) bool { return r == d.Record && own || s.Sees(r.Type, r.ID) }
		x.For = slices.DeleteFunc(x.For, func(r decision.Ref) bool { return !see(r) })
		x.With = slices.DeleteFunc(x.With, func(r decision.Ref) bool {
			// Its records may be events, which are not found by id: they are the recipient's to see.
			return r.Type == nil || r.Type.Kind == policy.Entity && !see(r)
		})
		if x.Subject != d.Record && !see(x.Subject) {
			x.Subject = decision.Ref{}
		}
	}
	s.receipts(d, own)
	for i := range d.Accounts {
		s.account(&d.Accounts[i])
	}
	if own {
		return true
	}
	d.Record, d.Outcome, d.Cause = decision.Ref{}, decision.NoOutcome, 0
	d.Findings, d.Scores, d.Actions, d.Stay = nil, nil, nil, nil
	return len(d.Effects) > 0 || d.Kind == decision.Activate
}

func (s *Sight) seesEffect(x *decision.Effect, record decision.Ref, own bool) bool {
	if len(x.For) > 0 && x.For[0] != (decision.Ref{}) {
		return slices.ContainsFunc(x.For, func(r decision.Ref) bool { return s.Sees(r.Type, r.ID) })
	}
	about := x.Target
	if about == (decision.Ref{}) {
		about = x.Subject
	}
	return about == record && own || s.Sees(about.Type, about.ID)
}

// receipts takes out what conditions saw of others, and of a person above.
func (s *Sight) receipts(d *decision.Decision, own bool) {
	d.Receipts = slices.DeleteFunc(d.Receipts, func(r decision.Receipt) bool {
		if s.above(r.Watch) {
			return true
		}
		if r.Subject < 0 || int(r.Subject) >= len(d.Subjects) {
			return !own
		}
		x := d.Subjects[r.Subject]
		return !(x == d.Record && own) && !s.Sees(x.Type, x.ID)
	})
}

// above reports whether a condition reads fields of a person to whom another refers: such as a
// manager's own figures.
func (s *Sight) above(w *decision.Watch) (yes bool) {
	if s.view.All {
		return false
	}
	kind.Visit(w.X, func(x *policy.Expr) bool {
		if x.Field != nil && x.Field.Of != nil && x.Field.Of.Full == s.personType() &&
			len(x.Args) > 0 {
			base := x.Args[0]
			yes = yes || base.Field != nil && base.Field.Of != nil &&
				base.Field.Of.Full == s.personType()
		}
		return !yes
	})
	return yes
}

func (s *Sight) personType() string {
	if s.person == nil {
		return ""
	}
	return s.person.Full
}

// account takes the candidates out of an allocation who are not seen.
func (s *Sight) account(a *decision.Account) {
	terms := len(a.Rule.Weigh)
	winner, next := "", ""
	if a.Winner >= 0 {
		winner = a.IDs[a.Winner]
	}
	if a.Next >= 0 {
		next = a.IDs[a.Next]
	}
	old := *a
	a.IDs, a.Out, a.Part, a.Terms, a.Keys, a.Last = nil, nil, nil, nil, nil, nil
	for i, id := range old.IDs {
		if !s.Sees(a.Rule.To, id) {
			a.Apart++
			continue
		}
		a.IDs = append(a.IDs, id)
		a.Out, a.Part = append(a.Out, old.Out[i]), append(a.Part, old.Part[i])
		a.Keys, a.Last = append(a.Keys, old.Keys[i]), append(a.Last, old.Last[i])
		a.Terms = append(a.Terms, old.Terms[i*terms:(i+1)*terms]...)
	}
	a.Winner, a.Next = a.Find(winner), a.Find(next)
}

// mask takes out the values that come from hidden fields: texts show that there is one, and what
// would say its size is left out.
func (l *Lens) mask(d *decision.Decision) {
	if len(l.hidden) == 0 {
		return
	}
	for i := range d.Findings {
		f := &d.Findings[i]
		if f.Field != nil && l.hidden[f.Field] {
			f.Args = slices.Repeat([]string{value.MissingText}, len(f.Args))
		}
		f.Values = l.args(f.Text, f.Values)
	}
	for i := range d.Effects {
		x := &d.Effects[i]
		if x.Effect == nil {
			continue
		}
		x.Args = l.args(x.Effect.Text, x.Args)
		if x.Effect.Field != nil && l.hidden[x.Effect.Field] ||
			x.Effect.Value != nil && l.reads(x.Effect.Value) {
			x.Value = value.Value{}
		}
		if slices.ContainsFunc(x.For, func(r decision.Ref) bool { return l.nameless[r.Type] }) ||
			l.nameless[x.Subject.Type] {
			x.Names = slices.Repeat([]value.Value{{}}, len(x.Names))
		}
	}
	d.Receipts = slices.DeleteFunc(d.Receipts, func(r decision.Receipt) bool {
		return r.Watch.X != nil && (l.reads(r.Watch.X) || l.shows(r.Watch))
	})
	for i := range d.Scores {
		if slices.ContainsFunc(d.Scores[i].Score.Terms, l.readsTerm) {
			d.Scores[i].Terms = nil
		}
	}
	d.Accounts = slices.DeleteFunc(d.Accounts, func(a decision.Account) bool {
		return slices.ContainsFunc(a.Rule.Weigh, l.readsTerm) || l.reads(a.Rule.Limit) ||
			l.reads(a.Rule.Where)
	})
}

func (l *Lens) readsTerm(t policy.Term) bool { return l.reads(t.X) }

// shows reports whether a condition's values would be shown by names that are hidden.
func (l *Lens) shows(w *decision.Watch) (yes bool) {
	for _, part := range w.Parts {
		for _, leaf := range part.Leaves {
			yes = yes || l.names(leaf)
		}
	}
	return yes
}

// args takes the values of hidden fields out of those of a text's expressions.
func (l *Lens) args(m *policy.Message, args []value.Value) []value.Value {
	if m == nil {
		return args
	}
	n := 0
	for _, parts := range [][]policy.Part{m.Parts, m.Other} {
		for _, p := range parts {
			if p.X == nil {
				continue
			}
			if n < len(args) && l.masked(p.X) {
				args[n] = value.Value{}
			}
			n++
		}
	}
	return args
}
