package builder

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/wire"
	"github.com/throughline/throughline/internal/live"
	"github.com/throughline/throughline/runtime/access"
)

// talker is a page without a browser.
type talker struct {
	t testing.TB
	l *live.Listener
}

// talk opens the socket of a page of the draft.
func (s *site) talk(path string) *talker {
	s.t.Helper()
	u, err := url.Parse(s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	h := http.Header{}
	for _, c := range s.client.Jar.Cookies(u) {
		h.Add("Cookie", c.String())
	}
	l, err := live.Dial(s.t.Context(), strings.Replace(s.url, "http", "ws", 1)+path, h)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = l.Close() })
	return &talker{s.t, l}
}

func (k *talker) say(command string) {
	k.t.Helper()
	if err := k.l.Say([]byte(command)); err != nil {
		k.t.Fatal(err)
	}
}

// hears waits for an update that something is true of.
func (k *talker) hears(what string, is func(*wire.Update) bool) wire.Update {
	k.t.Helper()
	heard := make(chan wire.Update, 1)
	failed := make(chan error, 1)
	go func() {
		for {
			text, err := k.l.Next()
			var u wire.Update
			if err == nil {
				err = json.Unmarshal(text, &u)
			}
			if err != nil {
				failed <- err
				return
			}
			if is(&u) {
				heard <- u
				return
			}
		}
	}()
	select {
	case u := <-heard:
		return u
	case err := <-failed:
		k.t.Fatalf("%s: %v", what, err)
	case <-time.After(30 * time.Second):
		k.t.Fatalf("%s never came", what)
	}
	return wire.Update{}
}

func (k *talker) told(text string) wire.Update {
	k.t.Helper()
	u := k.hears(text, func(u *wire.Update) bool { return u.Say != "" })
	if !strings.Contains(u.Say, text) {
		k.t.Fatalf("told %q, want %q", u.Say, text)
	}
	return u
}

// gesture does a command as somebody else.
func (s *site) gesture(command string) {
	s.t.Helper()
	k := s.talk("/w/east/board/live")
	k.say(command)
	if u := k.hears("an answer", func(u *wire.Update) bool { return u.Say != "" }); u.Wrong {
		s.t.Fatal(u.Say)
	}
}

func (s *site) draftNow() string { return s.draftIn("east", 0) }

// draftIn is a file of a workspace's draft.
func (s *site) draftIn(workspace string, file int) string {
	s.t.Helper()
	d, err := s.b.desk(s.t.Context(), workspace)
	if err != nil {
		s.t.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.draft.Files()[file].Text
}

const moveCall = `{"do":"move","what":["Sale","New","must FirstCall within 4wh"],` +
	`"into":["Sale","Talks"],"index":1}`

// TestGestures: a command in, the parts of the page that changed out, to everybody, each in their
// language.
func TestGestures(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann, bo := s.enrol("ann", everywhere), s.enrol("bo", everywhere)
	bo.post("/settings", "lang", "zh", "to", "/")
	a, b := ann.talk("/w/east/board/live"), bo.talk("/w/east/board/live")
	a.hears("the board", func(u *wire.Update) bool { return len(u.HTML) > 0 })
	b.hears("the board", func(u *wire.Update) bool { return len(u.HTML) > 0 })
	a.say(moveCall)
	a.told("Done: move “must FirstCall within 4wh”.")
	u := b.hears("the change", func(u *wire.Update) bool {
		return strings.Contains(strings.Join(u.HTML, ""), "首次电话")
	})
	if text := strings.Join(u.HTML, ""); strings.Contains(text, "赢单") {
		t.Errorf("a stage that is as it was is sent again: %s", text)
	}
	if text := s.draftNow(); !strings.Contains(text, "must Offer\n    must FirstCall within 4wh") {
		t.Error(text)
	}
	for _, c := range []struct{ command, said string }{
		{`{"do":"delete","what":["Sale","Nowhere"]}`, "There is no Sale › Nowhere any longer"},
		{`{"do":"move","what":["Sale"],"into":["Sale","Talks"]}`, "cannot go into itself"},
		{`{"do":"insert","into":["Sale","Talks"],"text":"must {"}`, "do not match"},
		{`{"do":"dance"}`, "Load it again"},
		{`{"do":"edit","file":"policy.thru","by":"x","rev":1,"sets":[[3]]}`, "Load it again"},
		{`{"do":"edit","file":"none.thru","by":"x","rev":0,"sets":[[3]]}`, "There is no file"},
	} {
		a.say(c.command)
		if u := a.told(c.said); !u.Wrong {
			t.Errorf("%s is told as done: %s", c.command, u.Say)
		}
	}
	b.say(`{"do":"undo"}`)
	b.told("没有可以撤销的操作")
	a.say(`{"do":"undo"}`)
	a.told("Undone: move “must FirstCall within 4wh”.")
	if s.draftNow() != exampleText(t) {
		t.Error(s.draftNow())
	}
	a.say(`{"do":"redo"}`)
	a.told("Done again: move")
}

func exampleText(t *testing.T) string {
	b, err := starter.ReadFile("starter/policy.thru")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestWhoMayChange: who may see a draft and not change it is told so; who may not see it gets no
// socket at all; nor does a page of another site.
func TestWhoMayChange(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	look := s.enrol("au", access.Grant{Role: access.RoleAuditor, Workspace: "east"})
	k := look.talk("/w/east/board/live")
	k.say(moveCall)
	if u := k.told("takes the role of an author"); !u.Wrong {
		t.Error("told as done")
	}
	if s.draftNow() != exampleText(t) {
		t.Error("changed all the same")
	}
	look.get("/w/east/board").wants(200, "takes the role of an author").lacks("data-more")
	s.enrol("no", access.Grant{Role: access.RoleAuthor, Workspace: "west"}).
		get("/w/east/board/live").wants(403)
	s.anew().get("/w/east/board/live").came("/sign-in?to=%2Fw%2Feast%2Fboard%2Flive")
	ann := s.enrol("ann", everywhere)
	u, _ := url.Parse(s.url)
	h := http.Header{"Origin": {"https://evil.example"}}
	for _, c := range ann.client.Jar.Cookies(u) {
		h.Add("Cookie", c.String())
	}
	_, err := live.Dial(t.Context(), strings.Replace(s.url, "http", "ws", 1)+"/w/east/board/live", h)
	if err == nil {
		t.Error("a page of another site may talk")
	}
	for _, role := range []string{"publish", "again"} {
		look.post("/w/east/publish", "do", role).wants(403)
	}
}

// TestKept: a server that stops in the middle has everything when it starts again, and a page that
// was open meanwhile hears what it missed.
func TestKept(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("ann", everywhere)
	ann.gesture(moveCall)
	text := s.draftNow()
	s.b.desks.mu.Lock()
	d := s.b.desks.open["east"]
	delete(s.b.desks.open, "east")
	s.b.desks.mu.Unlock()
	d.mu.Lock()
	id := d.draft.ID()
	d.mu.Unlock()
	if s.draftNow() != text {
		t.Error("another text")
	}
	k := ann.talk("/w/east/text/live?file=policy.thru&rev=0&draft=" + id)
	u := k.hears("what it missed", func(u *wire.Update) bool { return len(u.Changes) > 0 })
	if len(u.Changes) != 1 || u.Changes[0].File != "policy.thru" {
		t.Errorf("%+v", u.Changes)
	}
	k = ann.talk("/w/east/text/live?file=policy.thru&rev=9&draft=" + id)
	k.hears("that it is another", func(u *wire.Update) bool { return u.Anew })
	k = ann.talk("/w/east/text/live?file=policy.thru&rev=0&draft=other")
	k.hears("that it is another", func(u *wire.Update) bool { return u.Anew })
}

// TestPublishing takes a draft into force, and says what stands in the way.
func TestPublishing(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("ann", everywhere)
	ann.get("/w/east/publish").wants(200, "Nothing to publish")
	ann.gesture(moveCall)
	g := ann.get("/w/east/publish").wants(200, "Put it in force", "Changed by ann", "1 test passes")
	expect := between(g.text, `name="expect" value="`, `"`)
	ann.gesture(`{"do":"insert","into":["Sale","Talks"],"index":9,"text":"must 3 Offer"}`)
	ann.post("/w/east/publish", "do", "publish", "expect", strings.Repeat("0", 64)).
		wants(422, "Another policy is in force")
	ann.post("/w/east/publish", "do", "publish", "expect", expect).wants(200, "It is in force.").
		came("/w/east/publish?now")
	ann.gesture(`{"do":"replace","what":["FirstCall","done answered and has note"],` +
		`"text":"done answered and has nothing"}`)
	ann.get("/w/east/publish").wants(200, "It has mistakes", "mistake").lacks("Put it in force")
	ann.post("/w/east/publish", "do", "publish").wants(422, "cannot be put in force")
	ann.gesture(`{"do":"replace","what":["FirstCall","done answered and has nothing"],` +
		`"text":"done has note"}`)
	ann.get("/w/east/publish").wants(200, "1 of 1 test failed").lacks("Put it in force")
	ann.post("/w/east/publish", "do", "again").came("/w/east/board").wants(200, "as in force")
	con := s.enrol("con", access.Grant{Role: access.RoleConsultant, Workspace: "east"})
	con.gesture(`{"do":"delete","what":["Sale","Talks","must 3 Offer"]}`)
	con.get("/w/east/publish").wants(200, "Talks").lacks("Put it in force")
	con.post("/w/east/publish", "do", "publish").wants(422, "may not do this")
}

// TestPublishingWhatTakesSomebodyToConfirm tells on the page what a draft would do to records that
// are on their way, and does it for who wants that.
func TestPublishingWhatTakesSomebodyToConfirm(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	w, leave, err := s.b.o.Host.Use(t.Context(), "east")
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	for _, line := range []string{`{"type":"Customer","id":"acme"}`,
		`{"type":"Customer","id":"acme","stage":"Talks"}`} {
		if _, err := w.Submit(t.Context(), []byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	ann := s.enrol("ann", everywhere)
	ann.gesture(`{"do":"delete","what":["Sale","Talks"]}`)
	expect := between(ann.get("/w/east/publish").text, `name="expect" value="`, `"`)
	p := ann.post("/w/east/publish", "do", "publish", "expect", expect).
		wants(422, "Customer/acme", "Put it in force all the same")
	ann.post("/w/east/publish", "do", "publish", "expect", expect,
		"stranded", between(p.text, `name="stranded" value="`, `"`)).wants(200, "It is in force.")
}

// TestPublishingTellsOfOpenRecords says before anybody publishes which open records stay, which move
// and which need a person.
func TestPublishingTellsOfOpenRecords(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("ann", everywhere)
	ann.gesture(moveCall)
	ann.get("/w/east/publish").wants(200, "Put it in force").lacks("Open records on their way")
	ann.post("/w/east/publish", "do", "again").came("/w/east/board")
	w, leave, err := s.b.o.Host.Use(t.Context(), "east")
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	for i, stage := range []string{"", "Talks", "Talks"} {
		line := fmt.Sprintf(`{"type":"Customer","id":"c%d"}`, i)
		if _, err := w.Submit(t.Context(), []byte(line)); err != nil {
			t.Fatal(err)
		}
		line = fmt.Sprintf(`{"type":"Customer","id":"c%d","stage":%q}`, i, stage)
		if _, err := w.Submit(t.Context(), []byte(line)); stage != "" && err != nil {
			t.Fatal(err)
		}
	}
	ann.gesture(`{"do":"insert","into":["Sale","Talks"],"index":9,"text":"must 3 Offer"}`)
	ann.get("/w/east/publish").wants(200, "3 stay, 0 move, 0 need somebody to decide",
		"held to another must from then on", "must created").lacks("Customer/c1")
	ann.post("/w/east/publish", "do", "again").came("/w/east/board")
	ann.gesture(`{"do":"rename","what":["Sale","Talks"],"text":"Demo"}`)
	ann.get("/w/east/publish").wants(200, "1 stays, 2 move, 0 need somebody to decide", "move to ")
	ann.post("/w/east/publish", "do", "again").came("/w/east/board")
	ann.gesture(`{"do":"delete","what":["Sale","Talks"]}`)
	ann.get("/w/east/publish").wants(200, "1 stays, 0 move, 2 need somebody to decide",
		"(2): have no stage any more and would begin anew at", `href="/w/east/record/Customer/c1"`, "Customer/c2")
	ann.post("/settings", "lang", "zh", "to", "/w/east/publish").wants(200,
		"1 条留在原处，0 条移动，2 条需要有人决定", "（2 条）：阶段已不存在，将从", "重新开始")
}

// TestNamesAreTexts shows a name that would be a script as what it is, on every page of a workspace.
func TestNamesAreTexts(t *testing.T) {
	const evil = `<script>alert(1)</script><img src=x onerror=alert(2)>"'`
	s := newSite(t)
	s.workspace("east")
	w, leave, err := s.b.o.Host.Use(t.Context(), "east")
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	name, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`{"type":"Rep","id":"li","name":` + string(name) + `}`,
		`{"type":"Customer","id":` + string(name) + `,"name":` + string(name) + `,"owner":"li"}`,
		`{"type":"Call","id":"c","customer":` + string(name) + `,"rep":"li","answered":true,"note":` +
			string(name) + `}`} {
		if _, err := w.Submit(t.Context(), []byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	ann := s.enrol("ann", everywhere)
	shown := 0
	for _, x := range screens() {
		path := strings.NewReplacer("{seq}", "4", "{type}", "Customer", "{id}", url.PathEscape(evil),
			"{person}", "li", "{channel}", "mail", "{alert}", "x").Replace(x.Path)
		if strings.Contains(path, "{") {
			continue
		}
		g := ann.get("/w/east/" + path)
		for _, raw := range []string{"<script>alert(1)", "<img src=x"} {
			if strings.Contains(g.text, raw) {
				t.Errorf("%s: %s stands in it as it came", path, raw)
			}
		}
		if strings.Contains(g.text, "&lt;script&gt;alert(1)") {
			shown++
		}
	}
	if shown == 0 {
		t.Error("no page shows it at all")
	}
}

func between(text, from, to string) string {
	_, text, _ = strings.Cut(text, from)
	text, _, _ = strings.Cut(text, to)
	return text
}

// TestConverge: whatever two people type and do at once, however late they hear of each other, both
// end with the server's text. What was typed at an old revision is not taken; the browser asks
// again (see the tests there).
func TestConverge(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	d, err := s.b.desk(t.Context(), "east")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		var seats []*seat
		for _, by := range []string{"ann", "bo"} {
			seat := &seat{d: d, lang: "en", by: by, name: by, may: true, file: "policy.thru",
				out: make(chan *wire.Update, 4*mostWaiting), over: make(chan struct{}),
				shown: map[string]string{}, view: &view.Viewer{Lang: "en", Workspace: "east"}}
			seats = append(seats, seat)
		}
		d.mu.Lock()
		base := d.draft.Files()[0].Text
		rev := []int{d.draft.Rev(0), d.draft.Rev(0)}
		d.seats = map[*seat]bool{seats[0]: true, seats[1]: true}
		d.mu.Unlock()
		texts := []string{base, base}
		hear := func(i int) {
			for {
				select {
				case u := <-seats[i].out:
					for _, c := range u.Changes {
						edits, err := c.Set.Edits(0, texts[i])
						if err != nil {
							t.Fatal(err)
						}
						for k := len(edits) - 1; k >= 0; k-- {
							e := edits[k]
							texts[i] = texts[i][:e.Span.Off] + e.New + texts[i][e.Span.End:]
						}
						rev[i]++
					}
				default:
					return
				}
			}
		}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			i := rapid.IntRange(0, 1).Draw(t, "who")
			switch rapid.IntRange(0, 4).Draw(t, "does") {
			case 0:
				hear(i)
			case 1:
				d.do(seats[i], &wire.Command{Do: "undo"})
			case 2:
				d.do(seats[i], &wire.Command{Do: "move", What: []string{"Sale", "Won"},
					Into: []string{"Sale"}, Index: rapid.IntRange(0, 4).Draw(t, "to")})
			default:
				units := wire.Units(texts[i])
				at := rapid.IntRange(0, 60).Draw(t, "at") // in the comment above all
				d.do(seats[i], &wire.Command{Do: "edit", File: "policy.thru", By: seats[i].by,
					Rev: rev[i], Sets: []wire.Set{{{Len: at}, {Put: true, Text: "电📞"},
						{Len: units - at}}}})
			}
		}
		hear(0)
		hear(1)
		d.mu.Lock()
		defer d.mu.Unlock()
		for i := range texts {
			if texts[i] != d.draft.Files()[0].Text {
				t.Fatalf("%s has another text", seats[i].by)
			}
			if rev[i] != d.draft.Rev(0) {
				t.Fatalf("%s is at revision %d, not %d", seats[i].by, rev[i],
					d.draft.Rev(0))
			}
		}
	})
}

// TestFollows: a draft that nobody changed follows what is put in force elsewhere; one that somebody
// changed stays, and publishing it says so.
func TestFollows(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("ann", everywhere)
	ann.get("/w/east/board").wants(200, "must Offer")
	elsewhere := func(from, to string) {
		t.Helper()
		body, err := json.Marshal(map[string]any{"files": []map[string]string{
			{"name": "policy.thru", "text": strings.Replace(exampleText(t), from, to, 1)}}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequest("PUT", s.url+"/v1/east/policy", strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		a, err := ann.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		if a.StatusCode != 200 {
			t.Fatal(a.Status)
		}
	}
	elsewhere("must Offer", "must 5 Offer")
	ann.get("/w/east/board").wants(200, "must 5 Offer", "as in force")
	ann.gesture(moveCall)
	elsewhere("must Offer", "must 6 Offer")
	ann.get("/w/east/board").wants(200, "must 5 Offer").lacks("as in force")
	ann.get("/w/east/publish").wants(200, "Somebody put another policy in force")
}

// TestFix: what the checker knows how to mend is mended by a command, once, and undone as one thing.
func TestFix(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("ann", everywhere)
	k := ann.talk("/w/east/board/live")
	k.say(`{"do":"insert","into":["Sale","Talks"],"index":9,"text":"must Offr"}`)
	k.told("Done: add")
	u := k.hears("a fix", func(u *wire.Update) bool {
		return strings.Contains(strings.Join(u.HTML, ""), "data-state")
	})
	text := strings.Join(u.HTML, "")
	fix := `{"do":"fix","file":"` + between(text, `data-state="`, `"`) + `","index":` +
		between(text, `data-index="`, `"`) + `}`
	k.say(fix)
	k.told("Done: mend T")
	if now := s.draftNow(); !strings.Contains(now, "must Offer\n    must 2 Call") ||
		strings.Contains(now, "Offr") {
		t.Error(now)
	}
	k.say(fix)
	if u := k.told("look at the problem again"); !u.Wrong {
		t.Error("mended twice")
	}
	k.say(`{"do":"undo"}`)
	k.told("Undone: mend T")
	if !strings.Contains(s.draftNow(), "must Offr") {
		t.Error(s.draftNow())
	}
}

// TestLarge: a board of a thousand cards sends what one move changed, and no more than 150 kB; a
// text that is too long is refused with a sentence, and nothing else happens.
func TestLarge(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("ann", everywhere)
	var stages strings.Builder
	for i := range 10 {
		fmt.Fprintf(&stages, "  stage S%d {\n", i)
		for k := range 100 {
			fmt.Fprintf(&stages, "    must %d Call\n", 2+i*100+k)
		}
		stages.WriteString("  }\n")
	}
	body, err := json.Marshal(wire.Command{Do: "insert", Index: 9, File: "policy.thru",
		Text: "journey Big of Rep {\n" + stages.String() + "}"})
	if err != nil {
		t.Fatal(err)
	}
	ann.gesture(string(body))
	k := ann.talk("/w/east/board/live")
	k.hears("the board", func(u *wire.Update) bool {
		return strings.Contains(strings.Join(u.HTML, ""), "must 1001 Call")
	})
	k.say(`{"do":"move","what":["Big","S3","must 350 Call"],"into":["Big","S7"],"index":5}`)
	n := 0
	k.hears("the move", func(u *wire.Update) bool {
		n += len(encode(u))
		return len(u.HTML) > 1
	})
	t.Logf("%d bytes for one move among 1000 cards", n)
	if n > 150_000 {
		t.Errorf("%d bytes for one move", n)
	}
	long, err := json.Marshal(wire.Command{Do: "replace", What: []string{"Big"},
		Text: "// " + strings.Repeat("x", mostText) + "\njourney Big of Rep { stage A }"})
	if err != nil {
		t.Fatal(err)
	}
	k.say(string(long))
	if u := k.told("too much text"); !u.Wrong {
		t.Error("told as done")
	}
}
