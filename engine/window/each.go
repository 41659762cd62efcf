package window

import "github.com/throughline/throughline/dsl/value"

// Each calls f for the rows kept of a series with lo < At ≤ hi, in order, with what one column
// holds; column -1 is none, and a row whose column is missing is passed over.
func (p *Plan) Each(s *Series, lo, hi int64, column int, f func(at int64, word int64, text string)) {
	if s == nil || s.b == nil {
		return
	}
	l := &s.b.rows
	for q := l.after(lo); q != l.end(); q = l.step(q) {
		r := l.row(q)
		if r.at() > hi {
			return
		}
		switch {
		case column < 0:
			f(r.at(), 0, "")
		case r.w[wordKnown]>>column&1 == 0:
		case p.layout.kinds[column].Class() == value.String:
			f(r.at(), 0, r.t[p.layout.pos[column]])
		default:
			f(r.at(), p.word(r, column), "")
		}
	}
}

// Value returns the column that a spec reads, -1 where it reads the row itself.
func (p *Plan) Value(spec int) int { return p.specs[spec].Value }
