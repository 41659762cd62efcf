package syntax

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/throughline/throughline/dsl/source"
)

// tell adds a diagnostic about one token of the file.
func (f *File) tell(code source.Code, at int) {
	f.Diags = append(f.Diags, source.Diagnostic{Code: code, Span: f.tokenSpan(at),
		Found: f.tokenText(at)})
}

func sortDiags(diags []source.Diagnostic) {
	slices.SortStableFunc(diags, func(a, b source.Diagnostic) int {
		return cmp.Compare(a.Span.Off, b.Span.Off)
	})
}

// unknownHead tells a line that begins with no word of its block; its block is not looked into.
func (p *parser) unknownHead(l *Line, k BlockKind) {
	if l.to == l.from { // a block without a header
		if l.open >= 0 {
			p.file.tell(source.NoBlockHere, l.open)
		}
		return
	}
	want := l.inItsWords(p.grammar.words(k))
	d := source.Diagnostic{Code: source.UnknownHead, Span: p.file.tokenSpan(l.from),
		Found: p.file.tokenText(l.from), Want: want}
	if p.file.Tokens[l.from].Kind == KindBad {
		d.Code = badCode(d.Found)
	}
	d.Near = source.Nearest(d.Found, want)
	p.file.Diags = append(p.file.Diags, d)
}

// misspelt tells a line that was read as one of names, and failed, because its first word is a
// head of the block but for a letter or two.
func (p *parser) misspelt(l *Line, h *head) bool {
	if h != p.grammar.other[l.Block] || l.to == l.from || p.file.Tokens[l.from].Kind != KindWord {
		return false
	}
	heads := l.inItsWords(p.grammar.words(l.Block))
	if source.Nearest(p.file.tokenText(l.from), heads) == "" {
		return false
	}
	p.unknownHead(l, l.Block)
	return true
}

// failed turns whatever came up through participle into one diagnostic of ours.
func (p *parser) failed(l *Line, h *head, err error) {
	d := source.Diagnostic{Code: source.Unexpected}
	at := l.to - l.from
	var own *mistake
	var other participle.Error
	switch {
	case errors.As(err, &own):
		d.Code, at, d.Want = own.code, own.at, own.want
		if own.code == source.LeftOpen {
			at = own.opener
		}
		if own.arg != "" {
			d.Args = []string{own.arg}
		}
	case errors.As(err, &other):
		at = other.Position().Offset
	}
	if p.told(l, at) {
		return
	}
	if d.Code == source.Unexpected && !p.cache.quiet {
		d.Want = p.probe(l, h, at)
	}
	d.Span = l.span(at, min(at+1, l.to-l.from))
	if l.from+at < l.to {
		d.Found = p.file.tokenText(l.from + at)
		if p.file.Tokens[l.from+at].Kind == KindBad {
			d.Code, d.Want = badCode(d.Found), nil
		}
	}
	switch {
	case d.Code == source.BlankBeforeParen:
		d.Fix = p.unblank(l, at)
	case own != nil && own.wrap != nil:
		d.Fix = l.parenthesize(own.wrap[0], own.wrap[1])
	}
	d.Want = l.inItsWords(d.Want)
	d.Near = source.Nearest(d.Found, d.Want)
	p.file.Diags = append(p.file.Diags, d)
}

// badCode tells a text left open from bytes that mean nothing.
func badCode(text string) source.Code {
	if strings.HasPrefix(text, `"`) || strings.HasPrefix(text, "“") || strings.HasPrefix(text, "”") ||
		strings.HasPrefix(text, "＂") || strings.HasPrefix(text, "`") {
		return source.OpenText
	}
	return source.BadToken
}

// unblank is the fix that lets a ( touch the name before it.
func (p *parser) unblank(l *Line, at int) *source.Fix {
	paren := p.file.Tokens[l.from+at]
	prev := l.from + at - 1
	for p.file.Tokens[prev].Kind == KindBlank {
		prev--
	}
	if p.file.Tokens[prev].Kind != KindWord {
		return nil
	}
	return &source.Fix{Edits: []source.Edit{{Span: source.Span{File: p.file.Index,
		Off: p.file.Tokens[prev].End, End: paren.Off}}}}
}

// parenthesize is the fix that puts the tokens [from, to) of a line in parentheses.
func (l *Line) parenthesize(from, to int) *source.Fix {
	open, end := l.span(from, to), l.span(from, to)
	open.End, end.Off = open.Off, end.End
	return &source.Fix{Edits: []source.Edit{{Span: open, New: "("}, {Span: end, New: ")"}}}
}

// isChinese reports whether a line uses a word of the Chinese vocabulary, or begins with a name
// that is no ASCII word.
func (l *Line) isChinese() bool {
	for i := l.from; i < l.to; i++ {
		if l.file.Tokens[i].Kind != KindWord {
			continue
		}
		t := l.file.tokenText(i)
		if t[0] >= utf8.RuneSelf && (i == l.from || canon(t) != fold(t)) {
			return true
		}
	}
	return false
}

// inItsWords gives the words of the language in Chinese where the line is written in Chinese.
func (l *Line) inItsWords(want []string) []string {
	if !l.isChinese() {
		return want
	}
	out := slices.Clone(want)
	for i, w := range out {
		switch w {
		case "name", "number", "text", "moment", "operator", "end of line":
			continue
		}
		if zh := zhOf(w, roleDeclared); zh != "" {
			out[i] = zh
		}
	}
	return out
}

// told reports whether the cutter has already told a bracket of this line, which is then why the
// line failed.
func (p *parser) told(l *Line, at int) bool {
	whole := l.Span()
	place := l.span(at, at).Off
	for _, d := range p.file.Diags {
		in := d.Span.Off >= whole.Off && d.Span.Off < whole.End
		if d.Code == source.LeftOpen && in && place >= d.Span.Off {
			return true
		}
	}
	return false
}

// anyName stands for every name in what probe tries.
const anyName = "\x00name"

// candidates are what probe tries. The words are read out of the grammar participle prints, so
// that there is no second list.
func candidates(ebnf string) []lexer.Token {
	out := []lexer.Token{{Type: tWord, Value: anyName}, {Type: tNumber, Value: "1"},
		{Type: tText, Value: `""`}, {Type: tMoment, Value: "2026-01-01"}, {Type: lexer.EOF}}
	for _, s := range signs[1:] {
		out = append(out, lexer.Token{Type: tSign, Value: s})
	}
	words := []string{"not in", "via", "of", "where", "by", "then", "else", "between", "contains",
		"matches", "within", "and", "or", "in", "not", "after", "before"}
	for i, w := range strings.Split(ebnf, `"`) {
		if i%2 == 1 {
			words = append(words, w)
		}
	}
	slices.Sort(words)
	for _, w := range slices.Compact(words) {
		if r, _ := firstRune(w); isLetter(r) {
			out = append(out, lexer.Token{Type: tWord, Value: w})
		}
	}
	return out
}

// probe asks the production itself what it would have taken at a token: it puts each candidate
// there, ends the line behind it, and sees whether the error moves on. It needs nothing of
// participle's insides, so it stays right whatever the grammar says. Only failing lines pay.
func (p *parser) probe(l *Line, h *head, at int) []string {
	w := p.cache.feed
	w.line(p.file, l.from, l.to)
	idx := 0
	for idx < w.n && w.buf[idx].Pos.Offset < at {
		idx++
	}
	keep := slices.Clone(w.buf[:idx])
	var want []string
	name := false
	for _, c := range p.grammar.tries {
		copy(w.buf, keep)
		c.Pos.Offset = at
		w.buf[idx] = c
		w.buf[idx+1] = lexer.Token{Type: lexer.EOF, Pos: lexer.Position{Offset: at + 1}}
		_, err := h.parse(w.rewind())
		if err != nil && (c.EOF() || failedAt(err) <= at) {
			continue
		}
		if c.Value == anyName {
			name = true
		} else if c.Type == tWord && name {
			continue // any word would do
		}
		want = append(want, wanted(c))
	}
	return foldOperators(want)
}

// wanted is how a candidate is spoken of.
func wanted(c lexer.Token) string {
	switch c.Type {
	case tNumber:
		return "number"
	case tText:
		return "text"
	case tMoment:
		return "moment"
	case lexer.EOF:
		return "end of line"
	}
	if c.Value == anyName {
		return "name"
	}
	return c.Value
}

// foldOperators puts "operator" for most of the operators at once.
func foldOperators(want []string) []string {
	var rest []string
	for _, w := range want {
		if precedence(w) == 0 && w != "." {
			rest = append(rest, w)
		}
	}
	if len(want)-len(rest) > 8 {
		want = append(rest, "operator")
	}
	slices.Sort(want)
	return slices.Compact(want)
}

// failedAt is the token a production failed at.
func failedAt(err error) int {
	var e participle.Error
	if errors.As(err, &e) {
		return e.Position().Offset
	}
	return -1
}
