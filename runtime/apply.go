package runtime

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime/store"
)

// batch is what is committed at once: whole inputs with all that they caused.
type batch struct {
	store.Batch
	arena   []byte  // of the rows
	inputs  []input // whose own entries are in it
	since   time.Time
	save    chore         // what is written after it
	barrier chan struct{} // closed when it is durable
	drain   bool          // and when every snapshot on its way is
}

// applier owns the engine. What it holds is ahead of the log by what is not committed yet.
type applier struct {
	w       *Workspace
	eng     *engine.Engine
	plan    *plan
	decoder *record.Decoder
	chain   store.Chain
	epoch   uint64
	ids     *ids
	pending *policy.Policy // to be activated with the first record's moment

	cur    *batch
	sent   []*batch         // handed to the committer, the oldest first
	in     *input           // the record in hand
	coming []*record.Record // those after it that the engine was told of
	given  []byte           // the payload of a command in hand
	as     Given            // who puts a policy in force, and why
	files  *store.Policy
	emit   engine.Emit
	size   int    // of the last arena
	saved  uint64 // seq of the last snapshot

	recovering bool              // nothing is committed yet
	lenient    bool              // a snapshot of another version will do
	keeping    map[uint64][]byte // what is kept of records that are being erased
	unerased   []uint64          // an erasure was cut short: these are still to be deleted

	ready  bool          // the committer waits for a batch
	idle   time.Time     // since then
	sentAt time.Time     // when the last batch was handed to it
	took   time.Duration // on average, from there to ready
	lately [2]int        // entries of the last batches
	timer  *time.Timer

	silent []engine.Silent // of the last change of policy
	lost   error           // an id could not be looked for
	second *record.Decoder // of records that are not the one in hand
	rows   *earlier
	seen   seen // looks at entries while they are replayed; nil: nobody does
}

// run ends after the last job, or when the workspace dies.
func (a *applier) run() {
	defer close(a.w.batches)
	a.timer = time.NewTimer(time.Hour)
	defer a.timer.Stop()
	for {
		j := a.next()
		if j == nil {
			return
		}
		err := a.job(j)
		last := j.last
		select {
		case a.w.free <- j:
		case <-a.w.dead:
		}
		if err == nil && last {
			err = a.finish()
			if err == nil {
				err = ErrClosed
			}
		}
		if err != nil {
			a.w.die(err)
			return
		}
	}
}

// next waits for a job, and hands batches on meanwhile.
func (a *applier) next() *job {
	for {
		var timer <-chan time.Time
		if len(a.cur.Rows) > 0 && a.ready {
			hold := a.hold()
			if hold <= 0 {
				if a.flush() != nil {
					return nil
				}
				continue
			}
			a.timer.Reset(hold)
			timer = a.timer.C
		}
		jobs := a.w.jobs
		if a.full() {
			jobs = nil
		}
		select {
		case j := <-jobs:
			return j
		case <-a.w.ready:
			a.free()
		case <-timer:
		case <-a.w.dead:
			return nil
		}
	}
}

// busyFrom is how many entries two commits together have where waiting for more is worth it.
const busyFrom = 32

// hold is how long the batch in hand waits although the committer is idle. A sync costs the same
// for one entry and for many, and those who were just answered are about to send again: without
// waiting for them they would share the disk by turns, half of them in every batch.
func (a *applier) hold() time.Duration {
	about := a.lately[0] + a.lately[1]
	if about < busyFrom || len(a.cur.Rows) >= about || a.full() {
		return 0
	}
	return min(a.took/2, a.w.cfg.BatchTime) - time.Since(a.idle)
}

// free notes that the committer takes the next batch.
func (a *applier) free() {
	a.ready, a.idle = true, time.Now()
	if !a.sentAt.IsZero() {
		a.took += (a.idle.Sub(a.sentAt) - a.took) / 4
	}
}

// whileBusy is how many times as much the batch in hand may have while the committer is busy. It
// would wait for that anyway, and a sync costs the same for many: a slow disk gets larger batches.
const whileBusy = 4

// full reports whether the batch in hand has as much as one commit takes.
func (a *applier) full() bool {
	n := len(a.cur.Rows)
	if !a.ready {
		return n >= whileBusy*a.w.cfg.BatchMax
	}
	return n >= a.w.cfg.BatchMax || n > 0 && time.Since(a.cur.since) > a.w.cfg.BatchTime
}

// turn begins the next batch. The rows of those that are not durable yet stay at hand for
// retractions.
func (a *applier) turn() {
	if a.cur != nil {
		a.size = max(len(a.cur.arena), a.size/2)
		a.sent = append(a.sent, a.cur)
		if len(a.sent) > 3 {
			a.sent = append(a.sent[:0], a.sent[1:]...) // the committer holds one; older ones are durable
		}
	}
	a.cur = &batch{Batch: store.Batch{Epoch: a.epoch, After: a.chain.Seq}}
	a.cur.arena = make([]byte, 0, a.size+a.size/8)
}

// flush hands the batch in hand to the committer as soon as that is free.
func (a *applier) flush() error {
	if len(a.cur.Rows) == 0 && a.cur.barrier == nil && a.cur.save == nil {
		return nil
	}
	if !a.ready {
		select {
		case <-a.w.ready:
			a.free()
		case <-a.w.dead:
			return a.w.failure()
		}
	}
	select {
	case a.w.batches <- a.cur:
	case <-a.w.dead:
		return a.w.failure()
	}
	a.ready, a.sentAt = false, time.Now()
	if n := len(a.cur.Rows); n > 0 {
		a.lately = [2]int{a.lately[1], n}
	}
	a.turn()
	return nil
}

// sync waits until everything that was applied is durable.
func (a *applier) sync() error {
	done := make(chan struct{})
	a.cur.barrier = done
	if err := a.flush(); err != nil {
		return err
	}
	select {
	case <-done:
		return nil
	case <-a.w.dead:
		return a.w.failure()
	}
}

// job applies what came. A panic of the engine is a bug of ours; the record that it broke on is
// put aside and everything else goes on (decision D13).
func (a *applier) job(j *job) error {
	for i := range j.inputs {
		in := &j.inputs[i]
		if j.plan != a.plan {
			in.decode(a.decoder)
		} else if i%engine.Ahead == 0 && a.pending == nil {
			a.foresee(j.inputs[i:])
		}
		if err := a.input(in); err != nil {
			return err
		}
		if a.full() {
			if err := a.flush(); err != nil {
				return err
			}
		}
	}
	if j.advance != 0 {
		if err := a.protect(func() { a.eng.Advance(j.advance, a.emit) }); err != nil {
			return fmt.Errorf("what fell due up to %d: %w", j.advance, err)
		}
	}
	a.publishDue()
	if err := a.snapshot(); err != nil {
		return err
	}
	if j.task != nil {
		return a.task(j.task)
	}
	return nil
}

// foresee tells the engine what comes next. A record that it breaks on breaks in its own turn too.
func (a *applier) foresee(in []input) {
	a.coming = a.coming[:0]
	for i := range in[:min(len(in), engine.Ahead)] {
		a.coming = append(a.coming, in[i].rec)
	}
	if a.protect(func() { a.eng.Foresee(a.coming) }) != nil {
		a.eng.Foresee(nil)
	}
}

// task runs a task when all is durable, and answers when what it applied is too. One that panics
// ends the workspace, which is opened again by whoever asks next, and not the whole program.
func (a *applier) task(r *request) error {
	if err := a.sync(); err != nil {
		return err
	}
	if err := a.protect(func() { r.err = r.task(a) }); err != nil {
		return err
	}
	if err := a.sync(); err != nil {
		return err
	}
	a.publishDue()
	r.done <- struct{}{}
	return nil
}

// publishDue tells the sequencer what falls due next.
func (a *applier) publishDue() {
	a.w.inForce.Store(a.plan.policy)
	due, ok := a.eng.NextDue()
	if !ok {
		due = noDue
	}
	if a.w.due.Swap(due) != due {
		select {
		case a.w.woken <- struct{}{}:
		default:
		}
	}
}

// input applies one record, after the policy's activation where that waits for it.
func (a *applier) input(in *input) error {
	if p := a.pending; p != nil {
		a.pending = nil
		if err := a.activate(p, in.moment); err != nil {
			return err
		}
		in.decode(a.decoder)
	}
	err := a.protect(func() { a.record(in) })
	if lost := a.found(nil); lost != nil {
		return lost
	}
	if err == nil {
		return nil
	}
	return a.quarantine(in, err)
}

func (a *applier) record(in *input) {
	if in.moment == 0 {
		in.moment = a.eng.Now()
	}
	e := engine.Entry{Kind: decision.Record, Moment: in.moment, Record: in.rec}
	if a.retracts(in.rec) {
		e.Prior = a.prior(in.rec)
	}
	a.in = in
	a.eng.Apply(&e, a.emit)
}

// protect turns a panic of the engine into an error.
func (a *applier) protect(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &PanicError{What: fmt.Sprint(r), Stack: debug.Stack()}
		}
	}()
	f()
	return nil
}

// take adds an entry that the engine emitted to the batch in hand.
func (a *applier) take(x *engine.Entry, d *decision.Decision) {
	if x.Cause == 0 && x.Kind == decision.Tick && a.full() && !a.recovering {
		// What falls due at once for many subjects is committed in pieces; a crash in between
		// resumes where the log ends, because the rest is still due.
		if a.flush() != nil {
			return // the workspace is dead and nobody will see what is missing
		}
	}
	b := a.cur
	if len(b.Rows) == 0 {
		b.since = time.Now()
	}
	e := store.Entry{Kind: uint8(x.Kind), Depth: uint8(min(x.Depth, 255)), Moment: x.Moment,
		Cause: x.Cause, Semantics: engine.Semantics, Policy: a.plan.hash}
	var r store.Row
	switch x.Kind {
	case decision.Record:
		e.Flags = a.in.flags
		r.Payload = a.salted(func(dst []byte) []byte { return append(dst, a.in.line...) })
	case decision.Step:
		r.Payload = a.salted(func(dst []byte) []byte { return appendStep(dst, x.Step) })
	case decision.Activate, decision.Command, decision.Erase:
		r.Payload = a.salted(func(dst []byte) []byte { return append(dst, a.given...) })
		b.Policy = a.files
	}
	r.Decision = a.salted(func(dst []byte) []byte { return a.plan.codec.AppendDecision(dst, d) })
	from := len(b.arena)
	if b.arena = a.plan.codec.AppendWhy(b.arena, d); len(b.arena) > from {
		r.Why = b.arena[from:len(b.arena):len(b.arena)]
	}
	if a.w.cfg.Deliver {
		r.Outbox = outbox(d)
	}
	b.arena = a.chain.Seal(&e, &r, b.arena)
	if r.Seq != x.Seq {
		panic(fmt.Sprintf("runtime: the engine's seq %d follows %d in the log", x.Seq, r.Seq-1))
	}
	b.Rows = append(b.Rows, r)
	if x.Kind == decision.Record {
		a.answer(r, d)
	}
}

// salted appends a salt and what is committed to with it.
func (a *applier) salted(add func([]byte) []byte) []byte {
	b := a.cur
	from := len(b.arena)
	b.arena = add(a.chain.Salt(b.arena))
	return b.arena[from:len(b.arena):len(b.arena)]
}

// answer fills in what the record's sender is told once the batch is durable.
func (a *applier) answer(r store.Row, d *decision.Decision) {
	in := a.in
	if in.of != nil {
		in.of.answers[in.n] = Answer{Seq: r.Seq, Moment: d.Moment, Outcome: d.Outcome,
			stored: store.Unsalt(r.Decision), plan: a.plan}
	}
	a.cur.inputs = append(a.cur.inputs, *in)
}
