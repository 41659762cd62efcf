package window

import "github.com/throughline/throughline/dsl/value"

// Range is the rows with Lo < At ≤ Hi and one of their columns; Column -1: none.
type Range struct {
	Lo, Hi int64
	Column int
}

// Each calls f for the rows of a range that a series keeps, in order, with what the column holds; a
// row whose column is missing is passed over.
func (p *Plan) Each(s *Series, w Range, f func(at, word int64, text string)) {
	if s == nil || s.b == nil {
		return
	}
	l := &s.b.rows
	for q := l.after(w.Lo); q != l.end(); q = l.step(q) {
		r := l.row(q)
		if r.at() > w.Hi {
			return
		}
		switch {
		case w.Column < 0:
			f(r.at(), 0, "")
		case r.w[wordKnown]>>w.Column&1 == 0:
		case p.layout.kinds[w.Column].Class() == value.String:
			f(r.at(), 0, r.t[p.layout.pos[w.Column]])
		default:
			f(r.at(), p.word(r, w.Column), "")
		}
	}
}

// Value returns the column that a spec reads, -1 where it reads the row itself.
func (p *Plan) Value(spec int) int { return p.specs[spec].Value }
