package runtime

import (
	"crypto/sha256"
	"hash"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime/store"
)

// chore is what the committer writes between batches, piece by piece.
type chore interface {
	// piece writes the next piece and reports whether it was the last.
	piece(log Log) (done bool, err error)
}

// saving is a snapshot on its way to the store, with the run of ids that goes with it. It counts
// only when its last piece is written.
type saving struct {
	runSaving
	head  store.Snapshot
	state []byte
	sum   hash.Hash
	saved bool
	erase []uint64 // what is not needed any more once it counts
}

// snapshot takes a snapshot where the last one is long ago. The state is copied out between two
// jobs; the committer writes it between batches. Ids go to disk more often, so that what is held of
// them does not grow: alone, or with a snapshot where the runs on disk are another engine's.
func (a *applier) snapshot() error {
	if a.w.cfg.ReadOnly {
		return nil
	}
	every := a.w.cfg.SnapshotEvery
	many := uint64(a.eng.Remembered()) > max(every/4, 1)
	switch {
	case a.chain.Seq-a.saved >= every, many && a.ids.end == 0:
		a.cur.save = a.save()
	case many:
		s := a.ids.saving(a.ids.freeze(a.eng))
		a.cur.save = &s
	default:
		return nil
	}
	return a.flush()
}

func (a *applier) save() *saving {
	a.saved, a.rows = a.chain.Seq, nil
	run := a.ids.saving(a.ids.freeze(a.eng)) // before the state, which then has no ids
	return &saving{
		head: store.Snapshot{Semantics: engine.Semantics, Seq: a.chain.Seq, Head: a.chain.Head,
			Policy: a.plan.hash, Calendar: a.plan.calendar},
		state: a.eng.AppendSnapshot(nil), sum: sha256.New(), runSaving: run,
	}
}

// finish writes a snapshot before the workspace closes, where replaying would take long. That can
// be so of a short log, since one entry may look at every entity. A snapshot is as large as the log
// is long, so it is worth writing again when an eighth of the log is new.
func (a *applier) finish() error {
	const fewest = 1000
	worth := min(a.w.cfg.SnapshotEvery/8, max(a.chain.Seq/8, fewest))
	if n := a.chain.Seq - a.saved; !a.w.cfg.ReadOnly && n >= max(worth, 1) {
		a.cur.save = a.save()
	}
	return a.sync()
}

// piece writes the next piece and reports whether it was the last.
func (s *saving) piece(log Log) (done bool, err error) {
	switch {
	case len(s.state) > 0:
		n := min(len(s.state), store.SectionSize)
		s.sum.Write(s.state[:n])
		err := log.PutSection(s.head.Seq, int(s.head.Sections), s.state[:n])
		s.head.Size += uint64(n)
		s.head.Sections++
		s.state = s.state[n:]
		return false, err
	case s.saved:
		return s.runSaving.piece(log)
	case s.page < int(s.run.Pages):
		return false, s.pages(log)
	}
	s.sum.Sum(s.head.State[:0])
	s.saved = true
	return s.count(func(r *store.Run) error { return log.Save(&s.head, r, s.erase) })
}
