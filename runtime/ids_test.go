package runtime

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/runtime/store"
	"github.com/throughline/throughline/runtime/store/mem"
)

// TestIDs compares the index of ids with a map, over memory, frozen and stored runs, also where
// many ids have one hash.
func TestIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := new(mem.Log)
		s := newIDs(log)
		want := map[uint64][]uint64{}
		few := rapid.Bool().Draw(t, "few hashes")
		for seq := uint64(1); seq < 2000; seq++ {
			hash := hashID("T", fmt.Sprint(seq))
			if few {
				hash %= 5
			}
			s.add(hash, seq)
			want[hash] = append(want[hash], seq)
			if rapid.IntRange(0, 300).Draw(t, "freeze") == 0 {
				store1(t, s, log, seq)
			}
		}
		if rapid.Bool().Draw(t, "opened again") {
			store1(t, s, log, 2000)
			s = newIDs(log)
			if err := s.open(); err != nil {
				t.Fatal(err)
			}
		}
		for hash, seqs := range want {
			var got []uint64
			for _, r := range s.stored {
				found, err := r.find(log, hash)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, found...)
			}
			s.look()
			for _, x := range s.same {
				if x.hash == hash {
					got = append(got, x.seq)
				}
			}
			if seq, ok := s.index[hash]; ok {
				got = append(got, seq)
			}
			slices.Sort(got)
			if !slices.Equal(got, seqs) {
				t.Fatalf("hash %x has %v, not %v", hash, got, seqs)
			}
		}
	})
}

// store1 freezes what is in memory and stores it.
func store1(t *rapid.T, s *ids, log *mem.Log, to uint64) {
	r := s.freeze(to)
	if r == nil {
		return
	}
	for i := range int(r.Pages) {
		if err := log.PutPage(r.ID, i, r.page(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Save(&store.Snapshot{Seq: to}, &r.Run, nil); err != nil {
		t.Fatal(err)
	}
	s.settled(r)
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
	if through > 300 {
		t.Errorf("%d of 10 000 strange ids pass", through)
	}
	for _, p := range pairs {
		if !mayHave(r.filter, p.hash) {
			t.Fatalf("hash %x does not pass", p.hash)
		}
	}
}
