package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/host"
)

const password = "correct horse battery"

// cookieOf is the session that an answer gives; flags are the cookie's.
func (s *site) cookieOf(r reply) *http.Cookie {
	s.t.Helper()
	all := (&http.Response{Header: r.header}).Cookies()
	if len(all) != 1 {
		s.t.Fatalf("cookies %v: %s", all, r.body)
	}
	return all[0]
}

func TestPeopleComeInAndGoOut(t *testing.T) {
	s := newSite(t)
	setup := func(code string) reply {
		return s.call("", "POST", "/v1/-/setup", `{"code":"`+code+`","login":"ada","name":"Ada",`+
			`"password":"`+password+`"}`)
	}
	s.problem("set-up", setup("wrong"))
	r := s.want(200, setup(s.access.SetupCode()))
	first := s.cookieOf(r)
	if !first.HttpOnly || first.SameSite != http.SameSiteLaxMode || first.Path != "/" ||
		first.Domain != "" || first.Name != "thru" {
		t.Errorf("cookie: %v", first)
	}
	s.problem("set-up", setup(""))
	s.want(200, s.as(first.Value, "POST", "/v1/-/people", `{"login":"li","name":"Li","password":"`+
		password+`","grants":[{"role":"rep","workspace":"east","as":"Rep/li"}]}`))
	login := func(password string) reply {
		return s.call("", "POST", "/v1/-/login", `{"login":"li","password":"`+password+`"}`)
	}
	s.problem("wrong-login", login("wrong"))
	li := s.cookieOf(s.want(200, login(password))).Value
	var me api.Me
	if err := json.Unmarshal([]byte(s.want(200, s.as(li, "GET", "/v1/-/me", "")).body), &me); err != nil ||
		me.Login != "li" || len(me.Grants) != 1 {
		t.Errorf("me: %+v %v", me, err)
	}
	s.want(200, s.as(li, "GET", "/v1/east/tasks", ""))
	s.problem("wrong-login", s.as(li, "PUT", "/v1/-/me/password", `{"old":"wrong","new":"`+password+`2"}`))
	s.problem("wrong-password", s.as(li, "PUT", "/v1/-/me/password", `{"old":"`+password+`","new":"x"}`))
	s.want(204, s.as(li, "PUT", "/v1/-/me/password", `{"old":"`+password+`","new":"`+password+`2"}`))
	s.problem("no-key", s.as(li, "GET", "/v1/-/me", ""))
	li = s.cookieOf(s.want(200, login(password+"2"))).Value
	out := s.want(204, s.as(li, "POST", "/v1/-/logout", ""))
	if c := s.cookieOf(out); c.Value != "" || c.MaxAge >= 0 {
		t.Errorf("going out leaves %v", c)
	}
	s.problem("no-key", s.as(li, "GET", "/v1/-/me", ""))
	people := s.as(first.Value, "GET", "/v1/-/people", "").body
	if strings.Contains(people, "argon2") || !strings.Contains(people, `"li"`) {
		t.Errorf("people: %s", people)
	}
	for range 5 {
		login("wrong")
	}
	if p := login(password + "2"); p.status != 429 || p.header.Get("Retry-After") == "" {
		t.Errorf("after five wrong ones: %d %v", p.status, p.header)
	}
	acts := get[api.Acts](s, "/v1/-/acts?limit=1000")
	var told []string
	for _, a := range acts.Acts {
		told = append(told, a.What)
	}
	for _, want := range []string{"PersonSet", "PasswordSet", "SessionBegun", "SessionEnded", "KeyMade", "create"} {
		if !slices.Contains(told, want) {
			t.Errorf("the log does not tell of %s: %v", want, told)
		}
	}
	for n, after := 0, uint64(0); ; n++ { // page by page is the same
		page := get[api.Acts](s, "/v1/-/acts?limit=2&after="+jsonOf(after))
		if len(page.Acts) == 0 {
			if n*2 < len(told)-1 {
				t.Errorf("%d pages of %d acts", n, len(told))
			}
			break
		}
		after = page.Next
	}
}

func jsonOf(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// TestAnotherSitesPageCannotAsk has a browser bring somebody's cookie along for a foreign page.
func TestAnotherSitesPageCannotAsk(t *testing.T) {
	s := newSite(t)
	ada := s.person("ada", access.Grant{Role: access.RoleAdmin, Workspace: "*"})
	const body = `{"login":"x","name":"X","grants":[]}`
	for _, c := range []struct {
		name    string
		headers []string
		fine    bool
	}{
		{"own page", []string{"Sec-Fetch-Site", "same-origin", "Origin", s.url}, true},
		{"typed in", []string{"Sec-Fetch-Site", "none"}, true},
		{"no browser", nil, true},
		{"foreign page", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, false},
		{"neighbour", []string{"Sec-Fetch-Site", "same-site", "Origin", "https://x.example"}, false},
		{"old browser", []string{"Origin", "https://evil.example"}, false},
		{"no origin", []string{"Origin", "null"}, false},
	} {
		r := s.call("", "PUT", "/v1/-/people/none", body, append(c.headers, "Cookie", "thru="+ada)...)
		if c.fine {
			s.problem("unknown-person", r)
		} else {
			s.problem("foreign-page", r)
			s.problem("foreign-page", s.call("", "POST", "/v1/-/login", `{"login":"x","password":"y"}`,
				c.headers...))
		}
		// Who shows a key is no browser that was talked into it.
		s.problem("unknown-person", s.call(s.all, "PUT", "/v1/-/people/none", body, c.headers...))
	}
	if _, err := s.socketWith("/v1/east/feed", http.Header{"Cookie": {"thru=" + ada},
		"Origin": {"https://evil.example"}}); err == nil {
		t.Error("a foreign page listens to the feed")
	}
}

// TestOverTLSTheCookieIsBound looks at what a server says that people reach over TLS, through
// something in front that speaks it.
func TestOverTLSTheCookieIsBound(t *testing.T) {
	dir := t.TempDir()
	h, err := host.Open(dir, host.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	now := time.Now()
	a, err := access.Open(filepath.Join(dir, "system.db"), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	server := api.New(api.Options{Host: h, Access: a, Secure: true, Proxied: true,
		Origins: []string{"https://thru.example.com"}})
	setup := strings.NewReader(`{"code":"` + a.SetupCode() + `","login":"ada","name":"Ada","password":"` +
		password + `"}`)
	w := serveOne(server, "POST", "/v1/-/setup", setup, "Origin", "https://thru.example.com")
	c := w.Result().Cookies()
	if w.Code != 200 || len(c) != 1 || c[0].Name != "__Host-thru" || !c[0].Secure {
		t.Fatalf("%d %v %s", w.Code, c, w.Body)
	}
	// Those who come through the same front are told apart by what it says of them.
	tried := 0
	wrong := func(from string) int {
		tried++ // each with another login, which would have to wait by itself
		body := strings.NewReader(fmt.Sprintf(`{"login":"l%d","password":"wrong"}`, tried))
		return serveOne(server, "POST", "/v1/-/login", body, "X-Forwarded-For",
			"198.51.100.7, "+from).Code
	}
	for range 10 {
		wrong("2001:db8::1")
	}
	if first, network, other := wrong("2001:db8::2"), wrong("2001:db8:0:0:9::1"), wrong("192.0.2.9"); first != 429 ||
		network != 429 || other != 401 {
		t.Errorf("from the same network %d, %d; from another %d", first, network, other)
	}
}

// TestRightsAreTakenFromWhoListens listens and streams, and is then not allowed to any more.
func TestRightsAreTakenFromWhoListens(t *testing.T) {
	s := newSite(t)
	li := s.person("li", access.Grant{Role: access.RoleAuthor, Workspace: "east"})
	who, err := s.access.Came(li)
	if err != nil {
		t.Fatal(err)
	}
	if now, in := s.access.Again(who); !in || !now.May(access.Read, "east") {
		t.Error("who is in is not")
	}
	if err := s.access.Leave(t.Context(), who); err != nil {
		t.Fatal(err)
	}
	if _, in := s.access.Again(who); in {
		t.Error("who left may still listen")
	}
}

func TestWhoMayTuneChangesNumbersAlone(t *testing.T) {
	s := newSite(t)
	tuner := s.person("tom", access.Grant{Role: access.RoleAuthor, Workspace: "east", Numbers: true})
	const at = "/v1/east/policy"
	first := get[api.Policy](s, at).Hash
	number := strings.Replace(shop, "n >= 8", "n >= 9", 1)
	p := s.problem("structure", s.as(tuner, "PUT", at, files(strings.Replace(shop, "n >= 8", "n <= 8", 1))))
	if !strings.Contains(p.Detail, "shop.thru:9") {
		t.Errorf("where: %s", p.Detail)
	}
	s.want(200, s.as(tuner, "PUT", at, files(number)))
	s.want(200, s.as(tuner, "POST", at+"/rollback", `{"hash":"`+first+`"}`))
	s.want(200, s.call(s.all, "PUT", at, files(shop+"segment New of Rep {\n  when count(Visit) > 1\n}\n")))
	s.problem("structure", s.as(tuner, "POST", at+"/rollback", `{"hash":"`+first+`"}`))
	author := s.person("amy", access.Grant{Role: access.RoleAuthor, Workspace: "east"})
	s.want(200, s.as(author, "POST", at+"/rollback", `{"hash":"`+first+`"}`))
}
