package window

import (
	"math"
	"unsafe"
)

// tally is the state of one gauge in one series: 64 bytes, one line of the cache.
type tally struct {
	n     int64 // members in the window
	leave int64 // when the first of them leaves it, or the period ends; maxTime: never
	enter int64 // when the next one comes in; maxTime: none waits
	sum   wide
	x     *extra
	hint  uint32 // where in the list the window begins
	bad   int32  // members whose value is too large to be added up

	// A row was removed, and the moment may be too early.
	staleLeave, staleEnter bool
}

// extra is what some gauges keep beside a sum.
type extra struct {
	square      vast // of the value
	sum2        wide // of the second column
	square2     vast
	cross       vast // of products
	words       *set[int64]
	texts       *set[string]
	first, last mark
}

// mark remembers a row by its place in the order. One that is not ok has to be looked for.
type mark struct {
	at  int64
	seq uint64
	ok  bool
}

func markOf(r kept) mark { return mark{r.at(), r.seq(), true} }

func (m mark) less(o mark) bool { return m.at < o.at || m.at == o.at && m.seq < o.seq }

// add takes a member into a tally.
func (p *Plan) add(t *tally, g *gauge, r kept) {
	t.n++
	if g.need&needSum != 0 {
		p.addSums(t, g, r)
	}
	if g.need&^needSum == 0 {
		return
	}
	x := t.x
	switch {
	case g.need&needSet == 0:
	case g.texts && x.texts != nil:
		x.texts.add(r.t[p.layout.pos[g.value]], 1)
	case !g.texts && x.words != nil:
		x.words.add(p.key(g, r), 1)
	}
	if m := markOf(r); t.n == 1 {
		x.first, x.last = m, m
	} else {
		if x.first.ok && m.less(x.first) {
			x.first = m
		}
		if x.last.ok && x.last.less(m) {
			x.last = m
		}
	}
}

// sub takes a member out of a tally.
func (p *Plan) sub(t *tally, g *gauge, r kept) {
	t.n--
	if g.need&needSum != 0 {
		p.subSums(t, g, r)
	}
	if g.need&^needSum == 0 {
		return
	}
	x := t.x
	switch {
	case g.need&needSet == 0:
	case g.texts && x.texts != nil:
		x.texts.sub(r.t[p.layout.pos[g.value]])
	case !g.texts && x.words != nil:
		x.words.sub(p.key(g, r))
	}
	m := markOf(r)
	x.first.ok = x.first.ok && x.first != m
	x.last.ok = x.last.ok && x.last != m
}

func (p *Plan) addSums(t *tally, g *gauge, r kept) {
	v, ok := p.quantity(r, g.value)
	w, ok2 := wide{}, true
	if g.need&needCross != 0 {
		w, ok2 = p.quantity(r, g.value2)
	}
	if !ok || !ok2 {
		t.bad++
		return
	}
	t.sum = t.sum.add(v)
	if g.need&needSquare != 0 {
		t.x.square = t.x.square.add(product(v, v))
	}
	if g.need&needCross != 0 {
		t.x.sum2 = t.x.sum2.add(w)
		t.x.square2 = t.x.square2.add(product(w, w))
		t.x.cross = t.x.cross.add(product(v, w))
	}
}

func (p *Plan) subSums(t *tally, g *gauge, r kept) {
	v, ok := p.quantity(r, g.value)
	w, ok2 := wide{}, true
	if g.need&needCross != 0 {
		w, ok2 = p.quantity(r, g.value2)
	}
	if !ok || !ok2 {
		t.bad--
		return
	}
	t.sum = t.sum.sub(v)
	if g.need&needSquare != 0 {
		t.x.square = t.x.square.sub(product(v, v))
	}
	if g.need&needCross != 0 {
		t.x.sum2 = t.x.sum2.sub(w)
		t.x.square2 = t.x.square2.sub(product(w, w))
		t.x.cross = t.x.cross.sub(product(v, w))
	}
}

// key returns a value of class Word or Float as a word that sorts like it.
func (p *Plan) key(g *gauge, r kept) int64 {
	n := p.word(r, g.value)
	if !p.layout.float(g.value) {
		return n
	}
	if math.Float64frombits(uint64(n)) == 0 {
		return 0 // -0 is 0
	}
	return mirror(n)
}

// mirror turns the bits of a number into a word that sorts like it, and back.
func mirror(n int64) int64 {
	if n < 0 {
		return n ^ math.MaxInt64
	}
	return n
}

// reset empties a tally whose members have all left.
func (t *tally) reset() {
	t.n, t.sum, t.bad = 0, wide{}, 0
	x := t.x
	if x == nil {
		return
	}
	if x.words != nil {
		x.words.clear()
	}
	if x.texts != nil {
		x.texts.clear()
	}
	*x = extra{words: x.words, texts: x.texts}
}

// bytes returns what a tally takes in memory beyond the struct.
func (t *tally) bytes() int {
	if t.x == nil {
		return 0
	}
	n := int(unsafe.Sizeof(*t.x))
	if t.x.words != nil {
		n += t.x.words.bytes()
	}
	if t.x.texts != nil {
		n += t.x.texts.bytes()
	}
	return n
}
