package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/api"
)

// deals is a shop whose records are on a journey.
const deals = `entity Deal {
  size int?
}
event Call {
  deal Deal
  n    int
}
rule Long on Call {
  when n >= 8
  do { set deal.size = n }
}
journey Sale of Deal {
  stage Lead
  stage Demo
  stage Offer
  stage Won is won
  stage Lost is lost
}
`

// publishing is the body of a publication.
func publishing(t *testing.T, text string, c api.Confirm) string {
	t.Helper()
	b, err := json.Marshal(api.Files{Confirm: c,
		Files: []api.File{{Name: "p.thru", Text: text}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// toConfirm is what an answer says that there is to confirm.
func toConfirm(t *testing.T, r reply) *api.ToConfirm {
	t.Helper()
	var p api.Problem
	if err := json.Unmarshal([]byte(r.body), &p); err != nil || p.Code != "confirm" || p.Told == nil {
		t.Fatalf("not to be confirmed: %d %s", r.status, r.body)
	}
	return p.Told
}

// TestBudget holds a policy to how much of the last days it changes: over the budget it waits for
// somebody who knows the figure, and the entry keeps both.
func TestBudget(t *testing.T) {
	s := newSite(t)
	const at = "/v1/east/policy"
	var batch []string
	for i := range 150 {
		batch = append(batch, fmt.Sprintf(`{"type":"Visit","id":"v%d","rep":"li","n":%d}`, i, i%10))
	}
	s.want(200, s.call(s.all, "POST", "/v1/east/records", "["+strings.Join(batch, ",")+"]"))
	less := strings.Replace(shop, "n >= 8", "n >= 9", 1) // one visit in ten
	most := strings.Replace(shop, "n >= 8", "n >= 1", 1) // seven in ten
	s.want(200, s.call(s.all, "PUT", at, publishing(t, less, api.Confirm{})))
	refused := s.call(s.all, "PUT", at, publishing(t, most, api.Confirm{}))
	told := toConfirm(t, refused)
	if told.Blast == nil || told.Blast.Differ < 110 || told.Blast.Differ > 130 || !told.Blast.Over ||
		told.Confirm.Differ != told.Blast.Differ || !strings.Contains(refused.body, "of the last 30 days") {
		t.Errorf("told: %s", refused.body)
	}
	toConfirm(t, s.call(s.all, "PUT", at, publishing(t, most, api.Confirm{Differ: 50})))
	s.want(200, s.call(s.all, "PUT", at, publishing(t, most, told.Confirm)))
	list := get[api.Versions](s, at+"/versions").Versions
	if b := list[1].Blast; b == nil || b.Over || b.Confirmed || b.Percent < 5 || b.Percent > 15 {
		t.Errorf("within the budget: %+v", b)
	}
	if b := list[2].Blast; b == nil || !b.Over || !b.Confirmed || b.Differ != told.Blast.Differ {
		t.Errorf("confirmed: %+v", b)
	}
	// Going back waits for nothing.
	s.want(200, s.call(s.all, "POST", at+"/rollback", `{"hash":"`+list[0].Hash+`"}`))

	s.want(200, s.call(s.all, "PUT", at+"/budget", `{"days":7,"percent":100,"decisions":5,"least":0}`))
	if b := get[api.Budget](s, at+"/budget"); b.Decisions != 5 || b.Days != 7 {
		t.Errorf("budget: %+v", b)
	}
	toConfirm(t, s.call(s.all, "PUT", at, publishing(t, less, api.Confirm{})))
	s.want(200, s.call(s.all, "PUT", at+"/budget", `{"days":7,"percent":100,"least":0,"off":true}`))
	s.want(200, s.call(s.all, "PUT", at, publishing(t, most, api.Confirm{})))
}

// TestPlan tells what becomes of open deals before a policy takes force: who stays, who moves, and
// who would begin anew, which takes somebody who wants that.
func TestPlan(t *testing.T) {
	s := newSite(t)
	const at = "/v1/east/policy"
	s.want(200, s.call(s.all, "PUT", at, publishing(t, deals, api.Confirm{})))
	for i, stage := range []string{"Lead", "Lead", "Demo", "Offer", "Won"} {
		s.want(200, s.call(s.all, "POST", "/v1/east/records",
			fmt.Sprintf(`{"type":"Deal","id":"d%d","stage":"Lead"}`, i)))
		if stage != "Lead" {
			s.want(200, s.call(s.all, "POST", "/v1/east/records",
				fmt.Sprintf(`{"type":"Deal","id":"d%d","stage":%q}`, i, stage)))
		}
	}
	next := strings.Replace(deals, "  stage Demo\n  stage Offer\n", "  stage Trial was Demo\n", 1)
	r := s.call(s.all, "POST", at+"/plan", publishing(t, next, api.Confirm{}))
	var plan api.Plan
	if err := json.Unmarshal([]byte(r.body), &plan); err != nil {
		t.Fatal(err)
	}
	if plan.Stays != 2 || plan.Moves != 1 || plan.Stranded != 1 || strings.Join(plan.Who, " ") != "Deal/d3" {
		t.Errorf("plan: %s", r.body)
	}
	told := toConfirm(t, s.call(s.all, "PUT", at, publishing(t, next, api.Confirm{})))
	if told.Confirm != (api.Confirm{Stranded: 1}) || told.Flight.Who[0] != "Deal/d3" {
		t.Errorf("told: %+v", told)
	}
	s.want(200, s.call(s.all, "PUT", at, publishing(t, next, told.Confirm)))
	list := get[api.Versions](s, at+"/versions").Versions
	if f := list[2].Flight; f == nil || f.Stranded != 1 || f.Moves != 1 {
		t.Errorf("the entry has %+v", f)
	}
	var stages []string
	for _, row := range get[api.State](s, "/v1/east/state/Deal?expr=stage").Rows {
		stages = append(stages, row.ID+" "+string(row.Values[0]))
	}
	if got := strings.Join(stages, ", "); got != `d0 "Lead", d1 "Lead", d2 "Trial", d3 "Lead", d4 "Won"` {
		t.Errorf("after it: %s", got)
	}
}
