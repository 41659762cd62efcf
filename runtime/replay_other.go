package runtime

import (
	"math"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
)

// What another version of the engine decided may have ticks and steps that this one does not make,
// and lack some that it makes. The log is right (decision D5): what it has not did not happen, what
// it has more keeps its seq, and inputs keep theirs.

// otherwise reports whether another version decided on what comes next.
func (r *replay) otherwise() bool {
	return r.a.eng != nil && r.queue[r.head].Semantics != engine.Semantics
}

// pass lets time pass to the input of a seq, due moment by due moment, and passes over what the log
// has more on the way.
func (r *replay) pass(seq uint64, to int64) error {
	for {
		due, ok := r.a.eng.NextDue()
		if !ok || due > to {
			return r.passOver(seq, math.MaxInt64)
		}
		if err := r.passOver(seq, due); err != nil {
			return err
		}
		err := r.a.protect(func() { r.a.eng.Advance(due, r.emit) })
		if err = r.a.found(err); err != nil {
			return err
		}
		if r.err != nil {
			return r.err
		}
	}
}

// passOver leaves out the ticks and steps before a seq and before a moment.
func (r *replay) passOver(seq uint64, before int64) error {
	for ; r.head < len(r.queue); r.head++ {
		x := &r.queue[r.head]
		if x.Seq >= seq || x.Moment >= before {
			break
		}
		if err := r.diverged(x, "it is not decided any more"); err != nil {
			return err
		}
		r.a.eng.Align(x.Seq)
	}
	return nil
}

// made reports whether the engine makes entries of a kind itself.
func made(k decision.Kind) bool { return k == decision.Tick || k == decision.Step }
