package prove

import (
	"fmt"

	"github.com/throughline/throughline/dsl/policy"
)

// Aggregates are free values, but not of one another: what is counted is nothing, or something.
// Over nothing counts and sums are 0 and the rest are missing; over something a mean is there. A
// longer window and a wider test hold at least as many records.

// opSome is the truth that an aggregate's window holds a record; all aggregates over the same
// records share it.
const opSome policy.Op = 202

// counted is what an aggregate's term knows of its like.
type counted struct {
	fn      policy.AggFn
	sure    bool // every record has a value
	some    id
	rows    string // which records, without window and test
	window  policy.Window
	where   id
	action  *policy.Action // only its completions
	sources *[]id          // all counts over these rows
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
		action: a.Action, sources: t.families[rows],
		sure: a.Value == nil || t.always(t.of(a.Value, 0))}
	t.list[n].counted = c
	t.list[some].users = append(t.list[some].users, n)
	if a.Fn == policy.Count {
		*c.sources = append(*c.sources, n)
	}
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
	if c.fn != policy.Count {
		return true
	}
	for _, o := range *c.sources {
		if o == n || s.st[o].mask&isUnknown != 0 {
			continue
		}
		if k := s.t.list[o].counted; c.within(k) && !s.differ(n, o, 0) ||
			k.within(c) && !s.differ(o, n, 0) {
			return false
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

// some follows that a window holds a record, or none.
func (s *solver) some(n id, mask uint8) bool {
	for _, u := range s.t.list[n].users {
		c := s.t.list[u].counted
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
