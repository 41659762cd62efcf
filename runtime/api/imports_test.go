package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/ingest"
	"github.com/throughline/throughline/runtime/intake"
)

// tableRoutes holds what the routes of tables take.
var tableRoutes = map[string]string{
	"POST /v1/{workspace}/imports":                  "submit of all",
	"GET /v1/{workspace}/imports":                   "submit of all",
	"GET /v1/{workspace}/imports/{import}":          "submit of all",
	"PUT /v1/{workspace}/imports/{import}":          "submit of all",
	"POST /v1/{workspace}/imports/{import}/start":   "submit of all",
	"POST /v1/{workspace}/imports/{import}/cancel":  "submit of all",
	"POST /v1/{workspace}/imports/{import}/undo":    "submit of all",
	"GET /v1/{workspace}/imports/{import}/returned": "submit of all",
	"GET /v1/{workspace}/hooks":                     "admin",
	"PUT /v1/{workspace}/hooks/{hook}":              "admin",
	"DELETE /v1/{workspace}/hooks/{hook}":           "admin",
	"POST /v1/{workspace}/hooks/{hook}":             "anyone",
	"GET /v1/{workspace}/mappings":                  "submit of all",
	"PUT /v1/{workspace}/mappings/{name}":           "submit of all",
	"DELETE /v1/{workspace}/mappings/{name}":        "submit of all",
}

// table sends a table as an administrator does.
func (s *site) table(query, name, text string) reply {
	s.t.Helper()
	body, typ := form(s.t, name, text)
	return s.call(s.all, "POST", "/v1/east/imports"+query, body, "Content-Type", typ,
		"Accept-Language", "zh")
}

func (s *site) post(path string) intake.Job {
	s.t.Helper()
	return decode[intake.Job](s, s.want(200, s.call(s.all, "POST", path, "")))
}

// ended waits for an import that runs.
func (s *site) ended(id string) intake.Job {
	s.t.Helper()
	for {
		j := get[intake.Job](s, "/v1/east/imports/"+id)
		if j.State != intake.Running && j.State != intake.Undoing {
			return j
		}
		time.Sleep(time.Millisecond)
	}
}

// TestATableComesInAndGoesBack takes a table from its upload to its being taken back.
func TestATableComesInAndGoesBack(t *testing.T) {
	s := newSite(t)
	text := "日期,rep,n\n2026-03-02,li,3\n2026-03-03,li,many\n2026-03-04,wu,5\n"
	x := decode[api.Import](s, s.want(200, s.table("?type=Visit", "拜访.csv", text)))
	if x.State != intake.Ready || x.Report.Rows != 3 || x.Report.Refused != 1 || len(x.Columns) != 3 ||
		x.Columns[0].Field != "at" || x.Columns[0].Confidence < 0.85 || len(x.Report.Problems) != 1 ||
		x.Report.Problems[0].Examples[0].Row != 3 {
		t.Fatalf("%+v %+v", x, x.Report)
	}
	if n := len(get[api.Page](s, "/v1/east/decisions").Decisions); n > 1 {
		t.Fatal("something was taken in before it was begun")
	}
	at := "/v1/east/imports/" + x.ID
	s.problem("other-state", s.call(s.all, "POST", at+"/undo", ""))
	s.want(204, s.call(s.all, "PUT", "/v1/east/mappings/visits", jsonText("text", x.Mapping)))
	if list := get[api.Mappings](s, "/v1/east/mappings").Mappings; len(list) != 1 || list[0].Text != x.Mapping {
		t.Errorf("%+v", list)
	}
	again := decode[api.Import](s, s.want(200, s.call(s.all, "PUT", at, `{"name":"visits"}`)))
	if again.Report.Refused != 1 || again.Columns != nil {
		t.Errorf("%+v", again)
	}
	s.post(at + "/start")
	if j := s.ended(x.ID); j.State != intake.Done || fmt.Sprint(j.Counts) != "map[accepted:2 rejected:1]" {
		t.Fatalf("%+v", j)
	}
	s.problem("other-state", s.call(s.all, "POST", at+"/start", ""))
	s.problem("other-state", s.call(s.all, "POST", at+"/cancel", ""))
	r := s.want(200, s.call(s.all, "GET", at+"/returned", ""))
	back, err := ingest.Read("x.xlsx", []byte(r.body), ingest.Options{})
	if err != nil || len(back.Rows) != 1 || back.Rows[0].Cells[2] != "many" || back.Header[3] != "原因" ||
		back.Rows[0].Cells[3] == "" ||
		!strings.Contains(r.header.Get("Content-Disposition"), "returned.xlsx") {
		t.Errorf("%+v %v %v", back, err, r.header)
	}
	csv := s.want(200, s.call(s.all, "GET", at+"/returned?as=csv", "")).body
	if !strings.Contains(csv, "2026-03-03,li,many,") || strings.Contains(csv, "wu") {
		t.Error(csv)
	}
	s.post(at + "/undo")
	if j := s.ended(x.ID); j.State != intake.Undone || j.Undo.Back != 2 {
		t.Errorf("%+v", j)
	}
	s.submit(`{"type":"Rep","id":"li","name":"Li"}`)
	st := get[api.State](s, "/v1/east/state/Rep/li?expr=count(Visit)")
	if string(st.Rows[0].Values[0]) != "0" {
		t.Errorf("%s", st.Rows[0].Values)
	}
	if list := get[api.Imports](s, "/v1/east/imports").Imports; len(list) != 1 || list[0].ID != x.ID {
		t.Errorf("%+v", list)
	}
	with := decode[api.Import](s, s.want(200, s.table("?mapping=visits", "b.csv", text)))
	if with.Report.Rows != 3 || with.Columns != nil {
		t.Errorf("%+v", with)
	}
	s.want(204, s.call(s.all, "DELETE", "/v1/east/mappings/visits", ""))
	s.problem("unknown-mapping", s.table("?mapping=visits", "b.csv", text))
}

func jsonText(key, text string) string {
	b, _ := json.Marshal(map[string]string{key: text}) // texts are always written
	return string(b)
}

// TestWrongTables sends what is no table.
func TestWrongTables(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct{ query, name, text, code string }{
		{"", "a.pdf", "x", "wrong-table"},
		{"", "a.xlsx", "PK\x03\x04 no workbook", "wrong-table"},
		{"", "../../a.csv", "", "wrong-table"},
		{"?type=Nothing", "a.csv", "n,rep\n1,li\n", "wrong-table"},
		{"", "a.csv", "x,y\n1,2\n", "wrong-table"},
		{"?mapping=../x", "a.csv", "n,rep\n1,li\n", "unknown-mapping"},
	} {
		p := s.problem(c.code, s.table(c.query, c.name, c.text))
		if p.Status >= 500 || p.Detail == "" && c.code == "wrong-table" {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
	for _, id := range []string{"none", "..", "20260302-000000-00000000"} {
		s.problem("unknown-import", s.call(s.all, "GET", "/v1/east/imports/"+strings.ReplaceAll(id, ".", "%2e"), ""))
	}
	x := decode[api.Import](s, s.want(200, s.table("?type=Visit", "a.csv", "n,rep\n1,li\n")))
	s.problem("wrong-table", s.call(s.all, "PUT", "/v1/east/imports/"+x.ID, `{"mapping":"type ="}`))
	s.problem("unknown-mapping", s.call(s.all, "PUT", "/v1/east/mappings/%2e%2e", `{"text":"type = \"Visit\""}`))
}
