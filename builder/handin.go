package builder

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
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
	"github.com/throughline/throughline/runtime/ask"
)

// handInScreen is the form by which somebody hands in what an action is about.
func handInScreen() Screen {
	return Screen{Path: "hand-in/{action}", Name: words.HandInSend, Needs: access.Submit,
		Show: func(v *Visit) (view.Component, error) { return v.handInPage("") }, Do: doHandIn}
}

// actionOf is the action of the address.
func (v *Visit) actionOf() (*policy.Action, error) {
	p, err := v.Policy()
	if err != nil {
		return nil, err
	}
	name := v.R.PathValue("action")
	i := slices.IndexFunc(p.Actions, func(a *policy.Action) bool { return a.Full == name })
	if i < 0 {
		return nil, &ask.NoRecordError{Type: "action", ID: name}
	}
	return p.Actions[i], nil
}

func (v *Visit) handInPage(wrong string) (view.Component, error) {
	a, err := v.actionOf()
	if err != nil {
		return nil, err
	}
	sp := say.In(v.Lang)
	page := view.HandInPage{Title: sp.Name(&a.Head), Wrong: wrong, ID: newID()}
	if a.Why != nil {
		page.Why = sp.Message(a.Why).String()
	}
	if a.Done != nil {
		for _, c := range sp.Conds(a.Done) {
			page.Steps = append(page.Steps, c.String())
		}
	}
	err = v.Ask().Look(func(e *engine.Engine, x *ask.Sight) {
		for _, f := range a.On.Fields {
			if c, ok := v.control(a, f, &seen{v, e, x}); ok {
				page.Controls = append(page.Controls, c)
			}
		}
	})
	// What it is about comes first, then what proves it.
	slices.SortStableFunc(page.Controls, func(x, y view.Entered) int {
		return cmp.Compare(x.Rank, y.Rank)
	})
	return view.HandIn(&v.Viewer, page), err
}

// seen is a workspace as somebody sees it.
type seen struct {
	v *Visit
	e *engine.Engine
	x *ask.Sight
}

// choices are the records of a type that are seen, by name.
func (s *seen) choices(of *policy.Record) (out [][2]string) {
	for _, id := range s.e.IDs(of) {
		if s.x.Sees(of, id) {
			out = append(out, [2]string{id, s.v.nameOf(s.e, of, id)})
		}
	}
	slices.SortFunc(out, func(a, b [2]string) int { return cmp.Compare(a[1], b[1]) })
	return out
}

// control is the control for a field of an event; false: it is not asked for.
func (v *Visit) control(a *policy.Action, f *policy.Field, in *seen) (view.Entered, bool) {
	c := view.Entered{Name: f.Name, Label: say.In(v.Lang).FieldName(f), Value: v.R.FormValue(f.Name),
		Optional: f.Type.Maybe || f.Fill != nil, Rank: 2}
	if f.System != policy.NotSystem || f.Compute != nil || own(a, f) {
		return c, false
	}
	switch t := &f.Type; t.Kind {
	case value.Text:
		c.Kind = "text"
		if f.Name == "note" {
			c.Kind, c.Rank = "long", 4
		}
	case value.Int, value.Number, value.Money, value.Percent:
		c.Kind = "number"
	case value.Bool:
		c.Kind = "bool"
	case value.Point:
		c.Kind, c.Rank = "place", 1
	case value.Photo:
		c.Kind, c.Rank = "photo", 3
	case value.Choice:
		c.Kind = "choice"
		for _, o := range t.Choice.Values {
			c.Options = append(c.Options, [2]string{o.Name, say.In(v.Lang).Text(o.Label)})
		}
	case value.List:
		if t.Elem == nil || t.Elem.Kind != value.Text {
			return c, false
		}
		c.Kind, c.Hint = "text", v.Say(words.HandInMany)
	case value.Ref:
		about := a.About != nil && a.About.Op == policy.OpField && a.About.Field == f
		if about {
			c.Rank, c.Optional = 0, false
		} else if c.Optional {
			return c, false // what else it may refer to is not asked for
		}
		c.Kind, c.Options = "choice", in.choices(t.Record)
	default:
		return c, false
	}
	return c, true
}

// own reports whether a field is who did it: whoever hands it in.
func own(a *policy.Action, f *policy.Field) bool {
	return a.By != nil && a.By.Op == policy.OpField && a.By.Field == f
}

// doHandIn makes a record of the form and submits it.
func doHandIn(v *Visit) (view.Component, error) {
	a, err := v.actionOf()
	if err != nil {
		return nil, err
	}
	if err := v.R.ParseMultipartForm(maxForm); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return v.handInPage(v.problem(err).Title)
	}
	record := map[string]any{"type": a.On.Full, "id": v.handedID()}
	if at, ok := v.doneAt(); ok {
		record["at"] = at
	}
	for _, f := range a.On.Fields {
		if own(a, f) {
			record[f.Name] = v.me()
			continue
		}
		if f.System != policy.NotSystem || f.Compute != nil {
			continue
		}
		if x, ok := entered(v.R, f); ok {
			record[f.Name] = x
		}
	}
	full, err := v.withFiles(record, a.On)
	if err != nil {
		return nil, err
	}
	return v.submitted(full, v.handInPage)
}

// handedID is the id that the page gave what is handed in, so that a second try is known for one.
func (v *Visit) handedID() string {
	id := v.R.FormValue("id")
	plain := !strings.ContainsFunc(id, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if len(id) < 16 || len(id) > 64 || !plain {
		return newID()
	}
	return id
}

// mostKept is how long what was handed in without a connection may have waited.
const mostKept = 7 * 24 * time.Hour

// doneAt is when something was done that waited for a connection; false: it comes at once, or says
// what cannot be.
func (v *Visit) doneAt() (string, bool) {
	at, err := time.Parse(time.RFC3339, v.R.FormValue("kept"))
	now, _, e := v.now()
	if err != nil || e != nil || at.After(now) || now.Sub(at) > mostKept {
		return "", false
	}
	return at.Format(time.RFC3339), true
}

// entered is the value that a form gives a field.
func entered(r *http.Request, f *policy.Field) (any, bool) {
	s := strings.TrimSpace(r.FormValue(f.Name))
	switch f.Type.Kind {
	case value.Bool:
		return s == "true", s != ""
	case value.Point:
		lat, err1 := strconv.ParseFloat(r.FormValue(f.Name+".lat"), 64)
		lng, err2 := strconv.ParseFloat(r.FormValue(f.Name+".lng"), 64)
		if err1 != nil || err2 != nil {
			return nil, false
		}
		at := map[string]any{"lat": lat, "lng": lng, "datum": "wgs84"}
		if m, err := strconv.ParseFloat(r.FormValue(f.Name+".accuracy"), 64); err == nil {
			at["accuracy"] = m
		}
		return at, true
	case value.List:
		list := []string{}
		comma := func(c rune) bool { return strings.ContainsRune(",，、;；", c) }
		for _, part := range strings.FieldsFunc(s, comma) {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		return list, len(list) > 0
	case value.Int, value.Number, value.Money, value.Percent:
		return json.Number(s), s != ""
	}
	return s, s != ""
}

// withFiles adds the files of a form to a record. The server keeps them, and writes into the record
// what it measured.
func (v *Visit) withFiles(record map[string]any, of *policy.Record) (map[string]any, error) {
	if v.R.MultipartForm == nil {
		return record, nil
	}
	for _, f := range of.Fields {
		files := v.R.MultipartForm.File[f.Name]
		if f.Type.Kind != value.Photo || len(files) == 0 || files[0].Size == 0 {
			continue
		}
		in, err := files[0].Open()
		if err != nil {
			return nil, err
		}
		kept, err := v.Ask().PutFile(in, files[0].Filename)
		if err = errors.Join(err, in.Close()); err != nil {
			return nil, err
		}
		record[f.Name] = map[string]any{"sha256": kept.SHA256}
	}
	return record, nil
}
