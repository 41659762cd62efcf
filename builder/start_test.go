package builder

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/templates"
)

// TestStart: every way to begin, with the answers that it asks for, is a draft without mistakes
// whose tests pass and that can be published; and it says what people will get.
func TestStart(t *testing.T) {
	type way struct {
		name   string
		form   []string
		file   string
		writes []string // into the draft
		says   []string
	}
	ways := []way{
		{"proof", []string{"way", "proof", "week-proof", "7", "stay", "25", "tell", "wecom"}, "policy.thru",
			[]string{"target 7 per week", "stay: 25min", "notify manager via wecom"},
			[]string{"A visit with all three", "7 a week", "Close all exemptions", "channel?kind=wecom&amp;name=wecom"}},
		{"review", []string{"way", "review", "pains", "停机，too many \"returns\" {x}, 太贵", "tell", "dingtalk"}, "policy.thru",
			[]string{"停机", "too many returns x", "太贵", "notify owner.manager via dingtalk"},
			[]string{"Client&#39;s own words", "8 a week", "Look back at a contract"}},
	}
	for _, trade := range templates.Starters() {
		ways = append(ways, way{"goal-" + trade, []string{"way", "goal", "trade", trade, "week", "5", "tell", "feishu"},
			"actions.thru", []string{"target 5 per week"}, []string{"5 a week", "→", "Few"}})
	}
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			s := newSite(t)
			root := s.enrol("root", everywhere)
			root.post("/workspaces", "name", "east").came("/w/east/start").
				wants(200, "Redraw one goal", "A small example")
			made := root.post("/w/east/start", w.form...).wants(200, append(w.says, "What people will get", "Bring in people")...)
			sound(t, w.name, made.text)
			text := root.get("/w/east/text?file=" + w.file).wants(200)
			for _, has := range w.writes {
				if !strings.Contains(text.text, has) {
					t.Errorf("%s has no %q", w.file, has)
				}
			}
			root.get("/w/east/publish").wants(200).lacks("sev-error")
			d, err := s.b.desk(t.Context(), "east")
			if err != nil {
				t.Fatal(err)
			}
			root.post("/w/east/publish", "expect", d.draft.Base(), "stranded", "0").wants(200)
			zh := root.zh("/w/east/started?way=proof").wants(200, "人们会得到什么", "每周", "已经生效").
				lacks("尚未生效", "再看一遍并发布")
			sound(t, w.name, zh.text)
		})
	}
}

// TestStartShowsWhatIsUsed: the board has no journey of a package that nobody uses.
func TestStartShowsWhatIsUsed(t *testing.T) {
	s := newSite(t)
	root := s.enrol("root", everywhere)
	root.post("/workspaces", "name", "east").came("/w/east/start")
	root.get("/w/east/board").wants(200, `class="journey"`)
	root.post("/w/east/start", "way", "proof", "week-proof", "7", "stay", "25", "tell", "wecom").wants(200)
	root.zh("/w/east/board").wants(200, "还没有旅程").lacks("DoubtSettled", `class="journey"`)
	d, err := s.b.desk(t.Context(), "east")
	if err != nil {
		t.Fatal(err)
	}
	text := d.draft.Files()[0].Text
	root.rewrite(text + "\nuse triangle.CasePath\n")
	root.zh("/w/east/board").wants(200, "已立案", `class="journey"`)
}

// TestStartRefused: what cannot be begun with is said on the form; a draft with changes is put
// aside, and that is told before.
func TestStartRefused(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	root := s.enrol("root", everywhere)
	sound(t, "start", root.get("/w/east/start").wants(200).lacks("put aside").text)
	root.post("/w/east/start", "way", "proof", "week-proof", "0", "stay", "x").wants(422, "from 1 to 100")
	root.post("/w/east/start", "way", "goal", "trade", "none", "week", "5").wants(422)
	root.post("/w/east/start", "way", "else").wants(422)
	root.get("/w/east/board").wants(200, "First call")
	rep := s.enrol("li", reps)
	rep.get("/w/east/start").wants(403)
}

var reps = access.Grant{Role: access.RoleRep, Workspace: "east", As: "Rep/li"}
