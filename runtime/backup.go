package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime/store"
)

// ErrNoFile says that a workspace is kept in memory: there is no file to copy.
var ErrNoFile = errors.New("the workspace is not in a file")

// Backup writes the workspace's database as it is at one moment, while it goes on.
func (w *Workspace) Backup(to io.Writer) error {
	log, ok := w.log.(interface{ Copy(io.Writer) error })
	if !ok {
		return ErrNoFile
	}
	return log.Copy(to)
}

// Until says where a log is cut off that is restored to a moment. The zero value leaves it whole.
type Until struct {
	Seq    uint64 // the last entry; 0: any
	Moment int64  // what came later is left out; 0: nothing is
}

func (u *Until) after(e *store.Entry) bool {
	return u.Seq != 0 && e.Seq > u.Seq || u.Moment != 0 && e.Moment > u.Moment
}

// copyRows is how many entries are written at once.
const copyRows = 1024

// Restore copies a log up to a moment into an empty one: its entries are the same, so is what they
// say of each other. An entry and what it caused stay together. Snapshots are made anew. What was
// partly erased can only be restored whole, by a copy of its file.
func Restore(ctx context.Context, from, to Log, until Until) (last uint64, err error) {
	epoch, err := to.Claim()
	if err != nil {
		return 0, err
	}
	if to.Last() != 0 {
		return 0, &store.ConflictError{Last: to.Last()}
	}
	end, err := cutAt(from, until)
	if err != nil {
		return 0, err
	}
	c := copying{ctx: ctx, from: from, to: to, batch: store.Batch{Epoch: epoch}}
	if err := from.Read(1, end, store.Everything, c.row); err != nil {
		return 0, err
	}
	return end, c.flush()
}

// cutAt is the last entry that is left in. Entries are in order of their moments.
func cutAt(from Log, until Until) (end uint64, err error) {
	causes := map[uint64]bool{} // what was left out
	err = from.Read(1, from.Last(), 0, func(r *store.Row) error {
		var e store.Entry
		if err := e.Decode(r.Entry); err != nil {
			return err
		}
		if len(causes) > 0 || until.after(&e) && (e.Cause == 0 || causes[e.Cause]) {
			causes[e.Seq] = true
			return nil
		}
		end = e.Seq
		return nil
	})
	if err == nil && end == 0 {
		err = fmt.Errorf("%w at that moment", ErrNoPolicy)
	}
	return end, err
}

type copying struct {
	ctx   context.Context
	from  Log
	to    Log
	batch store.Batch
}

func (c *copying) row(r *store.Row) error {
	if r.Kept != nil || r.Decision == nil {
		return &ErasedError{Seq: r.Seq}
	}
	var e store.Entry
	if err := e.Decode(r.Entry); err != nil {
		return err
	}
	row := store.Row{Seq: r.Seq, Entry: clone(r.Entry), Payload: clone(r.Payload),
		Decision: clone(r.Decision), Why: clone(r.Why)}
	c.batch.Rows = append(c.batch.Rows, row)
	if decision.Kind(e.Kind) == decision.Activate {
		files, err := c.from.Policy(e.Policy)
		if err != nil {
			return err
		}
		c.batch.Policy = &store.Policy{Hash: e.Policy, Files: files}
		return c.flush()
	}
	if len(c.batch.Rows) < copyRows {
		return nil
	}
	return c.flush()
}

func clone(b []byte) []byte {
	if b == nil {
		return nil
	}
	return append(make([]byte, 0, len(b)), b...)
}

func (c *copying) flush() error {
	if err := c.ctx.Err(); err != nil || len(c.batch.Rows) == 0 {
		return err
	}
	err := c.to.Append(&c.batch)
	c.batch = store.Batch{Epoch: c.batch.Epoch, After: c.batch.Last()}
	return err
}

// Health is what doctor looks at in a log beside its being whole.
type Health struct {
	Last      uint64
	Snapshot  uint64 // seq of the newest that can be used; 0: none
	Erasures  int    // records of which something was erased
	Expired   int    // records with fields whose time is over
	Replay    uint64 // entries that are decided again on opening
	Semantics uint32 // of the last entry
	Moment    int64  // of it
}

// Examine looks at a log without changing it.
func Examine(log Log) (Health, error) {
	h := Health{Last: log.Last()}
	heads, err := log.Snapshots()
	if err != nil {
		return h, err
	}
	if len(heads) > 0 {
		h.Snapshot = heads[0].Seq
	}
	h.Replay = h.Last - h.Snapshot
	err = log.Read(h.Last, h.Last, 0, func(r *store.Row) error {
		var e store.Entry
		err := e.Decode(r.Entry)
		h.Semantics, h.Moment = e.Semantics, e.Moment
		return err
	})
	if err != nil || h.Last == 0 {
		return h, err
	}
	w := &Workspace{log: log}
	w.cfg.defaults()
	w.plans = newPlans(log, &w.cfg)
	_, out, err := w.find(&Erasure{Expired: true})
	h.Expired = out.Entries
	if err != nil {
		return h, err
	}
	err = log.Read(1, h.Last, store.Redactions, func(r *store.Row) error {
		if r.Kept != nil {
			h.Erasures++
		}
		return nil
	})
	return h, err
}
