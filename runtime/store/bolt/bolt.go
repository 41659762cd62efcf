// Package bolt keeps a workspace's log in one bbolt file. It fulfils the contract of package store.
package bolt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/throughline/throughline/runtime/store"
)

// Options adjust how a file is opened. The zero value makes the file where there is none.
type Options struct {
	MustExist bool  // a file that is not there is an error
	ReadOnly  bool  // many readers may share it while nobody writes
	Inspect   bool  // every page is looked at, also where the file was closed well
	MaxSize   int64 // bytes the file may grow to; 0: as the disk allows
}

// Log is a log in a file. Append and what else writes are for one goroutine at a time; reading is
// for any number.
type Log struct {
	path  string
	db    *bbolt.DB
	epoch uint64
	last  uint64
	tail  store.Tail
	why   []byte // the batch's packed receipts
	clean bool   // closing lists the free pages, which spares the next opening a look at all

	reading sync.RWMutex // held to read; to overwrite what is deleted, nobody reads

	mu     sync.Mutex
	broken error // a write failed: what is on disk is known only after opening again
}

// Claim makes this process the writer and returns its epoch: batches of earlier ones are refused.
func (l *Log) Claim() (uint64, error) {
	err := l.update(l.last+1, func(tx *bbolt.Tx) error {
		meta := bucketMeta.in(tx)
		epoch := uint64(1)
		if b := meta.Get(metaEpoch); len(b) >= 8 {
			epoch = binary.BigEndian.Uint64(b) + 1
		}
		l.epoch = epoch
		return meta.Put(metaEpoch, summedKey(epoch))
	})
	return l.epoch, err
}

// Last returns the seq of the last entry, 0 of an empty log.
func (l *Log) Last() uint64 { return l.tail.Last() }

// Watch waits until the log ends after seq and returns where it does.
func (l *Log) Watch(ctx context.Context, seq uint64) (uint64, error) {
	return l.tail.Watch(ctx, seq)
}

// Append makes a batch durable. After an error other than a ConflictError the log takes nothing
// any more and has to be opened again.
func (l *Log) Append(b *store.Batch) error {
	if err := l.failed(); err != nil {
		return err
	}
	if err := b.Check(l.epoch, l.last); err != nil {
		return err
	}
	if err := l.update(b.After+1, func(tx *bbolt.Tx) error { return l.put(tx, b) }); err != nil {
		return err
	}
	l.last = b.Last()
	l.tail.Move(l.last)
	return nil
}

func (l *Log) put(tx *bbolt.Tx, b *store.Batch) error {
	if b.Policy != nil {
		if err := bucketPolicies.in(tx).Put(b.Policy.Hash[:], b.Policy.Files); err != nil {
			return err
		}
	}
	if err := putRows(tx, b.Rows); err != nil {
		return err
	}
	if n := len(b.Rows); n > 0 {
		head := store.HashEntry(b.Rows[n-1].Entry)
		if err := bucketMeta.in(tx).Put(metaHead, append(keyOf(b.Last()), head[:]...)); err != nil {
			return err
		}
	}
	if err := l.putWhy(tx, b); err != nil {
		return err
	}
	for i := range b.Redact {
		x := &b.Redact[i]
		if err := bucketKept.in(tx).Put(keyOf(x.Seq), x.Kept); err != nil {
			return err
		}
	}
	return nil
}

func putRows(tx *bbolt.Tx, rows []store.Row) error {
	entries, payloads, decisions := bucketEntries.in(tx), bucketPayloads.in(tx), bucketDecisions.in(tx)
	outbox := bucketOutbox.in(tx)
	keys := make([]byte, 0, 8*len(rows))
	for i := range rows {
		r := &rows[i]
		keys = binary.BigEndian.AppendUint64(keys, r.Seq)
		key := keys[len(keys)-8:]
		if err := entries.Put(key, r.Entry); err != nil {
			return err
		}
		if r.Payload != nil {
			if err := payloads.Put(key, r.Payload); err != nil {
				return err
			}
		}
		if err := decisions.Put(key, r.Decision); err != nil {
			return err
		}
		for n, effect := range r.Outbox {
			if err := outbox.Put(keyOfPart(r.Seq, n), effect); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Log) putWhy(tx *bbolt.Tx, b *store.Batch) error {
	l.why = l.why[:0]
	first := b.After + 1
	for i := range b.Rows {
		if r := &b.Rows[i]; r.Why != nil {
			l.why = appendWhy(l.why, r.Seq-first, r.Why)
		}
	}
	if len(l.why) == 0 {
		return nil
	}
	return putPack(tx, first, l.why)
}

// putPack stores packed receipts with their sum. They are not in the chain: they may be thinned.
func putPack(tx *bbolt.Tx, first uint64, packed []byte) error {
	key := keyOf(first)
	if err := bucketWhy.in(tx).Put(key, packed); err != nil {
		return err
	}
	return bucketSums.in(tx).Put(key, sumOf(packed))
}

// erase deletes what can say something about somebody: payload, decision, receipts, and what waits
// to be sent.
func erase(tx *bbolt.Tx, seq uint64) error {
	key := keyOf(seq)
	if err := bucketPayloads.in(tx).Delete(key); err != nil {
		return err
	}
	if err := bucketDecisions.in(tx).Delete(key); err != nil {
		return err
	}
	for c := bucketOutbox.in(tx).Cursor(); ; {
		if k, _ := c.Seek(key); k == nil || seqOf(k) != seq {
			return eraseWhy(tx, seq)
		}
		if err := c.Delete(); err != nil {
			return err
		}
	}
}

func eraseWhy(tx *bbolt.Tx, seq uint64) error {
	b := bucketWhy.in(tx)
	k, packed := packAt(b.Cursor(), seq)
	if k == nil {
		return nil
	}
	first := seqOf(k)
	var kept []byte
	for p := (pack{first, packed}); len(p.rest) > 0; {
		at, why, err := p.next()
		if err != nil {
			return err
		}
		if at != seq {
			kept = appendWhy(kept, at-first, why)
		}
	}
	if len(kept) == len(packed) {
		return nil
	}
	return putPack(tx, first, kept)
}

// packAt finds the pack that would hold an entry's receipts.
func packAt(c *bbolt.Cursor, seq uint64) (key, packed []byte) {
	k, v := c.Seek(keyOf(seq))
	if k == nil {
		k, v = c.Last()
	} else if seqOf(k) > seq {
		k, v = c.Prev()
	}
	return k, v
}

// Policy returns the files of a policy that was activated, nil where there was none of that hash.
func (l *Log) Policy(hash store.Hash) (files []byte, err error) {
	err = l.view(func(tx *bbolt.Tx) error {
		if b := bucketPolicies.in(tx).Get(hash[:]); b != nil {
			files = append([]byte{}, b...)
		}
		return nil
	})
	return files, err
}

// Close gives the file free. Whoever watches is told.
func (l *Log) Close() error {
	var err error
	if l.clean && l.failed() == nil {
		l.db.NoFreelistSync = false
		err = l.update(l.last, func(*bbolt.Tx) error { return nil })
	}
	l.fail(store.ErrClosed)
	if err = errors.Join(err, l.db.Close()); err != nil {
		return fmt.Errorf("close %s: %w", l.path, err)
	}
	return nil
}

func (l *Log) failed() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.broken
}

func (l *Log) fail(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken == nil {
		l.broken = why
	}
	l.tail.End(l.broken)
}

// update runs a writing transaction. bbolt leaves memory and disk apart when a commit fails, so
// nothing is written after that.
func (l *Log) update(seq uint64, f func(*bbolt.Tx) error) error {
	if err := l.failed(); err != nil {
		return err
	}
	err := guard(func() error { return l.db.Update(f) })
	if err == nil {
		return nil
	}
	err = &store.WriteError{Path: l.path, Seq: seq, Why: reason(err)}
	l.fail(err)
	return err
}

func (l *Log) view(f func(*bbolt.Tx) error) error {
	l.reading.RLock()
	defer l.reading.RUnlock()
	err := guard(func() error { return l.db.View(f) })
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return fmt.Errorf("read %s: %w", l.path, store.ErrClosed)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", l.path, err)
	}
	return nil
}

// reason translates what the system or bbolt says into why a log cannot be used.
func reason(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT),
		errors.Is(err, syscall.EFBIG), errors.Is(err, bolterrors.ErrMaxSizeReached),
		strings.Contains(err.Error(), "file resize error"): // bbolt does not wrap what it met
		return fmt.Errorf("%w: %w", store.ErrFull, err)
	case errors.Is(err, bolterrors.ErrDatabaseReadOnly), errors.Is(err, syscall.EROFS),
		errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%w: %w", store.ErrReadOnly, err)
	case errors.Is(err, bolterrors.ErrDatabaseNotOpen):
		return store.ErrClosed
	}
	return err
}
