// Package hook signs what is sent to webhooks, as Standard Webhooks has it, and checks it where it
// arrives; and fills in the forms in which gateways of text messages take them.
package hook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/throughline/throughline/runtime/deliver/channel"
)

// The headers of a signed request.
const (
	headerID   = "Webhook-Id"
	headerTime = "Webhook-Timestamp"
	headerSign = "Webhook-Signature"
)

// keyOf is the key that a secret stands for: the bytes after whsec_ in base64, else its own.
func keyOf(secret string) []byte {
	if text, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if b, err := base64.StdEncoding.DecodeString(text); err == nil {
			return b
		}
	}
	return []byte(secret)
}

func sign(secret, id, at string, body []byte) string {
	h := hmac.New(sha256.New, keyOf(secret))
	fmt.Fprintf(h, "%s.%s.", id, at) // a hash takes all
	h.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// Signed is what a signature says beside the body.
type Signed struct {
	ID string
	At time.Time
}

// Sign signs a request with this body.
func (x Signed) Sign(h http.Header, secret string, body []byte) {
	at := strconv.FormatInt(x.At.Unix(), 10)
	h.Set(headerID, x.ID)
	h.Set(headerTime, at)
	h.Set(headerSign, sign(secret, x.ID, at, body))
}

// Why a request is not taken.
var (
	ErrUnsigned = errors.New("it is not signed with the key")
	ErrStale    = errors.New("it was signed too long ago, or will be")
	ErrReplayed = errors.New("it was here already")
	ErrMany     = errors.New("too many have come to remember one more")
)

// Window is how far the moment of a signature may be from now.
const Window = 5 * time.Minute

// A Receiver takes signed requests, each once.
type Receiver struct {
	Secret string
	Now    func() time.Time // nil: the machine's clock

	// Memory outlives the process; nil: there is none. Name is the receiver's in it.
	Memory *Memory
	Name   string

	mu   sync.Mutex
	seen map[string]time.Time
}

// Check says why a request with this body is not taken; nil: it is. One that is taken is not taken
// again within the window, after which its signature is too old.
func (r *Receiver) Check(h http.Header, body []byte) error {
	id, at := h.Get(headerID), h.Get(headerTime)
	sec, err := strconv.ParseInt(at, 10, 64)
	if err != nil || id == "" || len(id) > 300 {
		return ErrUnsigned
	}
	want, ok := []byte(sign(r.Secret, id, at, body)), false
	for _, s := range strings.Fields(h.Get(headerSign)) { // while a key changes there are two
		ok = hmac.Equal([]byte(s), want) || ok
	}
	if !ok {
		return ErrUnsigned
	}
	t := r.now()
	if d := t.Sub(time.Unix(sec, 0)); d > Window || d < -Window {
		return ErrStale
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for old, until := range r.seen { //tidy:order all that are over go
		if t.After(until) {
			delete(r.seen, old)
		}
	}
	if _, is := r.seen[id]; is {
		return ErrReplayed
	}
	if r.Memory != nil {
		if is, err := r.Memory.has(markOf(r.Name, id), t); err != nil {
			return err
		} else if is {
			return ErrReplayed
		}
	}
	if len(r.seen) >= mostKept {
		return ErrMany
	}
	if r.seen == nil {
		r.seen = map[string]time.Time{}
	}
	r.seen[id] = time.Unix(sec, 0).Add(2 * Window)
	return nil
}

func (r *Receiver) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

// Took keeps for good that a request was taken, and is to be called before it is answered. Where
// the process ends before, whoever sent it tries again, and it is taken again.
func (r *Receiver) Took(h http.Header) error {
	r.mu.Lock()
	until, is := r.seen[h.Get(headerID)]
	r.mu.Unlock()
	if !is || r.Memory == nil {
		return nil
	}
	return r.Memory.keep(markOf(r.Name, h.Get(headerID)), until, r.now())
}

// Forget lets a request be taken again that was taken and came to nothing: whoever sent it, tries
// again under the same id.
func (r *Receiver) Forget(h http.Header) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.seen, h.Get(headerID))
}

// event is the body of a webhook.
type event struct {
	Type      string        `json:"type"`
	Timestamp time.Time     `json:"timestamp"`
	Workspace string        `json:"workspace"`
	Data      *channel.Line `json:"data"`
}

// Request is a message as the webhook of a channel takes it.
func Request(ctx context.Context, x *channel.Sending) (*http.Request, error) {
	m := x.Message
	l := &m.Lines[0]
	body, err := json.Marshal(event{l.Kind, l.At, m.Workspace, l})
	if err != nil {
		return nil, err
	}
	r, err := post(ctx, x.Channel.URL, x.Secret, body)
	if err == nil {
		Signed{m.ID, x.Now}.Sign(r.Header, x.Secret.Key, body)
	}
	return r, err
}

// SMS is a message as a gateway takes it: its own form, filled in. What is filled in stays within
// the text that it stands in.
func SMS(ctx context.Context, x *channel.Sending) (*http.Request, error) {
	c, m := x.Channel, x.Message
	var tree any
	if err := json.Unmarshal(c.Body, &tree); err != nil {
		return nil, err
	}
	fill := strings.NewReplacer("{to}", m.To, "{text}", m.Text(c.Kind.Bytes()), "{id}", m.ID,
		"{key}", x.Secret.Key)
	body, err := json.Marshal(filled(tree, fill))
	if err != nil {
		return nil, err
	}
	r, err := post(ctx, c.URL, x.Secret, body)
	if err == nil {
		r.Header.Set("Idempotency-Key", m.ID)
	}
	return r, err
}

func filled(x any, fill *strings.Replacer) any {
	switch x := x.(type) {
	case string:
		return fill.Replace(x)
	case []any:
		for i := range x {
			x[i] = filled(x[i], fill)
		}
	case map[string]any:
		for k := range x { //tidy:order each by itself
			x[k] = filled(x[k], fill)
		}
	}
	return x
}

func post(
	ctx context.Context, to string, s *channel.Secret, body []byte,
) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "throughline")
	for name, v := range s.Headers { //tidy:order headers have none
		r.Header.Set(name, v)
	}
	return r, nil
}

// Took says why a gateway's answer does not take a message; nil: it does.
func Took(c *channel.Channel, body []byte) *channel.Refusal {
	if len(c.Expect) == 0 {
		return nil
	}
	var x map[string]any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&x) != nil {
		return &channel.Refusal{Code: "answer", Text: "the answer is no JSON object"}
	}
	for name, want := range c.Expect { //tidy:order any that differs will do
		if got := fmt.Sprint(x[name]); got != want {
			r := &channel.Refusal{Code: "answer", Text: channel.Cut(name+": "+got, 200)}
			if strings.Contains(got, "BUSINESS_LIMIT_CONTROL") { // of a number, for now
				r.After = time.Hour
			}
			return r
		}
	}
	return nil
}
