package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
)

// TestShadow runs a policy beside the one in force: what it decides otherwise since it began is
// counted and told, nothing of it leaves, what it makes of records can be asked, and it ends or
// takes force.
func TestShadow(t *testing.T) {
	s := newSite(t)
	const at, records = "/v1/east/policy/shadow", "/v1/east/records"
	visit := func(id, n int) {
		t.Helper()
		s.want(200, s.call(s.all, "POST", records,
			fmt.Sprintf(`{"type":"Visit","id":"v%d","rep":"li","n":%d}`, id, n)))
	}
	s.want(200, s.call(s.all, "POST", records, `{"type":"Rep","id":"li","name":"Li"}`))
	visit(1, 6) // before it begins
	s.problem("no-candidate", s.call(s.all, "GET", at, ""))
	next := strings.NewReplacer("n >= 8", "n >= 5", "  name text?\n",
		"  name text?\n  seen int = count(Visit in 1d)\n").Replace(shop)
	s.want(200, s.call(s.all, "POST", at, publishing(t, next, api.Confirm{})))
	s.problem("exists", s.call(s.all, "POST", at, publishing(t, next, api.Confirm{})))
	visit(2, 6)
	visit(3, 2)
	x := get[api.Shadowed](s, at)
	if x.Differ != 1 || x.Differences != 1 || x.Decisions < 2 || len(x.Newest) != 1 ||
		len(x.Rules) != 1 || x.Rules[0].Name != "Big" || x.Rules[0].OnlyNew != 1 || x.Name != "test" ||
		!strings.Contains(string(x.First), "Visit/v2") {
		t.Errorf("beside: %+v, first %s", x, x.First)
	}
	if list := get[api.Tasks](s, "/v1/east/tasks?all=true").Tasks; len(list) != 0 {
		t.Errorf("a task of the shadow's is there: %+v", list)
	}
	state := get[api.State](s, at+"/state/Rep?expr=seen&expr=name")
	if len(state.Rows) != 1 || string(state.Rows[0].Values[0]) != "3" {
		t.Errorf("under it: %+v", state)
	}
	s.problem("wrong-question", s.call(s.all, "GET", at+"/state/Rep?expr=sum(Visit.n%20in%2070d)", ""))
	r := s.call(s.all, "DELETE", at, "")
	s.want(200, r)
	s.problem("no-candidate", s.call(s.all, "DELETE", at, ""))

	s.want(200, s.call(s.all, "POST", at, publishing(t, next, api.Confirm{})))
	var done api.Published
	if err := json.Unmarshal([]byte(s.call(s.all, "POST", at+"/promote", `{"why":"it does well"}`).body),
		&done); err != nil || done.Seq == 0 {
		t.Fatalf("promoted: %+v, %v", done, err)
	}
	list := get[api.Versions](s, "/v1/east/policy/versions").Versions
	if v := list[len(list)-1]; v.How != "promote" || v.Why != "it does well" || v.Hash != done.Hash {
		t.Errorf("the newest version: %+v", v)
	}
	s.problem("no-candidate", s.call(s.all, "GET", at, ""))
	if state := get[api.State](s, "/v1/east/state/Rep?expr=seen"); string(state.Rows[0].Values[0]) != "3" {
		t.Errorf("in force: %+v", state)
	}
}

// TestShadowsShowWholeRecords is not for those from whom something is hidden: a policy could be
// written to tell of it.
func TestShadowsShowWholeRecords(t *testing.T) {
	s := newSite(t)
	s.want(200, s.call(s.all, "POST", "/v1/east/policy/shadow", publishing(t, shop, api.Confirm{})))
	con := s.person("con", access.Grant{Role: access.RoleConsultant, Workspace: "east"})
	s.problem("not-allowed", s.as(con, "GET", "/v1/east/policy/shadow", ""))
}
