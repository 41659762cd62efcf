package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
)

// leads has work that waits for people: visits to be reviewed, leads to be claimed.
const leads = `entity Rep {
  name    text?
  manager Rep?
}
entity Lead {
  name  text
  owner Rep?
  hot   bool?
}
event Visit {
  rep   Rep
  photo photo?
}
action Seen {
  on   Visit
  by   rep
  done true
  proof {
    shown has photo else review "no photo"
  }
}
allocate Lead.owner to Rep {
  where  hot and candidate.name == "Li"
  accept within 4h
  else   pool for 3d
}
`

func TestQueues(t *testing.T) {
	s := newSite(t)
	s.want(200, s.call(s.all, "POST", "/v1/-/workspaces", create("leads", leads)))
	submit := func(session string, status int, lines ...string) string {
		t.Helper()
		body := "[" + strings.Join(lines, ",") + "]"
		if session == "" {
			return s.want(status, s.call(s.all, "POST", "/v1/leads/records", body)).body
		}
		return s.want(status, s.as(session, "POST", "/v1/leads/records", body)).body
	}
	out := submit("", 200, `{"type":"Rep","id":"wang"}`, `{"type":"Rep","id":"li","name":"Li","manager":"wang"}`,
		`{"type":"Rep","id":"wu"}`, `{"type":"Visit","id":"v1","rep":"li"}`,
		`{"type":"Visit","id":"v2","rep":"wu"}`, `{"type":"Lead","id":"l1","name":"cold"}`,
		`{"type":"Lead","id":"l2","name":"hot","hot":true}`)
	li := s.person("li", access.Grant{Role: access.RoleRep, Workspace: "leads", As: "Rep/li"})
	wang := s.person("wang", access.Grant{Role: access.RoleManager, Workspace: "leads", As: "Rep/wang"})
	chen := s.person("chen", access.Grant{Role: access.RoleRep, Workspace: "leads", As: "Nobody/chen"})
	reviews := func(session string) (out []string) {
		t.Helper()
		for _, r := range jsonAs[api.Reviews](s, session, "/v1/leads/reviews").Reviews {
			out = append(out, r.Record+" "+r.Person+" "+r.Rule)
		}
		return out
	}
	const one, two = "Visit/v1 Rep/li Seen.proof.shown", "Visit/v2 Rep/wu Seen.proof.shown"
	for _, c := range []struct {
		name, session string
		want          []string
	}{
		{"all", "", []string{one, two}}, {"li", li, []string{one}}, {"wang", wang, []string{one}},
		{"chen", chen, nil},
	} {
		if got := reviews(c.session); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s reviews %q", c.name, got)
		}
	}
	if few := get[api.Reviews](s, "/v1/leads/reviews?limit=1"); len(few.Reviews) != 1 || few.All != 2 {
		t.Errorf("one of two: %+v", few)
	}
	review := func(visit, by string) string {
		return fmt.Sprintf(`{"type":"Review","id":"r-%s","record":"Visit/%s","verdict":"pass","by":%q}`,
			visit, visit, by)
	}
	submit(li, 403, review("v1", "li"))
	submit(wang, 403, review("v2", "wang"))
	submit(wang, 403, review("v1", "li")) // for somebody else
	submit(wang, 200, review("v1", "wang"))
	if got := reviews(""); fmt.Sprint(got) != fmt.Sprint([]string{two}) {
		t.Errorf("after a review: %q", got)
	}

	phases := func(session string) (out []string) {
		t.Helper()
		for _, h := range jsonAs[api.Pool](s, session, "/v1/leads/pool").Records {
			out = append(out, strings.TrimSpace(h.Record+" "+h.Phase+" "+h.To))
		}
		return out
	}
	offered := phases("")
	if len(offered) != 2 || offered[0] != "Lead/l1 pool" ||
		!strings.HasPrefix(offered[1], "Lead/l2 offered Rep/li") {
		t.Fatalf("pool: %q after %s", offered, out)
	}
	if got := phases(chen); len(got) != 0 {
		t.Errorf("who sees nothing sees %q", got)
	}
	wu := s.person("wu", access.Grant{Role: access.RoleRep, Workspace: "leads", As: "Rep/wu"})
	for session, want := range map[string][]string{li: offered, wang: offered, wu: offered[:1]} {
		if got := phases(session); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("offers: %q, not %q", got, want)
		}
	}
	claim := func(by string) string {
		return `{"type":"Claim","id":"c-` + by + `","record":"Lead/l2","by":"` + by + `"}`
	}
	submit(wu, 403, claim("li"))
	submit(li, 200, `{"type":"Accept","id":"a1","record":"Lead/l2","by":"li"}`)
	if got := phases(""); len(got) != 1 {
		t.Errorf("after it was accepted: %q", got)
	}
}

// jsonAs decodes an answer to somebody; "": to a key that may do everything.
func jsonAs[T any](s *site, session, path string) T {
	s.t.Helper()
	if session == "" {
		return get[T](s, path)
	}
	return decode[T](s, s.want(200, s.as(session, "GET", path, "")))
}
