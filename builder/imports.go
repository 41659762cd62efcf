package builder

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/ingest"
	"github.com/throughline/throughline/runtime/intake"
)

// importsScreen is the tables that came.
func importsScreen() Screen {
	return Screen{Path: "import", Name: words.Import, Icon: "import", Group: words.Governing,
		Needs: access.Submit, Roles: []access.Role{access.RoleAdmin},
		Show: func(v *Visit) (view.Component, error) { return v.importsPage("") }, Do: doImports}
}

// importScreen is one of them.
func importScreen() Screen {
	return Screen{Path: "import/{import}", Name: words.Import, Needs: access.Submit,
		Show: func(v *Visit) (view.Component, error) { return v.importPage("", "") }, Do: doImport,
		Serve: map[string]func(*Visit){"part": (*Visit).importPart}}
}

func (v *Visit) importsPage(wrong string) (view.Component, error) {
	d, err := v.Ask().Desk()
	if err != nil {
		if v.b.doors.Problem(err, "en").Code == "no-imports" {
			return view.Imports(&v.Viewer, view.ImportsPage{Off: true}), nil
		}
		return nil, err
	}
	p := view.ImportsPage{Wrong: wrong, Type: v.R.FormValue("type"), Mapping: v.R.FormValue("mapping")}
	pol, err := v.Policy()
	if err != nil {
		return nil, err
	}
	sp := say.In(v.Lang)
	for _, r := range pol.Records {
		if !r.Builtin && !r.Kept && (r.Kind == policy.Entity || r.Kind == policy.Event) {
			p.Types = append(p.Types, [2]string{r.Full, sp.Name(&r.Head)})
		}
	}
	mappings, err := d.Mappings(v.Workspace)
	if err != nil {
		return nil, err
	}
	for _, m := range mappings {
		p.Mappings = append(p.Mappings, [2]string{m.Name, m.Name})
	}
	list, err := d.List(v.Workspace)
	for i := range list {
		row, err := v.importRow(&list[i])
		if err != nil {
			return nil, err
		}
		p.List = append(p.List, row)
	}
	return view.Imports(&v.Viewer, p), err
}

func (v *Visit) importRow(j *intake.Job) (view.ImportRow, error) {
	_, zone, err := v.now()
	if err != nil {
		return view.ImportRow{}, err
	}
	r := view.ImportRow{Name: j.Name, Rows: j.Rows, When: stamp(j.At.UnixMicro(), zone),
		Href: v.In("import/" + j.ID)}
	state := words.ImportReady
	switch r.Tone = view.Info; j.State {
	case intake.Running:
		state, r.Tone = words.ImportRunning, view.Accent
	case intake.Done:
		state, r.Tone = words.ImportDone, view.Good
	case intake.Cancelled:
		state, r.Tone = words.ImportCancelled, view.Warn
	case intake.Failed:
		state, r.Tone = words.ImportFailed, view.Bad
	case intake.Undoing:
		state, r.Tone = words.ImportUndoing, view.Accent
	case intake.Undone:
		state, r.Tone = words.ImportUndone, view.Plain
	}
	r.State = v.Say(state)
	return r, nil
}

// doImports takes a table that was sent, and looks at it.
func doImports(v *Visit) (view.Component, error) {
	d, err := v.Ask().Desk()
	if err != nil {
		return nil, err
	}
	in, head, err := v.R.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return v.importsPage(v.Say(words.ImportNoFile))
	}
	if err != nil {
		return v.importsPage(v.said(err))
	}
	defer func() { _ = in.Close() }() // it is only read
	t := &intake.Table{Name: head.Filename, By: v.Who.ID(), Lang: v.Lang, Type: v.R.FormValue("type"),
		Mends: true}
	if name := v.R.FormValue("mapping"); name != "" {
		m, err := d.Mapping(v.Workspace, name)
		if err != nil {
			return v.importsPage(v.said(err))
		}
		t.Mapping = m.Text
	}
	if t.Data, err = io.ReadAll(in); err != nil {
		return nil, err
	}
	x, err := d.Take(v.Context(), v.Workspace, t)
	if err != nil {
		return v.importsPage(v.said(err))
	}
	v.Go(v.In("import/" + x.Job.ID))
	return nil, nil
}

func (v *Visit) importPage(wrong, told string) (view.Component, error) {
	d, err := v.Ask().Desk()
	if err != nil {
		return nil, err
	}
	j, err := d.Job(v.Workspace, v.R.PathValue("import"))
	if err != nil {
		return nil, err
	}
	p := view.ImportPage{Wrong: wrong, Told: told, Ready: j.State == intake.Ready}
	if p.ImportRow, err = v.importRow(j); err != nil {
		return nil, err
	}
	pol, err := v.Policy()
	if err != nil {
		return nil, err
	}
	of := recordCalled(pol, j.Type)
	if p.Type = j.Type; of != nil {
		p.Type = say.In(v.Lang).Name(&of.Head)
	}
	if !p.Ready {
		p.Status = v.importStatus(j, p.ImportRow)
		return view.ImportOne(&v.Viewer, p), nil
	}
	x, err := d.Again(v.Context(), v.Workspace, j.ID, intake.Table{Mapping: j.Mapping, Lang: v.Lang})
	switch {
	case err == nil:
		p.Trial = v.importTrial(x.Report, of)
	case x == nil || len(x.Columns) == 0:
		return nil, err
	case p.Wrong == "":
		p.Wrong = v.unmapped(err)
	}
	p.Fields = [][2]string{{"id", v.Say(words.ImportID)}, {"at", v.Say(words.ImportAt)}}
	if of != nil {
		for _, f := range of.Fields {
			if f.System == policy.NotSystem && f.Compute == nil {
				p.Fields = append(p.Fields, [2]string{f.Name, say.In(v.Lang).FieldName(f)})
			}
		}
	}
	p.Columns, err = v.importColumns(j, x.Columns)
	return view.ImportOne(&v.Viewer, p), err
}

func recordCalled(p *policy.Policy, name string) *policy.Record {
	for _, r := range p.Records {
		if r.Full == name || r.Name == name {
			return r
		}
	}
	return nil
}

// unmapped is what is wrong with a mapping, to whoever chooses fields of columns.
func (v *Visit) unmapped(err error) string {
	var f *ingest.Fault
	if errors.As(err, &f) && f.Why == ingest.NoID {
		return v.Say(words.ImportNoID)
	}
	return v.said(err)
}

// importColumns are the columns as the form or the mapping has them, and as they were guessed.
func (v *Visit) importColumns(
	j *intake.Job, guesses []ingest.Guess,
) (out []view.ImportColumn, err error) {
	m, err := ingest.ReadMapping(j.Mapping)
	if err != nil {
		return nil, err
	}
	to := map[string]string{}
	for _, c := range m.Columns {
		to[c.From] = c.To
	}
	mapped := v.R.FormValue("do") == "map"
	for i := 0; mapped && v.R.FormValue("from."+strconv.Itoa(i)) != ""; i++ {
		to[v.R.FormValue("from."+strconv.Itoa(i))] = v.R.FormValue("to." + strconv.Itoa(i))
	}
	for _, g := range guesses {
		c := view.ImportColumn{Name: g.Header, Field: to[g.Header],
			Samples: strings.Join(g.Samples[:min(len(g.Samples), 3)], " · ")}
		if g.Field != "" && g.Field == c.Field {
			c.Sure, c.Tone = fmt.Sprintf("%.0f%%", 100*g.Confidence), view.Warn
			if g.Confidence >= ingest.Sure {
				c.Tone = view.Good
			}
		}
		delete(to, g.Header)
		out = append(out, c)
	}
	for _, c := range m.Columns {
		if f, left := to[c.From]; left && f != "" {
			out = append(out, view.ImportColumn{Name: c.From, Field: f})
		}
	}
	return out, nil
}

func (v *Visit) importTrial(r *ingest.Report, of *policy.Record) *view.ImportTrial {
	t := &view.ImportTrial{Takes: r.Rows - r.Refused}
	count := func(tone string, n int, what words.Text) {
		if n > 0 {
			t.Counts = append(t.Counts, [3]string{tone, strconv.Itoa(n), v.Say(what)})
		}
	}
	count(view.Good, r.New, words.ImportNews)
	count(view.Info, r.Update, words.ImportUpdates)
	count(view.Warn, r.Again, words.ImportTwice)
	count(view.Bad, r.Refused, words.ImportRefused)
	for i := range r.Problems {
		x := &r.Problems[i]
		p := view.ImportProblem{Text: x.Code, Field: x.Field, Count: x.Count, Refuses: x.Refuses}
		if len(x.Examples) > 0 {
			p.Text = x.Examples[0].Text
		}
		if of != nil {
			i := slices.IndexFunc(of.Fields, func(f *policy.Field) bool { return f.Name == x.Field })
			if i >= 0 {
				p.Field = say.In(v.Lang).FieldName(of.Fields[i])
			}
		}
		for _, e := range x.Examples {
			p.Examples = append(p.Examples, v.Sayf(words.ImportRowN, e.Row))
		}
		t.Problems = append(t.Problems, p)
	}
	return t
}

func (v *Visit) importStatus(j *intake.Job, row view.ImportRow) view.ImportStatus {
	s := view.ImportStatus{ID: j.ID, State: row.State, Tone: row.Tone, Why: j.WhyIn(v.Lang),
		Moves: j.State == intake.Running || j.State == intake.Undoing,
		MayGo: j.State == intake.Cancelled || j.State == intake.Failed,
		Part:  v.In("import/" + j.ID + "/part"), MayCancel: j.State == intake.Running}
	done := j.Done
	if j.State == intake.Undoing && j.Undo != nil {
		done = j.Undo.Done
	}
	s.Progress = v.Sayf(words.ImportProgress, done, j.Rows)
	s.Share = float64(done) / float64(max(j.Rows, 1))
	names := map[string]words.Text{"accepted": words.Accepted, "held": words.Held,
		"rejected": words.Rejected, "duplicate": words.Duplicate}
	back := 0
	for outcome, n := range j.Counts { //tidy:order sorted below
		name := outcome
		if w, ok := names[outcome]; ok {
			name = v.Say(w)
		}
		if outcome != "accepted" && outcome != "duplicate" {
			back += n
		}
		s.Counts = append(s.Counts, [2]string{name, strconv.Itoa(n)})
	}
	slices.SortFunc(s.Counts, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	if back > 0 && !s.Moves {
		s.Returned = "/v1/" + v.Workspace + "/imports/" + j.ID + "/returned?as=xlsx&lang=" + v.Lang
	}
	if _, zone, err := v.now(); err == nil && j.State == intake.Done && j.Until != nil {
		s.Undo = v.Sayf(words.ImportUndoFor, stamp(j.Until.UnixMicro(), zone))
	}
	if j.State == intake.Undone && j.Undo != nil {
		s.Undid = v.Sayf(words.ImportUndid, j.Undo.Back, j.Undo.Left)
	}
	return s
}

// importPart is how far an import is, for a page that is open.
func (v *Visit) importPart() {
	d, err := v.Ask().Desk()
	if err == nil {
		var j *intake.Job
		if j, err = d.Job(v.Workspace, v.R.PathValue("import")); err == nil {
			var row view.ImportRow
			if row, err = v.importRow(j); err == nil {
				v.fragment(view.ImportProgress(&v.Viewer, v.importStatus(j, row)))
				return
			}
		}
	}
	v.fault(err)
}

// doImport maps a table anew, takes it in, ends that, or takes it back.
func doImport(v *Visit) (view.Component, error) {
	d, err := v.Ask().Desk()
	if err != nil {
		return nil, err
	}
	id := v.R.PathValue("import")
	switch v.R.FormValue("do") {
	case "start":
		_, err = d.Start(v.Workspace, id)
	case "cancel":
		_, err = d.Cancel(v.Workspace, id)
	case "undo":
		_, err = d.UndoBy(v.Workspace, id, v.Who.ID())
	case "map":
		err = v.mapImport(d, id)
	case "keep":
		var j *intake.Job
		if j, err = d.Job(v.Workspace, id); err == nil {
			err = d.SaveMapping(v.Workspace, intake.Mapping{Name: strings.TrimSpace(v.R.FormValue("as")),
				Text: j.Mapping})
		}
		if err == nil {
			v.done = true
			return v.importPage("", v.Say(words.ImportKept))
		}
	}
	if err != nil {
		return v.importPage(v.unmapped(err), "")
	}
	return nil, nil
}

// mapImport tries a table with the fields that the form gives its columns.
func (v *Visit) mapImport(d *intake.Desk, id string) error {
	j, err := d.Job(v.Workspace, id)
	if err != nil {
		return err
	}
	m, err := ingest.ReadMapping(j.Mapping)
	if err != nil {
		return err
	}
	was := map[string]ingest.Column{}
	for _, c := range m.Columns {
		was[c.From] = c
	}
	m.Columns = nil
	for i := 0; v.R.FormValue("from."+strconv.Itoa(i)) != ""; i++ {
		from, to := v.R.FormValue("from."+strconv.Itoa(i)), v.R.FormValue("to."+strconv.Itoa(i))
		if to == "" {
			m.ID = slices.DeleteFunc(m.ID, func(s string) bool { return s == from })
			continue
		}
		c := ingest.Column{From: from, To: to}
		if o := was[from]; o.To == to {
			c = o // with how its cells are read
		}
		m.Columns = append(m.Columns, c)
	}
	text, err := m.Text()
	if err != nil {
		return err
	}
	_, err = d.Again(v.Context(), v.Workspace, id, intake.Table{Mapping: text, Lang: v.Lang})
	return err
}
