// Package record decodes records against a checked policy (reference, section 3).
//
// A record is one JSON object on a line, or a row of TYPE.csv. A full decoder built on
// encoding/json defines what every input means. Before it runs a fast scanner for the plain case:
// flat objects of known fields without escapes. Whatever it does not expect it leaves to the full
// decoder, which begins anew; so both always say the same, and nothing that came is lost.
package record

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/slots"
)

// Record is one decoded record. It is reused from one Decode to the next; its texts may be views
// into the bytes it was decoded from, which must not change as long as it is used (see Own).
type Record struct {
	Type     *policy.Record // nil where the type is missing or unknown: then Reject is not nil
	Layout   *slots.Layout
	ID       string
	At       int64 // microseconds, as are Received and Sent
	Received int64
	Sent     int64 // what the record gave as received where a server's clock took its place
	HasSent  bool

	Slots slots.Slots // a Ref's handle is written by the engine
	Refs  []string    // ids of references, by field index
	Named []uint64    // bit by field index: the record names the field
	Null  []uint64    // bit by field index: it was named to be cleared

	Deleted   bool
	Retracted bool
	By, Why   string // of a retraction

	Findings []decision.Finding // remarks; those beside Reject where it is not nil
	Reject   *decision.Finding  // the first reason why the record is rejected

	reject decision.Finding
	more   int // findings that were not kept
	kept   []*shelf
}

// shelf is the memory of a Record for one type, so that a Record serves mixed input for nothing.
type shelf struct {
	layout      *slots.Layout
	slots       slots.Slots
	refs        []string
	named, null []uint64
}

// Defaults are what a record takes where it does not say itself.
type Defaults struct {
	Type  *policy.Record // where it has no type
	ID    string         // where it has no id
	At    int64          // where it has neither at nor received, if HasAt
	HasAt bool

	// Received is the server's clock, if Stamped: it takes the place of whatever the record gives
	// as received, which is then kept as Sent.
	Received int64
	Stamped  bool
}

// reset empties the record and makes it one of the given type, which may be nil.
func (r *Record) reset(sh *shape) {
	r.ID, r.At, r.Received, r.Sent, r.HasSent = "", 0, 0, 0, false
	r.Deleted, r.Retracted, r.By, r.Why = false, false, "", ""
	r.Findings, r.Reject, r.more = r.Findings[:0], nil, 0
	if sh != nil {
		r.become(sh)
		return
	}
	r.Type, r.Layout, r.Slots, r.Refs, r.Named, r.Null = nil, nil, slots.Slots{}, nil, nil, nil
}

// become takes the memory for a type from its shelf and empties it.
func (r *Record) become(sh *shape) {
	if r.Layout != sh.layout {
		k := r.shelf(sh)
		r.Type, r.Layout = sh.rec, sh.layout
		r.Slots, r.Refs, r.Named, r.Null = k.slots, k.refs, k.named, k.null
	}
	r.Slots.Reset()
	clear(r.Refs)
	clear(r.Named)
	clear(r.Null)
}

func (r *Record) shelf(sh *shape) *shelf {
	for len(r.kept) <= sh.number {
		r.kept = append(r.kept, nil)
	}
	k := r.kept[sh.number]
	if k == nil || k.layout != sh.layout {
		k = &shelf{layout: sh.layout, slots: sh.layout.New(), named: make([]uint64, len(sh.need)),
			null: make([]uint64, len(sh.need))}
		if sh.refs {
			k.refs = make([]string, len(sh.rec.Fields))
		}
		r.kept[sh.number] = k
	}
	return k
}

// Text returns a text field by name, "" where the record has none.
func (r *Record) Text(name string) string {
	for i, f := range r.Type.Fields {
		if f.Name == name && f.Type.Kind == value.Text && r.Slots.Has(i) {
			return r.Slots.S[r.Layout.Pos[i]]
		}
	}
	return ""
}

// names reports whether the record names the field with this index.
func (r *Record) names(field int) bool { return r.Named[field>>6]>>(field&63)&1 == 1 }

// clears reports whether the record names the field to clear it.
func (r *Record) clears(field int) bool { return r.Null[field>>6]>>(field&63)&1 == 1 }

// maxFindings bounds what is told of one record; the rest is counted.
const maxFindings = 100

// find adds a finding; the first error among them is why the record is rejected.
func (r *Record) find(f decision.Finding) {
	switch {
	case r.Reject == nil && f.Code.Severity() == source.Error:
		r.reject = f
		r.Reject = &r.reject
	case len(r.Findings) < maxFindings:
		r.Findings = append(r.Findings, f)
	default:
		r.more++
	}
}

// crowded reports whether more findings are only counted, so that nobody need look for the
// nearest name of each of a hundred thousand wrong ones.
func (r *Record) crowded() bool { return r.more > 0 }

// Own copies what the record shares with the bytes it was decoded from.
func (r *Record) Own() {
	n := len(r.ID) + len(r.By) + len(r.Why)
	for _, s := range r.Slots.S {
		n += len(s)
	}
	for _, s := range r.Refs {
		n += len(s)
	}
	b := make([]byte, 0, n)
	own := func(s *string) {
		from := len(b)
		b = append(b, *s...)
		*s = view(b[from:])
	}
	own(&r.ID)
	own(&r.By)
	own(&r.Why)
	for i := range r.Slots.S {
		own(&r.Slots.S[i])
	}
	for i := range r.Refs {
		own(&r.Refs[i])
	}
}

// put stores a value of a field.
func (r *Record) put(f *policy.Field, v value.Value) {
	if f.Type.Kind == value.Ref {
		r.Refs[f.Index] = v.S
		r.Slots.Mark(f.Index)
		return
	}
	r.Layout.Put(&r.Slots, f.Index, v)
}
