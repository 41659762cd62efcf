package explain

import (
	"strconv"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// Change is a fact with which somebody would have got a record, found by deciding again.
type Change struct {
	Field    *policy.Field // of the candidate; nil: they would have had so many records fewer
	From, To value.Value
	Fewer    int
}

// Moved is what an allocation reads of somebody, before an entry and after it.
type Moved struct {
	Field         *policy.Field
	Before, After value.Value
}

// MovedOf is all that an allocation reads of somebody.
type MovedOf struct {
	Account *decision.Account
	Who     string // their id
	Fields  []Moved
}

// AppendJSON writes it as one object.
func (m *MovedOf) AppendJSON(dst []byte, w *decision.Writer) []byte {
	a := m.Account
	dst = value.AppendQuoted(append(dst, `{"rule":`...), a.Rule.Full)
	dst = appendKey(appendKey(dst, "record", a.Record.String()), "of", a.Rule.To.Full+"/"+m.Who)
	dst = append(dst, `,"fields":[`...)
	for i, f := range m.Fields {
		dst = value.AppendQuoted(append(comma(dst, i), `{"field":`...), f.Field.Name)
		dst = w.AppendValueJSON(append(dst, `,"before":`...), f.Field.Type, f.Before)
		dst = append(w.AppendValueJSON(append(dst, `,"after":`...), f.Field.Type, f.After), '}')
	}
	return append(dst, "]}"...)
}

// Moved says what an allocation read of somebody whom it weighed, before it gave and after.
func (x *Explainer) Moved(o *MovedOf) string {
	p := &page{x: x}
	p.title(x.words.fill(x.words.moved, o.Account.Rule.To.Full+"/"+o.Who))
	for _, m := range o.Fields {
		was, now := p.value(m.Field.Type, m.Before), p.value(m.Field.Type, m.After)
		if was != now {
			was += " → " + now
		}
		p.line(1, "%s  %s%s", m.Field.Name, was, p.place(m.Field.Span))
	}
	return p.String()
}

// Changes says with which facts somebody would have got a record: each was decided again, of so
// many that were tried. As it was, got it again who got it then; else nothing is to be told.
func (x *Explainer) Changes(a *decision.Account, who string, list []Change, tried int) string {
	p, w := &page{x: x}, &x.words
	name, n := a.Rule.To.Full+"/"+who, strconv.Itoa(tried)
	if len(list) == 0 {
		p.title(w.fill(w.noFact, name, n))
		return p.String()
	}
	p.title(w.fill(w.tried, name, n))
	for _, c := range list {
		if c.Field == nil {
			p.line(1, "%s", w.fill(w.fewer, strconv.Itoa(c.Fewer), a.Rule.Of.Full))
			continue
		}
		p.line(1, "%s%s", w.fill(w.instead, c.Field.Name, p.value(c.Field.Type, c.To),
			p.value(c.Field.Type, c.From)), p.place(c.Field.Span))
	}
	return p.String()
}

// Otherwise says that deciding again came out otherwise, so that nothing can be tried.
func (x *Explainer) Otherwise() string {
	p := &page{x: x}
	p.title(x.words.otherwise)
	return p.String()
}
