package engine

import (
	"bytes"
	"crypto/sha256"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/evidence"
	"github.com/throughline/throughline/engine/window"
)

// snapshotFormat is raised when the bytes below change. The format before is still read: a log from
// which something was erased cannot be decided again, and its last snapshot is all there is.
const snapshotFormat = 13

// AppendSnapshot appends the canonical bytes of the whole state and their SHA-256, by which damage
// is told. A snapshot is a cache: what is in it follows from the log (decision D12).
func (e *Engine) AppendSnapshot(dst []byte) []byte {
	b := e.appendState(dst, e.writeIDs)
	sum := sha256.Sum256(b[len(dst):])
	return append(b, sum[:]...)
}

func (e *Engine) appendState(dst []byte, ids func(*writer)) []byte {
	w := &writer{b: dst}
	w.uint(snapshotFormat)
	w.b = append(w.b, e.policy.Hash[:]...)
	w.uint(e.seq)
	w.uint(e.built)
	w.bool(e.started)
	w.int(e.now)
	for _, t := range e.tables {
		if t != nil {
			t.write(w)
		}
	}
	ids(w)
	for _, s := range e.streams.list {
		if s.source.Kind == policy.Event {
			s.write(w)
		}
	}
	for _, c := range e.cubes {
		c.write(w)
	}
	for _, j := range e.journeys {
		j.write(w)
	}
	for _, n := range e.nodes {
		n.write(w)
	}
	for _, a := range e.allocations {
		a.write(w)
	}
	e.writeActions(w)
	return e.memory.Append(w.b)
}

// StateHash is a SHA-256 over the canonical state. Of ids it covers how many there are and which
// were taken back: the others may have been forgotten, which changes nothing.
func (e *Engine) StateHash() [32]byte {
	return sha256.Sum256(e.appendState(nil, e.writeUsed))
}

// Restore makes a new engine's state that of a snapshot of the same policy. After an error the
// engine must not be used.
func (e *Engine) Restore(b []byte) error {
	whole := len(b) - sha256.Size
	if whole < 0 {
		return errState
	}
	if sum := sha256.Sum256(b[:whole]); !bytes.Equal(sum[:], b[whole:]) {
		return errState
	}
	r := &scanner{b: b[:whole]}
	if !e.readHead(r) {
		return errState
	}
	for _, t := range e.tables {
		if t != nil {
			t.read(r)
			e.env.Tables[t.rec.Index] = t.rows
		}
	}
	if !r.before {
		e.forgot = r.uint()
	}
	for _, t := range e.events {
		if t != nil {
			t.read(r)
		}
	}
	for _, s := range e.streams.list {
		if s.source.Kind == policy.Event {
			s.read(r)
		}
	}
	for _, c := range e.cubes {
		if !r.bad {
			c.restore(r)
		}
	}
	if r.bad {
		return errState
	}
	if e.started {
		e.startCubes(e.now)
	}
	for _, j := range e.journeys {
		j.read(r)
	}
	if r.bad {
		return errState
	}
	e.restoreKept()
	e.rebuildRows()
	for _, n := range e.nodes {
		e.readNode(n, r)
	}
	for _, a := range e.allocations {
		if e.readAllocation(a, r); r.bad {
			return errState
		}
	}
	e.readActions(r)
	memory, rest, err := evidence.Load(r.b)
	if r.bad || err != nil || len(rest) > 0 {
		return errState
	}
	e.memory = memory
	return nil
}

// readHead reads what a snapshot begins with, and reports whether it is one of this policy.
func (e *Engine) readHead(r *scanner) bool {
	format := r.uint()
	if format < snapshotFormat-1 || format > snapshotFormat ||
		len(r.b) < 32 || !bytes.Equal(r.b[:32], e.policy.Hash[:]) {
		return false
	}
	r.b, r.before = r.b[32:], format < snapshotFormat
	e.seq = r.uint()
	e.built = e.seq // not said before: rows are worked out anew then, which is right for all
	if !r.before {
		e.built = r.uint()
	}
	e.started, e.now = r.bool(), r.int()
	e.env.Now = e.now
	return true
}

// rebuildRows puts references' reverses and the rows of entities back: both follow from the
// entities alone.
func (e *Engine) rebuildRows() {
	for _, k := range e.kinds {
		if k == nil {
			continue
		}
		for h := range k.table.rows {
			empty := k.layout.New()
			e.moveBacks(k, int32(h), &empty, k.table.rows[h])
		}
	}
	for _, s := range e.streams.list {
		if s.source.Kind != policy.Entity {
			continue
		}
		for h := range e.tables[s.source.Index].rows {
			e.refreshRow(s, int32(h))
		}
	}
	e.refreshRows() // rows read rows
	e.agenda.reset()
}

func (t *table) write(w *writer) {
	w.uint(uint64(len(t.rows)))
	for h, m := range t.meta {
		w.text(m.id)
		w.uint(uint64(t.lives[h]))
		w.b = append(w.b, m.last[:]...)
		for i := range t.rec.Fields {
			if t.layout.Pos[i] >= 0 {
				w.b = decision.AppendValue(w.b, handleAsInt(t.layout.Value(t.rows[h], i)))
			}
		}
	}
}

func (t *table) read(r *scanner) {
	t.truncate(0)
	n := r.count()
	for range n {
		h := t.add(r.text())
		m := &t.meta[h]
		t.lives[h] = life(min(r.byte(), byte(gone)))
		if len(r.b) < len(m.last) {
			r.bad = true
			return
		}
		copy(m.last[:], r.b)
		r.b = r.b[len(m.last):]
		for i := range t.rec.Fields {
			if t.layout.Pos[i] < 0 {
				continue
			}
			var v value.Value
			var err error
			if v, r.b, err = decision.ReadValue(r.b); err != nil {
				r.bad, r.b = true, nil
				return
			}
			if k := t.rec.Fields[i].Type.Kind; v.Known() && k == value.Ref {
				v.Kind = k
			}
			t.layout.Put(t.rows[h], i, v)
		}
	}
}

// handleAsInt lets a reference be stored as its handle; the stored form of a Ref is its id.
func handleAsInt(v value.Value) value.Value {
	if v.Kind == value.Ref {
		v.Kind = value.Int
	}
	return v
}

func (e *Engine) writeIDs(w *writer) {
	w.uint(e.forgot)
	for _, t := range e.events {
		if t == nil {
			continue
		}
		w.uint(t.used)
		w.uint(uint64(t.seen.n))
		for _, x := range t.seen.sorted() {
			w.text(t.seen.id(x))
			w.uint(t.seen.seqOf(x))
		}
	}
}

func (e *Engine) writeUsed(w *writer) {
	for _, t := range e.events {
		if t == nil {
			continue
		}
		w.uint(t.used)
		for _, x := range t.seen.sorted() {
			if t.seen.seqOf(x)&takenBack != 0 {
				w.text(t.seen.id(x))
			}
		}
	}
}

func (t *eventType) read(r *scanner) {
	if !r.before {
		t.used = r.uint()
	}
	t.seen = newIDSet()
	for range r.count() {
		id := r.text()
		t.seen.set(id, r.uint())
	}
	if r.before {
		t.used = uint64(t.seen.n) // it remembered all
	}
}

func (s *stream) write(w *writer) {
	w.uint(uint64(len(s.series)))
	for i := range s.series {
		w.b = s.plan.Append(&s.series[i], w.b)
	}
}

func (s *stream) read(r *scanner) {
	n := r.count()
	s.series = make([]window.Series, n)
	for i := range s.series {
		rest, err := s.plan.Load(&s.series[i], r.b)
		if err != nil {
			r.bad, r.b = true, nil
			return
		}
		r.b = rest
	}
}

func (n *node) write(w *writer) {
	n.count.write(w)
	for p, page := range n.states.list {
		if page == nil {
			continue
		}
		for i := range page {
			if st := &page[i]; st.worth() {
				w.uint(uint64(p*pageSize+i) + 1)
				st.write(w)
			}
		}
	}
	w.uint(0)
}

// worth reports whether a state says anything that a new one does not.
func (st *state) worth() bool {
	return st.looked || st.open || st.holds || st.timer.pos >= 0 ||
		len(st.sent) > 0 || len(st.looks) > 0
}

func (st *state) write(w *writer) {
	w.uint(uint64(st.truth))
	w.bool(st.looked)
	w.int(int64(st.tier))
	w.int(st.opened)
	st.run().write(w)
	st.base.write(w)
	w.bool(st.timer.pos >= 0)
	if st.timer.pos >= 0 {
		w.int(st.timer.at)
	}
	w.uint(uint64(len(st.sent)))
	for _, s := range st.sent {
		w.uint(uint64(s.effect))
		w.uint(uint64(len(s.moments)))
		for _, m := range s.moments {
			w.int(m)
		}
	}
	w.uint(uint64(len(st.looks)))
	for _, l := range st.looks {
		w.int(l.at)
		w.b = append(w.b, byte(l.verdict), byte(l.until))
		w.bool(l.left)
	}
}

func (r run) write(w *writer) {
	w.bool(r.open)
	w.bool(r.holds)
	w.bool(r.untilHolds)
	w.int(int64(r.streak))
	w.int(r.since)
	w.int(r.untilSince)
}

func (r *scanner) run() (x run) {
	x.open, x.holds, x.untilHolds = r.bool(), r.bool(), r.bool()
	x.streak, x.since, x.untilSince = int32(r.int()), r.int(), r.int()
	return x
}

func (e *Engine) readNode(n *node, r *scanner) {
	n.count.read(r)
	limit := uint64(1) // a rule on events keeps one state for all of them
	if n.table != nil {
		limit = uint64(len(n.table.rows))
	}
	for {
		h := r.uint()
		if h == 0 || h > limit || r.bad {
			r.bad = r.bad || h > limit
			break
		}
		st := n.state(int32(h - 1))
		st.truth, st.looked = r.tri(), r.bool()
		st.tier, st.opened = int32(r.int()), r.int()
		st.restore(r.run())
		st.base = r.run()
		if r.bool() {
			e.timers.set(&st.timer, r.int())
		}
		st.readLists(r)
	}
	if e.started {
		e.schedule(n, e.now)
	}
}

func (st *state) readLists(r *scanner) {
	for range r.count() {
		s := sent{effect: int32(r.uint())}
		for range r.count() {
			s.moments = append(s.moments, r.int())
		}
		st.sent = append(st.sent, s)
	}
	for range r.count() {
		l := look{at: r.int(), verdict: r.tri(), until: r.tri(), left: r.bool()}
		st.looks = append(st.looks, l)
	}
}
