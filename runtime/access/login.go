package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Bounds on trying passwords.
const (
	mostWrong    = 5           // in a row, then that login waits
	firstWait    = time.Minute // which doubles with every further wrong one
	longestWait  = 15 * time.Minute
	fromAddress  = 10              // tries of one address at once
	addressEvery = 6 * time.Second // until it may try once more
	hashAtOnce   = 2               // passwords that are looked at: each takes 19 MiB
	mostKnown    = 10_000          // logins and addresses that are remembered
)

// ErrLogin says that nobody comes in like this. It does not say whether the login or the password
// is wrong.
var ErrLogin = errors.New("login or password is wrong")

// WaitError says that nobody comes in with this login, or from this address, for a while.
type WaitError struct{ For time.Duration }

// Error says how long.
func (e *WaitError) Error() string { return fmt.Sprintf("too many tries; wait %v", e.For) }

// guard slows down whoever tries passwords.
type guard struct {
	hashing chan struct{}

	mu        sync.Mutex
	tried     map[string]*tries // by login, whether or not there is somebody
	addresses map[string]*rate.Limiter
}

type tries struct {
	wrong int
	until time.Time
}

func newGuard() *guard {
	return &guard{hashing: make(chan struct{}, hashAtOnce), tried: map[string]*tries{},
		addresses: map[string]*rate.Limiter{}}
}

// turn waits for the right to work a hash out.
func (g *guard) turn(ctx context.Context) (leave func(), err error) {
	select {
	case g.hashing <- struct{}{}:
		return func() { <-g.hashing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// wait is how long a login or an address has to wait before it may try.
func (g *guard) wait(login, address string, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t := g.tried[strings.ToLower(login)]; t != nil && now.Before(t.until) {
		return t.until.Sub(now)
	}
	l := g.addresses[address]
	if l == nil {
		if len(g.addresses) >= mostKnown {
			clear(g.addresses) // rather some more tries than all memory
		}
		l = rate.NewLimiter(rate.Every(addressEvery), fromAddress)
		g.addresses[address] = l
	}
	if r := l.ReserveN(now, 1); r.DelayFrom(now) > 0 {
		defer r.CancelAt(now)
		return r.DelayFrom(now)
	}
	return 0
}

// wrong counts a wrong password; until is not zero where the login has to wait now.
func (g *guard) wrong(login string, now time.Time) (until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.tries(login)
	if t.wrong++; t.wrong < mostWrong {
		return time.Time{}
	}
	wait := firstWait
	for i := mostWrong; i < t.wrong && wait < longestWait; i++ {
		wait *= 2
	}
	t.until = now.Add(min(wait, longestWait))
	return t.until
}

// tries is what is known of a login. The lock is held.
func (g *guard) tries(login string) *tries {
	login = strings.ToLower(login)
	t := g.tried[login]
	if t == nil {
		if len(g.tried) >= mostKnown {
			clear(g.tried)
		}
		t = new(tries)
		g.tried[login] = t
	}
	return t
}

func (g *guard) forget(login string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.tried, strings.ToLower(login))
}

// learnLock takes in that somebody waited when the server stopped.
func (a *Access) learnLock(f *fact) error {
	until, err := momentOf(f.Until)
	p := a.people[f.Person]
	if err != nil || p == nil {
		return err
	}
	a.guard.mu.Lock()
	defer a.guard.mu.Unlock()
	t := a.guard.tries(p.Login)
	t.wrong, t.until = max(t.wrong, mostWrong), until
	return nil
}

// An Attempt is somebody who wants to come in.
type Attempt struct {
	Login, Password string
	Address         string // where from
}

// Login lets somebody in who knows a password. The token is theirs to show from then on.
func (a *Access) Login(ctx context.Context, x Attempt) (token string, who *Who, err error) {
	p, err := a.known(ctx, x)
	if err != nil {
		return "", nil, err
	}
	return a.begin(ctx, p, "password")
}

// Confirm looks at a password of somebody who is in.
func (a *Access) Confirm(ctx context.Context, x Attempt) error {
	_, err := a.known(ctx, x)
	return err
}

// known is whose login and password these are.
func (a *Access) known(ctx context.Context, x Attempt) (*Person, error) {
	if wait := a.guard.wait(x.Login, x.Address, a.now()); wait > 0 {
		return nil, &WaitError{wait}
	}
	var p *Person
	for _, o := range a.People() {
		if strings.EqualFold(o.Login, x.Login) {
			p = &o
		}
	}
	hash := ""
	if p != nil && !p.Off {
		hash = p.hash
	}
	// It counts as wrong until it has shown to be right: so many at once are no way around the wait.
	until := a.guard.wrong(x.Login, a.now())
	ok, err := a.guard.matches(ctx, hash, x.Password)
	if err != nil {
		return nil, err
	}
	if ok {
		a.guard.forget(x.Login)
		return p, nil
	}
	if !until.IsZero() && p != nil {
		err := a.add(ctx, &fact{Type: "LockedOut", Person: p.ID,
			Until: until.UTC().Format(time.RFC3339Nano), Who: x.Address})
		return nil, errors.Join(ErrLogin, err)
	}
	return nil, ErrLogin
}

// Admit lets somebody in whom an identity provider knows: by its own name for them, or the first
// time by a mail address that the provider has verified.
func (a *Access) Admit(
	ctx context.Context, subject, email string,
) (token string, who *Who, err error) {
	if subject == "" {
		return "", nil, ErrNobody
	}
	a.change.Lock()
	var p *Person
	for _, o := range a.People() {
		first := o.subject == "" && email != "" && strings.EqualFold(o.Email, email)
		if o.subject == subject || p == nil && first {
			p = &o
		}
	}
	switch {
	case p == nil || p.Off:
		err = ErrNobody
	case p.subject == "":
		err = a.add(ctx, &fact{Type: "SubjectBound", Person: p.ID, Subject: subject, Who: p.ID})
	}
	a.change.Unlock()
	if err != nil {
		return "", nil, err
	}
	return a.begin(ctx, p, "provider")
}
