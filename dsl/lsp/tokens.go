package lsp

import (
	"cmp"
	"context"
	"slices"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/syntax"
)

// tokenTypes are the kinds of semantic tokens, by their numbers.
func tokenTypes() []string {
	return []string{"keyword", "type", "class", "event", "property", "enumMember", "variable",
		"parameter", "function", "namespace", "comment", "string", "number", "operator"}
}

// tokenType is the number of a symbol's kind of token.
func tokenType(s *dsl.Symbol) uint32 {
	name := "function" // what acts
	switch s.Kind {
	case "entity", "source":
		name = "class"
	case "event":
		name = "event"
	case "choice":
		name = "type"
	case "field", "term", "proof":
		name = "property"
	case "value", "stage":
		name = "enumMember"
	case "let", "record", "name":
		name = "variable"
	case "parameter":
		name = "parameter"
	case "package":
		name = "namespace"
	}
	return uint32(slices.Index(tokenTypes(), name))
}

// colour is one token as the editor paints it.
type colour struct {
	off, end  int32
	kind, mod uint32
}

func (s *server) tokens(_ context.Context, p documentParams) (any, error) {
	h, ok := s.at(p.TextDocument.URI)
	if !ok {
		return nil, nil
	}
	f := h.x.Files[h.file]
	all := make([]colour, 0, len(f.Tokens)/2)
	for _, r := range h.x.Refs(h.file) {
		c := colour{r.Span.Off, r.Span.End, tokenType(r.To), 0}
		if r.Span == r.To.Span {
			c.mod = 1
		}
		all = append(all, c)
	}
	for _, k := range h.x.Keywords(h.file) {
		kind := uint32(0)
		if isType(k.En) {
			kind = 1
		}
		all = append(all, colour{k.Span.Off, k.Span.End, kind, 0})
	}
	for _, t := range f.Tokens {
		name := ""
		switch t.Kind {
		case syntax.KindComment:
			name = "comment"
		case syntax.KindText, syntax.KindRaw:
			name = "string"
		case syntax.KindNumber, syntax.KindMoment:
			name = "number"
		default:
			continue
		}
		all = append(all, colour{t.Off, t.End, uint32(slices.Index(tokenTypes(), name)), 0})
	}
	slices.SortStableFunc(all, func(a, b colour) int { return cmp.Compare(a.off, b.off) })
	return tokensResult{h.packed(all)}, nil
}

// packed writes tokens as the protocol has them: each by its distance from the one before. What
// lies within another, such as a name within a message, parts it.
func (h here) packed(all []colour) []uint32 {
	data := make([]uint32, 0, 5*len(all))
	var last position
	put := func(c colour) {
		from, to := h.d.position(c.off), h.d.position(c.end)
		if c.end <= c.off || from.Line != to.Line {
			return
		}
		d := position{from.Line - last.Line, from.Character}
		if d.Line == 0 {
			d.Character -= last.Character
		}
		data = append(data, d.Line, d.Character, to.Character-from.Character, c.kind, c.mod)
		last = from
	}
	for i := 0; i < len(all); i++ {
		c := all[i]
		j := i + 1
		for ; j < len(all) && all[j].off < c.end; j++ {
			if in := all[j]; in.end <= c.end && in.off >= c.off && in.end-in.off < c.end-c.off {
				put(colour{c.off, in.off, c.kind, c.mod})
				put(in)
				c.off = in.end
			}
		}
		put(c)
		i = j - 1
	}
	return data
}
