package store

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// A Run is a sorted part of the index of ids: which entry first carried an id. Ids arrive in any
// order, and a bucket keyed by them would cost nine tenths of the log's speed, so they are kept in
// memory until a snapshot and then written once, in order (decision D12).
type Run struct {
	ID       uint64 // its own: a run made of others has a new one
	From, To uint64 // it covers the entries (From, To]
	Count    uint64 // of ids
	Pages    uint32 // of ids, and then the filter's
	Filters  uint32 // how many of the last pages are the filter
	Sum      Hash   // of head and pages, as Seal made it; zero: written before there were sums
}

const (
	runSize   = 8 + 8 + 8 + 8 + 4 + 4
	runSummed = runSize + HashSize
)

// Covers reports whether another run's entries are all among those of this one.
func (r *Run) Covers(o *Run) bool { return r.From <= o.From && o.To <= r.To }

// Compare puts runs in order of what they cover.
func (r *Run) Compare(o *Run) int {
	return cmp.Or(cmp.Compare(r.To, o.To), cmp.Compare(r.From, o.From))
}

// Seal is the sum of the head and of its pages, whose own sum is given.
func (r *Run) Seal(pages Hash) Hash {
	return sha256.Sum256(append(r.head(nil), pages[:]...))
}

// Append appends the stored form.
func (r *Run) Append(dst []byte) []byte {
	dst = r.head(dst)
	if r.Sum != (Hash{}) {
		dst = append(dst, r.Sum[:]...)
	}
	return dst
}

func (r *Run) head(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, r.ID)
	dst = binary.BigEndian.AppendUint64(dst, r.From)
	dst = binary.BigEndian.AppendUint64(dst, r.To)
	dst = binary.BigEndian.AppendUint64(dst, r.Count)
	dst = binary.BigEndian.AppendUint32(dst, r.Pages)
	return binary.BigEndian.AppendUint32(dst, r.Filters)
}

// Decode reads the stored form.
func (r *Run) Decode(b []byte) error {
	r.Sum = Hash{}
	switch len(b) {
	case runSummed:
		copy(r.Sum[:], b[runSize:])
		if r.Sum == (Hash{}) {
			return fmt.Errorf("stored run's sum is nothing")
		}
	case runSize:
	default:
		return fmt.Errorf("stored run's head has %d bytes, not %d", len(b), runSummed)
	}
	r.ID = binary.BigEndian.Uint64(b)
	b = b[8:]
	r.From = binary.BigEndian.Uint64(b)
	r.To = binary.BigEndian.Uint64(b[8:])
	r.Count = binary.BigEndian.Uint64(b[16:])
	r.Pages = binary.BigEndian.Uint32(b[24:])
	r.Filters = binary.BigEndian.Uint32(b[28:])
	if r.Filters > r.Pages || r.From > r.To {
		return fmt.Errorf("stored run's head says %d filters in %d pages of (%d, %d]",
			r.Filters, r.Pages, r.From, r.To)
	}
	return nil
}
