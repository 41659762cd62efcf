package runtime

import (
	"slices"

	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime/store"
)

// quarantine puts aside a record that the engine broke on. What the engine holds after a panic
// means nothing, so it is rebuilt from what is durable; the records that were applied since are
// applied again, and the one it broke on is rejected unread. Nobody was answered meanwhile.
func (a *applier) quarantine(in *input, why error) error {
	if in.flags&store.Quarantined != 0 {
		return why // it broke without reading the record: nothing can be put aside
	}
	again := append(slices.Clone(a.cur.inputs), *in)
	again[len(again)-1].flags |= store.Quarantined
	// Only what was handed to the committer before counts; the batch in hand is given up.
	a.cur.Rows, a.cur.inputs, a.cur.Policy, a.cur.Redact = nil, nil, nil, nil
	a.cur.drain = true
	if err := a.sync(); err != nil {
		return err
	}
	if err := a.recover(); err != nil {
		return err
	}
	for i := range again {
		x := &again[i]
		x.rec = new(record.Record)
		x.decode(a.decoder)
		if err := a.input(x); err != nil {
			return err
		}
	}
	a.w.cfg.Notice(&QuarantineError{Seq: a.chain.Seq, Line: in.line, Why: why})
	return nil
}
