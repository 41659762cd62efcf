package main

import (
	"fmt"

	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/explain"
	"github.com/throughline/throughline/engine/trial"
)

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
