package runtime

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime/seal"
	"github.com/throughline/throughline/runtime/store"
)

// Logged is one durable entry of the log. Its bytes are valid until the function that was given it
// returns.
type Logged struct {
	store.Entry
	Payload []byte // the record's bytes as they came; what is kept where some were erased; nil: none

	decision, why []byte
	plan          *plan
	sends         [][]byte
}

// Sends are the effects of the decision that are to be carried out in the world, by their place in
// it; Outgoing alone fills them in.
func (l *Logged) Sends() (out []int) {
	for _, b := range l.sends {
		if n, k := binary.Uvarint(b[1:]); k > 0 {
			out = append(out, int(n))
		}
	}
	return out
}

// Policy is the policy that decided.
func (l *Logged) Policy() *policy.Policy { return l.plan.policy }

// Decode unpacks the decision into d, and the receipts where they were asked for.
func (l *Logged) Decode(d *decision.Decision) error {
	if l.decision == nil {
		return &ErasedError{Seq: l.Seq}
	}
	if err := l.plan.codec.Decode(l.decision, d); err != nil {
		return fmt.Errorf("seq %d: %w", l.Seq, err)
	}
	if l.why == nil {
		return nil
	}
	if err := l.plan.codec.DecodeWhy(l.why, d); err != nil {
		return fmt.Errorf("seq %d: %w", l.Seq, err)
	}
	return nil
}

// Policy returns a policy that was in force at some time, by its hash.
func (w *Workspace) Policy(hash store.Hash) (*policy.Policy, error) {
	p, err := w.plans.of(hash)
	if err != nil {
		return nil, err
	}
	return p.policy, nil
}

// Last returns the seq of the last durable entry.
func (w *Workspace) Last() uint64 { return w.log.Last() }

// Entries hands out the durable entries of [from, to] in order; why says whether receipts are
// wanted, which cost a look of their own.
func (w *Workspace) Entries(from, to uint64, why bool, each func(*Logged) error) error {
	parts := store.Payloads | store.Decisions | store.Redactions
	if why {
		parts |= store.Whys
	}
	return w.read(from, to, parts, each)
}

// Outgoing is Entries with what is to be carried out in the world. Unless all are wanted, it hands
// out the entries alone that have some, and the commands; the others it does not fetch.
func (w *Workspace) Outgoing(from, to uint64, all bool, each func(*Logged) error) error {
	const parts = store.Payloads | store.Decisions | store.Redactions | store.Outboxes
	if all {
		return w.read(from, to, parts, each)
	}
	var seqs []uint64
	err := w.log.Read(from, to, store.Outboxes, func(r *store.Row) error {
		var e store.Entry
		if err := e.Decode(r.Entry); err != nil {
			return err
		}
		if len(r.Outbox) > 0 || decision.Kind(e.Kind) == decision.Command {
			seqs = append(seqs, e.Seq)
		}
		return nil
	})
	for i := 0; i < len(seqs) && err == nil; {
		next := i + 1 // those behind each other are read at once
		for next < len(seqs) && seqs[next] == seqs[next-1]+1 {
			next++
		}
		err = w.read(seqs[i], seqs[next-1], parts, each)
		i = next
	}
	return err
}

// Head is the hash of an entry: it stands for it and all before it. The zero hash is that of none.
func (w *Workspace) Head(seq uint64) (store.Hash, error) {
	if seq == 0 || seq > w.log.Last() {
		return store.Hash{}, nil
	}
	_, head, err := lastRow(w.log, seq)
	return head, err
}

func (w *Workspace) read(from, to uint64, parts store.Parts, each func(*Logged) error) error {
	var l Logged
	return w.log.Read(from, to, parts, func(r *store.Row) error {
		if err := l.Entry.Decode(r.Entry); err != nil {
			return err
		}
		if l.plan == nil || l.plan.hash != l.Entry.Policy {
			p, err := w.plans.of(l.Entry.Policy)
			if err != nil {
				return err
			}
			l.plan = p
		}
		l.Payload, l.decision = store.Unsalt(r.Payload), store.Unsalt(r.Decision)
		l.why, l.sends = r.Why, r.Outbox
		if r.Kept != nil {
			var k kept
			if err := k.read(r.Kept); err != nil {
				return fmt.Errorf("seq %d: %w", r.Seq, err)
			}
			l.Payload, l.decision, l.why, l.sends = k.Line, nil, nil, nil
		}
		return each(&l)
	})
}

// Watch hands out every durable entry after a seq and then those that come, until ctx ends or the
// workspace closes.
func (w *Workspace) Watch(ctx context.Context, after uint64, each func(*Logged) error) error {
	for {
		last, err := w.log.Watch(ctx, after)
		if err != nil {
			return err
		}
		if err := w.Entries(after+1, last, false, each); err != nil {
			return err
		}
		after = last
	}
}

// Verify walks the chain from the first entry to the last and checks every commitment.
func (w *Workspace) Verify() (store.Hash, error) { return w.VerifyTo(w.log.Last()) }

// VerifyTo is Verify up to an entry. The hash is what the next one says of it.
func (w *Workspace) VerifyTo(last uint64) (store.Hash, error) {
	if last == 0 {
		return store.Hash{}, nil
	}
	return store.Verify(w.log, 1, last)
}

// Moved waits until the log ends after a seq and returns where it does.
func (w *Workspace) Moved(ctx context.Context, after uint64) (uint64, error) {
	return w.log.Watch(ctx, after)
}

// Sealed is the tree over the log, by which others can hold it to what it was.
func (w *Workspace) Sealed() *seal.Tree { return seal.New(w.log) }
