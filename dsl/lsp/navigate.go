package lsp

import (
	"context"
	"slices"

	"github.com/throughline/throughline/dsl"
)

// ref is the name at a position.
func (s *server) ref(p positionParams) (here, dsl.Ref, bool) {
	h, ok := s.at(p.TextDocument.URI)
	if !ok {
		return h, dsl.Ref{}, false
	}
	r, ok := h.x.At(h.file, h.d.offset(p.Position))
	return h, r, ok
}

func (s *server) definition(_ context.Context, p positionParams) (any, error) {
	h, r, ok := s.ref(p)
	if !ok || r.To.Span.IsZero() {
		return nil, nil
	}
	return s.located(h.f, h.files, r.To.Span), nil
}

func (s *server) references(_ context.Context, p referenceParams) (any, error) {
	h, r, ok := s.ref(p.positionParams)
	if !ok {
		return nil, nil
	}
	out := []location{}
	for _, ref := range h.x.RefsTo(r.To) {
		if p.Context.IncludeDeclaration || ref.Span != ref.To.Span {
			out = append(out, s.located(h.f, h.files, ref.Span))
		}
	}
	return out, nil
}

func (s *server) highlights(_ context.Context, p positionParams) (any, error) {
	h, r, ok := s.ref(p)
	if !ok {
		return nil, nil
	}
	const read, write = 2, 3
	out := []highlight{}
	for _, ref := range h.x.RefsTo(r.To) {
		if ref.Span.File != h.file {
			continue
		}
		kind := read
		if ref.Span == ref.To.Span {
			kind = write
		}
		out = append(out, highlight{h.d.span(ref.Span), kind})
	}
	return out, nil
}

// symbols finds declarations of the whole workspace.
func (s *server) symbols(_ context.Context, p symbolParams) (any, error) {
	out := []symbolInformation{}
	var dirs []string
	for dir := range s.folders { //tidy:order they are sorted below
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	for _, dir := range dirs {
		f := s.folders[dir]
		x := s.indexed(f)
		for _, sym := range x.Symbols() {
			path := f.pathOf(x.Texts[sym.Span.File])
			if !within(path, dir) || s.home(path) != f || sym.Kind == "record" ||
				!fuzzy(sym, p.Query) {
				continue
			}
			out = append(out, symbolInformation{Name: sym.Name, Kind: symbolKind(sym.Kind),
				Location: s.located(f, x.Texts, sym.Span), Container: sym.In})
		}
	}
	return out, nil
}
