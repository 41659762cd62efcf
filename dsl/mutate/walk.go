package mutate

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// walker makes the changes of one file.
type walker struct {
	text   string
	decl   string
	around source.Span
	line   *syntax.Line
	what   What // of numbers where the walker stands
	out    []Mutant
}

func inFile(index int32, f source.File) []Mutant {
	file := syntax.Parse(index, f)
	w := &walker{text: f.Text}
	for i, l := range file.Lines {
		switch l.Node.(type) {
		case *syntax.Test, *syntax.Package, *syntax.Import, *syntax.Extern, nil:
			continue
		}
		w.around = l.Span()
		w.around.End = int32(len(f.Text))
		if i+1 < len(file.Lines) {
			w.around.End = file.Lines[i+1].Span().Off
		}
		w.decl = nameOf(l)
		w.off(l)
		w.lines(l)
	}
	slices.SortStableFunc(w.out, func(a, b Mutant) int {
		return cmp.Compare(a.Place.Off, b.Place.Off)
	})
	return w.out
}

// nameOf is what a declaration is called.
func nameOf(l *syntax.Line) string {
	if h := syntax.HeadOf(l.Node); h != nil {
		return l.Name(h.Name.Tok)
	}
	switch n := l.Node.(type) {
	case *syntax.Extend:
		return l.Dotted(n.Path)
	case *syntax.Allocate:
		return l.Dotted(n.Path)
	case *syntax.Use:
		if n.As.Ok() {
			return l.Name(n.As.Tok)
		}
		return l.Dotted(n.Path)
	}
	return ""
}

// add makes one change of one place.
func (w *walker) add(what What, at source.Span, text string) {
	w.edits(what, at, text, source.Edit{Span: at, New: text})
}

// edits makes one change of several places, shown as the first.
func (w *walker) edits(what What, at source.Span, text string, all ...source.Edit) {
	w.out = append(w.out, Mutant{What: what, Decl: w.decl, Place: at, Around: w.around,
		Old: w.text[at.Off:at.End], New: text, Edits: all})
}

// off switches a declaration off that acts.
func (w *walker) off(l *syntax.Line) {
	if len(l.Body) == 0 {
		return
	}
	switch l.Node.(type) {
	case *syntax.Rule, *syntax.Alert, *syntax.Segment, *syntax.Journey,
		*syntax.Action, *syntax.Allocate:
	default:
		return
	}
	for _, b := range l.Body {
		if _, is := b.Node.(*syntax.Mode); is {
			return // what its mode says is as it should be
		}
	}
	at := l.Body[0].Span()
	at.End = at.Off
	name := l.HeadSpan()
	if h := syntax.HeadOf(l.Node); h != nil {
		name = l.TokSpan(h.Name.Tok)
	}
	w.edits(Off, name, "mode off", source.Edit{Span: at, New: "mode off\n"})
}

// lines goes through a line and its block.
func (w *walker) lines(l *syntax.Line) {
	w.line = l
	w.drop(l)
	w.special(l)
	w.what = Threshold
	if l.Node != nil {
		w.node(reflect.ValueOf(l.Node))
	}
	switch n := l.Node.(type) {
	case *syntax.Score:
		w.weights(l)
	case *syntax.Block:
		if n.Kind == "weigh" {
			w.weights(l)
		}
	}
	for _, b := range l.Body {
		w.lines(b)
	}
}

// drop leaves a whole line out.
func (w *walker) drop(l *syntax.Line) {
	at := l.Span()
	switch n := l.Node.(type) {
	case *syntax.Row, *syntax.Drop, *syntax.Fill, *syntax.Until, *syntax.For, *syntax.Top,
		*syntax.EffectLine, *syntax.Require, *syntax.ProofLine, *syntax.Sla, *syntax.Check:
	case *syntax.Cond:
		if n.Kind != "needs" && n.Kind != "where" && n.Kind != "limit" {
			return
		}
	default:
		return
	}
	if !l.HasBlock() {
		w.add(Dropped, at, "")
	}
}

// node goes through a production's fields: expressions, amounts and what they are for.
func (w *walker) node(v reflect.Value) {
	if !v.IsValid() || !v.CanInterface() {
		return
	}
	switch x := v.Interface().(type) {
	case syntax.Expr:
		w.expr(x)
		return
	case syntax.Amount:
		w.number(w.what, x.Tok)
		return
	case *syntax.Param, *syntax.Personal, *syntax.Type, *syntax.Label, *syntax.Head, syntax.Head:
		return
	case *syntax.Clock:
		if x != nil {
			w.number(Period, x.Hour.Tok)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			w.node(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			w.node(v.Index(i))
		}
	case reflect.Struct:
		w.fields(v)
	}
}

func (w *walker) fields(v reflect.Value) {
	t := v.Type()
	for i := range t.NumField() {
		name := t.Field(i).Name
		switch {
		case !t.Field(i).IsExported():
			continue
		case name == "Due", name == "With": // no expectation sees when a task is due and with what
			continue
		case t == reflect.TypeFor[syntax.Term]() && name == "Weight":
			continue // weights change in pairs
		}
		was := w.what
		if f, ok := v.Field(i).Interface().(syntax.Amount); ok && f.Ok() {
			w.what = amountOf(t.Name())
		}
		w.node(v.Field(i))
		w.what = was
	}
}

// amountOf is what an amount of a production is.
func amountOf(node string) What {
	switch node {
	case "For", "Until", "Check", "Sla", "Effect", "Require", "Accept", "Done", "PoolEffect":
		return Duration
	case "Weight":
		return Weight
	}
	return Threshold
}

// special changes words that are neither expressions nor amounts.
func (w *walker) special(l *syntax.Line) {
	switch n := l.Node.(type) {
	case *syntax.Check, *syntax.Target, *syntax.Capacity:
		w.period(l.Span())
	case *syntax.Every:
		w.period(l.Span())
	case *syntax.Term:
		if n.Skip {
			w.skip(l)
		}
	}
}

// skip takes `else skip` off a term.
func (w *walker) skip(l *syntax.Line) {
	at := l.Span()
	text := w.text[at.Off:at.End]
	for _, word := range []string{"else skip", "否则 略过", "否则略过"} {
		if i := strings.LastIndex(text, word); i >= 0 {
			at.Off += int32(i)
			at.End = at.Off + int32(len(word))
			w.add(Dropped, at, "")
			return
		}
	}
}

// period makes a period the next longer one.
func (w *walker) period(at source.Span) {
	text := w.text[at.Off:at.End]
	for _, p := range periods() {
		i := strings.Index(text, p[0])
		if i < 0 {
			continue
		}
		at.Off += int32(i)
		at.End = at.Off + int32(len(p[0]))
		w.add(Period, at, p[1])
		return
	}
}

func periods() [][2]string {
	return [][2]string{
		{"each day", "each week"}, {"each workday", "each week"}, {"each week", "each month"},
		{"each month", "each week"}, {"each quarter", "each month"}, {"each year", "each month"},
		{"每个 自然日", "每个 星期"}, {"每个 工作日", "每个 星期"}, {"每个 星期", "每个 月份"},
		{"每个 月份", "每个 星期"}, {"每个 季度", "每个 月份"}, {"每个 年度", "每个 月份"},
		{"per day", "per week"}, {"per week", "per day"}, {"per month", "per week"},
		{"every day", "every week"}, {"every workday", "every week"}, {"every week", "every day"},
		{"every monday", "every tuesday"}, {"every tuesday", "every wednesday"},
		{"every wednesday", "every thursday"}, {"every thursday", "every friday"},
		{"every friday", "every monday"}, {"every month", "every week"},
		{"每逢 周一", "每逢 周二"}, {"每逢 周二", "每逢 周三"}, {"每逢 周三", "每逢 周四"},
		{"每逢 周四", "每逢 周五"}, {"每逢 周五", "每逢 周一"}, {"每逢 月份", "每逢 星期"},
		{"this day", "this week"}, {"this week", "this month"}, {"this month", "this week"},
		{"this quarter", "this month"}, {"this year", "this month"},
		{"last week", "this week"}, {"last month", "this month"}, {"last day", "this day"},
		{"本日", "本周"}, {"本周", "本月"}, {"本月", "本周"}, {"本季", "本月"}, {"本年", "本月"},
		{"上周", "本周"}, {"上月", "本月"}, {"昨日", "本日"},
	}
}

// weights moves a part of each weight of a score to the next term, so that they still add up.
func (w *walker) weights(l *syntax.Line) {
	type weight struct {
		at source.Span
		n  number
	}
	var all []weight
	for _, b := range l.Body {
		t, is := b.Node.(*syntax.Term)
		if !is || !t.Weight.Ok() {
			continue
		}
		at := b.TokSpan(t.Weight.Tok)
		n, ok := numberOf(w.text[at.Off:at.End])
		if !ok {
			return
		}
		all = append(all, weight{at, n})
	}
	if len(all) < 2 {
		return
	}
	for i, a := range all {
		b := all[(i+1)%len(all)]
		by := min(a.n.value/2, 10*a.n.unit())
		if by == 0 || a.n.places != b.n.places {
			continue
		}
		less, more := a.n.plus(-by), b.n.plus(by)
		w.edits(Weight, a.at, less, source.Edit{Span: a.at, New: less},
			source.Edit{Span: b.at, New: more})
	}
}
