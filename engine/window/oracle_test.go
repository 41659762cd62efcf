package window

import (
	"cmp"
	"math"
	"math/big"
	"slices"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// oracle works a spec out from all rows there ever were, in exact arithmetic.
func oracle(p *Plan, spec int, all []Row, now, t int64) value.Value {
	s := p.specs[spec]
	lo, hi, over := naiveSpan(s, p.zone, now, t)
	if !over {
		return value.Value{}
	}
	var in []Row
	for _, r := range all {
		known := func(c int) bool { return c < 0 || r.Known>>c&1 == 1 }
		if r.At > lo && r.At <= min(hi, now) && known(s.Value) && (s.Fn != policy.Corr || known(s.Value2)) &&
			(s.Where < 0 || known(s.Where) && r.N[s.Where] == 1) {
			in = append(in, r)
		}
	}
	slices.SortFunc(in, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Seq, b.Seq))
	})
	switch s.Fn {
	case policy.Count:
		return value.OfWord(s.Result, int64(len(in)))
	case policy.First, policy.Last:
		return edges(p, s, in)
	case policy.Min, policy.Max, policy.Median, policy.P90, policy.Distinct:
		return ordered(p, s, in)
	}
	return moments(p, s, in)
}

// naiveSpan is the window (lo, hi] and whether it is over.
func naiveSpan(s Spec, zone *time.Location, now, t int64) (lo, hi int64, over bool) {
	y, m, d := time.UnixMicro(now).In(zone).Date()
	begin := func(n int) int64 {
		switch s.Period {
		case policy.Weekly:
			monday := d - (int(time.Date(y, m, d, 12, 0, 0, 0, time.UTC).Weekday())+6)%7
			return time.Date(y, m, monday+7*n, 0, 0, 0, 0, zone).UnixMicro()
		case policy.Monthly:
			return time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, zone).UnixMicro()
		case policy.Quarterly:
			return time.Date(y, (m-1)/3*3+1+time.Month(3*n), 1, 0, 0, 0, 0, zone).UnixMicro()
		case policy.Yearly:
			return time.Date(y+n, 1, 1, 0, 0, 0, 0, zone).UnixMicro()
		}
		return time.Date(y, m, d+n, 0, 0, 0, 0, zone).UnixMicro()
	}
	switch s.Kind {
	case policy.Sliding:
		return now - s.D, now, true
	case policy.This:
		return begin(0) - 1, now, true
	case policy.Prior:
		return begin(-1) - 1, begin(0) - 1, true
	case policy.After:
		return t, t + s.D, now >= t+s.D
	case policy.Before:
		return t - s.D - 1, t - 1, now >= t
	case policy.InStage:
		return t - 1, now, true
	}
	return math.MinInt64, now, true
}

func cellOf(p *Plan, r Row, c int) value.Value {
	switch k := kindOf(p, c); {
	case c < 0:
		return value.OfWord(value.Int, int64(r.Seq))
	case k.Class() == value.String:
		return value.Value{Kind: k, S: r.S[c]}
	default:
		return value.OfWord(k, r.N[c])
	}
}

func kindOf(p *Plan, c int) value.Kind {
	if c < 0 {
		return value.Int
	}
	return p.cols[c].Kind
}

func edges(p *Plan, s Spec, in []Row) value.Value {
	switch {
	case len(in) == 0:
		return value.Value{}
	case s.N > 0:
		var l []value.Value
		for _, r := range in[max(0, len(in)-s.N):] {
			l = append(l, cellOf(p, r, s.Value))
		}
		return value.Value{Kind: value.List, X: l}
	case s.Fn == policy.First:
		return cellOf(p, in[0], s.Value)
	}
	return cellOf(p, in[len(in)-1], s.Value)
}

func compareCells(a, b value.Value) int {
	if a.Kind.Class() == value.Float {
		return cmp.Compare(a.Float(), b.Float())
	}
	return cmp.Or(cmp.Compare(a.S, b.S), cmp.Compare(a.N, b.N))
}

func ordered(p *Plan, s Spec, in []Row) value.Value {
	var v []value.Value
	for _, r := range in {
		v = append(v, cellOf(p, r, s.Value))
	}
	slices.SortFunc(v, compareCells)
	n := len(v)
	switch {
	case s.Fn == policy.Distinct:
		same := func(a, b value.Value) bool { return compareCells(a, b) == 0 }
		return value.OfWord(s.Result, int64(len(slices.CompactFunc(v, same))))
	case n == 0:
		return value.Value{}
	case s.Fn == policy.Min:
		return v[0]
	case s.Fn == policy.Max:
		return v[n-1]
	}
	h := big.NewRat(int64(n-1), 2)
	if s.Fn == policy.P90 {
		h = big.NewRat(int64(n-1)*9, 10)
	}
	k := int(new(big.Int).Quo(h.Num(), h.Denom()).Int64())
	x, y := exact(v[k]), exact(v[min(k+1, n-1)])
	part := new(big.Rat).Sub(h, big.NewRat(int64(k), 1))
	return rounded(p, s, x.Add(x, part.Mul(part, y.Sub(y, x))))
}

// exact is a value as it is, in its own units.
func exact(v value.Value) *big.Rat {
	if v.Kind.Class() == value.Float {
		return new(big.Rat).SetFloat64(v.Float())
	}
	return big.NewRat(v.N, 1)
}

// fixedRat is a value as it is added up: numbers to 2⁻⁴⁰; nil where it is too large.
func fixedRat(v value.Value) *big.Rat {
	if v.Kind.Class() != value.Float {
		return exact(v)
	}
	if math.Abs(v.Float()) >= limit {
		return nil
	}
	x := new(big.Rat).SetFloat64(math.RoundToEven(v.Float() * (1 << 40)))
	return x.Quo(x, big.NewRat(1<<40, 1))
}

// rounded makes a result of an exact one in the column's units.
func rounded(p *Plan, s Spec, x *big.Rat) value.Value {
	if s.Result.Class() == value.Float {
		if kindOf(p, s.Value) == value.Money {
			x = new(big.Rat).Quo(x, big.NewRat(10_000, 1))
		}
		f, _ := x.Float64()
		return value.OfFloat(s.Result, f)
	}
	q, rest := new(big.Int).DivMod(x.Num(), x.Denom(), new(big.Int))
	if c := rest.Lsh(rest, 1).Cmp(x.Denom()); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	if !q.IsInt64() {
		return value.Value{}
	}
	return value.OfWord(s.Result, q.Int64())
}

// moments works out sums, means, shares, deviations and correlations.
func moments(p *Plan, s Spec, in []Row) value.Value {
	var sums [5]big.Rat // x y xx yy xy
	for _, r := range in {
		x, y := fixedRat(cellOf(p, r, s.Value)), new(big.Rat)
		if s.Fn == policy.Corr {
			y = fixedRat(cellOf(p, r, s.Value2))
		}
		if x == nil || y == nil {
			return value.Value{}
		}
		for i, v := range [...]*big.Rat{x, y, new(big.Rat).Mul(x, x), new(big.Rat).Mul(y, y), new(big.Rat).Mul(x, y)} {
			sums[i].Add(&sums[i], v)
		}
	}
	n := int64(len(in))
	if s.Fn == policy.Sum {
		return rounded(p, s, &sums[0])
	}
	if n == 0 || n < 2 && (s.Fn == policy.SD || s.Fn == policy.Corr) {
		return value.Value{}
	}
	spread := func(xy, x, y int) *big.Float {
		a := new(big.Rat).Mul(big.NewRat(n, 1), &sums[xy])
		return new(big.Float).SetPrec(400).SetRat(a.Sub(a, new(big.Rat).Mul(&sums[x], &sums[y])))
	}
	switch s.Fn {
	case policy.SD:
		v := spread(2, 0, 0)
		sd, _ := v.Sqrt(v.Quo(v, big.NewFloat(float64(n*(n-1))))).Rat(nil)
		return rounded(p, s, sd)
	case policy.Corr:
		x, y := spread(2, 0, 0), spread(3, 1, 1)
		if x.Sign() == 0 || y.Sign() == 0 {
			return value.Value{}
		}
		f, _ := new(big.Float).Quo(spread(4, 0, 1), x.Sqrt(x.Mul(x, y))).Float64()
		return value.OfFloat(s.Result, f)
	}
	return rounded(p, s, sums[0].Quo(&sums[0], big.NewRat(n, 1)))
}
