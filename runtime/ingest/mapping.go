package ingest

import (
	"bytes"
	"errors"
	"math/big"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

// Mapping says how the rows of a kind of table become records. Its TOML form is kept beside the
// policy and used again for the next table of the same kind.
type Mapping struct {
	Type      string            `toml:"type"`
	Sheet     string            `toml:"sheet,omitempty"`     // the worksheet, where it is not the first
	Header    int               `toml:"header,omitzero"`     // the row of the header, where it is not found
	ID        []string          `toml:"id,omitempty"`        // columns that make up the id, where none is it
	Empty     []string          `toml:"empty,omitempty"`     // cells that say nothing, besides the blank ones
	Constants map[string]string `toml:"constants,omitempty"` // fields that no column has
	Pepper    string            `toml:"pepper,omitempty"`    // goes into every key; the same in mappings that are to meet
	Columns   []Column          `toml:"column"`
}

// Column is one column that becomes a field.
type Column struct {
	From   string            `toml:"from"`             // its name in the header
	To     string            `toml:"to"`               // the field, or id, at, received
	Times  string            `toml:"times,omitempty"`  // numbers are multiplied by this: 10000 for 万元
	Unit   string            `toml:"unit,omitempty"`   // of numbers: 40 becomes 40min
	Form   string            `toml:"form,omitempty"`   // of dates: D/M/YYYY H:mm
	Values map[string]string `toml:"values,omitempty"` // what cells mean: "A类" = "key"
	Clean  string            `toml:"clean,omitempty"`  // texts are made alike: phone, code or plain
	Key    string            `toml:"key,omitempty"`    // the same, and then an id that does not tell them
}

// standardEmpty is what people write where there is nothing, and what a formula shows that comes
// to nothing.
var standardEmpty = []string{"-", "--", "—", "——", "/", "N/A", "n/a", "NA", "NULL", "null",
	"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}

// ReadMapping reads a mapping's TOML. The error is a *Fault.
func ReadMapping(text string) (*Mapping, error) {
	m := &Mapping{}
	meta, err := toml.Decode(text, m)
	var broken toml.ParseError
	switch {
	case errors.As(err, &broken):
		return nil, &Fault{BadMapping, []string{strings.TrimPrefix(broken.Error(), "toml: ")}}
	case err != nil:
		return nil, &Fault{BadMapping, []string{err.Error()}}
	}
	if left := meta.Undecoded(); len(left) > 0 {
		return nil, &Fault{BadMapping, []string{"unknown key " + left[0].String()}}
	}
	return m, nil
}

// Text is the mapping's TOML.
func (m *Mapping) Text() (string, error) {
	var b bytes.Buffer
	e := toml.NewEncoder(&b)
	e.Indent = ""
	err := e.Encode(m)
	return b.String(), err
}

// target is a column of the sheet and the field that it becomes.
type target struct {
	at    int // in the sheet; -1: a constant
	name  string
	field *policy.Field // nil: id, at or received
	clean cleaner

	constant string
}

// envelope are the keys of a record that are no field of its type.
var envelope = []string{"id", "at", "received", "deleted", "retracted"}

// plan finds the columns and fields that a mapping names. The error is a *Fault.
func (m *Mapping) plan(p *policy.Policy, s *Sheet) (rec *policy.Record, out []target, err error) {
	if rec, err = typeOf(p, m.Type); err != nil {
		return nil, nil, err
	}
	taken := map[string]string{}
	for i := range m.Columns {
		c := &m.Columns[i]
		t := target{at: s.column(c.From), name: c.To}
		if t.at < 0 {
			return nil, nil, with(NoColumn, source.Nearest(c.From, s.Header), c.From)
		}
		if t.field, err = fieldOf(rec, c.To); err != nil {
			return nil, nil, err
		}
		if t.field != nil {
			t.name = t.field.Name
		}
		if first, twice := taken[t.name]; twice {
			return nil, nil, &Fault{FieldTwice, []string{first, c.From, t.name}}
		}
		taken[t.name] = c.From
		if t.clean, err = m.cleaner(c, t.field); err != nil {
			return nil, nil, err
		}
		out = append(out, t)
	}
	for _, name := range sortedKeys(m.Constants) {
		f, err := fieldOf(rec, name)
		if err != nil {
			return nil, nil, err
		}
		if first, twice := taken[name]; twice {
			return nil, nil, &Fault{FieldTwice, []string{first, m.Constants[name], name}}
		}
		out = append(out, target{at: -1, name: name, field: f, constant: m.Constants[name]})
	}
	for _, from := range m.ID {
		if s.column(from) < 0 {
			return nil, nil, with(NoColumn, source.Nearest(from, s.Header), from)
		}
	}
	if _, ok := taken["id"]; !ok && len(m.ID) == 0 && rec.Kind == policy.Entity {
		return nil, nil, &Fault{NoID, []string{rec.Name}}
	}
	return rec, out, nil
}

func sortedKeys(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// typeOf is an entity or event that takes records.
func typeOf(p *policy.Policy, name string) (*policy.Record, error) {
	var names []string
	for _, r := range types(p) {
		if name == r.Full || name != "" && slices.Contains(called(r), name) {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return nil, with(NoType, source.Nearest(name, names), name)
}

// types are the entities and events that a table can hold.
func types(p *policy.Policy) []*policy.Record {
	var out []*policy.Record
	for _, r := range p.Records {
		if !r.Builtin && !r.Kept {
			out = append(out, r)
		}
	}
	return out
}

// fieldOf is a stored field by its name or label; nil for a key of the envelope.
func fieldOf(rec *policy.Record, name string) (*policy.Field, error) {
	if slices.Contains(envelope, name) {
		return nil, nil
	}
	var names []string
	for _, f := range stored(rec) {
		if f.Name == name || slices.Contains(append(labels(f), f.Was...), name) {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return nil, with(NoField, source.Nearest(name, names), rec.Name, name)
}

// stored are the fields that a record can bring.
func stored(rec *policy.Record) []*policy.Field {
	var out []*policy.Field
	for _, f := range rec.Fields {
		if f.Compute == nil && (f.System == policy.NotSystem || f.System == policy.SysStage) {
			out = append(out, f)
		}
	}
	return out
}

// labels are the texts that people know a field by.
func labels(f *policy.Field) []string {
	var out []string
	for _, l := range []string{f.Label.Main, f.Label.Zh, f.Label.En} {
		if l != "" && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// factor reads times; nil is none.
func factor(c *Column) (*big.Rat, error) {
	if c.Times == "" {
		return nil, nil
	}
	// An exponent could stand for more digits than there is room for.
	if len(c.Times) > longestFactor || !digits.MatchString(c.Times) {
		return nil, &Fault{BadFactor, []string{c.From, c.Times}}
	}
	r, _ := new(big.Rat).SetString(c.Times)
	return r, nil
}

// longestFactor is how many letters times may have.
const longestFactor = 40
