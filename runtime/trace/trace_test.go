package trace_test

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	coll "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/throughline/throughline/runtime/trace"
)

// TestACollectorIsTold sends requests to a collector of the test's own: each becomes a span with its
// route, status and time, as part of the trace that it came with.
func TestACollectorIsTold(t *testing.T) {
	var mu sync.Mutex
	var got coll.ExportTraceServiceRequest
	paths := map[string]bool{}
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			body = z
		}
		b, err := io.ReadAll(body)
		mu.Lock()
		defer mu.Unlock()
		paths[r.URL.Path] = true
		var x coll.ExportTraceServiceRequest
		if err != nil || proto.Unmarshal(b, &x) != nil {
			t.Errorf("%v: %q", err, b)
		}
		got.ResourceSpans = append(got.ResourceSpans, x.ResourceSpans...)
	}))
	defer collector.Close()
	tr, err := trace.Start(t.Context(), trace.Options{To: collector.URL, Share: 1, Version: "1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	since := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for _, r := range []trace.Request{
		{Method: "POST", Route: "/v1/{workspace}/records", Workspace: "east", Status: 200, Since: since,
			Took: 3 * time.Millisecond, Parent: parent},
		{Method: "GET", Route: "/v1/{workspace}/state/{type}", Workspace: "east", Status: 500, Since: since,
			Took: time.Millisecond, Parent: "no trace"},
		{Method: "GET", Route: "/skipped", Status: 200, Since: since,
			Parent: strings.TrimSuffix(parent, "01") + "00"}, // who sent it does not trace this one
	} {
		tr.Request(&r)
	}
	if err := tr.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, rs := range got.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				line := s.Name + " " + s.Status.String() + " " +
					time.Duration(s.EndTimeUnixNano-s.StartTimeUnixNano).String()
				for _, a := range s.Attributes {
					line += " " + a.Key + "=" + a.Value.String()
				}
				told = append(told, line)
				if ours := string(s.TraceId) == "\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c"; ours !=
					strings.HasPrefix(s.Name, "POST") {
					t.Errorf("%s is of the trace %x", s.Name, s.TraceId)
				}
			}
		}
	}
	all := strings.Join(told, "\n")
	if len(told) != 2 || !paths["/v1/traces"] || !strings.Contains(all, "3ms") ||
		!strings.Contains(all, `http.route=string_value:"/v1/{workspace}/records"`) ||
		!strings.Contains(all, "STATUS_CODE_ERROR") || !strings.Contains(all, "int_value:500") {
		t.Errorf("told: %s, at %v", all, paths)
	}
}

// TestWhatIsNoCollector is refused before anything is sent.
func TestWhatIsNoCollector(t *testing.T) {
	for _, to := range []string{"", "127.0.0.1:4318", "ftp://x", "http://", "https://a:b@x"} {
		if _, err := trace.Start(t.Context(), trace.Options{To: to, Share: 1}); err == nil {
			t.Errorf("%q is taken", to)
		}
	}
}
