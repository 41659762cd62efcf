// Package link makes addresses that stand in messages: whoever opens one may do one thing, for a
// time, without coming in. What it may do stands in the address, signed, so that nothing is kept of
// it.
package link

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// What a link does.
const (
	Seen = "seen" // says that a message was read by whom it is for
	Stop = "stop" // ends the digests of a channel for whom it is for
)

// A Link is what its bearer may do.
type Link struct {
	Do        string `json:"d"`
	Workspace string `json:"w"`
	Message   string `json:"m,omitempty"` // of Seen: id of its first effect
	Channel   string `json:"c"`
	For       string `json:"f"` // as Rep/li
	Until     int64  `json:"u"` // seconds since 1970
}

// Errors about links.
var (
	ErrLink = errors.New("this is no link of this server's")
	ErrOver = errors.New("the link is too old")
)

// A Signer makes links and knows its own again.
type Signer struct {
	Key  []byte
	Base string // where people reach the server, as https://rules.example.com; "": nowhere
}

// Path is where links lead to, before the token.
const Path = "/v1/-/links/"

// tag keeps a signature from being one of something else.
const tag = "throughline link\x00"

// URL is the address of a link; "": people reach the server nowhere.
func (s *Signer) URL(l Link) string {
	if s.Base == "" {
		return ""
	}
	b, err := json.Marshal(l)
	if err != nil {
		return ""
	}
	body := base64.RawURLEncoding.EncodeToString(b)
	return s.Base + Path + body + "." + base64.RawURLEncoding.EncodeToString(s.sum(body))
}

func (s *Signer) sum(body string) []byte {
	h := hmac.New(sha256.New, s.Key)
	h.Write([]byte(tag + body)) // a hash takes everything
	return h.Sum(nil)
}

// Open is what a token lets its bearer do.
func (s *Signer) Open(token string, now time.Time) (l Link, err error) {
	body, sum, _ := strings.Cut(token, ".")
	given, err := base64.RawURLEncoding.DecodeString(sum)
	if err != nil || len(s.Key) == 0 || !hmac.Equal(given, s.sum(body)) {
		return Link{}, ErrLink
	}
	b, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || json.Unmarshal(b, &l) != nil {
		return Link{}, ErrLink
	}
	if now.Unix() > l.Until {
		return Link{}, ErrOver
	}
	return l, nil
}
