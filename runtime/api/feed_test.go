package api_test

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/live"
)

// sse reads events: their ids and what they are about.
type sse struct {
	t    testing.TB
	from *bufio.Reader
	end  func() error
}

func (s *site) listen(path string, headers ...string) *sse {
	s.t.Helper()
	return s.listenWith(path, append([]string{"Authorization", "Bearer " + s.keys["read"]}, headers...))
}

// listenAs is listen for somebody who has come in.
func (s *site) listenAs(session, path string) *sse {
	s.t.Helper()
	return s.listenWith(path, []string{"Cookie", "thru=" + session})
}

func (s *site) listenWith(path string, headers []string) *sse {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), "GET", s.url+path, http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	if answer.Header.Get("Content-Type") != "text/event-stream" {
		s.t.Fatalf("%d %v", answer.StatusCode, answer.Header)
	}
	return &sse{s.t, bufio.NewReader(answer.Body), answer.Body.Close}
}

// next is the next event, as id and data; beats are passed over.
func (x *sse) next() (id, data string) {
	x.t.Helper()
	for {
		line, err := x.from.ReadString('\n')
		if err != nil {
			x.t.Fatal(err)
		}
		line = strings.TrimSuffix(line, "\n")
		if text, ok := strings.CutPrefix(line, "id: "); ok {
			id = text
		}
		if text, ok := strings.CutPrefix(line, "data: "); ok {
			return id, text
		}
	}
}

func (s *site) socket(path, key string) (*live.Listener, error) {
	return s.socketWith(path, http.Header{"Authorization": {"Bearer " + key}})
}

func (s *site) socketWith(path string, h http.Header) (*live.Listener, error) {
	return live.Dial(s.t.Context(), "ws"+strings.TrimPrefix(s.url, "http")+path, h)
}

func rep(id string) string { return fmt.Sprintf(`{"type":"Rep","id":%q}`, id) }

func TestEventsBeginWhereTheListenerLeftOff(t *testing.T) {
	s := newSite(t)
	s.submit(rep("a"), rep("b"), rep("c")) // 2, 3, 4
	for _, c := range []struct {
		name, path, id, data string
		headers              []string
	}{
		{"after", "/v1/east/feed?after=2", "3", `"id":"b"`, nil},
		{"come back", "/v1/east/feed?after=1", "4", `"id":"c"`, []string{"Last-Event-ID", "3"}},
		{"from the first", "/v1/east/feed?after=0", "1", `"record":null`, nil},
	} {
		x := s.listen(c.path, c.headers...)
		if id, data := x.next(); id != c.id || !strings.Contains(data, c.data) {
			t.Errorf("%s: %s %s", c.name, id, data)
		}
		_ = x.end()
	}
	x := s.listen("/v1/east/feed")
	s.submit(rep("d"))
	if id, data := x.next(); id != "5" || !strings.Contains(data, `"id":"d"`) {
		t.Errorf("what comes next: %s %s", id, data)
	}
	_ = x.end()
	s.problem("wrong-request", s.call(s.all, "GET", "/v1/east/feed?after=x", ""))
}

func TestSockets(t *testing.T) {
	s := newSite(t)
	s.submit(rep("a"))
	ws, err := s.socket("/v1/east/feed?after=1", s.keys["read"])
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	for _, id := range []string{"a", "b", "c"} {
		text, err := ws.Next()
		if err != nil || !strings.Contains(string(text), fmt.Sprintf(`"id":%q`, id)) {
			t.Fatal(id, string(text), err)
		}
		if id == "a" {
			s.submit(rep("b"), rep("c"))
		}
	}
	for name, key := range map[string]string{"none": "", "submit": s.keys["submit"]} {
		if ws, err := s.socket("/v1/east/feed", key); err == nil {
			_ = ws.Close()
			t.Errorf("a key to %s opens the feed", name)
		}
	}
	// One that is gone does not hold the others up, and one that stays is told when the server stops.
	gone, err := s.socket("/v1/east/feed", s.all)
	if err != nil {
		t.Fatal(err)
	}
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	s.submit(rep("d"))
	if text, err := ws.Next(); err != nil || !strings.Contains(string(text), `"d"`) {
		t.Error(string(text), err)
	}
	s.server.Drain()
	if _, err := ws.Next(); !errors.Is(err, live.ErrAway) {
		t.Errorf("when the server stops: %v", err)
	}
}
