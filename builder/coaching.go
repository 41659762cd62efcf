package builder

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/insight"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/ask"
)

// coachingScreen is the open cases: alerts whose tasks bring records along.
func coachingScreen() Screen {
	return Screen{Path: "coaching", Name: words.Coaching, Icon: "goals", Group: words.Steering,
		Needs: access.Read, Roles: []access.Role{access.RoleAdmin, access.RoleAuthor,
			access.RoleAuditor, access.RoleManager, access.RoleConsultant}, Show: showCoaching,
		Live: true}
}

// caseScreen is one of them.
func caseScreen() Screen {
	return Screen{Path: "case", Name: words.Coaching, Needs: access.Read, Does: access.Submit,
		Show: func(v *Visit) (view.Component, error) { return v.casePage("") }, Do: doCase, Live: true}
}

// Bounds of a case.
const (
	mostTrail  = 5
	mostClosed = 40
	mostAgreed = 100
	trailDays  = 60
)

// trailOf is the type of the records that an alert's task brings along; nil: none.
func trailOf(a *policy.Alert) *policy.Record {
	for _, x := range a.Do {
		if x.With != nil && x.With.Type.Elem != nil && x.With.Type.Elem.Record != nil {
			return x.With.Type.Elem.Record
		}
	}
	return nil
}

func showCoaching(v *Visit) (view.Component, error) {
	list, zone, err := v.cases()
	if err != nil {
		return nil, err
	}
	var open, closed []view.CaseRow
	more := 0
	for i := range list {
		x := &list[i]
		if x.ended > 0 && len(closed) == mostClosed {
			more++
			continue
		}
		r, err := v.caseRow(x, list, zone)
		if err != nil {
			return nil, err
		}
		if x.ended > 0 {
			closed = append(closed, r)
		} else {
			open = append(open, r)
		}
	}
	return view.Cases(&v.Viewer, open, closed, more), nil
}

// cases are the open cases that whoever looks sees, then those that ended, each the last first.
func (v *Visit) cases() (out []openAlert, zone *time.Location, err error) {
	list, zone, err := v.openAlerts()
	if err != nil {
		return nil, nil, err
	}
	for _, x := range list {
		if isCase(x.a) {
			out = append(out, x)
		}
	}
	tasks, err := v.Ask().Tasks("", true)
	if err != nil {
		return nil, nil, err
	}
	var closed []openAlert
	err = v.Ask().Look(func(e *engine.Engine, s *ask.Sight) {
		for _, c := range e.ClosedAlerts() {
			a := alertOf(e.Policy(), c.Rule)
			_, id, _ := strings.Cut(c.Of, "/")
			if a == nil || !isCase(a) || !s.Sees(a.Of, id) {
				continue
			}
			x := openAlert{a: a, id: id, row: c.Row, since: c.Opened, ended: c.Closed,
				name: v.subject(e, a, id)}
			x.tasks = tasksOf(tasks.Tasks, &x)
			closed = append(closed, x)
		}
	})
	slices.SortStableFunc(closed, func(x, y openAlert) int { return cmp.Compare(y.ended, x.ended) })
	return append(out, closed...), zone, err
}

// isCase reports whether an alert opens a case: its task brings records along.
func isCase(a *policy.Alert) bool { return a.Metric == nil && trailOf(a) != nil }

// caseRow is a case with its three figures: before it, as luck alone would have made it, and since.
func (v *Visit) caseRow(x *openAlert, all []openAlert, zone *time.Location) (view.CaseRow, error) {
	q := url.Values{"rule": {x.a.Full}, "of": {x.id}}
	r := view.CaseRow{Name: x.name, Rule: say.In(v.Lang).Name(&x.a.Head), Since: stamp(x.since, zone),
		Before: "–", Expected: "–", After: "–"}
	if x.ended > 0 {
		q.Set("row", x.row)
		r.Ended = stamp(x.ended, zone)
	}
	r.Href = v.In("case?" + q.Encode())
	signed := 0
	for _, t := range x.tasks {
		if t.State == "done" {
			signed++
		}
	}
	r.Signed = v.Sayf(words.CoachingOf, signed, len(x.tasks))
	c, ok := insight.Coach(x.a)
	if !ok {
		return r, nil
	}
	c, err := v.b.series.read(v, c)
	if errors.Is(err, errWorking) {
		r.Expected = v.Say(words.SizeRunning)
		return r, nil
	}
	if err != nil {
		return r, err
	}
	busy := func(id string, from, to int64) bool {
		return slices.ContainsFunc(all, func(o openAlert) bool {
			return o.a == x.a && o.id == id && o.since <= to && (o.ended == 0 || o.ended > from)
		})
	}
	g := c.Of(x.id, x.since, busy)
	text := number
	if c.Value.Type.Kind == value.Percent {
		text = percent
	}
	if g.Looks > 0 {
		r.Before = text(g.Before)
	}
	if r.Expected = v.Say(words.CoachingLittle); g.Enough {
		r.Expected = text(g.Expected)
	}
	if g.Since > 0 {
		r.After = text(g.After)
	}
	return r, nil
}

func (v *Visit) casePage(wrong string) (view.Component, error) {
	list, zone, err := v.cases()
	if err != nil {
		return nil, err
	}
	rule, of := v.R.FormValue("rule"), v.R.FormValue("of")
	i := slices.IndexFunc(list, func(x openAlert) bool {
		return x.a.Full == rule && x.id == of && x.row == v.R.FormValue("row")
	})
	if i < 0 {
		return view.Nothing(view.Empty{Title: v.Say(words.AlertGone),
			Ways: view.To(v.In("coaching"), v.Say(words.Coaching))}), nil
	}
	x := &list[i]
	p := view.CasePage{Sentence: v.alertSentence(x.a), Rule: rule, Of: of, Wrong: wrong,
		Alert: v.In("alert?" + url.Values{"rule": {rule}, "of": {of}}.Encode())}
	if p.CaseRow, err = v.caseRow(x, list, zone); err != nil {
		return nil, err
	}
	for _, t := range x.tasks {
		r := v.taskRow(&t, zone)
		if t.DoneAt != nil {
			r.State += " · " + stamp(t.DoneAt.UnixMicro(), zone)
		}
		late := t.State == "expired" // a signature is taken all the same
		r.Mine = x.ended == 0 && (r.Open || late) && v.May(access.Submit) && t.For != "" &&
			t.For == v.asPerson()
		p.Tasks = append(p.Tasks, r)
	}
	pol, err := v.Policy()
	if err != nil {
		return nil, err
	}
	if agreed := agreements(pol); agreed != nil {
		p.May = v.May(access.Submit) && x.ended == 0
		sp := say.In(v.Lang)
		for _, f := range said(agreed) {
			p.Fields = append(p.Fields, [2]string{f.Name, sp.FieldName(f)})
		}
		if p.Agreed, err = v.agreed(agreed, x, zone); err != nil {
			return nil, err
		}
	}
	p.Trail, err = v.trail(trailOf(x.a), x.a.Of, of)
	return view.Case(&v.Viewer, p), err
}

// agreements is the type of the records that say what was agreed on in a case: they name it in
// their field `case`; nil: the policy has none.
func agreements(p *policy.Policy) *policy.Record {
	for _, r := range p.Records {
		if r.Kind == policy.Event && !r.Builtin && len(said(r)) > 0 &&
			slices.ContainsFunc(r.Fields, func(f *policy.Field) bool {
				return f.Name == "case" && f.Type.Kind == value.Text
			}) {
			return r
		}
	}
	return nil
}

// said are the fields in which such a record says it.
func said(r *policy.Record) (out []*policy.Field) {
	for _, f := range r.Fields {
		if f.System == policy.NotSystem && f.Compute == nil && f.Type.Kind == value.Text &&
			f.Name != "case" && f.Name != "by" {
			out = append(out, f)
		}
	}
	return out
}

// agreed is what was agreed on since a case opened, the first first.
func (v *Visit) agreed(
	of *policy.Record, x *openAlert, zone *time.Location,
) (out []view.Agreed, err error) {
	now, _, err := v.now()
	if err != nil {
		return nil, err
	}
	a := v.Ask()
	until := now.UnixMicro()
	if x.ended > 0 {
		until = x.ended
	}
	from, to, err := a.Span(x.since, until+1)
	if err != nil || to < from {
		return nil, err
	}
	text := func(t *api.Told, name string) (s string) {
		_ = json.Unmarshal(t.Fields[name], &s) // it is no text: it says nothing
		return s
	}
	name := x.a.Of.Full + "/" + x.id
	list, err := a.Latest(api.Search{From: from, To: to, Of: of.Full, Most: mostAgreed,
		Is: func(t *api.Told) bool { return taken(t) && text(t, "case") == name }})
	if err != nil {
		return nil, err
	}
	for i := range slices.Backward(list) {
		t := &list[i]
		o := view.Agreed{When: stamp(t.At, zone), By: reference(t.Fields["by"]),
			Href: v.In("log/" + strconv.FormatUint(t.Decision.Seq, 10))}
		for _, f := range said(of) {
			if s := text(t, f.Name); s != "" {
				o.Said = append(o.Said, s)
			}
		}
		if p := persons(t.Policy); p != nil && o.By != "" {
			o.By = v.called(p.Full + "/" + o.By)
		}
		out = append(out, o)
	}
	return out, nil
}

// doCase adds to what was agreed on, or signs it.
func doCase(v *Visit) (view.Component, error) {
	p, err := v.Policy()
	if err != nil {
		return nil, err
	}
	record := map[string]any{"id": newID(), "by": v.me()}
	switch v.R.FormValue("do") {
	case "sign":
		record["type"], record["task"] = "Done", v.R.FormValue("task")
	case "agree":
		of, a := agreements(p), alertOf(p, v.R.FormValue("rule"))
		if of == nil || a == nil {
			return v.casePage("")
		}
		record["type"], record["case"] = of.Full, a.Of.Full+"/"+v.R.FormValue("of")
		delete(record, "by")
		for _, f := range of.Fields {
			if who := f.Type.Kind == value.Ref && f.Type.Record == a.Of; f.Name == "by" {
				record["by"] = v.me()
			} else if who {
				record[f.Name] = v.R.FormValue("of")
			}
		}
		for _, f := range said(of) {
			if s := strings.TrimSpace(v.R.FormValue("said." + f.Name)); s != "" {
				record[f.Name] = s
			}
		}
	default:
		return v.casePage("")
	}
	told, err := v.Ask().Submit(record)
	if err != nil {
		return v.casePage(v.problem(err).Title)
	}
	if !taken(&told[0]) {
		return v.casePage(v.refusal(&told[0]))
	}
	v.Go(v.In("case?" + url.Values{"rule": {v.R.FormValue("rule")},
		"of": {v.R.FormValue("of")}}.Encode()))
	return nil, nil
}

// trail is the last records of a type that somebody handed in.
func (v *Visit) trail(of, person *policy.Record, id string) (out []view.Trail, err error) {
	now, zone, err := v.now()
	if err != nil {
		return nil, err
	}
	a := v.Ask()
	from, to, err := a.Span(now.AddDate(0, 0, -trailDays).UnixMicro(), now.UnixMicro()+1)
	if err != nil || to < from {
		return nil, err
	}
	theirs := func(t *api.Told) bool {
		return t.Outcome != decision.Duplicate &&
			slices.ContainsFunc(of.Fields, func(f *policy.Field) bool {
				return f.Type.Kind == value.Ref && f.Type.Record != nil &&
					f.Type.Record.Full == person.Full && reference(t.Fields[f.Name]) == id
			})
	}
	list, err := a.Latest(api.Search{From: from, To: to, Of: of.Full, Is: theirs, Most: mostTrail})
	if err != nil {
		return nil, err
	}
	err = a.Look(func(e *engine.Engine, _ *ask.Sight) {
		for i := range list {
			t := &list[i]
			x := view.Trail{When: stamp(t.At, zone), Outcome: v.outcome(t.Outcome),
				Tone: outcomeTone(t.Outcome), Fields: v.fields(e, t),
				Href: v.In("log/" + strconv.FormatUint(t.Decision.Seq, 10))}
			for _, f := range v.findings(t) {
				if f.Text != "" {
					x.Said = append(x.Said, f.Text)
				}
			}
			out = append(out, x)
		}
	})
	return out, err
}

// photosOf are the photos that a record names, where they are kept, with what was measured of them.
func (v *Visit) photosOf(
	record string, seq uint64, zone *time.Location,
) (out []view.Photo, err error) {
	list, err := v.Ask().Files(record, seq)
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		if f.Kind != "photo" {
			continue
		}
		p := view.Photo{Src: "/v1/" + v.Workspace + "/files/" + f.SHA256, Name: f.Name}
		add := func(name words.Text, text string) {
			if text != "" {
				p.Facts = append(p.Facts, [2]string{v.Say(name), text})
			}
		}
		if f.Taken != nil {
			add(words.PhotoTaken, stamp(f.Taken.UnixMicro(), zone))
		}
		if f.Location != nil {
			add(words.PhotoWhere, fixed(f.Location.Lat, 5)+", "+fixed(f.Location.Lng, 5))
		}
		add(words.PhotoDevice, f.Device)
		add(words.PhotoEdited, f.Software)
		add(words.PhotoSize, fixed(float64(f.Size)/1024, 0)+" KB")
		for _, s := range f.Findings {
			p.Said = append(p.Said, s.Text)
		}
		out = append(out, p)
	}
	return out, nil
}
