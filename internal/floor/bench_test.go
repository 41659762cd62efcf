package floor

import (
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

func BenchmarkJudge(b *testing.B) {
	states, leads := RepStates(), Leads(10_000)
	desk := NewDesk(states[0])
	b.ReportAllocs()
	var sum int
	for i := 0; b.Loop(); i++ {
		sum += int(Judge(&leads[i%len(leads)], desk, states[i%Loads]).Rep)
	}
	if sum == 0 {
		b.Fatal("nobody was given anything")
	}
}

func BenchmarkWindows(b *testing.B) {
	events := Events(1_000_000, 10_000, 200)
	for b.Loop() {
		run(events, 10_000, 200)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/event")
}

func BenchmarkDecode(b *testing.B) {
	lines, d := LeadLines(4096), NewSlots(LeadFields())
	var s [Width]float64
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := d.Decode(lines[i%len(lines)], &s); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCommit keeps 256 records in flight.
func BenchmarkCommit(b *testing.B) {
	const workers = 256
	c, err := OpenCommitter(filepath.Join(b.TempDir(), "log.db"), workers)
	if err != nil {
		b.Fatal(err)
	}
	records := Records(4096)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for w := range workers {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := c.Append(w, records[i%4096]); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
	b.StopTimer()
	if err := c.Close(); err != nil {
		b.Fatal(err)
	}
}
