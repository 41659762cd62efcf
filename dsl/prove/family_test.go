package prove_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

// touched is one record: so many days ago, with a figure or without.
type touched struct {
	days, minutes int // minutes below 0: missing
}

// factsOf are what aggregates over some records say of themselves, each as a condition that holds.
// They are worked out by definition: (now − D, now], missing values passed over.
func factsOf(rows []touched, days, least int) (facts []string) {
	var in []touched // the latest first
	for _, r := range rows {
		if r.days < days && r.minutes >= least {
			in = append(in, r)
		}
	}
	slices.SortFunc(in, func(a, b touched) int { return a.days - b.days })
	where := ""
	if least >= 0 {
		where = fmt.Sprintf(" where minutes >= %d", least)
	}
	of := func(fn, field string) string {
		return fmt.Sprintf("%s(Touch%s in %dd%s)", fn, field, days, where)
	}
	facts = append(facts, fmt.Sprintf("%s == %d", of("count", ""), len(in)))
	var known []int
	for _, r := range in {
		if r.minutes >= 0 {
			known = append(known, r.minutes)
		}
	}
	seen := slices.Compact(slices.Sorted(slices.Values(known)))
	facts = append(facts, fmt.Sprintf("%s == %d", of("distinct", ".minutes"), len(seen)))
	sum := 0
	for _, m := range known {
		sum += m
	}
	facts = append(facts, fmt.Sprintf("%s == %d", of("sum", ".minutes"), sum))
	if len(known) == 0 {
		facts = append(facts, "missing("+of("max", ".minutes")+")", "missing("+of("last", ".minutes")+")")
	} else {
		facts = append(facts, fmt.Sprintf("%s == %d", of("max", ".minutes"), slices.Max(known)),
			fmt.Sprintf("%s == %d", of("min", ".minutes"), slices.Min(known)),
			fmt.Sprintf("%s == %d", of("last", ".minutes"), known[0]),
			fmt.Sprintf("%s == %d", of("first", ".minutes"), known[len(known)-1]))
	}
	if len(in) == 0 {
		return append(facts, "missing("+of("last", ".at")+")")
	}
	age := func(fn string, days int) string {
		x := "age(" + of(fn, ".at") + ")"
		return fmt.Sprintf("%s >= %dd and %s <= %dd", x, days, x, days)
	}
	return append(facts, age("last", in[0].days), age("max", in[0].days),
		age("first", in[len(in)-1].days), age("min", in[len(in)-1].days))
}

// TestWhatIsSoIsNotRuledOut: what aggregates over real records come to all at once is never called
// impossible.
func TestWhatIsSoIsNotRuledOut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var rows []touched
		for _, days := range rapid.SliceOfNDistinct(rapid.IntRange(0, 12), 0, 5,
			rapid.ID[int]).Draw(rt, "days") {
			rows = append(rows, touched{days, rapid.IntRange(-1, 4).Draw(rt, "minutes")})
		}
		var facts []string
		for range rapid.IntRange(1, 3).Draw(rt, "windows") {
			days := rapid.SampledFrom([]int{1, 3, 7, 10, 1000}).Draw(rt, "window")
			least := rapid.IntRange(-1, 3).Draw(rt, "least")
			all := factsOf(rows, days, least)
			for range rapid.IntRange(1, 3).Draw(rt, "facts") {
				facts = append(facts, rapid.SampledFrom(all).Draw(rt, "fact"))
			}
		}
		when := strings.ReplaceAll(strings.Join(facts, " and "), " in 1000d", "")
		p, diags := dsl.Check([]source.File{{Name: "a.thru", Text: "entity Deal { name text }\n" +
			"event Touch { deal Deal; minutes int? }\nsegment S of Deal { check each day; when " + when + " }\n"}},
			policy.Settings{})
		for _, d := range diags {
			if c := d.Code; c.Severity() == source.Error || c == source.NeverTrue {
				rt.Fatalf("%s\nis so, and %s", when, source.Text(p.Files, d, "en"))
			}
		}
	})
}
