package syntax

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Kind is the kind of a token.
type Kind uint8

// The kinds of token.
const (
	KindWord    Kind = iota + 1
	KindNumber       // digits with every letter, digit and % that touches them
	KindMoment       // 2026-03-02, 2026-03-02T09:30+08:00
	KindText         // "…" or “…”
	KindRaw          // `…`
	KindSign         // one of signs
	KindComment      // to the end of the line
	KindBlank        // blanks, tabs and the byte order mark
	KindNewline      // one line end: LF, CR LF or CR
	KindBad          // what nothing can begin with, or a text left open
)

// Token is a range of the file's bytes; its text is Text[Off:End]. All tokens joined are the file.
type Token struct {
	Kind     Kind
	sign     sign // for KindSign
	Off, End int32
}

// sign is an index into signs.
type sign uint8

// signs are the signs of the language in their plain form. None is "no sign".
var signs = [...]string{"", "{", "}", "(", ")", "[", "]", ",", ";", ":", "=", "==", "!=", "<", "<=",
	">", ">=", "+", "-", "*", "/", ".", "..", "?", "??", "|", "±"}

// signOf finds a sign by its plain form; 0 is "no sign".
func signOf(s string) sign {
	for i := 1; i < len(signs); i++ {
		if signs[i] == s {
			return sign(i)
		}
	}
	return 0
}

// signTable finds the signs of one and two ASCII characters; the second of one is 0.
type signTable [utf8.RuneSelf][utf8.RuneSelf]sign

// signTables is built once, because the scanner asks it for every sign.
var signTables = sync.OnceValue(func() *signTable {
	t := &signTable{}
	for i, s := range signs {
		switch {
		case len(s) == 1:
			t[s[0]][0] = sign(i)
		case len(s) == 2 && s[0] < utf8.RuneSelf:
			t[s[0]][s[1]] = sign(i)
		}
	}
	return t
})

// plain maps a full-width or typographic rune to the form it is read as.
func plain(r rune) rune {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E:
		return r - 0xFEE0
	case r == 0x3000 || r == 0xA0:
		return ' '
	case r == '、':
		return ','
	case r == '×':
		return '*'
	case r == '“' || r == '”':
		return '"'
	}
	return r
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return r == '_' || r|32 >= 'a' && r|32 <= 'z'
	}
	return unicode.IsLetter(r)
}

func isPart(r rune) bool {
	return isLetter(r) || isDigit(r) || r >= utf8.RuneSelf && unicode.IsMark(r)
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' }

func inLine(r rune) bool { return r != '\n' && r != '\r' }

func inRaw(r rune) bool { return r != '`' && inLine(r) }

// Scan cuts a text into tokens that cover every byte in order. It never fails.
func Scan(text string) []Token {
	s := scanner{text: text, signs: signTables()}
	out := make([]Token, 0, len(text)/3+8)
	if len(text) >= 3 && text[:3] == "\uFEFF" {
		s.pos = 3
		out = append(out, Token{Kind: KindBlank, End: 3})
	}
	return s.all(out)
}

// all appends the tokens from the scanner's place to the end of its text.
func (s *scanner) all(out []Token) []Token {
	for s.pos < len(s.text) {
		from := s.pos
		kind, sg := s.next()
		out = append(out, Token{kind, sg, int32(from), int32(s.pos)})
	}
	return out
}

type scanner struct {
	text  string
	pos   int
	signs *signTable
}

// peek is the rune at a place in its plain form and the bytes it takes; -1 and 0 at the end.
func (s *scanner) peek(at int) (rune, int) {
	if at >= len(s.text) {
		return -1, 0
	}
	if c := s.text[at]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	r, n := utf8.DecodeRuneInString(s.text[at:])
	if r == utf8.RuneError && n == 1 {
		return r, 1
	}
	return plain(r), n
}

// while passes over the runes that f holds for.
func (s *scanner) while(f func(rune) bool) {
	for {
		r, n := s.peek(s.pos)
		if n == 0 || !f(r) {
			return
		}
		s.pos += n
	}
}

func (s *scanner) next() (Kind, sign) {
	r, n := s.peek(s.pos)
	switch {
	case r == '\n' || r == '\r':
		return s.newline(), 0
	case isBlank(r):
		s.while(isBlank)
		return KindBlank, 0
	case isLetter(r):
		s.while(isPart)
		return KindWord, 0
	case isDigit(r):
		return s.number(), 0
	case r == '"':
		return s.quoted(n), 0
	case r == '`':
		return s.raw(), 0
	case r == '/' && s.comment(n):
		s.while(inLine)
		return KindComment, 0
	}
	return s.signAt(r, n)
}

func (s *scanner) newline() Kind {
	s.pos++
	if s.text[s.pos-1] == '\r' && s.pos < len(s.text) && s.text[s.pos] == '\n' {
		s.pos++
	}
	return KindNewline
}

// comment: full-width slashes begin no comment, so that ／／ in a label's place is an error.
func (s *scanner) comment(n int) bool {
	return n == 1 && s.pos+1 < len(s.text) && s.text[s.pos+1] == '/'
}

func (s *scanner) raw() Kind {
	s.pos++
	s.while(inRaw)
	if r, n := s.peek(s.pos); r == '`' {
		s.pos += n
		return KindRaw
	}
	return KindBad
}

// quoted reads a text; one that is left open is a Bad token to its line's end, but for the braces
// there. A text that begins with " ends with ", so that “ ” may stand in it; one that begins with
// “ ends with ” or ".
func (s *scanner) quoted(open int) Kind {
	from := s.pos
	s.pos += open
	for {
		r, n := s.peek(s.pos)
		switch {
		case n == 0 || !inLine(r):
			s.pos -= len(bracesBehind(s.text[from+open : s.pos]))
			return KindBad
		case r == '\\':
			s.pos += n
			if r, n := s.peek(s.pos); n > 0 && inLine(r) {
				s.pos += n
			}
		case r == '"' && (open > 1 || n == 1):
			s.pos += n
			return KindText
		default:
			s.pos += n
		}
	}
}

// bracesBehind are the braces at the end of a text that was left open, with the blanks before them:
// a { that opens a block, or each } that closes what the text did not open. They are left to the
// line, because else one forgotten quote is a forgotten brace as well.
func bracesBehind(text string) string {
	rest := strings.TrimRight(text, " \t\u3000\u00a0")
	if bare, ok := strings.CutSuffix(rest, "{"); ok {
		return text[len(strings.TrimRight(bare, " \t\u3000\u00a0")):]
	}
	closed := strings.Count(rest, "}") - strings.Count(rest, "{")
	for ; closed > 0 && strings.HasSuffix(rest, "}"); closed-- {
		rest = strings.TrimRight(rest[:len(rest)-1], " \t\u3000\u00a0")
	}
	return text[len(rest):]
}

// number reads a moment where one stands, else digits with all that touches them.
func (s *scanner) number() Kind {
	if n := momentLen(s.text[s.pos:]); n > 0 {
		s.pos += n
		return KindMoment
	}
	for {
		r, n := s.peek(s.pos)
		if r == '.' {
			d, _ := s.peek(s.pos + n)
			if !isDigit(d) {
				return KindNumber
			}
		} else if !isPart(r) && r != '%' {
			return KindNumber
		}
		s.pos += n
	}
}

// signAt reads the longest sign that stands here.
func (s *scanner) signAt(r rune, n int) (Kind, sign) {
	s.pos += n
	switch r {
	case '≥':
		return KindSign, signOf(">=")
	case '≤':
		return KindSign, signOf("<=")
	case '≠':
		return KindSign, signOf("!=")
	case '±':
		return KindSign, signOf("±")
	}
	if r >= utf8.RuneSelf {
		return KindBad, 0
	}
	if r2, n2 := s.peek(s.pos); r2 > 0 && r2 < utf8.RuneSelf {
		if sg := s.signs[r][r2]; sg != 0 {
			s.pos += n2
			return KindSign, sg
		}
	}
	if sg := s.signs[r][0]; sg != 0 {
		return KindSign, sg
	}
	return KindBad, 0
}

// momentLen is the length of the date or moment a text begins with, 0 without one.
func momentLen(s string) int {
	if !like(s, "dddd-dd-dd") {
		return 0
	}
	n := 10
	if !like(s[n:], "Tdd:dd") {
		return n
	}
	n += 6
	if like(s[n:], ":dd") {
		n += 3
	}
	switch {
	case like(s[n:], "+dd:dd") || like(s[n:], "-dd:dd"):
		n += 6
	case like(s[n:], "Z"):
		n++
	}
	return n
}

// like reports whether s begins as the pattern says, d standing for a digit.
func like(s, pattern string) bool {
	if len(s) < len(pattern) {
		return false
	}
	for i := range len(pattern) {
		if digit := isDigit(rune(s[i])); pattern[i] == 'd' != digit || !digit && s[i] != pattern[i] {
			return false
		}
	}
	return true
}
