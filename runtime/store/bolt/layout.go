package bolt

import (
	"crypto/sha256"
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
	bucketKept      bucket = "kept"      // seq: salt and what is kept of an erased record
	bucketSums      bucket = "sums"      // first seq of a batch: sum of its receipts
)

// What the meta bucket holds.
var (
	metaFormat = []byte("format")
	metaEpoch  = []byte("epoch") // of the last writer, with its sum
	metaHead   = []byte("head")  // seq of the last entry, and its hash: no other entry names it
)

type bucket string

// buckets lists all of them; a database has them from its first transaction on.
func buckets() []bucket {
	return []bucket{bucketMeta, bucketEntries, bucketPayloads, bucketDecisions, bucketWhy,
		bucketOutbox, bucketHeads, bucketSections, bucketRuns, bucketPages, bucketPolicies}
}

// laterBuckets lists those that a database of an earlier time lacks: it gets them when it is next
// opened to be written.
func laterBuckets() []bucket { return []bucket{bucketKept, bucketSums} }

// each visits a bucket that may not be there yet.
func (b bucket) each(tx *bbolt.Tx, f func(k, v []byte) error) error {
	found := tx.Bucket([]byte(b))
	if found == nil {
		return nil
	}
	return found.ForEach(f)
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

// sumOf tells changed bytes from those that were written. Who changes them on purpose can make it
// anew; what that must not be possible for is in the chain.
func sumOf(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:16]
}

// summedKey is a number with its sum.
func summedKey(n uint64) []byte { return append(keyOf(n), sumOf(keyOf(n))[:8]...) }
