package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/api"
)

// halting is a clock that can be stopped, and with it the writer that reads it.
type halting struct{ mu sync.RWMutex }

func (h *halting) now() time.Time {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return time.Now()
}

// TestAFullQueueRefusesWhole stops the writer until its queue is full. Who is refused is told when
// to come again, none of what they brought is in the log, and bringing it again takes each record
// once. A stream is not refused but waits.
func TestAFullQueueRefusesWhole(t *testing.T) {
	clock := new(halting)
	s := siteWith(t, runtime.Config{Queue: 1, Now: clock.now}, api.Within{})
	batch := func(n int) string {
		var lines []string
		for i := range 3 {
			lines = append(lines, fmt.Sprintf(`{"type":"Visit","id":"b%d-%d","rep":"li","n":1}`, n, i))
		}
		return "[" + strings.Join(lines, ",") + "]"
	}
	type sent struct {
		n int
		reply
	}
	const batches = 6
	replies := make(chan sent, batches)
	stream := make(chan reply, 1)
	clock.mu.Lock()
	for n := range batches {
		go func() { replies <- sent{n, s.call(s.all, "POST", "/v1/east/records", batch(n))} }()
	}
	refused := map[int]bool{}
	refuse := func(r sent) {
		s.problem("busy", r.reply)
		if after := r.header.Get("Retry-After"); r.status != 429 || after != "1" {
			t.Errorf("batch %d: %d, Retry-After %q", r.n, r.status, after)
		}
		refused[r.n] = true
	}
	for range batches - 2 { // one is with the writer and one waits, no more
		refuse(<-replies)
	}
	go func() {
		stream <- s.call(s.all, "POST", "/v1/east/records", `{"type":"Rep","id":"streamed"}`+"\n",
			"Content-Type", "application/x-ndjson")
	}()
	clock.mu.Unlock()
	for range 2 {
		if r := <-replies; r.status != 200 {
			refuse(r) // the writer had not yet taken the first out of the queue
		}
	}
	if r := <-stream; r.status != 200 || !strings.Contains(r.body, `"accepted"`) {
		t.Errorf("the stream: %d %s", r.status, r.body)
	}
	counts := func() map[string]int {
		out := map[string]int{}
		for _, raw := range get[api.Page](s, "/v1/east/decisions?limit=1000").Decisions {
			var d api.Decision
			if err := json.Unmarshal(raw, &d); err != nil {
				t.Fatal(err)
			}
			if d.Record != nil && d.Outcome == "accepted" {
				out[d.Record.ID]++
			}
		}
		return out
	}
	for id, n := range counts() {
		var of int
		if _, err := fmt.Sscanf(id, "b%d-", &of); err == nil && (refused[of] || n != 1) {
			t.Errorf("%s was taken %d times; its batch was refused: %v", id, n, refused[of])
		}
	}
	for n := range batches {
		want := "duplicate"
		if refused[n] {
			want = "accepted"
		}
		r := s.want(200, s.call(s.all, "POST", "/v1/east/records", batch(n)))
		if strings.Count(r.body, `"outcome":"`+want+`"`) != 3 {
			t.Errorf("batch %d once more, refused %v: %s", n, refused[n], r.body)
		}
	}
	got := counts()
	for n := range batches {
		for i := range 3 {
			if id := fmt.Sprintf("b%d-%d", n, i); got[id] != 1 {
				t.Errorf("%s is in the log %d times", id, got[id])
			}
		}
	}
}
