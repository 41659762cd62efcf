package runtime

import (
	"context"
	"errors"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime/store"
)

// seen looks at an engine while it emits an entry.
type seen func(*engine.Engine, *engine.Entry)

// AsOf replays a log up to an entry and calls see with the engine as it was right after that entry
// was decided on: what the entry caused has not happened yet, and the values that were fixed on
// its arrival are still in hand. The log stays open and nothing is written to it.
func AsOf(log Log, seq uint64, cfg Config, see func(*engine.Engine, *engine.Entry)) error {
	return asOfEach(log, []uint64{seq}, cfg, see)
}

// asOfEach is AsOf for entries in order, in one replay.
func asOfEach(
	log Log, seqs []uint64, cfg Config, see func(*engine.Engine, *engine.Entry),
) error {
	cfg.Policy, cfg.ReadOnly = nil, true
	cfg.defaults()
	w := &Workspace{cfg: cfg, log: early{cut{log, seqs[len(seqs)-1]}, seqs[0]}}
	w.plans = newPlans(w.log, &cfg)
	found := 0
	a := &applier{w: w, seen: func(e *engine.Engine, in *engine.Entry) {
		if found < len(seqs) && in.Seq == seqs[found] {
			found++
			see(e, in)
		}
	}}
	if err := a.begin(); err != nil {
		return err
	}
	if r := &w.report; found < len(seqs) && r.Differ > 0 {
		return &OtherwiseError{r.Differ, r.First, r.Semantics} // this version does not decide it
	}
	if found < len(seqs) {
		return &store.DamageError{Seq: seqs[found], What: "entry is missing"}
	}
	return nil
}

// AsOfEach is AsOf for entries in order, in one replay from before the first of them.
func (w *Workspace) AsOfEach(seqs []uint64, see func(*engine.Engine, *engine.Entry)) error {
	if len(seqs) == 0 {
		return nil
	}
	return asOfEach(w.log, seqs, Config{Engine: w.cfg.Engine}, see)
}

// AsOf is the function AsOf over a running workspace's log: nothing waits for it.
func (w *Workspace) AsOf(
	seq uint64, progress func(done, all uint64), see func(*engine.Engine, *engine.Entry),
) error {
	return AsOf(w.log, seq, Config{Engine: w.cfg.Engine, Progress: progress}, see)
}

// Before is the function Before over a running workspace's log: nothing waits for it.
func (w *Workspace) Before(
	seq uint64, progress func(done, all uint64), use func(*engine.Engine),
) error {
	return Before(w.log, seq, Config{Engine: w.cfg.Engine, Progress: progress}, use)
}

// Aside opens a second workspace that only reads the same log, as it is now. What takes long is
// asked of it, and nothing waits meanwhile; it takes as much memory as the first. Closing it leaves
// the log open.
func (w *Workspace) Aside() (*Workspace, error) {
	return OpenLog(lent{cut{w.log, w.log.Last()}}, Config{Engine: w.cfg.Engine, ReadOnly: true})
}

// lent is a log that a workspace does not close.
type lent struct{ cut }

// Close leaves the log open.
func (lent) Close() error { return nil }

// cut is a log as it was when it ended with a seq. Caches that know of later entries are not seen.
type cut struct {
	Log
	seq uint64
}

// early is a cut log that is replayed from before an entry.
type early struct {
	cut
	first uint64
}

// Snapshots leaves out those from which the first entry would not be decided again.
func (e early) Snapshots() ([]store.Snapshot, error) { return cut{e.Log, e.first}.Snapshots() }

// Last is where the log ended.
func (c cut) Last() uint64 { return min(c.seq, c.Log.Last()) }

// Snapshots leaves out those from which the entry would not be decided again.
func (c cut) Snapshots() ([]store.Snapshot, error) {
	all, err := c.Log.Snapshots()
	var out []store.Snapshot
	for _, s := range all {
		if s.Seq < c.seq {
			out = append(out, s)
		}
	}
	return out, err
}

// Begin puts the policy of an empty log in force at a moment, where moments come with the records.
// Without it the first record's moment counts.
func (w *Workspace) Begin(ctx context.Context, moment int64) error {
	if w.cfg.ReadOnly {
		return store.ErrReadOnly
	}
	return w.between(ctx, func(a *applier) error { return a.settle(moment) })
}

// Silent says who met a new or changed condition when the policy was changed on opening, and
// nothing where it was not.
func (w *Workspace) Silent(ctx context.Context) (out []engine.Silent, err error) {
	err = w.between(ctx, func(a *applier) error {
		out = a.silent
		return nil
	})
	return out, err
}

// ViewUnder is View with an engine that has taken in the whole log under a policy of the caller's:
// the one in force with further aggregates, which are then worked out from the log. Running state
// stays what it is.
func (w *Workspace) ViewUnder(ctx context.Context, p *policy.Policy, f func(*engine.Engine)) error {
	return w.ViewClosing(ctx, p, nil, f)
}

// ViewClosing is ViewUnder that also calls f on the way, right before each of some moments: closes
// returns the first one after a moment. What the engine wrote itself, such as tasks, is only there
// at the end.
func (w *Workspace) ViewClosing(
	ctx context.Context, p *policy.Policy, closes func(*engine.Engine, int64) int64,
	f func(*engine.Engine),
) error {
	made, err := newPlan(p, store.Hash(p.Hash))
	if err != nil {
		return err
	}
	var before func(*engine.Engine, int64)
	next, begun := int64(0), false
	if closes != nil {
		before = func(e *engine.Engine, moment int64) {
			if !begun {
				next, begun = closes(e, moment), true
			}
			for moment >= next {
				e.AbsorbUntil(next - 1)
				f(e)
				next = closes(e, next)
			}
		}
	}
	return w.visit(ctx, func(a *applier) error {
		eng, _, err := a.absorb(made, a.chain.Seq, before)
		if err != nil {
			return err
		}
		f(eng)
		return nil
	})
}

// Read hands out durable entries of a log without running anything: Workspace.Entries for those
// who only look.
func Read(log Log, from, to uint64, each func(*Logged) error) error {
	w := &Workspace{log: log}
	w.plans = newPlans(log, &w.cfg)
	return w.Entries(from, to, true, each)
}

// Before opens a log as it was before an entry and everything that the entry caused, and lets use
// look at its engine. The log stays open and nothing is written to it.
func Before(log Log, seq uint64, cfg Config, use func(*engine.Engine)) error {
	cfg.Policy, cfg.ReadOnly = nil, true
	w, err := OpenLog(lent{cut{log, seq - 1}}, cfg)
	if err != nil {
		return err
	}
	return errors.Join(w.View(context.Background(), use), w.Close())
}
