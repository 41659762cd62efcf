package record

import "unicode/utf8"

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

// text reads a string without escapes and returns where its inside lies.
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
			s.i = i + 1
			return lo, i, all < utf8.RuneSelf || utf8.Valid(b[lo:i])
		}
		if c == '\\' || c < ' ' {
			return 0, 0, false
		}
		all |= c
	}
	return 0, 0, false
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
