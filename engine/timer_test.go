package engine

import (
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
