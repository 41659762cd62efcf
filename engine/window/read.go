package window

import (
	"math"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// view is one window of one series, brought to the moment it is read at.
type view struct {
	b *body
	t *tally
	g *gauge
	w span
}

// look returns a spec's window at a moment; t places windows that stand at a given moment. ok is
// false where such a window is not over.
func (p *Plan) look(b *body, spec int, now, t int64) (v view, ok bool) {
	if now >= b.next {
		p.advance(b, now)
	}
	i := p.queries[spec].gauge
	v = view{b: b, g: &p.gauges[i], t: &b.tallies[i]}
	if v.g.placed() {
		return p.gather(v, t, now)
	}
	v.w = p.span(v.g, b.now)
	return v, true
}

// gather adds up a window that stands at t.
func (p *Plan) gather(v view, t, now int64) (view, bool) {
	w, over := v.g.around(t, now)
	if !over {
		return v, false
	}
	w.hi = min(w.hi, now)
	v.w, v.t = w, &p.scratch
	v.t.reset()
	p.fold(v.b, v.g, v.t, w)
	return v, true
}

// Int returns a spec's value where its Result is of class Word; false: missing. t is the moment
// of After and Before and, for InStage, the one since when rows count.
func (p *Plan) Int(s *Series, spec int, now, t int64) (int64, bool) {
	q, b := &p.queries[spec], s.b
	if b == nil {
		return p.nothing(q, now, t)
	}
	if q.direct {
		// A number of rows needs nothing but its tally.
		if now >= b.next {
			p.advance(b, now)
		}
		return b.tallies[q.gauge].n, true
	}
	v, ok := p.look(b, spec, now, t)
	if !ok {
		return 0, false
	}
	return p.wordOf(q, &v)
}

// Num returns a spec's value where its Result is of class Float; false: missing.
func (p *Plan) Num(s *Series, spec int, now, t int64) (float64, bool) {
	q := &p.queries[spec]
	if s.b == nil {
		n, ok := p.nothing(q, now, t)
		return float64(n), ok
	}
	v, ok := p.look(s.b, spec, now, t)
	if !ok {
		return 0, false
	}
	return p.floatOf(q, &v)
}

// Str returns a spec's value where its Result is of class String; false: missing.
func (p *Plan) Str(s *Series, spec int, now, t int64) (string, bool) {
	if s.b == nil {
		return "", false
	}
	v, ok := p.look(s.b, spec, now, t)
	if !ok {
		return "", false
	}
	return p.textOf(&p.queries[spec], &v)
}

// List returns the values of last with N, the newest last; false: there are none.
func (p *Plan) List(s *Series, spec int, now, t int64) ([]value.Value, bool) {
	if s.b == nil {
		return nil, false
	}
	v, ok := p.look(s.b, spec, now, t)
	if !ok {
		return nil, false
	}
	return p.listOf(&p.queries[spec], &v)
}

// ValueAt returns what a spec's value would have been at an earlier moment with all rows that are
// known today, worked out from the rows kept: when must be at most Keep ago. Looks that are taken
// again for late records use it.
func (p *Plan) ValueAt(s *Series, spec int, when, t int64) value.Value {
	q := &p.queries[spec]
	b := s.b
	if b == nil {
		n, ok := p.nothing(q, when, t)
		return box(q, n, float64(n), ok)
	}
	if when >= b.now {
		p.settle(b, when)
	}
	v := view{b: b, g: &p.gauges[q.gauge], t: &b.tallies[q.gauge]}
	if v.g.placed() {
		v, ok := p.gather(v, t, when)
		if !ok {
			return value.Value{}
		}
		return p.valueOf(q, &v)
	}
	w := p.span(v.g, b.now)
	v.w = p.span(v.g, when)
	leave := v.t.leave
	v.t.leave = minTime // says nothing about the rows that come back
	p.shift(b, v.g, v.t, [2]span{w, v.w})
	out := p.valueOf(q, &v)
	p.shift(b, v.g, v.t, [2]span{v.w, w})
	v.t.leave = leave
	return out
}

func (p *Plan) valueOf(q *query, v *view) value.Value {
	switch q.result.Class() {
	case value.Word:
		n, ok := p.wordOf(q, v)
		return box(q, n, 0, ok)
	case value.Float:
		f, ok := p.floatOf(q, v)
		return box(q, 0, f, ok)
	case value.String:
		if s, ok := p.textOf(q, v); ok {
			return value.Value{Kind: q.result, S: s}
		}
	default:
		if l, ok := p.listOf(q, v); ok {
			return value.Value{Kind: q.result, X: l}
		}
	}
	return value.Value{}
}

func box(q *query, n int64, f float64, ok bool) value.Value {
	switch {
	case !ok:
		return value.Value{}
	case q.result.Class() == value.Float:
		return value.OfFloat(q.result, f)
	}
	return value.OfWord(q.result, n)
}

// nothing is the value of a spec over a series that never had a row.
func (p *Plan) nothing(q *query, now, t int64) (int64, bool) {
	if g := &p.gauges[q.gauge]; g.placed() {
		if _, over := g.around(t, now); !over {
			return 0, false
		}
	}
	return 0, q.fn == policy.Count || q.fn == policy.Sum || q.fn == policy.Distinct
}

func (p *Plan) wordOf(q *query, v *view) (int64, bool) {
	t := v.t
	switch q.fn {
	case policy.Count:
		return t.n, true
	case policy.Distinct:
		return p.distinct(v), true
	case policy.Sum:
		n, fits := t.x.sum.word()
		return n, fits && t.x.bad == 0
	}
	if t.n == 0 {
		return 0, false
	}
	switch q.fn {
	case policy.Avg:
		n, fits := t.x.sum.over(t.n)
		return n, fits && t.x.bad == 0
	case policy.SD:
		f, ok := deviation(t)
		f = math.RoundToEven(f)
		return int64(f), ok && f < 1<<63
	case policy.First, policy.Last:
		return p.edge(q, v).word, true
	case policy.Min, policy.Max, policy.Median, policy.P90:
		r := p.ranked(q, v)
		return r.sum().over(r.whole)
	}
	return 0, false
}

func (p *Plan) floatOf(q *query, v *view) (float64, bool) {
	t := v.t
	if q.fn == policy.Count || q.fn == policy.Distinct {
		n, ok := p.wordOf(q, v)
		return float64(n), ok
	}
	if q.fn != policy.Sum && t.n == 0 {
		return 0, false
	}
	unit := p.unit(v.g)
	switch q.fn {
	case policy.Sum:
		return t.x.sum.float() / unit, t.x.bad == 0
	case policy.Avg, policy.Share:
		return t.x.sum.float() / float64(t.n) / unit, t.x.bad == 0
	case policy.SD:
		f, ok := deviation(t)
		return f / unit, ok
	case policy.Corr:
		return correlation(t)
	case policy.First, policy.Last:
		return p.number(v.g, p.edge(q, v).word), true
	case policy.Min, policy.Max, policy.Median, policy.P90:
		return p.quantile(q, v), true
	}
	return 0, false
}

// unit is how many units of a sum make one of the value's own.
func (p *Plan) unit(g *gauge) float64 {
	switch k := p.layout.kinds[g.value]; {
	case k.Class() == value.Float:
		return 1 << fraction
	case k == value.Money:
		return moneyUnit
	}
	return 1
}

// moneyUnit is how many units of Money make one as a number.
const moneyUnit = 10_000

// number is a column's word as a number.
func (p *Plan) number(g *gauge, n int64) float64 {
	if p.layout.float(g.value) {
		return math.Float64frombits(uint64(n))
	}
	return float64(n) / p.unit(g)
}

func (p *Plan) textOf(q *query, v *view) (string, bool) {
	if v.t.n == 0 || !v.g.texts {
		return "", false
	}
	switch q.fn {
	case policy.First, policy.Last:
		m := p.edge(q, v)
		at, _ := v.b.rows.find(m.at, m.seq)
		return v.b.rows.row(at).t[p.layout.pos[v.g.value]], true
	case policy.Min:
		return p.textSet(v).kth(0), true
	case policy.Max:
		return p.textSet(v).kth(v.t.n - 1), true
	}
	return "", false
}

// listOf walks back from the end of the window until it has what was asked for.
func (p *Plan) listOf(q *query, v *view) ([]value.Value, bool) {
	n := int(min(int64(q.n), v.t.n))
	if n == 0 {
		return nil, false
	}
	out := make([]value.Value, n)
	l := &v.b.rows
	for at := l.after(v.w.hi); n > 0; {
		at, _ = l.back(at)
		if r := l.row(at); p.takes(v.g, r) {
			n--
			out[n] = p.boxed(v.g, r)
		}
	}
	return out, true
}

// boxed is a row's value; of the row itself, its Seq.
func (p *Plan) boxed(g *gauge, r kept) value.Value {
	switch {
	case g.value < 0:
		return value.OfWord(value.Int, int64(r.seq()))
	case g.texts:
		return value.Value{Kind: p.layout.kinds[g.value], S: r.t[p.layout.pos[g.value]]}
	}
	return value.OfWord(p.layout.kinds[g.value], p.word(r, g.value))
}

// edge returns the first or last member of a window that has members. Where the one remembered
// was removed it is looked for; it is found before the window ends, because there is one.
func (p *Plan) edge(q *query, v *view) *mark {
	l := &v.b.rows
	if q.fn == policy.First {
		m := v.t.x.first
		if !m.ok {
			at, _ := l.scan(l.after(v.w.lo), p.filter(v.g, v.w.hi))
			*m = p.mark(v.g, l.row(at))
		}
		return m
	}
	m := &v.t.x.last
	for at := l.after(v.w.hi); !m.ok; {
		at, _ = l.back(at)
		if r := l.row(at); p.takes(v.g, r) {
			*m = p.mark(v.g, r)
		}
	}
	return m
}

// distinct counts different values; of rows themselves, the rows.
func (p *Plan) distinct(v *view) int64 {
	switch {
	case v.g.value < 0:
		return v.t.n
	case v.g.texts:
		return p.textSet(v).distinct
	}
	return p.wordSet(v).distinct
}

// wordSet returns a window's values in order. The set is made when it is first asked for.
func (p *Plan) wordSet(v *view) *set[int64] {
	p.build(v)
	return v.t.x.words
}

func (p *Plan) textSet(v *view) *set[string] {
	p.build(v)
	return v.t.x.texts
}

func (p *Plan) build(v *view) {
	x, l, only := v.t.x, &v.b.rows, p.filter(v.g, v.w.hi)
	if x.built {
		return
	}
	x.built = true
	at, ok := l.scan(l.after(v.w.lo), only)
	for ; ok; at, ok = l.scan(l.step(at), only) {
		p.addKey(x, v.g, l.row(at))
	}
}

// between is where an order statistic lies: part of whole of the way from a to b.
type between struct{ a, b, part, whole int64 }

func (p *Plan) ranked(q *query, v *view) between {
	s, n := p.wordSet(v), v.t.n
	k, r := int64(0), between{whole: 1}
	switch q.fn {
	case policy.Max:
		k = n - 1
	case policy.Median:
		k, r.part, r.whole = (n-1)/2, (n-1)%2, 2
	case policy.P90:
		k, r.part, r.whole = (n-1)*9/10, (n-1)*9%10, 10
	}
	r.a = s.kth(k)
	r.b = r.a
	if r.part > 0 {
		r.b = s.kth(k + 1)
	}
	return r
}

// sum is whole times the statistic, of words.
func (r between) sum() wide { return times(r.a, r.whole-r.part).add(times(r.b, r.part)) }

// quantile is an order statistic as a number.
func (p *Plan) quantile(q *query, v *view) float64 {
	r := p.ranked(q, v)
	if !p.layout.float(v.g.value) {
		return r.sum().float() / (float64(r.whole) * p.unit(v.g))
	}
	x := math.Float64frombits(uint64(mirror(r.a)))
	y := math.Float64frombits(uint64(mirror(r.b)))
	if x == y {
		return x
	}
	f := float64(r.part) / float64(r.whole)
	return float64(x*(1-f)) + float64(y*f) // y − x might overflow
}

// deviation is the sample deviation of a sum's values, in units of the sum. Under the root all is
// exact, so equal values give 0 and order does not matter.
func deviation(t *tally) (float64, bool) {
	if t.n < 2 || t.x.bad > 0 {
		return 0, false
	}
	v := spread(t.n, t.x.powers.square, t.x.sum, t.x.sum)
	return math.Sqrt(v.float() / float64(float64(t.n)*float64(t.n-1))), true
}

// correlation is Pearson's; missing where one side does not vary.
func correlation(t *tally) (float64, bool) {
	x, m := t.x, t.x.powers
	if t.n < 2 || x.bad > 0 {
		return 0, false
	}
	a := spread(t.n, m.square, x.sum, x.sum).float()
	b := spread(t.n, m.square2, m.sum2, m.sum2).float()
	if a == 0 || b == 0 {
		return 0, false
	}
	r := spread(t.n, m.cross, x.sum, m.sum2).float() / float64(math.Sqrt(a)*math.Sqrt(b))
	return max(-1, min(1, r)), true
}

// spread is n Σxy − Σx Σy.
func spread(n int64, xy vast, x, y wide) vast {
	return xy.times(n).sub(product(x, y))
}
