package dsl

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// dated reports a condition that is watched at every moment and whose next change cannot be dated
// (reference, section 4, what may be watched): `now` and age(t) may only stand beside something
// free of time. It says whether the condition is fine.
func (c *checker) dated(x *policy.Expr) bool {
	at, ok := undated(x)
	if !ok {
		c.tell(source.NeedsCheckEach, at)
	}
	return ok
}

// undated finds a use of time that cannot be dated.
func undated(x *policy.Expr) (source.Span, bool) {
	if x == nil {
		return source.Span{}, true
	}
	switch x.Op {
	case policy.OpEq, policy.OpNe, policy.OpLt, policy.OpLe, policy.OpGt, policy.OpGe:
		if beside(x.Args[0], x.Args[1]) {
			return source.Span{}, true
		}
	case policy.OpBetween:
		if beside(x.Args[0], x.Args[1]) && beside(x.Args[0], x.Args[2]) {
			return source.Span{}, true
		}
	case policy.OpNear:
		if beside(x.Args[0], x.Args[2]) && !readsClock(x.Args[1]) {
			return source.Span{}, true
		}
	case policy.OpHas:
		return source.Span{}, true
	case policy.OpNow:
		return x.Span, false
	case policy.OpCall:
		switch x.Fn {
		case "age", "time_in":
			return x.Span, false
		case "missing":
			return source.Span{}, true
		}
	case policy.OpField:
		if f := x.Field; f.Compute != nil && f.Of.Kind == policy.Entity {
			if _, ok := undated(f.Compute); !ok {
				return x.Span, false
			}
		}
	case policy.OpScore:
		if x.Score.Of.Kind == policy.Entity {
			for _, t := range x.Score.Terms {
				if _, ok := undated(t.X); !ok {
					return x.Span, false
				}
			}
		}
	case policy.OpAggregate:
		return undated(x.Agg.Of)
	}
	for _, a := range x.Args {
		if at, ok := undated(a); !ok {
			return at, false
		}
	}
	return source.Span{}, true
}

// beside reports whether one side is now or an age, and the other is free of time; or both are.
func beside(a, b *policy.Expr) bool {
	ra, rb := readsClock(a), readsClock(b)
	switch {
	case ra && rb:
		return false
	case ra:
		return linear(a)
	case rb:
		return linear(b)
	}
	return true
}

// linear reports whether an expression is now or an age, moved and measured.
func linear(x *policy.Expr) bool {
	switch x.Op {
	case policy.OpNow:
		return true
	case policy.OpFloat, policy.OpDateStart:
		return linear(x.Args[0])
	case policy.OpAdd, policy.OpSub:
		a, b := x.Args[0], x.Args[1]
		switch {
		case x.Type.Kind != value.Time && x.Type.Kind != value.Duration:
			return false
		case readsClock(a) && readsClock(b):
			return false
		case readsClock(a):
			return linear(a)
		}
		return linear(b)
	case policy.OpCall:
		switch x.Fn {
		case "time_in":
			return true
		case "age":
			return !readsClock(x.Args[0])
		case "days", "hours", "minutes":
			return linear(x.Args[0])
		}
	}
	return false
}

// readsClock reports whether an expression, or a live computed field or score in it, depends on now
// otherwise than through windows.
func readsClock(x *policy.Expr) bool {
	if x == nil {
		return false
	}
	switch {
	case x.Op == policy.OpNow, x.Op == policy.OpCall && (x.Fn == "age" || x.Fn == "time_in"):
		return true
	case x.Op == policy.OpField && x.Field.Compute != nil && x.Field.Of.Kind == policy.Entity:
		if readsClock(x.Field.Compute) {
			return true
		}
	case x.Op == policy.OpScore && x.Score.Of.Kind == policy.Entity:
		for _, t := range x.Score.Terms {
			if readsClock(t.X) {
				return true
			}
		}
	}
	for _, a := range x.Args {
		if readsClock(a) {
			return true
		}
	}
	return false
}
