//go:build browser

package builder

import (
	"encoding/base64"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/throughline/throughline/builder/browsertest"
	"github.com/throughline/throughline/runtime/access"
)

// TestARepsDayOnAPhone is a rep's day on a phone, in Chinese: the list and why it is in that order,
// a lead claimed from the pool, a visit with photo and place and what it counted for at once, one
// more without a connection, which waits in sight and goes when the line is back. With THRU_SHOTS
// it leaves a picture of each step.
func TestARepsDayOnAPhone(t *testing.T) {
	s := newDistributor(t, 2)
	root := s.person("root", access.RoleAdmin, "")
	root.post("/w/d/allocation", "do", "pause", "rule", "Lead.owner", "until", "2026-12-04", "why", "x").
		wants(200)
	key, _, err := s.access.Make(t.Context(), access.Key{Label: "t", Workspaces: []string{"*"},
		Verbs: access.Verbs()}, "test")
	if err != nil {
		t.Fatal(err)
	}
	s.sendJSON("/v1/d/records", key,
		`{"type":"Lead","id":"lone","name":"Lone Shop","region":"North"}`).wants(200)
	var rep *site // whoever of the region has not too much already
	for _, id := range []string{"r18", "r19", "r20", "r21", "r22", "r23"} {
		rep = s.person(id, access.RoleRep, "Rep/"+id)
		if strings.Contains(rep.get("/w/d/today").text, "Lone Shop") {
			break
		}
	}
	p := rep.tab(t)
	p.Phone()
	p.Cookies(&http.Cookie{Name: "thru-lang", Value: "zh"})
	fits := func(what string) {
		t.Helper()
		if n := browsertest.Eval[int](p,
			`(e => e.scrollWidth - e.clientWidth)(document.documentElement)`); n > 0 {
			t.Errorf("%s is %d pixels wider than the phone", what, n)
		}
		p.Accessible(what)
		p.Shot("phone-" + what)
	}

	p.Cookies(&http.Cookie{Name: "thru-lang", Value: "en"})
	p.Go("/w/d/health")
	if !browsertest.Eval[bool](p, `(e => (e.textContent = "distributor", e.offsetHeight < 30 &&
		e.scrollWidth <= e.clientWidth))(document.querySelector(".top .where"))`) {
		t.Error("the name of the workspace has not room enough in the bar at the top")
	}
	fits("0-health")
	p.Cookies(&http.Cookie{Name: "thru-lang", Value: "zh"})
	p.Go("/w/d/today")
	p.Wait(`!!navigator.serviceWorker.controller`)
	without := browsertest.Eval[[]string](p, `[...document.querySelectorAll(".todo li")]
		.filter(e => !e.querySelector("small")?.textContent.trim()).map(e => e.textContent)`)
	if n := browsertest.Eval[int](p, `document.querySelectorAll(".todo li").length`); n < 4 ||
		len(without) > 0 {
		t.Errorf("%d things to do, without a reason: %q", n, without)
	}
	fits("1-today")

	p.Click(`form:has([value="Lead/lone"]) button`)
	p.Says(".card.done", "已接受")
	p.Wait(`!document.querySelector('[value="Lead/lone"]')`)
	fits("2-claimed")

	photo, err := os.ReadFile("../runtime/media/testdata/scene.webp")
	if err != nil {
		t.Fatal(err)
	}
	fill := func() {
		p.Click(`a[href$="/hand-in/Distribution"]`)
		p.Shows("select[name=store]")
		browsertest.Eval[bool](p, `(() => {
			navigator.geolocation.getCurrentPosition = (yes) =>
				yes({coords: {latitude: 39.9, longitude: 116.4, accuracy: 8}});
			const shop = document.querySelector("select[name=store]");
			shop.value = shop.options[1].value;
			const bytes = Uint8Array.from(atob("`+base64.StdEncoding.EncodeToString(photo)+`"),
				c => c.charCodeAt(0));
			const list = new DataTransfer();
			list.items.add(new File([bytes], "shelf.webp", {type: "image/webp"}));
			document.querySelector("input[name=photo]").files = list.files;
			return true; })()`)
		p.Click("[data-place] button")
		p.Says("[data-place] [role=status]", "8")
		p.Fill("input[name=skus]", "红茶，绿茶，矿泉水")
		p.Click("input[name=price_tag]")
	}
	fill()
	fits("3-visit")
	p.Click("form.handin button.main")
	p.Says(".card.done", "有效铺货")
	said := browsertest.Eval[string](p, `document.querySelector(".card.done").textContent`)
	for _, want := range []string{"500 米", "有效铺货 · 照片", "申请冰柜陈列补贴"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not told at once: %s", want, said)
		}
	}
	fits("4-feedback")

	p.Go("/w/d/hand-in/Distribution") // kept for when there is no line
	p.Go("/w/d/today")
	s.line.cut.Store(true)
	fill()
	p.Click("form.handin button.main")
	p.Says("#queue", "有效铺货")
	p.Wait(`!document.querySelector("#stale").hidden`)
	fits("5-offline")
	s.line.cut.Store(false)
	browsertest.Eval[bool](p, `(document.querySelector("[data-try]").click(), true)`)
	p.Shows("#queue [data-see]")
	p.Click("#queue [data-see]")
	p.Says(".card.done", "有效铺货")
	p.Wait(`document.querySelector("#queue").hidden`)
	fits("6-sent")
	sent := map[string]bool{}
	for _, id := range regexp.MustCompile(`>(page-[A-Z0-9]+)<`).
		FindAllString(root.get("/w/d/log").wants(200).text, -1) {
		sent[id] = true
	}
	if len(sent) < 2 {
		t.Errorf("the log has %d of the two visits", len(sent))
	}
	p.Forgive("net::ERR_EMPTY_RESPONSE")
	p.Forgive("WebSocket connection to")
}
