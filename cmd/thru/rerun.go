package main

import (
	"bytes"
	"fmt"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/explain"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/runtime"
)

// rerun goes back to the input that led to a decision, with the engine as it was before it; nil:
// no record and no timer did.
func (x *why) rerun(seq uint64, a *decision.Account, p *policy.Policy) (*trial.Rerun, error) {
	r := &trial.Rerun{Policy: p, Of: a.Rule, ID: a.Record.ID}
	again := true
	for again {
		err := x.past().Entries(seq, seq, false, func(l *runtime.Logged) error {
			var d decision.Decision
			if err := l.Decode(&d); err != nil {
				return err
			}
			if again = d.Cause != 0; again {
				seq = d.Cause
				return nil
			}
			switch r.Moment = d.Moment; {
			case d.Kind == decision.Record && len(l.Payload) > 0: // else it was erased
				r.Line = bytes.Clone(l.Payload)
			case d.Kind != decision.Tick:
				r = nil
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if r == nil {
		return nil, nil
	}
	bar := x.app.meter(x.app.say("replaying", "重放"), 0)
	err := runtime.Before(x.log, seq, runtime.Config{Progress: bar.of}, func(e *engine.Engine) {
		r.State = e.AppendSnapshot(nil)
	})
	bar.done()
	return r, err
}

// moved decides again what allocations gave out in an entry, and says what each read of whom it
// gave to and of the runner-up, before and after. Where it comes out otherwise nothing can be told.
func (x *why) moved(d *decision.Decision, p *policy.Policy) (list []explain.MovedOf, err error) {
	if len(d.Accounts) == 0 {
		return nil, nil
	}
	r, err := x.rerun(d.Seq, &d.Accounts[0], p)
	if err != nil || r == nil {
		return nil, err
	}
	for i := range d.Accounts {
		a := &d.Accounts[i]
		r.Of, r.ID = a.Rule, a.Record.ID
		if a.Winner < 0 {
			continue
		}
		if got, err := r.Winner(); err != nil || !a.Claim && got != a.IDs[a.Winner] {
			return list, err
		}
		for _, who := range []int32{a.Winner, a.Next} {
			if who < 0 {
				continue
			}
			m := explain.MovedOf{Account: a, Who: a.IDs[who]}
			if m.Fields, err = r.Moved(m.Who); err != nil {
				return nil, err
			}
			if len(m.Fields) > 0 {
				list = append(list, m)
			}
		}
	}
	return list, nil
}

// changes decides again, as it was and with one fact about somebody changed, and says which change
// would have done; and what the allocation read of whom it gave to, before and after.
func (x *why) changes(
	r *trial.Rerun, a *decision.Account, page *explain.Explainer, who string,
) error {
	was := ""
	if a.Winner >= 0 {
		was = a.IDs[a.Winner]
	}
	got, err := r.Winner()
	switch {
	case err != nil:
		return err
	case got != was:
		_, err = fmt.Fprint(x.app.out, page.Otherwise())
		return err
	}
	if who != was {
		list, err := r.Changes(who)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprint(x.app.out, page.Changes(a, who, list, r.Tried()-1)); err != nil {
			return err
		}
	}
	for _, id := range []string{was, who} {
		if id == "" || id == who && who == was {
			continue
		}
		list, err := r.Moved(id)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			m := explain.MovedOf{Account: a, Who: id, Fields: list}
			if _, err := fmt.Fprint(x.app.out, page.Moved(&m)); err != nil {
				return err
			}
		}
	}
	return nil
}
