package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A Person comes in with a password or through an identity provider, and does what roles allow.
type Person struct {
	ID     string  `json:"id"`
	Login  string  `json:"login" doc:"What they come in with; no two have one"`
	Name   string  `json:"name"`
	Email  string  `json:"email,omitempty" doc:"By which an identity provider knows them the first time"`
	Grants []Grant `json:"grants"`
	Off    bool    `json:"off,omitempty" doc:"Comes in no more"`

	hash    string // of the password; "": none
	subject string // at an identity provider; "": not bound
}

// Errors about people.
var (
	ErrNobody = errors.New("there is no such person")
	ErrTaken  = errors.New("somebody has this login or address")
	ErrLast   = errors.New("nobody would be left who may do everything")
	ErrSetup  = errors.New("the code is not the one that was shown, or somebody was faster")
)

func (a *Access) learnPerson(f *fact) error {
	p := Person{ID: f.Person}
	if old := a.people[f.Person]; old != nil {
		p = *old // who has it in hand does not see it change
	} else {
		a.persons = append(a.persons, f.Person)
	}
	switch f.Type {
	case "PasswordSet":
		p.hash = f.Hash
		a.endAll(p.ID)
		a.guard.forget(p.Login)
	case "SubjectBound":
		p.subject = f.Subject
	default:
		p.Login, p.Name, p.Email, p.Off = f.Login, f.Name, f.Email, f.Off
		if f.Hash != "" {
			p.hash = f.Hash
		}
		p.Grants = nil
		if err := json.Unmarshal([]byte(f.Grants), &p.Grants); err != nil {
			return err
		}
		if p.Off {
			a.endAll(p.ID)
		}
	}
	a.people[p.ID] = &p
	return nil
}

// Called is what whoever has an id is called: a person's name, a key's label; "": nobody has it.
func (a *Access) Called(id string) string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if p := a.people[id]; p != nil {
		return p.Name
	}
	if k := a.keys[id]; k != nil {
		return k.Label
	}
	return ""
}

func (p *Person) sound() error {
	long := func(s string) bool { return len(s) > 200 || strings.ContainsFunc(s, unicode.IsControl) }
	switch {
	case p.Login == "" || strings.ContainsFunc(p.Login, unicode.IsSpace) || long(p.Login):
		return fmt.Errorf("%w; nobody comes in as %q", ErrPerson, p.Login)
	case strings.TrimSpace(p.Name) == "" || long(p.Name) || long(p.Email):
		return ErrPerson
	case len(p.Grants) > 1000:
		return fmt.Errorf("%w; at most 1000 grants", ErrPerson)
	}
	for i := range p.Grants {
		if err := p.Grants[i].sound(); err != nil {
			return err
		}
	}
	return nil
}

// governs reports whether somebody may do everything everywhere.
func (p *Person) governs() bool {
	return !p.Off && slices.ContainsFunc(p.Grants, func(g Grant) bool {
		return g.Role == RoleAdmin && g.Workspace == "*"
	})
}

// governed reports whether there is an administrator.
func (a *Access) governed() bool {
	for _, p := range a.people {
		if p.governs() {
			return true
		}
	}
	return false
}

// SetupCode is what the first administrator shows to become that; "": there is one. It is in no
// file: a server that starts without an administrator makes another.
func (a *Access) SetupCode() string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.setup
}

// SetUp makes the first administrator.
func (a *Access) SetUp(
	ctx context.Context, code string, p Person, password string,
) (*Person, error) {
	a.change.Lock()
	defer a.change.Unlock()
	if own := a.SetupCode(); own == "" || subtle.ConstantTimeCompare([]byte(code), []byte(own)) != 1 {
		return nil, ErrSetup
	}
	p.Grants = []Grant{{Role: RoleAdmin, Workspace: "*"}}
	return a.enrol(ctx, p, password, "setup")
}

// Enrol makes a person; without a password they come in through an identity provider alone.
func (a *Access) Enrol(ctx context.Context, p Person, password, who string) (*Person, error) {
	a.change.Lock()
	defer a.change.Unlock()
	return a.enrol(ctx, p, password, who)
}

func (a *Access) enrol(ctx context.Context, p Person, password, who string) (*Person, error) {
	var id [6]byte
	_, _ = rand.Read(id[:]) // never fails
	p.ID = "p" + hex.EncodeToString(id[:])
	if password != "" {
		var err error
		if p.hash, err = a.guard.hash(ctx, p.Login, password); err != nil {
			return nil, err
		}
	}
	// One fact: an administrator without a way in would be the end of set-up and of everything.
	if err := a.setPerson(ctx, &p, who); err != nil {
		return nil, err
	}
	return a.person(p.ID), nil
}

// Alter says anew what somebody is called and may do.
func (a *Access) Alter(ctx context.Context, p Person, who string) (*Person, error) {
	a.change.Lock()
	defer a.change.Unlock()
	old := a.person(p.ID)
	if old == nil {
		return nil, ErrNobody
	}
	if old.governs() && !p.governs() && a.governors() == 1 {
		return nil, ErrLast
	}
	p.hash = "" // as it was
	if err := a.setPerson(ctx, &p, who); err != nil {
		return nil, err
	}
	return a.person(p.ID), nil
}

func (a *Access) governors() (n int) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, p := range a.people {
		if p.governs() {
			n++
		}
	}
	return n
}

// setPerson logs somebody; without a hash the password stays as it was. The change is locked.
func (a *Access) setPerson(ctx context.Context, p *Person, who string) error {
	if err := p.sound(); err != nil {
		return err
	}
	for _, o := range a.People() {
		same := func(x, y string) bool { return x != "" && strings.EqualFold(x, y) }
		if o.ID != p.ID && (same(o.Login, p.Login) || same(o.Email, p.Email)) {
			return ErrTaken
		}
	}
	grants, err := json.Marshal(append([]Grant{}, p.Grants...))
	if err != nil {
		return err
	}
	err = a.add(ctx, &fact{Type: "PersonSet", Person: p.ID, Login: p.Login, Name: p.Name,
		Email: p.Email, Off: p.Off, Grants: string(grants), Hash: p.hash, Who: who})
	if err == nil && p.governs() {
		a.mu.Lock()
		a.setup = ""
		a.mu.Unlock()
	}
	return err
}

// SetPassword gives somebody another password. They are asked for it everywhere, and waiting after
// wrong ones ends.
func (a *Access) SetPassword(ctx context.Context, person, password, who string) error {
	a.change.Lock()
	defer a.change.Unlock()
	p := a.person(person)
	if p == nil {
		return ErrNobody
	}
	hash, err := a.guard.hash(ctx, p.Login, password)
	if err != nil {
		return err
	}
	return a.add(ctx, &fact{Type: "PasswordSet", Person: p.ID, Hash: hash, Who: who})
}

// person is somebody by id; nil: nobody.
func (a *Access) person(id string) *Person {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.people[id]
}

// People lists everybody, in the order in which they were made.
func (a *Access) People() []Person {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := make([]Person, 0, len(a.persons))
	for _, id := range a.persons {
		out = append(out, *a.people[id])
	}
	return out
}
