package dsl

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

func sortedWords(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

func boolType() policy.Type { return policy.Type{Kind: value.Bool} }

// expr checks an expression. want is the type it stands beside, nil where nothing says: it gives
// literals their unit and bare names of a choice their meaning, and is not enforced.
func (s *scope) expr(x syntax.Expr, want *policy.Type) *policy.Expr {
	switch n := x.(type) {
	case *syntax.Paren:
		return s.expr(n.X, want)
	case *syntax.Lit:
		return s.lit(n, want)
	case *syntax.Name:
		return s.name(n, want)
	case *syntax.Const:
		return s.constant(n)
	case *syntax.Dot:
		return s.dot(n)
	case *syntax.Unary:
		return s.unary(n, want)
	case *syntax.Binary:
		return s.binary(n, want)
	case *syntax.Between:
		return s.between(n)
	case *syntax.Near:
		return s.near(n)
	case *syntax.List:
		return s.list(n, want)
	case *syntax.If:
		return s.ifThen(n, want)
	case *syntax.Pick:
		return s.pick(n, want)
	case *syntax.Call:
		return s.call(n, want)
	case *syntax.Subject:
		return s.expr(n.X, want)
	case *syntax.Measured:
		return s.asked(n)
	}
	return nil // could not be parsed, which has been told
}

// fitted checks an expression whose type is given and converts it.
func (s *scope) fitted(x syntax.Expr, want policy.Type) *policy.Expr {
	if x == nil {
		return nil
	}
	return s.fit(s.expr(x, &want), want)
}

// condition checks an expression that must be true or false.
func (s *scope) condition(x syntax.Expr) *policy.Expr { return s.fitted(x, boolType()) }

// fit converts an expression to a type, or reports that it cannot be.
func (s *scope) fit(x *policy.Expr, want policy.Type) *policy.Expr {
	if x == nil || want.Kind == value.Missing {
		return x
	}
	if y, ok := convert(x, want); ok {
		return y
	}
	d := s.tell(source.WrongType, x.Span, typeWord(want), typeWord(x.Type))
	if x.Op == policy.OpConst && x.Type.Kind == value.Text && want.Kind == value.Choice {
		d.Code, d.Args = source.TextForChoice, []string{x.Const.S, typeWord(want)}
		s.offerValue(d, x, want)
	}
	if x.Op == policy.OpConst && x.Type.Kind == value.Text && want.Kind == value.Ref {
		d.Code, d.Args = source.TextForRef, []string{want.Record.Name, x.Const.S}
		if e, _ := s.c.visible(s.pkg, want.Record.Name); e != nil && e.record == want.Record {
			open, end := x.Span, x.Span
			open.End, end.Off = open.Off, end.End
			d.Fix = &source.Fix{Edits: []source.Edit{{Span: open, New: want.Record.Name + "("},
				{Span: end, New: ")"}}}
		}
	}
	return nil
}

// offerValue names the value that a text beside a choice was meant to be.
func (s *scope) offerValue(d told, x *policy.Expr, want policy.Type) {
	d.Want = choiceNames(want.Choice)
	i := valueNamed(want.Choice, x.Const.S)
	if i < 0 {
		d.Near = source.Nearest(x.Const.S, d.Want)
		return
	}
	d.Near = want.Choice.Values[i].Name
	d.Fix = &source.Fix{Edits: []source.Edit{{Span: x.Span, New: d.Near}}}
}

// convert makes an expression of a type from one whose type can stand for it.
func convert(x *policy.Expr, want policy.Type) (*policy.Expr, bool) {
	have := x.Type
	switch {
	case sameType(have, want):
		return x, true
	case want.Kind == value.Number && have.Kind == value.Int:
		return asNumber(x), true
	case want.Kind == value.Time && have.Kind == value.Date:
		return wrap(policy.OpDateStart, value.Time, x), true
	case want.Kind == value.List && x.Op == policy.OpList && len(x.Args) == 0:
		y := *x
		y.Type = policy.Type{Kind: value.List, Elem: want.Elem}
		return &y, true
	case want.Kind == value.File && (have.Kind == value.Photo || have.Kind == value.Audio):
		return x, true
	}
	return nil, false
}

// sameType compares types but for what may be missing.
func sameType(a, b policy.Type) bool {
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case value.Choice:
		return a.Choice == b.Choice
	case value.Ref, value.Row:
		return a.Record == b.Record
	case value.List:
		return a.Elem != nil && b.Elem != nil && sameType(*a.Elem, *b.Elem)
	}
	return true
}

// wrap puts a conversion around an expression.
func wrap(op policy.Op, k value.Kind, x *policy.Expr) *policy.Expr {
	return &policy.Expr{Op: op, Type: policy.Type{Kind: k, Maybe: x.Type.Maybe}, Span: x.Span,
		Args: []*policy.Expr{x}}
}

// asNumber makes a whole number a number; a constant is converted on the spot.
func asNumber(x *policy.Expr) *policy.Expr {
	if x.Op == policy.OpConst {
		y := *x
		y.Type.Kind = value.Number
		y.Const = value.OfFloat(value.Number, float64(x.Const.N))
		return &y
	}
	return wrap(policy.OpFloat, value.Number, x)
}

func (s *scope) constant(n *syntax.Const) *policy.Expr {
	at := s.line.ExprSpan(n)
	switch n.Word {
	case "true", "false":
		return constOf(value.OfBool(n.Word == "true"), boolType(), at)
	case "now":
		if s.inRow {
			s.tell(source.NotInWhere, at, "now")
			return nil
		}
		return &policy.Expr{Op: policy.OpNow, Type: policy.Type{Kind: value.Time}, Span: at}
	case "self":
		if s.inRow {
			s.tell(source.NotInWhere, at, "self")
			return nil
		}
		if s.self == nil {
			if !s.lost {
				s.tell(source.NoSelf, at)
			}
			return nil
		}
		return standing(policy.OpSelf, s.self, at)
	}
	return nil
}

func (s *scope) unary(n *syntax.Unary, want *policy.Type) *policy.Expr {
	at := s.line.ExprSpan(n)
	switch n.Op {
	case "not":
		x := s.condition(n.X)
		if x == nil {
			return nil
		}
		return &policy.Expr{Op: policy.OpNot, Type: policy.Type{Kind: value.Bool, Maybe: x.Type.Maybe},
			Args: []*policy.Expr{x}, Span: at}
	case "has":
		x := s.expr(n.X, nil)
		if x == nil {
			return nil
		}
		return &policy.Expr{Op: policy.OpHas, Type: boolType(), Args: []*policy.Expr{x}, Span: at}
	}
	if l, neg, ok := s.literal(n); ok {
		return s.fitLiteral(l, neg, want, at)
	}
	x := s.term(s.expr(n.X, want))
	if x == nil {
		return nil
	}
	switch x.Type.Kind {
	case value.Int, value.Number, value.Percent, value.Money, value.Duration, value.Distance:
		t := x.Type
		return &policy.Expr{Op: policy.OpNeg, Type: t, Args: []*policy.Expr{x}, Span: at}
	}
	s.tell(source.NoArithmetic, at, "-", typeWord(x.Type), "")
	return nil
}

// term makes a truth count as 1 or 0.
func (s *scope) term(x *policy.Expr) *policy.Expr {
	if x == nil || x.Type.Kind != value.Bool {
		return x
	}
	return wrap(policy.OpTerm, value.Number, x)
}

// list checks [a, b]. Its elements have the type of the first that is no literal.
func (s *scope) list(n *syntax.List, want *policy.Type) *policy.Expr {
	at := s.line.ExprSpan(n)
	var elem *policy.Type
	if want != nil && want.Kind == value.List {
		elem = want.Elem
	}
	items, ok := s.items(n.Items, elem)
	if !ok {
		return nil
	}
	t := policy.Type{Kind: value.List}
	switch {
	case len(items) > 0:
		e := items[0].Type
		t.Elem = &e
	case elem != nil:
		t.Elem = elem
	default:
		t.Elem = &policy.Type{Kind: value.Text}
	}
	return &policy.Expr{Op: policy.OpList, Type: t, Args: items, Span: at}
}

// items checks the elements of a written list, all of one type.
func (s *scope) items(list []syntax.Expr, elem *policy.Type) ([]*policy.Expr, bool) {
	out := make([]*policy.Expr, len(list))
	for i, x := range list {
		out[i] = s.expr(x, elem)
	}
	if elem == nil {
		for _, x := range out {
			if x != nil && (elem == nil || elem.Kind == value.Int && x.Type.Kind == value.Number) {
				t := x.Type
				elem = &t
			}
		}
	}
	ok := true
	for i, x := range out {
		if elem != nil {
			if l, neg, lit := s.literal(list[i]); lit && x != nil {
				x = s.fitLiteral(l, neg, elem, x.Span)
			}
			x = s.fit(x, *elem)
		}
		out[i] = x
		ok = ok && x != nil
	}
	return out, ok
}

func (s *scope) ifThen(n *syntax.If, want *policy.Type) *policy.Expr {
	cond := s.condition(n.Cond)
	asts := []syntax.Expr{n.Then}
	if n.Else != nil {
		asts = append(asts, n.Else)
	}
	vals := s.values(asts, want)
	t, ok := s.united(vals, asts, nil)
	if cond == nil || !ok {
		return nil
	}
	args := append([]*policy.Expr{cond}, vals...)
	t.Maybe = t.Maybe || n.Else == nil || cond.Type.Maybe
	return &policy.Expr{Op: policy.OpPick, Type: t, Args: args, Span: s.line.ExprSpan(n)}
}

// values checks alternatives: what the first good one says helps the others.
func (s *scope) values(asts []syntax.Expr, want *policy.Type) []*policy.Expr {
	out := make([]*policy.Expr, len(asts))
	for i, a := range asts {
		if _, _, lit := s.literal(a); lit {
			continue
		}
		if out[i] = s.expr(a, want); out[i] != nil && want == nil {
			t := out[i].Type
			want = &t
		}
	}
	for i, a := range asts {
		if _, _, lit := s.literal(a); lit {
			out[i] = s.expr(a, want)
		}
	}
	return out
}

// pick checks a decision table, whose rows are the body of the line.
func (s *scope) pick(n *syntax.Pick, want *policy.Type) *policy.Expr {
	var conds, vals []*policy.Expr
	var asts []syntax.Expr
	lines := []*scope{}
	hasElse, good := false, true
	for _, l := range s.line.Body {
		row, ok := l.Node.(*syntax.Row)
		if !ok {
			good = false
			continue
		}
		t := s.at(l)
		if hasElse {
			s.tell(source.AfterElse, l.Span())
		}
		if row.Else {
			hasElse = true
			conds = append(conds, nil)
		} else {
			t.rows = true
			x := t.condition(row.Cond)
			t.rows = false
			good = good && x != nil
			conds = append(conds, x)
		}
		v := t.expr(row.Value, want)
		if v != nil && want == nil {
			if _, _, lit := t.literal(row.Value); !lit {
				ty := v.Type
				want = &ty
			}
		}
		vals, asts, lines = append(vals, v), append(asts, row.Value), append(lines, t)
	}
	if len(vals) == 0 || !good || slices.Contains(vals, nil) {
		return nil
	}
	t, ok := s.united(vals, asts, lines)
	if !ok {
		return nil
	}
	x := &policy.Expr{Op: policy.OpPick, Type: t, Span: s.line.ExprSpan(n)}
	for i, v := range vals {
		if conds[i] == nil {
			x.Args = append(x.Args, v)
			break
		}
		x.Args = append(x.Args, conds[i], v)
		x.Type.Maybe = x.Type.Maybe || conds[i].Type.Maybe
	}
	x.Type.Maybe = x.Type.Maybe || !hasElse
	return x
}

// united gives alternatives one type: whole numbers become numbers beside numbers. lines are the
// scopes that the alternatives were read in, nil where all are of this one.
func (s *scope) united(
	vals []*policy.Expr, asts []syntax.Expr, lines []*scope,
) (policy.Type, bool) {
	if len(vals) == 0 || slices.Contains(vals, nil) {
		return policy.Type{}, false
	}
	in := func(i int) *scope {
		if lines == nil {
			return s
		}
		return lines[i]
	}
	t := vals[0].Type
	for i, v := range vals {
		if _, _, lit := in(i).literal(asts[i]); !lit {
			t = v.Type
			break
		}
	}
	for _, v := range vals {
		if t.Kind == value.Int && v.Type.Kind == value.Number {
			t.Kind = value.Number
		}
	}
	t.Maybe = false
	for i, v := range vals {
		if l, neg, lit := in(i).literal(asts[i]); lit {
			v = in(i).fitLiteral(l, neg, &t, v.Span)
		}
		if vals[i] = s.fit(v, t); vals[i] == nil {
			return t, false
		}
	}
	for _, v := range vals {
		t.Maybe = t.Maybe || v.Type.Maybe
	}
	return t, true
}
