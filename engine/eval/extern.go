package eval

import (
	"fmt"
	"reflect"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// Extern is a function of the embedding program. Go is a pure function of int64, float64, string,
// bool, *value.Place, *value.Region, *value.Media or []value.Value by the kinds that the policy
// declares, with one result of such a type, or two: the second false says missing.
type Extern struct {
	Name string // full name of the declaration
	Go   any
}

// Fault is what the embedding program's function did instead of answering. It is panicked with,
// not returned: the record that led there is set aside by whoever feeds the engine. The Env may be
// left standing on another subject.
type Fault struct {
	Extern string
	Panic  any
}

// Error says which function failed and how.
func (f *Fault) Error() string { return fmt.Sprintf("extern %s: %v", f.Extern, f.Panic) }

// Fits reports how the Go function differs from its declaration, or nil.
func (x *Extern) Fits(p *policy.Extern) error {
	t := reflect.TypeOf(x.Go)
	if t == nil || t.Kind() != reflect.Func || t.IsVariadic() {
		return fmt.Errorf("extern %s is %v, not a function of fixed arguments", x.Name, t)
	}
	if t.NumIn() != len(p.Params) {
		return fmt.Errorf("extern %s takes %d arguments, the policy gives %d",
			x.Name, t.NumIn(), len(p.Params))
	}
	for i, in := range p.Params {
		if want := goType(in.Kind); t.In(i) != want {
			return fmt.Errorf("extern %s: argument %d is %v, the policy gives %v",
				x.Name, i+1, t.In(i), want)
		}
	}
	answers := t.NumOut() == 1 || t.NumOut() == 2 && t.Out(1).Kind() == reflect.Bool
	if want := goType(p.Result.Kind); !answers || t.Out(0) != want {
		return fmt.Errorf("extern %s must answer %v, or that and a bool", x.Name, want)
	}
	return nil
}

// goType is the Go type that values of a kind have in functions of the embedding program.
func goType(k value.Kind) reflect.Type {
	switch k {
	case value.Bool:
		return reflect.TypeFor[bool]()
	case value.Text:
		return reflect.TypeFor[string]()
	case value.Point:
		return reflect.TypeFor[*value.Place]()
	case value.Area:
		return reflect.TypeFor[*value.Region]()
	case value.Photo, value.Audio, value.File:
		return reflect.TypeFor[*value.Media]()
	case value.List, value.Row:
		return reflect.TypeFor[[]value.Value]()
	}
	if k.Class() == value.Float {
		return reflect.TypeFor[float64]()
	}
	return reflect.TypeFor[int64]()
}

// extern compiles a call. The usual signatures are typed operations like our own; any other is
// called by reflection.
func (c *Compiler) extern(e *policy.Expr) operation {
	x := c.Externs[e.Fn]
	if x == nil {
		panic("eval: no extern " + e.Fn)
	}
	switch f := x.Go.(type) {
	case func(string) float64:
		return sure1(x, f)
	case func(string) int64:
		return sure1(x, f)
	case func(string) bool:
		return sure1(x, f)
	case func(string) string:
		return sure1(x, f)
	case func(float64) float64:
		return sure1(x, f)
	case func(int64) int64:
		return sure1(x, f)
	case func(int64) float64:
		return sure1(x, f)
	case func(string, int64) float64:
		return sure2(x, f)
	case func(string, int64) int64:
		return sure2(x, f)
	case func(string, string) float64:
		return sure2(x, f)
	case func(string, string) bool:
		return sure2(x, f)
	case func(float64, float64) float64:
		return sure2(x, f)
	case func(int64, int64) int64:
		return sure2(x, f)
	}
	return reflected{x: x, result: e.Type.Kind}
}

// sure1 is a function of one argument whose panic is a fault.
//
//go:noinline
func sure1[A, R any](x *Extern, f func(A) R) operation {
	return op1[A, R](func(a A) (r R, ok bool) {
		defer x.fault()
		return answer(f(a))
	})
}

//go:noinline
func sure2[A, B, R any](x *Extern, f func(A, B) R) operation {
	return op2[A, B, R](func(a A, b B) (r R, ok bool) {
		defer x.fault()
		return answer(f(a, b))
	})
}

// fault turns a panic into a Fault; it must be deferred itself.
func (x *Extern) fault() {
	if p := recover(); p != nil {
		panic(&Fault{Extern: x.Name, Panic: p})
	}
}

// answer keeps what is no number out of the engine.
func answer[R any](r R) (R, bool) {
	if f, ok := any(r).(float64); ok {
		_, ok = finite(f)
		return r, ok
	}
	return r, true
}

// reflected is an extern of an unusual signature.
type reflected struct {
	x      *Extern
	result value.Kind
}

func (f reflected) closure(c *Compiler, args []*policy.Expr) any {
	x := make([]func(*Env) value.Value, len(args))
	for i, a := range args {
		x[i] = c.Value(a)
	}
	all := func(v *Env) (value.Value, bool) {
		in := make([]any, len(x))
		for i, g := range x {
			b := g(v)
			if !b.Known() {
				return b, false
			}
			in[i] = unbox(b)
		}
		out, err := f.boxed(in...)
		if err != nil {
			return value.Value{}, false
		}
		return rebox(f.result, out), true
	}
	switch f.result.Class() {
	case value.Float:
		return reopened[float64](all)
	case value.String:
		return reopened[string](all)
	case value.Wide:
		return reopened[any](all)
	}
	if f.result == value.Bool {
		return program[bool](func(v *Env) (bool, bool) {
			b, ok := all(v)
			return b.N != 0, ok
		})
	}
	return reopened[int64](all)
}

func reopened[R any](x func(*Env) (value.Value, bool)) program[R] {
	return func(v *Env) (r R, ok bool) {
		b, ok := x(v)
		if !ok {
			return r, false
		}
		return open[R](b)
	}
}

// unbox is a value as functions of the embedding program take it.
func unbox(b value.Value) any {
	switch b.Kind.Class() {
	case value.Float:
		return b.Float()
	case value.String:
		return b.S
	case value.Wide:
		return b.X
	}
	if b.Kind == value.Bool {
		return b.N != 0
	}
	return b.N
}

func (f reflected) boxed(p ...any) (any, error) {
	defer f.x.fault()
	in := make([]reflect.Value, len(p))
	for i, a := range p {
		in[i] = reflect.ValueOf(a)
	}
	out := reflect.ValueOf(f.x.Go).Call(in)
	if len(out) == 2 && !out[1].Bool() {
		return nil, errMissing
	}
	r := out[0].Interface()
	if n, ok := r.(float64); ok {
		return result(finite(n))
	}
	return r, nil
}

func (f reflected) signature() any {
	t := reflect.TypeOf(f.x.Go)
	var in []reflect.Type
	for i := range t.NumIn() {
		in = append(in, widened(t.In(i)))
	}
	out := []reflect.Type{widened(t.Out(0))}
	return reflect.New(reflect.FuncOf(in, out, false)).Interface()
}

// widened is the type a slot of the VM has: wide values are all any.
func widened(t reflect.Type) reflect.Type {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return reflect.TypeFor[any]()
	}
	return t
}
