package prove

import (
	"math"
	"testing"
)

// streaks is the exact probability of at least one row of n among independent looks.
func streaks(p float64, n, looks int) float64 {
	at := make([]float64, n+1) // by the length of the row so far; at[n] is absorbing
	at[0] = 1
	for range looks {
		next := make([]float64, n+1)
		next[n] = at[n]
		for k := range n {
			next[k+1] += at[k] * p
			next[0] += at[k] * (1 - p)
		}
		at = next
	}
	return at[n]
}

// TestStreaksByLuck holds the exact probability to the table of the method: a row of three among 22.
func TestStreaksByLuck(t *testing.T) {
	for _, c := range []struct{ p, want float64 }{{0.1, 0.018}, {0.2, 0.12}, {0.3, 0.34}, {0.5, 0.82}} {
		if got := streaks(c.p, 3, 22); math.Abs(got-c.want) > 0.006 {
			t.Errorf("%v gives %v, want %v", c.p, got, c.want)
		}
	}
}

// TestGamesOfLuck holds what is played through to what can be worked out: a daily look is
// independent of the others, and a figure above mean + k·sd of n is a quantile of Student's t.
func TestGamesOfLuck(t *testing.T) {
	day := func(target, limit float64, inRow int) game {
		return game{target: target, window: 1, below: true, limit: limit, every: 1, inRow: inRow}
	}
	below := func(target float64, limit int) (p float64) { // P(Poisson < limit)
		term := math.Exp(-target)
		for k := range limit {
			p += term
			term *= target / float64(k+1)
		}
		return p
	}
	for _, c := range []struct {
		name string
		g    game
		want float64
	}{
		{"four a day, below 80 % (43 % of days)", day(4, 0.8, 3), streaks(below(4, 4), 3, 22)},
		{"four a day, below half, twice", day(4, 0.5, 2), streaks(below(4, 2), 2, 22)},
		{"twenty a week, below 60 % of it", game{target: 4, window: 5, limit: 0.6, every: 5, inRow: 1},
			streaks(below(20, 12), 1, 4)},
		{"above mean + 2 sd of 12, monthly", game{limit: 2, periods: 12, every: month, inRow: 1},
			streaks(0.0405, 1, 12)}, // P(t₁₁ > 2/√(1+1/12)) = 4.05 %
	} {
		if got := c.g.play(); math.Abs(got-c.want) > 0.03 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	// Days that slide share their completions: the flag is likelier than if they did not.
	slides := game{target: 4, window: 5, limit: 0.6, every: 1, inRow: 3}
	if got, apart := slides.play(), streaks(below(20, 12), 3, 22); got < 2*apart {
		t.Errorf("a sliding week gives %v, independent looks %v", got, apart)
	}
}
