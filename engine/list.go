package engine

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/slots"
	"github.com/throughline/throughline/engine/window"
)

// listLeaf reads an aggregate over a list field. The elements are rows of a window that is for
// ever, so lists and streams are counted by one piece of code.
func (e *Engine) listLeaf(a *policy.Aggregate) eval.Leaf {
	s := &stream{atField: -1}
	elem := *a.List.Type.Elem
	self := &policy.Expr{Op: policy.OpRow, Type: elem}
	own := *a
	own.Window = policy.Window{}
	if own.Value == nil && elem.Kind != value.Row {
		own.Value = self
	}
	spec := s.addSpec(&own, 0)
	l := &listReader{e: e, s: s, list: e.comp.Any(a.List), row: elem.Kind == value.Row}
	if l.row {
		l.layout = slots.For(elem.Record)
	}
	cols := make([]window.Col, len(s.cols))
	for i := range s.cols {
		c := &s.cols[i]
		cols[i].Kind = c.kind
		switch {
		case c.id:
		case c.expr == self:
			l.plain = i + 1
		case c.kind == value.Bool && c.key[0] == '?':
			c.cond = e.comp.Cond(c.expr)
		default:
			c.leaf = e.leaf(c.expr)
		}
	}
	s.plan = window.New(cols, s.specs, e.zone)
	l.distinct = a.Fn == policy.Distinct && l.plain > 0 && a.Where == nil && len(s.cols) == 1
	return l.leaf(spec, a.Type.Kind.Class())
}

// listReader counts the elements of a list.
type listReader struct {
	e      *Engine
	s      *stream
	list   eval.Any
	row    bool
	layout *slots.Layout
	plain  int // the column that is the element itself, counted from 1

	distinct bool // that alone is asked for, of elements that are no rows
}

// fewElements is up to how many elements are compared with each other.
const fewElements = 32

// unlike counts the distinct elements of a short list without a series; false where that does not
// do: it is long, or something else is asked for.
func (l *listReader) unlike(env *eval.Env) (n int64, known, ok bool) {
	if !l.distinct {
		return 0, false, false
	}
	x, known := l.list(env)
	list, _ := x.([]value.Value)
	if !known || len(list) > fewElements {
		return 0, false, !known
	}
	for i := range list {
		first := list[i].Known()
		for k := 0; first && k < i; k++ {
			first = list[k].N != list[i].N || list[k].S != list[i].S || !list[k].Known()
		}
		if first {
			n++
		}
	}
	return n, true, true
}

// rows puts the elements into a series, in their order.
func (l *listReader) rows(env *eval.Env) (*window.Series, bool) {
	x, ok := l.list(env)
	if !ok {
		return nil, false
	}
	var out window.Series
	row, ref := env.Row, env.RowRef
	for i, v := range x.([]value.Value) {
		r := window.Row{At: env.Now, Seq: uint64(i)}
		if l.row {
			env.Row, env.RowRef = l.unpack(v), -1
		}
		l.s.fill(env, "", &r)
		if l.plain > 0 {
			l.put(&r, v)
		}
		l.s.plan.Insert(&out, &r, env.Now)
	}
	env.Row, env.RowRef = row, ref
	return &out, true
}

func (l *listReader) unpack(v value.Value) *slots.Slots {
	s := l.layout.New()
	for i, x := range v.X.([]value.Value) {
		l.layout.Put(&s, i, x)
	}
	return &s
}

func (l *listReader) put(r *window.Row, v value.Value) {
	i := l.plain - 1
	if !v.Known() {
		return
	}
	r.Known |= 1 << i
	r.N[i], r.S[i] = v.N, v.S
}

func (l *listReader) leaf(spec int, c value.Class) eval.Leaf {
	p := l.s.plan
	switch c {
	case value.Word:
		return eval.Leaf{Int: func(env *eval.Env) (int64, bool) {
			if n, known, done := l.unlike(env); done {
				return n, known
			}
			s, ok := l.rows(env)
			if !ok {
				return 0, false
			}
			return p.Int(s, spec, env.Now, 0)
		}}
	case value.Float:
		return eval.Leaf{Num: func(env *eval.Env) (float64, bool) {
			s, ok := l.rows(env)
			if !ok {
				return 0, false
			}
			return p.Num(s, spec, env.Now, 0)
		}}
	case value.String:
		return eval.Leaf{Str: func(env *eval.Env) (string, bool) {
			s, ok := l.rows(env)
			if !ok {
				return "", false
			}
			return p.Str(s, spec, env.Now, 0)
		}}
	}
	return eval.Leaf{Any: func(env *eval.Env) (any, bool) {
		s, ok := l.rows(env)
		if !ok {
			return nil, false
		}
		return p.List(s, spec, env.Now, 0)
	}}
}
