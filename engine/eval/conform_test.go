package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/parser"
	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

const (
	no  = value.False
	may = value.Unknown
	yes = value.True
)

// Section 4's tables, one line a fact. Both backends and the oracle must say the same.
func TestKleene(t *testing.T) {
	w := newWorld()
	v := full(w)
	truths := []value.Tri{no, may, yes}
	and := [3][3]value.Tri{{no, no, no}, {no, may, may}, {no, may, yes}}
	or := [3][3]value.Tri{{no, may, yes}, {may, may, yes}, {yes, yes, yes}}
	first := [3][3]value.Tri{{no, no, no}, {no, may, yes}, {yes, yes, yes}} // a ?? b
	same := [3][3]value.Tri{{yes, may, no}, {may, may, may}, {no, may, yes}}
	for i, a := range truths {
		x := truthOf(a)
		everywhere(t, w, v, fmt.Sprint("not ", a), node(policy.OpNot, value.Bool, x), value.True-a)
		everywhere(t, w, v, fmt.Sprint("has ", a), node(policy.OpHas, value.Bool, x), known(a != may))
		for j, b := range truths {
			for _, k := range []struct {
				name string
				op   policy.Op
				want value.Tri
			}{
				{"and", policy.OpAnd, and[i][j]}, {"or", policy.OpOr, or[i][j]},
				{"??", policy.OpCoalesce, first[i][j]}, {"==", policy.OpEq, same[i][j]},
				{"!=", policy.OpNe, value.True - same[i][j]},
			} {
				everywhere(t, w, v, fmt.Sprint(a, k.name, b), node(k.op, value.Bool, x, truthOf(b)), k.want)
			}
			// if a then b: unknown with a, missing without else
			want := map[value.Tri]value.Tri{no: may, may: may, yes: b}[a]
			everywhere(t, w, v, fmt.Sprint("if ", a, b), node(policy.OpPick, value.Bool, x, truthOf(b)), want)
			// pick { a : true; b : false; else : true }
			want = map[value.Tri]value.Tri{may: may, yes: yes, no: value.True - b}[a]
			everywhere(t, w, v, fmt.Sprint("pick ", a, b), node(policy.OpPick, value.Bool, x, truthOf(yes), truthOf(b),
				truthOf(no), truthOf(yes)), want)
		}
	}
}

// everywhere asks the closures, the VM and the oracle for the truth of a condition.
func everywhere(t *testing.T, w *world, v *Env, name string, e *policy.Expr, want value.Tri) {
	t.Helper()
	for _, k := range []struct {
		by  string
		got value.Tri
	}{
		{"closures", w.compiler(Closures).Cond(e)(v)}, {"VM", w.compiler(VM).Cond(e)(v)},
		{"oracle", walker{w, v}.walk(e).Tri()},
	} {
		if k.got != want {
			t.Errorf("%s: %s says %d, want %d", name, k.by, k.got, want)
		}
	}
}

// valued asks all three for a value, written by its kind.
func valued(t *testing.T, w *world, v *Env, name string, e *policy.Expr, want value.Value) {
	t.Helper()
	for _, k := range []struct {
		by  string
		got value.Value
	}{
		{"closures", w.compiler(Closures).Value(e)(v)}, {"VM", w.compiler(VM).Value(e)(v)},
		{"oracle", walker{w, v}.walk(e)},
	} {
		if a, b := outcome(func() value.Value { return k.got }), outcome(func() value.Value { return want }); a != b {
			t.Errorf("%s: %s says %s, want %s", name, k.by, a, b)
		}
	}
}

func call1(fn string, k value.Kind, args ...*policy.Expr) *policy.Expr {
	e := node(policy.OpCall, k, args...)
	e.Fn = fn
	return e
}

func (w *world) moment(t testing.TB, s string) *policy.Expr {
	m, ok := value.ParseText(value.Time, s, w.zone)
	if !ok {
		t.Fatal(s)
	}
	return constOf(m)
}

//tidy:long one flat table
func TestArithmeticTable(t *testing.T) {
	w := newWorld()
	v := full(w)
	money := func(n int64) *policy.Expr { return constOf(value.OfWord(value.Money, n)) }
	span := func(n int64) *policy.Expr { return constOf(value.OfWord(value.Duration, n)) }
	pct := func(f float64) *policy.Expr { return constOf(value.OfFloat(value.Percent, f)) }
	at := func(s string) *policy.Expr { return w.moment(t, s) }
	day := func(n int64) *policy.Expr { return constOf(value.OfWord(value.Date, n)) }
	work := func(k value.Kind, n int64) *policy.Expr { return constOf(value.OfWord(k, n)) }
	word, float := value.OfWord, value.OfFloat
	for _, k := range []struct {
		name string
		e    *policy.Expr
		want value.Value
	}{
		{"money + money", node(policy.OpAdd, value.Money, money(1), money(2)), word(value.Money, 3)},
		{"money beyond its range", node(policy.OpAdd, value.Money, money(math.MaxInt64), money(1)), none},
		{"money × number, half to even", node(policy.OpMul, value.Money, money(5), number(0.5)), word(value.Money, 2)},
		{"money × number, half to even", node(policy.OpMul, value.Money, money(7), number(0.5)), word(value.Money, 4)},
		{"money ÷ number", node(policy.OpDiv, value.Money, money(9), number(2)), word(value.Money, 4)},
		{"money ÷ 0", node(policy.OpDiv, value.Money, money(9), number(0)), none},
		{"money ÷ money", node(policy.OpDiv, value.Number, money(9), money(2)), float(value.Number, 4.5)},
		{"0 ÷ negative money is plain 0", node(policy.OpDiv, value.Number, money(0), money(-2)), float(value.Number, 0)},
		{"money ÷ no money", node(policy.OpDiv, value.Number, money(9), money(0)), none},
		{"int × int beyond its range", node(policy.OpMul, value.Int, whole(1<<32), whole(1<<31)), none},
		{"number ÷ 0", node(policy.OpDiv, value.Number, number(1), number(0)), none},
		{"0 ÷ 0", node(policy.OpDiv, value.Number, number(0), number(0)), none},
		{"number beyond its range", node(policy.OpMul, value.Number, number(1e300), number(1e300)), none},
		{"-0 is 0", node(policy.OpNeg, value.Number, number(0)), float(value.Number, 0)},
		{"- of the least int", node(policy.OpNeg, value.Int, whole(math.MinInt64)), none},
		{"duration ÷ duration", node(policy.OpDiv, value.Number, span(value.Day), span(value.Hour)), float(value.Number, 24)},
		{"percent of money", node(policy.OpMul, value.Money, money(10000), node(policy.OpRatio, value.Number, pct(0.4))),
			word(value.Money, 4000)},
		{"a truth as a term", node(policy.OpTerm, value.Number, truthOf(yes)), float(value.Number, 1)},
		{"an unknown truth as a term", node(policy.OpTerm, value.Number, truthOf(may)), none},
		{"missing + 1", node(policy.OpAdd, value.Int, missingOf(value.Int), whole(1)), none},
		{"time − time", node(policy.OpSub, value.Duration, at("2026-03-02T09:30"), at("2026-03-01T09:30")),
			word(value.Duration, value.Day)},
		{"date − date", node(policy.OpSub, value.Duration, day(20514), day(20500)), word(value.Duration, 14*value.Day)},
		{"time + duration", node(policy.OpAdd, value.Time, at("2026-02-28T09:30"), span(value.Day)), at("2026-03-01T09:30").Const},
		{"time beyond the year 9999", node(policy.OpAdd, value.Time, at("9999-12-31T09:30"), span(value.Day)), none},
		{"a date begins at midnight of the zone", node(policy.OpDateStart, value.Time, day(20514)), at("2026-03-02T00:00").Const},
		{"t + 3wd over a weekend", node(policy.OpAddWork, value.Time, at("2026-03-05T20:15"), work(value.WorkDays, 3)),
			at("2026-03-10T20:15").Const},
		{"t + 1wd onto a Saturday worked", node(policy.OpAddWork, value.Time, at("2026-02-13T10:00"), work(value.WorkDays, 1)),
			at("2026-02-14T10:00").Const},
		{"t − 1wd", node(policy.OpAddWork, value.Time, at("2026-03-09T10:00"), work(value.WorkDays, -1)),
			at("2026-03-06T10:00").Const},
		{"t + 4wh from the next opening", node(policy.OpAddWork, value.Time, at("2026-03-06T19:00"),
			work(value.WorkHours, 4*value.Hour)), at("2026-03-09T13:00").Const},
		{"round a half away from 0", call1("round", value.Int, number(2.5)), word(value.Int, 3)},
		{"round a half away from 0", call1("round", value.Int, number(-2.5)), word(value.Int, -3)},
		{"round what no int holds", call1("round", value.Int, number(1e19)), none},
		{"ceil keeps no negative zero", call1("ceil", value.Distance, constOf(float(value.Distance, -0.5))), float(value.Distance, 0)},
		{"round money to units", call1("round", value.Money, money(15000)), word(value.Money, 20000)},
		{"round a percent", call1("round", value.Percent, pct(0.725)), float(value.Percent, 0.73)},
		{"sqrt of less than 0", call1("sqrt", value.Number, number(-1)), none},
		{"scale", call1("scale", value.Number, number(2), number(0), number(4)), float(value.Number, 0.5)},
		{"scale beyond hi", call1("scale", value.Number, number(9), number(0), number(4)), float(value.Number, 1)},
		{"scale downwards", call1("scale", value.Number, number(1), number(4), number(0)), float(value.Number, 0.75)},
		{"scale of nothing", call1("scale", value.Number, number(1), number(4), number(4)), none},
		{"clamp", call1("clamp", value.Int, whole(9), whole(1), whole(5)), word(value.Int, 5)},
		{"max of three", call1("max", value.Int, whole(1), whole(7), whole(3)), word(value.Int, 7)},
		{"min with a missing one", call1("min", value.Int, whole(1), missingOf(value.Int), whole(3)), none},
		{"len counts characters", call1("len", value.Int, text("华东a")), word(value.Int, 3)},
		{"lower", call1("lower", value.Text, text("Ab")), value.OfText("ab")},
		{"days", call1("days", value.Number, span(36*value.Hour)), float(value.Number, 1.5)},
		{"hour in the zone", call1("hour", value.Int, at("2026-03-02T00:30")), word(value.Int, 0)},
		{"monday is 1", call1("weekday", value.Int, at("2026-03-02T00:30")), word(value.Int, 1)},
		{"month in the zone", call1("month", value.Int, at("2026-03-01T00:30")), word(value.Int, 3)},
		{"month of a date", call1("month", value.Int, day(20514)), word(value.Int, 3)},
		{"date in the zone", call1("date", value.Date, at("2026-03-02T00:30")), word(value.Date, 20514)},
		{"workdays over Spring Festival", call1("workdays", value.Int, call1("date", value.Date, at("2026-02-13T12:00")),
			call1("date", value.Date, at("2026-02-25T12:00"))), word(value.Int, 3)},
		{"workdays backwards", call1("workdays", value.Int, day(20514), day(20500)), word(value.Int, 0)},
		{"workhours", call1("workhours", value.Number, at("2026-03-06T17:00"), at("2026-03-09T10:30")), float(value.Number, 2.5)},
	} {
		valued(t, w, v, k.name, k.e, k.want)
	}
}

func TestConditionTable(t *testing.T) {
	w := newWorld()
	v := full(w)
	is := func(op policy.Op, args ...*policy.Expr) *policy.Expr { return node(op, value.Bool, args...) }
	place := func(lat, acc float64) *policy.Expr {
		return constOf(value.Value{Kind: value.Point, X: &value.Place{Lat: lat, Lng: 121, Accuracy: acc}})
	}
	area := constOf(value.Value{Kind: value.Area, X: &value.Region{Points: []value.Place{{Lat: 31, Lng: 121}}, Radius: 100}})
	dist := func(m float64) *policy.Expr { return constOf(value.OfFloat(value.Distance, m)) }
	span := constOf(value.OfWord(value.Duration, 10*value.Minute))
	at := func(s string) *policy.Expr { return w.moment(t, s) }
	list := node(policy.OpList, value.List, text("a"), text("b"))
	for _, k := range []struct {
		name string
		e    *policy.Expr
		want value.Tri
	}{
		{"between includes the lower end", is(policy.OpBetween, whole(3), whole(3), whole(5)), yes},
		{"between includes the upper end", is(policy.OpBetween, whole(5), whole(3), whole(5)), yes},
		{"between 5 and 3 is nothing", is(policy.OpBetween, whole(4), whole(5), whole(3)), no},
		{"between with an unknown end", is(policy.OpBetween, whole(4), whole(5), missingOf(value.Int)), may},
		{"in", is(policy.OpIn, text("b"), text("a"), text("b")), yes},
		{"in a list", is(policy.OpIn, text("b"), list), yes},
		{"not in a list", is(policy.OpNot, is(policy.OpIn, text("c"), list)), yes},
		{"in with a missing one", is(policy.OpIn, text("a"), text("a"), missingOf(value.Text)), may},
		{"missing in", is(policy.OpIn, missingOf(value.Text), list), may},
		{"a truth in truths", is(policy.OpIn, is(policy.OpNot, truthOf(no)), truthOf(no), truthOf(yes)), yes},
		{"a list of truths contains", is(policy.OpContains, node(policy.OpList, value.List, truthOf(no)), truthOf(yes)), no},
		{"a list contains", is(policy.OpContains, list, text("a")), yes},
		{"a text contains", is(policy.OpContains, text("华东区"), text("东")), yes},
		{"matches", is(policy.OpMatches, text("AB-12"), text(`^[A-Z]+-\d+$`)), yes},
		{"texts compare by byte", is(policy.OpLt, text("B"), text("a")), yes},
		{"missing(missing)", call1("missing", value.Bool, missingOf(value.Int)), yes},
		{"1 == missing", is(policy.OpEq, whole(1), missingOf(value.Int)), may},
		{"2^53 and the next are two", is(policy.OpEq, whole(1<<53), whole(1<<53+1)), no},
		{"111 m within 112 m", is(policy.OpNear, place(31, 0), dist(112), place(31.001, 0)), yes},
		{"111 m within 111 m", is(policy.OpNear, place(31, 0), dist(111), place(31.001, 0)), no},
		{"accuracy: it may be", is(policy.OpNear, place(31, 50), dist(150), place(31.001, 0)), may},
		{"accuracy: it is", is(policy.OpNear, place(31, 50), dist(170), place(31.001, 0)), yes},
		{"accuracy: it cannot be", is(policy.OpNear, place(31, 50), dist(60), place(31.001, 0)), no},
		{"inside an area", is(policy.OpNear, place(31, 0), dist(0), area), yes},
		{"11 m outside an area", is(policy.OpNear, place(31.001, 0), dist(12), area), yes},
		{"moments either side", is(policy.OpNear, at("2026-03-02T09:00"), span, at("2026-03-02T09:10")), yes},
		{"moments either side", is(policy.OpNear, at("2026-03-02T09:10"), span, at("2026-03-02T08:59")), no},
	} {
		everywhere(t, w, v, k.name, k.e, k.want)
	}
}

// An embedder's function that panics is a fault wherever it is called, and it is not called where
// its piece reads something missing, on either backend.
func TestFaults(t *testing.T) {
	w := newWorld()
	v := full(w)
	strict := func(n int64) *policy.Expr {
		e := node(policy.OpExtern, value.Int, whole(n))
		e.Fn = "strict"
		return e
	}
	const id = 0 // the field of Rep
	for _, b := range []Backend{Closures, VM} {
		run := func(e *policy.Expr) string {
			f := w.compiler(b).Value(e)
			return outcome(func() value.Value { return f(v) })
		}
		if got := run(strict(7)); got != "extern strict: seven" {
			t.Errorf("backend %d: %s", b, got)
		}
		if got := run(strict(6)); got != `2 1 "" <nil>` {
			t.Errorf("backend %d: %s", b, got)
		}
		absent := w.read(w.row(), w.field(w.visit, value.Int, 1))
		v.Row.Clear(absent.Field.Index)
		if got := run(node(policy.OpAdd, value.Int, strict(7), absent)); got != `0 0 "" <nil>` {
			t.Errorf("backend %d: called although its piece has no value: %s", b, got)
		}
		v.Self.Clear(id)
		if got := run(call1("bucket", value.Int, strict(7))); got != `0 0 "" <nil>` {
			t.Errorf("backend %d: called although the subject has no id: %s", b, got)
		}
	}
}

func TestExternFits(t *testing.T) {
	decl := &policy.Extern{Params: []policy.Type{typed(value.Text), typed(value.Money)}, Result: typed(value.Number)}
	for _, k := range []struct {
		fn   any
		fits bool
	}{
		{func(string, int64) float64 { return 0 }, true},
		{func(string, int64) (float64, bool) { return 0, false }, true},
		{func(string, float64) float64 { return 0 }, false},
		{func(string) float64 { return 0 }, false},
		{func(string, int64) int64 { return 0 }, false},
		{func(string, int64) (float64, error) { return 0, nil }, false},
		{func(...string) float64 { return 0 }, false},
		{nil, false}, {3, false},
	} {
		x := &Extern{Name: "risk", Go: k.fn}
		if err := x.Fits(decl); (err == nil) != k.fits {
			t.Errorf("%T: %v", k.fn, err)
		}
	}
}

// Whatever numbers come, the backends and rationals agree.
func TestArithmeticProperties(t *testing.T) {
	w := newWorld()
	v := full(w)
	words := []value.Kind{value.Int, value.Money, value.Duration}
	rapid.Check(t, func(t *rapid.T) {
		word := func(k value.Kind) *policy.Expr {
			n := rapid.Int64().Draw(t, "n") >> rapid.IntRange(0, 63).Draw(t, "shift")
			return constOf(value.OfWord(k, n))
		}
		float := func(k value.Kind) *policy.Expr { return constOf(value.OfFloat(k, rapid.Float64().Draw(t, "f")+0)) }
		k := rapid.SampledFrom(words).Draw(t, "kind")
		f := rapid.SampledFrom([]value.Kind{value.Number, value.Percent, value.Distance}).Draw(t, "float")
		e := rapid.SampledFrom([]*policy.Expr{
			node(policy.OpAdd, k, word(k), word(k)), node(policy.OpSub, k, word(k), word(k)),
			node(policy.OpMul, value.Int, word(value.Int), word(value.Int)), node(policy.OpNeg, k, word(k)),
			node(policy.OpMul, k, word(k), float(value.Number)), node(policy.OpDiv, k, word(k), float(value.Number)),
			node(policy.OpDiv, value.Number, word(k), word(k)), node(policy.OpFloat, value.Number, word(value.Int)),
			node(policy.OpAdd, f, float(f), float(f)), node(policy.OpSub, f, float(f), float(f)),
			node(policy.OpMul, f, float(f), float(value.Number)), node(policy.OpDiv, f, float(f), float(value.Number)),
			call1("round", k, word(k)), call1("floor", k, word(k)), call1("ceil", k, word(k)), call1("abs", k, word(k)),
			call1("scale", value.Number, float(f), float(f), float(f)), call1("round", value.Int, float(value.Number)),
		}).Draw(t, "expression")
		var got []string
		for _, r := range []func() value.Value{
			func() value.Value { return w.compiler(Closures).Value(e)(v) },
			func() value.Value { return w.compiler(VM).Value(e)(v) },
			func() value.Value { return walker{w, v}.walk(e) },
		} {
			got = append(got, outcome(r))
		}
		if got[0] != got[1] || got[0] != got[2] {
			t.Fatalf("%s: closures, VM and oracle say %v", show(e), got)
		}
	})
}

// nodeTypes collects what reaches expr.
type nodeTypes map[string]bool

var (
	slotName = regexp.MustCompile(`^s\d+$`)
	callName = regexp.MustCompile(`^\$\w+\d+$`)
)

func (s nodeTypes) Visit(n *ast.Node) {
	name := fmt.Sprintf("%T", *n)
	switch n := (*n).(type) {
	case *ast.IdentifierNode:
		if !slotName.MatchString(n.Value) && !callName.MatchString(n.Value) {
			name = "identifier " + n.Value
		}
	case *ast.ConstantNode:
		switch n.Value.(type) {
		case int64, float64, string, bool:
		default:
			name = fmt.Sprintf("constant %T", n.Value)
		}
	}
	s[name] = true
}

// Only five node types ever reach expr, with no name but ours and no value but plain ones: nothing
// that could reach a builtin, a clock, the environment as a whole, or nil.
func TestNodeTypes(t *testing.T) {
	seen := nodeTypes{}
	draw := func(t interface{ Fatal(...any) }, pick func(n int) int) {
		w := newWorld()
		g := &gen{w, pick}
		var lower func(e *policy.Expr)
		lower = func(e *policy.Expr) {
			p := newPiece(w.compiler(VM))
			n := p.lower(e)
			ast.Walk(&n, seen)
			if len(p.conf.Builtins) != 0 {
				t.Fatal("a builtin is within reach")
			}
			for _, a := range e.Args {
				if !isLeaf(e) {
					lower(a)
				}
			}
		}
		lower(g.expr(kindsOfFields[g.pick(len(kindsOfFields))], 3))
	}
	rapid.Check(t, func(t *rapid.T) {
		draw(t, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "") })
	})
	// By chance some are not met in so few; the same draws each time meet them all.
	fixed := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		draw(t, fixed.IntN)
	}
	for name := range seen {
		switch name {
		case "*ast.IdentifierNode", "*ast.ConstantNode", "*ast.BinaryNode", "*ast.UnaryNode", "*ast.CallNode":
		default:
			t.Errorf("%s reaches expr", name)
		}
	}
	if len(seen) < 5 {
		t.Errorf("only %v were seen", seen)
	}
}

// Even by name nothing of expr's own can be called.
func TestBuiltinsAreOutOfReach(t *testing.T) {
	for _, name := range []string{"now", "keys", "values", "toPairs", "date", "len", "map", "get"} {
		p := newPiece(newWorld().compiler(VM))
		p.conf.WithEnv(p.types)
		var n ast.Node = &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}}
		if _, err := new(checker.Checker).PatchAndCheck(&parser.Tree{Node: n}, p.conf); err == nil {
			t.Errorf("%s can be called", name)
		}
	}
}

func TestParts(t *testing.T) {
	w := newWorld()
	f := func(k value.Kind) *policy.Expr { return w.read(w.row(), w.field(w.visit, k, 0)) }
	path := w.read(f(value.Ref), w.field(w.rep, value.Text, 0))
	a := node(policy.OpGe, value.Bool, f(value.Int), whole(3))
	b := node(policy.OpOr, value.Bool, node(policy.OpEq, value.Bool, path, f(value.Text)), a)
	e := node(policy.OpAnd, value.Bool, a, node(policy.OpAnd, value.Bool, b, f(value.Bool)))
	if got := Conjuncts(e); len(got) != 3 || got[0] != a || got[1] != b || got[2] != e.Args[1].Args[1] {
		t.Errorf("conjuncts: %d", len(got))
	}
	if got := Conjuncts(a); len(got) != 1 || got[0] != a {
		t.Error("a condition without and is its own conjunct")
	}
}

// A stub's fields are missing, computed ones too, and a reference to nobody reads as missing.
func TestStubs(t *testing.T) {
	w := newWorld()
	v := full(w)
	id := func(n int64) *policy.Expr {
		return &policy.Expr{Op: policy.OpConst, Type: w.typeOf(value.Ref), Const: value.Value{Kind: value.Ref, S: fmt.Sprint(n)}}
	}
	double := w.rep.Fields[len(w.rep.Fields)-2]
	for n, want := range map[int64]value.Tri{0: yes, 2: no, 9: no} {
		for _, f := range []*policy.Field{double, w.field(w.rep, value.Int, 0)} {
			everywhere(t, w, v, fmt.Sprint(n, f.Name), node(policy.OpHas, value.Bool, w.read(id(n), f)), want)
		}
	}
}

// What reads nothing is worked out when the plan is made.
func TestFolding(t *testing.T) {
	w := newWorld()
	v := full(w)
	f := w.read(w.row(), w.field(w.visit, value.Int, 0)) // 1
	sum := func(n int64) *policy.Expr { return node(policy.OpAdd, value.Int, whole(n), whole(1)) }
	c := w.compiler(Closures)
	for _, k := range []struct {
		e     *policy.Expr
		fused bool
		want  value.Tri
	}{
		{node(policy.OpGe, value.Bool, f, sum(0)), true, yes},
		{node(policy.OpLt, value.Bool, sum(0), f), true, no},
		{node(policy.OpBetween, value.Bool, f, sum(-2), sum(0)), true, yes},
		{node(policy.OpGe, value.Bool, f, sum(math.MaxInt64)), false, may},
		{node(policy.OpGe, value.Bool, f, call1("bucket", value.Int, whole(1))), false, yes},
		{node(policy.OpGe, value.Bool, f, node(policy.OpAdd, value.Int, f, sum(0))), false, no},
	} {
		if _, ok := c.simple(k.e); ok != k.fused {
			t.Errorf("%s: fused %v", show(k.e), ok)
		}
		everywhere(t, w, v, show(k.e), k.e, k.want)
	}
}
