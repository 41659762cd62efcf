package engine

import (
	"math"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// Leave is somebody who is or will be away.
type Leave struct {
	ID, Who, Deputy string // Who and Deputy as they were given: an id, or Type/id
	From, Until     int64
}

// Leaves lists those that are not over at a moment, in the order in which they came.
func (e *Engine) Leaves(at int64) (out []Leave) {
	for _, l := range e.leaves {
		if l.until > at {
			out = append(out, Leave{l.id, l.who, l.deputy, l.from, l.until})
		}
	}
	return out
}

// Paused is why an allocation gives nothing out.
type Paused struct {
	By, Why string
	Until   int64 // 0: until it is resumed
}

// Paused says whether an allocation is paused at a moment, and by the pause that ends last.
func (e *Engine) Paused(of *policy.Allocation, at int64) (Paused, bool) {
	p := e.allocations[of.Index].pausedBy(at)
	switch {
	case p == nil:
		return Paused{}, false
	case p.until == math.MaxInt64:
		return Paused{p.by, p.why, 0}, true
	}
	return Paused{p.by, p.why, p.until}, true
}

// MayClaim reports whether somebody could claim what lies in a pool, as Type/id, at this moment.
func (e *Engine) MayClaim(name, by string) bool {
	k, h, ok := e.named(name)
	if !ok {
		return false
	}
	i := slices.IndexFunc(k.allocations, func(a *allocation) bool {
		p := a.about(h).phase
		return p == inPool || p == nobodys
	})
	if i < 0 {
		return false
	}
	a := k.allocations[i]
	who, ok := a.to.person(by)
	if !ok || a.to.table.lives[who] != alive || a.about(h).cooling(who, e.now) {
		return false
	}
	e.env.Now = e.now
	e.subject(a.kind.table, h)
	e.candidate(a, who)
	for _, s := range []*screen{a.where, a.limit} {
		if s == nil {
			continue
		}
		if v, _ := s.whole.run(&e.env); v != value.True {
			return false
		}
	}
	return true
}

// Deputy is who stands in for a person, as Type/id, at a moment, and when that person is back; "":
// they are there, or nobody does.
func (e *Engine) Deputy(who string, at int64) (to string, until int64) {
	if len(e.leaves) == 0 {
		return "", 0
	}
	r, ok := e.refNamed(who)
	if !ok {
		return "", 0
	}
	d, until := e.inPlaceOf(r, at)
	if d == r {
		return "", 0
	}
	return d.String(), until
}
