package baseline

import (
	"math/bits"
	"slices"
)

// Dice are random numbers by their place: the same on every machine and in every order. Each is
// splitmix64 of the seed and two counters (Steele, Lea, Flood: Fast splittable pseudorandom number
// generators, 2014).
type Dice uint64

// At is the random number of a place.
func (d Dice) At(i, j int) uint64 {
	z := uint64(d) + uint64(i)*0x9e3779b97f4a7c15 + uint64(j)*0xd1342543de82ef95
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	z = (z ^ z>>33) * 0xff51afd7ed558ccd
	return z ^ z>>29
}

// Below is a random number below n.
func (d Dice) Below(n uint64, i, j int) uint64 {
	hi, _ := bits.Mul64(d.At(i, j), n)
	return hi
}

// Quantile is a figure of sorted ones, interpolated.
func Quantile(x []float64, q float64) float64 {
	if len(x) == 0 {
		return 0
	}
	at := q * float64(len(x)-1)
	i := int(at)
	if i+1 >= len(x) {
		return x[len(x)-1]
	}
	return x[i] + float64((at-float64(i))*(x[i+1]-x[i]))
}

// binomial draws how many of n come true with a chance of p, by inversion of its distribution.
type binomial struct{ upTo []float64 }

func newBinomial(n int, p float64) *binomial {
	b := &binomial{make([]float64, n+1)}
	if p <= 0 || p >= 1 {
		for i := range b.upTo {
			if p <= 0 || i == n {
				b.upTo[i] = 1
			}
		}
		return b
	}
	// From the most likely number outwards, so that nothing is too small to be a number.
	mode, odds := int(float64(n+1)*p), p/(1-p)
	mode = min(mode, n)
	b.upTo[mode] = 1
	for k := mode; k < n; k++ {
		b.upTo[k+1] = float64(b.upTo[k]*float64(n-k)) / float64(k+1) * odds
	}
	for k := mode; k > 0; k-- {
		b.upTo[k-1] = float64(b.upTo[k]*float64(k)) / float64(n-k+1) / odds
	}
	sum := 0.0
	for i, v := range b.upTo {
		sum += v
		b.upTo[i] = sum
	}
	for i := range b.upTo {
		b.upTo[i] /= sum
	}
	return b
}

func (b *binomial) draw(r uint64) int {
	u := float64(r>>11) / (1 << 53)
	i, _ := slices.BinarySearch(b.upTo, u)
	return min(i, len(b.upTo)-1)
}

// spreadDraws is how often a null band is drawn.
const spreadDraws = 4000

// Band is the range between the highest and the lowest share that groups of these sizes stay below
// in 95 of 100 draws, where truly all have one share; over is in how many of 100 draws it is more
// than limit. A range means little without it: three groups of 50 lie 5 points apart four times in
// five by chance alone.
func Band(groups []Group, limit float64) (band, over float64) {
	n, won := int64(0), int64(0)
	for _, g := range groups {
		n, won = n+g.N, won+g.True
	}
	if n == 0 || len(groups) < 2 {
		return 0, 0
	}
	p := float64(won) / float64(n)
	draw := make([]*binomial, len(groups))
	for i, g := range groups {
		draw[i] = newBinomial(int(g.N), p)
	}
	wide, more := make([]float64, spreadDraws), 0
	for t := range wide {
		low, high := 1.0, 0.0
		for i, g := range groups {
			if g.N == 0 {
				continue
			}
			x := float64(draw[i].draw(Dice(2).At(t, i))) / float64(g.N)
			low, high = min(low, x), max(high, x)
		}
		if wide[t] = high - low; wide[t] > limit {
			more++
		}
	}
	slices.Sort(wide)
	return Quantile(wide, 0.95), float64(more) / spreadDraws
}
