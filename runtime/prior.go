package runtime

import (
	"bytes"
	"errors"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime/store"
)

// prior finds the event that a retraction takes back, as it was decided on; nil: there is none.
func (a *applier) prior(r *record.Record) *engine.Prior {
	seq, ok := a.eng.Known(r.Type, r.ID)
	if !ok {
		return nil
	}
	var row []byte
	var err error
	if seq <= a.eng.Built() {
		row, err = a.rowBefore(seq)
	} else {
		err = a.stored(seq, store.Decisions, func(of *store.Row) error {
			var d decision.Decision
			err := a.plan.codec.Decode(store.Unsalt(of.Decision), &d)
			row = bytes.Clone(d.Row)
			return err
		})
	}
	a.lost = errors.Join(a.lost, err)
	return &engine.Prior{Seq: seq, Row: row}
}

// stored reads a row that may not be durable yet.
func (a *applier) stored(seq uint64, parts store.Parts, each func(*store.Row) error) error {
	for _, b := range append(a.sent, a.cur) {
		if b != nil && seq > b.After && seq <= b.Last() {
			row := b.Rows[seq-b.After-1]
			return each(&row)
		}
	}
	return a.w.log.Read(seq, seq, parts, each)
}

// earlier has the rows of some events that the engine took in as facts, when its policy took force:
// what their decisions say of rows is another engine's.
type earlier struct {
	built    uint64
	from, to uint64
	rows     map[uint64][]byte
}

// earlierSpan is how many entries on either side of one are had at once: who takes an import back
// takes back events that follow one another.
const earlierSpan = 1 << 15

// rowBefore works out what an engine of the policy in force makes of an event from before that
// took force. It takes in the log up to there again, which takes as long as a change of policy.
func (a *applier) rowBefore(seq uint64) ([]byte, error) {
	built := a.eng.Built()
	if x := a.rows; x != nil && x.built == built && seq >= x.from && seq <= x.to {
		return x.rows[seq], nil
	}
	x := &earlier{built: built, from: seq - min(seq, earlierSpan), to: min(seq+earlierSpan, built),
		rows: map[uint64][]byte{}}
	f := facts{a: a, plan: a.plan, progress: func(uint64, uint64) {},
		rows: func(at uint64, row []byte) {
			if at >= x.from && len(row) > 0 {
				x.rows[at] = bytes.Clone(row)
			}
		}}
	if err := f.take(x.to); err != nil {
		return nil, err
	}
	a.rows = x
	return x.rows[seq], nil
}
