package engine_test

import (
	"bytes"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/engine"
)

// sameLines says where two lists of decisions part.
func sameLines(t *rapid.T, what, got, want string) {
	if got == want {
		return
	}
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("%s, decision %d:\n got %s\nwant %s", what, i+1, a[i], b[i])
		}
	}
	t.Fatalf("%s: %d decisions instead of %d", what, len(a), len(b))
}

// TestSnapshotGoesOn holds an engine that was restored from a snapshot to the one that went on.
func TestSnapshotGoesOn(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := quietly(t, rt, drawPolicy(rt))
		lines := drawScript(rt, rapid.IntRange(1, 60).Draw(rt, "records"))
		cut := rapid.IntRange(0, len(lines)).Draw(rt, "cut")
		w := newWorld(t, p, engine.Options{})
		w.play(lines[:cut])
		state := w.e.AppendSnapshot(nil)
		z := newWorld(t, p, engine.Options{})
		if err := z.e.Restore(state); err != nil {
			rt.Fatal(err)
		}
		if again := z.e.AppendSnapshot(nil); !bytes.Equal(again, state) {
			rt.Fatal("what was restored is another state")
		}
		z.prior = w.prior
		from := w.out.Len()
		w.play(lines[cut:])
		z.play(lines[cut:])
		sameLines(rt, "after a snapshot", z.out.String(), w.out.String()[from:])
		if z.e.StateHash() != w.e.StateHash() {
			rt.Fatal("the state differs after equal decisions")
		}
	})
}

// TestStateOutlivesRecords holds the state to be the same whether or not the memory is used again
// that records were read into.
func TestStateOutlivesRecords(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := quietly(t, rt, drawPolicy(rt))
		lines := drawScript(rt, rapid.IntRange(1, 60).Draw(rt, "records"))
		w, z := newWorld(t, p, engine.Options{}), newWorld(t, p, engine.Options{})
		z.lasting = true
		w.play(lines)
		z.play(lines)
		sameLines(rt, "over memory that is used again", w.out.String(), z.out.String())
		if z.e.StateHash() != w.e.StateHash() {
			rt.Fatal("the state keeps texts of records that are gone")
		}
	})
}

// TestDamagedSnapshots holds Restore to an error for whatever is not a whole snapshot.
func TestDamagedSnapshots(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := quietly(t, rt, drawPolicy(rt))
		w := newWorld(t, p, engine.Options{})
		w.play(drawScript(rt, 30))
		state := w.e.AppendSnapshot(nil)
		for range 20 {
			b := bytes.Clone(state)
			switch rapid.IntRange(0, 2).Draw(rt, "damage") {
			case 0:
				b = b[:rapid.IntRange(0, len(b)-1).Draw(rt, "cut")]
			case 1:
				i := rapid.IntRange(0, len(b)-1).Draw(rt, "at")
				b[i] ^= byte(rapid.IntRange(1, 255).Draw(rt, "bits"))
			case 2:
				b = append(b, byte(rapid.IntRange(0, 255).Draw(rt, "more")))
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			z := newWorld(t, p, engine.Options{})
			err := z.e.Restore(b)
			runtime.ReadMemStats(&after)
			if err == nil {
				rt.Fatal("a damaged snapshot was taken")
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
				rt.Fatalf("%d bytes for a snapshot of %d", used, len(b))
			}
		}
	})
}

// TestSameLogSameState holds two engines with one stream to one state, and closures to
// expr-lang's VM.
func TestSameLogSameState(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := quietly(t, rt, drawPolicy(rt))
		lines := drawScript(rt, rapid.IntRange(1, 60).Draw(rt, "records"))
		a, b := newWorld(t, p, engine.Options{}), newWorld(t, p, engine.Options{})
		vm := newWorld(t, p, engine.Options{Reference: true})
		for _, w := range []*world{a, b, vm} {
			w.play(lines)
		}
		sameLines(rt, "a second engine", b.out.String(), a.out.String())
		sameLines(rt, "expr-lang's VM", vm.out.String(), a.out.String())
		if a.e.StateHash() != b.e.StateHash() || a.e.StateHash() != vm.e.StateHash() {
			rt.Fatal("one log, two states")
		}
	})
}
