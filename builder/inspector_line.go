package builder

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/throughline/throughline/builder/doc"
	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/syntax"
)

// A drafting makes the lines of an inspector: each as it is written, with controls in place of the
// words that can be controlled.
type drafting struct {
	lang   string               // of whoever looks
	in     string               // the vocabulary of the file
	refs   map[int32]dsl.Ref    // the file's names, by place
	values map[string][]*choice // what else a name of a kind could be, by kind and owner
	pieces []doc.Piece
	file   int32 // of the checked policy, which pieces are of
	n      int   // lines so far: ids
	of     *kind.Decl
	policy *policy.Policy
}

// A choice is a name that could stand in place of another.
type choice struct{ name, label string }

// line is a line with its block. Lines inside a journey's stages are looked at by themselves.
func (x *drafting) line(l *syntax.Line, path edit.Path, at int) *view.Drafted {
	x.n++
	out := &view.Drafted{ID: "l" + strconv.Itoa(x.n), Path: pathText(path), At: at,
		Name: x.nameOf(l, path), Says: x.says(l), Block: l.Inner() != syntax.NoBlock}
	out.Adds = words.LineAdd.With(out.Name).In(x.lang)
	exprs := expressions(l)
	out.Free = x.free(out, l, exprs)
	out.Bits = x.bits(out, l, nil)
	switch n := l.Node.(type) {
	case *syntax.Term:
		if w, ok := percentOf(l, n.Weight.Tok); ok {
			out.Weight = &view.Weight{ID: out.ID + "-w", Value: w, Step: stepOf(w),
				Label: words.WeightOf.With(out.Name).In(x.lang)}
			out.Bits = x.bits(out, l, func(i int) bool { return i == tokenAt(l, n.Weight.Tok) })
		}
	case *syntax.Row:
		if out.Cells = x.cells(out, l, n); out.Cells != nil {
			out.Free = nil
		}
	}
	if len(exprs) == 1 {
		out.Conds, out.Join = x.conds(out, l, exprs[0]), x.wordOf("and")
		out.Joins = x.joins(out, l, exprs[0])
	}
	if _, ok := l.Node.(*syntax.Journey); ok {
		return out
	}
	keys := edit.Keys(l.Lines())
	inner := l.Inner()
	for i, k := range l.Lines() {
		kid := x.line(k, append(path[:len(path):len(path)], keys[i]), i)
		kid.Order = slices.Contains([]syntax.BlockKind{syntax.PickBlock, syntax.StepsBlock,
			syntax.EffectBlock, syntax.ProofBlock, syntax.ScoreBlock}, inner) && len(l.Lines()) > 1
		out.Lines = append(out.Lines, kid)
	}
	out.Weights = inner == syntax.ScoreBlock && weighs(out.Lines)
	if !out.Weights {
		for _, k := range out.Lines {
			k.Weight = nil
		}
	}
	out.Table = inner == syntax.PickBlock && len(out.Lines) > 0 &&
		!slices.ContainsFunc(out.Lines, func(k *view.Drafted) bool { return len(k.Cells) == 0 })
	return out
}

// weighs reports whether every line has a weight in numbers, so that they can be kept adding up.
func weighs(lines []*view.Drafted) bool {
	return len(lines) > 1 && !slices.ContainsFunc(lines, func(l *view.Drafted) bool {
		return l.Weight == nil
	})
}

// percentOf is a weight as it is written, without its sign.
func percentOf(l *syntax.Line, t syntax.Tok) (string, bool) {
	n, ok := strings.CutSuffix(l.Text(t), "%")
	if !ok {
		return "", false
	}
	f, err := strconv.ParseFloat(n, 64)
	return n, err == nil && f >= 0 && f <= 100
}

func stepOf(weight string) string {
	if strings.Contains(weight, ".") {
		return "0.1"
	}
	return "1"
}

// tokenAt is a token's index among the words of its line, -1 where it is none of them.
func tokenAt(l *syntax.Line, t syntax.Tok) int {
	if !t.Ok() {
		return -1
	}
	off := l.TokSpan(t).Off
	return slices.IndexFunc(l.Tokens(), func(t syntax.Token) bool { return t.Off == off })
}

// says is what the checked policy says by a line, "" where it is not one part of it.
func (x *drafting) says(l *syntax.Line) string {
	s := l.Span()
	var out []string
	for _, p := range x.pieces {
		if p.Span.File == x.file && s.Off <= p.Span.Off && p.Span.Off < s.End {
			out = append(out, p.Says)
		}
	}
	if len(out) != 1 {
		return ""
	}
	return out[0]
}

// nameOf is what a line says something about, in the words of whoever looks.
func (x *drafting) nameOf(l *syntax.Line, path edit.Path) string {
	switch n := l.Node.(type) {
	case *syntax.Term, *syntax.ProofLine, *syntax.FieldLine:
		return labelIn(l, syntax.LabelOf(n), path[len(path)-1], x.lang)
	case *syntax.Stage:
		return path[len(path)-1]
	case *syntax.EffectLine, *syntax.Row, *syntax.Step:
		return short(written(l, false))
	}
	if len(path) == 1 {
		return path[0]
	}
	if _, ok := l.Node.(*syntax.Table); ok {
		return words.RowTable.In(x.lang)
	}
	word := l.Written(0)
	if en := english()[word]; en != "" {
		word = en
	}
	if l.Node == nil || word == "" {
		return short(written(l, false))
	}
	if name := kind.Named(word, x.lang); name != "" {
		return name
	}
	return short(written(l, false))
}

// english is the English form of every word of the other vocabulary.
var english = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for _, w := range syntax.Vocabulary() {
		m[w.Zh] = w.En
	}
	return m
})

// A part is some words of a line: an expression that stands in it.
type piece struct{ from, to int }

// expressions are those of a line, but for what is only a literal: that has a control of its own.
func expressions(l *syntax.Line) []piece {
	if l.Node == nil {
		return nil
	}
	v := reflect.ValueOf(l.Node).Elem()
	var out []piece
	for i := range v.NumField() {
		x, ok := v.Field(i).Interface().(syntax.Expr)
		if !ok || v.Field(i).IsNil() {
			continue
		}
		if _, lit := x.(*syntax.Lit); lit {
			continue
		}
		if _, table := x.(*syntax.Pick); table {
			continue
		}
		if p, ok := pieceOf(l, x); ok {
			out = append(out, p)
		}
	}
	return out
}

// pieceOf is the words of an expression.
func pieceOf(l *syntax.Line, x syntax.Expr) (piece, bool) {
	s, p := l.ExprSpan(x), piece{-1, -1}
	for i, t := range l.Tokens() {
		if t.Off == s.Off {
			p.from = i
		}
		if t.End == s.End {
			p.to = i + 1
		}
	}
	return p, p.from >= 0 && p.to > p.from
}

// text is some words of a line as they are written.
func (p piece) text(l *syntax.Line) string {
	t := l.Tokens()
	return l.File().Text[t[p.from].Off:t[p.to-1].End]
}

// free is what of a line is written freely: its one expression, else the whole line.
func (x *drafting) free(out *view.Drafted, l *syntax.Line, exprs []piece) *view.Free {
	f := &view.Free{ID: out.ID + "-f", Count: len(l.Tokens()), Text: written(l, false),
		Label: words.FreeLine.With(out.Name).In(x.lang)}
	if len(exprs) == 1 {
		p := exprs[0]
		f.Index, f.Count, f.Text = p.from, p.to-p.from, p.text(l)
		f.Label = words.FreeExpr.With(out.Name).In(x.lang)
	}
	if strings.ContainsAny(f.Text, "\n") { // a line that goes on is changed in the text
		return nil
	}
	return f
}

// cells are what a row of a table is made of.
func (x *drafting) cells(out *view.Drafted, l *syntax.Line, n *syntax.Row) []view.Free {
	cell := func(id string, of syntax.Expr, label words.Text) (view.Free, bool) {
		p, ok := pieceOf(l, of)
		if !ok {
			return view.Free{}, false
		}
		return view.Free{ID: out.ID + id, Index: p.from, Count: p.to - p.from, Text: p.text(l),
			Label: words.BlankIn.With(label.In(x.lang), out.Name).In(x.lang)}, true
	}
	when, ok := view.Free{Text: words.RowElse.In(x.lang)}, true
	if !n.Else {
		when, ok = cell("-c", n.Cond, words.RowWhen)
	}
	then, and := cell("-v", n.Value, words.RowThen)
	if !ok || !and {
		return nil
	}
	return []view.Free{when, then}
}

// conds are the conditions of a line that must all hold, where they are several.
func (x *drafting) conds(out *view.Drafted, l *syntax.Line, whole piece) []*view.Cond {
	parts := conjuncts(l, whole)
	if len(parts) < 2 {
		return nil
	}
	list := make([]*view.Cond, len(parts))
	for i, p := range parts {
		list[i] = &view.Cond{ID: fmt.Sprint(out.ID, "-a", i), Free: view.Free{
			ID: fmt.Sprint(out.ID, "-a", i, "-f"), Index: p.from, Count: p.to - p.from, Text: p.text(l),
			Label: words.CondNth.With(i+1, out.Name).In(x.lang)}}
	}
	return list
}

// conjuncts are what "and" joins in an expression, not looking into brackets. An "or" beside them
// binds looser: then there is one condition.
func conjuncts(l *syntax.Line, whole piece) []piece {
	var out []piece
	depth, from := 0, whole.from
	text := l.File().Text
	between := false
	for i := whole.from; i < whole.to; i++ {
		t := l.Tokens()[i]
		w := text[t.Off:t.End]
		if en := english()[w]; en != "" {
			w = en
		}
		switch {
		case w == "(" || w == "[":
			depth++
		case w == ")" || w == "]":
			depth--
		case depth > 0:
		case w == "or" || w == "if" || w == "??" || w == "pick":
			return nil
		case w == "between":
			between = true
		case w == "and" && between:
			between = false
		case w == "and":
			out = append(out, piece{from, i})
			from = i + 1
		}
	}
	return append(out, piece{from, whole.to})
}

// bits are the words of a line with controls in place of those that can be controlled; those that
// skip says are left out.
func (x *drafting) bits(out *view.Drafted, l *syntax.Line, skip func(int) bool) []view.Bit {
	var bits []view.Bit
	put := func(s string) {
		if n := len(bits); n > 0 && bits[n-1].Blank == nil {
			bits[n-1].Text += s
			return
		}
		bits = append(bits, view.Bit{Text: s})
	}
	text, toks := l.File().Text, l.Tokens()
	for i, t := range toks {
		if i > 0 && t.Off > toks[i-1].End {
			put(" ")
		}
		if skip != nil && skip(i) {
			continue
		}
		if b := x.blank(l, i); b != nil {
			b.ID, b.Index, b.Count = fmt.Sprint(out.ID, "-", i), i, 1
			b.Was = text[t.Off:t.End]
			if b.Size == 0 {
				b.Size = len([]rune(b.Value)) + 1
			}
			at := short(written(l, false))
			b.Label = words.BlankIn.With(b.Was, at).In(x.lang)
			b.UnitLabel = words.BlankUnit.With(b.Was, at).In(x.lang)
			bits = append(bits, view.Bit{Blank: b})
			continue
		}
		put(text[t.Off:t.End])
	}
	return bits
}

// blank is the control for a word of a line, nil where it has none.
func (x *drafting) blank(l *syntax.Line, i int) *view.Blank {
	t := l.Tokens()[i]
	w := l.File().Text[t.Off:t.End]
	switch t.Kind {
	case syntax.KindNumber:
		return x.amount(l, i, w)
	case syntax.KindText:
		r := []rune(w)
		if len(r) < 2 {
			return nil
		}
		return &view.Blank{Kind: "text", Value: string(r[1 : len(r)-1]),
			Size: width(string(r[1:len(r)-1])) + 1}
	case syntax.KindMoment:
		return &view.Blank{Kind: "date", Value: w}
	case syntax.KindWord:
		if ref, ok := x.refs[t.Off]; ok {
			return x.named(ref, w)
		}
		return x.word(l, i, w)
	}
	return nil
}

// width is how much room a text takes: a Chinese sign takes that of two letters.
func width(s string) int {
	n := 0
	for _, r := range s {
		if n++; r > 0x2E80 {
			n++
		}
	}
	return n
}

// units are those of one kind: a number keeps its kind when it gets another unit.
func units() [][]string {
	return [][]string{{"s", "min", "h", "d", "w"}, {"wh", "wd"}, {"m", "km"}, {"", "万", "亿"}, {"%"},
		{"pp"}}
}

// amount is a number with its unit.
func (x *drafting) amount(l *syntax.Line, i int, w string) *view.Blank {
	n := w[:len(w)-len(strings.TrimLeft(w, "0123456789._"))]
	unit := w[len(n):]
	plain := strings.ReplaceAll(n, "_", "")
	if _, err := strconv.ParseFloat(plain, 64); err != nil {
		return &view.Blank{Kind: "other", Value: w}
	}
	en := unit
	for _, u := range syntax.Units() {
		if u.Zh == unit {
			en = u.En
		}
	}
	for k, group := range units() {
		if !slices.Contains(group, en) {
			continue
		}
		if k < 2 && deadline(l, i) {
			group = append(slices.Clone(units()[0]), units()[1]...)
		}
		b := &view.Blank{Kind: "number", Value: plain, Unit: unit}
		for _, u := range group {
			b.Units = append(b.Units, view.Option{Value: x.unit(u, unit), Name: x.unitName(u)})
		}
		if len(group) == 1 && en == "" || k == 3 && en == "" && !money(plain) {
			b.Units = nil
		}
		return b
	}
	return &view.Blank{Kind: "other", Value: w} // 1h30min
}

// money reports whether a number is large enough for somebody to count it in 万.
func money(n string) bool {
	f, _ := strconv.ParseFloat(n, 64)
	return f >= 10_000
}

// deadline reports whether working time may stand at a place as well as a duration.
func deadline(l *syntax.Line, i int) bool {
	if i == 0 {
		return false
	}
	t := l.Tokens()[i-1]
	w := l.File().Text[t.Off:t.End]
	if en := english()[w]; en != "" {
		w = en
	}
	return slices.Contains([]string{"within", "due", "after", "sla"}, w)
}

// unit is a unit in the vocabulary in which the number is written.
func (x *drafting) unit(en, like string) string {
	for _, u := range syntax.Units() {
		if u.En == en && x.in == "zh" && like != en {
			return u.Zh
		}
		if u.En == en && u.Zh == like {
			return like
		}
	}
	return en
}

func (x *drafting) unitName(en string) string {
	if t, ok := map[string]words.Text{"s": words.UnitS, "min": words.UnitMin, "h": words.UnitH,
		"d": words.UnitD, "w": words.UnitW, "wh": words.UnitWH, "wd": words.UnitWD, "m": words.UnitM,
		"km": words.UnitKM, "pp": words.UnitPP, "": words.UnitOne}[en]; ok {
		return t.In(x.lang)
	}
	return en
}

// named is the control for a name in place of which others of its kind could stand.
func (x *drafting) named(ref dsl.Ref, w string) *view.Blank {
	to := ref.To
	if ref.Span == to.Span || w != to.Name {
		return nil
	}
	list := x.values[to.Kind+" "+to.In]
	if len(list) < 2 {
		return nil
	}
	b := &view.Blank{Kind: "choice", Value: w}
	for _, c := range list {
		b.Options = append(b.Options, view.Option{Value: c.name, Name: c.label})
	}
	return b
}

// word is the control for a word of the language in place of which others could stand.
func (x *drafting) word(l *syntax.Line, i int, w string) *view.Blank {
	before := ""
	if i > 0 {
		t := l.Tokens()[i-1]
		before = l.File().Text[t.Off:t.End]
		if en := english()[before]; en != "" {
			before = en
		}
	}
	en := w
	if e := english()[w]; e != "" {
		en = e
	}
	set, role := alternatives(l.Node, before, en)
	if !slices.Contains(set, en) {
		return nil
	}
	b := &view.Blank{Kind: "choice", Value: w}
	for _, o := range set {
		in := syntax.WordIn(o, role, x.in)
		if o == en {
			in = w
		}
		b.Options = append(b.Options, view.Option{Value: in, Name: syntax.WordIn(o, role, x.lang)})
	}
	return b
}

// alternatives are the words of which one stands at a place, and their role.
func alternatives(n syntax.Node, before, word string) (set []string, role string) {
	periods := []string{"day", "workday", "week", "month", "quarter", "year"}
	days := []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
	switch n.(type) {
	case *syntax.Unmet:
		return []string{"block", "warn"}, ""
	case *syntax.Better, *syntax.Moves:
		return []string{"lower", "higher"}, "better"
	case *syntax.Mode:
		return []string{"off", "shadow", "warn", "enforce"}, ""
	case *syntax.ProofLine:
		if before == "else" || before == "unknown" {
			return []string{"review", "reject", "note"}, ""
		}
		if before == "strength" {
			return []string{"weak", "strong"}, ""
		}
	case *syntax.Every:
		if before == "every" {
			return append(periods, days...), "period"
		}
	case *syntax.Check, *syntax.Target, *syntax.Capacity:
		if before == "each" || before == "per" {
			return periods, "period"
		}
	}
	if word == "true" || word == "false" {
		return []string{"true", "false"}, ""
	}
	return nil, ""
}

// weigh is the operations that give the lines of a block other weights, in percent, in their order.
func weigh(t *edit.Text, what edit.Path, file, weights string) ([]edit.Op, error) {
	l, err := t.Find(what, file)
	if err != nil {
		return nil, err
	}
	list := strings.Split(weights, ",")
	keys := edit.Keys(l.Lines())
	if len(list) != len(keys) {
		return nil, errStale
	}
	var ops []edit.Op
	sum := 0.0
	for i, k := range l.Lines() {
		n, ok := k.Node.(*syntax.Term)
		f, err := strconv.ParseFloat(strings.TrimSpace(list[i]), 64)
		if !ok || !n.Weight.Ok() || err != nil || f < 0 || f > 100 {
			return nil, errUnknown
		}
		sum += f
		ops = append(ops, edit.Op{Do: edit.Set, What: append(what[:len(what):len(what)], keys[i]),
			File: file, Index: tokenAt(k, n.Weight.Tok), Count: 1, Was: k.Text(n.Weight.Tok),
			Text: strconv.FormatFloat(f, 'f', -1, 64) + "%"})
	}
	if math.Abs(sum-100) > 1e-6 {
		return nil, errWeights
	}
	return ops, nil
}

// pathOf reads a path that a page named.
func pathOf(text string) (edit.Path, bool) {
	var p edit.Path
	return p, json.Unmarshal([]byte(text), &p) == nil && len(p) > 0
}
