package window

import (
	"math"
	"reflect"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

const (
	minTime = math.MinInt64
	maxTime = math.MaxInt64
)

// planned is what New works out. A plan also holds the buffers that reading and inserting use, so
// it and its series belong to one goroutine at a time.
type planned struct {
	gauges  []gauge
	queries []query // by spec
	layout  layout
	cal     calendar

	// forever: some window may ask for any old row. Else rows are dropped that are older than
	// reach before now and than the beginning of the oldest calendar period asked for.
	forever bool
	reach   int64
	past    []pastPeriod

	block        reflect.Type // of one series: its body, tallies, extras and sets
	parts        [3]uintptr   // where the last three begin
	extras, sets int

	spare   spare
	row     kept  // what Insert packs a row into
	warm    int64 // keeps reads that only fetch memory from being optimised away
	scratch tally // what windows around a given moment are added up in
}

// pastPeriod is a calendar window rows are kept for, and how much longer than it lasts.
type pastPeriod struct {
	kind   policy.WindowKind
	period policy.Period
	keep   int64
}

// gauge is what is kept up to date of one window: all specs over the same rows, tests and values
// share it.
type gauge struct {
	kind          policy.WindowKind
	d             int64
	period        policy.Period
	keep          int64
	where         int
	value, value2 int
	need          need
	texts         bool // the value is of class String

	// A row is a member where it has these known columns and true tests.
	known, truth int64
}

// need is what a gauge keeps beyond the number of its rows.
type need uint8

const (
	needSum    need = 1 << iota
	needSquare      // the sum of squares
	needCross       // the sums of a second column and of products
	needSet         // all values in order
	needFirst       // which row is first
	needLast        // which row is last
)

// query is how one spec is answered.
type query struct {
	fn     policy.AggFn
	gauge  int
	n      int
	result value.Kind
	direct bool // a count over a window that needs no moment
}

// layout is where a kept row has its columns.
type layout struct {
	kinds  []value.Kind
	pos    []int // by column: word or text; of a test: its bit among the truths
	truths int   // the word that holds truths
	stride int
	texts  int
}

// New returns the plan of series with these columns, at most 64, that answer these specs.
// Calendar periods are those of the zone.
func New(cols []Col, specs []Spec, zone *time.Location) *Plan {
	p := &Plan{cols: cols, specs: specs, zone: zone}
	p.cal.zone = zone
	p.layout = layOut(cols)
	p.row = kept{w: make([]int64, p.layout.stride), t: make([]string, p.layout.texts)}
	p.scratch = tally{x: &extra{built: true, words: &set[int64]{}, texts: &set[string]{},
		first: &mark{}, powers: &powers{}}}
	for _, s := range specs {
		if s.Fn == policy.Share && s.Value < 0 {
			s.Value, s.Where = s.Where, -1 // share( … where e ) is the share of e
		}
		direct := s.Fn == policy.Count && s.Kind < policy.After
		p.queries = append(p.queries, query{s.Fn, p.gaugeOf(s), s.N, s.Result, direct})
		p.retain(s)
	}
	p.block = p.blockOf()
	for i := range p.parts {
		p.parts[i] = p.block.Field(i + 1).Offset
	}
	return p
}

func layOut(cols []Col) layout {
	l := layout{truths: wordKnown, stride: wordKnown + 1, pos: make([]int, len(cols))}
	shift := 32
	if len(cols) > 32 {
		l.truths, l.stride, shift = wordKnown+1, wordKnown+2, 0
	}
	for i, c := range cols {
		l.kinds = append(l.kinds, c.Kind)
		switch c.Kind.Class() {
		case value.String:
			l.pos[i] = l.texts
			l.texts++
		case value.Word, value.Float:
			if c.Kind == value.Bool {
				l.pos[i] = i + shift
				continue
			}
			if c.At {
				l.pos[i] = wordAt
				continue
			}
			l.pos[i] = l.stride
			l.stride++
		}
	}
	return l
}

// float reports whether a column is of class Float.
func (l *layout) float(c int) bool { return l.kinds[c].Class() == value.Float }

// gaugeOf returns the gauge that answers a spec, adding it where it is new.
func (p *Plan) gaugeOf(s Spec) int {
	g := gauge{kind: s.Kind, where: s.Where, value: s.Value, value2: -1}
	switch s.Kind {
	case policy.Sliding, policy.After, policy.Before:
		g.d = s.D
	case policy.This, policy.Prior:
		g.period = s.Period
	}
	if s.Fn == policy.Corr {
		g.value2 = s.Value2
	}
	for i := range p.gauges {
		h := &p.gauges[i]
		if h.kind == g.kind && h.d == g.d && h.period == g.period && h.where == g.where &&
			h.value == g.value && h.value2 == g.value2 {
			h.need |= needs(s)
			h.keep = max(h.keep, s.Keep)
			return i
		}
	}
	g.need, g.keep = needs(s), s.Keep
	for _, c := range [...]int{g.value, g.value2} {
		if c >= 0 {
			g.known |= 1 << c
		}
	}
	if g.where >= 0 {
		g.truth |= 1 << p.layout.pos[g.where]
	}
	g.texts = g.value >= 0 && p.layout.kinds[g.value].Class() == value.String
	p.gauges = append(p.gauges, g)
	return len(p.gauges) - 1
}

func needs(s Spec) need {
	switch s.Fn {
	case policy.Sum, policy.Avg, policy.Share:
		return needSum
	case policy.SD:
		return needSum | needSquare
	case policy.Corr:
		return needSum | needSquare | needCross
	case policy.Min, policy.Max, policy.Median, policy.P90:
		return needSet
	case policy.Distinct:
		if s.Value >= 0 {
			return needSet
		}
	case policy.First:
		return needFirst
	case policy.Last:
		if s.N == 0 {
			return needLast
		}
	}
	return 0
}

// retain makes the plan keep the rows that a spec needs.
func (p *Plan) retain(s Spec) {
	switch s.Kind {
	case policy.Sliding:
		p.reach = max(p.reach, plus(s.D, s.Keep))
	case policy.This, policy.Prior:
		p.past = append(p.past, pastPeriod{s.Kind, s.Period, s.Keep})
	case policy.Ever:
		p.reach = max(p.reach, s.Keep)
		p.forever = p.forever || s.Fn == policy.First || s.Fn == policy.Last
	default:
		p.forever = true // the moment the window stands at may be any
	}
}

// Rows reports whether a spec keeps something of every row for ever: what the checker warns of.
// Unbounded first and last and windows around a given moment keep the rows themselves, unbounded
// min, max, median and p90 all values, and distinct one count a value.
func (p *Plan) Rows(spec int) bool {
	s := p.specs[spec]
	switch s.Kind {
	case policy.After, policy.Before, policy.InStage:
		return true
	case policy.Ever:
		return s.Fn == policy.First || s.Fn == policy.Last || needs(s)&needSet != 0
	}
	return false
}

// horizon returns the moment up to which rows are not needed any more.
func (p *Plan) horizon(now int64) int64 {
	if p.forever {
		return minTime
	}
	h := minus(now, p.reach)
	for _, q := range p.past {
		b := p.cal.at(q.period, minus(now, q.keep))
		if q.kind == policy.Prior {
			b.start = b.before
		}
		h = min(h, b.start-1)
	}
	return h
}

// span is the rows with lo < At ≤ hi.
type span struct{ lo, hi int64 }

// span returns the rows in a gauge's window at a moment. Of InStage it is all that are visible:
// where the window begins is only known when it is read.
func (p *Plan) span(g *gauge, now int64) span {
	switch {
	case now == minTime:
		return span{minTime, minTime}
	case g.kind == policy.Sliding:
		return span{minus(now, g.d), now}
	case g.kind == policy.This:
		return span{p.cal.at(g.period, now).start - 1, now}
	case g.kind == policy.Prior:
		b := p.cal.at(g.period, now)
		return span{b.before - 1, b.start - 1}
	}
	return span{minTime, now}
}

// leaves returns when a row that is in the window now leaves it.
func (p *Plan) leaves(g *gauge, at, now int64) int64 {
	switch g.kind {
	case policy.Sliding:
		return plus(at, g.d)
	case policy.This, policy.Prior:
		return p.cal.at(g.period, now).end
	}
	return maxTime
}

// placed reports whether the window stands at a moment that only the reader knows.
func (g *gauge) placed() bool { return g.kind >= policy.After }

// wide reports whether a series keeps more of a gauge than a number of rows, and words whether it
// keeps a set of words.
func (g *gauge) wide() bool  { return g.need != 0 && !g.placed() }
func (g *gauge) words() bool { return g.wide() && g.need&needSet != 0 && !g.texts }

// around returns the rows of a window that stands at t, and whether it is over.
func (g *gauge) around(t, now int64) (span, bool) {
	switch g.kind {
	case policy.After:
		return span{t, plus(t, g.d)}, now >= plus(t, g.d)
	case policy.Before:
		return span{minus(t, plus(g.d, 1)), minus(t, 1)}, now >= t
	}
	return span{minus(t, 1), now}, true
}

// takes reports whether a row is a member: its tests are true and its values known.
func (p *Plan) takes(g *gauge, r kept) bool {
	return r.w[wordKnown]&g.known == g.known && r.w[p.layout.truths]&g.truth == g.truth
}

// wants reports whether any window counts a row.
func (p *Plan) wants(r kept) bool {
	for i := range p.gauges {
		if p.takes(&p.gauges[i], r) {
			return true
		}
	}
	return false
}

// filter looks for members up to a moment.
func (p *Plan) filter(g *gauge, hi int64) filter {
	return filter{hi, g.known, g.truth, p.layout.truths}
}

// pack copies a row into the plan's buffer. A number that is none is missing.
func (p *Plan) pack(r *Row) kept {
	k, l := p.row, &p.layout
	clear(k.w)
	k.w[wordAt], k.w[wordSeq] = r.At, int64(r.Seq)
	for c, kind := range l.kinds {
		if r.Known>>c&1 == 0 {
			if kind.Class() == value.String {
				k.t[l.pos[c]] = ""
			}
			continue
		}
		switch kind.Class() {
		case value.String:
			k.t[l.pos[c]] = r.S[c]
		case value.Word:
			if kind != value.Bool {
				k.w[l.pos[c]] = r.N[c]
			} else if r.N[c] != 0 {
				k.w[l.truths] |= 1 << l.pos[c]
			}
		case value.Float:
			if math.IsNaN(math.Float64frombits(uint64(r.N[c]))) {
				continue
			}
			k.w[l.pos[c]] = r.N[c]
		default:
			continue
		}
		k.w[wordKnown] |= 1 << c
	}
	return k
}

// word returns a known column of class Word or Float as it is kept.
func (p *Plan) word(r kept, c int) int64 {
	l := &p.layout
	if l.kinds[c] == value.Bool {
		return r.w[l.truths] >> l.pos[c] & 1
	}
	return r.w[l.pos[c]]
}

// quantity returns a known column as an integer to add up; ok is false where it is too large.
func (p *Plan) quantity(r kept, c int) (wide, bool) {
	n := p.word(r, c)
	if p.layout.kinds[c].Class() == value.Float {
		return fixed(math.Float64frombits(uint64(n)))
	}
	return wideOf(n), true
}

// plus and minus stay within the range of moments.
func plus(a, b int64) int64 {
	if s := a + b; b < 0 == (s < a) {
		return s
	}
	return edge(b)
}

func minus(a, b int64) int64 {
	if s := a - b; b > 0 == (s < a) {
		return s
	}
	return edge(^b)
}

func edge(sign int64) int64 {
	if sign < 0 {
		return minTime
	}
	return maxTime
}
