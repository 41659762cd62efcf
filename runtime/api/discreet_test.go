package api_test

import (
	"strings"
	"testing"
)

// TestPositionsOfWorkingTimeAlone holds that no answer and no byte of the log says where somebody was
// on a Sunday.
func TestPositionsOfWorkingTimeAlone(t *testing.T) {
	s := newSite(t)
	s.want(200, s.call(s.all, "POST", "/v1/-/workspaces", create("field", "entity Rep { name text? }\n"+
		"event Visit { rep Rep; place point? personal for \"working hours\"; note text? }\n")))
	visit := func(at, lat string) string {
		return `{"type":"Visit","id":"` + at + `","rep":"li","at":"` + at + `","place":[` + lat + `,121.5],"note":"x"}`
	}
	out := s.want(200, s.call(s.all, "POST", "/v1/field/records", "["+
		visit("2026-03-02T10:00:00+08:00", "31.111")+","+visit("2026-03-01T10:00:00+08:00", "31.222")+"]")).body
	s.want(200, s.call(s.all, "POST", "/v1/field/records", visit("2026-03-02T23:00:00+08:00", "31.333")+"\n",
		"Content-Type", "application/x-ndjson"))
	if strings.Count(out, `"accepted"`) != 2 {
		t.Fatal(out)
	}
	copied := s.want(200, s.call(s.all, "GET", "/v1/field/backup", "")).body
	if !strings.Contains(copied, "31.111") || strings.Contains(copied, "31.222") ||
		strings.Contains(copied, "31.333") {
		t.Error("the log holds other positions than those of working time")
	}
}
