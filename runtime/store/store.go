// Package store is the form of a workspace's log and the contract of what keeps it (decision D12).
//
// A log is a chain of entries. Each entry commits to its payload and its decision, which lie
// beside it with the salts of the commitments; deleting both leaves the chain valid. The packages
// below it keep such a log in a file (bolt) or in memory (mem); storetest is the contract that
// both fulfil. Whoever uses a log declares the verbs it needs: append, read, snapshot and load,
// activate, watch.
package store

// A Row is one entry with everything that is stored beside it, each part in stored form.
type Row struct {
	Seq      uint64
	Entry    []byte   // EntrySize bytes: see Entry
	Payload  []byte   // salt and bytes; nil: the entry has none, or it was erased
	Decision []byte   // salt and bytes; nil: erased
	Why      []byte   // the receipts; nil: none, or thinned
	Outbox   [][]byte // effects to be carried out, in order
	Kept     []byte   // salt and what is kept of an erased record; nil: nothing was erased
}

// A Batch is what one Append makes durable, all or nothing.
type Batch struct {
	Epoch  uint64 // of the writer, as Claim gave it
	After  uint64 // the seq that the log must end with
	Rows   []Row  // consecutive from After+1
	Policy *Policy
	Redact []Redaction
}

// A Redaction is what is kept of an entry whose payload and decision are going to be erased. It
// stands beside them until a snapshot was saved from which they are not needed any more: Save then
// erases them.
type Redaction struct {
	Seq  uint64
	Kept []byte // salt and bytes, in the runtime's form
}

// Last is the seq of the log's end once the batch is appended.
func (b *Batch) Last() uint64 { return b.After + uint64(len(b.Rows)) }

// A Policy is what an activation keeps: the source of a policy under the hash of its meaning.
type Policy struct {
	Hash  Hash
	Files []byte // as the runtime packs them
}

// Parts select what Read fetches beside the entries; each costs a look into a bucket of its own.
type Parts uint8

// The parts of a row.
const (
	Payloads Parts = 1 << iota
	Decisions
	Whys
	Outboxes
	Redactions
	Everything Parts = 1<<iota - 1
)

// Mask takes the parts off a row that were not asked for.
func (r *Row) Mask(parts Parts) {
	if parts&Payloads == 0 {
		r.Payload = nil
	}
	if parts&Decisions == 0 {
		r.Decision = nil
	}
	if parts&Whys == 0 {
		r.Why = nil
	}
	if parts&Outboxes == 0 {
		r.Outbox = nil
	}
	if parts&Redactions == 0 {
		r.Kept = nil
	}
}
