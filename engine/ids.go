package engine

import (
	"hash/maphash"
	"slices"
	"strings"
)

// idSet remembers the ids of one kind of event with the seqs of their entries. Go's map would do;
// this takes one cache line a look-up instead of three, and ids cost no allocation each.
type idSet struct {
	seed  maphash.Seed // differs from run to run: nothing that can be observed depends on it
	slots []uint64     // upper half: upper half of the hash; lower half: index into log, from 1
	log   [][]idEntry  // in order of arrival, in blocks
	n     int
	chunk []byte
}

type idEntry struct {
	id   string
	hash uint64
	seq  uint64
}

const (
	idBlock = 1 << 12
	idChunk = 1 << 16
)

func newIDSet() idSet { return idSet{seed: maphash.MakeSeed(), slots: make([]uint64, 1<<10)} }

func (s *idSet) entry(i uint64) *idEntry { return &s.log[i/idBlock][i%idBlock] }

// find returns the entry of an id, or nil, and where in slots it is or would be.
func (s *idSet) find(id string, hash uint64) (*idEntry, uint64) {
	mask := uint64(len(s.slots) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		x := s.slots[at]
		if x == 0 {
			return nil, at
		}
		if x>>32 == hash>>32 {
			if e := s.entry(x&(1<<32-1) - 1); e.id == id {
				return e, at
			}
		}
	}
}

// seq returns the seq of an id.
func (s *idSet) seq(id string) (uint64, bool) {
	e, _ := s.find(id, maphash.String(s.seed, id))
	if e == nil {
		return 0, false
	}
	return e.seq, true
}

// put sets the seq of an id. The id is copied: it lives in a record's buffer.
func (s *idSet) put(id string, seq uint64) {
	hash := maphash.String(s.seed, id)
	e, at := s.find(id, hash)
	if e != nil {
		e.seq = seq
		return
	}
	if s.n%idBlock == 0 {
		s.log = append(s.log, make([]idEntry, idBlock))
	}
	*s.entry(uint64(s.n)) = idEntry{id: s.keep(id), hash: hash, seq: seq}
	s.n++
	s.slots[at] = hash>>32<<32 | uint64(s.n)
	if s.n*2 > len(s.slots) {
		s.grow()
	}
}

// keep packs ids into chunks.
func (s *idSet) keep(id string) string {
	if len(s.chunk)+len(id) > cap(s.chunk) {
		s.chunk = make([]byte, 0, max(idChunk, len(id)))
	}
	from := len(s.chunk)
	s.chunk = append(s.chunk, id...)
	return view(s.chunk[from:])
}

func (s *idSet) grow() {
	s.slots = make([]uint64, 2*len(s.slots))
	mask := uint64(len(s.slots) - 1)
	for i := range s.n {
		hash := s.entry(uint64(i)).hash
		at := hash & mask
		for s.slots[at] != 0 {
			at = (at + 1) & mask
		}
		s.slots[at] = hash>>32<<32 | uint64(i+1)
	}
}

// sorted returns the entries by id.
func (s *idSet) sorted() []*idEntry {
	out := make([]*idEntry, 0, s.n)
	for i := range s.n {
		out = append(out, s.entry(uint64(i)))
	}
	slices.SortFunc(out, func(a, b *idEntry) int { return strings.Compare(a.id, b.id) })
	return out
}
