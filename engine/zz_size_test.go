package engine_test

import (
	"strconv"
	"testing"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
)

func TestZZSize(t *testing.T) {
	p := load(t, "testdata/part1.thru")
	e := newEngine(t, p)
	c := decision.NewCodec(p)
	var why, dec, n, rec int
	for i, r := range leads(t, p, 5000) {
		r.ID = "lead" + strconv.Itoa(i)
		e.Apply(&engine.Entry{Kind: decision.Record, Moment: r.Received, Record: r}, func(_ *engine.Entry, d *decision.Decision) {
			why += len(c.AppendWhy(nil, d))
			dec += len(c.AppendDecision(nil, d))
			rec += len(d.Receipts)
			n++
		})
	}
	t.Logf("n %d why %d dec %d receipts %d", n, why/n, dec/n, rec/n)
}

func BenchmarkZZPack(b *testing.B) {
	p := load(b, "testdata/part1.thru")
	e := newEngine(b, p)
	c := decision.NewCodec(p)
	var ds []*decision.Decision
	for i, r := range leads(b, p, 500) {
		r.ID = "lead" + strconv.Itoa(i)
		e.Apply(&engine.Entry{Kind: decision.Record, Moment: r.Received, Record: r}, func(_ *engine.Entry, d *decision.Decision) {
			ds = append(ds, d.Clone())
		})
	}
	buf := make([]byte, 0, 4096)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		buf = c.AppendWhy(c.AppendDecision(buf[:0], ds[i%len(ds)]), ds[i%len(ds)])
		i++
	}
}
