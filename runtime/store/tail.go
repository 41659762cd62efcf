package store

import (
	"context"
	"sync"
)

// A Tail is where a log ends, for those who wait for it to grow. Its zero value is an empty log.
type Tail struct {
	mu    sync.Mutex
	last  uint64
	err   error
	grown chan struct{} // closed when last or err changes; nil while nobody waits
}

// Move tells everybody who waits that the log ends at seq.
func (t *Tail) Move(seq uint64) { t.change(seq, nil) }

// End tells everybody who waits that the log does not grow any more.
func (t *Tail) End(why error) { t.change(0, why) }

func (t *Tail) change(seq uint64, why error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = max(t.last, seq)
	if t.err == nil {
		t.err = why
	}
	if t.grown != nil {
		close(t.grown)
		t.grown = nil
	}
}

// Last returns where the log ends.
func (t *Tail) Last() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

// Watch waits until the log ends after seq and returns where it does.
func (t *Tail) Watch(ctx context.Context, seq uint64) (uint64, error) {
	for {
		t.mu.Lock()
		last, err := t.last, t.err
		if t.grown == nil {
			t.grown = make(chan struct{})
		}
		grown := t.grown
		t.mu.Unlock()
		if last > seq {
			return last, nil
		}
		if err != nil {
			return last, err
		}
		select {
		case <-ctx.Done():
			return last, ctx.Err()
		case <-grown:
		}
	}
}
