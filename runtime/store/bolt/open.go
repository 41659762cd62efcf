package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/throughline/throughline/runtime/store"
)

// lockWait is how long somebody else may still hold the file. A database in use answers within a
// second (reference, section 14).
const lockWait = 500 * time.Millisecond

// Open opens a log and makes its file where there is none. Every error is an OpenError.
func Open(path string, o Options) (*Log, error) {
	l, err := open(path, o)
	if err != nil {
		return nil, explain(path, err)
	}
	return l, nil
}

func open(path string, o Options) (*Log, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !o.MustExist && !o.ReadOnly:
		err = create(path)
	case err == nil:
		err = inspect(path, info, o.Inspect)
	}
	if err != nil {
		return nil, err
	}
	l := &Log{path: path, clean: !o.ReadOnly}
	if l.db, err = load(path, o); err != nil {
		return nil, err
	}
	older := false
	err = l.view(func(tx *bbolt.Tx) error {
		older = lacksBuckets(tx)
		return l.begin(tx)
	})
	if err == nil && older && !o.ReadOnly {
		err = l.update(l.last, upgrade)
	}
	if err != nil {
		return nil, errors.Join(err, l.db.Close())
	}
	return l, nil
}

func load(path string, o Options) (db *bbolt.DB, err error) {
	err = guard(func() error {
		db, err = bbolt.Open(path, 0o600, options(o))
		return err
	})
	return db, err
}

// options are bbolt's. The list of free pages is not written with every batch but on closing;
// after a crash it is rebuilt when the file is opened.
func options(o Options) *bbolt.Options {
	return &bbolt.Options{
		Timeout: lockWait, ReadOnly: o.ReadOnly, MaxSize: int(o.MaxSize),
		NoFreelistSync: true, FreelistType: bbolt.FreelistMapType, NoStatistics: true,
	}
}

// begin checks that the file is a log of ours and finds its end.
func (l *Log) begin(tx *bbolt.Tx) error {
	for _, name := range buckets() {
		if tx.Bucket([]byte(name)) == nil {
			return fmt.Errorf("%w: it has no %s", store.ErrForeign, name)
		}
	}
	b := bucketMeta.in(tx).Get(metaFormat)
	if len(b) != 8 {
		return fmt.Errorf("%w: it names no format", store.ErrForeign)
	}
	if n := binary.BigEndian.Uint64(b); n != format {
		return &store.FormatError{What: "database", Found: int(n), Known: format}
	}
	l.last = lastIn(bucketEntries.in(tx))
	l.tail.Move(l.last)
	return l.ends(tx)
}

// ends checks that the last entry is the one that was written last. No entry names it yet.
func (l *Log) ends(tx *bbolt.Tx) error {
	head := bucketMeta.in(tx).Get(metaHead)
	if head == nil {
		return nil // written before heads were kept
	}
	sum := store.HashEntry(bucketEntries.in(tx).Get(keyOf(l.last)))
	if len(head) != 8+store.HashSize || seqOf(head) != l.last || !bytes.Equal(head[8:], sum[:]) {
		return &store.DamageError{Seq: l.last, What: "it is not the entry that was written last"}
	}
	return nil
}

// upgrade makes the buckets that an earlier version did not.
func upgrade(tx *bbolt.Tx) error {
	for _, name := range laterBuckets() {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	return nil
}

func lacksBuckets(tx *bbolt.Tx) bool {
	return slices.ContainsFunc(laterBuckets(), func(b bucket) bool {
		return tx.Bucket([]byte(b)) == nil
	})
}

// made is between a database's name and a number while it is made.
const made = ".new-"

// Sweep removes from a folder what crashes left of databases that were being made. Nobody else
// makes databases there meanwhile.
func Sweep(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, f := range files {
		_, number, ok := strings.Cut(f.Name(), ".db"+made)
		if ok && number != "" && strings.Trim(number, "0123456789") == "" && f.Type().IsRegular() {
			errs = append(errs, os.Remove(filepath.Join(dir, f.Name())))
		}
	}
	return errors.Join(errs...)
}

// create makes a whole file beside the place and then puts it there, so that whoever opens the
// path finds either nothing or a database.
func create(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+made+"*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := f.Close(); err != nil {
		return err
	}
	db, err := bbolt.Open(f.Name(), 0o600, options(Options{}))
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range append(buckets(), laterBuckets()...) {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		return bucketMeta.in(tx).Put(metaFormat, keyOf(format))
	})
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := place(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// place gives the new file its name unless somebody else was first.
func place(from, to string) error {
	err := os.Link(from, to)
	switch {
	case err == nil, errors.Is(err, fs.ErrExist):
		return nil
	default: // a file system without links
		return os.Rename(from, to)
	}
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// explain adds to an error where it happened and what to do.
func explain(path string, err error) error {
	e := &store.OpenError{Path: path, Why: reason(err)}
	var other *store.FormatError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Why, e.Hint = store.ErrNotThere, "name another file, or make it with thru run --db"
	case errors.Is(err, bolterrors.ErrTimeout):
		e.Why, e.More = store.ErrInUse, holder(path)
		e.Hint = "stop that process"
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum),
		errors.Is(err, bolterrors.ErrVersionMismatch):
		e.Why, e.Hint = store.ErrForeign, "name another file; this one is left as it is"
	case errors.Is(err, store.ErrForeign):
		e.Why, e.Hint = err, "name another file; this one is left as it is"
	case errors.As(err, &other):
		e.Why, e.Hint = other, "open it with the version of thru that wrote it"
	case errors.Is(err, store.ErrTruncated), errors.Is(err, store.ErrDamaged):
		e.Why, e.Hint = err, "restore it from a backup; this one is left as it is"
	case errors.Is(e.Why, store.ErrReadOnly):
		e.Hint = "make the file and its folder writable, or name another"
	case errors.Is(e.Why, store.ErrFull):
		e.Hint = "make room on the disk"
	}
	return e
}
