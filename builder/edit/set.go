package edit

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/source"
)

// set puts a text in the place of some words of a line, which are what whoever asks saw there. Its
// block and all else of the line stay.
func (t *Text) set(op Op) ([]source.Edit, change, error) {
	l, in, err := t.find(op.What, op.File)
	if err != nil {
		return nil, change{}, err
	}
	if in.file.Mended() {
		return nil, change{}, &Refused{Why: Unbalanced, What: in.file.Name}
	}
	words, text := l.Tokens(), in.file.Text
	if op.Index < 0 || op.Count < 0 || op.Index+op.Count > len(words) {
		return nil, change{}, &Refused{Why: Moved, What: op.What.String()}
	}
	from, to, put := l.Span().End, l.Span().End, strings.TrimSpace(op.Text)
	if op.Index < len(words) {
		from = words[op.Index].Off
		to = from
	}
	if op.Count > 0 {
		to = words[op.Index+op.Count-1].End
	}
	if text[from:to] != op.Was {
		return nil, change{}, &Refused{Why: Moved, What: op.What.String()}
	}
	switch {
	case put == op.Was:
		return nil, change{}, nil
	case strings.ContainsAny(put, "\r\n"):
		return nil, change{}, &Refused{Why: DoesNotFit, What: put}
	case put == "" && op.Count == len(words):
		return nil, change{}, &Refused{Why: Empty}
	case put == "" && op.Index > 0: // the blank before it goes as well
		from = words[op.Index-1].End
	case put == "":
		to = words[op.Count].Off
	case op.Count == 0 && op.Index < len(words):
		put += " "
	case op.Count == 0:
		put = " " + put
	}
	head, tail := shared(text[from:to], put)
	whole := l.Whole()
	at := source.Span{File: in.file.Index, Off: from + int32(head), End: to - int32(tail)}
	edits := []source.Edit{{Span: at, New: put[head : len(put)-tail]}}
	return edits, change{gone: l, put: text[whole.Off:from] + put + text[to:whole.End], into: in,
		at: slices.Index(in.kids, l)}, nil
}
