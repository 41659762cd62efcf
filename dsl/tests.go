package dsl

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// testExprs calls f for the expressions that tests expect something of.
func testExprs(p *policy.Policy, f func(*policy.Expr)) {
	for _, t := range p.Tests {
		for _, s := range t.Steps {
			if s.Expect != nil {
				f(s.Expect.X)
			}
		}
	}
}

// tests checks the test blocks (reference, section 10).
func (c *checker) tests() {
	seen := map[string]source.Span{}
	for _, l := range c.own.tests {
		n := l.Node.(*syntax.Test)
		t := &tester{c: c, ids: map[string]*policy.Record{}, made: map[string]*Symbol{},
			test: &policy.Test{Name: l.String(n.Name.Tok), Span: l.TokSpan(n.Name.Tok)}}
		if first, ok := seen[t.test.Name]; ok {
			c.tell(source.TestTwice, t.test.Span, t.test.Name).Related =
				[]source.Related{{Span: first, Code: source.FirstHere}}
		}
		seen[t.test.Name] = t.test.Span
		c.body(l, false, func() { t.lines(l) })
	}
}

// lines checks the lines of one test.
func (t *tester) lines(l *syntax.Line) {
	unread := false
	for _, line := range l.Body {
		unread = unread || line.Node == nil
		t.line(line)
	}
	switch {
	case !t.expects && !unread:
		t.c.tell(source.TestExpects, t.test.Span)
	case !t.bad && !unread:
		t.c.policy.Tests = append(t.c.policy.Tests, t.test)
	}
}

// tester checks one test.
type tester struct {
	c       *checker
	test    *policy.Test
	ids     map[string]*policy.Record // the records that the test has made so far
	made    map[string]*Symbol        // the same, where somebody asked what names stand for
	clock   int64
	expects bool
	bad     bool
	files   bool // records come from files too: not all ids are known
}

func (t *tester) scope(l *syntax.Line) *scope {
	s := &scope{c: t.c, pkg: t.c.own, line: l, ids: t.ids, made: t.made}
	s.remember()
	return s
}

func (t *tester) add(l *syntax.Line, s *policy.Step) {
	s.Span = l.Span()
	t.test.Steps = append(t.test.Steps, s)
}

func (t *tester) line(l *syntax.Line) {
	told := len(t.c.diags)
	switch n := l.Node.(type) {
	case *syntax.GivenLine:
		if n.File.Ok() {
			t.files = true
			t.fromFile(l.String(n.File.Tok))
			t.add(l, &policy.Step{Kind: policy.StepGivenFile, File: l.String(n.File.Tok)})
			return
		}
		t.record(l, policy.Step{Kind: policy.StepGiven, Times: 1}, n.ID.Tok, n)
	case *syntax.TestRecord:
		s := policy.Step{Kind: policy.StepRecord, Times: 1}
		if n.Times.Ok() {
			s.Times = t.scope(l).count(n.Times.Tok)
		}
		if n.Every.Ok() {
			s.Every = t.scope(l).duration(n.Every.Tok)
		}
		t.record(l, s, n.ID.Tok, &syntax.GivenLine{Type: n.Type, Record: n.Record})
	case *syntax.TestAt:
		t.at(l, n)
	case *syntax.TestAfter:
		t.after(l, n)
	case *syntax.ExpectLine:
		t.expects = true
		if e := t.expect(l, n); e != nil {
			t.add(l, &policy.Step{Kind: policy.StepExpect, Expect: e})
		}
	}
	for _, d := range t.c.diags[told:] {
		t.bad = t.bad || d.Code.Severity() == source.Error
	}
}

func (t *tester) at(l *syntax.Line, n *syntax.TestAt) {
	lit, ok := t.scope(l).number(n.At.Tok, &policy.Type{Kind: value.Time})
	if !ok {
		return
	}
	at := lit.Value.N
	if lit.Value.Kind == value.Date {
		at = value.LocalTime(at*value.Day, t.c.zone)
	}
	if t.clock != 0 && at < t.clock {
		t.c.tell(source.TestBack, l.TokSpan(n.At.Tok))
	}
	t.clock = at
	t.add(l, &policy.Step{Kind: policy.StepAt, At: at})
}

func (t *tester) after(l *syntax.Line, n *syntax.TestAfter) {
	s := t.scope(l)
	if n.Workdays { // after 3 workdays
		t.add(l, &policy.Step{Kind: policy.StepAfter,
			Due: policy.Due{Days: int64(s.count(n.D.Tok)), Work: true}})
		return
	}
	if d, ok := s.due(n.D.Tok); ok {
		t.add(l, &policy.Step{Kind: policy.StepAfter, Due: d})
	}
}

// idOf is a record's id as a test writes it.
func idOf(l *syntax.Line, id syntax.Tok) string {
	if l.Kind(id) == syntax.KindNumber {
		return l.Text(id)
	}
	return l.Key(id)
}

// record checks the fields of a record and writes them as JSON.
func (t *tester) record(l *syntax.Line, s policy.Step, idAt syntax.Tok, n *syntax.GivenLine) {
	typ, x := n.Type, n.Record
	s.ID = idOf(l, idAt)
	d := t.c.path(t.c.own, l, typ)
	if d == nil {
		t.know(s.ID, s.Times, nil)
		return
	}
	if !d.kind.isRecord() || d.kind == isSource || d.record == nil {
		t.c.tell(source.NotA, l.PathSpan(typ), d.name, string(d.kind), "entity | event")
		return
	}
	s.Type = d.record
	t.know(s.ID, s.Times, d.record)
	t.makes(l, idAt, &s)
	o, ok := x.(*syntax.Object)
	if !ok {
		return
	}
	w := &recordWriter{scope: t.scope(l)}
	w.object(d.record, o)
	s.JSON = w.b
	t.add(l, &s)
}

// know remembers a record's id: v, or v1, v2, … where there are several.
func (t *tester) know(id string, times int, r *policy.Record) {
	if times <= 1 {
		t.ids[id] = r
		return
	}
	for i := 1; i <= min(times, 10_000); i++ {
		t.ids[id+strconv.Itoa(i)] = r
	}
}

// makes notes where a record of the test is made. One that is made several times has several names,
// none of which stands there.
func (t *tester) makes(l *syntax.Line, id syntax.Tok, s *policy.Step) {
	if t.c.recorder == nil || l.Kind(id) != syntax.KindWord || s.Times > 1 {
		return
	}
	if t.made[s.ID] == nil {
		t.made[s.ID] = t.c.declares(Symbol{Kind: "record", Name: s.ID, In: t.test.Name,
			Span: l.TokSpan(id), Whole: l.Span(), Of: s.Type, Type: s.Type.Name})
		return
	}
	t.c.recorder.note(l.TokSpan(id), t.made[s.ID])
}

// refers notes that a token names a record of the test.
func (t *tester) refers(l *syntax.Line, id syntax.Tok) {
	if s := t.made[idOf(l, id)]; s != nil {
		t.c.recorder.note(l.TokSpan(id), s)
	}
}

// expect checks one expectation; nil where it could not be.
func (t *tester) expect(l *syntax.Line, n *syntax.ExpectLine) *policy.Expect {
	var e *policy.Expect
	switch {
	case n.Nothing == "effect":
		e = &policy.Expect{Kind: policy.ExpectNoEffect}
		if n.Brought.Ok() {
			e.ID, e.Type = idOf(l, n.Brought.Tok), t.known(l, n.Brought.Tok)
			e.Of = e.Type
		}
	case n.Nothing == "unknown":
		e = &policy.Expect{Kind: policy.ExpectNoUnknown}
	case n.Outcome != nil:
		e = t.outcome(l, n.Outcome)
	case n.Effect != nil:
		e = t.effect(l, n.Effect)
	case n.X != nil:
		e = t.value(l, n)
	}
	if e == nil || n.Because == nil {
		return e
	}
	if d := t.allocation(l, n.Because); d != nil {
		e.Because = d.full
		return e
	}
	if d := t.c.path(t.c.own, l, n.Because); d != nil {
		e.Because = d.full
		if d.journey != nil && len(n.Because.Names) > 1 {
			e.Because += strings.TrimPrefix(l.Dotted(n.Because), l.Name(n.Because.Names[0].Tok))
			if parts := journeyParts(d.journey); !slices.Contains(parts, e.Because) {
				t.c.tell(source.UnknownName, l.PathSpan(n.Because), l.Dotted(n.Because)).Near =
					source.Nearest(e.Because, parts)
			}
		}
		t.runs(d, l.PathSpan(n.Because))
	}
	return e
}

// allocation is the one that a path names whole, as `Lead.owner`; nil where it is another name.
func (t *tester) allocation(l *syntax.Line, p *syntax.Path) *decl {
	if p == nil {
		return nil
	}
	d := t.c.own.names[l.Dotted(p)]
	if d == nil || d.kind != isAllocate {
		return nil
	}
	t.c.refer(l.PathSpan(p), d)
	return d
}

// runs notes that a test needs what no engine runs yet.
func (t *tester) runs(d *decl, at source.Span) {
	if d.later != "" {
		t.notRun(d.name, at)
	}
}

func (t *tester) notRun(word string, at source.Span) {
	t.bad = true
	t.c.tell(source.TestNotRun, at, word)
}

// known is the type of a record of the test. One that the test has not made may come from a file;
// else the expectation cannot hold, which running the test will say too.
func (t *tester) known(l *syntax.Line, id syntax.Tok) *policy.Record {
	name := idOf(l, id)
	r, ok := t.ids[name]
	if !ok && !t.files {
		t.stranger(source.TestStranger, l, id)
	}
	t.refers(l, id)
	return r
}

func (t *tester) stranger(code source.Code, l *syntax.Line, id syntax.Tok) {
	name := idOf(l, id)
	t.c.tell(code, l.TokSpan(id), name).Near =
		source.Nearest(name, slices.Sorted(maps.Keys(t.ids)))
}

func (t *tester) outcome(l *syntax.Line, n *syntax.ExpectOutcome) *policy.Expect {
	e := &policy.Expect{Kind: policy.ExpectOutcome, ID: idOf(l, n.ID.Tok), Word: n.Word,
		No: n.Not, Text: l.String(n.Text.Tok)}
	e.Type = t.known(l, n.ID.Tok)
	if n.Path != nil {
		e.Name = l.Dotted(n.Path)
		switch n.Word {
		case "done", "verified", "waiting":
			if d := t.c.path(t.c.own, l, n.Path); d != nil && d.kind != isAction {
				t.c.tell(source.NotA, l.PathSpan(n.Path), d.name, string(d.kind), "action")
			} else if d != nil {
				e.Name = d.full
			}
		}
	}
	return e
}

// effect checks what is expected of effects, alerts and segments.
func (t *tester) effect(l *syntax.Line, n *syntax.ExpectEffect) *policy.Expect {
	e := &policy.Expect{Kind: policy.ExpectEffect, No: n.How == "no", Word: n.Kind,
		Text: l.String(n.Text.Tok)}
	if n.Of.Ok() {
		e.ID = idOf(l, n.Of.Tok)
		if a := t.measured(l, n); a != nil {
			t.cell(l, n.Of.Tok, a)
		} else {
			e.Of = t.known(l, n.Of.Tok)
			e.Type = e.Of
		}
	}
	if n.For.Ok() {
		e.For = idOf(l, n.For.Tok)
		t.refers(l, n.For.Tok)
	}
	switch n.Kind {
	case "alert", "segment", "enter", "leave":
		return t.state(l, n, e)
	case "notify":
		if n.Path != nil {
			e.For = l.Dotted(n.Path)
			t.refers(l, n.Path.Names[0].Tok)
		}
	case "set", "assign":
		if !t.setting(l, n, e) {
			return nil
		}
	default:
		if n.Path != nil {
			e.Name = l.Dotted(n.Path)
		}
	}
	return e
}

// state checks `alert A of x`, `segment S of x`, `enter S of x`.
func (t *tester) state(l *syntax.Line, n *syntax.ExpectEffect, e *policy.Expect) *policy.Expect {
	e.Kind, e.Word = policy.ExpectSegment, n.Kind
	want := isSegment
	if n.Kind == "alert" {
		e.Kind, e.Word, want = policy.ExpectAlert, "", isAlert
	}
	if n.Kind == "segment" {
		e.Word = ""
	}
	if n.How == "resolved" || n.How == "withdrawn" {
		e.Word = n.How
	}
	var d *decl
	if want == isAlert && n.By == nil { // an allocation's alert has its name, and one cell
		d = t.allocation(l, n.Path)
	}
	if d != nil {
		want = isAllocate
	} else if d = t.c.path(t.c.own, l, n.Path); d == nil {
		return nil
	}
	at := l.PathSpan(n.Path)
	if d.kind != want {
		t.c.tell(source.NotA, at, d.name, string(d.kind), string(want))
		return nil
	}
	t.runs(d, at)
	e.Name = d.full
	if n.By != nil {
		a := t.c.path(t.c.own, l, n.By)
		if a == nil {
			return nil
		}
		if a.kind != isAction {
			t.c.tell(source.NotA, l.PathSpan(n.By), a.name, string(a.kind), "action")
			return nil
		}
		e.Name += "/" + a.full
	}
	if e.Of != nil && d.of != nil && e.Of != d.of {
		t.c.tell(source.TestAbout, at, d.name, d.of.Name, e.ID, e.Of.Name)
		return nil
	}
	return e
}

// setting checks `set Type.field = value of id`.
func (t *tester) setting(l *syntax.Line, n *syntax.ExpectEffect, e *policy.Expect) bool {
	if n.Path == nil {
		return true
	}
	r, names := e.Of, n.Path.Names
	if len(names) > 1 {
		d := t.c.path(t.c.own, l, &syntax.Path{Names: names[:len(names)-1]})
		if d == nil {
			return false
		}
		r = d.record
	}
	last := names[len(names)-1].Tok
	e.Name = l.Name(last)
	if r == nil {
		return true
	}
	f := fieldNamed(r, e.Name)
	if f == nil {
		f = fieldLabelled(r, e.Name)
	}
	s := t.scope(l)
	if f == nil {
		s.unknownField(r, e.Name, l.TokSpan(last))
		return false
	}
	t.c.refer(l.TokSpan(last), f)
	e.Name = r.Full + "." + f.Name
	if n.X == nil {
		return true
	}
	if c, ok := n.X.(*syntax.Const); ok && c.Word == "null" {
		return true
	}
	if name, ok := n.X.(*syntax.Name); ok && f.Type.Kind == value.Ref {
		e.Value = value.Value{Kind: value.Ref, S: l.Name(name.Tok)}
		return true
	}
	if lit, ok := n.X.(*syntax.Lit); ok && f.Type.Kind == value.Ref &&
		l.Kind(lit.Tok) == syntax.KindText {
		e.Value = value.Value{Kind: value.Ref, S: l.String(lit.Tok)}
		return true
	}
	x := s.fitted(n.X, f.Type)
	if x == nil {
		return false
	}
	e.Value = x.Const
	return true
}

// value checks an expression that must hold, of one record of the test.
func (t *tester) value(l *syntax.Line, n *syntax.ExpectLine) *policy.Expect {
	e := &policy.Expect{Kind: policy.ExpectValue}
	s := t.scope(l)
	s.self, s.expects = t.c.workspace, true
	s.d = &decl{name: t.test.Name}
	if !t.about(l, n.X, e) {
		return nil
	}
	if e.Of != nil || e.ID != "" {
		s.self, s.lost = e.Of, e.Of == nil
	}
	if n.Within.Ok() {
		e.X = s.close(n)
	} else {
		e.X = s.condition(n.X)
	}
	if e.X == nil || !t.measures(l, e) {
		return nil
	}
	if s.d.later != "" {
		t.notRun(s.d.later, l.Span())
	}
	return e
}

// about finds the record that an expectation's expression is of: `x of li`, or li.field.
func (t *tester) about(l *syntax.Line, x syntax.Expr, e *policy.Expect) bool {
	ok := true
	take := func(id syntax.Tok) {
		name := idOf(l, id)
		r, found := t.ids[name]
		switch {
		case !found && t.files && t.c.beside == nil && (t.c.plan == nil || !t.c.plan.all):
			// An editor does not have the file that may bring it.
			ok, t.bad = false, true
		case !found:
			t.stranger(source.TestNoRecord, l, id)
			ok = false
		case e.ID != "" && e.ID != name:
			t.c.tell(source.TestOne, l.TokSpan(id), e.ID, name)
			ok = false
		default:
			e.ID, e.Of, e.Type = name, r, r
			t.refers(l, id)
		}
	}
	eachExpr(x, func(x syntax.Expr) {
		switch n := x.(type) {
		case *syntax.Subject:
			take(n.Of)
		case *syntax.Dot:
			if name, is := n.X.(*syntax.Name); is {
				if _, known := t.ids[l.Name(name.Tok)]; known {
					take(name.Tok)
				}
			}
		}
	})
	return ok
}

// close makes `a == b ± d` a range.
func (s *scope) close(n *syntax.ExpectLine) *policy.Expr {
	b, ok := n.X.(*syntax.Binary)
	at := s.line.ExprSpan(n.X)
	if !ok || b.Op != "==" {
		s.tell(source.TestClose, at)
		return nil
	}
	l, r := s.pair(b.L, b.R)
	l, r = s.alike(l, r, at)
	if l == nil {
		return nil
	}
	lit, ok := s.amount(n.Within.Tok, l.Type)
	if !ok {
		return nil
	}
	want := l.Type
	if want.Kind == value.Percent {
		want.Diff = lit.Diff
	}
	if want.Kind == value.Time {
		want = policy.Type{Kind: value.Duration}
	}
	d := s.fitLiteral(lit, false, &want, s.line.TokSpan(n.Within.Tok))
	if d == nil {
		return nil
	}
	lo, hi := s.arithmetic("-", r, d, at), s.arithmetic("+", r, d, at)
	if lo == nil || hi == nil || !sameType(l.Type, lo.Type) {
		s.tell(source.NoArithmetic, at, "±", typeWord(r.Type), typeWord(d.Type))
		return nil
	}
	return truth(policy.OpBetween, at, l, lo, hi)
}

// eachExpr calls f for every expression below x, x first.
func eachExpr(x syntax.Expr, f func(syntax.Expr)) {
	if x == nil {
		return
	}
	f(x)
	switch n := x.(type) {
	case *syntax.Dot:
		eachExpr(n.X, f)
	case *syntax.Unary:
		eachExpr(n.X, f)
	case *syntax.Paren:
		eachExpr(n.X, f)
	case *syntax.Measured:
		eachExpr(n.X, f)
	case *syntax.Subject:
		eachExpr(n.X, f)
	case *syntax.Binary:
		eachExpr(n.L, f)
		eachExpr(n.R, f)
	case *syntax.Between:
		for _, e := range []syntax.Expr{n.X, n.Lo, n.Hi} {
			eachExpr(e, f)
		}
	case *syntax.Near:
		for _, e := range []syntax.Expr{n.X, n.D, n.Of} {
			eachExpr(e, f)
		}
	case *syntax.List:
		for _, e := range n.Items {
			eachExpr(e, f)
		}
	case *syntax.If:
		for _, e := range []syntax.Expr{n.Cond, n.Then, n.Else} {
			eachExpr(e, f)
		}
	case *syntax.Call:
		for _, a := range n.Args {
			eachExpr(a.X, f)
		}
		for _, e := range []syntax.Expr{n.Of, n.Via, n.Where, n.By} {
			eachExpr(e, f)
		}
	}
}
