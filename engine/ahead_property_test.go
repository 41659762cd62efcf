package engine_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/record"
)

// TestForesee holds an engine that is told what comes next to one that is not: random policies and
// records in random batches, some of which are told and do not come, or not yet.
func TestForesee(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lines := drawScript(rt, rapid.IntRange(1, 60).Draw(rt, "records"))
		text := drawPolicy(rt)
		p := check(t, text)
		plain, told := newWorld(t, p, engine.Options{}), newWorld(t, p, engine.Options{})
		for len(lines) > 0 {
			n := min(rapid.IntRange(1, engine.Ahead+2).Draw(rt, "batch"), len(lines))
			batch := told.decode(lines[:n])
			told.e.Foresee(batch)
			if rapid.Bool().Draw(rt, "otherwise") {
				told.e.Foresee(told.decode(lines[n/2 : min(n+2, len(lines))]))
			}
			for i, line := range lines[:n] {
				if to, ok := strings.CutPrefix(line, "until "); ok {
					plain.until(to)
					told.until(to)
				} else {
					plain.feed(line)
					told.apply(batch[i])
				}
			}
			lines = lines[n:]
		}
		if a, b := plain.out.String(), told.out.String(); a != b {
			rt.Fatalf("%s\nnot told:\n%s\ntold what comes:\n%s", text, a, b)
		}
	})
}

// decode reads records into memory of their own; nil stands for what is no record.
func (w *world) decode(lines []string) []*record.Record {
	out := make([]*record.Record, len(lines))
	for i, line := range lines {
		if !strings.HasPrefix(line, "until ") {
			out[i] = new(record.Record)
			w.decoder.Decode([]byte(line), nil, out[i])
		}
	}
	return out
}
