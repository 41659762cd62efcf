package record

import (
	"unicode/utf16"
	"unicode/utf8"
)

func (s *scanner) skip() {
	for s.i < len(s.b) && s.b[s.i] <= ' ' {
		if c := s.b[s.i]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return
		}
		s.i++
	}
}

func (s *scanner) take(c byte) bool {
	if s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

func (s *scanner) word(w string) bool {
	if len(s.b)-s.i >= len(w) && string(s.b[s.i:s.i+len(w)]) == w {
		s.i += len(w)
		return true
	}
	return false
}

func (s *scanner) truth() (int64, bool) {
	if s.word("true") {
		return 1, true
	}
	return 0, s.word("false")
}

func (s *scanner) end() bool {
	s.skip()
	return s.i == len(s.b)
}

// text reads a string without escapes and returns where its inside lies. Where there is none it
// stays where it is, because what comes is then read in other ways.
func (s *scanner) text() (lo, hi int, ok bool) {
	b, i := s.b, s.i
	if i >= len(b) || b[i] != '"' {
		return 0, 0, false
	}
	i++
	lo = i
	var all byte
	for ; i < len(b); i++ {
		c := b[i]
		if c == '"' {
			if all >= utf8.RuneSelf && !utf8.Valid(b[lo:i]) {
				return 0, 0, false
			}
			s.i = i + 1
			return lo, i, true
		}
		if c == '\\' || c < ' ' {
			return 0, 0, false
		}
		all |= c
	}
	return 0, 0, false
}

// str reads a string. One with escapes costs memory of its own.
func (s *scanner) str() (string, bool) {
	lo, hi, ok := s.text()
	if !ok {
		return s.escaped()
	}
	return view(s.b[lo:hi]), true
}

// escaped reads a string with escapes. Halves of surrogate pairs by themselves are odd.
func (s *scanner) escaped() (string, bool) {
	if !s.take('"') {
		return "", false
	}
	var out []byte
	for s.i < len(s.b) {
		c := s.b[s.i]
		s.i++
		switch {
		case c == '"':
			return view(out), utf8.Valid(out)
		case c < ' ':
			return "", false
		case c != '\\':
			out = append(out, c)
		default:
			r, ok := s.escape()
			if !ok {
				return "", false
			}
			out = utf8.AppendRune(out, r)
		}
	}
	return "", false
}

// escape reads what follows a backslash.
func (s *scanner) escape() (rune, bool) {
	if s.i >= len(s.b) {
		return 0, false
	}
	c := s.b[s.i]
	s.i++
	switch c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
		r, ok := s.unit()
		if ok && utf16.IsSurrogate(r) {
			if !s.word(`\u`) {
				return 0, false
			}
			low, fine := s.unit()
			r = utf16.DecodeRune(r, low)
			return r, fine && r != utf8.RuneError
		}
		return r, ok
	}
	return 0, false
}

// unit reads four hex digits.
func (s *scanner) unit() (rune, bool) {
	if len(s.b)-s.i < 4 {
		return 0, false
	}
	var r rune
	for _, c := range s.b[s.i : s.i+4] {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	s.i += 4
	return r, true
}

// typeAhead finds the type of a record that names it later than first.
func (s *scanner) typeAhead() ([]byte, bool) {
	for {
		lo, hi, ok := s.text()
		s.skip()
		if !ok || !s.take(':') {
			return nil, false
		}
		s.skip()
		if string(s.b[lo:hi]) == "type" {
			lo, hi, ok = s.text()
			return s.b[lo:hi], ok
		}
		if !s.pass() {
			return nil, false
		}
		s.skip()
		if !s.take(',') {
			return nil, false
		}
		s.skip()
	}
}

// pass moves over any value.
func (s *scanner) pass() bool {
	if s.i >= len(s.b) {
		return false
	}
	switch s.b[s.i] {
	case '"':
		if _, _, ok := s.text(); ok {
			return true
		}
		_, ok := s.escaped()
		return ok
	case '[', '{':
		return s.jump()
	}
	for s.i < len(s.b) && s.b[s.i] > ' ' && s.b[s.i] != ',' && s.b[s.i] != '}' {
		s.i++
	}
	return true
}

// lawful moves over a value that is plain JSON.
func (s *scanner) lawful() bool {
	if s.i >= len(s.b) {
		return false
	}
	switch s.b[s.i] {
	case '"':
		_, ok := s.str()
		return ok
	case '[', '{':
		from := s.i
		if !s.jump() || !utf8.Valid(s.b[from:s.i]) {
			return false
		}
		_, problem := parseTree(s.b[from:s.i], 1)
		return problem.Code == ""
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	_, _, ok := s.number()
	return ok
}

// number reads a number of at most 18 digits without exponent as m ÷ 10^places.
func (s *scanner) number() (m int64, places int, ok bool) {
	b, i := s.b, s.i
	neg := i < len(b) && b[i] == '-'
	if neg {
		i++
	}
	from := i
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		m = m*10 + int64(b[i]-'0')
	}
	digits := i - from
	if digits == 0 || digits > 18 || digits > 1 && b[from] == '0' {
		return 0, 0, false
	}
	if i < len(b) && b[i] == '.' {
		i++
		from = i
		for ; i < len(b) && b[i]-'0' <= 9; i++ {
			m = m*10 + int64(b[i]-'0')
		}
		places = i - from
		if places == 0 || digits+places > 18 {
			return 0, 0, false
		}
	}
	s.i = i
	if neg {
		m = -m
	}
	return m, places, true
}

// jump moves over an array or object of plain texts; whether what lies inside is lawful is for
// the full decoder to say.
func (s *scanner) jump() bool {
	if s.i >= len(s.b) || s.b[s.i] != '[' && s.b[s.i] != '{' {
		return false
	}
	depth := 0
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case '"':
			if _, _, ok := s.text(); !ok {
				return false
			}
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		s.i++
		if depth == 0 {
			return true
		}
	}
	return false
}
