package builder

import (
	"context"
	"io"
	"io/fs"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/examples"
	"github.com/throughline/throughline/examples/distributor"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/files"
	"github.com/throughline/throughline/runtime/host"
)

// sunday is the present of the distributor's workspace in tests.
var sunday = time.Date(2026, 11, 29, 13, 0, 0, 0, time.UTC)

// newDistributor is a server with the last weeks of the sample distributor, at the end of a week.
func newDistributor(t *testing.T, weeks int) *site {
	t.Helper()
	dir := t.TempDir()
	fsys, err := fs.Sub(examples.Files, distributor.PolicyFolder)
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := dsl.Load(fsys, ".")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "workspaces", "d.db")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return sunday }
	w, err := runtime.Open(file, runtime.Config{Policy: p, Import: true, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	year := distributor.New(sunday, "en")
	list, i := year.Records(), 0
	first, since := year.Begin().Add(8*time.Hour), sunday.AddDate(0, 0, -7*weeks)
	err = w.Import(t.Context(), func() ([]byte, error) {
		for i < len(list) && list[i].At.After(first) && list[i].At.Before(since) {
			i++
		}
		if i == len(list) {
			return nil, io.EOF
		}
		i++
		return list[i-1].Line(), nil
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Until(t.Context(), sunday.UnixMicro()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return serveDir(t, dir, now)
}

// serveDir serves what is in a data folder, at a moment of the caller's.
func serveDir(t *testing.T, dir string, now func() time.Time) *site {
	t.Helper()
	keys, err := access.Open(filepath.Join(dir, "system.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	h, err := host.Open(dir, host.Options{Config: runtime.Config{Now: now}})
	if err != nil {
		t.Fatal(err)
	}
	server := api.New(api.Options{Host: h, Access: keys, Looks: looksIn(t, dir),
		Files: files.In(filepath.Join(dir, "workspaces"), files.Options{})})
	b := New(Options{API: server, Host: h, Access: keys, Drafts: filepath.Join(dir, "drafts"),
		Patience: time.Minute})
	way := &line{to: b}
	web := httptest.NewServer(way)
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
	return (&site{t: t, b: b, access: keys, url: web.URL, line: way}).anew()
}

// line is the way to a server, which can be cut.
type line struct {
	to  http.Handler
	cut atomic.Bool
}

func (l *line) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if l.cut.Load() {
		panic(http.ErrAbortHandler) // the connection ends without an answer
	}
	l.to.ServeHTTP(w, r)
}

// person comes in with a role as somebody of the workspace.
func (s *site) person(login string, role access.Role, as string) *site {
	return s.enrol(login, access.Grant{Role: role, Workspace: "d", As: as})
}

// zh is the same browser, asking for Chinese.
func (s *site) zh(path string) got { return s.get(path, "Accept-Language", "zh-CN") }

// follow goes where the first link leads whose address or text matches.
func (g got) follow(s *site, pattern string) got {
	g.t.Helper()
	m := regexp.MustCompile(`<a[^>]* href="([^"]*)"[^>]*>[^<]*`).FindAllStringSubmatch(g.text, -1)
	for _, x := range m {
		if regexp.MustCompile(pattern).MatchString(x[0]) {
			return s.get(strings.ReplaceAll(x[1], "&amp;", "&")).wants(200)
		}
	}
	g.t.Fatalf("%s has no link like %q", g.what, pattern)
	return g
}

// TestScreens goes through the screens of steering and working as everybody who may: what each
// sees, and that others do not.
func TestScreens(t *testing.T) {
	site := newDistributor(t, 5)
	admin := site.person("root", access.RoleAdmin, "")
	west := site.person("luo", access.RoleManager, "Rep/m3")
	south := site.person("zhou", access.RoleManager, "Rep/m2")
	rep := site.person("deng", access.RoleRep, "Rep/r13")

	t.Run("from a red cell to the raw event in four steps", func(t *testing.T) {
		team := admin.get("/w/d/health").wants(200, "West", "Effective distribution", "h0").
			follow(admin, "West").wants(200, "Deng Kai").lacks("Li Qiang")
		cell := team.follow(admin, "/health/Rep/r13/Distribution").
			wants(200, "Deng Kai · Effective distribution", "not done")
		cell.follow(admin, "/log/[0-9]+").wants(200, "What came", "visit-", "Phone r13", "Price tags in place")
	})
	t.Run("weeks before", func(t *testing.T) {
		sum := admin.get("/w/d/health").follow(admin, `/health/Rep/r13"`).
			wants(200, "Deng Kai · Score", "Effective distribution", "Weight", "50%")
		sound(t, "score", sum.text)
		points, score := 0.0, regexp.MustCompile(`<strong>([0-9]+)</strong> <span>Week of`).
			FindStringSubmatch(sum.text)[1]
		for _, m := range regexp.MustCompile(`</th><td class="number">([0-9.]+)</td>`).FindAllStringSubmatch(sum.text, -1) {
			f, _ := strconv.ParseFloat(m[1], 64) // it is written so
			points += f
		}
		if want, _ := strconv.ParseFloat(score, 64); math.Abs(points-want) > 0.7 || want == 0 {
			t.Errorf("the parts of a score of %s come to %.1f", score, points)
		}
		sum.follow(admin, "/health/Rep/r13/Distribution").wants(200, "What was handed in")
		admin.get("/w/d/health/Team/t3").wants(200, "West · Score", "/w/d/health?in=Team%2Ft3")
		rep.get("/w/d/health/Rep/r14").wants(404)
		admin.get("/w/d/health/Rep/m3/Distribution").wants(200, "nothing is due") // not that there is no such person
		admin.get("/w/d/health?week=2").wants(200, "2026-11-09", `aria-current`)
		admin.get("/w/d/health?week=999").wants(200)
		admin.get("/w/d/health/Rep/nobody/Distribution").wants(404)
	})
	t.Run("nobody sees another's figures", func(t *testing.T) {
		west.get("/w/d/health").wants(200, "Deng Kai").lacks("Li Qiang")
		rep.get("/w/d/health").wants(200, "Deng Kai").lacks("Tang Min")
		rep.get("/w/d/health/Rep/r14/Distribution").wants(404)
		rep.get("/w/d/record/Rep/r14").wants(404)
	})
	t.Run("an alert with its rule, and its task", func(t *testing.T) {
		list := west.get("/w/d/alerts").wants(200, "Three days below 60%", "is less than 60%",
			"for 3 looks in a row", "Deng Kai").lacks("Qian Jin")
		west.zh("/w/d/alerts").wants(200, "连续三天低于六成", "连续 3 次")
		one := list.follow(west, "rule=ColdAction").wants(200, "What it looked at", "<polyline")
		task := regexp.MustCompile(`name="task" value="([^"]+)"`).FindStringSubmatch(one.text)
		if task != nil {
			west.post(one.at, "task", task[1], "do", "cancel", "why", "").
				wants(422, "A reason is needed")
			west.post(one.at, "task", task[1], "do", "cancel", "why", "on leave").wants(200)
		}
		admin.get("/w/d/alert?rule=none&of=r13").wants(200, "not open any more")
	})
	t.Run("a review settles a record", func(t *testing.T) {
		page := south.get("/w/d/reviews").wants(200, "Qian Jin", "Not within 500 m of the shop",
			"Taken", "Exemptions in force")
		record := regexp.MustCompile(`name="record" value="([^"]+)"`).FindStringSubmatch(page.text)[1]
		south.post("/w/d/reviews", "record", record, "verdict", "fail", "note", "café").wants(200).
			lacks(`value="` + record + `"`)
		west.get("/w/d/reviews").wants(200).lacks("Qian Jin")
		west.post("/w/d/reviews", "record", record, "verdict", "pass").wants(422)
		rep.post("/w/d/reviews", "record", record, "verdict", "pass").wants(422)
		south.post("/w/d/reviews", "do", "close", "why", "audit").wants(422)
		admin.post("/w/d/reviews", "do", "close", "why", "").wants(422, "A reason is needed")
		admin.post("/w/d/reviews", "do", "close", "why", "audit").wants(200, "No check is waived.")
	})
	t.Run("the log is found in, and verified", func(t *testing.T) {
		admin.get("/w/d/log").wants(200, "accepted", "Older").follow(admin, "before=").wants(200)
		admin.get("/w/d/log?find=Rep/r13").wants(200, "How it stands now", "Deng Kai")
		admin.get("/w/d/log?find=3").wants(200, "Entry 3", "<dt>moment</dt>")
		admin.zh("/w/d/log/3").wants(200, "<dt>编号</dt>", "<dt>发生时间</dt>").lacks("<dt>at</dt>")
		admin.get("/w/d/log?find=what").wants(200, "No entry or record is called that.")
		admin.get("/w/d/log/99999999").wants(404)
		admin.post("/w/d/log").wants(422, "The log is whole")
		one := rep.get("/w/d/log").wants(200).lacks("Verify the log").follow(rep, "/log/[0-9]+")
		for range 3 { // what lies between is of others, and is passed over
			one = one.follow(rep, `rel="prev"`)
		}
		one.follow(rep, `rel="next"`)
		admin.get("/w/d/log/1").wants(200, "a policy was put in force", `rel="next"`).lacks(`rel="prev"`)
		rep.post("/w/d/log").wants(422, "You may not see this").lacks("The log is whole")
	})
	t.Run("every page of the navigation has help", func(t *testing.T) {
		root := site.enrol("all", everywhere)
		pages := regexp.MustCompile(`<li><a href="/w/d/([a-z]+)"`).
			FindAllStringSubmatch(root.get("/w/d/health").text, -1)
		if len(pages) < 15 {
			t.Fatalf("only %d pages", len(pages))
		}
		said := map[string]string{}
		for _, m := range append(pages, []string{"", "today"}, []string{"", "start"}) {
			page := root.get("/w/d/"+m[1]).wants(200, `class="icon help" href="/w/d/help/`+m[1]+`"`)
			help := page.follow(root, "icon help").wants(200, "What you can do here", `href="/w/d/`+m[1]+`"`)
			sound(t, "help/"+m[1], help.text)
			root.zh(help.at).wants(200, "在这里可以做什么").lacks("What you can do")
			text := regexp.MustCompile(`(?s)<h1>.*</section>`).FindString(help.text)
			if was := said[text]; was != "" && was != m[1] {
				t.Errorf("%s and %s have the same help", was, m[1])
			}
			said[text] = m[1]
		}
		rep.get("/w/d/hand-in/Distribution").follow(rep, "icon help").wants(200, "Claim a lead").
			lacks("/help/people")
		root.get("/w/d/help/nothing").wants(404)
	})
	t.Run("who got a lead, and who did not", func(t *testing.T) {
		page := admin.get("/w/d/allocation").wants(200, "By person", "The last ones")
		behind := regexp.MustCompile(`>[0-9.]+</td><td class="">(idle|fit) −[0-9.]+`)
		limit, far := 0, 0
		for _, at := range regexp.MustCompile(`/w/d/allocation/[0-9]+`).FindAllString(page.text, -1) {
			one := admin.get(at).wants(200, "Everybody who was weighed", "idle · 60%", "Points behind",
				"By which term")
			limit += strings.Count(one.text, "limit does not hold: candidate.load")
			far += len(behind.FindAllString(one.text, -1))
		}
		if limit == 0 || far == 0 {
			t.Errorf("%d are told what left them out, %d how far they were behind", limit, far)
		}
		admin.get("/w/d/allocation/1").wants(404)
	})
	t.Run("today, and what is handed in", func(t *testing.T) {
		rep.get("/w/d/today").wants(200, "Effective distribution", "of 15 this week", "Hand in")
		nobody := site.person("m1", access.RoleManager, "Rep/m1")
		nobody.get("/w/d/today").wants(200, "Nothing is waiting for you").follow(nobody, `>Alerts$`)
		rep.zh("/w/d/today").wants(200, "有效铺货", "提交")
		form := rep.get("/w/d/hand-in/Distribution").wants(200, "Where you are", `capture="environment"`)
		form.lacks(">r14<")
		shop := regexp.MustCompile(`<option value="(s[0-9]+)"`).FindStringSubmatch(form.text)[1]
		rep.post("/w/d/hand-in/Distribution", "store", shop, "skus", "tea, cola，water", "price_tag",
			"true", "location.lat", "30.57", "location.lng", "104.07", "note", "juice is slow").
			wants(200, "This was decided", "accepted", "Effective distribution")
		rep.post("/w/d/hand-in/Distribution", "store", "s001", "price_tag", "true").wants(200)
		rep.get("/w/d/hand-in/Nothing").wants(404)
		rep.post("/w/d/today", "do", "claim", "record", "Lead/none").wants(422)
	})
	t.Run("every page is sound", func(t *testing.T) {
		for _, path := range []string{"health", "health/Rep/r13/Distribution", "alerts", "reviews",
			"log", "log/3", "record/Rep/r13", "allocation", "today", "hand-in/Distribution"} {
			page := admin.get("/w/d/" + path).wants(200)
			sound(t, path, page.text)
			sound(t, path, admin.zh("/w/d/"+path).wants(200).text)
		}
	})
}

// TestGuests: only a sample server lets anybody in without a password.
func TestGuests(t *testing.T) {
	s := newSite(t)
	s.post("/sign-in/as", "guest", "li@demo.invalid").wants(404)
	_, err := s.access.Enrol(context.Background(), access.Person{Login: "li", Name: "Li",
		Email: "li@demo.invalid", Grants: []access.Grant{{Role: access.RoleAdmin, Workspace: "*"}}}, "",
		"test")
	if err != nil {
		t.Fatal(err)
	}
	s.b.o.Guests = []Guest{{Email: "li@demo.invalid", Name: "Li", What: words.GuestAdmin}}
	s.get("/sign-in").wants(200, "Come in as", "administers").lacks("Password")
	s.zh("/sign-in").wants(200, "管理一切").lacks("administers")
	s.post("/sign-in/as", "guest", "wang@demo.invalid").wants(404)
	s.post("/sign-in/as", "guest", "li@demo.invalid").wants(200, "Workspaces")
}
