//go:build browser

package builder

import (
	"testing"

	"github.com/throughline/throughline/builder/browsertest"
)

// TestGovernEverywhere looks at people and channels with axe.
func TestGovernEverywhere(t *testing.T) {
	w := &robot{}
	s := siteTelling(t, w.send)
	s.workspaceOf("east", "entity Rep { name text; "+
		"what_the_keeper_of_the_shop_said_about_the_shelf text? }\n") // a name as long as some are
	root := s.enrol("root", everywhere)
	root.post("/w/east/channel?kind=dingtalk", "do", "set", "kind", "dingtalk", "name", "team",
		"secret-url", "https://oapi.dingtalk.com/robot/send?access_token=hush-hush", "key", "SEChush").
		wants(200)
	p := root.tab(t)
	p.Everywhere("/w/east/people", func() {
		p.Click("[data-opens=add-person]")
		p.Shows("#add-person #role")
	})
	p.Everywhere("/w/east/channels", nil)
	p.Everywhere("/w/east/channel?name=team", nil)
	p.Everywhere("/password", nil)
}

// TestKeyIsShownOnce makes a key as a person does, and copies it.
func TestKeyIsShownOnce(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	p := s.enrol("root", everywhere).tab(t)
	p.Go("/w/east/people")
	p.Click("[data-opens=make-key]")
	p.Fill("#label", "the till")
	p.Click("#make-key button.main")
	p.Shows("#once")
	token := browsertest.Eval[string](p, `document.querySelector("#once").value`)
	if _, err := s.access.Check(token); err != nil {
		t.Errorf("what is shown opens nothing: %v", err)
	}
	browsertest.Eval[bool](p, `(() => { navigator.clipboard.writeText = async (t) => {
		document.documentElement.dataset.copied = t; }; return true; })()`)
	p.Click("[data-copies]")
	p.Says("[data-copies]", "Copied.")
	p.Wait(`document.documentElement.dataset.copied === ` + "`" + token + "`")
	p.Walk(t)
	p.Go("/w/east/people")
	p.Says("main", "the till")
	p.Wait(`!document.querySelector("#once")`)
}

// TestStartEverywhere looks at the ways to begin, and at what one comes to, with axe.
func TestStartEverywhere(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	root := s.enrol("root", everywhere)
	p := root.tab(t)
	p.Everywhere("/w/east/start", nil)
	root.post("/w/east/start", "way", "goal", "trade", "fmcg", "week", "5").wants(200)
	p.Everywhere("/w/east/started?way=goal", nil)
}

// TestImportEverywhere looks at tables on their way in with axe, and takes one in.
func TestImportEverywhere(t *testing.T) {
	s := importing(t)
	root := s.enrol("root", everywhere)
	page := root.sendFile("/w/east/import", "calls.csv", calls, "type", "Call").wants(200)
	p := root.tab(t)
	p.Go(page.at)
	browsertest.Eval[bool](p, `(() => { for (const [n, to] of [["聊上了吗", "answered"], ["谈了啥", "note"]])
		document.querySelector('select[aria-label="Field of ' + n + '"]').value = to; return true; })()`)
	p.Click("button[value=map]")
	p.Click("button[value=start]")
	p.Says("#progress", "3 of 3 rows")
	p.Says("#progress", "Take it back")
	p.Walk(t)
	page = root.sendFile("/w/east/import", "calls.csv", calls, "type", "Call").wants(200)
	p.Everywhere(page.at, nil)
	p.Everywhere("/w/east/import", nil)
}
