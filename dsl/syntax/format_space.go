package syntax

// spacer decides what stands between two tokens of one physical line.
type spacer struct {
	f    *File
	rows map[int]bool // the ":" of decision rows: blanks on both sides
}

// gap reports whether a blank stands between token a and the next one, b.
// It never changes what the tokens are: where touching would join two signs, the source decides.
func (s *spacer) gap(before, a, b int) bool {
	was := b != a+1
	ta, tb := s.f.Tokens[a], s.f.Tokens[b]
	if ta.Kind == KindBad || tb.Kind == KindBad {
		return was
	}
	sa, sb := s.signOf(a), s.signOf(b)
	if isDotted(sa) && isDotted(sb) {
		return was
	}
	if g, ok := s.afterSign(before, a, b); ok {
		return g
	}
	if g, ok := s.beforeSign(a, b, sb, was); ok {
		return g
	}
	return true
}

// signOf is the plain form of a sign, "" for any other token.
func (s *spacer) signOf(i int) string {
	if t := s.f.Tokens[i]; t.Kind == KindSign {
		return signs[t.sign]
	}
	return ""
}

// isNumber reports whether there is a token and it is a number.
func (s *spacer) isNumber(i int) bool { return i >= 0 && s.f.Tokens[i].Kind == KindNumber }

// isDotted are the signs that could join with their neighbours.
func isDotted(sign string) bool {
	return sign == "." || sign == ".." || sign == "?" || sign == "??"
}

// afterSign is what a sign says about the blank behind it.
func (s *spacer) afterSign(before, a, b int) (gap, ok bool) {
	was := b != a+1
	switch sign := s.signOf(a); sign {
	case "(", "[":
		return false, true
	case ".":
		return was && s.f.Tokens[b].Kind == KindNumber, true
	case "..":
		return was, true
	case "{":
		return s.signOf(b) != "}", true
	case ":":
		if !s.rows[a] && s.isNumber(before) && s.isNumber(b) {
			return false, true // a time of day
		}
	case "+", "-":
		if sign == "+" && s.signOf(b) == "-" {
			return was, true // +- in a test
		}
		if before >= 0 && before == a-1 && s.signOf(before) == "+" {
			return was, true
		}
		if s.unary(before, a, b) {
			return false, true
		}
	}
	return false, false
}

// beforeSign is what a sign says about the blank before it.
func (s *spacer) beforeSign(a, b int, sign string, was bool) (gap, ok bool) {
	switch sign {
	case ")", "]", ",", ";":
		return false, true
	case "?":
		return false, true
	case ".":
		return was && s.f.Tokens[a].Kind == KindNumber, true
	case "..":
		return was, true
	case ":":
		return s.rows[b], true
	case "(":
		if s.f.Tokens[a].Kind == KindWord { // touching makes it a call
			return was, true
		}
	}
	return false, false
}

// unary reports whether the + or - at a is the sign of what stands behind it.
func (s *spacer) unary(before, a, b int) bool {
	touches := b == a+1
	if before < 0 {
		return touches
	}
	t := s.f.Tokens[before]
	switch t.Kind {
	case KindSign:
		switch signs[t.sign] {
		case ")", "]", "}", "?":
			return false
		}
		return true
	case KindWord:
		word := canon(s.f.tokenText(before))
		return precedence(word) > 0 || isOpening(word) || touches && a != before+1
	}
	return false
}

// isOpening reports whether an expression begins behind a word wherever it is one of the language.
func isOpening(word string) bool {
	switch word {
	case "if", "then", "else", "when", "where", "by", "via", "of", "value":
		return true
	}
	return false
}
