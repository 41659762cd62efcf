package eval

import (
	"errors"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// errMissing is how an operation without a result leaves the VM; the caller reads it as missing.
// Every other error of the VM is a fault.
var errMissing = errors.New("missing")

// operation is one strict operation: a Go function of Go types that both backends call. Its last
// result is false where the language says missing: ÷ 0, overflow, a root of a negative number.
type operation interface {
	closure(c *Compiler, args []*policy.Expr) any // a program of the function's result
	boxed(args ...any) (any, error)               // the same for the VM
	signature() any                               // a pointer to its func type without the bool
}

type (
	op1[A, R any]       func(A) (R, bool)
	op2[A, B, R any]    func(A, B) (R, bool)
	op3[A, B, C, R any] func(A, B, C) (R, bool)
)

func (f op1[A, R]) closure(c *Compiler, args []*policy.Expr) any {
	a := argument[A](c, args[0])
	return program[R](func(v *Env) (r R, ok bool) {
		x, ok := a(v)
		if !ok {
			return r, false
		}
		return f(x)
	})
}

func (f op2[A, B, R]) closure(c *Compiler, args []*policy.Expr) any {
	a, b := argument[A](c, args[0]), argument[B](c, args[1])
	if args[1].Op == policy.OpConst {
		if y, ok := b(nil); ok {
			return f.with(a, y)
		}
	}
	return program[R](func(v *Env) (r R, ok bool) {
		x, ok := a(v)
		if !ok {
			return r, false
		}
		y, ok := b(v)
		if !ok {
			return r, false
		}
		return f(x, y)
	})
}

// with is the closure for a constant second argument, which saves the call that would read it.
//
//go:noinline
func (f op2[A, B, R]) with(a program[A], y B) any {
	return program[R](func(v *Env) (r R, ok bool) {
		x, ok := a(v)
		if !ok {
			return r, false
		}
		return f(x, y)
	})
}

func (f op3[A, B, C, R]) closure(c *Compiler, args []*policy.Expr) any {
	a1, a2, a3 := argument[A](c, args[0]), argument[B](c, args[1]), argument[C](c, args[2])
	return program[R](func(v *Env) (r R, ok bool) {
		x, ok := a1(v)
		if !ok {
			return r, false
		}
		y, ok := a2(v)
		if !ok {
			return r, false
		}
		z, ok := a3(v)
		if !ok {
			return r, false
		}
		return f(x, y, z)
	})
}

func (f op1[A, R]) boxed(p ...any) (any, error) { return result(f(p[0].(A))) }

func (f op2[A, B, R]) boxed(p ...any) (any, error) { return result(f(p[0].(A), p[1].(B))) }

func (f op3[A, B, C, R]) boxed(p ...any) (any, error) {
	return result(f(p[0].(A), p[1].(B), p[2].(C)))
}

func (f op1[A, R]) signature() any       { return new(func(A) R) }
func (f op2[A, B, R]) signature() any    { return new(func(A, B) R) }
func (f op3[A, B, C, R]) signature() any { return new(func(A, B, C) R) }

func result[R any](r R, ok bool) (any, error) {
	if !ok {
		return nil, errMissing
	}
	return r, nil
}

// argument compiles one argument of a strict operation as part of the same piece.
func argument[A any](c *Compiler, e *policy.Expr) program[A] {
	if e.Type.Kind == value.Bool {
		x := c.Cond(e)
		if p, ok := any(program[bool](func(v *Env) (bool, bool) {
			t := x(v)
			return t == value.True, t != value.Unknown
		})).(program[A]); ok {
			return p
		}
		return as[A](program[int64](c.Int(e)))
	}
	return compile[A](c, e)
}

// strict compiles a strict operation to a closure.
func strict[R any](c *Compiler, e *policy.Expr) program[R] {
	if f, ok := c.flatten(e); ok {
		return as[R](f.program(e.Type.Kind.Class()))
	}
	s := c.operation(e)
	return as[R](s.op.closure(c, s.args))
}

// call is an operation with the arguments it takes: fewer than the node's where a constant is
// part of the operation, such as a pattern.
type call struct {
	name string
	op   operation
	args []*policy.Expr
}
