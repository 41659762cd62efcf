package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// full reports whether the long forms of tests are wanted (make full).
func full() bool { return os.Getenv("THRU_FULL") != "" }

// steady has a bit of everything and remembers little: its windows are short.
const steady = `{"name":"east","files":[{"name":"p.thru","text":"entity Rep {\n  name text?\n  best int?\n}\n` +
	`event Visit {\n  rep Rep\n  n   int\n}\nrule Big on Visit {\n  when n >= 8\n` +
	`  do { task \"look at {n}\" for rep due 1wd; set rep.best = n }\n}\n` +
	`alert Busy of Rep {\n  when sum(Visit.n in 5s) >= 200\n  for  1s\n  do { notify self \"busy\" }\n}\n"}]}`

// load sends records from several connections until it is stopped, and keeps which were answered.
type load struct {
	s        *serving
	run      int // which load of the test's
	answered atomic.Int64
	rest     time.Duration // how long a worker rests for each record that it sent

	mu  sync.Mutex
	ids map[string]bool // nil: nobody asks
	bad []error         // what no server that dies explains
}

// visitsOf are some records, each with an id of its own.
func (l *load) visitsOf(worker, from, n int) (lines, ids []string) {
	for i := range n {
		id := fmt.Sprintf("%d-%d-%d", l.run, worker, from+i)
		ids = append(ids, id)
		lines = append(lines, fmt.Sprintf(`{"type":"Visit","id":%q,"rep":"r%d","n":%d}`, id, i%50, i%10))
	}
	return lines, ids
}

// send sends records, one or a list, until stop is closed or the server is gone.
func (l *load) send(worker int, stop <-chan struct{}) {
	size := []int{1, 1, 20, 100}[worker%4]
	for from := 0; ; from += size {
		select {
		case <-stop:
			return
		case <-time.After(l.rest * time.Duration(size)):
		}
		lines, ids := l.visitsOf(worker, from, size)
		body := lines[0]
		if size > 1 {
			body = "[" + strings.Join(lines, ",") + "]"
		}
		out, err := l.s.try("POST", "/v1/east/records", body)
		switch {
		case err != nil && strings.Contains(err.Error(), ": 429 "):
			time.Sleep(time.Millisecond) // as Retry-After says; the server's pace is not ours
			continue
		case err != nil:
			return // the server is gone
		}
		if n := strings.Count(out, `"outcome":"accepted"`); n != size {
			l.mu.Lock()
			l.bad = append(l.bad, fmt.Errorf("%d of %d accepted: %.200s", n, size, out))
			l.mu.Unlock()
			return
		}
		l.answered.Add(int64(size))
		l.mu.Lock()
		for _, id := range ids {
			if l.ids != nil {
				l.ids[id] = true
			}
		}
		l.mu.Unlock()
	}
}

// TestKillServer kills a server at random moments while records come, and starts it again on what
// it left: every record that was answered is in the log exactly once, and none is there twice. 300
// times with THRU_FULL.
func TestKillServer(t *testing.T) {
	kills, longest := 3, 200*time.Millisecond
	if full() {
		kills, longest = 300, 800*time.Millisecond
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	dir, key := t.TempDir(), ""
	answered := map[string]bool{}
	for n := range kills {
		s := serve(t, dir, key)
		if key = s.key; n == 0 {
			s.call("POST", "/v1/-/workspaces", steady)
		}
		l := &load{s: s, run: n, ids: answered}
		stop := make(chan struct{})
		var workers sync.WaitGroup
		for w := range 8 {
			workers.Go(func() { l.send(w, stop) })
		}
		until := time.Now().Add(time.Duration(chance.Int64N(int64(longest))))
		for most := time.Now().Add(longest * 10); time.Now().Before(most) &&
			(time.Now().Before(until) || l.answered.Load() == 0); {
			time.Sleep(time.Millisecond) // a process of its own: what the kill meets is left to chance
		}
		if err := s.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		close(stop)
		workers.Wait()
		_ = s.cmd.Wait() // it was killed
		for _, err := range l.bad {
			t.Error(err)
		}
		if n%50 == 49 {
			t.Logf("%d kills, %d records answered", n+1, len(answered))
		}
	}
	s := serve(t, dir, key)
	s.call("POST", "/v1/east/records", `{"type":"Rep","id":"after"}`)
	found := s.foundOf(t)
	twice, lost := 0, 0
	for id, n := range found {
		if n > 1 {
			twice++
			t.Errorf("%s is %d times in the log", id, n)
		}
	}
	for id := range answered {
		if found[id] == 0 {
			lost++
		}
	}
	if lost > 0 || twice > 0 {
		t.Errorf("%d answered records are lost", lost)
	}
	t.Logf("%d kills, %d records answered, %d in the log", kills, len(answered), len(found))
	if len(answered) < kills {
		t.Errorf("only %d records were answered", len(answered))
	}
	s.call("GET", "/v1/east/verify", "")
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("stopped: %v: %s", err, s.log.String())
	}
}

// foundOf counts the accepted records of the log by id.
func (s *serving) foundOf(t *testing.T) map[string]int {
	t.Helper()
	found := map[string]int{}
	var page struct {
		Decisions []struct {
			Record  struct{ Type, ID string }
			Outcome string
		}
		Next, Last uint64
	}
	for page.Last == 0 || page.Next < page.Last {
		body := s.call("GET", fmt.Sprintf("/v1/east/decisions?limit=1000&after=%d", page.Next), "")
		page.Decisions = nil
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		for _, d := range page.Decisions {
			if d.Record.Type == "Visit" && d.Outcome == "accepted" {
				found[d.Record.ID]++
			}
		}
	}
	return found
}

// resident is how much memory a process holds, in MiB; 0: this system does not say. Of it, what is
// "RssAnon" is its own; the rest are pages of files, which the system takes back as it likes.
func resident(t testing.TB, pid int, what string) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if errors.Is(err, os.ErrNotExist) && runtime.GOOS != "linux" {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), what+":")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kib >> 10
}

// TestSoak keeps a server busy: what it holds stays the same, although it knows the id of every
// event again for good. Those are on disk; what tells of a new one that it is not there takes two
// bytes an id. The policy is one that keeps nothing else. For 20 minutes with THRU_FULL; else for
// long enough to see that the test itself works.
func TestSoak(t *testing.T) {
	length, every := 700*time.Millisecond, 50*time.Millisecond
	if full() {
		length, every = 20*time.Minute, 5*time.Second
	}
	s := serve(t, t.TempDir(), "")
	s.call("POST", "/v1/-/workspaces",
		strings.Replace(steady, `task \"look at {n}\" for rep due 1wd; `, "", 1))
	l := &load{s: s, rest: 16 * time.Millisecond} // 250 records a second
	stop := make(chan struct{})
	var workers sync.WaitGroup
	for w := range 4 {
		workers.Go(func() { l.send(w, stop) })
	}
	workers.Go(func() { s.asking(t, stop) })
	var held []int
	began := time.Now()
	for time.Since(began) < length {
		time.Sleep(every) // real memory of a real process
		held = append(held, resident(t, s.cmd.Process.Pid, "RssAnon"))
	}
	close(stop)
	workers.Wait()
	for _, err := range l.bad {
		t.Error(err)
	}
	n := len(held)
	middle, last := slices.Max(held[n/3:2*n/3]), slices.Max(held[2*n/3:])
	t.Logf("%v: %d records answered; at most %d MiB in the second third, %d MiB in the last",
		length, l.answered.Load(), middle, last)
	if full() && last > middle+6 {
		t.Errorf("it grows: %v", held)
	}
	if l.answered.Load() < 20 || last > 1024 {
		t.Errorf("%d records answered, %d MiB", l.answered.Load(), last)
	}
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("stopped: %v: %s", err, s.log.String())
	}
}

// asking looks at what is there, as pages do, and listens to the feed for a moment now and then.
func (s *serving) asking(t *testing.T, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(20 * time.Millisecond):
		}
		for _, path := range []string{"/v1/east/state/Rep?limit=20", "/v1/east/alerts",
			"/v1/east/policy/versions", "/v1/-/metrics", "/v1/east/decisions?limit=50"} {
			if _, err := s.try("GET", path, ""); err != nil && !strings.Contains(err.Error(), " 429 ") {
				t.Error(err)
				return
			}
		}
		r, err := http.NewRequest("GET", s.url+"/v1/east/feed?after=1", nil)
		if err != nil {
			t.Error(err)
			return
		}
		r.Header.Set("Authorization", "Bearer "+s.key)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.CopyN(io.Discard, answer.Body, 4<<10) // some of it
		_ = answer.Body.Close()
	}
}

// BenchmarkIdle holds what a server takes that has nothing to do: with one workspace, and with a
// thousand that were made, used and left alone. An operation is such a server's start.
func BenchmarkIdle(b *testing.B) {
	for _, workspaces := range []int{1, 1000} {
		b.Run(fmt.Sprintf("workspaces=%d", workspaces), func(b *testing.B) {
			dir := b.TempDir()
			s := serve(b, dir, "")
			for n := range workspaces {
				name := fmt.Sprintf("w%d", n)
				s.call("POST", "/v1/-/workspaces", strings.Replace(steady, "east", name, 1))
				s.call("POST", "/v1/"+name+"/records", `{"type":"Rep","id":"li"}`)
			}
			key, made := s.key, resident(b, s.cmd.Process.Pid, "VmRSS")
			for b.Loop() {
				if err := s.stop(syscall.SIGTERM); err != nil {
					b.Fatal(err)
				}
				s = serve(b, dir, key)
				s.call("GET", "/readyz", "")
			}
			b.ReportMetric(float64(made), "used-MiB")
			b.ReportMetric(float64(resident(b, s.cmd.Process.Pid, "VmRSS")), "started-MiB")
			if err := s.stop(syscall.SIGTERM); err != nil {
				b.Fatal(err)
			}
		})
	}
}
