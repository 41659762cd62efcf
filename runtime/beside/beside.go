// Package beside decides on what a workspace decides on under another policy as well, and keeps
// count of what comes out otherwise. Nothing of it is in the log and nothing leaves: it is a
// function of the log and two policies, and may be begun anew at any time.
package beside

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
)

// Options say what is compared. The zero value compares from the log's beginning.
type Options struct {
	From int64            // differences before this moment are not counted
	Lang string           // of the differences' texts
	Keep int              // how many differences are kept, the newest; 0: 100
	Now  func() time.Time // nil: the machine's clock
}

// Seen is how two policies compare, up to an entry of the log.
type Seen struct {
	Upto        uint64
	Decisions   int // that were made since, under whichever policy made more
	Differ      int // of those: moments of a subject at which something differs
	Subjects    int // that this is about
	Differences int // things that are said otherwise
	Rules       []trial.Count
	First       *trial.Difference // nil: there is none
	Newest      []trial.Difference

	Old, New *engine.Engine // how both have it that things stand; to be read, until the asker returns
}

// A Run is a comparison that goes on. All methods may be called from any goroutine.
type Run struct {
	w        *runtime.Workspace
	old, new *policy.Policy
	o        Options
	asks     chan func(*Seen)
	ended    chan struct{}
	stop     context.CancelFunc
	err      error // why it ended

	closing sync.Once
}

// lag is how far time stays behind the clock where no record comes: what is being committed has an
// earlier moment.
const lag = 5 * time.Second

// Begin begins to compare. The workspace is read only while somebody asks.
func Begin(w *runtime.Workspace, old, new *policy.Policy, o Options) *Run {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Keep = cmp.Or(o.Keep, 100)
	ctx, stop := context.WithCancel(context.Background())
	r := &Run{w: w, old: old, new: new, o: o, asks: make(chan func(*Seen)),
		ended: make(chan struct{}), stop: stop}
	go func() {
		defer close(r.ended)
		for r.err = errAnew; errors.Is(r.err, errAnew); {
			r.err = r.once(ctx)
		}
	}()
	return r
}

// Close ends the comparison.
func (r *Run) Close() {
	r.closing.Do(r.stop)
	<-r.ended
}

// Ask brings the comparison up to the log's end and hands it to f, which keeps nothing of it.
func (r *Run) Ask(ctx context.Context, f func(*Seen)) error {
	done, ended := make(chan struct{}), false
	tell := func(s *Seen) {
		defer close(done)
		if ended = s == nil; !ended && ctx.Err() == nil {
			f(s)
		}
	}
	select {
	case r.asks <- tell:
	case <-r.ended:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
	<-done // it is f's turn, and f may write to what its caller reads
	if ended {
		return context.Canceled
	}
	return ctx.Err()
}

// errAnew says that the log has something that has to be known from the beginning: the event that
// a retraction takes back.
var errAnew = errors.New("to be begun anew")

// once compares until it is stopped, or has to be begun anew.
func (r *Run) once(ctx context.Context) error {
	var first func(*Seen)
	select {
	case first = <-r.asks:
	case <-ctx.Done():
		return ctx.Err()
	}
	f := &follower{r: r, first: first, seen: &Seen{}, scanned: r.w.Last(),
		rules: map[string]*trial.Count{}, met: map[met]bool{}, subjects: map[string]bool{}}
	feed := func(each func(trial.Input) error) error { return f.feed(ctx, each) }
	o := trial.BacktestOptions{Options: trial.Options{Lang: r.o.Lang}, From: r.o.From,
		Each: f.differ, Sides: f.sides}
	_, err := trial.RunBacktest(r.old, r.new, feed, o)
	if f.first != nil { // it came to nothing before it was that one's turn
		f.first(nil)
	}
	return err
}

// met is a subject at a moment.
type met struct {
	moment  int64
	subject string
}

// follower hands a log to a backtest as it grows, whenever somebody asks.
type follower struct {
	r        *Run
	first    func(*Seen) // who asked before there was anything; nil: told
	seen     *Seen
	scanned  uint64 // what the backtest has looked for retractions in
	passed   int64  // how far time has come
	old, new *trial.Side
	rules    map[string]*trial.Count
	met      map[met]bool
	subjects map[string]bool
}

func (f *follower) sides(old, new *trial.Side) {
	f.old, f.new = old, new
	f.seen.Old, f.seen.New = old.Engine(), new.Engine()
}

func (f *follower) differ(d *trial.Difference) error {
	s := f.seen
	s.Differences++
	f.met[met{d.Moment, d.Subject}], f.subjects[d.Subject] = true, true
	if s.First == nil {
		s.First = d
	}
	if s.Newest = append(s.Newest, *d); len(s.Newest) > 2*f.r.o.Keep {
		s.Newest = append(s.Newest[:0], s.Newest[f.r.o.Keep:]...)
	}
	n := f.rules[d.Rule]
	if n == nil {
		n = &trial.Count{Name: d.Rule}
		f.rules[d.Rule] = n
	}
	switch {
	case d.InOld && d.InNew:
		n.Change++
	case d.InOld:
		n.OnlyOld++
	default:
		n.OnlyNew++
	}
	return nil
}

// feed hands out what is scanned; to the backtest itself then also what comes, each time that
// somebody asks.
func (f *follower) feed(ctx context.Context, each func(trial.Input) error) error {
	if err := ask.InputsOf(ctx, f.r.w, 1, f.scanned)(each); err != nil || f.old == nil {
		return err
	}
	upto := f.scanned
	tell := f.first
	f.first = nil
	for {
		last, err := f.follow(ctx, upto, each)
		if err != nil {
			f.r.later(ctx, tell)
			return err
		}
		upto = last
		tell(f.sum(upto))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case tell = <-f.r.asks:
		}
	}
}

// follow hands out what has come after an entry, and lets time pass.
func (f *follower) follow(
	ctx context.Context, after uint64, each func(trial.Input) error,
) (uint64, error) {
	now, last := f.r.o.Now().Add(-lag).UnixMicro(), f.r.w.Last()
	err := ask.InputsOf(ctx, f.r.w, after+1, last)(func(in trial.Input) error {
		if in.Moment < f.passed || bytes.Contains(in.Line, []byte("retracted")) {
			return errAnew
		}
		return each(in)
	})
	if err != nil {
		return 0, err
	}
	f.passed = max(f.passed, now)
	return last, each(trial.Input{Pause: true, Moment: now})
}

// later asks again, once it was begun anew.
func (r *Run) later(ctx context.Context, tell func(*Seen)) {
	go func() {
		select {
		case r.asks <- tell:
		case <-r.ended:
			tell(nil)
		case <-ctx.Done():
			tell(nil)
		}
	}()
}

func (f *follower) sum(upto uint64) *Seen {
	s := *f.seen
	s.Upto, s.Decisions = upto, max(f.old.Made(), f.new.Made())
	s.Differ, s.Subjects = len(f.met), len(f.subjects)
	s.Newest = slices.Clone(s.Newest[max(0, len(s.Newest)-f.r.o.Keep):])
	for _, n := range f.rules { //tidy:order sorted below
		s.Rules = append(s.Rules, *n)
	}
	slices.SortFunc(s.Rules, func(a, b trial.Count) int { return strings.Compare(a.Name, b.Name) })
	return &s
}
