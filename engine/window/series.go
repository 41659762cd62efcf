package window

import (
	"reflect"
	"unsafe"

	"github.com/throughline/throughline/dsl/policy"
)

// Series holds the rows of one source for one subject. The zero Series is empty. It belongs to
// the plan it is first used with, and moments given for it never go back.
type Series struct{ b *body }

// body is a series that has had a row. Its tallies stand at the moment now; until next they are
// also right at every later one, so most reads compare two numbers and are done.
type body struct {
	next, now int64
	enter     int64   // the first row later than now; maxTime: none waits
	tallies   []tally // by gauge
	rows      rows
}

// open returns the body of a series, making it where there is none.
func (p *Plan) open(s *Series) *body {
	if s.b != nil {
		return s.b
	}
	// One block of memory for all that has a fixed size: apart, each piece would be another miss
	// of the cache and of the page table, and that is what reading a series costs.
	at := reflect.New(p.block).UnsafePointer()
	b := (*body)(at)
	b.tallies = unsafe.Slice((*tally)(unsafe.Add(at, p.parts[0])), len(p.gauges))
	var extras []extra
	var sets []set[int64]
	if p.extras > 0 {
		extras = unsafe.Slice((*extra)(unsafe.Add(at, p.parts[1])), p.extras)
	}
	if p.sets > 0 {
		sets = unsafe.Slice((*set[int64])(unsafe.Add(at, p.parts[2])), p.sets)
	}
	b.now, b.next, b.enter = minTime, maxTime, maxTime
	b.rows.stride, b.rows.texts = uint16(p.layout.stride), uint16(p.layout.texts)
	for i := range p.gauges {
		g, t := &p.gauges[i], &b.tallies[i]
		t.leave = maxTime
		if !g.wide() {
			continue
		}
		t.x, extras = &extras[0], extras[1:]
		if g.words() {
			t.x.words, sets = &sets[0], sets[1:]
		}
		t.x.provide(g)
		t.x.built = g.kind == policy.Ever // rows that have gone cannot be asked later
	}
	s.b = b
	return b
}

// blockOf is the type of a series' block.
func (p *Plan) blockOf() reflect.Type {
	for i := range p.gauges {
		if p.gauges[i].wide() {
			p.extras++
		}
		if p.gauges[i].words() {
			p.sets++
		}
	}
	return reflect.StructOf([]reflect.StructField{
		{Name: "Body", Type: reflect.TypeFor[body]()},
		{Name: "Tallies", Type: reflect.ArrayOf(len(p.gauges), reflect.TypeFor[tally]())},
		{Name: "Extras", Type: reflect.ArrayOf(p.extras, reflect.TypeFor[extra]())},
		{Name: "Sets", Type: reflect.ArrayOf(p.sets, reflect.TypeFor[set[int64]]())},
	})
}

// Insert puts a copy of a row into a series. Texts are not copied: the caller must not reuse the
// memory behind them. (At, Seq) must be new. A row later than now stays invisible until now
// reaches it; one that no window can see any more counts only for what is kept for ever.
func (p *Plan) Insert(s *Series, r *Row, now int64) {
	b := p.open(s)
	p.settle(b, now)
	h := p.horizon(b.now)
	b.rows.drop(h)
	k := p.pack(r)
	if !p.wants(k) {
		return // no window will ever count it
	}
	if r.At > h {
		b.rows.insert(k, &p.spare)
	}
	if r.At > b.now {
		b.enter = min(b.enter, r.At)
		b.next = min(b.next, r.At)
	}
	for i := range p.gauges {
		g := &p.gauges[i]
		if !p.takes(g, k) || g.placed() {
			continue
		}
		t, w := &b.tallies[i], p.span(g, b.now)
		leave := int64(maxTime)
		switch {
		case r.At <= w.lo:
			continue
		case r.At <= w.hi:
			p.add(t, g, k)
			leave = p.leaves(g, r.At, b.now)
		case g.kind == policy.Prior:
			leave = p.leaves(g, r.At, b.now)
		}
		if leave <= t.leave {
			t.leave, t.stale = leave, false
			b.next = min(b.next, leave)
		}
	}
}

// Remove takes a row out of a series: a retraction, or an entity's row before it changes. It
// reports false where the row is not kept (any more); then RemoveRow can take it out of what is
// counted for ever.
func (p *Plan) Remove(s *Series, at int64, seq uint64, now int64) (removed bool) {
	b := s.b
	if b == nil {
		return false
	}
	p.settle(b, now)
	b.rows.drop(p.horizon(b.now))
	q, ok := b.rows.find(at, seq)
	if !ok {
		return false
	}
	p.expel(b, b.rows.row(q))
	b.rows.remove(q)
	if at > b.now {
		b.enter = b.rows.firstAfter(b.now)
	}
	return true
}

// RemoveRow takes a row out whose values the caller gives back as they were inserted, so that it
// also leaves sums for ever, which keep no rows. It must have been inserted.
func (p *Plan) RemoveRow(s *Series, r *Row, now int64) (removed bool) {
	if p.Remove(s, r.At, r.Seq, now) {
		return true
	}
	b := s.b
	if b == nil || r.At > p.horizon(b.now) {
		return false
	}
	p.expel(b, p.pack(r))
	return true
}

// expel takes a row out of all tallies it is counted in.
func (p *Plan) expel(b *body, k kept) {
	at := k.at()
	for i := range p.gauges {
		g, t := &p.gauges[i], &b.tallies[i]
		if g.placed() || !p.takes(g, k) {
			continue
		}
		switch w := p.span(g, b.now); {
		case at > w.hi:
			t.stale = t.stale || g.kind == policy.Prior
		case at > w.lo:
			p.sub(t, g, k)
			t.stale = t.stale || t.n == 0 || t.leave == p.leaves(g, at, b.now)
		}
	}
}

// settle brings a series to a moment.
func (p *Plan) settle(b *body, now int64) {
	if now >= b.next {
		p.advance(b, now)
	}
	b.now = max(b.now, now)
}

// advance moves every window that changes until a moment.
func (p *Plan) advance(b *body, now int64) {
	if now < b.now {
		return
	}
	entering := b.enter <= now
	if entering {
		b.enter = b.rows.firstAfter(now)
	}
	b.next = b.enter
	p.warm += b.touch(now)
	for i := range p.gauges {
		g, t := &p.gauges[i], &b.tallies[i]
		if g.placed() {
			continue
		}
		if t.leave <= now || entering {
			p.shift(b, g, t, [2]span{p.span(g, b.now), p.span(g, now)})
			p.foresee(b, g, t, now)
		}
		b.next = min(b.next, t.leave)
	}
	b.now = now
}

// touch reads what the windows that change until a moment are about to read.
func (b *body) touch(now int64) (sum int64) {
	for i := range b.tallies {
		t := &b.tallies[i]
		if t.leave <= now {
			sum += b.rows.touch(t.hint)
		}
		if t.x != nil {
			sum += t.x.bad
			if t.x.words != nil {
				sum += t.x.words.touch()
			}
		}
	}
	return sum
}

// Touch reads what the next row of a series will make everybody read: its tallies, sets and last
// row. Apart, each would wait for the memory in turn; here the processor fetches them at once.
func (p *Plan) Touch(s *Series) {
	b := s.b
	if b == nil {
		return
	}
	sum := b.next + b.rows.touchLast()
	for i := range b.tallies {
		t := &b.tallies[i]
		sum += t.n
		if t.x == nil {
			continue
		}
		sum += t.x.bad + t.x.last.at
		if t.x.words != nil {
			sum += t.x.words.touch()
		}
	}
	p.warm += sum
}

// Fetch reads what the next rows of some series will make everybody read, of all series at once:
// the processor waits for memory that lies in many places only as long as for the slowest of it.
func (p *Plan) Fetch(all []*Series) {
	const line = 64
	size := p.block.Size()
	sum := int64(0)
	for _, s := range all {
		if s.b == nil {
			continue
		}
		b := unsafe.Slice((*byte)(unsafe.Pointer(s.b)), size)
		for i := uintptr(0); i < size; i += line {
			sum += int64(b[i])
		}
	}
	for _, s := range all {
		b := s.b
		if b == nil {
			continue
		}
		sum += b.rows.touchLast()
		for i := range b.tallies {
			t := &b.tallies[i]
			sum += b.rows.touch(t.hint)
			if x := t.x; x != nil && x.words != nil {
				sum += x.words.touch()
			}
		}
	}
	p.warm += sum
}

// shift moves a tally from one span of its window to another, either way in time.
func (p *Plan) shift(b *body, g *gauge, t *tally, w [2]span) {
	from, to := w[0], w[1]
	if g.kind != policy.Ever && (to.lo >= from.hi || to.hi <= from.lo) {
		if t.n > 0 {
			t.reset()
		}
		p.fold(b, g, t, to)
		return
	}
	if from.lo < to.lo {
		p.unfold(b, g, t, span{from.lo, to.lo})
	}
	if to.lo < from.lo {
		p.fold(b, g, t, span{to.lo, from.lo})
	}
	if to.hi > from.hi {
		p.fold(b, g, t, span{from.hi, to.hi})
	}
	if to.hi < from.hi {
		p.unfold(b, g, t, span{to.hi, from.hi})
	}
}

// fold adds the kept rows of a span that are members.
func (p *Plan) fold(b *body, g *gauge, t *tally, w span) {
	l, f := &b.rows, p.filter(g, w.hi)
	if l.n == 0 {
		return
	}
	q, ok := l.scan(l.after(w.lo), f)
	for ; ok; q, ok = l.scan(l.step(q), f) {
		p.add(t, g, l.row(q))
	}
}

// unfold takes out the kept rows of a span that are members. No member is earlier than the one
// that leaves first, so it begins there.
func (p *Plan) unfold(b *body, g *gauge, t *tally, w span) {
	l, f := &b.rows, p.filter(g, w.hi)
	if g.kind == policy.Sliding && t.leave != maxTime {
		w.lo = max(w.lo, minus(t.leave, g.d+1))
	}
	q, ok := l.scan(l.afterHint(w.lo, &t.hint), f)
	for ; ok; q, ok = l.scan(l.step(q), f) {
		p.sub(t, g, l.row(q))
	}
	l.note(q, &t.hint)
}

// foresee finds when a tally next changes by what leaves or by its period, seen from a moment.
// Rows beyond the end of a window over the period before come into it when the period ends.
func (p *Plan) foresee(b *body, g *gauge, t *tally, now int64) {
	t.stale = false
	t.leave = maxTime
	w, l := p.span(g, now), &b.rows
	some := t.n > 0
	if !some && g.kind == policy.Prior {
		_, some = l.scan(l.after(w.hi), p.filter(g, maxTime))
	}
	if !some {
		return
	}
	if g.kind != policy.Sliding {
		t.leave = p.leaves(g, 0, now)
		return
	}
	q, _ := l.scan(l.afterHint(w.lo, &t.hint), p.filter(g, w.hi))
	l.note(q, &t.hint)
	t.leave = p.leaves(g, l.at(q), now)
}

// Next returns the next moment after now at which a spec's value may change by time alone: a row
// enters or leaves its window, or a period begins; false: never. Windows After and Before change
// only at their own ends, which the caller knows.
func (p *Plan) Next(s *Series, spec int, now int64) (at int64, ok bool) {
	b := s.b
	if b == nil {
		return 0, false
	}
	p.settle(b, now)
	i := p.queries[spec].gauge
	g, t := &p.gauges[i], &b.tallies[i]
	if t.stale {
		p.foresee(b, g, t, b.now)
	}
	switch g.kind {
	case policy.After, policy.Before:
		return 0, false
	case policy.Prior:
		at = t.leave
	default:
		at = min(t.leave, b.enter)
	}
	if at == maxTime {
		return 0, false
	}
	return at, true
}

// Falls returns the next moment after now at which the number of rows of a sliding window, by time
// alone, falls below what bears allows: how many may leave without a consequence, -1: all. A row
// that is yet to come into it counts as a consequence. It may name an earlier moment where many
// rows leave first: a look then too early finds nothing changed.
func (p *Plan) Falls(s *Series, spec int, now int64, bears func(n int64) int64) (int64, bool) {
	b := s.b
	if b == nil {
		return 0, false
	}
	p.settle(b, now)
	i := p.queries[spec].gauge
	g, t := &p.gauges[i], &b.tallies[i]
	at := b.enter
	if n := bears(t.n); n >= 0 && n < t.n {
		if t.stale {
			p.foresee(b, g, t, b.now)
		}
		at = min(at, max(t.leave, plus(p.nth(b, g, t, n), g.d)))
	}
	return at, at != maxTime
}

// nearby is how many rows are read at most to find the one whose leaving counts.
const nearby = 32

// nth returns the moment of the window's row of rank n, from the oldest as 0, or where that is far
// from either end, of one before it. The newest rows are looked at first: they are in the cache.
func (p *Plan) nth(b *body, g *gauge, t *tally, n int64) int64 {
	l := &b.rows
	at, ok := l.back(l.after(b.now))
	for k, left := t.n-1, nearby; ok && left > 0; left-- {
		if r := l.row(at); p.takes(g, r) {
			if k == n {
				return r.at()
			}
			k--
		}
		at, ok = l.back(at)
	}
	if n == 0 {
		return minTime // the caller knows when the first leaves
	}
	w := p.span(g, b.now)
	f := p.filter(g, w.hi)
	at, ok = l.scan(l.afterHint(w.lo, &t.hint), f)
	for n = min(n, nearby); ok && n > 0; n-- {
		at, ok = l.scan(l.step(at), f)
	}
	return l.at(at) // there is one: n is a rank in the window
}

// Bytes returns what a series takes in memory.
func (p *Plan) Bytes(s *Series) int {
	n := int(unsafe.Sizeof(*s))
	if s.b == nil {
		return n
	}
	n += int(p.block.Size()) + s.b.rows.bytes()
	for i := range s.b.tallies {
		n += s.b.tallies[i].bytes()
	}
	return n
}
