package dsl

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// recordWriter writes a test's record as the JSON that would bring it. What stands in quotes goes
// as it is, so that a test can send what must be rejected; bare names are checked.
type recordWriter struct {
	*scope
	b []byte
}

func (w *recordWriter) text(s string) { w.b = value.AppendQuoted(w.b, s) }

// object writes the fields of a record.
func (w *recordWriter) object(r *policy.Record, o *syntax.Object) {
	w.b = append(w.b, '{')
	for i, f := range o.Fields {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.field(r, f)
	}
	w.b = append(w.b, '}')
}

func (w *recordWriter) field(r *policy.Record, x syntax.Field) {
	name := w.line.Key(x.Key)
	f := fieldNamed(r, name)
	if f == nil {
		f = fieldLabelled(r, name)
	}
	if f != nil {
		name = f.Name
	}
	w.text(name)
	w.b = append(w.b, ':')
	switch name {
	case "at", "received":
		w.value(policy.Type{Kind: value.Time}, x.X)
		return
	case "deleted", "retracted":
		w.value(boolType(), x.X)
		return
	case "why", "by":
		if f == nil {
			w.value(policy.Type{Kind: value.Text}, x.X)
			return
		}
	}
	at := w.line.TokSpan(x.Key)
	if f != nil {
		w.c.refer(at, f)
	}
	switch {
	case f == nil:
		d := w.tell(source.UnknownField, at, recordName(r), name)
		d.Near = source.Nearest(name, storedNames(w.c, r))
		w.raw(x.X)
	case w.c.isComputed(f) || !asked(f):
		w.tell(source.TestComputed, at, name)
		w.raw(x.X)
	default:
		w.value(f.Type, x.X)
	}
}

// asked reports whether a record may say a field: one that it stores, or the stage it asks for.
func asked(f *policy.Field) bool {
	return f.System == policy.NotSystem || f.System == policy.SysStage
}

func storedNames(c *checker, r *policy.Record) []string {
	var out []string
	for _, f := range r.Fields {
		if !c.isComputed(f) && asked(f) {
			out = append(out, f.Name)
		}
	}
	return out
}

// value writes a value of a type.
func (w *recordWriter) value(t policy.Type, x syntax.Value) {
	switch n := x.(type) {
	case *syntax.Const:
		if n.Word != "null" && t.Kind != value.Bool {
			w.wrong(t, x)
		}
		w.b = append(w.b, n.Word...)
	case *syntax.Name:
		w.name(t, n)
	case *syntax.Lit:
		w.literal(t, n, false)
	case *syntax.Unary:
		if l, ok := n.X.(*syntax.Lit); ok {
			w.literal(t, l, true)
		}
	case *syntax.List:
		w.list(t, n)
	case *syntax.Object:
		switch t.Kind {
		case value.Row:
			w.object(t.Record, n)
		case value.Photo, value.Audio, value.File:
			w.media(n)
		case value.Point, value.Area:
			w.raw(n)
		default:
			w.wrong(t, x)
			w.raw(n)
		}
	default:
		w.b = append(w.b, "null"...)
	}
}

func (w *recordWriter) wrong(t policy.Type, x syntax.Value) {
	w.tell(source.TestValue, w.line.ExprSpan(x), typeWord(t), typeWord(t))
}

// name writes a bare name: a choice's value, or a record's id.
func (w *recordWriter) name(t policy.Type, n *syntax.Name) {
	name := w.line.Name(n.Tok)
	at := w.line.ExprSpan(n)
	switch t.Kind {
	case value.Ref:
		w.referID(at, name)
	case value.Choice:
		if t.Choice == nil {
			break
		}
		if i := valueNamed(t.Choice, name); i >= 0 {
			w.c.referValue(at, t.Choice, i)
		} else {
			d := w.tell(source.UnknownValue, at, name, typeWord(t))
			d.Near, d.Want = source.Nearest(name, choiceNames(t.Choice)), choiceNames(t.Choice)
		}
	case value.Missing: // its type could not be resolved
	default:
		w.wrong(t, n)
	}
	w.text(name)
}

// literal writes a number with its unit, a moment or a text.
func (w *recordWriter) literal(t policy.Type, n *syntax.Lit, neg bool) {
	if k := w.line.Kind(n.Tok); k == syntax.KindText || k == syntax.KindRaw {
		s := w.line.String(n.Tok)
		if isMedia(t.Kind) {
			w.b = append(w.b, '{')
			w.madeUp(s, nil)
			w.b = append(w.b, '}')
			return
		}
		w.text(s)
		return
	}
	l, ok := w.number(n.Tok, &t)
	if !ok {
		w.b = append(w.b, "null"...)
		return
	}
	if t.Kind == value.Ref || t.Kind == value.Text {
		if t.Kind == value.Text {
			w.wrong(t, n)
		}
		w.text(w.line.Text(n.Tok))
		return
	}
	x := w.fitLiteral(l, neg, &t, w.line.ExprSpan(n))
	if x == nil {
		w.b = append(w.b, "null"...)
		return
	}
	v := x.Const
	if _, ok := convert(x, t); !ok && t.Kind != value.Missing {
		w.wrong(t, n)
	}
	if v.Kind == value.Date && t.Kind == value.Time {
		v = value.OfWord(value.Time, value.LocalTime(v.N*value.Day, w.c.zone))
	}
	w.b = value.Style{Zone: w.c.zone}.AppendJSON(w.b, v)
}

func (w *recordWriter) list(t policy.Type, n *syntax.List) {
	elem := policy.Type{}
	switch t.Kind {
	case value.List:
		elem = *t.Elem
	case value.Point:
		elem.Kind = value.Number
	case value.Area:
		elem.Kind = value.Point
	case value.Missing:
	default:
		w.wrong(t, n)
	}
	w.b = append(w.b, '[')
	for i, x := range n.Items {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.value(elem, x)
	}
	w.b = append(w.b, ']')
}

func isMedia(k value.Kind) bool {
	return k == value.Photo || k == value.Audio || k == value.File
}

// media writes a photo, a recording or a file. What of name, size and sha256 it does not say is
// made up, the hash from the name: what has one name in a test is one file.
func (w *recordWriter) media(n *syntax.Object) {
	said, name := map[string]bool{}, ""
	for _, f := range n.Fields {
		key := w.line.Key(f.Key)
		said[key] = true
		if l, ok := f.X.(*syntax.Lit); ok && key == "name" && w.line.Kind(l.Tok) == syntax.KindText {
			name = w.line.String(l.Tok)
		}
	}
	w.raw(n)
	w.b = w.b[:len(w.b)-1]
	w.madeUp(name, said)
	w.b = append(w.b, '}')
}

// madeUp writes what is not said of a file.
func (w *recordWriter) madeUp(name string, said map[string]bool) {
	sum := sha256.Sum256([]byte(name))
	for _, p := range [...][2]string{
		{"sha256", strconv.Quote(hex.EncodeToString(sum[:]))}, {"name", ""}, {"size", "1024"},
	} {
		if said[p[0]] {
			continue
		}
		if w.b[len(w.b)-1] != '{' {
			w.b = append(w.b, ',')
		}
		w.b = append(append(append(w.b, '"'), p[0]...), `":`...)
		if p[0] == "name" {
			w.text(name)
		} else {
			w.b = append(w.b, p[1]...)
		}
	}
}

// raw writes a value whose type says nothing: parts of photos and points.
func (w *recordWriter) raw(x syntax.Value) {
	switch n := x.(type) {
	case *syntax.Object:
		w.b = append(w.b, '{')
		for i, f := range n.Fields {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			w.text(w.line.Key(f.Key))
			w.b = append(w.b, ':')
			w.raw(f.X)
		}
		w.b = append(w.b, '}')
	case *syntax.List:
		w.b = append(w.b, '[')
		for i, e := range n.Items {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			w.raw(e)
		}
		w.b = append(w.b, ']')
	case *syntax.Lit:
		w.rawLiteral(n)
	case *syntax.Name:
		w.text(w.line.Name(n.Tok))
	case *syntax.Const:
		w.b = append(w.b, n.Word...)
	case *syntax.Unary:
		w.b = append(w.b, '-')
		w.raw(n.X)
	default:
		w.b = append(w.b, "null"...)
	}
}

func (w *recordWriter) rawLiteral(n *syntax.Lit) {
	text := w.line.Text(n.Tok)
	if k := w.line.Kind(n.Tok); k == syntax.KindText || k == syntax.KindRaw {
		w.text(w.line.String(n.Tok))
		return
	}
	if l, ok := w.number(n.Tok, nil); !ok {
		w.b = append(w.b, "null"...)
	} else if l.Value.Kind == value.Int {
		w.b = strconv.AppendInt(w.b, l.Value.N, 10)
	} else if l.Value.Kind == value.Number {
		w.b = value.Style{}.AppendJSON(w.b, l.Value)
	} else {
		w.text(text)
	}
}
