package record

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// Twin lets what one decoder made of a line stand for what another would make of it, so that two
// policies are tried on a record that was read once. It does so only for types of which both say
// the same in all that decoding asks.
type Twin struct {
	to []*shape // by the index of the one's type; nil: to be decoded by the other itself
}

// NewTwin compares two decoders.
func NewTwin(from, to *Decoder) *Twin {
	t := &Twin{}
	if from.zone.String() != to.zone.String() || from.datum != to.datum {
		return t
	}
	for _, sh := range from.shapes {
		for sh.rec.Index >= len(t.to) {
			t.to = append(t.to, nil)
		}
		if other := to.byName[sh.rec.Full]; other != nil && alike(sh.rec, other.rec) {
			t.to[sh.rec.Index] = other
		}
	}
	// A name that means one type here and another there is decoded twice.
	for name, sh := range from.byName { //tidy:order each by itself
		if sh != nil && to.byName[name] != t.to[sh.rec.Index] {
			t.to[sh.rec.Index] = nil
		}
	}
	return t
}

// Copy makes to what the other decoder would have made of the line that from was decoded from; it
// reports false where that is not known. Texts and wide values are shared.
func (t *Twin) Copy(from, to *Record) bool {
	if from.Type == nil || from.Type.Index >= len(t.to) || t.to[from.Type.Index] == nil {
		return false
	}
	to.reset(t.to[from.Type.Index])
	to.ID, to.At, to.Received, to.Sent = from.ID, from.At, from.Received, from.Sent
	to.HasSent, to.Deleted, to.Retracted = from.HasSent, from.Deleted, from.Retracted
	to.By, to.Why, to.more = from.By, from.Why, from.more
	from.Layout.Copy(&to.Slots, &from.Slots)
	copy(to.Refs, from.Refs)
	copy(to.Named, from.Named)
	copy(to.Null, from.Null)
	field := func(f *policy.Field) *policy.Field {
		if f == nil || f.Of != from.Type {
			return f
		}
		return to.Type.Fields[f.Index]
	}
	for _, f := range from.Findings {
		f.Field = field(f.Field)
		to.Findings = append(to.Findings, f)
	}
	if from.Reject != nil {
		to.reject = *from.Reject
		to.reject.Field = field(to.reject.Field)
		to.Reject = &to.reject
	}
	return true
}

// alike reports whether two types of records are decoded alike.
func alike(a, b *policy.Record) bool {
	return a.Full == b.Full && a.Kind == b.Kind && a.Builtin == b.Builtin && a.Kept == b.Kept &&
		slices.EqualFunc(a.Fields, b.Fields, alikeField)
}

func alikeField(a, b *policy.Field) bool {
	return a.Name == b.Name && a.System == b.System && a.Label == b.Label &&
		slices.Equal(a.Was, b.Was) && (a.Compute == nil) == (b.Compute == nil) &&
		(a.Fill == nil) == (b.Fill == nil) && alikeType(&a.Type, &b.Type)
}

func alikeType(a, b *policy.Type) bool {
	if a.Kind != b.Kind || a.Maybe != b.Maybe || a.Diff != b.Diff ||
		(a.Elem == nil) != (b.Elem == nil) || (a.Choice == nil) != (b.Choice == nil) ||
		(a.Record == nil) != (b.Record == nil) {
		return false
	}
	switch {
	case a.Choice != nil && !slices.EqualFunc(a.Choice.Values, b.Choice.Values, alikeValue):
		return false
	case a.Record != nil && a.Kind == value.Row && !alike(a.Record, b.Record):
		return false
	case a.Record != nil && a.Record.Full != b.Record.Full:
		return false
	}
	return a.Elem == nil || alikeType(a.Elem, b.Elem)
}

func alikeValue(a, b policy.ChoiceValue) bool {
	return a.Name == b.Name && a.Label == b.Label && slices.Equal(a.Was, b.Was)
}
