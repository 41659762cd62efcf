//go:build unix

package api_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// BenchmarkRecords submits over loopback on 256 connections. An operation is a request.
func BenchmarkRecords(b *testing.B) {
	for _, size := range []int{1, 100} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			s := newSite(b)
			const connections = 256
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
			var next atomic.Int64
			var mu sync.Mutex
			var took []time.Duration
			var all sync.WaitGroup
			b.ResetTimer()
			before := cpu(b)
			for range connections {
				all.Go(func() {
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						lines := make([]string, size)
						for i := range lines {
							lines[i] = fmt.Sprintf(`{"type":"Visit","id":"v%d-%d","rep":"li","n":1}`, n, i)
						}
						body := "[" + strings.Join(lines, ",") + "]"
						r, err := http.NewRequestWithContext(b.Context(), "POST",
							s.url+"/v1/east/records", strings.NewReader(body))
						if err != nil {
							b.Error(err)
							return
						}
						r.Header.Set("Authorization", "Bearer "+s.all)
						begun := time.Now()
						answer, err := client.Do(r)
						if err != nil {
							b.Error(err)
							return
						}
						_, _ = io.Copy(io.Discard, answer.Body) // a short one is told by its status
						_ = answer.Body.Close()
						if answer.StatusCode != 200 {
							b.Errorf("answered %d", answer.StatusCode)
						}
						mu.Lock()
						took = append(took, time.Since(begun))
						mu.Unlock()
					}
				})
			}
			all.Wait()
			b.StopTimer()
			b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(b.N*size), "cpu-µs/record")
			slices.Sort(took)
			b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "records/s")
			b.ReportMetric(float64(took[len(took)*99/100].Milliseconds()), "p99-ms")
		})
	}
}

// cpu is the time that processors have spent on this process, both its ends of every connection.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkFeed tells a decision to a thousand sockets. An operation is a record; behind is the time
// from its being sent to the last socket's having it, as it is submitted to by one at a time.
func BenchmarkFeed(b *testing.B) {
	const sockets = 1000
	s := newSite(b)
	heard := make(chan error, sockets)
	for range sockets {
		l, err := s.socket("/v1/east/feed?after=1", s.all)
		if err != nil {
			b.Fatal(err)
		}
		defer l.Close()
		go func() {
			for {
				_, err := l.Next()
				heard <- err
				if err != nil {
					return
				}
			}
		}()
	}
	var behind []time.Duration
	n := 0
	for b.Loop() {
		n++
		begun := time.Now()
		s.submit(rep(fmt.Sprintf("r%d", n)))
		for range sockets {
			if err := <-heard; err != nil {
				b.Fatal(err)
			}
		}
		behind = append(behind, time.Since(begun))
	}
	slices.Sort(behind)
	b.ReportMetric(float64(behind[len(behind)*99/100].Milliseconds()), "p99-behind-ms")
	b.ReportMetric(float64(sockets), "sockets")
}
