package record

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// full decodes any line; it is the definition of what records mean.
func (d *Decoder) full(line []byte, def *Defaults, r *Record) {
	r.reset(nil)
	line = bytes.TrimPrefix(line, []byte("\ufeff"))
	if len(line) > MaxLine {
		r.find(decision.Finding{Code: source.RecordTooLong,
			Args: []string{strconv.Itoa(len(line)), strconv.Itoa(MaxLine)}})
	} else if at := badUTF8(line); at >= 0 {
		r.find(decision.Finding{Code: source.RecordNotUTF8,
			Args: []string{strconv.Itoa(at + 1), fmt.Sprintf("% x", line[at:min(at+4, len(line))])}})
	}
	if r.Reject != nil {
		d.nameless(def, r)
		return
	}
	root, problem := parseTree(line, 0)
	if root != nil && root.kind != isObject {
		problem = stray(source.RecordNotJSON, line, 0)
	}
	if problem.Code != "" {
		r.find(problem)
	}
	if root == nil || root.kind != isObject {
		d.nameless(def, r)
		return
	}
	twice := ""
	if problem.Code == source.RecordKeyTwice {
		twice = problem.Args[0]
	}
	d.object(root, twice, def, r)
}

// nameless gives a line that could not be read what is known of it from outside.
func (d *Decoder) nameless(def *Defaults, r *Record) {
	r.ID = def.ID
	d.moments(&envelopeSeen{badMoment: true}, def, r)
}

func badUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// object decodes a record's object; twice is a key that was told to stand twice already.
func (d *Decoder) object(root *node, twice string, def *Defaults, r *Record) {
	sh := d.typeOf(root, def, r)
	if sh == nil {
		d.bare(root, def, r)
		return
	}
	f := full{converter: converter{d: d, r: r}, sh: sh, twice: twice}
	r.become(sh)
	for i, name := range root.keys {
		f.member(name, &root.list[i])
	}
	f.state(root)
	d.settle(sh, &f.e, def, r)
}

// typeOf finds the type that a record names.
func (d *Decoder) typeOf(root *node, def *Defaults, r *Record) *shape {
	n := root.at("type")
	switch {
	case n == nil && def.Type != nil:
		return d.typeNamed(def.Type.Full, r)
	case n == nil:
		r.find(decision.Finding{Code: source.RecordNoType, Args: []string{"type", clip(root.raw)}})
		return nil
	case n.kind != isText:
		r.find(decision.Finding{Code: source.RecordNoType, Args: []string{"type", clip(n.raw)}})
		return nil
	}
	return d.typeNamed(n.text, r)
}

// typeNamed finds a type that takes records by its name.
func (d *Decoder) typeNamed(name string, r *Record) *shape {
	sh := d.byName[name]
	switch {
	case sh == nil:
		f := decision.Finding{Code: source.RecordTypeUnknown, Args: []string{clip([]byte(name))}}
		if near := nearest(name, slices.Clone(d.types)); near != "" {
			f.Code, f.Args = source.RecordTypeNear, append(f.Args, near)
		}
		r.find(f)
	case !sh.open:
		r.find(decision.Finding{Code: source.RecordBuiltin, Args: []string{name}})
	default:
		return sh
	}
	return nil
}

// bare keeps id and moments of a record whose type is of no use.
func (d *Decoder) bare(root *node, def *Defaults, r *Record) {
	var e envelopeSeen
	if n := root.at("id"); n != nil && n.kind == isText {
		e.id, e.hasID = n.text, true
	}
	e.at, e.hasAt = d.glimpse(root.at("at"))
	e.received, e.hasRec = d.glimpse(root.at("received"))
	r.ID = e.id
	if !e.hasID {
		r.ID = def.ID
	}
	d.moments(&e, def, r)
}

// glimpse reads a moment where there is one.
func (d *Decoder) glimpse(n *node) (int64, bool) {
	if n == nil || n.kind != isText {
		return 0, false
	}
	v, ok := value.ParseText(value.Time, n.text, d.zone)
	return v.N, ok
}

// full decodes the members of one object.
type full struct {
	converter
	sh    *shape
	e     envelopeSeen
	twice string
}

// member decodes one key and its value.
func (f *full) member(name string, n *node) {
	at, known := f.sh.byName[name]
	if !known && name == rowKey {
		f.broken(n)
		return
	}
	if !known {
		f.unknown(name, n)
		return
	}
	switch k := &f.sh.keys[at]; k.role {
	case asField:
		f.stored(k, name, n)
	case asComputed:
		f.r.find(decision.Finding{Code: source.RecordComputed, Args: []string{name}, Field: k.field})
	case asSystem:
		f.r.find(decision.Finding{Code: source.RecordSystem, Args: []string{name}, Field: k.field})
	case asID:
		if n.kind == isText {
			f.e.id, f.e.hasID = n.text, true
		}
		if n.kind != isText || n.text == "" {
			f.e.hasID = true // the default is for records without one
			f.r.find(decision.Finding{Code: source.RecordNoID, Args: []string{name, clip(n.raw)}})
		}
	case asAt:
		f.e.at, f.e.hasAt = f.moment(name, n)
	case asReceived:
		f.e.received, f.e.hasRec = f.moment(name, n)
	case asDeleted:
		f.r.Deleted = f.flag(name, n)
	case asRetracted:
		f.r.Retracted = f.flag(name, n)
	}
}

// unknown remarks a key that the type does not have. In a retraction `by` and `why` are known.
func (f *full) unknown(name string, n *node) {
	if (name == "by" || name == "why") && n.kind == isText {
		if name == "by" {
			f.r.By = n.text
		} else {
			f.r.Why = n.text
		}
		return
	}
	f.r.find(f.sh.strange(name, f.r.crowded()))
}

// strange remarks a key that the type does not have, with the nearest it has unless in haste.
func (sh *shape) strange(name string, haste bool) decision.Finding {
	var names []string
	for i := range sh.keys {
		if k := &sh.keys[i]; k.role == asField && !haste {
			names = append(names, k.name)
		}
	}
	return unknownField(name, sh.rec.Name, names)
}

func unknownField(name, of string, names []string) decision.Finding {
	out := decision.Finding{Code: source.RecordUnknown, Args: []string{clip([]byte(name)), of}}
	if near := nearest(name, names); near != "" {
		out.Code, out.Args = source.RecordUnknownNear, append(out.Args, near)
	}
	return out
}

// nearest returns the name that is nearest to one that is not known.
func nearest(name string, among []string) string {
	if len(name) > 64 {
		return "" // no name is so long; the search costs its square
	}
	slices.Sort(among)
	return source.Nearest(name, among)
}

// stored decodes a stored field.
func (f *full) stored(k *key, name string, n *node) {
	if f.r.names(int(k.index)) {
		if name != f.twice {
			f.r.find(decision.Finding{Code: source.RecordKeyTwice, Args: []string{name}, Field: k.field})
		}
		return
	}
	f.r.Named[k.word] |= k.bit
	if n.kind == isNull {
		f.r.Null[k.word] |= k.bit
		return
	}
	f.field = k.field
	if v, ok := f.value(&k.field.Type, n, name); ok {
		f.r.put(k.field, v)
	}
}

// moment decodes at or received; null is as if it were not there.
func (f *full) moment(name string, n *node) (int64, bool) {
	f.field = nil
	if n.kind == isNull {
		return 0, false
	}
	v, ok := f.value(&policy.Type{Kind: value.Time}, n, name)
	if !ok {
		f.e.badMoment = true
		return 0, false
	}
	return v.N, true
}

// flag decodes deleted or retracted.
func (f *full) flag(name string, n *node) bool {
	f.field = nil
	if n.kind == isNull {
		return false
	}
	v, _ := f.value(&policy.Type{Kind: value.Bool}, n, name)
	return v.N == 1
}

// state checks the flags against the kind of the type, and by and why against the flags.
func (f *full) state(root *node) {
	r := f.r
	if r.Deleted && f.sh.rec.Kind == policy.Event {
		r.find(decision.Finding{Code: source.RecordDelete, Args: []string{f.sh.rec.Name}})
	}
	for _, name := range []string{"by", "why"} {
		n := root.at(name)
		if n == nil || n.kind != isText {
			continue
		}
		_, declared := f.sh.byName[name]
		switch {
		case r.Retracted && name == "by":
			r.By = n.text
		case r.Retracted:
			r.Why = n.text
		case !declared:
			r.find(unknownField(name, f.sh.rec.Name, nil))
		}
	}
	if !r.Retracted {
		r.By, r.Why = "", ""
	}
}
