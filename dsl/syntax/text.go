package syntax

import (
	"strings"

	"github.com/throughline/throughline/dsl/source"
)

// Part is literal text of a message, or an expression whose value is written in its place.
type Part struct {
	Lit  string
	X    Expr  // nil for literal text
	Line *Line // what X's tokens are read from: its spans are places in the file
}

// String is a text literal as it reads: without quotes, escapes undone. A { stands for itself.
func (l *Line) String(t Tok) string {
	if !t.Ok() {
		return ""
	}
	if l.Kind(t) == KindRaw {
		return strings.Trim(l.Text(t), "`")
	}
	body, _ := unquote(l.Text(t))
	if strings.IndexByte(body, '\\') < 0 {
		return body
	}
	var out strings.Builder
	for i := 0; i < len(body); {
		c, n, _ := unescape(body[i:])
		out.WriteString(c)
		i += n
	}
	return out.String()
}

// Key is the key of an object's field: a name, or a text without its quotes.
func (l *Line) Key(t Tok) string {
	if l.Kind(t) == KindText {
		return l.String(t)
	}
	return l.Name(t)
}

// Message splits a text that people are shown into its parts: `{expr}` is filled in. What is wrong
// in it has been told by Parse already; such a part is kept as literal text.
func (l *Line) Message(t Quoted) []Part {
	if !t.Ok() {
		return nil
	}
	parts, _ := l.message(t.Tok, nil)
	return parts
}

// Message is the line's Message, in the memory of the cache: for those who ask for many.
func (c *Cache) Message(l *Line, t Quoted) []Part {
	if !t.Ok() {
		return nil
	}
	parts, _ := l.message(t.Tok, c)
	return parts
}

// message splits a text and tells what is wrong in it.
func (l *Line) message(t Tok, c *Cache) ([]Part, []source.Diagnostic) {
	body, open := unquote(l.Text(t))
	base := l.TokSpan(t).Off + int32(open)
	var parts []Part
	var diags []source.Diagnostic
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			parts = append(parts, Part{Lit: lit.String()})
			lit.Reset()
		}
	}
	for i := 0; i < len(body); {
		if body[i] != '{' {
			c, n, ok := unescape(body[i:])
			if !ok {
				diags = append(diags, l.badEscape(base+int32(i), body[i:i+n]))
			}
			lit.WriteString(c)
			i += n
			continue
		}
		end := closingBrace(body[i:])
		part, told := l.part(base+int32(i)+1, body[i+1:i+end], c)
		diags = append(diags, told...)
		if part.X == nil {
			lit.WriteString(body[i:min(i+end+1, len(body))])
		} else {
			flush()
			parts = append(parts, part)
		}
		i = min(i+end+1, len(body))
	}
	flush()
	return parts, diags
}

// closingBrace is the place of the } that closes the { a text begins with, or the text's end.
func closingBrace(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

// part parses what stands between { and } at an offset of the file.
func (l *Line) part(off int32, text string, c *Cache) (Part, []source.Diagnostic) {
	whole := source.Span{File: l.file.Index, Off: off - 1, End: off + int32(len(text))}
	if l.file.Text[whole.End] == '}' {
		whole.End++
	}
	known := fill{}
	if c != nil {
		known = c.fills[text]
	}
	if known.n == nil {
		known.tokens = Scan(text)
	}
	in := l.file.piece(known.tokens, off)
	if known.n != nil {
		in.Node = known.n
		return Part{X: known.n.X, Line: in}, nil
	}
	own := &Cache{quiet: true}
	if c != nil && c.feed != nil {
		own.feed = c.feed
	} else {
		own.feed = newFeed(32)
	}
	p := &parser{file: in.file, grammar: theGrammar(), cache: own}
	n := p.node(in, p.grammar.lone)
	if n == nil || len(in.file.Diags) > 0 {
		return Part{}, []source.Diagnostic{{Code: source.BadFill, Span: whole,
			Found: l.file.Text[whole.Off:whole.End]}}
	}
	in.Node = n
	known.n = n.(*lone)
	if c != nil {
		if c.fills == nil || len(c.fills) > maxCached {
			c.fills = map[string]fill{}
		}
		c.fills[strings.Clone(text)] = known
	}
	return Part{X: known.n.X, Line: in}, nil
}

// fill is a parsed expression of a text, with its tokens counted from its beginning.
type fill struct {
	n      *lone
	tokens []Token
}

// piece is the line that the tokens of a part of the file make, which stands at an offset.
func (f *File) piece(tokens []Token, off int32) *Line {
	of := &File{Name: f.Name, Text: f.Text, Index: f.Index, Tokens: make([]Token, len(tokens))}
	for i, t := range tokens {
		t.Off += off
		t.End += off
		of.Tokens[i] = t
	}
	return &Line{file: of, to: len(tokens), open: -1, end: -1}
}

func (l *Line) badEscape(off int32, text string) source.Diagnostic {
	span := source.Span{File: l.file.Index, Off: off, End: off + int32(len(text))}
	return source.Diagnostic{Code: source.BadEscape, Span: span, Found: text}
}

// unquote takes the quotes off a text token, and says how long the opening one is.
func unquote(s string) (body string, open int) {
	_, open = firstRune(s)
	_, end := lastRune(s)
	if len(s) < open+end {
		return "", open
	}
	return s[open : len(s)-end], open
}

// unescape reads one character of a text and the bytes it takes; false for an escape that is none.
func unescape(s string) (string, int, bool) {
	r, n := firstRune(s)
	if r != '\\' {
		return s[:n], n, true
	}
	next, size := firstRune(s[n:])
	switch next {
	case '"', '\\', '{', '}', '“', '”', '＂':
		return s[n : n+size], n + size, true
	case 'n':
		return "\n", n + size, true
	case 't':
		return "\t", n + size, true
	}
	return s[:n+size], n + size, false
}

// Doc is the documentation of a line: the comment lines right above it, without their signs.
func (l *Line) Doc() string {
	var lines []string
	f := l.file
	i := l.from - 1
	if i >= 0 && f.Tokens[i].Kind == KindBlank {
		i--
	}
	for i >= 1 && f.Tokens[i].Kind == KindNewline && f.Tokens[i-1].Kind == KindComment {
		text := strings.TrimPrefix(f.tokenText(i-1), "//")
		i -= 2
		if i >= 0 && f.Tokens[i].Kind == KindBlank {
			i--
		}
		if i >= 0 && f.Tokens[i].Kind != KindNewline { // it belongs to the line it stands behind
			break
		}
		lines = append([]string{strings.TrimPrefix(text, " ")}, lines...)
	}
	return strings.Join(lines, "\n")
}
