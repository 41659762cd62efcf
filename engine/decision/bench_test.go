package decision_test

import (
	"testing"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// BenchmarkPack packs what a record of 300 bytes leaves behind when twelve conditions look at it.
func BenchmarkPack(b *testing.B) {
	s := newShop()
	c := decision.NewCodec(s.policy)
	d := s.bigDealDecision()
	watches := decision.Watches(s.policy)
	seen := []value.Value{value.OfWord(value.Money, 1_200_000_0000), value.OfWord(value.Choice, 1),
		value.OfFloat(value.Percent, 0.65), value.OfWord(value.Int, 12)}
	for i := range 12 {
		from := len(d.Seen)
		d.Seen = append(d.Seen, seen[i%4], seen[(i+1)%4])
		d.Receipts = append(d.Receipts, decision.Receipt{Watch: watches[i%len(watches)],
			Subject: -1, From: int32(from), To: int32(from + 2)})
	}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = c.AppendWhy(c.AppendDecision(buf[:0], d), d)
	}
	b.ReportMetric(float64(len(c.AppendDecision(nil, d))), "decision-B")
	b.ReportMetric(float64(len(c.AppendWhy(nil, d))), "why-B")
}

func BenchmarkJSON(b *testing.B) {
	s := newShop()
	w := decision.NewWriter(s.policy, decision.Options{Zone: shanghai(b)})
	d := s.bigDealDecision()
	d.Effects[0].Args[0] = value.OfText("光明")
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		buf = w.AppendJSON(buf[:0], d)
	}
	b.SetBytes(int64(len(buf)))
}

// A record whose decision says nothing but "accepted" is the most frequent one by far.
func TestPlainDecisionsAreSmall(t *testing.T) {
	s := newShop()
	c := decision.NewCodec(s.policy)
	when := moment("2026-03-02T01:30:00Z")
	b := c.AppendDecision(nil, &decision.Decision{Kind: decision.Record, Seq: 1_000_000,
		Moment: when, At: when, Outcome: decision.Accepted,
		Record: decision.Ref{Type: s.deal, ID: "d1"}})
	if len(b) > 24 {
		t.Errorf("an accepted record takes %d bytes: %x", len(b), b)
	}
}
