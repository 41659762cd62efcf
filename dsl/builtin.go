package dsl

import (
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// builtinText declares what is built in (reference, sections 4 and 6), one record a line, going on
// behind a \: `kind Name field type …`, with ? for what may be missing. Words in a|b are inline
// choices; people are texts, their ids, because a policy need not have an entity for them.
const builtinText = `
entity Workspace
event Review record text verdict pass|fail by text? note text?
event Claim record text by text
event Accept record text by text
event Pause rule text until time? by text why text
event Resume rule text
event Away who text from time until time deputy text?
event Waive rule text record text? until time by text why text
event Done task text by text
event Cancel task text by text why text
event Dismiss suggestion text by text why text
source Task rule text text text about text for text? due time? \
  state open|done|expired|cancelled done_at time? by text? instead_of text? \
  how hand|event|condition|due|cancel|withdrawn|deleted? why text?
source Suggestion rule text text text about text for text? state open|dismissed \
  dismissed_at time? by text? why text?
source Alert rule text of text action text? cell text? opened time resolved time? \
  state open|resolved|withdrawn
source Finding rule text record text person text? verdict text strength text at time \
  settled pass|fail? due time? settled_at time? settled_by text?
source Assignment rule text record text to text at time accepted time? lapsed time? \
  by rule|claim|hand
`

// addSystem gives a record its built-in fields, in the order in which they come first.
func addSystem(r *policy.Record, kind declKind) {
	field := func(name string, s policy.System, k value.Kind) policy.Field {
		return policy.Field{Name: name, System: s, Type: policy.Type{Kind: k}}
	}
	out := make([]policy.Field, 1, 5)
	out[0] = field("id", policy.SysID, value.Text)
	if kind != isSource {
		out = append(out, field("at", policy.SysAt, value.Time),
			field("received", policy.SysReceived, value.Time))
	}
	if kind != isEvent {
		out = append(out, field("created", policy.SysCreated, value.Time))
	}
	if kind == isEntity {
		out = append(out, field("updated", policy.SysUpdated, value.Time))
	}
	r.Fields = make([]*policy.Field, 0, len(out)+8)
	for i := range out {
		addField(r, &out[i])
	}
}

// builtins makes the built-in records and the parts of photos, recordings and files.
func (c *checker) builtins() {
	text := strings.ReplaceAll(builtinText, "\\\n", "")
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		words := strings.Fields(line)
		d := &decl{kind: declKind(words[0]), name: words[1], full: words[1], pkg: c.builtin, state: done}
		r := &policy.Record{Builtin: true, Head: policy.Head{Name: d.name, Full: d.full}}
		r.Kept = d.kind == isSource
		if d.kind == isEvent {
			r.Kind = policy.Event
		}
		addSystem(r, d.kind)
		for i := 2; i < len(words); i += 2 {
			addField(r, &policy.Field{Name: words[i], Type: c.builtinType(words[i+1])})
		}
		d.record = r
		c.builtin.names[d.name] = d
		c.builtin.order = append(c.builtin.order, d.name)
		c.byRecord[r] = d
		if d.name == "Workspace" {
			c.workspace = r
		}
		c.policy.Records = append(c.policy.Records, r)
	}
	c.media = map[value.Kind]*policy.Record{
		value.Photo: c.parts("name text? size int taken time? device text? software text? " +
			"location point? look int? measured text? sha256 text"),
		value.Audio: c.parts("name text? size int length duration? sha256 text"),
		value.File:  c.parts("name text? size int sha256 text"),
	}
	c.origins = inlineChoice("live", "late", "batch", "system")
}

func (c *checker) parts(text string) *policy.Record {
	r := &policy.Record{Kind: policy.Rows, Builtin: true}
	words := strings.Fields(text)
	for i := 0; i < len(words); i += 2 {
		addField(r, &policy.Field{Name: words[i], Type: c.builtinType(words[i+1])})
	}
	for _, f := range r.Fields {
		f.Of = nil // they are parts of a value, not fields of a record
	}
	return r
}

func (c *checker) builtinType(word string) policy.Type {
	name, maybe := strings.CutSuffix(word, "?")
	if strings.Contains(name, "|") {
		ch := inlineChoice(strings.Split(name, "|")...)
		return policy.Type{Kind: value.Choice, Choice: ch, Maybe: maybe}
	}
	return policy.Type{Kind: kindNamed(name), Maybe: maybe}
}

func inlineChoice(names ...string) *policy.Choice {
	ch := &policy.Choice{}
	for _, n := range names {
		ch.Values = append(ch.Values, policy.ChoiceValue{Name: n})
	}
	return ch
}

// addFields appends fields to a record.
func addFields(r *policy.Record, fields []*policy.Field) {
	for _, f := range fields {
		addField(r, f)
	}
}

func addField(r *policy.Record, f *policy.Field) {
	f.Of, f.Index = r, len(r.Fields)
	r.Fields = append(r.Fields, f)
}

// kindNamed is the kind of a built-in type, Missing where the word names none.
func kindNamed(word string) value.Kind {
	switch word {
	case "text":
		return value.Text
	case "int":
		return value.Int
	case "number":
		return value.Number
	case "percent":
		return value.Percent
	case "money":
		return value.Money
	case "bool":
		return value.Bool
	case "date":
		return value.Date
	case "time":
		return value.Time
	case "duration":
		return value.Duration
	case "distance":
		return value.Distance
	case "point":
		return value.Point
	case "area":
		return value.Area
	case "photo":
		return value.Photo
	case "audio":
		return value.Audio
	case "file":
		return value.File
	}
	return value.Missing
}

// kindWord is the word of the language for a kind.
func kindWord(k value.Kind) string {
	words := [...]string{value.Bool: "bool", value.Int: "int", value.Number: "number",
		value.Percent: "percent", value.Money: "money", value.Text: "text", value.Choice: "choice",
		value.Ref: "reference", value.Date: "date", value.Time: "time", value.Duration: "duration",
		value.Distance: "distance", value.Point: "point", value.Area: "area", value.Photo: "photo",
		value.Audio: "audio", value.File: "file", value.List: "list", value.Row: "record",
		value.WorkDays: "wd", value.WorkHours: "wh"}
	if int(k) < len(words) && words[k] != "" {
		return words[k]
	}
	return "missing"
}

// typeWord names a type as a policy would write it.
func typeWord(t policy.Type) string {
	switch t.Kind {
	case value.Choice:
		if t.Choice != nil && t.Choice.Name != "" {
			return t.Choice.Name
		}
		if t.Choice != nil {
			return strings.Join(choiceNames(t.Choice), " | ")
		}
	case value.Ref, value.Row:
		if t.Record != nil && t.Record.Name != "" {
			return t.Record.Name
		}
	case value.List:
		if t.Elem != nil {
			return "list of " + typeWord(*t.Elem)
		}
	case value.Percent:
		if t.Diff {
			return "pp"
		}
	}
	return kindWord(t.Kind)
}

func choiceNames(ch *policy.Choice) []string {
	out := make([]string, len(ch.Values))
	for i, v := range ch.Values {
		out[i] = v.Name
	}
	return out
}

// valueNamed finds a choice's value by its name, else by its label; -1 where there is none.
func valueNamed(ch *policy.Choice, name string) int {
	for i, v := range ch.Values {
		if v.Name == name {
			return i
		}
	}
	for i, v := range ch.Values {
		if v.Label.Main == name || v.Label.Zh == name || v.Label.En == name {
			return i
		}
	}
	return -1
}

// reserved reports whether a name cannot be declared as a field (reference, section 3).
func reserved(name string) bool {
	switch name {
	case "type", "id", "at", "received", "created", "updated", "stage", "stage_since", "open":
		return true
	}
	return false
}
