package record

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/slots"
)

// role is what a key of a record's object stands for.
type role uint8

const (
	asField    role = iota
	asComputed      // a field that the policy works out itself
	asSystem        // a field that the engine keeps
	asType
	asID
	asAt
	asReceived
	asDeleted
	asRetracted
)

// key is one lawful key of a record type's objects.
type key struct {
	name   string
	quoted string // "name":
	role   role
	kind   value.Kind
	index  int32 // of the field
	word   int32 // of the field in sets of fields
	bit    uint64
	pos    int32 // in the slots
	field  *policy.Field
	choice *choice
}

// shape is what decoding needs to know of one record type.
type shape struct {
	rec       *policy.Record
	layout    *slots.Layout
	number    int
	keys      []key
	byName    map[string]int32
	strangers map[string]decision.Finding // what is said of unknown keys
	next      []int32                     // by key: the key that came after it last time
	first     int32                       // the key that came first last time
	need      []uint64                    // fields an event has on arrival: without fill
	refs      bool
	open      bool // records of the type may come in

	// Places of the envelope in the slots, -1 where the type has none, and their fields.
	idPos, atPos, recPos int32
	idBit, atBit, recBit int
}

// envelope are the keys that every record may have.
var envelope = [...]struct {
	name string
	role role
}{{"type", asType}, {"id", asID}, {"at", asAt}, {"received", asReceived},
	{"deleted", asDeleted}, {"retracted", asRetracted}}

// newShape plans a record type. Fields are known by name, label and former names; where two share
// one, the name counts before the label and the label before the former name.
func newShape(rec *policy.Record, number int, choices map[*policy.Choice]*choice) *shape {
	sh := &shape{rec: rec, layout: slots.For(rec), number: number, byName: map[string]int32{},
		strangers: map[string]decision.Finding{}, open: !rec.Builtin || rec.Kind == policy.Event,
		need: make([]uint64, (len(rec.Fields)+63)/64), idPos: -1, atPos: -1, recPos: -1}
	for _, e := range envelope {
		sh.add(key{name: e.name, role: e.role})
	}
	for i, f := range rec.Fields {
		k := key{name: f.Name, kind: f.Type.Kind, index: int32(i), pos: sh.layout.Pos[i],
			word: int32(i >> 6), bit: 1 << (i & 63), field: f}
		sh.field(&k, f)
		if f.Type.Choice != nil {
			k.choice = choices[f.Type.Choice]
		}
		sh.add(k)
	}
	for _, names := range []func(*policy.Field) []string{labels, former} {
		for i := range rec.Fields {
			for _, n := range names(rec.Fields[i]) {
				if at, ok := sh.byName[rec.Fields[i].Name]; ok && sh.keys[at].field == rec.Fields[i] {
					k := sh.keys[at]
					k.name = n
					sh.add(k)
				}
			}
		}
	}
	sh.next = make([]int32, len(sh.keys))
	for i := range sh.next {
		sh.next[i] = int32((i + 1) % len(sh.keys))
	}
	return sh
}

// field says what a field's key stands for and what the field asks of a record.
func (sh *shape) field(k *key, f *policy.Field) {
	i := int(k.index)
	switch {
	case f.System == policy.SysID:
		sh.idPos, sh.idBit = k.pos, i
	case f.System == policy.SysAt:
		sh.atPos, sh.atBit = k.pos, i
	case f.System == policy.SysReceived:
		sh.recPos, sh.recBit = k.pos, i
	case f.System == policy.SysStage:
	case f.System != policy.NotSystem:
		k.role = asSystem
	case f.Compute != nil:
		k.role = asComputed
	default:
		sh.open = true // a built-in entity takes records once a policy gives it fields
		sh.refs = sh.refs || f.Type.Kind == value.Ref
		if !f.Type.Maybe && f.Fill == nil && sh.rec.Kind == policy.Event {
			sh.need[i>>6] |= 1 << (i & 63)
		}
	}
}

// add makes a key known unless the name is taken.
func (sh *shape) add(k key) {
	if _, taken := sh.byName[k.name]; taken || k.name == "" {
		return
	}
	k.quoted = `"` + k.name + `":`
	sh.byName[k.name] = int32(len(sh.keys))
	sh.keys = append(sh.keys, k)
}

func labels(f *policy.Field) []string { return texts(f.Label) }

func former(f *policy.Field) []string { return f.Was }

func texts(t policy.Text) []string { return []string{t.Main, t.En, t.Zh} }

// learn notes which key came after another, or first where that is negative.
func (sh *shape) learn(prev, k int32) {
	if prev < 0 {
		sh.first = k
		return
	}
	sh.next[prev] = k
}
