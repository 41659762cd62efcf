package builder

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
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

// mostEvents is how many events a cell lists.
const mostEvents = 60

// spot is where a cell of the heatmap is.
type spot struct{ table, row, column int }

// find finds a cell by the names in the address; false: it is not there, or not seen.
func (h *heatmap) find(typ, id, action string) (s spot, ok bool) {
	s.table = slices.IndexFunc(h.tables, func(t ask.HeatTable) bool {
		return t.Of.Full == typ && t.People()
	})
	if s.table < 0 {
		return s, false
	}
	s.column = slices.IndexFunc(h.tables[s.table].Columns, func(c insight.HeatColumn) bool {
		return c.Action.Full == action
	})
	s.row = slices.IndexFunc(h.rows[s.table], func(r insight.HeatRow) bool { return r.ID == id })
	return s, s.column >= 0 && s.row >= 0
}

// healthScoreScreen is a score, and what makes it up.
func healthScoreScreen() Screen {
	return Screen{Path: "health/{type}/{id}", Name: words.Health, Needs: access.Read, Live: true,
		Show: showHealthScore}
}

func showHealthScore(v *Visit) (view.Component, error) {
	h, err := heatmapOf(v, weekOf(v), true)
	if err != nil {
		return nil, err
	}
	typ, id := v.R.PathValue("type"), v.R.PathValue("id")
	for i := range h.tables {
		t := &h.tables[i]
		for j := range h.rows[i] {
			if r := &h.rows[i][j]; t.Of.Full == typ && r.ID == id {
				return view.HealthSum(&v.Viewer, h.sum(v, t, i, r)), nil
			}
		}
	}
	return nil, &ask.NoRecordError{Type: typ, ID: id}
}

// sum takes a score apart: what each action adds to it.
func (h *heatmap) sum(v *Visit, t *ask.HeatTable, i int, r *insight.HeatRow) view.HealthSumPage {
	p := view.HealthSumPage{Name: r.Name, Week: h.day(h.week), Back: v.In("health" + h.weekQuery("?")),
		Person: v.recordLink(t.Of.Full + "/" + r.ID), Score: "–"}
	if r.Scored {
		p.Score = fmt.Sprintf("%.0f", r.Score)
	}
	weights := 0.0
	for k := range r.Cells {
		if _, due := r.Cells[k].Completion(); due {
			weights += t.Columns[k].Action.Weight
		}
	}
	for k := range r.Cells {
		a, c := t.Columns[k].Action, h.cell(v, &r.Cells[k])
		part := view.HealthPart{Action: say.In(v.Lang).Name(&a.Head), Done: c.Text, Of: c.More,
			Weight: percent(a.Weight), Points: "–"}
		part.Href = v.In("health/" + t.Of.Full + "/" + url.PathEscape(r.ID) + "/" + a.Full +
			h.weekQuery("?"))
		if !t.People() {
			part.Href = v.In("health?in=" + url.QueryEscape(t.Of.Full+"/"+r.ID) + h.weekQuery("&"))
		}
		if f, due := r.Cells[k].Completion(); due && weights > 0 {
			part.Points = fixed(100*a.Weight*f/weights, 1)
		}
		p.Parts = append(p.Parts, part)
	}
	for back := min(len(h.weeks), weeksBack) - 1; back >= 0; back-- {
		w := view.HealthWeek{Day: h.day(back), Here: back == h.week, Now: back == 0,
			Href: v.In("health/" + t.Of.Full + "/" + url.PathEscape(r.ID))}
		if back > 0 {
			w.Href += "?week=" + strconv.Itoa(back)
		}
		for n := range h.weeks[back].tables[i] {
			if o := &h.weeks[back].tables[i][n]; o.ID == r.ID && o.Scored {
				w.Share, w.Text = min(o.Score/100, 1), fixed(o.Score, 0)
			}
		}
		p.Weeks = append(p.Weeks, w)
	}
	return p
}

func showHealthCell(v *Visit) (view.Component, error) {
	h, err := heatmapOf(v, weekOf(v), true)
	if err != nil {
		return nil, err
	}
	typ, id, action := v.R.PathValue("type"), v.R.PathValue("id"), v.R.PathValue("action")
	at, ok := h.find(typ, id, action)
	if !ok {
		return nil, &ask.NoRecordError{Type: typ, ID: id}
	}
	i, j, k := at.table, at.row, at.column
	sp := say.In(v.Lang)
	x, c := h.tables[i].Columns[k].Action, &h.rows[i][j].Cells[k]
	p := view.HealthCellPage{Name: h.rows[i][j].Name, Action: sp.Name(&x.Head), Cell: h.cell(v, c),
		Week: h.day(h.week), Back: v.In("health" + h.weekQuery("?")),
		Person: v.recordLink(typ + "/" + id)}
	if x.Why != nil {
		p.Why = sp.Message(x.Why).String()
	}
	for back := min(len(h.weeks), weeksBack) - 1; back >= 0; back-- {
		w := view.HealthWeek{Day: h.day(back), Here: back == h.week, Now: back == 0,
			Href: v.In("health/" + typ + "/" + url.PathEscape(id) + "/" + action)}
		if back > 0 {
			w.Href += "?week=" + number(float64(back))
		}
		for r := range h.weeks[back].tables[i] {
			if o := &h.weeks[back].tables[i][r]; o.ID == id {
				if f, due := o.Cells[k].Completion(); due {
					w.Share, w.Text = f, percent(f)
				}
			}
		}
		p.Weeks = append(p.Weeks, w)
	}
	p.Events, p.More, err = eventsOf(v, h, x, id)
	return view.HealthOne(&v.Viewer, p), err
}

// eventsOf are what somebody handed in for an action in the week that is shown, the latest first.
func eventsOf(v *Visit, h *heatmap, x *policy.Action, id string) (
	out []view.HealthEvent, more int, err error,
) {
	a := v.Ask()
	start := h.weeks[h.week].start
	from, to, err := a.Span(start, start+int64(7*24*time.Hour/time.Microsecond))
	if err != nil || to < from {
		return nil, 0, err
	}
	all := 0
	list, err := a.Latest(api.Search{From: from, To: to, Of: x.On.Full, Most: math.MaxInt,
		Is: func(t *api.Told) bool {
			if personOf(x, t) != id || t.Outcome == decision.Duplicate {
				return false
			}
			all++
			return all <= mostEvents
		}})
	if err != nil {
		return nil, 0, err
	}
	more = all - len(list)
	err = a.Look(func(e *engine.Engine, _ *ask.Sight) {
		for i := range list {
			out = append(out, eventOf(v, e, x, &list[i]))
		}
	})
	return out, more, err
}

func eventOf(v *Visit, e *engine.Engine, x *policy.Action, t *api.Told) view.HealthEvent {
	out := view.HealthEvent{When: stamp(t.At, e.Zone()), Name: t.Record.String(),
		Href: v.In("log/" + number(float64(t.Decision.Seq)))}
	if about := aboutOf(x, t); about != "" {
		out.About = v.nameOf(e, x.About.Type.Record, reference(t.Fields[x.About.Field.Name]))
		out.AboutHref = v.recordLink(about)
	}
	done, counted := value.False, value.False
	for _, c := range t.Actions {
		if c.Action.Full == x.Full {
			done, counted = c.Done, c.Counted
		}
	}
	for _, of := range e.Policy().Records {
		if of.Full != x.On.Full {
			continue
		}
		for _, c := range e.Completes(of, t.Record.ID) {
			if c.Action.Full == x.Full {
				done, counted = c.Done, c.Counted
			}
		}
	}
	switch {
	case counted == value.True:
		out.Tone, out.State = view.Good, v.Say(words.HealthCounts)
	case done == value.True:
		out.Tone, out.State = view.Warn, v.Say(words.HealthWaits)
	default:
		out.Tone, out.State = view.Plain, v.Say(words.HealthNot)
	}
	for _, f := range v.findings(t) {
		if f.Text != "" {
			out.Why = append(out.Why, f.Text)
		}
	}
	return out
}
