package lsp

import (
	"context"
	"strings"
	"unicode"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// symbolKind is the protocol's number for what something is.
func symbolKind(kind string) int {
	switch kind {
	case "package":
		return 4
	case "entity":
		return 5
	case "event":
		return 24
	case "field", "proof", "term":
		return 8
	case "choice":
		return 10
	case "value":
		return 22
	case "let":
		return 14
	case "extern":
		return 12
	case "score", "metric":
		return 16
	case "stage":
		return 20
	case "parameter":
		return 26
	case "test":
		return 6
	case "record":
		return 13
	}
	return 11 // what acts: rules, alerts, …
}

// fuzzy reports whether the letters of a query come in a symbol's name, label or the label's
// initials, in their order.
func fuzzy(s *dsl.Symbol, query string) bool {
	for _, text := range []string{s.Name, s.Label.Main, s.Label.En, s.Label.Zh,
		syntax.Initials(s.Label.Main), syntax.Initials(s.Name)} {
		if inOrder(query, text) {
			return true
		}
	}
	return false
}

func inOrder(query, text string) bool {
	rest := []rune(strings.ToLower(query))
	for _, r := range strings.ToLower(text) {
		if len(rest) == 0 {
			return true
		}
		if r == rest[0] {
			rest = rest[1:]
		}
	}
	return len(rest) == 0
}

// outline is the document's declarations with their parts. Lines that could not be read count too:
// an outline that comes and goes while one types is of no use.
func (s *server) outline(_ context.Context, p documentParams) (any, error) {
	h, ok := s.at(p.TextDocument.URI)
	if !ok {
		return nil, nil
	}
	b := outliner{h: h, named: map[source.Span]*dsl.Symbol{}}
	for _, r := range h.x.Refs(h.file) {
		if r.Span == r.To.Span {
			b.named[r.Span] = r.To
		}
	}
	list := b.lines(h.x.Files[h.file].Lines)
	if !s.can.TextDocument.DocumentSymbol.Hierarchical {
		return flat(h.d.uri, list, ""), nil
	}
	return list, nil
}

// outliner finds which lines declare something.
type outliner struct {
	h     here
	named map[source.Span]*dsl.Symbol
}

func (b *outliner) lines(lines []*syntax.Line) []documentSymbol {
	out := []documentSymbol{}
	for _, l := range lines {
		kids := b.lines(l.Lines())
		if n, ok := l.Node.(*syntax.Test); ok {
			at := l.TokSpan(n.Name.Tok)
			out = append(out, documentSymbol{Name: l.String(n.Name.Tok), Kind: symbolKind("test"),
				Detail: word("test", b.h.vocabulary()), Range: b.h.d.span(l.Whole()),
				SelectionRange: b.h.d.span(at), Children: kids})
			continue
		}
		first := true
		for _, t := range l.Tokens() {
			at := source.Span{File: b.h.file, Off: t.Off, End: t.End}
			sym := b.named[at]
			if sym == nil || sym.Name == "" || sym.Kind == "package" || sym.Kind == "parameter" {
				continue
			}
			item := documentSymbol{Name: sym.Name, Detail: labels(sym.Label, b.h.s.lang),
				Kind: symbolKind(sym.Kind), Range: b.h.d.span(at), SelectionRange: b.h.d.span(at)}
			if first {
				item.Range = b.h.d.span(l.Whole())
				item.Children = kids
				out = append(out, item)
				first = false
				continue
			}
			last := &out[len(out)-1]
			last.Children = append(last.Children, item)
		}
		if first { // not one of ours: what is in it stands by itself
			out = append(out, kids...)
		}
	}
	return out
}

func flat(uri string, list []documentSymbol, in string) []symbolInformation {
	out := []symbolInformation{}
	for _, d := range list {
		out = append(out, symbolInformation{Name: d.Name, Kind: d.Kind, Container: in,
			Location: location{uri, d.Range}})
		out = append(out, flat(uri, d.Children, d.Name)...)
	}
	return out
}

// foldings are the blocks and the runs of comment lines.
func (s *server) foldings(_ context.Context, p documentParams) (any, error) {
	h, ok := s.at(p.TextDocument.URI)
	if !ok {
		return nil, nil
	}
	out := []folding{}
	var walk func([]*syntax.Line)
	walk = func(lines []*syntax.Line) {
		for _, l := range lines {
			r := h.d.span(l.Whole())
			if r.End.Line > r.Start.Line {
				end := r.End.Line
				if l.HasBlock() && end > r.Start.Line+1 {
					end-- // the closing brace stays in sight
				}
				out = append(out, folding{r.Start.Line, end, ""})
			}
			walk(l.Lines())
		}
	}
	f := h.x.Files[h.file]
	walk(f.Lines)
	return append(out, comments(h, f)...), nil
}

func comments(h here, f *syntax.File) []folding {
	var out []folding
	var run *folding
	for _, t := range f.Tokens {
		if t.Kind != syntax.KindComment {
			continue
		}
		p := h.d.position(t.Off)
		before, _ := h.d.line(p.Line)
		switch alone := strings.HasPrefix(strings.TrimLeftFunc(before, unicode.IsSpace), "//"); {
		case alone && run != nil && p.Line == run.EndLine+1:
			run.EndLine = p.Line
		case alone:
			out = append(out, folding{p.Line, p.Line, "comment"})
			run = &out[len(out)-1]
		}
	}
	kept := out[:0]
	for _, f := range out {
		if f.EndLine > f.StartLine {
			kept = append(kept, f)
		}
	}
	return kept
}
