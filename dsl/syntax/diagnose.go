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
	d.Want = p.grammar.words(k)
	p.offer(l, 0, &d)
	if d.Want = want; d.Near == "" {
		d.Near = source.Nearest(d.Found, want)
	}
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
		if d.Code == source.Unexpected {
			p.offer(l, at, &d)
			p.offerInside(l, h, at, &d)
		}
		if p.file.Tokens[l.from+at].Kind == KindBad {
			d.Code, d.Want = badCode(p.file.tokenText(l.from+at)), nil
		}
	}
	switch {
	case d.Code == source.Unexpected && h.must && l.open < 0 && slices.Equal(d.Want, endOnly):
		d.Code, d.Want = source.BlockMissing, []string{"{"}
	case d.Code == source.WindowOutside:
		d.Fix = l.moveWindow(at)
	case d.Code == source.BlankBeforeParen:
		d.Fix = p.unblank(l, at)
	case d.Code == source.NoNull:
		d.Fix = l.askMissing(own.wrap[0], own.wrap[1], at)
	case own != nil && own.wrap != nil:
		d.Fix = l.parenthesize(own.wrap[0], own.wrap[1])
	}
	d.Want = l.inItsWords(d.Want)
	if d.Near == "" {
		d.Near = source.Nearest(d.Found, d.Want)
	}
	p.file.Diags = append(p.file.Diags, d)
}

// endOnly is what a header that only a block can follow takes.
var endOnly = []string{"end of line"}

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

// moveWindow is the fix that moves a window into the brackets of the aggregate before it: before
// its `where`, else to its end; nil where that is not certain.
func (l *Line) moveWindow(at int) *source.Fix {
	from := l.from + at
	n, _ := l.before(from)
	if n < 0 {
		return nil
	}
	to, into := from+1, -1
	for to < l.to && ofKind[l.file.Tokens[to].Kind] == 0 {
		to++
	}
	if to >= l.to {
		return nil
	}
	if w := canon(l.file.tokenText(to)); w == "this" || w == "last" {
		for to++; to < l.to && ofKind[l.file.Tokens[to].Kind] == 0; to++ {
		}
	}
	if to >= l.to {
		return nil
	}
	deep, outside := 0, true
	for i := n; i > l.from && deep >= 0 && into < 0; i-- {
		text := l.file.tokenText(i)
		switch s := l.file.Tokens[i].sign; {
		case signs[s] == ")" && deep == 0:
			deep++
			if outside {
				into = i
			}
		case signs[s] == ")":
			deep++
		case signs[s] == "(":
			deep--
		case deep == 0 && l.file.Tokens[i].Kind == KindWord && canon(text) == "where":
			into = i
		case deep == 0 && (canon(text) == "and" || canon(text) == "or"):
			outside = false
		}
	}
	if into < 0 {
		return nil
	}
	window := l.file.Text[l.file.Tokens[from].Off:l.file.Tokens[to].End]
	if l.file.Tokens[to].Kind == KindNumber { // `in last 30d` is `in 30d`
		window = l.file.tokenText(from) + " " + l.file.tokenText(to)
	}
	put := source.Edit{Span: l.file.tokenSpan(into), New: " " + window}
	if put.Span.End = put.Span.Off; canon(l.file.tokenText(into)) == "where" {
		put.New = window + " "
	}
	cut := source.Edit{Span: source.Span{File: l.file.Index, Off: l.file.Tokens[n].End,
		End: l.file.Tokens[to].End}}
	return &source.Fix{Edits: []source.Edit{put, cut}}
}

// askMissing is the fix that asks for a value in the language's own way: of the tokens [from, to),
// behind which `is null` or `is not null` begins at a token.
func (l *Line) askMissing(from, to, at int) *source.Fix {
	not := false
	end := l.from + at + 1
	for ; end < l.to; end++ {
		if ofKind[l.file.Tokens[end].Kind] == 0 {
			continue
		}
		if w := canon(l.file.tokenText(end)); w != "not" {
			break
		}
		not = true
	}
	what := l.span(from, to)
	place := what
	place.End = l.file.Tokens[end].End
	return l.Missing(what, place, not)
}

// Missing is the fix that puts `missing(x)` in the place of a span, or its opposite.
func (l *Line) Missing(x, place source.Span, not bool) *source.Fix {
	word, no := "missing", "not "
	if l.isChinese() {
		word, no = WordIn("missing", "", "zh"), WordIn("not", "", "zh")+" "
	}
	text := word + "(" + l.file.Text[x.Off:x.End] + ")"
	if not {
		text = no + text
	}
	return &source.Fix{Edits: []source.Edit{{Span: place, New: text}}}
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
		out[i] = l.inChinese(w)
	}
	return out
}

// inChinese is a word in Chinese. One with several places has the form of the block's own, or else
// of the first place that the table gives it.
func (l *Line) inChinese(word string) string {
	role := roleDeclared
	switch l.Block {
	case ActionBlock:
		role = roleWho
	case AlertBlock:
		role = roleDuration
	}
	for _, r := range []string{role, roleDimension} {
		if zh := zhOf(word, r); zh != "" {
			return zh
		}
	}
	for _, v := range Vocabulary() {
		if v.En == word {
			return v.Zh
		}
	}
	return word
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
