package runtime_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime"
)

// TestAClockThatGoesBack gives no entry a moment before that of another: what was decided stays in
// its order, timers that had fired do not fire again, and the log replays.
func TestAClockThatGoesBack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "w.db")
	var now atomic.Int64
	begun := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	now.Store(begun.UnixMicro())
	cfg := runtime.Config{Policy: check(t, visits), Now: func() time.Time {
		return time.UnixMicro(now.Load()).UTC()
	}}
	w, err := runtime.Open(file, cfg)
	if err != nil {
		t.Fatal(err)
	}
	for i, jump := range []time.Duration{0, time.Minute, -48 * time.Hour, time.Minute, time.Hour,
		-time.Second, -30 * 365 * 24 * time.Hour, 24 * 365 * time.Hour} {
		now.Add(jump.Microseconds())
		submit(t, w, rep(i%3))
		submit(t, w, visit(fmt.Sprintf("v%d", i), 9))
		if _, err := w.Command(context.Background(), []byte(`{"do":"look"}`)); err != nil {
			t.Fatal(err)
		}
	}
	moments := func(w *runtime.Workspace) (out []int64) {
		t.Helper()
		err := w.Entries(1, w.Last(), false, func(l *runtime.Logged) error {
			if n := len(out); n > 0 && l.Moment < out[n-1] {
				t.Errorf("seq %d is of %v, and the one before it of %v", l.Seq,
					time.UnixMicro(l.Moment), time.UnixMicro(out[n-1]))
			}
			out = append(out, l.Moment)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	was := moments(w)
	if last := was[len(was)-1]; last != begun.Add(time.Minute).UnixMicro() {
		t.Errorf("the last moment is %v", time.UnixMicro(last))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	// Opened while the clock is still behind, it decides everything again alike and goes on.
	now.Store(begun.Add(-time.Hour).UnixMicro())
	if w, err = runtime.Open(file, cfg); err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	submit(t, w, visit("after", 9))
	if now := moments(w); len(now) <= len(was) {
		t.Errorf("%d entries after %d", len(now), len(was))
	}
}
