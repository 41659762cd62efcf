// Package baseline says what a figure of a metric is held against: the figures of the periods
// before it, that of a year ago, and how likely chance alone makes groups differ (reference, 9).
package baseline

import (
	"math"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/window"
)

// Fewest is how many of the periods before must have a figure; of fewer there is no baseline.
const Fewest = 3

// Baseline works out means, deviations and medians of figures of one kind. They are those of
// engine/window, exact over any order. It belongs to one goroutine at a time.
type Baseline struct {
	kind   value.Kind
	result value.Kind
	plan   *window.Plan
}

// The specifications of a baseline's plan, in order.
const (
	mean = iota
	sd
	median
)

// New returns the baseline of figures of a kind.
func New(kind value.Kind, zone *time.Location) *Baseline {
	result := kind
	if kind == value.Int {
		result = value.Number
	}
	var specs []window.Spec
	for _, fn := range [...]policy.AggFn{mean: policy.Avg, sd: policy.SD, median: policy.Median} {
		specs = append(specs, window.Spec{Fn: fn, Where: -1, Value2: -1, Result: result})
	}
	return &Baseline{kind, result, window.New([]window.Col{{Kind: kind}}, specs, zone)}
}

// Kind is the kind of means, deviations and medians.
func (b *Baseline) Kind() value.Kind { return b.result }

// Mean is the arithmetic mean of the known figures. Like the others it is missing where fewer than
// three are known.
func (b *Baseline) Mean(figures []value.Value) value.Value { return b.of(figures, mean) }

// SD is the sample deviation.
func (b *Baseline) SD(figures []value.Value) value.Value { return b.of(figures, sd) }

// Median is the middle figure, or the mean of the middle two.
func (b *Baseline) Median(figures []value.Value) value.Value { return b.of(figures, median) }

// MAD is the median of how far the figures are from their median, as it is: whoever wants a robust
// deviation multiplies it by 1.4826.
func (b *Baseline) MAD(figures []value.Value) value.Value {
	m := b.Median(figures)
	if !m.Known() {
		return m
	}
	away := New(b.result, time.UTC)
	var far []value.Value
	for _, v := range figures {
		if v.Known() {
			far = append(far, Apart(convert(v, b.result), m))
		}
	}
	return away.Median(far)
}

func (b *Baseline) of(figures []value.Value, spec int) value.Value {
	var s window.Series
	known := 0
	for i, v := range figures {
		if v.Known() {
			known++
			row := window.Row{At: int64(i), Known: 1, N: []int64{v.N}, S: []string{""}}
			b.plan.Insert(&s, &row, int64(len(figures)))
		}
	}
	if known < Fewest {
		return value.Value{}
	}
	return b.plan.ValueAt(&s, spec, int64(len(figures)), 0)
}

// convert makes a whole number one with a fraction where that is the kind asked for.
func convert(v value.Value, kind value.Kind) value.Value {
	if v.Kind == value.Int && kind == value.Number {
		return value.OfFloat(value.Number, float64(v.N))
	}
	return v
}

// Apart is how far two figures of one kind are from each other.
func Apart(a, b value.Value) value.Value {
	if a.Kind.Class() == value.Float {
		return value.OfFloat(a.Kind, math.Abs(a.Float()-b.Float()))
	}
	return value.OfWord(a.Kind, max(a.N-b.N, b.N-a.N))
}

// Less orders figures of one kind.
func Less(a, b value.Value) bool {
	if a.Kind.Class() == value.Float {
		return a.Float() < b.Float()
	}
	return a.N < b.N
}

// Change is value ÷ previous − 1; missing where either is, and against 0.
func Change(now, before value.Value) (float64, bool) {
	if !now.Known() || !before.Known() {
		return 0, false
	}
	a, b := float64(now.N), float64(before.N)
	if now.Kind.Class() == value.Float {
		a, b = now.Float(), before.Float()
	}
	if b == 0 {
		return 0, false
	}
	return (a - b) / b, true
}

// LastYear is the first moment of the same period one year before: for weeks, 52 weeks. Of the 29th
// of February there is none, and the period's own first moment is answered.
func LastYear(cal *window.Calendar, p policy.Period, start int64) int64 {
	if p == policy.NoPeriod {
		return start
	}
	t := time.UnixMicro(start).In(cal.Zone())
	back := t.AddDate(-1, 0, 0)
	switch {
	case p == policy.Weekly:
		back = t.AddDate(0, 0, -52*7)
	case back.Day() != t.Day():
		return start
	}
	was, _ := cal.At(p, back.UnixMicro())
	return was
}
