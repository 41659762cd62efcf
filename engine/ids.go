package engine

import (
	"hash/maphash"
	"slices"
	"strings"
)

// idSet remembers the ids of one kind of event with the seqs of their entries. Go's map would do;
// this takes one cache line a look-up instead of three, and ids cost no allocation each.
type idSet struct {
	seed   maphash.Seed // differs from run to run: nothing that can be observed depends on it
	parts  [idParts]idPart
	log    [][]idEntry // in order of arrival, in blocks
	n      int
	chunks [][]byte
}

// idPart is a hash table of its own for the ids whose hashes end alike: a part that grows moves a
// few thousand ids inside the cache, where one table would move millions across the memory.
type idPart struct {
	slots []uint64 // upper half: upper half of the hash; lower half: index into log, from 1
	n     int
}

// idEntry holds no pointer, so that millions of them are nothing to the garbage collector.
type idEntry struct {
	hash       uint64
	seq        uint64
	chunk, off uint32
	len        uint32
}

const (
	idParts = 1 << 8
	idBlock = 1 << 12
	idChunk = 1 << 16
)

func newIDSet() idSet { return idSet{seed: maphash.MakeSeed()} }

func (s *idSet) entry(i uint64) *idEntry { return &s.log[i/idBlock][i%idBlock] }

// find returns the entry of an id, or nil, and where in its part it is or would be.
func (s *idSet) find(id string, hash uint64) (*idEntry, uint64) {
	p := &s.parts[hash%idParts]
	if p.slots == nil {
		p.slots = make([]uint64, 16)
	}
	mask := uint64(len(p.slots) - 1)
	for at := hash >> 32 & mask; ; at = (at + 1) & mask {
		x := p.slots[at]
		if x == 0 {
			return nil, at
		}
		if x>>32 == hash>>32 {
			if e := s.entry(x&(1<<32-1) - 1); s.id(e) == id {
				return e, at
			}
		}
	}
}

func (s *idSet) id(e *idEntry) string {
	return view(s.chunks[e.chunk][e.off : e.off+e.len])
}

// claim is a place found for an id that is not there yet; it is good until the next put.
type claim struct {
	hash, at uint64
}

// seq returns the seq of an id, else where it may be put.
func (s *idSet) seq(id string) (uint64, claim, bool) {
	hash := maphash.String(s.seed, id)
	e, at := s.find(id, hash)
	if e == nil {
		return 0, claim{hash, at}, false
	}
	return e.seq, claim{}, true
}

// put adds an id at the place that seq found. The id is copied: it lives in a record's buffer.
func (s *idSet) put(id string, seq uint64, c claim) {
	if s.n%idBlock == 0 {
		s.log = append(s.log, make([]idEntry, idBlock))
	}
	e := s.entry(uint64(s.n))
	e.hash, e.seq = c.hash, seq
	s.keep(e, id)
	s.n++
	p := &s.parts[c.hash%idParts]
	p.slots[c.at] = c.hash>>32<<32 | uint64(s.n)
	p.n++
	if p.n*2 > len(p.slots) {
		p.grow()
	}
}

// set changes the seq of an id, or adds it.
func (s *idSet) set(id string, seq uint64) {
	hash := maphash.String(s.seed, id)
	e, at := s.find(id, hash)
	if e == nil {
		s.put(id, seq, claim{hash, at})
		return
	}
	e.seq = seq
}

// keep packs an id into the last chunk, or a new one.
func (s *idSet) keep(e *idEntry, id string) {
	last := len(s.chunks) - 1
	if last < 0 || len(s.chunks[last])+len(id) > cap(s.chunks[last]) {
		s.chunks = append(s.chunks, make([]byte, 0, max(idChunk, len(id))))
		last++
	}
	c := s.chunks[last]
	e.chunk, e.off, e.len = uint32(last), uint32(len(c)), uint32(len(id))
	s.chunks[last] = append(c, id...)
}

func (p *idPart) grow() {
	old := p.slots
	p.slots = make([]uint64, 2*len(old))
	mask := uint64(len(p.slots) - 1)
	for _, x := range old {
		if x == 0 {
			continue
		}
		at := x >> 32 & mask
		for p.slots[at] != 0 {
			at = (at + 1) & mask
		}
		p.slots[at] = x
	}
}

// sorted returns the entries by id.
func (s *idSet) sorted() []*idEntry {
	out := make([]*idEntry, 0, s.n)
	for i := range s.n {
		out = append(out, s.entry(uint64(i)))
	}
	slices.SortFunc(out, func(a, b *idEntry) int { return strings.Compare(s.id(a), s.id(b)) })
	return out
}
