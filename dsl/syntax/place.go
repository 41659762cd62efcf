package syntax

import (
	"slices"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/throughline/throughline/dsl/source"
)

// Place is where in a file somebody writes, as an editor asks for it.
type Place struct {
	Around []*Line     // the lines whose blocks it is in, outermost first
	Line   *Line       // the line it is in, nil where a new one would begin
	Block  BlockKind   // what the lines of the innermost block say
	Word   source.Span // the word being written, empty where none is
	Before []Token     // of the line, before that word, without blanks and comments

	f  *File
	to int // the token of the file behind Before
}

// At is the place at an offset.
func (f *File) At(off int32) Place {
	p := Place{f: f, Block: FileBlock, Word: source.Span{File: f.Index, Off: off, End: off}}
	p.to = f.tokenAt(off)
	if i := p.to; i > 0 && f.Tokens[i-1].End == off && isWritten(f.Tokens[i-1].Kind) {
		p.to-- // right behind a word: it is being written
	}
	if i := p.to; i < len(f.Tokens) && f.Tokens[i].Off <= off && isWritten(f.Tokens[i].Kind) {
		p.Word.Off, p.Word.End = f.Tokens[i].Off, f.Tokens[i].End
	}
	lines := f.Lines
	for {
		l := lineAt(lines, p.Word.Off)
		if l == nil {
			return p
		}
		l.Block = p.Block
		switch {
		case l.open >= 0 && off > f.Tokens[l.open].Off && (l.end < 0 || off <= f.Tokens[l.end].Off):
			p.Around = append(p.Around, l)
			p.Block, lines = l.Inner(), l.kids
			continue
		case l.open >= 0 && off > f.Tokens[l.open].Off:
		case p.sameLine(l):
			p.Line = l
			for _, t := range f.Tokens[l.from:max(p.to, l.from)] {
				if ofKind[t.Kind] != 0 {
					p.Before = append(p.Before, t)
				}
			}
		}
		return p
	}
}

func isWritten(k Kind) bool { return k == KindWord || k == KindNumber }

// tokenAt is the token that holds an offset, the last at the file's end.
func (f *File) tokenAt(off int32) int {
	i, _ := slices.BinarySearchFunc(f.Tokens, off, func(t Token, off int32) int {
		if t.End <= off {
			return -1
		}
		return 1
	})
	return i
}

// TokenAt is the token that holds an offset; its zero where there is none.
func (f *File) TokenAt(off int32) Token {
	if i := f.tokenAt(off); i < len(f.Tokens) {
		return f.Tokens[i]
	}
	return Token{}
}

// Tokens are the tokens of a line without its block, blanks and comments left out.
func (l *Line) Tokens() []Token {
	var out []Token
	for _, t := range l.file.Tokens[l.from:l.to] {
		if ofKind[t.Kind] != 0 {
			out = append(out, t)
		}
	}
	return out
}

// Whole is the place of the line with its block.
func (l *Line) Whole() source.Span {
	s := l.Span()
	if l.open >= 0 {
		s.End = l.file.Tokens[l.open].End
		if l.end >= 0 {
			s.End = l.file.Tokens[l.end].End
		} else if n := len(l.kids); n > 0 {
			s.End = l.kids[n-1].Whole().End
		}
	}
	return s
}

// Lines are the lines of the line's block, also where it was not looked into.
func (l *Line) Lines() []*Line { return l.kids }

// lineAt is the last line that begins at or before an offset.
func lineAt(lines []*Line, off int32) *Line {
	i, _ := slices.BinarySearchFunc(lines, off+1, func(l *Line, off int32) int {
		if l.from < len(l.file.Tokens) && l.file.Tokens[l.from].Off < off {
			return -1
		}
		return 1
	})
	if i == 0 {
		return nil
	}
	return lines[i-1]
}

// Inner is what the lines of the line's block say, or would say if it had one; NoBlock where it can
// have none.
func (l *Line) Inner() BlockKind {
	p := &parser{file: l.file, grammar: theGrammar()}
	if h := p.head(l, l.Block); h != nil && h.body != NoBlock {
		return h.body
	}
	return bodyOf(l.Node)
}

// sameLine reports whether the place belongs to a line: no line end lies between, or one that the
// line goes on over.
func (p *Place) sameLine(l *Line) bool {
	if p.to <= l.to {
		return true
	}
	for _, t := range p.f.Tokens[l.to:min(p.to, len(p.f.Tokens))] {
		if t.Kind == KindNewline {
			c := &cutter{f: p.f, next: -2}
			return l.to > l.from && c.joins(l.to-1, false)
		}
		if t.IsSign(";") {
			return false
		}
	}
	return true
}

// IsSign reports whether a token is a sign, given in its plain form.
func (t Token) IsSign(s string) bool { return t.Kind == KindSign && signs[t.sign] == s }

// Wanted is what the grammar takes at a place.
type Wanted struct {
	Words   []string // of the language, in English
	Name    bool     // any name
	Operand bool     // an expression may begin
	Type    bool     // a type
	Number  bool
	Text    bool
}

// Expect asks the line's own production what it would take at the place, whatever stands behind.
func (p Place) Expect() Wanted {
	g := theGrammar()
	var e Wanted
	h := g.other[p.Block]
	if len(p.Before) == 0 {
		e.Words = g.words(p.Block)
		if h != nil {
			e.probe(p, h)
		}
		return e
	}
	q := &parser{file: p.f, grammar: g}
	if h = q.head(p.Line, p.Block); h == nil {
		return e
	}
	e.probe(p, h)
	e.Type = e.Name && !e.Operand && p.wantsType(h == g.other[TypeBlock])
	return e
}

// probe tries every candidate. Where any name is taken, a word is one of the language if the
// grammar goes on from it in another way than from a name.
func (e *Wanted) probe(p Place, h *head) {
	from := p.to
	if p.Line != nil {
		from = p.Line.from
	}
	w := newFeed(p.to - from + 8)
	w.line(p.f, from, p.to)
	idx, at := w.n, p.to-from
	keep := slices.Clone(w.buf[:idx])
	fails := func(tokens ...lexer.Token) int {
		copy(w.buf, keep)
		for i, t := range append(tokens, lexer.Token{Type: lexer.EOF}) {
			t.Pos.Offset = at + i
			w.buf[idx+i] = t
		}
		if _, err := h.parse(w.rewind()); err != nil {
			return failedAt(err)
		}
		return at + len(tokens) + 1
	}
	name := lexer.Token{Type: tWord, Value: anyName}
	behind := []lexer.Token{{Type: tNumber, Value: "1"}, name, {Type: tSign, Value: "("}}
	var plain []int
	if e.Name = fails(name) > at; e.Name {
		for _, b := range behind {
			plain = append(plain, fails(name, b))
		}
		plain = append(plain, fails(name))
	}
	for _, c := range theGrammar().tries {
		if c.EOF() || c.Value == anyName || fails(c) <= at {
			continue
		}
		switch {
		case c.Type == tNumber:
			e.Number = true
		case c.Type == tText:
			e.Text = true
		case c.Type == tSign && c.Value == "(":
			e.Operand = e.Name
		case c.Type == tWord && !e.Name:
			e.Words = append(e.Words, c.Value)
		case c.Type == tWord:
			var own []int
			for _, b := range behind {
				own = append(own, fails(c, b))
			}
			if own = append(own, fails(c)); !slices.Equal(own, plain) {
				e.Words = append(e.Words, c.Value)
			}
		}
	}
	slices.Sort(e.Words)
	e.Words = slices.Compact(e.Words)
}

// wantsType tells a type from another name: behind a field's or a parameter's name, and behind the
// parameters of an extern.
func (p Place) wantsType(field bool) bool {
	b := p.Before
	last := b[len(b)-1]
	if last.IsSign(".") || canon(p.f.Text[last.Off:last.End]) == "was" {
		return false
	}
	open := 0
	for _, t := range b {
		switch {
		case t.IsSign("("):
			open++
		case t.IsSign(")"):
			open--
		}
	}
	if open > 0 {
		return len(b) > 1 && last.Kind == KindWord && (b[len(b)-2].IsSign("(") || b[len(b)-2].IsSign(","))
	}
	return field || canon(p.f.Text[b[0].Off:b[0].End]) == "extern" && last.IsSign(")")
}

// Keyword is a word of the language where a line uses it: one token, or several that belong
// together.
type Keyword struct {
	Span source.Span
	Vocable
}

// Keywords are the words of the language in a file's lines, in order. A line that could not be
// parsed has none: only a node tells a word from a name. Lines that the cache knows are looked at
// once.
func (c *Cache) Keywords(f *File) []Keyword {
	if c.words == nil || len(c.words) > maxCached {
		c.words = map[wordsKey][]Keyword{}
	}
	k := &keywords{t: &translator{f: f, zh: true, swap: map[int]string{}}, known: c.words,
		out: make([]Keyword, 0, len(f.Tokens)/6)}
	k.lines(f.Lines, FileBlock)
	return k.out
}

// wordsKey is a parsed line and the block of the declaration it stands in.
type wordsKey struct {
	n  Node
	in BlockKind
}

type keywords struct {
	t     *translator
	out   []Keyword
	known map[wordsKey][]Keyword // by lines, with places counted from the line's beginning
}

// line finds the words of a line, which are where they were as long as its node is the same.
func (k *keywords) line(l *Line, in BlockKind) {
	from := len(k.out)
	at := l.Span()
	key := wordsKey{l.Node, in}
	if words, ok := k.known[key]; ok {
		k.out = append(k.out, words...)
		for i := range k.out[from:] {
			s := &k.out[from+i].Span
			*s = source.Span{File: at.File, Off: s.Off + at.Off, End: s.End + at.Off}
		}
		return
	}
	k.read(l, in)
	words := slices.Clone(k.out[from:])
	for i := range words {
		words[i].Span.Off -= at.Off
		words[i].Span.End -= at.Off
	}
	k.known[key] = words
}

func (k *keywords) lines(lines []*Line, in BlockKind) {
	for _, l := range lines {
		if l.Node != nil {
			k.line(l, in)
		}
		below := in
		if in == FileBlock && len(l.Body) > 0 {
			below = k.t.declared(l)
		}
		k.lines(l.kids, below)
	}
}

func (k *keywords) read(l *Line, in BlockKind) {
	f := k.t.f
	w := rolesOf(l, in)
	n, looks := l.Node.(*For)
	looks = looks && n.Count().Ok()
	for i := l.from; i < l.to; i++ {
		if f.Tokens[i].Kind != KindWord || !w.keyword(i-l.from) {
			continue
		}
		word := Keyword{Span: f.tokenSpan(i)}
		en, role := canon(f.tokenText(i)), w.role(i-l.from)
		if joined, last := k.t.joined(l, w, i); joined != "" {
			en, role = canon(joined), ""
			word.Span.End = f.Tokens[last].End
			i = last
		}
		if looks {
			en, role = "in a row", ""
		}
		word.Vocable = Vocable{En: en, Role: role, Zh: zhOf(en, role)}
		if _, ok := chinese()[[2]string{en, role}]; !ok {
			word.Role = ""
		}
		k.out = append(k.out, word)
	}
}

// WordIn is an English word of the language in a vocabulary, en or zh, as it stands in a role.
func WordIn(en, role, lang string) string {
	if lang != "zh" {
		return en
	}
	if zh := zhOf(en, role); zh != "" {
		return zh
	}
	for _, v := range Vocabulary() {
		if v.En == en {
			return v.Zh
		}
	}
	return en
}

// Lang is the vocabulary that a file's declarations are written in: zh where most begin with a
// Chinese word, "" where there are none.
func (f *File) Lang() string {
	zh, en := 0, 0
	for _, l := range f.Lines {
		if l.to == l.from || f.Tokens[l.from].Kind != KindWord {
			continue
		}
		if t := f.tokenText(l.from); isDeclaration(canon(t)) {
			if t == canon(t) {
				en++
			} else {
				zh++
			}
		}
	}
	switch {
	case zh > en:
		return "zh"
	case en > 0:
		return "en"
	}
	return ""
}
