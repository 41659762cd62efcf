package runtime

import (
	"crypto/sha256"
	"hash"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime/store"
)

// saving is a snapshot on its way to the store, piece by piece, with the run of ids that goes with
// it. It counts only when its last piece is written.
type saving struct {
	head  store.Snapshot
	state []byte
	sum   hash.Hash
	run   *idRun
	page  int
	pages hash.Hash // of the run's, as they were written
	erase []uint64  // what is not needed any more once it counts
	ids   *ids
}

// snapshot takes a snapshot where the last one is long ago. The state is copied out between two
// jobs; the committer writes it between batches.
func (a *applier) snapshot() error {
	if a.w.cfg.ReadOnly || a.chain.Seq-a.saved < a.w.cfg.SnapshotEvery {
		return nil
	}
	a.cur.save = a.save()
	return a.flush()
}

func (a *applier) save() *saving {
	a.saved = a.chain.Seq
	return &saving{
		head: store.Snapshot{Semantics: engine.Semantics, Seq: a.chain.Seq, Head: a.chain.Head,
			Policy: a.plan.hash, Calendar: a.plan.calendar},
		state: a.eng.AppendSnapshot(nil), sum: sha256.New(), run: a.ids.freeze(a.chain.Seq),
		ids: a.ids, pages: sha256.New(),
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

// pagesAPiece is how many pages of ids are written at once.
const pagesAPiece = 64

// piece writes the next piece and reports whether it was the last.
func (s *saving) piece(log Log) (done bool, err error) {
	if len(s.state) > 0 {
		n := min(len(s.state), store.SectionSize)
		s.sum.Write(s.state[:n])
		err := log.PutSection(s.head.Seq, int(s.head.Sections), s.state[:n])
		s.head.Size += uint64(n)
		s.head.Sections++
		s.state = s.state[n:]
		return false, err
	}
	if s.run != nil && s.page < int(s.run.Pages) {
		for range min(pagesAPiece, int(s.run.Pages)-s.page) {
			b := s.run.page(s.page)
			s.pages.Write(b)
			if err := log.PutPage(s.run.ID, s.page, b); err != nil {
				return false, err
			}
			s.page++
		}
		return false, nil
	}
	s.sum.Sum(s.head.State[:0])
	var run *store.Run
	if s.run != nil {
		run = &s.run.Run
		run.Sum = run.Seal(store.Hash(s.pages.Sum(nil)))
	}
	if err := log.Save(&s.head, run, s.erase); err != nil {
		return false, err
	}
	if s.run != nil {
		s.ids.settled(s.run)
	}
	return true, nil
}
