package hook_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime/deliver/channel"
	"github.com/throughline/throughline/runtime/deliver/hook"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// TestTheSignatureIsTheStandards: the example of the Standard Webhooks libraries.
func TestTheSignatureIsTheStandards(t *testing.T) {
	h := http.Header{}
	hook.Signed{ID: "msg_p5jXN8AQM9LWM0D4loKWxJek", At: time.Unix(1614265330, 0)}.
		Sign(h, secret, []byte(`{"test": 2432232314}`))
	if got := h.Get("webhook-signature"); got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Error(got)
	}
}

func TestAReceiverTakesEachOnce(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	body := []byte(`{"a":1}`)
	signed := func(at time.Time, id string) http.Header {
		h := http.Header{}
		hook.Signed{ID: id, At: at}.Sign(h, secret, body)
		return h
	}
	with := func(h http.Header, name, value string) http.Header {
		h = h.Clone()
		h.Set(name, value)
		return h
	}
	good := signed(now, "a")
	for _, c := range []struct {
		name string
		h    http.Header
		body string
		want error
	}{
		{"another body", good, `{"a":2}`, hook.ErrUnsigned},
		{"another id", with(good, "webhook-id", "b"), `{"a":1}`, hook.ErrUnsigned},
		{"another moment", with(good, "webhook-timestamp", "1800000001"), `{"a":1}`, hook.ErrUnsigned},
		{"no moment", with(good, "webhook-timestamp", ""), `{"a":1}`, hook.ErrUnsigned},
		{"no signature", with(good, "webhook-signature", ""), `{"a":1}`, hook.ErrUnsigned},
		{"another version", with(good, "webhook-signature", "v2,x"), `{"a":1}`, hook.ErrUnsigned},
		{"no id", signed(now, ""), `{"a":1}`, hook.ErrUnsigned},
		{"old", signed(now.Add(-6*time.Minute), "c"), `{"a":1}`, hook.ErrStale},
		{"from the future", signed(now.Add(6*time.Minute), "c"), `{"a":1}`, hook.ErrStale},
		{"as it should be", good, `{"a":1}`, nil},
		{"again", good, `{"a":1}`, hook.ErrReplayed},
		{"while a key changes", with(signed(now, "d"), "webhook-signature",
			"v1,AAAA "+signed(now, "d").Get("webhook-signature")), `{"a":1}`, nil},
	} {
		r := receiver(t, now)
		if got := r.Check(c.h, []byte(c.body)); !errors.Is(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

var shared = &hook.Receiver{Secret: secret}

func receiver(t *testing.T, now time.Time) *hook.Receiver {
	t.Helper()
	shared.Now = func() time.Time { return now }
	return shared
}

func TestWhatCameToNothingMayComeAgain(t *testing.T) {
	r := &hook.Receiver{Secret: secret}
	h := http.Header{}
	hook.Signed{ID: "a", At: time.Now()}.Sign(h, secret, nil)
	if err := r.Check(h, nil); err != nil {
		t.Fatal(err)
	}
	r.Forget(h)
	if err := r.Check(h, nil); err != nil {
		t.Error(err)
	}
}

// TestWhatIsFilledInStaysInside: a text with quotes is a text.
func TestWhatIsFilledInStaysInside(t *testing.T) {
	c := &channel.Channel{Kind: channel.SMS, URL: "https://sms.example.com/send",
		Body:   json.RawMessage(`{"PhoneNumbers":"{to}","P":{"list":["{text}",1]},"n":"{id}"}`),
		Expect: map[string]string{"Code": "OK"}}
	m := &channel.Message{ID: "east/1/0", To: `1","x":"{text}`,
		Lines: []channel.Line{{Text: `he said "}{to}` + "\n"}}}
	r, err := hook.SMS(t.Context(), &channel.Sending{Channel: c, Message: m,
		Secret: &channel.Secret{Headers: map[string]string{"X-Key": "k"}}})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(r.Body)
	want := `{"P":{"list":["he said \"}{to}\n",1]},"PhoneNumbers":"1\",\"x\":\"{text}","n":"east/1/0"}`
	if string(b) != want || r.Header.Get("X-Key") != "k" || r.Header.Get("Idempotency-Key") != m.ID {
		t.Errorf("%s\n%v", b, r.Header)
	}
	for answer, code := range map[string]string{`{"Code":"OK"}`: "", `{"Code":"isv.X"}`: "answer",
		`[]`: "answer", `{}`: "answer"} {
		got := ""
		if r := hook.Took(c, []byte(answer)); r != nil {
			got = r.Code
		}
		if got != code {
			t.Errorf("%s: %q", answer, got)
		}
	}
	limited := hook.Took(c, []byte(`{"Code":"isv.BUSINESS_LIMIT_CONTROL"}`))
	if limited == nil || limited.After != time.Hour {
		t.Errorf("%+v", limited)
	}
}

func TestABody(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	m := &channel.Message{ID: "east/1/0", Workspace: "east", Lines: []channel.Line{{ID: "east/1/0",
		Kind: "notify", Rule: "Big", Of: "Visit/v1", For: []string{"Rep/li"}, Text: "x", At: at}}}
	r, err := hook.Request(t.Context(), &channel.Sending{Message: m, Now: at,
		Channel: &channel.Channel{URL: "https://example.com"}, Secret: &channel.Secret{Key: secret}})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(r.Body)
	if !strings.HasPrefix(string(b), `{"type":"notify","timestamp":"2026-03-02T09:00:00Z","workspace":"east",`+
		`"data":{"id":"east/1/0","kind":"notify","rule":"Big","of":"Visit/v1","for":["Rep/li"],"text":"x"`) {
		t.Errorf("%s", b)
	}
	receiver := hook.Receiver{Secret: secret, Now: func() time.Time { return at }}
	if err := receiver.Check(r.Header, b); err != nil {
		t.Error(err)
	}
}
