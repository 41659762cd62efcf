package access

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"sync/atomic"
	"time"
)

// How long somebody stays in.
const (
	sessionIdle = 12 * time.Hour // without asking anything
	sessionAll  = 7 * 24 * time.Hour
	mostOfOne   = 20 // sessions of a person; the oldest end
)

// ErrSession says that a session is not known, or has ended.
var ErrSession = errors.New("come in again")

type session struct {
	hash, person string
	begun        time.Time
	until        time.Time
	seen         atomic.Int64 // when they last asked something, in seconds
}

func hashText(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func (a *Access) learnSession(f *fact) error {
	if f.Type == "SessionEnded" {
		delete(a.sessions, f.Session)
		return nil
	}
	until, err := momentOf(f.Until)
	if err != nil || !a.now().Before(until) {
		return err
	}
	s := &session{hash: f.Session, person: f.Person, until: until, begun: until.Add(-sessionAll)}
	s.seen.Store(a.now().Unix())
	a.sessions[s.hash] = s
	return nil
}

// endAll ends the sessions of somebody. The lock is held.
func (a *Access) endAll(person string) {
	for hash, s := range a.sessions {
		if s.person == person {
			delete(a.sessions, hash)
		}
	}
}

// begin begins a session.
func (a *Access) begin(ctx context.Context, p *Person, how string) (string, *Who, error) {
	token := rand.Text() + rand.Text()
	until := a.now().Add(sessionAll).UTC()
	a.change.Lock()
	defer a.change.Unlock()
	if now := a.person(p.ID); now == nil || now.Off || now.hash != p.hash {
		return "", nil, ErrLogin // it was changed while the password was looked at
	}
	err := a.add(ctx, &fact{Type: "SessionBegun", Session: hashText(token), Person: p.ID,
		Until: until.Format(time.RFC3339Nano), How: how, Who: p.ID})
	if err != nil {
		return "", nil, err
	}
	a.prune(p.ID)
	w, err := a.Came(token)
	return token, w, err
}

// prune forgets sessions that are over, and the oldest of somebody who has too many.
func (a *Access) prune(person string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var own []*session
	for hash, s := range a.sessions {
		if a.over(s) {
			delete(a.sessions, hash)
		} else if s.person == person {
			own = append(own, s)
		}
	}
	slices.SortFunc(own, func(x, y *session) int {
		return cmp.Or(y.begun.Compare(x.begun), cmp.Compare(x.hash, y.hash))
	})
	for _, s := range own[min(len(own), mostOfOne):] {
		delete(a.sessions, s.hash)
	}
}

func (a *Access) over(s *session) bool {
	now := a.now()
	return !now.Before(s.until) || now.Sub(time.Unix(s.seen.Load(), 0)) >= sessionIdle
}

// Came is who shows the token of a session.
func (a *Access) Came(token string) (*Who, error) {
	hash := hashText(token)
	a.mu.RLock()
	defer a.mu.RUnlock()
	s := a.sessions[hash]
	if s == nil || a.over(s) {
		return nil, ErrSession
	}
	p := a.people[s.person]
	if p == nil || p.Off {
		return nil, ErrSession
	}
	s.seen.Store(a.now().Unix())
	return &Who{Person: p, a: a, session: hash}, nil
}

// Bears is who shows the token of a key.
func (a *Access) Bears(token string) (*Who, error) {
	k, err := a.Check(token)
	if err != nil {
		return nil, err
	}
	return &Who{Key: k, a: a}, nil
}

// Leave ends the session of somebody who is in.
func (a *Access) Leave(ctx context.Context, w *Who) error {
	if w.session == "" {
		return ErrSession
	}
	a.change.Lock()
	defer a.change.Unlock()
	return a.add(ctx, &fact{Type: "SessionEnded", Session: w.session, Person: w.Person.ID,
		Who: w.Person.ID})
}

// Again is somebody as they are now; false: their key or session has ended. Who began something
// that lasts, such as a feed, is looked at again while it does.
func (a *Access) Again(w *Who) (*Who, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	now := *w
	if w.Key != nil {
		now.Key = a.keys[w.Key.ID]
		return &now, now.Key != nil && !now.Key.Revoked && !now.Key.over(a.now())
	}
	s := a.sessions[w.session]
	now.Person = a.people[w.Person.ID]
	if s == nil || now.Person == nil || now.Person.Off || !a.now().Before(s.until) {
		return nil, false
	}
	s.seen.Store(a.now().Unix())
	return &now, true
}
