package builder

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
)

// TestLogOfAnOlderPolicy: what a record refers to is called by its name, also where the policy has
// other types of records by now.
func TestLogOfAnOlderPolicy(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("ann", everywhere)
	key, _, err := s.access.Make(t.Context(), access.Key{Label: "t", Workspaces: []string{"*"},
		Verbs: access.Verbs()}, "test")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`{"type":"Rep","id":"li","name":"Li Na"}`,
		`{"type":"Customer","id":"c","name":"Blue Bakery","owner":"li"}`,
		`{"type":"Call","id":"a","customer":"c","rep":"li","answered":true,"note":"yes"}`,
	} {
		s.sendJSON("/v1/east/records", key, line).wants(200)
	}
	seen := func(seq string) {
		t.Helper()
		ann.get("/w/east/log/"+seq).wants(200, "Blue Bakery", "Li Na")
	}
	page := ann.get("/w/east/log").text
	seq := between(page[strings.Index(page, ">a<")-900:], `/w/east/log/`, `"`)
	seen(seq)
	ann.rewrite("event Absence {\n  rep Rep\n}\nevent Box {\n  rep Rep\n}\n" + ann.draftNow())
	ann.post("/w/east/publish", "do", "publish").wants(200, "It is in force.")
	seen(seq)
}
