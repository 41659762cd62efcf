package engine

import (
	"math"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/eval"
)

// boundary yields the next moment after env.Now at which a condition may change by time alone:
// a record enters or leaves a window, a period begins, an age passes its limit.
type boundary func(*eval.Env) (int64, bool)

// boundaries finds every place in a condition that time alone can change.
func (e *Engine) boundaries(x *policy.Expr) []boundary {
	if x == nil {
		return nil
	}
	var out []boundary
	switch x.Op {
	case policy.OpCall:
		if x.Figure() {
			return append(out, e.figureBoundary())
		}
	case policy.OpCompleted:
		return append(out, e.completionBoundary(x))
	case policy.OpAggregate:
		if x.Agg.List != nil {
			break
		}
		out = append(e.boundaries(x.Agg.Of), e.boundaries(x.Agg.Window.T)...)
		return append(out, e.windowBoundary(x.Agg))
	case policy.OpEq, policy.OpNe, policy.OpLt, policy.OpLe, policy.OpGt, policy.OpGe:
		if b := e.countBoundary(x); b != nil {
			return []boundary{b}
		}
		out = append(out, e.crossing(x.Args[0], x.Args[1])...)
	case policy.OpBetween:
		out = append(out, e.crossing(x.Args[0], x.Args[1])...)
		out = append(out, e.crossing(x.Args[0], x.Args[2])...)
	case policy.OpNear:
		out = append(out, e.near(x)...)
	case policy.OpField:
		if f := x.Field; f.Compute != nil && f.Of.Kind == policy.Entity {
			out = e.elsewhere(x.Args[0], e.boundaries(f.Compute))
		}
	case policy.OpScore:
		if x.Score.Of.Kind == policy.Entity {
			for _, t := range x.Score.Terms {
				out = append(out, e.elsewhere(x.Args[0], e.boundaries(t.X))...)
			}
		}
	}
	for _, a := range x.Args {
		out = append(out, e.boundaries(a)...)
	}
	return out
}

// elsewhere evaluates boundaries with Self moved to the record that of leads to.
func (e *Engine) elsewhere(of *policy.Expr, in []boundary) []boundary {
	if of.Op == policy.OpSelf || len(in) == 0 {
		return in
	}
	to, rec := e.comp.Int(of), of.Type.Record
	out := make([]boundary, len(in))
	for i, b := range in {
		out[i] = func(env *eval.Env) (int64, bool) {
			h, ok := to(env)
			if !ok {
				return 0, false
			}
			self, ref := env.Self, env.SelfRef
			env.Self, env.SelfRef = env.Tables[rec.Index][h], h
			at, ok := b(env)
			env.Self, env.SelfRef = self, ref
			return at, ok
		}
	}
	return out
}

func (e *Engine) windowBoundary(a *policy.Aggregate) boundary {
	r := host{e}.reader(a)
	return func(env *eval.Env) (int64, bool) {
		s, t, ok := r.rows(env)
		if !ok {
			return 0, false
		}
		next, ok := r.s.plan.Next(s, r.spec, env.Now)
		if r.t == nil {
			return next, ok
		}
		// Until t the window is missing, and until its end too; both are moments of change.
		for _, m := range [...]int64{t, t + a.Window.D} {
			if m > env.Now && (!ok || m < next) {
				next, ok = m, true
			}
		}
		return next, ok
	}
}

// countBoundary is the moment at which a comparison of a number of records in a sliding window with
// a number that time leaves alone changes. Time only takes records out of such a window, so that
// is when as many have left as the comparison bears; it is nil where x is something else.
func (e *Engine) countBoundary(x *policy.Expr) boundary {
	left, right, op := x.Args[0], x.Args[1], x.Op
	if rowCount(right) {
		left, right, op = right, left, mirrored[op]
	}
	if !rowCount(left) || right.Type.Kind != value.Int || readsNow(right) ||
		len(e.boundaries(right)) > 0 {
		return nil
	}
	r, limit := host{e}.reader(left.Agg), e.comp.Int(right)
	return func(env *eval.Env) (int64, bool) {
		s, _, ok := r.rows(env)
		k, ok2 := limit(env)
		if !ok || !ok2 {
			return 0, false
		}
		return r.s.plan.Falls(s, r.spec, env.Now, func(n int64) int64 { return bears(op, n, k) })
	}
}

// rowCount reports whether an expression is a number of records in a sliding window of the subject.
func rowCount(x *policy.Expr) bool {
	return x.Op == policy.OpAggregate && x.Agg.List == nil && x.Agg.Of == nil &&
		x.Agg.Fn == policy.Count && x.Agg.Window.Kind == policy.Sliding
}

// bears is how far n may fall before its comparison with k changes; -1: as far as it can.
func bears(op policy.Op, n, k int64) int64 {
	switch op {
	case policy.OpGt, policy.OpLe: // changes between k+1 and k
		k++
	case policy.OpEq, policy.OpNe: // and once more between k and k-1
		if n > k {
			k++
		}
	}
	if n < k {
		return -1
	}
	return n - k
}

// mirrored is the comparison with its sides changed.
var mirrored = map[policy.Op]policy.Op{policy.OpEq: policy.OpEq, policy.OpNe: policy.OpNe,
	policy.OpLt: policy.OpGt, policy.OpGt: policy.OpLt, policy.OpLe: policy.OpGe,
	policy.OpGe: policy.OpLe}

// linear is an expression of the form (sign × now + rest) ÷ scale.
type linear struct {
	sign  int64
	rest  eval.Int // microseconds; nil: 0
	scale int64
}

// linear reads an expression as linear in now; ok is false where it is not.
func (e *Engine) linear(x *policy.Expr) (l linear, ok bool) {
	switch {
	case x.Op == policy.OpNow:
		return linear{sign: 1, scale: 1}, true
	case !readsNow(x):
		return e.timeFree(x)
	case x.Op == policy.OpCall && x.Fn == "age":
		l, ok = e.linear(x.Args[0])
		return linear{sign: 1 - l.sign, rest: negated(l.rest), scale: 1}, ok
	case x.Op == policy.OpCall && x.Fn == "time_in":
		return e.staying(x), true
	case x.Op == policy.OpCall && scales[x.Fn] != 0:
		l, ok = e.linear(x.Args[0])
		l.scale *= scales[x.Fn]
		return l, ok
	case x.Op == policy.OpAdd || x.Op == policy.OpSub:
		a, ok := e.linear(x.Args[0])
		b, ok2 := e.linear(x.Args[1])
		if !ok || !ok2 || a.scale != 1 || b.scale != 1 {
			return l, false
		}
		if x.Op == policy.OpSub {
			b.sign, b.rest = -b.sign, negated(b.rest)
		}
		return linear{sign: a.sign + b.sign, rest: added(a.rest, b.rest), scale: 1}, true
	case x.Op == policy.OpFloat || x.Op == policy.OpDateStart:
		return e.linear(x.Args[0])
	case live(x):
		l, ok = e.linear(x.Field.Compute)
		l.rest = e.moved(x.Args[0], l.rest)
		return l, ok
	}
	return l, false
}

// live reports whether an expression is a computed field of an entity.
func live(x *policy.Expr) bool {
	return x.Op == policy.OpField && x.Field.Compute != nil && x.Field.Of.Kind == policy.Entity
}

// moved evaluates with Self moved to the record that of leads to.
func (e *Engine) moved(of *policy.Expr, f eval.Int) eval.Int {
	if of.Op == policy.OpSelf || f == nil {
		return f
	}
	to, rec := e.comp.Int(of), of.Type.Record
	return func(env *eval.Env) (int64, bool) {
		h, ok := to(env)
		if !ok {
			return 0, false
		}
		self, ref := env.Self, env.SelfRef
		env.Self, env.SelfRef = env.Tables[rec.Index][h], h
		v, ok := f(env)
		env.Self, env.SelfRef = self, ref
		return v, ok
	}
}

var scales = map[string]int64{"days": value.Day, "hours": value.Hour, "minutes": value.Minute}

// timeFree is an expression without now: moments and durations as they are, numbers still to be
// multiplied by the other side's scale.
func (e *Engine) timeFree(x *policy.Expr) (linear, bool) {
	switch x.Type.Kind {
	case value.Time, value.Duration:
		return linear{rest: e.comp.Int(x), scale: 1}, true
	}
	return linear{}, false
}

func readsNow(x *policy.Expr) bool {
	if x.Op == policy.OpNow || x.Op == policy.OpCall && (x.Fn == "age" || x.Fn == "time_in") {
		return true
	}
	if live(x) {
		return readsNow(x.Field.Compute)
	}
	for _, a := range x.Args {
		if readsNow(a) {
			return true
		}
	}
	return false
}

func negated(f eval.Int) eval.Int {
	if f == nil {
		return nil
	}
	return func(env *eval.Env) (int64, bool) { v, ok := f(env); return -v, ok }
}

func added(f, g eval.Int) eval.Int {
	switch {
	case f == nil:
		return g
	case g == nil:
		return f
	}
	return func(env *eval.Env) (int64, bool) {
		a, ok := f(env)
		b, ok2 := g(env)
		return a + b, ok && ok2
	}
}

// crossing yields the moments around which `a ⋈ b` can change: where both sides are equal, and
// the microsecond after, because a strict comparison changes only then.
func (e *Engine) crossing(a, b *policy.Expr) []boundary {
	if readsNow(b) && !readsNow(a) {
		a, b = b, a
	}
	if !readsNow(a) {
		return nil
	}
	l, ok := e.linear(a)
	if !ok {
		return nil
	}
	if l.scale != 1 {
		return e.crossingScaled(l, b)
	}
	r, ok := e.linear(b)
	if !ok {
		return nil
	}
	sign := l.sign - r.sign
	rest := added(negated(l.rest), r.rest)
	return solve(sign, rest, 0)
}

// crossingScaled compares (sign × now + rest) ÷ scale with a number.
func (e *Engine) crossingScaled(l linear, b *policy.Expr) []boundary {
	if readsNow(b) || b.Type.Kind != value.Number && b.Type.Kind != value.Int {
		return nil
	}
	var num eval.Num
	if b.Type.Kind == value.Int {
		n := e.comp.Int(b)
		num = func(env *eval.Env) (float64, bool) { v, ok := n(env); return float64(v), ok }
	} else {
		num = e.comp.Num(b)
	}
	right := func(env *eval.Env) (int64, bool) {
		v, ok := num(env)
		v *= float64(l.scale)
		if !ok || math.Abs(v) > 1<<62 {
			return 0, false
		}
		return int64(math.Round(v)), true
	}
	// The quotient is rounded: it may cross the number a microsecond before or after.
	return solve(l.sign, added(negated(l.rest), right), 1)
}

// solve yields the moment where sign × now = rest, give or take some microseconds, and the one
// after.
func solve(sign int64, rest eval.Int, slack int64) []boundary {
	if sign != 1 && sign != -1 || rest == nil {
		return nil
	}
	return []boundary{func(env *eval.Env) (int64, bool) {
		m, ok := rest(env)
		m = m*sign - slack
		switch {
		case !ok || m+2*slack < env.Now:
			return 0, false
		case m > env.Now:
			return m, true
		}
		return env.Now + 1, true
	}}
}

// near yields both ends of `a within 10min of b` for moments.
func (e *Engine) near(x *policy.Expr) []boundary {
	if x.Args[0].Type.Kind != value.Time || !readsNow(x.Args[0]) && !readsNow(x.Args[2]) {
		return nil
	}
	a, ok := e.linear(x.Args[0])
	b, ok2 := e.linear(x.Args[2])
	if !ok || !ok2 {
		return nil
	}
	d := e.comp.Int(x.Args[1])
	sign, rest := a.sign-b.sign, added(negated(a.rest), b.rest)
	return append(solve(sign, added(rest, d), 0), solve(sign, added(rest, negated(d)), 0)...)
}
