package engine

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/slots"
)

// agenda is what one entry made worth looking at: rows of entities first, because aggregates read
// them, then conditions in the order in which nodes are numbered, each subject by id.
type agenda struct {
	mark  uint64
	rows  []rowItem
	items []item
	round []item
	nodes []int32
}

type rowItem struct{ stream, handle int32 }

// item is a condition to look at; handle is -1 for a rule on the event in hand.
type item struct{ node, handle int32 }

func (a *agenda) reset() {
	a.mark++
	a.rows, a.items = a.rows[:0], a.items[:0]
}

// push puts a subject on the agenda, once. What only looks when a period closes, and never again,
// has nothing to look at now.
func (e *Engine) push(n *node, h int32) {
	if !n.on || e.absorbing || n.table.lives[h] != alive || n.check != nil && n.check.Late == 0 ||
		!n.owns(h) {
		return
	}
	st := n.state(h)
	if st.mark == e.agenda.mark {
		return
	}
	st.mark = e.agenda.mark
	e.agenda.items = append(e.agenda.items, item{n.index, h})
}

// pushRow puts a row on the agenda, once until it is worked off.
func (e *Engine) pushRow(stream, h int32) {
	if x := e.streams.list[stream].heldBy(h); !x.queued {
		x.queued = true
		e.agenda.rows = append(e.agenda.rows, rowItem{stream, h})
	}
}

// fieldsChanged puts everything on the agenda that reads the changed fields of an entity. Before
// are its values until now; a new entity has every field changed.
func (e *Engine) fieldsChanged(k *entityType, h int32, before *slots.Slots, changed []uint64) {
	now := k.table.rows[h]
	e.agenda.nodes = k.watch.find(now, e.agenda.nodes[:0])
	if before != nil {
		for _, x := range k.watch.keys {
			e.agenda.nodes = append(e.agenda.nodes, x.under(before)...)
		}
	}
	e.pass(k.rec, h)
	for _, i := range e.agenda.nodes {
		if n := e.nodes[i]; before == nil || overlap(n.mask, changed) {
			e.push(n, h)
		}
	}
	for _, s := range k.streams {
		if before == nil || overlap(s.mask, changed) {
			e.pushRow(int32(s.index), h)
		}
	}
	if len(e.farFields) == 0 {
		return
	}
	for i, f := range k.rec.Fields {
		if changed[i>>6]>>(i&63)&1 == 1 {
			for _, r := range e.farFields[f] {
				e.reach(r, h)
			}
		}
	}
}

func overlap(a, b []uint64) bool {
	for i := range a {
		if a[i]&b[i] != 0 {
			return true
		}
	}
	return false
}

// streamChanged puts everything on the agenda that reads the rows of a subject.
func (e *Engine) streamChanged(s *stream, subject int32) {
	if s.cube != nil {
		s.cube.changed(subject)
		return
	}
	if s.subject != nil && (len(s.watch.general) > 0 || len(s.watch.keys) > 0) {
		e.agenda.nodes = s.watch.find(s.subject.rows[subject], e.agenda.nodes[:0])
		for _, i := range e.agenda.nodes {
			e.push(e.nodes[i], subject)
		}
	}
	for _, r := range s.far {
		e.reach(r, subject)
	}
}

// reach goes a dependency's path backwards from the changed entity to the subjects concerned.
func (e *Engine) reach(r remote, h int32) {
	for _, s := range e.subjects(r, h) {
		if r.node >= 0 {
			e.push(e.nodes[r.node], s)
		} else {
			e.pushRow(r.stream, s)
		}
	}
}

func (e *Engine) subjects(r remote, h int32) []int32 {
	if r.broad {
		return e.dependentTable(r).inOrder()
	}
	from := []int32{h}
	for i := len(r.path) - 1; i >= 0; i-- {
		var next []int32
		for _, x := range from {
			next = append(next, e.backs[r.path[i]].of(x)...)
		}
		if len(from) > 1 {
			slices.Sort(next)
			next = slices.Compact(next)
		}
		from = next
	}
	return from
}

func (e *Engine) dependentTable(r remote) *table {
	if r.node >= 0 {
		return e.nodes[r.node].table
	}
	return e.tables[e.streams.list[r.stream].source.Index]
}

// refreshRows brings the rows on the agenda up to date, and those that read them.
func (e *Engine) refreshRows() {
	for i := 0; i < len(e.agenda.rows); i++ {
		it := e.agenda.rows[i]
		e.refreshRow(e.streams.list[it.stream], it.handle)
	}
	e.agenda.rows = e.agenda.rows[:0]
}

// settle works the agenda off. A segment's tier that changes may concern other conditions, which
// then look in another round; a segment cannot read itself, so the rounds end.
func (e *Engine) settle() {
	for {
		e.refreshRows()
		if len(e.agenda.items) == 0 {
			e.allot()
			return
		}
		e.agenda.round, e.agenda.items = e.agenda.items, e.agenda.round[:0]
		e.agenda.mark++
		if !slices.IsSortedFunc(e.agenda.round, e.order) {
			slices.SortFunc(e.agenda.round, e.order)
		}
		for _, it := range e.agenda.round {
			e.look(e.nodes[it.node], it.handle)
		}
	}
}

func (e *Engine) order(a, b item) int {
	if a.node != b.node {
		return int(a.node - b.node)
	}
	if a.handle == b.handle {
		return 0
	}
	t := e.nodes[a.node].table
	return strings.Compare(t.meta[a.handle].id, t.meta[b.handle].id)
}

// look evaluates one condition for one subject at the present moment.
func (e *Engine) look(n *node, h int32) {
	if h < 0 {
		e.lookEvent(n)
		return
	}
	if n.picks != nil {
		n.picks.spoil(h)
		return
	}
	e.subject(n.table, h)
	st := n.state(h)
	switch {
	case n.check != nil:
		e.lookAgain(n, h, st)
		return
	case n.kind == entityRule:
		e.lookRule(n, h, st)
	case n.kind == alertNode:
		e.lookAlert(n, h, st)
	case n.kind == segmentNode:
		e.lookSegment(n, h, st)
	case n.kind == dueNode:
		e.lookDue(n, h, st)
	case n.kind == taskNode:
		e.lookTask(n, h)
	}
	e.arm(n, st)
}

// subject makes an entity the one that conditions and effects are about.
func (e *Engine) subject(t *table, h int32) {
	e.env.Self, e.env.SelfRef = t.rows[h], int64(h)
}

// condition is what decides under which key a node is filed: its `when`, unless something else
// must be looked at even where `when` cannot hold.
func (n *node) condition() *policy.Expr {
	switch {
	case n.rule != nil && n.kind != everyRule:
		return n.rule.When
	case n.alert != nil && n.alert.Until == nil && n.alert.UntilFor == 0:
		return sure(n.alert.When)
	case n.segment != nil:
		return sure(n.segment.When)
	case n.kind == dueNode:
		return n.inStage()
	}
	return nil
}

// sure leaves out a condition whose key may go missing. Unknown ends nothing that is open, so its
// other parts must be looked at even then.
func sure(when *policy.Expr) *policy.Expr {
	if when == nil {
		return nil
	}
	if k, ok := keyOf(when); ok && k.field.Type.Maybe {
		return nil
	}
	return when
}

// exprs are the conditions of a node that records can change.
func (n *node) exprs() []*policy.Expr {
	switch {
	case n.rule != nil:
		return []*policy.Expr{n.rule.When}
	case n.alert != nil:
		return []*policy.Expr{n.alert.Needs, n.alert.When, n.alert.Until}
	case n.kind == dueNode:
		return []*policy.Expr{n.due.ask.of.X, n.due.ask.of.Open}
	case n.kind == taskNode:
		return []*policy.Expr{n.met.Until.X}
	case n.kind == candidateNode:
		return n.kept
	}
	out := []*policy.Expr{n.segment.When}
	for _, t := range n.segment.Tiers {
		out = append(out, t.When)
	}
	return out
}

// programs are the compiled exprs, but for a deadline's: other nodes may share that.
func (n *node) programs() []*program {
	var out []*program
	if n.kind != dueNode {
		out = append(out, n.when, n.needs, n.until)
	}
	return slices.DeleteFunc(append(out, n.tiers...), func(p *program) bool { return p == nil })
}
