package seal

import (
	"encoding/json"

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
		return nil, noProof(err)
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
		return nil, noProof(err)
	}
	switch {
	case out.Seq != p.Seq:
		return nil, Unproved("the entry is another one", "条目是另一个")
	case len(p.Payload) > 0 && store.Commit(p.Payload) != out.Entry.Payload:
		return nil, Unproved("what came is not what the entry commits to", "收到的内容与条目不符")
	case len(p.Decision) > 0 && store.Commit(p.Decision) != out.Decision:
		return nil, Unproved("the decision is not the one that the entry commits to",
			"决定与条目不符")
	}
	return out, nil
}

// noProof says that something cannot be read as a proof.
func noProof(err error) error { return Unproved("no proof: %[1]v", "不是证明：%[1]v", err) }

// Growth shows to whoever kept a checkpoint that a log went on from it to a later one: nothing was
// changed, left out or put in between. It says nothing of any entry.
type Growth struct {
	Since      uint64 `json:"since"`      // entries of the checkpoint that was kept
	Path       []Hash `json:"path"`       // from its root to the later one
	Checkpoint string `json:"checkpoint"` // the later one, signed
}

// Grow makes the proof that the log went on from its first entries to a signed checkpoint.
func (t *Tree) Grow(since uint64, c *Checkpoint, signed []byte) (*Growth, error) {
	path, err := t.Consistency(c.Entries, since)
	if err != nil {
		return nil, err
	}
	return &Growth{Since: since, Path: path, Checkpoint: string(signed)}, nil
}

// IsGrowth reports whether a proof is one of Growth and not one of an entry.
func IsGrowth(b []byte) bool {
	var p struct{ Since *uint64 }
	return json.Unmarshal(b, &p) == nil && p.Since != nil
}

// ReadGrowth reads such a proof and holds it to the checkpoint that was kept. It answers the later
// one.
func ReadGrowth(b []byte, kept *Checkpoint, keys ...string) (*Checkpoint, error) {
	var p Growth
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, noProof(err)
	}
	c, err := Open([]byte(p.Checkpoint), keys...)
	if err != nil {
		return nil, err
	}
	if p.Since != kept.Entries {
		return nil, Unproved("it begins with %d entries, and the checkpoint has %d",
			"它从 %d 个条目开始，而检查点有 %d 个", p.Since, kept.Entries)
	}
	return c, Continues(c, kept, p.Path)
}
