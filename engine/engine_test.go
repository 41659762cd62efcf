package engine_test

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/internal/golden"
)

// check makes a policy of one file, and of packages it imports; any error in it fails the test.
func check(t testing.TB, text string, packages ...source.File) *policy.Policy {
	t.Helper()
	files := append([]source.File{{Name: "policy.thru", Text: text}}, packages...)
	p, diags := dsl.Check(files, policy.Settings{Timezone: "Asia/Shanghai", Calendar: "CN"})
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

// world runs records through an engine and writes what it decided, a decision a line.
type world struct {
	t       testing.TB
	e       *engine.Engine
	decoder *record.Decoder
	json    *decision.Writer
	rec     record.Record
	prior   map[string]*engine.Prior
	out     strings.Builder
	lasting bool // the memory that records are read into is not used again
}

func newWorld(t testing.TB, p *policy.Policy, o engine.Options) *world {
	t.Helper()
	e, err := engine.New(p, o)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, e: e, decoder: record.NewDecoder(p, e.Zone()), prior: map[string]*engine.Prior{},
		json: decision.NewWriter(p, decision.Options{Zone: e.Zone()})}
}

// overwrite does to a record's text what the next record read into its memory does: nothing that
// the engine keeps may lie there.
func overwrite(text []byte) {
	for i := range text {
		text[i] = '#'
	}
}

func (w *world) feed(line string) {
	text := []byte(line)
	if !w.lasting {
		defer overwrite(text)
	}
	w.decoder.Decode(text, nil, &w.rec)
	w.apply(&w.rec)
}

func (w *world) apply(r *record.Record) {
	in := engine.Entry{Kind: decision.Record, Moment: max(r.Received, w.e.Now()), Record: r}
	key := ""
	if r.Type != nil {
		key = r.Type.Full + "/" + r.ID
	}
	if r.Retracted {
		in.Prior = w.prior[key]
	}
	w.e.Apply(&in, func(x *engine.Entry, d *decision.Decision) {
		w.write(x, d)
		if _, is := w.prior[key]; !is && x.Kind == decision.Record && d.Outcome == decision.Accepted {
			w.prior[strings.Clone(key)] = &engine.Prior{Seq: d.Seq, Row: append([]byte(nil), d.Row...)}
		}
	})
}

func (w *world) write(_ *engine.Entry, d *decision.Decision) {
	w.out.Write(w.json.AppendJSON(nil, d))
	w.out.WriteByte('\n')
}

// until moves time on to a moment written as in the language.
func (w *world) until(text string) {
	v, ok := value.ParseText(value.Time, text, w.e.Zone())
	if !ok {
		w.t.Fatalf("%s is no moment", text)
	}
	w.e.Advance(v.N, w.write)
}

// TestDecisions runs every archive of testdata/decisions: a policy, records, and the decisions.
// A line of the records that begins with "until " moves time on.
func TestDecisions(t *testing.T) {
	golden.Run(t, "testdata/decisions", func(t *testing.T, c *golden.Case) golden.Outputs {
		var packages []source.File
		for _, name := range c.Names() {
			if strings.HasSuffix(name, "/lib.thru") {
				packages = append(packages, source.File{Name: name, Text: c.Input(t, name)})
			}
		}
		p := check(t, c.Input(t, "policy.thru"), packages...)
		out := golden.Outputs{}
		for _, reference := range []bool{false, true} {
			w := newWorld(t, p, engine.Options{Reference: reference})
			for line := range strings.Lines(c.Input(t, "records")) {
				line = strings.TrimSpace(line)
				if to, ok := strings.CutPrefix(line, "until "); ok {
					w.until(to)
				} else if line != "" {
					w.feed(line)
				}
			}
			if reference && w.out.String() != out["decisions"] {
				t.Errorf("expr-lang's VM decides otherwise:\n%s", w.out.String())
			}
			out["decisions"] = w.out.String()
		}
		return out
	})
}
