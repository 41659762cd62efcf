package builder

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime"
)

const repLines = `{"type":"Rep","id":"li","name":"Li","tier":"Gold"}
{"type":"Rep","id":"bo","name":"Bo","tier":"Silver"}
{"type":"Call","id":"1","rep":"li","answered":true,"at":"2026-01-05T02:00:00Z"}
{"type":"Call","id":"2","rep":"li","answered":true,"at":"2026-01-05T03:00:00Z"}`

// TestCases: beside a declaration stands what it makes of the pinned records as the draft is
// written: of whom it holds, what a score comes to, what it did as they came, who is in a stage.
func TestCases(t *testing.T) {
	s, k := inspecting(t)
	k.say(`{"do":"look","what":["Quiet"]}`)
	k.sees("No records are pinned")
	k.pins(repLines, "")
	k.sees("Rep/li", ">holds<", "Rep/bo", ">does not hold<")
	k.say(`{"do":"set","what":["Quiet","when count ( Call in 7d ) < 3 and tier == Gold and has name"],` +
		`"index":8,"count":1,"was":"3","text":"2"}`)
	if html := k.sees("Rep/li", "count(Call in 7d) &lt; 2"); strings.Contains(html, ">holds<") {
		t.Error(html)
	}
	k.say(`{"do":"look","what":["Effort"]}`)
	k.sees("Rep/li", ">42<")
	k.say(`{"do":"look","what":["Levels"]}`)
	k.sees("segment entered", "Rep/li", ">Idle<")
	k.say(`{"do":"look","what":["Rep"]}`) // which decides nothing
	if html := k.sees("entity"); strings.Contains(html, "i-cases") {
		t.Error(html)
	}
	o := s.talk("/w/east/rules/live?rules")
	o.say(`{"do":"look","what":["Levels"]}`)
	k.say(`{"do":"insert","into":["Quiet"],"index":9,"text":"when nonsense ="}`)
	o.sees("it decides once they are mended")
}

// TestStageCases: a stage tells which pinned records are in it, and what they lack.
func TestStageCases(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	k := s.enrol("ann", everywhere).talk("/w/east/board/live")
	k.say(`{"do":"look","what":["Sale","New"]}`)
	k.sees("No pinned record is in this stage")
	k.pins(benchLines, "")
	k.sees("Customer/c1", "lacks nothing")
	k.say(`{"do":"look","what":["Sale"]}`)
	k.sees("Customer/c1", ">New<")
}

// TestPast: who changed a declaration, in which version, and when by the workspace's own clock; a
// rename is followed.
func TestPast(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("ann", everywhere)
	k := ann.talk("/w/east/rules/live?rules")
	k.say(`{"do":"look","what":["FirstCall"]}`)
	k.sees("It is as it was")
	k.say(`{"do":"insert","into":["FirstCall"],"index":0,"text":"mode warn"}`)
	k.sees("mode warn", "<span>ann</span>")
	ann.post("/w/east/publish", "do", "publish").wants(200, "in force")
	k.say(`{"do":"look","what":["FirstCall"]}`)
	k.sees("/w/east/versions?at=", "mode")
	k.say(`{"do":"rename","what":["FirstCall"],"text":"Ring"}`)
	k.sees("Ring", "was FirstCall")
	ann.post("/w/east/publish", "do", "publish").wants(200, "in force")
	var when []string
	if err := s.b.use(t.Context(), "east", func(w *runtime.Workspace) error {
		all, err := w.Versions(t.Context())
		return errors.Join(err, w.View(t.Context(), func(e *engine.Engine) {
			for _, x := range all[1:] {
				when = append(when, stamp(x.Moment, e.Zone()))
			}
		}))
	}); err != nil || len(when) != 2 {
		t.Fatal(when, err)
	}
	k.say(`{"do":"look","what":["Ring"]}`)
	html := k.sees("renamed", "mode")
	if strings.Count(html, "versions?at=") != 2 || slices.ContainsFunc(when, func(w string) bool {
		return !strings.Contains(html, ">"+w+"</a>")
	}) {
		t.Error(when, html)
	}
}
