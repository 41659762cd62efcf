package bolt

import (
	"bytes"
	"errors"
	"io"
	"os"

	"go.etcd.io/bbolt"

	"github.com/throughline/throughline/runtime/store"
)

// keptSnapshots is how many are kept: the newest, and the one before should that be damaged.
const keptSnapshots = 2

// PutSection stores one section of a snapshot. It counts for nothing until Save.
func (l *Log) PutSection(seq uint64, i int, b []byte) error {
	return l.update(seq, func(tx *bbolt.Tx) error {
		return bucketSections.in(tx).Put(keyOfPart(seq, i), b)
	})
}

// PutPages stores pages of a run of ids. They count for nothing until Save or SaveRun.
func (l *Log) PutPages(run uint64, from int, list [][]byte) error {
	return l.update(l.last, func(tx *bbolt.Tx) error {
		for i, b := range list {
			if err := bucketPages.in(tx).Put(keyOfPart(run, from+i), b); err != nil {
				return err
			}
		}
		return nil
	})
}

// Save makes a snapshot and the run of ids written with it count, and drops what is superseded:
// all but two snapshots, sections of none, runs that this one covers, and snapshots after the entry
// it begins with, whose ids those were. What is to be erased goes with all snapshots before, which
// may hold it, and nothing of it stays in the file.
func (l *Log) Save(s *store.Snapshot, r *store.Run, erased []uint64) error {
	most := keptSnapshots
	if len(erased) > 0 {
		most = 1
	}
	err := l.update(s.Seq, func(tx *bbolt.Tx) error {
		for _, seq := range erased {
			if err := erase(tx, seq); err != nil {
				return err
			}
		}
		if r != nil {
			if err := putRun(tx, r); err != nil {
				return err
			}
		}
		heads := bucketHeads.in(tx)
		if err := heads.Put(keyOf(s.Seq), s.Append(nil)); err != nil {
			return err
		}
		keep := map[uint64]bool{}
		c := heads.Cursor()
		for k, _ := c.Last(); k != nil && len(keep) < most; k, _ = c.Prev() {
			if seq := seqOf(k); seq == s.Seq || r == nil || seq <= r.From {
				keep[seq] = true
			}
		}
		counts := func(seq uint64) bool { return keep[seq] }
		if err := sweep(tx, bucketHeads, counts); err != nil {
			return err
		}
		return sweep(tx, bucketSections, counts)
	})
	if err == nil && len(erased) > 0 {
		err = l.scrub(s.Seq)
	}
	return err
}

// scrub overwrites the pages that are free. bbolt leaves on them what it deletes until it needs
// them again. Nobody reads meanwhile: a reader keeps the pages that were there when it began.
func (l *Log) scrub(seq uint64) error {
	l.reading.Lock()
	defer l.reading.Unlock()
	f, err := os.OpenFile(l.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	size := int64(l.db.Info().PageSize)
	empty, page := make([]byte, size), make([]byte, size)
	// The pages of the commit before are free from the next writing transaction on.
	err = l.update(seq, func(tx *bbolt.Tx) error {
		for id := int64(firstOfOurs); id < tx.Size()/size; id++ {
			info, err := tx.Page(int(id))
			if err != nil || info == nil || info.Type != "free" {
				if err != nil {
					return err
				}
				continue
			}
			if _, err := f.ReadAt(page, id*size); err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			if bytes.Equal(page, empty) {
				continue
			}
			if _, err := f.WriteAt(empty, id*size); err != nil {
				return err
			}
		}
		return f.Sync()
	})
	return errors.Join(err, f.Close())
}

// SaveRun makes a run count that holds all of the runs it covers, and drops those.
func (l *Log) SaveRun(r *store.Run) error {
	return l.update(r.To, func(tx *bbolt.Tx) error {
		return putRun(tx, r)
	})
}

// putRun has a run count, instead of those that it covers.
func putRun(tx *bbolt.Tx, r *store.Run) error {
	if err := bucketRuns.in(tx).Put(keyOf(r.ID), r.Append(nil)); err != nil {
		return err
	}
	var covered []uint64
	err := bucketRuns.in(tx).ForEach(func(_, v []byte) error {
		var old store.Run
		err := old.Decode(v)
		if old.ID != r.ID && r.Covers(&old) {
			covered = append(covered, old.ID)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range covered {
		if err := bucketRuns.in(tx).Delete(keyOf(id)); err != nil {
			return err
		}
		if err := dropPages(tx, id); err != nil {
			return err
		}
	}
	return nil
}

// dropPages deletes the pages of a run.
func dropPages(tx *bbolt.Tx, run uint64) error {
	var drop [][]byte
	c := bucketPages.in(tx).Cursor()
	for k, _ := c.Seek(keyOfPart(run, 0)); k != nil && seqOf(k) == run; k, _ = c.Next() {
		drop = append(drop, k)
	}
	for _, k := range drop {
		if err := bucketPages.in(tx).Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// sweep deletes the parts of what no longer counts.
func sweep(tx *bbolt.Tx, b bucket, keep func(uint64) bool) error {
	c := b.in(tx).Cursor()
	var drop [][]byte
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		if !keep(seqOf(k)) {
			drop = append(drop, k)
		}
	}
	for _, k := range drop {
		if err := b.in(tx).Delete(k); err != nil {
			return err
		}
	}
	return nil
}
