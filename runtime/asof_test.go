package runtime_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store/mem"
)

// imported runs records whose moments are their own.
func imported(t *testing.T, log runtime.Log, p *policy.Policy, lines ...string) {
	t.Helper()
	w := open(t, log, runtime.Config{Policy: p, Import: true})
	next := func() ([]byte, error) {
		if len(lines) == 0 {
			return nil, io.EOF
		}
		line := lines[0]
		lines = lines[1:]
		return []byte(line), nil
	}
	if err := w.Import(context.Background(), next, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

var march = []string{
	`{"type":"Rep","id":"r0","at":"2024-03-01T09:00:00Z","name":"Li"}`,
	`{"type":"Visit","id":"a","at":"2024-03-01T09:10:00Z","rep":"r0","n":9}`,
	`{"type":"Visit","id":"b","at":"2024-03-01T09:20:00Z","rep":"r0","n":3}`,
	`{"type":"Visit","id":"c","at":"2024-03-01T09:30:00Z","rep":"r0","n":9}`,
	`{"type":"Visit","id":"d","at":"2024-03-01T11:00:00Z","rep":"r0","n":1}`,
}

// TestOtherTextOfTheSameMeaning opens a log with a policy that only reads differently: places in
// its decisions are those of the text that was stored.
func TestOtherTextOfTheSameMeaning(t *testing.T) {
	remarked := check(t, "// Said more clearly.\n\n"+visits)
	settings := append(check(t, visits).Files, source.File{Name: "another.toml", Text: "lang = \"en\""})
	beside, _ := dsl.Check(settings[:1], policy.Settings{})
	beside.Files = settings
	for name, p := range map[string]*policy.Policy{"remarked": remarked, "with settings": beside} {
		t.Run(name, func(t *testing.T) {
			log := new(mem.Log)
			imported(t, log, check(t, visits), march[:4]...)
			log = log.Reopen(true)
			imported(t, log, p, march[4:]...)
			log = log.Reopen(true)
			w := open(t, log, runtime.Config{})
			if told := told(t, w); len(told) < 8 {
				t.Errorf("the log holds %q", told)
			}
		})
	}
}

// TestAsOf sees the engine as it was after each entry, and what a record's values were.
func TestAsOf(t *testing.T) {
	log := new(mem.Log)
	imported(t, log, check(t, visits), march...)
	log = log.Reopen(true)
	var got []string
	for seq := uint64(1); seq <= log.Last(); seq++ {
		err := runtime.AsOf(log, seq, runtime.Config{}, func(e *engine.Engine, in *engine.Entry) {
			text := in.Kind.String()
			if in.Kind == decision.Record && in.Record.ID == "c" {
				text += " " + decision.Ref{Type: in.Record.Type, ID: in.Record.ID}.String()
				for _, r := range e.WhyEvent(in.Record).Receipts {
					text += " " + r.Watch.Head.Full
				}
			}
			for _, id := range e.OpenAlerts("Busy") {
				text += " busy " + id
			}
			got = append(got, text)
		})
		if err != nil {
			t.Fatalf("seq %d: %v", seq, err)
		}
	}
	want := strings.Split("activate,record,record,step,step,record,record Visit/c Big,step,"+
		"tick busy r0,tick,record", ",")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if err := runtime.AsOf(log, 99, runtime.Config{}, nil); err == nil {
		t.Error("an entry that is not there was seen")
	}
	w, some := open(t, log, runtime.Config{ReadOnly: true}), []string{}
	err := w.AsOfEach([]uint64{3, 7, 9}, func(e *engine.Engine, in *engine.Entry) {
		some = append(some, fmt.Sprint(in.Seq, " ", in.Kind, e.OpenAlerts("Busy")))
	})
	if want := []string{"3 record []", "7 record []", "9 tick [r0]"}; err != nil || !slices.Equal(some, want) {
		t.Errorf("in one replay: %q, %v", some, err)
	}
	if err := w.AsOfEach([]uint64{3, 99}, func(*engine.Engine, *engine.Entry) {}); err == nil {
		t.Error("an entry that is not there was seen with another")
	}
}

// TestViewUnder asks for what the policy does not keep.
func TestViewUnder(t *testing.T) {
	log := new(mem.Log)
	imported(t, log, check(t, visits), march...)
	w := open(t, log.Reopen(true), runtime.Config{ReadOnly: true})
	var p *policy.Policy
	var rep *policy.Record
	view := func(f func(*engine.Engine)) {
		if err := w.View(context.Background(), f); err != nil {
			t.Fatal(err)
		}
	}
	view(func(e *engine.Engine) { p = e.Policy() })
	for _, r := range p.Records {
		if r.Full == "Rep" {
			rep = r
		}
	}
	x, diags := dsl.Expression(p, rep, "max(Visit.n in 1h)")
	if x == nil || x.Agg == nil || x.Agg.ID != len(p.Aggregates) {
		t.Fatalf("%+v %v", x, diags)
	}
	grown := *p
	grown.Aggregates = append(append([]*policy.Aggregate(nil), p.Aggregates...), x.Agg)
	err := w.ViewUnder(context.Background(), &grown, func(e *engine.Engine) {
		if v, ok := e.Program(x).Ask(rep, "r0"); !ok || v.N != 1 {
			t.Errorf("the greatest of the last hour: %+v %v, want 1", v, ok)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	view(func(e *engine.Engine) {
		if e.Policy() != p {
			t.Error("asking changed the policy in force")
		}
	})
}
