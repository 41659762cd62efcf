//go:build browser

package builder

import (
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/throughline/throughline/builder/browsertest"
)

var browser browsertest.Browser

func TestMain(m *testing.M) { os.Exit(browsertest.Main(m, &browser)) }

// tab opens a tab for whoever a client is.
func (s *site) tab(t *testing.T) *browsertest.Page {
	t.Helper()
	p := browser.Open(t, s.url)
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	p.Cookies(s.client.Jar.Cookies(u)...)
	return p
}

// authoring is a site with the small example and somebody who may change it.
func authoring(t *testing.T) (*site, *browsertest.Page) {
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("Ann", everywhere)
	return ann, ann.tab(t)
}

// ready waits until a page of the draft is live.
func ready(p *browsertest.Page, path string) {
	p.Go(path)
	p.Wait(`"live" in document.documentElement.dataset`)
}

// in is the titles of the cards of a column, by its name in the policy.
func in(p *browsertest.Page, column string) string {
	return browsertest.Eval[string](p, `[...document.querySelectorAll(".column")].find(c =>
		JSON.parse(c.dataset.path)[1] === "`+column+`").querySelector(".cards").innerText
		.split("\n").filter(l => /^[A-Z]/.test(l)).join(", ")`)
}

// card is the selector of a card by its title.
func card(title string) string { return `.item[data-name="` + title + `"]` }

func TestFirstRunInBrowser(t *testing.T) {
	s := newSite(t)
	p := s.tab(t)
	p.Go("/")
	p.Fill("#code", s.access.SetupCode())
	p.Fill("#name", "Ann")
	p.Fill("#login", "ann")
	p.Fill("#password", password)
	p.Click("button.main")
	p.Says("h2", "No workspace yet")
	p.Fill("#title", "华东")
	p.Fill("#name", "east")
	p.Click(".ways button.main")
	p.Says("h1", "How to begin")
	p.Says(".rail", "Journey board")
	p.Click(".way:nth-of-type(2) button.main")
	p.Says("main", "A visit with all three")
	p.Click("[popovertarget=display]")
	p.Click(`button[value=zh]`)
	p.Says(".rail", "旅程看板")
	p.Click("[popovertarget=display]")
	p.Click(`button[value=dark]`)
	p.Wait(`document.documentElement.dataset.theme === "dark"`)
}

// TestPagesEverywhere looks at every page with axe, in both languages, both themes, two widths.
func TestPagesEverywhere(t *testing.T) {
	s, p := authoring(t)
	out := s.anew().tab(t)
	out.Everywhere("/sign-in", nil)
	p.Everywhere("/", func() {
		p.Click("[data-opens=new-space]")
		p.Shows("#new-space #name")
	})
	p.Everywhere("/w/east/overview", nil)
	p.Everywhere("/w/east/publish", nil)
}

func TestBoardEverywhere(t *testing.T) {
	_, p := authoring(t)
	live := func() { p.Wait(`"live" in document.documentElement.dataset`) }
	p.Everywhere("/w/east/board", live)
	p.Everywhere("/w/east/board", func() {
		live()
		p.Click(".cards .item [data-more]")
		p.Shows("#card-menu")
	})
}

func TestTextEverywhere(t *testing.T) {
	_, p := authoring(t)
	p.Everywhere("/w/east/text", func() {
		p.Shows(".pane.ready .cm-content")
		p.Wait(`document.querySelector(".pane").clientHeight > innerHeight / 2`)
	})
}

// TestWalk goes through pages with the Tab key alone.
func TestWalk(t *testing.T) {
	_, p := authoring(t)
	ready(p, "/w/east/board")
	stops := strings.Join(p.Walk(t), "\n")
	at := 0
	for _, want := range []string{"Skip to the content", "Throughline", "You and your display",
		"Journey board", "Publish", "Move First call", "What to do with First call", "Add to New",
		"Move Offer", "Add a stage"} {
		i := strings.Index(stops[at:], want)
		if i < 0 {
			t.Fatalf("%q is not reached, or out of order:\n%s", want, stops)
		}
		at += i
	}
}

func TestMouseMovesACard(t *testing.T) {
	s, p := authoring(t)
	ready(p, "/w/east/board")
	p.Drag(p.Middle(card("First call")), p.Middle(card("Offer")), true)
	p.Wait(`document.querySelector('` + card("First call") + `').closest(".column").dataset.name === "In talks"`)
	p.Says("#say", `Done: move “must FirstCall within 4wh”.`)
	if text := s.draftNow(); !strings.Contains(text, "sla  3d\n  }") ||
		!strings.Contains(text, "must FirstCall within 4wh\n    must Offer") &&
			!strings.Contains(text, "must Offer\n    must FirstCall within 4wh") {
		t.Error(text)
	}
	p.Click("[data-do=undo]")
	p.Wait(`document.querySelector('` + card("First call") + `').closest(".column").dataset.name === "New"`)
	if want := exampleText(t); s.draftNow() != want {
		t.Errorf("undo leaves another text:\n%s", s.draftNow())
	}
}

func TestEscapePutsBack(t *testing.T) {
	s, p := authoring(t)
	ready(p, "/w/east/board")
	p.Drag(p.Middle(card("First call")), p.Middle(card("Offer")), false)
	p.Shows(".drop-line")
	p.Keys(kb.Escape)
	p.Wait(`!document.querySelector(".drop-line, .ghost, .lifted")`)
	p.Says("#say", "First call put back.")
	if s.draftNow() != exampleText(t) {
		t.Error("it moved all the same")
	}
}

func TestKeysMoveACard(t *testing.T) {
	_, p := authoring(t)
	ready(p, "/w/east/board")
	p.Do(chromedp.Focus(chromedp.CSS(card("First call") + " .grip")))
	p.Keys(" ")
	p.Says("#say", "First call lifted: place 1 of 1 in New.")
	p.Keys(kb.ArrowRight)
	p.Says("#say", "Place 1 of 3 in In talks.")
	p.Keys(kb.ArrowDown)
	p.Says("#say", "Place 2 of 3 in In talks.")
	p.Keys(" ")
	p.Wait(`document.querySelector('` + card("First call") + `').closest(".column").dataset.name === "In talks"`)
	if got := in(p, "Talks"); got != "Offer, First call, Call" {
		t.Errorf("in talks: %s", got)
	}
	p.Wait(`document.activeElement.closest(".item")?.dataset.name === "First call"`)
	p.Keys("z", chromedp.KeyModifiers(chromedp.ModifierCtrl))
	p.Wait(`document.querySelector('` + card("First call") + `').closest(".column").dataset.name === "New"`)
}

func TestMenuMovesEditsDeletes(t *testing.T) {
	s, p := authoring(t)
	ready(p, "/w/east/board")
	p.Click(card("Offer") + " [data-more]")
	p.Click(`#card-menu [data-act=down]`)
	p.Wait(`[...document.querySelectorAll(".cards .item")].findIndex(i => i.dataset.name === "Offer") === 2`)
	p.Click(card("Offer") + " [data-more]")
	p.Click(`#card-menu [data-act=to]`)
	p.Wait(`document.querySelector('` + card("Offer") + `').closest(".column").dataset.name === "New"`)
	p.Click(card("Offer") + " [data-more]")
	p.Click(`#card-menu [data-act=edit]`)
	p.Fill("#line-text", "must 3 Offer within 5wd")
	p.Click("#edit-line button.main")
	p.Says(card("Offer"), "3 times")
	p.Says(card("Offer"), "within 5 working days")
	p.Click(card("Offer") + " [data-more]")
	p.Click(`#card-menu [data-act=delete]`)
	p.Wait(`!document.querySelector('` + card("Offer") + `')`)
	if strings.Contains(s.draftNow(), "must 3 Offer") {
		t.Error("it is in the text")
	}
	p.Click("[data-do=undo]")
	p.Says(card("Offer"), "3 times")
}

func TestAddACard(t *testing.T) {
	s, p := authoring(t)
	ready(p, "/w/east/board")
	p.Click(".column:nth-child(1) [data-add]")
	p.Fill("#add-filter", "scdh")
	p.Wait(`document.querySelectorAll(".offers li:not([hidden]) [data-text=FirstCall]").length === 1`)
	p.Fill("#add-filter", "offer")
	p.Keys(kb.Enter)
	p.Wait(`document.querySelectorAll('` + card("Offer") + `').length === 2`)
	p.Click(".column:nth-child(2) [data-add]")
	p.Fill("#add-filter", "on enter { task \"call back\" for owner due 2wd }")
	p.Click("[data-own]")
	p.Says(".column:nth-child(2)", "on entering")
	p.Click("[data-stage]")
	p.Says("#boards", "New stage")
	if text := s.draftNow(); !strings.Contains(text, "must Offer\n  }") ||
		!strings.Contains(text, "on enter {") || !strings.Contains(text, "stage NewStage") {
		t.Error(text)
	}
}

func TestTouchMovesACard(t *testing.T) {
	_, p := authoring(t)
	p.Phone()
	ready(p, "/w/east/board")
	p.Middle(card("Offer")) // in the window: the places below are counted in it
	to := p.Middle(card("Call"))
	from := p.Middle(card("Offer"))
	to.Y += 30
	p.Touch(from, to, 400)
	p.Wait(`[...document.querySelectorAll(".cards .item")].findIndex(i => i.dataset.name === "Offer") === 2`)
}

func TestSwipeMovesNothing(t *testing.T) {
	s, p := authoring(t)
	p.Phone()
	ready(p, "/w/east/board")
	p.Touch(p.Middle(card("First call")), p.Middle(card("Offer")), 0)
	if s.draftNow() != exampleText(t) {
		t.Error("a swipe moved a card")
	}
}

// TestTypingMovesTheBoard: one person types, another sees the board change, and both the text.
func TestTypingMovesTheBoard(t *testing.T) {
	s, text := authoring(t)
	bo := s.enrol("Bo", everywhere)
	board, other := bo.tab(t), bo.tab(t)
	ready(board, "/w/east/board")
	ready(other, "/w/east/text")
	ready(text, "/w/east/text")
	text.Shows(".pane.ready .cm-content")
	other.Shows(".pane.ready .cm-content")
	caret(text, "must FirstCall", len("must "))
	text.Keys("2 ")
	board.Says(card("First call"), "2 times")
	other.Wait(`document.querySelector(".pane").view.state.doc.toString().includes("must 2 FirstCall")`)
	caret(other, "must Offer", len("must "))
	other.Keys("3 ")
	caret(text, "test \"a call", 0)
	text.Keys("// 电话 📞\n")
	board.Says(card("Offer"), "3 times")
	text.Wait(`document.querySelector(".pane").view.state.doc.toString().includes("must 3 Offer")`)
	other.Wait(`document.querySelector(".pane").view.state.doc.toString().includes("// 电话 📞")`)
	for _, p := range []*browsertest.Page{text, other} {
		if got := browsertest.Eval[string](p, `document.querySelector(".pane").view.state.doc.toString()`); got != s.draftNow() {
			t.Errorf("an editor has another text:\n%s", got)
		}
	}
	caret(text, "must 2 FirstCall", len("must "))
	text.Keys(kb.Delete + kb.Delete + "xx ")
	text.Shows(".cm-lintRange-error")
	text.Says("#problems", "mistake")
	board.Says("#problems", "mistake")
	board.Click("[data-do=undo]")
	board.Says(card("Offer"), "Offer")
}

// caret puts the caret behind some signs of the first place of a text.
func caret(p *browsertest.Page, text string, behind int) {
	browsertest.Eval[bool](p, `(() => { const v = document.querySelector(".pane").view;
		const at = v.state.doc.toString().indexOf(`+strings.ReplaceAll("`"+text+"`", `"`, `"`)+`);
		if (at < 0) throw new Error("not there"); v.focus();
		v.dispatch({selection: {anchor: at + `+string(rune('0'+behind))+`}}); return true })()`)
}

// TestComposing: what an input method composes comes once, and half of a word does not leave.
func TestComposing(t *testing.T) {
	s, p := authoring(t)
	ready(p, "/w/east/text")
	p.Shows(".pane.ready .cm-content")
	caret(p, "// A small", 3)
	p.Compose("ni", "nihao")
	if strings.Contains(s.draftNow(), "ni") && strings.Contains(s.draftNow(), "// nihao") {
		t.Error("a half-composed word left")
	}
	p.Insert("你好")
	p.Wait(`document.querySelector(".cm-content").textContent.includes("你好")`)
	s.holds(p, "你好")
	if n := strings.Count(s.draftNow(), "你好"); n != 1 {
		t.Errorf("it came %d times:\n%s", n, s.draftNow()[:200])
	}
}

// TestSilence: a page that heard nothing for too long does not wait for the browser to find out that
// nobody is there.
func TestSilence(t *testing.T) {
	_, p := authoring(t)
	ready(p, "/w/east/board")
	browsertest.Eval[bool](p, `(() => {
		new MutationObserver(() => window.went ||= !("live" in document.documentElement.dataset))
			.observe(document.documentElement, { attributes: true });
		const now = Date.now;
		Date.now = () => now() + 60_000;
		return true;
	})()`)
	p.Wait(`window.went`)
	p.Wait(`"live" in document.documentElement.dataset`)
}

// TestOffline: what is typed without a connection is kept and sent, and what others did meanwhile is
// there as well.
func TestOffline(t *testing.T) {
	s, p := authoring(t)
	ready(p, "/w/east/text")
	p.Shows(".pane.ready .cm-content")
	s.cut(p)
	caret(p, "// A small", 3)
	p.Keys("mine ")
	s.gesture(`{"do":"move","what":["Sale","New","must FirstCall within 4wh"],"into":["Sale","Talks"]}`)
	p.Offline(false)
	p.Wait(`document.querySelector("#offline").hidden`)
	p.Wait(`document.querySelector(".pane").view.state.doc.toString().indexOf("must FirstCall") >
		document.querySelector(".pane").view.state.doc.toString().indexOf("stage Talks")`)
	s.holds(p, "// mine A small")
	p.Forgive("ERR_INTERNET_DISCONNECTED")
	p.Forgive("WebSocket connection")
}

// TestMendInBrowser: a mistake is listed with its place, and mended by its button.
func TestMendInBrowser(t *testing.T) {
	s, p := authoring(t)
	ready(p, "/w/east/board")
	s.gesture(`{"do":"insert","into":["Sale","Talks"],"index":9,"text":"must Offr"}`)
	p.Says("#bar", "mistakes: 1")
	p.Shows("#problems [data-do=fix]")
	p.Accessible("a board with a mistake")
	p.Shot("mistake")
	p.Click("#problems [data-do=fix]")
	p.Says("#problems", "No problems found.")
	if text := s.draftNow(); strings.Contains(text, "Offr") {
		t.Error(text)
	}
}

func TestPublishInBrowser(t *testing.T) {
	_, p := authoring(t)
	ready(p, "/w/east/board")
	p.Says("#bar", "as in force")
	p.Click(card("Offer") + " [data-more]")
	p.Click(`#card-menu [data-act=delete]`)
	p.Says("#bar", "draft")
	p.Click("#bar a.main")
	p.Says(".diff", "Talks")
	p.Says(".card .good", "1 test passes")
	p.Click("button[value=publish]")
	p.Says(".note.good", "in force")
	ready(p, "/w/east/board")
	p.Says("#bar", "as in force")
}

// TestOpenRecordsInBrowser looks at what the page that publishes tells of open records.
func TestOpenRecordsInBrowser(t *testing.T) {
	s, p := authoring(t)
	w, leave, err := s.b.o.Host.Use(t.Context(), "east")
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	for _, line := range []string{`{"type":"Customer","id":"acme"}`, `{"type":"Customer","id":"bolt"}`,
		`{"type":"Customer","id":"acme","stage":"Talks"}`} {
		if _, err := w.Submit(t.Context(), []byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	ready(p, "/w/east/board")
	p.Click(card("Offer") + " [data-more]")
	p.Click(`#card-menu [data-act=delete]`)
	p.Says("#bar", "draft")
	p.Everywhere("/w/east/publish", func() { p.Shows("main .dots .hint") })
	p.Shot("publish-open-records")
}

// cut leaves a page without a connection, until it says so.
func (s *site) cut(p *browsertest.Page) {
	s.t.Helper()
	p.Wait(`"live" in document.documentElement.dataset`)
	p.Offline(true)
	p.Shows("#offline")
}
