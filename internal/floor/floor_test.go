package floor

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/bits"
	"path/filepath"
	"sync"
	"testing"

	"go.etcd.io/bbolt"
)

// The sums below were worked out once by an independent program with the same seeds, and for the
// stream by three SQL engines as well. A change to any of them breaks every comparison so far.

func TestJudgeGivesThePinnedOutcomes(t *testing.T) {
	states := RepStates()
	desk := NewDesk(states[0])
	h := fnv.New64a()
	var missing, alerts, reps int
	leads := Leads(100_000)
	for i := range leads {
		o := Judge(&leads[i], desk, states[i%Loads])
		fmt.Fprintf(h, "%d %d %x %d %d\n", o.Missing, o.Complexity, math.Float64bits(o.Score), o.Alerts, o.Rep)
		missing += bits.OnesCount8(o.Missing)
		alerts += bits.OnesCount16(o.Alerts)
		reps += int(o.Rep)
	}
	got := fmt.Sprintf("%d missing %d alerts %d reps %x", missing, alerts, reps, h.Sum64())
	if want := "102238 missing 195373 alerts 962530 reps 99a6a9c07018190c"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func run(events []Event, customers, reps int) Sums {
	w := NewWindows(customers, reps)
	for i := range events {
		w.Push(&events[i])
	}
	w.Finish()
	return w.Sums
}

func TestWindowsGiveThePinnedSums(t *testing.T) {
	for _, c := range []struct {
		n, customers, reps int
		want               Sums
	}{
		{1_000_000, 10_000, 200, Sums{
			Count7: 4779098280, Count30: 16406349065, Amount90: 2191581696632408,
			Reps30: 3692459607, Gap: 37903947481925,
			Enter: 48963, Leave: 47163, Segment: 287483453187491, Weeks: 448, Week: 304313,
		}},
		{100_000, 1_000, 20, Sums{
			Count7: 478680734, Count30: 1643071219, Amount90: 218843561753205,
			Reps30: 307378776, Gap: 3777778410091,
			Enter: 4952, Leave: 4772, Segment: 28526016307812, Weeks: 36, Week: 2678,
		}},
	} {
		if c.n > 100_000 && testing.Short() {
			continue
		}
		if got := run(Events(c.n, c.customers, c.reps), c.customers, c.reps); got != c.want {
			t.Errorf("%d events: got %+v", c.n, got)
		}
	}
}

func TestRecordsArePinned(t *testing.T) {
	h := fnv.New64a()
	size := 0
	for _, r := range Records(4096) {
		h.Write(r)
		size += len(r)
	}
	if size != 1265999 || h.Sum64() != 0x19f8c18b0774b86c {
		t.Errorf("%d bytes, sum %x", size, h.Sum64())
	}
}

func TestCommitterKeepsEveryRecordOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log.db")
	const workers, each = 16, 40
	c, err := OpenCommitter(file, workers)
	if err != nil {
		t.Fatal(err)
	}
	records := Records(workers * each)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				if err := c.Append(w, records[w*each+i]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(file, 0o644, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	seen := map[string]int{}
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("log")).ForEach(func(_, v []byte) error {
			seen[string(v)]++
			return nil
		})
	})
	if err != nil || len(seen) != len(records) {
		t.Fatalf("%d of %d records (%v)", len(seen), len(records), err)
	}
	for _, r := range records {
		if seen[string(r)] != 1 {
			t.Errorf("%s is there %d times", r, seen[string(r)])
		}
	}
}

func TestSlotsAgreeWithTheLeads(t *testing.T) {
	d := NewSlots(LeadFields())
	lines := LeadLines(4096)
	for i, l := range Leads(4096) {
		var s [Width]float64
		if err := d.Decode(lines[i], &s); err != nil {
			t.Fatal(err)
		}
		photo := 0.0
		if l.Photo {
			photo = 1
		}
		want := [...]float64{2: float64(l.Employees), 9: float64(l.Quotes), 13: photo,
			14: l.GpsDistanceM, 18: l.Amount, 19: float64(l.DaysInStage)}
		for k, v := range want {
			if v != 0 && s[k] != v {
				t.Fatalf("line %d slot %d is %v, want %v", i, k, s[k], v)
			}
		}
	}
}

func TestSlotsRefuseWhatIsNotPlain(t *testing.T) {
	d := NewSlots([]string{"a", "b"})
	for text, want := range map[string]float64{
		`{"a":1}`: 1, ` { "b" : 2 , "a" : -0.125 } `: -0.125, `{"a":1e3}`: 1000,
		`{"a":12345678901234567890}`: 12345678901234567890, `{"a":true}`: 1, `{"a":"x"}`: 0,
	} {
		var s [Width]float64
		if err := d.Decode([]byte(text), &s); err != nil || s[0] != want {
			t.Errorf("%s: %v (%v), want %v", text, s[0], err, want)
		}
	}
	for _, text := range []string{
		``, `{`, `{}`, `[]`, `{"a"`, `{"a":`, `{"a":}`, `{"a":1`, `{"a":{}}`, `{"c":1}`, `{"a":"\n"}`,
		`{"a":"x`, `{"a":1 "b":2}`, `{"a":-}`, `{"a":1-2}`,
	} {
		var s [Width]float64
		if err := d.Decode([]byte(text), &s); err == nil {
			t.Errorf("%s: taken as %v", text, s[:2])
		}
	}
}

func TestFloorsMakeNoGarbage(t *testing.T) {
	states, leads, lines := RepStates(), Leads(64), LeadLines(64)
	desk, d := NewDesk(states[0]), NewSlots(LeadFields())
	var s [Width]float64
	i := 0
	if n := testing.AllocsPerRun(1000, func() {
		Judge(&leads[i%64], desk, states[i%Loads])
		if err := d.Decode(lines[i%64], &s); err != nil {
			t.Fatal(err)
		}
		i++
	}); n != 0 {
		t.Errorf("%v allocations a record", n)
	}
}
