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
	told := north.post("/w/d/today", "do", "claim", "record", "Lead/lone").
		wants(200, "accepted", " · Lone Shop<").lacks(" · lone<")
	north.zh(told.at).wants(200, " · Lone Shop<").lacks(" · lone<")
	told.follow(north, "/log/[0-9]+").wants(200, " · Lone Shop<")
	north.get("/w/d/today").wants(200).lacks(`value="Lead/lone"`)
}

// TestUnknownProof: what is missing to tell whether a proof holds is called as people call it.
func TestUnknownProof(t *testing.T) {
	s := newDistributor(t, 2)
	rep := s.person("qian", access.RoleRep, "Rep/r8")
	shop := between(rep.get("/w/d/hand-in/Distribution").text, `<option value="s`, `"`)
	told := rep.post("/w/d/hand-in/Distribution", "store", "s"+shop, "price_tag", "true", "skus",
		"A,B,C").wants(200, "Effective distribution · photo cannot be told: photo, taken of photo is missing").
		lacks("photo.taken", ".proof.")
	rep.zh(told.at).wants(200, "有效铺货 · 照片 无法判断：缺少 照片、照片的拍摄时间").
		lacks("photo.taken", ".proof.")
}

// TestUnknownIsNoAccusation: of a line of proof that cannot be told a reviewer reads what is missing,
// not what the policy says of those that do not hold.
func TestUnknownIsNoAccusation(t *testing.T) {
	s := newSite(t)
	s.workspaceOf("east", "entity Rep { name text? }\nevent Visit { rep Rep; shot photo? \"门头照\" en \"Shop front\" }\n"+
		"action Call \"拜访\" en \"Visit\" {\n  on Visit\n  by rep\n  done has rep\n  proof {\n"+
		"    shot shot.taken within 1h of at else review \"not of this visit\" zh \"不是这次拍的\" unknown review\n  }\n}\n")
	ann := s.enrol("ann", everywhere)
	key, _, err := s.access.Make(t.Context(), access.Key{Label: "t", Workspaces: []string{"*"},
		Verbs: access.Verbs()}, "test")
	if err != nil {
		t.Fatal(err)
	}
	s.sendJSON("/v1/east/records", key, `{"type":"Visit","id":"a","rep":"li"}`).wants(200)
	ann.get("/w/east/reviews").wants(200, "Visit · Shop front cannot be told: taken of Shop front is missing").
		lacks("not of this visit")
	ann.zh("/w/east/reviews").wants(200, "拜访 · 门头照 无法判断：缺少 门头照的拍摄时间").lacks("不是这次拍的")
}
