package record

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/value"
)

// maxStrangers is how many unknown keys of a record the fast path remarks.
const maxStrangers = 16

// stranger remarks an unknown key, as exports of other programs are full of them. What is said of
// it is worked out once; each record gets a copy.
func (d *Decoder) stranger(s *scanner, sh *shape, name []byte, r *Record) bool {
	if len(name) > 64 || len(r.Findings) == maxStrangers || !s.lawful() {
		return false
	}
	switch string(name) {
	case "by", "why", rowKey:
		return false
	}
	for i := range r.Findings {
		if r.Findings[i].Args[0] == string(name) {
			return false
		}
	}
	f, known := sh.strangers[string(name)]
	if !known {
		f = sh.strange(string(name), false)
		if len(sh.strangers) < 256 {
			sh.strangers[string(name)] = f
		}
	}
	f.Args = slices.Clone(f.Args)
	r.Findings = append(r.Findings, f)
	return true
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
	return t, value.InRange(t, d.zone)
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
	if k.kind == value.List {
		if list, ok := d.plainList(s, k); ok {
			r.put(k.field, value.Value{Kind: value.List, X: list})
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
	root, problem := parseTree(raw, 1)
	if problem.Code != "" {
		return false
	}
	told := len(r.Findings)
	c := converter{d: d, r: r, field: k.field}
	v, ok := c.value(&k.field.Type, root, k.field.Name)
	if !ok || r.Reject != nil || len(r.Findings) > told {
		return false
	}
	r.put(k.field, v)
	return true
}

// plainList reads a list of texts, references or choices, and leaves the scanner where it was if
// there is anything else. Lists outlive the line, so their texts are copies.
func (d *Decoder) plainList(s *scanner, k *key) ([]value.Value, bool) {
	from, elem, list := s.i, k.field.Type.Elem, make([]value.Value, 0, 4)
	ok := elem != nil && s.take('[')
	for s.skip(); ok && !s.take(']'); s.skip() {
		if len(list) > 0 {
			ok = s.take(',')
			s.skip()
		}
		text, fine := s.str()
		v := value.Value{Kind: elem.Kind}
		switch elem.Kind {
		case value.Text, value.Ref:
			v.S = strings.Clone(text)
			fine = fine && (elem.Kind == value.Text || text != "")
		case value.Choice:
			var known bool
			v.N, known = d.choices[elem.Choice].find(text)
			fine = fine && known
		default:
			fine = false
		}
		ok = ok && fine
		list = append(list, v)
	}
	if !ok {
		s.i = from
	}
	return list, ok
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
