package runtime

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime/store"
)

// replay puts the rows of a log through the engine again and compares what it decides with what
// was decided.
type replay struct {
	a      *applier
	rows   *rowReader
	piece  *piece
	at     int
	queue  []replayed // rows that were read and not yet emitted again
	head   int
	done   []*piece // read to the end; rows of them may be in hand
	err    error
	encode []byte
	report *Report
	to     uint64
	seq    uint64 // of the entry in hand, for a panic
}

// run replays up to the end of the log. What the engine emits past that is due and not in the log
// yet, because a commit was cut short between two ticks; it goes into the batch in hand.
func (r *replay) run() error {
	for {
		x, ok, err := r.input()
		if err != nil {
			return err
		}
		if !ok {
			return r.trailing()
		}
		r.seq = x.Seq
		if r.otherwise() {
			if err := r.pass(x.Seq, x.Moment); err != nil {
				return err
			}
		}
		if r.a.eng == nil && decision.Kind(x.Kind) != decision.Activate {
			return &store.DamageError{Seq: x.Seq, What: "no policy was activated before it"}
		}
		if err := r.apply(x); err != nil {
			return err
		}
		if r.err != nil {
			return r.err
		}
	}
}

// input reads on to the next row that came from outside. The ticks and steps before it are emitted
// when it is applied.
func (r *replay) input() (*replayed, bool, error) {
	r.settle()
	for i := r.head; ; i++ {
		if i == len(r.queue) {
			if ok, err := r.more(); !ok || err != nil {
				return nil, false, err
			}
		}
		if !made(decision.Kind(r.queue[i].Kind)) {
			return &r.queue[i], true, nil
		}
	}
}

// more reads one more row into the queue.
func (r *replay) more() (bool, error) {
	for r.piece == nil || r.at == len(r.piece.rows) {
		if r.piece != nil {
			if r.piece.err != nil {
				return false, r.piece.err
			}
			r.done = append(r.done, r.piece)
			if len(r.done) >= 2 {
				r.rows.free <- new(piece) // rows of the others are still in hand
				r.done = r.done[1:]
			}
		}
		p, open := <-r.rows.out
		if r.piece, r.at = p, 0; !open {
			return false, nil
		}
	}
	r.queue = append(r.queue, r.piece.rows[r.at])
	r.at++
	return true, nil
}

// settle lets go of what was emitted. Only between two inputs nothing points into it.
func (r *replay) settle() {
	if r.head < len(r.queue) {
		return
	}
	r.queue, r.head = r.queue[:0], 0
	for _, p := range r.done {
		r.rows.free <- p
	}
	r.done = r.done[:0]
}

func (r *replay) apply(x *replayed) error {
	in := engine.Entry{Kind: decision.Kind(x.Kind), Moment: x.Moment, Record: x.rec}
	switch in.Kind {
	case decision.Record:
		if r.a.retracts(x.rec) {
			in.Prior = r.a.prior(x.rec)
		}
	case decision.Activate:
		if err := r.switchTo(x); err != nil {
			return err
		}
	case decision.Erase:
		if err := r.erase(x); err != nil {
			return err
		}
	}
	return r.a.found(r.a.protect(func() { r.a.eng.Apply(&in, r.emit) }))
}

// erase does what was done at an erasure that was cut short: had it come to its end, a snapshot
// would stand behind it.
func (r *replay) erase(x *replayed) error {
	var given erasure
	if err := json.Unmarshal(x.payload, &given); err != nil {
		return fmt.Errorf("seq %d: %w", x.Seq, err)
	}
	if err := r.a.protect(func() { r.a.eng.Advance(x.Moment, r.emit) }); err != nil {
		return err
	}
	r.a.unerased = given.seqs()
	return r.a.rebuildErased(&given, x.Seq-1)
}

// switchTo makes the policy of an activation the one in force, as it was done then.
func (r *replay) switchTo(x *replayed) error {
	p, err := r.a.w.plans.of(x.Policy)
	if err != nil {
		return fmt.Errorf("seq %d: %w", x.Seq, err)
	}
	if x.Seq == 1 {
		return r.a.adopt(p, nil)
	}
	if err := r.a.protect(func() { r.a.eng.Advance(x.Moment, r.emit) }); err != nil {
		return err
	}
	return r.a.rebuild(p, x.Seq-1)
}

// trailing emits the ticks that end the log.
func (r *replay) trailing() error {
	if r.head == len(r.queue) {
		return nil
	}
	r.seq = r.queue[r.head].Seq
	last := r.queue[len(r.queue)-1]
	to := last.Moment
	if r.otherwise() {
		return r.pass(last.Seq+1, to)
	}
	if err := r.a.protect(func() { r.a.eng.Advance(to, r.emit) }); err != nil {
		return err
	}
	if r.err == nil && r.head < len(r.queue) {
		return r.diverged(&r.queue[r.head], "it is not decided any more")
	}
	return r.err
}

// emit compares one entry that the engine emits with the next one of the log.
func (r *replay) emit(e *engine.Entry, d *decision.Decision) {
	if r.err != nil {
		return
	}
	if r.head == len(r.queue) {
		ok, err := r.more()
		if err != nil {
			r.err = err
			return
		}
		if !ok {
			r.a.take(e, d)
			return
		}
	}
	x := &r.queue[r.head]
	same := x.Kind == uint8(e.Kind) && x.Seq == e.Seq && x.Cause == e.Cause && x.Moment == e.Moment
	if !same && x.Semantics != engine.Semantics && made(e.Kind) {
		// It did not happen, whatever this version makes of it: nothing comes of it.
		r.differs(x)
		d.Effects = d.Effects[:0]
		r.a.eng.Align(e.Seq - 1)
		return
	}
	r.head++
	r.encode = r.a.plan.codec.AppendDecision(r.encode[:0], d)
	switch {
	case !same:
		if !r.rows.broke[x.Seq] {
			r.err = &DivergeError{x.Seq, fmt.Sprintf(
				"%v of %d caused by %d came, %v of %d caused by %d is there", e.Kind, e.Moment, e.Cause,
				decision.Kind(x.Kind), x.Moment, x.Cause)}
		}
		return
	case x.decision != nil && !bytes.Equal(r.encode, x.decision):
		if err := r.diverged(x, "the decision differs"); err != nil {
			r.err = err
			return
		}
	}
	if r.a.seen != nil {
		r.a.seen(r.a.eng, e)
	}
	if e.Seq%progressEvery == 0 {
		r.a.w.cfg.Progress(e.Seq, r.to)
	}
}

// progressEvery is how many entries lie between two reports of progress.
const progressEvery = 1 << 14

// diverged says that an entry came out otherwise. It is no error where the entry was decided by
// another version's semantics, or had to be quarantined: then it is in the report.
func (r *replay) diverged(x *replayed, what string) error {
	if r.rows.broke[x.Seq] {
		return nil
	}
	if x.Semantics == engine.Semantics {
		return &DivergeError{Seq: x.Seq, What: what}
	}
	r.differs(x)
	return nil
}

// differs counts an entry at which this version comes to something else than the log has.
func (r *replay) differs(x *replayed) {
	r.report.Differ++
	if r.report.First == 0 {
		r.report.First, r.report.Semantics = x.Seq, x.Semantics
	}
}
