package eval

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// gen grows random expressions that the checker could have made.
type gen struct {
	w    *world
	pick func(n int) int
}

// expr grows an expression of a kind; depth 0 is a leaf.
func (g *gen) expr(k value.Kind, depth int) *policy.Expr {
	if depth <= 0 {
		return g.leaf(k)
	}
	if k == value.Bool {
		return g.cond(depth)
	}
	e := g.any(k, depth-1)
	if e == nil {
		return g.leaf(k)
	}
	if e.Type.Kind == k {
		e.Type = g.w.typeOf(k)
	}
	return e
}

// literal is a constant; references have ids, not handles.
func (g *gen) literal(k value.Kind) *policy.Expr {
	values := pool(k)
	e := constOf(values[g.pick(len(values))])
	e.Type = g.w.typeOf(k)
	if k == value.Ref {
		e.Const = value.Value{Kind: k, S: fmt.Sprint(e.Const.N)}
	}
	return e
}

// leaf is a literal, a field, a path, a computed field, or what the host knows.
func (g *gen) leaf(k value.Kind) *policy.Expr {
	w := g.w
	t := w.typeOf(k)
	switch g.pick(9) {
	case 0, 1:
		if g.pick(len(pool(k))+1) == 0 {
			return &policy.Expr{Op: policy.OpConst, Type: t}
		}
		return g.literal(k)
	case 2, 3:
		return w.read(w.row(), w.field(w.visit, k, g.pick(2)))
	case 4:
		return w.read(&policy.Expr{Op: policy.OpCandidate, Type: w.self(w.rep).Type}, w.field(w.rep, k, 0))
	case 5:
		return w.read(w.read(w.row(), w.field(w.visit, value.Ref, 0)), w.field(w.rep, k, 0))
	case 6:
		for i, at := range kindsOfFields {
			if at == k {
				return &policy.Expr{Op: policy.OpAggregate, Type: t, Agg: &policy.Aggregate{ID: i, Type: t}}
			}
		}
	case 7:
		if e := g.special(k); e != nil {
			return e
		}
	}
	return w.read(w.self(w.rep), w.field(w.rep, k, 0))
}

func (g *gen) special(k value.Kind) *policy.Expr {
	w := g.w
	of := []*policy.Expr{w.self(w.rep), w.read(w.row(), w.field(w.visit, value.Ref, 0))}[g.pick(2)]
	photo := w.read(w.row(), w.field(w.visit, value.Photo, 0))
	part := func(name string) *policy.Expr {
		return &policy.Expr{Op: policy.OpField, Type: typed(k), Field: &policy.Field{Name: name}, Args: []*policy.Expr{photo}}
	}
	fields := w.rep.Fields
	switch k {
	case value.Number:
		if g.pick(2) == 0 {
			return &policy.Expr{Op: policy.OpScore, Type: typed(k), Args: []*policy.Expr{of}}
		}
		return w.read(of, fields[len(fields)-2])
	case value.Bool:
		return w.read(of, fields[len(fields)-1])
	case value.Choice:
		return &policy.Expr{Op: policy.OpTier, Type: w.typeOf(k), Args: []*policy.Expr{of}}
	case value.Ref:
		return of
	case value.Time:
		return []*policy.Expr{part("taken"), node(policy.OpNow, k)}[g.pick(2)]
	case value.Text:
		return part("device")
	case value.Int:
		return part("size")
	}
	return nil
}

var ordered = []value.Kind{value.Int, value.Number, value.Percent, value.Money, value.Text, value.Date, value.Time,
	value.Duration, value.Distance}

// cond grows a condition.
func (g *gen) cond(depth int) *policy.Expr {
	d := depth - 1
	sub := func(k value.Kind) *policy.Expr { return g.expr(k, g.pick(d+1)) }
	kind := ordered[g.pick(len(ordered))]
	same := func(op policy.Op, n int) *policy.Expr {
		e := node(op, value.Bool)
		for range n {
			e.Args = append(e.Args, sub(kind))
		}
		return e
	}
	bools := func(op policy.Op, n int) *policy.Expr { kind = value.Bool; return same(op, n) }
	switch g.pick(18) {
	case 0, 1:
		return bools(policy.OpAnd, 2+g.pick(3))
	case 2, 3:
		return bools(policy.OpOr, 2+g.pick(3))
	case 4:
		return bools(policy.OpNot, 1)
	case 5:
		return bools([]policy.Op{policy.OpEq, policy.OpNe, policy.OpCoalesce}[g.pick(3)], 2)
	case 6:
		return bools(policy.OpPick, 2+g.pick(4))
	case 7:
		kind = kindsOfFields[g.pick(len(kindsOfFields))]
		return same(policy.OpHas, 1)
	case 8:
		e := node(policy.OpCall, value.Bool, sub(kind))
		e.Fn = "missing"
		return e
	case 9:
		kind = []value.Kind{value.Choice, value.Ref}[g.pick(2)]
		return same([]policy.Op{policy.OpEq, policy.OpNe, policy.OpIn}[g.pick(3)], 2)
	case 10:
		return same(policy.OpBetween, 3)
	case 11:
		return g.in(append(ordered, value.Bool, value.Choice, value.Ref)[g.pick(12)], sub)
	case 12:
		if g.pick(2) == 0 {
			return node(policy.OpContains, value.Bool, sub(value.List), sub(value.Text))
		}
		return node(policy.OpContains, value.Bool, sub(value.Text), sub(value.Text))
	case 13:
		return node(policy.OpMatches, value.Bool, sub(value.Text), text(`^[Aa]b?|华`))
	case 14:
		if g.pick(2) == 0 {
			return node(policy.OpNear, value.Bool, sub(value.Time), sub(value.Duration), sub(value.Time))
		}
		return node(policy.OpNear, value.Bool, sub(value.Point), sub(value.Distance),
			sub([]value.Kind{value.Point, value.Area}[g.pick(2)]))
	}
	return same(policy.OpEq+policy.Op(g.pick(6)), 2)
}

// in is membership among literals, among any expressions, or in a list.
func (g *gen) in(k value.Kind, sub func(value.Kind) *policy.Expr) *policy.Expr {
	list := node(policy.OpList, value.List)
	for range 1 + g.pick(12) {
		if g.pick(20) > 0 {
			list.Args = append(list.Args, g.literal(k))
		} else {
			list.Args = append(list.Args, sub(k))
		}
	}
	switch g.pick(4) {
	case 0:
		return node(policy.OpIn, value.Bool, sub(k), list)
	case 2:
		return node(policy.OpContains, value.Bool, list, sub(k))
	case 1:
		return node(policy.OpIn, value.Bool, append([]*policy.Expr{sub(k)}, list.Args...)...)
	}
	return node(policy.OpIn, value.Bool, sub(value.Text), sub(value.List))
}

// any grows a node of a kind that is no condition, nil where only leaves have it.
//
//tidy:long one flat table of what makes which kind
func (g *gen) any(k value.Kind, d int) *policy.Expr {
	sub := func(k value.Kind) *policy.Expr { return g.expr(k, g.pick(d+1)) }
	fn := func(name string, args ...*policy.Expr) *policy.Expr {
		e := node(policy.OpCall, k, args...)
		e.Fn = name
		return e
	}
	all := []func() *policy.Expr{
		func() *policy.Expr { return node(policy.OpCoalesce, k, sub(k), sub(k)) },
		func() *policy.Expr {
			return node(policy.OpPick, k, sub(value.Bool), sub(k), sub(value.Bool), sub(k), sub(k))
		},
		func() *policy.Expr { return node(policy.OpPick, k, sub(value.Bool), sub(k)) },
	}
	op := func(op policy.Op, kinds ...value.Kind) {
		all = append(all, func() *policy.Expr {
			e := node(op, k)
			for _, a := range kinds {
				e.Args = append(e.Args, sub(a))
			}
			return e
		})
	}
	call := func(name string, kinds ...value.Kind) {
		all = append(all, func() *policy.Expr {
			var args []*policy.Expr
			for _, a := range kinds {
				args = append(args, sub(a))
			}
			return fn(name, args...)
		})
	}
	work := func() {
		for _, by := range []value.Value{value.OfWord(value.WorkDays, 3), value.OfWord(value.WorkDays, -2),
			value.OfWord(value.WorkHours, 4*value.Hour), value.OfWord(value.WorkHours, -90*value.Minute)} {
			all = append(all, func() *policy.Expr { return node(policy.OpAddWork, k, g.leaf(value.Time), constOf(by)) })
		}
	}
	extern := func(name string, kinds ...value.Kind) {
		call(name, kinds...)
		make := all[len(all)-1]
		all[len(all)-1] = func() *policy.Expr { e := make(); e.Op = policy.OpExtern; return e }
	}
	switch k {
	case value.Int, value.Number, value.Percent, value.Money, value.Duration, value.Distance:
		op(policy.OpAdd, k, k)
		op(policy.OpSub, k, k)
		op(policy.OpNeg, k)
		call("clamp", k, k, k)
		call("abs", k)
		call("round", k)
		call("floor", k)
		call("ceil", k)
		call("min", k, k)
		call("max", k, k, k)
	}
	switch k {
	case value.Int:
		op(policy.OpMul, k, k)
		call("len", value.Text)
		call("len", value.List)
		call("round", value.Number)
		call("hour", value.Time)
		call("weekday", value.Time)
		call("month", value.Time)
		call("month", value.Date)
		call("workdays", value.Date, value.Date)
		call("bucket", value.Int)
		extern("strict", value.Int)
	case value.Number:
		op(policy.OpMul, k, k)
		op(policy.OpDiv, k, k)
		op(policy.OpDiv, value.Money, value.Money)
		op(policy.OpDiv, value.Duration, value.Duration)
		op(policy.OpDiv, value.Distance, value.Distance)
		op(policy.OpFloat, value.Int)
		op(policy.OpFraction, k)
		op(policy.OpRatio, value.Percent)
		op(policy.OpTerm, value.Bool)
		call("sqrt", k)
		call("scale", k, k, k)
		call("scale", value.Money, value.Money, value.Money)
		call("days", value.Duration)
		call("minutes", value.Duration)
		call("workhours", value.Time, value.Time)
		extern("credit", value.Text)
		extern("odd", value.Number, value.Bool, value.Point)
	case value.Percent, value.Distance, value.Money, value.Duration:
		op(policy.OpMul, k, value.Number)
		op(policy.OpDiv, k, value.Number)
	case value.Text:
		op(policy.OpAdd, k, k)
		call("lower", k)
	case value.Date:
		call("date", value.Time)
		all = append(all, func() *policy.Expr {
			return node(policy.OpAddWork, k, sub(k), constOf(value.OfWord(value.WorkDays, int64(g.pick(9)-4))))
		})
		call("min", k, k)
	case value.Time:
		op(policy.OpAdd, k, value.Duration)
		op(policy.OpSub, k, value.Duration)
		op(policy.OpDateStart, value.Date)
		work()
	}
	switch k {
	case value.Duration:
		op(policy.OpSub, value.Time, value.Time)
		op(policy.OpSub, value.Date, value.Date)
		call("age", value.Time)
	case value.Distance:
		call("distance", value.Point, value.Area)
		call("distance", value.Point, value.Point)
	}
	return all[g.pick(len(all))]()
}

// outcome is a value, missing, or a fault, as text that can be compared.
func outcome(run func() value.Value) (s string) {
	defer func() {
		if p := recover(); p != nil {
			f, ok := p.(*Fault)
			if !ok {
				panic(p)
			}
			s = f.Error()
		}
	}()
	v := run()
	if v.Kind.Class() == value.Float {
		return fmt.Sprintf("%v %v %b", v.Kind, v.Float(), v.Float())
	}
	return fmt.Sprintf("%v %v %q %v", v.Kind, v.N, v.S, v.X)
}

// agree makes one random expression of any kind and compares closures, VM and oracle over random
// environments. The oracle does not know faults: it is asked only where there is none.
func agree(t *rapid.T) {
	w := newWorld()
	pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "") }
	g := &gen{w, pick}
	e := g.expr(kindsOfFields[pick(len(kindsOfFields))], 1+pick(4))
	fast, slow := w.compiler(Closures).Value(e), w.compiler(VM).Value(e)
	for range 4 {
		v := w.env(pick)
		a := outcome(func() value.Value { return fast(v) })
		b := outcome(func() value.Value { return slow(v) })
		if a != b {
			t.Fatalf("%s:\nclosures %s\nVM       %s", show(e), a, b)
		}
		if strings.HasPrefix(a, "extern") {
			continue
		}
		if o := outcome(func() value.Value { return walker{w, v}.walk(e) }); o != a {
			t.Fatalf("%s:\nclosures %s\noracle   %s", show(e), a, o)
		}
	}
}

func TestBackendsAgree(t *testing.T) { rapid.Check(t, agree) }

func FuzzBackends(f *testing.F) { f.Fuzz(rapid.MakeFuzz(agree)) }

// show writes an expression for a failing test.
func show(e *policy.Expr) string {
	if e == nil {
		return "nil"
	}
	s := fmt.Sprintf("%d", e.Op)
	switch e.Op {
	case policy.OpConst:
		return fmt.Sprintf("const(%v %v %v %q %v)", e.Type.Kind, e.Const.N, e.Const.Float(), e.Const.S, e.Const.X)
	case policy.OpField:
		s = "field " + e.Field.Name
	case policy.OpCall, policy.OpExtern:
		s = e.Fn
	}
	var args []string
	for _, a := range e.Args {
		args = append(args, show(a))
	}
	return fmt.Sprintf("%s:%d(%s)", s, e.Type.Kind, strings.Join(args, ", "))
}
