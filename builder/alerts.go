package builder

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/insight"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/ask"
)

// alertsScreen is what is open, by rule.
func alertsScreen() Screen {
	return Screen{Path: "alerts", Name: words.Alerts, Icon: "alerts", Group: words.Steering,
		Needs: access.Read, Live: true, Show: showAlerts}
}

// alertScreen is one alert on one subject.
func alertScreen() Screen {
	return Screen{Path: "alert", Name: words.Alerts, Needs: access.Read, Live: true, Show: showAlert,
		Does: access.Submit, Do: settleTask}
}

// openAlert is one alert that is open on something, or was.
type openAlert struct {
	row    string // of one that was
	ended  int64  // 0: it is open
	a      *policy.Alert
	id     string
	name   string
	since  int64
	tasks  []api.Task
	before time.Duration
}

// openAlerts are those that whoever asks sees, with the tasks that they gave.
func (v *Visit) openAlerts() (out []openAlert, zone *time.Location, err error) {
	a := v.Ask()
	list, err := a.Alerts()
	if err != nil {
		return nil, nil, err
	}
	tasks, err := a.Tasks("", true)
	if err != nil {
		return nil, nil, err
	}
	err = a.Look(func(e *engine.Engine, _ *ask.Sight) {
		zone = e.Zone()
		for _, s := range list.List {
			of := alertOf(e.Policy(), s.Name)
			if of == nil {
				continue
			}
			for _, id := range s.IDs {
				x := openAlert{a: of, id: id}
				x.since = e.Standing(x.a.Full, x.a.Of, id).Since
				x.before = time.Duration(e.Now()-x.since) * time.Microsecond
				x.name = v.subject(e, x.a, id)
				x.tasks = tasksOf(tasks.Tasks, &x)
				out = append(out, x)
			}
		}
	})
	slices.SortStableFunc(out, func(x, y openAlert) int { return cmp.Compare(y.since, x.since) })
	return out, zone, err
}

// alertOf is the alert of a name; nil: there is none.
func alertOf(p *policy.Policy, full string) *policy.Alert {
	for _, a := range p.Alerts {
		if a.Full == full {
			return a
		}
	}
	return nil
}

// tasksOf are the tasks that an alert has given about its subject since it opened. Those of an
// alert by action are of its rule, whatever the action.
func tasksOf(list []api.Task, x *openAlert) (out []api.Task) {
	rule, _, _ := strings.Cut(x.a.Full, "/")
	for _, t := range list {
		_, about, _ := strings.Cut(t.About, "/")
		mine := (t.Rule == x.a.Full || t.Rule == rule) && about == x.id
		if at := t.Created.UnixMicro(); mine && at >= x.since && (x.ended == 0 || at < x.ended) {
			out = append(out, t)
		}
	}
	return out
}

// subject is what people call that on which an alert is open: a record, or a group of a metric.
func (v *Visit) subject(e *engine.Engine, a *policy.Alert, id string) string {
	if a.Metric == nil {
		return v.nameOf(e, a.Of, id)
	}
	if id == "" {
		return say.In(v.Lang).Name(&a.Metric.Head)
	}
	var parts []string
	for _, p := range strings.Split(id, ", ") {
		_, group, _ := strings.Cut(p, "=")
		parts = append(parts, group)
	}
	return strings.Join(parts, " · ")
}

func showAlerts(v *Visit) (view.Component, error) {
	list, zone, err := v.openAlerts()
	if err != nil {
		return nil, err
	}
	p, err := v.Policy()
	if err != nil {
		return nil, err
	}
	page := view.AlertsPage{Rules: len(p.Alerts)}
	sp := say.In(v.Lang)
	for _, a := range p.Alerts {
		g := view.AlertGroup{ID: view.Anchor("alerts", a.Full), Name: sp.Name(&a.Head),
			Sentence: v.alertSentence(a)}
		for i := range list {
			if x := &list[i]; x.a == a || x.a.Full == a.Full {
				g.Open = append(g.Open, v.alertRow(x, zone))
			}
		}
		if len(g.Open) > 0 {
			page.Groups = append(page.Groups, g)
		}
	}
	return view.Alerts(&v.Viewer, page), nil
}

func (v *Visit) alertRow(x *openAlert, zone *time.Location) view.AlertRow {
	r := view.AlertRow{ID: view.Anchor("alert", x.a.Full, x.id), Name: x.name,
		Since: stamp(x.since, zone), Lasts: v.lasts(x.before),
		Href: v.In("alert?" + url.Values{"rule": {x.a.Full}, "of": {x.id}}.Encode())}
	for _, t := range x.tasks {
		r.Tasks = append(r.Tasks, t.Text+" ("+v.taskState(&t)+")")
	}
	return r
}

// lasts is a length of time as people say it.
func (v *Visit) lasts(d time.Duration) string {
	if d >= 48*time.Hour {
		return v.Sayf(words.AlertDays, int(d.Hours()/24))
	}
	return v.Sayf(words.AlertHours, int(d.Hours()))
}

// alertSentence is the rule of an alert as people say it.
func (v *Visit) alertSentence(a *policy.Alert) string {
	sp := say.In(v.Lang)
	all := func(x *policy.Expr) say.Phrase { return say.Join(sp.Conds(x), sp.Say(" and ", "，并且")) }
	form := func(t words.Text, args ...say.Phrase) say.Phrase { return say.Form(v.Say(t), args...) }
	of := sp.Head(&a.Of.Head)
	if a.Metric != nil {
		of = sp.Head(&a.Metric.Head)
	}
	if a.Cell != nil {
		of = form(words.AlertAction, of, sp.Head(&a.Cell.Head))
	}
	lead := form(words.AlertWhen, of, all(a.When))
	switch {
	case a.ForN > 0:
		lead = form(words.AlertInRow, lead, say.Plain(sp.Count(int64(a.ForN), "look", "次")))
	case a.For > 0:
		lead = form(words.AlertFor, lead, say.Plain(sp.Span(a.For)))
	}
	if a.Check != nil {
		lead = form(words.AlertCheck, lead, sp.Check(a.Check))
	}
	if a.Needs != nil {
		lead = form(words.AlertNeeds, lead, all(a.Needs))
	}
	end := v.Say(words.AlertEnds)
	if a.Until != nil {
		end = form(words.AlertUntil, all(a.Until)).String()
	}
	return lead.String() + sp.Say(". ", "。") + end
}

func showAlert(v *Visit) (view.Component, error) { return v.alertPage("") }

func (v *Visit) alertPage(wrong string) (view.Component, error) {
	list, zone, err := v.openAlerts()
	if err != nil {
		return nil, err
	}
	rule, of := v.R.FormValue("rule"), v.R.FormValue("of")
	i := slices.IndexFunc(list, func(x openAlert) bool { return x.a.Full == rule && x.id == of })
	if i < 0 {
		return view.Nothing(view.Empty{Title: v.Say(words.AlertGone),
			Ways: view.To(v.In("alerts"), v.Say(words.Alerts))}), nil
	}
	x := &list[i]
	sp := say.In(v.Lang)
	p := view.AlertPage{Name: x.name, Rule: sp.Name(&x.a.Head), Sentence: v.alertSentence(x.a),
		Row: v.alertRow(x, zone), Full: rule, Of: of, Wrong: wrong, MaySubmit: v.May(access.Submit)}
	if x.a.Metric == nil {
		p.Record = v.recordLink(x.a.Of.Full + "/" + of)
		if x.a.Cell != nil {
			p.Cell = v.In("health/" + x.a.Of.Full + "/" + url.PathEscape(of) + "/" + x.a.Cell.Full)
		}
	}
	for _, t := range x.tasks {
		p.Tasks = append(p.Tasks, v.taskRow(&t, zone))
	}
	for j := range list {
		if o := &list[j]; o.a.Full == rule && j != i {
			p.Similar = append(p.Similar, v.alertRow(o, zone))
		}
	}
	p.Chart, err = v.alertChart(x, zone)
	return view.Alert(&v.Viewer, p), err
}

// taskRow is one task as pages show it.
func (v *Visit) taskRow(t *api.Task, zone *time.Location) view.TaskRow {
	r := view.TaskRow{ID: t.Task, Text: t.Text, Open: t.State == "open", State: v.taskState(t),
		Over: t.State == "expired"}
	if t.For != "" {
		r.For = v.called(t.For)
	}
	if t.Due != nil {
		r.Due = t.Due.In(zone).Format("2006-01-02 15:04")
		r.Late = time.Now().After(*t.Due)
	}
	return r
}

// taskState is how far a task is, in words.
func (v *Visit) taskState(t *api.Task) string {
	switch t.State {
	case "done":
		return v.Say(words.TaskDone)
	case "expired":
		return v.Say(words.TaskExpired)
	case "cancelled":
		return v.Say(words.TaskCancelled)
	}
	return v.Say(words.TaskOpen)
}

// called is what people call a record that is named as Type/id.
func (v *Visit) called(name string) (out string) {
	typ, id, _ := strings.Cut(name, "/")
	out = name
	err := v.Ask().Look(func(e *engine.Engine, _ *ask.Sight) {
		if of, err := ask.Type(e.Policy(), typ); err == nil {
			out = v.nameOf(e, of, id)
		}
	})
	if err != nil {
		return name
	}
	return out
}

// me is who asks, as records name them: somebody of the workspace, or how they come in.
func (v *Visit) me() string {
	if v.Who.Person == nil {
		return v.Who.ID()
	}
	for _, g := range v.Who.Person.Grants {
		if (g.Workspace == "*" || g.Workspace == v.Workspace) && g.As != "" {
			_, id, _ := strings.Cut(g.As, "/")
			return id
		}
	}
	return v.Who.Person.Login
}

// settleTask closes a task that an alert or a rule gave: it is done, or it will not be.
func settleTask(v *Visit) (view.Component, error) {
	task, why := v.R.FormValue("task"), strings.TrimSpace(v.R.FormValue("why"))
	record := map[string]any{"type": "Done", "id": newID(), "task": task, "by": v.me()}
	if v.R.FormValue("do") == "cancel" {
		if why == "" {
			return v.alertPage(v.Say(words.AlertReasons))
		}
		record["type"], record["why"] = "Cancel", why
	}
	told, err := v.Ask().Submit(record)
	if err != nil {
		return nil, err
	}
	if told[0].Outcome != decision.Accepted {
		return v.alertPage(v.refusal(&told[0]))
	}
	v.Go(v.In("alert?" + url.Values{"rule": {v.R.FormValue("rule")},
		"of": {v.R.FormValue("of")}}.Encode()))
	return nil, nil
}

// refusal is why a record was not taken.
func (v *Visit) refusal(t *api.Told) string {
	var out []string
	for _, f := range v.findings(t) {
		out = append(out, f.Text)
	}
	return strings.Join(out, " ")
}

// alertChart draws what an alert looked at: the figures of a metric's cell, or of a subject at the
// last looks.
func (v *Visit) alertChart(x *openAlert, zone *time.Location) (*view.Chart, error) {
	if x.a.Metric != nil {
		return v.metricChart(x, zone)
	}
	c, ok := insight.Coach(x.a)
	if !ok {
		return nil, nil
	}
	c, err := v.b.series.read(v, c)
	if err != nil {
		return nil, err
	}
	looks := c.Series(x.id)
	looks = looks[max(0, len(looks)-40):]
	out := &view.Chart{Title: say.In(v.Lang).Expr(c.Value).String()}
	share := c.Value.Type.Kind == value.Percent
	for _, l := range looks {
		p := view.Point{At: time.UnixMicro(l.At - 1).In(zone).Format(time.DateOnly), Value: l.Value,
			Text: number(l.Value), Mark: l.At == x.since || l.At == x.since+1}
		if share {
			p.Text = percent(l.Value)
		}
		out.Points = append(out.Points, p)
	}
	if c.Mark.Op == policy.OpConst {
		out.Line, out.HasLine, out.LineName = magnitude(c.Mark.Const), true, v.Say(words.AlertMark)
	}
	return out, nil
}

func (v *Visit) metricChart(x *openAlert, zone *time.Location) (out *view.Chart, err error) {
	out = &view.Chart{Title: say.In(v.Lang).Name(&x.a.Metric.Head)}
	err = v.Ask().Look(func(e *engine.Engine, _ *ask.Sight) {
		a := alertOf(e.Policy(), x.a.Full)
		if a == nil {
			return
		}
		list := e.LookedAt(a, x.id, x.since-1, insight.Before)
		w := decision.NewWriter(e.Policy(), decision.Options{Zone: zone, Lang: v.Lang})
		s := ask.Series{Alert: a, Zone: zone}
		sum, n := 0.0, 0
		for j := len(list) - 1; j >= 0; j-- {
			l := &list[j]
			if !l.Value.Known() {
				continue
			}
			f := magnitude(l.Value)
			at := s.Period(l)
			if l.Group != "" {
				at = l.Group
			}
			out.Points = append(out.Points, view.Point{At: at, Value: f, Mark: j == 0,
				Text: string(w.AppendValue(nil, a.Metric.Value.Type, l.Value))})
			if j > 0 && j <= 6 {
				sum, n = sum+f, n+1
			}
		}
		if n >= 3 && !a.Across {
			out.Line, out.HasLine, out.LineName = sum/float64(n), true, v.Say(words.AlertMean)
		}
	})
	return out, err
}

// magnitude is a value as a length in a picture.
func magnitude(v value.Value) float64 {
	switch v.Kind {
	case value.Money:
		return float64(v.N) / 10_000
	case value.Number, value.Percent:
		return v.Float()
	}
	return float64(v.N)
}

// coachings keeps the figures of alerts at all their looks: they take a pass over the log, and are
// the same until the next look.
type coachings struct {
	mu  sync.Mutex
	all map[string]*coachingBook
}

type coachingBook struct {
	mu     sync.Mutex
	policy *policy.Policy
	next   int64
	c      *insight.Coaching
}

// read is an alert's figures up to now. ErrWorking: they take longer.
func (k *coachings) read(v *Visit, c *insight.Coaching) (*insight.Coaching, error) {
	b := k.book(v.Workspace + " " + c.Alert.Full)
	var p *policy.Policy
	var next int64
	err := v.Ask().Look(func(e *engine.Engine, _ *ask.Sight) {
		p, next = e.Policy(), c.Closes(e, e.Now())
	})
	if err != nil {
		return nil, err
	}
	if held := b.held(p, next); held != nil {
		return held, nil
	}
	err = v.slowly("coaching "+c.Alert.Full, func(ctx context.Context, a api.Asking) error {
		err := a.Long(func(w *runtime.Workspace) error {
			return w.ViewClosing(ctx, p, c.Closes, c.Take)
		})
		if err == nil {
			b.keep(p, next, c)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if held := b.held(p, next); held != nil {
		return held, nil
	}
	return nil, errWorking // another policy has come into force, or a look was due
}

func (k *coachings) book(key string) *coachingBook {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil {
		k.all = map[string]*coachingBook{}
	}
	b := k.all[key]
	if b == nil {
		b = new(coachingBook)
		k.all[key] = b
	}
	return b
}

// held is what the book has of a policy up to its next look; nil: it is of another, or before that.
func (b *coachingBook) held(p *policy.Policy, next int64) *insight.Coaching {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p != b.policy || next != b.next {
		return nil
	}
	return b.c
}

func (b *coachingBook) keep(p *policy.Policy, next int64, c *insight.Coaching) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.policy, b.next, b.c = p, next, c
}
