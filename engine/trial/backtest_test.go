package trial_test

import (
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/mutate"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/examples"
	"github.com/throughline/throughline/internal/golden"
)

func logOf(text string) trial.Log {
	var list []trial.Input
	for line := range strings.Lines(text) {
		list = append(list, trial.Input{Line: []byte(strings.TrimSpace(line))})
	}
	return trial.Slice(list)
}

func TestBacktests(t *testing.T) {
	golden.Run(t, "testdata/backtest", func(t *testing.T, c *golden.Case) golden.Outputs {
		one := func(name string) *policy.Policy {
			return check(t, []source.File{{Name: name, Text: c.Input(t, name)}}, "en")
		}
		var each []byte
		b, err := trial.RunBacktest(one("old.thru"), one("new.thru"), logOf(c.Input(t, "records.ndjson")),
			trial.BacktestOptions{Each: func(d *trial.Difference) error {
				each = append(d.AppendJSON(each), '\n')
				return nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		return golden.Outputs{"differences": string(each), "text": string(b.AppendText(nil, "en")),
			"zh": string(b.AppendText(nil, "zh")), "json": string(b.AppendJSON(nil))}
	})
}

// pipeline is the example with records enough that most of its rules fire.
func pipeline(t testing.TB) (*policy.Policy, *mutate.Set, trial.Log) {
	t.Helper()
	p, _, err := dsl.Load(examples.Files, "pipeline")
	if err != nil {
		t.Fatal(err)
	}
	b, err := fs.ReadFile(examples.Files, path.Join("pipeline", "records.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.Write(b)
	for i := range 400 {
		day, hour := 1+i/16, 8+i%12
		at := fmt.Sprintf("2026-03-%02dT%02d:00:00+08:00", day, hour)
		state := []string{"engaging", "won", "lost", "prospecting"}[i%4]
		fmt.Fprintf(&text, `{"type":"Opportunity","id":"x%d","at":%q,"name":"x","owner":%q,"account":%q,`+
			`"sold":"Pro 2","state":%q,"engaged":"2026-02-%02d","closed":%q,"value":%d}`+"\n",
			i%50, at, []string{"li", "zhao", "wang"}[i%3], []string{"guangming", "hengli"}[i%2], state,
			1+i%28, at[:10], 500*(i%60))
		fmt.Fprintf(&text, `{"type":"Touch","id":"t%d","at":%q,"opportunity":"x%d","owner":"li",`+
			`"kind":"visit","minutes":%d}`+"\n", i, at, i%50, i%25)
	}
	return p, mutate.Of(p), logOf(text.String())
}

func TestAPolicyDecidesLikeItself(t *testing.T) {
	p, _, log := pipeline(t)
	b, err := trial.RunBacktest(p, p, log, trial.BacktestOptions{})
	if err != nil || b.Differences != 0 || b.First != nil || b.Records < 800 {
		t.Errorf("%+v, %v", b, err)
	}
	fired := uint64(0)
	for i := range b.Old {
		fired += b.Old[i].Fired
		if b.Old[i] != b.New[i] {
			t.Errorf("%+v and %+v", b.Old[i], b.New[i])
		}
	}
	if fired < 100 {
		t.Errorf("only %d fired: the records show too little", fired)
	}
}

// TestBacktestsAgreeWithDecisions holds the comparison to the decisions as the command writes them:
// two policies differ exactly where one of their lines does.
func TestBacktestsAgreeWithDecisions(t *testing.T) {
	p, set, log := pipeline(t)
	plain := lines(t, p, log)
	met := 0
	for i := 0; i < set.Len(); i += 7 {
		q, ok := set.Policy(i)
		if !ok {
			continue
		}
		b, err := trial.RunBacktest(p, q, log, trial.BacktestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if same := lines(t, q, log) == plain; same != (b.Differences == 0) {
			m := set.Mutant(i)
			t.Errorf("%s: %q -> %q: alike %v, %d differences", m.Decl, m.Old, m.New, same, b.Differences)
		}
		if b.Differences > 0 {
			met++
		}
	}
	if met < 8 {
		t.Errorf("only %d changes made a difference", met)
	}
}

// lines are a log's decisions as JSON, without what depends on the text of the policy.
func lines(t *testing.T, p *policy.Policy, log trial.Log) string {
	t.Helper()
	e, err := engine.New(p, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dec, w := record.NewDecoder(p, e.Zone()), decision.NewWriter(p, decision.Options{Zone: e.Zone()})
	var out strings.Builder
	emit := func(_ *engine.Entry, d *decision.Decision) {
		c := d.Clone()
		if len(c.Effects)+len(c.Findings)+len(c.Scores)+len(c.Actions) == 0 && c.Outcome == decision.Accepted {
			return
		}
		c.Seq, c.Cause, c.At = 0, 0, c.Moment
		for i := range c.Findings {
			c.Findings[i].Span = source.Span{}
		}
		for i := range c.Effects {
			c.Effects[i].Span = source.Span{}
		}
		out.Write(w.AppendJSON(nil, c))
		out.WriteByte('\n')
	}
	err = log(func(in trial.Input) error {
		rec := new(record.Record)
		dec.Decode(in.Line, nil, rec)
		e.Apply(&engine.Entry{Kind: decision.Record, Moment: rec.Received, Record: rec}, emit)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestBacktestsAreTheSameEverywhere: on one processor and on many, in turn and at once, with maps
// seeded anew in every run.
func TestBacktestsAreTheSameEverywhere(t *testing.T) {
	p, set, log := pipeline(t)
	q := p
	for i := range set.Len() {
		if x, ok := set.Policy(i); ok && set.Mutant(i).Decl == "BigDeal" {
			q = x
			break
		}
	}
	run := func(both func(a, b func())) string {
		var each []byte
		b, err := trial.RunBacktest(p, q, log, trial.BacktestOptions{Both: both,
			Each: func(d *trial.Difference) error {
				each = append(d.AppendJSON(each), '\n')
				return nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		return string(b.AppendJSON(each))
	}
	want := run(nil)
	if !strings.Contains(want, `"rule":"BigDeal"`) {
		t.Fatalf("nothing differs:\n%s", want)
	}
	atOnce := func(a, b func()) {
		var g sync.WaitGroup
		g.Go(a)
		g.Go(b)
		g.Wait()
	}
	for _, procs := range []int{1, 16} {
		was := runtime.GOMAXPROCS(procs)
		for range 3 {
			if got := run(atOnce); got != want {
				t.Errorf("on %d processors:\n%s\nwant\n%s", procs, got, want)
			}
		}
		runtime.GOMAXPROCS(was)
	}
}

// TestFired counts by days, and over all days what the engine counts.
func TestFired(t *testing.T) {
	p, _, log := pipeline(t)
	all, err := trial.Fired(p, log, 0, trial.Options{})
	if err != nil {
		t.Fatal(err)
	}
	long, err := trial.Fired(p, log, 10_000, trial.Options{})
	if err != nil {
		t.Fatal(err)
	}
	week, err := trial.Fired(p, log, 7, trial.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := naive(t, p, log, 7)
	some := false
	if all.Days != long.Days || week.Days != 7 || all.Days < 20 {
		t.Errorf("%d days in all, %d of ten thousand, %d of 7", all.Days, long.Days, week.Days)
	}
	for i := range all.All {
		all, long, week := all.All, long.All, week.All
		if all[i] != long[i] {
			t.Errorf("%+v over all days, %+v over ten thousand", all[i], long[i])
		}
		if got := int(week[i].Fired); got != want[week[i].Name] {
			t.Errorf("%s fired %d times in 7 days, should be %d", week[i].Name, got, want[week[i].Name])
		}
		some = some || week[i].Fired > 0 && week[i].Fired < all[i].Fired
	}
	if !some {
		t.Errorf("a week is like all days: %+v", week)
	}
}

// TestFiredOfCells adds up an alert that is one for each action, and says what an author is told.
func TestFiredOfCells(t *testing.T) {
	p := check(t, []source.File{{Name: "cells.thru", Text: `
entity Rep { name text }
event Visit { rep Rep; n int }
action One { on Visit; by rep; done n > 1; target 1 per day }
action Two { on Visit; by rep; done n > 2; target 1 per day }
alert Cold of Rep by action { check each day; when completion(action in 2d) < 50% }
rule Each on Visit { when n > 0; do { flag } }
segment Seen of Rep { when count(Visit in 3d) > 0 }
journey Path of Rep { stage New { must Visit }; stage Old is won }
`}}, "en")
	log := logOf(`{"type":"Rep","id":"li","at":"2026-03-02T09:00:00+08:00","name":"Li"}
{"type":"Visit","id":"v1","at":"2026-03-02T10:00:00+08:00","rep":"li","n":1}
{"type":"Visit","id":"v2","at":"2026-03-05T10:00:00+08:00","rep":"li","n":3}
{"type":"Visit","id":"v3","at":"2026-03-06T10:00:00+08:00","rep":"li","n":3}
{"type":"Rep","id":"li","at":"2026-03-06T10:00:00+08:00","stage":"Old"}
`)
	x, err := trial.Fired(p, log, 90, trial.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, name := range []string{"Cold", "Each", "Seen", "Path", "One", "Nothing"} {
		got += name + ": " + x.Says(name, "en") + " / " + x.Says(name, "zh") + "\n"
	}
	want := `Cold: would have opened 2 times in 5 days / 5 天内会打开 2 次
Each: would have fired 3 times in 5 days / 5 天内会触发 3 次
Seen: would have been entered 2 times in 5 days, 1 still open, for a median of 2d / 5 天内会进入 2 次，1 个未结束，持续时间中位 2天
Path: would have moved records once in 5 days / 5 天内会移动 1 次
One:  / 
Nothing:  / 
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if day, err := trial.Fired(p, log, 1, trial.Options{}); err != nil || day.Says("Each", "en") != "would have fired once in a day" {
		t.Errorf("%+v, %v", day, err)
	}
}

// naive counts, decision by decision, what fired on the last days of a log: rules by their notes,
// flags and tasks, alerts and segments by their states.
func naive(t *testing.T, p *policy.Policy, log trial.Log, days int64) map[string]int {
	t.Helper()
	e, err := engine.New(p, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dec := record.NewDecoder(p, e.Zone())
	type hit struct {
		day  int64
		rule string
	}
	var hits []hit
	day := func(m int64) int64 { return (m + 8*3600*1e6) / (24 * 3600 * 1e6) }
	emit := func(_ *engine.Entry, d *decision.Decision) {
		seen := map[string]bool{}
		for i := range d.Effects {
			x := &d.Effects[i]
			acts := x.State == decision.Open || x.State == decision.Enter
			for _, r := range p.Rules {
				acts = acts || r.Full == x.Rule
			}
			if key := x.Rule + x.Subject.ID; acts && !seen[key] {
				seen[key] = true
				hits = append(hits, hit{day(d.Moment), x.Rule})
			}
		}
	}
	err = log(func(in trial.Input) error {
		rec := new(record.Record)
		dec.Decode(in.Line, nil, rec)
		e.Apply(&engine.Entry{Kind: decision.Record, Moment: rec.Received, Record: rec}, emit)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, h := range hits {
		if h.day > day(e.Now())-days {
			out[h.rule]++
		}
	}
	return out
}

// busy is a policy with three rules, a score and an alert over a window that look at each visit.
const busy = `
entity Rep { name text }
entity Store { name text; owner Rep; size int }
event Visit { store Store; minutes int; amount money; phase new | open | won }
score Care of Visit {
  minutes 60% = minutes / 60
  won     40% = phase == won
}
rule Big on Visit { when amount > 24900 and phase == won; do { note "big {amount}" } }
rule Long on Visit { when minutes > 58; do { flag "long" } }
rule Odd on Visit { when phase == new and amount > 24000 and minutes < 2; do { note "odd" } }
alert Often of Store { when count(Visit in 1d) > 40; do { note "{name}" } }
`

// visits are the log of a thousand stores.
func visits(n int) []trial.Input {
	var list []trial.Input
	add := func(format string, args ...any) {
		list = append(list, trial.Input{Line: fmt.Appendf(nil, format, args...)})
	}
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	at := func(i int) string { return start.Add(time.Duration(i) * 3 * time.Second).Format(time.RFC3339) }
	add(`{"type":"Rep","id":"li","at":%q,"name":"Li"}`, at(0))
	for i := range 1000 {
		add(`{"type":"Store","id":"s%d","at":%q,"name":"Store %d","owner":"li","size":%d}`, i, at(0), i, i%7)
	}
	for i := range n {
		add(`{"type":"Visit","id":"v%08d","at":%q,"store":"s%d","minutes":%d,"amount":%d,"phase":%q}`,
			i, at(i), i*7919%1000, i*31%60, i*6151%25000, []string{"new", "open", "won"}[i%3])
	}
	return list
}

// BenchmarkReplay is one policy over a log, engine alone: what a backtest costs a policy. CPU time
// is what counts where others use the machine.
func BenchmarkReplay(b *testing.B) {
	p := check(b, []source.File{{Name: "busy.thru", Text: busy}}, "en")
	list := visits(50_000)
	b.ResetTimer()
	from := cpuTime(b)
	for b.Loop() {
		if _, err := trial.Fired(p, trial.Slice(list), 0, trial.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	cpu := time.Duration(cpuTime(b) - from)
	b.ReportMetric(float64(len(list))*float64(b.N)/cpu.Seconds(), "records/cpu-s")
}

// BenchmarkBacktest is two policies over a log in turn.
func BenchmarkBacktest(b *testing.B) {
	p := check(b, []source.File{{Name: "busy.thru", Text: busy}}, "en")
	q := check(b, []source.File{{Name: "busy.thru", Text: strings.Replace(busy, "> 24900", "> 24000", 1)}}, "en")
	list := visits(50_000)
	b.ResetTimer()
	from := cpuTime(b)
	for b.Loop() {
		r, err := trial.RunBacktest(p, q, trial.Slice(list), trial.BacktestOptions{})
		if err != nil || r.Differences == 0 {
			b.Fatal(r, err)
		}
	}
	cpu := time.Duration(cpuTime(b) - from)
	b.ReportMetric(2*float64(len(list))*float64(b.N)/cpu.Seconds(), "records/cpu-s/policy")
}

func cpuTime(b *testing.B) int64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return r.Utime.Nano() + r.Stime.Nano()
}
