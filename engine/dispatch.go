package engine

import (
	"math/bits"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/slots"
)

// dispatch finds the conditions worth looking at for a record. A condition with a conjunct
// `field == constant` or `field in [constants]` stands under those constants only, so that ten
// thousand rules for other values cost nothing (decision D8).
type dispatch struct {
	general []int32 // node indexes, ascending
	keys    []*keyIndex
	few     *bitDispatch // nil where there are many
}

// keyIndex is one field that conditions are filed under.
type keyIndex struct {
	field int
	pos   int32
	class value.Class
	words map[int64][]int32
	texts map[string][]int32
}

// key is what a condition can be filed under.
type key struct {
	field  *policy.Field
	consts []value.Value
}

// keyOf returns the best key among the conjuncts of a condition; a single value beats a list.
func keyOf(when *policy.Expr) (key, bool) {
	var best key
	for _, c := range eval.Conjuncts(when) {
		k, ok := keyIn(c)
		if ok && (best.field == nil || len(k.consts) < len(best.consts)) {
			best = k
		}
	}
	return best, best.field != nil
}

func keyIn(c *policy.Expr) (key, bool) {
	if c.Op != policy.OpEq && c.Op != policy.OpIn || c.Args[0].Op != policy.OpField {
		return key{}, false
	}
	f := c.Args[0]
	if f.Args[0].Op != policy.OpSelf ||
		f.Field.System != policy.NotSystem && f.Field.System != policy.SysStage {
		return key{}, false
	}
	if f.Field.Compute != nil && f.Field.Of.Kind == policy.Entity {
		return key{}, false // live: it has no place to look it up in
	}
	switch f.Type.Kind {
	case value.Choice, value.Bool, value.Int, value.Text, value.Date:
	default:
		return key{}, false
	}
	k := key{field: f.Field}
	for _, a := range c.Args[1:] {
		if a.Op != policy.OpConst || a.Const.Kind == value.List || !a.Const.Known() {
			return key{}, false
		}
		k.consts = append(k.consts, a.Const)
	}
	return k, true
}

// file puts a node under its key, or among the general ones.
func (d *dispatch) file(node int32, when *policy.Expr, l *slots.Layout) {
	var k key
	ok := false
	if when != nil {
		k, ok = keyOf(when)
	}
	if !ok {
		d.general = append(d.general, node)
		return
	}
	x := d.index(k.field, l)
	for _, c := range k.consts {
		if x.class == value.String {
			x.texts[c.S] = insert(x.texts[c.S], node)
		} else {
			x.words[c.N] = insert(x.words[c.N], node)
		}
	}
}

func insert(l []int32, n int32) []int32 {
	if i, found := slices.BinarySearch(l, n); !found {
		return slices.Insert(l, i, n)
	}
	return l
}

func (d *dispatch) index(f *policy.Field, l *slots.Layout) *keyIndex {
	for _, x := range d.keys {
		if x.field == f.Index {
			return x
		}
	}
	x := &keyIndex{field: f.Index, pos: l.Pos[f.Index], class: f.Type.Kind.Class(),
		words: map[int64][]int32{}, texts: map[string][]int32{}}
	d.keys = append(d.keys, x)
	return x
}

// under returns the nodes filed under the value the record has, none where it is missing.
func (x *keyIndex) under(s *slots.Slots) []int32 {
	if !s.Has(x.field) {
		return nil
	}
	if x.class == value.String {
		return x.texts[s.S[x.pos]]
	}
	return x.words[s.N[x.pos]]
}

// find appends the nodes worth looking at for a record, ascending.
func (d *dispatch) find(s *slots.Slots, into []int32) []int32 {
	if d.few != nil {
		return d.few.find(s, into)
	}
	from := len(into)
	into = append(into, d.general...)
	for _, x := range d.keys {
		into = append(into, x.under(s)...)
	}
	if len(into)-from > len(d.general) {
		slices.Sort(into[from:])
	}
	return into
}

// bitDispatch is a dispatch of at most 64 nodes: a set of them is one word, so that they come out
// in order without sorting.
type bitDispatch struct {
	nodes   []int32 // ascending; bit i is nodes[i]
	general uint64
	keys    []bitKey
}

// bitKey is one field, with the sets filed under its values.
type bitKey struct {
	*keyIndex
	small []uint64         // by value, of a choice, a bool or a small number
	words map[int64]uint64 // nil: all are small
	texts map[string]uint64
}

// pack makes the form for few nodes, once all are filed.
func (d *dispatch) pack() {
	all := slices.Clone(d.general)
	for _, x := range d.keys {
		for _, l := range x.words { //tidy:order sorted right below
			all = append(all, l...)
		}
		for _, l := range x.texts { //tidy:order sorted right below
			all = append(all, l...)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) > 64 {
		return
	}
	b := &bitDispatch{nodes: all}
	b.general = b.set(d.general)
	for _, x := range d.keys {
		b.keys = append(b.keys, b.key(x))
	}
	d.few = b
}

func (b *bitDispatch) set(nodes []int32) (m uint64) {
	for _, n := range nodes {
		i, _ := slices.BinarySearch(b.nodes, n)
		m |= 1 << i
	}
	return m
}

func (b *bitDispatch) key(x *keyIndex) bitKey {
	k := bitKey{keyIndex: x, texts: map[string]uint64{}}
	for v, l := range x.words { //tidy:order fills other tables
		switch {
		case v >= 0 && v < 64:
			for int64(len(k.small)) <= v {
				k.small = append(k.small, 0)
			}
			k.small[v] = b.set(l)
		case k.words == nil:
			k.words = map[int64]uint64{}
			fallthrough
		default:
			k.words[v] = b.set(l)
		}
	}
	for v, l := range x.texts { //tidy:order fills another map
		k.texts[v] = b.set(l)
	}
	return k
}

func (b *bitDispatch) find(s *slots.Slots, into []int32) []int32 {
	for m := b.worth(s); m != 0; m &= m - 1 {
		into = append(into, b.nodes[bits.TrailingZeros64(m)])
	}
	return into
}

// worth is find as a set.
func (b *bitDispatch) worth(s *slots.Slots) uint64 {
	m := b.general
	for i := range b.keys {
		k := &b.keys[i]
		if !s.Has(k.field) {
			continue
		}
		if k.class == value.String {
			m |= k.texts[s.S[k.pos]]
			continue
		}
		v := s.N[k.pos]
		if uint64(v) < uint64(len(k.small)) {
			m |= k.small[v]
		} else if k.words != nil {
			m |= k.words[v]
		}
	}
	return m
}
