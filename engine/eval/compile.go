package eval

import (
	"fmt"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/slots"
	"github.com/throughline/throughline/internal/calendar"
)

// Backend is what runs the strict pieces.
type Backend uint8

// The backends: the fast path, and the reference that tests run the whole engine on.
const (
	Closures Backend = iota
	VM
)

// Compiler turns the expressions of one policy into programs. It serves one engine.
type Compiler struct {
	Host      Host
	Zone      *time.Location
	Calendars *calendar.Set
	Externs   map[string]*Extern // by the full name of their declaration
	Backend   Backend
	Probe     Probe // nil: nobody asks

	// Ref gives the handle of a constant reference such as Rep("li").
	Ref func(r *policy.Record, id string) int64

	// Rule is the qualified name of the declaration that is compiled: what `bucket` mixes with the
	// subject's id. A computed field has its own.
	Rule string

	layouts  map[*policy.Record]*slots.Layout
	computed map[*policy.Field]any // programs of live computed fields, by class
}

// program is a compiled expression whose Go type is R: int64, float64, string or any by class.
//
// Functions that return programs are kept from being inlined: a program copied into its caller
// loses the inlining of what it calls itself, and runs at half the speed.
type program[R any] = func(*Env) (R, bool)

// Cond compiles an expression of Type Bool.
func (c *Compiler) Cond(e *policy.Expr) Cond {
	if c.Probe != nil {
		return c.watched(e, c.cond(e))
	}
	return c.cond(e)
}

func (c *Compiler) cond(e *policy.Expr) Cond {
	switch e.Op {
	case policy.OpAnd:
		return c.and(e.Args)
	case policy.OpOr:
		return or(c.conds(e.Args))
	case policy.OpNot:
		x := c.Cond(e.Args[0])
		return func(v *Env) value.Tri { return value.True - x(v) }
	case policy.OpHas:
		return c.has(e.Args[0])
	case policy.OpCoalesce:
		a, b := c.Cond(e.Args[0]), c.Cond(e.Args[1])
		return func(v *Env) value.Tri {
			if t := a(v); t != value.Unknown {
				return t
			}
			return b(v)
		}
	case policy.OpPick:
		return c.pickCond(e)
	case policy.OpConst:
		t := e.Const.Tri()
		return func(*Env) value.Tri { return t }
	}
	if isMissing(e) {
		x := c.has(e.Args[0])
		return func(v *Env) value.Tri { return value.True - x(v) }
	}
	return c.atom(e)
}

// atom compiles a condition that is not of the skeleton.
func (c *Compiler) atom(e *policy.Expr) Cond {
	switch {
	case isLeaf(e):
		if s, ok := c.slot(e); ok {
			return s.cond()
		}
		return truth(leaf[int64](c, e))
	case c.Backend == VM:
		return verdict(onVM[bool](c, e))
	}
	return c.guardedCond(e, c.strictCond(e))
}

// Int compiles an expression of a kind of class Word. A Bool gives 0 or 1.
func (c *Compiler) Int(e *policy.Expr) Int {
	if e.Type.Kind == value.Bool {
		x := c.Cond(e)
		return func(v *Env) (int64, bool) {
			t := x(v)
			return int64(t >> 1), t != value.Unknown
		}
	}
	return compile[int64](c, e)
}

// Num compiles an expression of a kind of class Float.
func (c *Compiler) Num(e *policy.Expr) Num { return compile[float64](c, e) }

// Str compiles an expression of Type Text.
func (c *Compiler) Str(e *policy.Expr) Str { return compile[string](c, e) }

// Any compiles an expression of a kind of class Wide.
func (c *Compiler) Any(e *policy.Expr) Any { return compile[any](c, e) }

// Value compiles any expression to a boxed value, for messages and receipts. A Ref is its handle.
func (c *Compiler) Value(e *policy.Expr) func(*Env) value.Value {
	k := e.Type.Kind
	switch k.Class() {
	case value.Word:
		x := c.Int(e)
		return func(v *Env) value.Value {
			n, ok := x(v)
			if !ok {
				return value.Value{}
			}
			return value.Value{Kind: k, N: n}
		}
	case value.Float:
		return box(c.Num(e), func(f float64) value.Value { return value.OfFloat(k, f) })
	case value.String:
		return box(c.Str(e), func(s string) value.Value { return value.Value{Kind: k, S: s} })
	case value.Wide:
		return box(c.Any(e), func(x any) value.Value { return value.Value{Kind: k, X: x} })
	}
	return func(*Env) value.Value { return value.Value{} }
}

//go:noinline
func box[R any](x program[R], put func(R) value.Value) func(*Env) value.Value {
	return func(v *Env) value.Value {
		r, ok := x(v)
		if !ok {
			return value.Value{}
		}
		return put(r)
	}
}

// compile compiles an expression that is not Bool. The tolerant operations are the skeleton's on
// either backend; leaves are read by the engine; only what is left is a strict piece.
func compile[R any](c *Compiler, e *policy.Expr) program[R] {
	if c.Probe != nil && e.Type.Kind != value.Bool && e.Op != policy.OpConst {
		return watching(c, e, unwatched[R](c, e))
	}
	return unwatched[R](c, e)
}

func unwatched[R any](c *Compiler, e *policy.Expr) program[R] {
	switch e.Op {
	case policy.OpConst:
		return constant[R](c, e)
	case policy.OpCoalesce:
		a, b := compile[R](c, e.Args[0]), compile[R](c, e.Args[1])
		return func(v *Env) (R, bool) {
			if r, ok := a(v); ok {
				return r, true
			}
			return b(v)
		}
	case policy.OpPick:
		return pick[R](c, e)
	case policy.OpTerm:
		return as[R](term(c.Cond(e.Args[0])))
	}
	switch {
	case isLeaf(e):
		return leaf[R](c, e)
	case c.Backend == VM:
		return onVM[R](c, e)
	}
	return guarded(c, e, strict[R](c, e))
}

// as returns a program as what the caller knows it to be; a wrong class is a fault of the checker.
func as[R any](p any) program[R] {
	x, ok := p.(program[R])
	if !ok {
		panic(fmt.Sprintf("eval: a program is %T where %T is wanted", p, x))
	}
	return x
}

// tolerant reports whether an operation belongs to the skeleton.
func tolerant(e *policy.Expr) bool {
	switch e.Op {
	case policy.OpAnd, policy.OpOr, policy.OpNot, policy.OpCoalesce, policy.OpHas, policy.OpPick,
		policy.OpTerm:
		return true
	}
	return isMissing(e)
}

// isMissing knows `missing(x)`, the one function that asks about unknown.
func isMissing(e *policy.Expr) bool { return e.Op == policy.OpCall && e.Fn == "missing" }

// isLeaf reports whether the engine reads the node's value instead of working it out. The words
// of a digest, {count} and {names}, and what a journey remembers are calls that only the engine can
// answer.
func isLeaf(e *policy.Expr) bool {
	switch e.Op {
	case policy.OpCall:
		switch e.Fn {
		case "count", "names", "time_in", "entered", "left":
			return true
		}
		return policy.TrustFunction(e.Fn) || e.Figure()
	case policy.OpSelf, policy.OpRow, policy.OpCandidate, policy.OpNow, policy.OpField,
		policy.OpScore, policy.OpTier, policy.OpAggregate, policy.OpRank, policy.OpLink,
		policy.OpDone, policy.OpCompleted:
		return true
	}
	return false
}

// constant is a literal. A reference becomes a handle when the plan is made.
//
//go:noinline
func constant[R any](c *Compiler, e *policy.Expr) program[R] {
	r, ok := literal[R](c, e)
	return func(*Env) (R, bool) { return r, ok }
}

func literal[R any](c *Compiler, e *policy.Expr) (R, bool) {
	var r R
	k := e.Const
	if !k.Known() {
		return r, false
	}
	if k.Kind == value.Ref && c.Ref != nil {
		k.N = c.Ref(e.Type.Record, k.S)
	}
	switch p := any(&r).(type) {
	case *int64:
		*p = k.N
	case *float64:
		*p = k.Float()
	case *string:
		*p = k.S
	case *any:
		*p = k.X
	}
	return r, true
}
