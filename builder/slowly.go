package builder

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/runtime/api"
)

// errWorking says that what a page shows is still being worked out.
var errWorking = errors.New("it is still being worked out")

// works are the passes that go on, by what they are for.
type works struct {
	mu  sync.Mutex
	all map[string]*work
}

type work struct {
	done chan struct{}
	err  error // once it is done
}

// slowly does what takes a pass over the log: once for everybody who waits for it, and to its end
// even where nobody waits any more. ErrWorking: it is not done yet.
func (v *Visit) slowly(what string, do func(context.Context, api.Asking) error) error {
	if v.waits.IsZero() {
		v.waits = time.Now().Add(v.b.o.Patience)
	}
	x := v.work(v.Workspace+" "+what, do)
	wait := time.NewTimer(time.Until(v.waits))
	defer wait.Stop()
	select {
	case <-x.done:
		return x.err
	case <-v.Context().Done():
		return v.Context().Err()
	case <-wait.C:
		return errWorking
	}
}

// work is the pass of a name, begun if it does not go on already.
func (v *Visit) work(name string, do func(context.Context, api.Asking) error) *work {
	k, b, workspace := &v.b.works, v.b, v.Workspace
	k.mu.Lock()
	defer k.mu.Unlock()
	if x := k.all[name]; x != nil {
		return x
	}
	x := &work{done: make(chan struct{})}
	if k.all == nil {
		k.all = map[string]*work{}
	}
	k.all[name] = x
	ctx := b.doors.Ends()
	a := b.doors.Ask(ctx, api.Caller{Who: v.Who, Verb: v.verb, Workspace: workspace, Lang: v.Lang,
		Route: v.route()})
	go func() {
		defer b.follows.of(workspace).kick()
		defer close(x.done)
		defer func() {
			if p := recover(); p != nil { // no request is there that would break off alone
				x.err = fmt.Errorf("%s: %v", name, p)
			}
			k.mu.Lock()
			defer k.mu.Unlock()
			delete(k.all, name)
		}()
		x.err = do(ctx, a)
	}()
	return x
}

// drawn is what a screen shows, or that it is still being worked out.
func (v *Visit) drawn(
	s *Screen, draw func(*Visit) (view.Component, error),
) (view.Component, error) {
	body, err := draw(v)
	if !errors.Is(err, errWorking) {
		return body, err
	}
	v.done, v.working = true, true
	if !s.Live {
		v.W.Header().Set("Refresh", "2")
	}
	return view.Working(v.Say(s.Name), v.Say(words.BeingMade), v.Say(words.BeingMadeHint)), nil
}
