package lsp

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/source"
)

// A text is a file as positions are counted in it: by lines and, within them, by UTF-8 bytes or
// UTF-16 units, as was agreed with the client.
type text struct {
	s     string
	lines []int32 // where each begins
	wide  bool    // UTF-16
}

func newText(s string, wide bool) *text { return &text{s: s, lines: lineStarts(s), wide: wide} }

// lineStarts finds where the lines of a text begin. CR LF, LF and CR end one.
func lineStarts(s string) []int32 {
	out := append(make([]int32, 0, len(s)/24+1), 0)
	for i := 0; ; i++ {
		n := strings.IndexAny(s[i:], "\n\r")
		if n < 0 {
			return out
		}
		i += n
		if s[i] == '\r' && i+1 < len(s) && s[i+1] == '\n' {
			i++
		}
		out = append(out, int32(i+1))
	}
}

// line is a line's text without its end, and where it begins; past the last, the file's end.
func (t *text) line(n uint32) (string, int32) {
	if int64(n) >= int64(len(t.lines)) {
		return "", int32(len(t.s))
	}
	from, to := t.lines[n], int32(len(t.s))
	if int(n)+1 < len(t.lines) {
		to = t.lines[n+1]
	}
	return strings.TrimRight(t.s[from:to], "\r\n"), from
}

// offset is where a position stands; one behind a line's end is its end, one past the last line
// the file's end.
func (t *text) offset(p position) int32 {
	s, from := t.line(p.Line)
	if !t.wide {
		at := int(min(int64(p.Character), int64(len(s))))
		for at > 0 && at < len(s) && !utf8.RuneStart(s[at]) {
			at--
		}
		return from + int32(at)
	}
	left := int64(p.Character)
	for i, r := range s {
		if left <= 0 {
			return from + int32(i)
		}
		left -= int64(units(r))
	}
	return from + int32(len(s))
}

// units is how many UTF-16 units a character takes.
func units(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// position is where an offset stands.
func (t *text) position(off int32) position {
	off = max(min(off, int32(len(t.s))), 0)
	n, found := slices.BinarySearch(t.lines, off)
	if !found {
		n--
	}
	before := t.s[t.lines[n]:off]
	if !t.wide {
		return position{uint32(n), uint32(len(before))}
	}
	count := 0
	for _, r := range before {
		count += units(r)
	}
	return position{uint32(n), uint32(count)}
}

func (t *text) span(s source.Span) span {
	return span{t.position(s.Off), t.position(s.End)}
}

// apply is the text after a change.
func (t *text) apply(c change) string {
	if c.Range == nil {
		return c.Text
	}
	from := t.offset(c.Range.Start)
	to := max(from, t.offset(c.Range.End))
	return t.s[:from] + c.Text + t.s[to:]
}

// pathOf is the path of a file's URI, "" for another kind of URI.
func pathOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return ""
	}
	p := u.Path
	if filepath.Separator == '\\' && len(p) > 2 && p[0] == '/' && p[2] == ':' {
		p = p[1:]
	}
	return filepath.Clean(filepath.FromSlash(p))
}

// uriOf is the URI of a path.
func uriOf(path string) string {
	p := filepath.ToSlash(path)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	return (&url.URL{Scheme: "file", Path: p}).String()
}
