package engine

import "github.com/throughline/throughline/dsl/policy"

// planDeps works out who is concerned when a field, a stream or a tier changes (decision D8).
func (e *Engine) planDeps() {
	e.farTiers = make([][]remote, len(e.policy.Segments))
	for _, s := range e.streams.list {
		if s.source.Kind == policy.Entity {
			e.streamDeps(s)
		}
	}
	for _, n := range e.nodes {
		if n.table != nil && n.watched() {
			e.nodeDeps(n)
		}
	}
	e.linkCubes()
	for _, s := range e.streams.list {
		s.watch.pack()
	}
}

func (e *Engine) collector() *collector {
	return &collector{streamOf: func(a *policy.Aggregate) int {
		return e.streams.of[a.ID].stream.index
	}}
}

func (e *Engine) streamDeps(s *stream) {
	c := e.collector()
	exprs := []*policy.Expr{s.viaExpr, s.atExpr}
	if s.cube != nil {
		exprs = s.cube.exprs()
	}
	for _, col := range s.cols {
		exprs = append(exprs, col.expr)
	}
	for _, x := range exprs {
		c.walk(x, place{})
		s.times = append(s.times, e.rowBoundaries(x)...)
	}
	s.deps = c.deps
	s.mask = s.deps.mask(len(s.source.Fields))
	for _, d := range s.deps.list {
		r := remote{node: -1, stream: int32(s.index), path: d.path, broad: d.broad}
		if d.field != nil && len(d.path) == 0 && !d.broad {
			continue // its own field: in the mask
		}
		e.link(d, r)
	}
}

func (e *Engine) nodeDeps(n *node) {
	c := e.collector()
	e.measuring = n
	for _, x := range n.exprs() {
		c.walk(x, place{})
		if n.kind == dueNode {
			n.times = append(n.times, e.boundaries(x)...)
		}
	}
	for _, p := range n.programs() {
		if n.check == nil && e.timed(p) {
			n.timed = append(n.timed, p)
		}
	}
	n.deps = c.deps
	n.mask = n.deps.mask(len(n.record.Fields))
	n.streams = make([]bool, len(e.streams.list))
	if n.kind == everyRule || n.check != nil {
		e.lateLinks(n)
		return // looked at on a schedule, whatever changes
	}
	for _, d := range n.deps.list {
		own := len(d.path) == 0 && !d.broad
		switch {
		case own && d.field != nil:
		case own && d.stream >= 0:
			s := e.streams.list[d.stream]
			if !n.streams[d.stream] {
				n.streams[d.stream] = true
				s.watch.file(n.index, n.condition(), e.kinds[n.record.Index].layout)
			}
		default:
			e.link(d, remote{node: n.index, stream: -1, path: d.path, broad: d.broad})
		}
	}
}

// lateLinks lets late records find the alerts whose looks they may change.
func (e *Engine) lateLinks(n *node) {
	if n.check == nil || n.check.Late == 0 {
		return
	}
	for _, d := range n.deps.list {
		if d.stream >= 0 {
			e.link(d, remote{node: n.index, stream: -1, path: d.path, broad: d.broad})
		}
	}
}

// watched reports whether records can change what a node sees.
func (n *node) watched() bool { return n.kind != hookNode && (n.due == nil || n.due.ask != nil) }

// link files a dependent under what it depends on, and keeps the reverse of every reference on
// the way, so that the subjects can be found.
func (e *Engine) link(d dep, r remote) {
	for _, f := range d.path {
		if e.backs[f] == nil {
			e.backs[f] = &back{}
		}
	}
	switch {
	case d.field != nil:
		e.farFields[d.field] = append(e.farFields[d.field], r)
	case d.stream >= 0:
		s := e.streams.list[d.stream]
		s.far = append(s.far, r)
	case d.tier >= 0:
		e.farTiers[d.tier] = append(e.farTiers[d.tier], r)
	}
}

// rowBoundaries are the moments at which time alone changes a row of an entity. Row stands where
// Self does in a condition, so the same programs serve once Self is set to the record.
func (e *Engine) rowBoundaries(x *policy.Expr) []boundary { return e.boundaries(x) }
