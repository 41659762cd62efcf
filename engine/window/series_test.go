package window

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// one returns a plan of one spec over a test, a number, an amount and a count.
func one(s Spec) *Plan {
	return New([]Col{{Kind: value.Bool}, {Kind: value.Number}, {Kind: value.Money}, {Kind: value.Int}}, []Spec{s}, time.UTC)
}

// A sum that is too large is missing, and is right again when what made it so has left.
func TestOverflowRecovers(t *testing.T) {
	number := func(f float64) int64 { return int64(math.Float64bits(f)) }
	for _, c := range []struct {
		name       string
		fn         policy.AggFn
		col        int
		kind       value.Kind
		small, big int64
		want       value.Value
	}{
		{"sum of amounts", policy.Sum, 2, value.Money, 70_000, math.MaxInt64, value.OfWord(value.Money, 70_000)},
		{"sum of numbers", policy.Sum, 1, value.Number, number(0.5), number(limit), value.OfFloat(value.Number, 0.5)},
		{"mean of numbers", policy.Avg, 1, value.Number, number(0.5), number(math.Inf(-1)), value.OfFloat(value.Number, 0.5)},
	} {
		c1 := Spec{Fn: c.fn, Kind: policy.Sliding, D: value.Day, Where: -1, Value: c.col, Result: c.kind}
		p, s := one(c1), Series{}
		r := Row{At: begin, Seq: 1, Known: 1 << c.col, N: make([]int64, 4)}
		r.N[c.col] = c.big
		p.Insert(&s, &r, begin)
		r = Row{At: begin + value.Hour, Seq: 2, Known: 1 << c.col, N: make([]int64, 4)}
		r.N[c.col] = c.small
		p.Insert(&s, &r, begin+value.Hour)
		if v := read(p, &s, 0, begin+value.Hour, 0); v.Known() {
			t.Errorf("%s: %s, want missing", c.name, show(v))
		}
		if v := read(p, &s, 0, begin+value.Day, 0); !same(v, c.want) {
			t.Errorf("%s after a day: %s, want %s", c.name, show(v), show(c.want))
		}
	}
}

// Of nothing, count, sum and distinct are 0 and the rest is missing; so is what is not over.
func TestNothing(t *testing.T) {
	for i, s := range testSpecs {
		p := New(testCols, []Spec{s}, time.UTC)
		var never, empty Series
		r := Row{At: begin, Seq: 1, N: make([]int64, len(testCols)), S: make([]string, len(testCols))}
		p.Insert(&empty, &r, begin)
		p.RemoveRow(&empty, &r, begin)
		for _, at := range []int64{begin - value.Day, begin + value.Day} {
			want := oracle(p, 0, nil, begin, at)
			for _, s := range []*Series{&never, &empty} {
				if got := read(p, s, 0, begin, at); !same(got, want) {
					t.Fatalf("%s: %s, want %s", describe(testSpecs[i]), show(got), show(want))
				}
				if got := p.ValueAt(s, 0, begin, at); !same(got, want) {
					t.Fatalf("%s: value at is %s, want %s", describe(testSpecs[i]), show(got), show(want))
				}
				if _, ok := p.Next(s, 0, begin); ok {
					t.Fatalf("%s: an empty series changes", describe(testSpecs[i]))
				}
			}
		}
		if a, b := p.Append(&never, nil), p.Append(&empty, nil); !bytes.Equal(a, b) {
			t.Fatalf("%s: an emptied series writes %x", describe(s), b)
		}
	}
}

// share( … where e ) is the share of e among rows where e is known.
func TestShareOfTest(t *testing.T) {
	p, s := one(Spec{Fn: policy.Share, Where: 0, Value: -1, Result: value.Percent}), Series{}
	for i, r := range []Row{{Known: 1, N: []int64{1, 0, 0, 0}}, {Known: 1, N: []int64{0, 0, 0, 0}},
		{Known: 0, N: []int64{1, 0, 0, 0}}, {Known: 1, N: []int64{0, 0, 0, 0}}, {Known: 1, N: []int64{0, 0, 0, 0}}} {
		r.At, r.Seq = begin, uint64(i)
		p.Insert(&s, &r, begin)
	}
	if f, ok := p.Num(&s, 0, begin, 0); !ok || f != 0.25 {
		t.Errorf("share is %v, %v, want 0.25", f, ok)
	}
}

// What the checker warns of.
func TestRowsKeptForEver(t *testing.T) {
	for _, c := range []struct {
		s    Spec
		want bool
	}{
		{Spec{Fn: policy.Count, Value: -1}, false}, {Spec{Fn: policy.Sum, Value: 1}, false},
		{Spec{Fn: policy.SD, Value: 1}, false}, {Spec{Fn: policy.Corr, Value: 1, Value2: 2}, false},
		{Spec{Fn: policy.Median, Value: 1}, true}, {Spec{Fn: policy.Distinct, Value: 1}, true},
		{Spec{Fn: policy.Last, Value: 1}, true}, {Spec{Fn: policy.Last, Value: -1, N: 5}, true},
		{Spec{Fn: policy.Median, Value: 1, Kind: policy.Sliding, D: 1}, false},
		{Spec{Fn: policy.Last, Value: 1, Kind: policy.This, Period: policy.Weekly}, false},
		{Spec{Fn: policy.Count, Value: -1, Kind: policy.After, D: 1}, true},
		{Spec{Fn: policy.Count, Value: -1, Kind: policy.InStage}, true},
	} {
		c.s.Where = -1
		if got := one(c.s).Rows(0); got != c.want {
			t.Errorf("%s keeps rows: %v", describe(c.s), got)
		}
	}
}

// Rows older than every window go, and what counts for ever keeps none.
func TestRowsAreDropped(t *testing.T) {
	p := New(testCols, []Spec{{Fn: policy.Count, Kind: policy.Sliding, D: value.Day, Where: -1, Value: -1, Keep: value.Day},
		{Fn: policy.Avg, Where: -1, Value: colWeight, Result: value.Number}}, time.UTC)
	var s Series
	for i := range int64(1000) {
		p.Insert(&s, &Row{At: begin + i*value.Hour, Seq: uint64(i), N: make([]int64, len(testCols)), S: make([]string, len(testCols))}, begin+i*value.Hour)
	}
	if s.b.rows.n != 48 {
		t.Errorf("%d rows are kept, want those of two days", s.b.rows.n)
	}
}

// More than 32 columns need a word more, and any of them may be the test.
func TestManyColumns(t *testing.T) {
	cols := make([]Col, 64)
	specs := make([]Spec, 64)
	for i := range cols {
		cols[i].Kind = value.Bool
		specs[i] = Spec{Fn: policy.Count, Where: i, Value: -1, Result: value.Int}
	}
	p, s := New(cols, specs, time.UTC), Series{}
	for i := range 64 {
		r := Row{At: begin, Seq: uint64(i), Known: math.MaxUint64 << i, N: make([]int64, 64)}
		for c := range r.N {
			r.N[c] = int64(c % 2)
		}
		p.Insert(&s, &r, begin)
	}
	for i := range specs {
		if n, _ := p.Int(&s, i, begin, 0); n != int64(i%2*(i+1)) {
			t.Errorf("column %d is true in %d rows", i, n)
		}
	}
}

// Thousands of rows in any order, some taken out again, are still exact and still fast.
func TestManyRows(t *testing.T) {
	var specs []Spec
	for _, s := range testSpecs {
		if (s.Kind == policy.Ever || s.Kind == policy.Sliding && s.D > value.Day || s.Kind == policy.After) && s.Where < 0 {
			specs = append(specs, s)
		}
	}
	g := &rig{p: New(testCols, specs, time.UTC), now: begin, t: begin - value.Day}
	r := rand.New(rand.NewPCG(7, 7))
	for i := range 12_000 {
		row := Row{Seq: uint64(i), At: begin - r.Int64N(20*value.Day), Known: r.Uint64(), N: make([]int64, len(testCols)), S: make([]string, len(testCols))}
		row.N[colMoment] = row.At
		row.Known |= 1 << colMoment
		row.N[colPieces], row.N[colAmount] = r.Int64N(1e6), r.Int64N(1e9)
		row.N[colWeight] = value.OfFloat(value.Number, r.NormFloat64()).N
		row.N[colHeight] = value.OfFloat(value.Number, float64(r.IntN(300))/7).N
		row.S[colNote] = string(rune('a' + r.IntN(26)))
		g.insert(row)
		if i%3 == 0 {
			g.remove(len(g.rows) - 1 - r.IntN(min(len(g.rows), 50)))
		}
	}
	for range 2 {
		for i := range specs {
			want := oracle(g.p, i, g.rows, g.now, g.t)
			if got := read(g.p, &g.s, i, g.now, g.t); !agree(specs[i], got, want) {
				t.Errorf("%s: %s, want %s", describe(specs[i]), show(got), show(want))
			}
		}
		g.now += 50 * value.Hour
	}
	if err := g.restore(); err != nil {
		t.Error("a snapshot of many rows differs")
	}
}

// A hundred kept rows with five specs take at most 8 KiB.
func TestSeriesIsSmall(t *testing.T) {
	p := streamPlan()
	var s Series
	row := Row{N: make([]int64, 5)}
	for i := range 400 {
		e := streamEvent{at: begin + int64(i)*90*value.Day/100, rep: int64(i % 9), kind: i % 3}
		e.row(&row, i)
		push(p, &s, &row)
		if s.b.rows.n >= 100 {
			p.Remove(&s, s.b.rows.at(s.b.rows.begin()), uint64(i-99), e.at)
		}
	}
	if n := p.Bytes(&s); n > 8<<10 {
		t.Errorf("a series of %d rows takes %d bytes", s.b.rows.n, n)
	}
}

// In a steady state neither inserting nor reading allocates.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	specs := []Spec{}
	for _, s := range testSpecs {
		if s.Kind != policy.Ever && s.Kind < policy.After && s.N == 0 {
			specs = append(specs, s)
		}
	}
	p := New(testCols, specs, time.UTC)
	var s Series
	now, seq := int64(begin), uint64(0)
	row := Row{N: make([]int64, 7), S: []string{"", "", "", "", "a note", "", ""}, Known: 0x7f}
	step := func() {
		now += 3 * value.Hour
		seq++
		row.At, row.Seq = now, seq
		row.N[colPieces], row.N[colPaid] = int64(seq%50), int64(seq%2)
		p.Insert(&s, &row, now)
		for i := range specs {
			read(p, &s, i, now, 0)
			p.Next(&s, i, now)
		}
	}
	for range 4000 {
		step()
	}
	if n := testing.AllocsPerRun(300, step); n > 0 {
		t.Errorf("%v allocations an event", n)
	}
}

// Damaged snapshots give an error or a series that writes the same bytes; they never panic.
func FuzzLoad(f *testing.F) {
	c := script{b: []byte("\x05some bytes that make a plan of several specs and a few rows of it")}
	c.plan(f)
	for range 20 {
		c.b = append(c.b, "any other bytes"...)
		c.g.insert(c.row())
	}
	f.Add(c.g.p.Append(&c.g.s, nil))
	f.Add(New(testCols, testSpecs, time.UTC).Append(&Series{}, nil))
	plans := []*Plan{c.g.p, New(testCols, testSpecs[:60], time.UTC), New(testCols, []Spec{{Fn: policy.Distinct, Where: -1, Value: colNote}}, time.UTC)}
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, p := range plans {
			var s Series
			rest, err := p.Load(&s, in)
			if err != nil {
				continue
			}
			if out := p.Append(&s, nil); !bytes.Equal(out, in[:len(in)-len(rest)]) {
				t.Fatalf("%x is read and written as %x", in, out)
			}
		}
	})
}
