package api_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
)

// sales is a policy whose records belong to people: li and wu, below wang, and chen, below nobody.
const sales = `entity Rep {
  name    text
  manager Rep?
  salary  money?
}
entity Customer {
  name  text
  owner Rep?
  phone text? personal for "calls"
  size  int?
}
entity Contact {
  customer Customer
  name     text
}
entity Product {
  name text
}
event Visit {
  rep      Rep
  customer Customer
  product  Product?
  note     text
  n        int
}
score Heat of Visit {
  n 100% = scale(n, 0, 10)
}
rule Big on Visit {
  when n >= 8
  do {
    task "look at {note} of {customer} {customer.phone}" for rep due 1d
    notify rep.manager "{rep.name} had {n}: {note}"
    note "was {note}"
  }
}
rule Rich on Customer {
  when size > 100 and phone != "none"
  do { task "call {phone}" for owner due 1d }
}
alert Busy of Rep {
  when sum(Visit.n in 1h) >= 8
  do { notify self "busy" }
}
metric Noted of Visit {
  value max(n)
  by    rep, rep.name, customer.phone, customer
}
segment Large of Customer {
  when size > 100
}
`

// salesRecords hold words that show whose they are: those of li begin with Li.
var salesRecords = []string{
	`{"type":"Rep","id":"wang","name":"WangName","salary":98765432}`,
	`{"type":"Rep","id":"li","name":"LiName","manager":"wang","salary":100}`,
	`{"type":"Rep","id":"wu","name":"WuName","manager":"wang","salary":87654321}`,
	`{"type":"Rep","id":"chen","name":"ChenName","salary":76543210}`,
	`{"type":"Product","id":"pump","name":"Pump"}`,
	`{"type":"Customer","id":"c-li","name":"LiCustomer","owner":"li","phone":"LiPhone","size":200}`,
	`{"type":"Customer","id":"c-wu","name":"WuCustomer","owner":"wu","phone":"WuPhone","size":300}`,
	`{"type":"Customer","id":"c-chen","name":"ChenCustomer","owner":"chen","phone":"ChenPhone","size":400}`,
	`{"type":"Contact","id":"k-li","name":"LiContact","customer":"c-li"}`,
	`{"type":"Contact","id":"k-wu","name":"WuContact","customer":"c-wu"}`,
	`{"type":"Contact","id":"k-chen","name":"ChenContact","customer":"c-chen"}`,
	`{"type":"Visit","id":"v-li","rep":"li","customer":"c-li","product":"pump","note":"LiNote","n":9}`,
	`{"type":"Visit","id":"v-wu","rep":"wu","customer":"c-wu","product":"pump","note":"WuNote","n":9}`,
	`{"type":"Visit","id":"v-chen","rep":"chen","customer":"c-chen","product":"pump","note":"ChenNote","n":9}`,
}

func newSales(t *testing.T) (*site, map[string]string) {
	s := newSite(t)
	s.want(200, s.call(s.all, "POST", "/v1/-/workspaces", create("sales", sales)))
	out := s.want(200, s.call(s.all, "POST", "/v1/sales/records",
		"["+strings.Join(salesRecords, ",")+"]")).body
	if strings.Count(out, `"accepted"`) != len(salesRecords) {
		t.Fatal(out)
	}
	grant := func(login string, r access.Role, as string) string {
		return s.person(login, access.Grant{Role: r, Workspace: "sales", As: as})
	}
	return s, map[string]string{
		"li":   grant("li", access.RoleRep, "Rep/li"),
		"wang": grant("wang", access.RoleManager, "Rep/wang"),
		"cat":  grant("cat", access.RoleConsultant, ""),
		"gone": grant("gone", access.RoleRep, "Rep/nobody"),
		"lost": grant("lost", access.RoleManager, "Nothing/li"),
		"amy":  grant("amy", access.RoleAuthor, ""),
	}
}

// TestEveryAnswerIsFiltered asks every question that the description has, about everybody's
// records, and looks for words of those that are not seen. A new route is asked as well.
func TestEveryAnswerIsFiltered(t *testing.T) {
	s, people := newSales(t)
	var questions []string
	s.each(func(method, path string) {
		if method == "GET" && strings.HasPrefix(path, "/v1/{workspace}/") {
			questions = append(questions, ask(path)...)
		}
	})
	for _, c := range []struct {
		who    string
		sees   []string // somewhere
		unseen []string // nowhere
	}{
		{"li", []string{"LiCustomer", "LiContact", "LiNote", "LiPhone", "Pump", "look at LiNote"},
			[]string{"Wu", "Chen", "Wang", "c-wu", "v-wu", "chen", "98765432", "87654321", "76543210"}},
		{"wang", []string{"LiCustomer", "WuContact", "WuNote", "LiName had 9", "WuPhone"},
			[]string{"Chen", "chen"}},
		{"cat", []string{"LiCustomer", "ChenNote", "Heat"}, []string{"Phone"}},
		{"gone", []string{"Pump"}, []string{"Li", "Wu", "Chen", "Wang", "c-li", "c-wu"}},
		{"lost", nil, []string{"Li", "Wu", "Chen", "Wang", "c-li", "c-wu"}},
		{"amy", []string{"LiPhone", "ChenPhone", "ChenNote"}, nil},
	} {
		var all strings.Builder
		for _, q := range questions {
			body := ""
			if strings.Contains(q, "/feed") {
				body = s.heard(people[c.who], q)
			} else {
				body = s.as(people[c.who], "GET", q, "").body
			}
			all.WriteString(body)
			if strings.HasSuffix(q, "/policy") {
				continue // the rules are for everybody who is judged by them
			}
			if strings.Contains(body, `"payload":`) && c.who != "amy" { // it is coded
				t.Errorf("%s is shown what came at %s", c.who, q)
			}
			body = sums.ReplaceAllString(body, "")
			body = strings.ReplaceAll(body, q[strings.LastIndexByte(q, '/')+1:], "") // what was asked
			for _, word := range c.unseen {
				if i := strings.Index(body, word); i >= 0 {
					t.Errorf("%s sees %s at %s: …%s…", c.who, word, q,
						body[max(0, i-80):min(len(body), i+80)])
				}
			}
		}
		for _, word := range c.sees {
			if !strings.Contains(all.String(), word) {
				t.Errorf("%s does not see %s", c.who, word)
			}
		}
	}
}

// sums are hashes and signatures as texts, which may have any short word in them.
var sums = regexp.MustCompile(`[A-Za-z0-9+/]{40,}=*`)

// ask fills a route in with everything that may be asked of it.
func ask(path string) (out []string) {
	path = strings.ReplaceAll(path, "{workspace}", "sales")
	switch {
	case strings.HasSuffix(path, "/feed"):
		return []string{path + "?after=0"}
	case strings.Contains(path, "{seq}"):
		for seq := range 30 {
			out = append(out, strings.ReplaceAll(path, "{seq}", fmt.Sprint(seq+1)))
		}
		if strings.Contains(path, "/proofs/") {
			out = append(out, strings.ReplaceAll(path, "{seq}", "3?show=true"))
		}
		return out
	case strings.HasSuffix(path, "/decisions"):
		return []string{path + "?limit=1000", path + "?limit=3&after=9"}
	case strings.HasSuffix(path, "/metrics/{name}"):
		for _, by := range []string{"", "?by=rep", "?by=name", "?by=phone", "?by=rep&by=name",
			"?by=customer"} {
			out = append(out, strings.ReplaceAll(path, "{name}", "Noted")+by)
		}
		return out
	case strings.HasSuffix(path, "/tasks"):
		return []string{path + "?all=true", path + "?for=chen"}
	case !strings.Contains(path, "{type}"):
		return []string{path}
	}
	typed := map[string][]string{"Rep": {"li", "wu", "chen", "wang"},
		"Customer": {"c-li", "c-wu", "c-chen"}, "Contact": {"k-li", "k-wu", "k-chen"},
		"Visit": {"v-li", "v-wu", "v-chen"}, "Product": {"pump"}, "Task": {"1"}, "Alert": nil,
		"Finding": nil, "Workspace": {""}, "Suggestion": nil, "Assignment": nil}
	exprs := map[string][]string{
		"Rep":      {"name", "salary", "manager.salary", "max(Visit.n)", "rank(salary)"},
		"Customer": {"name", "phone", "owner.name", "owner.salary", "last(Visit.note)"},
		"Contact":  {"customer.name", "customer.owner.salary", "customer.phone"},
		"Product": {"count(Visit)", "max(Visit.n of workspace)", "last(Visit.customer.phone)",
			"count(Visit where rep.salary > 250)"},
		"Task": {"text", "about"}, "Workspace": {"count(Visit)"},
	}
	for typ, ids := range typed {
		of := strings.ReplaceAll(path, "{type}", typ)
		if strings.Contains(of, "{id}") {
			for _, id := range ids {
				out = append(out, strings.ReplaceAll(of, "{id}", id))
			}
			continue
		}
		out = append(out, of)
		for _, x := range exprs[typ] {
			out = append(out, of+"?expr="+strings.ReplaceAll(x, " ", "+"))
		}
	}
	return out
}

// heard is what a feed has told when a marker of one's own has come by: one that everybody sees.
func (s *site) heard(session, path string) string {
	s.t.Helper()
	x := s.listenAs(session, path)
	defer func() { _ = x.end() }()
	s.markers++
	id := fmt.Sprintf("mark%d", s.markers)
	s.want(200, s.call(s.all, "POST", "/v1/sales/records",
		fmt.Sprintf(`{"type":"Product","id":%q,"name":"M"}`, id)))
	var all strings.Builder
	for {
		at, data := x.next()
		all.WriteString(at + " " + data + "\n")
		if strings.Contains(data, id) || s.blind(session) && strings.Contains(data, `"record":null`) {
			return all.String()
		}
	}
}

// blind reports whether somebody sees no record at all, so that nothing but the policy's being put
// in force is told.
func (s *site) blind(session string) bool {
	return s.as(session, "GET", "/v1/sales/state/Product/pump", "").status != 200
}

func TestWhoSeesAPartSubmitsAPart(t *testing.T) {
	s, people := newSales(t)
	for _, c := range []struct {
		who, line string
		may       bool
	}{
		{"li", `{"type":"Visit","id":"a1","rep":"li","customer":"c-li","note":"x","n":1}`, true},
		{"li", `{"type":"Visit","id":"a2","rep":"wu","customer":"c-li","note":"x","n":1}`, false},
		{"li", `{"type":"Visit","id":"a3","rep":"wu","customer":"c-wu","note":"x","n":1}`, false},
		{"li", `{"type":"Customer","id":"new","name":"x","owner":"li"}`, true},
		{"li", `{"type":"Customer","id":"new2","name":"x","owner":"wu"}`, false},
		{"li", `{"type":"Customer","id":"new3","name":"x"}`, false},
		{"li", `{"type":"Customer","id":"c-li","size":7}`, true},
		{"li", `{"type":"Customer","id":"c-li","owner":"wu"}`, false},
		{"li", `{"type":"Customer","id":"c-wu","name":"x","owner":"li"}`, false},
		{"li", `{"type":"Customer","id":"c-li","deleted":true}`, false},
		{"li", `{"type":"Contact","id":"n1","customer":"c-li","name":"x"}`, true},
		{"li", `{"type":"Contact","id":"n2","customer":"c-wu","name":"x"}`, false},
		{"li", `{"type":"Contact","id":"k-wu","customer":"c-li","name":"x"}`, false},
		{"li", `{"type":"Rep","id":"li","name":"x"}`, false},
		{"li", `{"type":"Product","id":"pump","name":"x"}`, false},
		{"li", `{"type":"Pause","id":"p1","rule":"Big","by":"li","why":"x"}`, false},
		{"li", `{"type":"Waive","id":"w1","rule":"Big","until":"2030-01-01","by":"li","why":"x"}`, false},
		{"li", `{"type":"Review","id":"r1","record":"Visit/v-li","verdict":"pass","by":"li"}`, false},
		{"li", `{"type":"Away","id":"y1","who":"li","from":"2030-01-01","until":"2030-01-02"}`, false},
		{"li", `{"type":"Task","id":"t1"}`, false},
		{"li", `{"type":"Unknown","id":"u1"}`, false},
		{"li", `7`, false},
		{"wang", `{"type":"Visit","id":"b1","rep":"wu","customer":"c-wu","note":"x","n":1}`, true},
		{"wang", `{"type":"Visit","id":"b2","rep":"chen","customer":"c-wu","note":"x","n":1}`, false},
		{"wang", `{"type":"Customer","id":"c-li","owner":"wu"}`, true},
		{"wang", `{"type":"Customer","id":"c-li","owner":"chen"}`, false},
		{"wang", `{"type":"Customer","id":"c-chen","owner":"wang"}`, false},
		{"wang", `{"type":"Rep","id":"chen","name":"x","manager":"wang"}`, false},
		{"wang", `{"type":"Away","id":"y2","who":"wu","from":"2030-01-01","until":"2030-01-02"}`, true},
		{"wang", `{"type":"Away","id":"y3","who":"chen","from":"2030-01-01","until":"2030-01-02"}`, false},
		{"gone", `{"type":"Customer","id":"new4","name":"x","owner":"li"}`, false},
		{"lost", `{"type":"Product","id":"new5","name":"x"}`, false},
	} {
		r := s.as(people[c.who], "POST", "/v1/sales/records", c.line)
		if may := r.status == 200; may != c.may || !may && r.status != 403 {
			t.Errorf("%s submits %s: %d %s", c.who, c.line, r.status, r.body)
		}
		stream := s.call("", "POST", "/v1/sales/records", c.line+"\n", "Cookie", "thru="+people[c.who],
			"Content-Type", "application/x-ndjson")
		if strings.Contains(stream.body, `"not-allowed"`) == c.may {
			t.Errorf("%s streams %s: %s", c.who, c.line, stream.body)
		}
	}
	// One that is not theirs takes the others along.
	mixed := `[{"type":"Customer","id":"x1","name":"x","owner":"li"},` +
		`{"type":"Customer","id":"x2","name":"x","owner":"wu"}]`
	s.problem("not-allowed", s.as(people["li"], "POST", "/v1/sales/records", mixed))
	s.want(404, s.call(s.all, "GET", "/v1/sales/state/Customer/x1", ""))
}

func TestTasksAreDoneByWhoseTheyAre(t *testing.T) {
	s, people := newSales(t)
	id := map[string]string{}
	for _, x := range get[api.Tasks](s, "/v1/sales/tasks").Tasks {
		id[x.For] = x.Task
	}
	done := func(task, by string) string {
		b, _ := json.Marshal(map[string]string{"type": "Done", "id": "d" + task, "task": task, "by": by})
		return string(b)
	}
	s.want(403, s.as(people["li"], "POST", "/v1/sales/records", done(id["Rep/wu"], "li")))
	s.want(403, s.as(people["li"], "POST", "/v1/sales/records", done(id["Rep/li"], "wu")))
	if r := s.want(200, s.as(people["li"], "POST", "/v1/sales/records", done(id["Rep/li"], "li"))); !strings.Contains(r.body, `"accepted"`) {
		t.Error(r.body)
	}
}

func TestFieldsAreHiddenFromARole(t *testing.T) {
	s, people := newSales(t)
	s.want(200, s.as(people["amy"], "GET", "/v1/sales/state/Customer?expr=size", ""))
	hide := func(hidden bool) string {
		return fmt.Sprintf(`{"workspace":"sales","role":"author","field":"Customer.size","hidden":%v}`,
			hidden)
	}
	s.want(204, s.call(s.all, "PUT", "/v1/-/hidden", hide(true)))
	s.problem("wrong-question", s.as(people["amy"], "GET", "/v1/sales/state/Customer?expr=size", ""))
	s.problem("wrong-question", s.as(people["amy"], "GET", "/v1/sales/state/Customer?expr=size+%2B+1", ""))
	all := s.want(200, s.as(people["amy"], "GET", "/v1/sales/state/Customer/c-li", "")).body
	if strings.Contains(all, "200") || strings.Contains(all, `"size"`) {
		t.Errorf("hidden: %s", all)
	}
	if why := s.as(people["amy"], "GET", "/v1/sales/why/Customer/c-li", "").body; strings.Contains(why, "200") {
		t.Errorf("hidden, and explained: %s", why)
	}
	if got := get[api.Hidings](s, "/v1/-/hidden").Hidden; len(got) != 1 || !got[0].Hidden {
		t.Errorf("hidden: %+v", got)
	}
	s.want(204, s.call(s.all, "PUT", "/v1/-/hidden", hide(false)))
	s.want(200, s.as(people["amy"], "GET", "/v1/sales/state/Customer?expr=size", ""))
	acts := get[api.Acts](s, "/v1/-/acts?limit=1000").Acts
	if !slices.ContainsFunc(acts, func(a access.Noted) bool {
		return a.What == "FieldShown" && a.About == "Customer.size" && a.More == "author"
	}) {
		t.Errorf("acts: %+v", acts)
	}
}
