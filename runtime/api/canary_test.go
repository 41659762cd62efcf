package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/api"
)

// canary is the body that puts some under a policy.
func canary(t *testing.T, text string, some api.Some) string {
	t.Helper()
	b, err := json.Marshal(struct {
		Files []api.File `json:"files"`
		api.Some
	}{[]api.File{{Name: "p.thru", Text: text}}, some})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestCanary puts a share of people under a new rule: each of them is decided on by it and everybody
// else by the old one, both are counted, the log replays, and it ends either way at once.
func TestCanary(t *testing.T) {
	s := newSite(t)
	const at, records = "/v1/east/policy/canary", "/v1/east/records"
	before := get[api.Policy](s, "/v1/east/policy").Hash
	var reps, visits []string
	for i := range 60 {
		reps = append(reps, fmt.Sprintf(`{"type":"Rep","id":"r%d","name":"R"}`, i))
		visits = append(visits, fmt.Sprintf(`{"type":"Visit","id":"ID%d","rep":"r%d","n":6}`, i, i))
	}
	s.want(200, s.call(s.all, "POST", records, "["+strings.Join(reps, ",")+"]"))
	visit := func(round string) {
		t.Helper()
		s.want(200, s.call(s.all, "POST", records,
			strings.ReplaceAll("["+strings.Join(visits, ",")+"]", "ID", round)))
	}
	lower := strings.Replace(shop, "n >= 8", "n >= 5", 1)
	s.problem("no-candidate", s.call(s.all, "GET", at, ""))
	s.problem("wrong-policy", s.call(s.all, "POST", at, canary(t, strings.Replace(lower,
		"count(Visit in 1d) >= 1", "count(Visit in 1d) >= 2", 1), api.Some{Of: "Rep", Share: 30})))
	begun := s.want(200, s.call(s.all, "POST", at, canary(t, lower, api.Some{Of: "Rep", Share: 30})))
	s.problem("exists", s.call(s.all, "POST", at, canary(t, lower, api.Some{Of: "Rep", Share: 30})))
	var c api.Canary
	if err := json.Unmarshal([]byte(begun.body), &c); err != nil || c.Back != before {
		t.Fatalf("%s: %v", begun.body, err)
	}
	visit("a")
	x := get[api.Canaried](s, at)
	if x.Inside < 8 || x.Inside > 30 || x.Inside+x.Others != 60 || len(x.Sides) != 1 ||
		x.Sides[0] != (api.Side{Rule: "Big", Inside: api.Did{Effects: x.Inside, Subjects: x.Inside}}) {
		t.Errorf("both sides: %+v", x)
	}
	in := map[string]bool{}
	for _, row := range get[api.State](s, "/v1/east/state/Rep?expr="+c.Field).Rows {
		in[row.ID] = string(row.Values[0]) == "true"
	}
	tasks := get[api.Tasks](s, "/v1/east/tasks?all=true").Tasks
	for _, task := range tasks {
		if task.Rule != "BigCanary" || !in[strings.TrimPrefix(task.For, "Rep/")] {
			t.Errorf("a task of the others: %+v", task)
		}
	}
	if len(tasks) != x.Inside {
		t.Errorf("%d tasks for %d", len(tasks), x.Inside)
	}
	s.want(200, s.call(s.all, "DELETE", at, ""))
	if now := get[api.Policy](s, "/v1/east/policy").Hash; now != before {
		t.Errorf("stopped, and in force is %s", now)
	}
	visit("b")
	if n := len(get[api.Tasks](s, "/v1/east/tasks?all=true").Tasks); n != len(tasks) {
		t.Errorf("%d tasks after it was stopped", n)
	}
	// By a condition, and then for everybody.
	s.want(200, s.call(s.all, "POST", at, canary(t, lower, api.Some{Of: "Rep", When: `name == "X"`})))
	visit("c")
	if x := get[api.Canaried](s, at); x.Inside != 0 || x.Others != 60 || x.Sides[0].Inside.Effects != 0 {
		t.Errorf("nobody is called X: %+v", x)
	}
	refused := s.call(s.all, "POST", at+"/promote", `{}`) // all of Big's decisions would differ
	s.want(200, s.call(s.all, "POST", at+"/promote", fmt.Sprintf(`{"confirm":{"differ":%d}}`,
		toConfirm(t, refused).Confirm.Differ)))
	visit("d")
	if n := len(get[api.Tasks](s, "/v1/east/tasks?all=true").Tasks); n != len(tasks)+60 {
		t.Errorf("%d tasks after it is everybody's", n)
	}
	var how []string
	for _, v := range get[api.Versions](s, "/v1/east/policy/versions").Versions {
		how = append(how, v.How)
	}
	if got := strings.Join(how, " "); got != " canary stop canary promote" {
		t.Errorf("versions:%s", got)
	}
	s.want(200, s.call(s.all, "GET", "/v1/east/verify", ""))
}

// TestRollingBackEndsACanary goes back while some are under another policy, at once, and says that
// it is over.
func TestRollingBackEndsACanary(t *testing.T) {
	s := newSite(t)
	const at = "/v1/east/policy/canary"
	before := get[api.Policy](s, "/v1/east/policy").Hash
	lower := strings.Replace(shop, "n >= 8", "n >= 5", 1)
	s.want(200, s.call(s.all, "POST", at, canary(t, lower, api.Some{Of: "Rep", Share: 50})))
	s.want(200, s.call(s.all, "POST", "/v1/east/policy/rollback", `{"hash":"`+before+`"}`))
	if x := get[api.Canaried](s, at); !x.Over {
		t.Errorf("%+v", x)
	}
	s.want(200, s.call(s.all, "DELETE", at, ""))
	if now := get[api.Policy](s, "/v1/east/policy").Hash; now != before {
		t.Errorf("in force is %s", now)
	}
	s.problem("no-candidate", s.call(s.all, "GET", at, ""))
}
