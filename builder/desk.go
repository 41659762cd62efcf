package builder

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/throughline/throughline/builder/draft"
	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/builder/wire"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
)

// A desk is where the authors of one workspace work on its draft. Commands are done one after the
// other; everybody who sits there is told.
type desk struct {
	b         *Builder
	workspace string

	mu      sync.Mutex
	draft   *draft.Draft
	seats   map[*seat]bool
	checked *checked
	books   books
	past    past
	pinned  pinned
	history history
	typing  map[string]time.Time // when somebody typed last
	names   map[string]string    // of those who changed something, by id

	stale    chan struct{} // one token: the text is another than what was checked
	checking sync.Mutex    // of checker; what was checked last is the latest text
	checker  dsl.Checker
}

// checked is a draft as the checker saw it.
type checked struct {
	text   *edit.Text
	policy *policy.Policy
	diags  []source.Diagnostic
	files  []int // their numbers
	revs   map[int]int
	state  int
	same   bool // it is what is in force

	played *played // what it decides on what is pinned; nil: nothing is, or it has mistakes
	traces []trace // of that
}

// desks are the desks of a server, opened when somebody comes.
type desks struct {
	mu   sync.Mutex
	open map[string]*desk
}

// desk is the desk of a workspace.
func (b *Builder) desk(ctx context.Context, workspace string) (*desk, error) {
	b.desks.mu.Lock()
	defer b.desks.mu.Unlock()
	if d := b.desks.open[workspace]; d != nil {
		return d, nil
	}
	d := &desk{b: b, workspace: workspace, seats: map[*seat]bool{}, typing: map[string]time.Time{},
		names: map[string]string{}, stale: make(chan struct{}, 1)}
	var err error
	d.draft, err = draft.Open(filepath.Join(b.o.Drafts, workspace, "draft.log"),
		func() (draft.Beginning, error) { return b.beginning(ctx, workspace) })
	if err != nil {
		return nil, err
	}
	if err := d.readBench(); err != nil {
		return nil, err
	}
	d.check()
	go d.keepChecked()
	if b.desks.open == nil {
		b.desks.open = map[string]*desk{}
	}
	b.desks.open[workspace] = d
	return d, nil
}

// beginning is what a draft begins with: the files of the policy in force, without those that come
// with the program.
func (b *Builder) beginning(ctx context.Context, workspace string) (draft.Beginning, error) {
	p, err := b.inForce(ctx, workspace)
	if err != nil {
		return draft.Beginning{}, err
	}
	out := draft.Beginning{Base: api.SourceOf(p)}
	for _, f := range beginsWith(p) {
		out.Files = append(out.Files, source.File{Name: f.Name, Text: f.Text})
	}
	return out, nil
}

func hashOf(p *policy.Policy) string { return fmt.Sprintf("%x", p.Hash[:]) }

// keepChecked looks at the text again whenever it has changed, and tells everybody.
func (d *desk) keepChecked() {
	ends := d.b.doors.Ends()
	for {
		if d.learn() {
			d.tellAll()
		}
		select {
		case <-ends.Done():
			d.mu.Lock()
			_ = d.draft.Close() // every change is on disk already
			d.mu.Unlock()
			return
		case <-d.stale:
			d.check()
			d.tellAll()
		}
	}
}

// check looks at the text as it is.
func (d *desk) check() {
	d.checking.Lock()
	defer d.checking.Unlock()
	d.mu.Lock()
	c := &checked{text: d.draft.Text(), revs: d.draft.Revs(), state: d.draft.Steps()}
	pins := d.pinned
	for i := range c.text.Files() {
		c.files = append(c.files, d.draft.Number(i))
	}
	d.mu.Unlock()
	c.policy, c.diags = d.b.checkFiles(&d.checker, c.text.Files())
	if !dsl.HasErrors(c.diags) {
		if now, err := d.b.inForce(context.Background(), d.workspace); err == nil {
			c.same = now.Hash == c.policy.Hash && !another(now, filesOf(c.text.Files()))
		}
		c.played = play(c.policy, pins)
		c.traces = traces(c.policy, c.played)
	}
	d.mu.Lock()
	d.checked = c
	d.mu.Unlock()
}

// checkFiles checks a draft's files; what is in its settings is told as well.
func (b *Builder) checkFiles(
	k *dsl.Checker, files []source.File,
) (*policy.Policy, []source.Diagnostic) {
	var set policy.Settings
	var beside []source.Diagnostic
	var text []source.File
	var toml source.File
	for _, f := range files {
		switch {
		case f.Name == "thru.toml":
			toml = f
			set, beside = dsl.SettingsOf(f.Text)
		case path.Ext(f.Name) == ".thru":
			text = append(text, f)
		}
	}
	p, diags := k.Check(text, set)
	if toml.Name != "" {
		p.Files = append(p.Files, toml)
		for i := range beside {
			beside[i].Span.File = int32(len(p.Files) - 1)
		}
	}
	return p, append(beside, diags...)
}

// changed says that the text is another.
func (d *desk) changed() {
	select {
	case d.stale <- struct{}{}:
	default: // somebody said so already
	}
}

// goesOn is how long somebody may pause in typing for it to be one thing to undo.
const goesOn = 600 * time.Millisecond

// asks are the commands that change nothing.
func asks() map[string]func(*desk, *seat, *wire.Command) {
	return map[string]func(*desk, *seat, *wire.Command){
		"look": (*desk).look, "offer": (*desk).offer, "hover": (*desk).hover,
		"define": (*desk).define, "detail": (*desk).define, "caret": (*desk).caret,
		"show": (*desk).showText, "try": (*desk).try, "untry": (*desk).try,
	}
}

// do does what somebody at the desk asks for.
func (d *desk) do(s *seat, c *wire.Command) {
	if f := asks()[c.Do]; f != nil {
		d.mu.Lock()
		d.named(c)
		d.mu.Unlock()
		f(d, s, c)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !s.may {
		s.tell(&wire.Update{Say: words.NotAllowed.In(s.lang), Wrong: true})
		return
	}
	d.named(c)
	was := d.state()
	said, err := d.done(s, c)
	d.tellSince(was, s.by, s.name)
	switch {
	case err != nil:
		s.tell(&wire.Update{Say: d.excuse(err, s.lang), Wrong: true})
	case said != "":
		s.tell(&wire.Update{Say: said})
	}
}

// A state is what a draft was before something was done.
type state struct {
	text  *edit.Text
	revs  map[int]int
	steps int
}

func (d *desk) state() state { return state{d.draft.Text(), d.draft.Revs(), d.draft.Steps()} }

// tellSince tells every page what somebody has done since, where they did anything: of the file
// that it shows, or that this is gone.
func (d *desk) tellSince(was state, by, name string) {
	if d.draft.Steps() == was.steps {
		return
	}
	d.names[by] = name
	d.lookOn(was.text, d.draft.Text())
	for o := range d.seats {
		n, there := d.draft.File(o.file)
		if o.file != "" && !there {
			d.lead(o, n)
		} else if since, ok := d.draft.Since(n, was.revs[n]); ok {
			o.tell(&wire.Update{Changes: since})
		}
	}
	d.changed()
}

// done does a command, and says what was done where that is to be told.
func (d *desk) done(s *seat, c *wire.Command) (string, error) {
	switch c.Do {
	case edit.Insert, edit.Move, edit.Delete, edit.Replace, edit.Set:
		return d.gesture(s, c)
	case "undo":
		name, err := d.draft.Undo(s.by)
		if name == "" {
			return words.NothingTo.In(s.lang), err
		}
		return words.Undone.With(called(name, s.lang)).In(s.lang), err
	case "redo":
		name, err := d.draft.Redo(s.by)
		if name == "" {
			return words.NothingTo.In(s.lang), err
		}
		return words.Redone.With(called(name, s.lang)).In(s.lang), err
	case "edit":
		return "", d.typed(s, c)
	case "fix":
		return d.fix(s, c)
	case "weigh":
		return d.weigh(s, c)
	case "mode":
		return d.setMode(s, c)
	case "rename":
		return d.rename(s, c)
	case "format":
		return d.format(s, c)
	case "pin":
		return d.pinning(s, c)
	}
	return "", errUnknown
}

// Errors of commands.
var (
	errUnknown = errors.New("there is no such command")
	errLarge   = errors.New("that is too much text")
	errWeights = errors.New("the weights do not add up")
	errStale   = errors.New("the text is another than the one that was looked at")
)

// mostText is how many bytes a file of a draft may have. The editor refuses sooner.
const mostText = 8 << 20

// room reports whether there is room for what edits put in.
func (d *desk) room(edits []source.Edit) bool {
	more := map[int32]int{}
	for _, e := range edits {
		more[e.Span.File] += len(e.New) - int(e.Span.End-e.Span.Off)
	}
	for i, n := range more {
		if n > 0 && len(d.draft.Files()[i].Text)+n > mostText {
			return false
		}
	}
	return true
}

func (d *desk) gesture(s *seat, c *wire.Command) (string, error) {
	op := edit.Op{Do: c.Do, What: c.What, Into: c.Into, File: c.File, Index: c.Index, Text: c.Text,
		Count: c.Count, Was: c.Was}
	if c.Do == edit.Move && c.Was != "" {
		op.Index = before(d.draft.Text(), &op, c.Was)
	}
	edits, err := d.draft.Text().Do(op)
	if err != nil || len(edits) == 0 {
		return words.DidNothing.In(s.lang), err
	}
	if !d.room(edits) {
		return "", errLarge
	}
	about := c.Text
	if len(c.What) > 0 {
		about = c.What[len(c.What)-1]
	}
	name := c.Do + "|" + short(about)
	err = d.draft.Do(draft.Step{By: s.by, Name: name, Edits: edits})
	return words.Done.With(called(name, s.lang)).In(s.lang), err
}

// before is where a line of a block stands that another is moved in front of, among the others:
// whoever moved it saw its name, and lines may have come and gone since. Where it is gone, their
// index counts.
func before(t *edit.Text, op *edit.Op, key string) int {
	l, err := t.Find(op.Into, op.File)
	if err != nil {
		return op.Index
	}
	keys := edit.Keys(l.Lines())
	at := slices.Index(keys, key)
	if at < 0 {
		return op.Index
	}
	n := len(op.Into)
	if len(op.What) == n+1 && slices.Equal(op.What[:n], op.Into) {
		if own := slices.Index(keys, op.What[n]); own >= 0 && own < at {
			at--
		}
	}
	return at
}

// fix does what the checker offers for something that it says, as long as it says it of the text as
// it is.
func (d *desk) fix(s *seat, c *wire.Command) (string, error) {
	at := d.checked
	if c.File != d.stamp() || at.text != d.draft.Text() || c.Index < 0 || c.Index >= len(at.diags) {
		return "", errStale
	}
	var edits []source.Edit
	for _, e := range mending(&at.diags[c.Index]) {
		name := at.policy.Files[e.Span.File].Name
		i := slices.IndexFunc(at.text.Files(), func(f source.File) bool { return f.Name == name })
		if i < 0 {
			return "", errStale
		}
		e.Span.File = int32(i)
		edits = append(edits, e)
	}
	slices.SortFunc(edits, func(a, b source.Edit) int {
		return cmp.Or(cmp.Compare(a.Span.File, b.Span.File), cmp.Compare(a.Span.Off, b.Span.Off))
	})
	name := "fix|" + string(at.diags[c.Index].Code)
	err := d.draft.Do(draft.Step{By: s.by, Name: name, Edits: edits})
	return words.Done.With(called(name, s.lang)).In(s.lang), err
}

// mending is how what the checker says can be mended: as it says itself, or by the nearest word.
func mending(x *source.Diagnostic) []source.Edit {
	switch {
	case x.Fix != nil:
		return slices.Clone(x.Fix.Edits)
	case x.Near != "" && x.Span.End > x.Span.Off:
		return []source.Edit{{Span: x.Span, New: x.Near}}
	}
	return nil
}

// typed takes what an editor typed. Where others were faster it is not taken: its sender is about
// to hear of their changes, puts its own on top of them, and asks again.
func (d *desk) typed(s *seat, c *wire.Command) error {
	at := d.indexOf(c.File)
	if at < 0 {
		return &edit.Refused{Why: edit.NoSuchFile, What: d.nameIn(c.File)}
	}
	if c.Rev != d.draft.Rev(d.draft.Number(at)) || len(c.Sets) == 0 || c.By == "" {
		return nil
	}
	name := "type|" + c.File
	for _, set := range c.Sets {
		edits, err := set.Edits(int32(at), d.draft.Files()[at].Text)
		if err != nil {
			return err
		}
		if !d.room(edits) {
			return errLarge
		}
		now := time.Now()
		more := now.Sub(d.typing[s.by]) < goesOn
		if len(edits) > 0 {
			d.typing[s.by] = now
		}
		err = d.draft.Do(draft.Step{By: s.by, Name: name, From: c.By, More: more, Edits: edits})
		if err != nil {
			return err
		}
	}
	return nil
}

// mostShort is how many signs of a line its name has in undo and in what is said.
const mostShort = 40

func short(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > mostShort {
		return string(r[:mostShort]) + "…"
	}
	return text
}

// called is what a step is called in a language; the journal holds what was done and about what.
func called(name, lang string) string {
	do, about, _ := strings.Cut(name, "|")
	t, ok := map[string]words.Text{edit.Move: words.DidMove, edit.Insert: words.DidInsert,
		edit.Delete: words.DidDelete, edit.Replace: words.DidReplace, "type": words.DidType,
		"fix": words.DidFix, edit.Set: words.DidSet, "weigh": words.DidWeigh, "mode": words.DidMode,
		"rename": words.DidRename, "format": words.DidFormat,
		edit.MakeFile + "-file": words.DidMakeFile, edit.RenameFile + "-file": words.DidRenameFile,
		edit.RemoveFile + "-file":  words.DidRemoveFile,
		edit.RestoreFile + "-file": words.DidRestoreFile}[do]
	if !ok {
		return name
	}
	return t.With(about).In(lang)
}

// excuse says why a command was not done.
func (d *desk) excuse(err error, lang string) string {
	var refused *edit.Refused
	var way *edit.InTheWay
	var own *toldError
	switch {
	case errors.As(err, &refused):
		return refused.In(lang)
	case errors.As(err, &way):
		return words.InTheWay.With(d.nameOf(way.By), called(way.Name, lang)).In(lang)
	case errors.As(err, &own):
		return own.text
	case errors.Is(err, errWeights):
		return words.WeightsNot.In(lang)
	case errors.Is(err, errStale):
		return words.FixStale.In(lang)
	case errors.Is(err, errLarge):
		return words.TooLarge.In(lang)
	case errors.Is(err, errUnknown), errors.Is(err, wire.ErrSet):
		return words.NotUnderstood.In(lang)
	}
	d.b.o.Log.Error("draft", "workspace", d.workspace, "err", err)
	return words.NotWritten.In(lang)
}

// nameOf is what somebody is called.
func (d *desk) nameOf(id string) string {
	if name := d.names[id]; name != "" {
		return name
	}
	for _, p := range d.b.o.Access.People() {
		if p.ID == id {
			return p.Name
		}
	}
	for _, k := range d.b.o.Access.Keys() {
		if k.ID == id {
			return k.Label
		}
	}
	return id
}

// leave lets somebody go.
func (d *desk) leave(s *seat) {
	d.mu.Lock()
	delete(d.seats, s)
	if s.caret != nil {
		d.tellCarets(s.file)
	}
	d.mu.Unlock()
	d.changed() // the others see who is here
}

// here are the names of those who sit at the desk.
func (d *desk) here() []string {
	var out []string
	for s := range d.seats {
		if !slices.Contains(out, s.name) {
			out = append(out, s.name)
		}
	}
	slices.Sort(out)
	return out
}

// encode writes an update as the page reads it.
func encode(u *wire.Update) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(u) // texts and numbers: it never fails
	return bytes.TrimSpace(b.Bytes())
}

// mayChange reports whether somebody may change a workspace's draft.
func mayChange(who *access.Who, workspace string) bool { return who.May(access.Draft, workspace) }
