package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
)

// leadSchema has a rule that acts, and room for many that never do.
const leadSchema = `
entity Rep { name text; busy int = count(Lead in 7d) }
event Lead { rep Rep; region text; size int }
event Other { rep Rep; region text }
rule Big on Lead { when region == "east" and size > 5; do { note "{size} {rep.busy}" } }
alert Busy of Rep { when busy >= 3 }
`

// others are n rules for other regions, other types and other people's words.
func others(n int) string {
	var b strings.Builder
	for i := range n {
		switch i % 3 {
		case 0:
			fmt.Fprintf(&b, "rule R%d on Lead { when region == \"r%d\" and size > %d\n"+
				"do { note \"x\" } }\n", i, i, i%9)
		case 1:
			fmt.Fprintf(&b, "rule R%d on Lead { when size > 1 and region in [\"a%d\", \"b%d\"]\n"+
				"do { flag } }\n", i, i, i)
		case 2:
			fmt.Fprintf(&b, "rule R%d on Other { when region contains \"r%d\"; do { note \"x\" } }\n", i, i)
		}
	}
	return b.String()
}

// TestOtherRulesChangeNothing holds ten thousand rules for other types and values to silence.
func TestOtherRulesChangeNothing(t *testing.T) {
	a := newWorld(t, check(t, leadSchema), engine.Options{})
	b := newWorld(t, check(t, leadSchema+others(10_000)), engine.Options{})
	i := 0 // the two go on from one drawing to the next: planning so many rules takes its time
	rapid.Check(t, func(rt *rapid.T) {
		a.out.Reset()
		b.out.Reset()
		for range rapid.IntRange(1, 30).Draw(rt, "records") {
			line := fmt.Sprintf(`{"type":"Lead","id":"l%d","at":"%s","rep":"r%d","region":"%s","size":%d}`,
				i, stamp(i*60), rapid.IntRange(0, 2).Draw(rt, "rep"),
				rapid.SampledFrom([]string{"east", "west", "r", "a"}).Draw(rt, "region"),
				rapid.IntRange(0, 9).Draw(rt, "size"))
			a.feed(line)
			b.feed(line)
			i++
		}
		sameLines(rt, "with many rules", b.out.String(), a.out.String())
	})
}

// apply gives an engine n leads and returns the time that the fastest of some rounds took.
func apply(t testing.TB, text string, n int) func() time.Duration {
	p := check(t, text)
	e := newEngine(t, p)
	d := record.NewDecoder(p, e.Zone())
	r := new(record.Record)
	line := `{"type":"Lead","id":"x","at":"2026-03-02T09:00","rep":"li","region":"east","size":3}`
	d.Decode([]byte(line), nil, r)
	var id ids
	var in engine.Entry
	emit := func(*engine.Entry, *decision.Decision) {}
	return func() time.Duration {
		from := time.Now()
		for range n {
			r.ID = id.next()
			in = engine.Entry{Kind: decision.Record, Moment: r.Received, Record: r}
			e.Apply(&in, emit)
		}
		return time.Since(from)
	}
}

// TestManyRulesCostNothing holds a record's cost with ten thousand rules for others to less than
// twice that without; the benchmark below says how much it is.
func TestManyRulesCostNothing(t *testing.T) {
	few, many := apply(t, leadSchema, 2000), apply(t, leadSchema+others(10_000), 2000)
	few()
	many()
	a, b := few(), many()
	for range 20 { // the fastest of each: the machine does other things too
		a, b = min(a, few()), min(b, many())
	}
	if b > 2*a {
		t.Errorf("2000 records take %v with ten thousand rules and %v without", b, a)
	}
}

func BenchmarkManyRules(b *testing.B) {
	for _, n := range []int{0, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f := apply(b, leadSchema+others(n), 1)
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}
