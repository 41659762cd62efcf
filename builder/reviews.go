package builder

import (
	"encoding/json"
	"math"
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
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/ask"
)

// reviewsScreen is what waits for a person's review, and the exemptions in force.
func reviewsScreen() Screen {
	return Screen{Path: "reviews", Name: words.Reviews, Icon: "reviews", Group: words.Steering,
		Needs: access.Read, Does: access.Submit, Roles: []access.Role{access.RoleAdmin,
			access.RoleAuthor, access.RoleAuditor, access.RoleManager, access.RoleConsultant},
		Show: func(v *Visit) (view.Component, error) { return v.reviewsPage("") }, Do: doReview,
		Live: true}
}

// mostReviews is how many records a page shows at once.
const mostReviews = 20

func (v *Visit) reviewsPage(wrong string) (view.Component, error) {
	a := v.Ask()
	list, err := a.Reviews()
	if err != nil {
		return nil, err
	}
	p := view.ReviewsPage{Wrong: wrong, MaySubmit: v.May(access.Submit)}
	// A review settles all lines of its record, so records are what is looked at.
	lines := map[string][]api.ToReview{}
	var records []string
	for _, r := range list.Reviews {
		if lines[r.Record] == nil {
			records = append(records, r.Record)
		}
		lines[r.Record] = append(lines[r.Record], r)
	}
	p.All = len(records)
	for _, name := range records[:min(len(records), mostReviews)] {
		x, err := v.review(lines[name])
		if err != nil {
			return nil, err
		}
		p.Records = append(p.Records, x)
	}
	err = a.Look(func(e *engine.Engine, x *ask.Sight) {
		p.Waivers, p.MayClose = v.waivers(e, x), v.seesAll() && p.MaySubmit
		p.Checks = v.checks(e.Policy())
		p.People = (&seen{v, e, x}).persons(e.Policy())
	})
	return view.Reviews(&v.Viewer, p), err
}

// review is one record with what is in doubt about it. A finding's id begins with the number of the
// entry that it is of.
func (v *Visit) review(lines []api.ToReview) (view.Review, error) {
	x := view.Review{Record: lines[0].Record, Why: v.recordLink(lines[0].Record)}
	number, _, _ := strings.Cut(lines[0].ID, "/")
	seq, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return x, nil // it is of an older form: there is only its name
	}
	x.Why = v.In("log/" + number)
	list, err := v.Ask().Decisions(seq, seq)
	if err != nil || len(list) == 0 {
		return x, err
	}
	t := &list[0]
	said := v.findings(t)
	for _, l := range lines {
		d := view.Doubt{Text: l.Rule, Tone: view.Warn, Strength: v.Say(words.ReviewsStrong)}
		if l.Strength == "weak" {
			d.Tone, d.Strength = view.Plain, v.Say(words.ReviewsWeak)
		}
		for _, f := range said {
			if f.Rule == l.Rule && f.Text != "" {
				d.Text = f.Text
			}
		}
		x.Doubts = append(x.Doubts, d)
	}
	var zone *time.Location
	err = v.Ask().Look(func(e *engine.Engine, _ *ask.Sight) {
		zone = e.Zone()
		x.When = stamp(t.At, zone)
		x.Fields = v.fields(e, t)
		x.Map = v.mapOf(e, t)
		if typ, id, ok := strings.Cut(lines[0].Person, "/"); ok {
			if of, err := ask.Type(e.Policy(), typ); err == nil {
				x.Person, x.PersonHref = v.nameOf(e, of, id), v.recordLink(lines[0].Person)
			}
		}
	})
	if err == nil {
		x.Photos, err = v.photosOf(x.Record, seq, zone)
	}
	if err == nil {
		err = v.evidence(&x, t)
	}
	return x, err
}

// checks are the lines of proof that can be waived.
func (v *Visit) checks(p *policy.Policy) (out [][2]string) {
	for _, a := range p.Actions {
		for _, l := range a.Proof {
			out = append(out, [2]string{a.Full + ".proof." + l.Name, v.lineName(a, l.Name)})
		}
	}
	return out
}

// mapOf draws where a record was taken beside where its subject is; nil: one of them is not known.
func (v *Visit) mapOf(e *engine.Engine, t *api.Told) *view.Map {
	of := t.Record.Type
	if of == nil {
		return nil
	}
	lat, lng, ok := placeIn(t, of)
	if !ok {
		return nil
	}
	for _, f := range of.Fields {
		if f.Type.Kind != value.Ref || f.Type.Record == nil {
			continue
		}
		i := slices.IndexFunc(f.Type.Record.Fields, func(g *policy.Field) bool {
			return g.Type.Kind == value.Point
		})
		id := reference(t.Fields[f.Name])
		if i < 0 || id == "" {
			continue
		}
		g := f.Type.Record.Fields[i]
		if sees := v.Sees(); sees.Hides(g) {
			continue
		}
		x := fieldOf(e, g)
		at, known := x.Ask(f.Type.Record, id)
		point, is := at.X.(*value.Place)
		if !known || !is {
			continue
		}
		const metre = 111_320 // a degree of latitude
		m := &view.Map{East: (lng - point.Lng) * metre * math.Cos(lat*math.Pi/180),
			North: (lat - point.Lat) * metre}
		m.Text = v.Sayf(words.ReviewsMap, distance(m.Far()), v.nameOf(e, f.Type.Record, id))
		return m
	}
	return nil
}

// placeIn is the place that a record gives.
func placeIn(t *api.Told, of *policy.Record) (lat, lng float64, ok bool) {
	for _, f := range of.Fields {
		if f.Type.Kind != value.Point {
			continue
		}
		var pair []float64
		if json.Unmarshal(t.Fields[f.Name], &pair) == nil && len(pair) == 2 {
			return pair[0], pair[1], true
		}
		var at struct{ Lat, Lng *float64 }
		if json.Unmarshal(t.Fields[f.Name], &at) == nil && at.Lat != nil && at.Lng != nil {
			return *at.Lat, *at.Lng, true
		}
	}
	return 0, 0, false
}

// distance is a length as people say it.
func distance(metres float64) string {
	if metres >= 1000 {
		return strconv.FormatFloat(metres/1000, 'f', 1, 64) + " km"
	}
	return strconv.FormatFloat(metres, 'f', 0, 64) + " m"
}

// waivers are the exemptions in force, as far as they are seen.
func (v *Visit) waivers(e *engine.Engine, x *ask.Sight) (out []view.Waiver) {
	for _, w := range e.Waivers(e.Now()) {
		if w.Record != "" && !x.SeesNamed(w.Record) {
			continue
		}
		o := view.Waiver{Rule: w.Rule, Whom: v.Say(words.WaiversAll), Why: w.Why,
			Until: stamp(w.Until, e.Zone()), By: w.By}
		if p := persons(e.Policy()); p != nil {
			o.By = v.nameOf(e, p, strings.TrimPrefix(w.By, p.Full+"/"))
		}
		if typ, id, ok := strings.Cut(w.Record, "/"); ok {
			o.Whom = w.Record
			if of, err := ask.Type(e.Policy(), typ); err == nil {
				o.Whom, o.Href = v.nameOf(e, of, id), v.recordLink(w.Record)
			}
		}
		for _, a := range e.Policy().Actions {
			if line, ok := strings.CutPrefix(w.Rule, a.Full+".proof."); ok {
				o.Rule = v.lineName(a, line)
			} else if w.Rule == a.Full {
				o.Rule = say.In(v.Lang).Name(&a.Head)
			}
		}
		out = append(out, o)
	}
	return out
}

// persons is the type of those who do the actions.
func persons(p *policy.Policy) *policy.Record {
	for _, a := range p.Actions {
		if r := a.Person(); r != nil {
			return r
		}
	}
	return nil
}

// doReview settles a record, or closes all exemptions.
func doReview(v *Visit) (view.Component, error) {
	record := map[string]any{"type": "Review", "id": newID(), "by": v.me(),
		"record": v.R.FormValue("record"), "verdict": v.R.FormValue("verdict")}
	if note := strings.TrimSpace(v.R.FormValue("note")); note != "" {
		record["note"] = note
	}
	if v.R.FormValue("do") == "close" {
		why := strings.TrimSpace(v.R.FormValue("why"))
		if why == "" {
			return v.reviewsPage(v.Say(words.AlertReasons))
		}
		now, _, err := v.now()
		if err != nil {
			return nil, err
		}
		record = map[string]any{"type": "Waive", "id": newID(), "rule": "*", "by": v.me(), "why": why,
			"until": now.Format(time.RFC3339)}
	}
	if v.R.FormValue("do") == "waive" {
		_, zone, err := v.now()
		if err != nil {
			return nil, err
		}
		day, err := time.ParseInLocation(time.DateOnly, v.R.FormValue("waive-until"), zone)
		if err != nil || v.R.FormValue("waive-rule") == "" {
			return v.reviewsPage(v.Say(words.PauseWhen))
		}
		record = map[string]any{"type": "Waive", "id": newID(), "rule": v.R.FormValue("waive-rule"),
			"by": v.me(), "why": strings.TrimSpace(v.R.FormValue("waive-why")),
			"until": day.AddDate(0, 0, 1).Format(time.RFC3339)}
		if whom := v.R.FormValue("waive-whom"); whom != "" {
			record["record"] = whom
		}
	}
	told, err := v.Ask().Submit(record)
	if err != nil {
		return v.reviewsPage(v.problem(err).Title)
	}
	if !taken(&told[0]) {
		return v.reviewsPage(v.refusal(&told[0]))
	}
	return nil, nil
}
