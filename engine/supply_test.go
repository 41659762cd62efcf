package engine_test

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
)

// TestNewNeedsWhatRunningNeeds holds New to errors that name what is missing.
func TestNewNeedsWhatRunningNeeds(t *testing.T) {
	plain := "entity Rep { name text }\n"
	for _, c := range []struct{ name, text, zone, want string }{
		{"extern", "extern risk(note text) number version 2\n" + plain, "", "risk"},
		{"zone", plain, "Mars/Olympus", "Mars/Olympus"},
	} {
		p := *check(t, c.text)
		if c.zone != "" {
			p.Settings = policy.Settings{Timezone: c.zone, Calendar: "CN"}
		}
		_, err := engine.New(&p, engine.Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v does not name %s", c.name, err, c.want)
		}
	}
}
