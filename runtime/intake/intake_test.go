package intake_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
	"github.com/throughline/throughline/runtime/host"
	"github.com/throughline/throughline/runtime/intake"
)

const shops = `choice Channel = chain "连锁" | community "社区"
entity Rep { name text }
entity Mark { label text? }
entity Store "门店" {
  name    "店名" text
  channel "渠道" Channel
  monthly "月销额" money?
  owner   "负责人" Rep?
  backups list of Rep
  fill backups = []
}
event Visit "拜访" {
  store "门店" Store
  rep   "业务员" Rep
  n     "数量" int
}
`

// kit is a host with one workspace, and a desk.
type kit struct {
	*testing.T
	dir  string
	now  time.Time
	h    *host.Host
	desk *intake.Desk
}

func newKit(t *testing.T) *kit {
	t.Helper()
	k := &kit{T: t, dir: t.TempDir(), now: time.Now()}
	k.open()
	p, diags := dsl.Check([]source.File{{Name: "p.thru", Text: shops}}, policy.Settings{})
	if dsl.HasErrors(diags) {
		t.Fatal(diags)
	}
	if err := k.h.Create("east", p); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.close() })
	return k
}

func (k *kit) open() {
	k.Helper()
	var err error
	if k.h, err = host.Open(k.dir, host.Options{Config: runtime.Config{Queue: 64}}); err != nil {
		k.Fatal(err)
	}
	if k.desk, err = intake.Open(intake.Options{Host: k.h, Dir: filepath.Join(k.dir, "workspaces"),
		Now: func() time.Time { return k.now }, Settled: time.Millisecond}); err != nil {
		k.Fatal(err)
	}
}

func (k *kit) close() {
	k.Helper()
	k.desk.Close()
	if err := k.h.Close(); err != nil {
		k.Error(err)
	}
}

func (k *kit) take(name, text, typ string) *intake.Looked {
	k.Helper()
	x, err := k.desk.Take(k.Context(), "east", &intake.Table{Name: name, Data: []byte(text), By: "ada",
		Lang: "zh", Type: typ, At: "2026-03-02"})
	if err != nil {
		k.Fatal(err)
	}
	return x
}

// ends waits until an import does not run any more.
func (k *kit) ends(id string) *intake.Job {
	k.Helper()
	for {
		j, err := k.desk.Job("east", id)
		if err != nil {
			k.Fatal(err)
		}
		if j.State != intake.Running && j.State != intake.Undoing {
			return j
		}
		time.Sleep(time.Millisecond)
	}
}

func (k *kit) run(id string) *intake.Job {
	k.Helper()
	if _, err := k.desk.Start("east", id); err != nil {
		k.Fatal(err)
	}
	return k.ends(id)
}

func (k *kit) undo(id string) *intake.Job {
	k.Helper()
	if _, err := k.desk.UndoBy("east", id, "ada"); err != nil {
		k.Fatal(err)
	}
	return k.ends(id)
}

func (k *kit) workspace(f func(*runtime.Workspace)) {
	k.Helper()
	w, leave, err := k.h.Use(k.Context(), "east")
	if err != nil {
		k.Fatal(err)
	}
	defer leave()
	f(w)
}

func (k *kit) submit(lines ...string) {
	k.Helper()
	k.workspace(func(w *runtime.Workspace) {
		for _, line := range lines {
			if a, err := w.Submit(k.Context(), []byte(line)); err != nil || a.Outcome != decision.Accepted {
				k.Fatal(line, a.Outcome, err)
			}
		}
	})
}

// state is what an expression about the whole workspace, or about a store, comes to.
func (k *kit) ids(typ string) (out []string) {
	k.Helper()
	k.workspace(func(w *runtime.Workspace) {
		err := w.View(k.Context(), func(e *engine.Engine) {
			for _, r := range e.Policy().Records {
				if r.Name == typ {
					out = e.IDs(r)
				}
			}
		})
		if err != nil {
			k.Fatal(err)
		}
	})
	return out
}

// entries counts the records in the log, and those that are retractions.
func (k *kit) entries(typ string) (records, back int) {
	k.Helper()
	k.workspace(func(w *runtime.Workspace) {
		err := w.Entries(1, w.Last(), false, func(l *runtime.Logged) error {
			if decision.Kind(l.Kind) == decision.Record && strings.Contains(string(l.Payload), `"`+typ+`"`) {
				if strings.Contains(string(l.Payload), `"retracted":true`) {
					back++
				} else {
					records++
				}
			}
			return nil
		})
		if err != nil {
			k.Fatal(err)
		}
	})
	return records, back
}

const stores = "门店档案,,,\n编号,店名,渠道,月销额(万元)\ns1,东店,连锁,1.5\ns2,西店,社区,2\ns3,北店,百货,3\n"

// TestEntities takes a table of shops in, sends it back, and takes it back.
func TestEntities(t *testing.T) {
	k := newKit(t)
	k.submit(`{"type":"Rep","id":"li","name":"L"}`, `{"type":"Rep","id":"wu","name":"W"}`,
		`{"type":"Store","id":"s2","name":"旧西店","channel":"chain","owner":"li","backups":["wu"]}`)
	x := k.take("../门店.csv", stores, "")
	if x.Job.State != intake.Ready || x.Job.Name != "门店.csv" || x.Job.Type != "Store" || x.Report.Rows != 3 ||
		x.Report.New != 1 || x.Report.Update != 1 || x.Report.Refused != 1 || len(x.Guesses) != 4 {
		t.Fatalf("%+v\n%+v", x.Job, x.Report)
	}
	before, err := k.desk.Returned(t.Context(), "east", x.Job.ID, intake.Form{Ext: ".csv"})
	if err != nil || !strings.Contains(string(before), "s3,北店,百货,3,") {
		t.Errorf("%s: %v", before, err)
	}
	j := k.run(x.Job.ID)
	if j.State != intake.Done || j.Done != 3 || fmt.Sprint(j.Counts) != "map[accepted:2 rejected:1]" {
		t.Fatalf("%+v", j)
	}
	after, err := k.desk.Returned(t.Context(), "east", x.Job.ID, intake.Form{Ext: ".csv"})
	if err != nil || string(after) != string(before) {
		t.Errorf("%s: %v", after, err)
	}
	if got := k.values("s2"); got != `["西店","community",20000,"li",["wu"]]` {
		t.Error(got)
	}
	j = k.undo(x.Job.ID)
	if j.State != intake.Undone || j.Undo.Back != 2 || j.Undo.Left != 0 || j.Undo.By != "ada" {
		t.Fatalf("%+v %+v", j, j.Undo)
	}
	if got := fmt.Sprint(k.ids("Store")); got != "[s2]" {
		t.Error(got)
	}
	if got := k.values("s2"); got != `["旧西店","chain",null,"li",["wu"]]` {
		t.Error(got)
	}
	if _, err := k.desk.Start("east", x.Job.ID); !errors.Is(err, intake.ErrState) {
		t.Errorf("what was taken back begins again: %v", err)
	}
}

// TestUndoLeavesWhatOthersChanged keeps what somebody did after the table came in.
func TestUndoLeavesWhatOthersChanged(t *testing.T) {
	k := newKit(t)
	x := k.take("a.csv", "编号,店名,渠道\ns1,东店,连锁\ns2,西店,社区\ns1,东门店,连锁\n", "Store")
	k.run(x.Job.ID)
	k.submit(`{"type":"Store","id":"s2","name":"新西店"}`)
	j := k.undo(x.Job.ID)
	if j.Undo.Back != 2 || j.Undo.Left != 1 || fmt.Sprint(k.ids("Store")) != "[s2]" {
		t.Errorf("%+v %v", j.Undo, k.ids("Store"))
	}
}

// TestUndoOfIds takes a table back that says nothing but who there is.
func TestUndoOfIds(t *testing.T) {
	k := newKit(t)
	k.submit(`{"type":"Mark","id":"r1"}`)
	x := k.take("reps.csv", "编号\nr1\nr2\n", "Mark")
	before := fmt.Sprint(k.ids("Mark"))
	k.run(x.Job.ID)
	if after := fmt.Sprint(k.ids("Mark")); !strings.Contains(after, "r2") {
		t.Fatalf("%s", after)
	}
	k.undo(x.Job.ID)
	if after := fmt.Sprint(k.ids("Mark")); after != before {
		t.Errorf("%s is not %s", after, before)
	}
}

func visits(n int) string {
	var b strings.Builder
	b.WriteString("日期,门店,业务员,数量\n")
	for i := range n {
		fmt.Fprintf(&b, "2026-03-02,s%d,li,%d\n", i, i)
	}
	return b.String()
}

// TestEvents takes visits in, in bad company, and takes them back.
func TestEvents(t *testing.T) {
	k := newKit(t)
	x := k.take("a.csv", visits(5)+"2026-03-02,s9,li,viele\n2026-03-02,s0,li,0\n=1+1,s1,li,3\n", "Visit")
	j := k.run(x.Job.ID)
	if fmt.Sprint(j.Counts) != "map[accepted:5 duplicate:1 rejected:2]" {
		t.Fatalf("%+v", j)
	}
	back, err := k.desk.Returned(t.Context(), "east", j.ID, intake.Form{Ext: ".csv"})
	if err != nil || !strings.Contains(string(back), "\n'=1+1,s1,") || strings.Count(string(back), "\n") != 3 {
		t.Errorf("%s: %v", back, err)
	}
	if _, err := k.desk.Returned(t.Context(), "east", j.ID, intake.Form{Ext: ".xlsx"}); err != nil {
		t.Error(err)
	}
	again := k.take("a.csv", visits(5), "Visit")
	if j := k.run(again.Job.ID); fmt.Sprint(j.Counts) != "map[duplicate:5]" {
		t.Errorf("the same table again: %+v", j)
	}
	j = k.undo(j.ID)
	if n, back := k.entries("Visit"); j.Undo.Back != 5 || back != 5 || n != 13 {
		t.Errorf("%+v: %d records, %d taken back", j.Undo, n, back)
	}
}

// TestKilled ends a process at any row, with what it wrote last lost, and goes on with another one.
func TestKilled(t *testing.T) {
	for typ, lost := range map[string]int{"Visit": 60, "Store": 128} {
		t.Run(typ, func(t *testing.T) { killed(t, typ, lost) })
	}
}

func killed(t *testing.T, typ string, lost int) {
	const n = 600
	k := newKit(t)
	text := visits(n)
	if typ == "Store" {
		text = "编号,店名,渠道\n"
		for i := range n {
			text += fmt.Sprintf("s%d,店%d,连锁\n", i, i)
		}
	}
	x := k.take("a.csv", text, typ)
	if _, err := k.desk.Start("east", x.Job.ID); err != nil {
		t.Fatal(err)
	}
	for {
		j, err := k.desk.Job("east", x.Job.ID)
		if err != nil {
			t.Fatal(err)
		}
		if j.Done > 200 || j.State != intake.Running {
			break
		}
		time.Sleep(time.Millisecond)
	}
	k.close()
	file := filepath.Join(k.dir, "workspaces", "east.imports", x.Job.ID, "rows.ndjson")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(b), "\n")
	whole := len(lines) - 1
	// What a power cut may take along, besides the batch that was on its way.
	keep := max(whole-lost, 0)
	cut := strings.Join(lines[:keep], "") + `{"row":`
	if err := os.WriteFile(file, []byte(cut), 0o600); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(filepath.Dir(file), "job.json")
	told, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	// As it was while it ran, should it have ended before it was looked at.
	told = []byte(strings.Replace(string(told), `"state":"done"`, `"state":"running"`, 1))
	if err := os.WriteFile(state, told, 0o600); err != nil {
		t.Fatal(err)
	}
	k.open()
	j := k.ends(x.Job.ID)
	if j.State != intake.Done || j.Done != n || fmt.Sprint(j.Counts) != fmt.Sprintf("map[accepted:%d]", n) {
		t.Fatalf("%+v", j)
	}
	if records, _ := k.entries(typ); records != n {
		t.Errorf("%d records of %d rows", records, n)
	}
	j = k.undo(x.Job.ID)
	if j.State != intake.Undone || j.Undo.Back+j.Undo.Left != n || j.Undo.Left > 2*128 {
		t.Errorf("%+v %+v", j, j.Undo)
	}
	if typ == "Store" && len(k.ids("Store")) != j.Undo.Left {
		t.Errorf("%d stores are left, %d are told", len(k.ids("Store")), j.Undo.Left)
	}
}

// TestCancel ends an import and lets it go on.
func TestCancel(t *testing.T) {
	k := newKit(t)
	x := k.take("a.csv", visits(3000), "Visit")
	if _, err := k.desk.Start("east", x.Job.ID); err != nil {
		t.Fatal(err)
	}
	j, err := k.desk.Cancel("east", x.Job.ID)
	if errors.Is(err, intake.ErrState) {
		t.Skip("it was done before")
	}
	if err != nil || j.State != intake.Cancelled || j.Done == 3000 {
		t.Fatalf("%+v: %v", j, err)
	}
	if j = k.run(x.Job.ID); j.Done != 3000 || j.Counts["accepted"] != 3000 {
		t.Errorf("%+v", j)
	}
}

// TestForgotten takes tables away after seven days; who took in what stays.
func TestForgotten(t *testing.T) {
	k := newKit(t)
	done, ready := k.take("a.csv", visits(3), "Visit"), k.take("b.csv", visits(3), "Visit")
	k.run(done.Job.ID)
	k.close()
	k.now = k.now.Add(intake.Kept + time.Hour)
	k.open()
	var list []intake.Job
	var left []string
	for range 2000 { // it is done aside
		var err error
		if list, err = k.desk.List("east"); err != nil {
			t.Fatal(err)
		}
		left, _ = filepath.Glob(filepath.Join(k.dir, "workspaces", "east.imports", "*", "*"))
		if len(list) == 1 && len(left) == 1 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if len(list) != 1 || list[0].ID != done.Job.ID || len(left) != 1 || filepath.Base(left[0]) != "job.json" {
		t.Errorf("%+v %v", list, left)
	}
	if _, err := k.desk.UndoBy("east", done.Job.ID, "ada"); !errors.Is(err, intake.ErrGone) {
		t.Error(err)
	}
	for _, id := range []string{ready.Job.ID, "", "..", "../x", "x"} {
		if _, err := k.desk.Job("east", id); !errors.Is(err, intake.ErrNone) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// TestMappings keeps mappings as files that the command reads.
func TestMappings(t *testing.T) {
	k := newKit(t)
	x := k.take("a.csv", visits(3), "Visit")
	if err := k.desk.SaveMapping("east", intake.Mapping{Name: "拜访 1", Text: x.Job.Mapping}); err != nil {
		t.Fatal(err)
	}
	list, err := k.desk.Mappings("east")
	if err != nil || len(list) != 1 || list[0].Text != x.Job.Mapping {
		t.Errorf("%+v %v", list, err)
	}
	for _, name := range []string{"", "..", "../x", "a/b", `a\b`, "a.toml", strings.Repeat("x", 61)} {
		if err := k.desk.SaveMapping("east", intake.Mapping{Name: name, Text: x.Job.Mapping}); !errors.Is(err,
			intake.ErrMapping) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := k.desk.SaveMapping("east", intake.Mapping{Name: "a", Text: "type = "}); err == nil {
		t.Error("a mapping that cannot be read is kept")
	}
	again, err := k.desk.Again(t.Context(), "east", x.Job.ID,
		intake.Table{Mapping: strings.Replace(x.Job.Mapping, `"n"`, `"note"`, 1)})
	if err == nil {
		t.Errorf("%+v", again)
	}
	if err := k.desk.DropMapping("east", "拜访 1"); err != nil {
		t.Error(err)
	}
}

// values are what a store's fields are.
func (k *kit) values(id string) (out string) {
	k.Helper()
	k.workspace(func(w *runtime.Workspace) {
		err := w.View(k.Context(), func(e *engine.Engine) {
			q, err := ask.New(e.Policy(), "Store", []string{"name", "channel", "monthly", "owner", "backups"})
			if err != nil {
				k.Fatal(err)
			}
			show := decision.NewWriter(q.Policy, decision.Options{Zone: e.Zone()})
			err = q.Answers(e, []string{id}, true, func(id string, v []value.Value) error {
				line := string(q.AppendJSON(nil, show, id, v))
				out = strings.TrimSuffix(line[strings.Index(line, "["):], "}")
				return nil
			})
			if err != nil {
				k.Fatal(err)
			}
		})
		if err != nil {
			k.Fatal(err)
		}
	})
	return out
}
