package window

import (
	"math"
	"math/bits"
)

// fraction is how many binary places a number keeps when it is added up (decision D11).
const fraction = 40

// limit is where numbers become too large to be added up: 2⁵⁵, about 3.6·10¹⁶. Below it a value
// takes 95 bits, so 2³² of them fit 127 and the sum of their squares fits 222.
const limit = 1 << 55

// wide is a 128-bit integer in two's complement.
type wide struct {
	hi int64
	lo uint64
}

func wideOf(n int64) wide { return wide{n >> 63, uint64(n)} }

// fixed rounds a number to 2⁻⁴⁰, half to even; ok is false where it is too large.
func fixed(f float64) (w wide, ok bool) {
	switch a := math.Abs(f); {
	case a < 1<<20:
		return wideOf(int64(math.RoundToEven(f * (1 << fraction)))), true
	case a < limit:
		// The lowest bit is worth at least 2⁻³², so nothing is rounded away: what is above 2¹²
		// and what is below are shifted into place apart.
		m := math.Trunc(f * (1.0 / (1 << 12)))
		rest := f - float64(m*(1<<12))
		w = wideOf(int64(m)).shift(fraction + 12)
		return w.add(wideOf(int64(rest * (1 << fraction)))), true
	}
	return w, false
}

// shift multiplies by 2ⁿ for n below 64.
func (w wide) shift(n uint) wide {
	return wide{w.hi<<n | int64(w.lo>>(64-n)), w.lo << n}
}

func (w wide) add(o wide) wide {
	lo, c := bits.Add64(w.lo, o.lo, 0)
	return wide{w.hi + o.hi + int64(c), lo}
}

func (w wide) sub(o wide) wide {
	lo, c := bits.Sub64(w.lo, o.lo, 0)
	return wide{w.hi - o.hi - int64(c), lo}
}

// abs returns the magnitude and whether the number is below zero.
func (w wide) abs() (hi, lo uint64, negative bool) {
	if w.hi >= 0 {
		return uint64(w.hi), w.lo, false
	}
	lo, c := bits.Sub64(0, w.lo, 0)
	hi, _ = bits.Sub64(0, uint64(w.hi), c)
	return hi, lo, true
}

// word returns the number as an int64 where it fits.
func (w wide) word() (int64, bool) {
	n := int64(w.lo)
	return n, n>>63 == w.hi
}

// float returns the nearest float64, half to even.
func (w wide) float() float64 {
	return vast{w.lo, uint64(w.hi), uint64(w.hi >> 63), uint64(w.hi >> 63)}.float()
}

// over divides by n > 0, half to even; ok is false where the result does not fit.
func (w wide) over(n int64) (q int64, ok bool) {
	hi, lo, negative := w.abs()
	if hi >= uint64(n) {
		return 0, false
	}
	m, rest := bits.Div64(hi, lo, uint64(n))
	if m > 1<<63 {
		return 0, false
	}
	if twice := rest << 1; twice > uint64(n) || twice == uint64(n) && m&1 == 1 {
		m++
	}
	if negative {
		return -int64(m), m <= 1<<63
	}
	return int64(m), m < 1<<63
}

// times is a × b.
func times(a, b int64) wide {
	v := product(wideOf(a), wideOf(b))
	return wide{int64(v[1]), v[0]}
}

// vast is a 256-bit integer in two's complement, lowest word first.
type vast [4]uint64

// product is a × b, exactly.
func product(a, b wide) vast {
	ah, al, an := a.abs()
	bh, bl, bn := b.abs()
	var v vast
	var c uint64
	v[1], v[0] = bits.Mul64(al, bl)
	v[3], v[2] = bits.Mul64(ah, bh)
	for _, m := range [2][2]uint64{{ah, bl}, {al, bh}} {
		hi, lo := bits.Mul64(m[0], m[1])
		v[1], c = bits.Add64(v[1], lo, 0)
		v[2], c = bits.Add64(v[2], hi, c)
		v[3] += c
	}
	if an != bn {
		return vast{}.sub(v)
	}
	return v
}

func (v vast) add(o vast) vast {
	var c uint64
	for i := range v {
		v[i], c = bits.Add64(v[i], o[i], c)
	}
	return v
}

func (v vast) sub(o vast) vast {
	var c uint64
	for i := range v {
		v[i], c = bits.Sub64(v[i], o[i], c)
	}
	return v
}

// times is v × n for n ≥ 0.
func (v vast) times(n int64) vast {
	var carry uint64
	for i := range v {
		hi, lo := bits.Mul64(v[i], uint64(n))
		var c uint64
		v[i], c = bits.Add64(lo, carry, 0)
		carry = hi + c
	}
	return v
}

// float returns the nearest float64, half to even.
func (v vast) float() float64 {
	negative := int64(v[3]) < 0
	if negative {
		v = vast{}.sub(v)
	}
	top := 3
	for top > 0 && v[top] == 0 {
		top--
	}
	m, e := v[top], 64*top
	if top > 0 {
		// The 64 leading bits; whatever follows them only decides which way a half rounds, so one
		// sticky bit stands for it.
		z := uint(bits.LeadingZeros64(m))
		m = m<<z | v[top-1]>>(64-z)
		e -= int(z)
		rest := v[top-1] << z
		for _, w := range v[:top-1] {
			rest |= w
		}
		if rest != 0 {
			m |= 1
		}
	}
	f := math.Ldexp(float64(m), e)
	if negative {
		return -f
	}
	return f
}
