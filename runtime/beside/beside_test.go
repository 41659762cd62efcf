package beside_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
	"github.com/throughline/throughline/runtime/beside"
)

const visits = `entity Rep {
  name text?
  best int?
}
event Visit {
  rep Rep
  n   int
}
rule Big on Visit {
  when n >= 8
  do { task "look at {n}" for rep due 1d; set rep.best = n }
}
alert Quiet of Rep {
  when count(Visit in 1h) == 0
  for  10min
  do { notify self "quiet" }
}
`

func check(t *testing.T, text string) *policy.Policy {
	t.Helper()
	p, diags := dsl.Check([]source.File{{Name: "p.thru", Text: text}}, policy.Settings{})
	if dsl.HasErrors(diags) {
		t.Fatal(diags)
	}
	return p
}

// clock is a workspace whose time is the test's.
type clock struct {
	*runtime.Workspace
	t   *testing.T
	now time.Time
}

func open(t *testing.T, p *policy.Policy) *clock {
	t.Helper()
	c := &clock{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	var err error
	// Moments come with the records: nothing happens by the machine's clock.
	c.Workspace, err = runtime.Open("", runtime.Config{Policy: p, Import: true, Virtual: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func (c *clock) submit(after time.Duration, format string, args ...any) {
	c.t.Helper()
	c.now = c.now.Add(after)
	line := fmt.Sprintf(format, args...)
	line = strings.TrimSuffix(line, "}") + `,"at":"` + c.now.Format(time.RFC3339) + `"}`
	if _, err := c.Submit(context.Background(), []byte(line)); err != nil {
		c.t.Fatal(err)
	}
}

// TestARunCountsWhatABacktestFinds follows a log that grows, with a retraction in it, and comes to
// what one backtest over all of it says, however often it was asked in between.
func TestARunCountsWhatABacktestFinds(t *testing.T) {
	old := check(t, visits)
	next := check(t, strings.Replace(visits, "n >= 8", "n >= 5", 1))
	w := open(t, old)
	w.submit(0, `{"type":"Rep","id":"li"}`)
	r := beside.Begin(w.Workspace, old, next, beside.Options{Keep: 5,
		Now: func() time.Time { return w.now.Add(5 * time.Second) }})
	defer r.Close()
	look := func() (out beside.Seen) {
		t.Helper()
		if err := r.Ask(t.Context(), func(s *beside.Seen) { out = *s }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if s := look(); s.Differences != 0 || s.Upto != w.Last() {
		t.Errorf("of one record: %+v", s)
	}
	for i := range 40 {
		w.submit(time.Minute, `{"type":"Visit","id":"v%d","rep":"li","n":%d}`, i, i%10)
		if i%7 == 0 {
			look()
		}
	}
	w.submit(time.Minute, `{"type":"Visit","id":"v5","retracted":true}`)
	w.submit(time.Minute, `{"type":"Visit","id":"v40","rep":"li","n":6}`)
	s := look()
	b, err := trial.RunBacktest(old, next, ask.Inputs(t.Context(), w.Workspace),
		trial.BacktestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Differences != b.Differences || s.Differences < 12 || s.Differ != b.Reach.Differ ||
		s.Subjects != b.Reach.Subjects || s.Decisions != b.Reach.Decisions {
		t.Errorf("%+v, and a backtest %+v", s, b.Reach)
	}
	if len(s.Newest) != 5 || s.First == nil || s.Upto != w.Last() || len(s.Rules) != 1 ||
		s.Rules[0].Name != "Big" || s.Rules[0].OnlyNew != b.Rules[0].OnlyNew {
		t.Errorf("%+v, and a backtest %+v", s, b.Rules)
	}
}

// TestTimePassesBeside opens an alert under the candidate by time alone, which the policy in force
// opens later.
func TestTimePassesBeside(t *testing.T) {
	old := check(t, visits)
	next := check(t, strings.Replace(visits, "for  10min", "for  5min", 1))
	w := open(t, old)
	w.submit(0, `{"type":"Rep","id":"li"}`)
	w.submit(0, `{"type":"Visit","id":"v","rep":"li","n":1}`)
	now := w.now
	r := beside.Begin(w.Workspace, old, next, beside.Options{Now: func() time.Time { return now }})
	defer r.Close()
	for _, c := range []struct {
		after     time.Duration
		opened    bool
		differing int // the alert and its message each
	}{{time.Hour, false, 0}, {66 * time.Minute, true, 2}, {71 * time.Minute, true, 4}} {
		now = w.now.Add(c.after)
		err := r.Ask(t.Context(), func(s *beside.Seen) {
			if open := len(s.New.OpenAlerts("Quiet")) == 1; open != c.opened || s.Differences != c.differing {
				t.Errorf("after %v: open is %v, and %d differ: %v", c.after, open, s.Differences, s.Newest)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestACandidateIsLetGo answers nobody once it is closed.
func TestACandidateIsLetGo(t *testing.T) {
	p := check(t, visits)
	r := beside.Begin(open(t, p).Workspace, p, p, beside.Options{})
	r.Close()
	r.Close()
	if err := r.Ask(t.Context(), func(*beside.Seen) { t.Error("told") }); err == nil {
		t.Error("it answers")
	}
}
