package syntax

import (
	"strings"

	"github.com/throughline/throughline/dsl/source"
)

// Cache keeps parsed lines by what they say and the kind of block they stand in, so that a file
// is parsed again in the time its new lines take. Only good lines are kept. The zero Cache is
// ready for use; a Cache belongs to one goroutine.
type Cache struct {
	lines map[cacheKey]Node
	fills map[string]fill // the expressions in texts
	words map[wordsKey][]Keyword
	last  map[string]*File // the last version of each file, by its name
	feed  *feed
	quiet bool // nobody reads the diagnostics: what else was accepted need not be found out
}

type cacheKey struct {
	block BlockKind
	text  string
}

// maxCached bounds a Cache: past it everything is forgotten and learned again.
const maxCached = 200_000

// Parse reads a whole file; index is the file's index in its package. It never fails: what is
// wrong is in Diags, and what could not be read has no Node.
func Parse(index int32, src source.File) *File { return parse(index, src, &Cache{}, false) }

// Parse is the package's Parse that parses only lines the cache does not know, and nothing of a
// file that is as it was.
func (c *Cache) Parse(index int32, src source.File) *File {
	last := c.last[src.Name]
	if last != nil && last.Text == src.Text && last.Index == index {
		return last
	}
	if c.last == nil || len(c.last) > maxFiles {
		c.last = map[string]*File{}
	}
	f := parse(index, src, c, true)
	c.last[src.Name] = f
	return f
}

// maxFiles bounds the files whose last version is kept; past it all are forgotten.
const maxFiles = 10_000

func parse(index int32, src source.File, c *Cache, keep bool) *File {
	f := &File{Name: src.Name, Text: src.Text, Index: index}
	if keep {
		f.Tokens = c.last[src.Name].rescan(src.Text)
	} else {
		f.Tokens = Scan(src.Text)
	}
	cut(f)
	if c.feed == nil {
		c.feed = newFeed(256)
	}
	if keep && (c.lines == nil || len(c.lines) > maxCached) {
		c.lines = map[cacheKey]Node{}
	}
	p := &parser{file: f, grammar: theGrammar(), cache: c}
	p.lines(f.Lines, FileBlock)
	p.strays(f.Lines)
	sortDiags(f.Diags)
	return f
}

type parser struct {
	file    *File
	grammar *grammar
	cache   *Cache
}

func (p *parser) lines(lines []*Line, k BlockKind) {
	for _, l := range lines {
		p.line(l, k)
	}
}

// line parses one line and then its block. The block behind a line that failed is looked into only
// where the line's head says what it holds: one cause, one diagnostic.
func (p *parser) line(l *Line, k BlockKind) {
	l.Block = k
	h := p.head(l, k)
	if h == nil {
		p.unknownHead(l, k)
		return
	}
	l.Node = p.node(l, h)
	body := h.body
	if body == NoBlock {
		body = bodyOf(l.Node)
	}
	switch {
	case l.open >= 0 && body != NoBlock:
		p.lines(l.kids, body)
		l.Body = l.kids
	case l.open >= 0 && l.Node != nil:
		p.file.tell(source.NoBlockHere, l.open)
	case l.open >= 0 || l.Node == nil:
	case h.must || h.body == NoBlock && body != NoBlock || l.endsInTable():
		p.blockMissing(l)
	}
}

// blockMissing tells a line whose block is not there.
func (p *parser) blockMissing(l *Line) {
	p.file.Diags = append(p.file.Diags, source.Diagnostic{Code: source.BlockMissing,
		Span: l.span(l.to-l.from, l.to-l.from), Want: []string{"{"}})
}

// endsInTable reports whether the line's last word is the `pick` of a decision table.
func (l *Line) endsInTable() bool {
	last := l.to - 1
	for last > l.from && ofKind[l.file.Tokens[last].Kind] == 0 {
		last--
	}
	if last < l.from || canon(l.file.tokenText(last)) != "pick" {
		return false
	}
	return rolesOf(l, NoBlock).keyword(last - l.from)
}

// head finds how a line is read by its first word.
func (p *parser) head(l *Line, k BlockKind) *head {
	if l.to > l.from && p.file.Tokens[l.from].Kind == KindWord {
		if h := p.grammar.heads[k][canon(p.file.tokenText(l.from))]; h != nil && !p.isField(l, k) {
			return h
		}
	}
	return p.grammar.other[k]
}

// isField: in a type `drop` is a head only before `when`, and `fill` only in `fill NAME =`; a
// field may have either name.
func (p *parser) isField(l *Line, k BlockKind) bool {
	if k != TypeBlock {
		return false
	}
	var next []string
	for i := l.from + 1; i < l.to && len(next) < 2; i++ {
		if kind := p.file.Tokens[i].Kind; ofKind[kind] != 0 {
			next = append(next, canon(p.file.tokenText(i)))
		}
	}
	if canon(p.file.tokenText(l.from)) == "drop" {
		return len(next) > 0 && next[0] != "when" && source.Nearest(next[0], []string{"when"}) == ""
	}
	return len(next) < 2 || next[1] != "=" && (isTypeName(next[0]) || next[1] == "?")
}

// node parses a line, or takes it from the cache.
func (p *parser) node(l *Line, h *head) Node {
	key := cacheKey{block: l.Block}
	if p.cache.lines != nil && l.to > l.from {
		key.text = p.file.Text[p.file.Tokens[l.from].Off:p.file.Tokens[l.to-1].End]
		if n, ok := p.cache.lines[key]; ok {
			return n
		}
	}
	n, err := h.parse(p.cache.feed.line(p.file, l.from, l.to))
	if err != nil {
		if !p.misspelt(l, h) {
			p.failed(l, h, err)
		}
		return nil
	}
	told := len(p.file.Diags)
	p.review(l, n)
	if told == len(p.file.Diags) && key.text != "" {
		key.text = strings.Clone(key.text)
		p.cache.lines[key] = n
	}
	return n
}

// bodyOf is what the block behind a line holds where the line itself decides it.
func bodyOf(n Node) BlockKind {
	var x Expr
	switch n := n.(type) {
	case *FieldLine:
		if n.Type.Rows {
			return TypeBlock
		}
		x = n.Value
	case *Term:
		x = n.X
	case *Cond:
		x = n.X
	case *Let:
		x = n.X
	case *Fill:
		x = n.X
	case *Drop:
		x = n.X
	case *Check:
		x = n.When
	case *Until:
		x = n.X
	case *Row:
		x = n.Value
	}
	if _, ok := x.(*Pick); ok {
		return PickBlock
	}
	return NoBlock
}

// isTypeName reports whether a word is one of the built-in types.
func isTypeName(word string) bool {
	switch word {
	case "text", "int", "number", "percent", "money", "bool", "date", "time", "duration", "distance",
		"point", "area", "photo", "audio", "file", "list", "list of":
		return true
	}
	return false
}

// ParseExpr reads a lone expression, as an ad-hoc query gives it. Line gives its texts and spans.
func ParseExpr(index int32, src source.File) (Expr, *Line, []source.Diagnostic) {
	f := &File{Name: src.Name, Text: src.Text, Index: index, Tokens: Scan(src.Text)}
	l := &Line{file: f, to: len(f.Tokens), open: -1, end: -1}
	p := &parser{file: f, grammar: theGrammar(), cache: &Cache{feed: newFeed(64)}}
	n := p.node(l, p.grammar.lone)
	f.Lines = []*Line{l}
	l.Node = n
	if n != nil && l.endsInTable() {
		p.blockMissing(l)
	}
	if len(f.Diags) > 0 {
		return nil, l, f.Diags
	}
	return n.(*lone).X, l, f.Diags
}

// lone is a line that is one expression.
type lone struct {
	X Full `parser:"@@"`
}
