package decimal

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// roundEven returns the whole number nearest to r, ties to even, where it fits an int64.
func roundEven(r *big.Rat) (int64, bool) {
	two := big.NewInt(2)
	num := new(big.Int).Mul(r.Num(), two)
	num.Add(num, r.Denom())
	den := new(big.Int).Mul(r.Denom(), two)
	q, m := new(big.Int).DivMod(num, den, new(big.Int))
	if m.Sign() == 0 && q.Bit(0) == 1 {
		q.Sub(q, big.NewInt(1))
	}
	return q.Int64(), q.IsInt64()
}

func check(t *rapid.T, what string, got int64, ok bool, want *big.Rat) {
	t.Helper()
	n, fits := roundEven(want)
	if ok != fits || ok && got != n {
		t.Fatalf("%s = %d %v, want %d %v (%s)", what, got, ok, n, fits, want)
	}
}

// ints draws whole numbers of every size, the edges often.
func ints() *rapid.Generator[int64] {
	return rapid.OneOf(rapid.Int64(), rapid.Int64Range(-20_000, 20_000),
		rapid.SampledFrom([]int64{0, 1, -1, math.MaxInt64, math.MinInt64, math.MinInt64 + 1, 1 << 53}))
}

// floats draws finite numbers of every size, halves and subnormals often.
func floats() *rapid.Generator[float64] {
	return rapid.OneOf(rapid.Float64(), rapid.Float64Range(-10, 10),
		rapid.Map(rapid.Int64Range(-4000, 4000), func(n int64) float64 { return float64(n) / 16 }),
		rapid.Map(rapid.Uint64(), func(u uint64) float64 {
			if f := math.Float64frombits(u); !math.IsNaN(f) && !math.IsInf(f, 0) {
				return f
			}
			return 0.5
		}),
		rapid.Map(rapid.IntRange(-140, 140), func(e int) float64 { return math.Ldexp(1.5, e) }),
		rapid.SampledFrom([]float64{0, 5e-324, math.MaxFloat64, 1, -1, 0.1, 1 << 63, 1 << 64}))
}

func rat(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

func TestWholeOperations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := ints().Draw(t, "a"), ints().Draw(t, "b")
		for _, c := range []struct {
			name string
			fn   func(a, b int64) (int64, bool)
			want *big.Rat
		}{
			{"add", Add, new(big.Rat).Add(rat(a), rat(b))},
			{"sub", Sub, new(big.Rat).Sub(rat(a), rat(b))},
			{"mul", Mul, new(big.Rat).Mul(rat(a), rat(b))},
		} {
			n, ok := c.fn(a, b)
			check(t, c.name, n, ok, c.want)
		}
		n, ok := Neg(a)
		check(t, "neg", n, ok, new(big.Rat).Neg(rat(a)))
		n, ok = Abs(a)
		check(t, "abs", n, ok, new(big.Rat).Abs(rat(a)))
		if b != 0 {
			n, ok = divInt(a, b)
			check(t, "div", n, ok, new(big.Rat).Quo(rat(a), rat(b)))
			f, _ := Ratio(a, b)
			if want, _ := new(big.Rat).Quo(rat(a), rat(b)).Float64(); f != want {
				t.Fatalf("ratio = %v, want %v", f, want)
			}
		}
	})
}

func TestFloatOperations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, f := ints().Draw(t, "a"), floats().Draw(t, "f")
		r := new(big.Rat).SetFloat64(f)
		n, ok := MulFloat(a, f)
		check(t, "mul", n, ok, new(big.Rat).Mul(rat(a), r))
		n, ok = DivFloat(a, f)
		if f == 0 {
			if ok {
				t.Fatal("divided by zero")
			}
			return
		}
		check(t, "div", n, ok, new(big.Rat).Quo(rat(a), r))
	})
}

func TestNotFinite(t *testing.T) {
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if _, ok := MulFloat(1, f); ok {
			t.Errorf("1 × %v has a result", f)
		}
		if _, ok := DivFloat(1, f); ok {
			t.Errorf("1 ÷ %v has a result", f)
		}
	}
	if _, ok := divInt(1, 0); ok {
		t.Error("1 ÷ 0 has a result")
	}
	if _, ok := Ratio(1, 0); ok {
		t.Error("ratio to 0 has a result")
	}
}

// Ties go to the even ten-thousandth.
func TestHalfToEven(t *testing.T) {
	for _, c := range []struct {
		a    int64
		f    float64
		want int64
	}{{1, 0.5, 0}, {3, 0.5, 2}, {5, 0.5, 2}, {7, 0.5, 4}, {-1, 0.5, 0}, {-3, 0.5, -2}, {10, 0.25, 2}} {
		if got, _ := MulFloat(c.a, c.f); got != c.want {
			t.Errorf("%d × %v = %d, want %d", c.a, c.f, got, c.want)
		}
		if got, _ := DivFloat(c.a, 1/c.f); got != c.want {
			t.Errorf("%d ÷ %v = %d, want %d", c.a, 1/c.f, got, c.want)
		}
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text  string
		want  int64
		exact bool
		fault Fault
	}{
		{"0", 0, true, NoFault}, {"-0", 0, true, NoFault}, {"+3", 30000, true, NoFault},
		{"1200.50", 12005000, true, NoFault}, {"-1200.5", -12005000, true, NoFault},
		{"0.00005", 0, false, NoFault}, {"0.00015", 2, false, NoFault}, {"0.00025", 2, false, NoFault},
		{"0.000250000000000000000000000001", 3, false, NoFault}, {"0.00001", 0, false, NoFault},
		{"0.12340000000000000000000000", 1234, true, NoFault},
		{"922337203685477.5807", math.MaxInt64, true, NoFault},
		{"-922337203685477.5808", math.MinInt64, true, NoFault},
		{"922337203685477.5808", 0, false, TooBig}, {"922337203685477.58075", 0, false, TooBig},
		{"99999999999999999999999", 0, false, TooBig},
		{"", 0, false, NotNumber}, {"-", 0, false, NotNumber}, {".5", 0, false, NotNumber},
		{"5.", 0, false, NotNumber}, {"1e3", 0, false, NotNumber}, {"1.2.3", 0, false, NotNumber},
		{"1,200", 0, false, NotNumber}, {" 1", 0, false, NotNumber}, {"--1", 0, false, NotNumber},
	} {
		got, exact, fault := Parse(c.text)
		if got != c.want || exact != c.exact || fault != c.fault {
			t.Errorf("%q: %d %v %v, want %d %v %v", c.text, got, exact, fault, c.want, c.exact, c.fault)
		}
	}
}

func TestParseRounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{1,18}(\.[0-9]{1,9})?`).Draw(t, "text")
		r, _ := new(big.Rat).SetString(text)
		got, _, fault := Parse([]byte(text))
		check(t, text, got, fault == NoFault, r.Mul(r, rat(Scale)))
	})
}

func TestTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := ints().Draw(t, "a")
		text := string(Append(nil, a))
		if got, exact, fault := Parse(text); got != a || !exact || fault != NoFault {
			t.Fatalf("%d is written %q and read %d", a, text, got)
		}
	})
}

func TestAppend(t *testing.T) {
	for _, c := range []struct {
		a            int64
		exact, fixed string
	}{
		{0, "0", "0.00"}, {12_005_000, "1200.5", "1200.50"}, {-50, "-0.005", "0.00"},
		{150, "0.015", "0.02"}, {250, "0.025", "0.02"}, {-10_000, "-1", "-1.00"},
		{math.MinInt64, "-922337203685477.5808", "-922337203685477.58"},
	} {
		if got := string(Append(nil, c.a)); got != c.exact {
			t.Errorf("%d is written %s, want %s", c.a, got, c.exact)
		}
		if got := string(AppendFixed(nil, c.a)); got != c.fixed {
			t.Errorf("%d is written %s, want %s", c.a, got, c.fixed)
		}
	}
}
