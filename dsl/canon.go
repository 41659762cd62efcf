package dsl

import (
	"encoding/binary"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// canon writes meaning as bytes: the same for two texts that mean the same, whatever their layout,
// comments, places, vocabulary or order of declarations. Every part begins with a tag or a length,
// so that no two meanings write the same bytes. What is read beyond the declaration itself is
// written by name and listed, so that its own meaning can be added.
type canon struct {
	former bool // in the names that things had before they were renamed
	b      []byte
	reads  []any // fields, scores, segments, and which records are counted
}

func (w *canon) num(n int64) {
	if uint64(n) < 64 { // what a varint writes, but in line
		w.b = append(w.b, byte(n)<<1)
		return
	}
	w.b = binary.AppendVarint(w.b, n)
}

func (w *canon) tag(t byte)     { w.b = append(w.b, t) }
func (w *canon) text(s string)  { w.num(int64(len(s))); w.b = append(w.b, s...) }
func (w *canon) read(thing any) { w.reads = append(w.reads, thing) }

// name writes what a declaration is called; nil is nothing.
func (w *canon) name(h *policy.Head) {
	switch {
	case h == nil:
		w.text("")
	case h.Full == "":
		w.text("") // its name is no part of what it means here
	default:
		w.text(w.called(h.Full, h.Was))
	}
}

// called is a name, or the first of those that it had.
func (w *canon) called(name string, was []string) string {
	if w.former && len(was) > 0 {
		return was[len(was)-1]
	}
	return name
}

func (w *canon) yes(is bool) {
	if is {
		w.tag(1)
	} else {
		w.tag(0)
	}
}

// list writes how many things follow.
func (w *canon) list(n int) { w.num(int64(n)) }

func (w *canon) value(v value.Value) {
	w.num(int64(v.Kind))
	w.num(v.N)
	w.text(v.S)
}

// typ writes a type; a choice by its values, in order, since their indexes are what is kept.
func (w *canon) typ(t policy.Type) {
	w.num(int64(t.Kind))
	w.yes(t.Diff)
	switch {
	case t.Choice != nil:
		w.list(len(t.Choice.Values))
		for _, v := range t.Choice.Values {
			w.text(w.called(v.Name, v.Was))
		}
	case t.Kind == value.Ref && t.Record != nil:
		w.name(&t.Record.Head)
	case t.Record != nil:
		w.rows(t.Record)
	case t.Elem != nil:
		w.typ(*t.Elem)
	}
}

// rows writes the type of a list's rows, or the record that a Row is.
func (w *canon) rows(r *policy.Record) {
	w.name(&r.Head)
	if r.Kind != policy.Rows {
		return
	}
	w.list(len(r.Fields))
	for _, f := range r.Fields {
		w.text(w.called(f.Name, f.Was))
		w.typ(f.Type)
		w.yes(f.Type.Maybe)
	}
}

// counting is which records of a type are counted at all: what its `drop` lines say.
type counting struct{ of *policy.Record }

// expr writes an expression; nil is a tag of its own.
func (w *canon) expr(x *policy.Expr) {
	if x == nil {
		w.tag(0)
		return
	}
	w.tag(1)
	w.num(int64(x.Op))
	w.num(int64(x.Type.Kind))
	switch x.Op {
	case policy.OpConst: // every other type follows from what is read
		w.typ(x.Type)
		w.value(x.Const)
	case policy.OpField:
		w.field(x.Field)
	case policy.OpScore:
		w.name(&x.Score.Head)
		w.read(x.Score)
	case policy.OpTier:
		w.name(&x.Tier.Head)
		w.read(x.Tier)
	case policy.OpAggregate:
		w.aggregate(x.Agg)
	case policy.OpDone:
		w.action(x.Action)
	case policy.OpCompleted:
		w.action(x.Action)
		w.aggregate(x.Agg)
		if x.Field != nil {
			w.field(x.Field)
		}
	case policy.OpLink:
		w.typ(x.Type)
	}
	w.text(x.Fn)
	if x.Cal != nil {
		w.name(&x.Cal.Head)
	}
	w.list(len(x.Args))
	for _, a := range x.Args {
		w.expr(a)
	}
}

func (w *canon) field(f *policy.Field) {
	if f.Of != nil {
		w.name(&f.Of.Head)
	}
	w.text(w.called(f.Name, f.Was))
	w.read(f)
}

// aggregate writes an aggregate: two that write the same are one counter.
func (w *canon) aggregate(a *policy.Aggregate) {
	w.num(int64(a.Fn))
	w.name(headIn(a.Source))
	w.name(headIn(a.Subject))
	if a.Open {
		w.tag(2)
	}
	w.action(a.Action)
	if a.Source != nil {
		w.read(counting{a.Source})
	}
	for _, x := range parts(a) {
		w.expr(x)
	}
	w.num(int64(a.Window.Kind))
	w.num(a.Window.D)
	w.num(int64(a.Window.Period))
	w.num(int64(a.N))
	w.typ(a.Type)
}

func (w *canon) effects(list []*policy.Effect) {
	w.list(len(list))
	for _, e := range list {
		w.effect(e)
	}
}

func (w *canon) effect(e *policy.Effect) {
	w.num(int64(e.Kind))
	w.message(e.Text)
	for _, x := range []*policy.Expr{e.Who, e.With, e.Target, e.Value, e.When} {
		w.expr(x)
	}
	w.due(e.Due)
	w.due(e.For)
	w.text(e.Via)
	w.text(e.Name)
	if e.Field == nil {
		w.tag(0)
	} else {
		w.tag(1)
		w.field(e.Field)
	}
	w.limit(e.AtMost)
	if e.Until != nil {
		w.tag(2)
		w.expr(e.Until.X)
		if e.Until.Of != nil {
			w.tag(4)
			w.expr(e.Until.Of)
		}
	}
	if e.Else != nil {
		w.tag(3)
		w.effect(e.Else)
	}
}

func (w *canon) limit(l *policy.Limit) {
	switch {
	case l == nil:
		w.tag(0)
	case l.Open:
		w.tag(4)
		w.num(int64(l.N))
	default:
		w.tag(1)
		w.num(int64(l.N))
		w.num(l.Per)
	}
}

func (w *canon) due(d *policy.Due) {
	if d == nil {
		w.tag(0)
		return
	}
	w.tag(1)
	w.num(d.Micro)
	w.num(d.Days)
	w.yes(d.Work)
}

func (w *canon) message(m *policy.Message) {
	if m == nil {
		w.tag(0)
		return
	}
	w.tag(1)
	w.text(m.Lang)
	for _, parts := range [][]policy.Part{m.Parts, m.Other} {
		w.list(len(parts))
		for _, p := range parts {
			w.text(p.Lit)
			w.expr(p.X)
		}
	}
}

func (w *canon) check(c *policy.Check) {
	if c == nil {
		w.tag(0)
		return
	}
	w.tag(1)
	w.num(int64(c.Each))
	w.num(c.Late)
}

// action names an action that is read.
func (w *canon) action(a *policy.Action) {
	if a == nil {
		w.tag(0)
		return
	}
	w.tag(1)
	w.name(&a.Head)
	w.read(a)
}

// wholeAction writes what an action counts. Who is told what is no part of it, and neither are
// its weight and why.
func (w *canon) wholeAction(a *policy.Action) {
	w.text("action")
	w.name(&a.Head)
	w.num(int64(a.Mode))
	w.name(headIn(a.On))
	for _, x := range []*policy.Expr{a.By, a.About, a.Done} {
		w.expr(x)
	}
	w.due(a.DoneWithin)
	w.list(len(a.Proof))
	for _, p := range a.Proof {
		w.text(p.Name)
		w.expr(p.X)
		w.num(int64(p.Else))
		w.num(int64(p.Unknown))
		w.num(int64(p.Strength))
		w.message(p.Text)
		w.due(p.Within)
	}
	if a.Target != nil {
		w.tag(1)
		w.num(int64(a.Target.N))
		w.num(int64(a.Target.Per))
		w.expr(a.Target.Distinct)
	}
	w.effects(a.Feedback)
}
