package eval

import (
	"math"
	"math/bits"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/slots"
)

// cut is a condition on one stored field of the subject and constants, seen as what it is: a few
// points on a line and a truth between each two of them. It is unknown where the field is missing.
type cut struct {
	slot
	flip int64   // turns the bits of a number into a word that sorts like it
	at   []int64 // where the truth may change: at these points and above
	of   func(int64) value.Tri
}

// cut knows comparisons of a field with constants, membership among small numbers, and what `and`,
// `or` and `not` make of such conditions on one field.
func (c *Compiler) cut(e *policy.Expr) (cut, bool) {
	if c.Backend != Closures || c.Probe != nil {
		return cut{}, false
	}
	if e.Op == policy.OpAnd || e.Op == policy.OpOr || e.Op == policy.OpNot {
		return c.cuts(e)
	}
	l, ok := c.asks(e)
	k := cut{slot: slot{word: l.word, mask: l.mask, pos: l.pos}, flip: l.flip}
	switch {
	case !ok:
		return k, false
	case l.how == ranged:
		k.of = l.within
		k.at = edges(l.lo, l.lo+int64(l.span))
	default:
		k.of = func(n int64) value.Tri { return value.Tri(l.span >> (uint64(n) & 63) & 1 << 1) }
		for n := range int64(64) {
			if l.span>>n&1 == 1 {
				k.at = append(k.at, edges(n, n)...)
			}
		}
	}
	return k, true
}

// edges are where a range begins and where it is over.
func edges(lo, hi int64) (at []int64) {
	if lo > math.MinInt64 {
		at = append(at, lo)
	}
	if hi < math.MaxInt64 {
		at = append(at, hi+1)
	}
	return at
}

// cuts joins conditions on one and the same field. With one field all are known or none is, so
// Kleene's connectives are the plain ones.
func (c *Compiler) cuts(e *policy.Expr) (cut, bool) {
	var parts []cut
	for _, a := range e.Args {
		k, ok := c.cut(a)
		if !ok || len(parts) > 0 && (k.slot != parts[0].slot || k.flip != parts[0].flip) {
			return cut{}, false
		}
		parts = append(parts, k)
	}
	all := parts[0]
	for _, k := range parts[1:] {
		all.at = append(slices.Clone(all.at), k.at...)
	}
	of, not := parts[0].of, e.Op == policy.OpNot
	all.of = func(n int64) value.Tri {
		if not {
			return value.True - of(n)
		}
		t := of(n)
		for _, k := range parts[1:] {
			if u := k.of(n); e.Op == policy.OpAnd == (u < t) {
				t = u
			}
		}
		return t
	}
	return all, true
}

// ladder finds between which points of a line a number lies.
type ladder struct {
	few   [3]uint64 // the first rungs, ascending: 0 is the least, all ones is none
	rungs []uint64  // the others
	small bool      // of a choice: the number itself, up to the last
	last  uint64
}

// ladderOf makes the ladder of points, and returns a number of each space between them.
func ladderOf(at []int64, choice bool) (ladder, []int64) {
	at = slices.Clone(at)
	slices.Sort(at)
	at = slices.Compact(at)
	if choice && len(at) > 0 && at[0] >= 0 && at[len(at)-1] < 64 {
		l := ladder{small: true, last: uint64(at[len(at)-1])}
		var spaces []int64
		for n := range int64(l.last) + 1 {
			spaces = append(spaces, n)
		}
		return l, spaces
	}
	l := ladder{few: [3]uint64{math.MaxUint64, math.MaxUint64, math.MaxUint64}}
	for i, n := range at {
		if i < len(l.few) {
			l.few[i] = uint64(n) ^ 1<<63
		} else {
			l.rungs = append(l.rungs, uint64(n)^1<<63)
		}
	}
	spaces := append([]int64{math.MinInt64}, at...)
	// The greatest number is above what stands for no rung: the last space goes on.
	for len(spaces) <= len(l.few) {
		spaces = append(spaces, spaces[len(spaces)-1])
	}
	return l, spaces
}

// space is the number of rungs at or below n. It has no branch that a processor could guess wrong.
func (l *ladder) space(n int64) (i uint64) {
	if l.small {
		return min(uint64(n), l.last)
	}
	k := uint64(n) ^ 1<<63
	_, a := bits.Sub64(k, l.few[0], 0)
	_, b := bits.Sub64(k, l.few[1], 0)
	_, c := bits.Sub64(k, l.few[2], 0)
	i = 3 - a - b - c
	for _, r := range l.rungs {
		_, below := bits.Sub64(k, r, 0)
		i += 1 - below
	}
	return i
}

// sorted is a slot's word as one that sorts like its number.
func sorted(n, flip int64) int64 { return n ^ n>>63&flip }

// step is a pick whose rows all ask about one field and yield constants: a function with steps.
type step[R any] struct {
	slot
	flip int64
	ladder
	yields []R // by space
	sure   []bool
}

// stepsOf makes one of a pick's rows; false: it is none.
func stepsOf[R any](c *Compiler, when []*policy.Expr, consts []R, ok []bool) (*step[R], bool) {
	var ks []cut
	for _, x := range when {
		k, is := c.cut(x)
		if !is || len(ks) > 0 && (k.slot != ks[0].slot || k.flip != ks[0].flip) {
			return nil, false
		}
		ks = append(ks, k)
	}
	if len(ks) == 0 {
		return nil, false
	}
	var at []int64
	for _, k := range ks {
		at = append(at, k.at...)
	}
	s := &step[R]{slot: ks[0].slot, flip: ks[0].flip}
	var spaces []int64
	s.ladder, spaces = ladderOf(at, false)
	for _, n := range spaces {
		i := slices.IndexFunc(ks, func(k cut) bool { return k.of(n) == value.True })
		if i < 0 {
			i = len(ks)
		}
		s.yields, s.sure = append(s.yields, consts[i]), append(s.sure, ok[i])
	}
	return s, true
}

// of yields nothing where the field is missing: its first row is unknown then.
func (s *step[R]) of(x *slots.Slots) (r R, ok bool) {
	if !s.known(x) {
		return r, false
	}
	i := s.space(sorted(x.N[s.pos], s.flip))
	return s.yields[i], s.sure[i]
}
