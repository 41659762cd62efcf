package decimal

import "math/bits"

// Fault says why a text is no amount.
type Fault uint8

// The faults of Parse.
const (
	NoFault   Fault = iota
	NotNumber       // not digits with at most one point and a sign before
	TooBig          // does not fit
)

// Parse reads a decimal such as -1200.50 as ten-thousandths. Places beyond the fourth are rounded
// half to even as one number, however many there are; exact is false where that lost something.
func Parse[T ~string | ~[]byte](text T) (amount int64, exact bool, fault Fault) {
	i, neg := 0, false
	if i < len(text) && (text[i] == '-' || text[i] == '+') {
		neg = text[i] == '-'
		i++
	}
	var r reader
	start := i
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case '0' <= c && c <= '9':
			r.digit(c - '0')
		case c == '.' && !r.point && i > start && i+1 < len(text):
			r.point = true
		default:
			return 0, false, NotNumber
		}
	}
	if i == start {
		return 0, false, NotNumber
	}
	m, ok := r.amount()
	if amount, fits := signed(neg, 0, m); ok && fits {
		return amount, !r.half && !r.rest, NoFault
	}
	return 0, false, TooBig
}

// reader gathers the digits of one decimal.
type reader struct {
	n      uint64
	places int
	point  bool
	over   bool
	half   bool // the digits from the fifth place on are at least one half
	rest   bool // and more than exactly one half, or more than nothing
}

func (r *reader) digit(d byte) {
	if r.point {
		r.places++
	}
	switch {
	case r.places < 5:
		r.push(d)
	case r.places == 5:
		r.half, r.rest = d >= 5, d != 5 && d != 0
	case d != 0:
		r.rest = true
	}
}

func (r *reader) push(d byte) {
	hi, lo := bits.Mul64(r.n, 10)
	lo, carry := bits.Add64(lo, uint64(d), 0)
	r.over = r.over || hi != 0 || carry != 0
	r.n = lo
}

// amount fills up to four places and rounds.
func (r *reader) amount() (uint64, bool) {
	for ; r.places < 4; r.places++ {
		r.push(0)
	}
	if r.half && (r.rest || r.n&1 == 1) {
		r.n++ // n is at most 2^64-1; the wrap to 0 is the overflow caught here
		r.over = r.over || r.n == 0
	}
	return r.n, !r.over
}

// Append writes an amount exactly, without trailing zeros: 1200.5.
func Append(dst []byte, a int64) []byte { return appendPlaces(dst, a, 0) }

// AppendFixed writes an amount with exactly two places, rounded half to even: 1200.50.
func AppendFixed(dst []byte, a int64) []byte {
	if r, ok := round(a, 2); ok {
		a = r
	}
	return appendPlaces(dst, a, 2)
}

// appendPlaces writes at least the given number of places and no zeros after them.
func appendPlaces(dst []byte, a int64, least int) []byte {
	if a < 0 {
		dst = append(dst, '-')
	}
	m := magnitude(a)
	dst = appendUint(dst, m/Scale)
	var frac [4]byte
	n := 0
	for i, f := 3, m%Scale; i >= 0; i, f = i-1, f/10 {
		frac[i] = byte('0' + f%10)
		if frac[i] != '0' && n == 0 {
			n = i + 1
		}
	}
	if n = max(n, least); n > 0 {
		dst = append(append(dst, '.'), frac[:n]...)
	}
	return dst
}

func appendUint(dst []byte, n uint64) []byte {
	var b [20]byte
	i := len(b)
	for {
		i--
		b[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return append(dst, b[i:]...)
		}
	}
}
