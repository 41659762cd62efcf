package mutate

import (
	"math"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/syntax"
)

// expr changes an expression and everything below it.
func (w *walker) expr(x syntax.Expr) {
	switch n := x.(type) {
	case *syntax.Lit:
		w.number(w.what, n.Tok)
	case *syntax.Const:
		w.truth(n)
	case *syntax.Dot:
		w.expr(n.X)
	case *syntax.Unary:
		if n.Op == "not" {
			w.instead(n, n.X)
		}
		w.expr(n.X)
	case *syntax.Binary:
		w.binary(n)
	case *syntax.Between:
		w.all(n.X, n.Lo, n.Hi)
	case *syntax.Near:
		w.all(n.X, n.D, n.Of)
	case *syntax.List:
		w.all(n.Items...)
	case *syntax.Paren:
		w.expr(n.X)
	case *syntax.If:
		w.all(n.Cond, n.Then, n.Else)
	case *syntax.Call:
		w.call(n)
	case *syntax.Windowed:
		w.expr(n.X)
		w.window(n.Window)
	}
}

func (w *walker) all(list ...syntax.Expr) {
	for _, x := range list {
		if x != nil {
			w.expr(x)
		}
	}
}

func (w *walker) truth(n *syntax.Const) {
	other := map[string]string{"true": "false", "false": "true"}[n.Word]
	if other != "" {
		w.add(Operator, w.line.ExprSpan(n), other)
	}
}

// instead puts one part of an expression in the place of the whole.
func (w *walker) instead(whole, part syntax.Expr) {
	at := w.line.ExprSpan(part)
	w.add(Dropped, w.line.ExprSpan(whole), w.text[at.Off:at.End])
}

// turned is what an operator becomes: the edge of a comparison, the other connective, the other
// direction of arithmetic.
func turned(op string) (en, zh string) {
	switch op {
	case ">=":
		return ">", ">"
	case ">":
		return ">=", ">="
	case "<=":
		return "<", "<"
	case "<":
		return "<=", "<="
	case "==":
		return "!=", "!="
	case "!=":
		return "==", "=="
	case "and":
		return "or", "或者"
	case "or":
		return "and", "并且"
	case "in":
		return "not in", "不属于"
	case "not in":
		return "in", "属于"
	case "+":
		return "-", "-"
	case "-":
		return "+", "+"
	case "*":
		return "/", "/"
	case "/":
		return "*", "*"
	}
	return "", ""
}

func (w *walker) binary(n *syntax.Binary) {
	at := w.line.TokSpan(n.OpAt)
	if en, zh := turned(n.Op); en != "" {
		if w.text[at.Off] >= 0x80 && n.Op[0] >= 'a' {
			en = zh
		}
		if n.Op == "not in" { // two tokens in English
			at.End = at.Off + int32(len(notIn(w.text[at.Off:])))
		}
		w.add(Operator, at, en)
	}
	switch n.Op {
	case "and", "or":
		w.instead(n, n.L)
		w.instead(n, n.R)
	case "??":
		w.instead(n, n.L)
	}
	w.all(n.L, n.R)
}

// notIn is how `not in` stands at the beginning of a text.
func notIn(s string) string {
	if rest, ok := strings.CutPrefix(s, "not"); ok {
		trimmed := strings.TrimLeft(rest, " \t\n\r")
		return s[:len(s)-len(trimmed)+len("in")]
	}
	return "不属于"
}

func (w *walker) call(n *syntax.Call) {
	other := map[string][2]string{"min": {"max", "最大"}, "max": {"min", "最小"},
		"first": {"last", "末次"}, "last": {"first", "首次"}}[n.Fn]
	if other[0] != "" {
		at := w.line.TokSpan(n.FnAt)
		text := other[0]
		if w.text[at.Off] >= 0x80 {
			text = other[1]
		}
		w.add(Function, at, text)
	}
	for _, a := range n.Args {
		w.all(a.X)
	}
	w.window(n.Window)
	w.all(n.Of, n.Via, n.Where, n.By)
}

// window changes how far an aggregate looks.
func (w *walker) window(n *syntax.Window) {
	if n == nil {
		return
	}
	if n.Period != "" {
		w.period(w.line.ExprSpan(n))
	}
	was := w.what
	w.what = Window
	w.all(n.D)
	w.what = was
	w.all(n.T, n.At)
}

// number changes a number both ways: by a tenth, at least by one of its last place.
func (w *walker) number(what What, t syntax.Tok) {
	if !t.Ok() || w.line.Kind(t) != syntax.KindNumber {
		return
	}
	at := w.line.TokSpan(t)
	n, ok := numberOf(w.text[at.Off:at.End])
	if !ok {
		return
	}
	by := max(n.value/10, 1)
	w.add(what, at, n.plus(by))
	if n.value > 0 {
		w.add(what, at, n.plus(-by))
	}
}

// number is a literal: its digits as a whole number, how many of them are behind the point, and
// what follows.
type number struct {
	value  int64
	places int
	rest   string
}

// numberOf reads the number that a literal begins with; of 1h30min that is 1.
func numberOf(text string) (number, bool) {
	var n number
	i, point := 0, false
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c == '_':
		case c == '.' && !point:
			point = true
		case c >= '0' && c <= '9':
			if n.value > math.MaxInt64/100 {
				return n, false
			}
			n.value = n.value*10 + int64(c-'0')
			if point {
				n.places++
			}
		default:
			n.rest = text[i:]
			return n, i > 0
		}
	}
	return n, i > 0
}

// unit is one of the number's whole units, as its value counts.
func (n number) unit() int64 {
	u := int64(1)
	for range n.places {
		u *= 10
	}
	return u
}

// plus writes the literal with another value.
func (n number) plus(by int64) string {
	s := strconv.FormatInt(n.value+by, 10)
	for len(s) <= n.places {
		s = "0" + s
	}
	if n.places > 0 {
		s = s[:len(s)-n.places] + "." + s[len(s)-n.places:]
	}
	return s + n.rest
}
