package window

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// streamEvent is one event of the benchmark's stream.
type streamEvent struct {
	at, amount, rep int64
	kind            int
	cust            int
}

const (
	visit = iota
	inquiry
	order
)

// stream spreads events over 90 days, one distinct moment each; some customers are busier, and
// most events are by the customer's own rep.
func stream(events, customers, reps int) []streamEvent {
	r := rand.New(rand.NewPCG(4242, 0))
	out := make([]streamEvent, events)
	step := 90 * value.Day / int64(events)
	for i := range out {
		e := &out[i]
		e.at = begin + int64(i)*step + r.Int64N(step)
		e.cust = max(r.IntN(customers), r.IntN(customers))
		if r.IntN(3) == 0 {
			e.cust = r.IntN(customers)
		}
		e.rep = int64(e.cust % reps)
		if r.IntN(5) == 0 {
			e.rep = int64(r.IntN(reps))
		}
		switch k := r.IntN(100); {
		case k < 40:
			e.kind = visit
		case k < 85:
			e.kind = inquiry
		default:
			e.kind = order
			e.amount = 1000 + r.Int64N(1_000_000)
		}
	}
	return out
}

// streamPlan counts events in 7 and 30 days, sums amounts in 90, counts different reps in 30, knows
// the last moment, and counts inquiries and orders in 7 days.
func streamPlan() *Plan {
	d := value.Day
	return New([]Col{{Kind: value.Bool}, {Kind: value.Bool}, {Kind: value.Money}, {Kind: value.Ref}, {Kind: value.Time, At: true}}, []Spec{
		{Fn: policy.Count, Kind: policy.Sliding, D: 7 * d, Where: -1, Value: -1, Result: value.Int},
		{Fn: policy.Count, Kind: policy.Sliding, D: 30 * d, Where: -1, Value: -1, Result: value.Int},
		{Fn: policy.Sum, Kind: policy.Sliding, D: 90 * d, Where: -1, Value: 2, Result: value.Money},
		{Fn: policy.Distinct, Kind: policy.Sliding, D: 30 * d, Where: -1, Value: 3, Result: value.Int},
		{Fn: policy.Last, Where: -1, Value: 4, Result: value.Time},
		{Fn: policy.Count, Kind: policy.Sliding, D: 7 * d, Where: 0, Value: -1, Result: value.Int},
		{Fn: policy.Count, Kind: policy.Sliding, D: 7 * d, Where: 1, Value: -1, Result: value.Int},
	}, time.UTC)
}

func (e *streamEvent) row(r *Row, seq int) {
	r.At, r.Seq, r.Known = e.at, uint64(seq), 0b11011
	r.N[0], r.N[1], r.N[3], r.N[4] = 0, 0, e.rep, e.at
	switch e.kind {
	case inquiry:
		r.N[0] = 1
	case order:
		r.N[1] = 1
		r.N[2] = e.amount
		r.Known |= 0b100
	}
}

// push is what an engine does with one event: insert, read everything, date two conditions.
func push(p *Plan, s *Series, r *Row) int64 {
	last, _ := p.Int(s, 4, r.At, 0)
	sum := r.At - last
	p.Insert(s, r, r.At)
	for spec := range p.specs {
		n, _ := p.Int(s, spec, r.At, 0)
		sum += n
	}
	for spec := 5; spec < 7; spec++ {
		n, _ := p.Next(s, spec, r.At)
		sum += n
	}
	return sum
}

// BenchmarkStream is a hundred events a series over 90 days, which is what the hand-written floor of
// the engine's benchmarks is measured on.
func BenchmarkStream(b *testing.B) {
	b.Run("100", func(b *testing.B) { benchmarkStream(b, 100) })
	b.Run("10000", func(b *testing.B) { benchmarkStream(b, 10_000) })
}

func benchmarkStream(b *testing.B, customers int) {
	p, events, series := streamPlan(), stream(customers*100, customers, customers/50), make([]Series, customers)
	row := Row{N: make([]int64, 5)}
	i, sum := 0, int64(0)
	b.ReportAllocs()
	for b.Loop() {
		if i == len(events) {
			b.StopTimer()
			clear(series)
			i = 0
			b.StartTimer()
		}
		e := &events[i]
		i++
		e.row(&row, i)
		sum += push(p, &series[e.cust], &row)
	}
	bytes := 0
	for i := range series {
		bytes += p.Bytes(&series[i])
	}
	b.ReportMetric(float64(bytes)/float64(len(series)), "B/series")
	_ = sum
}
