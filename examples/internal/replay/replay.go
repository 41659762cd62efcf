// Package replay drives the engine for the tests of the examples: records in, figures out.
package replay

import (
	"encoding/json"
	"io/fs"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
)

// Run is a policy at work on a stream of records.
type Run struct {
	Engine   *engine.Engine
	Policy   *policy.Policy
	Outcomes map[decision.Outcome]int // how many records came to which end

	t       testing.TB
	decoder *record.Decoder
	record  record.Record
	asked   map[string]*engine.Program
	emit    engine.Emit
}

// New checks the policy of a folder; an error in it fails the test. Each decision is shown to
// see, unless it is nil.
func New(t testing.TB, fsys fs.FS, dir string, see func(*decision.Decision)) *Run {
	t.Helper()
	p, diags, err := dsl.Load(fsys, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range diags {
		if d.Code.Severity() == source.Error {
			t.Fatalf("%s: %s", d.Code, source.Render(d, "en"))
		}
	}
	return Under(t, p, see)
}

// Under is New with a policy that was checked before.
func Under(t testing.TB, p *policy.Policy, see func(*decision.Decision)) *Run {
	t.Helper()
	e, err := engine.New(p, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &Run{Engine: e, Policy: p, Outcomes: map[decision.Outcome]int{}, t: t,
		decoder: record.NewDecoder(p, e.Zone()), asked: map[string]*engine.Program{}}
	r.emit = func(in *engine.Entry, d *decision.Decision) {
		if in.Kind == decision.Record {
			r.Outcomes[d.Outcome]++
		}
		if see != nil {
			see(d)
		}
	}
	return r
}

// Line feeds one record as it comes over the wire.
func (r *Run) Line(line []byte) {
	r.decoder.Decode(line, nil, &r.record)
	at := max(r.record.Received, r.Engine.Now())
	r.Engine.Apply(&engine.Entry{Kind: decision.Record, Moment: at, Record: &r.record}, r.emit)
}

// Feed feeds a record whose fields are given; those that are nil are left out.
func (r *Run) Feed(typ, id, at string, fields map[string]any) {
	r.t.Helper()
	m := map[string]any{"type": typ, "id": id, "at": at}
	for k, v := range fields {
		if v != nil && v != "" {
			m[k] = v
		}
	}
	line, err := json.Marshal(m)
	if err != nil {
		r.t.Fatal(err)
	}
	before := r.Outcomes[decision.Accepted]
	r.Line(line)
	if r.Outcomes[decision.Accepted] == before {
		r.t.Fatalf("not accepted: %s", line)
	}
}

// Until moves time on to a moment.
func (r *Run) Until(at time.Time) { r.Engine.Advance(at.UnixMicro(), r.emit) }

// Value asks for an expression about an entity as things stand; false where it is missing.
func (r *Run) Value(typ, id, text string) (float64, bool) {
	r.t.Helper()
	v := r.Raw(typ, id, text)
	switch v.Kind {
	case value.Missing:
		return 0, false
	case value.Money:
		return float64(v.N) / 10_000, true
	}
	if v.Kind.Class() == value.Float {
		return v.Float(), true
	}
	return float64(v.N), true
}

// Raw asks for an expression about an entity and returns its value as it is.
func (r *Run) Raw(typ, id, text string) value.Value {
	r.t.Helper()
	of := r.decoder.Type(typ)
	if of == nil {
		r.t.Fatalf("no type %s", typ)
	}
	p := r.asked[typ+"."+text]
	if p == nil {
		x, diags := dsl.Expression(r.Policy, of, text)
		if x == nil {
			r.t.Fatalf("%s of %s: %v", text, typ, diags)
		}
		p = r.Engine.Program(x)
		r.asked[typ+"."+text] = p
	}
	v, ok := p.Ask(of, id)
	if !ok {
		r.t.Fatalf("no %s %s", typ, id)
	}
	return v
}

// IDs are those of a type's entities that have a record.
func (r *Run) IDs(typ string) []string { return r.Engine.IDs(r.decoder.Type(typ)) }
