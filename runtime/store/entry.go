package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Format is the first byte of every stored entry. A log of another format is refused, never
// guessed at.
const Format = 1

// EntrySize is the length of a stored entry.
const EntrySize = 32 + 4*HashSize

// HashSize is the length of a Hash.
const HashSize = sha256.Size

// Hash is a SHA-256 sum.
type Hash [HashSize]byte

// entryPrefix separates the hashes of entries from every other use of SHA-256.
const entryPrefix = 0x01

// Flags say what an entry's kind alone does not.
type Flags uint8

// The flags.
const (
	Imported    Flags = 1 << iota // the moment came with the record, not from the writer's clock
	Quarantined                   // the engine broke on the payload; it was rejected unread
	Ahead                         // imported and later than the clock; it was rejected
	allFlags    Flags = 1<<iota - 1
)

// Entry is the part of a log entry that is never deleted. It holds nothing about anybody: what
// came and what was decided are only committed to.
type Entry struct {
	Kind      uint8 // of the engine's entry kinds
	Flags     Flags
	Depth     uint8 // of the chain of causes
	Semantics uint32
	Seq       uint64
	Moment    int64
	Cause     uint64
	Policy    Hash // in force when it was decided
	Payload   Hash // commitment; zero: the entry has no payload
	Decision  Hash // commitment
	Prev      Hash // of the entry before; zero for the first
}

// Append appends the stored form.
func (e *Entry) Append(dst []byte) []byte {
	dst = append(dst, Format, e.Kind, byte(e.Flags), e.Depth)
	dst = binary.BigEndian.AppendUint32(dst, e.Semantics)
	dst = binary.BigEndian.AppendUint64(dst, e.Seq)
	dst = binary.BigEndian.AppendUint64(dst, uint64(e.Moment))
	dst = binary.BigEndian.AppendUint64(dst, e.Cause)
	dst = append(dst, e.Policy[:]...)
	dst = append(dst, e.Payload[:]...)
	dst = append(dst, e.Decision[:]...)
	return append(dst, e.Prev[:]...)
}

// Decode reads a stored entry.
func (e *Entry) Decode(b []byte) error {
	switch {
	case len(b) > 0 && b[0] != Format:
		return &FormatError{What: "entry", Found: int(b[0]), Known: Format}
	case len(b) != EntrySize:
		return fmt.Errorf("stored entry has %d bytes, not %d", len(b), EntrySize)
	case Flags(b[2])&^allFlags != 0:
		return fmt.Errorf("stored entry has unknown flags %#x", b[2])
	}
	e.Kind, e.Flags, e.Depth = b[1], Flags(b[2]), b[3]
	e.Semantics = binary.BigEndian.Uint32(b[4:])
	e.Seq = binary.BigEndian.Uint64(b[8:])
	e.Moment = int64(binary.BigEndian.Uint64(b[16:]))
	e.Cause = binary.BigEndian.Uint64(b[24:])
	b = b[32:]
	copy(e.Policy[:], b)
	copy(e.Payload[:], b[HashSize:])
	copy(e.Decision[:], b[2*HashSize:])
	copy(e.Prev[:], b[3*HashSize:])
	return nil
}

// HashEntry is the hash by which the next entry names a stored entry.
func HashEntry(b []byte) Hash {
	var buf [1 + EntrySize]byte
	buf[0] = entryPrefix
	copy(buf[1:], b)
	return sha256.Sum256(buf[:])
}

// SaltSize is the length of the random bytes before a stored payload or decision. Without them a
// short payload could be found again by trying, long after it was erased.
const SaltSize = 16

// Commit is the commitment to salted bytes; none is made of nothing.
func Commit(salted []byte) Hash {
	if len(salted) == 0 {
		return Hash{}
	}
	return sha256.Sum256(salted)
}

// Unsalt returns the bytes behind the salt; nil for what was erased or never there.
func Unsalt(salted []byte) []byte {
	if len(salted) < SaltSize {
		return nil
	}
	return salted[SaltSize:]
}
