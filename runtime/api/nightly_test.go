package api_test

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/seal"
)

func TestNightly(t *testing.T) {
	s := newSite(t)
	h := newHeard(t)
	s.problem("unsigned", s.call(s.keys[access.Read], "GET", "/v1/east/checkpoint", ""))
	if n := get[api.Nights](s, "/v1/east/nightly"); n.Setting.At != "03:30" || !n.Setting.Erase ||
		!n.Setting.Checkpoint {
		t.Errorf("%+v", n)
	}
	s.want(200, s.call(s.all, "PUT", "/v1/east/channels/audit",
		`{"kind":"wecom","secret":{"url":"`+h.URL+`/send?key=k-k-k-k"}}`))
	s.want(200, s.call(s.all, "PUT", "/v1/east/nightly",
		`{"at":"23:00","erase":false,"checkpoint":true,"channel":"audit"}`))
	s.submit(`{"type":"Rep","id":"li","name":"Li"}`)
	n := decode[api.Nights](s, s.want(200, s.call(s.all, "POST", "/v1/east/nightly", "")))
	if n.Last == nil || n.Last.Entries != 2 || n.Last.Posted != 2 || n.Last.Why != "" {
		t.Errorf("%+v", n.Last)
	}
	x := decode[api.Signed](s, s.want(200, s.call(s.keys[access.Read], "GET", "/v1/east/checkpoint", "")))
	c, err := seal.Open([]byte(x.Signed), x.Key)
	if err != nil || c.Entries != 2 || x.Entries != 2 || c.Root.String() != x.Root {
		t.Errorf("%+v, %v", x, err)
	}
	if got := strings.Join(h.heard(), ""); strings.TrimSpace(got) != strings.TrimSpace(x.Signed) {
		t.Errorf("posted %q", got)
	}
	h.answers(500)
	s.submit(`{"type":"Rep","id":"wu","name":"Wu"}`)
	n = decode[api.Nights](s, s.want(200, s.call(s.all, "POST", "/v1/east/nightly", "")))
	if n.Last.Posted != 2 || n.Last.Entries != 3 || !strings.Contains(n.Last.Why, "http 500") {
		t.Errorf("%+v", n.Last)
	}
	for _, body := range []string{`{`, `{"at":"25:00","erase":true,"checkpoint":true}`, `{"at":"3:00"}`} {
		s.problem("wrong-request", s.call(s.all, "PUT", "/v1/east/nightly", body))
	}
	s.problem("unknown-workspace", s.call(s.all, "POST", "/v1/north/nightly", ""))
}

// heard are the texts that were taken.
func (h *heard) heard() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string{}, h.texts...)
}
