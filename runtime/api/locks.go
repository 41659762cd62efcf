package api

import (
	"context"
	"sync"
)

// locks are one for each name.
type locks struct {
	mu  sync.Mutex
	all map[string]*oneLock
}

type oneLock struct {
	held  chan struct{}
	users int
}

// lock waits for the lock of a name.
func (l *locks) lock(ctx context.Context, name string) (unlock func(), err error) {
	l.mu.Lock()
	if l.all == nil {
		l.all = map[string]*oneLock{}
	}
	x := l.all[name]
	if x == nil {
		x = &oneLock{held: make(chan struct{}, 1)}
		l.all[name] = x
	}
	x.users++
	l.mu.Unlock()
	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if x.users--; x.users == 0 {
			delete(l.all, name)
		}
	}
	select {
	case x.held <- struct{}{}:
		return func() { <-x.held; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
