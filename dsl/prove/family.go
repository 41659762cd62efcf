package prove

import (
	"fmt"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// Aggregates are free values, but not of one another: what is counted is nothing, or something.
// Over nothing counts and sums are 0 and the rest are missing; over something a mean is there. A
// longer window and a wider test hold at least as many records: whatever the narrower one holds,
// the wider one does, so its least is no greater and its greatest no less. And the last moment of
// some records says whether a window back from now holds one of them.

// opSome is the truth that an aggregate's window holds a record; all aggregates over the same
// records share it.
const opSome policy.Op = 202

// counted is what an aggregate's term knows of its like.
type counted struct {
	fn     policy.AggFn
	sure   bool // every record has a value
	some   id
	value  id // of a record; 0: none
	kind   value.Kind
	low    int64 // no value is less
	placed bool  // the value is the moment by which a record falls into a window
	now    id
	rows   string // which records, without window and test
	window policy.Window
	where  id
	action *policy.Action // only its completions
	kin    *[]id          // all aggregates over these rows
}

// relate makes an aggregate known to its like.
func (t *terms) relate(n id, a *policy.Aggregate, at id) {
	part := func(x *policy.Expr, base id) id {
		if x == nil {
			return 0
		}
		return t.of(x, base)
	}
	w := a.Window
	rows := fmt.Sprint(t.number(a.Source), part(a.List, at), part(a.Via, 0), part(a.Of, at),
		part(w.At, 0), at)
	where := part(a.Where, 0)
	same := fmt.Sprint(rows, " ", where, t.number(a.Action), w.Kind, w.D, w.Period, part(w.T, at))
	some := t.intern(term{op: opSome, kind: boolKind, leaf: true}, t.number(same))
	if t.families == nil {
		t.families = map[string]*[]id{}
	}
	if t.families[rows] == nil {
		t.families[rows] = new([]id)
	}
	c := &counted{fn: a.Fn, some: some, rows: rows, window: w, where: where,
		action: a.Action, kin: t.families[rows], sure: true, kind: t.list[n].kind}
	if a.Value != nil {
		c.value = t.of(a.Value, 0)
		c.sure, c.low = t.always(c.value), t.list[c.value].dom.lo
		c.placed = c.kind == value.Time && placedBy(a)
		c.now = t.build(&policy.Expr{Op: policy.OpNow, Type: policy.Type{Kind: value.Time}}, 0, 0)
	}
	t.list[n].counted = c
	t.list[some].users = append(t.list[some].users, n)
	*c.kin = append(*c.kin, n)
}

// placedBy reports whether the value of an aggregate is the moment by which windows take records.
func placedBy(a *policy.Aggregate) bool {
	x := a.Value
	if x.Op != policy.OpField || x.Args[0].Op != policy.OpRow {
		return false
	}
	if at := a.Window.At; at != nil {
		return at.Op == policy.OpField && at.Args[0].Op == policy.OpRow && at.Field == x.Field
	}
	want := policy.SysAt
	if x.Field.Of != nil && x.Field.Of.Kind == policy.Entity {
		want = policy.SysCreated
	}
	return x.Field.System == want
}

// zeroOfNothing reports whether an aggregate of nothing is 0; the others are missing.
func (c *counted) zeroOfNothing() bool {
	return c.fn == policy.Count || c.fn == policy.Sum || c.fn == policy.Distinct
}

// within reports whether all that one aggregate counts is counted by another too.
func (c *counted) within(o *counted) bool {
	if o.where != 0 && o.where != c.where || o.action != nil && o.action != c.action {
		return false
	}
	a, b := c.window, o.window
	switch {
	case b.Kind == policy.Ever:
		return true
	case a.Kind != b.Kind || a.T != nil || b.T != nil:
		return false
	case a.Kind == policy.Sliding:
		return a.D <= b.D
	case a.Kind == policy.This:
		return a.Period <= b.Period && (a.Period != policy.Weekly || b.Period == policy.Weekly)
	}
	return a.Period == b.Period
}

// among follows what an aggregate's value says of its like.
func (s *solver) among(n id) bool {
	c := s.t.list[n].counted
	d := s.st[n].dom
	mask := s.st[n].mask
	switch {
	case mask == isUnknown && c.sure && !c.zeroOfNothing() && c.fn != policy.SD && c.fn != policy.Corr:
		return s.list(n) || s.want(c.some, isFalse)
	case mask&isUnknown != 0:
		return true
	case !c.zeroOfNothing(), !d.has(0):
		if !s.want(c.some, isTrue) {
			return false
		}
	case c.fn == policy.Count && d == span{}:
		if !s.want(c.some, isFalse) {
			return false
		}
	}
	for _, o := range *c.kin {
		if o == n || s.st[o].mask&isUnknown != 0 {
			continue
		}
		if k := s.t.list[o].counted; !s.beyond(n, c, o, k) || !s.beyond(o, k, n, c) {
			return false
		}
	}
	return s.dated(n, c)
}

// beyond follows what two known aggregates say of each other where all that the first counts is
// counted by the second too.
func (s *solver) beyond(n id, c *counted, o id, k *counted) bool {
	if !c.within(k) {
		return true
	}
	same := c.value == k.value && c.kind == k.kind
	switch {
	case k.fn == policy.Count && (c.fn == policy.Count || c.fn == policy.Distinct),
		k.fn == policy.Distinct && c.fn == policy.Distinct && same,
		k.fn == policy.Sum && c.fn == policy.Sum && same && c.low >= 0,
		k.fn == policy.Max && same && oneOf(c.fn):
		return s.differ(n, o, 0)
	case k.fn == policy.Min && same && oneOf(c.fn):
		return s.differ(o, n, 0)
	}
	return true
}

// oneOf reports whether an aggregate lies between the least value and the greatest.
func oneOf(fn policy.AggFn) bool {
	switch fn {
	case policy.Min, policy.Max, policy.First, policy.Last, policy.Avg, policy.Median, policy.P90:
		return true
	}
	return false
}

// dated follows what the first or last moment of some records says of the windows back from now
// that hold some of them, or none.
func (s *solver) dated(n id, c *counted) bool {
	if !c.placed || c.window.Kind != policy.Ever && c.window.Kind != policy.Sliding {
		return true
	}
	for _, o := range *c.kin {
		k := s.t.list[o].counted
		if k.window.Kind != policy.Sliding || k.window.T != nil || k.action != c.action {
			continue
		}
		switch some := s.st[k.some].mask; {
		case some == isFalse && (k.where == 0 || k.where == c.where):
			// None in the window: all of them are before it.
			if !s.differ(n, c.now, -k.window.D) {
				return false
			}
		case some == isTrue && (c.where == 0 || k.where == c.where) &&
			(c.fn == policy.Last || c.fn == policy.Max) && k.within(c):
			if !s.differ(c.now, n, k.window.D-1) {
				return false
			}
		}
	}
	return true
}

// list reports whether an aggregate may be missing for other reasons than that nothing is counted.
func (s *solver) list(n id) bool {
	x := &s.t.list[n]
	if len(x.args) > 1 || !s.sure(x.args) {
		return true
	}
	k := x.counted.window.Kind
	return k == policy.After || k == policy.Before || k == policy.InStage
}

// some follows that a window holds a record, or none: what holds it holds it too, and what that
// holds is none either.
func (s *solver) some(n id, mask uint8) bool {
	for i, u := range s.t.list[n].users {
		c := s.t.list[u].counted
		if i == 0 && !s.kin(c, mask) {
			return false
		}
		switch {
		case mask == isFalse && c.zeroOfNothing():
			if !s.narrow(u, span{}) {
				return false
			}
		case mask == isFalse:
			if !s.want(u, isMissing) {
				return false
			}
		case mask == isTrue && c.fn == policy.Count:
			if !s.narrow(u, least(s.t.list[u].kind).meet(span{1, 1 << 62})) {
				return false
			}
		case mask == isTrue && !c.zeroOfNothing() && c.sure && c.fn != policy.SD &&
			c.fn != policy.Corr && !s.list(u):
			if !s.want(u, isKnown) {
				return false
			}
		}
	}
	return true
}

// kin carries over to the windows around one, or in it, whether it holds a record, and to moments
// that are known.
func (s *solver) kin(c *counted, mask uint8) bool {
	for _, o := range *c.kin {
		k := s.t.list[o].counted
		switch {
		case k.some == c.some:
		case mask == isTrue && c.within(k), mask == isFalse && k.within(c):
			if s.st[k.some].mask&^mask != 0 && !s.want(k.some, mask) {
				return false
			}
		}
		if k.placed && s.st[o].mask&isUnknown == 0 && !s.dated(o, k) {
			return false
		}
	}
	return true
}
