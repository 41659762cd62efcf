package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store"
	"github.com/throughline/throughline/runtime/store/mem"
)

// What is odd differs between versions here, and with it which steps and ticks there are: levels
// are set, tasks and alerts come and go by themselves.
const oddities = `entity Rep { name text?; level int?; boss Rep? }
event Visit { rep Rep; n int; risk int = odd(n) }
rule Up on Visit { when risk >= 1; do { set rep.level = n; task "look" for rep due 2h } }
rule Late of Rep { when count(Task where state == expired) > 0; do { note "late" } }
alert Busy of Rep {
  when count(Visit in 6h where risk >= 1) >= 2
  for  1h
  do   { task "calm {name}" for boss due 3h; set level = 9 }
}
extern odd(n int) int version 1
`

// aged is a log as the version before this would have left it.
func aged(t rapid.TB, log *mem.Log) *mem.Log {
	t.Helper()
	old := new(mem.Log)
	epoch, err := old.Claim()
	if err != nil {
		t.Fatal(err)
	}
	var chain store.Chain
	err = log.Read(1, log.Last(), store.Payloads|store.Decisions|store.Whys, func(r *store.Row) error {
		var e store.Entry
		if err := e.Decode(r.Entry); err != nil {
			return err
		}
		b := &store.Batch{Epoch: epoch, After: chain.Seq, Rows: []store.Row{{Payload: bytes.Clone(r.Payload),
			Decision: bytes.Clone(r.Decision), Why: bytes.Clone(r.Why)}}}
		if decision.Kind(e.Kind) == decision.Activate {
			files, err := log.Policy(e.Policy)
			if err != nil {
				return err
			}
			b.Policy = &store.Policy{Hash: e.Policy, Files: files}
		}
		e.Semantics--
		chain.Seal(&e, &b.Rows[0], nil)
		return old.Append(b)
	})
	if err != nil {
		t.Fatal(err)
	}
	return old
}

// TestOtherwise opens logs that another version of the engine wrote, which made other steps and
// ticks of the same records. What it decided stays, every record keeps its seq and can be taken
// back, and the log goes on; it comes to the same state whenever it is opened.
func TestOtherwise(t *testing.T) {
	p := check(t, oddities)
	rapid.Check(t, func(t *rapid.T) {
		var odd []int64
		cfg := runtime.Config{Policy: p, Import: true, SnapshotEvery: 7, Engine: engine.Options{
			Externs: []eval.Extern{{Name: "odd", Go: func(n int64) int64 { return odd[n] }}}}}
		table := rapid.SliceOfN(rapid.Int64Range(0, 1), 4, 4)
		odd = table.Draw(t, "odd")
		log := new(mem.Log)
		w := openFor(t, log, cfg)
		at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		seqs := map[string]uint64{}
		send := func(w *runtime.Workspace, id, rest string) {
			t.Helper()
			at = at.Add(time.Duration(rapid.IntRange(0, 8).Draw(t, "gap")) * 30 * time.Minute)
			line := fmt.Sprintf(`{"type":%q,"id":%q,"at":%q,"received":%[3]q,%s}`,
				map[byte]string{'r': "Rep", 'v': "Visit"}[id[0]], id, at.Format(time.RFC3339), rest)
			a, err := w.Submit(context.Background(), []byte(line))
			if err != nil || a.Outcome != decision.Accepted {
				t.Fatalf("%s: %v %v", line, a.Outcome, err)
			}
			if id[0] == 'v' {
				seqs[id] = a.Seq
			}
		}
		visits := func(w *runtime.Workspace, n int) {
			for range n {
				send(w, fmt.Sprint("v", len(seqs)), fmt.Sprintf(`"rep":"r%d","n":%d`,
					rapid.IntRange(0, 1).Draw(t, "rep"), rapid.IntRange(0, 3).Draw(t, "n")))
			}
		}
		send(w, "r0", `"name":"a","boss":"r1"`)
		send(w, "r1", `"name":"b","boss":"r0"`)
		visits(w, rapid.IntRange(1, 20).Draw(t, "old"))
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}

		log = aged(t, log.Reopen(false))
		odd = table.Draw(t, "otherwise")
		var notice *runtime.OtherwiseError
		cfg.Notice = func(err error) {
			if !errors.As(err, &notice) {
				t.Error(err)
			}
		}
		w = openFor(t, log, cfg)
		if r := w.Report(); (r.Differ > 0) != (notice != nil) {
			t.Errorf("report %+v, notice %v", r, notice)
		}
		if notice != nil && !strings.Contains(notice.In("zh"), fmt.Sprintf("seq %d；", notice.First)) {
			t.Error(notice.In("zh"))
		}
		old := len(seqs)
		send(w, fmt.Sprint("v", rapid.IntRange(0, old-1).Draw(t, "taken back")), `"retracted":true`)
		visits(w, rapid.IntRange(0, 20).Draw(t, "new"))
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		all := log.Reopen(false)
		for id, seq := range seqs {
			err := all.Read(seq, seq, store.Payloads, func(r *store.Row) error {
				if !bytes.Contains(r.Payload, []byte(`"`+id+`"`)) {
					t.Errorf("%s is not entry %d: %s", id, seq, r.Payload)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}
		cfg.Notice, cfg.ReadOnly = nil, true
		ofTheirTime(t, all, cfg)
		with, without := stateBy(t, log.Reopen(false), cfg), stateBy(t, forgetful{log.Reopen(false)}, cfg)
		if with != without {
			t.Fatal("the log alone gives another state than snapshot and log")
		}
	})
}

// ofTheirTime looks whether every task was given by the entry that it is named by.
func ofTheirTime(t *rapid.T, log *mem.Log, cfg runtime.Config) {
	t.Helper()
	w := openFor(t, log, cfg)
	defer w.Close()
	var tasks []engine.Task
	if err := w.View(context.Background(), func(e *engine.Engine) { tasks = e.Tasks(true) }); err != nil {
		t.Fatal(err)
	}
	for _, x := range tasks {
		seq, err := strconv.ParseUint(strings.Split(x.ID, "/")[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		err = log.Read(seq, seq, 0, func(r *store.Row) error {
			var e store.Entry
			if err := e.Decode(r.Entry); err != nil {
				return err
			}
			if e.Moment != x.Created {
				t.Errorf("task %s is of %d, entry %d of %d", x.ID, x.Created, seq, e.Moment)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
