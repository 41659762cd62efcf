package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
)

// drawBound draws a comparison of the purchases of 3 hours, or the returns of 5, with a limit, as
// text and as plain arithmetic.
func drawBound(t *rapid.T) (string, func([2]int) bool) {
	which, limit := rapid.IntRange(0, 1).Draw(t, "which"), rapid.IntRange(0, 4).Draw(t, "limit")
	count := [...]string{"count(Sale in 3h where back == false)", "count(Sale in 5h where back == true)"}[which]
	type op struct {
		text  string
		holds func(a, b int) bool
	}
	ops := []op{{">=", func(a, b int) bool { return a >= b }}, {">", func(a, b int) bool { return a > b }},
		{"<", func(a, b int) bool { return a < b }}, {"<=", func(a, b int) bool { return a <= b }},
		{"==", func(a, b int) bool { return a == b }}, {"!=", func(a, b int) bool { return a != b }}}
	o := rapid.SampledFrom(ops).Draw(t, "op")
	if rapid.Bool().Draw(t, "mirrored") {
		return fmt.Sprintf("%d %s %s", limit, o.text, count),
			func(n [2]int) bool { return o.holds(limit, n[which]) }
	}
	return fmt.Sprintf("%s %s %d", count, o.text, limit),
		func(n [2]int) bool { return o.holds(n[which], limit) }
}

// TestCountsTurnAtTheirMoment holds conditions on counts to a recount at every moment at which a
// record enters or leaves a window: the membership must change there and nowhere else.
func TestCountsTurnAtTheirMoment(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, first := drawBound(rt)
		b, second := drawBound(rt)
		both := rapid.Bool().Draw(rt, "both")
		word := map[bool]string{true: "and", false: "or"}[both]
		p := check(t, "entity Shop { }\nevent Sale { shop Shop\n back bool }\n"+
			"segment In of Shop {\n when "+a+" "+word+" "+b+"\n}\n")
		holds := func(n [2]int) bool {
			if both {
				return first(n) && second(n)
			}
			return first(n) || second(n)
		}
		e := newWorld(t, p, engine.Options{})
		type sale struct {
			at   int64
			back int
		}
		var sales []sale
		start := monday
		now := start
		var got, want []string
		emit := func(_ *engine.Entry, d *decision.Decision) {
			for _, x := range d.Effects {
				got = append(got, fmt.Sprintf("%d %s", (d.Moment-start)/value.Minute, x.State))
			}
		}
		in := false
		look := func(at int64) {
			var n [2]int
			for _, s := range sales {
				if s.at <= at && s.at > at-[2]int64{3, 5}[s.back]*value.Hour {
					n[s.back]++
				}
			}
			if h := holds(n); h != in {
				in = h
				state := map[bool]decision.State{true: decision.Enter, false: decision.Leave}[h]
				want = append(want, fmt.Sprintf("%d %s", (at-start)/value.Minute, state))
			}
		}
		// pass looks at every moment until to at which a sale leaves.
		pass := func(to int64) {
			var due []int64
			for _, s := range sales {
				if at := s.at + [2]int64{3, 5}[s.back]*value.Hour; at > now && at <= to {
					due = append(due, at)
				}
			}
			slices.Sort(due)
			for _, at := range due {
				look(at)
			}
			now = to
		}
		feed := func(line string) {
			e.decoder.Decode([]byte(line), nil, &e.rec)
			e.e.Apply(&engine.Entry{Kind: decision.Record, Moment: now, Record: &e.rec}, emit)
		}
		stamp := func(at int64) string { return time.UnixMicro(at).UTC().Format(time.RFC3339) }
		feed(`{"type":"Shop","id":"s","at":"` + stamp(start) + `"}`)
		look(start)
		for i := range rapid.IntRange(1, 40).Draw(rt, "sales") {
			pass(now + rapid.Int64Range(0, 150).Draw(rt, "gap")*value.Minute)
			s := sale{max(start, now-rapid.SampledFrom([]int64{0, 0, 0, 100, 200}).Draw(rt, "late")*value.Minute), rapid.IntRange(0, 1).Draw(rt, "back")}
			sales = append(sales, s)
			feed(fmt.Sprintf(`{"type":"Sale","id":"%d","at":"%s","shop":"s","back":%v}`,
				i, stamp(s.at), s.back == 1))
			look(now)
		}
		pass(now + value.Day)
		e.e.Advance(now, emit)
		if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
			rt.Fatalf("%s %s %s:\ngot\n%s\nwant\n%s", a, word, b, g, w)
		}
	})
}
