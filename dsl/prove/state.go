package prove

import (
	"math"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// What is possible of a term, one bit each: of a truth the three, of another value that it is known
// (isTrue) or missing (isUnknown).
const (
	isFalse   uint8 = 1
	isUnknown uint8 = 2
	isTrue    uint8 = 4

	isKnown   = isFalse | isTrue
	isMissing = isUnknown
	any3      = isFalse | isUnknown | isTrue
)

// state is what has been found out about one term in the case at hand.
type state struct {
	mask uint8
	dom  span               // where it is known
	not  map[int64]struct{} // values it has not
	near []int32            // differences it stands in
	rows bool               // its row has been chosen
}

// undo is one change to be taken back.
type undo struct {
	what uint8
	n    id
	mask uint8
	at   int64
	dom  span
}

const (
	undoMask uint8 = iota
	undoDom
	undoNot
	undoEdge
	undoClause
	undoClosed
	undoCase
	undoUnlike
	undoFree
	undoRows
)

// edge is x − y <= c.
type edge struct {
	x, y id
	c    int64
}

// lit wants a term to be one of several things.
type lit struct {
	n    id
	mask uint8
}

// clause is a choice among conjunctions.
type clause struct {
	alts   [][]lit
	closed bool
}

// solver looks for a record. All of its state is taken back case by case.
type solver struct {
	t       *terms
	st      []state
	trail   []undo
	edges   []edge
	clauses []clause
	cases   []id // tables and defaults whose row is open
	unlike  [][2]id
	free    []id // truths that are worked out only once there are values
	moved   bool // something changed since the clauses were looked at
	steps   int  // work done, and how much may be
	limit   int
	lost    bool // a case was left open: no answer is no proof
}

// fresh makes room for terms made since.
func (s *solver) fresh() {
	for i := len(s.st); i < len(s.t.list); i++ {
		x := &s.t.list[i]
		st := state{mask: isTrue | isUnknown, dom: x.dom}
		if x.kind == value.Bool {
			st.mask = any3
		}
		switch {
		case i == 0:
		case x.op == policy.OpConst && !x.val.Known():
			st.mask = isUnknown
		case x.op == policy.OpConst && x.kind == value.Bool:
			st.mask = isFalse
			if x.val.N != 0 {
				st.mask = isTrue
			}
		case x.op == policy.OpConst, x.op == policy.OpNow, x.op == policy.OpSelf,
			x.op == policy.OpRow, x.op == policy.OpCandidate:
			st.mask = isTrue
		case x.op == policy.OpHas:
			st.mask = isKnown
		case x.leaf && !x.maybe && s.sure(x.args):
			st.mask &^= isUnknown
		}
		s.st = append(s.st, st)
	}
}

// sure reports whether all of the terms are known whatever the record holds.
func (s *solver) sure(args []id) bool {
	for _, a := range args {
		if s.st[a].mask&isUnknown != 0 {
			return false
		}
	}
	return true
}

func (s *solver) undoTo(mark int) {
	for len(s.trail) > mark {
		u := s.trail[len(s.trail)-1]
		s.trail = s.trail[:len(s.trail)-1]
		st := &s.st[u.n]
		switch u.what {
		case undoMask:
			st.mask = u.mask
		case undoDom:
			st.dom = u.dom
		case undoNot:
			delete(st.not, u.at)
		case undoEdge:
			e := s.edges[len(s.edges)-1]
			s.edges = s.edges[:len(s.edges)-1]
			s.st[e.x].near = s.st[e.x].near[:len(s.st[e.x].near)-1]
			s.st[e.y].near = s.st[e.y].near[:len(s.st[e.y].near)-1]
		case undoClause:
			s.clauses = s.clauses[:len(s.clauses)-1]
		case undoClosed:
			s.clauses[u.at].closed = false
		case undoCase:
			s.cases = s.cases[:len(s.cases)-1]
		case undoUnlike:
			s.unlike = s.unlike[:len(s.unlike)-1]
		case undoRows:
			st.rows = false
		case undoFree:
			s.free = s.free[:len(s.free)-1]
		}
	}
}

// spent reports whether the work that may be done is done.
func (s *solver) spent() bool { return s.steps > s.limit }

// narrow says that a known term's value is within r, and follows from it what it can. It reports
// false where nothing is left.
func (s *solver) narrow(n id, r span) bool {
	s.steps++
	st := &s.st[n]
	r = st.dom.meet(r)
	for !r.empty() && len(st.not) > 0 { // take excluded values off the ends
		if _, out := st.not[r.lo]; out {
			r.lo++
		} else if _, out := st.not[r.hi]; out {
			r.hi--
		} else {
			break
		}
		s.steps++
	}
	switch {
	case r.empty():
		return false
	case r == st.dom:
		return true
	case s.spent():
		s.lost = true
		return true
	}
	s.trail = append(s.trail, undo{what: undoDom, n: n, dom: st.dom})
	st.dom, s.moved = r, true
	if s.t.list[n].counted != nil && !s.among(n) {
		return false
	}
	return s.down(n, r) && s.along(n) && s.up(n)
}

// exclude says that a known term's value is not v.
func (s *solver) exclude(n id, v int64) bool {
	for s.t.list[n].op == opVia {
		n = s.t.list[n].args[1]
	}
	st := &s.st[n]
	if !st.dom.has(v) {
		return true
	}
	if _, out := st.not[v]; out {
		return true
	}
	if st.not == nil {
		st.not = map[int64]struct{}{}
	}
	s.steps++
	st.not[v] = struct{}{}
	if c := s.t.list[n].counted; v == 0 && c != nil && s.st[n].mask&isUnknown == 0 {
		if c.zeroOfNothing() && !s.want(c.some, isTrue) {
			return false
		}
		st = &s.st[n]
	}
	s.trail = append(s.trail, undo{what: undoNot, n: n, at: v})
	s.moved = true
	return s.narrow(n, st.dom)
}

// down narrows what a term is worked out from.
func (s *solver) down(n id, r span) bool {
	x := &s.t.list[n]
	switch {
	case x.leaf || x.op == policy.OpConst:
		return true
	case x.op == opVia:
		return s.narrow(x.args[1], r)
	}
	if l := s.t.linear(n); l.pos != n {
		switch {
		case l.pos != 0 && l.neg != 0:
			return s.differ(l.pos, l.neg, subSat(r.hi, l.c)) &&
				s.differ(l.neg, l.pos, subSat(l.c, r.lo))
		case l.pos != 0:
			return s.narrow(l.pos, span{subSat(r.lo, l.c), subSat(r.hi, l.c)})
		case l.neg != 0:
			return s.narrow(l.neg, span{subSat(l.c, r.hi), subSat(l.c, r.lo)})
		}
	}
	if st, ok := s.t.step(x); ok {
		s.steps += 8
		return s.narrow(st.arg, st.inverse(r, s.st[st.arg].dom))
	}
	return true
}

// up narrows what is worked out from a term, as far as the case at hand has to do with it.
func (s *solver) up(n id) bool {
	for _, u := range s.t.list[n].users {
		if s.st[u].mask&isUnknown != 0 || s.t.list[u].kind == value.Bool || s.t.list[u].leaf {
			continue
		}
		x := &s.t.list[u]
		switch st, ok := s.t.step(x); {
		case x.op == opVia:
			if x.args[1] == n && !s.narrow(u, s.st[n].dom) {
				return false
			}
		case ok:
			if !s.narrow(u, st.image(s.st[n].dom)) {
				return false
			}
		}
	}
	return true
}

// along passes a term's bounds over the differences it stands in.
func (s *solver) along(n id) bool {
	for i := 0; i < len(s.st[n].near); i++ {
		e := s.edges[s.st[n].near[i]]
		if !s.over(e) {
			return false
		}
	}
	return true
}

// over passes bounds over one difference.
func (s *solver) over(e edge) bool {
	x, y := s.st[e.x].dom, s.st[e.y].dom
	return s.narrow(e.x, span{math.MinInt64, addSat(y.hi, e.c)}) &&
		s.narrow(e.y, span{subSat(x.lo, e.c), math.MaxInt64})
}

func subSat(a, b int64) int64 {
	if b == math.MinInt64 {
		return math.MaxInt64
	}
	return addSat(a, -b)
}

// differ says x − y <= c. A chain of differences that comes back to its beginning below zero has
// no solution, however wide the values may be.
func (s *solver) differ(x, y id, c int64) bool {
	for s.t.list[x].op == opVia {
		x = s.t.list[x].args[1]
	}
	for s.t.list[y].op == opVia {
		y = s.t.list[y].args[1]
	}
	if x == y {
		return c >= 0
	}
	if c == math.MaxInt64 {
		return true
	}
	for _, i := range s.st[x].near { // said already, or more
		if e := &s.edges[i]; e.x == x && e.y == y && e.c <= c {
			return true
		}
	}
	if d, ok := s.chain(y, x, 0); ok && addSat(d, c) < 0 {
		return false
	}
	i := int32(len(s.edges))
	s.edges = append(s.edges, edge{x, y, c})
	s.st[x].near = append(s.st[x].near, i)
	s.st[y].near = append(s.st[y].near, i)
	s.trail = append(s.trail, undo{what: undoEdge})
	s.moved = true
	return s.over(s.edges[i])
}

// chain is the least d for which the differences so far say from − to <= d. Few stand in a row,
// and what is not found costs an answer, not its truth.
func (s *solver) chain(from, to id, depth int) (int64, bool) {
	if from == to {
		return 0, true
	}
	s.steps++
	if depth > 6 || s.spent() {
		return 0, false
	}
	best, found := int64(0), false
	for _, i := range s.st[from].near {
		e := s.edges[i]
		if e.x != from {
			continue
		}
		if d, ok := s.chain(e.y, to, depth+1); ok && (!found || addSat(d, e.c) < best) {
			best, found = addSat(d, e.c), true
		}
	}
	return best, found
}
