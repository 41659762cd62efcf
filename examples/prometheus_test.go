package examples_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"testing/fstest"
	"time"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/examples/internal/replay"
	"github.com/throughline/throughline/internal/realdata"
)

// forCase is one case of Prometheus's own tests of `for` and `keep_firing_for`.
type forCase struct {
	Name      string               `json:"name"`
	Condition string               `json:"condition"`
	For       int                  `json:"for_min"`
	Keep      int                  `json:"keep_firing_for_min"`
	Sample    int                  `json:"sample_every_min"`
	Series    map[string][]float64 `json:"series"`
	Expect    []map[string]any     `json:"expect"`
}

// policy is the case as an alert: its `for`, and its `keep_firing_for` as `until for`.
func (c *forCase) policy() string {
	s := "entity Host { value number }\nalert Fires of Host {\n  when " + c.Condition + "\n"
	if c.For > 0 {
		s += fmt.Sprintf("  for %dmin\n", c.For)
	}
	if c.Keep > 0 {
		s += fmt.Sprintf("  until for %dmin\n", c.Keep)
	}
	return s + "}\n"
}

func TestAlertsFireAsPrometheusDoes(t *testing.T) {
	dir := realdata.Dir(t, "peer-rules")
	b, err := os.ReadFile(filepath.Join(dir, "prometheus", "for_cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []*forCase }
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Cases) != 5 {
		t.Errorf("%d cases, known are 5", len(all.Cases))
	}
	for _, c := range all.Cases {
		t.Run(c.Name, c.run)
	}
}

// scrape is how long before the evaluation that reads it a sample comes, but the first. Prometheus
// looks only when it evaluates; here time is without steps, and a `for` that is over at the very
// moment of a sample is over before it (reference, section 3: timers due fire first).
const scrape = time.Second

// run feeds each series its samples and looks at every minute that the case lists.
func (c *forCase) run(t *testing.T) {
	files := fstest.MapFS{"p/p.thru": {Data: []byte(c.policy())}}
	r := replay.New(t, files, "p", nil)
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	fed := 0
	for _, want := range c.Expect {
		minute := int(want["min"].(float64))
		for ; fed*c.Sample <= minute; fed++ {
			at := start.Add(time.Duration(fed*c.Sample) * time.Minute)
			if fed > 0 {
				at = at.Add(-scrape)
			}
			c.sample(r, fed, at)
		}
		r.Until(start.Add(time.Duration(minute) * time.Minute))
		for id := range c.Series {
			if got := standing(r, id); got != want[id] {
				t.Errorf("minute %d, series %s: %s, want %v", minute, id, got, want[id])
			}
		}
	}
}

func (c *forCase) sample(r *replay.Run, i int, at time.Time) {
	for id, values := range c.Series {
		if i < len(values) {
			line := `{"type":"Host","id":"` + id + `","at":"` + at.Format(time.RFC3339) +
				`","value":` + strconv.FormatFloat(values[i], 'f', -1, 64) + `}`
			r.Line([]byte(line))
		}
	}
}

// standing is Prometheus's word for how the alert stands on a series.
func standing(r *replay.Run, id string) string {
	for _, h := range r.Policy.Records {
		if h.Name != "Host" {
			continue
		}
		switch v := r.Engine.Standing("Fires", h, id); {
		case v.Open:
			return "firing"
		case v.Truth == value.True:
			return "pending"
		}
	}
	return "none"
}

// TestAForThatIsOverIsOverBeforeTheRecord pins where the two differ: with no second between, the
// alert opens at the very moment, and the record that comes then begins to end it.
func TestAForThatIsOverIsOverBeforeTheRecord(t *testing.T) {
	c := forCase{Condition: "value > 50", For: 1, Keep: 1}
	r := replay.New(t, fstest.MapFS{"p/p.thru": {Data: []byte(c.policy())}}, "p", nil)
	r.Feed("Host", "a", "2026-03-02T09:00:00Z", map[string]any{"value": 75})
	r.Feed("Host", "a", "2026-03-02T09:01:00Z", map[string]any{"value": 10})
	if got := standing(r, "a"); got != "firing" {
		t.Errorf("at the moment of the record: %s", got)
	}
	r.Until(time.Date(2026, 3, 2, 9, 2, 0, 0, time.UTC))
	if got := standing(r, "a"); got != "none" {
		t.Errorf("a minute later: %s", got)
	}
}
