package lsp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// A completer gathers what may be written at a place.
type completer struct {
	here
	place  syntax.Place
	names  dsl.Place
	want   syntax.Wanted
	lang   string
	before []string // the tokens of the line before the word being written
	items  []completionItem
	seen   map[string]bool
}

func (s *server) complete(ctx context.Context, p positionParams) (any, error) {
	h, ok := s.at(p.TextDocument.URI)
	if !ok {
		return nil, nil
	}
	off := h.d.offset(p.Position)
	c := &completer{here: h, lang: h.vocabulary(), seen: map[string]bool{},
		items: []completionItem{}}
	f := h.x.Files[h.file]
	if part, at := openPart(f, off); at >= 0 {
		c.inMessage(f, part, at, off)
	} else if t := f.TokenAt(off - 1); off > 0 && t.Kind == syntax.KindComment ||
		t.Kind == syntax.KindText && off < t.End || t.Kind == syntax.KindRaw && off < t.End {
		return completionList{Items: c.items}, nil
	} else {
		c.start(f, off)
		c.gather(ctx)
	}
	return completionList{Items: c.items}, nil
}

// start finds where the place is and what is in scope there.
func (c *completer) start(f *syntax.File, off int32) {
	c.place = f.At(off)
	around := c.place.Around
	if c.place.Line != nil {
		around = append(slices.Clone(around), c.place.Line)
	}
	c.names = c.x.Place(around)
	c.want = c.place.Expect()
	for _, t := range c.place.Before {
		c.before = append(c.before, f.Text[t.Off:t.End])
	}
}

// openPart is what stands of an expression within a text, behind the { before an offset, and where
// it begins; -1 where there is none.
func openPart(f *syntax.File, off int32) (string, int32) {
	if off == 0 {
		return "", -1
	}
	t := f.TokenAt(off - 1)
	if t.Kind != syntax.KindText && t.Kind != syntax.KindBad || t.End < off {
		return "", -1
	}
	before := f.Text[t.Off:off]
	i := strings.LastIndexByte(before, '{')
	if i < 0 || i > 0 && before[i-1] == '\\' || strings.Contains(before[i:], "}") {
		return "", -1
	}
	return before[i+1:], t.Off + int32(i) + 1
}

// inMessage completes an expression that is filled into a text.
func (c *completer) inMessage(f *syntax.File, part string, at, off int32) {
	c.start(f, at-1)
	word := part[strings.LastIndexAny(part, " (.,+-*/=<>!")+1:]
	c.place.Word = source.Span{File: c.file, Off: off - int32(len(word)), End: off}
	c.before = nil
	for _, t := range syntax.Scan(strings.TrimSuffix(part, word)) {
		if t.Kind != syntax.KindBlank {
			c.before = append(c.before, part[t.Off:t.End])
		}
	}
	c.want = syntax.Wanted{Name: true, Operand: true}
	c.operand()
}

func (c *completer) last(n int) string {
	if len(c.before) < n {
		return ""
	}
	return c.before[len(c.before)-n]
}

// gather adds everything that fits, the most likely first.
func (c *completer) gather(context.Context) {
	if c.number() {
		return
	}
	if c.last(1) == "." {
		c.operand()
		return
	}
	if c.place.Block == syntax.TestBlock && c.inRecord() {
		return
	}
	switch {
	case c.place.Block == syntax.TestBlock && isWordOf(c.last(1), "of", "for", "之于"):
		c.records()
	case c.want.Type:
		c.types()
	case c.want.Operand:
		c.operand()
	case c.want.Name && len(c.before) > 0:
		c.declarations()
	}
	if len(c.before) == 0 && c.place.Block == syntax.TestBlock {
		c.symbols(c.names.Declared("entity", "event"), "2")
	}
	for _, w := range c.want.Words {
		c.keyword(w)
	}
	if len(c.before) == 0 {
		c.snippets()
	}
}

// number completes the unit of a number.
func (c *completer) number() bool {
	at := c.place.Word
	text := c.files[at.File].Text[at.Off:at.End]
	if text == "" || text[0] < '0' || text[0] > '9' {
		return false
	}
	digits := text[:len(text)-len(strings.TrimLeft(text, "0123456789._"))]
	units := append(syntax.Units(), syntax.Unit{En: "%", Zh: "%"},
		syntax.Unit{En: "万", Zh: "万"}, syntax.Unit{En: "亿", Zh: "亿"})
	for _, u := range units {
		unit := u.En
		if c.lang == "zh" {
			unit = u.Zh
		}
		m := meanings()["unit "+u.En+"/"]
		item := completionItem{Label: digits + unit, Kind: completionUnit}
		item.Detail = c.s.say(m.en, m.zh)
		c.add(item, digits+unit, "3")
	}
	return true
}

// operand adds what an expression may begin with at the place.
func (c *completer) operand() {
	if c.last(1) == "." {
		in, _ := c.inner()
		c.symbols(in.Behind(c.path(len(c.before)-1)), "1")
		return
	}
	in, row := c.inner()
	values := c.beside(in)
	c.symbols(values, "0")
	if fn, first := c.openCall(); fn != "" && first && isAggregate(fn) {
		c.symbols(c.names.Declared("event", "entity", "action", "journey", "source"), "1")
	}
	c.symbols(in.Names(), "2")
	if c.last(1) == "[" && len(values) > 0 {
		return
	}
	for _, w := range []string{"true", "false", "now", "self"} {
		if !row || w == "true" || w == "false" {
			c.keyword(w)
		}
	}
	for _, f := range functions() {
		if !row || !isAggregate(f.name) && f.name != "age" {
			c.function(f)
		}
	}
	c.symbols(c.names.Declared("extern"), "4")
}

// path is the dotted name that ends before a token of the line.
func (c *completer) path(to int) []string {
	var out []string
	for i := to - 1; i >= 0; i -= 2 {
		out = append(out, c.before[i])
		if i == 0 || c.before[i-1] != "." {
			break
		}
	}
	slices.Reverse(out)
	return out
}

// beside are the values of the choice that the place is compared with, or set to.
func (c *completer) beside(in dsl.Place) []*dsl.Symbol {
	n := len(c.before)
	switch c.last(1) {
	case "==", "!=", "=":
		return in.Values(c.path(n - 1))
	case "[", ",":
		for i := n - 1; i > 0; i-- {
			if c.before[i] != "[" {
				continue
			}
			end := i
			for end > 0 && isWordOf(c.before[end-1], "in", "not", "not in") {
				end--
			}
			return in.Values(c.path(end))
		}
	}
	return nil
}

func isWordOf(text string, words ...string) bool {
	for _, w := range words {
		if text == w || text == syntax.WordIn(w, "", "zh") {
			return true
		}
	}
	return false
}

// openCall is the function whose parenthesis is open at the place, and whether its first argument
// is being written.
func (c *completer) openCall() (fn string, first bool) {
	i, commas := c.openParen()
	if i <= 0 {
		return "", false
	}
	return functionNamed(c.before[i-1]), commas == 0 && i == len(c.before)-1
}

// openParen is the innermost parenthesis that is open at the place, -1 without one, and the commas
// behind it.
func (c *completer) openParen() (at, commas int) {
	depth := 0
	for i := len(c.before) - 1; i >= 0; i-- {
		switch c.before[i] {
		case ")", "]", "}":
			depth++
		case "[", "{":
			depth = max(depth-1, 0)
		case "(":
			if depth == 0 {
				return i, commas
			}
			depth--
		case ",":
			if depth == 0 {
				commas++
			}
		}
	}
	return -1, 0
}

// inner is the place inside an aggregate, whose `where` and `via` are about the counted record.
func (c *completer) inner() (in dsl.Place, row bool) {
	open, _ := c.openParen()
	if open <= 0 || !isAggregate(functionNamed(c.before[open-1])) {
		return c.names, false
	}
	for _, w := range c.before[open+1:] {
		row = row || isWordOf(w, "where", "via", "at")
	}
	if !row {
		return c.names, false
	}
	end := open + 1
	for end < len(c.before) && (end == open+1 || c.before[end] == "." || c.before[end-1] == ".") {
		end++
	}
	path := c.path(end)
	for ; len(path) > 0; path = path[:len(path)-1] { // the last name may be the value
		if in, ok := c.names.Row(path); ok {
			return in, true
		}
	}
	return c.names, true
}

// types adds types that a field may have.
func (c *completer) types() {
	for _, w := range typeWords() {
		c.keyword(w)
	}
	c.symbols(c.names.Declared("entity", "choice"), "2")
}

// declarations adds what a bare path may name behind the word before it.
func (c *completer) declarations() {
	switch w := c.before[0]; {
	case isWordOf(w, "import"):
		for _, name := range c.packages() {
			c.add(completionItem{Label: name, Kind: completionModule}, name, "1")
		}
		return
	case isWordOf(w, "use"):
		c.symbols(c.names.Declared("rule", "alert", "segment", "journey", "action", "goal",
			"remedy"), "1")
		return
	case isWordOf(w, "set", "assign", "by", "about", "drill", "split") ||
		isWordOf(w, "entry", "must", "distinct"):
		c.symbols(c.names.Names(), "1")
		c.symbols(c.names.Declared("action", "event"), "2")
		return
	case isWordOf(c.last(1), "曾名", "was", "as", "label"):
		return
	case len(c.before) == 1 && c.place.Block == syntax.FileBlock && !isWordOf(w, "extend"):
		return // a name of one's own
	}
	kinds := []string{"entity", "event"}
	switch {
	case isWordOf(c.before[0], "alert") || c.before[0] == "预警":
		kinds = append(kinds, "metric")
	case isWordOf(c.before[0], "metric", "moves", "remedy", "goal"):
		kinds = []string{"metric", "entity", "event", "journey", "action"}
	case isWordOf(c.before[0], "expect"):
		kinds = []string{"alert", "segment", "rule", "score"}
	case isWordOf(c.before[0], "calendar"):
		kinds = []string{"calendar"}
	}
	c.symbols(c.names.Declared(kinds...), "1")
}

// packages are the packages that can be imported here.
func (c *completer) packages() []string {
	out := []string{"sales"}
	for _, f := range c.f.files {
		if i := strings.LastIndexByte(f.Name, '/'); i > 0 {
			out = append(out, strings.ReplaceAll(f.Name[:i], "/", "."))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// inRecord completes the fields and values of a record in a test.
func (c *completer) inRecord() bool {
	open := slices.Index(c.before, "{")
	if open < 2 {
		return false
	}
	typ := c.path(open - 1)
	in, ok := c.names.Of(typ)
	if !ok {
		return false
	}
	switch c.last(1) {
	case "{", ",":
		for _, sym := range in.Names() {
			if sym.Kind == "field" && !sym.Span.IsZero() {
				item := c.item(sym)
				c.add(item, sym.Name+": ", "1")
			}
		}
	case ":":
		c.symbols(in.Values(c.path(len(c.before)-1)), "1")
		c.records()
	}
	return true
}

// records adds the records that the test has made.
func (c *completer) records() {
	for _, sym := range c.names.Names() {
		if sym.Kind == "record" {
			c.add(c.item(sym), sym.Name, "2")
		}
	}
}

// add puts an item among the rest, once.
func (c *completer) add(item completionItem, text, rank string) {
	if c.seen[item.Label] {
		return
	}
	c.seen[item.Label] = true
	item.SortText = fmt.Sprintf("%s%03d", rank, len(c.items))
	item.TextEdit = &textEdit{Range: c.d.span(c.place.Word), NewText: text}
	if item.Format == isSnippet && !c.s.can.TextDocument.Completion.CompletionItem.SnippetSupport {
		item.Format = 0
		item.TextEdit.NewText = plain(text)
	}
	c.items = append(c.items, item)
}

// plain is a snippet without its stops.
func plain(snippet string) string {
	var b strings.Builder
	for i := 0; i < len(snippet); i++ {
		switch {
		case strings.HasPrefix(snippet[i:], "${"):
			colon, end := strings.IndexByte(snippet[i:], ':'), strings.IndexByte(snippet[i:], '}')
			if colon > 0 && colon < end {
				b.WriteString(snippet[i+colon+1 : i+end])
			}
			i += end
		case snippet[i] == '$':
			i++
		default:
			b.WriteByte(snippet[i])
		}
	}
	return b.String()
}

func (c *completer) symbols(list []*dsl.Symbol, rank string) {
	for _, sym := range list {
		c.add(c.item(sym), sym.Name, rank)
	}
}

// item is a symbol as a list shows it.
func (c *completer) item(sym *dsl.Symbol) completionItem {
	kind := completionFunction
	switch sym.Kind {
	case "field":
		kind = completionField
	case "entity", "source":
		kind = completionClass
	case "event":
		kind = completionEvent
	case "choice":
		kind = completionType
	case "value", "stage":
		kind = completionMember
	case "let":
		kind = completionConstant
	case "package":
		kind = completionModule
	case "parameter", "record", "name", "score", "segment":
		kind = completionVariable
	}
	item := completionItem{Label: sym.Name, Kind: kind, Detail: head(sym, c.lang),
		FilterText: filter(sym.Name, sym.Label.Main, sym.Label.En, sym.Label.Zh)}
	text := labels(sym.Label, c.s.lang)
	if sym.Doc != "" {
		text = strings.TrimSpace(text + "\n\n" + sym.Doc)
	}
	if text != "" {
		item.Documentation = &markup{"markdown", text}
	}
	return item
}

// filter is what the letters typed are compared with: the name, its other forms, and the initials
// of what is Chinese.
func filter(name string, others ...string) string {
	words := []string{name}
	for _, o := range append([]string{name}, others...) {
		if o == "" {
			continue
		}
		if in := syntax.Initials(o); in != o && in != "" {
			words = append(words, in)
		}
		words = append(words, o)
	}
	out := words[:1]
	for _, w := range words[1:] {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	if len(out) == 1 {
		return ""
	}
	return strings.Join(out, " ")
}

// keyword adds a word of the language in the document's vocabulary.
func (c *completer) keyword(en string) {
	role := roleAt(en, c.before)
	text := syntax.WordIn(en, role, c.lang)
	other := syntax.WordIn(en, role, "zh")
	if c.lang == "zh" {
		other = en
	}
	c.add(completionItem{Label: text, Kind: completionKeyword, Detail: other,
		Documentation: &markup{"markdown", c.s.meaning(syntax.Vocable{En: en, Role: role})},
		FilterText:    filter(text, other)}, text, "5")
}

// roleAt guesses the role of a word that has several, from the line it would stand in.
func roleAt(en string, before []string) string {
	switch en {
	case "of":
		for _, w := range before {
			if w == "(" {
				return "source"
			}
		}
		return "declaration"
	case "for":
		if len(before) > 0 && !isWordOf(before[0], "pool", "until") {
			return "whom"
		}
		return "duration"
	case "by":
		return "dimension"
	case "is", "stage":
		if en == "stage" {
			return "declaration"
		}
		return "stage"
	case "share":
		return "goal"
	case "lower":
		return "better"
	case "workdays":
		return "span"
	case "month":
		return "period"
	}
	return ""
}
