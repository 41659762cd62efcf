package window

import (
	"cmp"
	"slices"
	"unsafe"
)

// leafMost is how many values a leaf of a set holds before it is cut in two.
const leafMost = 256

// set is an ordered multiset: distinct values with their counts, in leaves of sorted arrays.
// Insertion and removal move at most one leaf; a rank is found by adding up the leaves' totals.
type set[K cmp.Ordered] struct {
	one      leaf[K]   // the first leaf; most sets have no other
	rest     []leaf[K] // the others, none of them empty
	total    int64     // of all counts
	distinct int64
}

type leaf[K cmp.Ordered] struct {
	keys   []K
	counts []uint32
	total  int64 // of the counts
}

func (s *set[K]) leaf(i int) *leaf[K] {
	if i == 0 {
		return &s.one
	}
	return &s.rest[i-1]
}

// place returns the leaf a value belongs to.
func (s *set[K]) place(k K) int {
	lo, hi := 0, len(s.rest)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if s.rest[m].keys[0] <= k {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo
}

// add counts a value n times more.
func (s *set[K]) add(k K, n uint32) {
	at := s.place(k)
	l := s.leaf(at)
	s.total += int64(n)
	l.total += int64(n)
	i, found := slices.BinarySearch(l.keys, k)
	if found {
		l.counts[i] += n
		return
	}
	s.distinct++
	l.keys = slices.Insert(l.keys, i, k)
	l.counts = slices.Insert(l.counts, i, n)
	if len(l.keys) > leafMost {
		s.split(at, i)
	}
}

// split cuts a full leaf where a value was just put: in the middle, or, where values come in
// order, at the end, so that leaves stay full.
func (s *set[K]) split(at, put int) {
	l := s.leaf(at)
	cut := len(l.keys) / 2
	if put == len(l.keys)-1 {
		cut = put
	}
	upper := leaf[K]{keys: slices.Clone(l.keys[cut:]), counts: slices.Clone(l.counts[cut:])}
	for _, c := range upper.counts {
		upper.total += int64(c)
	}
	clear(l.keys[cut:])
	l.keys, l.counts, l.total = l.keys[:cut], l.counts[:cut], l.total-upper.total
	s.rest = slices.Insert(s.rest, at, upper)
}

// sub counts a value once less. A value that is not there is a row that never came in.
func (s *set[K]) sub(k K) {
	at := s.place(k)
	l := s.leaf(at)
	i, found := slices.BinarySearch(l.keys, k)
	if !found {
		panic("window: a value leaves that never entered")
	}
	s.total--
	l.total--
	if l.counts[i]--; l.counts[i] > 0 {
		return
	}
	s.distinct--
	l.keys = slices.Delete(l.keys, i, i+1)
	l.counts = slices.Delete(l.counts, i, i+1)
	if len(s.rest) > 0 {
		s.merge(at)
	}
}

// merge joins a leaf with a neighbour where both together are at most half full.
func (s *set[K]) merge(at int) {
	if at == len(s.rest) || at > 0 && len(s.leaf(at).keys) == 0 {
		at--
	}
	l, next := s.leaf(at), s.leaf(at+1)
	if len(l.keys)+len(next.keys) > leafMost/2 && len(l.keys) > 0 && len(next.keys) > 0 {
		return
	}
	l.keys = append(l.keys, next.keys...)
	l.counts = append(l.counts, next.counts...)
	l.total += next.total
	s.rest = slices.Delete(s.rest, at, at+1)
}

// kth returns the value of rank k, counted from 0, of a set that has more than k.
func (s *set[K]) kth(k int64) K {
	i := 0
	for l := &s.one; k >= l.total; l = s.leaf(i) {
		k -= l.total
		i++
	}
	l := s.leaf(i)
	if k == l.total-1 {
		return l.keys[len(l.keys)-1] // the greatest of all is asked for often
	}
	for j, c := range l.counts {
		if k < int64(c) {
			return l.keys[j]
		}
		k -= int64(c)
	}
	panic("window: the counts of a set do not add up")
}

// clear empties the set and keeps its memory.
func (s *set[K]) clear() {
	clear(s.one.keys)
	s.one = leaf[K]{keys: s.one.keys[:0], counts: s.one.counts[:0]}
	s.rest, s.total, s.distinct = nil, 0, 0
}

// bytes returns what the set takes in memory, without the text of its values.
func (s *set[K]) bytes() int {
	var k K
	n := int(unsafe.Sizeof(*s)) + cap(s.rest)*int(unsafe.Sizeof(s.one))
	for i := range len(s.rest) + 1 {
		l := s.leaf(i)
		n += cap(l.keys)*int(unsafe.Sizeof(k)) + cap(l.counts)*4
	}
	return n
}
