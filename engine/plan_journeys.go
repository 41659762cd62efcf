package engine

import (
	"strconv"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// dueOf is what a node is that keeps a deadline.
type dueOf struct {
	stage *stageNode
	ask   *requirement // nil: the stage's `sla`
	span  policy.Due
}

// planJourneys makes the journeys and, for what has state of its own in them, nodes.
func (e *Engine) planJourneys() {
	for _, x := range e.policy.Journeys {
		k := e.kinds[x.Of.Index]
		j := &journey{of: x, kind: k, on: x.Mode != policy.Off, shadow: x.Mode == policy.Shadow,
			warn:  x.Warn || x.Mode == policy.Warn || x.Mode == policy.Shadow,
			stage: x.Stage.Index, since: x.Since.Index, open: x.Open.Index}
		j.rows = e.kinds[x.Stays.Index]
		j.subject, j.at = j.rows.fieldNamed("subject"), j.rows.fieldNamed("stage")
		j.entered, j.left = j.rows.fieldNamed("entered"), j.rows.fieldNamed("left")
		j.length = j.rows.fieldNamed("length")
		j.rows.stays = true
		order := 0
		for _, g := range x.Stages {
			n := &stageNode{of: g, order: order}
			if g.Kind == policy.StageLost {
				n.order = -1
			} else {
				order++
			}
			j.stages = append(j.stages, n)
			e.stageNodes(j, n)
		}
		k.journey = j
		e.journeys = append(e.journeys, j)
	}
}

// stageNodes makes the nodes of one stage.
func (e *Engine) stageNodes(j *journey, g *stageNode) {
	add := func(n *node) *node {
		n.record = j.of.Of
		e.nodes = append(e.nodes, n)
		return n
	}
	for i, list := range [][]*policy.Requirement{g.of.Entry, g.of.Must} {
		for _, r := range list {
			q := &requirement{of: r, stage: g, must: i == 1}
			if q.must {
				g.must = append(g.must, q)
			} else {
				g.entry = append(g.entry, q)
			}
			if r.Within != nil {
				g.dues = append(g.dues, add(&node{kind: dueNode, head: &r.Head,
					due: &dueOf{stage: g, ask: q, span: *r.Within}}))
			}
		}
	}
	if s := g.of.Sla; s != nil {
		g.dues = append(g.dues, add(&node{kind: dueNode, head: &s.Head,
			due: &dueOf{stage: g, span: s.Due}}))
	}
	for _, x := range []struct {
		of *policy.Hook
		to **node
	}{{g.of.Enter, &g.enter}, {g.of.Leave, &g.leave}, {g.of.Late, &g.late}} {
		if x.of != nil {
			*x.to = add(&node{kind: hookNode, head: &x.of.Head, hook: x.of})
		}
	}
}

// compileJourneys makes the programs of what journeys ask for.
func (e *Engine) compileJourneys() {
	for _, j := range e.journeys {
		for _, g := range j.stages {
			for _, list := range [][]*requirement{g.entry, g.must} {
				for _, q := range list {
					e.compileRequirement(q)
				}
			}
		}
	}
}

func (e *Engine) compileRequirement(q *requirement) {
	e.comp.Rule = q.of.Full
	q.when = e.program(e.watches.of(&q.of.Head, q.of.X))
	if q.of.Count != nil {
		q.count = e.comp.Int(q.of.Count)
	}
	if q.of.Open != nil {
		q.open = e.comp.Int(q.of.Open)
	}
	if q.of.Text != nil {
		q.text, _ = e.messageArgs(q.of.Text)
	}
}

// inStage is the condition that a record is in a deadline's stage: only then is it looked at.
func (n *node) inStage() *policy.Expr {
	var stage *policy.Field
	for _, f := range n.record.Fields {
		if f.System == policy.SysStage {
			stage = f
		}
	}
	self := &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: n.record}}
	return &policy.Expr{Op: policy.OpEq, Type: policy.Type{Kind: value.Bool}, Args: []*policy.Expr{
		{Op: policy.OpField, Type: stage.Type, Field: stage, Args: []*policy.Expr{self}},
		{Op: policy.OpConst, Type: stage.Type,
			Const: value.OfWord(value.Choice, int64(n.due.stage.of.Index))}}}
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }
