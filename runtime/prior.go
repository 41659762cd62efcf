package runtime

import (
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime/store"
)

// prior finds the event that a retraction takes back, as it was decided on; nil where there is
// none that can be read.
func (a *applier) prior(r *record.Record) (found *engine.Prior) {
	err := a.ids.find(r.Type.Full, r.ID, func(seq uint64) bool {
		_ = a.stored(seq, func(row *store.Row) error {
			found = a.priorIn(row, r)
			return nil
		})
		return found != nil
	})
	if err != nil {
		a.w.cfg.Notice(err)
	}
	return found
}

// stored reads a row that may not be durable yet.
func (a *applier) stored(seq uint64, each func(*store.Row) error) error {
	for _, b := range append(a.sent, a.cur) {
		if seq > b.After && seq <= b.Last() {
			row := b.Rows[seq-b.After-1]
			return each(&row)
		}
	}
	return a.w.log.Read(seq, seq, store.Payloads|store.Decisions, each)
}

// priorIn reads the event of a row where it is the one that the retraction names.
func (a *applier) priorIn(row *store.Row, r *record.Record) *engine.Prior {
	var e store.Entry
	if e.Decode(row.Entry) != nil || decision.Kind(e.Kind) != decision.Record {
		return nil
	}
	line, stored := store.Unsalt(row.Payload), store.Unsalt(row.Decision)
	p, err := a.w.plans.of(e.Policy)
	if err != nil || line == nil || stored == nil {
		return nil
	}
	in := input{line: append([]byte(nil), line...), moment: e.Moment, flags: e.Flags,
		rec: new(record.Record)}
	in.decode(p.decoder())
	was := in.rec
	if was.Type == nil || was.Type.Full != r.Type.Full || was.ID != r.ID {
		return nil
	}
	var d decision.Decision
	if err := p.codec.Decode(stored, &d); err != nil {
		a.w.cfg.Notice(err)
		return nil
	}
	return &engine.Prior{Seq: e.Seq, Record: was, Row: append([]byte(nil), d.Row...)}
}
