package fair

import (
	"math"
	"slices"

	"github.com/throughline/throughline/engine/baseline"
)

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

// Spread is the range between the highest and the lowest share of groups that have any.
func Spread(groups []baseline.Group) float64 {
	low, high := 1.0, 0.0
	for _, g := range groups {
		if g.N > 0 {
			x := float64(g.True) / float64(g.N)
			low, high = min(low, x), max(high, x)
		}
	}
	return max(0, high-low)
}
