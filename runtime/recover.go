package runtime

import (
	"errors"
	"fmt"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime/store"
)

// Report says what opening a log found.
type Report struct {
	Snapshot    uint64   // seq of the snapshot it began with; 0: the log's beginning
	Replayed    uint64   // entries after that, decided again and compared
	Differ      uint64   // times that another version came to something else than this; it stays
	First       uint64   // the entry where it first does
	Semantics   uint32   // the version that decided that
	Quarantined []uint64 // records that the engine broke on
	Carried     bool     // the snapshot is another version's: what was erased cannot be decided again
}

// ErrNoPolicy is the error of an empty log that no policy is given for.
var ErrNoPolicy = errors.New("the log is empty and no policy is given")

// ErasedError says that the log cannot be replayed because a record was erased from it.
type ErasedError struct{ Seq uint64 }

// Error names the entry.
func (e *ErasedError) Error() string {
	return fmt.Sprintf("seq %d was erased, and no snapshot after it can be used", e.Seq)
}

// begin makes the state that the log ends with.
func (a *applier) begin() error {
	cfg := &a.w.cfg
	a.emit = a.take
	if !cfg.ReadOnly {
		epoch, err := a.w.log.Claim()
		if err != nil {
			return err
		}
		a.epoch = epoch
	}
	if a.w.log.Last() == 0 {
		if cfg.Policy == nil {
			return ErrNoPolicy
		}
		p, err := a.w.plans.add(cfg.Policy)
		if err != nil {
			return err
		}
		a.pending, a.ids = cfg.Policy, newIDs(a.w.log)
		err = a.adopt(p, nil)
		a.turn()
		return err
	}
	if err := a.recover(); err != nil {
		return err
	}
	if r := &a.w.report; r.Differ > 0 {
		cfg.Notice(&OtherwiseError{r.Differ, r.First, r.Semantics})
	}
	a.silent = nil // of changes long ago
	if cfg.Policy != nil && cfg.Policy.Hash != a.plan.policy.Hash && !cfg.ReadOnly {
		a.pending = cfg.Policy
	}
	return nil
}

// recover rebuilds engine, chain and ids from the newest snapshot and the log after it. A record
// that breaks the engine is quarantined and everything is begun anew, because what the engine
// holds after a panic means nothing.
func (a *applier) recover() error {
	broke := map[uint64]bool{}
	for {
		a.w.report = Report{}
		seq, err := a.tryRecover(broke)
		var bug *PanicError
		var gone *ErasedError
		if errors.As(err, &gone) && !a.lenient {
			// What was erased cannot be decided again: the state that was saved with the erasure is
			// gone on from, though this program would have come to it in another way.
			a.lenient = true
			continue
		}
		if err == nil || !errors.As(err, &bug) || seq == 0 || broke[seq] {
			for s := range broke { //tidy:order one notice each
				a.w.report.Quarantined = append(a.w.report.Quarantined, s)
			}
			return err
		}
		broke[seq] = true
		a.w.cfg.Notice(&QuarantineError{Seq: seq, Why: err})
	}
}

// tryRecover is one attempt; seq is the entry that the engine broke on.
func (a *applier) tryRecover(broke map[uint64]bool) (seq uint64, err error) {
	a.ids = newIDs(a.w.log)
	if err := a.ids.open(); err != nil {
		a.w.cfg.Notice(err) // no snapshot counts without them: the log is replayed
	}
	a.chain, a.eng, a.plan, a.cur, a.sent = store.Chain{}, nil, nil, nil, nil
	a.lost, a.rows, a.keeping, a.unerased = nil, nil, nil, nil
	if err := a.restore(); err != nil {
		return 0, err
	}
	report := &a.w.report
	report.Snapshot, a.saved = a.chain.Seq, a.chain.Seq
	to := a.w.log.Last()
	rows := readRows(a.w.log, rowReader{plans: a.w.plans, chain: a.chain, broke: broke}, to)
	defer rows.stop()
	r := &replay{a: a, rows: rows, report: report, to: to}
	// What is emitted past the end of the log continues the chain from there.
	last, head, err := lastRow(a.w.log, to)
	if err != nil {
		return 0, err
	}
	a.chain = store.Chain{Seq: last, Head: head}
	a.turn()
	a.recovering = true
	defer func() { a.recovering = false }()
	if err := r.run(); err != nil {
		return r.seq, err
	}
	if seq := a.eng.Seq(); seq != a.chain.Seq {
		return 0, &DivergeError{Seq: a.chain.Seq, What: fmt.Sprintf("the engine ends with seq %d", seq)}
	}
	report.Replayed = to - report.Snapshot
	a.w.cfg.Progress(to, to)
	if a.w.cfg.ReadOnly {
		a.cur = &batch{}
	}
	return 0, nil
}

// lastRow returns the hash of an entry.
func lastRow(log reader, seq uint64) (uint64, store.Hash, error) {
	var head store.Hash
	found := false
	err := log.Read(seq, seq, 0, func(r *store.Row) error {
		head, found = store.HashEntry(r.Entry), true
		return nil
	})
	if err == nil && !found {
		err = &store.DamageError{Seq: seq, What: "entry is missing"}
	}
	return seq, head, err
}

// restore loads the newest snapshot that fits the log, the policy's tables and this program. A
// snapshot is a cache: one that does not fit is passed over.
func (a *applier) restore() error {
	heads, err := a.w.log.Snapshots()
	if err != nil {
		return err
	}
	for i := range heads {
		s := &heads[i]
		if s.Semantics != engine.Semantics && !a.lenient || s.Seq == 0 || s.Seq > a.w.log.Last() {
			continue
		}
		p, err := a.w.plans.of(s.Policy)
		if err != nil || p.calendar != s.Calendar && !a.lenient {
			continue
		}
		if _, head, err := lastRow(a.w.log, s.Seq); err != nil || head != s.Head {
			continue
		}
		state, err := store.LoadState(a.w.log, s)
		if err != nil {
			continue
		}
		if a.adopt(p, state) == nil && a.ids.covers(a.eng.Forgot()) {
			a.w.report.Carried = s.Semantics != engine.Semantics || p.calendar != s.Calendar
			a.chain = store.Chain{Seq: s.Seq, Head: s.Head}
			if a.ids.end = a.eng.Forgot(); a.ids.end == 0 {
				a.ids = a.ids.empty()
			}
			return nil
		}
	}
	a.eng, a.plan, a.ids = nil, nil, a.ids.empty()
	return nil
}

// adopt makes a new engine for a plan, with the state of a snapshot where one is given.
func (a *applier) adopt(p *plan, state []byte) error {
	eng, err := a.engine(p)
	if err != nil {
		return err
	}
	if state != nil {
		var bad error
		if err := a.protect(func() { bad = eng.Restore(state) }); err != nil {
			return err
		}
		if bad != nil {
			return bad
		}
	}
	a.use(eng, p)
	return nil
}

func (a *applier) use(eng *engine.Engine, p *plan) {
	a.eng, a.plan, a.decoder, a.second, a.rows = eng, p, p.decoder(), nil, nil
	a.w.plans.current.Store(p)
}

// engine makes an engine that asks for the ids it has forgotten.
func (a *applier) engine(p *plan) (*engine.Engine, error) {
	o := a.w.cfg.Engine
	o.Older = a.older
	return engine.New(p.policy, o)
}

// found adds to an error what went wrong while the engine asked for an id: what it decided then
// must not count.
func (a *applier) found(err error) error {
	err = errors.Join(a.lost, err)
	a.lost = nil
	return err
}
