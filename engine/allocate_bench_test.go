package engine_test

import (
	"fmt"
	"testing"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
)

// BenchmarkAllocate is one lead among a thousand people: the record, the decision with the account
// of every candidate, the step that fills the reference, the row of the assignment, and every tenth
// time a lead that is closed, so that loads go both ways.
func BenchmarkAllocate(b *testing.B) {
	p := check(b, `
entity Rep { name text; region text; skill text; active bool; capacity int
  load number = sum(Lead.effort where open1) / capacity }
entity Lead { region text; industry text; effort int; owner Rep?; open1 bool; fill open1 = true }
allocate Lead.owner to Rep {
  where candidate.active and candidate.region == region
  weigh { idle 60% = 1 - candidate.load; fit 40% = candidate.skill == industry }
  limit candidate.load < 1.2
}`)
	for _, n := range []int{12, 200, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e, err := engine.New(p, engine.Options{})
			if err != nil {
				b.Fatal(err)
			}
			dec := record.NewDecoder(p, e.Zone())
			var r record.Record
			given := 0
			feed := func(line string) {
				dec.Decode([]byte(line), nil, &r)
				e.Apply(&engine.Entry{Kind: decision.Record, Moment: max(e.Now(), r.Received), Record: &r},
					func(_ *engine.Entry, d *decision.Decision) {
						if len(d.Accounts) > 0 && d.Accounts[0].Winner >= 0 {
							given++
						}
					})
			}
			skills := []string{"auto", "food", "it"}
			for i := range n {
				feed(fmt.Sprintf(`{"type":"Rep","id":"r%d","at":"2026-03-02T08:00:00+08:00","name":"R",`+
					`"region":"east","skill":"%s","active":true,"capacity":%d}`, i, skills[i%3], 20+i%7))
			}
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				feed(fmt.Sprintf(`{"type":"Lead","id":"l%d","at":"2026-03-02T09:00:00+08:00",`+
					`"region":"east","industry":"%s","effort":%d}`, i, skills[i%3], 1+i%8))
				if i >= 2*n {
					feed(fmt.Sprintf(`{"type":"Lead","id":"l%d","at":"2026-03-02T09:00:00+08:00","open1":false}`,
						i-2*n))
				}
				i++
			}
			if given != i {
				b.Errorf("%d of %d leads were given", given, i)
			}
		})
	}
}
