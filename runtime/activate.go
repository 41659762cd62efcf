package runtime

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime/store"
)

// activation is the payload of an activate entry: what the decisions after it depend on.
type activation struct {
	Policy   string `json:"policy"`
	Calendar string `json:"calendar"`
	Version  string `json:"version,omitempty"`
	Source   string `json:"source,omitempty"` // SHA-256 of the stored text, which no other entry names
	Given
}

// Activate makes a policy the one in force. Entities and windows are what the log says under the
// new policy; declarations of unchanged meaning keep their running state, and the others begin in
// silence (reference, section 8a). It returns when the activation is durable.
func (w *Workspace) Activate(ctx context.Context, p *policy.Policy) error {
	_, err := w.ActivateAs(ctx, p, Given{})
	return err
}

// ActivateAs is Activate with who does it and why, which the entry keeps; its seq.
func (w *Workspace) ActivateAs(
	ctx context.Context, p *policy.Policy, as Given,
) (seq uint64, err error) {
	if w.cfg.ReadOnly {
		return 0, store.ErrReadOnly
	}
	err = w.visit(ctx, func(a *applier) error {
		a.as = as
		defer func() { a.as = Given{} }()
		err := a.change(p)
		seq = a.chain.Seq
		return err
	})
	return seq, err
}

// change activates a policy on a running workspace. Everything before is durable.
func (a *applier) change(p *policy.Policy) error {
	next, err := a.w.plans.add(p)
	if err != nil {
		return err
	}
	at := a.eng.Now()
	if !a.w.cfg.Import {
		at = max(at, a.w.cfg.Now().UnixMicro())
	}
	// What is due by now is decided by the policy that was in force.
	if err := a.protect(func() { a.eng.Advance(at, a.emit) }); err != nil {
		return err
	}
	if err := a.sync(); err != nil {
		return err
	}
	if err := a.rebuild(next, a.chain.Seq); err != nil {
		return err
	}
	return a.enter(at)
}

// activate makes the first policy of a log the one in force.
func (a *applier) activate(p *policy.Policy, at int64) error {
	if a.chain.Seq > 0 {
		if err := a.sync(); err != nil {
			return err
		}
		return a.change(p)
	}
	return a.enter(at)
}

// enter logs the activation of the plan in hand.
func (a *applier) enter(at int64) error {
	files, err := packSources(a.plan.policy)
	if err != nil {
		return err
	}
	p := a.plan
	a.files = &store.Policy{Hash: p.hash, Files: files}
	sum := sha256.Sum256(files)
	a.given, err = json.Marshal(activation{hex.EncodeToString(p.hash[:]),
		hex.EncodeToString(p.calendar[:]), p.policy.Settings.Version, hex.EncodeToString(sum[:]), a.as})
	if err != nil {
		return err
	}
	defer func() { a.files, a.given = nil, nil }()
	e := engine.Entry{Kind: decision.Activate, Moment: at}
	return a.protect(func() { a.eng.Apply(&e, a.emit) })
}

// Until moves time on in a workspace whose moments come with the records: what is due up to then
// falls due, as an entry of its own.
func (w *Workspace) Until(ctx context.Context, moment int64) error {
	if w.cfg.ReadOnly {
		return store.ErrReadOnly
	}
	return w.between(ctx, func(a *applier) error {
		if err := a.settle(moment); err != nil {
			return err
		}
		a.given = []byte(`{"do":"until"}`)
		defer func() { a.given = nil }()
		e := engine.Entry{Kind: decision.Command, Moment: moment}
		return a.protect(func() { a.eng.Apply(&e, a.emit) })
	})
}

// Command logs something that was done to the workspace from outside and decides nothing: a payload
// of JSON. What is due by then falls due before it.
func (w *Workspace) Command(ctx context.Context, payload []byte) (seq uint64, err error) {
	if w.cfg.ReadOnly {
		return 0, store.ErrReadOnly
	}
	err = w.visit(ctx, func(a *applier) error {
		at := a.eng.Now()
		if !a.w.cfg.Import {
			at = max(at, a.w.cfg.Now().UnixMicro())
		}
		if err := a.settle(at); err != nil {
			return err
		}
		a.given = payload
		defer func() { a.given = nil }()
		e := engine.Entry{Kind: decision.Command, Moment: at}
		err := a.protect(func() { a.eng.Apply(&e, a.emit) })
		seq = a.chain.Seq
		return err
	})
	return seq, err
}

// settle activates a policy that waits for a first record.
func (a *applier) settle(at int64) error {
	p := a.pending
	if p == nil {
		return nil
	}
	a.pending = nil
	return a.activate(p, at)
}

// View calls f with the engine as it is at a moment when everything that was applied is durable.
// f only reads, keeps nothing, and is quick: nothing is decided meanwhile.
func (w *Workspace) View(ctx context.Context, f func(*engine.Engine)) error {
	return w.visit(ctx, func(a *applier) error {
		f(a.eng)
		return nil
	})
}
