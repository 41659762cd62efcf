package decimal

import (
	"math/big"
	"math/bits"
)

// Sum is an exact sum of int64 terms in 128 bits, in two's complement. Its value does not depend
// on the order in which terms came and went. The zero Sum is 0.
type Sum struct {
	Hi int64
	Lo uint64
}

// Add adds a term. 2^63 terms of any size fit.
func (s *Sum) Add(n int64) {
	var carry uint64
	s.Lo, carry = bits.Add64(s.Lo, uint64(n), 0)
	s.Hi += n>>63 + int64(carry)
}

// Remove takes a term out again.
func (s *Sum) Remove(n int64) {
	var borrow uint64
	s.Lo, borrow = bits.Sub64(s.Lo, uint64(n), 0)
	s.Hi -= n>>63 + int64(borrow)
}

// Merge adds another sum.
func (s *Sum) Merge(t Sum) {
	var carry uint64
	s.Lo, carry = bits.Add64(s.Lo, t.Lo, 0)
	s.Hi += t.Hi + int64(carry)
}

// Sign returns -1, 0 or 1.
func (s Sum) Sign() int {
	switch {
	case s.Hi < 0:
		return -1
	case s.Hi == 0 && s.Lo == 0:
		return 0
	}
	return 1
}

// Int64 returns the sum where it fits.
func (s Sum) Int64() (int64, bool) {
	n := int64(s.Lo)
	return n, s.Hi == n>>63
}

// Mean returns the sum ÷ n, rounded half to even, where it fits.
func (s Sum) Mean(n int64) (int64, bool) {
	hi, lo, neg := s.magnitude()
	d := magnitude(n)
	if d == 0 || hi >= d {
		return 0, false
	}
	return signed(neg != (n < 0), 0, divEven(hi, lo, d))
}

// Float returns the sum, correctly rounded.
func (s Sum) Float() float64 {
	hi, lo, neg := s.magnitude()
	f := float64(lo)
	if hi != 0 {
		b := new(big.Int).SetUint64(hi)
		b.Lsh(b, 64).Or(b, new(big.Int).SetUint64(lo))
		f, _ = b.Float64()
	}
	if neg {
		return -f
	}
	return f
}

func (s Sum) magnitude() (hi, lo uint64, neg bool) {
	if s.Hi >= 0 {
		return uint64(s.Hi), s.Lo, false
	}
	lo, borrow := bits.Sub64(0, s.Lo, 0)
	return -uint64(s.Hi) - borrow, lo, true
}
