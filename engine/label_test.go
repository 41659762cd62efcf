package engine_test

import (
	"maps"
	"testing"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
)

// TestActionOfACell writes the action of an alert `by action` in the language of the text that it
// stands in, where both are given in two.
func TestActionOfACell(t *testing.T) {
	w := newWorld(t, check(t, `entity Rep { name text }
event Visit { rep Rep; ok bool; fill ok = true }
action Tour "Store tour" zh "巡店" { on Visit; by rep; done ok; target 10 per week }
alert Cold of Rep by action {
  check each workday
  when completion(action in 2d) < 50%
  do { note "{action} is behind, {name}" zh "{name}的{action}落后" }
}
`), engine.Options{})
	w.feed(`{"type":"Rep","id":"li","at":"2026-03-02T08:00","name":"李"}`)
	said := map[string]string{}
	w.e.Advance(w.e.Now()+7*24*3600*1e6, func(_ *engine.Entry, d *decision.Decision) {
		for i := range d.Effects {
			for _, lang := range []string{"", "en", "zh"} {
				words := decision.NewWriter(w.e.Policy(), decision.Options{Zone: w.e.Zone(), Lang: lang})
				if text := words.AppendMessage(nil, &d.Effects[i]); len(text) > 0 {
					said[lang] = string(text)
				}
			}
		}
	})
	want := map[string]string{"": "Store tour is behind, 李", "en": "Store tour is behind, 李",
		"zh": "李的巡店落后"}
	if !maps.Equal(said, want) {
		t.Errorf("it is %q, not %q", said, want)
	}
}
