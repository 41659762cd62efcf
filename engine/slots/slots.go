// Package slots is how the engine keeps a record's values: one array a machine class, one bit a
// field for "known", positions fixed by the record type's layout.
package slots

import (
	"reflect"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// Slots are the values of one record of one type; a position means something only together
// with the Layout of that type. Copying the struct shares the values; use Layout.Copy.
type Slots struct {
	Known []uint64 // bit i: field i has a value
	N     []int64  // class Word, and the bits of class Float
	S     []string // class String
	X     []any    // class Wide: *value.Place, *value.Region, *value.Media, []value.Value
}

// Has reports whether the field with this index has a value.
func (s *Slots) Has(field int) bool { return s.Known[field>>6]>>(field&63)&1 == 1 }

// Mark notes that the field has a value.
func (s *Slots) Mark(field int) { s.Known[field>>6] |= 1 << (field & 63) }

// Clear notes that the field is missing.
func (s *Slots) Clear(field int) { s.Known[field>>6] &^= 1 << (field & 63) }

// Layout says where the fields of one record type are kept.
type Layout struct {
	Record *policy.Record
	Pos    []int32 // by field index: position in the array of the field's class
	Words  int     // length of N: classes Word and Float together
	Texts  int     // length of S
	Wides  int     // length of X
	blocks int
}

// For returns the layout of a record type. Computed fields of entities are live and have no place
// (Pos is -1); computed fields of events are fixed on arrival and have one (reference, section 3).
func For(r *policy.Record) *Layout {
	l := &Layout{Record: r, Pos: make([]int32, len(r.Fields)), blocks: (len(r.Fields) + 63) / 64}
	for i, f := range r.Fields {
		if f.Compute != nil && r.Kind == policy.Entity {
			l.Pos[i] = -1
			continue
		}
		n := &l.Words
		switch f.Type.Kind.Class() {
		case value.String:
			n = &l.Texts
		case value.Wide:
			n = &l.Wides
		}
		l.Pos[i] = int32(*n)
		*n++
	}
	return l
}

// New returns slots with every field missing.
func (l *Layout) New() Slots { return l.Slab(1)[0] }

// Slab returns n slots with every field missing that lie side by side. They cost as many
// allocations as one, and are let go of together.
func (l *Layout) Slab(n int) []Slots {
	slab, known, words := make([]Slots, n), make([]uint64, n*l.blocks), make([]int64, n*l.Words)
	texts, wides := make([]string, n*l.Texts), make([]any, n*l.Wides)
	for i := range slab {
		slab[i] = Slots{Known: part(known, i, l.blocks), N: part(words, i, l.Words),
			S: part(texts, i, l.Texts), X: part(wides, i, l.Wides)}
	}
	return slab
}

func part[T any](of []T, i, size int) []T { return of[i*size : (i+1)*size : (i+1)*size] }

// Reset makes every field missing and lets go of texts and wide values.
func (s *Slots) Reset() {
	clear(s.Known)
	clear(s.S)
	clear(s.X)
}

// Value returns a field's value boxed; a Ref is its handle in N.
func (l *Layout) Value(s *Slots, field int) value.Value {
	if !s.Has(field) || l.Pos[field] < 0 {
		return value.Value{}
	}
	k := l.Record.Fields[field].Type.Kind
	switch p := l.Pos[field]; k.Class() {
	case value.String:
		return value.Value{Kind: k, S: s.S[p]}
	case value.Wide:
		return value.Value{Kind: k, X: s.X[p]}
	default:
		return value.Value{Kind: k, N: s.N[p]}
	}
}

// Put stores a value of the field's own kind; a missing value clears the field.
func (l *Layout) Put(s *Slots, field int, v value.Value) {
	if !v.Known() {
		s.Clear(field)
		return
	}
	s.Mark(field)
	switch p := l.Pos[field]; v.Kind.Class() {
	case value.String:
		s.S[p] = v.S
	case value.Wide:
		s.X[p] = v.X
	default:
		s.N[p] = v.N
	}
}

// Copy makes to equal to from, sharing wide values, which nothing ever changes in place.
func (l *Layout) Copy(to, from *Slots) {
	copy(to.Known, from.Known)
	copy(to.N, from.N)
	copy(to.S, from.S)
	copy(to.X, from.X)
}

// Same reports whether a stored field has the same value in both.
func (l *Layout) Same(a, b *Slots, field int) bool {
	if a.Has(field) != b.Has(field) {
		return false
	}
	if !a.Has(field) {
		return true
	}
	switch p := l.Pos[field]; l.Record.Fields[field].Type.Kind.Class() {
	case value.String:
		return a.S[p] == b.S[p]
	case value.Wide:
		return reflect.DeepEqual(a.X[p], b.X[p])
	default:
		return a.N[p] == b.N[p]
	}
}
