package runtime

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime/store"
)

// ids finds the entry that first carried an event's type and id: those since the last snapshot in
// memory, earlier ones in sorted runs on disk (decision D12). Ids are kept as hashes; who finds a
// seq looks into the entry to see whether it is the one.
type ids struct {
	log     runs
	recent  []idSeq           // in order of their seqs
	index   map[uint64]uint64 // of recent, as far as somebody had to look: few logs see a retraction
	indexed int               // how many of recent are in index or in same
	same    []idSeq           // ids whose hash a later one has
	frozen  []*idRun
	mu      sync.Mutex // runs are replaced by the committer
	stored  []*idRun   // in order of what they cover
	next    uint64     // number of the next run
	from    uint64     // what the stored and frozen runs cover ends here
}

// idSeq is one id: its hash and its entry.
type idSeq struct{ hash, seq uint64 }

// idRun is a sorted run; pairs are nil once it is on disk.
type idRun struct {
	store.Run
	pairs  []idSeq
	fences []uint64 // the first hash of each page
	filter []byte
}

func newIDs(log runs) *ids { return &ids{log: log, index: map[uint64]uint64{}} }

// pageIDs is how many ids a page holds; 16 bytes each.
const pageIDs = 256

// filterBits is how many bits of the filter an id has; 10 with 4 probes let one in 80 through.
const (
	filterBits   = 10
	filterProbes = 4
)

// open reads the heads and filters of the stored runs.
func (s *ids) open() error {
	heads, err := s.log.Runs()
	if err != nil {
		return err
	}
	for _, h := range heads {
		r := &idRun{Run: h}
		for i := h.Pages - h.Filters; i < h.Pages; i++ {
			b, err := s.log.Page(h.ID, int(i))
			if err != nil {
				return err
			}
			r.filter = append(r.filter, b...)
		}
		if len(r.filter)%8 != 0 || len(r.filter) < 8*int(h.Pages-h.Filters)+8 {
			return fmt.Errorf("run %d of ids: its filter has %d bytes", h.ID, len(r.filter))
		}
		for range h.Pages - h.Filters {
			r.fences = append(r.fences, binary.BigEndian.Uint64(r.filter))
			r.filter = r.filter[8:]
		}
		s.stored = append(s.stored, r)
		s.next, s.from = max(s.next, h.ID), max(s.from, h.To)
	}
	return nil
}

// note takes in the decision on a record: an event that was taken in has used its id.
func (s *ids) note(x *engine.Entry, d *decision.Decision) {
	r := x.Record
	if r.Retracted || r.Reject != nil || r.Type.Kind != policy.Event || bringsLateValues(d) {
		return
	}
	switch d.Outcome {
	case decision.Accepted, decision.Held, decision.Dropped:
		s.add(hashID(r.Type.Full, r.ID), d.Seq)
	}
}

// bringsLateValues reports whether a record only filled in an event that waits: the event is the
// entry that came first, and that is the one to take back.
func bringsLateValues(d *decision.Decision) bool {
	return slices.ContainsFunc(d.Findings, func(f decision.Finding) bool {
		return f.Code == source.LateValues
	})
}

func (s *ids) add(hash, seq uint64) { s.recent = append(s.recent, idSeq{hash, seq}) }

// look brings the index up to date.
func (s *ids) look() {
	for _, x := range s.recent[s.indexed:] {
		if old, ok := s.index[x.hash]; ok {
			s.same = append(s.same, idSeq{x.hash, old})
		}
		s.index[x.hash] = x.seq
	}
	s.indexed = len(s.recent)
}

// hashID is FNV-1a over type and id: it is in files, so it has to stay.
func hashID(typ, id string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for i := range len(typ) {
		h = (h ^ uint64(typ[i])) * prime
	}
	h *= prime // a zero byte in between
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * prime
	}
	return h
}

// find calls try with every seq that may be the id's, until it says yes.
func (s *ids) find(typ, id string, try func(seq uint64) bool) error {
	hash := hashID(typ, id)
	s.look()
	if seq, ok := s.index[hash]; ok && try(seq) {
		return nil
	}
	for _, x := range s.same {
		if x.hash == hash && try(x.seq) {
			return nil
		}
	}
	s.mu.Lock()
	runs := slices.Concat(s.stored, s.frozen)
	s.mu.Unlock()
	for _, r := range slices.Backward(runs) {
		found, err := r.find(s.log, hash)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(found, try) {
			return nil
		}
	}
	return nil
}

// find returns the seqs under a hash.
func (r *idRun) find(log runs, hash uint64) (out []uint64, err error) {
	if r.pairs != nil {
		i, _ := slices.BinarySearchFunc(r.pairs, hash, compareHash)
		for ; i < len(r.pairs) && r.pairs[i].hash == hash; i++ {
			out = append(out, r.pairs[i].seq)
		}
		return out, nil
	}
	if !mayHave(r.filter, hash) {
		return nil, nil
	}
	// Ids of one hash may lie on several pages: the one before the first fence that is not less
	// may end with them.
	first, _ := slices.BinarySearch(r.fences, hash)
	for i := max(first-1, 0); i < len(r.fences) && r.fences[i] <= hash; i++ {
		page, err := log.Page(r.ID, i)
		if err != nil {
			return nil, err
		}
		for ; len(page) >= 16; page = page[16:] {
			if binary.BigEndian.Uint64(page) == hash {
				out = append(out, binary.BigEndian.Uint64(page[8:]))
			}
		}
	}
	return out, nil
}

func compareHash(x idSeq, hash uint64) int { return cmp.Compare(x.hash, hash) }

func setFilter(filter []byte, hash uint64) {
	for i := range uint64(filterProbes) {
		bit := probe(filter, hash, i)
		filter[bit>>3] |= 1 << (bit & 7)
	}
}

func mayHave(filter []byte, hash uint64) bool {
	if len(filter) == 0 {
		return false
	}
	for i := range uint64(filterProbes) {
		if bit := probe(filter, hash, i); filter[bit>>3]>>(bit&7)&1 == 0 {
			return false
		}
	}
	return true
}

func probe(filter []byte, hash, i uint64) uint64 {
	return (hash + i*(hash>>33|hash<<31|1)) % (uint64(len(filter)) * 8)
}

// freeze makes a run of the ids since the last one. It is kept in memory until it is stored; nil
// where there are none.
func (s *ids) freeze(to uint64) *idRun {
	if len(s.recent) == 0 {
		return nil
	}
	s.next++
	r := newRun(store.Run{ID: s.next, From: s.from, To: to}, s.recent)
	s.from = to
	s.recent, s.same, s.indexed = nil, nil, 0
	clear(s.index)
	s.mu.Lock()
	s.frozen = append(s.frozen, r)
	s.mu.Unlock()
	return r
}

func newRun(head store.Run, pairs []idSeq) *idRun {
	slices.SortFunc(pairs, func(a, b idSeq) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.seq, b.seq))
	})
	r := &idRun{Run: head, pairs: pairs}
	r.Count = uint64(len(pairs))
	r.filter = make([]byte, (len(pairs)*filterBits+63)/64*8) // its length is part of probe
	for i, x := range pairs {
		setFilter(r.filter, x.hash)
		if i%pageIDs == 0 {
			r.fences = append(r.fences, x.hash)
		}
	}
	size := 8*len(r.fences) + len(r.filter)
	r.Filters = uint32((size + store.SectionSize - 1) / store.SectionSize)
	r.Pages = uint32(len(r.fences)) + r.Filters
	return r
}

// page returns one page of a run in stored form: ids, and at the end fences and filter.
func (r *idRun) page(i int) (out []byte) {
	if ids := len(r.fences); i < ids {
		for _, x := range r.pairs[i*pageIDs : min((i+1)*pageIDs, len(r.pairs))] {
			out = binary.BigEndian.AppendUint64(out, x.hash)
			out = binary.BigEndian.AppendUint64(out, x.seq)
		}
		return out
	} else {
		i -= ids
	}
	for _, f := range r.fences {
		out = binary.BigEndian.AppendUint64(out, f)
	}
	out = append(out, r.filter...)
	from := i * store.SectionSize
	return bytes.Clone(out[from:min(from+store.SectionSize, len(out))])
}

// settled moves a frozen run to the stored ones.
func (s *ids) settled(r *idRun) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := *r
	kept.pairs = nil
	s.frozen = slices.DeleteFunc(slices.Clone(s.frozen), func(o *idRun) bool { return o == r })
	s.stored = append(slices.Clone(s.stored), &kept)
}
