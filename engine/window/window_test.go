package window

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// The columns of the tests' rows.
const (
	colPaid = iota // a test
	colPieces
	colWeight
	colAmount
	colNote
	colHeight
	colGood
	colMoment // always the row's own
)

var testCols = []Col{{Kind: value.Bool}, {Kind: value.Int}, {Kind: value.Number}, {Kind: value.Money}, {Kind: value.Text}, {Kind: value.Number}, {Kind: value.Bool},
	{Kind: value.Time, At: true}}

// testWindows are all kinds, in hours and days so that random rows fall into and out of them.
var testWindows = []Spec{
	{Kind: policy.Ever}, {Kind: policy.Sliding, D: 7 * value.Hour}, {Kind: policy.Sliding, D: 3 * value.Day},
	{Kind: policy.This, Period: policy.Daily}, {Kind: policy.This, Period: policy.Weekly},
	{Kind: policy.This, Period: policy.Monthly}, {Kind: policy.Prior, Period: policy.Workday},
	{Kind: policy.Prior, Period: policy.Weekly}, {Kind: policy.Prior, Period: policy.Quarterly},
	{Kind: policy.After, D: value.Day}, {Kind: policy.Before, D: value.Day}, {Kind: policy.InStage},
}

// testValues are all functions over all columns they take.
var testValues = func() []Spec {
	word := func(k value.Kind) value.Kind {
		if k == value.Int {
			return value.Number
		}
		return k
	}
	out := []Spec{{Fn: policy.Count, Value: -1, Result: value.Int}, {Fn: policy.Distinct, Value: -1, Result: value.Int},
		{Fn: policy.Last, Value: -1, Result: value.Int}, {Fn: policy.First, Value: -1, Result: value.Int},
		{Fn: policy.Last, Value: -1, N: 3, Result: value.List}, {Fn: policy.Share, Value: colGood, Result: value.Percent},
		{Fn: policy.Sum, Value: colGood, Result: value.Int}, {Fn: policy.SD, Value: colAmount, Result: value.Number},
		{Fn: policy.Corr, Value: colWeight, Value2: colHeight, Result: value.Number},
		{Fn: policy.Corr, Value: colAmount, Value2: colHeight, Result: value.Number},
		{Fn: policy.First, Value: colMoment, Result: value.Time}, {Fn: policy.Last, Value: colMoment, Result: value.Time},
		{Fn: policy.Last, Value: colMoment, N: 2, Result: value.List}}
	for c := colPieces; c <= colHeight; c++ {
		k := testCols[c].Kind
		out = append(out, Spec{Fn: policy.Count, Value: c, Result: value.Int}, Spec{Fn: policy.Distinct, Value: c, Result: value.Int},
			Spec{Fn: policy.Last, Value: c, N: 4, Result: value.List})
		for _, fn := range []policy.AggFn{policy.Min, policy.Max, policy.First, policy.Last} {
			out = append(out, Spec{Fn: fn, Value: c, Result: k})
		}
		if k == value.Text {
			continue
		}
		out = append(out, Spec{Fn: policy.Sum, Value: c, Result: k})
		for _, fn := range []policy.AggFn{policy.Avg, policy.SD, policy.Median, policy.P90} {
			out = append(out, Spec{Fn: fn, Value: c, Result: word(k)})
		}
	}
	return out
}()

// testSpecs are all values in all windows, with and without a test.
var testSpecs = func() (out []Spec) {
	for _, w := range testWindows {
		for i, v := range testValues {
			v.Kind, v.D, v.Period = w.Kind, w.D, w.Period
			v.Where = i%2 - 1
			out = append(out, v)
			v.Where = -1 - v.Where
			out = append(out, v)
		}
	}
	return out
}()

func zone(t testing.TB, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// read returns a spec's value through the accessor of its class.
func read(p *Plan, s *Series, spec int, now, t int64) value.Value {
	k := p.specs[spec].Result
	switch k.Class() {
	case value.Word:
		if n, ok := p.Int(s, spec, now, t); ok {
			return value.OfWord(k, n)
		}
	case value.Float:
		if f, ok := p.Num(s, spec, now, t); ok {
			return value.OfFloat(k, f)
		}
	case value.String:
		if x, ok := p.Str(s, spec, now, t); ok {
			return value.Value{Kind: k, S: x}
		}
	default:
		if l, ok := p.List(s, spec, now, t); ok {
			return value.Value{Kind: k, X: l}
		}
	}
	return value.Value{}
}

// agree compares a spec's value with the oracle's. A deviation goes through a root, so it is a
// number even where it is given in whole units.
func agree(s Spec, a, b value.Value) bool {
	if s.Fn == policy.SD && a.Kind == b.Kind && a.Kind.Class() == value.Word {
		a, b = value.OfFloat(value.Number, float64(a.N)), value.OfFloat(value.Number, float64(b.N))
	}
	return same(a, b)
}

// same compares values: words, texts and lists exactly, numbers to 1e-9.
func same(a, b value.Value) bool {
	switch {
	case a.Kind != b.Kind:
		return false
	case a.Kind == value.List:
		return slices.EqualFunc(a.X.([]value.Value), b.X.([]value.Value), same)
	case a.Kind.Class() == value.Float:
		x, y := a.Float(), b.Float()
		return x == y || math.Abs(x-y) <= 1e-9*max(1, math.Abs(y))
	}
	return a.N == b.N && a.S == b.S
}

func show(v value.Value) string {
	switch {
	case !v.Known():
		return "missing"
	case v.Kind.Class() == value.Float:
		return fmt.Sprint(v.Float())
	}
	return fmt.Sprint(v.N, v.S, v.X)
}

func describe(s Spec) string {
	return fmt.Sprintf("fn %d of column %d (%d), window %d %dh period %d where %d", s.Fn, s.Value, s.Value2,
		s.Kind, s.D/value.Hour, s.Period, s.Where)
}

// rig holds a series, a second one that is only looked at when it is compared, and all rows.
type rig struct {
	p      *Plan
	s, s2  Series
	rows   []Row
	now, t int64
}

func (g *rig) insert(r Row) {
	g.rows = append(g.rows, r)
	g.p.Insert(&g.s, &r, g.now)
	g.p.Insert(&g.s2, &r, g.now)
}

func (g *rig) remove(i int) {
	r := g.rows[i]
	g.rows = slices.Delete(g.rows, i, i+1)
	if !g.p.Remove(&g.s, r.At, r.Seq, g.now) {
		g.p.RemoveRow(&g.s, &r, g.now)
	}
	g.p.RemoveRow(&g.s2, &r, g.now)
}

// restore puts the second series through a snapshot, which must not tell who was read when.
func (g *rig) restore() error {
	a, b := g.p.Append(&g.s, nil), g.p.Append(&g.s2, nil)
	if !bytes.Equal(a, b) {
		return fmt.Errorf("equal state, different bytes:\n%x\n%x", a, b)
	}
	rest, err := g.p.Load(&g.s2, append(a, 42))
	if err != nil || len(rest) != 1 {
		return fmt.Errorf("load leaves %d bytes, %v", len(rest), err)
	}
	if c := g.p.Append(&g.s2, nil); !bytes.Equal(a, c) {
		return fmt.Errorf("loading changes the bytes:\n%x\n%x", a, c)
	}
	for i, s := range g.p.specs {
		a, ok := g.p.Next(&g.s, i, g.now)
		if b, ok2 := g.p.Next(&g.s2, i, g.now); a != b || ok != ok2 {
			return fmt.Errorf("%s: next is %d, %v, after a restart %d, %v", describe(s), a, ok, b, ok2)
		}
	}
	return nil
}

// check compares every spec with the oracle, now, at an earlier moment and until Next.
func (g *rig) check() error {
	for i, s := range g.p.specs {
		want := oracle(g.p, i, g.rows, g.now, g.t)
		if got := read(g.p, &g.s, i, g.now, g.t); !agree(s, got, want) {
			return fmt.Errorf("%s: %s, want %s", describe(s), show(got), show(want))
		}
		for _, when := range [...]int64{g.now - s.Keep, g.now - s.Keep/3} {
			want := oracle(g.p, i, g.rows, when, g.t)
			if got := g.p.ValueAt(&g.s, i, when, g.t); !agree(s, got, want) {
				return fmt.Errorf("%s: %v earlier: %s, want %s", describe(s), g.now-when, show(got), show(want))
			}
		}
		if err := cmp.Or(g.checkNext(i, want), g.checkFalls(i, want)); err != nil {
			return fmt.Errorf("%s: %w", describe(s), err)
		}
	}
	return nil
}

// checkFalls holds Falls to the oracle: until that moment a count keeps to what may leave; and then
// it does not, where few rows are there.
func (g *rig) checkFalls(spec int, want value.Value) error {
	s := g.p.specs[spec]
	if s.Fn != policy.Count || s.Kind != policy.Sliding {
		return nil
	}
	for may := int64(-1); may <= want.N; may = may*2 + 2 {
		at, ok := g.p.Falls(&g.s, spec, g.now, func(int64) int64 { return may })
		if ok && at <= g.now {
			return fmt.Errorf("falls is not later than now")
		}
		if !ok {
			at = g.now + 400*value.Day
		}
		left := func(at int64) int64 { return want.N - oracle(g.p, spec, g.rows, at, g.t).N }
		bears := func(n int64) bool { return n == 0 || n > 0 && (may < 0 || n <= may) }
		if n := left(at - 1); !bears(n) {
			return fmt.Errorf("%d of %d have left before falls, %d may", n, want.N, may)
		}
		waits := slices.ContainsFunc(g.rows, func(r Row) bool { return r.At > g.now })
		if n := left(at); ok && !waits && want.N <= nearby/2 && bears(n) {
			return fmt.Errorf("only %d of %d have left when it falls, %d may", n, want.N, may)
		}
	}
	return nil
}

func (g *rig) checkNext(spec int, want value.Value) error {
	if k := g.p.specs[spec].Kind; k == policy.After || k == policy.Before {
		return nil
	}
	next, ok := g.p.Next(&g.s, spec, g.now)
	if ok && next <= g.now {
		return fmt.Errorf("next is not later than now")
	}
	if !ok {
		next = g.now + 400*value.Day
	}
	for _, at := range [...]int64{next - 1, g.now + (next-g.now)/2} {
		if v := oracle(g.p, spec, g.rows, at, g.t); !same(v, want) {
			return fmt.Errorf("%s after %dh, before next at %dh: %s, was %s", show(v), (at-g.now)/value.Hour,
				(next-g.now)/value.Hour, show(v), show(want))
		}
	}
	return nil
}
