package engine

import (
	"math"

	"github.com/throughline/throughline/dsl/policy"
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
