package window

import (
	"cmp"
	"encoding/binary"
	"errors"

	"github.com/throughline/throughline/dsl/policy"
)

// A snapshot of a series is what its rows do not tell: the kept rows, then, for every gauge that
// counts for ever, what rows that have gone left in it. When the series was last read or moved on
// leaves no trace, so equal state gives equal bytes.

var errSnapshot = errors.New("window: malformed snapshot")

// Append writes a series to the end of out.
func (p *Plan) Append(s *Series, out []byte) []byte {
	b := s.b
	if b == nil {
		return append(out, 0)
	}
	out = binary.AppendUvarint(out, uint64(b.rows.n)+1)
	start := len(out)
	at, seq := int64(0), uint64(0)
	for q, end := b.rows.begin(), b.rows.end(); q != end; q = b.rows.step(q) {
		r := b.rows.row(q)
		out = binary.AppendVarint(out, r.at()-at)
		out = binary.AppendVarint(out, int64(r.seq()-seq))
		at, seq = r.at(), r.seq()
		out = p.appendRow(out, r)
	}
	gone := false
	for i := range p.gauges {
		g, t := &p.gauges[i], &b.tallies[i]
		if !p.outlives(g) {
			continue
		}
		w := [2]span{p.span(g, b.now), {minTime, minTime}}
		p.shift(b, g, t, w)
		out = appendTally(out, g, t)
		gone = gone || t.n != 0
		w[0], w[1] = w[1], w[0]
		p.shift(b, g, t, w)
	}
	if b.rows.n == 0 && !gone {
		return append(out[:start-1], 0) // as if it never had a row
	}
	return out
}

// outlives reports whether a gauge counts rows that are not kept.
func (p *Plan) outlives(g *gauge) bool { return g.kind == policy.Ever && !p.forever }

func (p *Plan) appendRow(out []byte, r kept) []byte {
	out = binary.AppendUvarint(out, uint64(r.w[wordKnown]))
	for _, w := range r.w[wordKnown+1:] {
		out = binary.AppendVarint(out, w)
	}
	for _, t := range r.t {
		out = binary.AppendUvarint(out, uint64(len(t)))
		out = append(out, t...)
	}
	return out
}

func appendTally(out []byte, g *gauge, t *tally) []byte {
	out = binary.AppendUvarint(out, uint64(t.n))
	if g.need&needSum != 0 {
		out = binary.AppendUvarint(out, uint64(t.x.bad))
		out = appendWords(out, t.x.sum.lo, uint64(t.x.sum.hi))
	}
	if g.need&needSquare != 0 {
		out = appendWords(out, t.x.powers.square[:]...)
	}
	if g.need&needCross != 0 {
		m := t.x.powers
		out = appendWords(out, m.sum2.lo, uint64(m.sum2.hi))
		out = appendWords(out, m.square2[:]...)
		out = appendWords(out, m.cross[:]...)
	}
	if g.need&needSet == 0 {
		return out
	}
	if g.texts {
		return appendSet(out, t.x.texts, func(out []byte, k string) []byte {
			return append(binary.AppendUvarint(out, uint64(len(k))), k...)
		})
	}
	return appendSet(out, t.x.words, binary.AppendVarint)
}

func appendWords(out []byte, words ...uint64) []byte {
	for _, w := range words {
		out = binary.LittleEndian.AppendUint64(out, w)
	}
	return out
}

func appendSet[K cmp.Ordered](out []byte, s *set[K], key func([]byte, K) []byte) []byte {
	out = binary.AppendUvarint(out, uint64(s.distinct))
	for i := range len(s.rest) + 1 {
		for _, c := range s.leaf(i).cells {
			out = binary.AppendUvarint(key(out, c.key), uint64(c.n))
		}
	}
	return out
}

// Load reads a series that Append wrote under the same plan and returns the bytes after it. What
// was there before is gone. Damaged bytes give an error, or a series that writes the same bytes.
func (p *Plan) Load(s *Series, in []byte) (rest []byte, err error) {
	*s = Series{}
	r := &reader{in: in}
	n := r.uint()
	if n == 0 {
		return r.done()
	}
	b := p.open(s)
	for n--; n > 0 && !r.failed; n-- {
		p.loadRow(r, b)
	}
	empty := b.rows.n == 0
	for i := range p.gauges {
		t := &b.tallies[i]
		if p.outlives(&p.gauges[i]) {
			loadTally(r, &p.gauges[i], t)
		}
		empty = empty && t.n == 0
		if !p.gauges[i].placed() {
			t.leave = minTime
		}
	}
	b.next, b.enter = minTime, minTime // the first access brings it to its moment
	r.failed = r.failed || empty
	if r.failed {
		*s = Series{}
	}
	return r.done()
}

func (p *Plan) loadRow(r *reader, b *body) {
	k := p.row
	clear(k.w)
	if last, ok := b.rows.back(b.rows.end()); ok {
		copy(k.w, b.rows.row(last).w[:wordKnown])
	}
	at, seq := k.at(), k.seq()
	k.w[wordAt] += r.int()
	k.w[wordSeq] += r.int()
	if b.rows.n > 0 && (k.at() < at || k.at() == at && k.seq() <= seq) { // no row comes twice
		r.failed = true
	}
	k.w[wordKnown] = int64(r.uint())
	for i := wordKnown + 1; i < len(k.w); i++ {
		k.w[i] = r.int()
	}
	for i := range k.t {
		k.t[i] = r.text()
	}
	if !r.failed {
		b.rows.insert(k, &p.spare)
	}
}

func loadTally(r *reader, g *gauge, t *tally) {
	t.n = int64(r.uint())
	if g.need&needSum != 0 {
		bad := r.uint()
		t.x.bad = int64(bad)
		r.failed = r.failed || bad > uint64(t.n)
		t.x.sum.lo, t.x.sum.hi = r.word(), int64(r.word())
	}
	if g.need&needSquare != 0 {
		r.vast(&t.x.powers.square)
	}
	if g.need&needCross != 0 {
		m := t.x.powers
		m.sum2.lo, m.sum2.hi = r.word(), int64(r.word())
		r.vast(&m.square2)
		r.vast(&m.cross)
	}
	switch {
	case t.n < 0:
		r.failed = true
	case g.need&needSet == 0:
	case g.texts:
		loadSet(r, t.x.texts, r.text)
		r.failed = r.failed || t.x.texts.total != t.n
	default:
		loadSet(r, t.x.words, r.int)
		r.failed = r.failed || t.x.words.total != t.n
	}
}

func loadSet[K cmp.Ordered](r *reader, s *set[K], key func() K) {
	var last K
	for n := r.uint(); n > 0 && !r.failed; n-- {
		k, c := key(), r.uint()
		if c == 0 || c>>32 != 0 || s.distinct > 0 && k <= last || r.failed {
			r.failed = true
			return
		}
		s.add(k, uint32(c))
		last = k
	}
}

// reader takes a snapshot apart. After a failure it yields zeros.
type reader struct {
	in     []byte
	failed bool
}

func (r *reader) done() ([]byte, error) {
	if r.failed {
		return nil, errSnapshot
	}
	return r.in, nil
}

func (r *reader) uint() uint64 {
	n, size := binary.Uvarint(r.in)
	if size <= 0 || size > 1 && r.in[size-1] == 0 { // not the shortest form: not ours
		r.failed = true
	}
	if r.failed {
		return 0
	}
	r.in = r.in[size:]
	return n
}

func (r *reader) int() int64 {
	n := r.uint()
	return int64(n>>1) ^ -int64(n&1)
}

func (r *reader) word() uint64 {
	if r.failed = r.failed || len(r.in) < 8; r.failed {
		return 0
	}
	n := binary.LittleEndian.Uint64(r.in)
	r.in = r.in[8:]
	return n
}

func (r *reader) vast(v *vast) {
	for i := range v {
		v[i] = r.word()
	}
}

func (r *reader) text() string {
	n := r.uint()
	if r.failed = r.failed || n > uint64(len(r.in)); r.failed {
		return ""
	}
	t := string(r.in[:n])
	r.in = r.in[n:]
	return t
}
