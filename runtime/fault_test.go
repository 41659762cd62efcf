package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store"
	"github.com/throughline/throughline/runtime/store/mem"
)

// TestFaults lets writing calls fail at random: refused, lost, torn, and crashes between any two
// calls of the store, also while a snapshot is written. Whatever happens, an answered record is
// there after opening again, nothing is there twice, and the chain verifies.
func TestFaults(t *testing.T) {
	p := check(t, visits)
	rapid.Check(t, func(t *rapid.T) {
		s := &survivor{t: t, policy: p, log: new(mem.Log), answered: map[string]uint64{}}
		every := rapid.SampledFrom([]uint64{5, 30, 1 << 40}).Draw(t, "snapshot every")
		for range rapid.IntRange(1, 5).Draw(t, "lives") {
			s.live(every)
		}
		s.log.Break(nil)
		s.verify()
	})
}

// survivor submits records in several lives of a workspace.
type survivor struct {
	t        *rapid.T
	policy   *policy.Policy
	log      *mem.Log
	sent     []string
	mu       sync.Mutex
	answered map[string]uint64 // id: seq
}

func (s *survivor) live(every uint64) {
	calls := rapid.IntRange(0, 30).Draw(s.t, "calls before the fault")
	fault := rapid.SampledFrom([]mem.Fault{mem.Refused, mem.Lost, mem.Torn, mem.Crash, mem.Stopped}).
		Draw(s.t, "fault")
	n := 0
	s.log.Break(func(mem.Call) mem.Fault {
		if n++; n > calls {
			return fault
		}
		return mem.None
	})
	w, err := runtime.OpenLog(s.log, runtime.Config{Policy: s.policy, SnapshotEvery: every, BatchMax: 7})
	if err == nil {
		s.submit(w, rapid.IntRange(0, 40).Draw(s.t, "records"))
		err = w.Close()
	}
	if err != nil && !errors.Is(err, mem.ErrFault) {
		s.t.Fatal(err)
	}
	s.log = s.log.Reopen(rapid.Bool().Draw(s.t, "power was cut"))
}

// submit sends new records, and some that were sent before, from several goroutines.
func (s *survivor) submit(w *runtime.Workspace, n int) {
	var wg sync.WaitGroup
	for i := range n {
		id := fmt.Sprintf("v%d", len(s.sent))
		if len(s.sent) > 0 && i%5 == 4 {
			id = s.sent[(i*7)%len(s.sent)]
		}
		s.sent = append(s.sent, id)
		wg.Go(func() {
			a, err := w.Submit(context.Background(), visit(id, len(id)*i%11))
			if err != nil {
				return
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if a.Outcome == decision.Accepted {
				if old, twice := s.answered[id]; twice {
					s.t.Errorf("%s was accepted as %d and again as %d", id, old, a.Seq)
				}
				s.answered[id] = a.Seq
			}
		})
		if i%10 == 9 {
			wg.Wait()
		}
	}
	wg.Wait()
}

func (s *survivor) verify() {
	w, err := runtime.OpenLog(s.log, runtime.Config{Policy: s.policy})
	if err != nil {
		s.t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Verify(); err != nil {
		s.t.Fatal(err)
	}
	accepted := map[string]uint64{}
	var d decision.Decision
	err = w.Entries(1, w.Last(), true, func(l *runtime.Logged) error {
		if err := l.Decode(&d); err != nil {
			return err
		}
		if d.Kind == decision.Record && d.Outcome == decision.Accepted {
			if old := accepted[d.Record.ID]; old != 0 {
				s.t.Fatalf("%s is accepted as %d and as %d", d.Record.ID, old, d.Seq)
			}
			accepted[d.Record.ID] = d.Seq
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	for id, seq := range s.answered {
		if accepted[id] != seq {
			s.t.Fatalf("%s was answered as %d and is there as %d", id, seq, accepted[id])
		}
	}
	s.compare(w)
}

// compare opens the log without its snapshots: the state is the same.
func (s *survivor) compare(w *runtime.Workspace) {
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.log = s.log.Reopen(false)
	with := stateOf(s.t, s.log)
	s.log = s.log.Reopen(false)
	if without := stateOf(s.t, forgetful{s.log}); with != without {
		s.t.Fatal("the log alone gives another state than snapshot and log")
	}
}

func stateOf(t rapid.TB, log runtime.Log) (h [32]byte) {
	return stateBy(t, log, runtime.Config{Import: true, ReadOnly: true})
}

func stateBy(t rapid.TB, log runtime.Log, cfg runtime.Config) (h [32]byte) {
	w, err := runtime.OpenLog(log, cfg)
	if err != nil {
		t.Fatal(err)
	}
	err = w.View(context.Background(), func(e *engine.Engine) { h = e.StateHash() })
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return h
}

// forgetful is a log that has no snapshots.
type forgetful struct{ runtime.Log }

func (forgetful) Snapshots() ([]store.Snapshot, error) { return nil, nil }
func (forgetful) Runs() ([]store.Run, error)           { return nil, nil }
