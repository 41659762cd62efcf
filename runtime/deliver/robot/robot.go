// Package robot is how the robots of groups in WeCom, DingTalk and Feishu are spoken to: what they
// take, how it is signed, and what their answers mean.
package robot

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/runtime/deliver/channel"
)

// Request is a message as the robot of a channel takes it.
func Request(ctx context.Context, x *channel.Sending) (*http.Request, error) {
	kind, s, m, now := x.Channel.Kind, x.Secret, x.Message, x.Now
	to, body := s.URL, map[string]any{}
	text := m.Plain().Text(kind.Bytes() - mentionBytes(m))
	switch kind {
	case channel.WeCom:
		body = map[string]any{"msgtype": "text", "text": map[string]any{"content": text,
			"mentioned_list": list(m.Mention)}}
	case channel.DingTalk:
		var err error
		if to, err = Sign(to, s.Key, now); err != nil {
			return nil, err
		}
		for _, id := range m.Mention {
			text += " @" + channel.PlainText(id)
		}
		body = map[string]any{"msgtype": "text", "text": map[string]any{"content": text},
			"at": map[string]any{"atUserIds": list(m.Mention), "isAtAll": false}}
	case channel.Feishu:
		for _, id := range m.Mention {
			text += ` <at user_id="` + strings.NewReplacer(`"`, "", "<", "", ">", "").Replace(id) + `"></at>`
		}
		body = map[string]any{"msg_type": "text", "content": map[string]any{"text": text}}
		if s.Key != "" {
			at := strconv.FormatInt(now.Unix(), 10)
			body["timestamp"], body["sign"] = at, FeishuSign(at, s.Key)
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // it would make three of a sign
	if err := e.Encode(body); err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, &b)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	return r, nil
}

// Fit says how many lines of a message fit into one of a kind of channel.
func Fit(kind channel.Kind, m *channel.Message) int {
	return m.Plain().Fit(kind.Bytes() - mentionBytes(m))
}

func list(ids []string) []string { return append([]string{}, ids...) }

// mentionBytes is what mentioning takes of a text.
func mentionBytes(m *channel.Message) (n int) {
	for _, id := range m.Mention {
		n += len(id) + len(` <at user_id=""></at>`)
	}
	return min(n, 1024)
}

// Sign signs the address of a DingTalk robot: the message that is signed is the moment in
// milliseconds and the key, under the key. Feishu has it the other way round.
func Sign(address, key string, now time.Time) (string, error) {
	if key == "" {
		return address, nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	at := strconv.FormatInt(now.UnixMilli(), 10)
	q := u.Query()
	q.Set("timestamp", at)
	q.Set("sign", DingTalkSign(at, key))
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// DingTalkSign is the signature of a moment in milliseconds.
func DingTalkSign(at, key string) string { return sum(key, at+"\n"+key) }

// FeishuSign is the signature of a moment in seconds: of nothing, under the moment and the key.
func FeishuSign(at, key string) string { return sum(at+"\n"+key, "") }

func sum(key, message string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// said is an answer of any of the three.
type said struct {
	ErrCode *int   `json:"errcode"`
	ErrMsg  string `json:"errmsg"`
	Code    *int   `json:"code"`
	Msg     string `json:"msg"`
	Status  *int   `json:"StatusCode"` // Feishu, where it took it, beside code or instead
}

// Answer is why a robot did not take a message; nil: it did.
func Answer(kind channel.Kind, status int, h http.Header, body []byte) *channel.Refusal {
	var x said
	if json.Unmarshal(body, &x) != nil || x.ErrCode == nil && x.Code == nil && x.Status == nil {
		if r := channel.Status(status, After(h)); r != nil {
			return r
		}
		return &channel.Refusal{Code: "answer", Text: "the answer is none of a robot"}
	}
	code, text := 0, x.ErrMsg
	for _, c := range []*int{x.ErrCode, x.Code, x.Status} {
		if c != nil && *c != 0 {
			code = *c
			break
		}
	}
	if text == "" {
		text = x.Msg
	}
	if code == 0 {
		return channel.Status(status, After(h))
	}
	r := &channel.Refusal{Code: string(kind) + " " + strconv.Itoa(code), Text: channel.Cut(text, 200)}
	meaning(kind, code, r)
	if r.Shut && !r.Broken {
		r.After = max(r.After, After(h))
	}
	return r
}

// meaning is what a platform's code asks for. One that is not known is tried again.
func meaning(kind channel.Kind, code int, r *channel.Refusal) {
	slow := func(d time.Duration) { r.Shut, r.After = true, d }
	broken := func() { r.Shut, r.Broken, r.After = true, true, channel.BrokenFor }
	switch kind {
	case channel.WeCom:
		switch code {
		case 45009, 45033: // too often
			slow(time.Minute)
		case 93000, 93017, 40014, 93004: // the key is no robot's any more
			broken()
		case 40008, 44004, 45002, 40058: // what is in it
			r.Never = true
		}
	case channel.DingTalk:
		switch code {
		case 130101, 660026: // more than 20 in a minute: throttled for ten
			slow(10 * time.Minute)
		case 310000, 300001, 300005, 400013, 400101: // keyword, signature or address; no robot
			broken()
		case 40035, 460101, 43004: // what is in it
			r.Never = true
		}
	case channel.Feishu:
		switch code {
		case 11232, 9499, 99991400: // too often
			slow(time.Minute)
		case 19001, 19021, 19022, 19024: // token, signature, address, keyword
			broken()
		case 19002, 19003, 11246, 230001: // what is in it
			r.Never = true
		}
	}
}

// After reads when an answer says to try again.
func After(h http.Header) time.Duration {
	for _, name := range []string{"Retry-After", "X-Ogw-Ratelimit-Reset"} {
		if n, err := strconv.Atoi(h.Get(name)); err == nil && n > 0 {
			return min(time.Duration(n)*time.Second, time.Hour)
		}
	}
	return 0
}
