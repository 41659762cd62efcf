package engine

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// path leads from a subject over stored reference fields to another entity.
type path []*policy.Field

// dep is one thing a condition or a row reads: at the end of a path a field, a stream of rows or
// a segment's tier. Where no path can be followed backwards it is broad: every subject may be
// concerned, which costs more and is never wrong.
type dep struct {
	path   path
	broad  bool
	field  *policy.Field
	stream int // -1: none
	tier   int // index of the segment, -1: none
}

// deps are everything an expression reads that can change after it was computed.
type deps struct {
	list []dep
}

// mask is the set of the subject's own stored fields among the dependencies.
func (d *deps) mask(fields int) []uint64 {
	m := make([]uint64, (fields+63)/64)
	for _, x := range d.list {
		if x.field != nil && len(x.path) == 0 && !x.broad {
			m[x.field.Index>>6] |= 1 << (x.field.Index & 63)
		}
	}
	return m
}

func (d *deps) add(n dep) {
	for _, o := range d.list {
		if o.field == n.field && o.stream == n.stream && o.tier == n.tier && o.broad == n.broad &&
			slices.Equal(o.path, n.path) {
			return
		}
	}
	d.list = append(d.list, n)
}

// collector finds dependencies. streamOf tells which stream an aggregate is kept in.
type collector struct {
	deps
	streamOf func(*policy.Aggregate) int
}

// place is where Self and Row stand, seen from the subject.
type place struct {
	path  path
	broad bool
}

func (p place) to(f *policy.Field) place {
	return place{path: append(slices.Clone(p.path), f), broad: p.broad}
}

// target is the place an expression of Type Ref leads to.
func target(e *policy.Expr, at place) place {
	switch e.Op {
	case policy.OpSelf, policy.OpRow:
		return at
	case policy.OpField:
		p := target(e.Args[0], at)
		if p.broad || e.Field.Of == nil {
			return place{broad: true}
		}
		if e.Field.Compute != nil && e.Field.Of.Kind == policy.Entity {
			return target(e.Field.Compute, p)
		}
		return p.to(e.Field)
	}
	return place{broad: true}
}

func (c *collector) walk(e *policy.Expr, at place) {
	if e == nil {
		return
	}
	switch e.Op {
	case policy.OpField:
		c.field(e, at)
	case policy.OpScore:
		c.score(e, at)
	case policy.OpTier:
		c.walk(e.Args[0], at)
		p := target(e.Args[0], at)
		c.add(dep{path: p.path, broad: p.broad, stream: -1, tier: e.Tier.Index})
	case policy.OpDone: // fixed on arrival; what changes it later moves the rows that read it
	case policy.OpCompleted:
		p := at
		if e.Field != nil {
			p = place{broad: true} // pooled over whoever belongs to the subject
			c.add(dep{broad: true, field: e.Field, stream: -1, tier: -1})
		}
		c.add(dep{path: p.path, broad: p.broad, stream: c.streamOf(e.Agg), tier: -1})
		for _, a := range e.Args {
			c.walk(a, at)
		}
	case policy.OpAggregate:
		c.aggregate(e.Agg, at)
	case policy.OpCall:
		c.call(e, at)
	default:
		for _, a := range e.Args {
			c.walk(a, at)
		}
	}
}

// call follows a function's arguments; what a journey remembers changes with the stage.
func (c *collector) call(e *policy.Expr, at place) {
	for _, a := range e.Args {
		c.walk(a, at)
	}
	switch e.Fn {
	case "time_in", "entered", "left":
		for _, f := range e.Args[0].Type.Record.Fields {
			if f.System == policy.SysStage || f.System == policy.SysStageSince {
				c.add(dep{path: at.path, broad: at.broad, field: f, stream: -1, tier: -1})
			}
		}
	}
}

func (c *collector) field(e *policy.Expr, at place) {
	c.walk(e.Args[0], at)
	if e.Args[0].Type.Kind != value.Ref && e.Args[0].Type.Kind != value.Row {
		return // a part of a photo, an audio or a file: the field that holds it is what changes
	}
	p := target(e.Args[0], at)
	f := e.Field
	if f.Of == nil || f.Of.Kind == policy.Rows {
		return // a column of a list field: the list is what changes
	}
	if f.Compute != nil && f.Of.Kind == policy.Entity {
		c.walk(f.Compute, p)
		return
	}
	c.add(dep{path: p.path, broad: p.broad, field: f, stream: -1, tier: -1})
}

// score follows an entity's score into its terms; an event's is fixed when it arrives.
func (c *collector) score(e *policy.Expr, at place) {
	c.walk(e.Args[0], at)
	if e.Score.Of.Kind != policy.Entity {
		return
	}
	p := target(e.Args[0], at)
	for _, t := range e.Score.Terms {
		c.walk(t.X, p)
	}
}

func (c *collector) aggregate(a *policy.Aggregate, at place) {
	if a.List != nil {
		c.walk(a.List, at)
		c.walk(a.Where, place{broad: true})
		c.walk(a.Value, place{broad: true})
		return
	}
	c.walk(a.Window.T, at)
	p := at
	if a.Of != nil {
		c.walk(a.Of, at)
		p = target(a.Of, at)
	}
	if a.Subject == nil {
		p = place{broad: true} // of workspace: every subject reads the one series
	}
	c.add(dep{path: p.path, broad: p.broad, stream: c.streamOf(a), tier: -1})
}
