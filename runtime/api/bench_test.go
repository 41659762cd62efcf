//go:build unix

package api_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// BenchmarkRecords submits over loopback on 256 connections. An operation is a request. The other end
// writes requests that are made already and looks at no more of an answer than its status and its
// end: it shares the processors, and is not what is measured. At a rate, requests come when it is
// their turn whether or not those before are answered, and how long one takes counts from there.
func BenchmarkRecords(b *testing.B) {
	for _, x := range []struct{ size, rate int }{{1, 0}, {100, 0}, {1, 8_000}, {100, 20_000}} {
		size, name := x.size, fmt.Sprintf("batch=%d", x.size)
		var apart time.Duration // between two requests
		if x.rate > 0 {
			apart = time.Second * time.Duration(size) / time.Duration(x.rate)
			name += fmt.Sprintf("/rate=%d", x.rate)
		}
		b.Run(name, func(b *testing.B) {
			s := newSite(b)
			const connections = 256
			var next atomic.Int64
			took := make([][]time.Duration, connections)
			var all, ready sync.WaitGroup
			ready.Add(connections)
			begin := make(chan struct{})
			var start time.Time
			for c := range connections {
				all.Go(func() {
					w, err := dialWire(s.url)
					ready.Done()
					if err != nil {
						b.Error(err)
						return
					}
					defer w.close()
					<-begin
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						w.request(s.all, n, size)
						begun := time.Now()
						if turn := start.Add(time.Duration(n) * apart); apart > 0 {
							time.Sleep(time.Until(turn))
							begun = turn
						}
						if err := w.ask(); err != nil {
							b.Error(err)
							return
						}
						took[c] = append(took[c], time.Since(begun))
					}
				})
			}
			ready.Wait()
			b.ResetTimer()
			before := cpu(b)
			start = time.Now()
			close(begin)
			all.Wait()
			b.StopTimer()
			b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(b.N*size), "cpu-µs/record")
			every := slices.Concat(took...)
			slices.Sort(every)
			b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "records/s")
			b.ReportMetric(float64(every[len(every)*99/100].Milliseconds()), "p99-ms")
		})
	}
}

// wire is one connection that is kept.
type wire struct {
	conn       net.Conn
	in         *bufio.Reader
	text, body []byte
}

func dialWire(url string) (*wire, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		return nil, err
	}
	return &wire{conn: conn, in: bufio.NewReaderSize(conn, 32<<10)}, nil
}

func (w *wire) close() { _ = w.conn.Close() }

// request makes the next request: as many records as it may have, each with an id of its own.
func (w *wire) request(key string, n int64, size int) {
	w.body = append(w.body[:0], '[')
	for i := range size {
		if i > 0 {
			w.body = append(w.body, ',')
		}
		w.body = fmt.Appendf(w.body, `{"type":"Visit","id":"v%d-%d","rep":"li","n":1}`, n, i)
	}
	w.body = append(w.body, ']')
	w.text = fmt.Appendf(w.text[:0], "POST /v1/east/records HTTP/1.1\r\nHost: x\r\n"+
		"Authorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
		key, len(w.body))
	w.text = append(w.text, w.body...)
}

// ask sends it, and reads the answer to its end.
func (w *wire) ask() error {
	if _, err := w.conn.Write(w.text); err != nil {
		return err
	}
	line, err := w.in.ReadSlice('\n')
	if err != nil || !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("answered %q: %v", line, err)
	}
	length := -1
	for {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) == 2 {
			break
		}
		if text, is := bytes.CutPrefix(line, []byte("Content-Length: ")); is {
			if length, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return errors.New("how long the answer is, is not told")
	}
	_, err = w.in.Discard(length)
	return err
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
