package window

import (
	"unsafe"

	"github.com/throughline/throughline/dsl/policy"
)

// Series holds the rows of one source for one subject. The zero Series is empty. It belongs to
// the plan it is first used with, and moments given for it never go back.
type Series struct{ b *body }

// body is a series that has had a row. Its tallies stand at the moment now; until next they are
// also right at every later one, so most reads compare two numbers and are done.
type body struct {
	now, next int64
	rows      rows
	tallies   []tally // by gauge
}

// open returns the body of a series, making it where there is none.
func (p *Plan) open(s *Series) *body {
	if s.b != nil {
		return s.b
	}
	b := &body{now: minTime, next: maxTime, tallies: make([]tally, len(p.gauges))}
	b.rows.stride, b.rows.texts = int32(p.layout.stride), int32(p.layout.texts)
	for i := range p.gauges {
		g, t := &p.gauges[i], &b.tallies[i]
		t.leave, t.enter = maxTime, maxTime
		if g.need&^needSum == 0 {
			continue
		}
		t.x = &extra{}
		if g.kind == policy.Ever && g.need&needSet != 0 {
			p.provide(g, t.x) // rows that have gone cannot be asked later
		}
	}
	s.b = b
	return b
}

// provide gives a gauge its set, still empty.
func (p *Plan) provide(g *gauge, x *extra) {
	if g.texts {
		x.texts = &set[string]{}
	} else {
		x.words = &set[int64]{}
	}
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
	if r.At > h {
		b.rows.insert(k)
	}
	for i := range p.gauges {
		g, t := &p.gauges[i], &b.tallies[i]
		if !p.takes(g, k) {
			continue
		}
		switch w := p.span(g, b.now); {
		case r.At > w.hi:
			if m := p.enters(g, r.At); m <= t.enter {
				t.enter, t.staleEnter = m, false
				b.next = min(b.next, m)
			}
		case r.At > w.lo && !g.placed():
			p.add(t, g, k)
			if m := p.leaves(g, r.At, b.now); m <= t.leave {
				t.leave, t.staleLeave = m, false
				b.next = min(b.next, m)
			}
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
		if !p.takes(g, k) {
			continue
		}
		switch w := p.span(g, b.now); {
		case at > w.hi:
			t.staleEnter = t.staleEnter || t.enter == p.enters(g, at)
		case at > w.lo && !g.placed():
			p.sub(t, g, k)
			if t.n == 0 {
				t.leave, t.staleLeave = maxTime, false
			} else if g.kind == policy.Sliding && t.leave == p.leaves(g, at, b.now) {
				t.staleLeave = true
			}
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
	b.next = maxTime
	for i := range p.gauges {
		g, t := &p.gauges[i], &b.tallies[i]
		if min(t.leave, t.enter) <= now {
			to := p.span(g, now)
			if !g.placed() {
				p.shift(b, g, t, [2]span{p.span(g, b.now), to})
			}
			p.foresee(b, g, t, now)
		}
		b.next = min(b.next, t.leave, t.enter)
	}
	b.now = now
}

// shift moves a tally from one span of its window to another, either way in time.
func (p *Plan) shift(b *body, g *gauge, t *tally, w [2]span) {
	from, to := w[0], w[1]
	if g.kind != policy.Ever && (to.lo >= from.hi || to.hi <= from.lo) {
		t.reset()
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
	l := &b.rows
	var hint uint32
	for q, end := l.after(w.lo, &hint), l.end(); q != end; q = l.step(q) {
		r := l.row(q)
		if r.at() > w.hi {
			break
		}
		if p.takes(g, r) {
			p.add(t, g, r)
		}
	}
}

// unfold takes out the kept rows of a span that are members, and remembers where it ended.
func (p *Plan) unfold(b *body, g *gauge, t *tally, w span) {
	l := &b.rows
	q, end := l.after(w.lo, &t.hint), l.end()
	for ; q != end; q = l.step(q) {
		r := l.row(q)
		if r.at() > w.hi {
			break
		}
		if p.takes(g, r) {
			p.sub(t, g, r)
		}
	}
	l.note(q, &t.hint)
}

// foresee finds when a tally next changes by time alone, seen from a moment.
func (p *Plan) foresee(b *body, g *gauge, t *tally, now int64) {
	w := p.span(g, now)
	switch {
	case t.n == 0:
		t.leave = maxTime
	case g.kind != policy.Sliding:
		t.leave = p.leaves(g, 0, now)
	case t.staleLeave || t.leave <= now || t.leave == maxTime:
		t.leave = maxTime
		if at, ok := p.firstAfter(b, g, w.lo, &t.hint); ok {
			t.leave = p.leaves(g, at, now)
		}
	}
	if t.staleEnter || t.enter <= now {
		t.enter = maxTime
		var hint uint32
		if at, ok := p.firstAfter(b, g, w.hi, &hint); ok {
			t.enter = p.enters(g, at)
		}
	}
	t.staleLeave, t.staleEnter = false, false
}

// firstAfter returns the moment of the first member later than a moment.
func (p *Plan) firstAfter(b *body, g *gauge, at int64, hint *uint32) (int64, bool) {
	l := &b.rows
	for q, end := l.after(at, hint), l.end(); q != end; q = l.step(q) {
		if r := l.row(q); p.takes(g, r) {
			return r.at(), true
		}
	}
	return 0, false
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
	if g.kind == policy.After || g.kind == policy.Before {
		return 0, false
	}
	if t.staleLeave || t.staleEnter {
		p.foresee(b, g, t, b.now)
	}
	at = min(t.leave, t.enter)
	return at, at != maxTime
}

// Bytes returns what a series takes in memory.
func (p *Plan) Bytes(s *Series) int {
	n := int(unsafe.Sizeof(*s))
	if s.b == nil {
		return n
	}
	n += int(unsafe.Sizeof(*s.b)) + cap(s.b.tallies)*int(unsafe.Sizeof(tally{})) + s.b.rows.bytes()
	for i := range s.b.tallies {
		n += s.b.tallies[i].bytes()
	}
	return n
}
