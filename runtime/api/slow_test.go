package api_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/api"
)

// wires is a network in memory, so that the clock of a test's bubble is the only one there is.
type wires struct {
	conns chan net.Conn
	ended chan struct{}
	once  sync.Once
}

func newWires() *wires {
	return &wires{conns: make(chan net.Conn), ended: make(chan struct{})}
}

func (w *wires) Accept() (net.Conn, error) {
	select {
	case c := <-w.conns:
		return c, nil
	case <-w.ended:
		return nil, net.ErrClosed
	}
}

func (w *wires) Close() error {
	w.once.Do(func() { close(w.ended) })
	return nil
}

func (w *wires) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80} }

func (w *wires) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	own, other := net.Pipe()
	select {
	case w.conns <- other:
		return own, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// patience is how long a test waits for a server to end a connection.
const patience = 5 * time.Minute

// drip sends what is whole at once and then a byte every second, as long as the other side lets it,
// and returns all that came back before the connection ended.
func drip(t *testing.T, conn net.Conn, whole, drop string) string {
	t.Helper()
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() { // that the other side takes no more is for the reader to see
		if _, err := io.WriteString(conn, whole); err != nil || drop == "" {
			return
		}
		for {
			select {
			case <-ended:
				return
			case <-time.After(time.Second):
			}
			if _, err := io.WriteString(conn, drop); err != nil {
				return
			}
		}
	}()
	answer, err := io.ReadAll(conn)
	if late, ok := err.(net.Error); ok && late.Timeout() {
		t.Fatalf("the connection was still open after %v; it said %q", patience, answer)
	}
	return string(answer) // that it ended with a reset is as good
}

// TestWhoIsSlowIsCutOff lets clients send without end: each is cut off, with an answer where they
// have come far enough to be given one, and whoever is not slow is served meanwhile.
func TestWhoIsSlowIsCutOff(t *testing.T) { synctest.Test(t, whoIsSlow) }

func whoIsSlow(t *testing.T) {
	on := newWires()
	s := siteOn(t, runtime.Config{}, api.Within{}, on)
	start := func(method, path, typ string) string {
		return method + " " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + s.all +
			"\r\nContent-Type: " + typ + "\r\n"
	}
	const (
		json    = "application/json"
		long    = "Content-Length: 100000\r\n\r\n"
		chunked = "Transfer-Encoding: chunked\r\n\r\n"
		line    = `{"type":"Visit","id":"v1","rep":"li","n":1}` + "\n"
	)
	chunk := fmt.Sprintf("%x\r\n%s\r\n", len(line), line)
	var all sync.WaitGroup
	for _, c := range []struct {
		name        string
		whole, drop string
		answers     []string // in what comes back; none: nothing does
	}{
		{"says nothing", "", "", nil},
		{"request line", "GET /", "x", nil},
		{"headers", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", "x", nil},
		{"header after header", "GET /healthz HTTP/1.1\r\nHost: x\r\n", "A: b\r\n", nil},
		{"large headers", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Large: " +
			strings.Repeat("x", 32<<10), "x", []string{"HTTP/1.1 431"}},
		{"records", start("POST", "/v1/east/records", json) + long, " ",
			[]string{"HTTP/1.1 408", `"code":"too-slow"`}},
		{"records in chunks", start("POST", "/v1/east/records", json) + chunked, "1\r\n \r\n",
			[]string{"HTTP/1.1 408", `"code":"too-slow"`}},
		{"records that stop", start("POST", "/v1/east/records", json) + long, "",
			[]string{"HTTP/1.1 408", `"code":"too-slow"`}},
		{"policy", start("PUT", "/v1/east/policy", json) + long, " ",
			[]string{"HTTP/1.1 408", `"code":"too-slow"`}},
		{"stream", start("POST", "/v1/east/records", "application/x-ndjson") + chunked + chunk,
			"1\r\nx\r\n", []string{"HTTP/1.1 200", `"outcome":"accepted"`, `"code":"too-slow"`}},
	} {
		all.Go(func() {
			conn, err := on.dial(t.Context(), "", "")
			if err != nil {
				t.Error(err)
				return
			}
			got := drip(t, conn, c.whole, c.drop)
			for _, want := range c.answers {
				if !strings.Contains(got, want) {
					t.Errorf("%s: no %s in %q", c.name, want, got)
				}
			}
			if c.answers == nil && strings.Contains(got, "200 OK") {
				t.Errorf("%s: answered %q", c.name, got)
			}
		})
	}
	for range 5 { // whoever is not slow is served meanwhile
		s.want(200, s.call(s.all, "GET", "/v1/east/tasks", ""))
		time.Sleep(time.Second)
	}
	all.Wait()
}

// TestAStreamMayLastLongerThanARequest sends a line now and then, for longer than one request may
// take: only the time between two lines counts.
func TestAStreamMayLastLongerThanARequest(t *testing.T) { synctest.Test(t, longStream) }

func longStream(t *testing.T) {
	s := siteOn(t, runtime.Config{}, api.Within{}, newWires())
	from, to := io.Pipe()
	go func() {
		for i := range 6 {
			time.Sleep(20 * time.Second)
			_, err := fmt.Fprintf(to, `{"type":"Visit","id":"v%d","rep":"li","n":1}`+"\n", i)
			if err != nil {
				t.Error(err)
			}
		}
		_ = to.Close()
	}()
	r, err := http.NewRequestWithContext(t.Context(), "POST", s.url+"/v1/east/records", from)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.all)
	r.Header.Set("Content-Type", "application/x-ndjson")
	answer, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	n := 0
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); n++ {
		if !strings.Contains(lines.Text(), `"accepted"`) {
			t.Errorf("line %d: %s", n, lines.Text())
		}
	}
	if n != 6 {
		t.Errorf("%d of 6 lines were answered", n)
	}
}

// TestWhoNeverAgreesOnTLSIsCutOff connects and does not finish the handshake.
func TestWhoNeverAgreesOnTLSIsCutOff(t *testing.T) { synctest.Test(t, neverAgrees) }

func neverAgrees(t *testing.T) {
	s := siteOn(t, runtime.Config{}, api.Within{}, newWires())
	on := newWires()
	web := httptest.NewUnstartedServer(nil)
	_ = web.Listener.Close() // nobody has dialled it
	web.Listener, web.Config = on, s.server.HTTP()
	web.StartTLS()
	defer web.Close()
	hello := "\x16\x03\x01\x02\x00" // the head of a record of 512 bytes, which then trickle in
	for _, c := range []struct{ whole, drop string }{{"", ""}, {hello, "\x00"}} {
		conn, err := on.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		if got := drip(t, conn, c.whole, c.drop); strings.Contains(got, "HTTP") {
			t.Errorf("answered %q", got)
		}
	}
	wire, err := on.dial(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	cfg := web.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	cfg.ServerName = "example.com"
	conn := tls.Client(wire, cfg)
	if got := drip(t, conn, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", "x"); strings.Contains(got,
		"200 OK") {
		t.Errorf("slow headers over TLS: %q", got)
	}
}
