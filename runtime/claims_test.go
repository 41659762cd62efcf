package runtime_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store/mem"
)

// TestOneOfManyClaims lets everybody claim one lead at the same time, many times over: exactly one
// claim is taken in, everybody else is told who has it, and after opening again it is still theirs.
func TestOneOfManyClaims(t *testing.T) {
	const people, leads = 20, 10
	p := check(t, `
entity Rep { name text }
entity Lead { name text; owner Rep? }
allocate Lead.owner to Rep { else pool }
`)
	log := new(mem.Log)
	w := open(t, log, runtime.Config{Policy: p, BatchTime: time.Millisecond})
	say := func(text string, args ...any) decision.Outcome {
		a, err := w.Submit(t.Context(), []byte(fmt.Sprintf(text, args...)))
		if err != nil {
			t.Error(err)
		}
		return a.Outcome
	}
	say(`{"type":"Pause","id":"p","at":"2026-03-02T08:00:00+08:00","rule":"Lead.owner","by":"x","why":"y"}`)
	for i := range people {
		say(`{"type":"Rep","id":"r%d","at":"2026-03-02T08:00:00+08:00","name":"R"}`, i)
	}
	for n := range leads {
		say(`{"type":"Lead","id":"l%d","at":"2026-03-02T09:00:00+08:00","name":"L"}`, n)
		var wg sync.WaitGroup
		var won atomic.Int32
		for i := range people {
			wg.Go(func() {
				if say(`{"type":"Claim","id":"c%d-%d","at":"2026-03-02T10:00:00+08:00","record":"Lead/l%d","by":"r%d"}`,
					n, i, n, i) == decision.Accepted {
					won.Add(1)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d claims of l%d were taken in", won.Load(), n)
		}
	}
	held := func(w *runtime.Workspace) (out [leads]engine.Held) {
		if err := w.View(t.Context(), func(e *engine.Engine) {
			for n := range leads {
				out[n] = e.HeldBy("Lead.owner", fmt.Sprintf("l%d", n))
			}
		}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	was := held(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, log.Reopen(false), runtime.Config{Policy: p})
	if now := held(again); fmt.Sprint(now) != fmt.Sprint(was) || was[0].Phase != "theirs" {
		t.Errorf("opened again %v, it was %v", now, was)
	}
}
