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
	at, ok := new(looked).undated(x)
	if !ok {
		c.tell(source.NeedsCheckEach, at)
	}
	return ok
}

// looked are the computed fields and scores that were looked into, each once: they may read each
// other in a circle, which is told when all of them are checked.
type looked map[any]bool

func (l *looked) first(at any) bool {
	if (*l)[at] {
		return false
	}
	if *l == nil {
		*l = looked{}
	}
	(*l)[at] = true
	return true
}

// undated finds a use of time that cannot be dated.
func (l *looked) undated(x *policy.Expr) (source.Span, bool) {
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
		if f := x.Field; f.Compute != nil && f.Of.Kind == policy.Entity && l.first(f) {
			if _, ok := l.undated(f.Compute); !ok {
				return x.Span, false
			}
		}
	case policy.OpScore:
		if x.Score.Of.Kind == policy.Entity && l.first(x.Score) {
			for _, t := range x.Score.Terms {
				if _, ok := l.undated(t.X); !ok {
					return x.Span, false
				}
			}
		}
	case policy.OpAggregate:
		return l.undated(x.Agg.Of)
	}
	for _, a := range x.Args {
		if at, ok := l.undated(a); !ok {
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
func readsClock(x *policy.Expr) bool { return new(looked).clock(x) }

func (l *looked) clock(x *policy.Expr) bool {
	if x == nil {
		return false
	}
	switch {
	case x.Op == policy.OpNow, x.Op == policy.OpCall && (x.Fn == "age" || x.Fn == "time_in"):
		return true
	case x.Op == policy.OpField && x.Field.Compute != nil && x.Field.Of.Kind == policy.Entity:
		if l.first(x.Field) && l.clock(x.Field.Compute) {
			return true
		}
	case x.Op == policy.OpScore && x.Score.Of.Kind == policy.Entity && l.first(x.Score):
		for _, t := range x.Score.Terms {
			if l.clock(t.X) {
				return true
			}
		}
	}
	for _, a := range x.Args {
		if l.clock(a) {
			return true
		}
	}
	return false
}
