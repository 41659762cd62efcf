package decision

import (
	"cmp"
	"strings"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// Options say for whom a Writer writes.
type Options struct {
	Zone *time.Location // nil: UTC; a workspace's decisions are shown in its own zone
	Lang string         // en or zh: the texts, where the policy gives both; "" as first written
}

// Writer writes decisions of one policy as JSON and renders their texts. It holds what is worked
// out once a policy, such as line tables, and never changes: any number of goroutines may use one.
type Writer struct {
	policy *policy.Policy
	opts   Options
	lines  []lines
	labels map[*policy.Choice]value.Style // for people
	names  map[*policy.Choice]value.Style // for programs
}

// NewWriter returns the writer of a policy's decisions.
func NewWriter(p *policy.Policy, o Options) *Writer {
	w := &Writer{policy: p, opts: o,
		labels: map[*policy.Choice]value.Style{}, names: map[*policy.Choice]value.Style{}}
	for _, f := range p.Files {
		w.lines = append(w.lines, linesOf(f.Text))
	}
	for _, c := range p.Choices {
		w.choice(c)
	}
	for _, r := range p.Records {
		for _, f := range r.Fields {
			w.choicesIn(f.Type)
		}
	}
	for _, s := range p.Segments {
		w.choice(s.Kinds)
	}
	return w
}

// choicesIn prepares the choices that stand inline in a field's type.
func (w *Writer) choicesIn(t policy.Type) {
	w.choice(t.Choice)
	if t.Elem == nil {
		return
	}
	w.choicesIn(*t.Elem)
	if t.Elem.Kind == value.Row && t.Elem.Record != nil {
		for _, f := range t.Elem.Record.Fields {
			w.choicesIn(f.Type)
		}
	}
}

func (w *Writer) choice(c *policy.Choice) {
	if c == nil {
		return
	}
	w.labels[c] = w.style(func(i int64) string { return w.label(c, i) })
	w.names[c] = w.style(func(i int64) string {
		if i < 0 || i >= int64(len(c.Values)) {
			return ""
		}
		return c.Values[i].Name
	})
}

func (w *Writer) style(choice func(int64) string) value.Style {
	return value.Style{Zone: w.opts.Zone, Lang: w.opts.Lang, Choice: choice}
}

// label is how people call a choice's value: its label in the writer's language, else its name.
func (w *Writer) label(c *policy.Choice, i int64) string {
	if i < 0 || i >= int64(len(c.Values)) {
		return value.MissingText
	}
	if s := w.Text(c.Values[i].Label); s != "" {
		return s
	}
	return c.Values[i].Name
}

// Text picks a text for people in the writer's language.
func (w *Writer) Text(t policy.Text) string {
	switch {
	case w.opts.Lang == "en" && t.En != "":
		return t.En
	case w.opts.Lang == "zh" && t.Zh != "":
		return t.Zh
	}
	return t.Main
}

// Zone returns the zone in which moments are written.
func (w *Writer) Zone() *time.Location {
	if w.opts.Zone == nil {
		return time.UTC
	}
	return w.opts.Zone
}

// Lang returns the language in which texts are written, "" for as first written.
func (w *Writer) Lang() string { return w.opts.Lang }

// AppendValue writes a value of a type as messages show it (reference, section 7).
func (w *Writer) AppendValue(dst []byte, t policy.Type, v value.Value) []byte {
	return w.styleOf(w.labels, t).Append(dst, v)
}

// AppendValueJSON writes a value of a type as a record would give it (reference, section 3).
func (w *Writer) AppendValueJSON(dst []byte, t policy.Type, v value.Value) []byte {
	return w.styleOf(w.names, t).AppendJSON(dst, v)
}

func (w *Writer) styleOf(of map[*policy.Choice]value.Style, t policy.Type) value.Style {
	for t.Elem != nil {
		t = *t.Elem
	}
	st, ok := of[t.Choice]
	if !ok && t.Choice != nil { // one of the language itself, such as origin's
		w.choice(t.Choice)
		return of[t.Choice]
	}
	if ok {
		return st
	}
	return w.style(nil)
}

// AppendMessage renders an effect's text from the policy's parts and the values it was given.
func (w *Writer) AppendMessage(dst []byte, e *Effect) []byte {
	if e.Effect == nil || e.Effect.Text == nil {
		return dst
	}
	return w.appendText(dst, e.Effect.Text, e.Args)
}

// appendText renders a text. Args are the values of the expressions of the text as first written
// and then, where the engine gives them too, of those in the other language; else the other
// language's expressions take the values of the same expressions in the first.
func (w *Writer) appendText(dst []byte, m *policy.Message, args []value.Value) []byte {
	parts, next := m.Parts, 0
	other := m.Lang != "" && m.Lang == w.opts.Lang
	if other {
		parts, next = m.Other, countArgs(m.Parts)
	}
	borrowed := other && len(args) < next+countArgs(m.Other)
	for _, p := range parts {
		switch {
		case p.X == nil:
			dst = append(dst, p.Lit...)
		case p.X.Label != nil && m.Lang != "" && w.opts.Lang != "":
			dst = append(dst, labelIn(p.X.Label, (m.Lang == "zh") == other)...)
			next++
		case borrowed:
			dst = w.AppendValue(dst, p.X.Type, argOf(m, args, p.X))
		default:
			dst = w.AppendValue(dst, p.X.Type, argAt(args, next))
			next++
		}
	}
	return dst
}

// labelIn is a label in Chinese or English, else as written first.
func labelIn(t *policy.Text, zh bool) string {
	text := t.En
	if zh {
		text = t.Zh
	}
	return cmp.Or(text, t.Main)
}

func countArgs(parts []policy.Part) int {
	n := 0
	for _, p := range parts {
		if p.X != nil {
			n++
		}
	}
	return n
}

func argAt(args []value.Value, i int) value.Value {
	if i >= len(args) {
		return value.Value{}
	}
	return args[i]
}

// argOf finds the value that the same expression has in the text as first written.
func argOf(m *policy.Message, args []value.Value, x *policy.Expr) value.Value {
	i := 0
	for _, p := range m.Parts {
		if p.X == nil {
			continue
		}
		if same(p.X, x) {
			return argAt(args, i)
		}
		i++
	}
	return value.Value{}
}

// AppendFinding renders a finding's text: what the rule's author says, then what the table of codes
// says, which is source.Code.Message without its allocations.
func (w *Writer) AppendFinding(dst []byte, f *Finding) []byte {
	if f.Text != nil {
		if dst = w.appendText(dst, f.Text, f.Values); f.Code == source.ProofSays {
			return dst
		}
		dst = append(dst, ": "...)
	}
	entry, ok := source.Lookup(f.Code)
	if !ok {
		return append(dst, f.Code.Message(w.opts.Lang, f.Args)...)
	}
	text, lang := entry.En, "en"
	if w.opts.Lang == "zh" || w.opts.Lang == "" && w.policy.Settings.Lang == "zh" {
		text, lang = entry.Zh, "zh"
	}
	if strings.Contains(text, ":type}") { // of what the checker tells: the names of types
		return append(dst, f.Code.Message(lang, f.Args)...)
	}
	return fill(dst, text, f.Args)
}

// fill puts arguments into a code's text, at {0}, {1}, ….
func fill(dst []byte, text string, args []string) []byte {
	for i := 0; i < len(text); i++ {
		if text[i] == '{' && i+2 < len(text) && text[i+2] == '}' {
			if n := int(text[i+1]) - '0'; n >= 0 && n < len(args) {
				dst = append(dst, args[n]...)
				i += 2
				continue
			}
		}
		dst = append(dst, text[i])
	}
	return dst
}
