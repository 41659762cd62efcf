package window

import (
	"slices"
	"unsafe"
)

// chunkMost is how many rows a chunk holds before it is cut in two.
const chunkMost = 256

// A kept row is a run of words: its moment, its Seq, which columns are known and which tests are
// true (one word for both up to 32 columns), then the columns of class Word and Float.
const (
	wordAt = iota
	wordSeq
	wordKnown
)

// kept is one row as a series keeps it.
type kept struct {
	w []int64
	t []string // columns of class String
}

func (r kept) at() int64   { return r.w[wordAt] }
func (r kept) seq() uint64 { return uint64(r.w[wordSeq]) }

// rows is a list of rows in order of (At, Seq), in chunks. Most series fit the first chunk, which
// grows by a part; rows leave at its front by moving head, so no row is moved for it.
type rows struct {
	n      int     // rows
	first  int64   // the earliest row's moment: what has to be dropped begins there
	last   int64   // the latest row's moment: what comes later goes to the end
	rest   []chunk // the chunks after the first, none of them empty
	one    chunk
	head   int32  // dead rows at the front of the first chunk
	base   uint32 // rows dropped at the front so far: what hints are relative to
	stride uint16 // words a row
	texts  uint16 // texts a row
}

type chunk struct {
	w []int64
	n int32 // rows, dead ones of the first chunk included
	t []string
}

// spot is a place in the list: a chunk and a row of it. The end is spot{chunks, 0}.
type spot struct{ c, i int }

func (l *rows) chunk(c int) *chunk {
	if c == 0 {
		return &l.one
	}
	return &l.rest[c-1]
}

func (l *rows) row(p spot) kept {
	c, n, t := l.chunk(p.c), int(l.stride), int(l.texts)
	return kept{c.w[p.i*n : p.i*n+n : p.i*n+n], c.t[p.i*t : p.i*t+t : p.i*t+t]}
}

func (l *rows) at(p spot) int64 { return l.chunk(p.c).w[p.i*int(l.stride)+wordAt] }

func (l *rows) end() spot { return spot{c: 1 + len(l.rest)} }

// begin returns the first row's spot, or the end.
func (l *rows) begin() spot { return l.tidy(spot{0, int(l.head)}) }

// step returns the spot after p.
func (l *rows) step(p spot) spot { return l.tidy(spot{p.c, p.i + 1}) }

// tidy moves a spot at the end of a chunk to the beginning of the next.
func (l *rows) tidy(p spot) spot {
	if p.c <= len(l.rest) && p.i >= int(l.chunk(p.c).n) {
		return spot{c: p.c + 1}
	}
	return p
}

// back returns the spot before p; ok is false at the beginning.
func (l *rows) back(p spot) (q spot, ok bool) {
	switch {
	case p.c == 0:
		return spot{0, p.i - 1}, p.i > int(l.head)
	case p.i > 0:
		return spot{p.c, p.i - 1}, true
	case l.n == 0:
		return p, false
	}
	return spot{p.c - 1, int(l.chunk(p.c-1).n) - 1}, true
}

// search returns the first row whose (At, Seq) is at least the one given.
func (l *rows) search(at int64, seq uint64) spot {
	if l.n == 0 || at > l.last {
		return l.end() // most rows come in order
	}
	if last, _ := l.back(l.end()); l.before(last, at, seq) {
		return l.end()
	}
	lo, hi := 0, len(l.rest)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if l.before(spot{c: m + 1}, at, seq) {
			lo = m + 1
		} else {
			hi = m
		}
	}
	c := lo
	lo, hi = 0, int(l.chunk(c).n)
	if c == 0 {
		lo = int(l.head)
	}
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if l.before(spot{c, m}, at, seq) {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return l.tidy(spot{c, lo})
}

func (l *rows) before(p spot, at int64, seq uint64) bool {
	i := p.i * int(l.stride)
	w := l.chunk(p.c).w[i : i+2]
	return w[wordAt] < at || w[wordAt] == at && uint64(w[wordSeq]) < seq
}

// after returns the first row later than a moment.
func (l *rows) after(at int64) spot {
	if l.n == 0 || l.last <= at {
		return l.end()
	}
	return l.search(at+1, 0)
}

// firstAfter returns the moment of the first row later than a moment; maxTime: there is none.
func (l *rows) firstAfter(at int64) int64 {
	if p := l.after(at); p != l.end() {
		return l.at(p)
	}
	return maxTime
}

// afterHint is after, without a search where the hint still names the place: a window moves on by
// a row or two at a time, and what a search would read is seldom in the cache.
func (l *rows) afterHint(at int64, hint *uint32) spot {
	if len(l.rest) == 0 {
		i := int(int32(*hint-l.base)) + int(l.head)
		if i >= int(l.head) && i < int(l.one.n) && l.at(spot{0, i}) > at &&
			(i == int(l.head) || l.at(spot{0, i - 1}) <= at) {
			return spot{0, i}
		}
	}
	return l.after(at)
}

// note remembers a spot for afterHint.
func (l *rows) note(p spot, hint *uint32) {
	if len(l.rest) == 0 && p.c == 0 {
		*hint = l.base + uint32(p.i-int(l.head))
	}
}

// touch reads the row that a hint names and says nothing about it. Rows of several windows that
// are touched one after the other are fetched from memory all at once.
func (l *rows) touch(hint uint32) int64 {
	if i := (int(int32(hint-l.base)) + int(l.head)) * int(l.stride); uint(i) < uint(len(l.one.w)) {
		return l.one.w[i]
	}
	return 0
}

// touchLast reads the last row of the first chunk, which mostly is the last of all.
func (l *rows) touchLast() int64 {
	if n := len(l.one.w); n > 0 {
		return l.one.w[n-1]
	}
	return 0
}

// filter says which rows are looked for: up to a moment, with these known columns and true tests.
type filter struct {
	hi, known, truth int64
	truths           int // the word that holds truths
}

// scan returns the first row from p on that passes; ok is false where the moment is reached first.
func (l *rows) scan(p spot, f filter) (q spot, ok bool) {
	n := int(l.stride)
	for ; p.c <= len(l.rest); p = (spot{c: p.c + 1}) {
		c := l.chunk(p.c)
		for ; p.i < int(c.n); p.i++ {
			w := c.w[p.i*n : p.i*n+n]
			if w[wordAt] > f.hi {
				return p, false
			}
			if w[wordKnown]&f.known == f.known && w[f.truths]&f.truth == f.truth {
				return p, true
			}
		}
	}
	return p, false
}

// find returns the row with this moment and Seq.
func (l *rows) find(at int64, seq uint64) (spot, bool) {
	if last, ok := l.back(l.end()); ok {
		if r := l.row(last); r.at() == at && r.seq() == seq {
			return last, true
		}
	}
	p := l.search(at, seq)
	if p == l.end() {
		return p, false
	}
	r := l.row(p)
	return p, r.at() == at && r.seq() == seq
}

// spare keeps the memory of chunks that have grown out of it, by how many rows it holds, for the
// next series that grows: all grow by the same steps.
type spare struct {
	free [chunkMost + 1][]chunk
}

// chunk returns an empty chunk with memory for n rows.
func (m *spare) chunk(l *rows, n int) chunk {
	if k := len(m.free[n]); k > 0 {
		c := m.free[n][k-1]
		m.free[n] = m.free[n][:k-1]
		return c
	}
	c := chunk{w: make([]int64, 0, n*int(l.stride))}
	if l.texts > 0 {
		c.t = make([]string, 0, n*int(l.texts))
	}
	return c
}

// keep takes a chunk's memory back.
func (m *spare) keep(l *rows, c chunk) {
	if n := cap(c.w) / int(l.stride); n > 0 && n <= chunkMost {
		clear(c.t)
		m.free[n] = append(m.free[n], chunk{w: c.w[:0], t: c.t[:0]})
	}
}

// insert puts a copy of a row into its place.
func (l *rows) insert(r kept, m *spare) {
	p := l.search(r.at(), r.seq())
	if p == l.end() { // the last chunk's end
		p = spot{p.c - 1, int(l.chunk(p.c - 1).n)}
	}
	p = l.room(p, m)
	c, n, t := l.chunk(p.c), int(l.stride), int(l.texts)
	c.w = append(c.w, r.w...)
	c.t = append(c.t, r.t...)
	if p.i < int(c.n) {
		copy(c.w[(p.i+1)*n:], c.w[p.i*n:int(c.n)*n])
		copy(c.w[p.i*n:], r.w)
		copy(c.t[(p.i+1)*t:], c.t[p.i*t:int(c.n)*t])
		copy(c.t[p.i*t:], r.t)
	}
	c.n++
	if l.n++; l.n == 1 {
		l.first, l.last = r.at(), r.at()
	}
	l.first, l.last = min(l.first, r.at()), max(l.last, r.at())
}

// room makes place for one more row at p and returns where p then is.
func (l *rows) room(p spot, m *spare) spot {
	if p.c == 0 && l.head > 0 && len(l.one.w)+int(l.stride) > cap(l.one.w) && l.head*8 >= l.one.n {
		p.i -= int(l.head)
		l.compact()
	}
	c := l.chunk(p.c)
	switch {
	case int(c.n) < chunkMost:
		l.grow(c, m)
		return p
	case p.c == 0 && l.head > 0:
		p.i -= int(l.head)
		l.compact()
		return p
	case p.c == len(l.rest) && p.i == int(c.n):
		l.rest = append(l.rest, m.chunk(l, chunkMost))
		return spot{c: p.c + 1}
	}
	upper := m.chunk(l, chunkMost)
	cut := int(c.n) / 2
	upper.w = append(upper.w, c.w[cut*int(l.stride):]...)
	upper.t = append(upper.t, c.t[cut*int(l.texts):]...)
	upper.n = c.n - int32(cut)
	l.shorten(c, cut)
	l.rest = slices.Insert(l.rest, p.c, upper)
	if p.i > cut {
		return spot{p.c + 1, p.i - cut}
	}
	return p
}

// grow gives a chunk memory for more rows where it is full.
func (l *rows) grow(c *chunk, m *spare) {
	if len(c.w)+int(l.stride) <= cap(c.w) {
		return
	}
	more := int(c.n)
	if c.n >= 64 {
		more = int(c.n) / 2
	}
	n := min(int(c.n)+max(4, more), chunkMost)
	old := *c
	*c = m.chunk(l, n)
	c.w, c.t, c.n = append(c.w, old.w...), append(c.t, old.t...), old.n
	m.keep(l, old)
}

// compact moves the first chunk's rows over the dead ones.
func (l *rows) compact() {
	c := &l.one
	c.w = c.w[:copy(c.w, c.w[int(l.head)*int(l.stride):])]
	live := copy(c.t, c.t[int(l.head)*int(l.texts):])
	clear(c.t[live:])
	c.t = c.t[:live]
	c.n -= l.head
	l.head = 0
}

// shorten cuts a chunk to its first n rows.
func (l *rows) shorten(c *chunk, n int) {
	clear(c.t[n*int(l.texts):])
	c.w, c.t, c.n = c.w[:n*int(l.stride)], c.t[:n*int(l.texts)], int32(n)
}

// remove takes the row at p out.
func (l *rows) remove(p spot) {
	c, n, t := l.chunk(p.c), int(l.stride), int(l.texts)
	copy(c.w[p.i*n:], c.w[(p.i+1)*n:])
	copy(c.t[p.i*t:], c.t[(p.i+1)*t:])
	l.shorten(c, int(c.n)-1)
	l.n--
	if len(l.rest) > 0 {
		l.merge(p.c)
	} else if l.n == 0 {
		l.compact()
	}
	if last, ok := l.back(l.end()); ok {
		l.first, l.last = l.at(l.begin()), l.at(last)
	}
}

// merge joins a chunk with a neighbour where both together are at most half full.
func (l *rows) merge(at int) {
	if at == len(l.rest) {
		at--
	}
	if at == 0 && l.head > 0 {
		l.compact()
	}
	c, next := l.chunk(at), l.chunk(at+1)
	if c.n+next.n > chunkMost/2 && c.n > 0 && next.n > 0 {
		return
	}
	if c.n == 0 {
		*c = *next
	} else {
		c.w = append(c.w, next.w...)
		c.t = append(c.t, next.t...)
		c.n += next.n
	}
	l.rest = slices.Delete(l.rest, at, at+1)
}

// drop lets go of all rows up to a moment.
func (l *rows) drop(at int64) {
	for l.n > 0 && l.first <= at {
		clear(l.one.t[int(l.head)*int(l.texts) : (int(l.head)+1)*int(l.texts)])
		l.head++
		l.base++
		l.n--
		switch {
		case l.head < l.one.n:
		case len(l.rest) > 0:
			l.head, l.one = 0, l.rest[0]
			l.rest = slices.Delete(l.rest, 0, 1)
		default:
			l.head = 0
			l.shorten(&l.one, 0)
			return
		}
		l.first = l.at(spot{0, int(l.head)})
	}
}

// bytes returns what the rows take in memory beyond the struct, their texts included.
func (l *rows) bytes() int {
	n := cap(l.rest) * int(unsafe.Sizeof(l.one))
	for c := range len(l.rest) + 1 {
		k := l.chunk(c)
		n += 8*cap(k.w) + int(unsafe.Sizeof(""))*cap(k.t)
		for _, t := range k.t {
			n += len(t)
		}
	}
	return n
}
