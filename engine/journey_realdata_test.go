package engine_test

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/internal/realdata"
)

// logLine is one line of a process log: what was done in a case, and when.
type logLine struct {
	id, act string
	at      time.Time
}

// processLog reads a log in order of time; lines of one moment stay in the order of the file.
func processLog(t *testing.T, file, layout string) []logLine {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	col := map[string]int{}
	for i, name := range rows[0] {
		col[name] = i
	}
	var out []logLine
	for _, r := range rows[1:] {
		at, err := time.Parse(layout, r[col["time:timestamp"]])
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, logLine{r[col["case:concept:name"]], r[col["concept:name"]], at})
	}
	slices.SortStableFunc(out, func(a, b logLine) int { return a.at.Compare(b.at) })
	return out
}

// trek is a journey that a log is sent along.
type trek struct {
	*world
	of    *policy.Record
	late  int // deadlines missed
	outof map[decision.Outcome]int
}

// along sends a log through a policy: a line updates its case, and one whose activity is a stage
// asks for it.
func along(t *testing.T, text string, lines []logLine, stages map[string]string) *trek {
	p := check(t, text)
	x := &trek{world: newWorld(t, p, engine.Options{}), outof: map[decision.Outcome]int{}}
	for _, r := range p.Records {
		if r.Name == "Case" {
			x.of = r
		}
	}
	for i, l := range lines {
		fields := fmt.Sprintf(`"n":%d`, i)
		if s := stages[l.act]; s != "" {
			fields += `,"stage":"` + s + `"`
		}
		x.decoder.Decode([]byte(fmt.Sprintf(`{"type":"Case","id":"%s","at":"%s",%s}`, l.id,
			l.at.Format(time.RFC3339), fields)), nil, &x.rec)
		in := engine.Entry{Kind: decision.Record, Moment: max(x.rec.Received, x.e.Now()), Record: &x.rec}
		x.e.Apply(&in, x.hear)
	}
	return x
}

func (x *trek) hear(_ *engine.Entry, d *decision.Decision) {
	x.outof[d.Outcome]++
	for i := range d.Findings {
		if c := d.Findings[i].Code; c == source.DoneLate || c == source.StayLate {
			x.late++
		}
	}
}

// spans asks an expression of every case and gives its values in order of size, missing ones left
// out; durations in a unit.
func (x *trek) spans(expr string, unit time.Duration) []float64 {
	x.t.Helper()
	e, diags := dsl.Expression(x.e.Policy(), x.of, expr)
	if e == nil {
		x.t.Fatalf("%s: %v", expr, diags)
	}
	if p := e.Agg; p != nil {
		x.t.Fatalf("%s is an aggregate: let the policy name it", expr)
	}
	ask := x.e.Program(e)
	var out []float64
	for _, id := range x.e.IDs(x.of) {
		if v, ok := ask.Ask(x.of, id); ok && v.Known() {
			out = append(out, float64(v.N)*float64(time.Microsecond)/float64(unit))
		}
	}
	slices.Sort(out)
	return out
}

type summary struct {
	N                      int
	Mean, Median, Max, Min float64
	Over24h                int `json:"over_24h"`
	Over72h                int `json:"over_72h"`
}

func summaryOf(v []float64) summary {
	s := summary{N: len(v), Min: v[0], Max: v[len(v)-1]}
	for _, x := range v {
		s.Mean += x / float64(len(v))
		if x > 24 {
			s.Over24h++
		}
		if x > 72 {
			s.Over72h++
		}
	}
	s.Median = (v[(len(v)-1)/2] + v[len(v)/2]) / 2
	return s
}

// near holds what was computed to the reference, whose numbers have six places.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 2e-6*max(1, math.Abs(want)) {
		t.Errorf("%s is %.6f, the reference says %.6f", what, got, want)
	}
}

func reference(t *testing.T, dir string, into any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

// TestHelpDesk sends a real help-desk log along a journey and holds the times in its stages to a
// reference that a database worked out.
func TestHelpDesk(t *testing.T) {
	dir := realdata.Dir(t, "helpdesk")
	var want struct {
		Facts      struct{ Events, Cases int }
		Throughput summary             `json:"throughput_days"`
		Taken      summary             `json:"first_action_to_take_in_charge_hours"`
		Waiting    struct{ Cases int } `json:"wait_for_customer"`
		NotClosed  int                 `json:"not_closed"`
	}
	reference(t, dir, &want)
	x := along(t, `
entity Case {
  n      int
  whole  duration = updated - created
  taken  duration = first(Desk.entered where stage == Charge) - created
  waits  int = count(Desk where stage == Wait)
  closed int = count(Desk where stage == Closed)
  stays  int = count(Desk)
  early  duration = time_in(New) + time_in(Charge) + time_in(Wait)
  spent  duration = early + time_in(Resolved) + time_in(Closed)
  known  duration = sum(Desk.length)
}
journey Desk of Case {
  stage New
  stage Charge
  stage Wait
  stage Resolved
  stage Closed is won
}`, processLog(t, filepath.Join(dir, "helpdesk.csv.gz"), time.RFC3339), map[string]string{
		"Take in charge ticket": "Charge", "Wait": "Wait", "Resolve ticket": "Resolved",
		"Closed": "Closed"})
	cases, events := len(x.e.IDs(x.of)), x.outof[decision.Accepted]
	if cases != want.Facts.Cases || events != want.Facts.Events {
		t.Errorf("%d cases with %v, the reference has %+v", cases, x.outof, want.Facts)
	}
	whole := summaryOf(x.spans("whole", 24*time.Hour))
	near(t, "mean days", whole.Mean, want.Throughput.Mean)
	near(t, "median days", whole.Median, want.Throughput.Median)
	near(t, "longest", whole.Max, want.Throughput.Max)
	near(t, "shortest", whole.Min, want.Throughput.Min)
	taken := summaryOf(x.spans("taken", time.Hour))
	near(t, "mean hours until taken in charge", taken.Mean, want.Taken.Mean)
	near(t, "median", taken.Median, want.Taken.Median)
	near(t, "longest", taken.Max, want.Taken.Max)
	if taken.N != want.Taken.N || taken.Over24h != want.Taken.Over24h ||
		taken.Over72h != want.Taken.Over72h {
		t.Errorf("taken in charge: %+v, the reference says %+v", taken, want.Taken)
	}
	waited, open := 0, 0
	for _, n := range x.spans("waits", time.Microsecond) {
		if n > 0 {
			waited++
		}
	}
	for _, n := range x.spans("closed", time.Microsecond) {
		if n == 0 {
			open++
		}
	}
	if waited != want.Waiting.Cases || open != want.NotClosed {
		t.Errorf("%d waited and %d are not closed, the reference says %d and %d", waited, open,
			want.Waiting.Cases, want.NotClosed)
	}
	// Every moment since a case began is spent in exactly one stage; what the stays that are over
	// add up to is what lies before the present one.
	for _, sum := range [][2]string{{"spent", "age(created)"}, {"known", "stage_since - created"}} {
		if !slices.Equal(x.spans(sum[0], 1), x.spans(sum[1], 1)) {
			t.Errorf("%s of the cases is not their %s", sum[0], sum[1])
		}
	}
}

// TestTrafficFines sends real fines along a journey whose law is a deadline: a fine is sent within
// 90 days, or it is late at that very moment.
func TestTrafficFines(t *testing.T) {
	dir := realdata.Dir(t, "eventlogs-small")
	var want struct {
		Send struct {
			Cases, Late int
			Never       int     `json:"never_sent"`
			Max         float64 `json:"max_days"`
		} `json:"roadtraffic_send_within_90_days"`
	}
	reference(t, dir, &want)
	x := along(t, `
entity Case { n int; until duration = first(Fine.entered where stage == Sent) - created }
journey Fine of Case { stage Created { sla 90d } stage Sent is won }`,
		processLog(t, filepath.Join(dir, "roadtraffic100traces.csv"), "2006-01-02 15:04:05-07:00"),
		map[string]string{"Send Fine": "Sent"})
	x.e.Advance(x.e.Now()+int64(90*24*time.Hour/time.Microsecond), x.hear)
	sent := x.spans("until", 24*time.Hour)
	// What is sent at the very moment at which 90 days are over is late here: timers come before the
	// records of their moment. The reference says late only of what comes after it.
	on := 0
	for _, d := range sent {
		if d == 90 {
			on++
		}
	}
	if len(sent) != want.Send.Cases-want.Send.Never || on != 1 ||
		x.late != want.Send.Late+want.Send.Never+on {
		t.Errorf("%d sent and %d late, the reference says %+v", len(sent), x.late, want.Send)
	}
	near(t, "longest", sent[len(sent)-1], want.Send.Max)
}

// TestRunningExample sends the book's example along a journey with steps back: its traces are the
// stays.
func TestRunningExample(t *testing.T) {
	dir := realdata.Dir(t, "eventlogs-small")
	var want struct {
		Traces struct{ Rows [][]any } `json:"running_example_traces"`
	}
	reference(t, dir, &want)
	lines := processLog(t, filepath.Join(dir, "running-example.csv"), "2006-01-02 15:04:05-07:00")
	stage := map[string]string{"register request": "Registered", "decide": "Decided",
		"reinitiate request": "Registered", "pay compensation": "Paid", "reject request": "Refused"}
	x := along(t, `
entity Case { n int; decided int = count(Track where stage == Decided); all int = count(Track) }
journey Track of Case { stage Registered; stage Decided; stage Paid is won; stage Refused is lost }`,
		lines, stage)
	for _, r := range want.Traces.Rows {
		id, trace := r[0].(string), r[1].(string)
		all, last := 0, ""
		for act := range strings.SplitSeq(trace, " > ") {
			if s := stage[act]; s != "" {
				all, last = all+1, s
			}
		}
		at, _ := x.e.StageOf(x.of, id)
		got := x.ask(id, "all")*100 + x.ask(id, "decided")
		if n := strings.Count(trace, "decide"); at != last || got != int64(all*100+n) {
			t.Errorf("case %s is in %s after %d stays, the trace is %s", id, at, got/100, trace)
		}
	}
}

// ask reads a whole number of one case.
func (x *trek) ask(id, field string) int64 {
	e, _ := dsl.Expression(x.e.Policy(), x.of, field)
	v, _ := x.e.Program(e).Ask(x.of, id)
	return v.N
}
