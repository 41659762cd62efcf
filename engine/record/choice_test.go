package record

import (
	"testing"

	"github.com/throughline/throughline/dsl/policy"
	"pgregory.net/rapid"
)

// Whatever the names, each is found, and nothing else is.
func TestChoiceFind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-c]{1,4}`), 1, 40, rapid.ID[string]).Draw(t, "names")
		c := &policy.Choice{}
		want := map[string]int64{}
		for i, n := range names {
			c.Values = append(c.Values, policy.ChoiceValue{Name: n, Label: policy.Text{Main: "«" + n + "»"}})
			want[n], want["«"+n+"»"] = int64(i), int64(i)
		}
		table := newChoice(c)
		for n, i := range want {
			if got, ok := table.find(n); !ok || got != i {
				t.Fatalf("%q is found at %d %v, want %d", n, got, ok, i)
			}
		}
		other := rapid.StringMatching(`[a-d]{0,5}`).Draw(t, "other")
		_, known := want[other]
		if _, ok := table.find(other); ok != known {
			t.Fatalf("%q is found: %v", other, ok)
		}
	})
}
