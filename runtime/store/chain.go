package store

import (
	"crypto/rand"
	"fmt"
)

// saltBatch is how many salts are drawn at a time; each draw is a call into the system.
const saltBatch = 256

// A Chain seals entries one after another. It holds the end of the log as it will be once all
// that it sealed is appended. It is not safe for concurrent use.
type Chain struct {
	Seq  uint64
	Head Hash // of the entry with that seq

	salts []byte
}

// Salt appends a new salt; the payload or decision to be committed to goes right behind it.
func (c *Chain) Salt(dst []byte) []byte {
	if len(c.salts) < SaltSize {
		c.salts = make([]byte, SaltSize*saltBatch)
		_, _ = rand.Read(c.salts) // it ends the program where the system has no randomness
	}
	dst = append(dst, c.salts[:SaltSize]...)
	c.salts = c.salts[SaltSize:]
	return dst
}

// Seal numbers an entry, makes its commitments to the row's payload and decision, links it, and
// sets the row's entry, which is appended to arena.
func (c *Chain) Seal(e *Entry, r *Row, arena []byte) []byte {
	c.Seq++
	e.Seq, e.Prev = c.Seq, c.Head
	e.Payload, e.Decision = Commit(r.Payload), Commit(r.Decision)
	from := len(arena)
	arena = e.Append(arena)
	r.Seq, r.Entry = e.Seq, arena[from:len(arena):len(arena)]
	c.Head = HashEntry(r.Entry)
	return arena
}

// Next checks that a row follows the end of the chain and moves the end to it. Commitments are
// checked of what is there; what was erased is covered by the chain alone.
func (c *Chain) Next(r *Row) (Entry, error) {
	var e Entry
	if err := e.Decode(r.Entry); err != nil {
		return e, &DamageError{Seq: c.Seq + 1, What: err.Error()}
	}
	bad := func(format string, args ...any) (Entry, error) {
		return e, &DamageError{Seq: c.Seq + 1, What: fmt.Sprintf(format, args...)}
	}
	switch {
	case e.Seq != c.Seq+1 || r.Seq != e.Seq:
		return bad("entry is numbered %d and stored as %d", e.Seq, r.Seq)
	case e.Prev != c.Head:
		return bad("the chain is broken: the entry does not name the one before")
	case r.Payload != nil && Commit(r.Payload) != e.Payload:
		return bad("payload is not the one that was committed to")
	case r.Decision != nil && Commit(r.Decision) != e.Decision:
		return bad("decision is not the one that was committed to")
	}
	c.Seq, c.Head = e.Seq, HashEntry(r.Entry)
	return e, nil
}

// A reader is the verb that walking a chain needs.
type reader interface {
	Read(from, to uint64, parts Parts, each func(*Row) error) error
}

// Verify walks the chain over [from, to] and checks every link and every commitment. Of from the
// link backwards is taken on trust unless from is 1. It returns the hash of the entry to.
func Verify(log reader, from, to uint64) (Hash, error) {
	if from == 0 || from > to {
		return Hash{}, fmt.Errorf("verify from %d to %d: the first entry is 1", from, to)
	}
	c := Chain{Seq: from - 1}
	err := log.Read(from, to, Payloads|Decisions, func(r *Row) error {
		if c.Seq == from-1 && from > 1 {
			var e Entry
			if err := e.Decode(r.Entry); err != nil {
				return &DamageError{Seq: from, What: err.Error()}
			}
			c.Head = e.Prev
		}
		_, err := c.Next(r)
		return err
	})
	if err == nil && c.Seq != to {
		err = &DamageError{Seq: c.Seq + 1, What: "entry is missing"}
	}
	return c.Head, err
}
