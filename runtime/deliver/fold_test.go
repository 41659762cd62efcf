package deliver

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/runtime"
)

const busy = `entity Rep { name text? }
event Visit {
  rep Rep
  n   int
}
rule Said on Visit {
  when n > 7
  do { notify rep via crm "visit {n}" }
}
alert Busy of Rep {
  when sum(Visit.n in 10min) >= 9
  do { notify self via crm "busy" }
}
`

// TestAFoldIsTheSameInAnyPieces: how much of the log is taken in at once does not matter, though
// entries without effects are passed over where nobody waits for the end of an alert.
func TestAFoldIsTheSameInAnyPieces(t *testing.T) {
	p, diags := dsl.Check([]source.File{{Name: "p.thru", Text: busy}}, policy.Settings{})
	if dsl.HasErrors(diags) {
		t.Fatal(diags)
	}
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	var now atomic.Int64 // seconds; the workspace asks in its own time
	now.Store(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).Unix())
	w, err := runtime.Open("", runtime.Config{Policy: p, Deliver: true,
		Now: func() time.Time { return time.Unix(now.Load(), 0).UTC() }})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for i := range 3 {
		if _, err := w.Submit(t.Context(), fmt.Appendf(nil, `{"type":"Rep","id":"r%d"}`, i)); err != nil {
			t.Fatal(err)
		}
	}
	whole := newState()
	for i := range 400 {
		now.Add(int64(random.IntN(240)))
		line := fmt.Sprintf(`{"type":"Visit","id":"v%d","rep":"r%d","n":%d}`, i, random.IntN(3), random.IntN(10))
		if _, err := w.Submit(t.Context(), []byte(line)); err != nil {
			t.Fatal(err)
		}
		if random.IntN(6) > 0 {
			continue
		}
		if err := whole.follow(w, w.Last()); err != nil { // to know what waits
			t.Fatal(err)
		}
		for _, x := range whole.Waiting[:min(len(whole.Waiting), random.IntN(3))] {
			as := []string{asSent, asDead}[random.IntN(2)]
			b, err := json.Marshal(report{Do: doDeliver, Results: []result{
				{Part: Part{x.Key, "crm", everybody}, As: as, Last: true}}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Command(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
	}
	fold := func(step func() uint64) string {
		s := newState()
		for s.Seq < w.Last() {
			if err := s.follow(w, min(w.Last(), s.Seq+step())); err != nil {
				t.Fatal(err)
			}
		}
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	one := fold(func() uint64 { return 1 })
	var s state
	if err := json.Unmarshal([]byte(one), &s); err != nil || s.Counts["crm"].Cancelled == 0 ||
		len(s.Dead) == 0 || len(s.Sent) == 0 {
		t.Fatalf("seed %d: nothing happens: %+v", seed, s.Counts)
	}
	if all := fold(func() uint64 { return 1 << 20 }); all != one {
		t.Errorf("seed %d: at once it is another", seed)
	}
	if some := fold(func() uint64 { return 1 + random.Uint64N(40) }); some != one {
		t.Errorf("seed %d: in pieces it is another", seed)
	}
}
