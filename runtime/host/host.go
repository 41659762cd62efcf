// Package host runs the workspaces of one data folder: a file each, opened when it is first asked
// for and closed again when nobody has used it for a while. A closed workspace still does what
// falls due by time alone: it is opened for it. So a thousand workspaces cost little more than
// their files.
package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store/bolt"
)

// Options adjust a host. Its zero value is right for almost everybody.
type Options struct {
	// Config is what every workspace is opened with. Its Policy is not used: the log has one.
	Config runtime.Config

	Idle     time.Duration // without use, until a workspace is closed; 0: ten minutes
	MostOpen int           // workspaces that are kept open though nobody uses them; 0: 64

	Now    func() time.Time // nil: the machine's clock
	Notice func(workspace string, err error)

	// Attend, where there is one, is told of every workspace that was opened. What it returns is
	// called before the workspace is closed, and says when it has to be open again at the latest;
	// the zero moment: whenever somebody else wants it.
	Attend func(name string, w *runtime.Workspace) (leave func() time.Time)
}

// Host holds the workspaces of a folder. All methods may be called from any goroutine.
type Host struct {
	dir string
	o   Options

	mu     sync.Mutex
	spaces map[string]*space
	closed bool

	woken chan struct{} // something changed that the keeper waits for
	quit  chan struct{}
	done  sync.WaitGroup
}

// space is one workspace, open or not.
type space struct {
	name string
	w    *runtime.Workspace // nil: closed
	busy chan struct{}      // it is being opened or closed, until this is closed; nil: it is not
	err  error              // why it could not be opened the last time

	leave func() time.Time // tells who attends to it that it is going to be closed; nil: nobody does
	users int
	used  time.Time // when the last user left
	due   time.Time // of a closed one: when something falls due; zero: nothing
}

// Open takes a data folder, making it where it is missing; nobody else uses it as long as the host
// is open. No workspace is opened yet; those that have something due soon are.
func Open(dir string, o Options) (*Host, error) {
	if o.Idle <= 0 {
		o.Idle = 10 * time.Minute
	}
	if o.MostOpen <= 0 {
		o.MostOpen = 64
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Notice == nil {
		o.Notice = func(string, error) {}
	}
	h := &Host{dir: filepath.Join(dir, "workspaces"), o: o, spaces: map[string]*space{},
		woken: make(chan struct{}, 1), quit: make(chan struct{})}
	if err := os.MkdirAll(h.dir, 0o700); err != nil {
		return nil, err
	}
	if err := bolt.Sweep(h.dir); err != nil {
		return nil, err
	}
	files, err := os.ReadDir(h.dir)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), ".db")
		if !ok || !named.MatchString(name) {
			continue
		}
		due, known := h.readDue(name)
		if !known && h.unborn(name) {
			continue
		}
		h.spaces[name] = &space{name: name, due: due}
	}
	h.done.Go(h.keep)
	return h, nil
}

// Close closes every workspace, when its users are gone.
func (h *Host) Close() error {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil
	}
	h.closed = true
	close(h.quit)
	h.mu.Unlock()
	h.done.Wait()
	var errs []error
	for _, name := range h.Names() {
		errs = append(errs, h.shut(name))
	}
	return errors.Join(errs...)
}

// Names lists the workspaces in order.
func (h *Host) Names() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	names := make([]string, 0, len(h.spaces))
	for name := range h.spaces {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Opened is a workspace that is open.
type Opened struct {
	Name string
	Last uint64 // seq of its last entry
}

// Opened lists the workspaces that are open, in order.
func (h *Host) Opened() (out []Opened) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.spaces { //tidy:order sorted below
		if s.w != nil && s.busy == nil {
			out = append(out, Opened{s.name, s.w.Last()})
		}
	}
	slices.SortFunc(out, func(a, b Opened) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// named is how a workspace may be called: it is part of addresses and file names.
var named = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// ErrName says that a workspace cannot be called like this.
var ErrName = errors.New("a workspace's name is 1 to 63 small letters, digits and hyphens")

// ErrExists says that there is a workspace of this name.
var ErrExists = errors.New("there is a workspace of this name")

// ErrClosed says that the host was closed.
var ErrClosed = errors.New("the host is closed")

// NoWorkspaceError says that there is no workspace of a name.
type NoWorkspaceError struct {
	Name    string
	Nearest string // what may have been meant; "": nothing is near
}

// Error names the workspace and the nearest.
func (e *NoWorkspaceError) Error() string {
	if e.Nearest != "" {
		return fmt.Sprintf("no workspace is called %q; the nearest is %q", e.Name, e.Nearest)
	}
	return fmt.Sprintf("no workspace is called %q", e.Name)
}

// Create makes a workspace with a policy in force from now on.
func (h *Host) Create(name string, p *policy.Policy) error {
	if !named.MatchString(name) {
		return fmt.Errorf("%w, not %q", ErrName, name)
	}
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return ErrClosed
	}
	if h.spaces[name] != nil {
		h.mu.Unlock()
		return fmt.Errorf("%w: %q", ErrExists, name)
	}
	s := &space{name: name, busy: make(chan struct{})}
	h.spaces[name] = s
	h.mu.Unlock()

	w, err := h.make(name, p)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		delete(h.spaces, name)
	} else {
		s.w, s.used = w, h.o.Now()
		h.attend(s)
	}
	h.free(s)
	return err
}

// make never touches a file that is there, where it holds anything: somebody may have put it there
// meanwhile.
func (h *Host) make(name string, p *policy.Policy) (*runtime.Workspace, error) {
	switch _, err := os.Stat(h.file(name)); {
	case err == nil && !h.unborn(name):
		return nil, fmt.Errorf("%w: %q", ErrExists, name)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	cfg := h.o.Config
	cfg.Policy = p
	w, err := runtime.Open(h.file(name), h.noticing(name, cfg))
	if err != nil {
		return nil, errors.Join(err, remove(h.file(name)))
	}
	return w, nil
}

// unbornSize is more than a log takes in which nothing was ever written.
const unbornSize = 1 << 20

// unborn reports whether a workspace's file is a log without any entry. That is what a crash in the
// middle of Create leaves: nobody was told that there is a workspace, and without its policy it
// cannot be opened. It is as if it were not there, and Create goes on where it was interrupted.
func (h *Host) unborn(name string) bool {
	info, err := os.Stat(h.file(name))
	if err != nil || info.Size() > unbornSize {
		return false
	}
	log, err := bolt.Open(h.file(name), bolt.Options{MustExist: true, ReadOnly: true})
	if err != nil {
		return false
	}
	empty := log.Last() == 0
	return log.Close() == nil && empty
}

func remove(file string) error {
	if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Use returns a workspace, opening it where it is closed. The caller gives it back with the
// function, and does not close it.
func (h *Host) Use(ctx context.Context, name string) (*runtime.Workspace, func(), error) {
	for waited := false; ; waited = true {
		s, wait, err := h.enter(name, waited)
		switch {
		case err != nil:
			return nil, nil, err
		case wait == nil:
			var once sync.Once
			return s.w, func() { once.Do(func() { h.leave(s) }) }, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

// enter counts one more user of a workspace; wait says that it is on its way. Who has waited is
// told why it could not be opened; who comes later tries again.
func (h *Host) enter(name string, waited bool) (s *space, wait chan struct{}, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s = h.spaces[name]
	switch {
	case h.closed:
		return nil, nil, ErrClosed
	case s == nil:
		return nil, nil, h.unknown(name)
	case s.busy != nil:
		return s, s.busy, nil
	case s.w != nil && s.w.Err() == nil:
		s.users++
		return s, nil, nil
	case s.w != nil && s.users > 0: // a commit failed: it is opened anew when all have left
		return nil, nil, s.w.Err()
	case waited && s.err != nil:
		return nil, nil, s.err
	}
	s.busy = make(chan struct{})
	go h.open(s)
	return s, s.busy, nil
}

func (h *Host) unknown(name string) error {
	names := make([]string, 0, len(h.spaces))
	for n := range h.spaces {
		names = append(names, n)
	}
	slices.Sort(names)
	return &NoWorkspaceError{Name: name, Nearest: source.Nearest(name, names)}
}

func (h *Host) leave(s *space) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.users--
	s.used = h.o.Now()
	h.wake()
}

func (h *Host) file(name string) string { return filepath.Join(h.dir, name+".db") }

func (h *Host) noticing(name string, cfg runtime.Config) runtime.Config {
	notice := cfg.Notice
	cfg.Notice = func(err error) {
		h.o.Notice(name, err)
		if notice != nil {
			notice(err)
		}
	}
	return cfg
}
