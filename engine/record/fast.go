package record

import "github.com/throughline/throughline/dsl/value"

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
		k, name := s.key(sh, guess)
		if k < 0 {
			if name == nil || !d.stranger(&s, sh, name, r) {
				return false
			}
		} else {
			if k != guess {
				sh.learn(prev, k)
			}
			prev, guess = k, sh.next[k]
			if at := &sh.keys[k]; !d.field(&s, at, r, &e) {
				return false
			}
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

// key reads a key and its colon, the guessed one at the cost of one comparison. Of one that the
// type does not have it returns the name; where there is no key there is no name either.
func (s *scanner) key(sh *shape, guess int32) (int32, []byte) {
	q := sh.keys[guess].quoted
	if len(s.b)-s.i >= len(q) && string(s.b[s.i:s.i+len(q)]) == q {
		s.i += len(q)
		s.skip()
		return guess, nil
	}
	lo, hi, ok := s.text()
	if !ok {
		return -1, nil
	}
	s.skip()
	if !s.take(':') {
		return -1, nil
	}
	s.skip()
	if k, ok := sh.byName[string(s.b[lo:hi])]; ok {
		return k, nil
	}
	return -1, s.b[lo:hi]
}

// member reads the value of a key of the envelope.
func (d *Decoder) member(s *scanner, k *key, e *envelopeSeen) bool {
	switch {
	case k.role == asID && !e.hasID:
		e.id, e.hasID = s.str()
		return e.hasID && e.id != ""
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

// field reads the value of a key.
func (d *Decoder) field(s *scanner, k *key, r *Record, e *envelopeSeen) bool {
	if k.role != asField {
		return d.member(s, k, e)
	}
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
