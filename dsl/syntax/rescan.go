package syntax

import "sort"

// scanned is a text with its tokens, kept to scan the next version of the same file.
type scanned struct {
	text   string
	tokens []Token
}

// scan scans a file of a name. Where it is like its last version but for one stretch, only the
// lines of that stretch are scanned: no token goes past the end of a line.
func (c *Cache) scan(name, text string) []Token {
	tokens := c.scans[name].rescan(text)
	if c.scans == nil || len(c.scans) > maxScans {
		c.scans = map[string]scanned{}
	}
	c.scans[name] = scanned{text, tokens}
	return tokens
}

// maxScans bounds the files whose last version is kept; past it all are forgotten.
const maxScans = 10_000

// rescan scans the text that follows v.
func (v scanned) rescan(text string) []Token {
	same, tail := alike(v.text, text)
	head := v.lineBefore(same)
	rest := v.lineAfter(len(v.text) - tail)
	if head == 0 || rest == len(v.tokens) {
		return Scan(text)
	}
	moved := int32(len(text) - len(v.text))
	out := make([]Token, head, len(v.tokens)+64)
	copy(out, v.tokens)
	s := scanner{text: text[:v.tokens[rest].Off+moved], signs: signTables(),
		pos: int(v.tokens[head-1].End)}
	out = s.all(out)
	from := len(out)
	out = append(out, v.tokens[rest:]...)
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
func (v scanned) lineBefore(at int) int {
	i := sort.Search(len(v.tokens), func(i int) bool { return int(v.tokens[i].End) >= at })
	for i > 0 && v.tokens[i-1].Kind != KindNewline {
		i--
	}
	return i
}

// lineAfter is the first token of a line that begins at or behind a place, after a line end that
// lies behind it as a whole; len(v.tokens) where there is none.
func (v scanned) lineAfter(at int) int {
	i := sort.Search(len(v.tokens), func(i int) bool { return int(v.tokens[i].Off) > at })
	for i < len(v.tokens) && v.tokens[i].Kind != KindNewline {
		i++
	}
	return min(i+1, len(v.tokens))
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
