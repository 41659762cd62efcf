package runtime

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime/store"
)

// Audited is what a log comes to that is whole.
type Audited struct {
	Last   uint64     // number of its last entry
	Head   store.Hash // of that: it stands for all entries
	Erased uint64     // entries whose content was erased, as the log says
}

// Audit walks a log from its first entry to its last and checks every link, every commitment, that
// nothing is missing that was not erased, and that the policies are the ones that were activated.
// What stands beside the log in a file, bolt's Check looks at.
func Audit(log Log, progress func(done, all uint64)) (Audited, error) {
	if progress == nil {
		progress = func(uint64, uint64) {}
	}
	w := &Workspace{log: log}
	w.plans = newPlans(log, &w.cfg)
	a := &audit{log: log, plans: w.plans, kept: map[uint64]store.Hash{}, erased: map[uint64]string{}}
	last := log.Last()
	parts := store.Payloads | store.Decisions | store.Outboxes | store.Redactions
	err := log.Read(1, last, parts, func(r *store.Row) error {
		if r.Seq%progressEvery == 0 {
			progress(r.Seq, last)
		}
		return a.row(r)
	})
	if err == nil && a.chain.Seq != last {
		err = &store.DamageError{Seq: a.chain.Seq + 1, What: "entry is missing"}
	}
	progress(last, last)
	if err == nil {
		err = a.accounted()
	}
	return Audited{Last: last, Head: a.chain.Head, Erased: uint64(len(a.missing))}, err
}

type audit struct {
	log   Log
	plans *plans
	chain store.Chain

	missing []uint64              // entries without their content
	kept    map[uint64]store.Hash // commitments to what is kept of erased ones
	erased  map[uint64]string     // the same, as the log says
}

// accounted checks that exactly what is missing was erased, and that what is kept is what was said.
func (a *audit) accounted() error {
	for _, seq := range a.missing {
		if _, ok := a.erased[seq]; !ok {
			return &store.DamageError{Seq: seq,
				What: "its content is missing, and no entry says that it was erased"}
		}
	}
	for _, seq := range slices.Sorted(maps.Keys(a.erased)) {
		if sum := a.kept[seq]; a.erased[seq] != hex.EncodeToString(sum[:]) {
			return &store.DamageError{Seq: seq, What: "what is kept of it is not what was said"}
		}
	}
	for _, seq := range slices.Sorted(maps.Keys(a.kept)) {
		if _, ok := a.erased[seq]; !ok {
			return &store.DamageError{Seq: seq, What: "no entry says that something of it was erased"}
		}
	}
	return nil
}

func (a *audit) row(r *store.Row) error {
	e, err := a.chain.Next(r)
	if err != nil {
		return err
	}
	bad := func(format string, args ...any) error {
		return &store.DamageError{Seq: e.Seq, What: fmt.Sprintf(format, args...)}
	}
	if r.Decision == nil || r.Payload == nil && e.Payload != (store.Hash{}) {
		if decision.Kind(e.Kind) != decision.Record || r.Decision != nil || r.Payload != nil {
			return bad("a part of its content is missing")
		}
		a.missing = append(a.missing, e.Seq)
	}
	if r.Kept != nil {
		a.kept[e.Seq] = store.Commit(r.Kept)
	}
	if len(r.Outbox) > 0 && !a.sends(&e, r) {
		return bad("what is to be sent is not what was decided")
	}
	switch decision.Kind(e.Kind) {
	case decision.Activate:
		err = a.activated(&e, store.Unsalt(r.Payload))
	case decision.Erase:
		var given erasure
		err = json.Unmarshal(store.Unsalt(r.Payload), &given)
		for _, x := range given.Entries {
			a.erased[x.Seq] = x.Kept
		}
	}
	if err != nil {
		return bad("%v", err)
	}
	return nil
}

// activated checks that the text of a policy that was put in force is there as it was.
func (a *audit) activated(e *store.Entry, payload []byte) error {
	var given activation
	if err := json.Unmarshal(payload, &given); err != nil {
		return err
	}
	files, err := a.log.Policy(e.Policy)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(files)
	if given.Source != "" && given.Source != hex.EncodeToString(sum[:]) {
		return fmt.Errorf("the text of policy %x is not the one that was put in force", e.Policy[:6])
	}
	_, err = a.plans.of(e.Policy)
	return err
}

// sends reports whether the effects that wait to be carried out are some of the decision's, in
// their order.
func (a *audit) sends(e *store.Entry, r *store.Row) bool {
	p, err := a.plans.of(e.Policy)
	var d decision.Decision
	if err != nil || p.codec.Decode(store.Unsalt(r.Decision), &d) != nil {
		return false
	}
	decided := outbox(&d)
	for _, x := range r.Outbox {
		for len(decided) > 0 && !bytes.Equal(decided[0], x) {
			decided = decided[1:]
		}
		if len(decided) == 0 {
			return false
		}
		decided = decided[1:]
	}
	return true
}
