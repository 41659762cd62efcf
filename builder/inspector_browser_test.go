//go:build browser

package builder

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/throughline/throughline/builder/browsertest"
	"github.com/throughline/throughline/builder/wire"
	"github.com/throughline/throughline/runtime/access"
)

// studying is a site whose draft is the policy with something of each kind.
func studying(t *testing.T) (*site, *browsertest.Page) {
	s, p := authoring(t)
	s.rewrite(inspectorText)
	return s, p
}

// holds waits until the draft has a text in it.
func (s *site) holds(p *browsertest.Page, text string) {
	s.t.Helper()
	if p.Soon(func() bool { return strings.Contains(s.draftNow(), text) }) {
		return
	}
	p.Shot("failed-" + s.t.Name())
	s.t.Fatalf("the draft never has %q:\n%s", text, s.draftNow())
}

// TestRulesEverywhere looks at the list of rules, and at the inspector of a rule, with axe.
func TestRulesEverywhere(t *testing.T) {
	s, p := studying(t)
	s.pins(t, repLines)
	p.Everywhere(`/w/east/rules?what=["Quiet"]`, func() {
		p.Shows(".pinned summary")
		p.Click(".pinned summary")
		p.Wait(`"live" in document.documentElement.dataset`)
		p.Click("#inspector .part .part [data-line=free]")
	})
	ready(p, `/w/east/rules?what=["Effort"]`)
	p.Walk(t)
	p.Accessible("weights")
	p.Shot("weights")
	ready(p, `/w/east/rules?what=["Levels"]`)
	p.Accessible("a table")
	p.Shot("table")
}

// TestControls changes a rule by its controls: a number, a unit, a choice, a text, the mode; each is
// one thing to undo.
func TestControls(t *testing.T) {
	s, p := studying(t)
	ready(p, "/w/east/rules")
	p.Click(`#rules [data-look='["Quiet"]']`)
	p.Says("#inspector-name", "Too quiet")
	p.Wait(`document.activeElement.id === "inspector-name"`)
	p.Fill(`#inspector [aria-label^="2, in: for"]`, "5")
	p.Keys(kb.Enter)
	s.holds(p, "for   5 in a row")
	p.Says("#inspector .says", "for 5 looks in a row")
	p.Fill(`#inspector [aria-label^="2wd, in: task"]`, "3")
	p.Keys("\t")
	s.holds(p, "due 3wd")
	choose(p, `#inspector [aria-label^="Unit of 3wd"]`, "h")
	s.holds(p, "due 3h")
	choose(p, `#inspector [aria-label^="workday, in"]`, "month")
	s.holds(p, "check each month")
	p.Fill(`#inspector .quoted[value="Too quiet"]`, `Far "too" quiet`)
	p.Keys(kb.Enter)
	s.holds(p, `en "Far \"too\" quiet"`)
	choose(p, "#i-mode", "shadow")
	s.holds(p, "mode shadow")
	p.Says("#rules", "on trial")
	p.Click("[data-do=undo]")
	p.Wait(`document.querySelector("#i-mode").value === "enforce"`)
}

// choose chooses an option as somebody does by key.
func choose(p *browsertest.Page, css, value string) {
	p.Shows(css)
	browsertest.Eval[bool](p, `(() => { const e = document.querySelector('`+css+`'); e.focus();
		e.value = "`+value+`"; e.dispatchEvent(new Event("change", {bubbles: true})); return true })()`)
}

// TestConditions: each condition is a field that offers what fits; conditions are ordered by keys
// and by hand, left out and added.
func TestConditions(t *testing.T) {
	s, p := studying(t)
	ready(p, `/w/east/rules?what=["Quiet"]`)
	first := `#inspector .cond:nth-child(1) `
	p.Do(chromedp.Focus(chromedp.CSS(`#inspector .cond:nth-child(2) .grip`)))
	p.Keys(kb.ArrowUp)
	s.holds(p, "when  tier == Gold and count(Call in 7d) < 3 and has name")
	p.Wait(`document.activeElement === document.querySelector("` + first + `.grip")`)
	last := p.Middle(`#inspector .cond:nth-child(3) [data-cond]`)
	last.Y += 12
	p.Drag(p.Middle(first+".grip"), last, true)
	s.holds(p, "when  count(Call in 7d) < 3 and has name and tier == Gold")
	is := func(n int, text string) { // the page shows it too
		p.Wait(fmt.Sprintf(`document.querySelector("#inspector .cond:nth-child(%d) input").value === %q`, n, text))
	}
	is(2, "has name")
	p.Fill(`#inspector .cond:nth-child(2) input`, "tier == ")
	p.Says("#offers", "Silver")
	p.Keys("s")
	p.Wait(`document.querySelectorAll("#offers li").length > 0 &&
		document.querySelector("#offers li code").textContent === "Silver"`)
	p.Accessible("offers")
	p.Keys(kb.ArrowDown)
	p.Keys(kb.Enter)
	p.Wait(`document.querySelector("#inspector .cond:nth-child(2) input").value === "tier == Silver"`)
	p.Keys(kb.Enter)
	s.holds(p, "and tier == Silver and tier == Gold")
	is(3, "tier == Gold")
	p.Click(`#inspector .cond:nth-child(3) [data-cond]`)
	s.holds(p, "when  count(Call in 7d) < 3 and tier == Silver\n")
	p.Wait(`document.querySelectorAll("#inspector .cond").length === 2`)
	adds := `#inspector [aria-label="Add a line to Quiet"]`
	p.Fill(adds, "until has ") // others' changes wait for the end of it
	s.gesture(`{"do":"mode","what":["Quiet"],"text":"warn"}`)
	p.Insert("name")
	p.Keys(kb.Enter)
	s.holds(p, "  until has name\n}")
	p.Wait(`document.querySelector('` + adds + `').value === ""`)
	p.Fill(adds, "nonsense {") // what is refused stays to be mended
	p.Keys(kb.Enter)
	p.Says("#say", "do not match")
	p.Wait(`document.querySelector('` + adds + `').value === "nonsense {"`)
	p.Fill(adds, "")
	p.Click(`#inspector [aria-label="Delete: until"]`)
	p.Wait(`!document.querySelector('#inspector [aria-label="Delete: until"]')`)
	if strings.Contains(s.draftNow(), "until") {
		t.Error(s.draftNow())
	}
}

// TestWeightsByKey: moving one weight by the arrow keys moves the others, and the sum stays.
func TestWeightsByKey(t *testing.T) {
	s, p := studying(t)
	ready(p, `/w/east/rules?what=["Effort"]`)
	p.Do(chromedp.Focus(chromedp.CSS(`#inspector [aria-label="Weight of calls"]`)))
	p.Keys(kb.ArrowRight)
	s.holds(p, "calls   51% =")
	p.Keys(strings.Repeat(kb.ArrowRight, 3))
	s.holds(p, "calls   54% =")
	sum := browsertest.Eval[int](p, `[...document.querySelectorAll("#inspector [data-weight]")]
		.reduce((n, e) => n + Number(e.value), 0)`)
	if sum != 100 {
		t.Errorf("the weights are %d: %s", sum, s.draftNow())
	}
	p.Says("#bar", "draft")
	p.Click("[data-do=undo]")
}

// TestTable: the rows of a table are changed cell by cell, and moved.
func TestTable(t *testing.T) {
	s, p := studying(t)
	ready(p, `/w/east/rules?what=["Levels"]`)
	p.Fill(`#inspector .pick tr:nth-child(2) input`, "count(Call in 30d) >= 7")
	p.Keys(kb.Enter)
	s.holds(p, "count(Call in 30d) >= 7  : Steady")
	p.Click(`#inspector .pick tr:nth-child(1) [data-line=down]`)
	s.holds(p, "pick {\n    count(Call in 30d) >= 7  : Steady")
	p.Wait(`document.querySelector("#inspector .pick td:nth-child(2) input").value === "Steady"`)
}

// TestTableByHand: a row is moved by its grip, with the mouse, by arrows and by a finger; Escape puts
// it back.
func TestTableByHand(t *testing.T) {
	_, p := studying(t)
	grip := func(n string) string { return `#inspector .pick tbody tr:nth-child(` + n + `) .grip` }
	row := func(n, want string) {
		t.Helper()
		p.Wait(`document.querySelector("#inspector .pick tr:nth-child(` + n + `) td:nth-child(2) input").value === "` +
			want + `"`)
		p.Says("#inspector", "no records yet") // it was tried: nothing above moves any more
	}
	ready(p, `/w/east/rules?what=["Levels"]`)
	row("1", "Busy")
	below := p.Middle(`#inspector .pick tbody tr:nth-child(2) .doing`)
	below.Y += 14
	p.Drag(p.Middle(grip("1")), below, false)
	p.Shows("#inspector .pick tr.lifted")
	p.Shot("row-drag")
	p.Keys(kb.Escape)
	p.Wait(`!document.querySelector("#inspector .lifted, #inspector .before, #inspector .behind")`)
	p.Do(chromedp.MouseEvent("mouseReleased", below.X, below.Y, chromedp.ButtonLeft))
	row("1", "Busy")
	p.Drag(p.Middle(grip("1")), below, true)
	row("2", "Busy")
	p.Do(chromedp.Focus(chromedp.CSS(grip("2"))))
	p.Keys(kb.ArrowUp)
	row("1", "Busy")
	p.Wait(`document.activeElement.matches('` + grip("1") + `')`)
	p.Accessible("a table with grips")
	p.Phone()
	ready(p, `/w/east/rules?what=["Levels"]`)
	row("1", "Busy")
	p.Middle("#inspector .pick tbody tr:nth-child(3) .grip") // in the window, and room below
	to, from := p.Middle(`#inspector .pick tbody tr:nth-child(2) .doing`), p.Middle(grip("1"))
	to.Y += 14
	p.Touch(from, to, 0)
	row("2", "Busy")
	p.Accessible("a table with grips on a phone")
	p.Shot("row-touch")
	p.Middle("#inspector .pick tbody tr:nth-child(3) .grip")
	to = p.Middle(`#inspector .pick tbody tr:nth-child(1) .doing`)
	to.Y -= 14
	p.Touch(p.Middle(grip("2")), to, 0)
	row("1", "Busy")
}

// TestConditionsByFinger: conditions are put in order by a finger on their grip, and one that is
// offered is put in where it is let go; a finger on the list itself scrolls it.
func TestConditionsByFinger(t *testing.T) {
	site := newDistributor(t, 2)
	p := site.person("root", access.RoleAdmin, "").tab(t)
	p.Phone()
	ready(p, `/w/d/rules?what=["Sleeping"]`)
	conds := func(want string) {
		t.Helper()
		p.Wait(`[...document.querySelectorAll("#inspector .cond input")].map(i => i.value).join(" & ") === "` +
			want + `"`)
	}
	conds("count(Inquiry in 14d) >= 2 & count(Order in 30d) == 0")
	to, from := p.Middle("#inspector .cond:nth-child(2) .grip"), p.Middle("#inspector .cond:nth-child(1) .grip")
	to.Y += 20
	p.Touch(from, to, 0)
	conds("count(Order in 30d) == 0 & count(Inquiry in 14d) >= 2")
	p.Click("#inspector [data-joins] summary")
	p.Fill("#inspector [data-joins] input[type=search]", "visit")
	p.Wait(`document.querySelectorAll("#inspector .readies li:not([hidden])").length === 2`)
	ready := "#inspector .readies li:not([hidden])"
	from, to = p.Middle(ready+" code"), p.Middle("#inspector .cond:nth-child(1) .grip")
	to.Y -= 10
	p.Touch(from, to, 0) // not by its grip: the list is scrolled
	if p.Still("#inspector .cond"); browsertest.Eval[int](p, `document.querySelectorAll("#inspector .cond").length`) != 2 {
		t.Error("a swipe put a condition in")
	}
	to = p.Middle("#inspector .cond:nth-child(1) .grip")
	to.Y -= 10
	p.Touch(p.Middle(ready+" .grip"), to, 0)
	conds("count(Visit in 30d) >= 1 & count(Order in 30d) == 0 & count(Inquiry in 14d) >= 2")
	p.Accessible("conditions on a phone")
	p.Shot("conditions-touch")
}

// TestInspectFromTheBoard: a card is shown in detail by a click, by Enter and from its menu; on a
// phone that is a sheet which closes.
func TestInspectFromTheBoard(t *testing.T) {
	s, p := authoring(t)
	ready(p, "/w/east/board")
	p.Click(card("First call") + " strong")
	p.Says("#inspector", "within")
	p.Fill(`#inspector [aria-label^="4wh, in"]`, "6")
	p.Keys(kb.Enter)
	s.holds(p, "must FirstCall within 6wh")
	p.Says("#inspector .part", "within")
	p.Accessible("the board with an inspector")
	p.Shot("board-inspector")
	p.Click("[data-look-away]")
	p.Wait(`document.querySelector("#inspector").hidden`)
	p.Do(chromedp.Focus(chromedp.CSS(card("Offer") + " .grip")))
	p.Keys(kb.Enter)
	p.Says("#inspector-name", "must Offer")
	p.Keys(kb.Escape)
	p.Wait(`document.activeElement.matches('` + card("Offer") + ` .grip')`)
	p.Phone()
	ready(p, "/w/east/board")
	p.Click(card("Offer") + " [data-more]")
	p.Click(`#card-menu [data-act=look]`)
	p.Says("#inspector-name", "must Offer")
	p.Accessible("an inspector on a phone")
	p.Shot("board-inspector-phone")
	p.Click(`#inspector [data-look='["Offer"]']`)
	p.Says("#inspector-name", "Offer")
	p.Click("[data-look-away]")
}

// TestNewRule: what is declared anew is looked at at once, and found by its initials.
func TestNewRule(t *testing.T) {
	s, p := studying(t)
	ready(p, "/w/east/rules")
	p.Click("[data-opens=new-rule]")
	p.Click(`#new-rule [data-text^="alert"]`)
	p.Says("#inspector", "alert New of")
	s.holds(p, "alert New of Rep {")
	p.Fill("#rule-filter", "taj")
	p.Wait(`document.querySelectorAll("#rules [data-find]:not([hidden])").length === 1`)
	p.Click("#i-rename summary")
	p.Fill("#i-rename-to", "Calm")
	p.Keys(kb.Enter)
	p.Says("#inspector", "Calm")
	s.holds(p, "alert Calm was New of Rep {")
}

// pins pins records beside the draft.
func (s *site) pins(t *testing.T, lines string) {
	t.Helper()
	k := s.talk("/w/east/bench/live?bench")
	k.pins(lines, "")
	k.hears("what is pinned", func(u *wire.Update) bool { return strings.Contains(strings.Join(u.HTML, ""), "Rep") })
}
