package trial

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
)

// whose finds the person and the region that a record is of, for summaries: the person is whom its
// field owner or rep refers to, or the record itself where others call it that; the region is the
// field of that name, of the record or of its person.
type whose struct {
	engine  *engine.Engine
	w       *decision.Writer
	persons map[*policy.Record]bool
	asks    map[*policy.Field]*engine.Program
}

func newWhose(p *policy.Policy, e *engine.Engine) *whose {
	w := &whose{engine: e, w: decision.NewWriter(p, decision.Options{Zone: e.Zone()}),
		persons: map[*policy.Record]bool{}, asks: map[*policy.Field]*engine.Program{}}
	for _, r := range p.Records {
		if f := personField(r); f != nil {
			w.persons[f.Type.Record] = true
		}
	}
	return w
}

// personField is the field that says whom a record is of; nil without one.
func personField(r *policy.Record) *policy.Field {
	for _, name := range []string{"owner", "rep", "seller", "agent"} {
		i := slices.IndexFunc(r.Fields, func(f *policy.Field) bool {
			return f.Name == name && f.Type.Kind == value.Ref && f.Type.Record.Kind == policy.Entity
		})
		if i >= 0 {
			return r.Fields[i]
		}
	}
	return nil
}

// ofEvent is the person of the event in hand.
func (w *whose) ofEvent(r *record.Record) string {
	if f := personField(r.Type); f != nil && f.Compute == nil && f.Index < len(r.Refs) {
		return r.Refs[f.Index]
	}
	return ""
}

// of returns the id of the person and the region of a fact's subject.
func (w *whose) of(f *fact) (person, region string) {
	t := f.subject.Type
	if t == nil {
		return "", ""
	}
	of, id := t, f.subject.ID
	field := personField(t)
	switch {
	case t.Kind == policy.Event:
		if person = f.person; field == nil || person == "" {
			return person, ""
		}
		of, id = field.Type.Record, person
	case w.persons[t]:
		person = id
	case field != nil:
		person = w.ask(t, id, field)
	}
	if region = w.region(of, id); region == "" && person != "" && field != nil {
		region = w.region(field.Type.Record, person)
	}
	return person, region
}

func (w *whose) region(r *policy.Record, id string) string {
	i := slices.IndexFunc(r.Fields, func(f *policy.Field) bool { return f.Name == "region" })
	if i < 0 || r.Kind != policy.Entity {
		return ""
	}
	return w.ask(r, id, r.Fields[i])
}

// ask reads a field of an entity as it is: a reference's id, else the value as text.
func (w *whose) ask(r *policy.Record, id string, f *policy.Field) string {
	p := w.asks[f]
	if p == nil {
		self := &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: r}}
		p = w.engine.Program(&policy.Expr{Op: policy.OpField, Type: f.Type, Field: f,
			Args: []*policy.Expr{self}})
		w.asks[f] = p
	}
	v, ok := p.Ask(r, id)
	switch {
	case !ok || !v.Known():
		return ""
	case v.Kind == value.Ref:
		return w.engine.ID(f.Type.Record, v.N)
	}
	return string(w.w.AppendValue(nil, f.Type, v))
}
