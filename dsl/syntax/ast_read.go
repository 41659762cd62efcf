package syntax

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/throughline/throughline/dsl/source"
)

// token is the token of the file behind a token of the line.
func (l *Line) token(t Tok) Token { return l.file.Tokens[l.from+t.at()] }

// Kind is the kind of the line's token, and 0 where there is none.
func (l *Line) Kind(t Tok) Kind {
	if !t.Ok() {
		return 0
	}
	return l.token(t).Kind
}

// Text is the token as it was written, and "" where there is none.
func (l *Line) Text(t Tok) string {
	if !t.Ok() {
		return ""
	}
	k := l.token(t)
	return l.file.Text[k.Off:k.End]
}

// Name is the token as a name: as written, in NFC.
func (l *Line) Name(t Tok) string { return NameOf(l.Text(t)) }

// NameOf is a text as names are compared: with plain letters, in NFC.
func NameOf(text string) string { return norm.NFC.String(fold(text)) }

// Word is the English form of the token where it is a word of the language, else its name.
func (l *Line) Word(t Tok) string {
	if !t.Ok() {
		return ""
	}
	return canon(l.Name(t))
}

// Dotted is a path's names joined with points.
func (l *Line) Dotted(p *Path) string {
	if p == nil {
		return ""
	}
	names := make([]string, len(p.Names))
	for i, n := range p.Names {
		names[i] = l.Name(n.Tok)
	}
	return strings.Join(names, ".")
}

// TokSpan is the place of a token; of none, the place of the line's end.
func (l *Line) TokSpan(t Tok) source.Span {
	if !t.Ok() {
		return l.span(l.to-l.from, l.to-l.from)
	}
	return l.span(t.at(), t.at()+1)
}

// PathSpan is the place of a path.
func (l *Line) PathSpan(p *Path) source.Span {
	if p == nil || len(p.Names) == 0 {
		return l.TokSpan(Tok{})
	}
	return l.span(p.Names[0].at(), p.Names[len(p.Names)-1].at()+1)
}

// ExprSpan is the place of an expression.
func (l *Line) ExprSpan(x Expr) source.Span {
	if x == nil {
		return l.TokSpan(Tok{})
	}
	return l.span(x.Range())
}

// Span is the place of the line without its block.
func (l *Line) Span() source.Span { return l.span(0, l.to-l.from) }

// HeadSpan is the place of the line's first token.
func (l *Line) HeadSpan() source.Span { return l.span(0, min(1, l.to-l.from)) }

// span is the place of the line's tokens [from, to).
func (l *Line) span(from, to int) source.Span {
	f := l.file
	end := int32(len(f.Text))
	s := source.Span{File: f.Index, Off: end, End: end}
	if i := l.from + from; i < len(f.Tokens) {
		s.Off = f.Tokens[i].Off
		s.End = s.Off
	}
	if to > from {
		s.End = f.Tokens[l.from+to-1].End
	} else if from > 0 { // nothing there: right behind what stands before
		s.Off = f.Tokens[l.from+from-1].End
		s.End = s.Off
	}
	return s
}

// Written is the n-th word of the line as it was written, in NFC, whether or not the line could be
// read; "" where there is no such word or something else comes before it.
func (l *Line) Written(n int) string {
	for i := l.from; i < l.to; i++ {
		switch k := l.file.Tokens[i].Kind; {
		case ofKind[k] == 0:
		case k != KindWord:
			return ""
		case n > 0:
			n--
		default:
			return norm.NFC.String(fold(l.file.tokenText(i)))
		}
	}
	return ""
}

// File is the file the line stands in.
func (l *Line) File() *File { return l.file }

// HasBlock reports whether a block stands behind the line.
func (l *Line) HasBlock() bool { return l.open >= 0 }

// LineAt is the last line at file level that begins at or before an offset, nil where none does.
func (f *File) LineAt(off int32) *Line { return lineAt(f.Lines, off) }

// Mended reports whether the file's braces did not match, so that indentation decided what belongs
// to what.
func (f *File) Mended() bool { return f.mended }

// Words calls f with every word of the line and its block that may name something, in texts too:
// labels name declarations, and messages read fields.
func (l *Line) Words(f func(name string)) {
	end := l.Whole().End
	for _, t := range l.file.Tokens[l.from:] {
		if t.Off >= end {
			return
		}
		text := l.file.Text[t.Off:t.End]
		switch t.Kind {
		case KindWord:
			f(NameOf(text))
		case KindText, KindRaw, KindBad:
			for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !isPart(plain(r)) }) {
				f(NameOf(word))
			}
		}
	}
}

// tokenText is a token of the file as it was written, "" behind the last.
func (f *File) tokenText(i int) string {
	if i >= len(f.Tokens) {
		return ""
	}
	return f.Text[f.Tokens[i].Off:f.Tokens[i].End]
}

// tokenSpan is the place of a token of the file, its end behind the last.
func (f *File) tokenSpan(i int) source.Span {
	if i >= len(f.Tokens) {
		end := int32(len(f.Text))
		return source.Span{File: f.Index, Off: end, End: end}
	}
	return source.Span{File: f.Index, Off: f.Tokens[i].Off, End: f.Tokens[i].End}
}
