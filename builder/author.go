package builder

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/builder/draft"
	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/wire"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/ask"
)

// Those who see a draft: whoever may change it, and whoever sees everything anyway.
func authors() []access.Role {
	return []access.Role{access.RoleAdmin, access.RoleAuthor, access.RoleConsultant,
		access.RoleAuditor}
}

func escape(s string) string { return url.QueryEscape(s) }

// boardScreen is the journeys of the draft.
func boardScreen() Screen {
	return Screen{Path: "board", Name: words.Board, Icon: "board", Group: words.Authoring,
		Needs: access.Read, Roles: authors(), Wide: true, Show: showBoard,
		Serve: map[string]func(*Visit){"live": (*Visit).sit}}
}

func showBoard(v *Visit) (view.Component, error) {
	d, err := v.desk()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	may := mayChange(v.Who, v.Workspace)
	p := view.BoardPage{May: may, Live: v.In("board/live") + "?seen=" + escape(d.stamp()),
		Bar:      d.bar(&v.Viewer, v.Who.ID(), may, ""),
		Journeys: newDrawing(d.checked.text, d.checked.policy, v.Lang).on(d.checked.traces).board(),
		Problems: d.problems(&v.Viewer), Adds: adds(d.checked.policy, v.Lang)}
	if q := v.R.URL.Query(); q.Has("text") {
		p.Text = d.source(v, q.Get("text"), may)
	}
	split := p.Text != nil
	if p.Bar.Split(&v.Viewer, split); split {
		p.Live += "&beside&file=" + escape(p.Text.Key) + "&draft=" + escape(d.draft.ID())
	}
	return view.Board(&v.Viewer, p), nil
}

// adds is what a stage may ask for: what people do, and what happens.
func adds(p *policy.Policy, lang string) []view.Add {
	speak := say.In(lang)
	var out []view.Add
	add := func(h *policy.Head, kind string) {
		out = append(out, view.Add{Name: speak.Name(h), Code: h.Name, Kind: kind, Text: h.Name,
			Find: findable(speak.Name(h), h.Name, h.Label.Main, h.Label.En, h.Label.Zh, kind)})
	}
	for _, a := range p.Actions {
		add(&a.Head, speak.Say("action", "动作"))
	}
	for _, r := range p.Records {
		if r.Kind == policy.Event && !r.Builtin && int(r.Span.File) < p.Own {
			add(&r.Head, speak.Say("event", "事件"))
		}
	}
	return out
}

// textScreen is the text of the draft.
func textScreen() Screen {
	return Screen{Path: "text", Name: words.Source, Icon: "source", Group: words.Authoring,
		Needs: access.Read, Does: access.Draft, Roles: authors(), Wide: true, Show: showText, Do: doText,
		Serve: map[string]func(*Visit){"live": (*Visit).sit}}
}

func showText(v *Visit) (view.Component, error) {
	d, err := v.desk()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	may := mayChange(v.Who, v.Workspace)
	p := d.text(v, v.R.URL.Query().Get("file"), may)
	if p == nil {
		return nil, &ask.NoRecordError{}
	}
	switch do := v.R.URL.Query().Get("form"); do {
	case edit.MakeFile:
		p.Form.Do = do
	case edit.RenameFile, edit.RemoveFile:
		p.Form = view.FileForm{Do: do, Name: p.File}
	case writeFile:
		p.Form = view.FileForm{Do: do, Name: p.File, Key: p.Key, Text: p.Text}
	}
	return view.Source(&v.Viewer, *p), nil
}

// text is the page of a file's text; nil: there is none.
func (d *desk) text(v *Visit, name string, may bool) *view.SourcePage {
	p := d.source(v, name, may)
	if p == nil {
		return nil
	}
	p.Problems, p.Bar = d.problems(&v.Viewer), d.bar(&v.Viewer, v.Who.ID(), may, p.File)
	p.Live = v.In("text/live") + "?file=" + escape(p.Key) + "&draft=" + escape(p.Draft) +
		"&seen=" + escape(d.stamp())
	n, _ := d.draft.File(p.Key)
	p.Files = d.tabs(&v.Viewer, n)
	return p
}

// source is a file of the draft for its editor, else the first of the policy; nil: there is none.
func (d *desk) source(v *Visit, name string, may bool) *view.SourcePage {
	files := d.draft.Files()
	var gone *view.GoneFile
	at := d.indexOf(name)
	if n, _ := d.draft.File(name); at < 0 && n >= 0 {
		was, there, by := d.draft.Called(n)
		if there { // it is called otherwise by now
			at = d.indexOf(was)
		} else if gone = (&view.GoneFile{Name: was, Key: draft.Key(n)}); by != "" {
			gone.By = d.nameOf(by)
		}
	}
	if at < 0 {
		at = max(0, slices.IndexFunc(files, func(f source.File) bool {
			return strings.HasSuffix(f.Name, ".thru")
		}))
	}
	if at >= len(files) {
		return nil
	}
	f := files[at]
	n := d.draft.Number(at)
	return &view.SourcePage{File: f.Name, Line: d.lineOf(v.R.URL.Query().Get("what"), f.Name),
		Text: f.Text, Key: draft.Key(n), Draft: d.draft.ID(), Rev: d.draft.Rev(n), May: may,
		Words: wordList(), Gone: gone}
}

// lineOf is the line of a file at which something stands that its path names; 0: nowhere.
func (d *desk) lineOf(what, file string) int {
	var p edit.Path
	if json.Unmarshal([]byte(what), &p) != nil {
		return 0
	}
	l, err := d.draft.Text().Find(p, file)
	if err != nil {
		return 0
	}
	return lineOf(l)
}

// wordList is the words of the language in both vocabularies, for the editor's colours.
func wordList() string {
	var list []string
	for _, w := range syntax.Vocabulary() {
		list = append(list, strings.Fields(w.En)...)
		list = append(list, strings.Fields(w.Zh)...)
	}
	slices.Sort(list)
	b, _ := json.Marshal(slices.Compact(list)) // texts: it never fails
	return string(b)
}

// publishScreen puts the draft in force.
func publishScreen() Screen {
	return Screen{Path: "publish", Name: words.Publish, Icon: "publish", Group: words.Authoring,
		Needs: access.Read, Does: access.Draft, Roles: authors(), Show: showPublish, Do: doPublish}
}

func showPublish(v *Visit) (view.Component, error) { return v.publishing(nil) }

// publishing is the page of what publishing would come to, with why it was not done.
func (v *Visit) publishing(wrong error) (view.Component, error) {
	d, err := v.desk()
	if err != nil {
		return nil, err
	}
	files, base, who := d.whole()
	only, way := d.only(v, who)
	if only != nil {
		files = only
	}
	l, err := v.b.doors.Look(v.Context(), v.Workspace, api.Files{Files: files}, v.Lang)
	if err != nil {
		return nil, err
	}
	means := l.Diff != nil && l.In.Hash == l.Policy.Hash
	other := another(l.In, files)
	now := api.SourceOf(l.In)
	p := view.PublishPage{Same: means && !other, Reworded: means && other,
		Moved: base != now && base != hashOf(l.In), Expect: now, Authors: who,
		Lines:      linesOf(beginsWith(l.In), files),
		MayPublish: v.May(access.Publish) || v.May(access.Tune) && l.More == "",
		TuneOnly:   !v.May(access.Publish) && v.May(access.Tune), MayDraft: v.May(access.Draft),
		Now: v.R.URL.Query().Has("now"), Untested: len(l.Tests) == 0}
	if p.Only, p.OnlyNot = only != nil, way; p.Only {
		p.Authors = []string{d.called(v)}
	}
	p.Others = slices.DeleteFunc(slices.Clone(who), func(n string) bool { return n == d.called(v) })
	p.MayOnly = len(p.Others) > 0 && len(p.Others) < len(who)
	if wrong != nil {
		x := v.problem(wrong)
		p.Wrong, p.More = x.Title, x.Detail
		if x.Told != nil {
			p.Confirm, p.Differ, p.Stranded = true, x.Told.Confirm.Differ, x.Told.Confirm.Stranded
		}
	}
	if l.Diff != nil {
		p.Diff = l.Diff.Text(v.Lang)
		p.Board = boardDiff(&v.Viewer, boardOf(l.In, v.Lang), boardOf(l.Policy, v.Lang))
	}
	for _, t := range l.Tests {
		p.Tests = append(p.Tests, view.Test{Name: t.Name, Text: t.Message, Passed: t.Passed})
		if !t.Passed {
			p.Failed++
		}
	}
	p.Problems = problemsOf(&v.Viewer, l.Policy.Files, l.Diags)
	for _, x := range l.Diags {
		if x.Code.Severity() == source.Error {
			p.Errors++
		}
	}
	if p.Errors == 0 && !means {
		if p.Flight, err = v.flight(l.Policy); err != nil {
			return nil, err
		}
	}
	return view.Publishing(&v.Viewer, p), nil
}

// beginsWith is the files that a draft begins with: those of a policy, without what comes with the
// program, with line ends as the editor counts them.
func beginsWith(p *policy.Policy) (out []api.File) {
	for _, f := range p.Files {
		if !strings.HasPrefix(f.Name, "std/") {
			out = append(out, api.File{Name: f.Name, Text: strings.ReplaceAll(f.Text, "\r\n", "\n")})
		}
	}
	return out
}

// another reports whether files are others than those of a policy.
func another(in *policy.Policy, files []api.File) bool {
	was := beginsWith(in)
	return len(was) != len(files) || slices.ContainsFunc(was, func(f api.File) bool {
		return !slices.Contains(files, f)
	})
}

func doPublish(v *Visit) (view.Component, error) {
	d, err := v.b.desk(v.Context(), v.Workspace)
	if err != nil {
		return nil, err
	}
	if v.R.FormValue("do") == "again" {
		b, err := v.b.beginning(v.Context(), v.Workspace)
		if err != nil {
			return nil, err
		}
		v.Go(v.In("board"))
		return nil, d.again(b)
	}
	files, _, who := d.whole()
	by := ""
	if only, way := d.only(v, who); only != nil {
		files, by = only, v.Who.ID()
	} else if way != "" {
		return v.publishing(nil)
	}
	source, err := v.b.doors.Publish(v.Context(), v.Who, v.Workspace,
		api.Files{Files: files, Expect: v.R.FormValue("expect"), Confirm: v.confirmed()})
	if err != nil {
		return v.publishing(err)
	}
	v.Go(v.In("publish") + "?now")
	return nil, d.published(source, by)
}

// only is what somebody changed of the draft by itself, where they ask for that; else why it is not
// to be had.
func (d *desk) only(v *Visit, who []string) (files []api.File, way string) {
	if !v.R.URL.Query().Has("only") || len(who) < 2 {
		return nil, ""
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	list, err := d.draft.Only(v.Who.ID())
	var in *edit.InTheWay
	if errors.As(err, &in) {
		return nil, v.Sayf(words.OnlyMineNot, d.nameOf(in.By), called(in.Name, v.Lang))
	}
	return filesOf(list), ""
}

func filesOf(list []source.File) (out []api.File) {
	for _, f := range list {
		out = append(out, api.File{Name: f.Name, Text: f.Text})
	}
	return out
}

// called is what whoever asks is called at the desk.
func (d *desk) called(v *Visit) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.nameOf(v.Who.ID())
}

// confirmed is what somebody was told on the page and wants all the same.
func (v *Visit) confirmed() (c api.Confirm) {
	c.Differ, _ = strconv.Atoi(v.R.FormValue("differ")) // anything else confirms nothing
	c.Stranded, _ = strconv.Atoi(v.R.FormValue("stranded"))
	return c
}

// whole is the draft's files, the text that it comes from, and who changed something.
func (d *desk) whole() (files []api.File, base string, who []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	files = filesOf(d.draft.Files())
	for _, id := range d.draft.Authors() {
		who = append(who, d.nameOf(id))
	}
	return files, d.draft.Base(), who
}

// published says that the draft is in force now, or what somebody changed of it.
func (d *desk) published(source, by string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer d.changed()
	return d.draft.Published(source, by)
}

// desk is the desk of the workspace, with a draft that follows what is in force as long as nobody
// has changed it: else publishing it would take back what others published elsewhere.
func (v *Visit) desk() (*desk, error) {
	d, err := v.b.desk(v.Context(), v.Workspace)
	if err != nil {
		return nil, err
	}
	b, err := v.b.beginning(v.Context(), v.Workspace)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	behind := d.draft.Base() != b.Base
	untouched := len(d.draft.Authors()) == 0
	d.mu.Unlock()
	if behind && untouched {
		return d, d.again(b)
	}
	return d, nil
}

// again begins the draft anew. A page that shows its text comes again, with what was typed there
// and not sent; the others are told what is another, and keep what somebody writes in them.
func (d *desk) again(b draft.Beginning) error {
	d.mu.Lock()
	err := d.draft.Begin(b)
	d.mu.Unlock()
	if err != nil {
		return err
	}
	d.check()
	d.mu.Lock()
	defer d.mu.Unlock()
	for s := range d.seats {
		if s.file != "" {
			s.tell(&wire.Update{Anew: true})
		}
	}
	d.changed()
	return nil
}
