package builder

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/builder/draft"
	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/wire"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/lsp"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/internal/live"
	"github.com/throughline/throughline/runtime/access"
)

// A seat is one open page at a desk.
type seat struct {
	d    *desk
	lang string
	by   string // who: the id of a person or key
	name string
	may  bool
	seen string // what the page was drawn of
	page string // board, rules or text
	file string // the key of the one whose text the page shows; "": none
	at   looking
	// Where whoever it is is in the file.
	caret *wire.Caret
	// Who it is, as far as the log is tried for them.
	who   *access.Who
	whole bool // they see every record
	view  *view.Viewer

	out   chan *wire.Update
	over  chan struct{}     // closed when the page is too slow to be told
	shown map[string]string // parts of the page, as they were sent last
}

// Bounds on a page that is open.
const (
	mostWaiting = 256      // updates that a page has not taken
	mostSaid    = 32 << 20 // bytes of a command: a whole file may be pasted
	mostLooked  = 4 << 10  // the same of whoever may only look
	mostCommand = 40       // commands a second, after a burst of as many
	pingEvery   = 20 * time.Second
)

// tell queues an update. A page that does not take them is let go: it comes again by itself, and
// asks for what it missed.
func (s *seat) tell(u *wire.Update) {
	if len(u.HTML) == 0 && len(u.Changes) == 0 && u.Diags == nil && u.Offers == nil &&
		u.Told == nil && u.Go == nil && u.Carets == nil && u.Here == nil && u.Say == "" && !u.Anew {
		return
	}
	select {
	case s.out <- u:
	default:
		select {
		case <-s.over:
		default:
			close(s.over)
		}
	}
}

// sit opens the socket of a page and serves it until it goes.
func (v *Visit) sit() {
	d, err := v.b.desk(v.Context(), v.Workspace)
	if err != nil {
		v.fault(err)
		return
	}
	q, sees := v.R.URL.Query(), v.Who.View(access.Draft, v.Workspace)
	s := &seat{d: d, lang: v.Lang, by: v.Who.ID(), name: v.Name, file: q.Get("file"),
		seen: q.Get("seen"), may: mayChange(v.Who, v.Workspace), view: &v.Viewer,
		at: lookOf(q), page: "board", who: v.Who, whole: sees.Whole(),
		out: make(chan *wire.Update, mostWaiting), over: make(chan struct{}),
		shown: map[string]string{}}
	switch {
	case q.Has("beside"): // the board, and the text of a file beside it
	case s.file != "":
		s.page = "text"
	case q.Has("rules"):
		s.page = "rules"
	case q.Has("bench"):
		s.page = "bench"
	}
	rev, err := strconv.Atoi(q.Get("rev"))
	if err != nil {
		rev = 0
	}
	most := int64(mostLooked)
	if s.may {
		most = mostSaid
	}
	conn, err := live.Talk(v.W, v.R, most)
	if err != nil {
		return // it was answered
	}
	d.mu.Lock()
	n, there := d.draft.File(s.file)
	since, ok := d.draft.Since(n, rev)
	switch {
	case s.file == "":
	case !ok || n < 0 || q.Get("draft") != d.draft.ID():
		s.tell(&wire.Update{Anew: true})
	case !there:
		d.lead(s, n)
	default:
		s.file = draft.Key(n)
		s.tell(&wire.Update{Changes: since})
	}
	d.seats[s] = true
	d.mu.Unlock()
	d.changed()
	s.serve(conn, v.Who)
	d.leave(s)
	_ = conn.Close() // it may be gone
}

// serve talks with a page until it goes, is too slow, may not be there any more, or the server
// stops.
func (s *seat) serve(conn *live.Conn, who *access.Who) {
	pings := time.NewTicker(s.d.b.pings)
	defer pings.Stop()
	gate := bucket{left: mostCommand, at: time.Now()}
	for {
		select {
		case <-conn.Gone():
			return
		case <-s.over:
			return
		case <-s.d.b.doors.Ends().Done():
			return
		case <-pings.C:
			// Who they are and what they may do is looked at again while they stay.
			now, ok := s.d.b.o.Access.Again(who)
			if !ok || !now.May(access.Read, s.d.workspace) || ping(conn) != nil {
				return
			}
			s.d.mu.Lock()
			s.may = mayChange(now, s.d.workspace)
			s.d.mu.Unlock()
		case text := <-conn.Said():
			var c wire.Command
			if json.Unmarshal(text, &c) != nil || !gate.pass(time.Now()) {
				return
			}
			s.d.do(s, &c)
		case u := <-s.out:
			if conn.Send(encode(u)) != nil {
				return
			}
		}
	}
}

// ping asks whether a page is there, and says that the server is: a browser waits for many minutes
// where the network went away without a word, and a page hears nothing of a ping.
func ping(c *live.Conn) error {
	if err := c.Ping(); err != nil {
		return err
	}
	return c.Send(encode(&wire.Update{}))
}

// bucket lets so many commands through.
type bucket struct {
	left float64
	at   time.Time
}

func (b *bucket) pass(now time.Time) bool {
	b.left = min(mostCommand, b.left+mostCommand*now.Sub(b.at).Seconds())
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// tellAll sends every page the parts of it that are others than before.
func (d *desk) tellAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	type group struct {
		lang, page string
		may        bool
	}
	d.tryPast()
	drawn := map[group][]part{}
	for s := range d.seats {
		g := group{s.lang, s.page, s.may}
		parts, ok := drawn[g]
		if !ok {
			parts = d.parts(s)
			drawn[g] = parts
		}
		s.show(append(d.own(s), parts...))
		s.tell(&wire.Update{Diags: d.diagsOf(s)})
	}
}

// A part of a page has an id, and is sent where it is another than before.
type part struct {
	id, html string
	own      bool // it is whoever looks who makes it what it is
}

// own are the parts that are of a page alone: what can be undone, and what is looked at.
func (d *desk) own(s *seat) []part {
	out := []part{{"bar", draw(view.DeskBar(s.view, d.barOf(s))), true}}
	n, _ := d.draft.File(s.file)
	if name, _, _ := d.draft.Called(n); name != "" {
		out = append(out, part{"text-label", draw(view.TextLabel(s.view, name)), true})
	}
	switch s.page {
	case "text":
		return append(out, part{"files", draw(view.FileTabs(s.view, d.tabs(s.view, n))), true})
	case "bench":
		return append(out, part{"bench-pinned",
			draw(view.BenchPinned(d.pinned.Lines, d.pinned.Until)), true})
	}
	if s.page == "rules" {
		out = append(out, part{"rules", draw(view.RuleList(s.view, d.rules(s.view, s.at))), true})
	}
	look := view.NoInspector()
	if s.at.path != nil {
		x := d.inspected(s.view, s.at, s.may)
		if !x.Gone {
			x.Fired, x.Size = d.firedOf(s), d.sizeOf(s.view, s.at, s.whole)
		}
		look = view.Inspected(s.view, x)
	}
	return append(out, part{"inspector", draw(look), true})
}

// parts are those that all pages of one kind have in common. A journey's frame says which columns
// it has; where that is as before, the columns are sent each by itself.
func (d *desk) parts(s *seat) []part {
	switch s.page {
	case "rules":
		return nil
	case "bench":
		return []part{{id: "bench-result", html: draw(view.BenchResults(s.view, d.benchOf(s.lang)))}}
	}
	out := []part{{id: "problems", html: draw(view.ProblemList(s.view, d.problems(s.view)))}}
	if s.page == "text" {
		return out
	}
	list := newDrawing(d.checked.text, d.checked.policy, s.lang).on(d.checked.traces).board()
	frame := "frame"
	for _, j := range list {
		frame += " " + j.ID
	}
	if len(list) == 0 {
		frame = draw(view.Boards(s.view, view.BoardPage{May: s.may}))
	}
	out = append(out, part{id: "#boards", html: frame})
	for _, j := range list {
		bare := j
		bare.Columns = nil
		frame := draw(view.JourneyBoard(s.view, bare, s.may))
		for _, c := range j.Columns {
			frame += " " + c.ID
		}
		out = append(out, part{id: "#" + j.ID, html: frame})
		for _, c := range j.Columns {
			out = append(out, part{id: c.ID, html: draw(view.StageColumn(s.view, c, s.may))})
		}
	}
	return out
}

// show sends the parts that changed. Those whose name begins with # are frames: where one changed,
// everything in it is sent as a whole.
func (s *seat) show(parts []part) {
	var html, own []string
	whole, first := false, len(s.shown) == 0
	now := map[string]string{}
	for _, p := range parts {
		now[p.id] = p.html
		frame := strings.HasPrefix(p.id, "#")
		whole = whole || frame && s.shown[p.id] != p.html
		if !frame && s.shown[p.id] != p.html {
			html = append(html, p.html)
		}
		if p.own {
			own = append(own, p.html)
		}
	}
	s.shown = now
	switch {
	case first && s.seen == s.d.stamp(): // the page was drawn of this very state
		html = own
	case (whole || first) && s.page == "board":
		html = append(own, now["problems"], s.d.boards(s))
	}
	s.tell(&wire.Update{HTML: html})
}

// stamp says of which state of the draft a page is.
func (d *desk) stamp() string {
	return d.draft.ID() + "-" + strconv.Itoa(d.checked.state)
}

func (d *desk) boards(s *seat) string {
	return draw(view.Boards(s.view, view.BoardPage{May: s.may,
		Journeys: newDrawing(d.checked.text, d.checked.policy, s.lang).on(d.checked.traces).board()}))
}

// draw is a component as text.
func draw(c view.Component) string {
	var b bytes.Buffer
	_ = c.Render(context.Background(), &b) // into memory: it never fails
	return b.String()
}

// bar is the bar above a draft, for somebody.
func (d *desk) bar(v *view.Viewer, by string, may bool, file string) view.Bar {
	b := view.Bar{Title: v.Say(words.Board), May: may, Same: d.checked.same, Here: d.here(),
		Publish: v.In("publish"), Other: v.In("text"), OtherName: v.Say(words.BoardText)}
	if file != "" {
		b.Title, b.Other, b.OtherName = v.Say(words.Source), v.In("board"), v.Say(words.Board)
	}
	for _, x := range d.checked.diags {
		switch x.Code.Severity() {
		case source.Error:
			b.Errors++
		case source.Warning:
			b.Warns++
		}
	}
	undo, redo := d.draft.Next(by)
	if undo != "" {
		b.Undo = called(undo, v.Lang)
	}
	if redo != "" {
		b.Redo = called(redo, v.Lang)
	}
	return b
}

// mostProblems is how many a page lists; the rest comes when some are mended.
const mostProblems = 100

func (d *desk) problems(v *view.Viewer) []view.Problem {
	out := problemsOf(v, d.checked.policy.Files, d.checked.diags)
	for i := range out {
		out[i].Key = d.keyOf(out[i].File)
		if len(mending(&d.checked.diags[i])) > 0 {
			out[i].Fix, out[i].Index = d.stamp(), i
		}
	}
	return out
}

func problemsOf(v *view.Viewer, files []source.File, diags []source.Diagnostic) []view.Problem {
	var out []view.Problem
	for _, x := range diags {
		if len(out) == mostProblems {
			break
		}
		p := view.Problem{Message: source.Render(x, v.Lang), Code: string(x.Code)}
		p.Tone, p.Severity = toneOf(v, x.Code.Severity())
		if !x.Span.IsZero() && int(x.Span.File) < len(files) {
			f := files[x.Span.File]
			p.File, p.Line = f.Name, f.Position(x.Span.Off).Line
			p.From, p.To = wire.Units(f.Text[:x.Span.Off]), wire.Units(f.Text[:x.Span.End])
			p.Href = v.In("text") + "?file=" + escape(f.Name) + "#L" + strconv.Itoa(p.Line)
		}
		out = append(out, p)
	}
	return out
}

func toneOf(v *view.Viewer, s source.Severity) (tone, name string) {
	switch s {
	case source.Error:
		return view.Bad, v.Say(words.SeverityErr)
	case source.Warning:
		return view.Warn, v.Say(words.SeverityWarn)
	}
	return view.Info, v.Say(words.SeverityNote)
}

// diagsOf are the diagnostics of a file for its editor.
func (d *desk) diagsOf(s *seat) *wire.Diags {
	n, _ := d.draft.File(s.file)
	i := slices.Index(d.checked.files, n)
	if s.file == "" || i < 0 {
		return nil
	}
	file := d.checked.text.Files()[i].Name
	out := &wire.Diags{File: s.file, Rev: d.checked.revs[n], List: []wire.Diag{}}
	d.books.open(d.checked.text.Files(), s.lang, func(b *lsp.Book) {
		for _, f := range b.Folds(file) {
			out.Folds = append(out.Folds, f[:])
		}
	})
	files := d.checked.policy.Files
	for _, x := range d.checked.diags {
		if x.Span.IsZero() || int(x.Span.File) >= len(files) || files[x.Span.File].Name != file {
			continue
		}
		severity := "info"
		switch x.Code.Severity() {
		case source.Error:
			severity = "error"
		case source.Warning:
			severity = "warning"
		}
		text := files[x.Span.File].Text
		out.List = append(out.List, wire.Diag{From: wire.Units(text[:x.Span.Off]),
			To: wire.Units(text[:x.Span.End]), Severity: severity, Code: string(x.Code),
			Message: source.Render(x, s.lang)})
	}
	return out
}
