package runtime_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
)

// TestSnapshotOfTheFormatBefore opens a workspace that the version before wrote and from which
// something was erased: its log cannot be decided again, so the snapshot that was saved with the
// erasure has to be read. testdata/erased-12.db holds Rep r and visits v0 to v3, whose personal
// fields were erased, and v9 after that.
func TestSnapshotOfTheFormatBefore(t *testing.T) {
	packed, err := os.Open("testdata/erased-12.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "erased.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // and again from a snapshot of this format
		w, err := runtime.Open(path, runtime.Config{SnapshotEvery: 2})
		if err != nil {
			t.Fatal(err)
		}
		expect(t, w, `{"type":"Visit","id":"v1","rep":"r","n":1}`, decision.Duplicate)
		expect(t, w, `{"type":"Visit","id":"v9","rep":"r","n":9}`, decision.Duplicate)
		wantCounts(t, w, map[string]int{"v0": 0, "v1": 1, "v2": 2, "v3": 3, "v9": 9})
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	w, err := runtime.Open(path, runtime.Config{})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, w, `{"type":"Visit","id":"v3","retracted":true}`, decision.Accepted)
	expect(t, w, `{"type":"Visit","id":"v9","retracted":true}`, decision.Accepted)
	wantCounts(t, w, map[string]int{"v0": 0, "v1": 1, "v2": 2})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
