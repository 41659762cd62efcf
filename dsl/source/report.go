package source

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Report is one diagnostic in the JSON form of `check` (reference, section 14).
type Report struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Col      int    `json:"col"`
	EndLine  int    `json:"end_line"`
	EndCol   int    `json:"end_col"`
	Severity string `json:"severity"`
	Code     Code   `json:"code"`
	Message  string `json:"message"`
	Near     string `json:"near,omitempty"`
	Fix      *Patch `json:"fix,omitempty"`

	Related []Place `json:"related,omitempty"`
}

// Place is a second place of a diagnostic in the JSON form.
type Place struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Col     int    `json:"col"`
	EndLine int    `json:"end_line"`
	EndCol  int    `json:"end_col"`
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

// Patch is a fix in the JSON form: edits by line and column.
type Patch struct {
	Edits []PatchEdit `json:"edits"`
}

// PatchEdit replaces what stands between two places of a file.
type PatchEdit struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Col     int    `json:"col"`
	EndLine int    `json:"end_line"`
	EndCol  int    `json:"end_col"`
	New     string `json:"new"`
}

// fileOf is the file a span points into; a span of no known file is of a nameless empty one.
func fileOf(files []File, s Span) File {
	if s.File < 0 || int(s.File) >= len(files) {
		return File{}
	}
	return files[s.File]
}

// ReportOf puts a diagnostic into the JSON form; spans point into files.
func ReportOf(files []File, d Diagnostic, lang string) Report {
	f := fileOf(files, d.Span)
	from, to := f.Position(d.Span.Off), f.Position(d.Span.End)
	r := Report{File: f.Name, Line: from.Line, Col: from.Col, EndLine: to.Line, EndCol: to.Col,
		Severity: english().severity[d.Code.Severity()], Code: d.Code, Message: Render(d, lang),
		Near: d.Near}
	for _, o := range d.Related {
		f := fileOf(files, o.Span)
		from, to := f.Position(o.Span.Off), f.Position(o.Span.End)
		r.Related = append(r.Related, Place{f.Name, from.Line, from.Col, to.Line, to.Col, o.Code,
			o.Code.Message(lang, o.Args)})
	}
	if d.Fix != nil {
		r.Fix = &Patch{}
		for _, e := range d.Fix.Edits {
			f := fileOf(files, e.Span)
			from, to := f.Position(e.Span.Off), f.Position(e.Span.End)
			r.Fix.Edits = append(r.Fix.Edits, PatchEdit{f.Name, from.Line, from.Col, to.Line, to.Col, e.New})
		}
	}
	return r
}

// Text is a diagnostic for a terminal: `file:line:col: error T0123: message`, the source line with
// a caret under the place, related places, and the line as the fix would leave it.
func Text(files []File, d Diagnostic, lang string) string {
	var b strings.Builder
	p := phrasesIn(lang)
	writePlace(&b, fileOf(files, d.Span), d.Span.Off)
	b.WriteString(": " + p.severity[d.Code.Severity()] + " " + string(d.Code) + ": ")
	b.WriteString(Render(d, lang) + "\n")
	writeCaret(&b, fileOf(files, d.Span), d.Span)
	for _, r := range d.Related {
		writePlace(&b, fileOf(files, r.Span), r.Span.Off)
		b.WriteString(": " + p.severity[Note] + ": " + r.Code.Message(lang, r.Args) + "\n")
		writeCaret(&b, fileOf(files, r.Span), r.Span)
	}
	if d.Fix != nil && len(d.Fix.Edits) > 0 {
		b.WriteString("    → " + strings.TrimSpace(fixedLine(files, d.Fix)) + "\n")
	}
	return b.String()
}

func writePlace(b *strings.Builder, f File, off int32) {
	at := f.Position(off)
	b.WriteString(f.Name + ":" + strconv.Itoa(at.Line) + ":" + strconv.Itoa(at.Col))
}

// writeCaret writes the source line and marks the span in it. Tabs stay tabs and wide letters take
// two columns, so that the caret stands under its letter.
func writeCaret(b *strings.Builder, f File, s Span) {
	line := f.LineAt(s.Off)
	if strings.TrimSpace(line) == "" {
		return
	}
	start := lineFrom(f, s.Off)
	from := min(max(int(s.Off)-start, 0), len(line))
	to := min(max(int(s.End)-start, from), len(line))
	cut, end := near(line, from)
	to = min(to, end)
	b.WriteString("    " + dots(cut > 0) + line[cut:end] + dots(end < len(line)) + "\n    ")
	b.WriteString(strings.Repeat(" ", Columns(dots(cut > 0))))
	for _, r := range line[cut:from] {
		if r == '\t' {
			b.WriteByte('\t')
			continue
		}
		b.WriteString(strings.Repeat(" ", Columns(string(r))))
	}
	b.WriteString(strings.Repeat("^", max(Columns(line[from:to]), 1)) + "\n")
}

// aLot is how many bytes of a line are shown before and after a place. Of a line that is longer
// only so much is: thousands of mistakes in one line would each show all of it.
const aLot = 240

// near returns the part of a line around a place.
func near(line string, at int) (from, to int) {
	from, to = max(at-aLot, 0), min(at+aLot, len(line))
	for from > 0 && !utf8.RuneStart(line[from]) {
		from--
	}
	for to < len(line) && !utf8.RuneStart(line[to]) {
		to++
	}
	return from, to
}

func dots(cut bool) string {
	if cut {
		return "…"
	}
	return ""
}

// fixedLine is the line of a fix's first edit as the fix leaves it.
func fixedLine(files []File, fix *Fix) string {
	first := fix.Edits[0].Span
	f := fileOf(files, first)
	start := int32(lineFrom(f, first.Off))
	end := start + int32(len(f.LineAt(first.Off)))
	out := f.Text[start:min(int(end), len(f.Text))]
	for i := len(fix.Edits) - 1; i >= 0; i-- {
		e := fix.Edits[i]
		if e.Span.File == first.File && e.Span.Off >= start && e.Span.End <= end {
			out = out[:e.Span.Off-start] + e.New + out[e.Span.End-start:]
		}
	}
	from, to := near(out, int(min(max(first.Off-start, 0), int32(len(out)))))
	return dots(from > 0) + out[from:to] + dots(to < len(out))
}

// lineFrom is where the line of a place begins, after the mark that a file may begin with.
func lineFrom(f File, off int32) int {
	start := lineStart(f.Text[:min(int(off), len(f.Text))])
	if start == 0 {
		return len(f.Text) - len(trimMark(f.Text))
	}
	return start
}
