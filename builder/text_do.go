package builder

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/builder/draft"
	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/wire"
	"github.com/throughline/throughline/dsl/lsp"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// spotted is a place of a file as an editor has it: the text it is in, and where.
type spotted struct {
	text *edit.Text
	file source.File
	off  int32
}

// spot is where an editor's caret is, as long as the editor has the text that the server has.
func (d *desk) spot(c *wire.Command) (spotted, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	off, err := d.placeOf(c)
	if err != nil {
		return spotted{}, err
	}
	i := d.indexOf(c.File)
	return spotted{d.draft.Text(), d.draft.Files()[i], off}, nil
}

// hover tells what there is to say of what stands at a place.
func (d *desk) hover(s *seat, c *wire.Command) {
	out := &wire.Told{Ask: c.Ask, From: c.At, To: c.At}
	if at, err := d.spot(c); err == nil {
		d.books.open(at.text.Files(), s.lang, func(b *lsp.Book) {
			text, span := b.Hover(c.File, at.off)
			if text == "" {
				return
			}
			out.From = wire.Units(at.file.Text[:span.Off])
			out.To = wire.Units(at.file.Text[:span.End])
			out.HTML = draw(view.Hovered(s.view, hoverBits(text)))
		})
	}
	s.tell(&wire.Update{Told: out})
}

// hoverBits takes what is told of a name apart: it is Markdown of a few forms.
func hoverBits(text string) []view.HoverBit {
	var out []view.HoverBit
	code := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "```"):
			code = !code
		case code:
			out = append(out, view.HoverBit{Kind: "code", Text: line})
		case line == "" || line == "---":
		case strings.HasPrefix(line, "**"):
			head, rest, _ := strings.Cut(strings.TrimPrefix(line, "**"), "**")
			out = append(out, view.HoverBit{Kind: "strong", Text: head, More: rest})
		default:
			out = append(out, view.HoverBit{Text: strings.ReplaceAll(line, "`", "")})
		}
	}
	return out
}

// define leads to where what stands at a place is declared; detail to its declaration in detail.
func (d *desk) define(s *seat, c *wire.Command) {
	at, err := d.spot(c)
	if err != nil {
		return
	}
	to := &wire.Go{}
	if c.Do == "detail" {
		for i, f := range at.text.Files() {
			if f.Name != c.File {
				continue
			}
			for _, l := range at.text.Lines(i) {
				if w := l.Whole(); w.Off <= at.off && at.off <= w.End {
					to.Href = s.view.In("rules") + "?what=" + escape(pathText(at.text.PathOf(l))) +
						"&of=" + escape(c.File)
				}
			}
		}
	} else {
		d.books.open(at.text.Files(), s.lang, func(b *lsp.Book) {
			spot, ok := b.Definition(c.File, at.off)
			i := slices.IndexFunc(at.text.Files(), func(f source.File) bool { return f.Name == spot.File })
			if !ok || !spot.Own || i < 0 {
				return
			}
			to.File, to.At = d.keyOf(spot.File), wire.Units(at.text.Files()[i].Text[:spot.Off])
			to.Href = s.view.In("text") + "?file=" + escape(spot.File)
		})
	}
	if to.Href != "" {
		s.tell(&wire.Update{Go: to})
	}
}

// format lays a file out.
func (d *desk) format(s *seat, c *wire.Command) (string, error) {
	t := d.draft.Text()
	var list []lsp.Change
	d.books.open(t.Files(), s.lang, func(b *lsp.Book) { list = b.Format(c.File) })
	edits := editsOf(t.Files(), list)
	if len(edits) == 0 {
		return "", nil
	}
	return d.stepOf(s, "format|"+c.File, edits)
}

// caret shows the others who look at a file where somebody is in it.
func (d *desk) caret(s *seat, c *wire.Command) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, there := d.draft.File(c.File)
	if !there || draft.Key(n) != s.file || c.Rev != d.draft.Rev(n) {
		return
	}
	s.caret = &wire.Caret{Name: s.name, Hue: hueOf(s.by), At: c.At, To: c.Index}
	d.tellCarets(s.file)
	if s.page == "board" {
		s.tell(&wire.Update{Here: d.lineUnder(c)})
	}
}

// lineUnder is the line that a caret is in, for the board beside the text: at most as deep as a
// board shows lines.
func (d *desk) lineUnder(c *wire.Command) *wire.Here {
	out := &wire.Here{Path: []string{}, File: c.File}
	t := d.draft.Text()
	i := d.indexOf(c.File)
	at := int32(wire.Bytes(t.Files()[i].Text, c.At))
	for lines := t.Lines(i); len(out.Path) < 3; {
		k := slices.IndexFunc(lines, func(l *syntax.Line) bool {
			s := l.Whole()
			return s.Off <= at && at <= s.End
		})
		if k < 0 {
			break
		}
		out.Path = append(out.Path, edit.Keys(lines)[k])
		lines = lines[k].Lines()
	}
	return out
}

// showText leads the text beside a board to a line of it.
func (d *desk) showText(s *seat, c *wire.Command) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l, err := d.draft.Text().Find(c.What, c.File)
	if err != nil || s.file == "" {
		return // it has gone, and the board is about to hear
	}
	f := l.File()
	s.tell(&wire.Update{Go: &wire.Go{File: d.keyOf(f.Name), Quiet: true,
		At:   wire.Units(f.Text[:l.Span().Off]),
		Href: s.view.In("board") + "?text=" + escape(f.Name) + "&what=" + escape(pathText(c.What))}})
}

// tellCarets tells everybody who looks at a file where the others are.
func (d *desk) tellCarets(file string) {
	for s := range d.seats {
		if s.file != file {
			continue
		}
		n, _ := d.draft.File(file)
		list := &wire.Carets{Rev: d.draft.Rev(n), List: []wire.Caret{}}
		for o := range d.seats {
			if o != s && o.file == file && o.caret != nil {
				list.List = append(list.List, *o.caret)
			}
		}
		s.tell(&wire.Update{Carets: list})
	}
}

// hueOf is one of a few colours, the same for somebody wherever they are.
func hueOf(id string) int {
	n := 0
	for _, r := range id {
		n = (n*31 + int(r)) % 5
	}
	return n
}
