package engine

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"slices"
	"strings"
)

// idSet remembers the ids of one kind of event with the seqs of their entries. Go's map would do;
// this takes a third of its memory and no allocation an id. It grows a page at a time (extendible
// hashing): a page that is full is cut in two, so nothing is ever copied that is not in the cache,
// and nothing is left to the garbage collector. A record waits for what has to be read: to find
// that an id is new, and most are, takes a line of marks, a byte an id. They fit the caches long
// after the slots have outgrown them, and a slot is mostly only written.
type idSet struct {
	seed   maphash.Seed // differs from run to run: nothing that can be observed depends on it
	dir    []*idPage    // by the lowest bits of the tag
	depth  uint         // how many bits that is
	n      int
	late   []lateSlot // written together, so that they wait for memory together
	moved  []displaced
	chunks [][]byte // seq, length and text of each id, in order of arrival
}

// lateSlot is a slot that is to be written; its mark is there already.
type lateSlot struct {
	page *idPage
	at   spot
	x    uint64
}

// idPage holds the ids whose tags end in the same bits.
type idPage struct {
	marks [idGroups]uint64 // by group: a byte of each id's hash, 0: empty
	slots *[idGroups][idSlots]uint64
	n     int32
	depth uint32 // how many bits of their tags the ids share
}

const (
	idGroups = 64
	idSlots  = 8 // upper bits: tag; lower bits: where the id is, from 1
	idFull   = idGroups * idSlots * 3 / 4
	idTag    = 30 // bits
	idPlace  = 64 - idTag
	idChunk  = 1 << 16
	idLate   = 64
)

func newIDSet() idSet {
	return idSet{seed: maphash.MakeSeed(), dir: []*idPage{newIDPage(0)}}
}

func newIDPage(depth uint32) *idPage {
	return &idPage{slots: new([idGroups][idSlots]uint64), depth: depth}
}

// idHash is a hash cut up: tag is what a slot keeps, its lowest bits lead to a page and its highest
// to the group of slots in it where the id is looked for first.
type idHash struct {
	tag  uint64
	mark uint64
}

func (s *idSet) hash(id string) idHash {
	h := maphash.String(s.seed, id)
	return idHash{h >> idPlace, max(h&255, 1)}
}

func (s *idSet) page(tag uint64) *idPage { return s.dir[tag&(1<<s.depth-1)] }

func home(tag uint64) uint64 { return tag >> (idTag - 6) }

const everyByte = 0x0101010101010101

// zeros has the highest bit of every byte set that is 0 in x. Bytes above such a one may be set
// wrongly: the lowest is always right.
func zeros(x uint64) uint64 { return (x - everyByte) &^ x & (everyByte << 7) }

// spot is a slot of a page.
type spot struct{ group, slot uint32 }

func spotOf(group, zeros uint64) spot {
	return spot{uint32(group), uint32(bits.TrailingZeros64(zeros)) / 8}
}

func (p *idPage) at(s spot) *uint64 { return &p.slots[s.group%idGroups][s.slot%idSlots] }

// find returns the slot of an id in its page, or an empty one.
func (s *idSet) find(p *idPage, id string, h idHash) (at spot, found bool) {
	for i := home(h.tag); ; i = (i + 1) % idGroups {
		marks := p.marks[i%idGroups]
		for z := zeros(marks ^ h.mark*everyByte); z != 0; z &= z - 1 {
			at := spotOf(i, z)
			s.write()
			if x := *p.at(at); x>>idPlace == h.tag && x != 0 && s.id(x) == id {
				return at, true
			}
		}
		if z := zeros(marks); z != 0 {
			return spotOf(i, z), false
		}
	}
}

// touch reads what finding an id reads first and says nothing about it.
func (s *idSet) touch(id string) uint64 {
	h := s.hash(id)
	return s.page(h.tag).marks[home(h.tag)%idGroups]
}

// entry is what is kept of the id in a slot: its seq, the length of its text, the text.
func (s *idSet) entry(slot uint64) []byte {
	place := slot&(1<<idPlace-1) - 1
	return s.chunks[place/idChunk][place%idChunk:]
}

func (s *idSet) id(slot uint64) string {
	b := s.entry(slot)[8:]
	n, head := binary.Uvarint(b)
	return view(b[head : uint64(head)+n])
}

func (s *idSet) seqOf(slot uint64) uint64 { return binary.LittleEndian.Uint64(s.entry(slot)) }

// claim is a place found for an id; it is good until the next put.
type claim struct {
	idHash
	at   spot
	page *idPage
}

// seq returns the seq of an id, else where it may be put.
func (s *idSet) seq(id string) (uint64, claim, bool) {
	c, ok := s.claim(id)
	if !ok {
		return 0, c, false
	}
	return s.seqOf(*c.page.at(c.at)), c, true
}

func (s *idSet) claim(id string) (claim, bool) {
	h := s.hash(id)
	p := s.page(h.tag)
	at, found := s.find(p, id, h)
	return claim{h, at, p}, found
}

// put adds an id at the place that seq found. The id is copied: it lives in a record's buffer.
func (s *idSet) put(id string, seq uint64, c claim) {
	c.page.mark(c.at, c.mark)
	s.late = append(s.late, lateSlot{c.page, c.at, c.tag<<idPlace | s.keep(id, seq) + 1})
	s.n++
	if c.page.n == idFull {
		s.write()
		s.split(c.page, c.tag)
	} else if len(s.late) == idLate {
		s.write()
	}
}

// write writes the slots that wait. It comes before any slot is read.
func (s *idSet) write() {
	for i := range s.late {
		l := &s.late[i]
		*l.page.at(l.at) = l.x
	}
	s.late = s.late[:0]
}

// set changes the seq of an id, or adds it.
func (s *idSet) set(id string, seq uint64) {
	c, found := s.claim(id)
	if found {
		binary.LittleEndian.PutUint64(s.entry(*c.page.at(c.at)), seq)
		return
	}
	s.put(id, seq, c)
}

// keep packs an id into the last chunk, or a new one, and returns its place. A long id has a chunk
// to itself, as if it were of the size of all.
func (s *idSet) keep(id string, seq uint64) uint64 {
	const head = 8 + binary.MaxVarintLen64
	last := len(s.chunks) - 1
	if last < 0 || len(s.chunks[last])+len(id)+head > cap(s.chunks[last]) {
		s.chunks = append(s.chunks, make([]byte, 0, max(idChunk, len(id)+head)))
		last++
	}
	c := s.chunks[last]
	at := uint64(last)*idChunk + uint64(len(c))
	if at >= 1<<idPlace-1 {
		panic("engine: more ids than an engine can remember")
	}
	c = binary.LittleEndian.AppendUint64(c, seq)
	s.chunks[last] = append(binary.AppendUvarint(c, uint64(len(id))), id...)
	return at
}

// split cuts a full page in two by the next bit of the tags. Pages whose tags have no bits left to
// tell them apart would need more ids than keep has place for.
func (s *idSet) split(full *idPage, tag uint64) {
	if uint(full.depth) == s.depth {
		s.dir = append(s.dir, s.dir...)
		s.depth++
	}
	bit := uint64(1) << full.depth
	full.depth++
	other := newIDPage(full.depth)
	s.part(full, other, bit)
	for k := tag&(bit-1) | bit; k < uint64(len(s.dir)); k += 2 * bit {
		s.dir[k] = other
	}
	for _, p := range [...]*idPage{full, other} {
		if p.n >= idFull { // all went to one side
			s.split(p, p.some())
		}
	}
}

// part moves the ids whose tags have a bit set to another page, which is empty. Which they are is
// what a processor cannot guess, so all that are in the group where they are looked for first go
// without a branch; the few that had no room there are placed anew, because now there is.
func (s *idSet) part(p, other *idPage, bit uint64) {
	shift := idPlace + bits.TrailingZeros64(bit)
	s.moved = s.moved[:0]
	for g := range p.slots {
		here, there := &p.slots[g], &other.slots[g]
		gone := uint64(0) // the bytes of the marks that go
		for n, x := range here {
			if home(x>>idPlace) != uint64(g) && x != 0 {
				s.moved = append(s.moved, displaced{x, p.marks[g] >> (n * 8) & 255})
				p.marks[g] &^= 255 << (n * 8)
				here[n] = 0
				continue
			}
			goes := -(x >> shift & 1)
			here[n], there[n] = x&^goes, x&goes
			gone |= goes & (255 << (n * 8))
			other.n -= int32(goes)
		}
		other.marks[g], p.marks[g] = p.marks[g]&gone, p.marks[g]&^gone
	}
	p.n -= other.n + int32(len(s.moved))
	for _, d := range s.moved {
		if d.x>>shift&1 == 1 {
			other.take(d.x, d.mark)
		} else {
			p.take(d.x, d.mark)
		}
	}
}

// displaced is a slot that had no room in its first group.
type displaced struct{ x, mark uint64 }

// take puts a slot into a page that has room.
func (p *idPage) take(x, mark uint64) {
	g := home(x >> idPlace)
	for zeros(p.marks[g]) == 0 {
		g = (g + 1) % idGroups
	}
	p.put(spotOf(g, zeros(p.marks[g])), x, mark)
}

func (p *idPage) put(at spot, x, mark uint64) {
	*p.at(at) = x
	p.mark(at, mark)
}

func (p *idPage) mark(at spot, mark uint64) {
	p.marks[at.group%idGroups] |= mark << (at.slot * 8)
	p.n++
}

// some is the tag of any id in a page.
func (p *idPage) some() uint64 {
	for _, g := range p.slots {
		for _, x := range g {
			if x != 0 {
				return x >> idPlace
			}
		}
	}
	return 0
}

// each hands out all ids, in no order.
func (s *idSet) each(f func(id string, seq uint64)) {
	for _, x := range s.all() {
		f(s.id(x), s.seqOf(x))
	}
}

// sorted returns the slots of all ids, by id.
func (s *idSet) sorted() []uint64 {
	out := s.all()
	slices.SortFunc(out, func(a, b uint64) int { return strings.Compare(s.id(a), s.id(b)) })
	return out
}

func (s *idSet) all() []uint64 {
	s.write()
	out := make([]uint64, 0, s.n)
	for i, p := range s.dir {
		if uint64(i) != uint64(i)&(1<<p.depth-1) {
			continue // a page stands under every ending of its tags: the first counts
		}
		for _, g := range p.slots {
			for _, x := range g {
				if x != 0 {
					out = append(out, x)
				}
			}
		}
	}
	return out
}
