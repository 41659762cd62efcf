package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/access/provider"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/deliver"
	"github.com/throughline/throughline/runtime/deliver/door"
	"github.com/throughline/throughline/runtime/deliver/vault"
	kept "github.com/throughline/throughline/runtime/files"
	"github.com/throughline/throughline/runtime/host"
	"github.com/throughline/throughline/runtime/intake"
	"github.com/throughline/throughline/runtime/looks"
	"github.com/throughline/throughline/runtime/nightly"
	"github.com/throughline/throughline/runtime/seal"
)

const shop = `entity Rep {
  name text?
}
event Visit {
  rep Rep
  n   int
}
rule Big on Visit {
  when n >= 8
  do { task "look at {n}" for rep due 1d }
}
alert Busy of Rep {
  when sum(Visit.n in 1h) >= 20
  do { notify self "busy" }
}
segment Active of Rep {
  when count(Visit in 1d) >= 1
}
metric Named of Rep { value share(has name) }
metric Sum "合计" en "Total" of Visit { value sum(n); by rep }
`

// site is a server with one workspace, east, and a key for each verb in it.
type site struct {
	t      testing.TB
	url    string
	server *api.Server
	access *access.Access
	keys   map[access.Verb]string // in east; admin and audit: of all
	all    string                 // every verb, everywhere
	dir    string
	o      api.Options
	client *http.Client

	markers int
}

func newSite(t testing.TB) *site {
	t.Helper()
	return siteWith(t, runtime.Config{}, api.Within{})
}

func siteWith(t testing.TB, cfg runtime.Config, within api.Within) *site {
	t.Helper()
	return siteOn(t, cfg, within, nil)
}

// siteLogged is a site whose requests are logged.
func siteLogged(t testing.TB, log *slog.Logger) *site {
	t.Helper()
	return siteAt(t, runtime.Config{}, api.Options{Log: log, Requests: true}, nil)
}

// siteOn is a site on a network in memory; nil: on this machine's.
func siteOn(t testing.TB, cfg runtime.Config, within api.Within, on *wires) *site {
	t.Helper()
	return siteAt(t, cfg, api.Options{Within: within,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil))}, on)
}

func siteAt(t testing.TB, cfg runtime.Config, o api.Options, on *wires) *site {
	t.Helper()
	dir := t.TempDir()
	a, err := access.Open(filepath.Join(dir, "system.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := vault.Open(filepath.Join(dir, "secrets.json"), make([]byte, vault.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	way := door.New([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")})
	d := deliver.New(deliver.Options{Dir: dir, Channels: api.Channels(a), Vault: secrets, Door: way,
		Email: a.EmailAs, Chance: func() float64 { return 0 }})
	cfg.Deliver = true
	h, err := host.Open(dir, host.Options{Config: cfg, Attend: d.Attend,
		Notice: func(n string, err error) { t.Log(n, err) }})
	if err != nil {
		t.Fatal(err)
	}
	nowhere, err := provider.New(provider.Config{Issuer: "http://127.0.0.1:1", Client: "thru",
		Redirect: "http://127.0.0.1:1" + api.ProviderCallback})
	if err != nil {
		t.Fatal(err)
	}
	text, err := seal.NewKey("test")
	if err != nil {
		t.Fatal(err)
	}
	key, err := seal.ReadKey(text)
	if err != nil {
		t.Fatal(err)
	}
	o.Files = kept.In(filepath.Join(dir, "workspaces"), kept.Options{})
	if o.Desk, err = intake.Open(intake.Options{Host: h, Dir: filepath.Join(dir, "workspaces"),
		Files: o.Files}); err != nil {
		t.Fatal(err)
	}
	o.Nightly, err = nightly.Start(nightly.Options{Host: h, Dir: dir, Key: key, Post: d.Post,
		Files:   o.Files,
		Setting: api.Nightly(a)})
	if err != nil {
		t.Fatal(err)
	}
	if o.Looks, err = looks.Open(filepath.Join(dir, "looks"), nil); err != nil {
		t.Fatal(err)
	}
	o.Host, o.Provider, o.Access, o.Deliver, o.Version = h, nowhere, a, d, "1.2.3"
	o.Vault = secrets
	s := &site{t: t, server: api.New(o),
		access: a, dir: dir, o: o, keys: map[access.Verb]string{}}
	srv := httptest.NewUnstartedServer(nil)
	srv.Config = s.server.HTTP()
	s.client = http.DefaultClient
	if on != nil {
		_ = srv.Listener.Close() // nobody has dialled it
		srv.Listener = on
		s.client = &http.Client{Transport: &http.Transport{DialContext: on.dial}}
	}
	srv.Start()
	s.url = srv.URL
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		srv.Close()
		o.Nightly.Stop()
		o.Desk.Close()
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, v := range access.Verbs() {
		spaces := []string{"east"}
		if v == access.Admin || v == access.Audit {
			spaces = []string{"*"}
		}
		s.keys[v] = s.key(a, spaces, v)
	}
	s.all = s.key(a, []string{"*"}, access.Verbs()...)
	s.want(200, s.call(s.all, "POST", "/v1/-/workspaces", create("east", shop)))
	return s
}

func (s *site) key(a *access.Access, spaces []string, verbs ...access.Verb) string {
	s.t.Helper()
	token, _, err := a.Make(s.t.Context(), access.Key{Label: "test", Workspaces: spaces,
		Verbs: verbs}, "test")
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

func files(text string) string {
	b, _ := json.Marshal(text)
	return fmt.Sprintf(`{"files":[{"name":"shop.thru","text":%s}]}`, b)
}

func create(name, text string) string {
	return `{"name":"` + name + `",` + files(text)[1:]
}

type reply struct {
	status int
	header http.Header
	body   string
}

// call sends a request; headers are pairs after the body.
func (s *site) call(key, method, path, body string, headers ...string) reply {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, string(b)}
}

func (s *site) want(status int, r reply) reply {
	s.t.Helper()
	if r.status != status {
		s.t.Fatalf("answered %d, not %d: %s", r.status, status, r.body)
	}
	return r
}

// get decodes an answer.
func get[T any](s *site, path string) T {
	s.t.Helper()
	return decode[T](s, s.want(200, s.call(s.all, "GET", path, "")))
}

func decode[T any](s *site, r reply) (out T) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(r.body), &out); err != nil {
		s.t.Fatalf("%v: %s", err, r.body)
	}
	return out
}

func (s *site) submit(lines ...string) string {
	s.t.Helper()
	return s.want(200, s.call(s.all, "POST", "/v1/east/records", "["+strings.Join(lines, ",")+"]")).body
}

func TestRecordsAreAnsweredWithDecisions(t *testing.T) {
	s := newSite(t)
	rep := `{"type":"Rep","id":"li","name":"Li"}`
	visit := `{"type":"Visit","id":"v1","rep":"li","n":9}`
	one := s.want(200, s.call(s.keys[access.Submit], "POST", "/v1/east/records", rep)).body
	if !strings.HasPrefix(one, `{"seq":2,`) || !strings.Contains(one, `"outcome":"accepted"`) {
		t.Errorf("one: %s", one)
	}
	list := s.submit(visit, visit, `{"type":"Visit"}`, `7`)
	var got []api.Decision
	if err := json.Unmarshal([]byte(list), &got); err != nil {
		t.Fatal(err)
	}
	var outcomes []string
	for _, d := range got {
		outcomes = append(outcomes, d.Outcome)
	}
	want := []string{"accepted", "duplicate", "rejected", "rejected"}
	if !slices.Equal(outcomes, want) || len(got[0].Effects) != 2 {
		t.Errorf("list: %v: %s", outcomes, list)
	}
	page := get[api.Page](s, "/v1/east/decisions?after=2&limit=2")
	if len(page.Decisions) != 2 || page.Next != 4 || page.Last < 6 {
		t.Errorf("page: %+v", page)
	}
	if first := string(page.Decisions[0]) + "\n"; first != s.call(s.all, "GET", "/v1/east/decisions/3",
		"").body {
		t.Errorf("page and decision differ: %s", first)
	}
}

func TestAStreamIsAnsweredLineByLineAsItComes(t *testing.T) {
	s := newSite(t)
	from, to := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), "POST", s.url+"/v1/east/records", from)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.all)
	r.Header.Set("Content-Type", "application/x-ndjson; charset=utf-8")
	answered := make(chan *http.Response, 1)
	go func() {
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
		}
		answered <- answer
	}()
	say := func(text string) {
		if _, err := io.WriteString(to, text); err != nil {
			t.Error(err)
		}
	}
	say(`{"type":"Rep","id":"li"}` + "\n\n")
	answer := <-answered
	defer answer.Body.Close()
	lines := json.NewDecoder(answer.Body)
	for i := range 3 {
		var d api.Decision
		if err := lines.Decode(&d); err != nil || d.Outcome != "accepted" {
			t.Fatal(i, d, err) // answered before the next line is there
		}
		say(fmt.Sprintf(`{"type":"Visit","id":"v%d","rep":"li","n":1}`+"\n", i))
	}
	say(`{"type":"Rep","id":"` + strings.Repeat("x", 1<<20) + `"}` + "\n")
	var last struct{ Problem api.Problem }
	for last.Problem.Code == "" {
		if err := lines.Decode(&last); err != nil {
			t.Fatal(err)
		}
	}
	if last.Problem.Code != "too-large" {
		t.Errorf("a line without end: %+v", last)
	}
	_ = to.Close()
}

func TestState(t *testing.T) {
	s := newSite(t)
	s.submit(`{"type":"Rep","id":"li","name":"Li"}`, `{"type":"Rep","id":"wu","name":"Wu"}`,
		`{"type":"Visit","id":"v1","rep":"li","n":9}`, `{"type":"Visit","id":"v2","rep":"li","n":12}`)
	st := get[api.State](s, "/v1/east/state/Rep?expr=name&expr=max(Visit.n)&limit=1")
	if fmt.Sprintf("%s %s", st.Rows[0].Values, st.Next) != `["Li" 12] li` {
		t.Errorf("state: %+v", st)
	}
	st = get[api.State](s, "/v1/east/state/Rep?expr=name&after=li")
	if len(st.Rows) != 1 || st.Rows[0].ID != "wu" || st.Next != "" {
		t.Errorf("the rest: %+v", st)
	}
	if st = get[api.State](s, "/v1/east/state/Rep/wu"); string(st.Rows[0].Values[0]) != `"Wu"` {
		t.Errorf("one: %+v", st)
	}
	tasks := get[api.Tasks](s, "/v1/east/tasks?for=li")
	if tasks.All != 2 || tasks.Tasks[0].Text != "look at 9" || tasks.Tasks[0].Due == nil {
		t.Errorf("tasks: %+v", tasks)
	}
	if tasks = get[api.Tasks](s, "/v1/east/tasks?for=Rep/wu"); tasks.All != 0 {
		t.Errorf("tasks of wu: %+v", tasks)
	}
	if got := get[api.Standings](s, "/v1/east/alerts"); fmt.Sprint(got) != "{[{Busy Rep [li]}]}" {
		t.Errorf("alerts: %v", got)
	}
	if got := get[api.Standings](s, "/v1/east/segments"); fmt.Sprint(got) != "{[{Active Rep [li]}]}" {
		t.Errorf("segments: %v", got)
	}
	for path, has := range map[string]string{"/v1/east/decisions/4/why": "Big",
		"/v1/east/why/Visit/v1": "Big", "/v1/east/why/Rep/li": "Busy"} {
		if x := get[api.Explanation](s, path); !strings.Contains(x.Text, has) || !json.Valid(x.Data) {
			t.Errorf("%s: %s", path, x.Text)
		}
	}
	if v := get[api.Verified](s, "/v1/east/verify"); len(v.Head) != 64 || v.Last < 5 {
		t.Errorf("verify: %+v", v)
	}
}

func TestPublishingAPolicy(t *testing.T) {
	s := newSite(t)
	first := get[api.Policy](s, "/v1/east/policy")
	if first.Files[0].Text != shop {
		t.Fatalf("policy: %+v", first)
	}
	second := strings.Replace(shop, "n >= 8", "n >= 3", 1)
	wrong := strings.Replace(shop, "n >= 8", "m >= 8", 1)
	failing := shop + "\ntest \"small\" {\n  2026-03-02T09:00 Rep li\n" +
		"  2026-03-02T09:00 Visit v1 rep=li n=1\n  expect task Big for li\n}\n"
	const at = "/v1/east/policy"
	expect := func(text, hash string) string { return files(text)[:len(files(text))-1] + `,"expect":"` + hash + `"}` }

	r := s.want(200, s.call(s.all, "POST", at+"/check", files(wrong), "Accept-Language", "zh-CN"))
	if !strings.Contains(r.body, `"sound":false`) || !strings.Contains(r.body, `"code":"T`) {
		t.Errorf("check: %s", r.body)
	}
	r = s.want(200, s.call(s.all, "POST", at+"/diff", files(second)))
	if !strings.Contains(r.body, "Big") {
		t.Errorf("diff: %s", r.body)
	}
	s.problem("wrong-policy", s.call(s.all, "PUT", at, files(wrong)))
	s.problem("wrong-policy", s.call(s.all, "PUT", at, files(failing)))
	s.problem("moved", s.call(s.all, "PUT", at, expect(second, strings.Repeat("0", 64))))
	if now := get[api.Policy](s, at); now.Hash != first.Hash {
		t.Fatal("a refused policy is in force")
	}
	s.want(200, s.call(s.all, "PUT", at, expect(second, first.Hash)))
	now := get[api.Policy](s, at)
	if now.Hash == first.Hash || now.Files[0].Text != second {
		t.Fatalf("in force: %+v", now)
	}
	s.problem("unknown-policy", s.call(s.all, "POST", at+"/rollback",
		`{"hash":"`+strings.Repeat("a", 64)+`"}`))
	s.want(200, s.call(s.all, "POST", at+"/rollback", `{"hash":"`+first.Hash+`"}`))
	var hashes []string
	for _, v := range get[api.Versions](s, at+"/versions").Versions {
		hashes = append(hashes, v.Hash)
	}
	if !slices.Equal(hashes, []string{first.Hash, now.Hash, first.Hash}) {
		t.Errorf("versions: %v", hashes)
	}
}

// TestPublishingAnotherText puts texts in force that mean the same: each is a version that can be
// gone back to, and whoever wrote from an older one is told.
func TestPublishingAnotherText(t *testing.T) {
	s := newSite(t)
	const at = "/v1/east/policy"
	put := func(text, expect string) reply {
		b, err := json.Marshal(api.Files{Files: []api.File{{Name: "p.thru", Text: text}}, Expect: expect})
		if err != nil {
			t.Fatal(err)
		}
		return s.call(s.all, "PUT", at, string(b))
	}
	first := get[api.Policy](s, at)
	told := "// Told to newcomers.\n" + shop
	s.want(200, put(told, first.Source))
	now := get[api.Policy](s, at)
	if now.Files[0].Text != told || now.Hash != first.Hash || now.Source == first.Source {
		t.Fatalf("in force: %+v", now)
	}
	s.problem("moved", put(shop+"// Mine.\n", first.Source))
	s.want(200, put(strings.Replace(told, "n >= 8", "n >= 3", 1), first.Hash))
	for _, back := range []struct{ hash, text string }{
		{first.Hash, told}, {first.Source, shop}, {now.Source, told},
	} {
		s.want(200, s.call(s.all, "POST", at+"/rollback", `{"hash":"`+back.hash+`"}`))
		if p := get[api.Policy](s, at); p.Files[0].Text != back.text {
			t.Errorf("back to %s: %+v", back.hash, p)
		}
	}
	var texts []string
	for _, v := range get[api.Versions](s, at+"/versions").Versions {
		x := get[api.VersionInFull](s, fmt.Sprintf("%s/versions/%d", at, v.Seq))
		texts = append(texts, strings.SplitN(x.Files[0].Text, "\n", 2)[0])
		if v.Seq == 2 && (len(v.Changed) > 0 || v.Name == "" || v.Source != now.Source) {
			t.Errorf("the second version: %+v", v)
		}
	}
	plain := strings.SplitN(shop, "\n", 2)[0]
	if want := []string{plain, "// Told to newcomers.", "// Told to newcomers.",
		"// Told to newcomers.", plain, "// Told to newcomers."}; !slices.Equal(texts, want) {
		t.Errorf("texts of the versions: %q", texts)
	}
}

// TestVersions tells of every policy that was in force who put it there, why, and what it changed.
func TestVersions(t *testing.T) {
	s := newSite(t)
	const at = "/v1/east/policy"
	first := get[api.Policy](s, at)
	body, err := json.Marshal(api.Files{Why: "visits grew",
		Files: []api.File{{Name: "p.thru", Text: strings.Replace(shop, "n >= 8", "n >= 9", 1)}}})
	if err != nil {
		t.Fatal(err)
	}
	s.want(200, s.call(s.all, "PUT", at, string(body)))
	s.want(200, s.call(s.all, "POST", at+"/rollback", `{"hash":"`+first.Hash+`","why":"too few"}`))
	list := get[api.Versions](s, at+"/versions").Versions
	for i, want := range []struct{ how, why, changed string }{{"", "", ""},
		{"publish", "visits grew", "rule Big: changed; when: 8 → 9, in n >= 9"},
		{"rollback", "too few", "rule Big: changed; when: 9 → 8, in n >= 8"}} {
		v := list[i]
		if v.How != want.how || v.Why != want.why || strings.Join(v.Changed, "; ") != want.changed ||
			(v.Name == "") != (i == 0) {
			t.Errorf("version %d: %+v", i, v)
		}
	}
	x := get[api.VersionInFull](s, fmt.Sprintf("%s/versions/%d", at, list[1].Seq))
	if x.From != first.Hash || !strings.Contains(x.Text, "8") || !strings.Contains(x.Text, "9") ||
		!strings.Contains(x.Files[0].Text, "n >= 9") || len(x.Changes) < 10 {
		t.Errorf("in full: %+v", x)
	}
	s.problem("unknown-policy", s.call(s.all, "GET", at+"/versions/4", ""))
	last := get[api.Versions](s, at+"/versions?limit=1")
	if last.Before != 2 || len(last.Versions) != 1 || last.Versions[0].Seq != list[2].Seq {
		t.Errorf("the newest: %+v", last)
	}
}

// serveOne asks a server without a connection.
func serveOne(
	h http.Handler, method, path string, body io.Reader, headers ...string,
) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, body)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// problem wants a problem of a code.
func (s *site) problem(code string, r reply) api.Problem {
	s.t.Helper()
	var p api.Problem
	if err := json.Unmarshal([]byte(r.body), &p); err != nil || p.Code != code ||
		p.Status != r.status || p.Title == "" ||
		r.header.Get("Content-Type") != "application/problem+json" {
		s.t.Errorf("not %s: %d %s (%v)", code, r.status, r.body, err)
	}
	return p
}

func TestWhatCannotBeDoneIsToldWithACode(t *testing.T) {
	s := newSite(t)
	s.submit(`{"type":"Rep","id":"li"}`)
	long := "[" + strings.Repeat(`{},`, 1000) + "{}]"
	deep := strings.Repeat("[", 100_000)
	for _, c := range []struct{ name, code, method, path, body string }{
		{"no workspace", "unknown-workspace", "GET", "/v1/eest/tasks", ""},
		{"workspace of another form", "unknown-workspace", "GET", "/v1/..%2Fsystem/tasks", ""},
		{"no type", "wrong-question", "GET", "/v1/east/state/Repp", ""},
		{"no expression", "wrong-question", "GET", "/v1/east/state/Rep?expr=((", ""},
		{"no record", "unknown-record", "GET", "/v1/east/state/Rep/none", ""},
		{"no entry", "unknown-seq", "GET", "/v1/east/decisions/999", ""},
		{"no number", "wrong-request", "GET", "/v1/east/decisions/x", ""},
		{"limit", "wrong-request", "GET", "/v1/east/decisions?limit=100000", ""},
		{"no body", "wrong-request", "POST", "/v1/east/records", ""},
		{"no list", "wrong-request", "POST", "/v1/east/records", "[{"},
		{"deep list", "wrong-request", "POST", "/v1/east/records", deep},
		{"long list", "too-large", "POST", "/v1/east/records", long},
		{"large record", "too-large", "POST", "/v1/east/records", `{"a":"` + strings.Repeat("x", 1<<20) + `"}`},
		{"large request", "too-large", "POST", "/v1/east/records", "[{}" + strings.Repeat(" ", 9<<20) + ",{}]"},
		{"large policy", "too-large", "PUT", "/v1/east/policy", strings.Repeat("x", 9<<20)},
		{"exists", "exists", "POST", "/v1/-/workspaces", create("east", shop)},
		{"name", "wrong-name", "POST", "/v1/-/workspaces", create("../x", shop)},
		{"path out of the folder", "wrong-request", "POST", "/v1/east/policy/check",
			`{"files":[{"name":"../a.thru","text":""}]}`},
		{"no policy", "wrong-policy", "POST", "/v1/east/policy/check", `{"files":[{"name":"a.txt","text":""}]}`},
		{"no such key", "unknown-key", "DELETE", "/v1/-/keys/none", ""},
		{"no verb", "wrong-request", "POST", "/v1/-/keys",
			`{"label":"x","workspaces":["*"],"verbs":["everything"]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := map[string]string{}
			for _, lang := range []string{"en", "zh"} {
				p := s.problem(c.code, s.call(s.all, c.method, c.path, c.body, "Accept-Language", lang))
				in[lang] = p.Title
			}
			if in["en"] == in["zh"] {
				t.Errorf("told alike in both languages: %v", in)
			}
		})
	}
}

// TestWhatIsWrongWithARequest is told in both languages, each with its place and the way out.
func TestWhatIsWrongWithARequest(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct{ body, at, en, zh string }{
		{`{"label":"x","workspaces":["*"]}`, "body", "verbs is missing", "缺少 verbs"},
		{`{"label":"x","workspaces":["*"],"verbs":["read"],"expire":"x"}`, "body.expire",
			"there is no such property; did you mean expires?", "没有这个属性；是否想用 expires？"},
		{`{"label":"x","workspaces":["*"],"verbs":["read"],"expires":"tomorrow"}`, "body.expires",
			"it must be a moment such as 2026-03-02T09:00:00Z", "应为时刻，如 2026-03-02T09:00:00Z"},
		{`{"label":7,"workspaces":["*"],"verbs":["read"]}`, "body.label", "it must be a text", "应为文字"},
		{`{"label":"x","workspaces":[],"verbs":["read"]}`, "body.workspaces",
			"it must have 1 or more elements", "至少要有 1 项"},
	} {
		for lang, want := range map[string]string{"en": c.en, "zh": c.zh} {
			p := s.problem("wrong-request", s.call(s.all, "POST", "/v1/-/keys", c.body, "Accept-Language", lang))
			if len(p.Errors) != 1 || p.Errors[0] != (api.Wrong{Message: want, Location: c.at}) || p.Detail != "" {
				t.Errorf("%s: %+v, want %s", c.body, p, want)
			}
		}
	}
}

// TestWhatIsNoJSON is told with its place, whichever way it came.
func TestWhatIsNoJSON(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct{ method, path, body, en, zh string }{
		{"POST", "/v1/-/keys", "{\n \"label\": \"钥匙\" \"x\"}",
			`it is no JSON: at line 2, character 16, "\"" cannot stand`,
			`不是 JSON：第 2 行第 16 个字符处不应是 "\""`},
		{"POST", "/v1/-/keys", `{"label":`,
			"it is no JSON: it ends at line 1, character 10, before it is complete",
			"不是 JSON：在第 1 行第 10 个字符处中断，内容不完整"},
		{"POST", "/v1/-/keys", "", "a body is expected, and none came: JSON", "没有请求体：应为 JSON"},
		{"POST", "/v1/east/records", "[{}\n,钥]", `it is no JSON: at line 2, character 2, "钥" cannot stand`,
			`不是 JSON：第 2 行第 2 个字符处不应是 "钥"`},
		{"POST", "/v1/east/records", `[{"type":"Rep"}`,
			"it is no JSON: it ends at line 1, character 16, before it is complete",
			"不是 JSON：在第 1 行第 16 个字符处中断，内容不完整"},
	} {
		for lang, want := range map[string]string{"en": c.en, "zh": c.zh} {
			p := s.problem("wrong-request", s.call(s.all, c.method, c.path, c.body, "Accept-Language", lang))
			got := p.Detail
			if len(p.Errors) == 1 {
				got = p.Errors[0].Message
			}
			if got != want {
				t.Errorf("%s: %q, want %q", c.body, got, want)
			}
		}
	}
}

func TestMetrics(t *testing.T) {
	s := newSite(t)
	s.submit(`{"type":"Rep","id":"li","name":"Li"}`, `{"type":"Rep","id":"wu"}`,
		`{"type":"Visit","id":"v1","rep":"li","n":9}`, `{"type":"Visit","id":"v2","rep":"li","n":3}`,
		`{"type":"Visit","id":"v3","rep":"wu","n":1}`)
	beside := `"mean":null,"sd":null,"previous":null,"last_year":null}`
	for path, want := range map[string]string{
		"Named": `{"metric":"Named","by":[],"figures":[{"by":{},"period":null,"value":0.5,"n":2,` +
			beside + `]}`,
		"Total?by=rep": `{"metric":"Sum","by":["rep"],"figures":[{"by":{"rep":"li"},"period":null,` +
			`"value":12,"n":2,` + beside + `,{"by":{"rep":"wu"},"period":null,"value":1,"n":1,` +
			beside + `]}`,
	} {
		got := s.want(200, s.call(s.keys[access.Read], "GET", "/v1/east/metrics/"+path, "")).body
		if strings.TrimSpace(got) != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	p := s.problem("wrong-question", s.call(s.all, "GET", "/v1/east/metrics/Nmed", ""))
	if !strings.Contains(p.Detail, `the nearest is "Named"`) {
		t.Errorf("a wrong name: %+v", p)
	}
	s.problem("wrong-question", s.call(s.all, "GET", "/v1/east/metrics/Sum?by=team", ""))
	s.problem("wrong-request", s.call(s.all, "GET", "/v1/east/metrics/Sum?period=decade", ""))
}

func TestKeysAreShownOnceAndEnd(t *testing.T) {
	s := newSite(t)
	r := s.want(200, s.call(s.keys[access.Admin], "POST", "/v1/-/keys",
		`{"label":"crm","workspaces":["east"],"verbs":["read"]}`))
	var made api.Made
	if err := json.Unmarshal([]byte(r.body), &made); err != nil {
		t.Fatal(err)
	}
	s.want(200, s.call(made.Token, "GET", "/v1/east/tasks", ""))
	list := s.want(200, s.call(s.all, "GET", "/v1/-/keys", "")).body
	if !strings.Contains(list, made.Key.ID) || strings.Contains(list, made.Token[18:]) {
		t.Errorf("keys: %s", list)
	}
	s.want(204, s.call(s.all, "DELETE", "/v1/-/keys/"+made.Key.ID, ""))
	s.problem("expired-key", s.call(made.Token, "GET", "/v1/east/tasks", ""))
}

func TestHealth(t *testing.T) {
	s := newSite(t)
	s.want(200, s.call("", "GET", "/healthz", ""))
	s.want(200, s.call("", "GET", "/readyz", ""))
	s.server.Drain()
	s.want(200, s.call("", "GET", "/healthz", ""))
	s.want(503, s.call("", "GET", "/readyz", ""))
	s.server.Drain() // twice is once
}

func TestTheDescriptionIsWhole(t *testing.T) {
	s := newSite(t)
	r := s.want(200, s.call("", "GET", "/openapi.json", ""))
	var doc struct {
		OpenAPI string `json:"openapi"`
		Info    struct{ Version string }
		Paths   map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Summary     string
		}
	}
	if err := json.Unmarshal([]byte(r.body), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" || doc.Info.Version != "1.2.3" || len(doc.Paths) < 15 {
		t.Errorf("openapi: %+v", doc)
	}
	for path, item := range doc.Paths {
		for method, op := range item {
			if op.OperationID == "" || op.Summary == "" {
				t.Errorf("%s %s says nothing of itself", method, path)
			}
		}
	}
	if bytes.Contains([]byte(r.body), []byte("127.0.0.1")) {
		t.Error("the description names this machine")
	}
}
