//go:build browser

package builder

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/throughline/throughline/builder/browsertest"
	"github.com/throughline/throughline/runtime/access"
)

// TestSegmentByHand: conditions are put into a segment by the mouse, where they are let go, and by
// keys; who is in it follows, each number opens, and who is in it leads to the record.
func TestSegmentByHand(t *testing.T) {
	site := newDistributor(t, 2)
	p := site.person("root", access.RoleAdmin, "").tab(t)
	p.Everywhere(`/w/d/rules?what=["Sleeping"]`, func() {
		p.Wait(`"live" in document.documentElement.dataset`)
		p.Shows("#i-size meter")
		p.Click("#inspector [data-joins] summary")
		p.Shows("#inspector [data-ready]")
	})
	p.Size(1200, 1000)
	p.Cookies(&http.Cookie{Name: "thru-lang", Value: "en"})
	ready(p, `/w/d/rules?what=["Sleeping"]`)
	conds := func(want string) {
		t.Helper()
		p.Wait(`[...document.querySelectorAll("#inspector .cond input")].map(i => i.value).join(" & ") === "` +
			want + `"`)
	}
	conds("count(Inquiry in 14d) >= 2 & count(Order in 30d) == 0")
	p.Shows("#i-size meter")
	p.Click("#inspector [data-joins] summary")
	p.Fill("#inspector [data-joins] input[type=search]", "visit")
	p.Wait(`document.querySelectorAll("#inspector .readies li:not([hidden])").length === 2`)
	first := p.Middle("#inspector .cond:nth-child(1)")
	first.Y -= 14
	p.Drag(p.Middle("#inspector .readies li:not([hidden]) .grip"), first, false)
	p.Shows(".ghost")
	p.Shot("segment-drag")
	p.Keys(kb.Escape) // puts it back
	p.Wait(`!document.querySelector(".ghost, .lifted")`)
	p.Do(chromedp.MouseEvent("mouseReleased", first.X, first.Y, chromedp.ButtonLeft))
	conds("count(Inquiry in 14d) >= 2 & count(Order in 30d) == 0")
	p.Drag(p.Middle("#inspector .readies li:not([hidden]) .grip"), first, true)
	conds("count(Visit in 30d) >= 1 & count(Inquiry in 14d) >= 2 & count(Order in 30d) == 0")
	p.Wait(`document.querySelector("#inspector [data-joins]").open`) // it stays as it was left
	p.Wait(`document.querySelectorAll("#i-size meter").length === 3`)
	p.Click(`#inspector [data-cond][aria-label^="Leave out: count(Visit"]`)
	conds("count(Inquiry in 14d) >= 2 & count(Order in 30d) == 0")
	p.Do(chromedp.Focus(chromedp.CSS(`#inspector [data-ready="count(Visit in 30d) == 0"]`)))
	p.Keys(kb.Enter)
	conds("count(Inquiry in 14d) >= 2 & count(Order in 30d) == 0 & count(Visit in 30d) == 0")
	p.Wait(`document.querySelectorAll("#i-size meter").length === 3`)
	p.Click("[data-do=undo]")
	p.Click("[data-do=undo]")
	p.Click("[data-do=undo]")
	conds("count(Inquiry in 14d) >= 2 & count(Order in 30d) == 0")
	p.Click("#i-size-0 summary")
	p.Wait(`document.querySelector("#i-size-0").open`)
	p.Click("#i-size-0 .members a")
	p.Wait(`location.pathname.startsWith("/w/d/record/Store/")`)
}

// TestInHand: what others change while somebody types, drags, or has something open takes nothing
// out of their hands.
func TestInHand(t *testing.T) {
	s, p := studying(t)
	ready(p, `/w/east/rules?what=["Quiet"]`)
	mode := func(m string) {
		t.Helper()
		s.gesture(`{"do":"mode","what":["Quiet"],"text":"` + m + `"}`)
	}
	number := `#inspector [aria-label^="2, in: for"]`
	p.Fill(number, "7")
	mode("warn")
	p.Wait(`document.querySelector("#rules").textContent.includes("warns only")`) // the change is here
	p.Wait(`document.querySelector('` + number + `').value === "7"`)
	p.Keys(kb.Enter)
	s.holds(p, "for   7 in a row")
	p.Wait(`document.querySelector("#i-mode").value === "warn"`) // what was held is shown
	p.Click("#i-rename summary")
	p.Fill("#i-rename-to", "Calm")
	mode("shadow")
	p.Wait(`document.querySelector("#rules").textContent.includes("on trial")`)
	p.Wait(`document.querySelector("#i-rename").open && document.querySelector("#i-rename-to").value === "Calm"`)
	p.Keys(kb.Enter)
	p.Says("#inspector .head", "Calm")
	p.Wait(`document.querySelector("#i-mode").value === "shadow"`)
}

// TestInHandOnTheBoard is the same for cards that are dragged, and for a dialog whose card goes.
func TestInHandOnTheBoard(t *testing.T) {
	s, p := authoring(t)
	ready(p, "/w/east/board")
	names := func() string { return in(p, "Talks") }
	was := names()
	to := p.Middle(card("Offer"))
	to.Y -= 20 // in front of it
	p.Drag(p.Middle(card("First call")), to, false)
	p.Shows(".drop-line")
	s.gesture(`{"do":"insert","into":["Sale","Talks"],"index":0,"text":"must 9 Call"}`)
	p.Wait(`document.querySelector("#bar [data-do=undo]")`) // it came
	if got := names(); got != was {
		t.Errorf("the board moved under the hand: %s, was %s", got, was)
	}
	p.Do(chromedp.MouseEvent("mouseReleased", to.X, to.Y, chromedp.ButtonLeft))
	p.Wait(`document.querySelector('` + card("First call") + `').closest(".column").dataset.name === "In talks"`)
	s.holds(p, "must FirstCall within 4wh\n    must Offer")
	p.Click(card("Offer") + " [data-more]")
	p.Click(`#card-menu [data-act=edit]`)
	p.Fill("#line-text", "must 4 Offer")
	s.gesture(`{"do":"delete","what":["Sale","Talks","must Offer"]}`)
	p.Wait(`!document.querySelector('` + card("Offer") + `')`)
	p.Click("#edit-line button.main")
	p.Says("#edit-line [data-say]", "any longer")
	p.Accessible("a dialog that was refused")
	p.Shot("refused")
	if v := browsertest.Eval[string](p, `document.querySelector("#line-text").value`); v != "must 4 Offer" ||
		!browsertest.Eval[bool](p, `document.querySelector("#edit-line").open`) {
		t.Errorf("what was written is lost: %q", v)
	}
	if strings.Contains(s.draftNow(), "must 4 Offer") {
		t.Error(s.draftNow())
	}
}

// TestTextBeside: on a wide screen the text stands beside the board. A card leads the text to its
// line and keeps the focus, the caret marks its card; both are one draft with one undo. On a phone
// there is the board, and the way to the text.
func TestTextBeside(t *testing.T) {
	s, p := authoring(t)
	p.Size(1800, 900)
	ready(p, "/w/east/board")
	p.Click("a[href$='board?text']")
	p.Shows(".split .pane.ready .cm-content")
	p.Wait(`document.querySelector(".pane").clientHeight > innerHeight / 2`)
	caretAt := func(text string) {
		t.Helper()
		p.Wait(`(v => v.state.doc.lineAt(v.state.selection.main.head).text.trim() === "` + text + `")(
			document.querySelector(".pane").view)`)
	}
	current := func(name string) {
		t.Helper()
		p.Wait(`document.querySelector(".item[aria-current]")?.dataset.name === "` + name + `"`)
	}
	p.Click(card("Offer") + " strong")
	caretAt("must Offer")
	current("Offer")
	p.Do(chromedp.Focus(chromedp.CSS(card("First call") + " .grip")))
	caretAt("must FirstCall within 4wh")
	current("First call")
	p.Wait(`document.activeElement.matches('` + card("First call") + ` .grip')`)
	caret(p, "must 2 Call", 3)
	current("Call")
	p.Accessible("the text beside the board")
	p.Shot("beside")
	caret(p, "ust Offer", 9)
	p.Insert(" within 3wd")
	p.Says(card("Offer"), "within 3 working days")
	current("Offer")
	s.holds(p, "must Offer within 3wd")
	p.Click("[data-do=undo]")
	p.Wait(`!document.querySelector('` + card("Offer") + `').textContent.includes("working")`)
	p.Drag(p.Middle(card("First call")), p.Middle(card("Offer")), true)
	p.Wait(`document.querySelector(".pane").view.state.doc.toString().includes("stage New \"新客户\" en \"New\" {\n    sla")`)
	p.Do(chromedp.Focus(chromedp.CSS(".cm-content")))
	p.Keys(kb.Escape)
	p.Keys("\t") // which leaves the text, as the page says
	p.Wait(`!document.activeElement.closest(".pane")`)
	p.Phone()
	ready(p, "/w/east/board?text")
	p.Wait(`!document.querySelector(".texted").checkVisibility()`)
	p.Accessible("a board on a phone that asks for the text beside it")
}
