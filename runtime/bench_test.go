package runtime_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/floor"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store/bolt"
)

// plain is a policy for the records of the commit yardstick.
const plain = `event visit {
  tenant   text
  customer int
  rep      int
  ts       int
  amount   money
  phase    text
  region   text
  gps      point
  note     text
  score    int
  photo    bool
  worth    money = if photo then amount * 1.5 else amount
}
score Quality of visit {
  size  60% = score / 100
  photo 40% = if photo then 1 else 0
}
rule Big on visit {
  when amount > 240000 and region == "East"
  do { note "big: {amount}" }
}
rule Good on visit {
  when score > 98 or phase == "won" and photo
  do { note "good: {score}" }
}
`

// lines are the yardstick's records; a policy cannot declare a field named stage.
func lines() [][]byte {
	out := floor.Records(4096)
	for i := range out {
		out[i] = bytes.Replace(out[i], []byte(`"stage"`), []byte(`"phase"`), 1)
	}
	return out
}

// fresh returns the i-th record with an id of its own.
func fresh(records [][]byte, i int64) []byte {
	line := bytes.Clone(records[i%int64(len(records))])
	at := bytes.Index(line, []byte(`"id":"`)) + len(`"id":"`)
	copy(line[at:at+16], fmt.Appendf(nil, "%016x", i))
	return line
}

// inFlight keeps 256 calls under way until n are done.
func inFlight(b *testing.B, f func(worker int, i int64) error) {
	const workers = 256
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for w := range workers {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := f(w, i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkSubmit compares durable submits with the yardstick: the same records in bare bbolt.
func BenchmarkSubmit(b *testing.B) {
	records := lines()
	b.Run("floor", func(b *testing.B) {
		c, err := floor.OpenCommitter(filepath.Join(b.TempDir(), "w.db"), 256)
		if err != nil {
			b.Fatal(err)
		}
		inFlight(b, func(w int, i int64) error { return c.Append(w, fresh(records, i)) })
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("workspace", func(b *testing.B) {
		p := check(b, plain)
		w, err := runtime.Open(filepath.Join(b.TempDir(), "w.db"), runtime.Config{Policy: p})
		if err != nil {
			b.Fatal(err)
		}
		inFlight(b, func(_ int, i int64) error {
			_, err := w.Submit(context.Background(), fresh(records, i))
			return err
		})
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkRecover replays a log without a snapshot.
func BenchmarkRecover(b *testing.B) {
	const n = 100_000
	p := check(b, plain)
	file := filepath.Join(b.TempDir(), "w.db")
	w, err := runtime.Open(file, runtime.Config{Policy: p, SnapshotEvery: 1 << 40})
	if err != nil {
		b.Fatal(err)
	}
	records, i := lines(), int64(0)
	err = w.Import(context.Background(), func() ([]byte, error) {
		if i++; i > n {
			return nil, io.EOF
		}
		return fresh(records, i), nil
	}, nil)
	if err != nil {
		b.Fatal(err)
	}
	// Closing writes a snapshot, so each round opens the file as it was before.
	image, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for b.Loop() {
		b.StopTimer()
		if err := os.WriteFile(file, image, 0o666); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		start := time.Now()
		log, err := bolt.Open(file, bolt.Options{})
		if err != nil {
			b.Fatal(err)
		}
		opened := time.Since(start)
		w, err := runtime.OpenLog(log, runtime.Config{SnapshotEvery: 1 << 40})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(opened.Seconds()*1000, "ms/bbolt-open")
		if r := w.Report(); r.Replayed != n+1 {
			b.Fatalf("report %+v", r)
		}
		b.StopTimer()
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "records/s")
}
