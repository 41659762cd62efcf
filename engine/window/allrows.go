package window

import (
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// Visit calls f for every row that a series keeps up to a moment, in order. The row is used again.
func (p *Plan) Visit(s *Series, now int64, f func(*Row)) {
	if s.b == nil {
		return
	}
	r := Row{N: make([]int64, len(p.cols)), S: make([]string, len(p.cols))}
	l := &s.b.rows
	for at := l.begin(); at != l.end(); at = l.step(at) {
		k := l.row(at)
		if k.at() > now {
			return
		}
		r.At, r.Seq, r.Known = k.at(), k.seq(), uint64(k.w[wordKnown])&(1<<len(p.cols)-1)
		for c, kind := range p.layout.kinds {
			switch {
			case r.Known>>c&1 == 0:
				r.N[c], r.S[c] = 0, ""
			case kind.Class() == value.String:
				r.S[c] = k.t[p.layout.pos[c]]
			default:
				r.N[c] = p.word(k, c)
			}
		}
		f(&r)
	}
}

// Calendar finds calendar periods in a zone.
type Calendar struct{ of calendar }

// NewCalendar returns the periods of a zone.
func NewCalendar(zone *time.Location) *Calendar { return &Calendar{calendar{zone: zone}} }

// At returns the first moment of the period that holds a moment, and that of the period after it.
func (c *Calendar) At(p policy.Period, at int64) (start, end int64) {
	b := c.of.at(p, at)
	return b.start, b.end
}

// Zone is where the periods are.
func (c *Calendar) Zone() *time.Location { return c.of.zone }
