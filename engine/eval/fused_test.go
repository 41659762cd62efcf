package eval

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/slots"
)

// agreed reports where closures, VM and oracle differ over environments.
func agreed(t *testing.T, w *world, e *policy.Expr, envs []*Env) {
	t.Helper()
	fast, slow := w.compiler(Closures).Cond(e), w.compiler(VM).Cond(e)
	for _, v := range envs {
		a, b, o := fast(v), slow(v), walker{w, v}.walk(e).Tri()
		if a != b || a != o {
			t.Errorf("%s: closures %d, VM %d, oracle %d", show(e), a, b, o)
		}
	}
}

// over makes environments in which a field takes every value of its kind, and none.
func (w *world) over(f *policy.Field) []*Env {
	var out []*Env
	l := slots.For(f.Of)
	for _, x := range append(pool(f.Type.Kind), none) {
		v := full(w)
		l.Put(v.Row, f.Index, x)
		out = append(out, v)
	}
	return out
}

// Every comparison of a field with a literal, from either side, is what it is written as.
func TestFusedComparisons(t *testing.T) {
	w := newWorld()
	for _, k := range append(ordered, value.Bool, value.Choice, value.Ref) {
		f := w.field(w.visit, k, 0)
		envs := w.over(f)
		ops := []policy.Op{policy.OpEq, policy.OpNe}
		if slices.Contains(ordered, k) {
			ops = append(ops, policy.OpLt, policy.OpLe, policy.OpGt, policy.OpGe)
		}
		g := &gen{w: w}
		for i := range pool(k) {
			g.pick = func(int) int { return i }
			x, read := g.literal(k), w.read(w.row(), f)
			for _, op := range ops {
				agreed(t, w, node(op, value.Bool, read, x), envs)
				agreed(t, w, node(op, value.Bool, x, read), envs)
				agreed(t, w, node(policy.OpAnd, value.Bool, node(op, value.Bool, read, x), node(policy.OpHas, value.Bool, read)), envs)
				agreed(t, w, node(policy.OpAnd, value.Bool, node(op, value.Bool, read, x), node(policy.OpNe, value.Bool, read, x)), envs)
			}
			if slices.Contains(ordered, k) {
				for j := range pool(k) {
					g.pick = func(int) int { return j }
					agreed(t, w, node(policy.OpBetween, value.Bool, read, x, g.literal(k)), envs)
				}
			}
		}
	}
}

// A field among literals: none that fits, few, and more than are compared one by one.
func TestFusedSets(t *testing.T) {
	w := newWorld()
	for _, k := range append(ordered, value.Bool, value.Choice, value.Ref) {
		f := w.field(w.visit, k, 0)
		g := &gen{w: w}
		for _, n := range []int{1, 2, 3, 12} {
			list := node(policy.OpList, value.List)
			for i := range n {
				g.pick = func(m int) int { return (2*i + 1) % m }
				list.Args = append(list.Args, g.literal(k))
			}
			agreed(t, w, node(policy.OpIn, value.Bool, w.read(w.row(), f), list), w.over(f))
		}
	}
}

// Every signature of an embedder's function is called alike on both backends.
func TestExternSignatures(t *testing.T) {
	w := newWorld()
	v := full(w)
	txt, num, n, b := text("ab"), number(2.5), whole(3), truthOf(yes)
	place := constOf(value.Value{Kind: value.Point, X: &value.Place{Lat: 31}})
	for i, k := range []struct {
		fn   any
		args []*policy.Expr
		want value.Value
	}{
		{func(s string) float64 { return float64(len(s)) }, []*policy.Expr{txt}, value.OfFloat(value.Number, 2)},
		{func(string) float64 { var z float64; return 1 / z }, []*policy.Expr{txt}, none},
		{func(s string) int64 { return int64(len(s)) }, []*policy.Expr{txt}, value.OfWord(value.Int, 2)},
		{func(s string) bool { return s == "ab" }, []*policy.Expr{txt}, value.OfBool(true)},
		{func(s string) string { return s + s }, []*policy.Expr{txt}, value.OfText("abab")},
		{func(f float64) float64 { return f * 2 }, []*policy.Expr{num}, value.OfFloat(value.Number, 5)},
		{func(n int64) int64 { return n * 2 }, []*policy.Expr{n}, value.OfWord(value.Int, 6)},
		{func(n int64) float64 { return float64(n) }, []*policy.Expr{n}, value.OfFloat(value.Number, 3)},
		{func(s string, n int64) float64 { return float64(n) }, []*policy.Expr{txt, n}, value.OfFloat(value.Number, 3)},
		{func(s string, n int64) int64 { return n }, []*policy.Expr{txt, n}, value.OfWord(value.Int, 3)},
		{func(a, b string) float64 { return float64(len(a + b)) }, []*policy.Expr{txt, txt}, value.OfFloat(value.Number, 4)},
		{func(a, b string) bool { return a != b }, []*policy.Expr{txt, txt}, value.OfBool(false)},
		{func(a, b float64) float64 { return a + b }, []*policy.Expr{num, num}, value.OfFloat(value.Number, 5)},
		{func(a, b int64) int64 { return a - b }, []*policy.Expr{n, n}, value.OfWord(value.Int, 0)},
		{func(a bool, b string) (string, bool) { return b, a }, []*policy.Expr{b, txt}, value.OfText("ab")},
		{func(a bool, b string) (string, bool) { return b, !a }, []*policy.Expr{b, txt}, none},
		{func(p *value.Place) bool { return p.Lat > 30 }, []*policy.Expr{place}, value.OfBool(true)},
		{func(p *value.Place, n int64) int64 { return int64(p.Lat) + n }, []*policy.Expr{place, n}, value.OfWord(value.Int, 34)},
		{func(p *value.Place) *value.Place { return p }, []*policy.Expr{place}, place.Const},
		{func(p *value.Place) float64 { return p.Lat }, []*policy.Expr{missingOf(value.Point)}, none},
	} {
		name := fmt.Sprint("f", i)
		w.externs[name] = &Extern{Name: name, Go: k.fn}
		decl := &policy.Extern{Result: typed(k.want.Kind)}
		for _, a := range k.args {
			decl.Params = append(decl.Params, a.Type)
		}
		if err := w.externs[name].Fits(decl); k.want.Known() && err != nil {
			t.Error(err)
		}
		e := node(policy.OpExtern, k.want.Kind, k.args...)
		if e.Fn = name; !k.want.Known() {
			e.Type.Kind = value.Number
			if _, ok := k.fn.(func(bool, string) (string, bool)); ok {
				e.Type.Kind = value.Text
			}
		}
		for _, on := range []Backend{Closures, VM} {
			got := outcome(func() value.Value { return w.compiler(on).Value(e)(v) })
			if want := outcome(func() value.Value { return k.want }); got != want {
				t.Errorf("%T on backend %d: %s, want %s", k.fn, on, got, want)
			}
		}
	}
}

// Every part of a file can be read, and is missing where the file or the part is.
func TestMediaParts(t *testing.T) {
	w := newWorld()
	photo := w.field(w.visit, value.Photo, 0)
	at := value.OfWord(value.Time, 5)
	whole := &value.Media{SHA256: "00", Name: "a.jpg", Size: 7, Taken: at, Device: value.OfText("d"), Software: value.OfText("s"),
		Location: value.Value{Kind: value.Point, X: &value.Place{Lat: 1}}, Look: value.OfWord(value.Int, -1),
		Measured: value.OfText("server"), Length: value.OfWord(value.Duration, 9)}
	want := map[string]value.Value{"sha256": value.OfText("00"), "name": value.OfText("a.jpg"),
		"size": value.OfWord(value.Int, 7), "taken": at, "device": whole.Device, "software": whole.Software,
		"location": whole.Location, "look": whole.Look, "measured": whole.Measured, "length": whole.Length}
	for name := range mediaParts() {
		e := &policy.Expr{Op: policy.OpField, Type: typed(want[name].Kind), Field: &policy.Field{Name: name},
			Args: []*policy.Expr{w.read(w.row(), photo)}}
		get := w.compiler(Closures).Value(e)
		v := full(w)
		l := slots.For(w.visit)
		l.Put(v.Row, photo.Index, value.Value{Kind: value.Photo, X: whole})
		if got := get(v); got != want[name] {
			t.Errorf("%s is %v, want %v", name, got, want[name])
		}
		if v.Row.Clear(photo.Index); get(v).Known() {
			t.Errorf("%s of no photo is known", name)
		}
	}
}

// An event, or a row of a list, as one value is its fields' values.
func TestWholeRow(t *testing.T) {
	w := newWorld()
	v := full(w)
	row := w.compiler(Closures).Value(w.row())(v).X.([]value.Value)
	f := w.field(w.visit, value.Int, 0)
	if len(row) != len(w.visit.Fields) || row[f.Index] != slots.For(w.visit).Value(v.Row, f.Index) {
		t.Error(row)
	}
	last := &policy.Expr{Op: policy.OpAggregate, Type: w.row().Type, Agg: &policy.Aggregate{ID: 99}}
	w.aggs[99] = value.Value{Kind: value.Row, X: row}
	got := w.compiler(Closures).Value(w.read(last, f))(v)
	if got != row[f.Index] {
		t.Error(got)
	}
}

// What has failed stays missing, whatever is worked out after it in the same piece: a / 0 is not
// mended by a right side that is called and known.
func TestFailureStays(t *testing.T) {
	w := newWorld()
	for _, k := range []struct {
		kind    value.Kind
		failing *policy.Expr
		after   *policy.Expr
	}{
		{value.Number, node(policy.OpDiv, value.Number, number(1), w.read(w.row(), w.field(w.visit, value.Number, 0))), number(2)},
		{value.Int, node(policy.OpAdd, value.Int, whole(math.MaxInt64), w.read(w.row(), w.field(w.visit, value.Int, 0))), whole(2)},
	} {
		called := node(policy.OpCoalesce, k.kind, missingOf(k.kind), k.after)
		zero, one := full(w), full(w)
		f := w.field(w.visit, k.kind, 0)
		l := slots.For(f.Of)
		zeroOf, oneOf := value.OfFloat(k.kind, 0), value.OfWord(k.kind, 1)
		if k.kind == value.Number {
			oneOf = zeroOf
		}
		l.Put(zero.Row, f.Index, zeroOf)
		l.Put(one.Row, f.Index, oneOf)
		for _, e := range []*policy.Expr{
			node(policy.OpAdd, k.kind, k.failing, called), node(policy.OpAdd, k.kind, called, k.failing),
		} {
			for _, v := range []*Env{zero, one} {
				a := w.compiler(Closures).Value(e)(v)
				if o := (walker{w, v}).walk(e); a.Known() != o.Known() {
					t.Errorf("%s: closures %v, oracle %v", show(e), a, o)
				}
			}
		}
	}
}
