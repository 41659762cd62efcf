package api_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/api"
)

// impatient is a server's patience for tests, and patience how long a test waits for it to end.
var impatient = api.Within{Header: 300 * time.Millisecond, Body: time.Second, Answer: 5 * time.Second}

const patience = 20 * time.Second

// drip sends what is whole at once and then a byte every now and then, as long as the other side
// lets it, and returns all that came back before the connection ended.
func drip(t *testing.T, conn net.Conn, whole, drop string) string {
	t.Helper()
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, whole); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	defer close(ended)
	if drop != "" {
		go func() {
			for tick := time.NewTicker(20 * time.Millisecond); ; {
				select {
				case <-ended:
					tick.Stop()
					return
				case <-tick.C:
				}
				if _, err := io.WriteString(conn, drop); err != nil {
					return
				}
			}
		}()
	}
	answer, err := io.ReadAll(conn)
	if late, ok := err.(net.Error); ok && late.Timeout() {
		t.Fatalf("the connection was still open after %v; it said %q", patience, answer)
	}
	return string(answer) // that it ended with a reset is as good
}

// TestWhoIsSlowIsCutOff lets clients send without end: each is cut off, with an answer where they
// have come far enough to be given one, and whoever is not slow is served meanwhile.
func TestWhoIsSlowIsCutOff(t *testing.T) {
	t.Parallel()
	s := siteWith(t, runtime.Config{}, impatient)
	addr := strings.TrimPrefix(s.url, "http://")
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
	t.Run("all", func(t *testing.T) {
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
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				conn, err := net.Dial("tcp", addr)
				if err != nil {
					t.Fatal(err)
				}
				got := drip(t, conn, c.whole, c.drop)
				for _, want := range c.answers {
					if !strings.Contains(got, want) {
						t.Errorf("no %s in %q", want, got)
					}
				}
				if c.answers == nil && strings.Contains(got, "200 OK") {
					t.Errorf("answered %q", got)
				}
			})
		}
		t.Run("whoever is not slow", func(t *testing.T) {
			t.Parallel()
			for range 5 {
				s.want(200, s.call(s.all, "GET", "/v1/east/tasks", ""))
				time.Sleep(50 * time.Millisecond)
			}
		})
	})
}

// TestAStreamMayLastLongerThanARequest sends a line now and then, for longer than one request may
// take: only the time between two lines counts.
func TestAStreamMayLastLongerThanARequest(t *testing.T) {
	t.Parallel()
	s := siteWith(t, runtime.Config{}, impatient)
	from, to := io.Pipe()
	go func() {
		for i := range 6 {
			time.Sleep(impatient.Body / 4)
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
	answer, err := http.DefaultClient.Do(r)
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
func TestWhoNeverAgreesOnTLSIsCutOff(t *testing.T) {
	t.Parallel()
	s := siteWith(t, runtime.Config{}, impatient)
	web := httptest.NewUnstartedServer(nil)
	web.Config = s.server.HTTP()
	web.StartTLS()
	defer web.Close()
	addr := web.Listener.Addr().String()
	hello := "\x16\x03\x01\x02\x00" // the head of a record of 512 bytes, which then trickle in
	for _, c := range []struct{ whole, drop string }{{"", ""}, {hello, "\x00"}} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := drip(t, conn, c.whole, c.drop); strings.Contains(got, "HTTP") {
			t.Errorf("answered %q", got)
		}
	}
	conn, err := tls.Dial("tcp", addr, web.Client().Transport.(*http.Transport).TLSClientConfig)
	if err != nil {
		t.Fatal(err)
	}
	if got := drip(t, conn, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", "x"); strings.Contains(got,
		"200 OK") {
		t.Errorf("slow headers over TLS: %q", got)
	}
}
