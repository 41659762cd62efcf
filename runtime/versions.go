package runtime

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime/store"
)

// Given is what an activation says of itself, beside what the decisions after it depend on. It
// stands in the activation's entry and decides nothing.
type Given struct {
	By    string `json:"by,omitempty"`    // id of the key or person
	How   string `json:"how,omitempty"`   // publish, rollback, …
	Why   string `json:"why,omitempty"`   // as who did it says
	Blast *Blast `json:"blast,omitempty"` // what it was known to change; nil: nobody looked

	Flight *Flight `json:"flight,omitempty"` // what became of open records on journeys; nil: likewise
}

// Flight is what became of the records that were on a journey.
type Flight struct {
	Stays    int      `json:"stays"`
	Moves    int      `json:"moves"`
	Stranded int      `json:"stranded"`      // in a stage that has gone: they began anew
	Who      []string `json:"who,omitempty"` // the first of these, as Type/id
}

// Blast is how many of the last days' decisions a policy would have made otherwise, and what its
// author was held to.
type Blast struct {
	Days      int     `json:"days"`                // that were looked at
	Decisions int     `json:"decisions"`           // that were made in them
	Differ    int     `json:"differ"`              // of those
	Percent   float64 `json:"percent"`             // likewise
	Subjects  int     `json:"subjects"`            // whom a difference is about
	Over      bool    `json:"over,omitempty"`      // more than is allowed
	Confirmed bool    `json:"confirmed,omitempty"` // somebody was told, and went on
	Unknown   bool    `json:"unknown,omitempty"`   // it could not be worked out in time
}

// Version is a policy that came into force.
type Version struct {
	Seq    uint64
	Moment int64
	Policy *policy.Policy
	Source string // SHA-256 of its text, in hexadecimal: SourceOf
	Given
}

// versions are those that were found, up to an entry of the log.
type versions struct {
	mu   sync.Mutex
	upto uint64
	list []Version
}

// Versions lists the policies that were in force, in the order in which they came. The log's
// entries are gone through once, and those that came since the next time.
func (w *Workspace) Versions(ctx context.Context) ([]Version, error) {
	v := &w.versions
	v.mu.Lock()
	defer v.mu.Unlock()
	last := w.log.Last()
	var seqs []uint64
	if err := w.log.Read(v.upto+1, last, 0, func(r *store.Row) error {
		var e store.Entry
		if err := e.Decode(r.Entry); err != nil {
			return err
		}
		if decision.Kind(e.Kind) == decision.Activate {
			seqs = append(seqs, e.Seq)
		}
		return ctx.Err()
	}); err != nil {
		return nil, err
	}
	var found []Version
	for _, seq := range seqs {
		err := w.Entries(seq, seq, false, func(l *Logged) error {
			var given activation
			if err := json.Unmarshal(l.Payload, &given); err != nil {
				return fmt.Errorf("seq %d: %w", l.Seq, err)
			}
			if given.Source == "" {
				sum, err := SourceOf(l.Policy())
				if err != nil {
					return err
				}
				given.Source = hex.EncodeToString(sum[:])
			}
			found = append(found, Version{l.Seq, l.Moment, l.Policy(), given.Source, given.Given})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	v.upto, v.list = last, append(v.list, found...)
	return slices.Clone(v.list), nil
}
