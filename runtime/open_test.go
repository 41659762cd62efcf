package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store"
	"github.com/throughline/throughline/runtime/store/mem"
)

// importing yields lines one after another.
func importing(text string) runtime.Lines {
	rest := strings.Split(strings.TrimSpace(text), "\n")
	return func() ([]byte, error) {
		if len(rest) == 0 {
			return nil, io.EOF
		}
		line := rest[0]
		rest = rest[1:]
		return []byte(line), nil
	}
}

const history = `{"type":"Rep","id":"r0","at":"2025-03-03T09:00:00Z"}
{"type":"Visit","id":"a","rep":"r0","n":9,"at":"2025-03-03T09:00:00Z"}
{"type":"Visit","id":"b","rep":"r0","n":9,"received":"2025-03-03T09:01:00Z","at":"2025-03-01T09:00:00Z"}
{"type":"Visit","id":"c","rep":"r0","n":12,"at":"2025-03-03T09:02:00Z"}
no record
{"type":"Visit","id":"d","rep":"r0","n":1,"at":"2099-03-03T09:02:00Z"}
{"type":"Visit","id":"e","rep":"r0","n":1,"at":"2025-03-04T09:00:00Z"}
`

// TestImport takes records with the moments they bring: nothing of the machine's clock is in the
// log, and a record from the future moves no timers.
func TestImport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "w.db")
	w, err := runtime.Open(file, runtime.Config{Policy: check(t, visits), Import: true})
	if err != nil {
		t.Fatal(err)
	}
	var answers []string
	err = w.Import(context.Background(), importing(history), func(a *runtime.Answer) error {
		answers = append(answers, a.Outcome.String())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "accepted accepted accepted accepted rejected rejected accepted"
	if got := strings.Join(answers, " "); got != want {
		t.Errorf("answers %s, not %s", got, want)
	}
	if err := w.Until(context.Background(), date("2025-03-06T00:00:00Z")); err != nil {
		t.Fatal(err)
	}
	was := told(t, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := runtime.Open(file, runtime.Config{Import: true, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	err = again.View(context.Background(), func(e *engine.Engine) {
		if e.Now() != date("2025-03-06T00:00:00Z") {
			t.Errorf("now is %d", e.Now())
		}
	})
	if err != nil {
		t.Error(err)
	}
	if got := told(t, again); strings.Join(got, "\n") != strings.Join(was, "\n") {
		t.Errorf("opened again:\n%s\nwas\n%s", strings.Join(got, "\n"), strings.Join(was, "\n"))
	}
	if _, err := again.Submit(context.Background(), rep(1)); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("submit to a log that is only read: %v", err)
	}
}

func date(s string) int64 {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return at.UnixMicro()
}

// TestQuarantine breaks the engine on some records: each is kept and rejected, all others are
// decided, and opening again decides the same without breaking.
func TestQuarantine(t *testing.T) {
	p := check(t, `entity Rep { name text? }
event Visit { rep Rep; n int; risk int = odd(n) }
extern odd(n int) int version 1
`)
	broke := 0
	odd := func(n int64) int64 {
		if n == 7 {
			broke++
			panic("seven")
		}
		return n % 2
	}
	var notices []error
	log := new(mem.Log)
	cfg := runtime.Config{Policy: p, SnapshotEvery: 6, BatchMax: 3,
		Engine: engine.Options{Externs: []eval.Extern{{Name: "odd", Go: odd}}},
		Notice: func(err error) { notices = append(notices, err) }}
	w := open(t, log, cfg)
	var lines [][]byte
	for i := range 30 {
		lines = append(lines, visit(string(rune('A'+i)), i%10))
	}
	answers, err := w.SubmitAll(context.Background(), lines)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range answers {
		if want := i%10 == 7; (a.Outcome == decision.Rejected) != want || !want && a.Outcome != decision.Accepted {
			t.Errorf("%s is %v", lines[i], a.Outcome)
		}
	}
	var q *runtime.QuarantineError
	if broke != 3 || len(notices) != 3 || !errors.As(notices[0], &q) || !bytes.Equal(q.Line, lines[7]) {
		t.Errorf("broke %d times: %v", broke, notices)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w = open(t, forgetful{log.Reopen(true)}, cfg)
	if r := w.Report(); broke != 3 || r.Replayed != 31 || len(r.Quarantined) != 0 {
		t.Errorf("broke %d times; report %+v", broke, r)
	}
}

// TestQuarantineOnReplay opens a log that the engine of today breaks on.
func TestQuarantineOnReplay(t *testing.T) {
	p := check(t, `entity Rep { name text? }
event Visit { rep Rep; n int; risk int = odd(n) }
extern odd(n int) int version 1
`)
	breaks := false
	odd := func(n int64) int64 {
		if breaks && n == 7 {
			panic("seven")
		}
		return n % 2
	}
	log := new(mem.Log)
	cfg := runtime.Config{Policy: p, SnapshotEvery: 1 << 40,
		Engine: engine.Options{Externs: []eval.Extern{{Name: "odd", Go: odd}}}}
	w := open(t, log, cfg)
	for i := range 20 {
		submit(t, w, visit(string(rune('A'+i)), i%10))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	breaks = true
	var notices []error
	cfg.Notice = func(err error) { notices = append(notices, err) }
	w = open(t, log.Reopen(true), cfg)
	if r := w.Report(); len(r.Quarantined) != 2 || len(notices) != 2 || r.Replayed != 21 {
		t.Errorf("report %+v, notices %v", r, notices)
	}
	if a := submit(t, w, visit("new", 2)); a.Outcome != decision.Accepted {
		t.Errorf("a new record is %v", a.Outcome)
	}
}

// TestDiverge opens a log whose decisions are not what this engine decides: nothing runs on it.
func TestDiverge(t *testing.T) {
	p := check(t, `entity Rep { name text? }
event Visit { rep Rep; n int; risk int = odd(n) }
rule Odd on Visit { when risk == 1; do { note "odd" } }
extern odd(n int) int version 1
`)
	flip := int64(0)
	odd := func(n int64) int64 { return n%2 ^ flip }
	log := new(mem.Log)
	cfg := runtime.Config{Policy: p, Engine: engine.Options{Externs: []eval.Extern{{Name: "odd", Go: odd}}}}
	w := open(t, log, cfg)
	submit(t, w, rep(0))
	submit(t, w, visit("a", 3))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	flip = 1
	log = log.Reopen(true)
	_, err := runtime.OpenLog(forgetful{log}, cfg)
	var d *runtime.DivergeError
	if !errors.As(err, &d) || d.Seq != 3 {
		t.Errorf("error %v", err)
	}
}

// TestDamagedSnapshot begins from the log where a snapshot is not what was stored.
func TestDamagedSnapshot(t *testing.T) {
	log := new(mem.Log)
	w := open(t, log, runtime.Config{Policy: check(t, visits), SnapshotEvery: 10})
	for i := range 40 {
		submit(t, w, visit(string(rune('A'+i)), 1))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	log = log.Reopen(true)
	heads, err := log.Snapshots()
	if err != nil || len(heads) != 2 {
		t.Fatalf("%d snapshots, %v", len(heads), err)
	}
	for i, seq := range []uint64{heads[0].Seq, heads[1].Seq, 0} {
		w := open(t, log, runtime.Config{})
		if r := w.Report(); r.Snapshot != seq {
			t.Errorf("began with %d, not %d", r.Snapshot, seq)
		}
		w.Close()
		log = log.Reopen(true)
		if i < 2 {
			if err := log.PutSection(seq, 0, []byte("something else")); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestBusy fills the queue while the disk stands still.
func TestBusy(t *testing.T) {
	p := check(t, visits)
	synctest.Test(t, func(t *testing.T) {
		log := new(mem.Log)
		w := open(t, log, runtime.Config{Policy: p, Queue: 4, BatchMax: 2})
		stuck := make(chan struct{})
		log.Break(func(mem.Call) mem.Fault { <-stuck; return mem.None })
		for i := range 30 {
			go w.Submit(context.Background(), visit(string(rune('A'+i)), 1))
			synctest.Wait()
		}
		_, err := w.Submit(context.Background(), visit("late", 1))
		var busy *runtime.BusyError
		if !errors.As(err, &busy) || busy.After <= 0 {
			t.Errorf("error %v", err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := w.View(ctx, func(*engine.Engine) {}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("view of what is not synced: %v", err)
		}
		close(stuck)
		synctest.Wait()
		if a := submit(t, w, visit("late", 1)); a.Outcome != decision.Accepted {
			t.Errorf("afterwards %v", a.Outcome)
		}
	})
}

// TestActivate changes the policy: what is unchanged goes on, the log says which policy decided
// what, and opening the log without a policy finds them all.
func TestActivate(t *testing.T) {
	log := new(mem.Log)
	w := open(t, log, runtime.Config{Policy: check(t, visits)})
	submit(t, w, rep(0))
	submit(t, w, visit("a", 9))
	next := check(t, strings.Replace(visits, "n >= 8", "n >= 5", 1))
	if err := w.Activate(context.Background(), next); err != nil {
		t.Fatal(err)
	}
	submit(t, w, visit("b", 6))
	submit(t, w, visit("a", 9))
	was := told(t, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, policy := range []runtime.Config{{}, {Policy: next}} {
		log = log.Reopen(true)
		w = open(t, forgetful{log}, policy)
		if got := told(t, w); strings.Join(got, "\n") != strings.Join(was, "\n") {
			t.Errorf("opened again:\n%s\nwas\n%s", strings.Join(got, "\n"), strings.Join(was, "\n"))
		}
		w.Close()
	}
	log = log.Reopen(true)
	w = open(t, log, runtime.Config{Policy: check(t, visits)})
	if n := w.Last(); n != uint64(len(was))+1 {
		t.Errorf("going back to the first policy made %d entries", int(n)-len(was))
	}
}

// TestManyInFlight keeps many callers waiting for a disk that is slow: a batch waits for those who
// were just answered, but never longer than a commit takes.
func TestManyInFlight(t *testing.T) {
	log := new(mem.Log)
	w := open(t, log, runtime.Config{Policy: check(t, counted), BatchTime: 20 * time.Millisecond})
	log.Break(func(mem.Call) mem.Fault { time.Sleep(time.Millisecond); return mem.None })
	var wg sync.WaitGroup
	for c := range 200 {
		wg.Go(func() {
			for i := range 5 {
				if _, err := w.Submit(t.Context(), visit(fmt.Sprint(c, "-", i), 1)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	start := time.Now()
	wg.Wait()
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("1000 records took %v", took)
	}
}

// TestLastSnapshot holds that closing writes a snapshot where replaying would take long: after a
// thousand entries, or an eighth of the log if that is more.
func TestLastSnapshot(t *testing.T) {
	log := new(mem.Log)
	p := check(t, "event Visit { n int }")
	at := date("2025-03-03T09:00:00Z")
	sent := 0
	for _, c := range []struct{ more, replayed int }{
		{900, 901}, {100, 0}, {999, 999}, {1, 0}, {8000, 0}, {1250, 1250}, {1250, 0},
	} {
		w := open(t, log, runtime.Config{Policy: p, Import: true})
		upTo := sent + c.more
		err := w.Import(context.Background(), func() ([]byte, error) {
			if sent == upTo {
				return nil, io.EOF
			}
			sent++
			return fmt.Appendf(nil, `{"type":"Visit","id":"v%d","n":1,"at":%q}`, sent,
				time.UnixMicro(at).UTC().Format(time.RFC3339)), nil
		}, nil)
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		log = log.Reopen(false)
		w = open(t, log, runtime.Config{ReadOnly: true})
		if got := w.Report().Replayed; got != uint64(c.replayed) {
			t.Errorf("with %d records %d entries are replayed, want %d", sent, got, c.replayed)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		log = log.Reopen(false)
	}
}

// TestBrokenView looks at a workspace with a function that panics: whoever asked is told, the
// program goes on, and what was decided is there when the workspace is opened again.
func TestBrokenView(t *testing.T) {
	log := new(mem.Log)
	w := open(t, log, runtime.Config{Policy: check(t, visits)})
	submit(t, w, rep(0))
	var bug *runtime.PanicError
	err := w.View(context.Background(), func(*engine.Engine) { panic("a page has a bug") })
	if !errors.As(err, &bug) || bug.What != "a page has a bug" {
		t.Fatalf("whoever asked is told %v", err)
	}
	if _, err := w.Submit(context.Background(), rep(1)); !errors.As(err, &bug) {
		t.Errorf("the next one is told %v", err)
	}
	w = open(t, log.Reopen(false), runtime.Config{})
	if n := w.Last(); n != 2 {
		t.Errorf("the log ends with %d", n)
	}
}
