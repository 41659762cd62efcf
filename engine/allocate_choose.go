package engine

import (
	"math"
	"strings"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
)

// shareUnit is how finely shares are counted: turns are whole numbers of it, so that however many
// are given nothing is rounded away.
const shareUnit = 1 << 20

// mostShare is the greatest share, so that turns of any number of people fit.
const mostShare = 1 << 32

// choose fills in the account of one record: who is a candidate, what each is worth, who wins.
func (e *Engine) choose(a *allocation, h int32, c *decision.Account) {
	e.compare(a, h, c)
	if a.share == nil || c.Winner < 0 {
		return
	}
	// Smooth weighted round robin: everybody in is credited with a share, and the one whose turn it
	// is pays for all. Who is away is not credited, so nothing waits for those who come back.
	var all int64
	for i, o := range c.Out {
		if o == decision.In {
			w := a.work.share[i]
			a.turn(int32(i)).credit += w
			all += w
		}
	}
	a.turn(c.Winner).credit -= all
}

// compare does the same and leaves all turns as they are.
func (e *Engine) compare(a *allocation, h int32, c *decision.Account) {
	n := len(a.to.table.rows)
	c.Rule, c.Record = a.of, a.kind.table.ref(h)
	c.IDs = a.names()
	e.subject(a.kind.table, h)
	a.refresh(e, n)
	c.Out, c.Part = grown(c.Out, n), grown(c.Part, n)
	c.Keys, c.Last = grown(c.Keys, n), grown(c.Last, n)
	c.Terms = grown(c.Terms, n*len(a.of.Weigh))
	for i := range n {
		if a.to.table.lives[i] != alive {
			c.Out[i] = decision.Absent
		}
		if i < len(a.turns) {
			c.Last[i] = a.turns[i].last
		}
	}
	e.leaveOut(a, a.where, c, decision.ByWhere)
	e.leaveOutAway(a, c)
	for _, who := range a.about(h).lapsed {
		if c.Out[who] == decision.In {
			c.Out[who] = decision.Lapsed
		}
	}
	e.leaveOut(a, a.limit, c, decision.ByLimit)
	for _, f := range a.about(h).former {
		if f.until > e.env.Now && c.Out[f.who] == decision.In {
			c.Out[f.who] = decision.Cooling
		}
	}
	e.keepTogether(a, h, c)
	if a.share != nil {
		a.turnKeys(e, c)
	} else {
		a.sumKeys(e, c)
	}
	c.Rank()
}

// keepTogether lets whoever has other records of the same go first: all others are left out.
func (e *Engine) keepTogether(a *allocation, h int32, c *decision.Account) {
	f := a.of.Same
	s := a.kind.table.rows[h]
	if f == nil || !s.Has(f.Index) {
		return
	}
	a.work.same = grown(a.work.same, len(c.Out))
	some := false
	for _, other := range e.backs[f].of(int32(s.N[a.kind.layout.Pos[f.Index]])) {
		if to, has := a.holder(other); has && other != h && c.Out[to] == decision.In {
			a.work.same[to], some = true, true
		}
	}
	if !some {
		return
	}
	for i, o := range c.Out {
		if o == decision.In && !a.work.same[i] {
			c.Out[i] = decision.Others
		}
	}
}

// grown is a slice of n zero values, in the memory of another.
func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	s = s[:n]
	clear(s)
	return s
}

// sumKeys works out every candidate's terms and their sum, 0–100.
func (a *allocation) sumKeys(e *Engine, c *decision.Account) {
	k := len(a.terms)
	for t := range a.terms {
		a.values(e, c, t)
	}
	for i, o := range c.Out {
		if o == decision.ByWhere || o == decision.Absent {
			continue
		}
		sum, weights := 0.0, 0.0
		for t := range a.terms {
			x := c.Terms[i*k+t]
			known := !math.IsNaN(x)
			if known {
				sum += float64(a.terms[t].weight * x)
			}
			if known || !a.terms[t].skip {
				weights += a.terms[t].weight
			}
		}
		c.Keys[i] = decision.RoundKey(sum, weights)
	}
}

// turnKeys gives everybody the turn they would have.
func (a *allocation) turnKeys(e *Engine, c *decision.Account) {
	a.work.share = grown(a.work.share, len(c.Out))
	for i, o := range c.Out {
		if o != decision.In {
			continue
		}
		x, ok := a.share.at(e, a, int32(i))
		if !ok || !(x > 0) {
			c.Out[i] = decision.NoShare
			continue
		}
		w := max(1, int64(math.Round(min(x, mostShare)*shareUnit)))
		a.work.share[i] = w
		c.Keys[i] = float64(a.turn(int32(i)).credit+w) / shareUnit
	}
}

// leaveOutAway leaves out who is on leave, or will be within what `away within` says, else before
// an offer could be accepted.
func (e *Engine) leaveOutAway(a *allocation, c *decision.Account) {
	if len(e.leaves) == 0 {
		return
	}
	now := e.env.Now
	edge := now
	if a.away != nil {
		if at, ok := e.dueFrom(now, a.away); ok {
			edge = at
		}
	}
	for i := range e.leaves {
		l := &e.leaves[i]
		if l.from > edge || l.until <= now {
			continue
		}
		if h, ok := a.to.person(l.who); ok && c.Out[h] == decision.In {
			c.Out[h] = decision.Away
		}
	}
}

// person finds an entity that a text names by its id, or as Type/id.
func (k *entityType) person(name string) (int32, bool) {
	if h, ok := k.table.find(name); ok {
		return h, true
	}
	for _, of := range []string{k.rec.Full, k.rec.Name} {
		if id, ok := strings.CutPrefix(name, of+"/"); ok {
			return k.table.find(id)
		}
	}
	return 0, false
}

// candidate makes an entity the candidate that expressions read.
func (e *Engine) candidate(a *allocation, i int32) {
	e.env.Cand, e.env.CandRef = a.to.table.rows[i], int64(i)
}

// screening is one condition being held against all candidates.
type screening struct {
	e       *Engine
	a       *allocation
	c       *decision.Account
	why     decision.Out
	unknown []uint8 // by candidate: 1 + the first part that could not tell
	some    bool    // there is one
}

// leaveOut leaves out the candidates for whom a condition does not hold, part by part: the first
// part that is false says why, else the first that is unknown.
func (e *Engine) leaveOut(a *allocation, s *screen, c *decision.Account, why decision.Out) {
	if s == nil {
		return
	}
	a.work.unknown = grown(a.work.unknown, len(c.Out))
	x := screening{e: e, a: a, c: c, why: why, unknown: a.work.unknown}
	if a.plain {
		x.plainly(s.whole)
		return
	}
	for p := range s.parts {
		x.part(&s.parts[p], uint8(p))
	}
	if !x.some {
		return
	}
	for i, p := range x.unknown {
		if p > 0 && c.Out[i] == decision.In {
			c.Out[i], c.Part[i] = why, p-1
		}
	}
}

// plainly asks the whole condition of each candidate in turn.
func (x *screening) plainly(whole *program) {
	for i, o := range x.c.Out {
		if o != decision.In {
			continue
		}
		x.e.candidate(x.a, int32(i))
		if v, part := whole.run(&x.e.env); v != value.True {
			x.c.Out[i], x.c.Part[i] = x.why, uint8(max(part, 0))
		}
	}
}

// part holds one conjunct against everybody who is still in.
func (x *screening) part(q *conjunct, p uint8) {
	env := &x.e.env
	switch {
	case q.reads == ofRecord:
		if v := q.cond(env); v != value.True {
			for i := range x.c.Out {
				x.saw(i, p, v)
			}
		}
	case q.reads == ofCandidate:
		for i := range x.c.Out {
			if q.truth[i] != value.True {
				x.saw(i, p, q.truth[i])
			}
		}
	case q.equal != nil && x.equals(q.equal, p):
	default:
		for i, o := range x.c.Out {
			if o == decision.In {
				x.e.candidate(x.a, int32(i))
				x.saw(i, p, q.cond(env))
			}
		}
	}
}

// equals compares what is kept of candidates with the record's side. It answers false where that is
// missing: then nothing is known of anybody, and each is asked.
func (x *screening) equals(q *equality, p uint8) bool {
	same, ok := q.against(x.e)
	if ok {
		for i := range x.c.Out {
			x.sawSame(q, i, p, same(i))
		}
	}
	return ok
}

func (x *screening) sawSame(q *equality, i int, p uint8, same bool) {
	switch {
	case !q.have[i]:
		x.saw(i, p, value.Unknown)
	case same == q.not:
		x.saw(i, p, value.False)
	}
}

// saw takes in what a part says of a candidate.
func (x *screening) saw(i int, p uint8, v value.Tri) {
	switch {
	case x.c.Out[i] != decision.In:
	case v == value.False:
		x.c.Out[i], x.c.Part[i] = x.why, p
	case v == value.Unknown && x.unknown[i] == 0:
		x.unknown[i], x.some = p+1, true
	}
}

// values fills in one term of every candidate.
func (a *allocation) values(e *Engine, c *decision.Account, at int) {
	t, k := &a.terms[at], len(a.terms)
	if t.reads == ofRecord {
		x := t.clamped(&e.env)
		for i := range c.Out {
			c.Terms[i*k+at] = x
		}
		return
	}
	if t.equal != nil {
		t.equal.values(e, c, at, k)
		return
	}
	for i, o := range c.Out {
		switch {
		case o == decision.ByWhere || o == decision.Absent:
		case t.reads == ofCandidate && !a.plain:
			c.Terms[i*k+at] = t.known[i]
		default:
			e.candidate(a, int32(i))
			c.Terms[i*k+at] = t.clamped(&e.env)
		}
	}
}

// values fills in a term that is 1 where the candidate's side is the record's, else 0.
func (q *equality) values(e *Engine, c *decision.Account, at, k int) {
	same, ok := q.against(e)
	for i, o := range c.Out {
		x := math.NaN()
		switch {
		case o == decision.ByWhere || o == decision.Absent:
			continue
		case !ok || !q.have[i]:
		case same(i) != q.not:
			x = 1
		default:
			x = 0
		}
		c.Terms[i*k+at] = x
	}
}

// against reads the record's side, once; false: it is missing.
func (q *equality) against(e *Engine) (same func(int) bool, ok bool) {
	if q.its.Str != nil {
		its, ok := q.its.Str(&e.env)
		return func(i int) bool { return q.texts[i] == its }, ok
	}
	its, ok := q.its.Int(&e.env)
	return func(i int) bool { return q.words[i] == its }, ok
}

func (t *figure) clamped(env *eval.Env) float64 {
	x, ok := t.num.Of(env)
	if !ok {
		return math.NaN()
	}
	return clamp(x)
}

// at is a share of one candidate.
func (t *figure) at(e *Engine, a *allocation, i int32) (float64, bool) {
	if t.reads == ofCandidate && !a.plain {
		return t.known[i], !math.IsNaN(t.known[i])
	}
	e.candidate(a, i)
	return t.num.Of(&e.env)
}
