package dsl

import (
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// counted is what an aggregate's argument begins with: a source, or a list field of the subject.
type counted struct {
	action *policy.Action // only its counted completions
	uses   *uses          // only completions of what a template stands for
	decl   *decl          // an event, entity or built-in source
	list   *policy.Expr   // a list, in the declaring context
	rest   []syntax.Tok   // the names of the path behind it
	more   []*counted     // the same over further events
	bad    bool           // the list could not be checked
}

// pathOf takes a.b.c apart; nil where an expression is no path.
func pathOf(x syntax.Expr) []syntax.Tok {
	switch n := x.(type) {
	case *syntax.Name:
		return []syntax.Tok{n.Tok}
	case *syntax.Dot:
		if p := pathOf(n.X); p != nil {
			return append(p, n.Name)
		}
	}
	return nil
}

// beginsWithSource reports whether min or max of one argument is an aggregate.
func (s *scope) beginsWithSource(x syntax.Expr) bool {
	p := pathOf(x)
	if p == nil {
		return false
	}
	name := s.line.Name(p[0])
	if r, _ := s.subject(); r != nil {
		if f := fieldNamed(r, name); f != nil {
			return f.Type.Kind == value.List || len(p) > 1 && s.throughList(f, p[1:])
		}
	}
	if d, _ := s.c.visible(s.pkg, name); d != nil {
		return d.kind.isRecord() || d.kind == isAction || d.kind == isJourney
	}
	return s.pkg.aliases[name] != nil
}

// throughList reports whether a path leads through a list field.
func (s *scope) throughList(f *policy.Field, rest []syntax.Tok) bool {
	for _, t := range rest {
		if f == nil || f.Type.Kind != value.Ref || f.Type.Record == nil {
			return false
		}
		if f = fieldNamed(f.Type.Record, s.line.Name(t)); f != nil && f.Type.Kind == value.List {
			return true
		}
	}
	return false
}

// source resolves an aggregate's argument.
func (s *scope) source(n *syntax.Call, x syntax.Expr) *counted {
	p := pathOf(x)
	at := s.line.ExprSpan(x)
	if p == nil {
		s.tell(source.NoSource, at, n.Fn)
		return nil
	}
	if l := s.listSource(x, p); l != nil {
		return l
	}
	name := s.line.Name(p[0])
	if s.cell != nil && name == "action" {
		e := &decl{kind: isEvent, name: s.cell.Name, record: s.cell.On}
		return &counted{decl: e, action: s.cell, rest: p[1:]}
	}
	d, clash := s.c.visible(s.pkg, name)
	if a := s.pkg.aliases[name]; a != nil && len(p) > 1 {
		if d = a.pkg.named(s.line.Name(p[1])); d == nil {
			s.tell(source.UnknownIn, at, s.line.Name(p[1]), a.pkg.path).Near =
				source.Nearest(s.line.Name(p[1]), a.pkg.order)
			return nil
		}
		s.c.refer(s.line.TokSpan(p[0]), a)
		p, clash = p[1:], nil
	}
	if d != nil {
		s.c.refer(s.line.TokSpan(p[0]), d)
	}
	switch {
	case clash != nil:
		s.tell(source.TwoImports, at, name, d.pkg.path, clash.path)
		return nil
	case d == nil:
		if _, _, ok := s.bareWord(p[0]); ok {
			s.needsLater("by")
			return &counted{bad: true}
		}
		words := s.c.typeNames(s.pkg, func(d *decl) bool {
			return d.kind.isRecord() || d.kind == isAction || d.kind == isJourney
		})
		if r, _ := s.subject(); r != nil {
			words = append(words, fieldNames(r)...)
		}
		s.tell(source.UnknownSource, s.line.TokSpan(p[0]), name).Near =
			source.Nearest(name, sortedWords(words))
		return nil
	case d.kind == isAction:
		list, ok := s.standsFor(d, at)
		if !ok {
			return &counted{bad: true}
		}
		var out []*counted
		for _, u := range list {
			e := &decl{kind: isEvent, name: d.name, record: u.on}
			out = append(out, &counted{decl: e, uses: u, action: u.one(), rest: p[1:]})
		}
		out[0].more = out[1:]
		return out[0]
	case d.kind == isJourney && d.record == nil:
		s.needsLater(d.name)
		return &counted{bad: true}
	case !d.kind.isRecord() && d.kind != isJourney:
		s.tell(source.NotA, at, name, string(d.kind), "event | entity")
		return nil
	}
	return &counted{decl: d, rest: p[1:]}
}

// listSource resolves a path from the subject to a list field.
func (s *scope) listSource(x syntax.Expr, p []syntax.Tok) *counted {
	r, _ := s.subject()
	if r == nil {
		return nil
	}
	f := fieldNamed(r, s.line.Name(p[0]))
	if f == nil {
		f = fieldLabelled(r, s.line.Name(p[0]))
	}
	if f == nil || f.Type.Kind != value.List && !s.throughList(f, p[1:]) {
		return nil
	}
	// The shortest beginning of the path that is a list; the rest is read in its rows.
	parts := make([]syntax.Expr, 0, len(p))
	for e := x; ; {
		parts = append(parts, e)
		d, ok := e.(*syntax.Dot)
		if !ok {
			break
		}
		e = d.X
	}
	for i := len(parts) - 1; i >= 0; i-- {
		l := s.expr(parts[i], nil)
		if l == nil {
			return &counted{bad: true}
		}
		if l.Type.Kind == value.List {
			return &counted{list: l, rest: p[len(parts)-i:]}
		}
	}
	return nil
}

// aggregate checks `fn( Source[.field] [in Window] [of X] [via f] [where e] )`.
func (s *scope) aggregate(fn policy.AggFn, n *syntax.Call) *policy.Expr {
	at := s.line.ExprSpan(n)
	if s.inRow {
		s.tell(source.NotInWhere, s.line.TokSpan(n.FnAt), n.Fn)
		return nil
	}
	if len(n.Args) == 0 {
		s.tell(source.NoSource, at, n.Fn)
		return nil
	}
	src := s.source(n, n.Args[0].X)
	if src == nil || src.bad {
		return nil
	}
	if n.By != nil {
		s.tell(source.NoClauses, at, n.Fn)
		return nil
	}
	if len(src.more) > 0 {
		return s.together(fn, append([]*counted{src}, src.more...), n)
	}
	return s.aggregateOf(fn, src, n)
}

// aggregateOf checks an aggregate of one source.
func (s *scope) aggregateOf(fn policy.AggFn, src *counted, n *syntax.Call) *policy.Expr {
	at := s.line.ExprSpan(n)
	if src.uses != nil || s.counting != nil {
		t := *s
		t.counting = src.uses
		s = &t
	}
	a := s.c.aggSlab.put(policy.Aggregate{Fn: fn, Span: at})
	ok := s.valueOf(a, src, n)
	if src.list != nil {
		ok = s.listClauses(a, src, n) && ok
	} else {
		ok = s.clauses(a, src, n) && ok
	}
	ok = s.further(a, src, n) && ok
	if !ok || !s.result(a, n) {
		return nil
	}
	if u := src.uses; u != nil {
		if u.mixed && (a.Value != nil || n.Where != nil) {
			s.apartUses([]*uses{u}, n.Fn, at)
			return nil
		}
		if len(u.acts) == 0 && (!a.Type.Maybe || fn != policy.Count && fn != policy.Sum &&
			fn != policy.Distinct) {
			return nothing(a, at)
		}
		a.Where = and(u.counts(policy.OpRow, "", at), a.Where)
	}
	return s.hundredthOf(s.c.exprSlab.put(policy.Expr{Op: policy.OpAggregate, Agg: a, Type: a.Type,
		Span: at}))
}

// hundredthOf makes a mean of scores inside a score count as its hundredth.
func (s *scope) hundredthOf(x *policy.Expr) *policy.Expr {
	a := x.Agg
	if a.Value == nil || a.Value.Op != policy.OpScore || a.Fn == policy.Count ||
		a.Fn == policy.Distinct || a.Fn == policy.Corr {
		return x
	}
	return s.hundredth(x)
}

// inside is the scope of the counted record.
func (s *scope) inside(a *policy.Aggregate) *scope {
	t := *s
	t.inRow, t.row, t.bind, t.scored, t.rows = true, a.Source, nil, false, false
	return &t
}

// valueOf resolves what is aggregated: a path behind the source, read in the counted record.
func (s *scope) valueOf(a *policy.Aggregate, src *counted, n *syntax.Call) bool {
	if src.list != nil {
		a.List = src.list
		if e := src.list.Type.Elem; e.Kind == value.Row || e.Kind == value.Ref {
			a.Source = e.Record
		}
	} else {
		a.Source, a.Action = src.decl.record, src.action
	}
	if len(src.rest) == 0 {
		return true
	}
	at := s.line.ExprSpan(n.Args[0].X)
	if a.Source == nil {
		s.tell(source.NoFields, at, typeWord(*src.list.Type.Elem), s.line.Name(src.rest[0]))
		return false
	}
	a.Value = s.inside(a).behind(a, src.rest, at)
	return a.Value != nil
}

// behind reads a path in the counted record.
func (s *scope) behind(a *policy.Aggregate, path []syntax.Tok, at source.Span) *policy.Expr {
	x := standing(policy.OpRow, a.Source, at)
	if y, ok := s.boundPart(s.line.Name(path[0])); ok {
		x, path = y, path[1:]
	}
	for _, tok := range path {
		if x == nil {
			return nil
		}
		if x = s.partOf(x, s.line.Name(tok), at, s.line.TokSpan(tok)); x == nil {
			return nil
		}
	}
	return x
}

// second reads corr's other value: behind the same source, as in Order.amount, or by itself in the
// counted record.
func (s *scope) second(a *policy.Aggregate, src *counted, n *syntax.Call) *policy.Expr {
	x := n.Args[1].X
	whole, path := pathOf(n.Args[0].X), pathOf(x)
	from := len(whole) - len(src.rest)
	same := a.Source != nil && len(path) > from
	for i := 0; same && i < from; i++ {
		same = s.line.Name(whole[i]) == s.line.Name(path[i])
	}
	if same {
		return s.inside(a).behind(a, path[from:], s.line.ExprSpan(x))
	}
	return s.inside(a).expr(x, nil)
}

// listClauses checks the clauses of an aggregate over a list field.
func (s *scope) listClauses(a *policy.Aggregate, src *counted, n *syntax.Call) bool {
	if n.Window != nil || n.Of != nil || n.Via != nil {
		s.tell(source.ListClauses, s.line.ExprSpan(n))
		return false
	}
	if n.Where == nil {
		return true
	}
	t := s.inside(a)
	if a.Source == nil {
		t.row = &policy.Record{Kind: policy.Rows}
	}
	a.Where = t.condition(n.Where)
	return a.Where != nil
}

// clauses checks window, subject, reference and test.
func (s *scope) clauses(a *policy.Aggregate, src *counted, n *syntax.Call) bool {
	t := s.inside(a)
	ok := true
	if n.Window != nil {
		ok = s.window(a, t, n.Window)
	}
	ok = s.subjectOf(a, n) && ok
	ok = ok && s.via(a, t, n)
	ok = ok && s.inStage(a, n)
	if n.Where != nil {
		a.Where = t.condition(n.Where)
		ok = ok && a.Where != nil
	}
	return ok
}

// window places the records.
func (s *scope) window(a *policy.Aggregate, row *scope, w *syntax.Window) bool {
	ok := true
	switch w.Kind {
	case syntax.This, syntax.Last:
		a.Window.Kind = policy.This
		if w.Kind == syntax.Last {
			a.Window.Kind = policy.Prior
		}
		a.Window.Period = periodNamed(w.Period)
	case syntax.InStage:
		a.Window.Kind = policy.InStage
	default:
		a.Window.Kind = policy.Sliding
		a.Window.D, ok = s.windowLength(w.D)
	}
	if w.Kind == syntax.After || w.Kind == syntax.Before {
		a.Window.Kind = policy.After
		if w.Kind == syntax.Before {
			a.Window.Kind = policy.Before
		}
		a.Window.T = s.fitted(w.T, policy.Type{Kind: value.Time})
		ok = ok && a.Window.T != nil
		if readsClock(a.Window.T) {
			s.tell(source.WindowNow, a.Window.T.Span)
			ok = false
		}
	}
	if w.At != nil {
		a.Window.At = row.fitted(w.At, policy.Type{Kind: value.Time})
		ok = ok && a.Window.At != nil
	}
	return ok
}

// windowLength is the length of a sliding window: a duration above 0.
func (s *scope) windowLength(x syntax.Expr) (int64, bool) {
	at := s.line.ExprSpan(x)
	want := policy.Type{Kind: value.Duration}
	var l value.Literal
	neg, ok := false, false
	if lit, is := x.(*syntax.Lit); is {
		if l, ok = s.number(lit.Tok, &want); !ok {
			return 0, false
		}
	} else if l, neg, ok = s.literal(x); !ok {
		n, isName := x.(*syntax.Name)
		if isName && s.params[s.line.Name(n.Tok)] != nil { // literal has noted that it is read
			return value.Day, true
		}
		d := s.tell(source.NotLiteral, at, s.textAt(at), "duration")
		for _, before := range []string{"最近", "过去", "近"} { // 最近7天 is one word
			span, cut := strings.CutPrefix(s.textAt(at), before)
			l, err := value.ParseLiteral(span, nil)
			if cut && err == nil && l.Value.Kind == value.Duration {
				d.Near, d.Fix = span, &source.Fix{Edits: []source.Edit{{Span: at, New: span}}}
			}
		}
		return 0, false
	}
	if l.Value.Kind != value.Duration || neg || l.Value.N <= 0 {
		d := s.tell(source.WrongUnit, at, "duration", kindWord(l.Value.Kind))
		d.Found = s.textAt(at)
		if d.Near = s.nearest(d.Found, value.Duration, false); d.Near != "" {
			d.Fix = &source.Fix{Edits: []source.Edit{{Span: at, New: d.Near}}}
		}
		return 0, false
	}
	return l.Value.N, true
}

func periodNamed(word string) policy.Period {
	switch word {
	case "day":
		return policy.Daily
	case "workday":
		return policy.Workday
	case "week":
		return policy.Weekly
	case "month":
		return policy.Monthly
	case "quarter":
		return policy.Quarterly
	case "year":
		return policy.Yearly
	}
	return policy.NoPeriod
}

// subjectOf resolves whom the aggregate counts for: `of X`, or the record at hand.
func (s *scope) subjectOf(a *policy.Aggregate, n *syntax.Call) bool {
	if n.Of == nil {
		if s.self == nil {
			if !s.lost {
				s.tell(source.NoSubject, s.line.ExprSpan(n))
			}
			return false
		}
		if s.self != s.c.workspace {
			a.Subject = s.self
		}
		return true
	}
	if name, ok := n.Of.(*syntax.Name); ok && s.line.Word(name.Tok) == "workspace" {
		if r, _ := s.subject(); r == nil || fieldNamed(r, "workspace") == nil {
			return true
		}
	}
	of := s.expr(n.Of, nil)
	switch {
	case of == nil:
		return false
	case of.Type.Kind != value.Ref:
		s.tell(source.NotRef, of.Span, typeWord(of.Type))
		return false
	case of.Op == policy.OpSelf:
		a.Subject = of.Type.Record
	default:
		a.Subject, a.Of = of.Type.Record, of
	}
	if a.Subject == s.c.workspace {
		a.Subject, a.Of = nil, nil
	}
	return true
}

// via finds the reference of the counted record that points at the subject.
func (s *scope) via(a *policy.Aggregate, row *scope, n *syntax.Call) bool {
	if a.Subject == nil {
		if n.Via != nil {
			d := s.tell(source.ViaWorkspace, s.line.ExprSpan(n.Via))
			d.Fix = s.without(d.Span, "via", "经由")
			return false
		}
		return true
	}
	at := s.line.ExprSpan(n)
	if a.Source.Kept && links[a.Source.Full] != nil {
		return s.linked(a, n)
	}
	if n.Via != nil {
		x := row.expr(n.Via, nil)
		if x == nil {
			return false
		}
		if x.Type.Kind != value.Ref || x.Type.Record != a.Subject {
			s.tell(source.ViaType, x.Span, typeWord(x.Type), a.Subject.Name)
			return false
		}
		a.Via = x
		return true
	}
	if x := s.viaAction(a); x != nil {
		a.Via = x
		return true
	}
	return s.pointing(a, at)
}

// pointing finds the one reference of the counted record that points at the subject.
func (s *scope) pointing(a *policy.Aggregate, at source.Span) bool {
	refs := s.candidates(a)
	switch len(refs) {
	case 1:
		f := refs[0]
		row := s.c.exprSlab.put(standingOf(policy.OpRow, a.Source, at))
		a.Via = s.c.exprSlab.put(policy.Expr{Op: policy.OpField, Field: f, Type: f.Type, Span: at,
			Args: s.c.argSlab.list(row)})
		if fd := s.c.byField[f]; fd != nil && fd.later != "" {
			s.needsLater(fd.later)
		}
		return true
	case 0:
		if a.Source == a.Subject {
			s.tell(source.OwnKind, at, a.Source.Name)
			return false
		}
		s.tell(source.NoReference, at, a.Source.Name, a.Subject.Name)
		return false
	}
	names := make([]string, len(refs))
	for i, f := range refs {
		names[i] = f.Name
	}
	d := s.tell(source.TwoReferences, at, a.Source.Name, a.Subject.Name, strings.Join(names, ", "))
	d.Want = names
	for _, f := range refs {
		d.Related = append(d.Related, source.Related{Span: f.Span, Code: source.FirstHere})
	}
	return false
}

// without is the fix that takes out what stands at a place and the word before it.
func (s *scope) without(at source.Span, words ...string) *source.Fix {
	text := s.line.File().Text
	before := strings.TrimRight(text[:at.Off], " \t\u3000\u00a0")
	for _, w := range words {
		if rest, ok := strings.CutSuffix(before, w); ok {
			from := len(strings.TrimRight(rest, " \t\u3000\u00a0"))
			at.Off = int32(from)
			return &source.Fix{Edits: []source.Edit{{Span: at}}}
		}
	}
	return nil
}

// identity is what tells values apart: of a photo, a recording or a file its bytes.
func (s *scope) identity(x *policy.Expr) *policy.Expr {
	if x == nil {
		return nil
	}
	switch x.Type.Kind {
	case value.Photo, value.Audio, value.File:
		return s.partOf(x, "sha256", x.Span, x.Span)
	}
	return x
}

// inStage gives `in stage` the moment since when it counts: when the subject entered its stage.
func (s *scope) inStage(a *policy.Aggregate, n *syntax.Call) bool {
	if a.Window.Kind != policy.InStage {
		return true
	}
	at := s.line.ExprSpan(n)
	var f *policy.Field
	if a.Subject != nil {
		f = s.systemField(a.Subject, policy.SysStageSince)
	}
	if f == nil && s.sampleOf(a.Subject) != nil { // no record is in a stage
		a.Window.Kind, a.Window.D = policy.After, value.Day
		a.Window.T = absent(policy.Type{Kind: value.Time}, at)
		return true
	}
	if f == nil {
		s.tell(source.NeedsJourney, at, "in stage", recordOrWorkspace(a.Subject))
		return false
	}
	of := a.Of
	if of == nil {
		of = standing(policy.OpSelf, a.Subject, at)
	}
	a.Window.T = &policy.Expr{Op: policy.OpField, Field: f, Type: f.Type, Span: at,
		Args: []*policy.Expr{of}}
	a.Window.T.Type.Maybe = of.Type.Maybe
	return true
}

func recordOrWorkspace(r *policy.Record) string {
	if r == nil {
		return "workspace"
	}
	return r.Name
}

// viaAction is how an action's completions point at people and at what they are about.
func (s *scope) viaAction(a *policy.Aggregate) *policy.Expr {
	of := a.Action
	if s.counting != nil {
		of = s.counting.lead
	}
	switch {
	case of == nil:
		return nil
	case a.Subject == of.Person():
		return rowOf(of.By)
	case a.Subject == of.Subject():
		return rowOf(of.About)
	}
	return nil
}

// candidates are the references of the counted record, computed ones too, to the subject's type.
func (s *scope) candidates(a *policy.Aggregate) []*policy.Field {
	var refs []*policy.Field
	for _, f := range a.Source.Fields {
		if f.Type.Kind == value.Ref && f.Type.Record == a.Subject {
			s.c.compute(f)
			refs = append(refs, f)
		}
	}
	return refs
}

// further checks the second argument: corr's other value, or how many last gives.
func (s *scope) further(a *policy.Aggregate, src *counted, n *syntax.Call) bool {
	rest := n.Args[1:]
	switch {
	case a.Fn == policy.Corr && len(rest) == 1:
		a.Value2 = s.second(a, src, n)
		return a.Value2 != nil
	case a.Fn == policy.Corr:
		s.arity(n, n.Fn, 2, 2)
		return false
	case (a.Fn == policy.Last || a.Fn == policy.First) && len(rest) == 1:
		l, neg, ok := s.literal(rest[0].X)
		if !ok || neg || l.Value.Kind != value.Int || l.Value.N < 1 || l.Value.N > 1000 {
			s.tell(source.BadCount, s.line.ExprSpan(rest[0].X))
			return false
		}
		a.N = int(l.Value.N)
	case len(rest) > 0:
		s.arity(n, n.Fn, 1, 1)
		return false
	}
	return true
}

// result finds the type of an aggregate from its function and value.
func (s *scope) result(a *policy.Aggregate, n *syntax.Call) bool {
	at := s.line.ExprSpan(n)
	v := a.Value
	elem := policy.Type{}
	switch {
	case v != nil:
		elem = v.Type
	case a.List != nil:
		elem = *a.List.Type.Elem
	default:
		elem = standingOf(policy.OpRow, a.Source, at).Type
	}
	elem.Maybe = false
	late := a.Window.Kind == policy.After || a.Window.Kind == policy.Before ||
		a.Of != nil && a.Of.Type.Maybe || a.List != nil && a.List.Type.Maybe
	switch a.Fn {
	case policy.Count:
		if v != nil {
			s.tell(source.CountValue, at, n.Fn)
			return false
		}
		a.Type = policy.Type{Kind: value.Int, Maybe: late}
		return true
	case policy.Distinct:
		if a.Value = s.identity(v); a.Value != nil {
			elem = a.Value.Type
		}
		if !comparable(elem.Kind, false) && v != nil {
			s.tell(source.WrongArgument, at, n.Fn, typeWord(elem), quantities)
			return false
		}
		a.Type = policy.Type{Kind: value.Int, Maybe: late}
		return true
	case policy.Share:
		return s.shareOf(a, n, at)
	case policy.First, policy.Last:
		a.Type = elem
		if a.N > 0 {
			a.Type = policy.Type{Kind: value.List, Elem: &elem}
		}
		a.Type.Maybe = a.N == 0 || late
		return true
	}
	if v == nil && (a.List == nil || elem.Kind == value.Row) {
		s.tell(source.NeedsValue, at, n.Fn)
		return false
	}
	k := aggregated(a.Fn, elem.Kind)
	if k == value.Missing || a.Value2 != nil && aggregated(a.Fn, a.Value2.Type.Kind) == value.Missing {
		s.tell(source.WrongArgument, at, n.Fn, typeWord(elem), quantities)
		return false
	}
	a.Type = policy.Type{Kind: k, Maybe: a.Fn != policy.Sum || late,
		Diff: elem.Diff && k == value.Percent}
	return true
}

// shareOf is the share of the records that a test holds of among those where it is known. The
// test is a truth behind the source, within `where`; or `where` itself.
func (s *scope) shareOf(a *policy.Aggregate, n *syntax.Call, at source.Span) bool {
	switch {
	case a.Value == nil && a.Where != nil:
		a.Value, a.Where = a.Where, nil
	case a.Value == nil || a.Value.Type.Kind != value.Bool:
		s.tell(source.ShareTest, at)
		return false
	}
	a.Type = policy.Type{Kind: value.Percent, Maybe: true}
	return true
}

// aggregated is the kind of an aggregate of values of a kind; Missing where there is none.
func aggregated(fn policy.AggFn, k value.Kind) value.Kind {
	quantity := isNumber(k) || scalable(k) || k == value.Percent
	switch fn {
	case policy.Sum:
		if quantity {
			return k
		}
	case policy.Avg, policy.SD, policy.Median, policy.P90:
		if k == value.Int {
			return value.Number
		}
		if quantity {
			return k
		}
	case policy.Min, policy.Max:
		if quantity || isMoment(k) {
			return k
		}
	case policy.Corr:
		if quantity {
			return value.Number
		}
	}
	return value.Missing
}
