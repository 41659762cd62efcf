package decision

import (
	"math"
	"testing"

	"github.com/throughline/throughline/dsl/policy"
)

// TestGapsAddUp: what each term costs or gains somebody adds up to the points they are behind, also
// where a term without data leaves the weights of one of the two; what costs most is told first.
func TestGapsAddUp(t *testing.T) {
	rule := &policy.Allocation{Weigh: []policy.Term{{Name: "idle", Weight: 0.5},
		{Name: "fit", Weight: 0.3}, {Name: "near", Weight: 0.2, Skip: true}}}
	a := &Account{Rule: rule, IDs: []string{"li", "wu", "an"}, Out: []Out{In, In, In},
		Last: make([]uint64, 3), Terms: []float64{1, 0.5, 0.5, 0.25, 1, 0.5, 0.9, 0.1, math.NaN()}}
	for i := range a.IDs {
		a.Keys = append(a.Keys, a.Sum(i))
	}
	a.Rank()
	if a.IDs[a.Winner] != "li" {
		t.Fatalf("%s won with %v", a.IDs[a.Winner], a.Keys)
	}
	for i, want := range map[int32][]Gap{0: nil, 1: {{0, -37.5}, {1, 15}}, 2: {{1, -11.25}, {2, -10}, {0, 6.25}}} {
		got, sum := a.Gaps(i), 0.0
		for n, g := range got {
			sum += g.Points
			if n >= len(want) || g != want[n] {
				t.Errorf("%s: %v, want %v", a.IDs[i], got, want)
				break
			}
		}
		if behind := a.Keys[i] - a.Keys[a.Winner]; len(got) != len(want) || math.Abs(sum-behind) > 1e-6 {
			t.Errorf("%s is %v behind: %v", a.IDs[i], behind, got)
		}
	}
	rule.Share = new(policy.Expr)
	if got := a.Gaps(1); got != nil {
		t.Errorf("whose turn it is goes by no terms: %v", got)
	}
}
