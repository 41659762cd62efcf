//go:build browser

package builder

import "testing"

// TestBenchEverywhere pins records by hand, and looks at what is decided with axe.
func TestBenchEverywhere(t *testing.T) {
	_, p := authoring(t)
	ready(p, "/w/east/bench")
	p.Fill("#bench-lines", benchLines)
	p.Says("#bench-result", "lacks nothing")
	p.Everywhere("/w/east/bench", func() {
		p.Shows("#bench-result .cases .card")
		p.Click("#bench-result .cases summary")
	})
	p.Walk(t)
	ready(p, "/w/east/board")
	p.Shows(".item .chip.good")
	p.Accessible("a board with a pinned record")
	p.Shot("bench-board")
}
