package baseline_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/baseline"
	"github.com/throughline/throughline/engine/window"
)

// TestBaselines holds mean, deviation, median and MAD to their definitions, worked out plainly.
func TestBaselines(t *testing.T) {
	b := baseline.New(value.Int, time.UTC)
	rapid.Check(t, func(rt *rapid.T) {
		var figures []value.Value
		var known []float64
		for range rapid.IntRange(0, 14).Draw(rt, "n") {
			if rapid.IntRange(0, 5).Draw(rt, "missing") == 0 {
				figures = append(figures, value.Value{})
				continue
			}
			n := rapid.Int64Range(-50, 50).Draw(rt, "figure")
			figures = append(figures, value.OfWord(value.Int, n))
			known = append(known, float64(n))
		}
		got := []value.Value{b.Mean(figures), b.SD(figures), b.Median(figures), b.MAD(figures)}
		if len(known) < baseline.Fewest {
			for _, v := range got {
				if v.Known() {
					rt.Fatalf("%v of %d figures", v, len(known))
				}
			}
			return
		}
		mean, square := 0.0, 0.0
		for _, v := range known {
			mean += v / float64(len(known))
		}
		for _, v := range known {
			square += (v - mean) * (v - mean) / float64(len(known)-1)
		}
		mid := middle(known)
		var far []float64
		for _, v := range known {
			far = append(far, math.Abs(v-mid))
		}
		for i, want := range []float64{mean, math.Sqrt(square), mid, middle(far)} {
			if math.Abs(got[i].Float()-want) > 1e-9 {
				rt.Fatalf("figure %d of %v is %v, want %v", i, known, got[i].Float(), want)
			}
		}
	})
}

func middle(list []float64) float64 {
	s := slices.Sorted(slices.Values(list))
	return (s[len(s)/2] + s[(len(s)-1)/2]) / 2
}

// TestLastYear: the same month, the week 52 weeks before, and no day for a 29th of February.
func TestLastYear(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	cal := window.NewCalendar(zone)
	day := func(y, m, d int) int64 { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, zone).UnixMicro() }
	for _, c := range []struct {
		period    policy.Period
		from, was int64
	}{
		{policy.Monthly, day(2026, 3, 1), day(2025, 3, 1)},
		{policy.Weekly, day(2026, 3, 2), day(2025, 3, 3)},
		{policy.Daily, day(2025, 3, 1), day(2024, 3, 1)},
		{policy.Daily, day(2024, 2, 29), day(2024, 2, 29)},
		{policy.Quarterly, day(2026, 4, 1), day(2025, 4, 1)},
		{policy.NoPeriod, 0, 0},
	} {
		if got := baseline.LastYear(cal, c.period, c.from); got != c.was {
			t.Errorf("a year before %v is %v", time.UnixMicro(c.from).In(zone), time.UnixMicro(got).In(zone))
		}
	}
}

// TestChance holds the three tests to published figures: prop.test, fisher.test, chisq.test and
// oneway.test of R, to the digits that R prints.
func TestChance(t *testing.T) {
	for _, c := range []struct {
		name   string
		of     func([]baseline.Group) (float64, bool)
		groups []baseline.Group
		want   float64
	}{
		{"smokers of four hospitals (prop.test)", baseline.Shares,
			[]baseline.Group{{N: 86, True: 83}, {N: 93, True: 90}, {N: 136, True: 129},
				{N: 82, True: 70}}, 0.005585},
		{"tea tasting (fisher.test, two-sided)", baseline.Shares,
			[]baseline.Group{{N: 4, True: 3}, {N: 4, True: 1}}, 0.4857},
		{"convictions of twins (chisq.test, correct = FALSE)", baseline.Shares,
			[]baseline.Group{{N: 17, True: 2}, {N: 13, True: 10}}, 0.0003063},
		{"400 of 11 440 tables", baseline.Shares,
			[]baseline.Group{{N: 10, True: 8}, {N: 6, True: 1}}, 400.0 / 11440},
		{"counts 89 37 30 28 2 (chisq.test)", baseline.Counts,
			[]baseline.Group{{N: 89}, {N: 37}, {N: 30}, {N: 28}, {N: 2}}, 2.2e-22},
		{"sleep (oneway.test, extra ~ group)", baseline.Means,
			[]baseline.Group{{N: 10, Mean: 0.75, SD: 1.789010}, {N: 10, Mean: 2.33, SD: 2.002249}}, 0.07939},
		{"all alike", baseline.Shares, []baseline.Group{{N: 7, True: 7}, {N: 9, True: 9}}, 1},
	} {
		p, ok := c.of(c.groups)
		if !ok || math.Abs(p-c.want) > c.want*2e-3 && c.want > 1e-10 || p > 1e-15 && c.want < 1e-10 {
			t.Errorf("%s: %v %v, want %v", c.name, p, ok, c.want)
		}
	}
	for _, groups := range [][]baseline.Group{{}, {{N: 9, True: 3}},
		{{N: 4, True: 1}, {N: 4, True: 2}, {N: 3, True: 3}}} {
		if p, ok := baseline.Shares(groups); ok {
			t.Errorf("of %v nothing can be told, and %v was", groups, p)
		}
	}
	if _, ok := baseline.Means([]baseline.Group{{N: 1, Mean: 2}, {N: 5, Mean: 2, SD: 1}}); ok {
		t.Error("a group of one row has no spread")
	}
}

// TestChanceIsUniform: where groups are alike, the probability of the exact test is at most p.
func TestChanceIsUniform(t *testing.T) {
	// All tables of two groups of 12 and 9 with 8 in all: their probabilities are hypergeometric.
	levels := []float64{0.01, 0.05, 0.2, 0.5}
	total, below := 0.0, make([]float64, len(levels))
	for x := int64(0); x <= 8; x++ {
		likely := choose(12, x) * choose(9, 8-x) / choose(21, 8)
		total += likely
		p, ok := baseline.Shares([]baseline.Group{{N: 12, True: x}, {N: 9, True: 8 - x}})
		if !ok {
			t.Fatal("no answer")
		}
		for i, level := range levels {
			if p <= level {
				below[i] += likely
			}
		}
	}
	for i, level := range levels {
		if math.Abs(total-1) > 1e-9 || below[i] > level+1e-9 {
			t.Errorf("p ≤ %v comes with probability %v", level, below[i])
		}
	}
}

func choose(n, k int64) float64 {
	c := 1.0
	for i := range k {
		c *= float64(n-i) / float64(i+1)
	}
	return c
}
