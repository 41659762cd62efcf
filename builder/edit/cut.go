package edit

import (
	"strings"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// cut is the edit that takes a line out, and with it a blank line that would then follow another.
func cut(l *syntax.Line, p piece) []source.Edit {
	f := l.File()
	from, to := p.from, p.to
	if p.alone {
		above := blanksTo(f.Text, from)
		first := above == 0 || strings.HasSuffix(strings.TrimRight(f.Text[:above], " \t\r\n"), "{")
		after := blanksFrom(f.Text, to)
		switch {
		case after > to && (above < from || first):
			to = after
		case int(to) == len(f.Text) || strings.HasPrefix(strings.TrimLeft(f.Text[to:], " \t"), "}"):
			from = above
		}
	} else {
		from, to = betweenOthers(f, from, to)
	}
	return []source.Edit{{Span: source.Span{File: f.Index, Off: from, End: to}}}
}

// betweenOthers widens a range that others stand beside by the ";" that parted it from them.
func betweenOthers(f *syntax.File, from, to int32) (int32, int32) {
	toks := f.Tokens
	i := tokenFrom(toks, to)
	for i < len(toks) && toks[i].Kind == syntax.KindBlank {
		i++
	}
	if i < len(toks) && toks[i].IsSign(";") {
		for i++; i < len(toks) && toks[i].Kind == syntax.KindBlank; i++ {
		}
		return from, toks[i-1].End
	}
	k := tokenFrom(toks, from) - 1
	for k > 0 && toks[k].Kind == syntax.KindBlank {
		k--
	}
	if k >= 0 && toks[k].IsSign(";") {
		return toks[k].Off, to
	}
	if to = toks[i-1].End; i < len(toks) && toks[i].Kind == syntax.KindNewline {
		from = toks[k+1].Off // no blank is left at the line's end
	}
	return from, to
}
