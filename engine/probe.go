package engine

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
)

// pass remembers the conditions about a record that no index let look (decision D8): they do not
// hold, and a probe wants to see that. The agenda holds those that look.
func (e *Engine) pass(r *policy.Record, h int32) {
	if e.opts.Probe == nil {
		return
	}
	for _, n := range e.nodes {
		if n.record != r || !n.on || n.check != nil || n.kind == everyRule || n.when == nil ||
			n.due != nil || n.met != nil || (h < 0) != (n.kind == eventRule) ||
			slices.Contains(e.agenda.nodes, n.index) {
			continue
		}
		e.passed = append(e.passed, item{n.index, h})
	}
}

// probePassed looks at them once everything else has, for the probe alone: nothing is counted,
// noted or done.
func (e *Engine) probePassed() {
	self, ref := e.env.Self, e.env.SelfRef
	for _, it := range e.passed {
		n := e.nodes[it.node]
		if it.handle < 0 {
			e.env.Self, e.env.SelfRef = e.inHand, -1
		} else {
			e.subject(n.table, it.handle)
		}
		n.when.run(&e.env)
	}
	e.passed = e.passed[:0]
	e.env.Self, e.env.SelfRef = self, ref
}

// probeShared tells the probe which column a `where` or value of an aggregate runs as, where an
// aggregate that stands elsewhere reads the same.
func (e *Engine) probeShared(s *stream, a *policy.Aggregate) {
	if e.opts.Probe == nil {
		return
	}
	for _, x := range []*policy.Expr{a.Where, a.Value, a.Value2} {
		if x == nil {
			continue
		}
		key := exprKey(x)
		for _, c := range s.cols {
			if (c.key == key || c.key == "?"+key) && c.expr != x {
				e.opts.Probe.Same(c.expr, x)
			}
		}
	}
}
