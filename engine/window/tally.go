package window

import (
	"math"
	"unsafe"
)

// tally is the state of one gauge in one series. Half a line of the cache, because series are many
// and waiting for memory is most of what reading one costs.
type tally struct {
	n     int64  // members in the window
	leave int64  // when the first of them leaves it, or the period ends; maxTime: never
	x     *extra // nil where rows are only counted
	hint  uint32 // where in the list the first of them is
	stale bool   // leave may be too early, because a row was removed
}

// extra is what some gauges keep beside the number of members.
type extra struct {
	sum    wide
	bad    int64       // members whose value is too large to be added up
	words  *set[int64] // nil where the gauge needs none, like all that follows
	built  bool        // the set is made when it is first asked for
	last   mark
	first  *mark
	texts  *set[string]
	powers *powers
}

// provide gives an extra what a gauge needs and few gauges do.
func (x *extra) provide(g *gauge) {
	if g.need&needFirst != 0 {
		x.first = &mark{}
	}
	if g.need&needSquare != 0 {
		x.powers = &powers{}
	}
	if g.need&needSet != 0 && g.texts {
		x.texts = &set[string]{}
	}
}

// powers are the sums that deviations and correlations need. They are exact.
type powers struct {
	square  vast // of the value
	sum2    wide // of the second column
	square2 vast
	cross   vast // of products
}

// mark remembers a row by its place in the order, and its value where that is a word. One that is
// not ok has to be looked for.
type mark struct {
	at   int64
	seq  uint64
	word int64
	ok   bool
}

func (p *Plan) mark(g *gauge, r kept) mark {
	switch {
	case g.value < 0:
		return mark{r.at(), r.seq(), int64(r.seq()), true}
	case g.texts:
		return mark{r.at(), r.seq(), 0, true}
	}
	return mark{r.at(), r.seq(), p.word(r, g.value), true}
}

// forget notes that a row is gone.
func (m *mark) forget(r kept) {
	m.ok = m.ok && (m.at != r.at() || m.seq != r.seq())
}

func (m *mark) less(o *mark) bool { return m.at < o.at || m.at == o.at && m.seq < o.seq }

// add takes a member into a tally.
func (p *Plan) add(t *tally, g *gauge, r kept) {
	t.n++
	if g.need == 0 {
		return
	}
	x := t.x
	if g.need&needSum != 0 {
		p.addSums(x, g, r)
	}
	if g.need&needSet != 0 && x.built {
		p.addKey(x, g, r)
	}
	if g.need&(needFirst|needLast) == 0 {
		return
	}
	m := p.mark(g, r)
	if g.need&needFirst != 0 && (t.n == 1 || x.first.ok && m.less(x.first)) {
		*x.first = m
	}
	if t.n == 1 || x.last.ok && x.last.less(&m) {
		x.last = m
	}
}

func (p *Plan) addKey(x *extra, g *gauge, r kept) {
	if g.texts {
		x.texts.add(r.t[p.layout.pos[g.value]], 1)
	} else {
		x.words.add(p.key(g, r), 1)
	}
}

// sub takes a member out of a tally.
func (p *Plan) sub(t *tally, g *gauge, r kept) {
	t.n--
	if g.need == 0 {
		return
	}
	x := t.x
	if g.need&needSum != 0 {
		p.subSums(x, g, r)
	}
	if g.need&needSet != 0 && x.built {
		if g.texts {
			x.texts.sub(r.t[p.layout.pos[g.value]])
		} else {
			x.words.sub(p.key(g, r))
		}
	}
	if g.need&needFirst != 0 {
		x.first.forget(r)
	}
	if g.need&needLast != 0 {
		x.last.forget(r)
	}
}

func (p *Plan) addSums(x *extra, g *gauge, r kept) {
	v, w, ok := p.pair(g, r)
	if !ok {
		x.bad++
		return
	}
	x.sum = x.sum.add(v)
	if g.need&needSquare != 0 {
		x.powers.square = x.powers.square.add(product(v, v))
	}
	if m := x.powers; g.need&needCross != 0 {
		m.sum2 = m.sum2.add(w)
		m.square2 = m.square2.add(product(w, w))
		m.cross = m.cross.add(product(v, w))
	}
}

func (p *Plan) subSums(x *extra, g *gauge, r kept) {
	v, w, ok := p.pair(g, r)
	if !ok {
		x.bad--
		return
	}
	x.sum = x.sum.sub(v)
	if g.need&needSquare != 0 {
		x.powers.square = x.powers.square.sub(product(v, v))
	}
	if m := x.powers; g.need&needCross != 0 {
		m.sum2 = m.sum2.sub(w)
		m.square2 = m.square2.sub(product(w, w))
		m.cross = m.cross.sub(product(v, w))
	}
}

// pair returns a member's values to add up; ok is false where one is too large.
func (p *Plan) pair(g *gauge, r kept) (v, w wide, ok bool) {
	if v, ok = p.quantity(r, g.value); ok && g.need&needCross != 0 {
		w, ok = p.quantity(r, g.value2)
	}
	return v, w, ok
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

// reset empties a tally whose members have all left. Marks need nothing: the first member to come
// replaces them.
func (t *tally) reset() {
	t.n = 0
	x := t.x
	if x == nil {
		return
	}
	x.sum, x.bad = wide{}, 0
	if x.words != nil {
		x.words.clear()
	}
	if x.texts != nil {
		x.texts.clear()
	}
	if x.powers != nil {
		*x.powers = powers{}
	}
}

// bytes returns what a tally takes in memory beyond the series' block.
func (t *tally) bytes() (n int) {
	x := t.x
	if x == nil {
		return 0
	}
	if x.words != nil {
		n += x.words.bytes()
	}
	if x.texts != nil {
		n += x.texts.bytes() + int(unsafe.Sizeof(*x.texts))
	}
	if x.first != nil {
		n += int(unsafe.Sizeof(*x.first))
	}
	if x.powers != nil {
		n += int(unsafe.Sizeof(*x.powers))
	}
	return n
}
