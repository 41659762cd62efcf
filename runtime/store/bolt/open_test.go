package bolt_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/throughline/throughline/runtime/store"
	"github.com/throughline/throughline/runtime/store/bolt"
)

// made returns the bytes of a small database, closed or as a killed process leaves it.
func made(t *testing.T, rows int, killed bool) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.db")
	log, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	epoch, err := log.Claim()
	if err != nil {
		t.Fatal(err)
	}
	var chain store.Chain
	b := &store.Batch{Epoch: epoch}
	for range rows {
		r := store.Row{Decision: append(chain.Salt(nil), "decided"...)}
		chain.Seal(&store.Entry{Kind: 1}, &r, nil)
		b.Rows = append(b.Rows, r)
	}
	if err := log.Append(b); err != nil {
		t.Fatal(err)
	}
	if killed {
		t.Cleanup(func() { log.Close() })
	} else if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// another returns a bbolt file of somebody else.
func another(t *testing.T, f func(*bbolt.Tx) error) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(f), db.Close()); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestOpenWhatIsNoDatabase opens files that are none: each error says why, names the path and what
// to do, and the file is left as it was.
func TestOpenWhatIsNoDatabase(t *testing.T) {
	whole := made(t, 2000, false)
	spoil := func(file []byte) []byte {
		out := bytes.Clone(file)
		for i := 2 * os.Getpagesize(); i < len(out); i++ {
			out[i] ^= 0x5a
		}
		return out
	}
	killed := made(t, 2000, true)
	for name, c := range map[string]struct {
		file []byte
		why  error
	}{
		"empty":                {nil, store.ErrTruncated},
		"text":                 {[]byte("type,id\n"), store.ErrForeign},
		"long text":            {bytes.Repeat([]byte("type,id\n"), 10_000), store.ErrForeign},
		"zeros":                {make([]byte, 1<<16), store.ErrForeign},
		"half a page":          {whole[:2000], store.ErrTruncated},
		"one page":             {whole[:os.Getpagesize()], store.ErrTruncated},
		"cut in the middle":    {whole[:len(whole)/2], store.ErrTruncated},
		"cut by a page":        {whole[:len(whole)-os.Getpagesize()], nil},
		"written over":         {spoil(whole), store.ErrDamaged},
		"killed, written over": {spoil(killed), store.ErrDamaged},
		"killed":               {killed, nil},
		"another bbolt file":   {another(t, func(*bbolt.Tx) error { return nil }), store.ErrForeign},
		"a file of the future": {future(t), nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "w.db")
			if err := os.WriteFile(path, c.file, 0o600); err != nil {
				t.Fatal(err)
			}
			log, err := bolt.Open(path, bolt.Options{})
			if err == nil {
				err = log.Read(1, 2000, store.Everything, func(*store.Row) error { return nil })
				if c.why != nil || err != nil {
					t.Errorf("it opens, and reading says %v", err)
				}
				log.Close()
				return
			}
			var open *store.OpenError
			if !errors.As(err, &open) || !strings.Contains(err.Error(), path) || open.Hint == "" {
				t.Errorf("error %v", err)
			}
			if c.why != nil && !errors.Is(err, c.why) {
				t.Errorf("error %v, not %v", err, c.why)
			}
			if now, _ := os.ReadFile(path); !bytes.Equal(now, c.file) {
				t.Errorf("the file has %d bytes, not the %d it had, or others", len(now), len(c.file))
			}
		})
	}
}

// future is a database whose format this program does not know.
func future(t *testing.T) []byte {
	path := filepath.Join(t.TempDir(), "w.db")
	if err := os.WriteFile(path, made(t, 1, false), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte{0, 0, 0, 0, 0, 0, 0, 9})
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if log, err := bolt.Open(path, bolt.Options{}); err == nil {
		log.Close()
		t.Error("a database of format 9 opens")
	} else {
		var f *store.FormatError
		if !errors.As(err, &f) || f.Found != 9 {
			t.Errorf("error %v", err)
		}
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestOpenWhatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	for path, o := range map[string]bolt.Options{
		filepath.Join(dir, "w.db"):         {MustExist: true},
		filepath.Join(dir, "r.db"):         {ReadOnly: true},
		filepath.Join(dir, "no", "f.db"):   {},
		filepath.Join(dir, "no", "f.db/x"): {},
	} {
		if _, err := bolt.Open(path, o); !errors.Is(err, store.ErrNotThere) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%v was left there", left)
	}
	if _, err := bolt.Open(dir, bolt.Options{}); !errors.Is(err, store.ErrForeign) {
		t.Errorf("a folder: %v", err)
	}
}

// TestOpenInUse opens a database that somebody writes: the error comes instead of a wait for
// the other, and names the process where the system tells.
func TestOpenInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.db")
	log, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for _, o := range []bolt.Options{{}, {ReadOnly: true}} {
		start := time.Now()
		_, err = bolt.Open(path, o)
		if took := time.Since(start); !errors.Is(err, store.ErrInUse) || took > 30*time.Second {
			t.Errorf("%v after %v", err, took)
		}
		if _, here := os.Stat("/proc/locks"); here == nil && !strings.Contains(err.Error(), "process ") {
			t.Errorf("%v does not name the process", err)
		}
	}
}

// TestReadOnly lets several readers share a file and write nothing.
func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.db")
	if err := os.WriteFile(path, made(t, 3, false), 0o400); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		log, err := bolt.Open(path, bolt.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		if log.Last() != 3 {
			t.Errorf("last is %d", log.Last())
		}
		if _, err := log.Claim(); !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("claim: %v", err)
		}
	}
}

// TestFull fills the disk: the batch that does not fit is refused with the reason, nothing is
// written after it, and everything before it is there.
func TestFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.db")
	log, err := bolt.Open(path, bolt.Options{MaxSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	epoch, err := log.Claim()
	if err != nil {
		t.Fatal(err)
	}
	var chain store.Chain
	for err == nil {
		r := store.Row{Decision: append(chain.Salt(nil), make([]byte, 10_000)...)}
		b := &store.Batch{Epoch: epoch, After: chain.Seq}
		chain.Seal(&store.Entry{Kind: 1}, &r, nil)
		b.Rows = append(b.Rows, r)
		err = log.Append(b)
	}
	var write *store.WriteError
	if !errors.Is(err, store.ErrFull) || !errors.As(err, &write) || write.Seq != chain.Seq {
		t.Errorf("error %v of seq %d", err, chain.Seq)
	}
	if err := log.Append(&store.Batch{Epoch: epoch, After: chain.Seq - 1}); !errors.As(err, &write) {
		t.Errorf("after that: %v", err)
	}
	log.Close()
	again, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if again.Last() != chain.Seq-1 {
		t.Errorf("last is %d, not %d", again.Last(), chain.Seq-1)
	}
	if _, err := store.Verify(again, 1, again.Last()); err != nil {
		t.Error(err)
	}
}
