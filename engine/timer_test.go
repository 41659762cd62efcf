package engine

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The heap yields timers in order of their moments and then of what they are of, whatever was
// moved or stopped before.
func TestTimersComeInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := timers{id: func(x *timer) string { return string(rune('a' + x.handle)) }}
		all := make([]*timer, 12)
		for i := range all {
			all[i] = &timer{rank: rankWatch, node: int32(i % 3), handle: int32(i), pos: -1}
		}
		for range rapid.IntRange(1, 60).Draw(t, "operations") {
			x := all[rapid.IntRange(0, len(all)-1).Draw(t, "timer")]
			if rapid.Bool().Draw(t, "stop") {
				q.stop(x)
			} else {
				q.set(x, rapid.Int64Range(0, 5).Draw(t, "at"))
			}
		}
		want := slices.DeleteFunc(slices.Clone(all), func(x *timer) bool { return x.pos < 0 })
		slices.SortFunc(want, func(a, b *timer) int {
			if a.at < b.at || a.at == b.at && q.before(a, b) {
				return -1
			}
			return 1
		})
		for i, x := range want {
			got := q.next()
			if got != x {
				t.Fatalf("timer %d: got %+v, want %+v", i, got, x)
			}
			q.stop(got)
		}
		if q.next() != nil {
			t.Fatal("a timer is left")
		}
	})
}

// In a heap of many rows a timer sinks among the children of its own place alone: those of the next
// place may have another parent, which what comes up from there could precede.
func TestManyTimersComeInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	q := timers{id: func(*timer) string { return "" }}
	all := make([]*timer, 2000)
	for i := range all {
		all[i] = &timer{rank: rankOffer, handle: int32(i), pos: -1}
	}
	for range 10_000 {
		if x := all[r.IntN(len(all))]; r.IntN(3) == 0 {
			q.stop(x)
		} else {
			q.set(x, r.Int64N(1000))
		}
		for i := 1; i < len(q.list); i++ {
			if parent := (i - 1) / 4; q.less(q.list[i], q.list[parent]) {
				t.Fatalf("%d of %d comes before %d, which is above it", i, len(q.list), parent)
			}
		}
	}
}
