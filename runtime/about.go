package runtime

import (
	"fmt"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime/store"
)

// About names whose records are looked for.
type About struct {
	Record string // Type/id: its own records and those that refer to it; "": all of them
}

// Found is one record of the log.
type Found struct {
	Seq     uint64
	Moment  int64
	Line    []byte // as it came, or what is kept of it
	Record  *record.Record
	Policy  *policy.Policy
	Erased  bool // something of it was
	decoder *record.Decoder
	decided decision.Decision
	kept    kept
	before  bool // something of it was erased before
}

// Decision is what was decided on it; nil: erased.
func (x *Found) Decision() *decision.Decision {
	if x.before {
		return nil
	}
	return &x.decided
}

// EachAbout hands out the records that are about somebody or something: its own, and those that
// refer to it. What each is handed is valid until it returns.
func (w *Workspace) EachAbout(x About, each func(*Found) error) error {
	f := finder{about: x, plans: w.plans}
	return f.each(w.log, 1, w.log.Last(), each)
}

// finder looks for records in a log.
type finder struct {
	about    About
	plans    *plans
	plan     *plan
	decoder  *record.Decoder
	typ, id  string
	found    Found
	received record.Record
	back     map[string]bool // events that were taken back, where somebody asks
}

func (f *finder) each(log reader, from, to uint64, each func(*Found) error) error {
	f.typ, f.id, _ = strings.Cut(f.about.Record, "/")
	parts := store.Payloads | store.Decisions | store.Redactions
	return log.Read(from, to, parts, func(r *store.Row) error {
		ok, err := f.row(r)
		if err != nil || !ok {
			return err
		}
		return each(&f.found)
	})
}

// row takes a row in hand and reports whether it is one that is looked for.
func (f *finder) row(r *store.Row) (bool, error) {
	var e store.Entry
	if err := e.Decode(r.Entry); err != nil {
		return false, err
	}
	if decision.Kind(e.Kind) != decision.Record {
		return false, nil
	}
	if f.plan == nil || f.plan.hash != e.Policy {
		p, err := f.plans.of(e.Policy)
		if err != nil {
			return false, err
		}
		f.plan, f.decoder = p, p.decoder()
	}
	x := &f.found
	*x = Found{Seq: e.Seq, Moment: e.Moment, Policy: f.plan.policy, decoder: f.decoder,
		Line: store.Unsalt(r.Payload), Record: &f.received}
	if r.Kept != nil {
		if err := x.kept.read(r.Kept); err != nil {
			return false, fmt.Errorf("seq %d: %w", e.Seq, err)
		}
		x.Line, x.before, x.Erased = x.kept.Line, true, true
	}
	if x.Line == nil {
		return false, nil
	}
	in := input{line: slices.Clone(x.Line), moment: e.Moment, flags: e.Flags, rec: x.Record}
	in.decode(f.decoder)
	if f.back != nil && x.Record.Retracted && x.Record.Type != nil {
		f.back[x.Record.Type.Full+"/"+x.Record.ID] = true
	}
	if !f.matches(x.Record) {
		return false, nil
	}
	if stored := store.Unsalt(r.Decision); stored != nil && !x.before {
		if err := f.plan.codec.Decode(stored, &x.decided); err != nil {
			return false, fmt.Errorf("seq %d: %w", e.Seq, err)
		}
	}
	return true, nil
}

// matches reports whether a record is about whom is asked for.
func (f *finder) matches(r *record.Record) bool {
	if r.Type == nil {
		return false
	}
	if f.about.Record == "" || f.named(r.Type) && r.ID == f.id {
		return true
	}
	for i, field := range r.Type.Fields {
		if field.Type.Kind == value.Ref && field.Type.Record != nil && f.named(field.Type.Record) &&
			r.Slots.Has(i) && i < len(r.Refs) && r.Refs[i] == f.id {
			return true
		}
	}
	return false
}

func (f *finder) named(r *policy.Record) bool { return r.Full == f.typ || r.Name == f.typ }

// personal reports whether one of some fields is personal, or unless in strict terms not one that
// the policy knows.
func (x *Found) personal(fields []string, strict bool) bool {
	return slices.ContainsFunc(fields, func(name string) bool {
		i := slices.IndexFunc(x.Record.Type.Fields, func(f *policy.Field) bool { return f.Name == name })
		return i < 0 && !strict || i >= 0 && x.Record.Type.Fields[i].Personal != nil
	})
}
