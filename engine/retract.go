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
	d.Outcome = decision.Accepted
	e.takeOut(in.Prior.Row)
	e.taking = true
	e.settle()
	e.taking = false
}

// takeOut removes the rows that an event put into streams.
func (e *Engine) takeOut(b []byte) {
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
		if int(h) < len(s.series) {
			s.take(int32(h), &r, e.env.Now)
			e.since(r.At)
			e.streamChanged(s, int32(h))
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
	default:
		panic("engine: a stored row is of no known kind")
	}
	return b
}

// What a retraction undoes besides rows.
const undoDone = 'd'

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
