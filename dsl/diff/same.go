package diff

import (
	"slices"
	"strconv"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// same reports whether two expressions mean the same, names of the old policy read as they are
// called now.
func (d *differ) same(a, b *policy.Expr) bool {
	if a == nil || b == nil {
		return a == b
	}
	if !d.sameNode(a, b) || len(a.Args) != len(b.Args) {
		return false
	}
	for i := range a.Args {
		if !d.same(a.Args[i], b.Args[i]) {
			return false
		}
	}
	return true
}

// sameNode compares two nodes without what is below them.
func (d *differ) sameNode(a, b *policy.Expr) bool {
	return a.Op == b.Op && a.Type.Kind == b.Type.Kind && a.Fn == b.Fn && d.sameConst(a, b) &&
		d.sameField(a.Field, b.Field) &&
		(a.Score == nil || d.now(a.Score.Full) == b.Score.Full) &&
		(a.Tier == nil || d.now(a.Tier.Full) == b.Tier.Full) && d.sameAction(a.Action, b.Action) &&
		d.calendar(a.Cal) == calendarName(b.Cal) && d.sameAggregate(a.Agg, b.Agg)
}

// sameConst compares literals; a choice's by the value's name, since its index is no meaning.
func (d *differ) sameConst(a, b *policy.Expr) bool {
	if a.Op != policy.OpConst {
		return true
	}
	return d.sameValue(a.Type, a.Const, b.Type, b.Const)
}

func (d *differ) sameValue(s policy.Type, a value.Value, t policy.Type, b value.Value) bool {
	if a.Kind == value.Choice && s.Choice != nil && t.Choice != nil {
		return choiceName(s.Choice, a.N) == choiceName(t.Choice, b.N) ||
			b.N >= 0 && int(b.N) < len(t.Choice.Values) &&
				slices.Contains(t.Choice.Values[b.N].Was, choiceName(s.Choice, a.N))
	}
	if l, is := a.X.([]value.Value); is {
		m, too := b.X.([]value.Value)
		if !too || s.Elem == nil || t.Elem == nil {
			return false
		}
		return slices.EqualFunc(l, m, func(x, y value.Value) bool {
			return d.sameValue(*s.Elem, x, *t.Elem, y)
		})
	}
	st := value.Style{}
	return a.Kind == b.Kind && a.N == b.N && a.S == b.S &&
		(a.X == nil) == (b.X == nil) && (a.X == nil || st.Text(a) == st.Text(b))
}

func choiceName(c *policy.Choice, i int64) string {
	if i < 0 || int(i) >= len(c.Values) {
		return strconv.FormatInt(i, 10)
	}
	return c.Values[i].Name
}

func (d *differ) sameField(a, b *policy.Field) bool {
	if a == nil || b == nil {
		return a == b
	}
	full := func(f *policy.Field, now func(string) string) string {
		if f.Of == nil {
			return f.Name
		}
		of := now(f.Of.Full)
		return now(of + "." + f.Name)
	}
	return full(a, d.now) == full(b, func(s string) string { return s })
}

func (d *differ) calendar(c *policy.Calendar) string { return d.now(calendarName(c)) }

func calendarName(c *policy.Calendar) string {
	if c == nil {
		return ""
	}
	return c.Full
}

func (d *differ) sameAggregate(a, b *policy.Aggregate) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Fn == b.Fn && a.N == b.N && d.recordName(a.Source) == recordName(b.Source) &&
		d.sameAction(a.Action, b.Action) && a.Open == b.Open &&
		d.recordName(a.Subject) == recordName(b.Subject) && d.sameWindow(a, b) &&
		d.same(a.List, b.List) && d.same(a.Value, b.Value) && d.same(a.Value2, b.Value2) &&
		d.same(a.Where, b.Where) && d.same(a.Via, b.Via) && d.same(a.Of, b.Of)
}

func (d *differ) sameAction(a, b *policy.Action) bool {
	if a == nil || b == nil {
		return a == b
	}
	return d.now(a.Full) == b.Full
}

func (d *differ) sameWindow(a, b *policy.Aggregate) bool {
	v, w := a.Window, b.Window
	return v.Kind == w.Kind && v.D == w.D && v.Period == w.Period && d.same(v.T, w.T) &&
		d.same(v.At, w.At)
}

func (d *differ) recordName(r *policy.Record) string { return d.now(recordName(r)) }

func recordName(r *policy.Record) string {
	if r == nil {
		return ""
	}
	return r.Full
}

func (d *differ) sameType(a, b policy.Type) bool {
	if a.Kind != b.Kind || a.Maybe != b.Maybe || a.Diff != b.Diff ||
		d.recordName(a.Record) != recordName(b.Record) || (a.Elem == nil) != (b.Elem == nil) {
		return false
	}
	if a.Choice != nil && b.Choice != nil {
		return slices.EqualFunc(a.Choice.Values, b.Choice.Values,
			func(x, y policy.ChoiceValue) bool {
				return x.Name == y.Name || slices.Contains(y.Was, x.Name)
			})
	}
	return a.Elem == nil || d.sameType(*a.Elem, *b.Elem)
}

// smallest finds the smallest parts in which two expressions differ: while exactly one argument
// does, that one.
func (d *differ) smallest(a, b *policy.Expr) (_, _ *policy.Expr) {
	for a != nil && b != nil && d.sameNode(a, b) && len(a.Args) == len(b.Args) {
		at, n := -1, 0
		for i := range a.Args {
			if !d.same(a.Args[i], b.Args[i]) {
				at = i
				n++
			}
		}
		if n != 1 || a.Args[at].Span.IsZero() || b.Args[at].Span.IsZero() {
			return a, b
		}
		a, b = a.Args[at], b.Args[at]
	}
	return a, b
}

func (d *differ) sameEffect(a, b *policy.Effect) bool {
	return a.Kind == b.Kind && a.Via == b.Via && a.Name == b.Name && d.sameMessage(a.Text, b.Text) &&
		d.same(a.Who, b.Who) && d.same(a.With, b.With) && d.same(a.Target, b.Target) &&
		d.same(a.Value, b.Value) && d.same(a.When, b.When) && d.sameField(a.Field, b.Field) &&
		d.sameDue(a.Due, b.Due) && d.sameDue(a.For, b.For) && sameLimit(a.AtMost, b.AtMost) &&
		d.sameMet(a.Until, b.Until) && (a.Else == nil) == (b.Else == nil) &&
		(a.Else == nil || d.sameEffect(a.Else, b.Else))
}

func (d *differ) sameMet(a, b *policy.Met) bool {
	if a == nil || b == nil {
		return a == b
	}
	return d.same(a.X, b.X) && d.same(a.Of, b.Of)
}

func sameLimit(a, b *policy.Limit) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func (d *differ) sameDue(a, b *policy.Due) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Micro == b.Micro && a.Days == b.Days && a.Work == b.Work &&
		d.calendar(a.Calendar) == calendarName(b.Calendar)
}

// sameMessage compares texts for people: they are what an effect says, so they are meaning.
func (d *differ) sameMessage(a, b *policy.Message) bool {
	if a == nil || b == nil {
		return a == b
	}
	same := func(x, y policy.Part) bool { return x.Lit == y.Lit && d.same(x.X, y.X) }
	return a.Lang == b.Lang && slices.EqualFunc(a.Parts, b.Parts, same) &&
		slices.EqualFunc(a.Other, b.Other, same)
}
