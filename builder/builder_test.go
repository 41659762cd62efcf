package builder

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/deliver"
	"github.com/throughline/throughline/runtime/deliver/channel"
	"github.com/throughline/throughline/runtime/deliver/door"
	"github.com/throughline/throughline/runtime/deliver/vault"
	"github.com/throughline/throughline/runtime/files"
	"github.com/throughline/throughline/runtime/host"
	"github.com/throughline/throughline/runtime/looks"
)

const password = "correct horse battery"

// site is a server with pages, as a browser without a script meets it.
type site struct {
	t      *testing.T
	b      *Builder
	access *access.Access
	url    string
	client *http.Client
	looks  *looks.Log // who was shown what; nil: of other sites
	line   *line      // of a site that has one
}

func newSite(t *testing.T) *site { return siteTelling(t, nil) }

// siteTelling is a server whose messages go to send; nil: it sends none.
func siteTelling(t *testing.T, send func(context.Context, *channel.Sending) error) *site {
	t.Helper()
	dir := t.TempDir()
	keys, err := access.Open(filepath.Join(dir, "system.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	var o host.Options
	var telling *deliver.Service
	if send != nil {
		secrets, err := vault.Open(filepath.Join(dir, "secrets.json"), make([]byte, vault.KeySize))
		if err != nil {
			t.Fatal(err)
		}
		telling = deliver.New(deliver.Options{Dir: dir, Channels: api.Channels(keys), Vault: secrets,
			Door: door.New(nil), Send: send, Chance: func() float64 { return 0 }})
		o.Attend, o.Config.Deliver = telling.Attend, true
	}
	h, err := host.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	seen := looksIn(t, dir)
	server := api.New(api.Options{Host: h, Access: keys, Deliver: telling, Looks: seen,
		Files: files.In(filepath.Join(dir, "workspaces"), files.Options{})})
	b := New(Options{API: server, Host: h, Access: keys, Drafts: filepath.Join(dir, "drafts"),
		Patience: time.Minute})
	web := httptest.NewServer(b)
	t.Cleanup(func() {
		server.Drain()
		web.Close()
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		if err := keys.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &site{t: t, b: b, access: keys, url: web.URL, looks: seen}
	return s.anew()
}

// looksIn keeps who was shown what, as a server does.
func looksIn(t *testing.T, dir string) *looks.Log {
	t.Helper()
	k, err := looks.Open(filepath.Join(dir, "looks"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// anew is the same server for a browser that knows nothing of it.
func (s *site) anew() *site {
	jar, _ := cookiejar.New(nil) // it never fails
	other := *s
	other.client = &http.Client{Jar: jar}
	return &other
}

// enrol makes somebody with a role in every workspace, and lets them in.
func (s *site) enrol(login string, grants ...access.Grant) *site {
	s.t.Helper()
	_, err := s.access.Enrol(s.t.Context(), access.Person{Login: login, Name: login, Grants: grants},
		password, "test")
	if err != nil {
		s.t.Fatal(err)
	}
	in := s.anew()
	in.post("/sign-in", "login", login, "password", password).wants(200)
	return in
}

func (s *site) workspace(name string) {
	s.t.Helper()
	if err := s.b.begin(s.t.Context(), name, "", "test"); err != nil {
		s.t.Fatal(err)
	}
}

// workspaceOf makes a workspace of a policy's text.
func (s *site) workspaceOf(name, text string) {
	s.t.Helper()
	p, diags := dsl.Check([]source.File{{Name: "p.thru", Text: text}}, policy.Settings{})
	if dsl.HasErrors(diags) {
		s.t.Fatal(diags)
	}
	if err := s.b.o.Host.Create(name, p); err != nil {
		s.t.Fatal(err)
	}
}

// sendJSON sends a body to the API with a key.
func (s *site) sendJSON(path, key, body string) got {
	s.t.Helper()
	r, err := http.NewRequest("POST", s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+key)
	return s.do(r)
}

// got is a page that came.
type got struct {
	t      *testing.T
	what   string
	status int
	at     string // where it came from in the end
	text   string
	header http.Header
}

func (s *site) send(method, path string, form url.Values, header ...string) got {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return s.do(r)
}

func (s *site) do(r *http.Request) got {
	s.t.Helper()
	a, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return got{s.t, r.Method + " " + r.URL.RequestURI(), a.StatusCode, a.Request.URL.RequestURI(), string(b), a.Header}
}

func (s *site) get(path string, header ...string) got {
	s.t.Helper()
	return s.send("GET", path, nil, header...)
}

func (s *site) post(path string, fields ...string) got {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return s.send("POST", path, form)
}

// wants ends the test where the answer is another, or lacks something.
func (g got) wants(status int, has ...string) got {
	g.t.Helper()
	if g.status != status {
		g.t.Fatalf("%s: %d at %s, want %d\n%s", g.what, g.status, g.at, status, g.text)
	}
	for _, part := range has {
		if !strings.Contains(g.text, part) {
			g.t.Fatalf("%s at %s has no %q\n%s", g.what, g.at, part, g.text)
		}
	}
	return g
}

func (g got) lacks(parts ...string) got {
	g.t.Helper()
	for _, part := range parts {
		if strings.Contains(g.text, part) {
			g.t.Fatalf("%s at %s has %q\n%s", g.what, g.at, part, g.text)
		}
	}
	return g
}

func (g got) came(to string) got {
	g.t.Helper()
	if g.at != to {
		g.t.Fatalf("%s came to %s, want %s", g.what, g.at, to)
	}
	return g
}

var everywhere = access.Grant{Role: access.RoleAdmin, Workspace: "*"}

// TestWorkspaceTitle: a workspace is called as people call it, in the list, above its pages and in
// the draft that it begins with; its address is made of that.
func TestWorkspaceTitle(t *testing.T) {
	s := newSite(t)
	root := s.enrol("root", everywhere)
	root.post("/workspaces", "title", " 华东\t“渠道” <b>\\ ").came("/w/hd-qd-b/start").
		wants(200, `<a class="where" href="/w/hd-qd-b/">华东 “渠道” &lt;b&gt;\</a>`)
	root.post("/workspaces", "title", "华东渠道B").came("/w/hdqdb/start")
	root.post("/workspaces", "title", "華東-渠道-B").came("/w/qd-b/start") // what is not common is left out
	root.post("/workspaces", "title", "华东渠道b!").came("/w/hdqdb-2/start")
	root.post("/workspaces", "title", "鑫").came("/w/workspace/start")
	root.post("/workspaces", "title", "North", "name", "n1").came("/w/n1/start").wants(200, ">North</a>")
	root.get("/").wants(200, "华东 “渠道” &lt;b&gt;\\</a>", "<code>hd-qd-b</code>")
	root.post("/w/hd-qd-b/start", "way", "goal", "trade", "fmcg", "week", "5").wants(200)
	root.get("/w/hd-qd-b/text?file=thru.toml").wants(200, "title = &#34;华东 “渠道” &lt;b&gt;\\\\&#34;").
		lacks("快消起步")
	s.enrol("none").get("/w/n1/").lacks("North")
}

// TestTitleInSettings: whatever somebody calls a workspace is read back as that.
func TestTitleInSettings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		title := plainTitle(rapid.String().Draw(t, "title"))
		m := memory{"thru.toml": "version = \"1.0.0\"\ntitle = \"before\"\n"}
		m.entitle(title)
		got, diags := dsl.SettingsOf(m["thru.toml"])
		if want := cmp.Or(title, "before"); got.Title != want || got.Version != "1.0.0" || len(diags) > 0 {
			t.Fatalf("%q became %q: %v", want, got.Title, diags)
		}
	})
}

// TestFirstRun takes a new server from its first page to a workspace, as a person does.
func TestFirstRun(t *testing.T) {
	s := newSite(t)
	s.get("/").came("/set-up").wants(200, "Set up this server")
	s.post("/set-up", "code", "wrong", "login", "ann", "name", "Ann", "password", password).
		wants(409, "another", `value="Ann"`)
	s.post("/set-up", "code", s.access.SetupCode(), "login", "ann", "name", "Ann", "password",
		"short").wants(422, "cannot be a password").lacks(`value="short"`)
	s.post("/set-up", "code", s.access.SetupCode(), "login", "ann", "name", "Ann", "password",
		password).wants(200, "No workspace yet").came("/")
	s.get("/set-up").wants(200, "has an administrator")
	s.post("/workspaces", "name", "Not A Name").wants(422, "cannot be called", `value="Not A Name"`)
	s.post("/workspaces").wants(422, "cannot be called")
	s.post("/workspaces", "title", strings.Repeat("长", 61)).wants(422, "up to 60 characters", `id="title-wrong"`).lacks(`id="name-wrong"`)
	s.post("/workspaces", "name", "east").wants(200, "Redraw one goal").came("/w/east/start")
	s.post("/workspaces", "name", "east").wants(409, "one already")
	s.get("/").wants(200, "east", "1 journey · 1 action · 0 rules")
	s.post("/sign-out").wants(200, "Sign in").came("/sign-in")
	s.get("/w/east/overview").came("/sign-in?to=%2Fw%2Feast%2Foverview")
	s.post("/sign-in", "login", "ann", "password", "not this one").wants(401, "is wrong", `value="ann"`)
	s.post("/sign-in", "login", "ann", "password", password, "to", "/w/east/overview").
		wants(200, "FirstCall").came("/w/east/overview")
}

// TestWhoSeesWhat: who may not is told so, and learns nothing of what is there.
func TestWhoSeesWhat(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	s.workspace("west")
	rep := s.enrol("li", access.Grant{Role: access.RoleRep, Workspace: "east", As: "Rep/li"})
	rep.get("/").wants(200, "east").lacks("west", "New workspace").came("/w/east/today") // the only one
	s.enrol("both", access.Grant{Role: access.RoleRep, Workspace: "east", As: "Rep/li"},
		access.Grant{Role: access.RoleAuditor, Workspace: "west"}).
		get("/").wants(200, "east", "west").lacks("New workspace").came("/")
	rep.get("/w/west/overview").wants(403, "may not see").lacks("FirstCall")
	rep.get("/w/nowhere/overview").wants(403, "may not see")
	rep.post("/workspaces", "name", "mine").wants(403, "may not see")
	s.enrol("ann", everywhere).get("/w/nowhere/overview").wants(404, "no such workspace")
	s.get("/no/such/page").wants(404, "no such page")
	rep.get("/v1/-/me").wants(200, `"li"`)
}

// TestSettings: language and appearance are kept; what is asked for first is what the browser says.
func TestSettings(t *testing.T) {
	s := newSite(t)
	s.get("/sign-in", "Accept-Language", "zh-CN,en;q=0.5").wants(200, "登录", `lang="zh-CN"`,
		`data-theme="auto"`)
	s.post("/settings", "theme", "dark", "to", "/sign-in").came("/sign-in").wants(200,
		`data-theme="dark"`, "Sign in")
	s.post("/settings", "lang", "zh", "to", "/sign-in").wants(200, `data-theme="dark"`, "登录")
	s.post("/settings", "lang", "tlh", "theme", "pink", "to", "/sign-in").wants(200,
		`data-theme="dark"`, "登录")
	for _, to := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "evil",
		"javascript:alert(1)", "/\n/evil.example", ""} {
		s.post("/settings", "lang", "en", "to", to).came("/set-up")
	}
}

// TestForeignPages: a form of another site's page does nothing, whoever's browser sends it.
func TestForeignPages(t *testing.T) {
	s := newSite(t)
	ann := s.enrol("ann", everywhere)
	form := url.Values{"name": {"east"}}
	ann.send("POST", "/workspaces", form, "Sec-Fetch-Site", "cross-site").wants(403, "another site")
	ann.send("POST", "/sign-out", form, "Origin", "https://evil.example").wants(403, "another site")
	ann.get("/").wants(200, "No workspace yet")
}

// TestHeaders: nothing runs in a page that is not ours, and no page lets anything in by itself.
func TestHeaders(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("ann", everywhere)
	for _, path := range []string{"/", "/sign-in", "/set-up", "/w/east/overview", "/w/east/board",
		"/w/east/text", "/w/east/publish", "/none"} {
		g := ann.get(path)
		csp := g.header.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'; script-src 'self';") ||
			strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %s", path, csp)
		}
		if g.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept", path)
		}
		sound(t, path, g.text)
	}
}

// sound finds what the policy for contents would not run, ids that are there twice, and references
// to ids that are not there.
func sound(t *testing.T, what, text string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	ids, wanted := map[string]bool{}, []string{}
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			switch {
			case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
				t.Errorf("%s: <%s %s>: the policy for contents lets it not run", what, n.Data, a.Key)
			case a.Key == "id" && ids[a.Val]:
				t.Errorf("%s: two have the id %q", what, a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			case a.Key == "for", a.Key == "popovertarget", a.Key == "data-opens":
				wanted = append(wanted, a.Val)
			case a.Key == "aria-describedby", a.Key == "aria-labelledby", a.Key == "aria-controls":
				wanted = append(wanted, strings.Fields(a.Val)...)
			}
		}
		if n.Type == html.ElementNode && n.Data == "script" && n.FirstChild != nil &&
			!strings.Contains(fmt.Sprint(n.Attr), "application/json") {
			t.Errorf("%s: a script in the page: %s", what, n.FirstChild.Data)
		}
	}
	for _, id := range wanted {
		if !ids[id] {
			t.Errorf("%s: nothing has the id %q", what, id)
		}
	}
}

// TestAssets: what pages name is there, for good, and small.
func TestAssets(t *testing.T) {
	s := newSite(t)
	for source, names := range s.b.assets.list {
		for _, name := range names {
			g := s.get("/assets/" + name)
			g.wants(200)
			if !strings.Contains(g.header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %s is asked for again and again", source, name)
			}
		}
	}
	s.get("/assets/nothing.js").wants(404)
}

// TestFirstLoad holds what a page loads before it can be used to its budget: its script, on every
// kind of page, and what the text needs beside it.
func TestFirstLoad(t *testing.T) {
	a := readAssets()
	named := regexp.MustCompile(`(?:from|import)\s*"\./([^"]+)"`)
	size := func(kinds ...string) (n int) {
		var todo []string
		for name := range a.zipped {
			kind, _, _ := strings.Cut(name, "-")
			if strings.HasSuffix(name, ".js") && slices.Contains(kinds, kind) {
				todo = append(todo, name)
			}
		}
		if len(todo) != len(kinds) {
			t.Fatalf("%v: there is %v", kinds, todo)
		}
		for seen := map[string]bool{}; len(todo) > 0; todo = todo[1:] {
			if name := todo[0]; !seen[name] {
				seen[name] = true
				n += len(a.zipped[name])
				for _, m := range named.FindAllSubmatch(a.files[name], -1) {
					todo = append(todo, string(m[1]))
				}
			}
		}
		return n
	}
	board := size("app", "desk")
	for _, kinds := range [][]string{{"app", "desk"}, {"app", "watch"}, {"app", "queue", "watch"},
		{"app", "lab"}, {"app", "again"}} {
		n := size(kinds...)
		t.Logf("%v: %d", kinds, n)
		if n == 0 || n > 15_000 {
			t.Errorf("%v: %d bytes of script, at most 15000", kinds, n)
		}
	}
	text := size("app", "desk", "source") - board
	t.Logf("text: %d more", text)
	if text <= 0 || text > 130_000 {
		t.Errorf("%d bytes for the text, at most 130000", text)
	}
}
