package ask_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
	"github.com/throughline/throughline/runtime/store/mem"
)

const shop = `entity Rep {
  name text?
  boss Rep?
}
event Visit {
  rep Rep
  n   int
}
metric Named of Rep { value count(Rep where has name) }
metric Sum of Visit { value sum(n); by rep }
metric Most of Visit { value max(n); by rep }
alert High of Most by rep { check each day; when value > 100 }
rule Big on Visit {
  when n >= 8
  do { task "look at {n}" for rep due 1d }
}
`

func open(t *testing.T, log runtime.Log) *runtime.Workspace {
	t.Helper()
	p, diags := dsl.Check([]source.File{{Name: "shop.thru", Text: shop}}, policy.Settings{})
	if dsl.HasErrors(diags) {
		t.Fatal(diags)
	}
	w, err := runtime.OpenLog(log, runtime.Config{Policy: p})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, line := range []string{
		`{"type":"Rep","id":"li","name":"Li"}`, `{"type":"Rep","id":"wu","name":"Wu","boss":"li"}`,
		`{"type":"Visit","id":"v1","rep":"wu","n":9}`, `{"type":"Visit","id":"v2","rep":"wu","n":1}`,
		`{"type":"Visit","id":"v1","rep":"wu","n":9}`,
	} {
		if _, err := w.Submit(t.Context(), []byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// answers asks about reps the way the server does.
func answers(t *testing.T, w *runtime.Workspace, typ string, texts ...string) ([]string, error) {
	t.Helper()
	var out []string
	var q *ask.Question
	var bad error
	err := w.View(t.Context(), func(e *engine.Engine) { q, bad = ask.New(e.Policy(), typ, texts) })
	if err = errors.Join(err, bad); err != nil {
		return nil, err
	}
	err = q.View(context.Background(), w, func(e *engine.Engine) {
		show := decision.NewWriter(q.Policy, decision.Options{Zone: e.Zone()})
		bad = q.Answers(e, e.IDs(q.Of), true, func(id string, v []value.Value) error {
			out = append(out, string(q.AppendJSON(nil, show, id, v)))
			return nil
		})
	})
	return out, errors.Join(err, bad)
}

func TestState(t *testing.T) {
	w := open(t, new(mem.Log))
	for _, c := range []struct {
		exprs []string
		want  []string
	}{
		{nil, []string{`["Li",null]`, `["Wu","li"]`}},
		{[]string{"boss", "name"}, []string{`[null,"Li"]`, `["li","Wu"]`}},
		// The policy keeps no such sums: they come from the log.
		{[]string{"sum(Visit.n)", "count(Visit where n > 5)"}, []string{`[0,0]`, `[10,1]`}},
	} {
		got, err := answers(t, w, "Rep", c.exprs...)
		want := []string{`{"type":"Rep","id":"li","values":` + c.want[0] + `}`,
			`{"type":"Rep","id":"wu","values":` + c.want[1] + `}`}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v; want %q", c.exprs, got, err, want)
		}
	}
}

func TestMistakesAreToldInBothLanguages(t *testing.T) {
	w := open(t, new(mem.Log))
	for _, c := range []struct{ typ, expr string }{
		{"Repp", "name"}, {"Visit", "n"}, {"Rep", "nam"}, {"Rep", "(("},
	} {
		_, err := answers(t, w, c.typ, c.expr)
		var m *ask.Mistake
		if !errors.As(err, &m) || m.In("en") == "" || m.In("zh") == "" || m.In("zh") == m.In("en") {
			t.Errorf("%s %s: %v", c.typ, c.expr, err)
		}
	}
}

func TestWhy(t *testing.T) {
	log := new(mem.Log)
	w := open(t, log)
	for name, past := range map[string]ask.Past{"running": w, "closed": ask.Closed(log)} {
		t.Run(name, func(t *testing.T) {
			d, p, err := ask.Stored(past, 4)
			if err != nil || d.Record.ID != "v1" || len(d.Effects) != 1 {
				t.Fatal(d, err)
			}
			visit, err := ask.Type(p, "Visit")
			if err != nil {
				t.Fatal(err)
			}
			found, err := ask.About(past, visit, "v1", func(int, uint64) bool { return false })
			if err != nil || fmt.Sprint(found) != "[6 4]" {
				t.Fatal(found, err)
			}
			if seq, err := ask.TookIn(past, found); err != nil || seq != 4 {
				t.Errorf("v1 was taken in by %d, %v", seq, err)
			}
			seen, err := ask.Excluded(past, 5, func(uint64, uint64) {})
			if err != nil || seen == nil {
				t.Errorf("what the index left out of 5: %v, %v", seen, err)
			}
			var none *ask.NoSeqError
			if _, _, err := ask.Stored(past, 99); !errors.As(err, &none) {
				t.Errorf("seq 99: %v", err)
			}
		})
	}
}

// TestMetric reads off the workspace what is in memory, and only the rest out of its log.
func TestMetric(t *testing.T) {
	w := open(t, new(mem.Log))
	for _, c := range []struct {
		metric, want string
		by           []string
		long         bool
	}{
		{"Named", `[{"by":{},"period":null,"value":2,"n":2]`, nil, false},
		{"Most", `[{"by":{"rep":"wu"},"period":null,"value":9,"n":2]`, []string{"rep"}, false},
		{"Most", `[{"by":{},"period":null,"value":9,"n":2]`, nil, true},
		{"Sum", `[{"by":{"rep":"wu"},"period":null,"value":10,"n":2]`, []string{"rep"}, true},
	} {
		long := false
		x, err := ask.Metric(t.Context(), w, ask.Measure{Name: c.metric, By: c.by},
			func(f func(*runtime.Workspace) error) error {
				long = true
				return f(w)
			})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range x.List {
			before, _, _ := strings.Cut(string(x.AppendJSON(nil, &x.List[i])), `,"mean"`)
			got = append(got, before)
		}
		if fmt.Sprint(got) != c.want || long != c.long {
			t.Errorf("%s by %v: %v, out of the log %v", c.metric, c.by, got, long)
		}
	}
}
