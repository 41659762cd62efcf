package eval

import (
	"testing"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// shapes are conditions as policies have them, over the counted record and what it refers to.
func shapes(w *world) []struct {
	name string
	e    *policy.Expr
} {
	f := func(k value.Kind, n int) *policy.Expr { return w.read(w.row(), w.field(w.visit, k, n)) }
	is := func(op policy.Op, args ...*policy.Expr) *policy.Expr { return node(op, value.Bool, args...) }
	own := func(v value.Value) *policy.Expr { return constOf(v) }
	demo := own(value.OfWord(value.Choice, 1))
	rich := is(policy.OpGe, f(value.Money, 0), own(value.OfWord(value.Money, 10000)))
	three := is(policy.OpAnd, rich, is(policy.OpEq, f(value.Choice, 0), demo), is(policy.OpGe, f(value.Int, 0), whole(3)))
	choices := is(policy.OpIn, f(value.Choice, 0), demo, own(value.OfWord(value.Choice, 2)))
	half := node(policy.OpMul, value.Money, f(value.Money, 0), number(0.5))
	owner := w.read(w.read(w.row(), w.field(w.visit, value.Ref, 0)), w.field(w.rep, value.Text, 0))
	table := node(policy.OpPick, value.Int, three, whole(5), rich, whole(3), whole(1))
	return []struct {
		name string
		e    *policy.Expr
	}{
		{"three atoms", three},
		{"money at least", rich},
		{"choice in set", choices},
		{"number between", is(policy.OpBetween, f(value.Number, 0), number(0), number(3))},
		{"text equals", is(policy.OpEq, f(value.Text, 0), text("ab"))},
		{"owner's region", is(policy.OpEq, owner, text("华东"))},
		{"half of money", is(policy.OpLt, half, f(value.Money, 1))},
		{"quotient", is(policy.OpLt, node(policy.OpDiv, value.Number, f(value.Number, 0), f(value.Number, 1)), number(2))},
		{"moments near", is(policy.OpNear, f(value.Time, 0), own(value.OfWord(value.Duration, value.Hour)), f(value.Time, 1))},
		{"places near", is(policy.OpNear, f(value.Point, 0), own(value.OfFloat(value.Distance, 500)), f(value.Area, 0))},
		{"decision table", is(policy.OpGe, table, whole(3))},
		{"matches", is(policy.OpMatches, f(value.Text, 0), text(`^a`))},
		{"three workdays", is(policy.OpGt, node(policy.OpAddWork, value.Time, f(value.Time, 0),
			own(value.OfWord(value.WorkDays, 3))), node(policy.OpNow, value.Time))},
		{"four working hours", is(policy.OpGt, node(policy.OpAddWork, value.Time, f(value.Time, 0),
			own(value.OfWord(value.WorkHours, 4*value.Hour))), node(policy.OpNow, value.Time))},
	}
}

// full is an environment in which every field has its second value.
func full(w *world) *Env { return w.env(func(n int) int { return min(1, n-1) }) }

func TestNothingIsAllocated(t *testing.T) {
	w := newWorld()
	v := full(w)
	for _, s := range shapes(w) {
		x := w.compiler(Closures).Cond(s.e)
		if x(v) == value.Unknown {
			t.Errorf("%s is unknown: it measures nothing", s.name)
		}
		if n := testing.AllocsPerRun(100, func() { x(v) }); n != 0 {
			t.Errorf("%s allocates %v times", s.name, n)
		}
	}
}

func BenchmarkClosures(b *testing.B) { bench(b, Closures) }

func BenchmarkVM(b *testing.B) { bench(b, VM) }

func bench(b *testing.B, on Backend) {
	w := newWorld()
	v := full(w)
	for _, s := range shapes(w) {
		x := w.compiler(on).Cond(s.e)
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x(v)
			}
		})
	}
}

// deal is what a program written by hand reads; the ratio to it is what closures cost.
type deal struct{ amount, stage, visits int64 }

//go:noinline
func (d *deal) wanted() bool { return d.amount >= 10000 && d.stage == 1 && d.visits >= 3 }

func BenchmarkByHand(b *testing.B) {
	d := &deal{10000, 1, 1}
	b.Run("three atoms", func(b *testing.B) {
		for b.Loop() {
			d.wanted()
		}
	})
}
