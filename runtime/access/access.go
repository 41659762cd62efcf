// Package access says who may do what on a server. Keys and every administrative act are records
// of a workspace of the server's own, so they are in a chained log; who may do what is what that
// log says.
package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
)

//go:embed system.thru
var system string

// A Verb is what a key lets its bearer do in a workspace.
type Verb string

// The verbs. None includes another.
const (
	Read    Verb = "read"    // decisions, state, explanations, the policy
	Submit  Verb = "submit"  // records
	Draft   Verb = "draft"   // check, test and compare policies
	Publish Verb = "publish" // put a policy in force, and an older one again
	Admin   Verb = "admin"   // keys and workspaces, of all of them
)

// Verbs are all verbs.
func Verbs() []Verb { return []Verb{Read, Submit, Draft, Publish, Admin} }

// A Key opens workspaces. Its secret is known to its bearer alone.
type Key struct {
	ID         string    `json:"id"`
	Label      string    `json:"label" doc:"What the key is for, for people"`
	Workspaces []string  `json:"workspaces" doc:"The workspaces that it opens; * is all"`
	Verbs      []Verb    `json:"verbs" doc:"read, submit, draft, publish, admin"`
	Expires    time.Time `json:"expires,omitzero" doc:"When it ends; without it, never"`
	Revoked    bool      `json:"revoked,omitempty"`

	hash string
}

// May reports whether a key lets its bearer do something in a workspace; "" is the server itself.
func (k *Key) May(v Verb, workspace string) bool {
	return slices.Contains(k.Verbs, v) &&
		(slices.Contains(k.Workspaces, "*") || slices.Contains(k.Workspaces, workspace))
}

// Access is who may do what. All methods may be called from any goroutine.
type Access struct {
	w   *runtime.Workspace
	now func() time.Time

	mu   sync.RWMutex
	keys map[string]*Key
	list []string // ids in the order in which they were made
}

// Why a key opens nothing.
var (
	ErrUnknown = errors.New("no such key")
	ErrExpired = errors.New("the key has expired")
	ErrRevoked = errors.New("the key was revoked")
)

// ErrKey says that a key cannot be made like this.
var ErrKey = errors.New("a key needs a label, workspaces and verbs")

// Open opens the server's own workspace. Its file is in use as long as it is open: no second server
// runs on the same folder.
func Open(file string, now func() time.Time) (*Access, error) {
	p, diags := dsl.Check([]source.File{{Name: "system.thru", Text: system}}, policy.Settings{})
	if dsl.HasErrors(diags) {
		panic(fmt.Sprintf("the policy of the server itself is wrong: %v", diags))
	}
	if now == nil {
		now = time.Now
	}
	w, err := runtime.Open(file, runtime.Config{Policy: p, Now: now})
	if err != nil {
		return nil, err
	}
	a := &Access{w: w, now: now, keys: map[string]*Key{}}
	err = w.Entries(1, w.Last(), false, func(l *runtime.Logged) error {
		var d decision.Decision
		if decision.Kind(l.Kind) != decision.Record {
			return nil
		}
		if err := l.Decode(&d); err != nil || d.Outcome != decision.Accepted {
			return err
		}
		return a.learn(l.Payload)
	})
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return a, nil
}

// Close closes the server's own workspace.
func (a *Access) Close() error { return a.w.Close() }

// Backup writes the server's own database as it is at one moment.
func (a *Access) Backup(to io.Writer) error { return a.w.Backup(to) }

// fact is one record of the server's own log.
type fact struct {
	Type       string `json:"type"`
	ID         string `json:"id"`
	Key        string `json:"key,omitempty"`
	Hash       string `json:"hash,omitempty"`
	Label      string `json:"label,omitempty"`
	Workspaces string `json:"workspaces,omitempty"`
	Verbs      string `json:"verbs,omitempty"`
	Expires    string `json:"expires,omitempty"`
	What       string `json:"what,omitempty"`
	Workspace  string `json:"workspace,omitempty"`
	About      string `json:"about,omitempty"`
	Who        string `json:"who"`
}

// add makes a fact durable, and then true.
func (a *Access) add(ctx context.Context, f *fact) error {
	f.ID = rand.Text()
	line, err := json.Marshal(f)
	if err != nil {
		return err
	}
	// Whoever asked may be gone: what was begun is done to its end, so that memory and log agree.
	answer, err := a.w.Submit(context.WithoutCancel(ctx), line)
	if err != nil {
		return err
	}
	if answer.Outcome != decision.Accepted {
		return fmt.Errorf("the server's own log has %s as %v", f.Type, answer.Outcome)
	}
	return a.learn(line)
}

func (a *Access) learn(line []byte) error {
	var f fact
	if err := json.Unmarshal(line, &f); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch f.Type {
	case "KeyMade":
		k := &Key{ID: f.Key, Label: f.Label, Workspaces: strings.Fields(f.Workspaces), hash: f.Hash}
		for _, v := range strings.Fields(f.Verbs) {
			k.Verbs = append(k.Verbs, Verb(v))
		}
		if f.Expires != "" {
			at, err := time.Parse(time.RFC3339, f.Expires)
			if err != nil {
				return err
			}
			k.Expires = at
		}
		a.keys[k.ID] = k
		a.list = append(a.list, k.ID)
	case "KeyRevoked":
		if k := a.keys[f.Key]; k != nil {
			ended := *k // who has it in hand does not see it change
			ended.Revoked = true
			a.keys[f.Key] = &ended
		}
	}
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
	case !k.Expires.IsZero() && !a.now().Before(k.Expires):
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

// Act is an administrative act that is not about keys.
type Act struct {
	What, Workspace, About string
	Who                    string // id of the key
}

// Note logs an administrative act.
func (a *Access) Note(ctx context.Context, x Act) error {
	return a.add(ctx, &fact{Type: "Act", What: x.What, Workspace: x.Workspace, About: x.About,
		Who: x.Who})
}
