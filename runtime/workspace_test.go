package runtime_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store/mem"
)

// TestLive submits records by the clock: timers fire at their moment although nothing comes, and
// opening the log again decides the same.
func TestLive(t *testing.T) {
	p := check(t, visits)
	synctest.Test(t, func(t *testing.T) {
		log := new(mem.Log)
		w := open(t, log, runtime.Config{Policy: p})
		submit(t, w, rep(0))
		for i, n := range []int{9, 3, 9, 9} {
			submit(t, w, visit(string(rune('a'+i)), n))
		}
		submit(t, w, visit("a", 9))
		submit(t, w, []byte("no record"))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		want := []string{
			"1 activate  ",
			"2 record Rep/r0 accepted",
			"3 record Visit/a accepted task by Big  set by Big ",
			"4 step Rep/r0 accepted because of 3 set by Level ",
			"5 step Rep/r0 accepted because of 4",
			"6 record Visit/b accepted",
			"7 record Visit/c accepted task by Big  set by Big ",
			"8 step Rep/r0 accepted because of 7",
			"9 record Visit/d accepted task by Big  set by Big ",
			"10 step Rep/r0 accepted because of 9",
			"11 record Visit/a duplicate",
			"12 record  rejected",
			"13 tick   alert by Busy open notify by Busy ",
			"14 tick   alert by Busy resolved",
		}
		got := told(t, w)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		again := open(t, log.Reopen(true), runtime.Config{})
		if diff := cmp.Diff(strings.Join(got, "\n"), strings.Join(told(t, again), "\n")); diff != "" {
			t.Errorf("opened again (-was +is)\n%s", diff)
		}
		if r := again.Report(); r.Replayed+r.Snapshot != uint64(len(got)) {
			t.Errorf("report %+v", r)
		}
	})
}
