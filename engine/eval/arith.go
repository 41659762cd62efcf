package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/internal/decimal"
)

// operation finds what a strict node does. It is the one place where an operation gets its Go
// function, so that the backends cannot differ in arithmetic.
func (c *Compiler) operation(e *policy.Expr) call {
	switch e.Op {
	case policy.OpCall:
		return c.function(e)
	case policy.OpExtern:
		return call{"extern", c.extern(e), e.Args}
	case policy.OpAddWork:
		return c.addWork(e)
	case policy.OpDateStart:
		zone := c.Zone
		return call{"dateStart", op1[int64, int64](func(d int64) (int64, bool) {
			return calendar.DayStart(d, zone), true
		}), e.Args}
	case policy.OpMatches:
		return call{"matches", matches(e.Args[1].Const.S), e.Args[:1]}
	case policy.OpNear:
		return call{"near", c.near(e), e.Args}
	case policy.OpIn:
		return c.in(e)
	case policy.OpContains:
		if e.Args[0].Type.Kind == value.Text {
			return call{"contains", op2[string, string, bool](func(a, b string) (bool, bool) {
				return strings.Contains(a, b), true
			}), e.Args}
		}
		return call{"holds", holding(e.Args[1].Type.Kind), e.Args}
	case policy.OpList:
		return call{"list", listOf{e}, e.Args}
	}
	key := arith{op: e.Op, a: e.Args[0].Type.Kind.Class()}
	if len(e.Args) > 1 {
		key.b = e.Args[1].Type.Kind.Class()
	}
	op := special(e)
	if op == nil {
		op = arithmetic(key)
	}
	if op == nil {
		panic(fmt.Sprintf("eval: operation %d over kinds %d", e.Op, kinds(e.Args)))
	}
	return call{fmt.Sprintf("op%d", e.Op), op, e.Args}
}

// special is arithmetic that depends on more than classes.
func special(e *policy.Expr) operation {
	from := e.Args[0].Type.Kind
	switch {
	case e.Op == policy.OpSub && from == value.Date:
		return op2[int64, int64, int64](daysBetween)
	case e.Op == policy.OpAdd && e.Type.Kind == value.Time:
		return op2[int64, int64, int64](func(t, d int64) (int64, bool) {
			return moment(decimal.Add(t, d))
		})
	case e.Op == policy.OpSub && e.Type.Kind == value.Time:
		return op2[int64, int64, int64](func(t, d int64) (int64, bool) {
			return moment(decimal.Sub(t, d))
		})
	case e.Op == policy.OpFloat && from == value.Money:
		return op1[int64, float64](func(a int64) (float64, bool) { return decimal.Float(a), true })
	}
	return nil
}

// moment is missing before the year 1 and after the year 9999.
func moment(t int64, ok bool) (int64, bool) {
	return t, ok && t >= value.MinTime && t <= value.MaxTime
}

func kinds(args []*policy.Expr) []value.Kind {
	var out []value.Kind
	for _, a := range args {
		out = append(out, a.Type.Kind)
	}
	return out
}

// arith is an arithmetic operation over classes: words are whole numbers, money, moments and
// durations; floats are numbers, percents and distances.
type arith struct {
	op   policy.Op
	a, b value.Class
}

// arithmetic is the table of section 4.
//
//tidy:long one flat switch over operations
func arithmetic(k arith) operation {
	switch k {
	case arith{policy.OpAdd, value.Word, value.Word}:
		return op2[int64, int64, int64](decimal.Add)
	case arith{policy.OpAdd, value.Float, value.Float}:
		return op2[float64, float64, float64](func(a, b float64) (float64, bool) { return finite(a + b) })
	case arith{policy.OpAdd, value.String, value.String}:
		return op2[string, string, string](func(a, b string) (string, bool) { return a + b, true })
	case arith{policy.OpSub, value.Word, value.Word}:
		return op2[int64, int64, int64](decimal.Sub)
	case arith{policy.OpSub, value.Float, value.Float}:
		return op2[float64, float64, float64](func(a, b float64) (float64, bool) { return finite(a - b) })
	case arith{policy.OpMul, value.Word, value.Word}:
		return op2[int64, int64, int64](decimal.Mul)
	case arith{policy.OpMul, value.Word, value.Float}:
		return op2[int64, float64, int64](decimal.MulFloat)
	case arith{policy.OpMul, value.Float, value.Word}:
		return op2[float64, int64, int64](func(f float64, n int64) (int64, bool) {
			return decimal.MulFloat(n, f)
		})
	case arith{policy.OpMul, value.Float, value.Float}:
		return op2[float64, float64, float64](func(a, b float64) (float64, bool) { return finite(a * b) })
	case arith{policy.OpDiv, value.Word, value.Word}:
		return op2[int64, int64, float64](ratio)
	case arith{policy.OpDiv, value.Word, value.Float}:
		return op2[int64, float64, int64](decimal.DivFloat)
	case arith{policy.OpDiv, value.Float, value.Float}:
		return op2[float64, float64, float64](divide)
	case arith{policy.OpNeg, value.Word, 0}:
		return op1[int64, int64](decimal.Neg)
	case arith{policy.OpNeg, value.Float, 0}:
		return op1[float64, float64](func(a float64) (float64, bool) { return finite(-a) })
	case arith{policy.OpFloat, value.Word, 0}:
		return op1[int64, float64](func(a int64) (float64, bool) { return float64(a), true })
	case arith{policy.OpFloat, value.Float, 0}, arith{policy.OpRatio, value.Float, 0}:
		return op1[float64, float64](func(a float64) (float64, bool) { return a, true })
	case arith{policy.OpFraction, value.Float, 0}:
		return op1[float64, float64](func(a float64) (float64, bool) { return a / 100, true })
	case arith{policy.OpBetween, value.Word, value.Word}:
		return op3[int64, int64, int64, bool](between[int64])
	case arith{policy.OpBetween, value.Float, value.Float}:
		return op3[float64, float64, float64, bool](between[float64])
	case arith{policy.OpBetween, value.String, value.String}:
		return op3[string, string, string, bool](between[string])
	}
	return nil
}

// finite turns what is no number into missing: nothing infinite ever reaches a slot. Adding zero
// makes a negative zero plain; the language has none.
// Only a finite number differs from itself by zero.
func finite(f float64) (float64, bool) { return f + 0, f-f == 0 }

// ratio is decimal's without its negative zero.
func ratio(a, b int64) (float64, bool) {
	const small = 1 << 53 // as in decimal.Ratio, without its call
	if uint64(a+small) <= 2*small && uint64(b+small) <= 2*small && b != 0 {
		return float64(a)/float64(b) + 0, true
	}
	r, ok := decimal.Ratio(a, b)
	return r + 0, ok
}

func divide(a, b float64) (float64, bool) {
	if b == 0 {
		return 0, false
	}
	return finite(a / b)
}

func between[T int64 | float64 | string](x, lo, hi T) (bool, bool) {
	return lo <= x && x <= hi, true
}

func daysBetween(a, b int64) (int64, bool) {
	d, ok := decimal.Sub(a, b)
	if !ok {
		return 0, false
	}
	return decimal.Mul(d, value.Day)
}

// addWork is t + 3wd or t + 4wh. A date moves by workdays as a date.
func (c *Compiler) addWork(e *policy.Expr) call {
	cal, zone, n := c.Calendars.For(e.Cal), c.Zone, e.Args[1].Const.N
	add := func(t int64) (int64, bool) { return moment(cal.AddWorkdays(t, n, zone)) }
	switch {
	case e.Args[1].Const.Kind == value.WorkHours:
		add = func(t int64) (int64, bool) { return moment(cal.AddWorkTime(t, n, zone)) }
	case e.Args[0].Type.Kind == value.Date:
		add = func(d int64) (int64, bool) {
			d, ok := cal.AddDays(d, n)
			return d, ok && d >= value.MinDate && d <= value.MaxDate
		}
	}
	return call{"addWork", op1[int64, int64](add), e.Args[:1]}
}

// near is `a within d of b`.
func (c *Compiler) near(e *policy.Expr) operation {
	switch e.Args[0].Type.Kind.Class() {
	case value.Word: // moments, either side
		return op3[int64, int64, int64, bool](func(a, d, b int64) (bool, bool) {
			gap := uint64(max(a, b)) - uint64(min(a, b))
			return d >= 0 && gap <= uint64(d), true
		})
	}
	return op3[any, float64, any, bool](nearby)
}

// in is membership among elements that are not all constants, or in a list.
func (c *Compiler) in(e *policy.Expr) call {
	kind := e.Args[0].Type.Kind
	list := elements(e)
	if list == nil {
		return call{"holds", holding(kind), []*policy.Expr{e.Args[1], e.Args[0]}}
	}
	args := append([]*policy.Expr{e.Args[0]}, list...)
	switch kind.Class() {
	case value.Float:
		return call{"in", among[float64]{}, args}
	case value.String:
		return call{"in", among[string]{}, args}
	}
	if kind == value.Bool {
		return call{"in", among[bool]{}, args}
	}
	return call{"in", among[int64]{}, args}
}

// among is `x in [a, b, …]`. It is unknown as soon as one of them is missing.
type among[T comparable] struct{}

func (among[T]) closure(c *Compiler, args []*policy.Expr) any {
	x := make([]program[T], len(args))
	for i, a := range args {
		x[i] = argument[T](c, a)
	}
	return program[bool](func(v *Env) (bool, bool) {
		t, ok := x[0](v)
		if !ok {
			return false, false
		}
		found := false
		for _, f := range x[1:] {
			u, ok := f(v)
			if !ok {
				return false, false
			}
			found = found || t == u
		}
		return found, true
	})
}

func (among[T]) boxed(p ...any) (any, error) { return slices.Contains(p[1:], p[0]), nil }

func (among[T]) signature() any { return new(func(T, ...T) bool) }

// holding is whether a list's value holds an element of the kind.
//
//go:noinline
func holding(k value.Kind) operation {
	switch k.Class() {
	case value.Float:
		return op2[any, float64, bool](func(l any, x float64) (bool, bool) {
			return holdsAny(l, func(v value.Value) bool { return v.Float() == x })
		})
	case value.String:
		return op2[any, string, bool](func(l any, x string) (bool, bool) {
			return holdsAny(l, func(v value.Value) bool { return v.S == x })
		})
	}
	if k == value.Bool {
		return op2[any, bool, bool](func(l any, x bool) (bool, bool) {
			return holdsAny(l, func(v value.Value) bool { return v.N != 0 == x })
		})
	}
	return op2[any, int64, bool](func(l any, x int64) (bool, bool) {
		return holdsAny(l, func(v value.Value) bool { return v.N == x })
	})
}

func holdsAny(l any, is func(value.Value) bool) (bool, bool) {
	return slices.ContainsFunc(l.([]value.Value), func(v value.Value) bool {
		return v.Known() && is(v)
	}), true
}

// listOf makes a list's value. Only effects and lists that are measured ask for one.
type listOf struct{ e *policy.Expr }

func (l listOf) closure(c *Compiler, args []*policy.Expr) any {
	x := make([]func(*Env) value.Value, len(args))
	for i, a := range args {
		x[i] = c.Value(a)
	}
	if len(args) > 0 && !slices.ContainsFunc(args, unfixed) {
		fixed := make([]value.Value, len(x))
		for i, f := range x {
			fixed[i] = f(nil)
		}
		var boxed any = fixed
		return program[any](func(*Env) (any, bool) { return boxed, true })
	}
	return program[any](func(v *Env) (any, bool) {
		out := make([]value.Value, len(x))
		for i, f := range x {
			if out[i] = f(v); !out[i].Known() {
				return nil, false
			}
		}
		return out, true
	})
}

func (l listOf) boxed(p ...any) (any, error) {
	out := make([]value.Value, len(p))
	for i, a := range p {
		out[i] = rebox(l.e.Args[i].Type.Kind, a)
	}
	return out, nil
}

func (l listOf) signature() any { return new(func(...any) any) }

// rebox makes a value of what the VM hands over.
func rebox(k value.Kind, a any) value.Value {
	switch a := a.(type) {
	case bool:
		return value.OfBool(a)
	case int64:
		return value.OfWord(k, a)
	case float64:
		return value.OfFloat(k, a)
	case string:
		return value.Value{Kind: k, S: a}
	}
	return value.Value{Kind: k, X: a}
}
