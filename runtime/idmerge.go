package runtime

import (
	"crypto/sha256"
	"hash"

	"github.com/throughline/throughline/runtime/store"
)

// runSaving writes a run of ids, and then merges the last runs as long as that is worth it.
type runSaving struct {
	ids   *ids
	run   *idRun
	page  int
	sum   hash.Hash // of the pages, as they were written
	merge *merging  // nil: the run itself is being written
}

// pagesAPiece is how many pages of ids are written at once.
const pagesAPiece = 64

func (s *ids) saving(r *idRun) runSaving { return runSaving{ids: s, run: r, sum: sha256.New()} }

// piece writes the next piece of a run that no snapshot goes with.
func (s *runSaving) piece(log Log) (done bool, err error) {
	if s.merge == nil {
		if s.page < int(s.run.Pages) {
			return false, s.pages(log)
		}
		return s.count(func(r *store.Run) error { return log.SaveRun(r) })
	}
	return s.merged(log)
}

// pages writes some pages.
func (s *runSaving) pages(log Log) error {
	var list [][]byte
	for i := s.page; i < min(s.page+pagesAPiece, int(s.run.Pages)); i++ {
		b := s.run.page(i)
		s.sum.Write(b)
		list = append(list, b)
	}
	err := log.PutPages(s.run.ID, s.page, list)
	s.page += len(list)
	return err
}

// count makes the run count, and reports whether that is all.
func (s *runSaving) count(save func(*store.Run) error) (done bool, err error) {
	err = s.ids.stored(s.run, func() error {
		s.run.Sum = s.run.Seal(store.Hash(s.sum.Sum(nil)))
		return save(&s.run.Run)
	})
	return s.more(), err
}

// more begins a merge where one is due, and reports whether none is.
func (s *runSaving) more() bool {
	s.merge = nil
	if ripe := s.ids.ripe(); ripe != nil {
		s.merge = newMerging(s.ids, ripe)
	}
	return s.merge == nil
}

// merged writes the next piece of a merge.
func (s *runSaving) merged(log Log) (done bool, err error) {
	m := s.merge
	if m.page < int(m.out.Pages) {
		return false, m.piece(log)
	}
	err = s.ids.stored(m.out, func() error {
		m.out.Sum = m.out.Seal(store.Hash(m.sum.Sum(nil)))
		return log.SaveRun(&m.out.Run)
	})
	return s.more(), err
}

// merging makes one run of several that follow one another, a piece at a time: what it holds of
// them is a page each.
type merging struct {
	from []*reading
	out  *idRun
	page int
	sum  hash.Hash
}

// reading is how far a run was read.
type reading struct {
	run  *idRun
	page int
	left []idSeq
}

func newMerging(s *ids, list []*idRun) *merging {
	head := store.Run{ID: s.number.Add(1), From: list[0].From, To: list[len(list)-1].To}
	m := &merging{sum: sha256.New()}
	n := uint64(0)
	for _, r := range list {
		n += r.Count
		m.from = append(m.from, &reading{run: r})
	}
	m.out = sizedRun(head, int(n))
	return m
}

func (m *merging) piece(log Log) error {
	var list [][]byte
	for len(list) < pagesAPiece && m.page+len(list) < int(m.out.Pages) {
		b, err := m.next(log, m.page+len(list))
		if err != nil {
			return err
		}
		m.sum.Write(b)
		list = append(list, b)
	}
	err := log.PutPages(m.out.ID, m.page, list)
	m.page += len(list)
	return err
}

// next makes a page.
func (m *merging) next(log Log, page int) ([]byte, error) {
	if ids := int(m.out.Pages - m.out.Filters); page >= ids {
		return m.out.filterPage(page - ids), nil
	}
	var list []idSeq
	for len(list) < pageIDs {
		x, ok, err := m.least(log)
		if err != nil || !ok {
			if err == nil && len(list) == 0 {
				err = &store.DamageError{Seq: m.out.To, What: "a run of ids is shorter than it says"}
			}
			if err != nil {
				return nil, err
			}
			break
		}
		m.out.add(x)
		list = append(list, x)
	}
	return idPage(list), nil
}

// least takes the next id of all.
func (m *merging) least(log Log) (x idSeq, ok bool, err error) {
	var first *reading
	for _, r := range m.from {
		if err := r.fill(log); err != nil {
			return x, false, err
		}
		if len(r.left) > 0 && (first == nil || compareIDs(r.left[0], first.left[0]) < 0) {
			first = r
		}
	}
	if first == nil {
		return x, false, nil
	}
	x, first.left = first.left[0], first.left[1:]
	return x, true, nil
}

// fill reads the next page where the last one is used up.
func (r *reading) fill(log Log) error {
	for len(r.left) == 0 && r.page < len(r.run.fences) {
		b, err := log.Page(r.run.ID, r.page)
		if err != nil {
			return err
		}
		r.page++
		for x := range idsOn(b) {
			r.left = append(r.left, x)
		}
	}
	return nil
}
