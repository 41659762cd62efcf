package store

import (
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
}

const runSize = 8 + 8 + 8 + 8 + 4 + 4

// Append appends the stored form.
func (r *Run) Append(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, r.ID)
	dst = binary.BigEndian.AppendUint64(dst, r.From)
	dst = binary.BigEndian.AppendUint64(dst, r.To)
	dst = binary.BigEndian.AppendUint64(dst, r.Count)
	dst = binary.BigEndian.AppendUint32(dst, r.Pages)
	return binary.BigEndian.AppendUint32(dst, r.Filters)
}

// Decode reads the stored form.
func (r *Run) Decode(b []byte) error {
	if len(b) != runSize {
		return fmt.Errorf("stored run's head has %d bytes, not %d", len(b), runSize)
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
