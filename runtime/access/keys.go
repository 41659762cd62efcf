package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Verb is what a key or a role lets its bearer do in a workspace.
type Verb string

// The verbs. None includes another.
const (
	Read    Verb = "read"    // decisions, state, explanations, the policy
	Submit  Verb = "submit"  // records
	Draft   Verb = "draft"   // check, test and compare policies
	Tune    Verb = "tune"    // put a policy in force that changes numbers alone
	Publish Verb = "publish" // put a policy in force, and an older one again
	Audit   Verb = "audit"   // the server's own log: who did what
	Admin   Verb = "admin"   // people, keys and workspaces, of all of them
)

// Verbs are all verbs.
func Verbs() []Verb { return []Verb{Read, Submit, Draft, Tune, Publish, Audit, Admin} }

// A Key opens workspaces. Its secret is known to its bearer alone.
type Key struct {
	ID         string    `json:"id"`
	Label      string    `json:"label" doc:"What the key is for, for people"`
	Workspaces []string  `json:"workspaces" doc:"The workspaces that it opens; * is all"`
	Verbs      []Verb    `json:"verbs" doc:"read, submit, draft, tune, publish, audit, admin"`
	Expires    time.Time `json:"expires,omitzero" doc:"When it ends; without it, never"`
	Revoked    bool      `json:"revoked,omitempty"`

	hash string
}

// May reports whether a key lets its bearer do something in a workspace; "" is the server itself.
func (k *Key) May(v Verb, workspace string) bool {
	return slices.Contains(k.Verbs, v) &&
		(slices.Contains(k.Workspaces, "*") || slices.Contains(k.Workspaces, workspace))
}

func (k *Key) over(now time.Time) bool { return !k.Expires.IsZero() && !now.Before(k.Expires) }

// Why a key opens nothing.
var (
	ErrUnknown = errors.New("no such key")
	ErrExpired = errors.New("the key has expired")
	ErrRevoked = errors.New("the key was revoked")
)

// ErrKey says that a key cannot be made like this.
var ErrKey = errors.New("a key needs a label, workspaces and verbs")

func (a *Access) learnKey(f *fact) error {
	if f.Type == "KeyRevoked" {
		if k := a.keys[f.Key]; k != nil {
			ended := *k // who has it in hand does not see it change
			ended.Revoked = true
			a.keys[f.Key] = &ended
		}
		return nil
	}
	k := &Key{ID: f.Key, Label: f.Label, Workspaces: strings.Fields(f.Workspaces), hash: f.Hash}
	for _, v := range strings.Fields(f.Verbs) {
		k.Verbs = append(k.Verbs, Verb(v))
	}
	var err error
	if k.Expires, err = momentOf(f.Expires); err != nil {
		return err
	}
	a.keys[k.ID] = k
	a.list = append(a.list, k.ID)
	return nil
}

// prefix makes keys known to people and to programs that look for leaked ones.
const prefix = "thru_"

// Make makes a key and returns its token, which nobody can be shown again.
func (a *Access) Make(ctx context.Context, k Key, who string) (token string, made *Key, err error) {
	if err := k.sound(); err != nil {
		return "", nil, err
	}
	var id [6]byte
	var secret [32]byte
	_, _ = rand.Read(id[:]) // never fails
	_, _ = rand.Read(secret[:])
	f := &fact{Type: "KeyMade", Key: hex.EncodeToString(id[:]), Hash: hashOf(secret[:]),
		Label: k.Label, Workspaces: strings.Join(k.Workspaces, " "), Who: who}
	for i, v := range k.Verbs {
		if i > 0 {
			f.Verbs += " "
		}
		f.Verbs += string(v)
	}
	if !k.Expires.IsZero() {
		f.Expires = k.Expires.UTC().Format(time.RFC3339)
	}
	if err := a.add(ctx, f); err != nil {
		return "", nil, err
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	token = prefix + f.Key + "_" + base64.RawURLEncoding.EncodeToString(secret[:])
	return token, a.keys[f.Key], nil
}

func (k *Key) sound() error {
	switch {
	case strings.TrimSpace(k.Label) == "" || len(k.Label) > 200 ||
		len(k.Workspaces) == 0 || len(k.Verbs) == 0:
		return ErrKey
	}
	for _, w := range k.Workspaces {
		if w == "" || strings.ContainsFunc(w, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return fmt.Errorf("%w; no workspace is called %q", ErrKey, w)
		}
	}
	for _, v := range k.Verbs {
		if !slices.Contains(Verbs(), v) {
			return fmt.Errorf("%w; %q is no verb", ErrKey, v)
		}
	}
	return nil
}

// hashOf is how a secret is stored. It is 32 random bytes: nobody finds it by trying, so it needs
// no slow hash.
func hashOf(secret []byte) string {
	sum := sha256.Sum256(secret)
	return hex.EncodeToString(sum[:])
}

// Check returns the key of a token.
func (a *Access) Check(token string) (*Key, error) {
	id, text, _ := strings.Cut(strings.TrimPrefix(token, prefix), "_")
	secret, err := base64.RawURLEncoding.DecodeString(text)
	a.mu.RLock()
	k := a.keys[id]
	a.mu.RUnlock()
	if k == nil || err != nil ||
		subtle.ConstantTimeCompare([]byte(hashOf(secret)), []byte(k.hash)) != 1 {
		return nil, ErrUnknown
	}
	switch {
	case k.Revoked:
		return nil, ErrRevoked
	case k.over(a.now()):
		return nil, ErrExpired
	}
	return k, nil
}

// Revoke ends a key.
func (a *Access) Revoke(ctx context.Context, id, who string) error {
	a.mu.RLock()
	k := a.keys[id]
	a.mu.RUnlock()
	if k == nil {
		return ErrUnknown
	}
	if k.Revoked {
		return nil
	}
	return a.add(ctx, &fact{Type: "KeyRevoked", Key: id, Who: who})
}

// Keys lists the keys that were made, in order.
func (a *Access) Keys() []Key {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := make([]Key, 0, len(a.list))
	for _, id := range a.list {
		out = append(out, *a.keys[id])
	}
	return out
}
