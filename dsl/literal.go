package dsl

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// lit checks a literal.
func (s *scope) lit(n *syntax.Lit, want *policy.Type) *policy.Expr {
	at := s.line.ExprSpan(n)
	switch s.line.Kind(n.Tok) {
	case syntax.KindText, syntax.KindRaw:
		text := s.line.String(n.Tok)
		return &policy.Expr{Op: policy.OpConst, Type: policy.Type{Kind: value.Text},
			Const: value.OfText(text), Span: at}
	}
	l, ok := s.number(n.Tok, want)
	if !ok {
		return nil
	}
	return s.fitLiteral(l, false, want, at)
}

// remembered reads a literal, or knows it already. What cannot be read is not reported.
func (s *scope) remembered(t syntax.Tok) (value.Literal, *value.LiteralError) {
	text := s.line.Text(t)
	if l, ok := s.c.literals[text]; ok {
		return l, nil
	}
	l, err := value.ParseLiteral(text, s.c.zone)
	if err == nil {
		s.c.literals[strings.Clone(text)] = l
	}
	return l, err
}

// number reads a number or moment, and reports one that is none.
func (s *scope) number(t syntax.Tok, want *policy.Type) (value.Literal, bool) {
	l, err := s.remembered(t)
	if err == nil {
		return l, true
	}
	text := s.line.Text(t)
	d := s.tell(source.BadLiteral, s.line.TokSpan(t), err.Part)
	d.Found, d.Near = text, err.Near
	if want != nil {
		if near := s.nearest(text, want.Kind, want.Diff); near != "" {
			d.Near = near
		}
	}
	if d.Near != "" {
		d.Fix = &source.Fix{Edits: []source.Edit{{Span: d.Span, New: d.Near}}}
	}
	return l, false
}

// literal reads an expression that is nothing but a literal with or without unit, its sign and
// parentheses, or a name that stands for one: these take the unit of what they stand beside.
func (s *scope) literal(x syntax.Expr) (l value.Literal, negative, ok bool) {
	switch n := x.(type) {
	case *syntax.Paren:
		return s.literal(n.X)
	case *syntax.Lit:
		if k := s.line.Kind(n.Tok); k == syntax.KindText || k == syntax.KindRaw {
			return l, false, false
		}
		l, err := s.remembered(n.Tok)
		return l, false, err == nil
	case *syntax.Unary:
		if n.Op == "-" {
			l, negative, ok = s.literal(n.X)
			return l, !negative, ok
		}
	case *syntax.Name:
		name := s.line.Name(n.Tok)
		if p := s.params[name]; p != nil {
			p.read = true
			if p.x == nil {
				return l, false, false
			}
			t := &scope{c: s.c, pkg: p.pkg, line: p.line}
			return t.literal(p.x)
		}
		return s.letLiteral(name)
	}
	return l, false, false
}

// letLiteral reads a constant whose value is a literal.
func (s *scope) letLiteral(name string) (l value.Literal, negative, ok bool) {
	if r, _ := s.subject(); r != nil && fieldNamed(r, name) != nil {
		return l, false, false
	}
	d, _ := s.c.visible(s.pkg, name)
	if d == nil || d.kind != isLet {
		return l, false, false
	}
	n := d.node.(*syntax.Let)
	switch n.X.(type) {
	case *syntax.Lit, *syntax.Unary:
		t := &scope{c: s.c, pkg: d.pkg, line: d.line}
		return t.literal(n.X)
	}
	return l, false, false
}

// fitLiteral makes a literal a constant of the type it stands beside, where it fits it.
func (s *scope) fitLiteral(
	l value.Literal, neg bool, want *policy.Type, at source.Span,
) *policy.Expr {
	v := l.Value
	plain := v.Kind == value.Int || v.Kind == value.Number
	diff := false
	switch {
	case want == nil:
	case plain && want.Kind == value.Money:
		if !l.Exact {
			s.tell(source.MoneyPlaces, at)
			return nil
		}
		v = value.OfWord(value.Money, l.Money)
	case plain && want.Kind == value.Number:
		v = value.OfFloat(value.Number, asFloat(v))
	case plain && want.Kind == value.Percent:
		f := asFloat(v)
		if math.Abs(f) > 1 {
			d := s.tell(source.PercentAbove, at)
			d.Near = s.nearest(s.textAt(at), value.Percent, want.Diff)
		}
		v = value.OfFloat(value.Percent, f)
		diff = want.Diff
	case l.Diff && !(want.Kind == value.Percent && want.Diff):
		s.tell(source.PointsAlone, at).Near = s.nearest(s.textAt(at), value.Percent, false)
		return nil
	case v.Kind == value.Date && want.Kind == value.Time:
	}
	if want == nil && l.Diff {
		s.tell(source.PointsAlone, at)
		return nil
	}
	if want != nil && v.Kind != want.Kind && !(v.Kind == value.Date && want.Kind == value.Time) {
		if near := s.nearest(s.textAt(at), want.Kind, want.Diff); near != "" {
			d := s.tell(source.WrongUnit, at, kindWord(want.Kind), kindWord(v.Kind))
			d.Near, d.Found = near, s.textAt(at)
			d.Fix = &source.Fix{Edits: []source.Edit{{Span: at, New: near}}}
			return nil
		}
	}
	return s.c.exprSlab.put(policy.Expr{Op: policy.OpConst, Const: negated(v, neg), Span: at,
		Type: policy.Type{Kind: v.Kind, Diff: diff || l.Diff}})
}

// nearest is the literal that was most likely meant, in the vocabulary of the unit written.
func (s *scope) nearest(text string, want value.Kind, diff bool) string {
	near := value.NearestLiteral(text, want, diff)
	chinese := func(r rune) bool { return r >= utf8.RuneSelf && unicode.IsLetter(r) }
	if !strings.ContainsFunc(text, chinese) {
		return near
	}
	unit := strings.TrimLeft(near, "0123456789_.")
	for _, u := range syntax.Units() {
		if u.En == unit {
			return strings.TrimSuffix(near, unit) + u.Zh
		}
	}
	return near
}

func constOf(v value.Value, t policy.Type, at source.Span) *policy.Expr {
	return &policy.Expr{Op: policy.OpConst, Type: t, Const: v, Span: at}
}

func asFloat(v value.Value) float64 {
	if v.Kind == value.Int {
		return float64(v.N)
	}
	return v.Float()
}

func negated(v value.Value, neg bool) value.Value {
	switch {
	case !neg:
	case v.Kind.Class() == value.Float:
		return value.OfFloat(v.Kind, -v.Float())
	default:
		v.N = -v.N
	}
	return v
}

// textAt is the policy's text at a place.
func (s *scope) textAt(at source.Span) string {
	f := s.line.File()
	if f.Index != at.File || int(at.End) > len(f.Text) || at.Off > at.End {
		return ""
	}
	return f.Text[at.Off:at.End]
}

// parameter is a parameter's value where a literal may stand.
func (s *scope) parameter(p *param, want *policy.Type, at source.Span) *policy.Expr {
	if p.x == nil {
		return s.placeholder(p.typ, at)
	}
	t := &scope{c: s.c, pkg: p.pkg, line: p.line, d: s.d}
	if l, neg, ok := t.literal(p.x); ok && (p.typ.Kind == value.Int || p.typ.Kind == value.Number) {
		return s.fitLiteral(l, neg, want, at)
	}
	return again(t.fitted(p.x, p.typ), at)
}

// placeholder stands for a parameter without a value while its template is looked at.
func (s *scope) placeholder(t policy.Type, at source.Span) *policy.Expr {
	v := value.Value{Kind: t.Kind}
	if t.Kind == value.List {
		v.X = []value.Value{}
	}
	return constOf(v, t, at)
}

// span reads a token that is a length of time, working time or not: a literal or a parameter.
func (s *scope) due(t syntax.Tok) (policy.Due, bool) {
	l, ok := s.amount(t, policy.Type{Kind: value.Duration})
	if !ok {
		return policy.Due{}, false
	}
	switch v := l.Value; v.Kind {
	case value.Duration:
		return policy.Due{Micro: v.N}, true
	case value.WorkDays:
		return policy.Due{Days: v.N, Work: true}, true
	case value.WorkHours:
		return policy.Due{Micro: v.N, Work: true}, true
	}
	s.badAmount(t, l, policy.Type{Kind: value.Duration})
	return policy.Due{}, false
}

// duration reads a token that is a duration and no working time, in microseconds.
func (s *scope) duration(t syntax.Tok) int64 {
	want := policy.Type{Kind: value.Duration}
	l, ok := s.amount(t, want)
	if !ok {
		return 0
	}
	if l.Value.Kind != value.Duration {
		s.badAmount(t, l, want)
		return 0
	}
	return l.Value.N
}

// count reads a token that is a whole number above 0.
func (s *scope) count(t syntax.Tok) int {
	want := policy.Type{Kind: value.Int}
	l, ok := s.amount(t, want)
	if !ok {
		return 0
	}
	if l.Value.Kind != value.Int || l.Value.N < 1 || l.Value.N > math.MaxInt32 {
		s.badAmount(t, l, want)
		return 0
	}
	return int(l.Value.N)
}

// amount reads a literal, or a parameter that stands for one.
func (s *scope) amount(t syntax.Tok, want policy.Type) (value.Literal, bool) {
	if s.line.Kind(t) != syntax.KindWord {
		return s.number(t, &want)
	}
	name := s.line.Name(t)
	p := s.params[name]
	if p != nil {
		p.read = true
	}
	switch {
	case p == nil:
		if l, neg, ok := s.letLiteral(name); ok && !neg {
			s.referName(s.line.TokSpan(t), name)
			return l, true
		}
		s.tell(source.NotLiteral, s.line.TokSpan(t), name, kindWord(want.Kind))
		return value.Literal{}, false
	case p.x == nil:
		s.c.refer(s.line.TokSpan(t), p)
		return value.Literal{Value: value.OfWord(want.Kind, 1)}, true
	}
	s.c.refer(s.line.TokSpan(t), p)
	u := &scope{c: s.c, pkg: p.pkg, line: p.line}
	l, _, ok := u.literal(p.x)
	if !ok {
		s.tell(source.NotLiteral, s.line.TokSpan(t), name, kindWord(want.Kind))
	}
	return l, ok
}

func (s *scope) badAmount(t syntax.Tok, l value.Literal, want policy.Type) {
	at := s.line.TokSpan(t)
	d := s.tell(source.WrongUnit, at, kindWord(want.Kind), kindWord(l.Value.Kind))
	d.Found = s.textAt(at)
	if d.Near = s.nearest(d.Found, want.Kind, false); d.Near != "" {
		d.Fix = &source.Fix{Edits: []source.Edit{{Span: at, New: d.Near}}}
	}
}
