package builder

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/deliver/channel"
	"github.com/throughline/throughline/runtime/looks"
)

const personalText = `entity Rep {
  name  text
}
entity Customer {
  name  text
  owner Rep
  phone text? personal for "calls"
}
event Visit {
  rep      Rep
  customer Customer
  note     text
}
action Calling "拜访" en "Visiting" {
  on    Visit
  by    rep
  about customer
  done  has note
  proof { said len(note) > 3 else review }
  target 3 per week
}
rule Every on Customer {
  when has phone
  do { task "call {phone}" for owner due 1d }
}
`

// TestPagesKeepWhoLooked: every page of a workspace that has something personal comes, and those
// that show some of it keep that they did, under their own paths.
func TestPagesKeepWhoLooked(t *testing.T) {
	s := siteTelling(t, func(context.Context, *channel.Sending) error { return nil })
	s.workspaceOf("w", personalText)
	w, leave, err := s.b.o.Host.Use(t.Context(), "w")
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	for _, line := range []string{`{"type":"Rep","id":"li","name":"Li"}`,
		`{"type":"Customer","id":"c","name":"Chen","owner":"li","phone":"139"}`,
		`{"type":"Visit","id":"v","rep":"li","customer":"c","note":"ok"}`} {
		if _, err := w.Submit(t.Context(), []byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	ann := s.enrol("ann", access.Grant{Role: access.RoleAdmin, Workspace: "*"})
	for _, page := range screens() {
		if !strings.Contains(page.Path, "{") {
			ann.get("/w/w/" + page.Path).wants(200)
		}
	}
	ann.get("/w/w/log/3").wants(200, "139")
	ann.get("/w/w/record/Customer/c").wants(200)
	list, _, err := s.looks.List("w", looks.Wanted{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]bool{}
	for _, l := range list {
		kept[l.Route] = true
		if !slices.Contains(l.Records, "Customer/c") {
			t.Errorf("%s: %q", l.Route, l.Records)
		}
	}
	for _, path := range []string{"log", "log/{seq}", "record/{type}/{id}", "today"} {
		if !kept["/w/{workspace}/"+path] {
			t.Errorf("%s is not kept: %v", path, kept)
		}
	}
}
