package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store"
	"github.com/throughline/throughline/runtime/store/bolt"
	"github.com/throughline/throughline/runtime/store/mem"
)

// private has personal fields that are read by rules, proof and scores.
const private = `entity Rep {
  name  text personal for "to speak to"
  level int?
}
event Visit {
  rep   Rep
  n     int
  note  text? personal keep 30d
  phone text personal
}
action Look {
  on Visit
  by rep
  done n >= 1
  proof { said len(note) >= 4 else review unknown review }
}
score Quality of Visit { size 100% = n / 10 }
rule Big on Visit { when n >= 8; do { task "call {phone}" for rep due 1d } }
alert Busy of Rep { when sum(Visit.n in 7d) >= 12; do { notify self "busy" } }
alert Seen of Rep { when count(Look in 7d) >= 3; do { notify self "seen" } }
`

const (
	secretNote  = "secret-note"
	secretPhone = "secret-phone"
	secretName  = "secret-name"
)

func fill(t testing.TB, w *runtime.Workspace) {
	t.Helper()
	for i := range 3 {
		submit(t, w, fmt.Appendf(nil, `{"type":"Rep","id":"r%d","name":"%s-%d"}`, i, secretName, i))
	}
	for i := range 12 {
		submit(t, w, fmt.Appendf(nil,
			`{"type":"Visit","id":"v%d","rep":"r%d","n":%d,"note":"%s-%d","phone":"%s-%d","odd":"%s"}`,
			i, i%3, i%10, secretNote, i%3, secretPhone, i%3, secretPhone))
	}
	submit(t, w, []byte(`{"type":"Visit","id":"v4","retracted":true}`))
}

// standing is what a workspace knows that is nobody's secret.
func standing(t testing.TB, w *runtime.Workspace) string {
	t.Helper()
	var b strings.Builder
	err := w.View(context.Background(), func(e *engine.Engine) {
		for _, x := range e.Tasks(true) {
			fmt.Fprintln(&b, x.ID, x.Rule, x.For, x.About, x.State)
		}
		fmt.Fprintln(&b, e.OpenAlerts("Busy"), e.OpenAlerts("Seen"))
		for _, id := range []string{"r0", "r1", "r2"} {
			for _, r := range e.Policy().Records {
				if r.Full == "Rep" {
					d, ok := e.Why(r, id)
					if !ok {
						fmt.Fprintln(&b, id, "is not there")
						continue
					}
					for _, x := range d.Receipts {
						fmt.Fprintln(&b, id, x.Watch.Head.Full, x.Verdict)
					}
				}
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func audited(t testing.TB, log runtime.Log) runtime.Audited {
	t.Helper()
	a, err := runtime.Audit(log, nil)
	if err != nil {
		t.Fatalf("the log is not whole: %v", err)
	}
	return a
}

// TestErase erases what is personal about one person: her values are nowhere in the file, others'
// are, what counted counts, the chain is valid, and the log says what was done. It stays so when
// the log is opened again, when it is closed without being closed, and under another policy.
func TestErase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.db")
	p := check(t, private)
	w, err := runtime.Open(path, runtime.Config{Policy: p, SnapshotEvery: 5})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, w)
	before := standing(t, w)
	if !strings.Contains(before, "[r0 r2] [r0 r2]") || !strings.Contains(before, " Big Rep/r2") {
		t.Fatalf("nothing stands: %s", before)
	}
	ctx := context.Background()
	would, err := w.WouldErase(ctx, runtime.Erasure{Record: "Rep/r2"})
	if err != nil || would.Entries != 5 || would.Fields["Visit.phone"] != 4 ||
		would.Fields["Rep.name"] != 1 {
		t.Fatalf("would erase %+v, %v", would, err)
	}
	did, err := w.Erase(ctx, runtime.Erasure{Record: "Rep/r2", By: "hr", Why: "asked on paper"})
	if err != nil || did.Seq == 0 || did.Entries != would.Entries {
		t.Fatalf("erased %+v, %v", did, err)
	}
	if after := standing(t, w); after != before {
		t.Errorf("what counts is\n%snot\n%s", after, before)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{secretNote, secretPhone, secretName} {
		if bytes.Contains(file, []byte(secret+"-2")) {
			t.Errorf("%s-2 is in the file", secret)
		}
		if !bytes.Contains(file, []byte(secret+"-1")) {
			t.Errorf("%s-1 is not in the file", secret)
		}
	}
	again, err := w.Erase(ctx, runtime.Erasure{Record: "Rep/r2"})
	if err != nil || again.Entries != 0 || again.Seq != 0 {
		t.Errorf("erased again: %+v, %v", again, err)
	}
	submit(t, w, []byte(`{"type":"Visit","id":"w1","rep":"r2","n":1,"phone":"new"}`))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	log, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Check(); err != nil {
		t.Error(err)
	}
	if a := audited(t, log); a.Erased != 5 {
		t.Errorf("%d entries are erased", a.Erased)
	}
	w = open(t, log, runtime.Config{})
	grown := standing(t, w)
	other := check(t, private+"rule Small on Visit { when n <= 1; do { note \"small\" } }\n")
	if err := w.Activate(ctx, other); err != nil {
		t.Fatal(err)
	}
	if after := standing(t, w); after != grown {
		t.Errorf("under another policy it is\n%snot\n%s", after, grown)
	}
	submit(t, w, []byte(`{"type":"Visit","id":"w2","rep":"r2","n":0,"phone":"new"}`))
	if after := standing(t, w); after != grown { // conditions have looked again
		t.Errorf("after another record it is\n%snot\n%s", after, grown)
	}
	said := false
	err = w.Entries(1, w.Last(), false, func(l *runtime.Logged) error {
		if decision.Kind(l.Kind) == decision.Erase {
			said = strings.Contains(string(l.Payload), `"by":"hr","why":"asked on paper"`)
		}
		return nil
	})
	if err != nil || !said {
		t.Errorf("the log does not say who asked: %v", err)
	}
}

// TestEraseWhole erases whole records: they count no more.
func TestEraseWhole(t *testing.T) {
	log := new(mem.Log)
	w := open(t, log, runtime.Config{Policy: check(t, private)})
	fill(t, w)
	did, err := w.Erase(context.Background(), runtime.Erasure{Record: "Visit/v8", Whole: true})
	if err != nil || did.Entries != 1 {
		t.Fatalf("%+v, %v", did, err)
	}
	if s := standing(t, w); !strings.Contains(s, "r2 Busy") {
		t.Errorf("%s", s)
	}
	seen := 0
	err = w.EachAbout(runtime.About{Record: "Rep/r2"}, func(f *runtime.Found) error {
		seen++
		if f.Record.ID == "v8" {
			t.Errorf("v8 is there: %s", f.Line)
		}
		return nil
	})
	if err != nil || seen != 4 { // herself and three of four visits
		t.Errorf("%d records, %v", seen, err)
	}
	audited(t, log)
}

// TestEraseExpired erases fields whose time is over, and leaves those that have none.
func TestEraseExpired(t *testing.T) {
	log, late := new(mem.Log), new(atomic.Int64) // days
	now := func() time.Time {
		return time.Date(2026, 3, 2+int(late.Load()), 9, 0, 0, 0, time.UTC)
	}
	w := open(t, log, runtime.Config{Policy: check(t, private), Now: now})
	fill(t, w)
	ctx := context.Background()
	if did, err := w.Erase(ctx, runtime.Erasure{Expired: true}); err != nil || did.Entries != 0 {
		t.Fatalf("at once: %+v, %v", did, err)
	}
	late.Store(31)
	did, err := w.Erase(ctx, runtime.Erasure{Expired: true, Why: "keep"})
	if err != nil || did.Entries != 12 || did.Fields["Visit.note"] != 12 ||
		did.Fields["Visit.phone"] != 0 {
		t.Fatalf("after a month: %+v, %v", did, err)
	}
	err = w.EachAbout(runtime.About{}, func(f *runtime.Found) error {
		if bytes.Contains(f.Line, []byte(secretNote)) {
			t.Errorf("kept: %s", f.Line)
		}
		if f.Record.Type.Name == "Visit" && !f.Record.Retracted &&
			!bytes.Contains(f.Line, []byte(secretPhone)) {
			t.Errorf("lost: %s", f.Line)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	audited(t, log)
	for _, bad := range []runtime.Erasure{{}, {Whole: true}} {
		if _, err := w.Erase(ctx, bad); !errors.Is(err, runtime.ErrNobody) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// TestEraseCutShort stops an erasure at every call of the store. When the log is opened again it
// was not begun, or it is finished; the log is whole either way.
func TestEraseCutShort(t *testing.T) {
	var done, not int
	for stop := 1; ; stop++ {
		log := new(mem.Log)
		w := open(t, log, runtime.Config{Policy: check(t, private), SnapshotEvery: 5})
		fill(t, w)
		before := standing(t, w)
		n := 0
		log.Break(func(mem.Call) mem.Fault {
			if n++; n >= stop {
				return mem.Crash
			}
			return mem.None
		})
		_, err := w.Erase(context.Background(), runtime.Erasure{Record: "Rep/r1"})
		w.Close()
		log.Break(nil)
		log = log.Reopen(true)
		w = open(t, log, runtime.Config{})
		if after := standing(t, w); after != before {
			t.Errorf("stopped at call %d: it is\n%snot\n%s", stop, after, before)
		}
		a := audited(t, log)
		switch a.Erased {
		case 0:
			not++
		case 5:
			done++
		default:
			t.Errorf("stopped at call %d: %d entries are erased", stop, a.Erased)
		}
		left := 0
		rows := log.Read(1, log.Last(), store.Everything, func(r *store.Row) error {
			for _, b := range [][]byte{r.Payload, r.Decision, r.Why} {
				if bytes.Contains(b, []byte(secretPhone+"-1")) {
					left++
				}
			}
			return nil
		})
		if rows != nil || (left > 0) != (a.Erased == 0) {
			t.Errorf("stopped at call %d: %d rows hold it, %d are erased, %v", stop, left, a.Erased, rows)
		}
		if err == nil {
			break
		}
	}
	if done < 2 || not < 1 {
		t.Errorf("%d times it was finished on opening, %d times not begun", done, not)
	}
}
