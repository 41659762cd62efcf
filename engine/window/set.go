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
	cells []cell[K]
	total int64 // of the counts
}

// cell is a value and how often it is there. Both lie together: a set is seldom in the cache.
type cell[K cmp.Ordered] struct {
	key K
	n   uint32
}

// find returns where a value is in a leaf or belongs.
func (l *leaf[K]) find(k K) (i int, found bool) {
	lo, hi := 0, len(l.cells)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if l.cells[m].key < k {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo, lo < len(l.cells) && l.cells[lo].key == k
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
		if s.rest[m].cells[0].key <= k {
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
	i, found := l.find(k)
	if found {
		l.cells[i].n += n
		return
	}
	s.distinct++
	l.cells = slices.Insert(l.cells, i, cell[K]{k, n})
	if len(l.cells) > leafMost {
		s.split(at, i)
	}
}

// split cuts a full leaf where a value was just put: in the middle, or, where values come in
// order, at the end, so that leaves stay full.
func (s *set[K]) split(at, put int) {
	l := s.leaf(at)
	cut := len(l.cells) / 2
	if put == len(l.cells)-1 {
		cut = put
	}
	upper := leaf[K]{cells: slices.Clone(l.cells[cut:])}
	for _, c := range upper.cells {
		upper.total += int64(c.n)
	}
	clear(l.cells[cut:])
	l.cells, l.total = l.cells[:cut], l.total-upper.total
	s.rest = slices.Insert(s.rest, at, upper)
}

// sub counts a value once less. A value that is not there is a row that never came in.
func (s *set[K]) sub(k K) {
	at := s.place(k)
	l := s.leaf(at)
	i, found := l.find(k)
	if !found {
		panic("window: a value leaves that never entered")
	}
	s.total--
	l.total--
	if l.cells[i].n--; l.cells[i].n > 0 {
		return
	}
	s.distinct--
	l.cells = slices.Delete(l.cells, i, i+1)
	if len(s.rest) > 0 {
		s.merge(at)
	}
}

// merge joins a leaf with a neighbour where both together are at most half full.
func (s *set[K]) merge(at int) {
	if at == len(s.rest) || at > 0 && len(s.leaf(at).cells) == 0 {
		at--
	}
	l, next := s.leaf(at), s.leaf(at+1)
	if len(l.cells)+len(next.cells) > leafMost/2 && len(l.cells) > 0 && len(next.cells) > 0 {
		return
	}
	l.cells = append(l.cells, next.cells...)
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
		return l.cells[len(l.cells)-1].key // the greatest of all is asked for often
	}
	for _, c := range l.cells {
		if k < int64(c.n) {
			return c.key
		}
		k -= int64(c.n)
	}
	panic("window: the counts of a set do not add up")
}

// touch reads a value and says nothing about it.
func (s *set[K]) touch() (sum int64) {
	if len(s.one.cells) > 0 {
		sum = int64(s.one.cells[0].n)
	}
	return sum
}

// clear empties the set and keeps its memory.
func (s *set[K]) clear() {
	clear(s.one.cells)
	s.one = leaf[K]{cells: s.one.cells[:0]}
	s.rest, s.total, s.distinct = nil, 0, 0
}

// bytes returns what the set takes in memory beyond the struct, without the text of its values.
func (s *set[K]) bytes() int {
	var c cell[K]
	n := cap(s.rest) * int(unsafe.Sizeof(s.one))
	for i := range len(s.rest) + 1 {
		n += cap(s.leaf(i).cells) * int(unsafe.Sizeof(c))
	}
	return n
}
