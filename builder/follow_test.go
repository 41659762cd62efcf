package builder

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/builder/wire"
	"github.com/throughline/throughline/runtime/access"
)

// watch opens the socket of a page, at what the page says itself.
func (s *site) watch(page string) *talker {
	s.t.Helper()
	g := s.get(page)
	g.wants(200)
	m := regexp.MustCompile(`data-watch="([^"]*)"`).FindStringSubmatch(g.text)
	if m == nil {
		s.t.Fatalf("%s follows nothing", page)
	}
	return s.talk(strings.ReplaceAll(m[1], "&amp;", "&"))
}

// shows waits until a part of the page says something, and returns the update.
func (k *talker) shows(text string) wire.Update {
	k.t.Helper()
	return k.hears(text, func(u *wire.Update) bool {
		return slices.ContainsFunc(u.HTML, func(h string) bool { return strings.Contains(h, text) })
	})
}

// TestFollowHealth: a figure that changes is told to an open page, and its row alone.
func TestFollowHealth(t *testing.T) {
	s := newDistributor(t, 2)
	boss := s.person("boss", access.RoleManager, "Rep/m3")
	deng := s.person("deng", access.RoleRep, "Rep/r13")
	all := boss.watch("/w/d/health?in=Team/t3")
	today := deng.watch("/w/d/today")
	deal := option(deng.get("/w/d/hand-in/Talk").text, "opportunity")
	deng.post("/w/d/hand-in/Talk", "opportunity", deal, "note", "They want to see the shelf first.").
		wants(200, "Key-account talk", "It counts.")
	u := all.shows("Rep.r13")
	whole := len(boss.get("/w/d/health?in=Team/t3").text)
	sent := len(strings.Join(u.HTML, ""))
	t.Logf("%d bytes in %d parts, of a page of %d", sent, len(u.HTML), whole)
	if sent > whole/3 {
		t.Errorf("%d of %d bytes are sent for one figure", sent, whole)
	}
	for _, h := range u.HTML {
		if strings.Contains(h, `id="main"`) {
			t.Error("the whole page is sent")
		}
	}
	today.shows("Key-account talk")
}

// option is the first choice of a select.
func option(page, name string) string {
	_, rest, _ := strings.Cut(page, `name="`+name+`"`)
	m := regexp.MustCompile(`<option value="([^"]+)"`).FindStringSubmatch(rest)
	if m == nil {
		return ""
	}
	return m[1]
}

// TestFollowStale: a page that was drawn before something happened hears of it as it connects, and
// one that is up to date hears nothing.
func TestFollowStale(t *testing.T) {
	s := newDistributor(t, 2)
	boss := s.person("boss", access.RoleManager, "Rep/m3")
	k := boss.talk("/w/d/alerts/live?seen=1")
	if u := k.hears("the page", func(*wire.Update) bool { return true }); len(u.HTML) != 1 ||
		!strings.HasPrefix(u.HTML[0], `<main id="main"`) {
		t.Errorf("a page of long ago hears %d parts", len(u.HTML))
	}
	if list := quiet(boss.watch("/w/d/alerts")); list != "" {
		t.Error("a page that is up to date hears", list)
	}
}

// TestStillThere: a page hears from time to time that the server is there, whatever it shows.
func TestStillThere(t *testing.T) {
	s := newDistributor(t, 2)
	s.b.pings = time.Millisecond
	boss := s.enrol("boss", everywhere)
	for _, path := range []string{"/w/d/alerts/live", "/w/d/board/live"} {
		for k := boss.talk(path); ; {
			text, err := k.l.Next()
			if err != nil {
				t.Fatal(path, err)
			}
			if string(text) == "{}" {
				break
			}
		}
	}
}

// quiet is what comes within a moment, where nothing should.
func quiet(k *talker) string {
	heard := make(chan string, 1)
	go func() {
		text, err := k.l.Next()
		if err == nil {
			heard <- string(text)
		}
	}()
	select {
	case x := <-heard:
		return x
	case <-time.After(300 * time.Millisecond):
		return ""
	}
}

// TestEvidence: what a forged visit repeats stands beside it, found after the page was drawn and told
// to it; whoever does not see the other record learns nothing of it.
func TestEvidence(t *testing.T) {
	s := newDistributor(t, 3)
	root := s.person("root", access.RoleAdmin, "")
	k := root.watch("/w/d/reviews")
	u := k.shows("<mark>")
	for _, want := range []string{"like an earlier one", "This note", "/w/d/log/"} {
		if !strings.Contains(strings.Join(u.HTML, ""), want) {
			t.Errorf("evidence lacks %q", want)
		}
	}
	g := root.get("/w/d/reviews")
	g.wants(200, "<mark>", "handed in before")
	g.lacks("are being looked for")
	root.zh("/w/d/reviews").wants(200, "相似", "本条备注")
	sound(t, "reviews", g.text)
}

// TestEvidenceOfOthers: what stands beside a record in doubt shows nothing of another that whoever
// looks does not see, nor what is hidden from them.
func TestEvidenceOfOthers(t *testing.T) {
	s := newDistributor(t, 3)
	root := s.enrol("root", everywhere)
	root.watch("/w/d/reviews").shows("<mark>") // Qian Jin's of another team
	// Deng Kai copies a note of Tang Min, who goes to another team after that.
	const copied = "The owner moves in spring and wants the second shelf at the new place"
	store := option(s.person("tang", access.RoleRep, "Rep/r14").get("/w/d/hand-in/Distribution").text, "store")
	key, _, err := s.access.Make(t.Context(), access.Key{Label: "t", Workspaces: []string{"*"},
		Verbs: access.Verbs()}, "test")
	if err != nil {
		t.Fatal(err)
	}
	s.sendJSON("/v1/d/records", key, `{"type":"Visit","id":"tang-1","rep":"r14","store":"`+store+
		`","at":"2026-11-27T10:00:00+08:00","skus":["tea"],"note":"`+copied+`"}`).wants(200)
	deng := s.person("deng", access.RoleRep, "Rep/r13")
	deng.post("/w/d/hand-in/Distribution", "store", option(deng.get("/w/d/hand-in/Distribution").text, "store"),
		"skus", "tea, cola, water", "price_tag", "true", "location.lat", "30.9", "location.lng", "104.9",
		"note", copied).wants(200)
	s.sendJSON("/v1/d/records", key, `{"type":"Rep","id":"r14","team":"t2","manager":"m2"}`).wants(200)
	hide := func(do, field string) {
		root.post("/w/d/people", "do", do, "field", field, "from", "author").wants(200)
	}
	author := s.person("au", access.RoleAuthor, "")
	luo := s.person("luo", access.RoleManager, "Rep/m3")
	full := []string{"<mark>", "Qian Jin", "class=\"map\"", "handed in before", "note"}
	luo.watch("/w/d/reviews").shows("like an earlier one")
	for _, c := range []struct {
		name         string
		who          *site
		hides        string
		wants, lacks []string
	}{
		{"all", root, "", full, []string{"that you do not see"}},
		{"an author", author, "", full, nil},
		{"without notes", author, "Visit.note", []string{"class=\"map\"", "handed in before"},
			[]string{"<mark>", "like an earlier one"}},
		{"without places", author, "Visit.location", []string{"<mark>"},
			[]string{"class=\"map\"", " km"}},
		{"without the places of shops", author, "Store.location", []string{"<mark>"}, []string{"class=\"map\""}},
		{"without photos", author, "Visit.photo", []string{"<mark>"}, []string{"handed in before"}},
		{"of another team", luo, "", []string{"like an earlier one", "a record that you do not see"},
			[]string{"Tang Min", "r14", "Qian Jin", "<mark>"}},
	} {
		t.Log(c.name)
		if c.hides != "" {
			hide("hide", c.hides)
		}
		page := c.who.get("/w/d/reviews").wants(200, c.wants...)
		page.lacks(append(c.lacks, "being looked for")...)
		if c.hides != "" {
			hide("show", c.hides)
		}
	}
}

// TestFollowMay: who may not see a page does not follow it.
func TestFollowMay(t *testing.T) {
	s := newDistributor(t, 1)
	s.anew().get("/w/d/alerts/live").wants(200, "Sign in")
	s.enrol("else", access.Grant{Role: access.RoleAuthor, Workspace: "west"}).
		get("/w/d/alerts/live").wants(403)
}

func TestSplit(t *testing.T) {
	was := split(`<main id="main"><p>a<br></p><ul id="l"><li id="x">1</li><li id="y">2</li></ul></main>`)
	for _, c := range []struct{ name, html, want string }{
		{"nothing", `<main id="main"><p>a<br></p><ul id="l"><li id="x">1</li><li id="y">2</li></ul></main>`, ""},
		{"a row", `<main id="main"><p>a<br></p><ul id="l"><li id="x">1</li><li id="y">3</li></ul></main>`,
			`<li id="y">3</li>`},
		{"both rows", `<main id="main"><p>a<br></p><ul id="l"><li id="x">0</li><li id="y">3</li></ul></main>`,
			`<li id="x">0</li>|<li id="y">3</li>`},
		{"a row more", `<main id="main"><p>a<br></p><ul id="l"><li id="x">1</li><li id="z">1</li><li id="y">2</li></ul></main>`,
			`<ul id="l"><li id="x">1</li><li id="z">1</li><li id="y">2</li></ul>`},
		{"the order", `<main id="main"><p>a<br></p><ul id="l"><li id="y">2</li><li id="x">1</li></ul></main>`,
			`<ul id="l"><li id="y">2</li><li id="x">1</li></ul>`},
		{"what is around", `<main id="main"><p>b<br></p><ul id="l"><li id="x">1</li><li id="y">2</li></ul></main>`,
			`<main id="main"><p>b<br></p><ul id="l"><li id="x">1</li><li id="y">2</li></ul></main>`},
		{"an attribute", `<main id="main"><p>a<br></p><ul id="l" class="c"><li id="x">1</li><li id="y">2</li></ul></main>`,
			`<ul id="l" class="c"><li id="x">1</li><li id="y">2</li></ul>`},
	} {
		now := split(c.html)
		if got := strings.Join(now.against(&was), "|"); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

// TestHealthOfTheFirstDay tells people who are there and owe nothing yet from nobody.
func TestHealthOfTheFirstDay(t *testing.T) {
	s := newSite(t)
	policy := `entity Rep { name text; joined date? }
event Visit { rep Rep; ok bool; fill ok = true }
action Tour "巡店" { on Visit; by rep; done ok; target 10 per week }
`
	s.workspaceOf("east", policy)
	s.workspaceOf("west", policy)
	ann := s.enrol("Ann", everywhere)
	ann.get("/w/west/health").wants(200, "Nobody to show")
	key, _, err := s.access.Make(t.Context(), access.Key{Label: "k", Workspaces: []string{"*"},
		Verbs: access.Verbs()}, "test")
	if err != nil {
		t.Fatal(err)
	}
	s.sendJSON("/v1/east/records", key, `[{"type":"Rep","id":"li","name":"Li","joined":"2099-01-05"}]`).
		wants(200, "accepted")
	ann.get("/w/east/health").wants(200, "Nothing is due yet", "when it has ended")
	ann.get("/w/east/health", "Accept-Language", "zh").wants(200, "还没有到期的应做动作")
}
