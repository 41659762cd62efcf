package engine

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/window"
)

// host gives expressions the leaves that only the engine knows.
type host struct{ e *Engine }

// Leaf implements eval.Host.
func (h host) Leaf(x *policy.Expr) eval.Leaf {
	switch x.Op {
	case policy.OpAggregate:
		return h.aggregate(x)
	case policy.OpScore:
		return eval.Leaf{Num: h.score(x.Score)}
	case policy.OpTier:
		return eval.Leaf{Int: h.tier(x.Tier)}
	case policy.OpRank:
		return h.e.rankLeaf(x)
	case policy.OpDone:
		return eval.Leaf{Int: h.e.doneLeaf(x)}
	case policy.OpCompleted:
		return eval.Leaf{Num: h.e.completionLeaf(x)}
	case policy.OpLink:
		return eval.Leaf{Int: h.e.linkOf(x)}
	}
	if x.Figure() {
		return h.e.figureLeaf(x)
	}
	switch x.Fn {
	case "time_in", "entered", "left":
		return h.e.stayLeaf(x)
	}
	if policy.TrustFunction(x.Fn) {
		return h.e.trustLeaf(x)
	}
	return h.digest(x)
}

// reader is how one aggregate is read: whose rows, and the moment of `after t` and `before t`.
type reader struct {
	e    *Engine
	s    *stream
	spec int
	of   eval.Int // nil: Self
	t    eval.Int // nil: the window needs none
	last seen
}

// seen is the value read last. A receipt reads again what its condition has just read, so the
// second reading must cost nothing.
type seen struct {
	series *window.Series
	now, t int64
	change uint64 // of the stream
	word   int64
	float  float64
	ok     bool
}

// again reports whether the value read last is the one asked for.
func (r *reader) again(s *window.Series, now, t int64) bool {
	l := &r.last
	return l.series == s && l.now == now && l.t == t && l.change == r.s.change
}

// keep remembers what is being read.
func (r *reader) keep(s *window.Series, now, t int64) *seen {
	r.last = seen{series: s, now: now, t: t, change: r.s.change}
	return &r.last
}

func (h host) reader(a *policy.Aggregate) *reader {
	at := h.e.streams.of[a.ID]
	r := &reader{e: h.e, s: at.stream, spec: at.spec}
	switch {
	case a.Subject == nil:
		r.of = func(*eval.Env) (int64, bool) { return 0, true }
	case a.Of != nil:
		r.of = h.e.comp.Int(a.Of)
	}
	if a.Window.T != nil {
		r.t = h.e.comp.Int(a.Window.T)
	}
	return r
}

// rows finds the series and the moment t. Of a missing subject nothing is known; a subject that
// nothing refers to has an empty series.
func (r *reader) rows(env *eval.Env) (s *window.Series, t int64, ok bool) {
	h := env.SelfRef
	if r.of != nil {
		if h, ok = r.of(env); !ok {
			return nil, 0, false
		}
	}
	if r.t != nil {
		if t, ok = r.t(env); !ok {
			return nil, 0, false
		}
	}
	if s = r.s.has(int32(h)); s == nil {
		s = &r.e.empty
	}
	return s, t, true
}

func (h host) aggregate(x *policy.Expr) eval.Leaf {
	if x.Agg.List != nil {
		return h.e.listLeaf(x.Agg)
	}
	r := h.reader(x.Agg)
	e, p := h.e, r.s.plan
	switch x.Type.Kind.Class() {
	case value.Word:
		return eval.Leaf{Int: func(env *eval.Env) (int64, bool) {
			s, t, ok := r.rows(env)
			if !ok {
				return 0, false
			}
			if e.asOf {
				v := p.ValueAt(s, r.spec, env.Now, t)
				return v.N, v.Known()
			}
			if !r.again(s, env.Now, t) {
				l := r.keep(s, env.Now, t)
				l.word, l.ok = p.Int(s, r.spec, env.Now, t)
			}
			return r.last.word, r.last.ok
		}}
	case value.Float:
		return eval.Leaf{Num: func(env *eval.Env) (float64, bool) {
			s, t, ok := r.rows(env)
			if !ok {
				return 0, false
			}
			if e.asOf {
				v := p.ValueAt(s, r.spec, env.Now, t)
				return v.Float(), v.Known()
			}
			if !r.again(s, env.Now, t) {
				l := r.keep(s, env.Now, t)
				l.float, l.ok = p.Num(s, r.spec, env.Now, t)
			}
			return r.last.float, r.last.ok
		}}
	case value.String:
		return eval.Leaf{Str: func(env *eval.Env) (string, bool) {
			s, t, ok := r.rows(env)
			if !ok {
				return "", false
			}
			if e.asOf {
				v := p.ValueAt(s, r.spec, env.Now, t)
				return v.S, v.Known()
			}
			return p.Str(s, r.spec, env.Now, t)
		}}
	}
	return eval.Leaf{Any: func(env *eval.Env) (any, bool) {
		s, t, ok := r.rows(env)
		if !ok {
			return nil, false
		}
		l, ok := p.List(s, r.spec, env.Now, t)
		return l, ok
	}}
}

// score reads an entity's score live, and an event's as it was fixed on arrival.
func (h host) score(s *policy.Score) eval.Num {
	e := h.e
	if s.Of.Kind == policy.Event {
		return func(*eval.Env) (float64, bool) {
			x := &e.scored[s.Index]
			return x.Value, x.Known
		}
	}
	return func(env *eval.Env) (float64, bool) {
		return e.scores[s.Index].value(env)
	}
}

// tier reads which tier of a segment the subject is in.
func (h host) tier(s *policy.Segment) eval.Int {
	e := h.e
	return func(env *eval.Env) (int64, bool) {
		n := e.segmentNode[s.Index]
		if n == nil {
			return 0, false
		}
		st := n.find(int32(env.SelfRef))
		if st == nil || !st.open {
			return 0, false
		}
		return int64(st.tier), true
	}
}

// digest gives {count} and {names} of a scheduled rule's message.
func (h host) digest(x *policy.Expr) eval.Leaf {
	e := h.e
	switch x.Fn {
	case "count":
		return eval.Leaf{Int: func(*eval.Env) (int64, bool) { return int64(len(e.names)), true }}
	case "names":
		return eval.Leaf{Any: func(*eval.Env) (any, bool) { return e.names, true }}
	}
	panic("engine: no leaf for " + x.Fn)
}
