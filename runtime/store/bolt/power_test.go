package bolt_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/runtime/store"
	"github.com/throughline/throughline/runtime/store/bolt"
)

// TestPowerCut cuts the power while a batch is written: of the pages written since the last sync
// any may be lost, and the head may be torn. bbolt syncs the pages before it writes the head, so
// the head is new only where all pages are. The log is then as before the batch or as after it.
func TestPowerCut(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		path := filepath.Join(dir, "w.db")
		os.Remove(path)
		log, err := bolt.Open(path, bolt.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		epoch, err := log.Claim()
		if err != nil {
			t.Fatal(err)
		}
		var chain store.Chain
		for range rapid.IntRange(1, 3).Draw(t, "batches") {
			before := contents(t, path)
			was := chain.Seq
			b := &store.Batch{Epoch: epoch, After: was}
			for range rapid.IntRange(1, 60).Draw(t, "rows") {
				r := store.Row{Decision: append(chain.Salt(nil), make([]byte, 500)...)}
				chain.Seal(&store.Entry{Kind: 1}, &r, nil)
				b.Rows = append(b.Rows, r)
			}
			if err := log.Append(b); err != nil {
				t.Fatal(err)
			}
			survives(t, dir, cut(t, before, contents(t, path)), was, chain.Seq)
		}
	})
}

func contents(t rapid.TB, path string) []byte {
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// cut makes what is on disk after a power cut between two contents of a file.
func cut(t *rapid.T, before, after []byte) []byte {
	page := os.Getpagesize()
	out := make([]byte, len(after)) // the length is synced when the file grows
	copy(out, before)
	complete := rapid.Bool().Draw(t, "pages are synced")
	for at := 2 * page; at < len(after); at += page {
		if complete || rapid.IntRange(0, 3).Draw(t, "lost") > 0 {
			copy(out[at:at+page], after[at:])
		}
	}
	if complete {
		n := rapid.IntRange(0, 2*page).Draw(t, "bytes of the heads")
		copy(out[:n], after[:n])
	}
	return out
}

func survives(t *rapid.T, dir string, image []byte, before, after uint64) {
	path := filepath.Join(dir, "cut.db")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	last := log.Last()
	if last != before && last != after {
		t.Fatalf("the log ends at %d, neither %d nor %d", last, before, after)
	}
	if last > 0 {
		_, err = store.Verify(log, 1, last)
	}
	if err = errors.Join(err, log.Close()); err != nil {
		t.Fatal(err)
	}
}
