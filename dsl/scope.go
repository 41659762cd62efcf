package dsl

import (
	"maps"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// scope is where an expression stands: what its bare names mean and what it may use. A nil
// *policy.Expr is an invalid expression: it has been reported and agrees with everything.
type scope struct {
	c        *checker
	pkg      *pkg
	line     *syntax.Line
	self     *policy.Record
	row      *policy.Record // inside an aggregate: the counted record
	inRow    bool           // inside an aggregate: self, now and aggregates are not at hand
	lost     bool           // the subject could not be resolved: unknown names were told there
	params   map[string]*param
	bind     *binding
	d        *decl      // whose expression it is
	field    *fieldDecl // the same, for a computed field
	looks    bool       // under `check each`
	digest   bool       // {count} and {names} are at hand
	scored   bool       // a term of a score: scores count as their hundredth
	rows     bool       // the condition of a row: a bare name may be a misspelt else
	orders   bool       // a comparison by size: a bare name is no value of a choice
	cand     *policy.Record
	extra    map[string]policy.Type // further bare names; Kind Missing is a name of any type
	metric   bool                   // the value of a metric: aggregates over one row's expression
	measured *policy.Metric         // whose words such as mean(12) are at hand
	points   bool                   // `change` stands beside percentage points
	ids      map[string]*policy.Record
	overdue  *policy.Action     // `overdue` is at hand: of this action
	cell     *policy.Action     // what `action` is in an alert `by action`
	counting *uses              // inside an aggregate: whose completions are counted
	made     map[string]*Symbol // the same, for whoever asks what names stand for
	expects  bool               // an expectation of a test: metrics have figures
}

// scopeOf is the scope of a declaration's line.
func (c *checker) scopeOf(d *decl, l *syntax.Line) *scope {
	if d == nil {
		return &scope{c: c, pkg: c.own, line: l}
	}
	s := &scope{c: c, pkg: d.pkg, line: l, self: d.of, lost: d.of == nil, params: d.params,
		bind: d.bind, d: d}
	s.remember()
	return s
}

// at is the scope on another line.
func (s *scope) at(l *syntax.Line) *scope {
	t := *s
	t.line = l
	return &t
}

// needsLater notes that what is checked needs a word that no engine runs yet.
func (s *scope) needsLater(word string) {
	switch {
	case s.field != nil && s.field.later == "":
		s.field.later = word
	case s.field == nil && s.d != nil && s.d.later == "":
		s.d.later = word
	}
}

// whole is the field that is being computed or the declaration, as a head.
func (s *scope) tell(code source.Code, at source.Span, args ...string) told {
	return s.c.tell(code, at, args...)
}

// subject is the record whose fields bare names are, and the node that stands for it.
func (s *scope) subject() (*policy.Record, policy.Op) {
	if s.inRow {
		return s.row, policy.OpRow
	}
	return s.self, policy.OpSelf
}

// standing makes the node for the subject.
func standing(op policy.Op, r *policy.Record, at source.Span) *policy.Expr {
	x := standingOf(op, r, at)
	return &x
}

func standingOf(op policy.Op, r *policy.Record, at source.Span) policy.Expr {
	t := policy.Type{Kind: value.Row, Record: r}
	if r.Kind == policy.Entity {
		t.Kind = value.Ref
	}
	return policy.Expr{Op: op, Type: t, Span: at}
}

// name resolves a bare name.
func (s *scope) name(n *syntax.Name, want *policy.Type) *policy.Expr {
	at := s.line.ExprSpan(n)
	name := s.line.Name(n.Tok)
	if p := s.params[name]; p != nil {
		p.read = true
		s.c.refer(at, p)
		return s.parameter(p, want, at)
	}
	if want != nil && want.Kind == value.Choice && want.Choice != nil {
		if i := valueNamed(want.Choice, name); i >= 0 {
			s.c.referValue(at, want.Choice, i)
			return choiceConst(*want, i, at)
		}
		if x := s.otherStage(want, name, at); x != nil {
			return x
		}
	}
	if x, ok := s.member(name, at); ok {
		return x
	}
	if s.cand != nil && s.line.Word(n.Tok) == "candidate" && !s.inRow {
		return standing(policy.OpCandidate, s.cand, at)
	}
	if s.overdue != nil && s.line.Word(n.Tok) == "overdue" && !s.inRow {
		return s.overdueOf(at)
	}
	if s.cell != nil && name == "action" && !s.inRow {
		return s.cellText(at)
	}
	if s.line.Word(n.Tok) == "origin" && s.arrives() {
		return s.origin(at)
	}
	if word, t, ok := s.bareWord(n.Tok); ok {
		if t.Kind == value.Missing {
			return nil
		}
		if word == "change" && s.points {
			word, t = "difference", figureWords(s.measured)["difference"]
		}
		return &policy.Expr{Op: policy.OpCall, Fn: word, Type: t, Span: at}
	}
	if r := s.ids[name]; r != nil && r.Kind == policy.Entity {
		s.referID(at, name)
		return refConst(r, name, at)
	}
	if l, neg, ok := s.letLiteral(name); ok {
		s.referName(at, name)
		return s.fitLiteral(l, neg, want, at)
	}
	d, clash := s.c.visible(s.pkg, name)
	if clash != nil {
		s.tell(source.TwoImports, at, name, d.pkg.path, clash.path)
		return nil
	}
	if d == nil {
		return s.unknown(name, want, at)
	}
	s.c.refer(at, d)
	return s.declared(d, at)
}

// bareWord finds a bare name of a metric's alert or an action's schedule, in either vocabulary.
func (s *scope) bareWord(t syntax.Tok) (string, policy.Type, bool) {
	for _, word := range []string{s.line.Name(t), s.line.Word(t)} {
		if typ, ok := s.extra[word]; ok {
			return word, typ, true
		}
	}
	return "", policy.Type{}, false
}

// member reads a field, score or tier of the subject by its bare name.
func (s *scope) member(name string, at source.Span) (*policy.Expr, bool) {
	if x, ok := s.boundPart(name); ok {
		return x, true
	}
	r, op := s.subject()
	if r == nil {
		return nil, false
	}
	s.referPart(at, r, name)
	x := s.part(r, func() *policy.Expr { return s.c.exprSlab.put(standingOf(op, r, at)) }, name, at)
	if x == nil {
		return nil, s.broken(r, name)
	}
	return x, true
}

// broken reports whether a record has a part of that name that could not be checked.
func (s *scope) broken(r *policy.Record, name string) bool {
	if fieldNamed(r, name) != nil || fieldLabelled(r, name) != nil {
		return true
	}
	if d, _ := s.c.visible(s.pkg, name); d != nil && d.of == r && d.segment != nil {
		return d.segment.Kinds != nil
	}
	return false
}

// part reads a field, score or tier of a record; nil where there is none or it is broken.
func (s *scope) part(
	r *policy.Record, of func() *policy.Expr, name string, at source.Span,
) *policy.Expr {
	f := fieldNamed(r, name)
	if f == nil {
		f = fieldLabelled(r, name)
	}
	if f == nil {
		if x := s.sampled(r, name, at); x != nil {
			return x
		}
		f = s.stageOf(r, name)
	}
	if f == nil {
		return s.derived(r, of, name, at)
	}
	fd := s.c.compute(f)
	if fd != nil && fd.later != "" {
		s.needsLater(fd.later)
	}
	if fd != nil && fd.bad {
		return nil
	}
	base := of()
	t := f.Type
	t.Maybe = t.Maybe || base.Type.Maybe
	return s.c.exprSlab.put(policy.Expr{Op: policy.OpField, Type: t, Field: f, Span: at,
		Args: s.c.argSlab.list(base)})
}

// derived reads a score or the tier of a segment of a record.
func (s *scope) derived(
	r *policy.Record, of func() *policy.Expr, name string, at source.Span,
) *policy.Expr {
	d, clash := s.c.visible(s.pkg, name)
	if d == nil || clash != nil || d.of != r || r == nil {
		return nil
	}
	switch {
	case d.score != nil:
		s.c.score(d)
		if d.later != "" {
			s.needsLater(d.later)
		}
		x := &policy.Expr{Op: policy.OpScore, Type: policy.Type{Kind: value.Number, Maybe: true},
			Score: d.score, Args: []*policy.Expr{of()}, Span: at}
		return s.hundredth(x)
	case d.segment != nil && d.segment.Kinds != nil:
		return &policy.Expr{Op: policy.OpTier, Tier: d.segment, Args: []*policy.Expr{of()}, Span: at,
			Type: policy.Type{Kind: value.Choice, Choice: d.segment.Kinds, Maybe: true}}
	}
	return nil
}

// hundredth makes a score inside a score count as its hundredth (reference, section 7).
func (s *scope) hundredth(x *policy.Expr) *policy.Expr {
	if !s.scored || s.inRow {
		return x
	}
	return &policy.Expr{Op: policy.OpFraction, Type: x.Type, Args: []*policy.Expr{x}, Span: x.Span}
}

// declared reads a declaration as a value: only constants are.
func (s *scope) declared(d *decl, at source.Span) *policy.Expr {
	if d.kind == isLet {
		return again(s.c.let(d), at)
	}
	switch {
	case d.kind == isMetric && s.expects && !s.inRow:
		return s.figureOf(d, nil, at)
	case d.state == done && d.later != "" && (d.kind == isScore || d.kind == isSegment):
		s.needsLater(d.later)
	case d.of != nil && (d.score != nil || d.segment != nil):
		s.tell(source.OfOther, at, d.name, d.of.Name).Related =
			[]source.Related{{Span: d.span, Code: source.FirstHere}}
	case d.kind == isScore || d.kind == isSegment:
		// what it is of could not be resolved, which has been told
	default:
		s.tell(source.NoValue, at, d.name, string(d.kind)).Related =
			[]source.Related{{Span: d.span, Code: source.FirstHere}}
	}
	return nil
}

// again is a copy of a constant for another place.
func again(x *policy.Expr, at source.Span) *policy.Expr {
	if x == nil {
		return nil
	}
	y := *x
	y.Span = at
	return &y
}

// unknown reports a bare name that stands for nothing.
func (s *scope) unknown(name string, want *policy.Type, at source.Span) *policy.Expr {
	if s.lost || want != nil && want.Kind == value.Missing {
		return nil // of a type that could not be resolved, which has been told
	}
	if s.bind != nil && !s.inRow && fieldOf(s.bind.from, name) != nil {
		s.tell(source.BindMissing, s.d.span, s.bind.to.Name, name, s.d.name).Related =
			[]source.Related{{Span: at, Code: source.FirstHere}}
		return nil
	}
	if b := s.counting.bind(); b != nil && s.inRow && fieldOf(b.from, name) != nil {
		u := s.counting.first
		s.tell(source.BindMissing, u.span, b.to.Name, name, u.name).Related =
			[]source.Related{{Span: at, Code: source.FirstHere}}
		return nil
	}
	if syntax.IsNothing(name) {
		s.tell(source.NoNull, at, name)
		return nil
	}
	r, _ := s.subject()
	var words []string
	if s.rows {
		words = append(words, "else")
	}
	words = append(words, slices.Sorted(maps.Keys(s.params))...)
	near := source.Nearest(name, sortedWords(append(words, s.names(r)...)))
	if want != nil && want.Kind == value.Choice && want.Choice != nil {
		// A value was meant, unless a field or constant is the only thing that is near.
		nearValue := source.Nearest(name, choiceWords(want.Choice))
		if nearValue != "" || near == "" {
			d := s.tell(source.UnknownValue, at, name, typeWord(*want))
			d.Near, d.Want = nearValue, choiceNames(want.Choice)
			return nil
		}
	}
	if near == "" && s.inRow && s.self != nil && s.self != r && fieldOf(s.self, name) != nil {
		s.tell(source.NotInWhere, at, name) // the subject's own: not at hand here
		return nil
	}
	d := s.tell(source.UnknownName, at, name)
	if r != nil && r.Name != "" {
		d.Code, d.Args = source.UnknownHere, []string{name, r.Name}
	}
	d.Near = near
	return nil
}

// choiceWords are the names and labels of a choice's values.
func choiceWords(ch *policy.Choice) []string {
	out := choiceNames(ch)
	for _, v := range ch.Values {
		for _, text := range []string{v.Label.Main, v.Label.En, v.Label.Zh} {
			if isName(text) {
				out = append(out, text)
			}
		}
	}
	return out
}

// names are the bare names that stand for values of a record and of the package.
func (s *scope) names(r *policy.Record) []string {
	var words []string
	if r != nil {
		words = append(words, fieldNames(r)...)
	}
	return append(words, s.c.typeNames(s.pkg, func(d *decl) bool {
		return d.kind == isLet || (d.score != nil || d.segment != nil) && d.of == r
	})...)
}

func fieldNames(r *policy.Record) []string {
	out := make([]string, len(r.Fields))
	for i, f := range r.Fields {
		out[i] = f.Name
	}
	return out
}

// unknownField reports a field that a record does not have.
func (s *scope) unknownField(r *policy.Record, name string, at source.Span) {
	d := s.tell(source.UnknownField, at, recordName(r), name)
	d.Near = source.Nearest(name, s.names(r))
}

// dot reads X.name.
func (s *scope) dot(n *syntax.Dot) *policy.Expr {
	at, name := s.line.ExprSpan(n), s.line.Name(n.Name)
	if f := s.groupedBy(at); f != nil {
		t := f.Type
		of := standing(policy.OpSelf, s.self, at)
		return &policy.Expr{Op: policy.OpField, Type: t, Field: f, Args: []*policy.Expr{of}, Span: at}
	}
	if root, ok := n.X.(*syntax.Name); ok {
		if x, done := s.ofPackage(root, n.Name, at); done {
			return x
		}
		if s.cand != nil && s.line.Word(root.Tok) == "candidate" {
			of := standing(policy.OpCandidate, s.cand, s.line.ExprSpan(root))
			return s.partOf(of, name, at, s.line.TokSpan(n.Name))
		}
		if r := s.ids[s.line.Name(root.Tok)]; r != nil {
			s.referID(s.line.TokSpan(root.Tok), s.line.Name(root.Tok))
			return s.partOf(standing(policy.OpSelf, r, at), name, at, s.line.TokSpan(n.Name))
		}
	}
	x := s.expr(n.X, nil)
	if x == nil {
		return nil
	}
	return s.partOf(x, name, at, s.line.TokSpan(n.Name))
}

// groupedBy is the dimension of a metric that is written as owner.region.
func (s *scope) groupedBy(at source.Span) *policy.Field {
	if s.measured == nil || s.inRow {
		return nil
	}
	return fieldNamed(s.self, s.textAt(at))
}

// ofPackage reads package.Name, where no field of the subject is called like the package.
func (s *scope) ofPackage(
	root *syntax.Name, part syntax.Tok, at source.Span,
) (*policy.Expr, bool) {
	word, name := s.line.Name(root.Tok), s.line.Name(part)
	a := s.pkg.aliases[word]
	if a == nil {
		return nil, false
	}
	if r, _ := s.subject(); r != nil && fieldNamed(r, word) != nil {
		return nil, false
	}
	d := a.pkg.named(name)
	if d == nil {
		s.tell(source.UnknownIn, at, name, a.pkg.path).Near = source.Nearest(name, a.pkg.order)
		return nil, true
	}
	s.c.refer(s.line.TokSpan(root.Tok), a)
	s.c.refer(s.line.TokSpan(part), d)
	if d.of != nil {
		if r, op := s.subject(); r == d.of {
			t := *s
			t.pkg = a.pkg
			return t.derived(r, func() *policy.Expr { return standing(op, r, at) }, name, at), true
		}
	}
	return s.declared(d, at), true
}

// partOf reads a part of a value: a field of a record, or of a photo, recording or file.
func (s *scope) partOf(x *policy.Expr, name string, at, nameAt source.Span) *policy.Expr {
	var r *policy.Record
	switch x.Type.Kind {
	case value.Ref, value.Row:
		r = x.Type.Record
	case value.Photo, value.Audio, value.File:
		r = s.c.media[x.Type.Kind]
		f := fieldNamed(r, name)
		if f != nil {
			s.c.refer(nameAt, f)
		}
		if f == nil {
			d := s.tell(source.UnknownField, nameAt, kindWord(x.Type.Kind), name)
			d.Near = source.Nearest(name, fieldNames(r))
			return nil
		}
		t := f.Type
		t.Maybe = t.Maybe || x.Type.Maybe
		return &policy.Expr{Op: policy.OpField, Type: t, Field: f, Args: []*policy.Expr{x}, Span: at}
	}
	if r == nil {
		s.tell(source.NoFields, nameAt, typeWord(x.Type), name)
		return nil
	}
	s.referPart(nameAt, r, name)
	if got := s.part(r, func() *policy.Expr { return x }, name, at); got != nil {
		return got
	}
	if !s.broken(r, name) {
		s.unknownField(r, name, nameAt)
	}
	return nil
}

func choiceConst(t policy.Type, i int, at source.Span) *policy.Expr {
	t.Maybe = false
	return constOf(value.OfWord(value.Choice, int64(i)), t, at)
}

func refConst(r *policy.Record, id string, at source.Span) *policy.Expr {
	return &policy.Expr{Op: policy.OpConst, Type: policy.Type{Kind: value.Ref, Record: r},
		Const: value.Value{Kind: value.Ref, S: id}, Span: at}
}
