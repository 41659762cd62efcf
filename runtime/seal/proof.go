package seal

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/throughline/throughline/runtime/store"
)

// Proof shows to somebody who has nothing else that an entry was in a log when that was signed.
// Payload and decision are there where they are shown as well: each with the salt of its
// commitment, so whoever has the proof can check that they are the entry's.
type Proof struct {
	Seq        uint64 `json:"seq"`
	Entry      []byte `json:"entry"` // as it is stored
	Payload    []byte `json:"payload,omitempty"`
	Decision   []byte `json:"decision,omitempty"`
	Path       []Hash `json:"path"`       // from the entry to the root
	Checkpoint string `json:"checkpoint"` // signed
}

// Prove makes the proof of an entry under a signed checkpoint; show says whether what came and what
// was decided are in it.
func (t *Tree) Prove(seq uint64, c *Checkpoint, signed []byte, show bool) (*Proof, error) {
	path, err := t.Inclusion(seq, c.Entries)
	if err != nil {
		return nil, err
	}
	p := &Proof{Seq: seq, Path: path, Checkpoint: string(signed)}
	err = t.log.Read(seq, seq, store.Payloads|store.Decisions, func(r *store.Row) error {
		p.Entry = append(p.Entry, r.Entry...)
		if show {
			p.Payload, p.Decision = append(p.Payload, r.Payload...), append(p.Decision, r.Decision...)
		}
		return nil
	})
	return p, err
}

// Proved is what a proof shows.
type Proved struct {
	store.Entry
	Checkpoint *Checkpoint
	Payload    []byte // what came, nil: not shown
}

// ReadProof reads a proof and checks it: the signature, the way to the root, and what is shown.
func ReadProof(b []byte, keys ...string) (*Proved, error) {
	var p Proof
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProof, err)
	}
	c, err := Open([]byte(p.Checkpoint), keys...)
	if err != nil {
		return nil, err
	}
	if err := Included(c, p.Seq, p.Entry, p.Path); err != nil {
		return nil, err
	}
	out := &Proved{Checkpoint: c, Payload: store.Unsalt(p.Payload)}
	if err := out.Decode(p.Entry); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProof, err)
	}
	switch {
	case out.Seq != p.Seq:
		err = errors.New("the entry is another one")
	case len(p.Payload) > 0 && store.Commit(p.Payload) != out.Entry.Payload:
		err = errors.New("what came is not what the entry commits to")
	case len(p.Decision) > 0 && store.Commit(p.Decision) != out.Decision:
		err = errors.New("the decision is not the one that the entry commits to")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProof, err)
	}
	return out, nil
}
