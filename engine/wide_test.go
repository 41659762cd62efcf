package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/engine"
)

// Aggregates that read more columns of one source than a row tells apart are kept in several
// streams; nobody notices, also not after a snapshot.
func TestManyColumns(t *testing.T) {
	const n = 150
	var b strings.Builder
	b.WriteString("entity Rep {\n  name text\n")
	for i := range n {
		fmt.Fprintf(&b, "  c%d int = count(Visit where n == %d)\n", i, i)
	}
	b.WriteString("}\nevent Visit { rep Rep; n int }\n")
	p := check(t, b.String())
	w := newWorld(t, p, engine.Options{})
	w.feed(`{"type":"Rep","id":"r","at":"2026-03-02T08:00:00Z","name":"R"}`)
	for i := range 2 * n {
		w.feed(fmt.Sprintf(`{"type":"Visit","id":"v%d","at":"2026-03-02T09:00:00Z","rep":"r","n":%d}`, i,
			i*i%n))
	}
	want := make([]int64, n)
	for i := range 2 * n {
		want[i*i%n]++
	}
	again := newWorld(t, p, engine.Options{})
	if err := again.e.Restore(w.e.AppendSnapshot(nil)); err != nil {
		t.Fatal(err)
	}
	for _, e := range []*engine.Engine{w.e, again.e} {
		for _, r := range p.Records {
			if r.Name != "Rep" {
				continue
			}
			for _, f := range r.Fields {
				var i int
				if k, _ := fmt.Sscanf(f.Name, "c%d", &i); k == 0 {
					continue
				}
				if v, _ := e.Program(f.Compute).Ask(r, "r"); v.N != want[i] {
					t.Errorf("%s is %d, want %d", f.Name, v.N, want[i])
				}
			}
		}
	}
}
