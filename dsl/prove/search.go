package prove

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// solve looks for a case in which all that is wanted holds together, and asks done of each; done
// ends the search by answering true.
func (s *solver) solve(done func() bool) bool {
	if !s.propagate() {
		return false
	}
	if s.spent() {
		s.lost = true
		return false
	}
	if at := s.narrowest(); at >= 0 {
		s.close(at)
		for _, alt := range s.clauses[at].alts {
			mark := len(s.trail)
			if s.wantAll(alt) && s.solve(done) {
				return true
			}
			s.undoTo(mark)
		}
		return false
	}
	if n := s.openCase(); n != 0 {
		return s.split(n, done)
	}
	return done()
}

func (s *solver) wantAll(list []lit) bool {
	for _, l := range list {
		if !s.want(l.n, l.mask) {
			return false
		}
	}
	return true
}

func (s *solver) close(at int) {
	s.clauses[at].closed = true
	s.trail = append(s.trail, undo{what: undoClosed, at: int64(at)})
}

// propagate takes every choice that has one way left, until none has.
func (s *solver) propagate() bool {
	for s.moved && !s.spent() {
		s.moved = false
		for _, u := range s.unlike {
			if !s.differs(u[0], u[1]) {
				return false
			}
		}
		for i := 0; i < len(s.clauses); i++ {
			c := &s.clauses[i]
			if c.closed {
				continue
			}
			live, entailed, only := 0, -1, -1
			for j, alt := range c.alts {
				switch s.stands(alt) {
				case isTrue:
					entailed = j
				case isFalse:
					continue
				}
				live, only = live+1, j
			}
			switch {
			case live == 0:
				return false
			case entailed >= 0 || live == 1:
				if entailed >= 0 {
					only = entailed // it holds, or is all that is left: say so
				}
				s.close(i)
				if !s.wantAll(c.alts[only]) {
					return false
				}
			}
		}
	}
	return true
}

// differs holds two terms apart as soon as one has a single value left.
func (s *solver) differs(x, y id) bool {
	if v, ok := s.st[x].dom.single(); ok {
		return s.exclude(y, v)
	}
	if v, ok := s.st[y].dom.single(); ok {
		return s.exclude(x, v)
	}
	return true
}

// stands tells of a conjunction whether it holds already, cannot hold, or is open (isUnknown).
func (s *solver) stands(alt []lit) uint8 {
	out := isTrue
	for _, l := range alt {
		switch p := s.possible(l.n, 0); {
		case p&l.mask == 0:
			return isFalse
		case p&^l.mask != 0:
			out = isUnknown
		}
	}
	return out
}

// possible is what a term can still be, without searching.
func (s *solver) possible(n id, depth int) uint8 {
	s.steps++
	st := &s.st[n]
	x := &s.t.list[n]
	if st.mask&(st.mask-1) == 0 || x.op == policy.OpConst || depth > 8 {
		return st.mask
	}
	if x.leaf {
		return st.mask & s.through(x, depth)
	}
	switch x.op {
	case policy.OpNot:
		return st.mask & turned(s.possible(x.args[0], depth+1))
	case policy.OpAnd:
		return st.mask & s.possibleAll(x.args, isFalse, depth)
	case policy.OpOr:
		return st.mask & s.possibleAll(x.args, isTrue, depth)
	case policy.OpHas:
		switch p := s.possible(x.args[0], depth+1); {
		case p == isUnknown:
			return st.mask & isFalse
		case p&isUnknown == 0:
			return st.mask & isTrue
		}
	case policy.OpEq, policy.OpNe, policy.OpLt, policy.OpLe, policy.OpGt, policy.OpGe:
		return st.mask & s.compared(x, depth)
	case policy.OpPick, policy.OpCoalesce, policy.OpTerm:
		return st.mask
	}
	return st.mask & s.through(x, depth)
}

// through is what a term can be that is missing where an argument is, and known where all are,
// unless it can be missing by itself.
func (s *solver) through(x *term, depth int) uint8 {
	sure := !x.maybe && !x.partial && x.op != policy.OpNear
	for _, a := range x.args {
		p := s.possible(a, depth+1)
		if p == isUnknown {
			return isUnknown
		}
		sure = sure && p&isUnknown == 0
	}
	if sure {
		return isKnown
	}
	return any3
}

// possibleAll is possible of and and or.
func (s *solver) possibleAll(args []id, mark uint8, depth int) uint8 {
	other := turned(mark)
	all, unknown, some := true, true, false // all may be the other; not the mark; one may be the mark
	anyUnknown := false
	for _, a := range args {
		p := s.possible(a, depth+1)
		all = all && p&other != 0
		unknown = unknown && p&(other|isUnknown) != 0
		anyUnknown = anyUnknown || p&isUnknown != 0
		some = some || p&mark != 0
	}
	var out uint8
	if all {
		out |= other
	}
	if some {
		out |= mark
	}
	if unknown && anyUnknown {
		out |= isUnknown
	}
	return out
}

// compared is possible of a comparison, by what its sides can be.
func (s *solver) compared(x *term, depth int) uint8 {
	out := uint8(0)
	a, b := x.args[0], x.args[1]
	for _, n := range x.args {
		switch p := s.possible(n, depth+1); {
		case p == isUnknown:
			return isUnknown
		case p&isUnknown != 0:
			out = isUnknown
		}
	}
	k := s.t.list[a].kind
	if k.Class() == value.Wide || k == value.Bool ||
		identity(k) && x.op != policy.OpEq && x.op != policy.OpNe {
		return out | isKnown
	}
	return out | s.ordered(a, b, x.op)
}

// ordered is what a comparison can be where both sides are known.
func (s *solver) ordered(a, b id, op policy.Op) uint8 {
	da, db := s.st[a].dom, s.st[b].dom
	lt, eq, gt := da.lo < db.hi, !da.apart(db), da.hi > db.lo
	if v, ok := db.single(); ok && eq {
		_, out := s.st[a].not[v]
		eq = !out
	} else if v, ok := da.single(); ok && eq {
		_, out := s.st[b].not[v]
		eq = !out
	}
	var yes, no bool
	switch op {
	case policy.OpEq:
		yes, no = eq, lt || gt
	case policy.OpNe:
		yes, no = lt || gt, eq
	case policy.OpLt:
		yes, no = lt, eq || gt
	case policy.OpLe:
		yes, no = lt || eq, gt
	case policy.OpGt:
		yes, no = gt, lt || eq
	case policy.OpGe:
		yes, no = gt || eq, lt
	}
	return bit(yes, isTrue) | bit(no, isFalse)
}

func bit(is bool, b uint8) uint8 {
	if is {
		return b
	}
	return 0
}

// narrowest is the open choice with the fewest ways left, -1 where there is none.
func (s *solver) narrowest() int {
	best, least := -1, 1<<30
	for i := range s.clauses {
		c := &s.clauses[i]
		if c.closed {
			continue
		}
		live := 0
		for _, alt := range c.alts {
			if s.stands(alt) != isFalse {
				live++
			}
		}
		if live < least {
			best, least = i, live
			if live <= 2 {
				break
			}
		}
	}
	return best
}

// openCase is the next table or default whose row is open, 0 where there is none.
func (s *solver) openCase() id {
	for i := len(s.cases) - 1; i >= 0; i-- {
		if n := s.cases[i]; !s.st[n].rows {
			return n
		}
	}
	return 0
}

// split tries the rows of a table, each with the value that is then wanted.
func (s *solver) split(n id, done func() bool) bool {
	x := &s.t.list[n]
	outer := len(s.trail)
	s.st[n].rows = true
	s.trail = append(s.trail, undo{what: undoRows, n: n})
	for i, alt := range s.rows(x, isTrue) {
		mark := len(s.trail)
		if s.equate(n, x, i, alt) && s.wantAll(alt) && s.solve(done) {
			return true
		}
		s.undoTo(mark)
		if s.spent() {
			s.lost = true
			break
		}
	}
	s.undoTo(outer)
	return false
}

// equate makes a choosing term what its chosen argument is.
func (s *solver) equate(n id, x *term, row int, alt []lit) bool {
	if x.op == policy.OpTerm {
		v := ordFloat(1)
		if row == 1 {
			v = 0
		}
		if x.kind.Class() == value.Word {
			v = int64(1 - row)
		}
		return s.narrow(n, span{v, v})
	}
	chosen := alt[len(alt)-1].n
	if s.t.known(chosen) {
		v := s.t.list[chosen].dom
		if s.t.list[n].kind.Class() == value.Wide {
			return true
		}
		return s.narrow(n, v)
	}
	switch k := s.t.list[n].kind; {
	case k.Class() == value.Wide:
		return true
	default:
		return s.between(n, n, policy.OpEq, chosen)
	}
}
