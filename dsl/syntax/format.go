package syntax

import (
	"strings"

	"github.com/throughline/throughline/dsl/source"
)

// Options say how Format writes a file.
type Options struct {
	// Lang is the vocabulary to write, en or zh; "" keeps the words as they are.
	Lang string
}

// indentBy is what one level of blocks is indented by.
const indentBy = "  "

// Format writes a file in the one layout: indentation by depth, one blank between tokens or none,
// columns aligned within runs of lines, at most one blank line, plain signs. It keeps every
// comment and never joins or breaks lines, also where the file has mistakes. A file whose braces
// do not match keeps its indentation, because indentation is then all that says what was meant.
func Format(text string, o Options) string {
	c := Cache{quiet: true}
	out, clean := c.format(text, o)
	if clean {
		return out
	}
	text = c.settle(text)
	if o.Lang == "" {
		return text
	}
	out, _ = c.format(text, o)
	return c.settle(out)
}

// settle lays a text with mistakes out until nothing moves. How its lines are read may follow from
// where they stand, so words are swapped only after that.
func (c *Cache) settle(text string) string {
	for range maxPasses {
		out, clean := c.format(text, Options{})
		if clean || out == text {
			return out
		}
		text = out
	}
	return text
}

// maxPasses: a second pass finds nothing to do, but where moving a line that was not part of the
// one before it makes it so, which only mistakes do.
const maxPasses = 4

// row is one physical line of the output while it is laid out.
type row struct {
	indent  string
	cells   []string // at least one, unless the line is blank or a comment only
	comment string
	newline string
	run     int  // rows with the same run are aligned; 0 is none
	blank   bool // nothing but blanks
}

// formatter lays out one file.
type formatter struct {
	f      *File
	space  *spacer
	depth  *depths
	swap   map[int]string // tokens to be written as other words; "" leaves one out
	cuts   map[int]bool   // tokens a new cell begins at
	first  map[int]*Line  // the line that begins with a token
	keep   bool           // keep the indentation
	runs   int
	endsAt string // the line end of the file
}

// format is one pass; clean says that the file has no mistakes, so that one pass is all.
func (c *Cache) format(text string, o Options) (out string, clean bool) {
	f := c.Parse(0, source.File{Text: text})
	m := &formatter{f: f, depth: newDepths(f), swap: translate(f, o.Lang), cuts: map[int]bool{},
		first: map[int]*Line{}, endsAt: "\n", keep: f.mended}
	m.space = &spacer{f: f, rows: map[int]bool{}}
	m.mark(f.Lines)
	rows := m.rows()
	alignCells(rows)
	alignComments(rows)
	return m.join(rows), len(f.Diags) == 0
}

// mark finds where cells begin. What stands behind another line, in a block on one line or after
// a ;, has none: it is read on, not down.
func (m *formatter) mark(lines []*Line) {
	for _, l := range lines {
		m.first[l.from] = l
		if m.beginsRow(l.from) {
			for _, t := range cellsOf(l) {
				m.cuts[l.from+t] = true
			}
		}
		if r, ok := l.Node.(*Row); ok {
			m.markRow(l, r)
		}
		m.mark(l.kids)
	}
}

// beginsRow reports whether a token is the first of its physical line.
func (m *formatter) beginsRow(i int) bool {
	for i--; i >= 0; i-- {
		switch m.f.Tokens[i].Kind {
		case KindBlank:
		case KindNewline:
			return true
		default:
			return false
		}
	}
	return true
}

// markRow finds the ":" of a decision row, which has a cell of its own with what follows it.
func (m *formatter) markRow(l *Line, r *Row) {
	i := l.from + 1
	if r.Cond != nil {
		_, to := r.Cond.Range()
		i = l.from + to
	}
	for ; i < l.to; i++ {
		if m.space.signOf(i) == ":" {
			m.cuts[i], m.space.rows[i] = m.beginsRow(l.from), true
			return
		}
	}
}

// rows splits the tokens at their line ends and renders each physical line.
func (m *formatter) rows() []*row {
	var rows []*row
	from := 0
	if len(m.f.Tokens) > 0 && strings.HasPrefix(m.f.Text, "\uFEFF") {
		from = 1
	}
	seen := false
	for i := from; i < len(m.f.Tokens); i++ {
		if m.f.Tokens[i].Kind != KindNewline {
			continue
		}
		if end := m.f.tokenText(i); !seen {
			m.endsAt, seen = end, true
		}
		rows = append(rows, m.row(from, i, m.f.tokenText(i)))
		from = i + 1
	}
	if from < len(m.f.Tokens) {
		rows = append(rows, m.row(from, len(m.f.Tokens), ""))
	}
	return rows
}

// row renders the tokens [from, to) of one physical line.
func (m *formatter) row(from, to int, newline string) *row {
	r := &row{newline: newline}
	var cell strings.Builder
	before, last := -1, -1
	for i := from; i < to; i++ {
		t := m.f.Tokens[i]
		text, swapped := m.swap[i]
		if t.Kind == KindBlank || swapped && text == "" {
			continue
		}
		if last < 0 {
			r.indent = m.indent(from, i, to)
		}
		if t.Kind == KindComment {
			r.comment = strings.TrimRight(m.f.tokenText(i), " \t\u3000\u00a0")
			continue
		}
		if !swapped {
			text = m.written(i)
		}
		switch {
		case last < 0:
		case m.cuts[i]:
			r.cells = append(r.cells, cell.String())
			cell.Reset()
		case m.space.gap(before, last, i):
			cell.WriteByte(' ')
		}
		cell.WriteString(text)
		before, last = last, i
	}
	if cell.Len() > 0 {
		r.cells = append(r.cells, cell.String())
	}
	r.blank = len(r.cells) == 0 && r.comment == ""
	m.joinRun(r, from, to)
	return r
}

// indent is what stands before the first token of the physical line [from, to). A line that begins
// with several closing brackets is as deep as the last of them.
func (m *formatter) indent(from, first, to int) string {
	if m.keep {
		var b strings.Builder
		for _, r := range m.f.Text[m.f.Tokens[from].Off:m.f.Tokens[first].Off] {
			b.WriteRune(plain(r))
		}
		return strings.TrimPrefix(b.String(), "\uFEFF")
	}
	deep := m.depth.level[first]
	for i := first; i < to && (m.f.Tokens[i].Kind == KindBlank || m.closes(i)); i++ {
		deep = min(deep, m.depth.level[i])
	}
	return strings.Repeat(indentBy, int(deep))
}

// closes reports whether a token is a closing bracket.
func (m *formatter) closes(i int) bool {
	s := m.space.signOf(i)
	return s == "}" || s == ")" || s == "]"
}

// written is a token in its plain form.
func (m *formatter) written(i int) string {
	t := m.f.Tokens[i]
	text := m.f.tokenText(i)
	switch t.Kind {
	case KindSign:
		return signs[t.sign]
	case KindWord, KindNumber:
		return fold(text)
	case KindText:
		body, open := unquote(text)
		if open > 1 {
			return `"` + body + `"`
		}
	}
	return text
}

// joinRun puts a row into the run it is aligned with: rows of one block without a blank line
// between, each of them a line that begins and ends on it.
func (m *formatter) joinRun(r *row, from, to int) {
	if len(r.cells) == 0 {
		if r.blank {
			m.runs++
		}
		return
	}
	for from < to && ofKind[m.f.Tokens[from].Kind] == 0 {
		from++
	}
	if l := m.first[from]; l == nil || l.lastToken() >= to {
		m.runs++
		return
	}
	r.run = m.runs + 1
}

// join writes the rows, at most one blank line between two of them.
func (m *formatter) join(rows []*row) string {
	var b strings.Builder
	b.Grow(len(m.f.Text) + len(m.f.Text)/8)
	if strings.HasPrefix(m.f.Text, "\uFEFF") {
		b.WriteString("\uFEFF")
	}
	blank := true // no blank line begins a file
	pending := ""
	for _, r := range rows {
		if r.blank {
			if !blank {
				pending = r.newline
			}
			blank = true
			continue
		}
		b.WriteString(pending)
		pending, blank = "", false
		b.WriteString(r.indent)
		b.WriteString(strings.Join(r.cells, ""))
		b.WriteString(r.comment)
		if r.newline == "" {
			r.newline = m.endsAt
		}
		b.WriteString(r.newline)
	}
	return b.String()
}
