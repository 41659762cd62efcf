package builder

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/deliver/channel"
)

// TestPeople: people are let in and out, passwords and keys are shown once, fields are hidden.
func TestPeople(t *testing.T) {
	s := newDistributor(t, 1)
	root := s.enrol("root", everywhere)
	here := s.person("ann", access.RoleAdmin, "") // of this workspace alone
	here.get("/w/d/people").wants(403, "may not see")
	overview := here.get("/w/d/overview").wants(200, "Three days below 60%").lacks("People and access")
	if n := strings.Count(overview.text, "Three days below 60%"); n != 1 { // it is one for each action
		t.Errorf("an alert is listed %d times", n)
	}
	root.get("/w/d/people").wants(200, "ann", "Administrator", "Keys for programs",
		`value="Rep/r13"`, "Deng Kai")

	once := regexp.MustCompile(`id="once" value="([^"]+)"`)
	page := root.post("/w/d/people", "do", "add", "name", "Deng Kai", "login", "deng", "role", "rep",
		"as", "Rep/r13").wants(200, "Deng Kai can come in now", "shown once")
	first := once.FindStringSubmatch(page.text)[1]
	root.get("/w/d/people").wants(200, "Rep").lacks(first)
	deng := s.anew()
	deng.post("/sign-in", "login", "deng", "password", first).wants(200)
	deng.get("/w/d/today").wants(200, "of 15 this week")
	root.post("/w/d/people", "do", "add", "name", "Other", "login", "deng", "role", "rep", "as", "Rep/r14").
		wants(422, "somebody has this login", `value="Other"`)
	root.post("/w/d/people", "do", "add", "name", "Nobody", "login", "no", "role", "rep").
		wants(422, "somebody in one workspace")

	t.Run("what a program gave them besides stays", func(t *testing.T) {
		two, err := s.access.Enrol(t.Context(), access.Person{Login: "two", Name: "Two",
			Grants: []access.Grant{{Role: access.RoleAuditor, Workspace: "d"},
				{Role: access.RoleManager, Workspace: "d", As: "Rep/m3"}}}, password, "test")
		if err != nil {
			t.Fatal(err)
		}
		at := "/w/d/people/" + two.ID
		root.get(at).wants(200, `value="manager" selected`, "Auditor in d")
		root.post(at, "do", "change", "name", "Two", "login", "two", "role", "rep", "as", "Rep/r13").
			wants(200)
		root.get(at).wants(200, `value="rep" selected`, "Auditor in d").lacks("Manager in d")
	})
	t.Run("their own password", func(t *testing.T) {
		deng.get("/password").wants(200, "Change your password")
		deng.post("/password", "old", "wrong", "new", password).wants(401, "is wrong")
		deng.post("/password", "old", first, "new", "short").wants(422, "cannot be a password")
		deng.post("/password", "old", first, "new", password).wants(200).came("/sign-in")
		deng.post("/sign-in", "login", "deng", "password", password).wants(200)
	})
	t.Run("a change, a reset, an end", func(t *testing.T) {
		at := page.follow2(root, "/people/p[0-9a-f]+", "Deng Kai")
		one := at.wants(200, `value="Rep/r13"`, "New password")
		reset := root.post(one.at, "do", "reset").wants(200, "shown once")
		deng.get("/w/d/today").came("/sign-in?to=%2Fw%2Fd%2Ftoday")
		deng.post("/sign-in", "login", "deng", "password", once.FindStringSubmatch(reset.text)[1]).wants(200)
		root.post(one.at, "do", "change", "name", "Deng Kai", "login", "deng", "role", "manager", "as",
			"Rep/m3").wants(200, "Manager").came("/w/d/people")
		deng.get("/w/d/reviews").wants(200)
		root.post(one.at, "do", "change", "name", "Deng Kai", "login", "deng", "role", "manager", "as",
			"Rep/m3", "off", "true").wants(200, "Comes in no more")
		deng.get("/w/d/today").came("/sign-in?to=%2Fw%2Fd%2Ftoday")
		root.get("/w/d/people/nobody").wants(404)
		mine := root.get("/w/d/people").follow2(root, "/people/p[0-9a-f]+", "root")
		root.post(mine.at, "do", "change", "name", "root", "login", "root", "role", "auditor").
			wants(422, "Nobody would be left")
	})
	t.Run("a key", func(t *testing.T) {
		root.post("/w/d/people", "do", "key", "label", "").wants(422, "needs a label")
		made := root.post("/w/d/people", "do", "key", "label", "the till", "verb", "submit", "expires",
			"2100-01-01").wants(200, "thru_", "the till", "2100-01-01")
		token := once.FindStringSubmatch(made.text)[1]
		if strings.Count(made.text, token) != 1 {
			t.Error("the key stands in the page more than once")
		}
		root.get("/w/d/people").wants(200, "the till").lacks(token)
		id := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(made.text)[1]
		root.post("/w/d/people", "do", "revoke", "key", id).wants(200, "revoked")
		if _, err := s.access.Check(token); !errors.Is(err, access.ErrRevoked) {
			t.Errorf("the key opens: %v", err)
		}
	})
	t.Run("a key is good until the end of its day, wherever that is", func(t *testing.T) {
		for _, east := range []int{-5, 0, 8} {
			zone := time.FixedZone("", east*3600)
			over := time.Date(2088, 6, 1, 0, 0, 0, 0, zone).UTC() // as it is kept
			if row := (&Visit{}).keyRow(&access.Key{Expires: over}, zone); row.Until != "2088-05-31" {
				t.Errorf("%d hours east: until %s", east, row.Until)
			}
		}
	})
	t.Run("a field that a role does not see", func(t *testing.T) {
		root.post("/w/d/people", "do", "hide", "field", "Rep.name", "from", "consultant").
			wants(200, "Show again")
		eve := s.person("eve", access.RoleConsultant, "")
		eve.get("/w/d/health").wants(200).lacks("Deng Kai")
		root.post("/w/d/people", "do", "show", "field", "Rep.name", "from", "consultant", "in", "d").
			wants(200).lacks("Show again: ")
		eve.get("/w/d/health").wants(200, "Deng Kai")
		root.post("/w/d/people", "do", "hide", "field", "Rep", "from", "rep").wants(422, "Type.field")
	})
	sound(t, "people", root.get("/w/d/people").text)
	sound(t, "people", root.zh("/w/d/people").wants(200, "人员与权限", "程序密钥").text)
}

// follow2 goes where the first link leads whose address matches and that says a text.
func (g got) follow2(s *site, address, says string) got {
	g.t.Helper()
	for _, x := range regexp.MustCompile(`<a[^>]* href="([^"]*)"[^>]*>([^<]*)`).
		FindAllStringSubmatch(g.text, -1) {
		if regexp.MustCompile(address).MatchString(x[1]) && strings.Contains(x[2], says) {
			return s.get(x[1]).wants(200)
		}
	}
	g.t.Fatalf("%s has no link like %q that says %q", g.what, address, says)
	return g
}

// robot takes what channels send.
type robot struct {
	mu      sync.Mutex
	refuses bool
	texts   []string
}

func (w *robot) send(_ context.Context, x *channel.Sending) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuses {
		return &channel.Refusal{Code: "gone", Text: "no such group", Never: true}
	}
	w.texts = append(w.texts, x.Message.Text(4000))
	return nil
}

func (w *robot) refuse(yes bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refuses = yes
}

// TestChannelsPage: a channel is set, tried, paused and taken away; what it could not deliver is
// sent again; its secret is never shown.
func TestChannelsPage(t *testing.T) {
	w := &robot{}
	s := siteTelling(t, w.send)
	s.workspace("east")
	root := s.enrol("root", everywhere)
	root.get("/w/east/channels").wants(200, "Nobody is told anything yet", "DingTalk group robot")
	root.zh("/w/east/channels").wants(200, "钉钉群机器人")
	root.get("/w/east/channel?kind=mail").wants(200, "smtp://HOST:587")
	root.get("/w/east/channel?kind=sms").wants(200, "{text}")
	form := []string{"do", "set", "kind", "webhook", "name", "crm", "url", "https://crm.example.com/in",
		"takes", "notify", "quiet", "21:00-08:00"}
	root.post("/w/east/channel?kind=webhook", form...).wants(422, "needs a key", "crm.example.com")
	set := root.post("/w/east/channel?kind=webhook", append(form, "key", "hush-hush-key")...).
		wants(200, "It is set.", "A secret is kept.", "21:00-08:00").lacks("hush-hush")
	one := set.at
	root.post(one, "do", "set", "kind", "webhook", "name", "crm", "url", "https://crm.example.com/in").
		wants(200, "It is set.", "A secret is kept.")
	root.post(one, "do", "set", "kind", "webhook", "name", "crm", "url", "https://evil.example.com/in").
		wants(422, "give its secret again")
	root.post(one, "do", "try").wants(200, "The test was taken")
	w.refuse(true)
	root.post(one, "do", "try").wants(200, "refused", "no such group")
	root.post(one, "do", "off").wants(200, "paused", "Go on")
	root.get("/w/east/channels").wants(200, "crm.example.com", "paused")
	root.post(one, "do", "on").wants(200, "works", "Pause")
	root.post("/w/east/channel?name=none", "do", "off").wants(422, "no such channel")
	sound(t, "channel", root.get(one).text)
	sound(t, "channels", root.zh("/w/east/channels").text)
	root.post(one, "do", "drop").wants(200, "Nobody is told anything yet").came("/w/east/channels")
	rep := s.enrol("li", access.Grant{Role: access.RoleRep, Workspace: "east", As: "Rep/li"})
	rep.get("/w/east/channels").wants(403)
	newSiteOff(t).get("/w/east/channels").wants(200, "This server sends nothing")
}

func newSiteOff(t *testing.T) *site {
	s := newSite(t)
	s.workspace("east")
	return s.enrol("root", everywhere)
}

// TestDeadLetters: what the other side refuses for good is shown with why, and sent again.
func TestDeadLetters(t *testing.T) {
	w := &robot{refuses: true}
	s := siteTelling(t, w.send)
	s.workspaceOf("east", `entity Rep { name text }
event Visit {
  rep Rep
  n   int
}
rule Big on Visit {
  when n >= 8
  do {
    notify rep via team "big {n}"
  }
}
`)
	root := s.enrol("root", everywhere)
	root.post("/w/east/channel?kind=webhook", "do", "set", "kind", "webhook", "name", "team", "url",
		"https://crm.example.com/in", "key", "hush-hush-key").wants(200)
	key, _, err := s.access.Make(t.Context(), access.Key{Label: "t", Workspaces: []string{"*"},
		Verbs: access.Verbs()}, "test")
	if err != nil {
		t.Fatal(err)
	}
	s.sendJSON("/v1/east/records", key, `{"type":"Visit","id":"v9","rep":"li","n":9}`).wants(200)
	s.sendJSON("/v1/east/records", key, `{"type":`).wants(200)
	root.get("/w/east/log").wants(200, "what cannot be read", "a policy was put in force")
	page := root.until("/w/east/channel?name=team", "no such group")
	page.wants(200, "big 9", "Send all again").lacks("hush-hush")
	w.refuse(false)
	root.post("/w/east/channel?name=team", "do", "replay").wants(200, "Sent again: 1")
	root.until("/w/east/channel?name=team", "Sent 1").lacks("no such group")
}

// until asks for a page until it has a text.
func (s *site) until(path, text string) got {
	s.t.Helper()
	var g got
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if g = s.get(path); strings.Contains(g.text, text) {
			return g
		}
		if time.Now().After(end) {
			g.wants(200, text)
		}
	}
}
