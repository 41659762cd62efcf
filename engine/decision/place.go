package decision

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/source"
)

// lines are the offsets at which the lines of one file begin: what source.File.Position finds
// anew for each place, worked out once.
type lines []int32

func linesOf(text string) lines {
	l := lines{0}
	for i := range len(text) {
		if text[i] == '\n' || text[i] == '\r' && !strings.HasPrefix(text[i+1:], "\n") {
			l = append(l, int32(i+1))
		}
	}
	return l
}

// at returns the line and the offset at which it begins.
func (l lines) at(off int32) (line int, begin int32) {
	i, found := slices.BinarySearch(l, off)
	if !found {
		i--
	}
	return i + 1, l[i]
}

// inside reports whether the policy's files have the place.
func (w *Writer) inside(s source.Span) bool {
	files := w.policy.Files
	return !s.IsZero() && s.File >= 0 && int(s.File) < len(files) && s.Off >= 0 &&
		s.Off <= s.End && int(s.End) <= len(files[s.File].Text)
}

// AppendPlace writes a place as file:line:col, counted from 1, columns in characters; nothing
// where the policy's files have no such place.
func (w *Writer) AppendPlace(dst []byte, s source.Span) []byte {
	if !w.inside(s) {
		return dst
	}
	f := w.policy.Files[s.File]
	line, begin := w.lines[s.File].at(s.Off)
	dst = strconv.AppendInt(append(append(dst, f.Name...), ':'), int64(line), 10)
	before := strings.TrimPrefix(f.Text[begin:s.Off], "\uFEFF")
	col := utf8.RuneCountInString(before) + 1
	return strconv.AppendInt(append(dst, ':'), int64(col), 10)
}

// Line returns the name of a place's file and its line; an empty name where there is no such place.
func (w *Writer) Line(s source.Span) (file string, line int) {
	if !w.inside(s) {
		return "", 0
	}
	line, _ = w.lines[s.File].at(s.Off)
	return w.policy.Files[s.File].Name, line
}

// Source returns the policy's own words at a place.
func (w *Writer) Source(s source.Span) string {
	if !w.inside(s) {
		return ""
	}
	return w.policy.Files[s.File].Text[s.Off:s.End]
}
