package builder

import (
	"regexp"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
)

// TestHandedInTwice: what is handed in again by the same page is one record; when it was done is
// kept, unless that cannot be.
func TestHandedInTwice(t *testing.T) {
	s := newDistributor(t, 2)
	rep := s.person("deng", access.RoleRep, "Rep/r13")
	form := rep.get("/w/d/hand-in/Distribution").wants(200, "data-offline")
	id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(form.text)[1]
	shop := regexp.MustCompile(`<option value="(s[0-9]+)"`).FindStringSubmatch(form.text)[1]
	fields := []string{"id", id, "store", shop, "skus", "tea, cola, water", "price_tag", "true", "kept",
		"2026-11-28T16:05:00+08:00"}
	first := rep.post("/w/d/hand-in/Distribution", fields...).wants(200, "This was decided")
	first.follow(rep, "/log/[0-9]+").wants(200, "2026-11-28 16:05", id)
	again := rep.post("/w/d/hand-in/Distribution", fields...).wants(200).came("/w/d/today")
	if n := strings.Count(again.text, "This was decided"); n != 0 {
		t.Error("it was decided twice")
	}
	for _, kept := range []string{"2027-01-01T00:00:00Z", "2026-10-01T00:00:00Z", "yesterday"} {
		rep.post("/w/d/hand-in/Distribution", "id", "../../"+id, "store", shop, "price_tag", "true", "kept",
			kept).wants(200).follow(rep, "/log/[0-9]+").wants(200, "2026-11-29 ").lacks(kept, "..")
	}
	if g := rep.get("/sw.js"); g.status != 200 || !strings.Contains(g.text, "indexedDB") ||
		g.header.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("no service worker: %d %s", g.status, g.header)
	}
}

// TestPoolIsOnesOwn: a lead in the pool is shown to whoever may claim it, and to nobody else.
func TestPoolIsOnesOwn(t *testing.T) {
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
	var north *site // whoever of the region has not too much already
	for _, id := range []string{"r18", "r19", "r20", "r21", "r22", "r23"} {
		north = s.person(id, access.RoleRep, "Rep/"+id)
		if strings.Contains(north.get("/w/d/today").text, "Lone Shop") {
			break
		}
	}
	south := s.person("qian", access.RoleRep, "Rep/r8")
	south.get("/w/d/today").wants(200).lacks("Lone Shop")
	south.post("/w/d/today", "do", "claim", "record", "Lead/lone").wants(422)
	north.post("/w/d/today", "do", "claim", "record", "Lead/lone").wants(200, "accepted")
	north.get("/w/d/today").wants(200).lacks(`value="Lead/lone"`)
}
