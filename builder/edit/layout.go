package edit

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/syntax"
)

// indentBy is what one level of blocks is indented by, as the formatter has it.
const indentBy = "  "

// widest is how long a line may become before its block is written on several.
const widest = 100

// piece is where a line of the policy stands in its file. Where nothing else stands on its physical
// lines it is alone: then from and to hold them whole, with the comments directly above, the
// comment behind and the line end.
type piece struct {
	from, to int32
	body     [2]int32 // the line and its block, no comments
	alone    bool
	indent   string // before its first token, where that begins its physical line
}

// pieceOf finds the bytes of a line.
func pieceOf(l *syntax.Line) piece {
	f, s := l.File(), l.Whole()
	toks := f.Tokens
	first, behind := tokenFrom(toks, s.Off), tokenFrom(toks, s.End)
	p := piece{from: s.Off, to: s.End, body: [2]int32{s.Off, s.End}}
	start := first
	for start > 0 && toks[start-1].Kind == syntax.KindBlank {
		start--
	}
	if start > 0 && toks[start-1].Kind != syntax.KindNewline {
		return p
	}
	if start < first {
		p.indent = strings.TrimPrefix(f.Text[toks[start].Off:s.Off], "\uFEFF")
	}
	for behind < len(toks) &&
		(toks[behind].Kind == syntax.KindBlank || toks[behind].Kind == syntax.KindComment) {
		behind++
	}
	if behind < len(toks) && toks[behind].Kind != syntax.KindNewline {
		return p
	}
	p.alone = true
	p.to = int32(len(f.Text))
	if behind < len(toks) {
		p.to = toks[behind].End
	}
	p.from = s.Off - int32(len(p.indent))
	for start > 0 {
		above := commentAbove(toks, start)
		if above < 0 {
			break
		}
		start = above
		p.from = toks[start].Off
	}
	if p.from == 0 && strings.HasPrefix(f.Text, "\uFEFF") {
		p.from = int32(len("\uFEFF"))
	}
	return p
}

// commentAbove is the first token of the physical line above the one that begins with a token, if
// it holds a comment and nothing else; -1 if not.
func commentAbove(toks []syntax.Token, start int) int {
	i, comment := start-1, false // the line end
	for i > 0 && toks[i-1].Kind != syntax.KindNewline {
		i--
		switch toks[i].Kind {
		case syntax.KindComment:
			comment = true
		case syntax.KindBlank:
		default:
			return -1
		}
	}
	if !comment {
		return -1
	}
	return i
}

// tokenFrom is the first token that begins at or behind an offset.
func tokenFrom(toks []syntax.Token, off int32) int {
	i, _ := slices.BinarySearchFunc(toks, off, func(t syntax.Token, off int32) int {
		return int(t.Off - off)
	})
	return i
}

// blanksFrom is where the blank lines that begin at an offset, which begins a line, end.
func blanksFrom(text string, off int32) int32 {
	for {
		i := off
		for int(i) < len(text) && (text[i] == ' ' || text[i] == '\t') {
			i++
		}
		switch {
		case int(i) == len(text):
			return i
		case text[i] == '\n':
			off = i + 1
		case strings.HasPrefix(text[i:], "\r\n"):
			off = i + 2
		default:
			return off
		}
	}
}

// blanksTo is where the blank lines that end at an offset, which begins a line, begin.
func blanksTo(text string, off int32) int32 {
	for off > 0 {
		i := off - 1
		if i > 0 && text[i] == '\n' && text[i-1] == '\r' {
			i--
		}
		for i > 0 && (text[i-1] == ' ' || text[i-1] == '\t') {
			i--
		}
		if i > 0 && text[i-1] != '\n' && text[i-1] != '\r' {
			return off
		}
		off = i
	}
	return off
}

// lineEnd is how a file ends its lines.
func lineEnd(text string) string {
	if i := strings.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// laid is a text that is to be put into a file: its lines, indented as there.
func laid(text, indent, newline string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	for len(lines) > 0 && strings.TrimSpace(lines[0]) == "" {
		lines = lines[1:]
	}
	common := -1
	for _, l := range lines {
		if bare := strings.TrimLeft(l, " \t"); bare != "" && (common < 0 || len(l)-len(bare) < common) {
			common = len(l) - len(bare)
		}
	}
	for i, l := range lines {
		if l = strings.TrimRight(l, " \t"); l != "" {
			l = indent + l[common:]
		}
		lines[i] = l
	}
	return strings.Join(lines, newline)
}

// inline reports whether a text can stand between others on one physical line.
func inline(text string) bool {
	if strings.ContainsAny(text, "\r\n") {
		return false
	}
	for _, t := range syntax.Scan(text) {
		if t.Kind == syntax.KindComment || t.Kind == syntax.KindBad {
			return false
		}
	}
	return true
}
