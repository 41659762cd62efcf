package doc

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/source"
)

// A Told is a piece of what is told about a declaration in sentences, for pages of other kinds.
type Told struct {
	Title string // "": it is the first
	Lead  string
	Items []string
}

// Tell tells of a declaration as its page of the site does, without tables and pictures.
func Tell(p *policy.Policy, d *kind.Decl, lang string) []Told {
	v := &view{site: &site{policy: p, at: map[*policy.Head]place{}}, lang: lang,
		Speaker: say.In(lang)}
	if d.Kind.Word == "journey" {
		return nil // its page is a picture
	}
	var out []Told
	for _, b := range v.blocks(d) {
		t := Told{Title: b.title, Lead: b.lead.String()}
		for _, i := range b.items {
			t.Items = append(t.Items, i.String())
		}
		if t.Lead != "" || len(t.Items) > 0 {
			out = append(out, t)
		}
	}
	return out
}

// A Piece is a part of a declaration as a sentence, by its place.
type Piece struct {
	Span source.Span
	Says string
}

// Pieces are the parts of a declaration that have a place of their own.
func Pieces(p *policy.Policy, d *kind.Decl, lang string) []Piece {
	v := &view{site: &site{policy: p}, lang: lang, Speaker: say.In(lang)}
	var out []Piece
	for i := range d.Parts {
		x := &d.Parts[i]
		if x.Span.IsZero() || x.Span == d.Head.Span || x.Expr == nil && x.Effect == nil {
			continue
		}
		if x.Effect != nil {
			out = append(out, Piece{x.Span, v.Effect(x.Effect).String()})
		} else {
			out = append(out, Piece{x.Span, v.Expr(x.Expr).String()})
		}
	}
	return out
}

// Users are the declarations that say something by another.
func Users(p *policy.Policy, h *policy.Head) []*policy.Head {
	s := &site{policy: p, used: usersOf(p)}
	return s.usedBy(h)
}
