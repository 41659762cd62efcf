package bolt_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store"
	"github.com/throughline/throughline/runtime/store/bolt"
)

const watched = `entity Rep { name text?; level int? }
event Visit { rep Rep; n int }
// a remark that means nothing
rule Big on Visit { when n >= 8; do { task "look at {n}" for rep due 1d; set rep.level = n } }
`

func checked(t testing.TB, text string) *policy.Policy {
	t.Helper()
	p, diags := dsl.Check([]source.File{{Name: "policy.thru", Text: text}}, policy.Settings{})
	if dsl.HasErrors(diags) {
		t.Fatalf("policy: %v", diags)
	}
	return p
}

// whole makes a database with everything in it that there is.
func whole(t testing.TB, path string, records int) {
	t.Helper()
	ctx := context.Background()
	w, err := runtime.Open(path, runtime.Config{Policy: checked(t, watched), Deliver: true,
		SnapshotEvery: uint64(records) / 2, BatchMax: 16})
	if err != nil {
		t.Fatal(err)
	}
	submit := func(from, to int) {
		for n := from; n < to; n += 5 {
			var lines [][]byte
			for i := n; i < min(n+5, to); i++ {
				lines = append(lines, fmt.Appendf(nil,
					`{"type":"Visit","id":"v%d","rep":"r%d","n":%d}`, i, i%7, i%10))
			}
			if _, err := w.SubmitAll(ctx, lines); err != nil {
				t.Fatal(err)
			}
		}
	}
	submit(0, records/2)
	if err := w.Activate(ctx, checked(t, watched+"score Size of Visit { n 100% = n / 10 }\n")); err != nil {
		t.Fatal(err)
	}
	submit(records/2, records)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// verified is what thru verify finds in a file.
func verified(path string) error {
	log, err := bolt.Open(path, bolt.Options{ReadOnly: true, MustExist: true, Inspect: true})
	if err != nil {
		return err
	}
	if err = log.Check(); err == nil {
		_, err = runtime.Audit(log, nil)
	}
	return errors.Join(err, log.Close())
}

// contentsOf is everything that can be read out of a file. What is the same here is the same
// database, whatever the bytes between are.
func contentsOf(path string) (out []byte, err error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			if b == nil {
				return fmt.Errorf("%s is no bucket", name)
			}
			out = fmt.Appendf(out, "%s\n", name)
			return b.ForEach(func(k, v []byte) error {
				if !bytes.Equal(b.Get(k), v) {
					return fmt.Errorf("%s: %x is not found where it is", name, k)
				}
				out = fmt.Appendf(out, "%x %x\n", k, v)
				return nil
			})
		})
	})
	return out, err
}

// spots are the bytes of a file to be changed: of every page its head, its first elements and its
// end, and some at random; all of them under THRU_FULL.
func spots(size, page int64, random int) (out []int64) {
	if os.Getenv("THRU_FULL") != "" {
		for at := range size {
			out = append(out, at)
		}
		return out
	}
	for start := int64(0); start < size; start += page {
		for _, off := range []int64{0, 8, 10, 16, 20, 24, 41, 65, page - 1} {
			out = append(out, start+off)
		}
	}
	for range random {
		out = append(out, rand.Int64N(size))
	}
	return out
}

// TestChangedByte changes one byte after another of a database: it is found, or it is one that
// nothing reads, and then everything that can be read is as it was.
func TestChangedByte(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.db")
	whole(t, path, 60)
	if err := verified(path); err != nil {
		t.Fatalf("an untouched file: %v", err)
	}
	want, err := contentsOf(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	found, unread := 0, 0
	for _, at := range spots(info.Size(), int64(os.Getpagesize()), 50) {
		var was [1]byte
		if _, err := f.ReadAt(was[:], at); err != nil {
			t.Fatal(err)
		}
		change := byte(1) << rand.IntN(8)
		if _, err := f.WriteAt([]byte{was[0] ^ change}, at); err != nil {
			t.Fatal(err)
		}
		if verified(path) != nil {
			found++
		} else if got, err := contentsOf(path); err != nil || !bytes.Equal(want, got) {
			t.Errorf("byte %d of page %d (%#x, changed by %#x) is not found: %v", at%int64(os.Getpagesize()), at/int64(os.Getpagesize()), was[0],
				change, err)
		} else {
			unread++
		}
		if _, err := f.WriteAt(was[:], at); err != nil {
			t.Fatal(err)
		}
	}
	if found == 0 || unread == 0 {
		t.Errorf("%d changes were found and %d were of bytes that nothing reads", found, unread)
	}
	t.Logf("%d bytes: %d changes found, %d of bytes that nothing reads", info.Size(), found, unread)
	if err := verified(path); err != nil {
		t.Errorf("put back: %v", err)
	}
}

// TestNoBucket makes each bucket a row, by the one bit that tells them apart: one that is not looked
// into would be as good as empty.
func TestNoBucket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.db")
	whole(t, path, 60)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for at := 0; at+4 <= len(file); at += 4 {
		if binary.LittleEndian.Uint32(file[at:]) != 1 {
			continue
		}
		file[at] = 0
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		file[at] = 1
		if lost := bucketsOf(path); len(lost) > 0 {
			made++
			if verified(path) == nil {
				t.Errorf("%q is no bucket any more, which is not found", lost)
			}
		}
	}
	if made < 10 {
		t.Errorf("only %d buckets were made rows", made)
	}
}

// bucketsOf lists what stands among the buckets of a file and is none.
func bucketsOf(path string) (none []string) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		return nil
	}
	defer db.Close()
	_ = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			if b == nil {
				none = append(none, string(name))
			}
			return nil
		})
	})
	return none
}

// TestMissing takes a row away without saying so: an erasure is an entry of the log.
func TestMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.db")
	whole(t, path, 20)
	for _, bucket := range []string{"payloads", "decisions", "entries", "sums", "why"} {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		cut := filepath.Join(t.TempDir(), "cut.db")
		if err := os.WriteFile(cut, file, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := bbolt.Open(cut, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(func(tx *bbolt.Tx) error {
			c := tx.Bucket([]byte(bucket)).Cursor()
			c.First()
			c.Next()
			return c.Delete()
		})
		if err = errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		if err := verified(cut); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("without a row of %s: %v", bucket, err)
		}
	}
}

// TestMovedEffect gives an effect another number: its value is still one that was decided.
func TestMovedEffect(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.db")
	whole(t, path, 20)
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte("outbox"))
		k, v := b.Cursor().First()
		moved := bytes.Clone(k)
		moved[11] = 16
		return errors.Join(b.Put(moved, bytes.Clone(v)), b.Delete(bytes.Clone(k)))
	})
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if err := verified(path); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("an effect that moved: %v", err)
	}
}
