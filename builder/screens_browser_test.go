//go:build browser

package builder

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/throughline/throughline/builder/browsertest"
	"github.com/throughline/throughline/runtime/access"
)

// TestScreensEverywhere looks at the screens of steering and working with axe.
func TestScreensEverywhere(t *testing.T) {
	site := newDistributor(t, 5)
	admin := site.person("root", access.RoleAdmin, "")
	p := admin.tab(t)
	for _, path := range []string{"health", "health/Rep/r13/Distribution", "alerts",
		"alert?rule=LowQuality&of=r13", "reviews", "allocation", "log", "log/60", "record/Rep/r13"} {
		p.Everywhere("/w/d/"+path, nil)
	}
	rep := site.person("deng", access.RoleRep, "Rep/r13").tab(t)
	rep.Everywhere("/w/d/today", nil)
	rep.Everywhere("/w/d/hand-in/Distribution", nil)
}

// TestHandInFromAPhone: the position comes from the browser, and what was decided is told at once.
func TestHandInFromAPhone(t *testing.T) {
	site := newDistributor(t, 2)
	p := site.person("deng", access.RoleRep, "Rep/r13").tab(t)
	p.Phone()
	p.Go("/w/d/today")
	p.Click(`a[href$="/hand-in/Distribution"]`)
	p.Shows("select[name=store]")
	browsertest.Eval[bool](p, `(() => {
		navigator.geolocation.getCurrentPosition = (yes) =>
			yes({coords: {latitude: 30.57, longitude: 104.07, accuracy: 12.4}});
		const shop = document.querySelector("select[name=store]");
		shop.value = shop.options[1].value;
		return true; })()`)
	p.Click("[data-place] button")
	p.Says("[data-place] [role=status]", "exact to 12 m")
	p.Fill("input[name=skus]", "tea, cola, water")
	p.Click("input[name=price_tag]")
	p.Click("form.handin button.main")
	p.Says(".card.done", "accepted")
}

// TestFollowInBrowser: open pages show what changes, and keep what somebody is writing.
func TestFollowInBrowser(t *testing.T) {
	site := newDistributor(t, 2)
	boss := site.person("luo", access.RoleManager, "Rep/m3")
	root := site.person("root", access.RoleAdmin, "")
	health, reviews := boss.tab(t), root.tab(t)
	ready(health, "/w/d/health?in=Team/t3")
	health.Says("tr[id='heat.Rep.r13']", "3 of 2")
	health.Do(chromedp.Focus(chromedp.CSS("tr[id='heat.Rep.r13'] td:nth-of-type(3) a")))
	ready(reviews, "/w/d/reviews")
	waiting := browsertest.Eval[[]string](reviews,
		`[...document.querySelectorAll("form [name=record]")].map(i => i.value)`)
	if len(waiting) < 2 {
		t.Fatalf("%d records wait", len(waiting))
	}
	reviews.Fill(".review input[name=note]", "asked her")
	deng := site.person("deng", access.RoleRep, "Rep/r13")
	deal := option(deng.get("/w/d/hand-in/Talk").text, "opportunity")
	deng.post("/w/d/hand-in/Talk", "opportunity", deal, "note", "They want to see the shelf first.").
		wants(200, "It counts.")
	health.Says("tr[id='heat.Rep.r13']", "4 of 2")
	if at := browsertest.Eval[string](health, `document.activeElement.getAttribute("href")`); !strings.HasSuffix(at, "/Talk") {
		t.Errorf("the focus is on %q", at)
	}
	root.post("/w/d/reviews", "record", waiting[1], "verdict", "pass").wants(200)
	reviews.Wait(`!document.querySelector('[name=record][value="` + waiting[1] + `"]')`)
	if note := browsertest.Eval[string](reviews,
		`document.querySelector(".review input[name=note]").value`); note != "asked her" {
		t.Errorf("the note is %q", note)
	}
}

// TestWalkScreens goes through every screen of steering and working with the Tab key alone: what
// folds out is open, and what can be done there is reached.
func TestWalkScreens(t *testing.T) {
	site := newDistributor(t, 5)
	root := site.enrol("root", everywhere).tab(t)
	luo := site.person("luo", access.RoleManager, "Rep/m3").tab(t)
	deng := site.person("deng", access.RoleRep, "Rep/r13").tab(t)
	for _, c := range []struct {
		who   *browsertest.Page
		path  string
		wants []string
	}{
		{luo, "health?in=Team/t3", []string{"All teams", "Week of 2026-11-23", "Deng Kai"}},
		{luo, "health/Rep/r13/Distribution", []string{"Back to all", "Deng Kai"}},
		{luo, "alerts", []string{"Deng Kai"}},
		{luo, "alert?rule=LowQuality&of=r13", []string{"Done", "Figures"}},
		{root, "reviews", []string{"It is right", "Exempt for a time"}},
		{luo, "coaching", []string{"Deng Kai"}},
		{luo, "case?rule=LowQuality&of=r13", []string{"Add to it", "Sign"}},
		{root, "allocation", []string{"Try other weights"}},
		{root, "allocation/lab?days=30", nil},
		{root, "log", nil}, {root, "log/60", nil}, {root, "record/Rep/r13", nil},
		{root, "people", nil}, {root, "channels", nil}, {root, "import", nil}, {root, "start", nil},
		{deng, "today", []string{"Hand in"}},
		{deng, "hand-in/Distribution", []string{"Take my position", "Hand in"}},
	} {
		c.who.Go("/w/d/" + c.path)
		browsertest.Eval[bool](c.who, `document.querySelectorAll("details").forEach(d => d.open = true), true`)
		stops := strings.Join(c.who.Walk(t), "\n")
		for _, w := range c.wants {
			if !strings.Contains(stops, w) {
				t.Errorf("%s: %q is not reached:\n%s", c.path, w, stops)
			}
		}
	}
	root.Everywhere("/w/d/allocation", func() {
		browsertest.Eval[bool](root, `document.querySelectorAll("details").forEach(d => d.open = true), true`)
	})
}
