package engine

import "hash/maphash"

// handles finds the handle of an id. Go's map would do; this takes a third of its memory, of which
// nothing is a pointer that the collector would have to follow, and waits for memory once less: the
// ids themselves are kept by whoever asks.
type handles struct {
	seed  maphash.Seed // differs from run to run: nothing that can be observed depends on it
	slots []uint64     // upper half: of the id's hash, which says where to begin; lower: handle+1
	n     int
}

func newHandles() handles { return handles{seed: maphash.MakeSeed(), slots: make([]uint64, 8)} }

func (x *handles) hash(id string) uint64 { return maphash.String(x.seed, id) >> 32 }

// find returns the handle of an id, which stands under it in meta.
func (x *handles) find(id string, meta []entity) (int32, bool) {
	hash, last := x.hash(id), uint64(len(x.slots)-1)
	for i := hash; ; i++ {
		slot := x.slots[i&last]
		if slot == 0 {
			return 0, false
		}
		if h := int32(uint32(slot)) - 1; slot>>32 == hash && meta[h].id == id {
			return h, true
		}
	}
}

// add notes the handle of an id that is not there yet.
func (x *handles) add(id string, h int32) {
	if x.n++; x.n > len(x.slots)/4*3 {
		was := x.slots
		x.slots = make([]uint64, 2*len(was))
		for _, slot := range was {
			if slot != 0 {
				x.put(slot)
			}
		}
	}
	x.put(x.hash(id)<<32 | uint64(h+1))
}

func (x *handles) put(slot uint64) {
	i, last := slot>>32, uint64(len(x.slots)-1)
	for x.slots[i&last] != 0 {
		i++
	}
	x.slots[i&last] = slot
}

// remove forgets an id, and closes the gap: whatever was pushed past it moves up.
func (x *handles) remove(id string, h int32) {
	last := uint64(len(x.slots) - 1)
	hash := x.hash(id)
	gap := hash & last
	for x.slots[gap] != hash<<32|uint64(h+1) {
		gap = (gap + 1) & last
	}
	for i := (gap + 1) & last; x.slots[i] != 0; i = (i + 1) & last {
		if home := x.slots[i] >> 32 & last; (i-home)&last >= (i-gap)&last {
			x.slots[gap], gap = x.slots[i], i
		}
	}
	x.slots[gap] = 0
	x.n--
}
