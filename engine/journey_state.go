package engine

import (
	"math"
	"slices"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/slots"
)

// write puts into a snapshot where records have been, and how often each requirement was asked for.
func (j *journey) write(w *writer) {
	for _, q := range j.requirements() {
		q.seen.write(w)
	}
	for h := range j.kind.table.rows {
		if h >= len(j.stays) || j.stays[h].number == 0 {
			w.uint(0)
			continue
		}
		b := &j.stays[h]
		w.uint(uint64(b.number))
		w.uint(uint64(b.row))
		w.uint(uint64(b.before))
		w.uint(uint64(len(b.spent)))
		for _, s := range b.spent {
			w.uint(uint64(s.stage))
			w.bool(s.gone)
			w.int(s.entered)
			w.int(s.left)
			w.int(s.total)
		}
	}
}

func (j *journey) read(r *scanner) {
	for _, q := range j.requirements() {
		q.seen.read(r)
	}
	limit := uint64(len(j.stages))
	for h := range j.kind.table.rows {
		number := r.below(math.MaxInt32)
		if number == 0 || r.bad {
			continue
		}
		b := j.been(int32(h))
		b.number, b.row = int32(number), int32(r.below(uint64(len(j.rows.table.rows))))
		b.before = int32(r.below(limit))
		for range r.below(limit + 1) {
			b.spent = append(b.spent, spent{stage: int32(r.below(limit)), gone: r.bool(),
				entered: r.int(), left: r.int(), total: r.int()})
		}
	}
}

// below reads a number that must be less than a limit.
func (r *scanner) below(limit uint64) uint64 {
	n := r.uint()
	if n >= limit {
		r.bad = true
		return 0
	}
	return n
}

// adopt takes over where records are from the journey that this one continues: by name or `was`,
// else of the same entity. Without one, records are where they said they are. Deadlines of the same
// meaning go on; of others, what is past counts as having acted.
func (j *journey) adopt(e, old *Engine) Silent {
	out := Silent{Declaration: j.of.Full}
	was := old.journeyOf(j)
	if was != nil {
		out.Kept = j.of.Continues(&was.of.Head)
		j.carry(e, was)
	}
	t := j.kind.table
	for _, h := range t.inOrder() {
		if t.lives[h] == alive {
			out.Count++
		}
	}
	for _, g := range j.stages {
		for _, n := range g.dues {
			e.adoptDue(j, n, old)
		}
		for _, n := range []*node{g.enter, g.leave, g.late} {
			if from := old.partFor(n); from != nil {
				e.carry(n, from, old)
			}
		}
	}
	return out
}

// journeyOf finds the journey that another policy's continues.
func (e *Engine) journeyOf(next *journey) *journey {
	names := append([]string{next.of.Full}, next.of.Was...)
	for _, name := range names {
		for _, j := range e.journeys {
			if j.of.Full == name {
				return j
			}
		}
	}
	for _, j := range e.journeys {
		if slices.Contains(append([]string{next.of.Of.Full}, next.of.Of.Was...), j.of.Of.Full) {
			return j
		}
	}
	return nil
}

// partFor finds a deadline or the effects of a stage of the same meaning.
func (e *Engine) partFor(n *node) *node {
	if n == nil {
		return nil
	}
	for _, name := range append([]string{n.head.Full}, n.head.Was...) {
		for _, o := range e.nodes {
			if o.head.Full == name && o.kind == n.kind && n.head.Continues(o.head) {
				return o
			}
		}
	}
	return nil
}

// carry puts every record into the stage that continues the one it was in, else into the first.
func (j *journey) carry(e *Engine, was *journey) {
	to := make([]int32, len(was.stages))
	for i, o := range was.stages {
		to[i] = j.continues(o)
	}
	for i, q := range j.requirements() {
		if list := was.requirements(); i < len(list) && q.of.Continues(&list[i].of.Head) {
			q.seen = list[i].seen
		}
	}
	k, t := j.kind, was.kind.table
	e.absorb(func() { j.carryStays(e, was, to) })
	for oh := range t.rows {
		h, there := k.table.find(t.meta[oh].id)
		if !there || k.table.lives[h] != alive || t.lives[oh] != alive {
			continue
		}
		stage := to[was.stageOf(t.rows[oh])]
		since := t.rows[oh].N[was.kind.layout.Pos[was.since]]
		if stage < 0 {
			stage, since = 0, e.now
		}
		*j.been(h) = stay{}
		if int(oh) < len(was.stays) {
			j.remember(h, &was.stays[oh], to)
			j.been(h).row = e.stayRow(j, t.meta[oh].id, was.stays[oh].number)
		}
		next := &k.spare
		k.layout.Copy(next, k.table.rows[h])
		j.place(next, stage, since)
		e.absorb(func() {
			e.become(k, h, next)
			if x := j.in(h, stage); x == nil || x.gone {
				e.arrive(j, h, stage, since)
			}
			e.refreshRows()
		})
	}
}

// carryStays takes over the rows of all stays. Those in a stage that there is no more go.
func (j *journey) carryStays(e *Engine, was *journey, to []int32) {
	k, o := j.rows, was.rows
	for h := range k.table.rows {
		if k.table.lives[h] == alive {
			e.unwrite(k, int32(h))
		}
	}
	for oh, from := range o.table.rows {
		subject, there := j.kind.table.find(was.kind.table.meta[from.N[o.layout.Pos[was.subject]]].id)
		stage := to[from.N[o.layout.Pos[was.at]]]
		if o.table.lives[oh] != alive || !there || stage < 0 {
			continue
		}
		row, ok := k.table.find(o.table.meta[oh].id)
		if !ok {
			row = e.stub(k.table, o.table.meta[oh].id)
		}
		e.writeStay(j, row, func(s *slots.Slots) {
			for i, f := range k.rec.Fields {
				if k.layout.Pos[i] >= 0 {
					k.layout.Put(s, i, o.layout.Value(from, o.fieldNamed(f.Name)))
				}
			}
			k.layout.Put(s, j.subject, value.OfWord(value.Ref, int64(subject)))
			k.layout.Put(s, j.at, choiceOf(int64(stage)))
		})
	}
}

// continues is the stage that an older one has become: by name or `was`; -1: none.
func (j *journey) continues(o *stageNode) int32 {
	for i, g := range j.stages {
		if g.of.Full == o.of.Full || g.of.Name == o.of.Name {
			return int32(i)
		}
	}
	for i, g := range j.stages {
		if slices.Contains(g.of.Was, o.of.Full) {
			return int32(i)
		}
	}
	return -1
}

// remember copies where a record has been; what has no stage any more is left out.
func (j *journey) remember(h int32, from *stay, to []int32) {
	b := j.been(h)
	b.number = from.number
	if int(from.before) < len(to) {
		b.before = max(to[from.before], 0)
	}
	for _, s := range from.spent {
		if s.stage = to[s.stage]; s.stage >= 0 && j.in(h, s.stage) == nil {
			b.spent = append(b.spent, s)
		}
	}
}

// adoptDue goes on with a deadline, or starts it in silence for whoever is in its stage.
func (e *Engine) adoptDue(j *journey, n *node, old *Engine) {
	if !j.on {
		return
	}
	if from := old.partFor(n); from != nil && from.on {
		e.carry(n, from, old)
	}
	t := j.kind.table
	for _, h := range t.inOrder() {
		if t.lives[h] != alive {
			continue
		}
		in := int(j.stageOf(t.rows[h])) == n.due.stage.of.Index
		st := n.find(h)
		switch {
		case !in && st != nil && st.open:
			e.endDue(n, h)
		case in && (st == nil || !st.open):
			since := t.rows[h].N[j.kind.layout.Pos[j.since]]
			e.startDue(n, h, since)
			if st := n.state(h); st.since <= e.now && !st.holds {
				st.untilHolds = true
				e.arm(n, st)
			}
		}
	}
}
