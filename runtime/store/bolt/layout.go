package bolt

import (
	"encoding/binary"
	"errors"

	"go.etcd.io/bbolt"
)

// format is in the meta bucket; a file of another one is refused.
const format = 1

// The buckets. The keys of those written with every batch only grow.
const (
	bucketMeta      bucket = "meta"      // format, epoch
	bucketEntries   bucket = "entries"   // seq: entry
	bucketPayloads  bucket = "payloads"  // seq: salt and bytes
	bucketDecisions bucket = "decisions" // seq: salt and bytes
	bucketWhy       bucket = "why"       // first seq of a batch: the receipts of its entries
	bucketOutbox    bucket = "outbox"    // seq, n: effect
	bucketHeads     bucket = "snapshots" // seq: head of a snapshot
	bucketSections  bucket = "sections"  // seq, n: section of a snapshot
	bucketRuns      bucket = "ids"       // run: head of a run of ids
	bucketPages     bucket = "pages"     // run, n: page of a run of ids
	bucketPolicies  bucket = "policies"  // hash: files
)

type bucket string

// buckets lists all of them; a database has them from its first transaction on.
func buckets() []bucket {
	return []bucket{bucketMeta, bucketEntries, bucketPayloads, bucketDecisions, bucketWhy,
		bucketOutbox, bucketHeads, bucketSections, bucketRuns, bucketPages, bucketPolicies}
}

// in returns the bucket for appending: its keys grow, so a page that is full is never opened
// again and may be full to the brim.
func (b bucket) in(tx *bbolt.Tx) *bbolt.Bucket {
	found := tx.Bucket([]byte(b))
	found.FillPercent = 1
	return found
}

func keyOf(seq uint64) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 0, 8), seq)
}

func keyOfPart(seq uint64, n int) []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 12), seq)
	return binary.BigEndian.AppendUint32(b, uint32(n))
}

func seqOf(key []byte) uint64 {
	if len(key) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(key)
}

// lastIn returns the greatest seq in a bucket, 0 where it is empty.
func lastIn(b *bbolt.Bucket) uint64 {
	k, _ := b.Cursor().Last()
	return seqOf(k)
}

var errPacked = errors.New("packed receipts are cut short")

// appendWhy packs the receipts of one entry behind those of the entries before it: most entries
// have few, and a row for each would cost more than the receipts.
func appendWhy(dst []byte, step uint64, why []byte) []byte {
	dst = binary.AppendUvarint(dst, step)
	dst = binary.AppendUvarint(dst, uint64(len(why)))
	return append(dst, why...)
}

// pack is what is left of packed receipts.
type pack struct {
	first uint64 // entry of the batch
	rest  []byte
}

// next takes the next receipts off a pack.
func (p *pack) next() (seq uint64, why []byte, err error) {
	step, n := binary.Uvarint(p.rest)
	if n <= 0 {
		return 0, nil, errPacked
	}
	size, m := binary.Uvarint(p.rest[n:])
	b := p.rest[n:]
	if m <= 0 || size > uint64(len(b)-m) {
		return 0, nil, errPacked
	}
	b = b[m:]
	p.rest = b[size:]
	return p.first + step, b[:size:size], nil
}
