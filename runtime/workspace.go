// Package runtime runs workspaces: one writer over one log (decision D14).
//
// A record passes three stages. The sequencer takes it from a bounded queue, stamps it with the
// clock and decodes it; nothing else reads a clock. The applier owns the engine: it decides,
// packs decisions, and links entries into the chain. The committer makes a batch durable and only
// then answers. While it syncs batch n, batch n+1 is decoded and applied; answers, effects and
// queries see only what is synced.
package runtime

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime/store"
	"github.com/throughline/throughline/runtime/store/bolt"
	"github.com/throughline/throughline/runtime/store/mem"
)

// Config adjusts a workspace. The zero value opens what is there and runs it by the wall clock.
type Config struct {
	Policy *policy.Policy // to be in force; nil: the one that the log ends with
	Engine engine.Options

	Now       func() time.Time // nil: the machine's clock
	Import    bool             // moments come with the records, and nothing happens by the clock
	Virtual   bool             // with Import: records may be from the future
	Deliver   bool             // effects go into the outbox
	ReadOnly  bool             // nothing is written; others may read the file too
	MustExist bool             // a file that is not there is an error

	BatchMax      int           // entries a commit, four times as many while a disk syncs; 0: 256
	BatchTime     time.Duration // of applying, a commit; 0: 2 ms
	Queue         int           // requests that wait before Submit answers ErrBusy; 0: 4096
	SnapshotEvery uint64        // entries; 0: 200 000

	Progress func(done, all uint64) // of replaying the log on opening
	Notice   func(error)            // what somebody should look at, such as a QuarantineError
}

func (c *Config) defaults() {
	c.Import = c.Import || c.ReadOnly // who only looks sees where the log ends
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.BatchMax <= 0 {
		c.BatchMax = 256
	}
	if c.BatchTime <= 0 {
		c.BatchTime = 2 * time.Millisecond
	}
	if c.Queue <= 0 {
		c.Queue = 4096
	}
	if c.SnapshotEvery == 0 {
		c.SnapshotEvery = 200_000
	}
	if c.Progress == nil {
		c.Progress = func(uint64, uint64) {}
	}
	if c.Notice == nil {
		c.Notice = func(error) {}
	}
}

// Log is what a workspace needs of a store.
type Log interface {
	appender
	reader
	snapshots
	runs
}

type appender interface {
	Close() error
	Claim() (uint64, error)
	Append(*store.Batch) error
}

type reader interface {
	Last() uint64
	Read(from, to uint64, parts store.Parts, each func(*store.Row) error) error
	Policy(store.Hash) ([]byte, error)
	Watch(ctx context.Context, seq uint64) (uint64, error)
}

type snapshots interface {
	Snapshots() ([]store.Snapshot, error)
	Section(seq uint64, i int) ([]byte, error)
	PutSection(seq uint64, i int, b []byte) error
	Save(s *store.Snapshot, r *store.Run, erase []uint64) error
}

type runs interface {
	Runs() ([]store.Run, error)
	Page(run uint64, i int) ([]byte, error)
	PutPages(run uint64, from int, list [][]byte) error
	SaveRun(*store.Run) error
}

// Workspace is one policy running over one log. All methods may be called from any goroutine.
type Workspace struct {
	cfg    Config
	log    Log
	report Report
	plans  *plans

	versions versions

	queue   chan *request
	jobs    chan *job
	batches chan *batch
	ready   chan struct{} // the committer waits for a batch
	free    chan *job
	woken   chan struct{} // the moment at which something falls due next has changed
	due     atomic.Int64  // that moment, noDue: none
	inForce atomic.Pointer[policy.Policy]

	closing sync.Once
	dying   sync.Once
	quit    chan struct{} // no more requests are taken
	dead    chan struct{} // nothing is answered any more; err says why
	err     error
	stages  sync.WaitGroup
}

// noDue is the moment of what is never due.
const noDue = math.MaxInt64

// ErrClosed is the error of everything asked of a workspace that was closed.
var ErrClosed = errors.New("the workspace is closed")

// Open opens the workspace in a file; "" is one in memory that nothing survives.
func Open(path string, cfg Config) (*Workspace, error) {
	if path == "" {
		return OpenLog(new(mem.Log), cfg)
	}
	log, err := bolt.Open(path, bolt.Options{
		MustExist: cfg.MustExist || cfg.Policy == nil, ReadOnly: cfg.ReadOnly})
	if err != nil {
		return nil, err
	}
	w, err := OpenLog(log, cfg)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return w, nil
}

// OpenLog opens the workspace in a log, which it closes also where it fails.
func OpenLog(log Log, cfg Config) (*Workspace, error) {
	cfg.defaults()
	w := &Workspace{cfg: cfg, log: log, plans: newPlans(log, &cfg)}
	a := &applier{w: w}
	if err := a.begin(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	waits := a.pending != nil
	w.start(a)
	if len(a.unerased) > 0 && !cfg.ReadOnly {
		err := w.between(context.Background(), func(a *applier) error {
			return a.forgetErased(a.unerased)
		})
		if err != nil {
			return nil, errors.Join(err, w.Close())
		}
	}
	if waits && (!cfg.Import || log.Last() > 0) {
		// By the clock the policy is in force from here on; else from the first record's moment.
		err := w.between(context.Background(), func(a *applier) error {
			return a.settle(w.cfg.Now().UnixMicro())
		})
		if err != nil {
			return nil, errors.Join(err, w.Close())
		}
	}
	return w, nil
}

// start runs the three stages.
func (w *Workspace) start(a *applier) {
	w.queue = make(chan *request, w.cfg.Queue)
	w.jobs, w.batches = make(chan *job), make(chan *batch)
	w.ready, w.free = make(chan struct{}, 1), make(chan *job, jobsInTurn)
	for range jobsInTurn {
		w.free <- new(job)
	}
	w.woken = make(chan struct{}, 1)
	w.quit, w.dead = make(chan struct{}), make(chan struct{})
	a.publishDue()
	c := &committer{w: w, log: w.log}
	s := &sequencer{w: w, last: a.eng.Now()}
	w.stages.Go(s.run)
	w.stages.Go(a.run)
	w.stages.Go(c.run)
}

// Close takes no more requests, finishes those it has, and gives the log free. It returns why the
// workspace had to stop, where it did.
func (w *Workspace) Close() error {
	w.closing.Do(func() { close(w.quit) })
	w.stages.Wait()
	err := w.failure()
	if errors.Is(err, ErrClosed) {
		err = nil
	}
	return errors.Join(err, w.log.Close())
}

// Due returns the next moment at which something falls due by time alone; false: nothing will.
func (w *Workspace) Due() (time.Time, bool) {
	due := w.due.Load()
	return time.UnixMicro(due), due != noDue
}

// InForce is the policy in force. Asking for it does not hold the writer up, so that records on
// their way may be decided on by the next one.
func (w *Workspace) InForce() *policy.Policy { return w.inForce.Load() }

// Err returns why a workspace had to stop, and nil while it runs.
func (w *Workspace) Err() error { return w.failure() }

// Report says what opening found.
func (w *Workspace) Report() Report { return w.report }

// die ends the workspace: whoever waits is told why (decision D13). The first reason stays.
func (w *Workspace) die(why error) {
	w.closing.Do(func() { close(w.quit) })
	w.dying.Do(func() {
		w.err = why
		close(w.dead)
	})
}

// failure returns why the workspace is dead, nil while it lives.
func (w *Workspace) failure() error {
	select {
	case <-w.dead:
		return w.err
	default:
		return nil
	}
}
