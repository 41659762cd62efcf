package runtime

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/throughline/throughline/runtime/store"
)

// idRun is a sorted run; pairs are nil once it is on disk.
type idRun struct {
	store.Run
	pairs  []idSeq
	fences []uint64 // the first hash of each page
	filter []byte
}

// pageIDs is how many ids a page holds; 16 bytes each.
const pageIDs = 256

// filterBits is how many bits of the filter an id has; 16 with 4 probes let one in 400 through,
// which costs reading a page. The number may change, since a run says how long its filter is.
const (
	filterBits   = 16
	filterProbes = 4
)

// openRun reads fences and filter of a stored run.
func openRun(log runs, h store.Run) (*idRun, error) {
	r := &idRun{Run: h}
	for i := h.Pages - h.Filters; i < h.Pages; i++ {
		b, err := log.Page(h.ID, int(i))
		if err != nil {
			return nil, err
		}
		r.filter = append(r.filter, b...)
	}
	if len(r.filter)%8 != 0 || len(r.filter) < 8*int(h.Pages-h.Filters) {
		return nil, fmt.Errorf("run %d of ids: its filter has %d bytes", h.ID, len(r.filter))
	}
	for range h.Pages - h.Filters {
		r.fences = append(r.fences, binary.BigEndian.Uint64(r.filter))
		r.filter = r.filter[8:]
	}
	return r, nil
}

// newRun makes a run of ids in any order.
func newRun(head store.Run, pairs []idSeq) *idRun {
	slices.SortFunc(pairs, compareIDs)
	r := sizedRun(head, len(pairs))
	r.pairs = pairs
	for _, x := range pairs {
		r.add(x)
	}
	return r
}

func compareIDs(a, b idSeq) int {
	return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.seq, b.seq))
}

// sizedRun makes a run that n ids are to be added to.
func sizedRun(head store.Run, n int) *idRun {
	r := &idRun{Run: head, pairs: []idSeq{}}
	pages := (n + pageIDs - 1) / pageIDs
	r.filter = make([]byte, (n*filterBits+63)/64*8) // its length is part of probe
	r.Filters = uint32((8*pages + len(r.filter) + store.SectionSize - 1) / store.SectionSize)
	r.Pages = uint32(pages) + r.Filters
	return r
}

// add counts an id, which comes after all before it.
func (r *idRun) add(x idSeq) {
	if r.Count%pageIDs == 0 {
		r.fences = append(r.fences, x.hash)
	}
	r.Count++
	for i := range uint64(filterProbes) {
		bit := probe(r.filter, x.hash, i)
		r.filter[bit>>3] |= 1 << (bit & 7)
	}
}

// find returns the seqs under a hash.
func (r *idRun) find(log runs, hash uint64) (out []uint64, err error) {
	if !mayHave(r.filter, hash) {
		return nil, nil
	}
	if r.pairs != nil {
		i, _ := slices.BinarySearchFunc(r.pairs, hash, compareHash)
		for ; i < len(r.pairs) && r.pairs[i].hash == hash; i++ {
			out = append(out, r.pairs[i].seq)
		}
		return out, nil
	}
	// Ids of one hash may lie on several pages: the one before the first fence that is not less
	// may end with them.
	first, _ := slices.BinarySearch(r.fences, hash)
	for i := max(first-1, 0); i < len(r.fences) && r.fences[i] <= hash; i++ {
		page, err := log.Page(r.ID, i)
		if err != nil {
			return nil, err
		}
		for x := range idsOn(page) {
			if x.hash == hash {
				out = append(out, x.seq)
			}
		}
	}
	return out, nil
}

func compareHash(x idSeq, hash uint64) int { return cmp.Compare(x.hash, hash) }

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

// idsOn reads a page of ids.
func idsOn(page []byte) func(func(idSeq) bool) {
	return func(yield func(idSeq) bool) {
		for ; len(page) >= 16; page = page[16:] {
			x := idSeq{binary.BigEndian.Uint64(page), binary.BigEndian.Uint64(page[8:])}
			if !yield(x) {
				return
			}
		}
	}
}

// idPage is the stored form of one page of ids.
func idPage(ids []idSeq) (out []byte) {
	for _, x := range ids {
		out = binary.BigEndian.AppendUint64(out, x.hash)
		out = binary.BigEndian.AppendUint64(out, x.seq)
	}
	return out
}

// page returns one page of a run in memory in stored form: ids, and at the end fences and filter.
func (r *idRun) page(i int) []byte {
	if ids := len(r.fences); i < ids {
		return idPage(r.pairs[i*pageIDs : min((i+1)*pageIDs, len(r.pairs))])
	}
	return r.filterPage(i - len(r.fences))
}

// filterPage returns one of the pages of fences and filter.
func (r *idRun) filterPage(i int) []byte {
	var out []byte
	for _, f := range r.fences {
		out = binary.BigEndian.AppendUint64(out, f)
	}
	out = append(out, r.filter...)
	from := i * store.SectionSize
	return bytes.Clone(out[from:min(from+store.SectionSize, len(out))])
}
