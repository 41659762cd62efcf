package builder

import (
	"cmp"
	"slices"
	"strings"

	"github.com/throughline/throughline/builder/draft"
	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/wire"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/lsp"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// A toldError is a refusal whose reason is said already in the language of whoever asked.
type toldError struct{ text string }

func (e *toldError) Error() string { return e.text }

// barOf is the bar of a page.
func (d *desk) barOf(s *seat) view.Bar {
	if s.page == "board" {
		b := d.bar(s.view, s.by, s.may, "")
		b.Split(s.view, s.file != "")
		return b
	}
	b := d.bar(s.view, s.by, s.may, s.file)
	switch s.page {
	case "rules":
		b.Title = s.view.Say(words.Rules)
	case "bench":
		b.Title = s.view.Say(words.Bench)
	}
	return b
}

// look shows somebody what a line says; no line: nothing any more.
func (d *desk) look(s *seat, c *wire.Command) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s.at = looking{path: c.What, file: c.File}
	if len(c.What) == 0 {
		s.at = looking{}
	}
	d.tryPast()
	var html []string
	for _, p := range d.own(s) {
		if s.shown[p.id] != p.html {
			html = append(html, p.html)
			s.shown[p.id] = p.html
		}
	}
	s.tell(&wire.Update{HTML: html})
}

// lookOn lets pages go on looking at what they look at, also where its name is another now: it
// stands where it stood.
func (d *desk) lookOn(was, now *edit.Text) {
	for s := range d.seats {
		if s.at.path == nil {
			continue
		}
		l, err := was.Find(s.at.path, s.at.file)
		if err != nil {
			continue
		}
		if _, err := now.Find(s.at.path, s.at.file); err == nil {
			continue
		}
		if o := moved(now, l, len(s.at.path)); o != nil {
			s.at.path = now.PathOf(o)
		}
	}
}

// moved is the line of another text that stands where one stood, as deep as it did; nil: none does.
func moved(now *edit.Text, l *syntax.Line, depth int) *syntax.Line {
	i := slices.IndexFunc(now.Files(), func(f source.File) bool { return f.Name == l.File().Name })
	if i < 0 {
		return nil
	}
	old, text, off := l.File().Text, now.Files()[i].Text, l.Span().Off
	if head := common(old, text); int(off) > head {
		off = max(int32(head), off+int32(len(text)-len(old)))
	}
	lines := now.Lines(i)
	for n := 1; ; n++ {
		at := slices.IndexFunc(lines, func(o *syntax.Line) bool {
			s := o.Whole()
			return s.Off <= off && off < s.End
		})
		if at < 0 || n == depth {
			if at < 0 {
				return nil
			}
			return lines[at]
		}
		lines = lines[at].Lines()
	}
}

// common is how many bytes two texts have in common at their beginning.
func common(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// weigh gives the parts of a score or an allocation other weights, all at once.
func (d *desk) weigh(s *seat, c *wire.Command) (string, error) {
	t := d.draft.Text()
	ops, err := weigh(t, c.What, c.File, c.Text)
	if err != nil {
		return "", err
	}
	edits, err := t.All(ops)
	if err != nil || len(edits) == 0 {
		return "", err
	}
	return d.stepOf(s, "weigh|"+c.What[0], edits)
}

// stepOf does edits as one step of somebody's.
func (d *desk) stepOf(s *seat, name string, edits []source.Edit) (string, error) {
	if !d.room(edits) {
		return "", errLarge
	}
	err := d.draft.Do(draft.Step{By: s.by, Name: name, Edits: edits})
	return words.Done.With(called(name, s.lang)).In(s.lang), err
}

// setMode lets a declaration act in full, only warn, only be tried, or not at all.
func (d *desk) setMode(s *seat, c *wire.Command) (string, error) {
	t := d.draft.Text()
	l, err := t.Find(c.What, c.File)
	if err != nil {
		return "", err
	}
	lang := l.File().Lang()
	if !slices.Contains([]string{"off", "shadow", "warn", "enforce"}, c.Text) {
		return "", errUnknown
	}
	word := syntax.WordIn(c.Text, "", lang)
	op := edit.Op{Do: edit.Insert, Into: c.What, File: c.File,
		Text: syntax.WordIn("mode", "", lang) + " " + word}
	for i, key := range edit.Keys(l.Lines()) {
		k := l.Lines()[i]
		if _, ok := k.Node.(*syntax.Mode); !ok {
			continue
		}
		op = edit.Op{Do: edit.Set, What: append(slices.Clone(c.What), key), File: c.File, Index: 1,
			Count: 1, Was: k.Written(1), Text: word}
		if c.Text == "enforce" { // which is what nothing said means
			op.Do = edit.Delete
		}
	}
	if op.Do == edit.Insert && c.Text == "enforce" {
		return "", nil
	}
	edits, err := t.Do(op)
	if err != nil || len(edits) == 0 {
		return "", err
	}
	return d.stepOf(s, "mode|"+c.What[len(c.What)-1], edits)
}

// rename gives what a line declares, or what stands at a place of a file, another name everywhere.
func (d *desk) rename(s *seat, c *wire.Command) (string, error) {
	t := d.draft.Text()
	file, off := c.File, int32(0)
	if len(c.What) > 0 {
		l, err := t.Find(c.What, c.File)
		if err != nil {
			return "", err
		}
		file, off = l.File().Name, nameAt(l)
		if off < 0 {
			return "", errUnknown
		}
	} else {
		at, err := d.placeOf(c)
		if err != nil {
			return "", err
		}
		off = at
	}
	var list []lsp.Change
	var err error
	d.books.open(t.Files(), s.lang, func(b *lsp.Book) { list, err = b.Rename(file, off, c.Text) })
	if err != nil {
		return "", &toldError{err.Error()}
	}
	edits := editsOf(t.Files(), list)
	if len(edits) == 0 {
		return "", nil
	}
	return d.stepOf(s, "rename|"+c.Text, edits)
}

// editsOf are changes of files as edits of a draft.
func editsOf(files []source.File, list []lsp.Change) []source.Edit {
	var out []source.Edit
	for _, c := range list {
		i := slices.IndexFunc(files, func(f source.File) bool { return f.Name == c.File })
		if i >= 0 {
			out = append(out, source.Edit{New: c.New,
				Span: source.Span{File: int32(i), Off: c.Off, End: c.End}})
		}
	}
	slices.SortStableFunc(out, func(a, b source.Edit) int {
		return cmp.Or(cmp.Compare(a.Span.File, b.Span.File), cmp.Compare(a.Span.Off, b.Span.Off),
			cmp.Compare(a.Span.End, b.Span.End))
	})
	return out
}

// placeOf is the place in a file's text that an editor's caret is at.
func (d *desk) placeOf(c *wire.Command) (int32, error) {
	i := d.indexOf(c.File)
	if i < 0 {
		return 0, &edit.Refused{Why: edit.NoSuchFile, What: c.File}
	}
	if c.Rev != d.draft.Rev(d.draft.Number(i)) {
		return 0, errStale
	}
	return int32(wire.Bytes(d.draft.Files()[i].Text, c.At)), nil
}

// mostOffers is how many of them a page is sent: what is wanted is among the first, or more letters
// are typed.
const mostOffers = 40

// offer answers what may stand where somebody writes: in an editor, or in a field that holds a
// piece of a line.
func (d *desk) offer(s *seat, c *wire.Command) {
	d.mu.Lock()
	text := d.draft.Text()
	d.mu.Unlock()
	out := &wire.Offers{Ask: c.Ask, From: c.At, To: c.At, List: []wire.Offer{}}
	file, off, base := c.File, int32(0), int32(0)
	written := c.Text
	if len(c.What) == 0 && len(c.Into) == 0 {
		d.mu.Lock()
		at, err := d.placeOf(c)
		d.mu.Unlock()
		i := slices.IndexFunc(text.Files(), func(f source.File) bool { return f.Name == file })
		if err != nil || i < 0 {
			s.tell(&wire.Update{Offers: out})
			return
		}
		off, written = at, text.Files()[i].Text
	} else {
		w, ok := tried(text, c)
		if !ok {
			s.tell(&wire.Update{Offers: out})
			return
		}
		text, file, base, off = w.text, w.file, w.base, w.base+int32(w.at)
	}
	d.books.open(text.Files(), s.lang, func(b *lsp.Book) {
		for _, x := range b.Complete(file, off) {
			from, to := int(x.From-base), int(x.To-base)
			if from < 0 || from > len(written) || !fits(x.Find, written[from:int(off-base)]) {
				continue
			}
			to = min(to, len(written))
			out.From, out.To = wire.Units(written[:from]), wire.Units(written[:to])
			out.List = append(out.List, wire.Offer{Label: x.Label, Text: x.Text, Kind: x.Kind,
				Detail: x.Detail, Doc: x.Doc})
			if len(out.List) == mostOffers {
				break
			}
		}
	})
	s.tell(&wire.Update{Offers: out})
}

// A trying is a text in which what somebody writes stands.
type trying struct {
	text *edit.Text
	file string
	base int32 // where what is written begins
	at   int   // the caret in it
}

// tried puts what somebody writes where it would stand. Where no word is begun at the caret, one
// is: what may stand there is asked for.
func tried(text *edit.Text, c *wire.Command) (trying, bool) {
	out := trying{at: wire.Bytes(c.Text, c.At)}
	put := c.Text
	before, behind := put[:out.at], put[out.at:]
	if (before == "" || strings.HasSuffix(before, " ")) &&
		(behind == "" || strings.HasPrefix(behind, " ")) {
		put = before + "x" + behind
	}
	lead := int32(len(put) - len(strings.TrimLeft(put, " ")))
	put = strings.TrimSpace(put)
	op := edit.Op{Do: edit.Insert, Into: c.Into, File: c.File, Index: c.Index, Text: put}
	if len(c.Into) > 0 {
		edits, err := text.Try(op)
		moved := int32(0)
		for _, e := range edits {
			if i := strings.Index(e.New, put); err == nil && i >= 0 {
				out.text, out.file = text.Apply(edits), text.Files()[e.Span.File].Name
				out.base = e.Span.Off + moved + int32(i) - lead
				return out, true
			}
			moved += int32(len(e.New)) - (e.Span.End - e.Span.Off)
		}
		return out, false
	}
	l, err := text.Find(c.What, c.File)
	if err != nil || c.Index < 0 || c.Index >= len(l.Tokens()) {
		return out, false
	}
	out.file, out.base = l.File().Name, l.Tokens()[c.Index].Off-lead
	op = edit.Op{Do: edit.Set, What: c.What, File: c.File, Index: c.Index, Count: c.Count, Was: c.Was,
		Text: put}
	edits, err := text.Try(op)
	out.text = text.Apply(edits)
	return out, err == nil
}

// fits reports whether what is found by some words begins as somebody writes, or has it in it.
func fits(find, word string) bool {
	word = strings.ToLower(strings.TrimSpace(word))
	if word == "" {
		return true
	}
	for w := range strings.FieldsSeq(strings.ToLower(find)) {
		if strings.HasPrefix(w, word) {
			return true
		}
	}
	return len(word) > 2 && strings.Contains(strings.ToLower(find), word)
}
