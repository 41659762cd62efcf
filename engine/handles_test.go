package engine

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestHandles holds the index of ids against a map, while ids come and the latest are taken back.
func TestHandles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, want := newHandles(), map[string]int32{}
		var meta []entity
		for range rapid.IntRange(1, 40).Draw(t, "rounds") {
			for range rapid.IntRange(0, 30).Draw(t, "new") {
				h := int32(len(meta))
				meta = append(meta, entity{id: fmt.Sprint("id", h)})
				x.add(meta[h].id, h)
				want[meta[h].id] = h
			}
			keep := len(meta) - rapid.IntRange(0, min(len(meta), 40)).Draw(t, "taken back")
			for h := keep; h < len(meta); h++ {
				x.remove(meta[h].id, int32(h))
				delete(want, meta[h].id)
			}
			meta = meta[:keep]
			if x.n != len(want) {
				t.Fatalf("it counts %d ids, there are %d", x.n, len(want))
			}
			for i := range len(meta) + 10 {
				id := fmt.Sprint("id", i)
				h, ok := x.find(id, meta)
				if w, there := want[id]; ok != there || h != w {
					t.Fatalf("%s: %d, %t, want %d, %t", id, h, ok, w, there)
				}
			}
		}
	})
}
