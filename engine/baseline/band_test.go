package baseline_test

import (
	"math"
	"testing"

	"github.com/throughline/throughline/engine/baseline"
)

// TestBand reproduces how often groups that are truly alike lie more than 5 points apart: the more
// groups and the fewer records, the oftener.
func TestBand(t *testing.T) {
	for _, c := range []struct {
		groups, n int
		over      float64
	}{{2, 50, 0.56}, {2, 100, 0.41}, {2, 200, 0.24}, {2, 500, 0.06}, {3, 50, 0.82}, {3, 200, 0.46},
		{5, 100, 0.92}, {5, 500, 0.32}, {8, 50, 1}, {8, 500, 0.57}} {
		list := make([]baseline.Group, c.groups)
		for i := range list {
			list[i] = baseline.Group{N: int64(c.n), True: int64(math.Round(0.235 * float64(c.n)))}
		}
		band, over := baseline.Band(list, 0.05)
		// What is counted comes in whole records, so exactly 5 points of 100 are not more.
		if math.Abs(over-c.over) > 0.07 {
			t.Errorf("%d groups of %d: %v instead of %v", c.groups, c.n, over, c.over)
		}
		if again, _ := baseline.Band(list, 0.05); again != band {
			t.Error("the same groups have another band")
		}
	}
	if band, _ := baseline.Band([]baseline.Group{{N: 40}, {N: 60}}, 0); band != 0 {
		t.Error("where nothing is won there is no range")
	}
	if band, _ := baseline.Band([]baseline.Group{{N: 40, True: 40}, {N: 60, True: 60}}, 0); band != 0 {
		t.Error("where everything is won there is no range")
	}
}
