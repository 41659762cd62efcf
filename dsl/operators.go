package dsl

import (
	"regexp"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

func (s *scope) binary(n *syntax.Binary, want *policy.Type) *policy.Expr {
	at := s.line.ExprSpan(n)
	switch n.Op {
	case "and", "or":
		return s.junction(n)
	case "??":
		return s.coalesce(n, want)
	case "==", "!=", "<", "<=", ">", ">=":
		return s.comparison(n)
	case "in", "not in":
		return s.membership(n)
	case "contains":
		return s.contains(n)
	case "matches":
		return s.matches(n)
	}
	l, r := s.operands(n, want)
	l, r = s.term(l), s.term(r)
	if l == nil || r == nil {
		return nil
	}
	x := s.arithmetic(n.Op, l, r, at)
	if x == nil {
		s.tell(source.NoArithmetic, at, n.Op, typeWord(l.Type), typeWord(r.Type))
	}
	return x
}

// junction flattens a and b and c into one node, so that receipts can show its parts.
func (s *scope) junction(n *syntax.Binary) *policy.Expr {
	op := policy.OpAnd
	if n.Op == "or" {
		op = policy.OpOr
	}
	x := &policy.Expr{Op: op, Type: boolType(), Span: s.line.ExprSpan(n)}
	ok := true
	var walk func(e syntax.Expr)
	walk = func(e syntax.Expr) {
		if b, is := e.(*syntax.Binary); is && b.Op == n.Op {
			walk(b.L)
			walk(b.R)
			return
		}
		a := s.condition(e)
		if a == nil {
			ok = false
			return
		}
		x.Type.Maybe = x.Type.Maybe || a.Type.Maybe
		x.Args = append(x.Args, a)
	}
	walk(n)
	if !ok {
		return nil
	}
	return x
}

func (s *scope) coalesce(n *syntax.Binary, want *policy.Type) *policy.Expr {
	asts := []syntax.Expr{n.L, n.R}
	vals := s.values(asts, want)
	t, ok := s.united(vals, asts, nil)
	if !ok {
		return nil
	}
	t.Maybe = vals[1].Type.Maybe
	return &policy.Expr{Op: policy.OpCoalesce, Type: t, Args: vals, Span: s.line.ExprSpan(n)}
}

// operands checks both sides of an arithmetic operator. A literal takes its unit from the other
// side where they are added, and stays a plain number where they are multiplied.
func (s *scope) operands(n *syntax.Binary, want *policy.Type) (l, r *policy.Expr) {
	_, _, litL := s.literal(n.L)
	_, _, litR := s.literal(n.R)
	add := n.Op == "+" || n.Op == "-"
	switch {
	case litL == litR:
		if litL && want != nil && (want.Kind == value.Time || want.Kind == value.Date) {
			want = nil
		}
		if !add { // of two literals the first has the unit: 2 * 100万 beside money
			if !litL {
				want = nil
			}
			return s.expr(n.L, want), s.expr(n.R, nil)
		}
		return s.expr(n.L, want), s.expr(n.R, want)
	case litR:
		l = s.expr(n.L, nil)
		return l, s.expr(n.R, besides(l, add))
	}
	r = s.expr(n.R, nil)
	return s.expr(n.L, besides(r, add)), r
}

// besides is the unit that an added literal takes.
func besides(x *policy.Expr, add bool) *policy.Type {
	if x == nil || !add {
		return nil
	}
	switch x.Type.Kind {
	case value.Int, value.Bool, value.Time, value.Date:
		return nil // 2.5 may be added to a whole number, and 3wd to a moment
	}
	t := x.Type
	return &t
}

// pair checks both sides of a comparison, each knowing the other's type.
func (s *scope) pair(a, b syntax.Expr) (l, r *policy.Expr) {
	if s.early(a) && !s.early(b) {
		r, l = s.pair(b, a)
		return l, r
	}
	l = s.expr(a, s.peek(b))
	if l == nil {
		s.quietly(b)
		return nil, nil
	}
	t := l.Type
	r = s.expr(b, &t)
	if r == nil {
		return nil, nil
	}
	if lit, neg, ok := s.literal(a); ok {
		u := r.Type
		l = s.fitLiteral(lit, neg, &u, l.Span)
	}
	return l, r
}

// quietly checks the other side of something that is wrong already: names in it still count. A bare
// name may be a value of the choice that the wrong side was to be, which nothing can be less than.
func (s *scope) quietly(x syntax.Expr) {
	if _, ok := x.(*syntax.Name); !ok || s.orders {
		s.expr(x, nil)
	}
}

// early reports whether an expression needs the other side to be understood.
func (s *scope) early(x syntax.Expr) bool {
	if _, _, ok := s.literal(x); ok {
		return true
	}
	n, ok := x.(*syntax.Name)
	if !ok {
		return false
	}
	r, _ := s.subject()
	name := s.line.Name(n.Tok)
	return r == nil || fieldNamed(r, name) == nil && fieldLabelled(r, name) == nil
}

// peek is the type of a name that stands for a field of choice type, so that a bare name beside
// it is read as a value first.
func (s *scope) peek(x syntax.Expr) *policy.Type {
	n, ok := x.(*syntax.Name)
	if !ok {
		return nil
	}
	r, _ := s.subject()
	if r == nil {
		return nil
	}
	if f := fieldNamed(r, s.line.Name(n.Tok)); f != nil && f.Type.Kind == value.Choice {
		return &f.Type
	}
	return nil
}

// alike gives both sides of a comparison one type, or reports that they cannot be compared.
func (s *scope) alike(l, r *policy.Expr, at source.Span) (a, b *policy.Expr) {
	if l == nil || r == nil {
		return nil, nil
	}
	if y, ok := convert(r, l.Type); ok {
		return l, y
	}
	if y, ok := convert(l, r.Type); ok {
		return y, r
	}
	text, other := l, r
	if r.Op == policy.OpConst && r.Type.Kind == value.Text {
		text, other = r, l
	}
	if text.Op == policy.OpConst && text.Type.Kind == value.Text &&
		(other.Type.Kind == value.Choice || other.Type.Kind == value.Ref) {
		s.fit(text, other.Type)
		return nil, nil
	}
	if !s.sloppyMoment(l, r) && !s.sloppyMoment(r, l) {
		s.tell(source.NotAlike, at, typeWord(l.Type), typeWord(r.Type))
	}
	return nil, nil
}

// sloppyMoment tells a date without its zeros beside a moment: 2026-3-2 reads as a difference.
func (s *scope) sloppyMoment(x, moment *policy.Expr) bool {
	if x.Type.Kind != value.Int || !isMoment(moment.Type.Kind) {
		return false
	}
	text := strings.ReplaceAll(s.textAt(x.Span), " ", "") // the formatter puts blanks around the -
	_, fault := value.ParseLiteral(text, s.c.zone)
	if fault == nil || fault.Near == "" {
		return false
	}
	d := s.tell(source.BadLiteral, x.Span, fault.Part)
	d.Found, d.Near = text, fault.Near
	d.Fix = &source.Fix{Edits: []source.Edit{{Span: x.Span, New: fault.Near}}}
	return true
}

func (s *scope) comparison(n *syntax.Binary) *policy.Expr {
	op := comparisons(n.Op)
	at := s.line.ExprSpan(n)
	t := *s
	ordered := op != policy.OpEq && op != policy.OpNe
	t.scored, t.rows, t.orders = false, false, ordered
	t.points = s.inPoints(n.L, n.R) || s.inPoints(n.R, n.L)
	told := len(s.c.diags)
	l, r := t.pair(n.L, n.R)
	l, r = s.alike(l, r, at)
	if l == nil {
		s.offerMissing(n, told)
		return nil
	}
	if !comparable(l.Type.Kind, ordered) {
		s.tell(source.NotOrdered, at, n.Op, typeWord(l.Type))
		return nil
	}
	return s.c.exprSlab.put(policy.Expr{Op: op, Args: s.c.argSlab.list(l, r), Span: at,
		Type: policy.Type{Kind: value.Bool, Maybe: l.Type.Maybe || r.Type.Maybe}})
}

// offerMissing offers to ask whether a side is missing, where the other was compared with nothing.
func (s *scope) offerMissing(n *syntax.Binary, told int) {
	if n.Op != "==" && n.Op != "!=" || len(s.c.diags) != told+1 {
		return
	}
	d := &s.c.diags[told]
	if d.Code != source.NoNull || d.Fix != nil {
		return
	}
	switch d.Span {
	case s.line.ExprSpan(n.R):
		d.Fix = s.line.Missing(s.line.ExprSpan(n.L), s.line.ExprSpan(n), n.Op == "!=")
	case s.line.ExprSpan(n.L):
		d.Fix = s.line.Missing(s.line.ExprSpan(n.R), s.line.ExprSpan(n), n.Op == "!=")
	}
}

func comparisons(op string) policy.Op {
	switch op {
	case "==":
		return policy.OpEq
	case "!=":
		return policy.OpNe
	case "<":
		return policy.OpLt
	case "<=":
		return policy.OpLe
	case ">":
		return policy.OpGt
	}
	return policy.OpGe
}

// truth makes a node of Type Bool that may be unknown where an argument may be missing.
func truth(op policy.Op, at source.Span, args ...*policy.Expr) *policy.Expr {
	x := &policy.Expr{Op: op, Type: boolType(), Args: args, Span: at}
	for _, a := range args {
		x.Type.Maybe = x.Type.Maybe || a.Type.Maybe
	}
	return x
}

// comparable reports whether values of a kind can be compared; choices, references and truths
// only for being the same.
func comparable(k value.Kind, ordered bool) bool {
	switch k {
	case value.Int, value.Number, value.Percent, value.Money, value.Text, value.Date, value.Time,
		value.Duration, value.Distance:
		return true
	case value.Bool, value.Choice, value.Ref:
		return !ordered
	}
	return false
}

func (s *scope) between(n *syntax.Between) *policy.Expr {
	at := s.line.ExprSpan(n)
	x, lo := s.pair(n.X, n.Lo)
	_, hi := s.pair(n.X, n.Hi)
	x1, lo := s.alike(x, lo, at)
	x2, hi := s.alike(x, hi, at)
	if x1 == nil || x2 == nil {
		return nil
	}
	x = x1
	if x1.Type.Kind != x2.Type.Kind { // a whole number between a whole number and a number
		if x1.Type.Kind == value.Int {
			x, lo = x2, asNumber(lo)
		} else if hi.Type.Kind == value.Int {
			hi = asNumber(hi)
		}
	}
	if !comparable(x.Type.Kind, true) {
		s.tell(source.NotOrdered, at, "between", typeWord(x.Type))
		return nil
	}
	return truth(policy.OpBetween, at, x, lo, hi)
}

func (s *scope) membership(n *syntax.Binary) *policy.Expr {
	at := s.line.ExprSpan(n)
	x := s.expr(n.L, nil)
	if x == nil {
		return nil
	}
	var out *policy.Expr
	if list, ok := n.R.(*syntax.List); ok {
		t := x.Type
		items, ok := s.items(list.Items, &t)
		if !ok {
			return nil
		}
		out = truth(policy.OpIn, at, append([]*policy.Expr{x}, items...)...)
		if len(items) == 0 {
			s.tell(source.EmptyIn, at)
			return nil
		}
	} else {
		l := s.expr(n.R, nil)
		if l == nil {
			return nil
		}
		if l.Type.Kind != value.List {
			s.tell(source.NotList, l.Span, typeWord(l.Type))
			return nil
		}
		y, ok := convert(x, *l.Type.Elem)
		if !ok {
			s.tell(source.NotAlike, at, typeWord(x.Type), typeWord(*l.Type.Elem))
			return nil
		}
		out = truth(policy.OpIn, at, y, l)
	}
	if !comparable(x.Type.Kind, false) {
		s.tell(source.NotOrdered, at, n.Op, typeWord(x.Type))
		return nil
	}
	if n.Op == "not in" {
		out = truth(policy.OpNot, at, out)
	}
	return out
}

func (s *scope) contains(n *syntax.Binary) *policy.Expr {
	at := s.line.ExprSpan(n)
	l := s.expr(n.L, nil)
	if l == nil {
		s.quietly(n.R)
		return nil
	}
	want := policy.Type{Kind: value.Text}
	switch l.Type.Kind {
	case value.Text:
	case value.List:
		want = *l.Type.Elem
	default:
		s.tell(source.NoContains, l.Span, typeWord(l.Type))
		return nil
	}
	want.Maybe = false
	r := s.fitted(n.R, want)
	if r == nil {
		return nil
	}
	return truth(policy.OpContains, at, l, r)
}

func (s *scope) matches(n *syntax.Binary) *policy.Expr {
	at := s.line.ExprSpan(n)
	l := s.fitted(n.L, policy.Type{Kind: value.Text})
	r := s.fitted(n.R, policy.Type{Kind: value.Text})
	if l == nil || r == nil {
		return nil
	}
	if r.Op != policy.OpConst {
		s.tell(source.PatternConst, r.Span)
		return nil
	}
	if _, err := regexp.Compile(r.Const.S); err != nil {
		s.tell(source.BadPattern, r.Span, err.Error())
		return nil
	}
	return truth(policy.OpMatches, at, l, r)
}

// near checks `a within d of b`.
func (s *scope) near(n *syntax.Near) *policy.Expr {
	at := s.line.ExprSpan(n)
	a, b := s.expr(n.X, nil), s.expr(n.Of, nil)
	want := policy.Type{Kind: value.Duration}
	switch {
	case a == nil || b == nil:
		return nil
	case isPlace(a.Type.Kind) && isPlace(b.Type.Kind):
		if a.Type.Kind == value.Area && b.Type.Kind == value.Area {
			s.tell(source.NoNear, at, "area", "area")
			return nil
		}
		want.Kind = value.Distance
	case isMoment(a.Type.Kind) && isMoment(b.Type.Kind):
		a, _ = convert(a, policy.Type{Kind: value.Time})
		b, _ = convert(b, policy.Type{Kind: value.Time})
	default:
		s.tell(source.NoNear, at, typeWord(a.Type), typeWord(b.Type))
		return nil
	}
	d := s.fitted(n.D, want)
	if d == nil {
		return nil
	}
	return truth(policy.OpNear, at, a, d, b)
}

func isPlace(k value.Kind) bool  { return k == value.Point || k == value.Area }
func isMoment(k value.Kind) bool { return k == value.Time || k == value.Date }
