package demo_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/examples/demo"
	"github.com/throughline/throughline/examples/internal/replay"
	"github.com/throughline/throughline/templates"
	"github.com/throughline/throughline/templates/pack"
)

// TestIndustries runs every starter workspace on the records of its industry: nothing is rejected,
// the idle rep is found, and the work of the others counts.
func TestIndustries(t *testing.T) {
	library, err := pack.Library()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range templates.Starters() {
		in, _ := templates.Starter(name)
		change, err := pack.Prepare(context.Background(), in, library, pack.Want{})
		if err != nil {
			t.Fatal(name, err)
		}
		p, diags, err := dsl.Load(change.Preview(in), ".")
		if err != nil || len(diags) > 0 {
			t.Fatal(name, diags, err)
		}
		idle := map[string]bool{}
		r := replay.Under(t, p, func(d *decision.Decision) {
			for _, x := range d.Effects {
				if x.Kind == decision.Alert && x.Rule == "FewCalls" {
					idle[x.Subject.ID] = true
				}
			}
		})
		records := demo.Industry(name)
		if again := demo.Industry(name); !bytes.Equal(bytes.Join(again, nil), bytes.Join(records, nil)) {
			t.Errorf("%s: other records the second time", name)
		}
		for _, line := range records {
			r.Line(line)
		}
		if !idle["rep-3"] || len(idle) != 1 {
			t.Errorf("%s: idle are %v", name, idle)
		}
		if n := r.Outcomes[decision.Rejected]; n > 0 || r.Outcomes[decision.Accepted] < len(records)*9/10 {
			t.Errorf("%s: outcomes of %d records are %v", name, len(records), r.Outcomes)
		}
		if pace, _ := r.Value("Rep", "rep-1", "pace"); pace < 0.5 {
			t.Errorf("%s: rep-1 has done %v of the quota", name, pace)
		}
	}
	if demo.Industry("shipping") != nil {
		t.Error("there are records of shipping")
	}
}
