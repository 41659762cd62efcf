package distributor_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/examples"
	"github.com/throughline/throughline/examples/distributor"
	"github.com/throughline/throughline/examples/internal/replay"
)

// sunday is when the year of the tests ends.
var sunday = time.Date(2026, 11, 29, 13, 0, 0, 0, time.UTC)

func TestTheYearIsTheSameEveryTime(t *testing.T) {
	for lang, want := range map[string]string{"en": "e9a9020b391b1931", "zh": "031cc60da6e0772a"} {
		y := distributor.New(sunday, lang)
		sum, last := sha256.New(), y.Begin()
		list := y.Records()
		for _, e := range list {
			if e.At.Before(last) || e.At.After(sunday) {
				t.Fatalf("%s: %s after %s", e.Line(), e.At, last)
			}
			last = e.At
			sum.Write(e.Line())
		}
		if got := fmt.Sprintf("%x", sum.Sum(nil)); got[:16] != want {
			t.Errorf("%s: the records have changed: %s", lang, got[:16])
		}
		if n := len(list); n < 35_000 || n > 45_000 {
			t.Errorf("%s: %d records", lang, n)
		}
	}
}

// TestTheYearEndsNow: whatever the day of the week, the last week is that of the end.
func TestTheYearEndsNow(t *testing.T) {
	for day := range 7 {
		end := sunday.AddDate(0, 0, day)
		y := distributor.New(end, "en")
		if y.Begin().Weekday() != time.Monday {
			t.Errorf("%s: begins on a %s", end, y.Begin().Weekday())
		}
		if weeks := end.Sub(y.Begin()).Hours() / 24 / 7; weeks <= 51 || weeks > 52 {
			t.Errorf("%s: begins %.1f weeks before", end, weeks)
		}
	}
}

// TestWhatIsToBeFoundIsFound runs the year and looks for its three stories: what is open at its end,
// and whose records wait for a review.
func TestWhatIsToBeFoundIsFound(t *testing.T) {
	open := map[string]bool{}
	doubts := map[string]int{}
	r := replay.New(t, examples.Files, "distributor", func(d *decision.Decision) {
		for _, x := range d.Effects {
			if x.Kind == decision.Alert {
				open[x.Rule+" "+x.Subject.ID] = x.State == decision.Open
			}
		}
	})
	for _, e := range distributor.New(sunday, "en").Records() {
		r.Line(e.Line())
	}
	r.Until(sunday)
	for _, d := range r.Engine.Doubts() {
		if d.Settled == "" {
			doubts[d.Person]++
		}
	}
	maps.DeleteFunc(open, func(_ string, is bool) bool { return !is })
	cold := 0
	for rep := range 24 {
		if open["ColdAction/Distribution "+distributor.RepID(rep)] {
			cold++
			if rep/6 != 2 && rep != distributor.Forger {
				t.Errorf("%s is cold", distributor.RepID(rep))
			}
		}
	}
	if cold < 3 {
		t.Errorf("%d reps are cold: %v", cold, slices.Sorted(maps.Keys(open)))
	}
	for _, alert := range []string{"RegionFalling store.region=West", "SlowSigning industry=Catering"} {
		if !open[alert] {
			t.Errorf("%s is not open: %v", alert, slices.Sorted(maps.Keys(open)))
		}
	}
	forger := "Rep/" + distributor.RepID(distributor.Forger)
	if doubts[forger] < 20 || len(doubts) < 2 {
		t.Errorf("waiting are %v", doubts)
	}
	for who, n := range doubts {
		if who != forger && n > doubts[forger]/4 {
			t.Errorf("%s has %d doubts, the forger %d", who, n, doubts[forger])
		}
	}
	if r.Outcomes[decision.Rejected] > 0 {
		t.Errorf("outcomes are %v", r.Outcomes)
	}
	pool := 0
	for i := range 2000 {
		if r.Engine.HeldBy("Lead.owner", fmt.Sprintf("lead-%d", i)).Phase == "pool" {
			pool++
		}
	}
	if pool < 3 || pool > 60 {
		t.Errorf("%d leads lie in the pool", pool)
	}
}
