package syntax

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/source"
)

// cutter finds lines and blocks by brackets and joining words. It reads brackets only; where
// braces do not balance it reads again and lets indentation decide which brace is the wrong one.
type cutter struct {
	f      *File
	i      int   // the next token
	parens []int // open ( and [, in a test also {
	soft   int   // the first line end the present line went over without a bracket, or 0
	hint   bool  // the second reading
	broken bool  // braces do not balance
	outer  bool  // a "}" was left for an outer block to take
	from   int   // after(from … next) is next
	next   int
	first  int // the offset behind the byte order mark
	seen   int // an offset that was asked for last, and where its line starts
	starts int
	spare  []Line  // lines are made many at a time
	read   []*Line // of the blocks that are open, one block's behind the other's
}

// block is what the lines being read stand in.
type block struct {
	open int  // its "{", or -1 at file level
	test bool // of a test: there { … } is a record and part of its line
}

// cut fills the file's lines and tells what brackets do not match.
func cut(f *File) {
	first := len(f.Text) - len(strings.TrimPrefix(f.Text, "\uFEFF"))
	c := &cutter{f: f, next: -2, first: first}
	f.Lines = c.lines(block{open: -1})
	if !c.broken {
		return
	}
	f.Diags, f.mended = nil, true
	c = &cutter{f: f, next: -2, first: first, hint: true}
	f.Lines = c.lines(block{open: -1})
}

func (c *cutter) lines(b block) []*Line {
	from := len(c.read)
	for {
		l, end := c.line(b)
		if l != nil {
			c.read = append(c.read, l)
		}
		if end {
			var out []*Line
			if from < len(c.read) {
				out = slices.Clone(c.read[from:])
			}
			c.read = c.read[:from]
			return out
		}
	}
}

// begin makes the line that begins with a token.
func (c *cutter) begin(i int) *Line {
	if len(c.spare) == 0 {
		c.spare = make([]Line, 64)
	}
	l := &c.spare[0]
	c.spare = c.spare[1:]
	*l = Line{from: i, to: i, open: -1, end: -1, file: c.f}
	return l
}

// outcome is what a token did to the line being read.
type outcome uint8

const (
	taken    outcome = iota // it belongs to the line
	lineOver                // the line ends before or with it, and what is read next is already set
	blockOver
)

// line reads one logical line; end is true where the enclosing block or the file is over.
func (c *cutter) line(b block) (l *Line, end bool) {
	c.soft = 0
	last := -1
	for ; c.i < len(c.f.Tokens); c.i++ {
		i := c.i
		t := c.f.Tokens[i]
		switch t.Kind {
		case KindBlank, KindComment:
			continue
		case KindNewline:
			if l != nil && !c.goesOn(l, last, b) {
				return l, false
			}
			continue
		}
		if b.open >= 0 && c.hint {
			if o := c.misplaced(l, b); o != taken {
				return l, o == blockOver
			}
		}
		if l == nil {
			l = c.begin(i)
		}
		if t.Kind == KindSign {
			if o := c.bracket(l, b); o != taken {
				if l.to == l.from && l.open < 0 {
					l = nil
				}
				return l, o == blockOver
			}
		}
		l.to = i + 1
		last = i
		if b.test && len(c.parens) == 0 && c.isSign(i, "}") { // a record ends its line
			c.i++
			return l, false
		}
	}
	c.closeParens()
	c.broken = c.broken || b.open >= 0
	return l, true
}

// goesOn decides at a line end whether the line does; where it does not, reading goes on behind it.
func (c *cutter) goesOn(l *Line, last int, b block) bool {
	next := c.after(c.i)
	decl := next >= 0 && c.startsDecl(next) && (c.hint || b.open < 0)
	outdented := next >= 0 && c.hint && b.test && len(c.parens) > 0 && c.outdented(next, l)
	if decl || outdented {
		if c.mend(l) {
			return false
		}
		c.closeParens()
	}
	if len(c.parens) > 0 {
		return true
	}
	if next >= 0 && (c.joins(next, true) || c.joins(last, false) && c.deeper(next, l)) {
		if c.soft == 0 {
			c.soft = c.i
		}
		return true
	}
	c.i++
	return false
}

// outdented: inside a record that is still open, a line no deeper than the record's first is not
// part of it, but for the record's own "}".
func (c *cutter) outdented(next int, l *Line) bool {
	col, in := c.column(next), c.indent(l.from)
	return col < in || col == in && !c.isSign(next, "}")
}

func (c *cutter) deeper(next int, l *Line) bool {
	return !c.isSign(next, "}") && c.column(next) > c.indent(l.from)
}

// misplaced lets indentation overrule braces in the second reading: a line no deeper than the
// block's header closes the block; a "}" deeper than it or in mid-line is a stray one; a "}" less
// deep belongs to an outer block.
func (c *cutter) misplaced(l *Line, b block) outcome {
	i := c.i
	if c.sameLine(b.open, i) || b.test && len(c.parens) > 0 {
		return taken
	}
	first, brace := c.firstOnLine(i), c.isSign(i, "}")
	col, in := c.column(i), c.indent(b.open)
	switch {
	case !brace && l == nil && first && col <= in:
		c.tell(source.LeftOpen, b.open)
		c.outer = true
		return blockOver
	case brace && first && col < in:
		c.tell(source.LeftOpen, b.open)
		c.outer = true
		return blockOver
	case brace && (!first || col > in):
		c.tell(source.Unmatched, i)
		c.i++
		return lineOver
	}
	return taken
}

// bracket acts on a sign that is one, or a ";".
func (c *cutter) bracket(l *Line, b block) outcome {
	i := c.i
	switch signs[c.f.Tokens[i].sign] {
	case "(", "[":
		c.parens = append(c.parens, i)
	case ")", "]":
		if n := len(c.parens); n > 0 && !c.isSign(c.parens[n-1], "{") {
			c.parens = c.parens[:n-1]
		}
	case "{":
		if b.test {
			c.parens = append(c.parens, i)
			return taken
		}
		return c.openBlock(l)
	case "}":
		if b.test && c.closeRecord() {
			return taken
		}
		return c.closeBlock(l, b)
	case ";":
		if len(c.parens) == 0 {
			c.i++
			return lineOver
		}
	}
	return taken
}

// openBlock reads the block that begins here, which ends the line.
func (c *cutter) openBlock(l *Line) outcome {
	i := c.i
	if c.mend(l) {
		return lineOver
	}
	c.closeParens()
	l.open = i
	c.i++
	l.kids = c.lines(block{open: i, test: c.isTest(l)})
	switch {
	case c.outer:
		c.outer = false
		c.broken = true
	case c.i < len(c.f.Tokens) && c.isSign(c.i, "}"):
		l.end = c.i
		c.i++
	default:
		if c.hint {
			c.tell(source.LeftOpen, i)
		}
		c.broken = true
	}
	return lineOver
}

// closeBlock ends the block at a "}", which its opener takes.
func (c *cutter) closeBlock(l *Line, b block) outcome {
	if l.to > l.from && c.mend(l) {
		return lineOver
	}
	c.closeParens()
	if b.open >= 0 {
		return blockOver
	}
	c.broken = true
	c.tell(source.Unmatched, c.i)
	c.i++
	return lineOver
}

// closeRecord takes a "}" that closes a record of a test, with what was left open in it.
func (c *cutter) closeRecord() bool {
	for n := len(c.parens) - 1; n >= 0; n-- {
		if !c.isSign(c.parens[n], "{") {
			continue
		}
		for _, p := range c.parens[n+1:] {
			c.tell(source.LeftOpen, p)
		}
		c.parens = c.parens[:n]
		return true
	}
	return false
}

// mend ends a line whose bracket was left open, or that went on into what cannot belong to it, at
// the first line end after that is followed by no deeper indentation, and goes on reading from
// there: without this one missing ")" is told as many errors. False where there is no such place.
func (c *cutter) mend(l *Line) bool {
	if len(c.parens) == 0 && c.soft == 0 {
		return false
	}
	from := c.soft
	if len(c.parens) > 0 {
		from = c.parens[0]
	}
	for i := max(from, l.from+1); i < c.i; i++ { // a line keeps what it began with
		if c.f.Tokens[i].Kind != KindNewline {
			continue
		}
		if n := c.after(i); n < 0 || n > c.i || c.column(n) > c.indent(l.from) {
			continue
		}
		c.closeParens()
		for l.to = i; !c.matters(l.to - 1); l.to-- {
		}
		c.i = i + 1
		return true
	}
	return false
}

// closeParens tells what is left open and forgets it.
func (c *cutter) closeParens() {
	for _, p := range c.parens {
		c.tell(source.LeftOpen, p)
		c.broken = c.broken || c.isSign(p, "{")
	}
	c.parens = c.parens[:0]
}

func (c *cutter) tell(code source.Code, at int) { c.f.tell(code, at) }

// joins reports whether a token at a line's start (leading) or end makes the line go on.
func (c *cutter) joins(i int, leading bool) bool {
	t := c.f.Tokens[i]
	switch t.Kind {
	case KindSign:
		switch signs[t.sign] {
		case ",", "=", ":", "-":
			return !leading
		case "|", "??", "==", "!=", "<", "<=", ">", ">=", "+", "/", "±":
			return true
		case "*": // not the one of `import sales.*`
			return leading || i == 0 || !c.isSign(i-1, ".")
		}
	case KindWord:
		switch canon(c.f.tokenText(i)) {
		case "and", "or":
			return true
		case "in", "not in", "between", "contains", "matches", "within":
			return !leading // they may name fields, so at a line's start they do not join
		}
	}
	return false
}

// matters reports whether a token is no blank, comment or line end.
func (c *cutter) matters(i int) bool {
	k := c.f.Tokens[i].Kind
	return k != KindBlank && k != KindComment && k != KindNewline
}

// after is the next token that matters from i on, or -1.
func (c *cutter) after(i int) int {
	if c.next != -2 && c.from <= i && (i <= c.next || c.next == -1) {
		return c.next
	}
	c.from, c.next = i, -1
	for ; i < len(c.f.Tokens); i++ {
		if c.matters(i) {
			c.next = i
			break
		}
	}
	return c.next
}

func (c *cutter) isSign(i int, s string) bool {
	t := c.f.Tokens[i]
	return t.Kind == KindSign && signs[t.sign] == s
}

// startsDecl reports whether a token is a declaration's keyword at column 1.
func (c *cutter) startsDecl(i int) bool {
	return c.wordAt(i) != "" && c.column(i) == 1 && isDeclaration(c.wordAt(i))
}

// isTest reports whether a line begins a test.
func (c *cutter) isTest(l *Line) bool {
	return l.to > l.from && c.wordAt(l.from) == "test"
}

// wordAt is the English form of a word, "" for any other token.
func (c *cutter) wordAt(i int) string {
	if c.f.Tokens[i].Kind != KindWord {
		return ""
	}
	return canon(c.f.tokenText(i))
}

// lineStart is the offset of the first byte of the line a token stands in. Tokens are asked for one
// after the other, so only the way from the last one is looked at: a line of a million braces would
// cost its square otherwise.
func (c *cutter) lineStart(i int) int {
	at := int(c.f.Tokens[i].Off)
	if c.starts <= at && at <= c.seen {
		return c.starts
	}
	off := at
	for ; off > c.first && c.f.Text[off-1] != '\n' && c.f.Text[off-1] != '\r'; off-- {
		if off == c.seen && c.seen > 0 {
			off = c.starts
			break
		}
	}
	c.seen, c.starts = at, off
	return off
}

func (c *cutter) sameLine(i, j int) bool { return c.lineStart(i) == c.lineStart(j) }

func (c *cutter) column(i int) int { return int(c.f.Tokens[i].Off) - c.lineStart(i) + 1 }

func (c *cutter) firstOnLine(i int) bool { return c.column(i) == c.indent(i) }

// indent is the column of the first token of the line that token i stands in.
func (c *cutter) indent(i int) int {
	rest := c.f.Text[c.lineStart(i):]
	return len(rest) - len(strings.TrimLeft(rest, " \t\u3000\u00a0")) + 1
}
