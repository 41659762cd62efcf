package edit

import (
	"strings"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// put is the edits that make a text the i-th line of the block's lines.
func (b block) put(i int, text string) []source.Edit {
	switch {
	case b.head == nil:
		return []source.Edit{b.putDeclaration(i, text)}
	case !b.head.HasBlock():
		return []source.Edit{b.open(text)}
	case b.onOneLine():
		return b.putInline(i, text)
	}
	return []source.Edit{b.putLine(i, text)}
}

// over is an edit of the block's file.
func (b block) over(from, to int32, text string) source.Edit {
	return source.Edit{Span: source.Span{File: b.file.Index, Off: from, End: to}, New: text}
}

// at is an edit that only puts something in.
func (b block) at(off int32, text string) source.Edit { return b.over(off, off, text) }

// putDeclaration keeps a blank line around what has more than one line.
func (b block) putDeclaration(i int, text string) source.Edit {
	nl := lineEnd(b.file.Text)
	text = laid(text, "", nl)
	gap := func(l *syntax.Line) string {
		s := l.Whole()
		if strings.Contains(text, nl) || strings.Contains(b.file.Text[s.Off:s.End], "\n") {
			return nl
		}
		return ""
	}
	if i < len(b.kids) {
		p := pieceOf(b.kids[i])
		return b.at(p.from, text+nl+gap(b.kids[i]))
	}
	if i == 0 {
		off := int32(len(b.file.Text))
		before := ""
		if trimmed := strings.TrimPrefix(b.file.Text, "\uFEFF"); strings.TrimSpace(trimmed) != "" {
			before = nl
			if !strings.HasSuffix(trimmed, "\n") {
				before += nl
			}
		}
		return b.at(off, before+text+nl)
	}
	last := b.kids[i-1]
	p := pieceOf(last)
	before := gap(last)
	if !strings.HasSuffix(b.file.Text[:p.to], "\n") {
		before = nl + before
	}
	return b.at(p.to, before+text+nl)
}

// indent is what stands before the lines of the block.
func (b block) indent() string {
	for _, l := range b.kids {
		if p := pieceOf(l); p.alone {
			return p.indent
		}
	}
	return b.outer() + indentBy
}

// outer is what stands before the line that the block belongs to.
func (b block) outer() string {
	text, off := b.file.Text, int(b.head.Span().Off)
	start := strings.LastIndexAny(text[:off], "\r\n") + 1
	line := strings.TrimPrefix(text[start:off], "\uFEFF")
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// open gives a line a block.
func (b block) open(text string) source.Edit {
	nl := lineEnd(b.file.Text)
	return b.at(b.head.Span().End, " {"+nl+laid(text, b.outer()+indentBy, nl)+nl+b.outer()+"}")
}

// braces are the places behind "{" and before "}".
func (b block) braces() (open, end int32) {
	toks := b.file.Tokens
	i := tokenFrom(toks, b.head.Span().End)
	for !toks[i].IsSign("{") {
		i++
	}
	return toks[i].End, toks[tokenFrom(toks, b.head.Whole().End)-1].Off
}

func (b block) onOneLine() bool {
	open, end := b.braces()
	return !strings.ContainsAny(b.file.Text[open:end], "\r\n")
}

// putInline puts a text between the lines of `{ a; b }`, or writes the block on several lines where
// that would be too long or cannot be.
func (b block) putInline(i int, text string) []source.Edit {
	open, end := b.braces()
	text = laid(text, "", "\n")
	start := strings.LastIndexAny(b.file.Text[:open], "\r\n") + 1
	wide := utf8.RuneCountInString(b.file.Text[start:end]) + utf8.RuneCountInString(text) + 4
	if !inline(text) || wide > widest && !b.own {
		return b.spread(i, text)
	}
	switch {
	case len(b.kids) == 0:
		return []source.Edit{b.over(open, end, " "+text+" ")}
	case i < len(b.kids):
		return []source.Edit{b.at(b.kids[i].Whole().Off, text+"; ")}
	}
	return []source.Edit{b.at(b.kids[i-1].Whole().End, "; "+text)}
}

// spread writes a block of one line on several, with a text among them.
func (b block) spread(i int, text string) []source.Edit {
	open, end := b.braces()
	nl := lineEnd(b.file.Text)
	inner := b.outer() + indentBy
	var edits []source.Edit
	from := open
	put := func(to int32, more string) {
		edits = append(edits, b.over(from, to, more))
	}
	for k, l := range b.kids {
		s, more := l.Whole(), nl+inner
		if k == i {
			more = nl + laid(text, inner, nl) + more
		}
		put(s.Off, more)
		from = s.End
	}
	more := nl + b.outer()
	if i == len(b.kids) {
		more = nl + laid(text, inner, nl) + more
	}
	put(end, more)
	return edits
}

// putLine puts a text on lines of its own.
func (b block) putLine(i int, text string) source.Edit {
	nl, indent := lineEnd(b.file.Text), b.indent()
	text = laid(text, indent, nl)
	if i < len(b.kids) {
		p := pieceOf(b.kids[i])
		if p.alone {
			return b.at(p.from, text+nl)
		}
		return b.at(p.from, strings.TrimLeft(text, " \t")+nl+indent)
	}
	if i > 0 {
		if p := pieceOf(b.kids[i-1]); p.alone && strings.HasSuffix(b.file.Text[:p.to], "\n") {
			return b.at(p.to, text+nl)
		}
		return b.at(b.kids[i-1].Whole().End, nl+text)
	}
	_, end := b.braces()
	start := int32(strings.LastIndexAny(b.file.Text[:end], "\r\n") + 1)
	if strings.TrimSpace(b.file.Text[start:end]) == "" {
		return b.at(start, text+nl)
	}
	return b.at(end, nl+text+nl+b.outer())
}
