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

// Part is what a row stores of an entry beside it, unsalted.
type Part struct {
	Payload  []byte
	Decision []byte
	Why      []byte
	Outbox   [][]byte
}

// Seal numbers an entry, draws its salts, makes the commitments, links it, and returns its row.
// The stored bytes are appended to arena, which the row points into; Why is taken as it is.
func (c *Chain) Seal(e *Entry, p Part, arena []byte) (Row, []byte) {
	c.Seq++
	e.Seq, e.Prev = c.Seq, c.Head
	r := Row{Seq: e.Seq, Why: p.Why, Outbox: p.Outbox}
	if p.Payload != nil {
		r.Payload, arena = c.salted(p.Payload, arena)
	}
	r.Decision, arena = c.salted(p.Decision, arena)
	e.Payload, e.Decision = Commit(r.Payload), Commit(r.Decision)
	from := len(arena)
	arena = e.Append(arena)
	r.Entry = arena[from:len(arena):len(arena)]
	c.Head = HashEntry(r.Entry)
	return r, arena
}

func (c *Chain) salted(b, arena []byte) (out, rest []byte) {
	if len(c.salts) < SaltSize {
		c.salts = make([]byte, SaltSize*saltBatch)
		_, _ = rand.Read(c.salts) // never fails: it ends the program where the system has no randomness
	}
	from := len(arena)
	arena = append(arena, c.salts[:SaltSize]...)
	c.salts = c.salts[SaltSize:]
	arena = append(arena, b...)
	return arena[from:len(arena):len(arena)], arena
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
