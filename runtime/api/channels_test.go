package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/deliver/hook"
)

// heard is a robot and a webhook that take what they are told.
type heard struct {
	*httptest.Server
	mu     sync.Mutex
	texts  []string
	status int
}

func newHeard(t *testing.T) *heard {
	h := &heard{status: 200}
	receiver := &hook.Receiver{Secret: "hush-hush-signing-key"}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		defer h.mu.Unlock()
		var x struct {
			Text struct{ Content string }
			Data struct{ Text string }
		}
		_ = json.Unmarshal(body, &x)
		if x.Text.Content == "" {
			if err := receiver.Check(r.Header, body); err != nil {
				t.Error(err)
			}
		}
		if h.status == 200 {
			h.texts = append(h.texts, x.Text.Content+x.Data.Text)
			fmt.Fprint(w, `{"errcode":0}`)
			return
		}
		receiver.Forget(r.Header)
		w.WriteHeader(h.status)
		fmt.Fprintf(w, "hush-hush-signing-key %s", r.URL)
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *heard) answers(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

// until waits for something to become so.
func (s *site) until(what string, is func() bool) {
	s.t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatal("never: " + what)
		}
	}
}

const tells = `entity Rep { name text? }
event Visit {
  rep Rep
  n   int
}
rule Big on Visit {
  when n >= 8
  do {
    notify rep via team "big {n}"
    task "look at {n}" for rep due 1d
  }
}
`

func TestChannels(t *testing.T) {
	s := newSite(t)
	h := newHeard(t)
	s.want(200, s.call(s.all, "POST", "/v1/-/workspaces", create("tells", tells)))
	fares := func(name string) api.Channel {
		t.Helper()
		for _, c := range get[api.ChannelList](s, "/v1/tells/channels").Channels {
			if c.Name == name {
				return c
			}
		}
		return api.Channel{}
	}
	visit := func(n int) {
		t.Helper()
		s.want(200, s.call(s.all, "POST", "/v1/tells/records",
			fmt.Sprintf(`{"type":"Visit","id":"v%d","rep":"li","n":%d}`, n, n)))
	}
	visit(8)
	s.until("it waits", func() bool { return fares("team").Status.Waiting == 1 })
	if c := fares("team"); c.Set || c.Secret {
		t.Errorf("%+v", c)
	}
	robot := `{"kind":"wecom","secret":{"url":"` + h.URL + `/send?key=very-secret-key"}}`
	out := s.want(200, s.call(s.all, "PUT", "/v1/tells/channels/team", robot)).body
	s.until("it is told", func() bool { return fares("team").Status.Sent == 1 })
	hooked := `{"kind":"webhook","url":"` + h.URL + `/in","takes":["task"],` +
		`"secret":{"key":"hush-hush-signing-key","headers":{"Authorization":"Bearer hush-token"}}}`
	out += s.want(200, s.call(s.all, "PUT", "/v1/tells/channels/crm", hooked)).body
	out += s.want(200, s.call(s.all, "POST", "/v1/tells/channels/team/try", `{}`)).body
	if !strings.Contains(out, `"taken":true`) {
		t.Error(out)
	}
	visit(9)
	s.until("the task is told", func() bool { return fares("crm").Status.Sent == 1 })

	h.answers(400)
	visit(10)
	s.until("a letter is dead", func() bool { return fares("crm").Status.Dead == 1 })
	h.answers(200)
	dead := s.want(200, s.call(s.all, "GET", "/v1/tells/deliveries?state=dead&channel=crm", "")).body
	if !strings.Contains(dead, `"text":"look at 10"`) || !strings.Contains(dead, `"why":"http 400"`) {
		t.Error(dead)
	}
	out += dead + s.want(200, s.call(s.all, "POST", "/v1/tells/deliveries/replay", `{"channel":"crm"}`)).body
	s.until("it is told after all", func() bool { return fares("crm").Status.Sent == 2 })
	out += s.want(200, s.call(s.all, "GET", "/v1/tells/deliveries?state=sent", "")).body
	out += s.want(200, s.call(s.all, "GET", "/v1/tells/channels", "")).body
	out += s.want(200, s.call(s.all, "GET", "/v1/-/acts?limit=1000", "")).body
	out += s.want(200, s.call(s.all, "GET", "/v1/tells/decisions?limit=100", "")).body
	noSecret(t, "an answer", out)

	s.want(204, s.call(s.all, "DELETE", "/v1/tells/channels/crm", ""))
	s.problem("unknown-channel", s.call(s.all, "DELETE", "/v1/tells/channels/crm", ""))
	s.problem("unknown-channel", s.call(s.all, "POST", "/v1/tells/channels/crm/try", `{}`))
	if c := fares("crm"); c.Set {
		t.Errorf("%+v", c)
	}
	files, _ := filepath.Glob(filepath.Join(s.dir, "*"))
	more, _ := filepath.Glob(filepath.Join(s.dir, "workspaces", "*"))
	for _, f := range append(files, more...) {
		if b, err := os.ReadFile(f); err == nil {
			noSecret(t, f, string(b))
		}
	}
}

func noSecret(t *testing.T, where, text string) {
	t.Helper()
	for _, w := range []string{"very-secret-key", "hush-hush", "hush-token"} {
		if strings.Contains(text, w) {
			t.Errorf("%s shows %q", where, w)
		}
	}
}

func TestChannelsThatCannotBe(t *testing.T) {
	s := newSite(t)
	good := `{"kind":"webhook","url":"https://crm.example.com/in","secret":{"key":"k-k-k-k"}}`
	s.want(200, s.call(s.all, "PUT", "/v1/east/channels/crm", good))
	for _, c := range []struct{ name, body string }{
		{"a-b", good},
		{"crm", `{"kind":"webhook","url":"https://evil.example.com/in"}`}, // its key stays where it is
		{"x", `{"kind":"wecom"}`},
		{"x", `{"kind":"wecom","secret":{"url":"https://evil.example.com/?key=1"}}`},
		{"x", `{"kind":"wecom","secret":{"url":"http://qyapi.weixin.qq.com/?key=1"}}`},
		{"x", `{"kind":"dingtalk","secret":{"url":"https://qyapi.weixin.qq.com/?key=1"}}`},
		{"x", `{"kind":"wecom","secret":{"url":"https://qyapi.weixin.qq.com@evil.example.com/?key=1"}}`},
		{"x", `{"kind":"webhook","url":"http://crm.example.com/in","secret":{"key":"k"}}`},
		{"x", `{"kind":"webhook","url":"ftp://crm.example.com/in","secret":{"key":"k"}}`},
		{"x", `{"kind":"webhook","url":"https://a:b@crm.example.com/in","secret":{"key":"k"}}`},
		{"x", `{"kind":"webhook","url":"https://crm.example.com/in"}`},
		{"x", `{"kind":"mail","url":"https://mail.example.com","from":"a@example.com"}`},
		{"x", `{"kind":"mail","url":"smtp://mail.example.com"}`},
		{"x", `{"kind":"mail","url":"smtp://mail.example.com","from":"a@example.com\r\nBcc: b@example.com"}`},
		{"x", `{"kind":"sms","url":"https://sms.example.com","body":{"to":"{to}"}}`},
		{"x", `{"kind":"sms","url":"https://sms.example.com","body":{"to":"{to}","t":"{text}"},` +
			`"secret":{"headers":{"A":"b\r\nC: d"}}}`},
		{"x", `{"kind":"webhook","url":"https://e.com","secret":{"key":"kkkk"},"quiet":"21-8"}`},
		{"x", `{"kind":"webhook","url":"https://e.com","secret":{"key":"kkkk"},"digest":"25:00"}`},
		{"x", `{"kind":"webhook","url":"https://e.com","secret":{"key":"kkkk"},"instead":"x"}`},
		{"x", `{"kind":"webhook","url":"https://e.com","secret":{"key":"kkkk"},"instead":"none"}`},
		{"x", `{"kind":"webhook","url":"https://e.com","secret":{"key":"kkkk"},"address":"a b"}`},
	} {
		r := s.call(s.all, "PUT", "/v1/east/channels/"+c.name, c.body)
		if p := s.problem("wrong-channel", r); p.Status != 422 || p.Detail == "" {
			t.Errorf("%s: %s", c.body, r.body)
		}
	}
	for _, body := range []string{`{`, `{"kind":"fax"}`, `{"kind":"webhook","most":-1}`,
		`{"kind":"webhook","takes":["all"]}`, `{"kind":"webhook","unknown":1}`} {
		s.problem("wrong-request", s.call(s.all, "PUT", "/v1/east/channels/x", body))
	}
	if list := get[api.ChannelList](s, "/v1/east/channels").Channels; len(list) != 1 {
		t.Errorf("%+v", list)
	}
	s.problem("unknown-workspace", s.call(s.all, "PUT", "/v1/north/channels/x", good))
	s.problem("unknown-workspace", s.call(s.all, "GET", "/v1/north/deliveries", ""))
}
