package dsl

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// arithmetic makes the node of l op r by the table of section 4, nil where it has no such row.
func (s *scope) arithmetic(op string, l, r *policy.Expr, at source.Span) *policy.Expr {
	var x *policy.Expr
	switch op {
	case "+":
		x = sum(policy.OpAdd, l, r)
	case "-":
		x = sum(policy.OpSub, l, r)
	case "*":
		x = product(l, r)
	case "/":
		x = quotient(l, r)
	}
	if x == nil {
		return nil
	}
	x.Span = at
	x.Type.Maybe = l.Type.Maybe || r.Type.Maybe || op == "/"
	return x
}

func node(op policy.Op, k value.Kind, args ...*policy.Expr) *policy.Expr {
	return &policy.Expr{Op: op, Type: policy.Type{Kind: k}, Args: args}
}

// sum is + and −. Quantities of one kind are added; a moment moves by a duration or working time.
func sum(op policy.Op, l, r *policy.Expr) *policy.Expr {
	a, b := l.Type.Kind, r.Type.Kind
	switch {
	case a == value.Int && b == value.Number:
		l, a = asNumber(l), value.Number
	case a == value.Number && b == value.Int:
		r, b = asNumber(r), value.Number
	case op == policy.OpAdd && isMoment(b) && a == value.Duration:
		l, r, a, b = r, l, b, a
	case op == policy.OpAdd && isMoment(b) && isWork(a):
		l, r, a, b = r, l, b, a
	}
	switch {
	case isMoment(a) && isWork(b):
		return moved(op, l, r)
	case a == value.Date && b == value.Duration:
		return node(op, value.Time, wrap(policy.OpDateStart, value.Time, l), r)
	case a == value.Time && b == value.Duration:
		return node(op, value.Time, l, r)
	case op == policy.OpSub && a == value.Date && b == value.Date:
		return node(op, value.Duration, l, r)
	case op == policy.OpSub && isMoment(a) && isMoment(b):
		l, _ = convert(l, policy.Type{Kind: value.Time})
		r, _ = convert(r, policy.Type{Kind: value.Time})
		return node(op, value.Duration, l, r)
	case a != b:
		return nil
	}
	switch a {
	case value.Text:
		if op == policy.OpAdd {
			return node(op, a, l, r)
		}
	case value.Percent:
		x := node(op, a, l, r)
		x.Type.Diff = op == policy.OpSub || l.Type.Diff && r.Type.Diff
		return x
	case value.Int, value.Number, value.Money, value.Duration, value.Distance:
		return node(op, a, l, r)
	}
	return nil
}

func isWork(k value.Kind) bool { return k == value.WorkDays || k == value.WorkHours }

// moved is t + 3wd. Working time is always a literal.
func moved(op policy.Op, t, w *policy.Expr) *policy.Expr {
	if w.Op != policy.OpConst {
		return nil
	}
	if op == policy.OpSub {
		y := *w
		y.Const.N = -y.Const.N
		w = &y
	}
	k := t.Type.Kind
	if k == value.Date && w.Type.Kind == value.WorkHours {
		t, k = wrap(policy.OpDateStart, value.Time, t), value.Time
	}
	return node(policy.OpAddWork, k, t, w)
}

// scalable reports whether a quantity can be multiplied by a number and divided by its like.
func scalable(k value.Kind) bool {
	return k == value.Money || k == value.Duration || k == value.Distance
}

func isNumber(k value.Kind) bool { return k == value.Int || k == value.Number }

func asFloating(x *policy.Expr) *policy.Expr {
	if x.Type.Kind == value.Int {
		return asNumber(x)
	}
	return x
}

// product is ×. A percent is a share of whatever it stands beside; but of a metric in percents two
// deviations are percents.
func product(l, r *policy.Expr) *policy.Expr {
	if isNumber(l.Type.Kind) && r.Figure() {
		l, r = r, l
	}
	a, b := l.Type.Kind, r.Type.Kind
	if a == value.Percent && l.Figure() && isNumber(b) {
		return node(policy.OpMul, a, l, asFloating(r))
	}
	if a == value.Percent && b != value.Percent || isNumber(a) && scalable(b) {
		l, r, a, b = r, l, b, a
	}
	switch {
	case b == value.Percent && (isNumber(a) || scalable(a) || a == value.Percent):
		l = asFloating(l)
		return node(policy.OpMul, l.Type.Kind, l, wrap(policy.OpRatio, value.Number, r))
	case a == value.Int && b == value.Int:
		return node(policy.OpMul, value.Int, l, r)
	case isNumber(a) && isNumber(b):
		return node(policy.OpMul, value.Number, asFloating(l), asFloating(r))
	case scalable(a) && isNumber(b):
		return node(policy.OpMul, a, l, asFloating(r))
	}
	return nil
}

// quotient is ÷. Quantities of one kind give a number; by a number they keep their kind.
func quotient(l, r *policy.Expr) *policy.Expr {
	a, b := l.Type.Kind, r.Type.Kind
	switch {
	case isNumber(a) && isNumber(b):
		return node(policy.OpDiv, value.Number, asFloating(l), asFloating(r))
	case scalable(a) && isNumber(b):
		return node(policy.OpDiv, a, l, asFloating(r))
	case a == value.Percent && isNumber(b):
		x := node(policy.OpDiv, a, l, asFloating(r))
		x.Type.Diff = l.Type.Diff
		return x
	case scalable(a) && a == b:
		return node(policy.OpDiv, value.Number, l, r)
	case a == value.Percent && b == value.Percent:
		return node(policy.OpDiv, value.Number, wrap(policy.OpRatio, value.Number, l),
			wrap(policy.OpRatio, value.Number, r))
	}
	return nil
}
