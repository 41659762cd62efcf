package fair

import (
	"math"
	"math/bits"
	"slices"
)

// dice are random numbers by their place: the same on every machine and in every order. Each is
// splitmix64 of the seed and two counters (Steele, Lea, Flood: Fast splittable pseudorandom number
// generators, 2014).
type dice uint64

func (d dice) at(i, j int) uint64 {
	z := uint64(d) + uint64(i)*0x9e3779b97f4a7c15 + uint64(j)*0xd1342543de82ef95
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	z = (z ^ z>>33) * 0xff51afd7ed558ccd
	return z ^ z>>29
}

// below is a random number below n.
func (d dice) below(n uint64, i, j int) uint64 {
	hi, _ := bits.Mul64(d.at(i, j), n)
	return hi
}

// Gini is how unequal figures are: 0 where all are alike, towards 1 where one has everything. Of
// nothing it is 0.
func Gini(x []float64) float64 {
	y := slices.Sorted(slices.Values(x))
	sum, ranked := 0.0, 0.0
	for i, v := range y {
		sum += v
		ranked += float64(float64(2*(i+1)-len(y)-1) * v)
	}
	if sum <= 0 {
		return 0
	}
	return ranked / float64(float64(len(y))*sum)
}

// Jain is Jain's index of fairness: 1 where all are alike, 1/n where one has everything (Jain,
// Chiu, Hawe: A quantitative measure of fairness, 1984). Of nothing it is 1.
func Jain(x []float64) float64 {
	sum, squares := 0.0, 0.0
	for _, v := range x {
		sum += v
		squares += float64(v * v)
	}
	if squares == 0 {
		return 1
	}
	return float64(sum*sum) / float64(float64(len(x))*squares)
}

// Range is an interval: the figure lies in it with 95 %.
type Range struct{ Low, High float64 }

const z95 = 1.959963984540054

// Wilson is the interval of a share of k in n (Wilson 1927).
func Wilson(k, n int) Range {
	if n == 0 {
		return Range{0, 1}
	}
	p, m, zz := float64(k)/float64(n), float64(n), z95*z95
	mid := (p + zz/(2*m)) / (1 + zz/m)
	half := z95 / (1 + zz/m) * math.Sqrt(p*(1-p)/m+zz/(4*m*m))
	return Range{max(0, mid-half), min(1, mid+half)}
}

// median is the middle of sorted figures with the interval between order statistics that holds it
// with 95 %; false: there are too few for one.
func median(x []float64) (mid float64, r Range, ok bool) {
	n := len(x)
	if n == 0 {
		return 0, r, false
	}
	mid = x[n/2]
	if n%2 == 0 {
		mid = (x[n/2-1] + x[n/2]) / 2
	}
	half := z95 * math.Sqrt(float64(n)) / 2
	low, high := int(math.Floor(float64(n)/2-half))-1, int(math.Ceil(float64(n)/2+half))
	if low < 0 || high >= n {
		return mid, r, false
	}
	return mid, Range{x[low], x[high]}, true
}

// quantile is a figure of sorted ones, interpolated.
func quantile(x []float64, q float64) float64 {
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

// Cohort is how many of a group's records could have come to an end, and how many were won.
type Cohort struct{ N, Won int }

// spreadDraws is how often a null band is drawn.
const spreadDraws = 4000

// Band is the range between the highest and the lowest share that groups of these sizes stay below
// in 95 of 100 draws, where truly all have one share; over is in how many of 100 draws it is more
// than limit. A range means little without it: three groups of 50 lie 5 points apart four times in
// five by chance alone.
func Band(groups []Cohort, limit float64) (band, over float64) {
	n, won := 0, 0
	for _, g := range groups {
		n, won = n+g.N, won+g.Won
	}
	if n == 0 || len(groups) < 2 {
		return 0, 0
	}
	p := float64(won) / float64(n)
	draw := make([]*binomial, len(groups))
	for i, g := range groups {
		draw[i] = newBinomial(g.N, p)
	}
	wide, more := make([]float64, spreadDraws), 0
	for t := range wide {
		low, high := 1.0, 0.0
		for i, g := range groups {
			if g.N == 0 {
				continue
			}
			x := float64(draw[i].draw(dice(2).at(t, i))) / float64(g.N)
			low, high = min(low, x), max(high, x)
		}
		if wide[t] = high - low; wide[t] > limit {
			more++
		}
	}
	slices.Sort(wide)
	return quantile(wide, 0.95), float64(more) / spreadDraws
}

// Spread is the range between the highest and the lowest share of groups that have any.
func Spread(groups []Cohort) float64 {
	low, high := 1.0, 0.0
	for _, g := range groups {
		if g.N > 0 {
			x := float64(g.Won) / float64(g.N)
			low, high = min(low, x), max(high, x)
		}
	}
	return max(0, high-low)
}
