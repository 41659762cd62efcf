package floor

import (
	"errors"
	"math"
	"strconv"
)

// ErrOdd is the answer to a line that is not flat, escapes a character or has an unknown key. A
// real decoder then takes the slow way; this yardstick has none.
var ErrOdd = errors.New("line is not in the plain form")

// Width is the number of slots of a record, a power of two so that no index is checked.
const Width = 32

// Slots decodes flat JSON objects into numbers: true is 1, a string the number of its first
// appearance. It keeps no record and makes no garbage.
type Slots struct {
	bySlot []string // expected order: a hit spares the look-up
	byName map[string]int
	words  map[string]float64
}

// NewSlots takes the keys in the order in which they usually come.
func NewSlots(keys []string) *Slots {
	d := &Slots{bySlot: keys, byName: map[string]int{}, words: map[string]float64{}}
	for i, k := range keys {
		d.byName[k] = i
	}
	return d
}

// A line is a place in the text that is being decoded.
type line struct {
	b []byte
	i int
}

// Decode fills the slots that the line names.
func (d *Slots) Decode(b []byte, out *[Width]float64) error {
	l := line{b: b}
	expected := 0
	if !l.next('{') {
		return ErrOdd
	}
	for {
		l.space()
		key, ok := l.text()
		if !ok {
			return ErrOdd
		}
		slot := expected
		if slot >= len(d.bySlot) || string(key) != d.bySlot[slot] {
			if slot, ok = d.byName[string(key)]; !ok {
				return ErrOdd
			}
		}
		expected = slot + 1
		if !l.next(':') {
			return ErrOdd
		}
		l.space()
		if out[slot%Width], ok = d.value(&l); !ok {
			return ErrOdd
		}
		if l.next('}') {
			return nil
		}
		if !l.next(',') {
			return ErrOdd
		}
	}
}

func (d *Slots) value(l *line) (float64, bool) {
	if l.i >= len(l.b) {
		return 0, false
	}
	switch c := l.b[l.i]; {
	case c == '"':
		s, ok := l.text()
		word, known := d.words[string(s)]
		if ok && !known {
			word = float64(len(d.words))
			d.words[string(s)] = word
		}
		return word, ok
	case c == 't' && l.i+4 <= len(l.b):
		l.i += 4
		return 1, true
	case c == 'f' && l.i+5 <= len(l.b):
		l.i += 5
		return 0, true
	}
	return l.number()
}

func (l *line) space() {
	for l.i < len(l.b) {
		if c := l.b[l.i]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return
		}
		l.i++
	}
}

// next steps over one mark and the space before it.
func (l *line) next(mark byte) bool {
	l.space()
	if l.i >= len(l.b) || l.b[l.i] != mark {
		return false
	}
	l.i++
	return true
}

func (l *line) text() ([]byte, bool) {
	b, i := l.b, l.i
	if i >= len(b) || b[i] != '"' {
		return nil, false
	}
	i++
	start := i
	for i < len(b) && b[i] != '"' {
		if b[i] == '\\' {
			return nil, false
		}
		i++
	}
	if i >= len(b) {
		return nil, false
	}
	l.i = i + 1
	return b[start:i], true
}

// number is exact: up to 15 digits fit a float, and one division by a power of ten up to 10^15
// rounds once. What is longer or has an exponent goes to strconv.
func (l *line) number() (float64, bool) {
	b, i := l.b, l.i
	minus := b[i] == '-'
	if minus {
		i++
	}
	var whole uint64
	digits, decimals := 0, 0
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		whole = whole*10 + uint64(b[i]-'0')
		digits++
	}
	if i < len(b) && b[i] == '.' {
		for i++; i < len(b) && b[i]-'0' <= 9; i++ {
			whole = whole*10 + uint64(b[i]-'0')
			digits++
			decimals++
		}
	}
	if digits == 0 || digits > 15 || i < len(b) && b[i]|0x20 == 'e' {
		return l.longNumber()
	}
	l.i = i
	f := float64(whole)
	if decimals > 0 {
		f /= math.Pow10(decimals)
	}
	if minus {
		f = -f
	}
	return f, true
}

func (l *line) longNumber() (float64, bool) {
	start := l.i
	for l.i < len(l.b) && l.b[l.i] != ',' && l.b[l.i] != '}' && l.b[l.i] > ' ' {
		l.i++
	}
	f, err := strconv.ParseFloat(string(l.b[start:l.i]), 64)
	return f, err == nil
}
