package demo_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/examples"
	"github.com/throughline/throughline/examples/demo"
	"github.com/throughline/throughline/examples/internal/replay"
)

func TestRecordsAreTheSameEveryTime(t *testing.T) {
	all := demo.Records(0)
	if n := len(all); n < 1000 || n > 2000 {
		t.Errorf("%d records", n)
	}
	again := demo.Records(500)
	if len(again) != 500 || !bytes.Equal(bytes.Join(again, nil), bytes.Join(all[:500], nil)) {
		t.Error("the first 500 records are not the first of all")
	}
	const want = "e6de230d5325c5da"
	if got := fmt.Sprintf("%x", sha256.Sum256(bytes.Join(all, []byte("\n")))); got[:16] != want {
		t.Errorf("the records have changed: %s", got[:16])
	}
}

// TestTheStoriesAreFound runs the six weeks and looks for what was planted.
func TestTheStoriesAreFound(t *testing.T) {
	told := map[string][]string{}
	var r *replay.Run
	r = replay.New(t, examples.Files, "demo", func(d *decision.Decision) {
		day := time.UnixMicro(d.At).In(r.Engine.Zone()).Format("01-02")
		for _, x := range d.Effects {
			if x.Kind == decision.Alert || x.Kind == decision.Segment && x.Rule != "StoreTier" {
				key := x.Rule + " " + x.Subject.ID
				told[key] = append(told[key], x.State.String()+" "+day)
			}
		}
	})
	for _, line := range demo.Records(0) {
		r.Line(line)
	}
	r.Until(time.Date(2026, 4, 13, 10, 0, 0, 0, r.Engine.Zone()))
	for key, want := range map[string]string{
		"ColdActivity rep-chen":          "[open 03-26 resolved 04-03]",
		"SleepingHighPotential store-07": "[enter 03-19 leave 03-27]",
	} {
		if got := fmt.Sprint(told[key]); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
	for key := range told {
		if key[:4] == "Cold" && key != "ColdActivity rep-chen" {
			t.Errorf("%s went cold: %v", key, told[key])
		}
	}
	total := len(demo.Records(0))
	if r.Outcomes[decision.Duplicate] != 1 || r.Outcomes[decision.Rejected] != 1 ||
		r.Outcomes[decision.Accepted] != total-2 {
		t.Errorf("outcomes of %d records are %v", total, r.Outcomes)
	}
	if n, _ := r.Value("Rep", "rep-zhao", "stores"); n != 6 {
		t.Errorf("rep-zhao looks after %v stores", n)
	}
}
