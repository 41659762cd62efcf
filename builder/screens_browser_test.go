//go:build browser

package builder

import (
	"testing"

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

// TestWalkScreens goes through screens with the Tab key alone.
func TestWalkScreens(t *testing.T) {
	site := newDistributor(t, 2)
	p := site.person("luo", access.RoleManager, "Rep/m3").tab(t)
	for _, path := range []string{"health?in=Team/t3", "alerts", "reviews", "today"} {
		p.Go("/w/d/" + path)
		p.Walk(t)
	}
}
