// Package access says who may do what on a server: people with roles, and keys with verbs. They
// and every administrative act are records of a workspace of the server's own, so they are in a
// chained log; who may do what is what that log says.
package access

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store/bolt"
)

//go:embed system.thru
var system string

// Access is who may do what. All methods may be called from any goroutine.
type Access struct {
	w      *runtime.Workspace
	now    func() time.Time
	guard  *guard
	change sync.Mutex // held by whoever looks and then adds, so that what was looked at still holds

	mu       sync.RWMutex
	keys     map[string]*Key
	list     []string // ids of keys in the order in which they were made
	people   map[string]*Person
	persons  []string // ids of people, likewise
	sessions map[string]*session
	hidden   map[hiding]bool
	settings map[setting]string
	setup    string // what the first administrator shows; "": there is one
}

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
	// The folder is ours: nobody else has the file.
	if err := bolt.Sweep(filepath.Dir(file)); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	a := &Access{w: w, now: now, guard: newGuard(), keys: map[string]*Key{},
		people: map[string]*Person{}, sessions: map[string]*session{}, hidden: map[hiding]bool{},
		settings: map[setting]string{}}
	err = a.each(1, w.Last(), func(_ *runtime.Logged, f *fact) error { return a.learn(f) })
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	for id := range a.people {
		a.prune(id)
	}
	if !a.governed() {
		a.setup = rand.Text()
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

	Person  string `json:"person,omitempty"`
	Login   string `json:"login,omitempty"`
	Name    string `json:"name,omitempty"`
	Email   string `json:"email,omitempty"`
	Off     bool   `json:"off,omitempty"`
	Grants  string `json:"grants,omitempty"` // as JSON
	Subject string `json:"subject,omitempty"`
	Session string `json:"session,omitempty"` // its hash
	Until   string `json:"until,omitempty"`
	How     string `json:"how,omitempty"`

	Role   string `json:"role,omitempty"`
	Field  string `json:"field,omitempty"`
	Hidden *bool  `json:"hidden,omitempty"`
	Value  string `json:"value,omitempty"`

	What      string `json:"what,omitempty"`
	Workspace string `json:"workspace,omitempty"`
	About     string `json:"about,omitempty"`
	Who       string `json:"who"`
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
	return a.learn(f)
}

// each reads the facts of a part of the log.
func (a *Access) each(from, to uint64, do func(*runtime.Logged, *fact) error) error {
	return a.w.Entries(from, to, false, func(l *runtime.Logged) error {
		var d decision.Decision
		if decision.Kind(l.Kind) != decision.Record {
			return nil
		}
		if err := l.Decode(&d); err != nil || d.Outcome != decision.Accepted {
			return err
		}
		var f fact
		if err := json.Unmarshal(l.Payload, &f); err != nil {
			return err
		}
		return do(l, &f)
	})
}

// learn takes a fact in.
func (a *Access) learn(f *fact) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch f.Type {
	case "KeyMade", "KeyRevoked":
		return a.learnKey(f)
	case "PersonSet", "PasswordSet", "SubjectBound":
		return a.learnPerson(f)
	case "SessionBegun", "SessionEnded":
		return a.learnSession(f)
	case "LockedOut":
		return a.learnLock(f)
	case "FieldHidden":
		a.learnHidden(f)
	case "SettingSet":
		a.learnSetting(f)
	}
	return nil
}

// momentOf reads a moment of a fact; "" is none.
func momentOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339, text)
}

// Act is an administrative act that is not about keys or people.
type Act struct {
	What, Workspace, About string
	Who                    string // id of the key or person
}

// Note logs an administrative act.
func (a *Access) Note(ctx context.Context, x Act) error {
	return a.add(ctx, &fact{Type: "Act", What: x.What, Workspace: x.Workspace, About: x.About,
		Who: x.Who})
}

// Noted is one entry of the server's own log.
type Noted struct {
	Seq       uint64    `json:"seq" doc:"Number of the entry in the server's own log"`
	At        time.Time `json:"at"`
	What      string    `json:"what" doc:"KeyMade, PersonSet, SessionBegun, publish, create, …"`
	Workspace string    `json:"workspace,omitempty"`
	About     string    `json:"about,omitempty" doc:"The key, person, session's person, field or policy"`
	More      string    `json:"more,omitempty" doc:"What was set: grants, verbs, how somebody came in"`
	Who       string    `json:"who" doc:"Id of the key or person that did it"`
}

// Acts hands out what was done to the server, after an entry of its log, at most so many; next is
// what to ask for next time.
func (a *Access) Acts(after uint64, most int) (out []Noted, next uint64, err error) {
	next = after
	last := a.w.Last()
	for next < last && len(out) < most {
		to := min(last, next+uint64(most))
		err = a.each(next+1, to, func(l *runtime.Logged, f *fact) error {
			if len(out) < most {
				out = append(out, f.noted(l))
				next = l.Seq
			}
			return nil
		})
		if err != nil {
			return nil, after, err
		}
		if len(out) < most {
			next = to
		}
	}
	return out, next, nil
}

func (f *fact) noted(l *runtime.Logged) Noted {
	n := Noted{Seq: l.Seq, At: time.UnixMicro(l.Moment).UTC(), What: f.Type, Workspace: f.Workspace,
		Who: f.Who}
	switch f.Type {
	case "Act":
		n.What, n.About = f.What, f.About
	case "KeyMade":
		n.About, n.Workspace, n.More = f.Key, f.Workspaces, f.Verbs
	case "KeyRevoked":
		n.About = f.Key
	case "PersonSet":
		n.About, n.More = f.Person, f.Grants
		if f.Off {
			n.More = "off " + n.More
		}
	case "SessionBegun":
		n.About, n.More = f.Person, f.How
	case "SettingSet":
		n.About, n.More = f.Name, f.Value
	case "FieldHidden":
		n.About, n.More = f.Field, f.Role
		if f.Hidden != nil && !*f.Hidden {
			n.What = "FieldShown"
		}
	default:
		n.About = f.Person
	}
	return n
}
