package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store/mem"
)

// counters are policies that count the same and keep rows in different places; one calls the
// event otherwise, and the last one asks for more than most lines have.
var counters = []string{
	`entity Rep { name text?; visits int = count(Visit); sum int = sum(Visit.n) }
event Visit { rep Rep; n int }
`,
	`entity Rep { name text?; calls int = count(Call); most int? = max(Visit.n in 30d)
  lately int = count(Visit in 30d); sum int = sum(Visit.n); visits int = count(Visit) }
event Call { rep Rep }
event Visit { rep Rep; n int }
`,
	`entity Rep { name text?; lately int = count(Tour in 7d); visits int = count(Tour); sum int = sum(Tour.n) }
event Tour was Visit { rep Rep; n int }
`,
	`entity Rep { name text?; sum int = sum(Visit.n); visits int = count(Visit) }
event Visit { rep Rep; n int; m int }
`}

// remembering is a model of a workspace that remembers every line that came.
type remembering struct {
	policy int
	lines  []visited
	live   map[string]int
	gone   map[string]bool
}

type visited struct {
	id   string
	n    int  // -1: it takes the event back
	rich bool // it has the field that the last policy asks for
}

func (m *remembering) take(x visited) decision.Outcome {
	_, used := m.live[x.id]
	switch {
	case x.n >= 0 && !x.rich && m.policy == len(counters)-1:
		return decision.Rejected
	case m.gone[x.id]:
		return decision.Duplicate
	case x.n < 0 && used:
		delete(m.live, x.id)
		m.gone[x.id] = true
		return decision.Accepted
	case x.n < 0:
		return decision.Rejected
	case used:
		return decision.Duplicate
	}
	m.live[x.id] = x.n
	return decision.Accepted
}

// under takes all lines in again: a change of policy looks at them as if it had always been there.
func (m *remembering) under(policy int) {
	m.policy, m.live, m.gone = policy, map[string]int{}, map[string]bool{}
	for _, x := range m.lines {
		m.take(x)
	}
}

// TestIDsOfALongLog compares a workspace with a model that remembers everything: events, repeated
// ones, ones that are taken back, changes of policy and openings, while ids go to disk all the time.
func TestIDsOfALongLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := new(mem.Log)
		every := rapid.SampledFrom([]uint64{4, 12, 60, 1 << 40}).Draw(t, "every")
		w := openFor(t, log, runtime.Config{Policy: check(t, counters[0]), SnapshotEvery: every})
		expect(t, w, `{"type":"Rep","id":"r"}`, decision.Accepted)
		m := &remembering{live: map[string]int{}, gone: map[string]bool{}}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"event", "event", "event", "policy", "open"}).Draw(t, "do") {
			case "event":
				x := visited{id: fmt.Sprint("v", rapid.IntRange(0, 30).Draw(t, "id")),
					n: rapid.IntRange(-4, 9).Draw(t, "n"), rich: rapid.Bool().Draw(t, "rich")}
				line := fmt.Sprintf(`{"type":"Visit","id":%q,"retracted":true}`, x.id)
				if x.n >= 0 {
					line = fmt.Sprintf(`{"type":"Visit","id":%q,"rep":"r","n":%d}`, x.id, x.n)
				}
				if x.rich && x.n >= 0 {
					line = fmt.Sprintf(`{"type":"Visit","id":%q,"rep":"r","n":%d,"m":1}`, x.id, x.n)
				}
				x.n = max(x.n, -1)
				m.lines = append(m.lines, x)
				expect(t, w, line, m.take(x))
			case "policy":
				m.under(rapid.IntRange(0, len(counters)-1).Draw(t, "policy"))
				if err := w.Activate(context.Background(), check(t, counters[m.policy])); err != nil {
					t.Fatal(err)
				}
			case "open":
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				log = log.Reopen(rapid.Bool().Draw(t, "crashed"))
				w = openFor(t, log, runtime.Config{SnapshotEvery: every})
			}
			wantCounts(t, w, m.live)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		with, without := stateOf(t, log.Reopen(false)), stateOf(t, forgetful{log.Reopen(false)})
		if with != without {
			t.Fatal("the log alone gives another state than snapshot and log")
		}
	})
}

func openFor(t *rapid.T, log runtime.Log, cfg runtime.Config) *runtime.Workspace {
	t.Helper()
	w, err := runtime.OpenLog(log, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func expect(t rapid.TB, w *runtime.Workspace, line string, want decision.Outcome) {
	t.Helper()
	a, err := w.Submit(context.Background(), []byte(line))
	if err != nil || a.Outcome != want {
		t.Fatalf("%s is %v, not %v; %v", line, a.Outcome, want, err)
	}
}

func wantCounts(t rapid.TB, w *runtime.Workspace, live map[string]int) {
	t.Helper()
	sum := 0
	for _, n := range live { //tidy:order a sum
		sum += n
	}
	want := map[string]int{"visits": len(live), "lately": len(live), "sum": sum, "calls": 0}
	err := w.View(context.Background(), func(e *engine.Engine) {
		r := e.Policy().Records[recordIndex(e, "Rep")]
		for _, f := range r.Fields {
			if n, is := want[f.Name]; is {
				if v, there := e.Program(f.Compute).Ask(r, "r"); !there || v.N != int64(n) {
					t.Errorf("%s is %d, not %d", f.Name, v.N, n)
				}
			}
		}
	})
	if err != nil || t.Failed() {
		t.Fatal(err)
	}
}

// TestLostIDs takes the pages of ids away under a running workspace: it ends instead of taking an
// event in twice, and works them out from the log when it is opened again.
func TestLostIDs(t *testing.T) {
	under := new(mem.Log)
	log := &hiding{Log: under}
	w := open(t, log, runtime.Config{Policy: check(t, counters[0]), SnapshotEvery: 10})
	for i := range 40 {
		submit(t, w, visit(fmt.Sprint("v", i), 3))
	}
	log.hidden.Store(true)
	_, err := w.Submit(context.Background(), visit("v1", 3))
	if err == nil {
		t.Fatal("an event was decided on whose id could not be looked for")
	}
	if err := w.Close(); err == nil {
		t.Error("closing said nothing")
	}
	log = &hiding{Log: under.Reopen(false)}
	log.hidden.Store(true)
	w = open(t, log, runtime.Config{})
	if n := w.Report().Snapshot; n != 0 {
		t.Errorf("snapshot %d was used without its ids", n)
	}
	if a := submit(t, w, visit("v1", 3)); a.Outcome != decision.Duplicate {
		t.Errorf("it is %v", a.Outcome)
	}
}

// hiding is a log whose pages of ids cannot be read at times.
type hiding struct {
	runtime.Log
	hidden atomic.Bool
}

func (h *hiding) Page(run uint64, i int) ([]byte, error) {
	if h.hidden.Load() {
		return nil, errors.New("the disk cannot read it")
	}
	return h.Log.Page(run, i)
}
