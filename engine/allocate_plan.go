package engine

import (
	"math"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
)

// picker is what an allocation compares its candidates by. What a candidate alone decides is kept
// by candidate and worked out again only where something that it reads has changed (decision D8);
// what the record decides is asked once; only what reads both is asked of each.
type picker struct {
	where, limit *screen // nil: everybody
	terms        []figure
	share        *figure // nil: weighed
	plain        bool    // nothing is kept: for the reference and for probes
	look         *node   // told of candidates whose kept values may have changed

	ids   []string // of the candidates, by handle
	stale []bool   // by candidate: what is kept is to be worked out again
	list  []int32  // those
	until []int64  // by candidate: when time alone may change what is kept
	soon  int64    // the least of them
	times []boundary
	work  struct {
		unknown []uint8
		share   []int64
		same    []bool
	}
}

// reading says what an expression reads.
type reading uint8

const (
	ofRecord    reading = iota // the record alone, or nothing
	ofCandidate                // the candidate alone, and what changes it is told
	ofBoth                     // both, or what time changes without being told
)

// screen is a condition over candidates, cut into its conjuncts.
type screen struct {
	whole *program
	parts []conjunct
}

type conjunct struct {
	reads reading
	cond  eval.Cond
	truth []value.Tri // by candidate
	equal *equality   // of both: something of the candidate is something of the record
}

// figure is a term or a share.
type figure struct {
	reads  reading
	num    eval.Number
	weight float64   // percent
	skip   bool      // without data it leaves both sums
	known  []float64 // by candidate; NaN: missing
	equal  *equality // of both: 1 where something of the candidate is something of the record
}

// equality is a conjunct such as candidate.region == region: the candidate's side is kept.
type equality struct {
	not    bool
	theirs eval.Leaf // over the candidate
	its    eval.Leaf // over the record
	words  []int64   // theirs, by candidate
	texts  []string
	have   []bool
}

func (e *Engine) planAllocations() {
	for _, x := range e.policy.Allocations {
		a := &allocation{of: x, kind: e.kinds[x.Of.Index], to: e.kinds[x.To.Index],
			on: x.Mode != policy.Off, shadow: x.Mode == policy.Shadow}
		a.plain = e.opts.Reference || e.opts.Probe != nil
		a.soon = math.MaxInt64
		hook := &policy.Hook{Do: x.Effects()}
		a.node = &node{kind: hookNode, head: &x.Head, record: x.Of, hook: hook}
		a.look = &node{kind: candidateNode, head: &x.Head, record: x.To, picks: a}
		if f := x.Same; f != nil && e.backs[f] == nil {
			e.backs[f] = &back{}
		}
		e.nodes = append(e.nodes, a.node, a.look)
		e.allocations = append(e.allocations, a)
		if a.on {
			a.kind.allocations = append(a.kind.allocations, a)
		}
	}
}

// compileAllocation makes the programs of an allocation.
func (e *Engine) compileAllocation(a *allocation) {
	x := a.of
	a.away = x.Accept
	if x.Away != nil {
		a.away = x.Away
	}
	a.where, a.limit = e.screen(a, x.Where), e.screen(a, x.Limit)
	if x.Keep != nil && x.Keep.Where != nil {
		a.keep = e.program(e.watches.of(&x.Head, x.Keep.Where))
	}
	for _, t := range x.Weigh {
		f := e.figure(a, t.X)
		f.weight, f.skip = decision.TermWeight(&t), t.Skip
		a.terms = append(a.terms, *f)
	}
	if x.Share != nil {
		a.share = e.figure(a, x.Share)
	}
}

func (e *Engine) screen(a *allocation, x *policy.Expr) *screen {
	if x == nil {
		return nil
	}
	s := &screen{whole: e.program(e.watches.of(&a.of.Head, x))}
	for i := range s.whole.watch.Parts {
		s.parts = append(s.parts, e.conjunct(a, s.whole.watch.Parts[i].X))
	}
	return s
}

func (e *Engine) conjunct(a *allocation, x *policy.Expr) conjunct {
	p := conjunct{reads: e.reads(x)}
	if p.reads == ofCandidate {
		x = a.hold(e, x)
	}
	p.cond = e.comp.Cond(x)
	if p.reads == ofBoth && !a.plain {
		p.equal = e.equality(a, x)
	}
	return p
}

func (e *Engine) figure(a *allocation, x *policy.Expr) *figure {
	f := &figure{reads: e.reads(x)}
	if f.reads == ofCandidate {
		x = a.hold(e, x)
	}
	f.num = e.number(x)
	if f.reads == ofBoth && x.Op == policy.OpTerm && !a.plain {
		f.equal = e.equality(a, x.Args[0])
	}
	return f
}

// equality reads a conjunct that compares something of the candidate with something of the record.
func (e *Engine) equality(a *allocation, x *policy.Expr) *equality {
	if x.Op != policy.OpEq && x.Op != policy.OpNe {
		return nil
	}
	l, r := x.Args[0], x.Args[1]
	if e.reads(l) == ofRecord && e.reads(r) == ofCandidate {
		l, r = r, l
	}
	if e.reads(l) != ofCandidate || e.reads(r) != ofRecord {
		return nil
	}
	switch l.Type.Kind.Class() {
	case value.Word, value.String:
	default:
		return nil
	}
	if l.Type.Kind == value.Bool {
		return nil
	}
	return &equality{not: x.Op == policy.OpNe, theirs: e.leaf(a.hold(e, l)), its: e.leaf(r)}
}

// hold makes an expression of the candidate alone one about Self, and notes what changes it.
func (a *allocation) hold(e *Engine, x *policy.Expr) *policy.Expr {
	if a.plain {
		return x
	}
	y := asSelf(x)
	a.look.kept = append(a.look.kept, y)
	a.times = append(a.times, e.boundaries(y)...)
	return y
}

// reads says what an expression reads.
func (e *Engine) reads(x *policy.Expr) reading {
	self, cand := readsOf(x)
	switch {
	case !cand:
		return ofRecord
	case !self && !timed(x):
		return ofCandidate
	}
	return ofBoth
}

// readsOf reports whether an expression reads the record and the candidate.
func readsOf(x *policy.Expr) (self, cand bool) {
	if x == nil {
		return false, false
	}
	list := x.Args
	switch x.Op {
	case policy.OpSelf:
		return true, false
	case policy.OpCandidate:
		return false, true
	case policy.OpAggregate, policy.OpCompleted:
		g := x.Agg
		self = g.Of == nil && g.Subject != nil && g.List == nil
		list = append([]*policy.Expr{g.Of, g.List, g.Window.T}, list...)
	}
	for _, y := range list {
		s, c := readsOf(y)
		self, cand = self || s, cand || c
	}
	return self, cand
}

// timed reports whether time changes an expression without anybody being told: boundaries are
// known of windows only.
func timed(x *policy.Expr) bool {
	if x == nil {
		return false
	}
	switch x.Op {
	case policy.OpNow, policy.OpExtern, policy.OpCompleted, policy.OpRank:
		return true
	case policy.OpCall:
		if x.Fn == "age" || x.Fn == "time_in" || x.Fn == "workhours" || x.Fn == "workdays" {
			return true
		}
	case policy.OpAggregate:
		if timed(x.Agg.Of) || timed(x.Agg.List) || timed(x.Agg.Window.T) {
			return true
		}
	case policy.OpField:
		if live(x) && timed(x.Field.Compute) {
			return true
		}
	case policy.OpScore:
		for _, t := range x.Score.Terms {
			if x.Score.Of.Kind == policy.Entity && timed(t.X) {
				return true
			}
		}
	}
	for _, y := range x.Args {
		if timed(y) {
			return true
		}
	}
	return false
}

// asSelf is an expression with the candidate in the place of Self.
func asSelf(x *policy.Expr) *policy.Expr {
	if x == nil {
		return nil
	}
	y := *x
	if y.Op == policy.OpCandidate {
		y.Op = policy.OpSelf
	}
	y.Args = make([]*policy.Expr, len(x.Args))
	for i, z := range x.Args {
		y.Args[i] = asSelf(z)
	}
	if x.Agg != nil {
		g := *x.Agg
		g.Of, g.List, g.Window.T = asSelf(g.Of), asSelf(g.List), asSelf(g.Window.T)
		y.Agg = &g
	}
	return &y
}

// names are the candidates' ids. The slice only ever grows, so that accounts may share it.
func (a *allocation) names() []string {
	m := a.to.table.meta
	if len(a.ids) > len(m) {
		a.ids = append([]string(nil), a.ids[:len(m)]...) // stubs that were taken back
	}
	for len(a.ids) < len(m) {
		a.ids = append(a.ids, m[len(a.ids)].id)
	}
	return a.ids[:len(m):len(m)]
}

// spoil notes that what is kept of a candidate is to be worked out again.
func (a *allocation) spoil(h int32) {
	a.spoilNew(h)
	if !a.stale[h] {
		a.stale[h] = true
		a.list = append(a.list, h)
	}
}

// spoilNew notes the same of all up to one of whom nothing is kept yet.
func (a *allocation) spoilNew(h int32) {
	for int(h) >= len(a.stale) {
		a.list = append(a.list, int32(len(a.stale)))
		a.stale = append(a.stale, true)
		a.until = append(a.until, math.MaxInt64)
	}
}

// refresh works out what is kept of candidates that have changed, or whom time has changed.
func (a *allocation) refresh(e *Engine, n int) {
	if a.plain {
		return
	}
	if n > 0 {
		a.spoilNew(int32(n - 1))
	}
	if now := e.env.Now; a.soon <= now {
		a.soon = math.MaxInt64
		for i, at := range a.until {
			if at <= now {
				a.spoil(int32(i))
			} else {
				a.soon = min(a.soon, at)
			}
		}
	}
	if len(a.list) == 0 {
		return
	}
	self, ref := e.env.Self, e.env.SelfRef
	for _, h := range a.list {
		a.stale[h] = false
		if int(h) >= n {
			continue
		}
		e.subject(a.to.table, h)
		a.workOut(e, h)
	}
	a.list = a.list[:0]
	e.env.Self, e.env.SelfRef = self, ref
}

// workOut keeps what the candidate in Self decides alone.
func (a *allocation) workOut(e *Engine, h int32) {
	for _, s := range []*screen{a.where, a.limit} {
		if s == nil {
			continue
		}
		for i := range s.parts {
			s.parts[i].keep(e, h)
		}
	}
	for i := range a.terms {
		a.terms[i].keep(e, h)
	}
	if a.share != nil {
		x := a.share
		if x.reads == ofCandidate {
			v, ok := x.num.Of(&e.env)
			if !ok {
				v = math.NaN()
			}
			put(&x.known, h, v)
		}
	}
	next := int64(math.MaxInt64)
	for _, b := range a.times {
		if at, ok := b(&e.env); ok {
			next = min(next, at)
		}
	}
	a.until[h] = next
	a.soon = min(a.soon, next)
}

func (p *conjunct) keep(e *Engine, h int32) {
	if p.reads == ofCandidate {
		put(&p.truth, h, p.cond(&e.env))
	}
	p.equal.keep(e, h)
}

func (q *equality) keep(e *Engine, h int32) {
	if q != nil {
		put(&q.have, h, false)
		if q.theirs.Str != nil {
			s, ok := q.theirs.Str(&e.env)
			put(&q.texts, h, s)
			q.have[h] = ok
			return
		}
		n, ok := q.theirs.Int(&e.env)
		put(&q.words, h, n)
		q.have[h] = ok
	}
}

func (t *figure) keep(e *Engine, h int32) {
	if t.reads == ofCandidate {
		put(&t.known, h, t.clamped(&e.env))
	}
	t.equal.keep(e, h)
}

func put[T any](list *[]T, h int32, v T) {
	for int(h) >= len(*list) {
		var zero T
		*list = append(*list, zero)
	}
	(*list)[h] = v
}
