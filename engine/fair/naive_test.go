package fair_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/engine/fair"
)

// TestIndicesByDefinition holds the indices to their definitions, worked out another way: Gini as
// half the mean difference of two people over the mean, Jain as 1 ÷ (1 + the squared coefficient of
// variation), Wilson's ends as the shares that are just 1.96 standard errors away.
func TestIndicesByDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		x := rapid.SliceOfN(rapid.Float64Range(0, 1000), 1, 20).Draw(rt, "figures")
		n, sum, apart := float64(len(x)), 0.0, 0.0
		for _, a := range x {
			sum += a
			for _, b := range x {
				apart += math.Abs(a - b)
			}
		}
		if sum < 1e-6 {
			return
		}
		mean, variance := sum/n, 0.0
		for _, a := range x {
			variance += (a - mean) * (a - mean) / n
		}
		if g := apart / (2 * n * n * mean); math.Abs(g-fair.Gini(x)) > 1e-9 {
			rt.Errorf("Gini is %v instead of %v", fair.Gini(x), g)
		}
		if j := 1 / (1 + variance/(mean*mean)); math.Abs(j-fair.Jain(x)) > 1e-9 {
			rt.Errorf("Jain is %v instead of %v", fair.Jain(x), j)
		}
		of := rapid.IntRange(1, 500).Draw(rt, "of")
		k := rapid.IntRange(0, of).Draw(rt, "won")
		r, share := fair.Wilson(k, of), float64(k)/float64(of)
		for _, end := range []float64{r.Low, r.High} {
			if end <= 1e-9 || end >= 1-1e-9 {
				continue // cut at a share's own bounds
			}
			z := math.Abs(share-end) / math.Sqrt(end*(1-end)/float64(of))
			if math.Abs(z-1.959964) > 1e-4 {
				rt.Errorf("%d of %d: %v is %v standard errors away", k, of, end, z)
			}
		}
	})
}

// TestChanceIsExact holds the permutation test to all 2^12 ways of giving twelve leads to two people
// of the same capacity, each counted.
func TestChanceIsExact(t *testing.T) {
	p := check(t, fmt.Sprintf(small, "by round_robin"))
	for name, owners := range map[string]string{
		"even": "ababababbaba", "uneven": "aaaaaabaabab", "all": "aaaaaaaaaaaa"} {
		t.Run(name, func(t *testing.T) {
			var lines strings.Builder
			for _, who := range []string{"a", "b"} {
				fmt.Fprintf(&lines, `{"type":"Rep","id":"%s","at":"2026-01-01T08:00:00+08:00","name":"x","team":"%s"}`+
					"\n", who, who)
			}
			effort, was, all := make([]float64, len(owners)), 0.0, 0.0
			for i, who := range owners {
				size := "small"
				if effort[i] = 1; i%3 == 0 {
					size, effort[i] = "big", 8
				}
				if all += effort[i]; who == 'a' {
					was += effort[i]
				}
				fmt.Fprintf(&lines, `{"type":"Lead","id":"l%d","at":"2026-01-%02dT09:00:00+08:00","size":"%s","owner":"%c"}`+
					"\n", i, 1+i, size, who)
			}
			far := 0
			for way := range 1 << len(owners) {
				sum := 0.0
				for i := range effort {
					if way>>i&1 == 1 {
						sum += effort[i]
					}
				}
				if math.Abs(sum-all/2) >= math.Abs(was-all/2)-1e-9 {
					far++
				}
			}
			exact := float64(far) / float64(int(1)<<len(owners))
			play := book(t, p, log(lines.String())).Was()
			for _, e := range fair.NewReport(play, fair.NewModel(play), 1775000000000000).Even {
				if e.Of == "effort" {
					near(t, "chance", e.Chance, exact, 0.05)
				}
			}
		})
	}
}
