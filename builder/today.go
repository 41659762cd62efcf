package builder

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/ask"
)

// todayScreen is what somebody does today: one list, the most pressing first.
func todayScreen() Screen {
	return Screen{Path: "today", Name: words.Today, Icon: "today", Group: words.Working,
		Needs: access.Read, Does: access.Submit,
		Roles: []access.Role{access.RoleRep, access.RoleManager}, Show: showToday, Do: doToday,
		Live: true}
}

// urgency orders what is to be done.
type urgency int

const (
	overdue urgency = iota
	dueToday
	offered
	behind
	later
	pooled
)

// item is one thing to do.
type item struct {
	view.TodayItem
	urgency urgency
	due     int64 // 0: never
}

// asPerson is who asks among the workspace's people, as Rep/li; "": nobody of them.
func (v *Visit) asPerson() string { s := v.Sees(); return s.As }

func showToday(v *Visit) (view.Component, error) { return v.todayPage("") }

func (v *Visit) todayPage(wrong string) (view.Component, error) {
	p := view.TodayPage{Wrong: wrong, MaySubmit: v.May(access.Submit), Nobody: v.asPerson() == "",
		Ways: view.To(v.In("alerts"), v.Say(words.Alerts))}
	now, zone, err := v.now()
	if err != nil {
		return nil, err
	}
	items, err := v.taskItems(now, zone)
	if err != nil {
		return nil, err
	}
	more, err := v.poolItems(now, zone)
	if err != nil {
		return nil, err
	}
	items = append(items, more...)
	if !p.Nobody {
		quotas, err := v.quotaItems()
		if err != nil {
			return nil, err
		}
		items = append(items, quotas...)
	}
	slices.SortStableFunc(items, func(x, y item) int {
		return cmp.Or(cmp.Compare(x.urgency, y.urgency), cmp.Compare(x.due, y.due))
	})
	for i := range items {
		p.Items = append(p.Items, items[i].TodayItem)
	}
	if seq, err := strconv.ParseUint(v.R.FormValue("done"), 10, 64); err == nil {
		if p.Done, err = v.feedback(seq); err != nil {
			return nil, err
		}
	}
	return view.Today(&v.Viewer, p), nil
}

// now is the workspace's clock.
func (v *Visit) now() (now time.Time, zone *time.Location, err error) {
	err = v.Ask().Look(func(e *engine.Engine, _ *ask.Sight) {
		zone = e.Zone()
		now = time.UnixMicro(e.Now()).In(zone)
	})
	return now, zone, err
}

// taskItems are the open tasks.
func (v *Visit) taskItems(now time.Time, zone *time.Location) (out []item, err error) {
	tasks, err := v.Ask().Tasks(v.asPerson(), false)
	if err != nil {
		return nil, err
	}
	pol, err := v.Policy()
	if err != nil {
		return nil, err
	}
	for i := range tasks.Tasks {
		t := &tasks.Tasks[i]
		x := item{urgency: later, TodayItem: view.TodayItem{Text: t.Text, Task: t.Task,
			Why: v.Sayf(words.TodayRule, v.ruleName(pol, t.Rule)), Href: v.recordLink(t.About)}}
		if v.asPerson() == "" && t.For != "" {
			x.Why += " · " + v.called(t.For)
		}
		if t.Due != nil {
			x.due = t.Due.UnixMicro()
			switch left := t.Due.Sub(now); {
			case left < 0:
				x.urgency, x.Left, x.Tone = overdue, v.Say(words.TodayOver), view.Bad
			case t.Due.In(zone).Format(time.DateOnly) == now.Format(time.DateOnly):
				x.urgency, x.Left, x.Tone = dueToday, v.left(left), view.Warn
			default:
				x.Left, x.Tone = v.left(left), view.Plain
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// ruleName is what people call the rule of a task.
func (v *Visit) ruleName(p *policy.Policy, full string) string {
	if d, ok := kind.Find(p, full); ok {
		return say.In(v.Lang).Name(d.Head)
	}
	for _, a := range p.Alerts {
		if a.Name == full {
			return say.In(v.Lang).Name(&a.Head)
		}
	}
	for _, j := range p.Journeys {
		if strings.HasPrefix(full, j.Full+".") {
			return say.In(v.Lang).Name(&j.Head)
		}
	}
	return full
}

// left is how much time is left, as people say it.
func (v *Visit) left(d time.Duration) string {
	if d < 2*time.Hour {
		return v.Sayf(words.TodayLeft, v.Sayf(words.TodayMinutes, int(d.Minutes())))
	}
	return v.Sayf(words.TodayLeft, v.lasts(d))
}

// poolItems are what is offered to whoever asks, and what they may claim.
func (v *Visit) poolItems(now time.Time, zone *time.Location) (out []item, err error) {
	pool, err := v.Ask().Pool()
	if err != nil {
		return nil, err
	}
	names, may := map[string]string{}, map[string]bool{}
	err = v.Ask().Look(func(e *engine.Engine, _ *ask.Sight) {
		for _, h := range pool.Records {
			may[h.Record] = e.MayClaim(h.Record, v.me())
			typ, id, _ := strings.Cut(h.Record, "/")
			if of, err := ask.Type(e.Policy(), typ); err == nil {
				names[h.Record] = v.nameOf(e, of, id)
			}
		}
	})
	for _, h := range pool.Records {
		x := item{urgency: pooled, TodayItem: view.TodayItem{Text: names[h.Record],
			Href: v.recordLink(h.Record), Record: h.Record, Why: v.Say(words.TodayPool), Claim: true}}
		switch {
		case h.To != "" && h.To == v.asPerson():
			x.urgency, x.Why, x.Claim, x.Accept = offered, v.Say(words.TodayOffered), false, true
		case h.Phase == "offered" || v.asPerson() == "" || !may[h.Record]:
			continue
		}
		if h.Until != nil {
			x.due, x.Tone = h.Until.UnixMicro(), view.Plain
			x.Left = v.left(h.Until.Sub(now))
		}
		out = append(out, x)
	}
	return out, err
}

// quotaItems are the actions whose week is not done yet.
func (v *Visit) quotaItems() (out []item, err error) {
	h, err := heatmapOf(v, 0, false)
	if errors.Is(err, errWorking) {
		return nil, nil // the rest of the day does not wait for it, and it comes by itself
	}
	if err != nil {
		return nil, err
	}
	sp := say.In(v.Lang)
	for i := range h.tables {
		for _, r := range h.rows[i] {
			if h.tables[i].Of.Full+"/"+r.ID != v.asPerson() || idle(&r) {
				continue
			}
			for j, c := range r.Cells {
				a := h.tables[i].Columns[j].Action
				want := c.Due
				if a.Target != nil && a.Target.Per == policy.Weekly {
					want = max(want, float64(a.Target.N))
				}
				x := item{urgency: behind, TodayItem: view.TodayItem{Text: sp.Name(&a.Head),
					Share: min(float64(c.Counted)/max(want, 1), 1), Quota: true,
					Why:  v.Sayf(words.TodayBehind, number(float64(c.Counted)), number(want)),
					Href: v.In("health/" + v.asPerson() + "/" + a.Full), HandIn: v.In("hand-in/" + a.Full)}}
				if float64(c.Counted) >= want {
					x.urgency = later
				}
				out = append(out, x)
			}
		}
	}
	return out, nil
}

// feedback is what was decided on what somebody just did.
func (v *Visit) feedback(seq uint64) (*view.Feedback, error) {
	list, err := v.Ask().Decisions(seq, seq)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	t := &list[0]
	f := &view.Feedback{Outcome: v.outcome(t.Outcome), Tone: outcomeTone(t.Outcome),
		Href: v.In("log/" + strconv.FormatUint(seq, 10))}
	err = v.Ask().Look(func(e *engine.Engine, x *ask.Sight) { f.Did = v.did(e, x, t) })
	if err != nil {
		return nil, err
	}
	for _, x := range v.findings(t) {
		f.Said = append(f.Said, x.Text)
	}
	sp := say.In(v.Lang)
	for _, a := range t.Actions {
		c := view.Completed{Name: sp.Name(&a.Action.Head)}
		switch {
		case a.Counted == value.True:
			c.Tone, c.Text = view.Good, v.Say(words.TodayCounts)
		case a.Done == value.True:
			c.Tone, c.Text = view.Warn, v.Say(words.TodayWaits)
		default:
			c.Tone, c.Text = view.Plain, v.Say(words.TodayNot)
		}
		f.Actions = append(f.Actions, c)
	}
	for _, s := range t.Scores {
		if s.Known {
			f.Scores = append(f.Scores, sp.Name(&s.Score.Head)+" "+number(s.Value))
		}
	}
	return f, nil
}

// doToday takes what somebody does right on the list.
func doToday(v *Visit) (view.Component, error) {
	var record map[string]any
	switch v.R.FormValue("do") {
	case "done":
		record = map[string]any{"type": "Done", "task": v.R.FormValue("task")}
	case "claim":
		record = map[string]any{"type": "Claim", "record": v.R.FormValue("record")}
	case "accept":
		record = map[string]any{"type": "Accept", "record": v.R.FormValue("record")}
	default:
		return v.todayPage("")
	}
	record["id"], record["by"] = newID(), v.me()
	return v.submitted(record, v.todayPage)
}

// submitted submits a record and goes to what was decided; what was refused is said on the page.
func (v *Visit) submitted(
	record map[string]any, again func(string) (view.Component, error),
) (view.Component, error) {
	told, err := v.Ask().Submit(record)
	if err != nil {
		return again(v.problem(err).Title)
	}
	if told[0].Outcome == decision.Duplicate { // it was handed in before, and its answer was lost
		v.Go(v.In("today"))
		return nil, nil
	}
	if t := &told[0]; !taken(t) {
		return again(v.refusal(t))
	}
	v.Go(v.In("today?done=" + strconv.FormatUint(told[0].Decision.Seq, 10)))
	return nil, nil
}

// taken reports whether a record was accepted, with nothing that says otherwise.
func taken(t *api.Told) bool { return t.Outcome.String() == "accepted" }
