package baseline

import "math"

// Group is what is known of one group's rows: how many, and of how many a share's condition holds,
// or the mean and the sample deviation of their values.
type Group struct {
	N, True  int64
	Mean, SD float64
}

// smallest is the expected number below which chi-squared is not to be trusted.
const smallest = 5

// Shares is how likely it is that groups whose shares are truly alike differ at least as much: the
// chi-squared test of homogeneity, and for two groups with an expected number below 5 Fisher's
// exact test. Of more groups with such a number nothing can be told.
func Shares(groups []Group) (float64, bool) {
	n, yes := int64(0), int64(0)
	for _, g := range groups {
		n, yes = n+g.N, yes+g.True
	}
	if len(groups) < 2 || n == 0 {
		return 0, false
	}
	if yes == 0 || yes == n {
		return 1, true
	}
	share, sum, thin := float64(yes)/float64(n), 0.0, false
	for _, g := range groups {
		expect := share * float64(g.N)
		thin = thin || expect < smallest || float64(g.N)-expect < smallest
		if g.N > 0 {
			d := float64(g.True) - expect
			sum += float64(d*d) / float64(expect*(1-share))
		}
	}
	switch {
	case !thin:
		return upper(float64(len(groups)-1)/2, sum/2), true
	case len(groups) == 2:
		return fisher(groups[0], groups[1]), true
	}
	return 0, false
}

// Counts is the same of numbers of rows, which are alike where each group is to have as many: the
// chi-squared test of goodness of fit. With fewer than 5 to expect nothing can be told.
func Counts(groups []Group) (float64, bool) {
	n := int64(0)
	for _, g := range groups {
		n += g.N
	}
	expect := float64(n) / float64(max(1, len(groups)))
	if len(groups) < 2 || expect < smallest {
		return 0, false
	}
	sum := 0.0
	for _, g := range groups {
		d := float64(g.N) - expect
		sum += float64(d*d) / expect
	}
	return upper(float64(len(groups)-1)/2, sum/2), true
}

// Means is the same of means: Welch's analysis of variance, which does not take the groups' spreads
// for alike. Every group needs two rows and some spread.
func Means(groups []Group) (float64, bool) {
	k := float64(len(groups))
	if k < 2 {
		return 0, false
	}
	weights, weighted := 0.0, 0.0
	for _, g := range groups {
		if g.N < 2 || !(g.SD > 0) {
			return 0, false
		}
		w := float64(g.N) / float64(g.SD*g.SD)
		weights += w
		weighted += float64(w * g.Mean)
	}
	grand := weighted / weights
	between, rest := 0.0, 0.0
	for _, g := range groups {
		w, d := float64(g.N)/float64(g.SD*g.SD), g.Mean-grand
		between += float64(float64(w*d) * d)
		r := 1 - w/weights
		rest += float64(r*r) / float64(g.N-1)
	}
	pairs := float64(k*k) - 1
	f := float64(between/(k-1)) / (1 + float64(2*(k-2)/pairs*rest))
	freedom := pairs / (3 * rest)
	return tail(f, k-1, freedom), true
}

// fisher is the two-sided exact test of two shares: the probability of all tables with the same
// margins that are no likelier than this one.
func fisher(a, b Group) float64 {
	yes := a.True + b.True
	from, to := max(0, yes-b.N), min(yes, a.N)
	is := table(a.N, b.N, a.True, yes)
	p := 0.0
	for x := from; x <= to; x++ {
		if q := table(a.N, b.N, x, yes); q <= is*(1+1e-7) {
			p += q
		}
	}
	return min(1, p)
}

// table is the hypergeometric probability of x of yes in the first of two groups.
func table(a, b, x, yes int64) float64 {
	return math.Exp(choose(a, x) + choose(b, yes-x) - choose(a+b, yes))
}

// choose is the logarithm of a binomial coefficient.
func choose(n, k int64) float64 {
	return lnGamma(float64(n+1)) - lnGamma(float64(k+1)) - lnGamma(float64(n-k+1))
}

func lnGamma(x float64) float64 {
	g, _ := math.Lgamma(x)
	return g
}

// The continued fractions below are those of DLMF 8.9.2 and 8.17.22, by Lentz's method.
const (
	tiny     = 1e-300
	accuracy = 1e-15
	turns    = 10_000
)

// upper is the regularised upper incomplete gamma function Q(a, x).
func upper(a, x float64) float64 {
	if x <= 0 {
		return 1
	}
	front := math.Exp(float64(a*math.Log(x)) - x - lnGamma(a))
	if x < a+1 { // 1 − P, whose series converges here
		term := 1 / a
		sum := term
		for n := 1; n < turns && term > sum*accuracy; n++ {
			term *= x / (a + float64(n))
			sum += term
		}
		return max(0, 1-float64(front*sum))
	}
	b := x + 1 - a
	c, d := 1/tiny, 1/b
	h := d
	for i := 1; i < turns; i++ {
		an := -float64(i) * (float64(i) - a)
		b += 2
		d = 1 / nonzero(float64(an*d)+b)
		c = nonzero(b + an/c)
		h *= float64(d * c)
		if math.Abs(float64(d*c)-1) < accuracy {
			break
		}
	}
	return min(1, front*h)
}

// tail is the probability that F with these degrees of freedom is at least f.
func tail(f, d1, d2 float64) float64 {
	if !(f > 0) {
		return 1
	}
	return beta(d2/(d2+float64(d1*f)), d2/2, d1/2)
}

// beta is the regularised incomplete beta function.
func beta(x, a, b float64) float64 {
	if x <= 0 || x >= 1 {
		return min(1, max(0, x))
	}
	powers := float64(a*math.Log(x)) + float64(b*math.Log1p(-x))
	front := math.Exp(powers - lnGamma(a) - lnGamma(b) + lnGamma(a+b))
	if x < float64(a+1)/(a+b+2) {
		return front * fraction(x, a, b) / a
	}
	return 1 - float64(front*fraction(1-x, b, a)/b)
}

func fraction(x, a, b float64) float64 {
	c, d := 1.0, 1/nonzero(1-float64(float64(a+b)*x)/(a+1))
	h := d
	step := func(by float64) float64 {
		d = 1 / nonzero(1+float64(by*d))
		c = nonzero(1 + by/c)
		h *= float64(d * c)
		return float64(d * c)
	}
	for i := 1; i < turns; i++ {
		m := float64(i)
		step(m * (b - m) * x / float64((a+float64(2*m)-1)*(a+float64(2*m))))
		if math.Abs(step(-(a+m)*(a+b+m)*x/float64((a+float64(2*m))*(a+float64(2*m)+1)))-1) < accuracy {
			break
		}
	}
	return h
}

func nonzero(x float64) float64 {
	if math.Abs(x) < tiny {
		return tiny
	}
	return x
}
