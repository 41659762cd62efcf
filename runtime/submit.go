package runtime

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime/store"
)

// Answer is what became of one record, once it is durable.
type Answer struct {
	Seq     uint64
	Moment  int64
	Outcome decision.Outcome

	stored []byte
	plan   *plan
}

// Decision unpacks the decision, without its receipts.
func (a *Answer) Decision() (*decision.Decision, error) {
	d := new(decision.Decision)
	return d, a.plan.codec.Decode(a.stored, d)
}

// Policy is the policy that decided.
func (a *Answer) Policy() *policy.Policy { return a.plan.policy }

// BusyError says that the queue is full: nothing was taken, and trying again later may help.
type BusyError struct {
	After time.Duration // try again after this
}

// Error says how long to wait.
func (e *BusyError) Error() string {
	return fmt.Sprintf("too many records wait to be written; try again in %v", e.After)
}

// request is one or more records of one caller, or a task to be run between two entries.
type request struct {
	lines    [][]byte
	imported bool // the records' own moments count
	task     func(*applier) error

	answers []Answer
	left    int // answers that are not durable yet
	err     error
	done    chan struct{} // one value when all is done
}

func newRequest() *request { return &request{done: make(chan struct{}, 1)} }

// Submit decides on one record, a JSON object, and returns when the decision is durable. A record
// that was rejected is an answer, not an error. The line's bytes must not change afterwards. When
// ctx ends first it is not known whether the record was taken; submitting it again is safe where
// it has an id of its own.
func (w *Workspace) Submit(ctx context.Context, line []byte) (Answer, error) {
	answers, err := w.SubmitAll(ctx, [][]byte{line})
	if err != nil {
		return Answer{}, err
	}
	return answers[0], nil
}

// SubmitAll is Submit for several records in their order. Others' records may come in between.
func (w *Workspace) SubmitAll(ctx context.Context, lines [][]byte) ([]Answer, error) {
	if len(lines) == 0 {
		return nil, ctx.Err()
	}
	if w.cfg.ReadOnly {
		return nil, store.ErrReadOnly
	}
	r := newRequest()
	r.lines, r.imported = lines, w.cfg.Import
	select {
	case <-w.quit:
		return nil, w.ended()
	default:
	}
	select {
	case w.queue <- r:
	default:
		return nil, &BusyError{After: 4 * w.cfg.BatchTime}
	}
	if err := w.wait(ctx, r); err != nil {
		return nil, err
	}
	return r.answers, nil
}

// wait waits until a request is done.
func (w *Workspace) wait(ctx context.Context, r *request) error {
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	case <-w.dead:
	}
	select {
	case <-r.done: // both happened, and what is durable is durable
		return r.err
	default:
		return w.ended()
	}
}

// ended is why a workspace that takes nothing any more does not.
func (w *Workspace) ended() error {
	if err := w.failure(); err != nil {
		return err
	}
	return ErrClosed
}

// visit is between for a task that writes to what its caller reads afterwards. Where the caller
// does not wait for it any more it is not begun, and what was begun is waited for.
func (w *Workspace) visit(ctx context.Context, task func(*applier) error) error {
	var mu sync.Mutex
	left := false
	err := w.between(ctx, func(a *applier) error {
		mu.Lock()
		defer mu.Unlock()
		if left {
			return nil
		}
		return task(a)
	})
	mu.Lock()
	defer mu.Unlock()
	left = true
	return err
}

// between runs a task on the applier once everything before it is durable.
func (w *Workspace) between(ctx context.Context, task func(*applier) error) error {
	r := newRequest()
	r.task = task
	select {
	case <-w.quit:
		return w.ended()
	case <-ctx.Done():
		return ctx.Err()
	case w.queue <- r:
	}
	return w.wait(ctx, r)
}
