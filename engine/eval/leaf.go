package eval

import (
	"math"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/slots"
)

// base is which of the environment's records a slot belongs to.
type base uint8

const (
	self base = iota
	row
	cand
)

func (b base) slots(v *Env) *slots.Slots {
	switch b {
	case row:
		return v.Row
	case cand:
		return v.Cand
	}
	return v.Self
}

func (b base) ref(v *Env) int64 {
	switch b {
	case row:
		return v.RowRef
	case cand:
		return v.CandRef
	}
	return v.SelfRef
}

// baseOf knows the nodes that stand for a record of the environment.
func baseOf(op policy.Op) (base, bool) {
	switch op {
	case policy.OpSelf:
		return self, true
	case policy.OpRow:
		return row, true
	case policy.OpCandidate:
		return cand, true
	}
	return 0, false
}

// slot is where a stored field of a record of the environment is kept.
type slot struct {
	base base
	word int32 // of Known
	mask uint64
	pos  int32
}

// slot returns the place of a field that is read directly; it is what conditions are fused over.
func (c *Compiler) slot(e *policy.Expr) (slot, bool) {
	if e.Op != policy.OpField {
		return slot{}, false
	}
	b, ok := baseOf(e.Args[0].Op)
	if !ok {
		return slot{}, false
	}
	s := c.place(e.Field)
	s.base = b
	return s, s.pos >= 0
}

// place is where a field is kept in its record's slots; live computed fields are not: pos is -1.
func (c *Compiler) place(f *policy.Field) slot {
	return slot{word: int32(f.Index >> 6), mask: 1 << (f.Index & 63), pos: c.layout(f.Of).Pos[f.Index]}
}

func (c *Compiler) layout(r *policy.Record) *slots.Layout {
	l := c.layouts[r]
	if l == nil {
		if c.layouts == nil {
			c.layouts = map[*policy.Record]*slots.Layout{}
		}
		l = slots.For(r)
		c.layouts[r] = l
	}
	return l
}

func (s slot) known(x *slots.Slots) bool { return x.Known[s.word]&s.mask != 0 }

// program reads the slot of a record of the environment.
//
//go:noinline
func (s slot) program(class value.Class) any {
	switch class {
	case value.Float:
		return program[float64](func(v *Env) (float64, bool) {
			x := s.base.slots(v)
			return math.Float64frombits(uint64(x.N[s.pos])), s.known(x)
		})
	case value.String:
		return program[string](func(v *Env) (r string, ok bool) {
			if x := s.base.slots(v); s.known(x) {
				return x.S[s.pos], true
			}
			return "", false
		})
	case value.Wide:
		return program[any](func(v *Env) (any, bool) {
			if x := s.base.slots(v); s.known(x) {
				return x.X[s.pos], true
			}
			return nil, false
		})
	}
	return program[int64](func(v *Env) (int64, bool) {
		x := s.base.slots(v)
		return x.N[s.pos], s.known(x)
	})
}

// of reads the slot of a record that a reference leads to. Handles of no record are missing.
//
//go:noinline
func (s slot) of(class value.Class, at record) any {
	switch class {
	case value.Float:
		return program[float64](func(v *Env) (float64, bool) {
			x := at(v)
			if x == nil || !s.known(x) {
				return 0, false
			}
			return math.Float64frombits(uint64(x.N[s.pos])), true
		})
	case value.String:
		return program[string](func(v *Env) (string, bool) {
			x := at(v)
			if x == nil || !s.known(x) {
				return "", false
			}
			return x.S[s.pos], true
		})
	case value.Wide:
		return program[any](func(v *Env) (any, bool) {
			x := at(v)
			if x == nil || !s.known(x) {
				return nil, false
			}
			return x.X[s.pos], true
		})
	}
	return program[int64](func(v *Env) (int64, bool) {
		x := at(v)
		if x == nil || !s.known(x) {
			return 0, false
		}
		return x.N[s.pos], true
	})
}

// record finds the slots that a reference leads to, nil where it is missing.
type record func(*Env) *slots.Slots

//go:noinline
func referred(ref Int, table int) record {
	return func(v *Env) *slots.Slots {
		h, ok := ref(v)
		if !ok || uint64(h) >= uint64(len(v.Tables[table])) {
			return nil
		}
		return v.Tables[table][h]
	}
}

// leaf compiles a node whose value is read, not worked out.
func leaf[R any](c *Compiler, e *policy.Expr) program[R] {
	switch e.Op {
	case policy.OpSelf, policy.OpRow, policy.OpCandidate:
		b, _ := baseOf(e.Op)
		if e.Type.Kind == value.Row {
			return as[R](c.whole(b, e.Type.Record))
		}
		return as[R](program[int64](func(v *Env) (int64, bool) { return b.ref(v), true }))
	case policy.OpNow:
		return as[R](program[int64](func(v *Env) (int64, bool) { return v.Now, true }))
	case policy.OpField:
		return field[R](c, e)
	case policy.OpScore, policy.OpTier:
		return about(c, e.Args[0], hosted[R](c, e))
	}
	return hosted[R](c, e)
}

// whole is an event or a row of a list as one value: its fields' values.
func (c *Compiler) whole(b base, r *policy.Record) program[any] {
	l := c.layout(r)
	return func(v *Env) (any, bool) {
		out := make([]value.Value, len(r.Fields))
		for i := range out {
			out[i] = l.Value(b.slots(v), i)
		}
		return out, true
	}
}

// hosted asks the engine for a leaf.
func hosted[R any](c *Compiler, e *policy.Expr) program[R] {
	l := c.Host.Leaf(e)
	switch {
	case l.Int != nil:
		return as[R](program[int64](l.Int))
	case l.Num != nil:
		return as[R](program[float64](l.Num))
	case l.Str != nil:
		return as[R](program[string](l.Str))
	}
	return as[R](program[any](l.Any))
}

// about runs a program as if the record that e names were the subject.
//
//go:noinline
func about[R any](c *Compiler, e *policy.Expr, x program[R]) program[R] {
	if e.Op == policy.OpSelf {
		return x
	}
	if b, ok := baseOf(e.Op); ok {
		return func(v *Env) (R, bool) { return instead(v, b.slots(v), b.ref(v), x) }
	}
	ref, table := c.Int(e), e.Type.Record.Index
	return func(v *Env) (r R, ok bool) {
		h, ok := ref(v)
		if !ok || uint64(h) >= uint64(len(v.Tables[table])) {
			return r, false
		}
		return instead(v, v.Tables[table][h], h, x)
	}
}

// instead puts another record in the subject's place while x runs.
func instead[R any](v *Env, s *slots.Slots, ref int64, x program[R]) (R, bool) {
	was, wasRef := v.Self, v.SelfRef
	v.Self, v.SelfRef = s, ref
	r, ok := x(v)
	v.Self, v.SelfRef = was, wasRef
	return r, ok
}

// field compiles a field of a record, of a photo, recording or file, or of a row of a list.
func field[R any](c *Compiler, e *policy.Expr) program[R] {
	of := e.Args[0]
	class := e.Type.Kind.Class()
	switch of.Type.Kind {
	case value.Photo, value.Audio, value.File:
		return unpack[R](c.Any(of), media(e.Field.Name))
	}
	if s, ok := c.slot(e); ok {
		return as[R](s.program(class))
	}
	s := c.place(e.Field)
	switch _, direct := baseOf(of.Op); {
	case s.pos < 0 && direct:
		return about(c, of, live[R](c, e.Field))
	case s.pos < 0:
		return about(c, of, existing(c, e.Field, live[R](c, e.Field)))
	case of.Type.Kind == value.Row:
		i := e.Field.Index
		return unpack[R](c.Any(of), func(x any) value.Value { return x.([]value.Value)[i] })
	}
	return as[R](s.of(class, referred(c.Int(of), of.Type.Record.Index)))
}

// live compiles a computed field of an entity, worked out whenever it is read. It is compiled once:
// what reads it in ten places would otherwise grow tenfold at each level.
func live[R any](c *Compiler, f *policy.Field) program[R] {
	if p, ok := c.computed[f]; ok {
		return as[R](p)
	}
	if c.computed == nil {
		c.computed = map[*policy.Field]any{}
	}
	rule := c.Rule
	c.Rule = f.Of.Full + "." + f.Name
	p := argument[R](c, f.Compute)
	c.Rule = rule
	c.computed[f] = p
	return p
}

// existing keeps the computed fields of a stub missing like its others (reference, section 3): an
// entity without a record of its own has no moment of creation.
//
//go:noinline
func existing[R any](c *Compiler, f *policy.Field, x program[R]) program[R] {
	if f.Of.Builtin {
		return x
	}
	for _, g := range f.Of.Fields {
		if g.System == policy.SysCreated {
			created := c.place(g)
			return func(v *Env) (r R, ok bool) {
				if !created.known(v.Self) {
					return r, false
				}
				return x(v)
			}
		}
	}
	return x
}

// unpack reads a part of a wide value.
//
//go:noinline
func unpack[R any](x Any, part func(any) value.Value) program[R] {
	return func(v *Env) (r R, ok bool) {
		w, ok := x(v)
		if !ok {
			return r, false
		}
		return open[R](part(w))
	}
}

// open takes a value out of its box.
func open[R any](b value.Value) (r R, ok bool) {
	if !b.Known() {
		return r, false
	}
	switch p := any(&r).(type) {
	case *int64:
		*p = b.N
	case *float64:
		*p = b.Float()
	case *string:
		*p = b.S
	case *any:
		*p = b.X
	}
	return r, true
}

// media returns how a field of a photo, recording or file is read (reference, section 3).
func media(name string) func(any) value.Value {
	part := mediaParts()[name]
	if part == nil {
		panic("eval: files have no " + name)
	}
	return func(x any) value.Value { return part(x.(*value.Media)) }
}

func mediaParts() map[string]func(*value.Media) value.Value {
	return map[string]func(*value.Media) value.Value{
		"sha256":   func(m *value.Media) value.Value { return value.OfText(m.SHA256) },
		"name":     func(m *value.Media) value.Value { return value.OfText(m.Name) },
		"size":     func(m *value.Media) value.Value { return value.OfWord(value.Int, m.Size) },
		"taken":    func(m *value.Media) value.Value { return m.Taken },
		"device":   func(m *value.Media) value.Value { return m.Device },
		"software": func(m *value.Media) value.Value { return m.Software },
		"location": func(m *value.Media) value.Value { return m.Location },
		"look":     func(m *value.Media) value.Value { return m.Look },
		"measured": func(m *value.Media) value.Value { return m.Measured },
		"length":   func(m *value.Media) value.Value { return m.Length },
	}
}
