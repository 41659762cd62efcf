package api_test

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/throughline/throughline/runtime/access"
)

// TestFigures: what happened is counted, by routes and not by what was in them.
func TestFigures(t *testing.T) {
	s := newSite(t)
	s.submit(`{"type":"Rep","id":"very-personal","name":"Li"}`, `{"type":"Visit"}`)
	s.want(200, s.call(s.all, "GET", "/v1/east/state/Rep/very-personal", ""))
	s.want(404, s.call(s.all, "GET", "/v1/east/state/Rep/nobody-here", ""))
	s.want(403, s.call(s.keys[access.Read], "GET", "/v1/-/metrics", ""))
	s.want(200, s.call(s.all, "PUT", "/v1/east/channels/crm",
		`{"kind":"webhook","url":"https://crm.example.com/in","off":true,"secret":{"key":"k-k-k-k"}}`))
	wanted := []string{
		`throughline_build_info{version="1.2.3"} 1`,
		`throughline_records_total{outcome="accepted"} 1`,
		`throughline_records_total{outcome="rejected"} 1`,
		`throughline_request_seconds_count{method="GET",route="/v1/{workspace}/state/{type}/{id}",status="200"} 1`,
		`throughline_request_seconds_count{method="GET",route="/v1/{workspace}/state/{type}/{id}",status="404"} 1`,
		`throughline_request_seconds_count{method="GET",route="/v1/-/metrics",status="403"} 1`,
		`throughline_workspaces 1`, `throughline_workspaces_open 1`,
		`throughline_log_entries{workspace="east"} 3`,
		`throughline_deliveries_waiting{channel="crm",workspace="east"} 0`,
		`go_goroutines `,
	}
	var r reply
	s.until("all is counted", func() bool { // which happens when it was answered
		r = s.want(200, s.call(s.all, "GET", "/v1/-/metrics", ""))
		return !slices.ContainsFunc(wanted, func(w string) bool { return !strings.Contains(r.body, w) })
	})
	if !strings.HasPrefix(r.header.Get("Content-Type"), "text/plain") {
		t.Error(r.header)
	}
	if strings.Contains(r.body, "very-personal") || strings.Contains(r.body, "nobody-here") {
		t.Error("the figures name somebody")
	}
}

// said is what was logged.
type said struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (x *said) Write(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.b.Write(p)
}

func (x *said) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.b.String()
}

// TestRequestsAreLogged without what is in them.
func TestRequestsAreLogged(t *testing.T) {
	var out said
	s := siteLogged(t, slog.New(slog.NewTextHandler(&out, nil)))
	s.submit(`{"type":"Rep","id":"very-personal","name":"Li"}`)
	s.want(200, s.call(s.all, "GET", "/v1/east/state/Rep/very-personal", ""))
	s.want(401, s.call("thru_x_y", "GET", "/v1/east/state/Rep?expr=name", ""))
	wanted := []string{
		`msg=request method=GET route=/v1/{workspace}/state/{type}/{id} workspace=east who=`,
		`status=401`, `status=200`}
	text := ""
	s.until("all is logged", func() bool {
		text = out.String()
		return !slices.ContainsFunc(wanted, func(w string) bool { return !strings.Contains(text, w) })
	})
	for _, word := range []string{"very-personal", "expr", "thru_x_y", s.all} {
		if strings.Contains(text, word) {
			t.Errorf("the log shows %q:\n%s", word, text)
		}
	}
}
