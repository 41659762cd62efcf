package api_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/deliver/link"
)

// TestLinks does what an address of a message is for when somebody says so, not when it is opened,
// and once; what is not ours, or too old, does nothing.
func TestLinks(t *testing.T) {
	signer := &link.Signer{Key: []byte("a key")}
	s := siteAt(t, runtime.Config{}, api.Options{Links: signer,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil))}, nil)
	signer.Base = s.url
	of := func(do string, until time.Duration) string {
		url := signer.URL(link.Link{Do: do, Workspace: "east", Message: "east/7/0", Channel: "mail",
			For: "Rep/li", Until: time.Now().Add(until).Unix()})
		return strings.TrimPrefix(url, s.url)
	}
	last := func() uint64 {
		t.Helper()
		return decode[struct{ Last uint64 }](s, s.want(200, s.call(s.all, "GET",
			"/v1/east/decisions?limit=1", ""))).Last
	}
	before := last()
	seen, stop := of(link.Seen, time.Hour), of(link.Stop, time.Hour)
	for _, path := range []string{seen, stop} {
		r := s.want(200, s.call("", "GET", path, ""))
		if !strings.Contains(r.body, `<form method="post">`) ||
			!strings.HasPrefix(r.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s", r.body)
		}
	}
	if last() != before || api.NoDigests(s.access)("east", "mail", "Rep/li") {
		t.Error("opening it is enough")
	}
	for range 2 {
		s.want(200, s.call("", "POST", seen, ""))
		r := s.want(200, s.call("", "POST", stop, "List-Unsubscribe=One-Click", "Accept-Language", "zh"))
		if !strings.Contains(r.body, "不会再收到") {
			t.Error(r.body)
		}
	}
	if now := last(); now != before+1 {
		t.Errorf("the log has %d entries more", now-before)
	}
	if is := api.NoDigests(s.access); !is("east", "mail", "Rep/li") || is("east", "mail", "Rep/wu") ||
		is("west", "mail", "Rep/li") || is("east", "sms", "Rep/li") {
		t.Error("digests end for others, or for nobody")
	}
	s.want(410, s.call("", "POST", of(link.Seen, -time.Hour), ""))
	s.want(404, s.call("", "POST", seen+"x", ""))
	s.want(404, s.call("", "GET", link.Path+"x", ""))
	s.want(404, s.call("", "POST", of("delete", time.Hour), ""))
}
