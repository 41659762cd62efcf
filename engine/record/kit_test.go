package record

import (
	"testing"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

var zone = func() *time.Location {
	l, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return l
}()

// typ makes a type; maybe makes it one that may be missing.
func typ(k value.Kind) policy.Type { return policy.Type{Kind: k} }

func maybe(t policy.Type) policy.Type { t.Maybe = true; return t }

func listOf(t policy.Type) policy.Type { return policy.Type{Kind: value.List, Elem: &t} }

func refTo(r *policy.Record) policy.Type { return policy.Type{Kind: value.Ref, Record: r} }

func oneOf(c *policy.Choice) policy.Type { return policy.Type{Kind: value.Choice, Choice: c} }

// choiceOf makes a choice of values with labels: name, label, name, label, ….
func choiceOf(name string, values ...string) *policy.Choice {
	c := &policy.Choice{Head: policy.Head{Name: name, Full: name}}
	for i := 0; i < len(values); i += 2 {
		c.Values = append(c.Values, policy.ChoiceValue{Name: values[i], Label: policy.Text{Main: values[i+1]}})
	}
	return c
}

func fld(name string, t policy.Type) *policy.Field { return &policy.Field{Name: name, Type: t} }

// rec makes a record type with its built-in fields first.
func rec(kind policy.RecordKind, name string, fields ...*policy.Field) *policy.Record {
	r := &policy.Record{Kind: kind, Head: policy.Head{Name: name, Full: name}}
	if kind != policy.Rows {
		r.Fields = []*policy.Field{
			{Name: "id", System: policy.SysID, Type: typ(value.Text)},
			{Name: "at", System: policy.SysAt, Type: typ(value.Time)},
			{Name: "received", System: policy.SysReceived, Type: typ(value.Time)},
			{Name: "created", System: policy.SysCreated, Type: typ(value.Time)},
		}
	}
	r.Fields = append(r.Fields, fields...)
	for i, f := range r.Fields {
		f.Of, f.Index = r, i
	}
	return r
}

// world is a policy with every kind of field.
func world() *policy.Policy {
	rep := rec(policy.Entity, "Rep", fld("name", typ(value.Text)), fld("region", maybe(typ(value.Text))))
	channel := choiceOf("Channel", "chain", "连锁", "community", "社区", "bar", "")
	store := rec(policy.Entity, "Store", fld("name", typ(value.Text)), fld("channel", oneOf(channel)),
		fld("monthly", maybe(typ(value.Money))), fld("location", typ(value.Point)), fld("owner", maybe(refTo(rep))))
	store.Label = policy.Text{Main: "门店"}
	store.Was = []string{"Shop"}
	store.Fields[6].Label = policy.Text{Main: "月销额", En: "Monthly sales"}
	store.Fields[6].Was = []string{"revenue"}
	line := rec(policy.Rows, "", fld("sku", typ(value.Text)), fld("facings", typ(value.Int)),
		fld("price", maybe(typ(value.Money))))
	visit := rec(policy.Event, "Visit", fld("store", refTo(store)), fld("rep", maybe(refTo(rep))),
		fld("location", maybe(typ(value.Point))), fld("photo", maybe(typ(value.Photo))),
		fld("recording", maybe(typ(value.Audio))), fld("note", maybe(typ(value.Text))),
		fld("skus", maybe(listOf(typ(value.Text)))), fld("lines", maybe(listOf(policy.Type{Kind: value.Row, Record: line}))),
		fld("channels", maybe(listOf(oneOf(channel)))), fld("n", maybe(typ(value.Int))),
		fld("x", maybe(typ(value.Number))), fld("rate", maybe(typ(value.Percent))),
		fld("amount", maybe(typ(value.Money))), fld("ok", maybe(typ(value.Bool))), fld("day", maybe(typ(value.Date))),
		fld("when", maybe(typ(value.Time))), fld("took", maybe(typ(value.Duration))),
		fld("far", maybe(typ(value.Distance))), fld("zone", maybe(typ(value.Area))),
		fld("kind", maybe(oneOf(channel))), fld("quality", typ(value.Number)), fld("mood", typ(value.Text)))
	visit.Fields[len(visit.Fields)-2].Compute = &policy.Expr{}
	visit.Fields[len(visit.Fields)-1].Fill = &policy.Expr{}
	review := rec(policy.Event, "Review", fld("record", typ(value.Text)), fld("by", maybe(typ(value.Text))))
	review.Builtin = true
	space := rec(policy.Entity, "Workspace")
	space.Builtin = true
	p := &policy.Policy{Records: []*policy.Record{rep, review, store, visit, space}}
	for i, r := range p.Records {
		r.Index = i
	}
	return p
}

func decoder(t testing.TB) *Decoder {
	t.Helper()
	return NewDecoder(world(), zone)
}

// at is a moment in the tests' zone.
func at(t testing.TB, text string) int64 {
	t.Helper()
	v, ok := value.ParseText(value.Time, text, zone)
	if !ok {
		t.Fatalf("%s is no moment", text)
	}
	return v.N
}
