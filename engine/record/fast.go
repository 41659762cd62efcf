package record

import (
	"math"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/value"
)

// scanner walks over one line. Its methods answer false for everything that is not plain; the
// full decoder then says what it is.
type scanner struct {
	b []byte
	i int
}

// fast decodes a plain record. Where it answers false, r holds nothing of use.
func (d *Decoder) fast(line []byte, def *Defaults, r *Record) bool {
	s := scanner{b: line}
	s.skip()
	if !s.take('{') {
		return false
	}
	s.skip()
	sh, prev := d.opening(&s, def)
	if sh == nil {
		return false
	}
	r.reset(sh)
	var e envelopeSeen
	guess := sh.first
	if prev >= 0 {
		e.typed = true
		guess = sh.next[prev]
		if s.take('}') {
			return s.end() && d.settle(sh, &e, def, r)
		}
		if !s.take(',') {
			return false
		}
		s.skip()
	}
	for {
		k := s.key(sh, guess)
		if k < 0 {
			return false
		}
		if k != guess {
			sh.learn(prev, k)
		}
		prev, guess = k, sh.next[k]
		if at := &sh.keys[k]; at.role == asField {
			if !d.field(&s, at, r) {
				return false
			}
		} else if !d.member(&s, at, &e) {
			return false
		}
		s.skip()
		if s.take(',') {
			s.skip()
			continue
		}
		return s.take('}') && s.end() && d.settle(sh, &e, def, r)
	}
}

// opening finds the record's type: in the first key, further on, or given from outside.
func (d *Decoder) opening(s *scanner, def *Defaults) (*shape, int32) {
	const first = `"type":`
	if len(s.b)-s.i >= len(first) && string(s.b[s.i:s.i+len(first)]) == first {
		s.i += len(first)
		s.skip()
		if lo, hi, ok := s.text(); ok {
			s.skip()
			return d.named(s.b[lo:hi]), 0 // the key `type` is always the first of a shape
		}
		return nil, -1
	}
	if def.Type == nil {
		ahead := *s
		name, ok := ahead.typeAhead()
		if !ok {
			return nil, -1
		}
		return d.named(name), -1
	}
	if d.last == nil || d.last.rec != def.Type {
		d.last = d.byName[def.Type.Full]
	}
	if d.last == nil || !d.last.open {
		return nil, -1
	}
	return d.last, -1
}

// named returns the shape of a type that takes records.
func (d *Decoder) named(name []byte) *shape {
	if d.last == nil || d.last.rec.Full != string(name) {
		d.last = d.byName[string(name)]
	}
	if d.last == nil || !d.last.open {
		return nil
	}
	return d.last
}

// key reads a key and its colon, the guessed one at the cost of one comparison.
func (s *scanner) key(sh *shape, guess int32) int32 {
	q := sh.keys[guess].quoted
	if len(s.b)-s.i >= len(q) && string(s.b[s.i:s.i+len(q)]) == q {
		s.i += len(q)
		s.skip()
		return guess
	}
	lo, hi, ok := s.text()
	if !ok {
		return -1
	}
	k, ok := sh.byName[string(s.b[lo:hi])]
	s.skip()
	if !ok || !s.take(':') {
		return -1
	}
	s.skip()
	return k
}

// member reads the value of a key of the envelope.
func (d *Decoder) member(s *scanner, k *key, e *envelopeSeen) bool {
	switch {
	case k.role == asID && !e.hasID:
		e.id, e.hasID = s.str()
		return e.id != ""
	case k.role == asType && !e.typed:
		lo, hi, ok := s.text() // opening read it already
		e.typed = ok && d.byName[string(s.b[lo:hi])] == d.last
		return e.typed
	case k.role == asAt && !e.hasAt:
		e.at, e.hasAt = d.moment(s)
		return e.hasAt
	case k.role == asReceived && !e.hasRec:
		e.received, e.hasRec = d.moment(s)
		return e.hasRec
	}
	return false
}

// field reads the value of a field.
func (d *Decoder) field(s *scanner, k *key, r *Record) bool {
	if r.Named[k.word]&k.bit != 0 {
		return false
	}
	r.Named[k.word] |= k.bit
	if s.i < len(s.b) && s.b[s.i] == 'n' {
		r.Null[k.word] |= k.bit
		return s.word("null")
	}
	var n int64
	var ok bool
	switch k.kind {
	case value.Int, value.Number, value.Percent, value.Money, value.Duration, value.Distance:
		n, ok = d.quantity(s, k.kind)
	case value.Text:
		r.Slots.S[k.pos], ok = s.str()
		r.Slots.Known[k.word] |= k.bit
		return ok
	case value.Ref:
		r.Refs[k.index], ok = s.str()
		r.Slots.Known[k.word] |= k.bit
		return ok && r.Refs[k.index] != ""
	case value.Choice:
		name, fine := s.str()
		if !fine {
			return false
		}
		n, ok = k.choice.find(name)
	case value.Bool:
		n, ok = s.truth()
	case value.Time:
		n, ok = d.moment(s)
	case value.Date:
		lo, hi, fine := s.text()
		m, fault := value.ReadMoment(s.b[lo:hi])
		n, ok = m.Date, fine && fault == value.MomentOK && !m.Timed
	default:
		return d.nested(s, k, r)
	}
	r.Slots.N[k.pos] = n
	r.Slots.Known[k.word] |= k.bit
	return ok
}

// moment reads a moment of the years 0001 to 9999.
func (d *Decoder) moment(s *scanner) (int64, bool) {
	lo, hi, ok := s.text()
	if !ok {
		return 0, false
	}
	m, fault := value.ReadMoment(s.b[lo:hi])
	if fault != value.MomentOK {
		return 0, false
	}
	t := m.In(d.zone)
	return t, t >= value.MinTime && t <= value.MaxTime
}

// quantity reads a number, or the text of one, as a kind of class Word or Float.
func (d *Decoder) quantity(s *scanner, k value.Kind) (int64, bool) {
	if s.i < len(s.b) && s.b[s.i] == '"' {
		lo, hi, ok := s.text()
		if !ok || k == value.Int || k == value.Number {
			return 0, false
		}
		v, remark, ok := d.textual(k, view(s.b[lo:hi]))
		return v.N, ok && remark.Code == ""
	}
	m, places, ok := s.number()
	switch {
	case !ok:
		return 0, false
	case k == value.Int:
		return m, places == 0
	case k == value.Money:
		return scale(m, 4-places)
	case k == value.Duration:
		return scale(m, 6-places)
	}
	if m > 1<<53 || m < -1<<53 || places > 22 {
		return 0, false
	}
	f := float64(m)
	if places > 0 {
		f /= tens[places]
	}
	if k == value.Percent && math.Abs(f) > oddPercent {
		return 0, false
	}
	return int64(math.Float64bits(f)), true
}

// tens are the powers of ten that a float64 holds exactly.
var tens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13,
	1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// scale returns m × 10^places where that is exact and surely fits.
func scale(m int64, places int) (int64, bool) {
	const most = 1e12 // times 10⁶ it still fits
	if places < 0 || m > most || m < -most {
		return 0, false
	}
	for ; places > 0; places-- {
		m *= 10
	}
	return m, true
}

// nested reads a point, list, media and the like: a plain pair of numbers here, all else by the
// full decoder from the bytes of this value.
func (d *Decoder) nested(s *scanner, k *key, r *Record) bool {
	if k.kind == value.Point {
		if p, ok := d.pair(s); ok {
			r.put(k.field, value.Value{Kind: value.Point, X: p})
			return true
		}
	}
	from := s.i
	if !s.jump() {
		return false
	}
	raw := s.b[from:s.i]
	if !utf8.Valid(raw) {
		return false
	}
	root, problem := parseTree(raw)
	if problem.Code != "" {
		return false
	}
	c := converter{d: d, r: r, field: k.field}
	v, ok := c.value(&k.field.Type, root, k.field.Name)
	if !ok || r.Reject != nil || len(r.Findings) > 0 {
		return false
	}
	r.put(k.field, v)
	return true
}

// pair reads [lat,lng] and leaves the scanner where it was if there is anything else.
func (d *Decoder) pair(s *scanner) (*value.Place, bool) {
	from := s.i
	lat, ok1 := s.degrees('[')
	lng, ok2 := s.degrees(',')
	s.skip()
	if !ok1 || !ok2 || !s.take(']') || !onEarth(lat, lng) {
		s.i = from
		return nil, false
	}
	p := value.PlaceIn(lat, lng, d.datum)
	return &p, true
}

// degrees reads a number after a sign.
func (s *scanner) degrees(after byte) (float64, bool) {
	s.skip()
	if !s.take(after) {
		return 0, false
	}
	s.skip()
	m, places, ok := s.number()
	if !ok || m > 1<<53 || m < -1<<53 || places > 22 {
		return 0, false
	}
	return float64(m) / tens[places], true
}
