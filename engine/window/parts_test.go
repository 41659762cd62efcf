package window

import (
	"cmp"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// A set with many leaves answers like a sorted list.
func TestSetEqualsSortedList(t *testing.T) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 0))
		var s set[int64]
		var list []int64
		spread := []int64{3, 100, 5000, 1 << 40}[seed%4]
		for i := range 12_000 {
			if grow := i < 6000; len(list) > 0 && r.IntN(4) == 0 == grow {
				k := list[r.IntN(len(list))]
				at, _ := slices.BinarySearch(list, k)
				list = slices.Delete(list, at, at+1)
				s.sub(k)
			} else if grow || r.IntN(3) == 0 {
				k := r.Int64N(spread)
				if seed > 3 {
					k = int64(i) // in order
				}
				at, _ := slices.BinarySearch(list, k)
				list = slices.Insert(list, at, k)
				s.add(k, 1)
			}
			if i%500 == 0 {
				checkSet(t, &s, list)
			}
		}
		checkSet(t, &s, list)
	}
}

func checkSet(t *testing.T, s *set[int64], list []int64) {
	t.Helper()
	if different := len(slices.Compact(slices.Clone(list))); s.total != int64(len(list)) || s.distinct != int64(different) {
		t.Fatalf("%d values, %d different, want %d, %d", s.total, s.distinct, len(list), different)
	}
	for i, want := range list {
		if got := s.kth(int64(i)); got != want {
			t.Fatalf("value %d is %d, want %d", i, got, want)
		}
	}
}

// A list of rows in many chunks is in order whatever comes, leaves and is dropped.
func TestRowsEqualSortedList(t *testing.T) {
	type key struct {
		at  int64
		seq uint64
	}
	order := func(a, b key) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq)) }
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 0))
		l := rows{stride: 4, texts: 1}
		var m spare
		var list []key
		for i := range 9000 {
			switch {
			case i < 4000 || r.IntN(3) == 0:
				k := key{r.Int64N(3000) + int64(i)*int64(seed%3), uint64(i)}
				at, _ := slices.BinarySearchFunc(list, k, order)
				list = slices.Insert(list, at, k)
				l.insert(kept{w: []int64{k.at, int64(k.seq), k.at & 1, -k.at}, t: []string{string(rune(i))}}, &m)
			case r.IntN(50) == 0 && len(list) > 100:
				upto := list[r.IntN(60)].at
				list = slices.DeleteFunc(list, func(k key) bool { return k.at <= upto })
				l.drop(upto)
			case len(list) > 0:
				at := r.IntN(len(list))
				p, ok := l.find(list[at].at, list[at].seq)
				if !ok {
					t.Fatalf("row %v is not found", list[at])
				}
				l.remove(p)
				list = slices.Delete(list, at, at+1)
			}
			if i%300 > 0 && i < 8990 {
				continue
			}
			p := l.begin()
			for at, want := range list {
				k := l.row(p)
				if got := (key{k.at(), k.seq()}); got != want || k.t[0] != string(rune(want.seq)) || k.w[3] != -want.at {
					t.Fatalf("row %d is %v, want %v", at, got, want)
				}
				if q := l.after(want.at); q != l.end() && l.at(q) <= want.at {
					t.Fatalf("a row at %d is not after %d", l.at(q), want.at)
				}
				p = l.step(p)
			}
			if p != l.end() || l.n != len(list) {
				t.Fatalf("%d rows, want %d", l.n, len(list))
			}
		}
	}
}

// Rounding, products and quotients are exact, and conversion is to the nearest float64.
func TestWideIsExact(t *testing.T) {
	toBig := func(w wide) *big.Int {
		b := new(big.Int).Lsh(big.NewInt(w.hi), 64)
		return b.Add(b, new(big.Int).SetUint64(w.lo))
	}
	rapid.Check(t, func(rt *rapid.T) {
		f := rapid.Float64Range(-limit, limit).Draw(rt, "f")
		g := rapid.SampledFrom([]float64{1, -1, 0.1, 1 << 20, limit - 8, 1e-12}).Draw(rt, "g")
		v, ok := fixed(f)
		w, ok2 := fixed(g)
		if x, _ := big.NewFloat(math.RoundToEven(f * (1 << 40))).Int(nil); ok != (math.Abs(f) < limit) || ok && x.Cmp(toBig(v)) != 0 {
			rt.Fatalf("%g becomes %v, want %v", f, toBig(v), x)
		}
		if !ok || !ok2 {
			return
		}
		x := new(big.Int).Mul(toBig(v), toBig(w))
		want, _ := new(big.Float).SetInt(x).Float64()
		if got := product(v, w).float(); got != want {
			rt.Fatalf("%g × %g is %g, want %g", f, g, got, want)
		}
		if got := product(v, w).times(3).sub(product(v, w)).add(product(w, v)).float(); got != 3*want && math.Abs(got/want-3) > 1e-15 {
			rt.Fatalf("3 × %g is %g", want, got)
		}
	})
}

func TestQuotientsAreHalfToEven(t *testing.T) {
	const most = math.MaxInt64
	for _, c := range []struct {
		w    wide
		n, q int64
		ok   bool
	}{
		{wideOf(5), 2, 2, true}, {wideOf(7), 2, 4, true}, {wideOf(-5), 2, -2, true}, {wideOf(-7), 2, -4, true},
		{wideOf(10), 4, 2, true}, {wideOf(11), 4, 3, true}, {wideOf(math.MinInt64), 1, math.MinInt64, true},
		{times(most, 10), 10, most, true}, {times(most, 10).add(wideOf(4)), 10, most, true},
		{times(most, 10).add(wideOf(5)), 10, 0, false}, {times(most, most), 2, 0, false},
		{times(math.MinInt64, 10).sub(wideOf(5)), 10, math.MinInt64, true}, {times(math.MinInt64, 10).sub(wideOf(6)), 10, 0, false},
		{wide{1, math.MaxUint64}, 2, 0, false},
	} {
		if q, ok := c.w.over(c.n); q != c.q && ok || ok != c.ok {
			t.Errorf("%v ÷ %d is %d, %v, want %d, %v", c.w, c.n, q, ok, c.q, c.ok)
		}
	}
}

// Periods follow each other without a gap, also where clocks change at midnight or over it.
func TestPeriodsJoin(t *testing.T) {
	for _, name := range []string{"UTC", "Asia/Shanghai", "America/Sao_Paulo", "America/St_Johns", "America/Havana", "Pacific/Apia"} {
		c := calendar{zone: zone(t, name)}
		for p := policy.Daily; p <= policy.Yearly; p++ {
			for at := int64(1000) * value.Day; at < 19_000*value.Day; at += value.Day/2 + 1234567 {
				b := c.find(p, at)
				if !b.hold(at) || b.before > b.start {
					t.Fatalf("%s: period %d of %s is %v", name, p, time.UnixMicro(at).UTC(), b)
				}
				if last := c.find(p, b.start-1); last.end != b.start || last.start != b.before {
					t.Fatalf("%s: period %d before %s ends %v, not %v", name, p, time.UnixMicro(at).UTC(), last, b)
				}
			}
		}
	}
}

func TestPeriodsBegin(t *testing.T) {
	for _, c := range []struct {
		zone       string
		period     policy.Period
		at, begins string
	}{
		{"Asia/Shanghai", policy.Daily, "2026-03-02T00:00+08:00", "2026-03-02T00:00+08:00"},
		{"Asia/Shanghai", policy.Workday, "2026-03-07T15:00+08:00", "2026-03-07T00:00+08:00"},
		{"Asia/Shanghai", policy.Weekly, "2026-03-01T23:59+08:00", "2026-02-23T00:00+08:00"},
		{"Asia/Shanghai", policy.Weekly, "2026-03-02T00:00+08:00", "2026-03-02T00:00+08:00"},
		{"Asia/Shanghai", policy.Monthly, "2026-02-28T12:00+08:00", "2026-02-01T00:00+08:00"},
		{"Asia/Shanghai", policy.Quarterly, "2026-12-31T12:00+08:00", "2026-10-01T00:00+08:00"},
		{"Asia/Shanghai", policy.Yearly, "2026-12-31T12:00+08:00", "2026-01-01T00:00+08:00"},
		{"Europe/Berlin", policy.Monthly, "2026-04-30T12:00+02:00", "2026-04-01T00:00+02:00"},
		{"America/Sao_Paulo", policy.Daily, "2017-10-15T12:00-02:00", "2017-10-15T01:00-02:00"}, // no midnight
		{"America/Havana", policy.Daily, "2025-11-02T12:00-05:00", "2025-11-02T00:00-04:00"},    // two midnights
	} {
		at, _ := time.Parse("2006-01-02T15:04Z07:00", c.at)
		want, _ := time.Parse("2006-01-02T15:04Z07:00", c.begins)
		k := calendar{zone: zone(t, c.zone)}
		if got := k.at(c.period, at.UnixMicro()).start; got != want.UnixMicro() {
			t.Errorf("period %d of %s begins %s, want %s", c.period, c.at, time.UnixMicro(got).UTC(), want.UTC())
		}
	}
}

func TestMomentsStayInRange(t *testing.T) {
	if plus(maxTime-1, 5) != maxTime || plus(minTime+1, -5) != minTime || plus(3, 4) != 7 || plus(3, 0) != 3 {
		t.Error("plus leaves the range of moments")
	}
	if minus(minTime+1, 5) != minTime || minus(maxTime-1, -5) != maxTime || minus(3, 4) != -1 || minus(3, 0) != 3 {
		t.Error("minus leaves the range of moments")
	}
}
