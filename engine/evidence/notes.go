package evidence

import (
	"cmp"
	"math/bits"
	"slices"
)

// Notes remembers the notes that a new one is held against: a person's own of the last 90 days, at
// most 600, and those of the team of the last 14 days. The zero Notes is empty. Moments only grow,
// in the order of the log.
type Notes struct {
	next   uint32 // the number of the next note
	people map[string]*own
	teams  map[string]*shared
}

// own are one person's notes, oldest first. Their marks lie side by side, those that tell most
// apart by themselves: each new note is held against all of them.
type own struct {
	list  []kept
	heads []head
	rests []rest
}

// kept is one note.
type kept struct {
	n      uint32
	at     int64
	record uint64 // the seq of the record that it came with
	person string
	sketch Sketch
}

// shared are one team's notes, with an index: under each pair of letters the notes that have it.
type shared struct {
	list  []kept // ascending by number
	under map[uint32][]uint32
	held  int // pairs of the notes in list
	gone  int // entries of under whose note has left
}

// Match is the nearest note to one.
type Match struct {
	Record  uint64 // the seq of the record that it came with
	Person  string
	Jaccard float64
	Common  int // pairs of letters that both have
}

// Author says whose a note is.
type Author struct {
	Person string
	Team   string // "": nobody else's notes are looked at
}

// Nearest finds the note most like a sketch, among those of the person and of the team that are at
// least as like as given; of equals the earliest. It is not found where there is none.
func (n *Notes) Nearest(who Author, now int64, s Sketch, least float64) (Match, bool) {
	var best Match
	if len(s) == 0 {
		return best, false
	}
	better := func(k *kept) {
		if m := like(k, s); m.Jaccard >= least && m.Jaccard > best.Jaccard {
			best = m
		}
	}
	if p := n.people[who.Person]; p != nil {
		h, r := s.marks()
		apart := limit(least)
		for i := range p.heads {
			x := &p.heads[i]
			most := apart.of(h.size + x.size)
			d := bits.OnesCount64(h.bits ^ x.bits)
			if d > most || d+r.apart(&p.rests[i]) > most {
				continue
			}
			if k := &p.list[i]; k.at > now-OwnPeriod && possible(k.sketch, s, least) {
				better(k)
				apart = limit(max(least, best.Jaccard))
			}
		}
	}
	if t := n.teams[who.Team]; t != nil && who.Team != "" {
		for _, num := range t.candidates(s, least) {
			k := t.find(num)
			if k != nil && k.person != who.Person && k.at > now-TeamPeriod &&
				possible(k.sketch, s, least) {
				better(k)
			}
		}
	}
	return best, best.Jaccard > 0
}

func like(k *kept, s Sketch) Match {
	c := Common(k.sketch, s)
	return Match{Record: k.record, Person: k.person, Common: c,
		Jaccard: float64(c) / float64(len(k.sketch)+len(s)-c)}
}

// head and rest are 256 bits in which each pair of a sketch has one, and how many pairs it has. A
// bit that only one of two sketches has is a pair at least that the other lacks.
type head struct {
	bits uint64
	size int32
}

type rest [3]uint64

func (s Sketch) marks() (h head, r rest) {
	h.size = int32(len(s))
	for _, p := range s {
		bit := uint64(1) << (p & 63)
		if i := p >> 6 & 3; i == 0 {
			h.bits |= bit
		} else {
			r[i-1] |= bit
		}
	}
	return h, r
}

// apart counts the bits that only one has.
func (r *rest) apart(b *rest) int {
	return bits.OnesCount64(r[0]^b[0]) + bits.OnesCount64(r[1]^b[1]) + bits.OnesCount64(r[2]^b[2])
}

// limit is how many pairs two sketches that are as like as given may have apart, for each pair of
// either: c common ones of a and b leave a + b − 2c apart, and c is at least like ÷ (1 + like) of
// a + b. In units of 2⁻³², rounded up: it may let sketches through that are less like.
type limited uint64

func limit(like float64) limited {
	return limited(float64((1-like)/(1+like)*(1<<32))) + 2
}

func (l limited) of(pairs int32) int { return int(uint64(l) * uint64(pairs) >> 32) }

// possible reports whether the sizes alone leave two sketches like enough.
func possible(a, b Sketch, least float64) bool {
	small, large := min(len(a), len(b)), max(len(a), len(b))
	return float64(small) >= least*float64(large)
}

// candidates are the notes that share one of a sketch's rarest pairs. What is like enough shares
// at least `least` of the sketch's pairs, so it has one of any (1 − least) of them and one more;
// the rarest are under the shortest lists (prefix filtering: Chaudhuri, Ganti, Kaushik, 2006).
func (t *shared) candidates(s Sketch, least float64) []uint32 {
	shares := int(least * float64(len(s)))
	if float64(shares) < least*float64(len(s)) {
		shares++
	}
	rare := make([][]uint32, len(s)) // notes by pair: each is looked up once, not at every comparison
	for i, p := range s {
		rare[i] = t.under[p]
	}
	slices.SortStableFunc(rare, func(a, b []uint32) int { return cmp.Compare(len(a), len(b)) })
	var out []uint32
	for _, under := range rare[:len(s)-max(shares, 1)+1] {
		out = append(out, under...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (t *shared) find(num uint32) *kept {
	i, found := slices.BinarySearchFunc(t.list, num, func(k kept, n uint32) int {
		return cmp.Compare(k.n, n)
	})
	if !found {
		return nil
	}
	return &t.list[i]
}

// Add remembers a note that came with the record of a seq. One that is too short is passed over.
func (n *Notes) Add(who Author, now int64, record uint64, s Sketch) {
	if len(s) == 0 {
		return
	}
	if n.people == nil {
		n.people, n.teams = map[string]*own{}, map[string]*shared{}
	}
	k := kept{n: n.next, at: now, record: record, person: who.Person, sketch: s}
	n.next++
	if who.Person != "" {
		p := n.people[who.Person]
		if p == nil {
			p = &own{}
			n.people[who.Person] = p
		}
		p.add(k)
	}
	if who.Team != "" {
		t := n.teams[who.Team]
		if t == nil {
			t = &shared{under: map[uint32][]uint32{}}
			n.teams[who.Team] = t
		}
		t.add(k)
	}
}

func (p *own) add(k kept) {
	old := 0
	for old < len(p.list) && p.list[old].at <= k.at-OwnPeriod {
		old++
	}
	old = max(old, len(p.list)+1-OwnNotes)
	clear(p.list[:old])
	h, r := k.sketch.marks()
	p.list, p.heads = append(p.list[old:], k), append(p.heads[old:], h)
	p.rests = append(p.rests[old:], r)
}

// mark makes the marks of all notes.
func (p *own) mark() {
	p.heads, p.rests = p.heads[:0], p.rests[:0]
	for i := range p.list {
		h, r := p.list[i].sketch.marks()
		p.heads, p.rests = append(p.heads, h), append(p.rests, r)
	}
}

func (t *shared) add(k kept) {
	old := 0
	for old < len(t.list) && t.list[old].at <= k.at-TeamPeriod {
		t.left(&t.list[old])
		old++
	}
	t.list = append(slices.Delete(t.list, 0, old), k)
	t.held += len(k.sketch)
	t.file(&k)
	if t.gone > max(t.held, 1024) {
		t.gone = 0
		clear(t.under)
		for i := range t.list {
			t.file(&t.list[i])
		}
	}
}

// file puts a note under its pairs.
func (t *shared) file(k *kept) {
	for _, p := range k.sketch {
		t.under[p] = append(t.under[p], k.n)
	}
}

// left counts a note that leaves. The index forgets it when most of what is in it has left.
func (t *shared) left(k *kept) {
	t.held -= len(k.sketch)
	t.gone += len(k.sketch)
}

// forget takes out the note that came with a record.
func (n *Notes) forget(record uint64) {
	same := func(k kept) bool { return k.record == record }
	for k, p := range n.people { //tidy:order each by itself
		was := len(p.list)
		if p.list = slices.DeleteFunc(p.list, same); len(p.list) == 0 {
			delete(n.people, k)
		} else if len(p.list) < was {
			p.mark()
		}
	}
	for k, t := range n.teams { //tidy:order each by itself
		for i := range t.list {
			if same(t.list[i]) {
				t.left(&t.list[i])
			}
		}
		if t.list = slices.DeleteFunc(t.list, same); len(t.list) == 0 {
			delete(n.teams, k)
		}
	}
}
