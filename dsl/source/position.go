package source

import (
	"strings"
	"unicode/utf8"
)

// Position is a place as people count: lines and columns from 1, columns in characters.
type Position struct{ Line, Col int }

// Position is where an offset of the file stands. CR LF, LF and CR end a line; a byte order mark
// takes no column.
func (f File) Position(off int32) Position {
	before := f.Text[:min(max(int(off), 0), len(f.Text))]
	start := lineStart(before)
	line := 1
	for i := range start {
		if before[i] == '\n' || before[i] == '\r' && !strings.HasPrefix(f.Text[i+1:], "\n") {
			line++
		}
	}
	return Position{line, utf8.RuneCountInString(trimMark(before[start:])) + 1}
}

// lineStart is the offset behind the last line end of a text.
func lineStart(s string) int { return strings.LastIndexAny(s, "\n\r") + 1 }

func trimMark(s string) string { return strings.TrimPrefix(s, "\uFEFF") }

// LineAt is the text of the line an offset stands in, without its end.
func (f File) LineAt(off int32) string {
	at := min(max(int(off), 0), len(f.Text))
	start := lineStart(f.Text[:at])
	end := strings.IndexAny(f.Text[start:], "\n\r")
	if end < 0 {
		return trimMark(f.Text[start:])
	}
	return trimMark(f.Text[start : start+end])
}

// Columns is how many columns a text takes on a terminal: wide letters take two.
func Columns(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x1100 && isWide(r) {
			n++
		}
	}
	return n
}

// isWide: the blocks of wide letters, signs and pictures (Unicode, East Asian Width W and F).
func isWide(r rune) bool {
	for _, b := range [...][2]rune{{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0xA4CF},
		{0xA960, 0xA97F}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF01, 0xFF60},
		{0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}} {
		if r >= b[0] && r <= b[1] {
			return true
		}
	}
	return false
}
