package engine

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/engine/window"
)

// scratch is memory that lives as long as one entry.
type scratch struct {
	made    []made // stubs made for the record in hand
	changed []uint64
	digest  []byte
	asked   []*requirement // by a move
}

// made remembers how long a table was before a stub was added to it.
type made struct {
	table *table
	was   int
}

// record decides on a record from outside (reference, section 3: one record).
func (e *Engine) record(in *Entry) {
	r := in.Record
	d := &e.dec
	d.Record = decision.Ref{Type: r.Type, ID: r.ID}
	d.At = r.At
	d.Findings = append(d.Findings, r.Findings...)
	e.scratch.made = e.scratch.made[:0]
	switch {
	case r.Reject != nil:
		d.Outcome = decision.Rejected
		if r.At == 0 {
			d.At = e.now // nothing could be read of when it happened
		}
		d.Findings = append(d.Findings, *r.Reject)
	case r.Retracted:
		e.retract(in)
	case r.Type.Kind == policy.Event:
		e.event(e.events[r.Type.Index], r)
	default:
		e.entity(e.kinds[r.Type.Index], r)
	}
	if d.Outcome == decision.Rejected || d.Outcome == decision.Dropped {
		e.undoStubs()
	}
}

// event takes in a fact: duplicate, fill, computed, drop, windows, score, rules, then whatever
// conditions on entities the new rows concern.
func (e *Engine) event(t *eventType, r *record.Record) {
	d := &e.dec
	seq, place, again := e.known(t, r.ID)
	again = again && !(e.absorbing && t.refuses) // which of them was taken in is told later
	if again && e.waits(t, r) {
		e.lateValues(t, r)
		return
	}
	if again {
		d.Outcome = decision.Duplicate
		e.find(source.RecordDuplicate, r.Type.Name, r.ID, seqText(seq))
		return
	}
	e.refer(t, r)
	if t := e.trusting[r.Type.Index]; t != nil {
		e.arriving = arriving{r: r, values: &r.Slots, t: t}
		defer func() { e.arrived, e.arriving = e.arriving, arriving{} }()
	}
	e.env.Self, e.env.SelfRef, e.env.Row = &r.Slots, -1, &r.Slots
	for _, p := range t.fills {
		if !r.Slots.Has(p.field.Index) {
			t.layout.Put(&r.Slots, p.field.Index, p.value(&e.env))
		}
	}
	if !t.has(r.Slots.Known) {
		e.rejectLacking(&t.common, r)
		return
	}
	for i := range t.computed {
		t.computed[i].put(&e.env, &r.Slots)
	}
	if e.dropped(&t.common) {
		e.use(t, r.ID, place)
		d.Outcome = decision.Dropped
		return
	}
	d.Outcome = decision.Accepted
	if t.does != nil && !e.did(t, r) {
		return
	}
	e.insert(t, r, onArrival)
	e.refreshRows() // rows of entities that count the event; proof and a score may read them
	e.inHand = &r.Slots
	e.env.Self, e.env.SelfRef = &r.Slots, -1
	if len(t.actions) > 0 && e.judge(t, r) {
		e.refuse()
		return
	}
	e.use(t, r.ID, place)
	e.insert(t, r, onVerdict)
	e.env.Self, e.env.SelfRef = &r.Slots, -1
	e.scoreEvent(t)
	e.insert(t, r, onScore)
	e.keepJudged(t, r)
	if e.absorbing && t.refuses {
		e.noteAbsorbed(t, r)
	}
	e.env.Self, e.env.SelfRef = &r.Slots, -1
	d.InHand = e.inHand
	e.touched(t, &r.Slots)
	e.feedback(t)
	e.lookRules(t)
	e.settle()
	if e.arriving.r != nil {
		e.rememberEvent(r, e.seq+1)
	}
}

// did lets a built-in event do what it is for; false: it was refused.
func (e *Engine) did(t *eventType, r *record.Record) bool {
	t.does(r)
	return e.dec.Outcome != decision.Rejected
}

// lookRules looks at the rules on the event in hand. Where conditions on entities are to be looked
// at as well, they go on one agenda, because both kinds of rule act in order of their names.
func (e *Engine) lookRules(t *eventType) {
	if e.absorbing {
		return
	}
	alone := len(e.agenda.items) == 0 && len(e.agenda.rows) == 0
	if alone && t.sifted != nil {
		e.sift(t)
		return
	}
	e.agenda.nodes = t.rules.find(e.inHand, e.agenda.nodes[:0])
	e.pass(t.rec, -1)
	for _, i := range e.agenda.nodes {
		n := e.nodes[i]
		switch {
		case !n.on:
		case alone:
			e.lookEvent(n)
		default:
			e.agenda.items = append(e.agenda.items, item{i, -1})
		}
	}
}

// sift looks at the rules that are worth it all at once.
func (e *Engine) sift(t *eventType) {
	worth := t.rules.few.worth(e.inHand) & t.sifted.on
	d := &e.dec
	rs := slices.Grow(d.Receipts, bits.OnesCount64(worth))
	e.env.Self, e.env.SelfRef = e.inHand, -1
	t.sifted.Look(&e.env, worth)
	for m := worth; m != 0; m &= m - 1 {
		i := bits.TrailingZeros64(m)
		l := &t.sifted.rules[i]
		verdict, part := t.sifted.Verdict(i, &e.env)
		l.node.count.saw(verdict)
		if l.own != nil {
			// As note says, without its call.
			rs = append(rs, decision.Receipt{Watch: l.own, From: decision.OfRecord,
				Subject: -1, Part: int16(part), Verdict: verdict})
		} else {
			d.Receipts = rs
			e.note(l.node.when, -1, verdict, part)
			rs = d.Receipts
		}
		if verdict == value.True {
			d.Receipts = rs
			l.node.count.Fired++
			e.act(l.node, -1, l.node.whom)
			rs = d.Receipts
		}
	}
	d.Receipts = rs
}

// sifted is the rules of an event's dispatch that are looked at together.
type sifted struct {
	*eval.Sieve
	on    uint64 // those that are not off
	rules []siftedRule
}

type siftedRule struct {
	node *node
	own  *decision.Watch // what its receipts are of, where the record holds all they say
}

// sieve compiles the conditions of an event's rules to be looked at together, where they are few.
func (e *Engine) sieve(t *eventType) *sifted {
	if t.rules.few == nil {
		return nil
	}
	s := &sifted{}
	var conds []*eval.Chain
	for i, at := range t.rules.few.nodes {
		n := e.nodes[at]
		r := siftedRule{node: n}
		if n.when.own && !e.opts.NoReceipts {
			r.own = n.when.watch
		}
		if n.on {
			s.on |= 1 << i
		}
		s.rules = append(s.rules, r)
		conds = append(conds, &n.when.chain)
	}
	if s.Sieve = e.comp.Sieve(conds); s.Sieve == nil {
		return nil
	}
	return s
}

// known reports whether an event with this id was taken in before.
func (e *Engine) known(t *eventType, id string) (uint64, claim, bool) {
	seq, place, ok := t.seen.seq(id)
	if !ok && e.forgot > 0 && e.opts.Older != nil {
		seq, ok = e.opts.Older(t.rec, id)
	}
	return seq, place, ok
}

// insert puts the event into every stream it belongs to: those that read its score once it has
// one, the others before, so that a score sees the record counted.
func (e *Engine) insert(t *eventType, r *record.Record, when stage) {
	for _, s := range t.streams {
		if s.stage == when {
			e.insertRow(s, r)
		}
	}
	if len(t.actions) > 0 && when != onArrival {
		e.complete(t, r, when)
	}
}

func (e *Engine) insertRow(s *stream, r *record.Record) {
	e.env.Row = &r.Slots
	if h, ok := e.rowOf(s, r.ID, e.seq+1); ok {
		s.put(h, &s.row, e.env.Now)
		e.dec.Row = s.pack(e.dec.Row, h, &s.row)
		e.since(s.row.At)
		e.streamChanged(s, h)
	}
}

// rowOf makes the row of the event in env.Row and says whose it is; false: it counts for nobody.
func (e *Engine) rowOf(s *stream, id string, seq uint64) (int32, bool) {
	h, ok := s.subjectOf(&e.env)
	at, ok2 := s.placed(&e.env)
	if !ok || !ok2 {
		return 0, false
	}
	s.fill(&e.env, id, &s.row)
	s.row.At, s.row.Seq = at, seq
	return h, true
}

// pack appends a row as a retraction needs it to take it out again.
func (s *stream) pack(b []byte, h int32, r *window.Row) []byte {
	b = binary.AppendUvarint(b, uint64(s.index)+1)
	b = binary.AppendUvarint(b, uint64(h))
	b = binary.AppendUvarint(b, r.Seq)
	b = binary.AppendVarint(b, r.At)
	b = binary.AppendUvarint(b, r.Known)
	for i, c := range s.cols {
		switch {
		case r.Known>>i&1 == 0 || c.id:
		case c.kind.Class() == value.String:
			b = binary.AppendUvarint(b, uint64(len(r.S[i])))
			b = append(b, r.S[i]...)
		default:
			b = binary.AppendVarint(b, r.N[i])
		}
	}
	return b
}

// resolve turns the ids of references into handles. An id that was not seen yet becomes a stub,
// with a finding.
func (e *Engine) resolve(c *common, r *record.Record) {
	for _, f := range c.refs {
		if r.Slots.Has(f.Index) {
			r.Slots.N[c.layout.Pos[f.Index]] = int64(e.handle(f, r.Refs[f.Index]))
		}
	}
}

func (e *Engine) handle(f *policy.Field, id string) int32 {
	t := e.tables[f.Type.Record.Index]
	if h, ok := t.find(id); ok {
		return h
	}
	e.scratch.made = append(e.scratch.made, made{t, len(t.rows)})
	h := e.stub(t, id)
	e.find(source.RecordStub, f.Name, t.rec.Name, id)
	e.dec.Findings[len(e.dec.Findings)-1].Field = f
	return h
}

// stub adds an entity that nothing is known of yet. Its id is copied: records' texts live in a
// buffer that is used again.
func (e *Engine) stub(t *table, id string) int32 {
	return e.made(t, strings.Clone(id))
}

// made is stub for an id that is the engine's own.
func (e *Engine) made(t *table, id string) int32 {
	h := t.add(id)
	e.env.Tables[t.rec.Index] = t.rows
	return h
}

// undoStubs takes back the stubs made for a record that counts for nothing.
func (e *Engine) undoStubs() {
	for i := len(e.scratch.made) - 1; i >= 0; i-- {
		m := e.scratch.made[i]
		m.table.truncate(m.was)
		e.env.Tables[m.table.rec.Index] = m.table.rows
	}
	e.scratch.made = e.scratch.made[:0]
}

// rejectLacking refuses an event that lacks fields which it must have.
func (e *Engine) rejectLacking(c *common, r *record.Record) {
	for _, f := range c.need {
		if !r.Slots.Has(f.Index) {
			e.reject(r, f)
		}
	}
}

func (e *Engine) reject(r *record.Record, f *policy.Field) {
	e.dec.Outcome = decision.Rejected
	e.find(source.RecordRequired, r.Type.Name, f.Name)
	e.dec.Findings[len(e.dec.Findings)-1].Field = f
}

// find appends a finding about the record.
func (e *Engine) find(c source.Code, args ...string) {
	f := e.dec.AddFinding()
	f.Code = c
	f.Args = append(f.Args, args...)
}

// dropped reports whether a `drop when` of the record's type holds for Self.
func (e *Engine) dropped(c *common) bool {
	for _, p := range c.drops {
		verdict, part := p.run(&e.env)
		e.note(p, -1, verdict, part)
		if verdict == value.True {
			return true
		}
	}
	return false
}
