package syntax

import "sort"

// rescan scans the text that follows that of v, which may be nil. Where both are alike but for one
// stretch, only the lines of that stretch are scanned: no token goes past the end of a line.
func (v *File) rescan(text string) []Token {
	if v == nil {
		return Scan(text)
	}
	same, tail := alike(v.Text, text)
	head := v.lineBefore(same)
	rest := v.lineAfter(len(v.Text) - tail)
	if head == 0 || rest == len(v.Tokens) {
		return Scan(text)
	}
	moved := int32(len(text) - len(v.Text))
	out := make([]Token, head, len(v.Tokens)+64)
	copy(out, v.Tokens)
	s := scanner{text: text[:v.Tokens[rest].Off+moved], signs: signTables(),
		pos: int(v.Tokens[head-1].End)}
	out = s.all(out)
	from := len(out)
	out = append(out, v.Tokens[rest:]...)
	if moved != 0 {
		for i := from; i < len(out); i++ {
			out[i].Off += moved
			out[i].End += moved
		}
	}
	return out
}

// lineBefore is how many tokens there are up to the last line end before a place. The place is not
// right behind it, because what follows could join it: CR and LF are one line end.
func (v *File) lineBefore(at int) int {
	i := sort.Search(len(v.Tokens), func(i int) bool { return int(v.Tokens[i].End) >= at })
	for i > 0 && v.Tokens[i-1].Kind != KindNewline {
		i--
	}
	return i
}

// lineAfter is the first token of a line that begins at or behind a place, after a line end that
// lies behind it as a whole; len(v.Tokens) where there is none.
func (v *File) lineAfter(at int) int {
	i := sort.Search(len(v.Tokens), func(i int) bool { return int(v.Tokens[i].Off) > at })
	for i < len(v.Tokens) && v.Tokens[i].Kind != KindNewline {
		i++
	}
	return min(i+1, len(v.Tokens))
}

// alike counts the bytes that two texts share at their beginning, and of the rest at their end.
func alike(a, b string) (head, tail int) {
	n := min(len(a), len(b))
	head = shared(n, func(i, j int) bool { return a[i:j] == b[i:j] })
	a, b, n = a[head:], b[head:], n-head
	tail = shared(n, func(i, j int) bool {
		return a[len(a)-j:len(a)-i] == b[len(b)-j:len(b)-i]
	})
	return head, tail
}

// shared is the greatest k <= n such that all before k is equal, found by comparing ranges.
func shared(n int, equal func(i, j int) bool) int {
	const step = 1024
	i := 0
	for i+step <= n && equal(i, i+step) {
		i += step
	}
	for i < n && equal(i, i+1) {
		i++
	}
	return i
}
