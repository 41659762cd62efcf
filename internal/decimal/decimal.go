// Package decimal is the exact arithmetic of money and whole numbers.
//
// Money is an int64 of ten-thousandths. Every operation that can fail answers (result, ok); ok
// is false where the result does not fit or a divisor is zero, which the language calls missing.
// Results that fall between two ten-thousandths are rounded half to even, once, from the exact
// value: a float64 takes part as the binary fraction that it is, never through a rounded product.
package decimal

import (
	"math"
	"math/big"
	"math/bits"
)

// Scale is how many units of money make one.
const Scale = 10_000

// Add returns a + b of two whole numbers or two amounts of money.
func Add(a, b int64) (int64, bool) {
	c := a + b
	return c, (c > a) == (b > 0)
}

// Sub returns a - b.
func Sub(a, b int64) (int64, bool) {
	c := a - b
	return c, (c < a) == (b > 0)
}

// Mul returns a × b of two whole numbers.
func Mul(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	return signed((a < 0) != (b < 0), hi, lo)
}

// Neg returns -a.
func Neg(a int64) (int64, bool) { return -a, a != math.MinInt64 }

// Abs returns a without its sign.
func Abs(a int64) (int64, bool) {
	if a < 0 {
		return -a, a != math.MinInt64
	}
	return a, true
}

// MulFloat returns the amount a × f, rounded once.
func MulFloat(a int64, f float64) (int64, bool) {
	x, ok := split(f)
	if !ok {
		return 0, false
	}
	neg := x.neg != (a < 0)
	hi, lo := bits.Mul64(magnitude(a), x.mant)
	if x.exp < 0 {
		hi, lo = shiftRight(hi, lo, -x.exp)
		return signed(neg, hi, lo)
	}
	if hi != 0 || bits.Len64(lo)+x.exp > 64 && lo != 0 {
		return 0, false
	}
	return signed(neg, 0, lo<<x.exp)
}

// DivFloat returns the amount a ÷ f, rounded once.
func DivFloat(a int64, f float64) (int64, bool) {
	x, ok := split(f)
	if !ok || x.mant == 0 {
		return 0, false
	}
	neg := x.neg != (a < 0)
	m := magnitude(a)
	if x.exp >= 0 {
		// From 2^12 on, the divisor is at least twice the greatest amount.
		if x.exp >= 12 {
			return 0, true
		}
		return signed(neg, 0, divEven(0, m, x.mant<<x.exp))
	}
	// mant has 53 bits, so a quotient of 2^64 and above shows in the lengths alone. What is left
	// has at most 116 bits above a divisor of at least 2^52: the quotient fits one word.
	if m != 0 && bits.Len64(m)-x.exp > 116 {
		return 0, false
	}
	hi, lo := shiftLeft(m, -x.exp)
	return signed(neg, 0, divEven(hi, lo, x.mant))
}

// divInt returns the amount a ÷ n, rounded once: the mean of n amounts.
func divInt(a, n int64) (int64, bool) {
	if n == 0 {
		return 0, false
	}
	return signed((a < 0) != (n < 0), 0, divEven(0, magnitude(a), magnitude(n)))
}

// Ratio returns a ÷ b of two amounts or two whole numbers, correctly rounded.
func Ratio(a, b int64) (float64, bool) {
	if b == 0 {
		return 0, false
	}
	const whole = 1 << 53 // up to here a float64 holds every whole number
	if a <= whole && a >= -whole && b <= whole && b >= -whole {
		return float64(a) / float64(b), true
	}
	f, _ := new(big.Rat).SetFrac(big.NewInt(a), big.NewInt(b)).Float64()
	return f, true
}

// Float returns an amount of money as a number, correctly rounded.
func Float(a int64) float64 {
	f, _ := Ratio(a, Scale)
	return f
}

// round returns an amount rounded half to even to the given places, 0 to 4.
func round(a int64, places int) (int64, bool) {
	unit := int64(1)
	for i := places; i < 4; i++ {
		unit *= 10
	}
	q, _ := divInt(a, unit)
	return Mul(q, unit)
}

// magnitude returns |a|, which always fits a uint64.
func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

// signed puts a sign to a magnitude of 128 bits.
func signed(neg bool, hi, lo uint64) (int64, bool) {
	switch {
	case hi != 0:
		return 0, false
	case neg:
		return -int64(lo), lo <= 1<<63
	}
	return int64(lo), lo < 1<<63
}

// float is a finite float64 taken apart: ±mant × 2^exp with mant of exactly 53 bits, or 0.
type float struct {
	neg  bool
	mant uint64
	exp  int
}

// split takes a float64 apart; it is false where there is no number.
func split(f float64) (float, bool) {
	b := math.Float64bits(f)
	neg, mant, exp := b>>63 == 1, b&(1<<52-1), int(b>>52&0x7ff)
	switch exp {
	case 0x7ff:
		return float{}, false
	case 0:
		if mant == 0 {
			return float{neg: neg}, true
		}
		up := 53 - bits.Len64(mant)
		return float{neg, mant << up, -1074 - up}, true
	}
	return float{neg, mant | 1<<52, exp - 1075}, true
}

// shiftRight returns (hi, lo) ÷ 2^n, rounded half to even.
func shiftRight(hi, lo uint64, n int) (uint64, uint64) {
	if n > 127 {
		return 0, 0 // a product of an amount and a mantissa stays below 2^117
	}
	var half, rest bool
	if n <= 64 {
		half = lo>>(n-1)&1 == 1
		rest = lo&(1<<(n-1)-1) != 0
		hi, lo = hi>>n, lo>>n|hi<<(64-n)
	} else {
		n -= 64
		half = hi>>(n-1)&1 == 1
		rest = hi&(1<<(n-1)-1) != 0 || lo != 0
		hi, lo = 0, hi>>n
	}
	if half && (rest || lo&1 == 1) {
		var carry uint64
		lo, carry = bits.Add64(lo, 1, 0)
		hi += carry
	}
	return hi, lo
}

// shiftLeft returns a × 2^n in 128 bits; the caller knows that it fits.
func shiftLeft(a uint64, n int) (hi, lo uint64) {
	if n >= 64 {
		return a << (n - 64), 0
	}
	return a >> (64 - n), a << n
}

// divEven returns (hi, lo) ÷ d, rounded half to even; hi is below d.
func divEven(hi, lo, d uint64) uint64 {
	q, r := bits.Div64(hi, lo, d)
	if up := d - r; r > up || r == up && q&1 == 1 {
		q++
	}
	return q
}
