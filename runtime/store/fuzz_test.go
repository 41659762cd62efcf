package store_test

import (
	"bytes"
	"testing"

	"github.com/throughline/throughline/runtime/store"
)

// FuzzDecode reads random bytes as everything that is stored: it is an error, or a value that is
// written as the same bytes.
func FuzzDecode(f *testing.F) {
	e := store.Entry{Kind: 1, Flags: store.Imported, Seq: 3, Moment: -5, Cause: 2, Prev: store.Hash{1}}
	s := store.Snapshot{Seq: 9, Sections: 2, Size: 5, State: store.Hash{7}}
	r := store.Run{ID: 1, From: 2, To: 3, Count: 4, Pages: 5, Filters: 1}
	for _, b := range [][]byte{e.Append(nil), s.Append(nil), r.Append(nil), {store.Format}, nil} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var e store.Entry
		if e.Decode(b) == nil && !bytes.Equal(e.Append(nil), b) {
			t.Errorf("entry %+v", e)
		}
		var s store.Snapshot
		if s.Decode(b) == nil && !bytes.Equal(s.Append(nil), b) {
			t.Errorf("snapshot %+v", s)
		}
		var r store.Run
		if r.Decode(b) == nil && !bytes.Equal(r.Append(nil), b) {
			t.Errorf("run %+v", r)
		}
	})
}
