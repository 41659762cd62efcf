package runtime_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store/mem"
)

const counted = `entity Rep { name text?; visits int = count(Visit); sum int = sum(Visit.n) }
event Visit { rep Rep; n int }
`

// TestRetract takes events back whose ids are in the batch in hand, in memory, in runs on disk,
// and behind a restart.
func TestRetract(t *testing.T) {
	log := new(mem.Log)
	cfg := runtime.Config{Policy: check(t, counted), SnapshotEvery: 10}
	w := open(t, log, cfg)
	submit(t, w, rep(0))
	back := func(id string) []byte {
		return fmt.Appendf(nil, `{"type":"Visit","id":%q,"retracted":true}`, id)
	}
	outcome := func(line []byte, want decision.Outcome) {
		t.Helper()
		if a := submit(t, w, line); a.Outcome != want {
			t.Errorf("%s is %v, not %v", line, a.Outcome, want)
		}
	}
	together, err := w.SubmitAll(context.Background(),
		[][]byte{visit("a", 3), back("a"), visit("a", 3)})
	if err != nil || together[1].Outcome != decision.Accepted ||
		together[2].Outcome != decision.Duplicate {
		t.Errorf("in one batch: %+v, %v", together, err)
	}
	for i := range 40 {
		outcome(visit(fmt.Sprint("v", i), 3), decision.Accepted)
	}
	outcome(back("v0"), decision.Accepted)
	outcome(back("v39"), decision.Accepted)
	outcome(back("v0"), decision.Duplicate)
	outcome(back("v77"), decision.Rejected)
	outcome(visit("v0", 3), decision.Duplicate)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w = open(t, log.Reopen(true), runtime.Config{})
	if w.Report().Snapshot == 0 {
		t.Error("no snapshot was used")
	}
	outcome(back("v1"), decision.Accepted)
	outcome(back("v38"), decision.Accepted)
	outcome(back("v39"), decision.Duplicate)
	err = w.View(context.Background(), func(e *engine.Engine) {
		if n := len(e.IDs(e.Policy().Records[recordIndex(e, "Rep")])); n != 1 {
			t.Errorf("%d reps", n)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

const waited = `entity Rep { name text?; visits int = count(Visit); tours int = count(Tour) }
event Visit { rep Rep; ok bool? }
action Tour { on Visit; by rep; done ok within 1d }
`

// TestRetractLateValues takes back an event that waited and was given its values by a later record:
// what is taken out is what the first one put in.
func TestRetractLateValues(t *testing.T) {
	w := open(t, new(mem.Log), runtime.Config{Policy: check(t, waited)})
	for _, line := range [][]byte{rep(0),
		[]byte(`{"type":"Visit","id":"v","rep":"r0"}`),
		[]byte(`{"type":"Visit","id":"v","rep":"r0","ok":true}`)} {
		submit(t, w, line)
	}
	count := func(want int64) {
		t.Helper()
		err := w.View(context.Background(), func(e *engine.Engine) {
			r := e.Policy().Records[recordIndex(e, "Rep")]
			for _, f := range r.Fields {
				if f.Name != "visits" && f.Name != "tours" {
					continue
				}
				if v, _ := e.Program(f.Compute).Ask(r, "r0"); v.N != want {
					t.Errorf("%s is %d instead of %d", f.Name, v.N, want)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	count(1)
	submit(t, w, []byte(`{"type":"Visit","id":"v","retracted":true}`))
	count(0)
}

func recordIndex(e *engine.Engine, name string) int {
	for i, r := range e.Policy().Records {
		if r.Name == name {
			return i
		}
	}
	return -1
}
