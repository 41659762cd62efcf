package engine

import (
	"encoding/binary"
	"strconv"
	"unsafe"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/window"
)

// takenBack marks the seq of an event that was retracted; its id stays used.
const takenBack = 1 << 63

// retract takes an event back: it leaves every window as if it had not come; effects already
// decided stay, and conditions are looked at again (reference, section 3).
func (e *Engine) retract(in *Entry) {
	r, d := in.Record, &e.dec
	if r.Type.Kind != policy.Event {
		d.Outcome = decision.Rejected
		e.find(source.RecordRetract, r.Type.Name)
		return
	}
	t := e.events[r.Type.Index]
	seq, _, ok := e.known(t, r.ID)
	switch {
	case !ok || in.Prior == nil:
		d.Outcome = decision.Rejected
		e.find(source.RecordNotThere, r.Type.Name, r.ID)
		return
	case seq&takenBack != 0:
		d.Outcome = decision.Duplicate
		e.find(source.RecordDuplicate, r.Type.Name, r.ID, seqText(seq))
		return
	}
	t.seen.set(r.ID, seq|takenBack)
	if len(e.trusting) > 0 {
		e.memory.Forget(seq)
	}
	d.Outcome = decision.Accepted
	if j := e.retractJudged(r.Type.Full + "/" + r.ID); j != nil {
		e.takeOut(in.Prior.Row, movable)
	} else {
		e.takeOut(in.Prior.Row, nil)
	}
	e.taking = true
	e.settle()
}

// takeOut removes the rows that an event put into streams, but for those of streams that are left
// out: they are kept elsewhere.
func (e *Engine) takeOut(b []byte, leave func(*stream) bool) {
	e.eachRow(b, func(s *stream, h int32, r *window.Row) {
		if leave != nil && leave(s) || s.has(h) == nil {
			return
		}
		s.take(h, r, e.env.Now)
		e.since(r.At)
		e.streamChanged(s, h)
	})
}

// movable reports whether rows of a stream move with the verdicts about an event.
func movable(s *stream) bool { return s.stage != onArrival }

// eachRow reads packed rows, and undoes what else stands between them.
func (e *Engine) eachRow(b []byte, f func(s *stream, h int32, r *window.Row)) {
	for len(b) > 0 {
		var index, h uint64
		if index, b = uvarint(b); index == 0 {
			b = e.undo(b)
			continue
		}
		h, b = uvarint(b)
		s := e.streams.list[index-1]
		var r window.Row
		r, b = s.unpack(b)
		f(s, int32(h), &r)
	}
}

// identify gives an unpacked row its record's id back.
func (s *stream) identify(r *window.Row, id string) {
	for i := range s.cols {
		if s.cols[i].id {
			r.S[i] = id
		}
	}
}

// keepUndo writes into the decision what a retraction must undo besides rows: an index of 0, which
// no stream has, a letter that says what, and texts.
func (e *Engine) keepUndo(what byte, texts ...string) {
	b := append(e.dec.Row, 0, what)
	for _, t := range texts {
		b = binary.AppendUvarint(b, uint64(len(t)))
		b = append(b, t...)
	}
	e.dec.Row = b
}

// undo undoes what keepUndo wrote.
func (e *Engine) undo(b []byte) []byte {
	what, b := b[0], b[1:]
	text := func() (s string) {
		var n uint64
		n, b = uvarint(b)
		s, b = string(b[:n]), b[n:]
		return s
	}
	switch what {
	case undoDone:
		e.undone(text())
	case undoReview:
		name := text()
		e.unreview(name, text())
	case undoAway:
		e.unaway(text())
	case undoWaive:
		e.unwaive(text())
	case undoDismiss:
		e.undismissed(text())
	case undoPause:
		rule := text()
		e.unpause(rule, text())
	default:
		panic("engine: a stored row is of no known kind")
	}
	return b
}

// What a retraction undoes besides rows.
const (
	undoDone    = 'd'
	undoReview  = 'r'
	undoAway    = 'a'
	undoWaive   = 'w'
	undoDismiss = 's'
	undoPause   = 'p'
)

// unpack reads a row that keepRow wrote.
func (s *stream) unpack(b []byte) (window.Row, []byte) {
	r := window.Row{N: make([]int64, len(s.cols)), S: make([]string, len(s.cols))}
	r.Seq, b = uvarint(b)
	r.At, b = varint(b)
	r.Known, b = uvarint(b)
	for i, c := range s.cols {
		switch {
		case r.Known>>i&1 == 0 || c.id:
		case c.kind.Class() == value.String:
			var n uint64
			n, b = uvarint(b)
			r.S[i], b = string(b[:n]), b[n:]
		default:
			r.N[i], b = varint(b)
		}
	}
	return r, b
}

func uvarint(b []byte) (uint64, []byte) {
	v, n := binary.Uvarint(b)
	if n <= 0 {
		panic("engine: a stored row is cut short")
	}
	return v, b[n:]
}

func varint(b []byte) (int64, []byte) {
	v, n := binary.Varint(b)
	if n <= 0 {
		panic("engine: a stored row is cut short")
	}
	return v, b[n:]
}

// view is the bytes as a text without copying; the caller never changes them again.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func seqText(seq uint64) string { return strconv.FormatUint(seq&^takenBack, 10) }
