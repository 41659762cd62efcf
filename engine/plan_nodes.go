package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/internal/calendar"
)

// compiler prepares the one compiler of this engine's expressions.
func (e *Engine) compiler() error {
	e.cals = calendar.NewSet(e.policy.Calendars, e.policy.Settings)
	e.cal = e.cals.For(nil)
	e.watches = watchesOf(e.policy)
	externs := map[string]*eval.Extern{}
	for i := range e.opts.Externs {
		externs[e.opts.Externs[i].Name] = &e.opts.Externs[i]
	}
	for _, x := range e.policy.Externs {
		have := externs[x.Full]
		if have == nil {
			return fmt.Errorf("extern %s is declared and no function was given for it", x.Full)
		}
		if err := have.Fits(x); err != nil {
			return err
		}
	}
	e.comp = &eval.Compiler{Host: host{e}, Zone: e.zone, Calendars: e.cals, Externs: externs,
		Ref: e.constant, Probe: e.opts.Probe}
	if e.opts.Reference {
		e.comp.Backend = eval.VM
	}
	return nil
}

// constant gives the handle of a reference constant; what has no record yet is a stub.
func (e *Engine) constant(r *policy.Record, id string) int64 {
	t := e.tables[r.Index]
	if h, ok := t.find(id); ok {
		return int64(h)
	}
	return int64(e.stub(t, id))
}

// leaf compiles an expression of any kind to the program of its class.
func (e *Engine) leaf(x *policy.Expr) eval.Leaf {
	switch x.Type.Kind.Class() {
	case value.Float:
		return eval.Leaf{Num: e.comp.Num(x)}
	case value.String:
		return eval.Leaf{Str: e.comp.Str(x)}
	case value.Wide:
		return eval.Leaf{Any: e.comp.Any(x)}
	}
	return eval.Leaf{Int: e.comp.Int(x)}
}

// planNodes numbers the declarations that act and compiles them.
func (e *Engine) planNodes() {
	for _, r := range e.policy.Rules {
		n := &node{kind: entityRule, head: &r.Head, rule: r, record: r.On, check: r.Check}
		switch {
		case r.Every != nil:
			n.kind = everyRule
		case r.On.Kind == policy.Event:
			n.kind = eventRule
		}
		e.nodes = append(e.nodes, n)
	}
	for _, a := range e.policy.Alerts {
		n := &node{kind: alertNode, head: &a.Head, alert: a, record: a.Of, check: a.Check}
		e.nodes = append(e.nodes, n)
	}
	for _, s := range e.policy.Segments {
		n := &node{kind: segmentNode, head: &s.Head, segment: s, record: s.Of, check: s.Check}
		e.nodes = append(e.nodes, n)
	}
	e.planJourneys()
	e.taskNodes()
	e.planAllocations()
	slices.SortStableFunc(e.nodes, func(a, b *node) int {
		return cmp.Or(cmp.Compare(a.step(), b.step()), strings.Compare(a.head.Full, b.head.Full))
	})
	e.segmentNode = make([]*node, len(e.policy.Segments))
	for i, n := range e.nodes {
		n.index = int32(i)
		n.on = n.head.Mode != policy.Off
		n.shadow = n.head.Mode == policy.Shadow
		n.table = e.tables[n.record.Index]
		if n.segment != nil {
			e.segmentNode[n.segment.Index] = n
		}
		if n.alert != nil && n.alert.Metric != nil {
			n.cube = e.cubeOf(n.alert)
		}
	}
	e.compileJourneys()
	for _, a := range e.allocations {
		e.comp.Rule = a.of.Full
		e.compileAllocation(a)
	}
	for _, n := range e.nodes {
		e.compileNode(n)
	}
}

// step is the place of a node inside one record's processing: journeys, then rules, then alerts and
// segments, then what ends tasks.
func (n *node) step() int {
	switch {
	case n.kind == taskNode:
		return 2
	case n.kind == dueNode || n.kind == hookNode || n.kind == candidateNode:
		return -1
	case n.rule != nil:
		return 0
	}
	return 1
}

func (e *Engine) compileNode(n *node) {
	e.comp.Rule = n.head.Full
	e.planning, e.measuring = nil, n
	switch {
	case n.rule != nil:
		e.compileRule(n)
	case n.alert != nil:
		a := n.alert
		n.when = e.program(e.watches.of(n.head, a.When))
		n.needs, n.until = e.maybe(n, a.Needs), e.maybe(n, a.Until)
		n.whom = e.effects(n, a.Do)
	case n.kind == dueNode:
		if n.due.ask != nil {
			n.when = n.due.ask.when
		}
	case n.kind == taskNode:
		n.when = e.program(e.watches.of(n.head, n.met.Until.X))
	case n.kind == candidateNode:
	case n.kind == hookNode:
		n.whom = e.effects(n, n.hook.Do)
	default:
		e.compileSegment(n)
	}
	n.ranks = e.planning
	e.planning = nil
}

func (e *Engine) compileRule(n *node) {
	r := n.rule
	n.when = e.program(e.watches.of(n.head, r.When))
	n.where = &program{}
	if r.Where != nil {
		n.where = e.program(e.watches.of(n.head, r.Where))
	}
	if r.Top != nil {
		by := e.number(r.Top.By)
		n.top = by.Of
	}
	n.whom = e.effects(n, r.Do)
}

func (e *Engine) compileSegment(n *node) {
	s := n.segment
	n.when = e.maybe(n, s.When)
	n.enter, n.leave = e.effects(n, s.Enter), e.effects(n, s.Leave)
	for i := range s.Tiers {
		t := &s.Tiers[i]
		n.tiers = append(n.tiers, e.maybe(n, t.When))
		n.byTier.enter = append(n.byTier.enter, e.effects(n, t.Enter))
		n.byTier.leave = append(n.byTier.leave, e.effects(n, t.Leave))
	}
}

// maybe compiles a condition that a declaration may do without.
func (e *Engine) maybe(n *node, x *policy.Expr) *program {
	if x == nil {
		return nil
	}
	return e.program(e.watches.of(n.head, x))
}
