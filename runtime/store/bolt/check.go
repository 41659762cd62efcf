package bolt

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/throughline/throughline/runtime/store"
)

// Check looks at everything beside the chain: that no row stands where none belongs, and that what
// the chain does not commit to, receipts, snapshots and ids, is what was written. The chain is
// store.Verify's. Nobody writes meanwhile.
func (l *Log) Check() error {
	return l.view(func(tx *bbolt.Tx) error {
		for _, f := range []func(*bbolt.Tx) error{
			l.checkMeta, l.checkKeys, checkSums, l.checkSnapshots, l.checkRuns,
		} {
			if err := f(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", store.ErrDamaged, fmt.Sprintf(format, args...))
}

func (l *Log) checkMeta(tx *bbolt.Tx) error {
	err := bucketMeta.each(tx, func(k, v []byte) error {
		switch {
		case bytes.Equal(k, metaFormat), bytes.Equal(k, metaHead): // looked at on opening
			return nil
		case bytes.Equal(k, metaEpoch) && len(v) >= 8 &&
			(len(v) == 8 || bytes.Equal(v, summedKey(seqOf(v)))):
			return nil
		}
		return damaged("%q in the meta bucket is not what was written", k)
	})
	if err != nil {
		return err
	}
	if bucketMeta.in(tx).Get(metaHead) == nil && bucketSums.any(tx) {
		return damaged("the last entry's hash is missing")
	}
	return tx.ForEach(func(name []byte, found *bbolt.Bucket) error {
		if found == nil {
			return damaged("%q is no bucket", name)
		}
		for _, b := range append(buckets(), laterBuckets()...) {
			if string(name) == string(b) {
				return nil
			}
		}
		return damaged("there is no bucket %q", name)
	})
}

func (b bucket) any(tx *bbolt.Tx) bool {
	found := tx.Bucket([]byte(b))
	if found == nil {
		return false
	}
	k, _ := found.Cursor().First()
	return k != nil
}

// checkKeys checks that what stands beside the entries stands beside one.
func (l *Log) checkKeys(tx *bbolt.Tx) error {
	beside := []bucket{bucketEntries, bucketPayloads, bucketDecisions, bucketWhy, bucketOutbox,
		bucketKept}
	for _, b := range beside {
		next := []byte(nil) // of an entry's effects, which are numbered
		err := b.each(tx, func(k, _ []byte) error {
			long := 8
			if b == bucketOutbox {
				long = 12
			}
			seq := seqOf(k)
			if len(k) != long || seq == 0 || seq > l.last {
				return damaged("%s has a row %x that belongs to no entry", b, k)
			}
			if b != bucketOutbox {
				return nil
			}
			if !bytes.Equal(k, next) && !bytes.Equal(k, keyOfPart(seq, 0)) {
				return damaged("%s has a row %x and none before it", b, k)
			}
			next = keyOfPart(seq, int(binary.BigEndian.Uint32(k[8:]))+1)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// checkSums checks packed receipts. Packs from before there were sums have none.
func checkSums(tx *bbolt.Tx) error {
	sums := tx.Bucket([]byte(bucketSums))
	if sums == nil {
		return nil
	}
	first, _ := sums.Cursor().First()
	since := seqOf(first)
	err := bucketWhy.each(tx, func(k, v []byte) error {
		sum := sums.Get(k)
		if sum == nil && (first == nil || seqOf(k) < since) {
			return nil
		}
		if !bytes.Equal(sum, sumOf(v)) {
			return &store.DamageError{Seq: seqOf(k), What: "receipts are not those that were written"}
		}
		return nil
	})
	if err != nil {
		return err
	}
	why := bucketWhy.in(tx)
	return bucketSums.each(tx, func(k, _ []byte) error {
		if why.Get(k) == nil {
			return &store.DamageError{Seq: seqOf(k), What: "receipts are missing"}
		}
		return nil
	})
}

// checkSnapshots checks the snapshots that count. Sections of none are what is left of one that
// was not finished; nobody reads them and the next one sweeps them away.
func (l *Log) checkSnapshots(tx *bbolt.Tx) error {
	return bucketHeads.each(tx, func(k, v []byte) error {
		var s store.Snapshot
		if err := s.Decode(v); err != nil {
			return damaged("snapshot %d: %v", seqOf(k), err)
		}
		if len(k) != 8 || seqOf(k) != s.Seq || s.Seq > l.last {
			return damaged("snapshot %d stands at %x", s.Seq, k)
		}
		if _, err := store.LoadState(sections{tx}, &s); err != nil {
			return damaged("snapshot %d: %v", s.Seq, err)
		}
		return nil
	})
}

// sections reads within a transaction.
type sections struct{ tx *bbolt.Tx }

func (s sections) Section(seq uint64, i int) ([]byte, error) {
	v := bucketSections.in(s.tx).Get(keyOfPart(seq, i))
	if v == nil {
		return nil, fmt.Errorf("section %d is missing", i)
	}
	return v, nil
}

// checkRuns checks the runs of ids that count.
func (l *Log) checkRuns(tx *bbolt.Tx) error {
	return bucketRuns.each(tx, func(k, v []byte) error {
		var r store.Run
		if err := r.Decode(v); err != nil {
			return damaged("run of ids %x: %v", k, err)
		}
		if len(k) != 8 || seqOf(k) != r.ID || r.To > l.last {
			return damaged("run %d of ids stands at %x", r.ID, k)
		}
		sum := sha256.New()
		for i := range int(r.Pages) {
			v := bucketPages.in(tx).Get(keyOfPart(r.ID, i))
			if v == nil {
				return damaged("page %d of run %d of ids is missing", i, r.ID)
			}
			sum.Write(v)
		}
		if r.Sum != (store.Hash{}) && r.Sum != r.Seal(store.Hash(sum.Sum(nil))) {
			return damaged("run %d of ids is not what was written", r.ID)
		}
		return nil
	})
}
