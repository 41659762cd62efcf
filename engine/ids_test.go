package engine

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestIDSetIsAMap compares the set with a map, over enough ids that pages are cut many times.
func TestIDSetIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, want := newIDSet(), map[string]uint64{}
		ids := rapid.IntRange(1, 20_000).Draw(t, "ids")
		long := rapid.SampledFrom([]int{0, 1, 200, idChunk}).Draw(t, "long")
		for i := range uint64(rapid.IntRange(0, 8000).Draw(t, "steps")) {
			id := strconv.Itoa(int(i*2654435761) % ids)
			if i == 7 {
				id = strings.Repeat("x", long)
			}
			seq, place, ok := s.seq(id)
			if was, is := want[id]; seq != was || ok != is {
				t.Fatalf("%q: got %d %v, want %d %v", id, seq, ok, was, is)
			}
			if i%3 == 0 || ok {
				s.set(id, i+1)
			} else {
				s.put(id, i+1, place)
			}
			want[id] = i + 1
		}
		var got []string
		for _, x := range s.sorted() {
			got = append(got, s.id(x))
			if s.seqOf(x) != want[s.id(x)] {
				t.Fatalf("%q: got %d, want %d", s.id(x), s.seqOf(x), want[s.id(x)])
			}
		}
		if s.n != len(want) || len(got) != len(want) || !slices.IsSorted(got) {
			t.Fatalf("%d ids, of which %d are listed; want %d", s.n, len(got), len(want))
		}
	})
}
