package runtime

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/runtime/store"
	"github.com/throughline/throughline/runtime/store/mem"
)

// TestIDs compares the index of ids with a map, over runs that are frozen, stored and merged, also
// where many ids have one hash, and that the runs stay few.
func TestIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := new(mem.Log)
		s := newIDs(log)
		want := map[uint64][]uint64{}
		few := rapid.Bool().Draw(t, "few hashes")
		var pairs []idSeq
		var todo []*runSaving
		piece := func() {
			done, err := todo[0].piece(log)
			if err != nil {
				t.Fatal(err)
			}
			if done {
				todo = todo[1:]
			}
		}
		for seq := uint64(1); seq < 3000; seq++ {
			hash := hashID("T", fmt.Sprint(seq))
			if few {
				hash %= 5
			}
			pairs = append(pairs, idSeq{hash, seq})
			if rapid.IntRange(0, 100).Draw(t, "freeze") == 0 {
				for _, x := range pairs {
					want[x.hash] = append(want[x.hash], x.seq)
				}
				r := s.begin(pairs, seq)
				saving := s.saving(r)
				pairs, todo = nil, append(todo, &saving)
			}
			if len(todo) > 0 && rapid.Bool().Draw(t, "write") {
				piece()
			}
		}
		if rapid.Bool().Draw(t, "opened again") {
			for len(todo) > 0 {
				piece()
			}
			end := s.end
			s = newIDs(log)
			if err := s.open(); err != nil {
				t.Fatal(err)
			}
			if !s.covers(end) || s.covers(end+1) {
				t.Fatalf("entries up to %d are not covered, or more", end)
			}
			if n := len(s.runs()); n > 13 { // each has more ids than all after it
				t.Fatalf("%d runs", n)
			}
		}
		for hash, seqs := range want {
			var got []uint64
			if err := s.find(hash, func(seq uint64) bool {
				got = append(got, seq)
				return false
			}); err != nil {
				t.Fatal(err)
			}
			slices.Sort(got)
			if !slices.Equal(got, seqs) {
				t.Fatalf("hash %x has %v, not %v", hash, got, seqs)
			}
		}
	})
}

// TestFilter says how often the filter lets an id through that the run does not have.
func TestFilter(t *testing.T) {
	var pairs []idSeq
	for i := range uint64(10_000) {
		pairs = append(pairs, idSeq{hashID("Visit", fmt.Sprint("v", i)), i})
	}
	r := newRun(store.Run{}, pairs)
	through := 0
	for i := range 10_000 {
		if mayHave(r.filter, hashID("Visit", fmt.Sprint("w", i))) {
			through++
		}
	}
	if through > 60 {
		t.Errorf("%d of 10 000 strange ids pass", through)
	}
	for _, p := range pairs {
		if !mayHave(r.filter, p.hash) {
			t.Fatalf("hash %x does not pass", p.hash)
		}
	}
}
