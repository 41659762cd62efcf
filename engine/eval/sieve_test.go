package eval

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// kindsOfLines are those that a condition on one field can be cut into spaces by.
var kindsOfLines = []value.Kind{value.Bool, value.Int, value.Number, value.Percent, value.Money,
	value.Choice, value.Date, value.Time, value.Duration, value.Distance}

// asking is a condition on one stored field of the subject; often on the same one.
func (g *gen) asking(k value.Kind, depth int) *policy.Expr {
	w := g.w
	x := w.read(w.self(w.rep), w.field(w.rep, k, 0))
	if k == value.Number && g.pick(3) == 0 {
		x = &policy.Expr{Op: policy.OpScore, Type: typed(k), Args: []*policy.Expr{w.self(w.rep)}}
	}
	if depth > 0 {
		switch g.pick(5) {
		case 0:
			return node(policy.OpAnd, value.Bool, g.asking(k, depth-1), g.asking(k, depth-1))
		case 1:
			return node(policy.OpOr, value.Bool, g.asking(k, depth-1), g.asking(k, depth-1), g.asking(k, depth-1))
		case 2:
			return node(policy.OpNot, value.Bool, g.asking(k, depth-1))
		}
	}
	ops := []policy.Op{policy.OpEq, policy.OpNe}
	switch k {
	case value.Bool:
		if g.pick(2) == 0 {
			return x
		}
	case value.Choice:
		if g.pick(2) == 0 {
			return node(policy.OpIn, value.Bool, x, g.literal(k), g.literal(k))
		}
	default:
		ops = append(ops, policy.OpLt, policy.OpLe, policy.OpGt, policy.OpGe, policy.OpBetween)
	}
	switch op := ops[g.pick(len(ops))]; {
	case op == policy.OpBetween:
		return node(op, value.Bool, x, g.literal(k), g.literal(k))
	case g.pick(4) == 0:
		return node(op, value.Bool, g.literal(k), x)
	default:
		return node(op, value.Bool, x, g.literal(k))
	}
}

// TestSieveIsItsChains: a sieve says of every condition what the chain of it says, and names the
// same part; so does a chain whose parts run on the VM.
func TestSieveIsItsChains(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "") }
		g := &gen{w, pick}
		fast, slow := w.compiler(Closures), w.compiler(VM)
		var conds [][]*policy.Expr
		var chains, plain []*Chain
		for range 1 + pick(20) {
			var parts []*policy.Expr
			for range pick(6) {
				if pick(4) == 0 {
					parts = append(parts, g.cond(1+pick(2)))
				} else {
					parts = append(parts, g.asking(kindsOfLines[pick(len(kindsOfLines))], pick(3)))
				}
			}
			conds = append(conds, parts)
			chains, plain = append(chains, fast.Chain(parts)), append(plain, slow.Chain(parts))
		}
		s := fast.Sieve(chains)
		for range 4 {
			v := w.env(pick)
			worth := rapid.Uint64().Draw(t, "worth")
			s.Look(v, worth)
			for i := range conds {
				if worth>>i&1 == 0 {
					continue
				}
				verdict, part := sifting(func() (value.Tri, int) { return s.Verdict(i, v) })
				for _, c := range []*Chain{chains[i], plain[i]} {
					if is, at := sifting(func() (value.Tri, int) { return c.Run(v) }); is != verdict || at != part {
						t.Fatalf("%s of %d: sieve %v at %d, chain %v at %d", shown(conds[i]), i, verdict, part, is, at)
					}
				}
			}
		}
	})
}

// sifting takes a fault for a verdict of its own: which part it is in must not differ either.
func sifting(run func() (value.Tri, int)) (t value.Tri, part int) {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(*Fault); !ok {
				panic(p)
			}
			t, part = 99, -99
		}
	}()
	return run()
}

func shown(parts []*policy.Expr) (s string) {
	for _, p := range parts {
		s += show(p) + "; "
	}
	return s
}

// TestStepsAreTheirRows: a pick on one field whose rows are constants is a function with steps.
func TestStepsAreTheirRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "") }
		g := &gen{w, pick}
		k := kindsOfLines[pick(len(kindsOfLines))]
		e := node(policy.OpPick, value.Int)
		for range 1 + pick(5) {
			e.Args = append(e.Args, g.asking(k, pick(3)), g.literal(value.Int))
		}
		if pick(2) == 0 {
			e.Args = append(e.Args, g.literal(value.Int))
		}
		fast := w.compiler(Closures).Value(e)
		for range 8 {
			v := w.env(pick)
			a := outcome(func() value.Value { return fast(v) })
			if o := outcome(func() value.Value { return walker{w, v}.walk(e) }); a != o {
				t.Fatalf("%s: closures %s, oracle %s", show(e), a, o)
			}
		}
	})
}

// What asks about one field only is one line of a sieve and no residue.
func TestSieveTakes(t *testing.T) {
	w := newWorld()
	c := w.compiler(Closures)
	field := func(k value.Kind) *policy.Expr { return w.read(w.self(w.rep), w.field(w.rep, k, 0)) }
	n, p := field(value.Int), field(value.Number)
	between := node(policy.OpOr, value.Bool, node(policy.OpLt, value.Bool, n, whole(7)), node(policy.OpGt, value.Bool, n, whole(20)))
	s := c.Sieve([]*Chain{
		c.Chain([]*policy.Expr{node(policy.OpGe, value.Bool, n, whole(3)), node(policy.OpLt, value.Bool, p, number(5))}),
		c.Chain([]*policy.Expr{between, node(policy.OpNot, value.Bool, field(value.Bool))}),
		c.Chain([]*policy.Expr{node(policy.OpGt, value.Bool, p, p)}),
	})
	if len(s.words) != 1 || len(s.words[0].lines) != 3 {
		t.Errorf("%d words, want 1 of 3 lines", len(s.words))
	}
	for i, want := range []int{0, 0, 1} {
		if got := len(s.conds[i].rest); got != want {
			t.Errorf("condition %d runs %d parts, want %d", i, got, want)
		}
	}
}
