package eval

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/internal/decimal"
)

// matches runs a pattern that the checker has compiled before.
func matches(pattern string) operation {
	re := regexp.MustCompile(pattern)
	return op1[string, bool](func(s string) (bool, bool) { return re.MatchString(s), true })
}

// function finds a function of language.md, section 4.
func (c *Compiler) function(e *policy.Expr) call {
	args := e.Args
	var op operation
	switch e.Fn {
	case "min", "max":
		return extreme(e)
	case "abs", "round", "floor", "ceil", "sqrt":
		op = rounding(e.Fn, args[0].Type.Kind, e.Type.Kind)
	case "clamp":
		op = clamp(args[0].Type.Kind.Class())
	case "scale":
		op = scale(args[0].Type.Kind.Class())
	case "len":
		op = op1[any, int64](func(l any) (int64, bool) { return int64(len(l.([]value.Value))), true })
		if args[0].Type.Kind == value.Text {
			op = op1[string, int64](func(s string) (int64, bool) {
				return int64(utf8.RuneCountInString(s)), true
			})
		}
	case "lower":
		op = op1[string, string](func(s string) (string, bool) { return strings.ToLower(s), true })
	case "days":
		op = units(value.Day)
	case "hours":
		op = units(value.Hour)
	case "minutes":
		op = units(value.Minute)
	case "hour", "weekday", "month", "date":
		op = c.ofMoment(e.Fn, args[0].Type.Kind)
	case "workdays", "workhours":
		op = c.work(e)
	case "age":
		return c.age(e)
	case "distance":
		op = op2[any, any, float64](apart)
	case "bucket":
		return c.bucket(e)
	default:
		panic(fmt.Sprintf("eval: no function %s", e.Fn))
	}
	return call{e.Fn, op, args}
}

// extreme is min and max. More than two arguments are taken two by two.
func extreme(e *policy.Expr) call {
	args := e.Args
	if len(args) == 1 {
		args = []*policy.Expr{args[0], args[0]}
	}
	if n := len(args); n > 2 {
		head := *e
		head.Args = args[:n-1]
		args = []*policy.Expr{&head, args[n-1]}
	}
	least := e.Fn == "min"
	var op operation
	switch e.Type.Kind.Class() {
	case value.Float:
		op = op2[float64, float64, float64](extremeOf[float64](least))
	case value.String:
		op = op2[string, string, string](extremeOf[string](least))
	default:
		op = op2[int64, int64, int64](extremeOf[int64](least))
	}
	return call{e.Fn, op, args}
}

//go:noinline
func extremeOf[T int64 | float64 | string](least bool) func(a, b T) (T, bool) {
	if least {
		return func(a, b T) (T, bool) { return min(a, b), true }
	}
	return func(a, b T) (T, bool) { return max(a, b), true }
}

// rounding is the functions of one number. A half is rounded away from zero, as people do;
// percents are rounded to whole percents and money to whole units.
func rounding(fn string, from, to value.Kind) operation {
	if fn == "abs" {
		if from.Class() == value.Word {
			return op1[int64, int64](decimal.Abs)
		}
		return op1[float64, float64](func(f float64) (float64, bool) { return math.Abs(f), true })
	}
	f := map[string]func(float64) float64{
		"round": math.Round, "floor": math.Floor, "ceil": math.Ceil, "sqrt": math.Sqrt,
	}[fn]
	switch {
	case fn == "sqrt" && from.Class() == value.Word:
		return op1[int64, float64](func(n int64) (float64, bool) { return finite(f(float64(n))) })
	case fn == "sqrt":
		return op1[float64, float64](func(x float64) (float64, bool) { return finite(f(x)) })
	case from.Class() == value.Word:
		unit := int64(1)
		switch from {
		case value.Money:
			unit = decimal.Scale
		case value.Duration:
			unit = value.Second
		}
		return op1[int64, int64](func(n int64) (int64, bool) { return roundWord(fn, n, unit) })
	case to.Class() == value.Word:
		return op1[float64, int64](func(x float64) (int64, bool) {
			r := f(x)
			return int64(r), math.Abs(r) < 1<<63
		})
	case from == value.Percent:
		return op1[float64, float64](func(x float64) (float64, bool) {
			r, ok := finite(x * 100)
			if !ok {
				return 0, false
			}
			return finite(f(r) / 100)
		})
	}
	return op1[float64, float64](func(x float64) (float64, bool) { return finite(f(x)) })
}

// roundWord rounds to a multiple of unit.
func roundWord(fn string, n, unit int64) (int64, bool) {
	down := n % unit
	if down < 0 {
		down += unit
	}
	switch {
	case down == 0, fn == "floor":
		return decimal.Sub(n, down)
	case fn == "ceil":
		return decimal.Add(n, unit-down)
	}
	if up := unit - down; up < down || up == down && n > 0 {
		return decimal.Add(n, up)
	}
	return decimal.Sub(n, down)
}

func clamp(class value.Class) operation {
	if class == value.Float {
		return op3[float64, float64, float64, float64](clamped[float64])
	}
	return op3[int64, int64, int64, int64](clamped[int64])
}

func clamped[T int64 | float64](x, lo, hi T) (T, bool) { return min(max(x, lo), hi), true }

// scale is 0 at lo, 1 at hi and clamped beyond; where lo is hi it divides by zero.
func scale(class value.Class) operation {
	if class == value.Float {
		return op3[float64, float64, float64, float64](scaled)
	}
	return op3[int64, int64, int64, float64](func(x, lo, hi int64) (float64, bool) {
		return scaled(float64(x), float64(lo), float64(hi))
	})
}

func scaled(x, lo, hi float64) (float64, bool) {
	r, ok := divide(x-lo, hi-lo)
	return min(max(r, 0), 1), ok
}

// units is a duration as a number of days, hours or minutes.
//
//go:noinline
func units(unit int64) operation {
	return op1[int64, float64](func(d int64) (float64, bool) { return decimal.Ratio(d, unit) })
}

// ofMoment is the parts of a moment in the workspace's zone: hour 0 to 23, weekday 1 (Monday) to 7,
// month 1 to 12.
func (c *Compiler) ofMoment(fn string, k value.Kind) operation {
	zone := c.Zone
	switch {
	case fn == "hour":
		return op1[int64, int64](func(t int64) (int64, bool) {
			return calendar.ClockOf(t, zone) / value.Hour, true
		})
	case fn == "date" && k == value.Date:
		return op1[int64, int64](func(d int64) (int64, bool) { return d, true })
	case fn == "date":
		return op1[int64, int64](func(t int64) (int64, bool) { return calendar.DateOf(t, zone), true })
	}
	part := calendar.Weekday
	if fn == "month" {
		part = calendar.Month
	}
	if k == value.Date {
		return op1[int64, int64](func(d int64) (int64, bool) { return int64(part(d)), true })
	}
	return op1[int64, int64](func(t int64) (int64, bool) {
		return int64(part(calendar.DateOf(t, zone))), true
	})
}

// work is workdays(a, b), a whole number, and workhours(a, b), a duration or a number of hours.
// Moments count by their days for the one, dates from their beginning for the other.
func (c *Compiler) work(e *policy.Expr) operation {
	cal, zone := c.Calendars.For(e.Cal), c.Zone
	dates := e.Args[0].Type.Kind == value.Date
	if e.Fn == "workdays" {
		return op2[int64, int64, int64](func(a, b int64) (int64, bool) {
			if !dates {
				a, b = calendar.DateOf(a, zone), calendar.DateOf(b, zone)
			}
			return cal.Workdays(a, b), true
		})
	}
	micro := func(a, b int64) int64 {
		if dates {
			a, b = calendar.DayStart(a, zone), calendar.DayStart(b, zone)
		}
		return cal.Workhours(a, b, zone)
	}
	if e.Type.Kind == value.Duration {
		return op2[int64, int64, int64](func(a, b int64) (int64, bool) { return micro(a, b), true })
	}
	return op2[int64, int64, float64](func(a, b int64) (float64, bool) {
		return decimal.Ratio(micro(a, b), value.Hour)
	})
}

// age is now less a moment, or less the beginning of a date.
func (c *Compiler) age(e *policy.Expr) call {
	now := &policy.Expr{Op: policy.OpNow, Type: policy.Type{Kind: value.Time}, Span: e.Span}
	op := op2[int64, int64, int64](decimal.Sub)
	if e.Args[0].Type.Kind == value.Date {
		zone := c.Zone
		op = func(t, d int64) (int64, bool) { return decimal.Sub(t, calendar.DayStart(d, zone)) }
	}
	return call{"age", op, []*policy.Expr{now, e.Args[0]}}
}

// bucket parts subjects into n groups by their id and the rule's name, for good.
func (c *Compiler) bucket(e *policy.Expr) call {
	rule := c.Rule
	op := op2[int64, string, int64](func(n int64, id string) (int64, bool) {
		if n < 1 {
			return 0, false
		}
		return int64(mix(rule, id) % uint64(n)), true
	})
	return call{"bucket", op, []*policy.Expr{e.Args[0], subjectID()}}
}

// subjectID reads the id of whatever record is the subject: the first field of every type.
func subjectID() *policy.Expr {
	id := &policy.Field{Name: "id", Type: policy.Type{Kind: value.Text}, System: policy.SysID}
	id.Of = &policy.Record{Fields: []*policy.Field{id}}
	return &policy.Expr{Op: policy.OpField, Type: id.Type, Field: id,
		Args: []*policy.Expr{{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: id.Of}}}}
}

// mix is FNV-1a over both texts with a final mixing, so that the low bits are as good as the high.
func mix(a, b string) uint64 {
	h := uint64(14695981039346656037)
	for _, s := range [...]string{a, "\x00", b} {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
