package runtime_test

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
)

// visits has a bit of everything that makes entries: computed fields, windows, scores, alerts that
// open by time, scheduled rules, and rules that set each other off.
const visits = `entity Rep {
  name    text?
  level   int?
  flagged bool?
}
event Visit {
  rep   Rep
  n     int
  twice int = n * 2
}
score Quality of Visit { size 100% = n / 10 }
rule Big on Visit {
  when n >= 8
  do { task "look at {n}" for rep due 1d; set rep.level = n }
}
rule Level on Rep {
  when level >= 9
  do { set flagged = true }
}
alert Busy of Rep {
  when sum(Visit.n in 1h) >= 20
  for  10min
  do { notify self "busy" }
}
`

func check(t rapid.TB, text string) *policy.Policy {
	t.Helper()
	p, diags := dsl.Check([]source.File{{Name: "policy.thru", Text: text}}, policy.Settings{})
	for _, d := range diags {
		if d.Code.Severity() == source.Error {
			t.Errorf("policy: %s at %d: %s", d.Code, d.Span.Off, source.Render(d, "en"))
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	return p
}

func visit(id string, n int) []byte {
	return fmt.Appendf(nil, `{"type":"Visit","id":%q,"rep":"r%d","n":%d}`, id, n%3, n)
}

func rep(i int) []byte {
	return fmt.Appendf(nil, `{"type":"Rep","id":"r%d","name":"rep %d"}`, i, i)
}

func open(t testing.TB, log runtime.Log, cfg runtime.Config) *runtime.Workspace {
	t.Helper()
	w, err := runtime.OpenLog(log, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func submit(t testing.TB, w *runtime.Workspace, line []byte) runtime.Answer {
	t.Helper()
	a, err := w.Submit(context.Background(), line)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// told writes a log a line an entry: what was decided on what.
func told(t testing.TB, w *runtime.Workspace) (out []string) {
	t.Helper()
	var d decision.Decision
	err := w.Entries(1, w.Last(), true, func(l *runtime.Logged) error {
		if err := l.Decode(&d); err != nil {
			return err
		}
		s := fmt.Sprintf("%d %v %v %v", l.Seq, decision.Kind(l.Kind), d.Record, d.Outcome)
		if l.Cause != 0 {
			s += fmt.Sprintf(" because of %d", l.Cause)
		}
		for i := range d.Effects {
			s += fmt.Sprintf(" %v by %s %v", d.Effects[i].Kind, d.Effects[i].Rule, d.Effects[i].State)
		}
		out = append(out, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
