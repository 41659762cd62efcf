package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
)

// person makes somebody and lets them in, through a provider: a password takes time. They are asked
// for by cookie.
func (s *site) person(login string, grants ...access.Grant) string {
	s.t.Helper()
	mail := login + "@example.com"
	_, err := s.access.Enrol(s.t.Context(), access.Person{Login: login, Name: login, Email: mail,
		Grants: grants}, "", "test")
	if err != nil {
		s.t.Fatal(err)
	}
	token, _, err := s.access.Admit(s.t.Context(), "test "+login, mail)
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

// as is call for somebody who has come in.
func (s *site) as(session, method, path, body string) reply {
	s.t.Helper()
	return s.call("", method, path, body, "Cookie", "thru="+session)
}

// everyone is one of each role in east, and one administrator of everything.
func (s *site) everyone() map[string]string {
	east := func(r access.Role, as string) access.Grant {
		return access.Grant{Role: r, Workspace: "east", As: as}
	}
	return map[string]string{
		"admin":      s.person("ada", access.Grant{Role: access.RoleAdmin, Workspace: "*"}),
		"east admin": s.person("eve", east(access.RoleAdmin, "")),
		"author":     s.person("amy", east(access.RoleAuthor, "")),
		"tuner": s.person("tom", access.Grant{Role: access.RoleAuthor, Workspace: "east",
			Numbers: true}),
		"consultant": s.person("cat", east(access.RoleConsultant, "")),
		"manager":    s.person("wang", east(access.RoleManager, "Rep/wang")),
		"rep":        s.person("li", east(access.RoleRep, "Rep/li")),
		"auditor":    s.person("abe", access.Grant{Role: access.RoleAuditor, Workspace: "*"}),
		"nobody":     s.person("nat"),
	}
}

// allowed are the roles that a verb in east is open to; what is of the server itself, only those
// who are it everywhere.
func allowed(verbs string, server bool) (keys []access.Verb, roles []string) {
	of := map[string]string{
		"read":          "east admin,author,tuner,consultant,manager,rep,auditor",
		"submit":        "east admin,manager,rep",
		"submit of all": "east admin",
		"draft":         "east admin,author,tuner,consultant",
		"tune":          "east admin,author,tuner",
		"publish":       "east admin,author",
		"audit":         "east admin,auditor",
		"admin":         "east admin",
		"somebody":      "east admin,author,tuner,consultant,manager,rep,auditor,nobody",
	}
	roles = []string{"admin"}
	for _, verb := range strings.Split(verbs, "|") {
		keys = append(keys, access.Verb(strings.TrimSuffix(verb, " of all")))
		for _, r := range strings.Split(of[verb], ",") {
			if !server || r == "auditor" && verb == "audit" || verb == "somebody" {
				roles = append(roles, r)
			}
		}
	}
	if verbs == "somebody" {
		keys = access.Verbs()
	}
	return keys, roles
}

// routes holds what every route takes. One that has no row fails.
var routes = map[string]string{
	"POST /v1/{workspace}/records":                "submit",
	"POST /v1/{workspace}/files":                  "submit",
	"GET /v1/{workspace}/files":                   "read",
	"GET /v1/{workspace}/files/{sha256}":          "read",
	"GET /v1/{workspace}/backup/files":            "admin",
	"GET /v1/{workspace}/decisions":               "read",
	"GET /v1/{workspace}/decisions/{seq}":         "read",
	"GET /v1/{workspace}/decisions/{seq}/why":     "read",
	"GET /v1/{workspace}/why/{type}/{id}":         "read",
	"GET /v1/{workspace}/state/{type}":            "read",
	"GET /v1/{workspace}/state/{type}/{id}":       "read",
	"GET /v1/{workspace}/feed":                    "read",
	"GET /v1/{workspace}/metrics/{name}":          "read",
	"GET /v1/{workspace}/tasks":                   "read",
	"GET /v1/{workspace}/alerts":                  "read",
	"GET /v1/{workspace}/segments":                "read",
	"GET /v1/{workspace}/reviews":                 "read",
	"GET /v1/{workspace}/pool":                    "read",
	"GET /v1/{workspace}/verify":                  "read",
	"GET /v1/{workspace}/policy":                  "read",
	"GET /v1/{workspace}/policy/versions":         "read",
	"GET /v1/{workspace}/policy/versions/{seq}":   "read",
	"GET /v1/{workspace}/policy/budget":           "read",
	"PUT /v1/{workspace}/policy/budget":           "admin",
	"POST /v1/{workspace}/policy/plan":            "draft",
	"POST /v1/{workspace}/policy/check":           "draft",
	"POST /v1/{workspace}/policy/test":            "draft",
	"POST /v1/{workspace}/policy/diff":            "draft",
	"PUT /v1/{workspace}/policy":                  "publish|tune",
	"POST /v1/{workspace}/policy/rollback":        "publish|tune",
	"GET /v1/-/workspaces":                        "admin",
	"POST /v1/-/workspaces":                       "admin",
	"GET /v1/-/keys":                              "admin",
	"POST /v1/-/keys":                             "admin",
	"DELETE /v1/-/keys/{key}":                     "admin",
	"GET /v1/-/people":                            "admin",
	"POST /v1/-/people":                           "admin",
	"PUT /v1/-/people/{person}":                   "admin",
	"PUT /v1/-/people/{person}/password":          "admin",
	"GET /v1/-/hidden":                            "admin",
	"PUT /v1/-/hidden":                            "admin",
	"GET /v1/-/backup":                            "admin",
	"GET /v1/-/backup/beside":                     "admin",
	"GET /v1/{workspace}/backup":                  "admin",
	"GET /v1/{workspace}/channels":                "admin",
	"PUT /v1/{workspace}/channels/{channel}":      "admin",
	"DELETE /v1/{workspace}/channels/{channel}":   "admin",
	"POST /v1/{workspace}/channels/{channel}/try": "admin",
	"GET /v1/{workspace}/deliveries":              "admin",
	"POST /v1/{workspace}/deliveries/replay":      "admin",
	"POST /v1/{workspace}/deliveries/discard":     "admin",
	"GET /v1/{workspace}/nightly":                 "admin",
	"PUT /v1/{workspace}/nightly":                 "admin",
	"POST /v1/{workspace}/nightly":                "admin",
	"GET /v1/{workspace}/checkpoint":              "read",
	"GET /v1/{workspace}/proofs/growth":           "read",
	"GET /v1/{workspace}/proofs/entries/{seq}":    "read",
	"GET /v1/{workspace}/looks":                   "audit",
	"POST /v1/{workspace}/policy/backtest":        "draft",
	"GET /v1/-/metrics":                           "admin",
	"GET /v1/-/acts":                              "audit",
	"GET /v1/-/me":                                "somebody",
	"PUT /v1/-/me/password":                       "somebody",
	"POST /v1/-/logout":                           "somebody",
	"POST /v1/-/setup":                            "anyone",
	"GET /v1/-/oidc/login":                        "anyone",
	"GET /v1/-/oidc/callback":                     "anyone",
	"POST /v1/-/login":                            "anyone",

	"POST /v1/{workspace}/policy/shadow":             "draft",
	"GET /v1/{workspace}/policy/shadow":              "draft",
	"DELETE /v1/{workspace}/policy/shadow":           "draft",
	"POST /v1/{workspace}/policy/shadow/promote":     "publish",
	"GET /v1/{workspace}/policy/shadow/state/{type}": "draft",
	"POST /v1/{workspace}/policy/canary":             "publish",
	"GET /v1/{workspace}/policy/canary":              "draft",
	"DELETE /v1/{workspace}/policy/canary":           "publish",
	"POST /v1/{workspace}/policy/canary/promote":     "publish",
}

// each calls f with every route that the description has.
func (s *site) each(f func(method, path string)) {
	for path, item := range s.server.OpenAPI().Paths {
		for method, op := range map[string]any{"GET": item.Get, "POST": item.Post, "PUT": item.Put,
			"DELETE": item.Delete, "PATCH": item.Patch, "HEAD": item.Head, "OPTIONS": item.Options} {
			if fmt.Sprint(op) != "<nil>" {
				f(method, path)
			}
		}
	}
}

var fill = strings.NewReplacer("{seq}", "1", "{type}", "Rep", "{id}", "li", "{key}", "none",
	"{name}", "Sum", "{person}", "none", "{channel}", "none",
	"{sha256}", "none", "{import}", "none", "{hook}", "none")

// TestRoleMatrix asks every route as everybody: by each key with one verb, by each role, by
// somebody of another workspace, and by nobody at all.
func TestRoleMatrix(t *testing.T) {
	s := newSite(t)
	people := s.everyone()
	found := 0
	s.each(func(method, path string) {
		found++
		need, ok := routes[method+" "+path]
		if !ok {
			need, ok = tableRoutes[method+" "+path]
		}
		if !ok {
			t.Errorf("%s %s has no row", method, path)
			return
		}
		server := strings.HasPrefix(path, "/v1/-/")
		keys, roles := allowed(need, server)
		for _, workspace := range []string{"east", "west"} {
			at := strings.ReplaceAll(fill.Replace(path), "{workspace}", workspace)
			check := func(who string, may bool, ask func() reply) {
				t.Helper()
				if may && (strings.HasSuffix(path, "/feed") || path == "/v1/-/logout") {
					return // it has no end, or ends who asks
				}
				if r := ask(); may == (r.status == http.StatusForbidden) ||
					r.status == http.StatusUnauthorized {
					t.Errorf("%s %s by %s: %d %s", method, at, who, r.status, r.body)
				}
			}
			if need == "anyone" {
				if r := s.call("", method, at, ""); strings.Contains(r.body, `"no-key"`) || r.status == 403 {
					t.Errorf("%s %s by nobody: %d %s", method, at, r.status, r.body)
				}
				continue
			}
			for _, verb := range access.Verbs() {
				everywhere := verb == access.Admin || verb == access.Audit
				may := slices.Contains(keys, verb) && (workspace == "east" || everywhere || server) &&
					(!server || everywhere || need == "somebody")
				check("a key to "+string(verb), may, func() reply {
					return s.call(s.keys[verb], method, at, "")
				})
			}
			for role, session := range people {
				everywhere := role == "admin" || role == "auditor"
				may := slices.Contains(roles, role) && (workspace == "east" || everywhere || server)
				check(role, may, func() reply { return s.as(session, method, at, "") })
			}
			if workspace == "west" {
				continue
			}
			for _, key := range []string{"", "x", "thru_000000000000_AAAA", s.all[:len(s.all)-1] + "!"} {
				if r := s.problem("no-key", s.call(key, method, at, "")); r.Status != 401 {
					t.Errorf("%s %s with key %q: %d", method, at, key, r.Status)
				}
			}
			for _, session := range []string{"", "x", people["rep"][1:]} {
				s.problem("no-key", s.as(session, method, at, ""))
			}
		}
	})
	if found != len(routes)+len(tableRoutes) {
		t.Errorf("%d routes, %d rows", found, len(routes)+len(tableRoutes))
	}
}
