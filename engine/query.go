package engine

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// IDs returns the ids of a type's entities that have a record of their own, in order.
func (e *Engine) IDs(r *policy.Record) []string {
	t := e.tables[r.Index]
	if t == nil {
		return nil
	}
	var ids []string
	for _, h := range t.inOrder() {
		if t.lives[h] == alive {
			ids = append(ids, t.meta[h].id)
		}
	}
	return ids
}

// Program compiles an expression of this engine's policy about a record type, to be asked of
// entities by id. A reference's S is its name, else its id.
func (e *Engine) Program(x *policy.Expr) *Program {
	return &Program{e: e, of: e.boxed(x)}
}

// Program is a compiled expression that can be asked of entities.
type Program struct {
	e  *Engine
	of leaf
}

// Ask evaluates the program for one entity at the present moment; false: no such entity.
func (p *Program) Ask(r *policy.Record, id string) (value.Value, bool) {
	t := p.e.tables[r.Index]
	h, ok := t.find(id)
	if !ok || t.lives[h] != alive {
		return value.Value{}, false
	}
	return p.At(r, h), true
}

// At evaluates the program for an entity by its handle.
func (p *Program) At(r *policy.Record, handle int32) value.Value {
	e := p.e
	self, ref := e.env.Self, e.env.SelfRef
	e.subject(e.tables[r.Index], handle)
	e.env.Now = e.now
	v := p.of(&e.env)
	e.env.Self, e.env.SelfRef = self, ref
	return v
}

// Whole evaluates the program about nobody in particular: what it counts, it counts over all
// records (reference, section 4: of workspace).
func (p *Program) Whole() value.Value {
	e := p.e
	self, ref := e.env.Self, e.env.SelfRef
	e.env.Self, e.env.SelfRef = nil, 0
	e.env.Now = e.now
	v := p.of(&e.env)
	e.env.Self, e.env.SelfRef = self, ref
	return v
}

// Handle returns the handle of an entity that was referred to or recorded.
func (e *Engine) Handle(r *policy.Record, id string) (int32, bool) {
	return e.tables[r.Index].find(id)
}

// ID returns the id of an entity by its handle.
func (e *Engine) ID(r *policy.Record, handle int64) string {
	return e.tables[r.Index].meta[handle].id
}

// Counters returns how often a declaration looked and what it saw, by qualified name.
func (e *Engine) Counters() map[string]Counters {
	out := map[string]Counters{}
	for _, n := range e.nodes {
		out[n.head.Full] = out[n.head.Full].plus(n.count.counters())
	}
	for _, j := range e.journeys {
		for _, q := range j.requirements() {
			out[q.of.Full] = out[q.of.Full].plus(q.seen.counters())
		}
	}
	return out
}

// A ClosedAlert is an alert that was open on something, named as Type/id.
type ClosedAlert struct {
	Row, Rule, Of  string
	Opened, Closed int64
	Withdrawn      bool // by another policy, or with its subject
}

// ClosedAlerts are those whose rows are kept, by the ids of the rows, as texts: 10/1 before 9/1.
func (e *Engine) ClosedAlerts() (out []ClosedAlert) {
	k := e.kept.alert
	if k == nil {
		return nil
	}
	for _, h := range k.table.inOrder() {
		state := k.choice(h, "state")
		if k.table.lives[h] != alive || state == alertOpen {
			continue
		}
		x := ClosedAlert{Row: k.table.meta[h].id, Rule: k.text(h, "rule"), Of: k.text(h, "of"),
			Withdrawn: state == alertWithdrawn}
		if cell := k.text(h, "action"); cell != "" {
			x.Rule += "/" + cell
		}
		x.Opened, _ = k.moment(h, "opened")
		x.Closed, _ = k.moment(h, "resolved")
		out = append(out, x)
	}
	return out
}

// OpenAlerts lists the ids on which an alert is open: a declared one, or that of an allocation,
// which has its name.
func (e *Engine) OpenAlerts(full string) []string {
	ids := e.openOf(full, alertNode)
	for _, a := range e.allocations {
		if !a.on || a.of.Full != full {
			continue
		}
		for _, h := range a.kind.table.inOrder() {
			if int(h) < len(a.cases) && a.cases[h].alert {
				ids = append(ids, a.kind.table.meta[h].id)
			}
		}
	}
	return ids
}

// Members lists the ids of a segment's members, in order.
func (e *Engine) Members(full string) []string { return e.openOf(full, segmentNode) }

// cellOf reports whether a node is a cell of the alert of that name.
func cellOf(n *node, full string) bool {
	name, cell := decision.CellOf(n.head.Full)
	return cell != "" && name == full
}

// Completes says what an event completes now, also after reviews; nothing where its verdicts are
// those of its decision still.
func (e *Engine) Completes(r *policy.Record, id string) (out []decision.Completion) {
	j := e.judged.byID[r.Full+"/"+id]
	if j == nil {
		return nil
	}
	for i := range j.acts {
		x := &j.acts[i]
		out = append(out, decision.Completion{Action: x.program.of, Done: x.done, Counted: x.counted})
	}
	return out
}

func (e *Engine) openOf(full string, k nodeKind) []string {
	var ids []string
	for _, n := range e.nodes {
		if n.kind != k || n.head.Full != full && !cellOf(n, full) {
			continue
		}
		for _, h := range n.table.inOrder() {
			if st := n.find(h); st != nil && st.open {
				ids = append(ids, n.table.meta[h].id)
			}
		}
	}
	return ids
}

// Within tells each member of a segment, in the order of their ids, and the row of its tiers that
// it is in; without tiers that is 0.
func (e *Engine) Within(s *policy.Segment, each func(id string, row int)) {
	for _, n := range e.nodes {
		if n.segment != s {
			continue
		}
		for _, h := range n.table.inOrder() {
			if st := n.find(h); st != nil && st.open {
				each(n.table.meta[h].id, int(st.tier))
			}
		}
	}
}
