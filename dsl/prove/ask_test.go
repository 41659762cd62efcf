package prove_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/prove"
	"github.com/throughline/throughline/dsl/prove/naive"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/calendar"
)

// world is what the conditions of these tests read: a field of every kind with an order, optional
// ones, a reference that may be missing, computed fields, and aggregates.
const world = `
entity Owner {
  grade low | high
  size  int?
  vip   bool
  deals int = count(Deal)
}
entity Deal {
  kind   a | b | c
  mood   x | y ?
  n      int
  m      int?
  amount money
  rate   percent?
  from   time
  to     time?
  name   text
  note   text?
  ok     bool?
  owner  Owner?
  level  int = pick {
    n >= 3 and m >= 2 : 2
    n >= 1            : 1
    else              : 0
  }
  late   bool? = to > from + 1d
  ratio  number? = n / m
  size   int? = owner.size
}
event Touch { deal Deal; minutes int? }
`

// condition is a random condition over the world.
func condition(t *rapid.T, depth int) string {
	if depth > 0 && rapid.IntRange(0, 9).Draw(t, "nest") < 6 {
		a := condition(t, depth-1)
		switch rapid.IntRange(0, 5).Draw(t, "op") {
		case 0, 1:
			return "(" + a + " and " + condition(t, depth-1) + ")"
		case 2, 3:
			return "(" + a + " or " + condition(t, depth-1) + ")"
		case 4:
			return "(not " + a + ")"
		}
		return "((if " + a + " then " + condition(t, depth-1) + " else " + condition(t, depth-1) + ") == true)"
	}
	n := rapid.IntRange(-1, 4).Draw(t, "n")
	op := rapid.SampledFrom([]string{"<", "<=", ">", ">=", "==", "!="}).Draw(t, "cmp")
	eq := rapid.SampledFrom([]string{"==", "!="}).Draw(t, "eq")
	atom := rapid.SampledFrom([]string{
		"kind " + eq + " a", "kind in [a, c]", "mood " + eq + " x", "mood not in [x]",
		fmt.Sprintf("n %s %d", op, n), fmt.Sprintf("m %s %d", op, n), fmt.Sprintf("n %s m", op),
		fmt.Sprintf("n + %d %s m", n+2, op), fmt.Sprintf("n between %d and %d", n, n+1),
		fmt.Sprintf("level %s %d", op, n), fmt.Sprintf("level + n %s %d", op, n),
		fmt.Sprintf("amount %s %d", op, n), fmt.Sprintf("amount * 2 %s %d", op, n),
		fmt.Sprintf("rate %s %d%%", op, n*10+20), fmt.Sprintf("from %s to", op),
		fmt.Sprintf("to %s from + %dd", op, n+2), fmt.Sprintf("days(to - from) %s %d", op, n),
		`name ` + eq + ` "u"`, `name ` + eq + ` note`, `note == "u"`, `name contains "u"`, "ok", "late",
		"has m", "missing(note)", "has owner", "has owner.size", "owner.grade " + eq + " high", "owner.vip",
		fmt.Sprintf("owner.size %s %d", op, n), fmt.Sprintf("size %s n", op),
		fmt.Sprintf("(m ?? %d) %s %d", n, op, n+1), fmt.Sprintf("(owner.size ?? n) %s %d", op, n),
		fmt.Sprintf("ratio %s %d", op, n), fmt.Sprintf("(if ok then n else m) %s %d", op, n),
		fmt.Sprintf("abs(n) %s %d", op, n), fmt.Sprintf("0.5 * n %s %d", op, n),
		fmt.Sprintf("floor(n / 2) %s %d", op, n), fmt.Sprintf("max(n, m) %s %d", op, n),
		fmt.Sprintf("count(Touch in 7d) %s %d", op, n), fmt.Sprintf("owner.deals %s %d", op, n),
	}).Draw(t, "atom")
	return atom
}

// ruleWhen is the policy of the world with one rule.
func ruleWhen(t interface{ Fatalf(string, ...any) }, cond string) (*policy.Policy, *policy.Expr) {
	text := world + "rule R on Deal {\n  when " + cond + "\n  do { note \"x\" }\n}\n"
	p, diags := dsl.Check([]source.File{{Name: "a.thru", Text: text}}, policy.Settings{})
	if dsl.HasErrors(diags) || len(p.Rules) != 1 {
		for _, d := range diags {
			t.Fatalf("%s: %s", cond, source.Text(p.Files, d, "en"))
		}
	}
	return p, p.Rules[0].When
}

var (
	shanghai, _ = calendar.Zone("Asia/Shanghai")
	cn          = calendar.NewSet(nil, policy.Settings{})
)

// record is the values that a condition reads, by path; what is not there is missing. "owner.*"
// says that the owner has a record.
type record map[string]value.Value

// eval is the condition of a record, by the reference evaluator: written a second time here, over
// paths in place of terms.
func eval(p *policy.Policy, x *policy.Expr, r record) value.Tri {
	return evalAt(p, x, r, "").Tri()
}

func evalAt(p *policy.Policy, x *policy.Expr, r record, at string) value.Value {
	return naive.Walker{Zone: shanghai, Calendars: cn,
		Leaf: func(e *policy.Expr) value.Value {
			switch e.Op {
			case policy.OpAggregate:
				if at != "" {
					return r[at+"deals"]
				}
				return r["count(Touch in 7d)"]
			case policy.OpField:
			default:
				panic(e.Op)
			}
			path := at
			if base := e.Args[0]; base.Op == policy.OpField {
				path = base.Field.Name + "."
				if !r[base.Field.Name].Known() || !r[path+"*"].Known() {
					return value.Value{}
				}
			}
			if e.Field.Compute != nil {
				return evalAt(p, e.Field.Compute, r, path)
			}
			return r[path+e.Field.Name]
		}}.Walk(x)
}

// small are the values that are tried of each path: enough to tell apart all that the conditions
// can tell apart.
func small(path string) []value.Value {
	var out []value.Value
	add := func(k value.Kind, list ...int64) {
		for _, n := range list {
			out = append(out, value.OfWord(k, n))
		}
	}
	monday := int64(20514) * value.Day
	switch path {
	case "kind":
		add(value.Choice, 0, 1, 2)
	case "mood":
		add(value.Choice, 0, 1)
	case "n", "m", "owner.size":
		add(value.Int, -5, -2, -1, 0, 1, 2, 3, 4, 5, 8)
	case "amount":
		add(value.Money, -20000, -10000, -5000, 0, 5000, 10000, 15000, 20000, 25000, 40000, 60000)
	case "rate":
		for _, f := range []float64{0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7} {
			out = append(out, value.OfFloat(value.Percent, f))
		}
	case "from":
		add(value.Time, monday)
	case "to":
		for d := int64(-3); d <= 14; d++ {
			add(value.Time, monday+d*value.Day/2)
		}
	case "name", "note":
		out = append(out, value.OfText("u"), value.OfText("v"))
	case "ok", "owner.vip":
		add(value.Bool, 0, 1)
	case "owner", "owner.*":
		add(value.Ref, 0)
	case "owner.grade":
		add(value.Choice, 0, 1)
	case "count(Touch in 7d)", "owner.deals":
		add(value.Int, 0, 1, 2, 3, 4, 6)
	}
	if path == "mood" || path == "m" || path == "rate" || path == "to" || path == "note" || path == "ok" ||
		path == "owner.size" || path == "owner" || path == "owner.*" {
		out = append(out, value.Value{})
	}
	return out
}

// reads are the paths that a condition reads, what they are read through first.
func reads(x *policy.Expr, at string, seen map[string]bool, list []string) []string {
	add := func(path string) {
		if !seen[path] {
			seen[path] = true
			list = append(list, path)
		}
	}
	if x.Op == policy.OpAggregate {
		if at != "" {
			add(at + "deals")
		} else {
			add("count(Touch in 7d)")
		}
		return list
	}
	if x.Op == policy.OpField {
		path := at
		if base := x.Args[0]; base.Op == policy.OpField {
			path = base.Field.Name + "."
			add(base.Field.Name)
			add(path + "*")
		}
		if x.Field.Compute != nil {
			return reads(x.Field.Compute, path, seen, list)
		}
		add(path + x.Field.Name)
		return list
	}
	for _, a := range x.Args {
		list = reads(a, at, seen, list)
	}
	return list
}

// tooMany bounds the records that are tried for one condition. Of more, as many are drawn.
const tooMany = 2500

// found looks for a record with one of the truths by trying.
func found(p *policy.Policy, x *policy.Expr, mask uint8) (r record, whole bool) {
	paths := reads(x, "", map[string]bool{}, nil)
	size := uint64(1)
	for _, path := range paths {
		size *= uint64(len(small(path)))
	}
	draw := uint64(1)
	for i := range min(size, tooMany) {
		at := i
		if size > tooMany { // a walk over the numbers that no pattern of the paths follows
			draw = draw*6364136223846793005 + 1442695040888963407
			at = draw >> 16
		}
		r = record{}
		for _, path := range paths {
			values := small(path)
			r[path] = values[at%uint64(len(values))]
			at /= uint64(len(values))
		}
		if bitOf(eval(p, x, r))&mask != 0 {
			return r, true
		}
	}
	return nil, size <= tooMany
}

func bitOf(t value.Tri) uint8 {
	return [...]uint8{value.False: prove.IsFalse, value.Unknown: prove.IsUnknown, value.True: prove.IsTrue}[t]
}

// Of any condition: what is proved to hold of no record holds of none that can be tried; a witness
// is one by a second evaluation; and most questions are answered.
func TestAnswers(t *testing.T) {
	asked, silent, brute := 0, 0, 0
	start := time.Now()
	var open []string
	rapid.Check(t, func(t *rapid.T) {
		cond := condition(t, 3)
		p, x := ruleWhen(t, cond)
		for _, mask := range []uint8{prove.IsTrue, prove.IsFalse, prove.IsUnknown, prove.IsFalse | prove.IsUnknown} {
			verdict, witness, _ := prove.Ask(p, x, mask)
			asked++
			switch verdict {
			case prove.Unknown:
				silent++
				open = append(open, fmt.Sprintf("%s: %d", cond, mask))
			case prove.Refuted:
				if got := eval(p, x, record(witness)); bitOf(got)&mask == 0 {
					t.Fatalf("%s is %d on %v, wanted %d", cond, got, witness, mask)
				}
			case prove.Proved:
				r, whole := found(p, x, mask)
				if whole {
					brute++
				}
				if r != nil {
					t.Fatalf("%s: proved never %d, but is on %v", cond, mask, r)
				}
			}
		}
	})
	t.Logf("%d questions, %d unanswered, %d proofs tried on all records, %s", asked, silent, brute, time.Since(start))
	for _, q := range open[:min(len(open), 20)] {
		t.Log(q)
	}
	if silent > asked/50+8 { // the questions of one condition stay open together
		t.Errorf("%d of %d questions unanswered: more than one in fifty", silent, asked)
	}
}
