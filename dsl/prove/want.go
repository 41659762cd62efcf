package prove

import (
	"math"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// want says that a term is one of several things, and follows from it what it can. It reports
// false where that cannot be.
func (s *solver) want(n id, mask uint8) bool {
	st := &s.st[n]
	now := st.mask & mask
	s.steps++
	switch {
	case now == 0:
		return false
	case now == st.mask:
		return true
	case s.spent():
		s.lost = true
		return true
	}
	s.trail = append(s.trail, undo{what: undoMask, n: n, mask: st.mask})
	st.mask, s.moved = now, true
	return s.follow(n, now)
}

func (s *solver) all(list []id, mask uint8) bool {
	for _, n := range list {
		if !s.want(n, mask) {
			return false
		}
	}
	return true
}

// choose keeps a choice among conjunctions for later; one alternative is none.
func (s *solver) choose(alts [][]lit) bool {
	if len(alts) == 1 {
		for _, l := range alts[0] {
			if !s.want(l.n, l.mask) {
				return false
			}
		}
		return true
	}
	s.clauses = append(s.clauses, clause{alts: alts})
	s.trail = append(s.trail, undo{what: undoClause})
	s.moved = true
	return len(alts) > 0
}

func one(list []id, mask uint8) [][]lit {
	var alts [][]lit
	for _, n := range list {
		alts = append(alts, []lit{{n, mask}})
	}
	return alts
}

// bits is a choice among the things that a term may be.
func (s *solver) bits(n id, mask uint8) bool {
	var alts [][]lit
	for _, b := range [...]uint8{isTrue, isFalse, isUnknown} {
		if mask&b != 0 {
			alts = append(alts, []lit{{n, b}})
		}
	}
	return s.choose(alts)
}

func (s *solver) follow(n id, mask uint8) bool {
	x := &s.t.list[n]
	switch x.op {
	case policy.OpConst:
		return true
	case policy.OpAnd:
		return s.kleene(n, x.args, mask, isFalse)
	case policy.OpOr:
		return s.kleene(n, x.args, mask, isTrue)
	case policy.OpNot:
		return s.want(x.args[0], turned(mask))
	case policy.OpHas:
		if mask == isTrue {
			return s.want(x.args[0], isKnown)
		}
		return s.want(x.args[0], isMissing)
	case policy.OpPick, policy.OpCoalesce, policy.OpTerm, opVia:
		return s.tolerant(n, x, mask)
	}
	if x.leaf {
		return s.leaf(n, x, mask)
	}
	return s.strict(n, x, mask)
}

// turned is what not makes of possibilities.
func turned(mask uint8) uint8 {
	return mask&isUnknown | mask&isFalse<<2 | mask&isTrue>>2
}

// kleene follows and (whose mark is false) and or (whose mark is true): one argument that is the
// mark makes the whole the mark, and it is the opposite where all are.
func (s *solver) kleene(n id, args []id, mask, mark uint8) bool {
	other := turned(mark)
	switch {
	case mask == mark:
		return s.choose(one(args, mark))
	case mask == other:
		return s.all(args, other)
	case mask == isUnknown:
		return s.all(args, other|isUnknown) && s.choose(one(args, isUnknown))
	case mask == other|isUnknown:
		return s.all(args, mask)
	case mask == mark|isUnknown:
		return s.choose(one(args, mask))
	}
	return s.bits(n, mask)
}

// leaf follows what comes from outside: it is known only where what it is read through is.
func (s *solver) leaf(n id, x *term, mask uint8) bool {
	switch {
	case x.op == opSome:
		return s.some(n, mask)
	case x.counted != nil && !s.among(n):
		return false
	case mask&isUnknown == 0:
		return s.all(x.args, isKnown)
	case mask == isUnknown && !x.maybe:
		return s.choose(one(x.args, isMissing))
	}
	return true
}

// strict follows what is missing as soon as one argument is.
func (s *solver) strict(n id, x *term, mask uint8) bool {
	switch {
	case mask == isUnknown:
		alts := one(x.args, isMissing)
		if x.zero != 0 {
			alts = append(alts, []lit{{x.zero, isTrue}})
		} else if x.partial || x.op == policy.OpNear {
			alts = append(alts, nil) // or there is no such value: left to the witness
		}
		return s.choose(alts)
	case mask&isUnknown != 0:
		return s.bits(n, mask)
	case !s.all(x.args, isKnown):
		return false
	case x.op == policy.OpDiv && !s.exclude(x.args[1], 0):
		return false
	case x.kind != value.Bool:
		return s.narrow(n, s.t.list[n].dom) && s.settle(n, x)
	case mask == isKnown:
		return true
	}
	return s.truth(n, x, mask == isTrue)
}

// settle takes over what is known of the arguments already.
func (s *solver) settle(n id, x *term) bool {
	if st, ok := s.t.step(x); ok {
		return s.narrow(n, st.image(s.st[st.arg].dom)) && s.down(n, s.st[n].dom)
	}
	return s.down(n, s.st[n].dom)
}

// truth follows a comparison that holds, or does not.
func (s *solver) truth(n id, x *term, yes bool) bool {
	if len(x.args) != 2 || x.op < policy.OpEq || x.op > policy.OpGe {
		return s.later(n)
	}
	a, b, op := x.args[0], x.args[1], x.op
	if !yes {
		op = opposite(op)
	}
	k := s.t.list[a].kind
	if k.Class() == value.Wide || k == value.Bool {
		return s.later(n)
	}
	if identity(k) && op != policy.OpEq && op != policy.OpNe {
		return s.later(n) // texts in their order
	}
	if s.t.known(a) {
		a, b, op = b, a, mirror(op)
	}
	if s.t.known(b) {
		return s.beside(a, op, s.t.list[b].dom.lo)
	}
	return s.between(n, a, op, b)
}

// identity reports whether values of a kind are compared by identity alone.
func identity(k value.Kind) bool {
	return k == value.Text || k == value.Ref || k == value.Choice
}

// later keeps a truth that has no arithmetic of its own until there are values.
func (s *solver) later(n id) bool {
	s.free = append(s.free, n)
	s.trail = append(s.trail, undo{what: undoFree})
	return true
}

func opposite(op policy.Op) policy.Op {
	switch op {
	case policy.OpEq:
		return policy.OpNe
	case policy.OpNe:
		return policy.OpEq
	case policy.OpLt:
		return policy.OpGe
	case policy.OpLe:
		return policy.OpGt
	case policy.OpGt:
		return policy.OpLe
	}
	return policy.OpLt
}

func mirror(op policy.Op) policy.Op {
	switch op {
	case policy.OpLt:
		return policy.OpGt
	case policy.OpLe:
		return policy.OpGe
	case policy.OpGt:
		return policy.OpLt
	case policy.OpGe:
		return policy.OpLe
	}
	return op
}

// beside follows a comparison with a constant.
func (s *solver) beside(a id, op policy.Op, c int64) bool {
	if op == policy.OpNe {
		return s.exclude(a, c)
	}
	return s.narrow(a, within(op, c))
}

// within is the values that a comparison with a constant holds for; of not-equal, all.
func within(op policy.Op, c int64) span {
	switch op {
	case policy.OpEq:
		return span{c, c}
	case policy.OpLt:
		return span{math.MinInt64, subSat(c, 1)}
	case policy.OpLe:
		return span{math.MinInt64, c}
	case policy.OpGt:
		return span{addSat(c, 1), math.MaxInt64}
	case policy.OpGe:
		return span{c, math.MaxInt64}
	}
	return span{math.MinInt64, math.MaxInt64}
}

// between follows a comparison of two terms.
func (s *solver) between(n, a id, op policy.Op, b id) bool {
	x, y, c := a, b, int64(0)
	if k := s.t.list[a].kind; k.Class() == value.Word && !identity(k) {
		l, ok := s.t.linear(a).plus(s.t.linear(b), true)
		switch {
		case ok && l.pos == 0 && l.neg == 0:
			return within(op, 0).has(l.c) && (op != policy.OpNe || l.c != 0)
		case ok && l.neg == 0:
			return s.beside(l.pos, op, subSat(0, l.c))
		case ok && l.pos == 0:
			return s.beside(l.neg, mirror(op), l.c)
		case ok:
			x, y, c = l.pos, l.neg, l.c
		}
	}
	// x − y + c op 0
	switch op {
	case policy.OpEq:
		return s.differ(x, y, subSat(0, c)) && s.differ(y, x, c)
	case policy.OpLe:
		return s.differ(x, y, subSat(0, c))
	case policy.OpLt:
		return s.differ(x, y, subSat(-1, c))
	case policy.OpGe:
		return s.differ(y, x, c)
	case policy.OpGt:
		return s.differ(y, x, subSat(c, 1))
	}
	if x == y {
		return c != 0
	}
	if c == 0 {
		s.unlike = append(s.unlike, [2]id{x, y})
		s.trail = append(s.trail, undo{what: undoUnlike})
		s.moved = true
		return true
	}
	return s.later(n)
}

// tolerant follows what chooses among its arguments. Truths become a choice at once; other values
// wait until it is known what is wanted of them.
func (s *solver) tolerant(n id, x *term, mask uint8) bool {
	if x.op == opVia && mask&isUnknown == 0 {
		return s.want(x.args[0], isKnown) && s.want(x.args[1], mask) &&
			(x.kind == value.Bool || s.narrow(n, s.st[x.args[1]].dom) && s.down(n, s.st[n].dom))
	}
	if x.op == opVia && mask == isUnknown {
		return s.choose(one(x.args, isMissing))
	}
	if x.kind == value.Bool {
		if mask&(mask-1) != 0 {
			return s.bits(n, mask)
		}
		return s.choose(s.rows(x, mask))
	}
	if mask == isUnknown {
		return s.choose(s.rows(x, isUnknown))
	}
	s.cases = append(s.cases, n)
	s.trail = append(s.trail, undo{what: undoCase})
	return true
}

// rows are the ways in which a choosing term is one thing.
func (s *solver) rows(x *term, mask uint8) [][]lit {
	value := mask // of the argument that is chosen
	if x.kind != boolKind && mask == isTrue {
		value = isKnown
	}
	switch x.op {
	case policy.OpTerm:
		if mask == isUnknown {
			return [][]lit{{{x.args[0], isUnknown}}}
		}
		return [][]lit{{{x.args[0], isTrue}}, {{x.args[0], isFalse}}}
	case policy.OpCoalesce:
		rest := []lit{{x.args[0], isMissing}, {x.args[1], value}}
		if mask == isUnknown {
			return [][]lit{rest}
		}
		return [][]lit{{{x.args[0], value}}, rest}
	}
	var alts [][]lit
	var before []lit
	i := 0
	for ; i+1 < len(x.args); i += 2 {
		alts = append(alts, with(before, lit{x.args[i], isTrue}, lit{x.args[i+1], value}))
		if mask == isUnknown {
			alts = append(alts, with(before, lit{x.args[i], isUnknown}))
		}
		before = with(before, lit{x.args[i], isFalse})
	}
	switch {
	case i < len(x.args):
		alts = append(alts, with(before, lit{x.args[i], value}))
	case mask == isUnknown:
		alts = append(alts, before)
	}
	return alts
}

const boolKind = value.Bool

func with(head []lit, more ...lit) []lit {
	return append(append(make([]lit, 0, len(head)+len(more)), head...), more...)
}
