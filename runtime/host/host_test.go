package host_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/host"
	"github.com/throughline/throughline/runtime/store/bolt"
)

// busy opens an alert ten minutes after a large visit, without any further record.
const busy = `entity Rep {
  name text?
}
event Visit {
  rep Rep
  n   int
}
alert Busy of Rep {
  when sum(Visit.n in 1h) >= 20
  for  10min
  do { notify self "busy" }
}
`

func check(t *testing.T, text string) *policy.Policy {
	t.Helper()
	p, diags := dsl.Check([]source.File{{Name: "policy.thru", Text: text}}, policy.Settings{})
	if dsl.HasErrors(diags) {
		t.Fatal(diags)
	}
	return p
}

func open(t *testing.T, dir string, o host.Options) *host.Host {
	t.Helper()
	if o.Notice == nil {
		o.Notice = func(name string, err error) { t.Errorf("%s: %v", name, err) }
	}
	h, err := host.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func create(t *testing.T, h *host.Host, names ...string) {
	t.Helper()
	p := check(t, busy)
	for _, name := range names {
		if err := h.Create(name, p); err != nil {
			t.Fatal(err)
		}
	}
}

// use opens a workspace for as long as f runs.
func use(t *testing.T, h *host.Host, name string, f func(*runtime.Workspace)) {
	t.Helper()
	w, leave, err := h.Use(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	f(w)
}

func submit(t *testing.T, h *host.Host, name, id string, n int) {
	t.Helper()
	use(t, h, name, func(w *runtime.Workspace) {
		for _, line := range []string{`{"type":"Rep","id":"li"}`,
			fmt.Sprintf(`{"type":"Visit","id":%q,"rep":"li","n":%d}`, id, n)} {
			if a, err := w.Submit(context.Background(), []byte(line)); err != nil ||
				a.Outcome != decision.Accepted {
				t.Fatal(a.Outcome, err)
			}
		}
	})
}

// alerts are the moments at which Busy opened, as entries of the log say.
func alerts(t *testing.T, h *host.Host, name string) (open []string) {
	t.Helper()
	use(t, h, name, func(w *runtime.Workspace) {
		err := w.View(context.Background(), func(e *engine.Engine) { open = e.OpenAlerts("Busy") })
		if err != nil {
			t.Fatal(err)
		}
	})
	return open
}

func dueFile(dir, name string) string { return filepath.Join(dir, "workspaces", name+".due") }

// closed reports whether a workspace is closed: its due file is there only then.
func closed(dir, name string) bool {
	_, err := os.Stat(dueFile(dir, name))
	return err == nil
}

func TestAnIdleWorkspaceIsClosedAndWokenForWhatIsDue(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := open(t, dir, host.Options{Idle: time.Minute})
		create(t, h, "east")
		submit(t, h, "east", "v1", 25)
		start := time.Now()
		time.Sleep(2 * time.Minute)
		if !closed(dir, "east") {
			t.Fatal("open after two minutes without use")
		}
		time.Sleep(9 * time.Minute) // ten after the visit the alert opens, by itself
		use(t, h, "east", func(w *runtime.Workspace) {
			var at time.Time
			err := w.Entries(4, w.Last(), false, func(l *runtime.Logged) error {
				at = time.UnixMicro(l.Moment)
				return nil
			})
			if err != nil || at.Sub(start).Round(time.Second) != 10*time.Minute {
				t.Errorf("the last entry is %v after the visit (%v)", at.Sub(start), err)
			}
		})
		if got := alerts(t, h, "east"); !slices.Equal(got, []string{"li"}) {
			t.Errorf("alerts %v", got)
		}
	})
}

func TestWhatFellDueWhileTheHostWasDownIsDoneWhenItStarts(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(t *testing.T, dir string)
	}{
		{"as it was closed", func(*testing.T, string) {}},
		{"due file lost", func(t *testing.T, dir string) {
			if err := os.Remove(dueFile(dir, "east")); err != nil {
				t.Fatal(err)
			}
		}},
		{"due file damaged", func(t *testing.T, dir string) { write(t, dueFile(dir, "east"), "x") }},
		{"due file of another database", func(t *testing.T, dir string) {
			write(t, dueFile(dir, "east"), "never 1/1\n")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h, err := host.Open(dir, host.Options{})
				if err != nil {
					t.Fatal(err)
				}
				create(t, h, "east")
				submit(t, h, "east", "v1", 25)
				if err := h.Close(); err != nil {
					t.Fatal(err)
				}
				c.change(t, dir)
				time.Sleep(time.Hour / 2)
				h = open(t, dir, host.Options{})
				time.Sleep(time.Second)
				if closed(dir, "east") {
					t.Fatal("nobody opened it for what was due")
				}
				use(t, h, "east", func(w *runtime.Workspace) {
					if w.Last() < 4 {
						t.Errorf("the log ends at %d", w.Last())
					}
				})
			})
		})
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestManyWorkspacesDueAtOnceAreAllWoken(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := open(t, dir, host.Options{Idle: time.Minute, MostOpen: 1})
		var names []string
		for i := range 6 {
			names = append(names, fmt.Sprintf("w%02d", i))
		}
		create(t, h, names...)
		for _, name := range names {
			submit(t, h, name, "v1", 25)
		}
		time.Sleep(5 * time.Minute)
		for _, name := range names {
			if !closed(dir, name) {
				t.Errorf("%s is open", name)
			}
		}
		time.Sleep(20 * time.Minute)
		for _, name := range names {
			if got := alerts(t, h, name); len(got) != 1 {
				t.Errorf("%s: alerts %v", name, got)
			}
		}
	})
}

func TestAWorkspaceInUseStaysOpen(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := open(t, dir, host.Options{Idle: time.Minute, MostOpen: 1})
		create(t, h, "a", "b", "c")
		use(t, h, "a", func(w *runtime.Workspace) {
			time.Sleep(time.Hour)
			if _, err := w.Submit(t.Context(), []byte(`{"type":"Rep","id":"li"}`)); err != nil {
				t.Error(err)
			}
		})
		if closed(dir, "a") || !closed(dir, "b") || !closed(dir, "c") {
			t.Error("a is to be open, b and c closed")
		}
	})
}

func TestManyUseOneWorkspaceAtOnce(t *testing.T) {
	h := open(t, t.TempDir(), host.Options{Idle: time.Millisecond, MostOpen: 1})
	create(t, h, "a", "b")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 25 {
				name := []string{"a", "b"}[(i+j)%2]
				w, leave, err := h.Use(t.Context(), name)
				if err != nil {
					t.Error(err)
					return
				}
				line := fmt.Appendf(nil, `{"type":"Visit","id":"v%d-%d","rep":"li","n":1}`, i, j)
				if _, err := w.Submit(t.Context(), line); err != nil {
					t.Error(err)
				}
				leave()
				leave() // twice is once
			}
		})
	}
	all.Wait()
	for _, name := range h.Names() {
		use(t, h, name, func(w *runtime.Workspace) {
			n := 0
			err := w.Entries(1, w.Last(), false, func(l *runtime.Logged) error {
				if l.Payload != nil && strings.Contains(string(l.Payload), "Visit") {
					n++
				}
				return nil
			})
			if err != nil || n != 100 {
				t.Errorf("%s holds %d visits, not 100 (%v)", name, n, err)
			}
		})
	}
}

func TestWhatCannotBe(t *testing.T) {
	dir := t.TempDir()
	h := open(t, dir, host.Options{Notice: func(string, error) {}})
	create(t, h, "east", "north")
	p := check(t, busy)
	for _, name := range []string{"", "East", "a/b", "../x", "-a", "a.b", "东", strings.Repeat("a", 64)} {
		if err := h.Create(name, p); !errors.Is(err, host.ErrName) {
			t.Errorf("create %q: %v", name, err)
		}
	}
	if err := h.Create("east", p); !errors.Is(err, host.ErrExists) {
		t.Errorf("create twice: %v", err)
	}
	other := filepath.Join(dir, "workspaces", "west.db")
	write(t, other, "something of somebody's")
	if err := h.Create("west", p); !errors.Is(err, host.ErrExists) {
		t.Errorf("create over a file: %v", err)
	}
	if b, err := os.ReadFile(other); err != nil || string(b) != "something of somebody's" {
		t.Errorf("the file there became %q, %v", b, err)
	}
	_, _, err := h.Use(t.Context(), "eest")
	var unknown *host.NoWorkspaceError
	if !errors.As(err, &unknown) || unknown.Nearest != "east" {
		t.Errorf("use eest: %v", err)
	}
	if got := h.Names(); !slices.Equal(got, []string{"east", "north"}) {
		t.Errorf("names %v", got)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if _, _, err := h.Use(t.Context(), "east"); !errors.Is(err, host.ErrClosed) {
		t.Errorf("use after close: %v", err)
	}
	if err := h.Create("south", p); !errors.Is(err, host.ErrClosed) {
		t.Errorf("create after close: %v", err)
	}
}

// TestACrashWhileAWorkspaceIsMade leaves a log without its policy, as a process that ends in the
// middle of Create does: there is no such workspace, and it can be made.
func TestACrashWhileAWorkspaceIsMade(t *testing.T) {
	for _, c := range []struct {
		name  string
		claim bool // by the writer that would have put the policy in
		due   string
	}{
		{name: "before the log was claimed"},
		{name: "after the log was claimed", claim: true},
		{name: "with what an older workspace of the name left", due: "never 1/1\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			unborn := func(name string) {
				log, err := bolt.Open(filepath.Join(dir, "workspaces", name+".db"), bolt.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if c.claim {
					_, err = log.Claim()
				}
				if err := errors.Join(err, log.Close()); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.MkdirAll(filepath.Join(dir, "workspaces"), 0o700); err != nil {
				t.Fatal(err)
			}
			unborn("east")
			if c.due != "" {
				write(t, dueFile(dir, "east"), c.due)
			}
			h, err := host.Open(dir, host.Options{Notice: func(n string, err error) { t.Error(n, err) }})
			if err != nil {
				t.Fatal(err)
			}
			unborn("west") // while the host runs
			var none *host.NoWorkspaceError
			if _, _, err := h.Use(t.Context(), "east"); !errors.As(err, &none) || len(h.Names()) > 0 {
				t.Errorf("before it is made: %v, names %v", err, h.Names())
			}
			create(t, h, "east", "west")
			submit(t, h, "east", "v1", 1)
			if err := h.Close(); err != nil {
				t.Fatal(err)
			}
			h = open(t, dir, host.Options{})
			if err := h.Create("west", check(t, busy)); !errors.Is(err, host.ErrExists) {
				t.Errorf("made a second time: %v", err)
			}
			submit(t, h, "east", "v2", 1)
			use(t, h, "east", func(w *runtime.Workspace) {
				if w.Last() != 5 { // the policy, and twice a representative and a visit
					t.Errorf("the log ends at %d", w.Last())
				}
			})
		})
	}
}

// TestWhatACrashLeftIsSwept leaves what a process leaves that ends while it makes a database, and
// what only looks like it.
func TestWhatACrashLeftIsSwept(t *testing.T) {
	dir := t.TempDir()
	at := filepath.Join(dir, "workspaces")
	if err := os.MkdirAll(filepath.Join(at, "x.db.new-3"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"east.db.new-123", "east.db.new-", "east.db.new-1x", "new-1", "a.txt"} {
		write(t, filepath.Join(at, name), "x")
	}
	h := open(t, dir, host.Options{})
	create(t, h, "east")
	files, err := os.ReadDir(at)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	want := []string{"a.txt", "east.db", "east.db.new-", "east.db.new-1x", "new-1", "x.db.new-3"}
	if !slices.Equal(names, want) {
		t.Errorf("left: %v", names)
	}
}

func TestADamagedWorkspaceIsToldAndTheOthersRun(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "workspaces"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "workspaces", "bad.db"), "not a database at all")
	synctest.Test(t, func(t *testing.T) {
		var told []string
		var mu sync.Mutex
		h := open(t, dir, host.Options{Notice: func(name string, err error) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, name+": "+err.Error())
		}})
		create(t, h, "good")
		submit(t, h, "good", "v1", 1)
		if _, _, err := h.Use(t.Context(), "bad"); err == nil {
			t.Error("opened what is no database")
		}
		time.Sleep(150 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		if len(told) < 2 || len(told) > 5 || !strings.HasPrefix(told[0], "bad: ") {
			t.Errorf("told %q", told)
		}
	})
}
