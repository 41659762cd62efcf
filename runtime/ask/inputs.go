package ask

import (
	"bytes"
	"context"

	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store"
)

// Inputs are the records of a workspace's log as they came, to be decided on again. Those that no
// policy decided on, and those whose bytes were erased, are left out. It ends early when ctx does.
func Inputs(ctx context.Context, w *runtime.Workspace) trial.Log {
	return func(each func(trial.Input) error) error { return InputsOf(ctx, w, 1, w.Last())(each) }
}

// InputsOf is Inputs of a part of the log.
func InputsOf(ctx context.Context, w *runtime.Workspace, from, to uint64) trial.Log {
	return func(each func(trial.Input) error) error {
		return w.Entries(from, to, false, func(l *runtime.Logged) error {
			if decision.Kind(l.Kind) != decision.Record || l.Payload == nil ||
				l.Flags&(store.Ahead|store.Quarantined) != 0 {
				return ctx.Err()
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			return each(trial.Input{Line: bytes.Clone(l.Payload), Moment: l.Moment,
				Stamped: l.Flags&store.Imported == 0})
		})
	}
}
