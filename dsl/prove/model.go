package prove

import (
	"math"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/calendar"
)

// goal is one thing that is wanted of a record: that an expression be one of several.
type goal struct {
	x    *policy.Expr
	mask uint8
}

// model is a record in the making: a value for every leaf that the goals read.
type model struct {
	s     *solver
	goals []goal
	vals  map[id]value.Value
	read  []id // leaves, in the order in which they were read first
	tries int
}

// maxTries bounds how many records are tried in one case.
const maxTries = 160

// witness looks for values in the case at hand under which the reference evaluator agrees that
// every goal is met. What it does not confirm is never shown.
func (s *solver) witness(goals []goal) (*model, bool) {
	m := &model{s: s, goals: goals, vals: map[id]value.Value{}}
	var leaves []id
	seen := map[id]bool{}
	for _, g := range goals {
		leaves = s.leaves(s.t.of(g.x, 0), seen, leaves)
	}
	mark := len(s.trail)
	ok := m.assign(leaves)
	s.undoTo(mark)
	return m, ok
}

// leaves are the leaves below a term, what they are read through first.
func (s *solver) leaves(n id, seen map[id]bool, list []id) []id {
	if seen[n] {
		return list
	}
	seen[n] = true
	for _, a := range s.t.list[n].args {
		list = s.leaves(a, seen, list)
	}
	if s.t.list[n].leaf {
		list = append(list, n)
	}
	return list
}

// assign gives the leaves values one by one, each within what the earlier ones leave.
func (m *model) assign(leaves []id) bool {
	s := m.s
	if len(leaves) == 0 {
		m.tries++
		return m.confirmed()
	}
	n, rest := leaves[0], leaves[1:]
	x := &s.t.list[n]
	p := s.possible(n, 0)
	wide := x.op == opThere || x.kind.Class() == value.Wide || x.kind == value.Missing
	if p&isKnown != 0 {
		for _, v := range m.candidates(n, x, wide) {
			mark := len(s.trail)
			if m.fix(n, x, v, wide) && s.propagate() && m.assign(rest) {
				return true
			}
			s.undoTo(mark)
			if m.tries >= maxTries || s.spent() {
				return false
			}
		}
	}
	if p&isUnknown != 0 {
		mark := len(s.trail)
		m.vals[n] = value.Value{}
		if s.want(n, isMissing) && s.propagate() && m.assign(rest) {
			return true
		}
		s.undoTo(mark)
	}
	return false
}

func (m *model) fix(n id, x *term, v int64, wide bool) bool {
	s := m.s
	switch {
	case wide:
		m.vals[n] = sample(x.kind)
		return s.want(n, isKnown)
	case x.kind == value.Bool:
		m.vals[n] = value.OfBool(v == 1)
		return s.want(n, []uint8{isFalse, isTrue}[v])
	}
	m.vals[n] = s.t.valueOf(x, v)
	return s.want(n, isKnown) && s.narrow(n, span{v, v})
}

// valueOf is the value of a term at a place; codes become texts again.
func (t *terms) valueOf(x *term, v int64) value.Value {
	switch x.kind {
	case value.Text:
		return value.OfText(t.textOf(v))
	case value.Ref:
		return value.Value{Kind: value.Ref, N: v, S: t.textOf(v)}
	}
	return valueAt(x.kind, v)
}

// textOf is the text of a code; one that no text has stands for any other text.
func (t *terms) textOf(code int64) string {
	if code < int64(len(t.text)) {
		return t.text[code]
	}
	s := string(rune('a' + (code-int64(len(t.text)))%26))
	for t.code[s] != 0 || slices.Contains(t.text, s) {
		s += "a"
	}
	return s
}

// sample is some value of a kind that has no order.
func sample(k value.Kind) value.Value {
	switch k {
	case value.Point:
		return value.Value{Kind: k, X: &value.Place{Lat: 31.23, Lng: 121.47}}
	case value.Area:
		return value.Value{Kind: k, X: &value.Region{Points: []value.Place{{Lat: 31.23, Lng: 121.47}},
			Radius: 300}}
	case value.List:
		return value.Value{Kind: k, X: []value.Value(nil)}
	case value.Photo, value.Audio, value.File:
		return value.Value{Kind: k, X: &value.Media{}}
	case value.Row:
		return value.Value{Kind: k, X: []value.Value(nil)}
	}
	return value.OfBool(true)
}

// candidates are values worth trying, the plainest first.
func (m *model) candidates(n id, x *term, wide bool) []int64 {
	if wide {
		return []int64{0}
	}
	st := &m.s.st[n]
	d := st.dom
	var out []int64
	add := func(v int64) {
		if _, no := st.not[v]; d.has(v) && !no && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	if x.kind == value.Bool {
		if st.mask&isFalse != 0 {
			out = append(out, 0)
		}
		if st.mask&isTrue != 0 {
			out = append(out, 1)
		}
		return out
	}
	if identity(x.kind) {
		for v := d.lo; v <= d.hi && len(out) < 6; v++ {
			if x.kind == value.Choice || v >= int64(len(m.s.t.text)) {
				add(v)
			}
		}
		for v := d.lo; v < int64(len(m.s.t.text)) && v <= d.hi && len(out) < 24; v++ {
			add(v)
		}
		return out
	}
	for _, v := range m.s.t.plain(x.kind, d) {
		add(v)
	}
	for v := d.lo; v < d.hi && v < d.lo+8 && len(out) < 4; v++ {
		add(v)
	}
	return out
}

// plain are plain values of a kind in and around a range.
func (t *terms) plain(k value.Kind, d span) []int64 {
	if k.Class() == value.Float {
		lo, hi := floatOrd(d.lo), floatOrd(d.hi)
		var out []int64
		if hi < 0 {
			lo, hi = hi, lo
		}
		for _, f := range []float64{0, 1, 0.5, math.Ceil(lo), math.Ceil(lo) + 1, math.Floor(lo),
			math.Floor(hi),
			math.Floor(hi) - 1, lo + 0.01, hi - 0.01, lo/2 + hi/2, lo, hi, 100, -1} {
			out = append(out, ordFloat(f))
		}
		return out
	}
	begin, units := int64(0), []int64{1}
	switch k {
	case value.Money:
		begin, units = 100*10000, []int64{10000, 100}
	case value.Time:
		begin, units = t.today(), []int64{value.Day, value.Hour, value.Minute, value.Second}
	case value.Date:
		begin = calendar.DateOf(t.today(), t.zone)
	case value.Duration:
		begin, units = value.Day, []int64{value.Day, value.Hour, value.Minute, value.Second}
	}
	out := []int64{begin, 0}
	for _, u := range units {
		shift := int64(0)
		if k == value.Time {
			shift = begin % u
		}
		near := []int64{up(subSat(d.lo, shift), u) + shift, down(subSat(d.hi, shift), u) + shift}
		if d.hi < begin { // the end that is nearer to what is plain
			near[0], near[1] = near[1], near[0]
		}
		out = append(out, near[0], addSat(near[0], u), subSat(near[0], u), near[1], addSat(near[1], u),
			subSat(near[1], u))
	}
	return append(out, d.lo, d.hi, d.lo/2+d.hi/2, 1, 100)
}

// today is a Monday morning in the workspace's zone: witnesses need some day.
func (t *terms) today() int64 {
	const monday = 20514 // 2026-03-02
	return calendar.DayStart(monday, t.zone) + 9*value.Hour
}

func down(n, unit int64) int64 {
	r := n % unit
	if r < 0 {
		r += unit
	}
	return subSat(n, r)
}

func up(n, unit int64) int64 { return addSat(down(addSat(n, unit-1), unit), 0) }

// confirmed walks every goal with the reference evaluator.
func (m *model) confirmed() bool {
	m.read = m.read[:0]
	seen := map[id]bool{}
	for _, g := range m.goals {
		got := m.walk(g.x, 0, seen)
		bits := isUnknown
		switch {
		case got.Known() && got.Kind == value.Bool && got.N == 0:
			bits = isFalse
		case got.Known():
			bits = isTrue
		}
		if bits&g.mask == 0 {
			return false
		}
		m.s.steps += 4
	}
	return true
}

// walk is the reference evaluator over the values of the model, standing on a record.
func (m *model) walk(x *policy.Expr, at id, seen map[id]bool) value.Value {
	w := m.s.t.walker(nil)
	w.Leaf = func(e *policy.Expr) value.Value { return m.leaf(e, at, seen) }
	w.Host = func(e *policy.Expr, _ []value.Value) value.Value { return m.value(e, at, seen) }
	return w.Walk(x)
}

// leaf answers what an expression reads: a computed field is walked on its own record.
func (m *model) leaf(e *policy.Expr, at id, seen map[id]bool) value.Value {
	if e.Op == policy.OpField && e.Field.Compute != nil && e.Field.Of != nil {
		t := m.s.t
		n := t.of(e, at)
		if x := &t.list[n]; x.op == policy.OpField && x.leaf {
			return m.value(e, at, seen) // fixed on arrival: a value like others
		}
		base := t.of(e.Args[0], at)
		there := t.there(base)
		if there != base {
			if !m.known(there, seen) {
				return value.Value{}
			}
			return m.walk(e.Field.Compute, base, seen)
		}
		if t.list[base].op == policy.OpSelf {
			base = 0
		}
		return m.walk(e.Field.Compute, base, seen)
	}
	return m.value(e, at, seen)
}

func (m *model) value(e *policy.Expr, at id, seen map[id]bool) value.Value {
	n := m.s.t.of(e, at)
	if x := &m.s.t.list[n]; x.op == opVia { // a leaf behind a reference
		if !m.known(x.args[0], seen) {
			return value.Value{}
		}
		n = x.args[1]
	}
	if !m.known(n, seen) {
		return value.Value{}
	}
	return m.vals[n]
}

// known reports whether a leaf has a value in the model, and so does all that it is read through.
func (m *model) known(n id, seen map[id]bool) bool {
	x := &m.s.t.list[n]
	if x.op == policy.OpConst {
		return x.val.Known()
	}
	for _, a := range x.args {
		if m.s.t.list[a].leaf && !m.known(a, seen) {
			return false
		}
	}
	if x.leaf && !seen[n] {
		seen[n] = true
		m.read = append(m.read, n)
	}
	v, ok := m.vals[n]
	return ok && v.Known() || itself(x)
}

// itself reports whether a term is the record that is looked at, which is always there.
func itself(x *term) bool {
	return x.op == policy.OpSelf || x.op == policy.OpRow || x.op == policy.OpCandidate
}
