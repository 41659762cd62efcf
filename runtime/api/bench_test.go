package api_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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
			slices.Sort(took)
			b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "records/s")
			b.ReportMetric(float64(took[len(took)*99/100].Milliseconds()), "p99-ms")
		})
	}
}
