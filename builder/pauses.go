package builder

import (
	"strings"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/ask"
)

// pausesPage is who gets nothing for a time, as far as whoever asks sees them.
func (v *Visit) pausesPage(wrong string) (*view.PausePage, error) {
	p := &view.PausePage{Wrong: wrong, MayAway: v.May(access.Submit) && (v.seesAll() || v.Sees().Team),
		MayPause: v.May(access.Submit) && v.seesAll()}
	err := v.Ask().Look(func(e *engine.Engine, x *ask.Sight) {
		now := time.UnixMicro(e.Now()).In(e.Zone())
		p.From = now.Format(time.DateOnly)
		pol := e.Policy()
		if len(pol.Allocations) == 0 {
			return
		}
		of := pol.Allocations[0].To
		for _, o := range (&seen{v, e, x}).choices(of) {
			if of.Full+"/"+o[0] != v.asPerson() {
				p.People = append(p.People, o)
			}
		}
		for _, l := range e.Leaves(e.Now()) {
			id := strings.TrimPrefix(l.Who, of.Full+"/")
			if !x.Sees(of, id) {
				continue
			}
			a := view.AwayRow{ID: l.ID, Name: v.nameOf(e, of, id)}
			a.Text = v.Sayf(words.PauseOn, a.Name, stamp(l.Until, e.Zone()))
			if l.From > e.Now() {
				a.More = v.Sayf(words.PauseFrom, stamp(l.From, e.Zone()))
			}
			p.Away = append(p.Away, a)
		}
		for _, a := range pol.Allocations {
			r := view.PausedRule{Full: a.Full, Name: say.In(v.Lang).Name(&a.Head)}
			if is, yes := e.Paused(a, e.Now()); yes {
				until := v.Say(words.PauseOpen)
				if is.Until != 0 {
					until = stamp(is.Until, e.Zone())
				}
				r.Now = v.Sayf(words.PauseRuleOn, until, is.Why)
			}
			p.Rules = append(p.Rules, r)
		}
	})
	return p, err
}

// doAllocation lets somebody, or all that an allocation gives out, rest for a time.
func doAllocation(v *Visit) (view.Component, error) {
	now, zone, err := v.now()
	if err != nil {
		return nil, err
	}
	record := map[string]any{"id": newID(), "by": v.me()}
	until := ""
	if day, err := time.ParseInLocation(time.DateOnly, v.R.FormValue("until"), zone); err == nil {
		until = day.AddDate(0, 0, 1).Format(time.RFC3339) // that day included
	}
	switch do := v.R.FormValue("do"); do {
	case "away", "pause":
		if until == "" {
			return v.allocationPage(v.Say(words.PauseWhen))
		}
		record["until"] = until
		if record["type"] = "Pause"; do == "pause" {
			record["rule"], record["why"] = v.R.FormValue("rule"), v.R.FormValue("why")
			break
		}
		delete(record, "by")
		record["type"], record["from"] = "Away", now.Format(time.RFC3339)
		record["who"] = v.R.FormValue("who")
		if deputy := v.R.FormValue("deputy"); deputy != "" && deputy != v.R.FormValue("who") {
			record["deputy"] = deputy
		}
	case "back":
		record = map[string]any{"type": "Away", "id": v.R.FormValue("away"), "retracted": true,
			"by": v.me()}
	case "resume":
		record["type"], record["rule"] = "Resume", v.R.FormValue("rule")
		delete(record, "by")
	default:
		return v.allocationPage("")
	}
	told, err := v.Ask().Submit(record)
	if err != nil {
		return v.allocationPage(v.said(err))
	}
	if !taken(&told[0]) {
		return v.allocationPage(v.refusal(&told[0]))
	}
	return nil, nil
}
