package builder

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/builder/wire"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
)

// inspectorText is a policy with something of each kind that an inspector has controls for.
const inspectorText = `entity Rep "销售" en "Rep" {
  name text?
  tier Gold "金" en "Gold" | Silver "银" en "Silver"
}

event Call "电话" en "Call" {
  rep      Rep
  answered bool
  length   duration?
}

score Effort "投入" en "Effort" of Rep {
  calls   50% = scale(count(Call in 7d), 0, 10)
  answers 30% = scale(count(Call in 7d where answered), 0, 5)
  rank    20% = tier == Gold
}

alert Quiet "太安静" en "Too quiet" of Rep {
  check each workday
  when  count(Call in 7d) < 3 and tier == Gold and has name
  for   2 in a row
  do    { task "Talk to {name}" for self due 2wd }
}

segment Levels "分层" en "Levels" of Rep {
  pick {
    count(Call in 30d) >= 20 : Busy
    count(Call in 30d) >= 5  : Steady
    else                     : Idle
  }
}
`

// inspecting is a site whose draft is the policy above, and a page of it that hears everything.
func inspecting(t *testing.T) (*site, *talker) {
	t.Helper()
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("ann", everywhere)
	ann.rewrite(inspectorText)
	return ann, ann.talk("/w/east/rules/live?rules")
}

// rewrite makes a text that of the draft, as typing does.
func (s *site) rewrite(text string) {
	s.t.Helper()
	d, err := s.b.desk(s.t.Context(), "east")
	if err != nil {
		s.t.Fatal(err)
	}
	d.mu.Lock()
	was, rev := d.draft.Files()[0], d.draft.Rev(0)
	d.mu.Unlock()
	set := wire.Set{{Len: wire.Units(was.Text), Put: true, Text: text}}
	c, err := json.Marshal(wire.Command{Do: "edit", File: "policy.thru", Rev: rev, By: "test",
		Sets: []wire.Set{set}})
	if err != nil {
		s.t.Fatal(err)
	}
	k := s.talk(fmt.Sprintf("/w/east/text/live?file=policy.thru&draft=%s&rev=%d", d.draft.ID(), rev))
	k.say(string(c))
	k.hears("the text", func(u *wire.Update) bool { return len(u.Changes) > 0 })
	d.check()
	d.changed()
}

// sees waits for an inspector that has something in it.
func (k *talker) sees(parts ...string) string {
	k.t.Helper()
	var last string
	k.hears(strings.Join(parts, " and "), func(u *wire.Update) bool {
		i := slices.IndexFunc(u.HTML, func(h string) bool { return strings.Contains(h, `id="inspector"`) })
		if i < 0 {
			return false
		}
		last = u.HTML[i]
		return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(last, p) })
	})
	return last
}

// TestInspector: a declaration is told in sentences, with controls for what can be controlled, in
// the language of whoever looks; what is changed is changed in the text and nothing else is.
func TestInspector(t *testing.T) {
	s, k := inspecting(t)
	k.say(`{"do":"look","what":["Quiet"]}`)
	k.sees("For each Rep: when all of this holds", "Too quiet", `value="2"`, "working days",
		`<option value="workday" selected>`, "Talk to {name}")
	for _, c := range []struct{ command, said, text string }{
		{`{"do":"set","what":["Quiet","for 2 in a row"],"index":1,"count":1,"was":"2","text":"4"}`,
			"Done: change “for 2 in a row”", "for   4 in a row"},
		{`{"do":"set","what":["Quiet","check each workday"],"index":2,"count":1,"was":"workday","text":"week"}`,
			"Done", "check each week"},
		{`{"do":"mode","what":["Quiet"],"text":"shadow"}`, "change the mode of Quiet", "  mode shadow\n"},
		{`{"do":"mode","what":["Quiet"],"text":"warn"}`, "Done", "  mode warn\n"},
		{`{"do":"rename","what":["Quiet"],"text":"Silent"}`, "rename Silent",
			`alert Silent was Quiet "太安静"`},
	} {
		k.say(c.command)
		k.told(c.said)
		if text := s.draftNow(); !strings.Contains(text, c.text) {
			t.Fatalf("%s: no %q in\n%s", c.command, c.text, text)
		}
	}
	k.sees("Silent", `value="4"`) // it goes on under its new name
	k.say(`{"do":"mode","what":["Silent"],"text":"enforce"}`)
	k.told("Done")
	if strings.Contains(s.draftNow(), "mode") {
		t.Error(s.draftNow())
	}
	for range 6 {
		k.say(`{"do":"undo"}`)
		k.told("Undone")
	}
	if s.draftNow() != inspectorText {
		t.Errorf("undone it is\n%s", s.draftNow())
	}
}

// TestInspectorRefuses: what somebody did not see is not written over, weights add up, a name is a
// name, and who may only look may only look.
func TestInspectorRefuses(t *testing.T) {
	s, k := inspecting(t)
	for _, c := range []struct{ command, said string }{
		{`{"do":"set","what":["Quiet","for 2 in a row"],"index":1,"count":1,"was":"3","text":"4"}`,
			"has changed since"},
		{`{"do":"set","what":["Quiet","for 2 in a row"],"index":9,"count":1,"was":"3","text":"4"}`,
			"has changed since"},
		{`{"do":"set","what":["Quiet","for 2 in a row"],"index":1,"count":1,"was":"2","text":"2 }"}`,
			"do not match"},
		{`{"do":"weigh","what":["Effort"],"text":"50,30,30"}`, "do not add up"},
		{`{"do":"weigh","what":["Effort"],"text":"50,50"}`, "has changed since"},
		{`{"do":"weigh","what":["Quiet"],"text":"1,2,3,94"}`, "Load it again"},
		{`{"do":"mode","what":["Quiet"],"text":"loud"}`, "Load it again"},
		{`{"do":"rename","what":["Quiet"],"text":"two words"}`, "a name is letters"},
		{`{"do":"rename","what":["Quiet"],"text":"Effort"}`, "Effort"},
	} {
		k.say(c.command)
		if u := k.told(c.said); !u.Wrong {
			t.Errorf("%s is told as done", c.command)
		}
	}
	if s.draftNow() != inspectorText {
		t.Error(s.draftNow())
	}
	look := s.enrol("au", access.Grant{Role: access.RoleAuditor, Workspace: "east"})
	o := look.talk("/w/east/rules/live?rules")
	o.say(`{"do":"look","what":["Quiet"]}`)
	if html := o.sees("For each Rep"); strings.Contains(html, "data-blank") {
		t.Error("somebody who may only look has controls")
	}
	o.say(`{"do":"mode","what":["Quiet"],"text":"off"}`)
	o.told("takes the role of an author")
}

// TestWeights: all weights change in one step, and the table is one of its own.
func TestWeights(t *testing.T) {
	s, k := inspecting(t)
	k.say(`{"do":"look","what":["Effort"]}`)
	k.sees(`type="range"`, `value="50"`, "Weights add up to 100%")
	k.say(`{"do":"weigh","what":["Effort"],"text":"70,18,12"}`)
	k.told("weights of Effort")
	text := s.draftNow()
	for _, w := range []string{"calls   70% =", "answers 18% =", "rank    12% ="} {
		if !strings.Contains(text, w) {
			t.Errorf("no %q in\n%s", w, text)
		}
	}
	k.say(`{"do":"undo"}`)
	k.told("Undone: weights of Effort")
	if s.draftNow() != inspectorText {
		t.Error(s.draftNow())
	}
	k.say(`{"do":"look","what":["Levels"]}`)
	k.sees("<table", `value="count(Call in 30d) &gt;= 20"`, `value="Busy"`, "otherwise")
}

// TestOffers: what may stand at the caret of a field, of a line that is added, and of the editor.
func TestOffers(t *testing.T) {
	s, k := inspecting(t)
	for _, c := range []struct {
		command string
		want    string
		from    int
	}{
		{`{"do":"offer","ask":1,"what":["Quiet","when count ( Call in 7d ) < 3 and tier == Gold and has name"],` +
			`"index":1,"count":15,"was":"count(Call in 7d) < 3 and tier == Gold and has name",` +
			`"text":"count(Call in 7d) < 3 and ti","at":28}`, "tier", 26},
		{`{"do":"offer","ask":2,"into":["Quiet"],"index":4,"text":"unt","at":3}`, "until", 0},
		{`{"do":"offer","ask":3,"into":["Quiet"],"index":4,"text":"","at":0}`, "needs", 0},
		{`{"do":"offer","ask":4,"into":["Quiet"],"index":4,"text":"needs ","at":6}`, "count", 6},
		{`{"do":"offer","ask":5,"file":"policy.thru","rev":1,"at":` + at(inspectorText, "tier == Go") + `}`,
			"Gold", len([]rune(inspectorText[:strings.Index(inspectorText, "Gold\n}")]))},
	} {
		k.say(c.command)
		u := k.hears("offers", func(u *wire.Update) bool { return u.Offers != nil })
		if !slices.ContainsFunc(u.Offers.List, func(o wire.Offer) bool { return o.Label == c.want }) ||
			u.Offers.From != c.from {
			t.Errorf("%s: no %s from %d: %+v", c.command, c.want, c.from, u.Offers)
		}
	}
	if s.draftNow() != inspectorText {
		t.Error("to ask changes the text")
	}
	for _, c := range []string{`{"do":"offer","ask":6,"what":["No"],"text":"x"}`,
		`{"do":"offer","ask":7,"file":"no.thru","at":3}`, `{"do":"offer","ask":8,"into":["No"]}`} {
		k.say(c)
		if u := k.hears("offers", func(u *wire.Update) bool { return u.Offers != nil }); len(u.Offers.List) > 0 {
			t.Errorf("%s: %+v", c, u.Offers)
		}
	}
}

// at is where a caret stands behind a text, in JSON.
func at(in, text string) string {
	b, _ := json.Marshal(len([]rune(in[:strings.Index(in, text)+len(text)])))
	return string(b)
}

// TestFired: beside a rule stands how often it would have fired in ninety days, which is how often
// what it asks for is in the log; it is worked out for each text anew, and not for who does not see
// every record.
func TestFired(t *testing.T) {
	s := newDistributor(t, 3)
	large := 0
	err := s.b.use(t.Context(), "d", func(w *runtime.Workspace) error {
		return w.Entries(1, w.Last(), false, func(l *runtime.Logged) error {
			var r struct {
				Type   string
				Amount float64
			}
			if json.Unmarshal(l.Payload, &r) == nil && r.Type == "Order" && r.Amount >= 10000 &&
				time.UnixMicro(l.Moment).After(sunday.AddDate(0, 0, -90)) {
				large++
			}
			return nil
		})
	})
	if err != nil || large < 5 {
		t.Fatal(large, err)
	}
	k := s.person("root", access.RoleAdmin, "").talk("/w/d/rules/live?rules")
	tells := func(text string) {
		t.Helper()
		k.hears(text, func(u *wire.Update) bool { return strings.Contains(strings.Join(u.HTML, ""), text) })
	}
	k.say(`{"do":"look","what":["BigOrder"]}`)
	tells(fmt.Sprintf("would have fired %d times in 90 days", large))
	k.say(`{"do":"set","what":["BigOrder","when amount >= 10000"],"index":3,"count":1,` +
		`"was":"10000","text":"9_000_000"}`)
	tells("would have fired 0 times")
	k.say(`{"do":"undo"}`)
	tells("Trying it on the log")
	k.say(`{"do":"untry"}`)
	tells("It was not tried on this text")
	k.say(`{"do":"try"}`)
	tells(fmt.Sprintf("would have fired %d times in 90 days", large))
	o := s.person("luo", access.RoleManager, "Rep/m3").talk("/w/d/rules/live?rules")
	o.say(`{"do":"look","what":["BigOrder"]}`)
	o.sees("takes a role that sees every record")
}

// TestSize: beside a segment stands who is in it, which is who the engine let in; another threshold
// is told at once, by the conditions, and then by the log. Each condition is told by itself.
func TestSize(t *testing.T) {
	s := newDistributor(t, 3)
	in := 0
	err := s.b.use(t.Context(), "d", func(w *runtime.Workspace) error {
		return w.View(t.Context(), func(e *engine.Engine) { in = len(e.Members("Sleeping")) })
	})
	if err != nil || in == 0 {
		t.Fatal(in, err)
	}
	root := s.person("root", access.RoleAdmin, "")
	k := root.talk("/w/d/rules/live?rules")
	tells := func(parts ...string) string {
		t.Helper()
		html := ""
		k.hears(strings.Join(parts, " and "), func(u *wire.Update) bool {
			html = strings.Join(u.HTML, "")
			return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(html, p) })
		})
		return html
	}
	k.say(`{"do":"look","what":["Sleeping"]}`)
	html := tells(fmt.Sprintf("<strong>%d</strong> of ", in), "would have been entered", "/w/d/record/Store/",
		"made happen: task ")
	if strings.Contains(html, words.SizeQuick.In("en")) || strings.Count(html, "<meter") != 2 {
		t.Error(html)
	}
	set := `{"do":"set","what":["Sleeping","when count ( Inquiry in 14d ) >= 2 and count ( Order in 30d ) == 0"],` +
		`"index":8,"count":1,"was":%q,"text":%q}`
	k.say(fmt.Sprintf(set, "2", "1"))
	tells(words.SizeQuick.In("en"))
	html = tells("would have been entered", "of ")
	if strings.Contains(html, words.SizeQuick.In("en")) {
		t.Error(html)
	}
	k.say(`{"do":"undo"}`)
	tells(fmt.Sprintf("<strong>%d</strong> of ", in))
	k.say(`{"do":"set","what":["Sleeping","when count ( Inquiry in 14d ) >= 2 and count ( Order in 30d ) == 0"],` +
		`"index":5,"count":1,"was":"14d","text":"15d"}`) // which nothing else keeps
	tells(words.SizeRunning.In("en"))
	tells("would have been entered", "<meter")
	zh := s.person("zhou", access.RoleManager, "Rep/m3").talk("/w/d/rules/live?rules")
	zh.say(`{"do":"look","what":["Sleeping"]}`)
	if html := zh.sees("takes a role that sees every record"); strings.Contains(html, "i-size") {
		t.Error(html)
	}
}

// TestReady: what other declarations say of the same records, and the plainest conditions of their
// fields and events, are offered to be put in; not what is there already.
func TestReady(t *testing.T) {
	s := newDistributor(t, 1)
	k := s.person("root", access.RoleAdmin, "").talk("/w/d/rules/live?rules")
	k.say(`{"do":"look","what":["Sleeping"]}`)
	html := k.sees("data-joins", `data-ready="count(Visit in 30d) == 0"`, `data-ready="count(Order in 30d) &gt;= 1"`)
	if strings.Contains(html, `data-ready="count(Order in 30d) == 0"`) {
		t.Error("what it says already is offered")
	}
	k.say(`{"do":"look","what":["BigOrder"]}`) // of an event
	if html := k.sees("BigOrder"); strings.Contains(html, "data-joins") {
		t.Error(html)
	}
}
