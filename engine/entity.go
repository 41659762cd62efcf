package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/engine/slots"
	"github.com/throughline/throughline/engine/window"
)

// entity takes in an update of an entity's state: the named fields change, null clears, required
// fields are checked on the state after it (reference, section 3).
func (e *Engine) entity(k *entityType, r *record.Record) {
	t := k.table
	h, there := t.find(r.ID)
	if r.Deleted {
		e.remove(k, r, h, there)
		return
	}
	digest := e.digestOf(k, r)
	if there && t.lives[h] == alive && t.meta[h].last == digest {
		e.dec.Outcome = decision.Duplicate
		e.find(source.RecordSame, r.Type.Name, r.ID)
		return
	}
	if k.journey != nil && there && t.lives[h] == alive && k.journey.clearsStage(r) {
		e.reject(r, k.journey.of.Stage)
		return
	}
	if !there {
		e.scratch.made = append(e.scratch.made, made{t, len(t.rows)})
		h = e.stub(t, r.ID)
	}
	e.resolve(&k.common, r)
	next := &k.spare
	k.layout.Copy(next, t.rows[h])
	e.merge(k, next, r)
	first := t.lives[h] != alive
	if k.journey != nil && first {
		k.journey.place(next, 0, e.now)
	}
	e.env.Self, e.env.SelfRef = next, int64(h)
	for _, p := range k.fills {
		if !next.Has(p.field.Index) {
			k.layout.Put(next, p.field.Index, p.value(&e.env))
		}
	}
	if f := lacks(&k.common, next); f != nil && !e.recalling {
		e.reject(r, f)
		return
	}
	if e.dropped(&k.common) {
		e.dec.Outcome = decision.Dropped
		return
	}
	e.dec.Outcome = decision.Accepted
	if t.updated >= 0 && next.Has(t.updated) && r.At < next.N[k.layout.Pos[t.updated]] {
		e.find(source.RecordLate, r.Type.Name, r.ID)
	}
	e.stamp(k, next, r.At)
	t.meta[h].last = digest
	e.become(k, h, next)
	if k.journey != nil {
		e.travel(k, h, r, first)
	}
	e.settle()
}

// merge applies the named fields of a record. Texts are copied, because they outlive the record.
func (e *Engine) merge(k *entityType, to *slots.Slots, r *record.Record) {
	for _, f := range k.rec.Fields {
		i := f.Index
		if f.System != policy.NotSystem || f.Compute != nil || r.Named[i>>6]>>(i&63)&1 == 0 {
			continue
		}
		if r.Null[i>>6]>>(i&63)&1 == 1 {
			to.Clear(i)
			continue
		}
		v := k.layout.Value(&r.Slots, i)
		k.layout.Put(to, i, owned(v))
	}
}

// owned copies what a value shares with the record's buffer.
func owned(v value.Value) value.Value {
	v.S = strings.Clone(v.S)
	if v.X != nil {
		v = decision.CloneValue(v)
	}
	return v
}

// stamp writes `created` on the first record and `updated` on every one.
func (e *Engine) stamp(k *entityType, s *slots.Slots, at int64) {
	t := k.table
	if t.created >= 0 && !s.Has(t.created) {
		k.layout.Put(s, t.created, value.OfWord(value.Time, at))
	}
	if t.updated >= 0 && (!s.Has(t.updated) || s.N[k.layout.Pos[t.updated]] < at) {
		k.layout.Put(s, t.updated, value.OfWord(value.Time, at))
	}
}

func lacks(c *common, s *slots.Slots) *policy.Field {
	for _, f := range c.need {
		if !s.Has(f.Index) {
			return f
		}
	}
	return nil
}

// become makes next the entity's state and puts on the agenda everything that reads what changed.
func (e *Engine) become(k *entityType, h int32, next *slots.Slots) {
	t := k.table
	born := t.lives[h] != alive
	changed := e.changedFields(k, t.rows[h], next)
	e.moveBacks(k, h, t.rows[h], next)
	k.layout.Copy(&k.before, t.rows[h])
	k.layout.Copy(t.rows[h], next)
	t.lives[h] = alive
	e.followActive(t, h, changed)
	if len(k.allocations) > 0 && !e.absorbing {
		e.followed(k, h, changed, born)
	}
	if born {
		e.fieldsChanged(k, h, nil, changed)
		return
	}
	e.fieldsChanged(k, h, &k.before, changed)
}

func (e *Engine) changedFields(k *entityType, a, b *slots.Slots) []uint64 {
	m := e.scratch.changed[:0]
	for range a.Known {
		m = append(m, 0)
	}
	for i := range k.rec.Fields {
		if k.layout.Pos[i] >= 0 && !k.layout.Same(a, b, i) {
			m[i>>6] |= 1 << (i & 63)
		}
	}
	e.scratch.changed = m
	return m
}

// moveBacks keeps the reverse of the references that some dependency follows.
func (e *Engine) moveBacks(k *entityType, h int32, old, next *slots.Slots) {
	for _, f := range k.refs {
		b := e.backs[f]
		if b == nil || k.layout.Same(old, next, f.Index) {
			continue
		}
		p := k.layout.Pos[f.Index]
		if old.Has(f.Index) {
			b.remove(int32(old.N[p]), h)
		}
		if next.Has(f.Index) {
			b.add(int32(next.N[p]), h)
		}
	}
}

// remove deletes an entity: its rows leave every aggregate, open alerts on it are withdrawn and
// memberships end, and it is a stub again for whoever refers to it.
func (e *Engine) remove(k *entityType, r *record.Record, h int32, there bool) {
	t := k.table
	if !there || t.lives[h] != alive {
		e.dec.Outcome = decision.Duplicate
		e.find(source.RecordNotThere, r.Type.Name, r.ID)
		return
	}
	e.dec.Outcome = decision.Accepted
	for _, n := range e.nodes {
		if n.table == t {
			e.forget(n, h)
		}
	}
	if j := k.journey; j != nil {
		j.forget(e, h)
	}
	e.cancelAbout(t.ref(h).String(), "", byDeletion)
	e.forgetHandings(k, h)
	e.unwrite(k, h)
	t.meta[h].last = [16]byte{}
	e.settle()
}

// forget ends what a node remembers of a subject that is no more.
func (e *Engine) forget(n *node, h int32) {
	st := n.find(h)
	if st == nil {
		return
	}
	e.timers.stop(&st.timer)
	if st.open && n.on && n.due == nil {
		e.subject(n.table, h)
		s := decision.Leave
		if n.kind == alertNode {
			s = decision.Withdrawn
		}
		e.state(n, h, s, st.tier)
	}
	t, member := st.timer, st.open && n.segment != nil
	*st = state{timer: t}
	if member {
		e.tierChanged(n, h)
	}
}

// digestOf is a digest of all that a record says. Two records with one digest are the same.
func (e *Engine) digestOf(k *entityType, r *record.Record) (d [16]byte) {
	b := e.scratch.digest[:0]
	b = binary.AppendVarint(b, r.At)
	for i, f := range k.rec.Fields {
		if r.Named[i>>6]>>(i&63)&1 == 0 {
			continue
		}
		b = binary.AppendUvarint(b, uint64(i))
		if r.Null[i>>6]>>(i&63)&1 == 1 {
			b = append(b, 0)
			continue
		}
		v := k.layout.Value(&r.Slots, i)
		if f.Type.Kind == value.Ref {
			v = value.OfText(r.Refs[i])
		}
		b = append(b, 1)
		b = decision.AppendValue(b, v)
	}
	e.scratch.digest = b
	sum := sha256.Sum256(b)
	copy(d[:], sum[:])
	return d
}

// refreshRow brings an entity's row in a stream up to date. A row that stays as it is concerns
// nobody: so rows that read each other settle even where records refer to each other in a loop.
func (e *Engine) refreshRow(s *stream, h int32) {
	k, old := e.kinds[s.source.Index], s.heldBy(h)
	old.queued = false
	in, target, row := false, int32(0), &s.spare
	if k.table.lives[h] == alive {
		e.env.Row, e.env.RowRef = k.table.rows[h], int64(h)
		e.subject(k.table, h)
		e.armRow(s, h, old)
		in, target = e.rowNow(s, h, row)
	} else if old.timer != nil {
		e.timers.stop(old.timer)
	}
	if in == old.in && (!in || target == old.target && s.sameRow(row, &old.row)) {
		return
	}
	was, left := old.in, old.target
	if was {
		e.since(max(old.row.At, e.dec.At))
		s.take(left, &old.row, e.env.Now)
	}
	if in {
		e.since(max(row.At, e.dec.At))
		s.put(target, row, e.env.Now)
		old.row, s.spare = s.spare, old.row
	}
	old.in, old.target = in, target
	// From here on held may move: others' rows are put on the agenda.
	if was {
		e.streamChanged(s, left)
	}
	if in && !(was && left == target) {
		e.streamChanged(s, target)
	}
}

// rowNow fills in the row of the entity in env.Row; false: it counts for nobody.
func (e *Engine) rowNow(s *stream, h int32, row *window.Row) (in bool, target int32) {
	target, ok := s.subjectOf(&e.env)
	at, ok2 := s.placed(&e.env)
	if !ok || !ok2 {
		return false, 0
	}
	s.fill(&e.env, e.kinds[s.source.Index].table.meta[h].id, row)
	row.At, row.Seq = at, uint64(h)
	return true, target
}

// since notes from when on a change concerns looks that may be taken again. An update of an entity
// says nothing of the time before it.
func (e *Engine) since(at int64) { e.lateAt = min(e.lateAt, at) }

// armRow schedules the next moment at which time alone changes the row.
func (e *Engine) armRow(s *stream, h int32, old *held) {
	if len(s.times) == 0 {
		return
	}
	if old.timer == nil {
		old.timer = timerOf(rankRow, int32(s.index))
		old.timer.handle = h
	}
	e.rearm(old.timer, s.times)
}

func (e *Engine) rearm(t *timer, times []boundary) {
	var next int64
	found := false
	for _, b := range times {
		if at, ok := b(&e.env); ok && (!found || at < next) {
			next, found = at, true
		}
	}
	if found {
		e.timers.set(t, next)
	} else {
		e.timers.stop(t)
	}
}
