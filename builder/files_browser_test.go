//go:build browser

package builder

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/throughline/throughline/builder/browsertest"
)

// editorHas waits until the editor's text has a piece in it.
func editorHas(p *browsertest.Page, text string) {
	p.Wait(`document.querySelector(".pane.ready")?.view.state.doc.toString().includes("` + text + `")`)
}

// settled waits until everything that was typed is sent and taken: a page that is asked for does not
// know otherwise.
func (s *site) settled(p *browsertest.Page, file, text string) {
	s.t.Helper()
	if !p.Soon(func() bool {
		return strings.Contains(" | "+s.files(), " | "+file+": "+text)
	}) {
		s.t.Fatalf("%s has no %q: %s", file, text, s.files())
	}
}

// TestFilesEverywhere looks at the list of files and each of its questions.
func TestFilesEverywhere(t *testing.T) {
	s, p := authoring(t)
	s.filing("make", "", "visits.thru").wants(200)
	for _, what := range []string{"make", "rename", "remove"} {
		p.Everywhere("/w/east/text?file=visits.thru", func() {
			p.Shows(".pane.ready .cm-content")
			p.Click("[data-opens=" + what + "-file]")
			p.Shows("#" + what + "-form")
		})
	}
	s.filing("remove", "#2", "").wants(200)
	p.Everywhere("/w/east/text?file=visits.thru", func() {
		p.Shows(".pane.ready .cm-content")
		p.Says(".note.warn", "visits.thru")
	})
}

// TestFilesByKeys: a file is made, written in, renamed and deleted by keys alone; what is refused
// keeps what was written; one undo takes back each.
func TestFilesByKeys(t *testing.T) {
	s, p := authoring(t)
	ready(p, "/w/east/text")
	p.Shows(".pane.ready .cm-content")
	opens := func(what string) {
		t.Helper()
		p.Do(chromedp.Focus(chromedp.CSS("[data-opens=" + what + "-file]")))
		p.Keys(kb.Enter)
		p.Wait(`document.querySelector("#` + what + `-file").open`)
	}
	opens("make")
	p.Wait(`document.activeElement.closest("#make-file")`)
	p.Fill("#make-name", "visits")
	p.Keys(kb.Enter)
	p.Says("#make-name-wrong", "ends in .thru")
	p.Wait(`document.activeElement.id === "make-name" && document.activeElement.value === "visits"`)
	p.Accessible("a name that was refused")
	p.Shot("file-refused")
	p.Fill("#make-name", "visits.thru")
	p.Keys(kb.Enter)
	p.Says(`#files [aria-current]`, "visits.thru")
	p.Shows(".pane.ready .cm-content")
	p.Wait(`"live" in document.documentElement.dataset`)
	p.Do(chromedp.Focus(chromedp.CSS(".cm-content")))
	p.Keys("// 拜访 📞")
	s.settled(p, "visits.thru", "// 拜访 📞")
	opens("rename")
	p.Wait(`document.querySelector("#rename-name").value === "visits.thru"`)
	p.Fill("#rename-name", "calls.thru")
	p.Keys(kb.Enter)
	p.Says(`#files [aria-current]`, "calls.thru")
	editorHas(p, "// 拜访 📞")
	opens("remove")
	p.Keys(kb.Escape) // which leaves everything as it is
	p.Wait(`!document.querySelector("#remove-file").open`)
	opens("remove")
	p.Do(chromedp.Focus(chromedp.CSS("#remove-form .danger")))
	p.Keys(kb.Enter)
	p.Wait(`!document.querySelector("#files").textContent.includes("calls.thru")`)
	ready(p, "/w/east/text")
	undoes := func(what string) {
		t.Helper()
		p.Wait(`document.querySelector("#bar [data-do=undo]").outerHTML.includes("` + what + `")`)
	}
	undoes("delete the file calls.thru")
	p.Click("[data-do=undo]")
	p.Says("#files", "calls.thru")
	s.settled(p, "calls.thru", "// 拜访 📞")
	undoes("rename the file visits.thru → calls.thru")
	p.Click("[data-do=undo]")
	p.Says("#files", "visits.thru")
	p.Forgive("422")
}

// TestFilesWhileOthersWrite: a file is renamed under somebody who writes in it and goes on, the
// letters that were on their way too; it is deleted, and they are led to where that is said, with
// what they had not sent, and can bring it back.
func TestFilesWhileOthersWrite(t *testing.T) {
	s, p := authoring(t)
	bo := s.enrol("Bo", everywhere)
	s.filing("make", "", "visits.thru").wants(200)
	key := s.keyNow("visits.thru")
	o := bo.tab(t)
	ready(o, "/w/east/text?file=visits.thru")
	o.Shows(".pane.ready .cm-content")
	ready(p, "/w/east/text?file=visits.thru")
	p.Shows(".pane.ready .cm-content")
	o.Do(chromedp.Focus(chromedp.CSS(".cm-content")))
	o.Keys("// by Bo")
	editorHas(p, "// by Bo")
	s.filing("rename", key, "calls.thru").wants(200)
	o.Says("#files [aria-current]", "calls.thru")
	o.Wait(`document.getElementById(document.querySelector(".cm-content").
		getAttribute("aria-labelledby")).textContent === "Text of calls.thru"`)
	o.Keys(", and more")
	s.settled(o, "calls.thru", "// by Bo, and more")
	editorHas(p, "// by Bo, and more") // the page of the old name is of the file
	p.Go("/w/east/text?file=visits.thru")
	p.Says("#files [aria-current]", "calls.thru")

	bo.cut(o)
	o.Keys("\nunsent line")
	s.filing("remove", key, "").wants(200)
	o.Offline(false)
	o.Says(".note.warn", "calls.thru is no longer a file of the draft.")
	o.Says(".note.warn", "Ann deleted it.")
	o.Wait(`document.querySelector("#unsent textarea")?.value === "unsent line" && !document.querySelector("#unsent").hidden`)
	o.Accessible("a file that is gone, with what was not sent")
	o.Shot("file-gone")
	o.Click(`.note button[value=restore]`)
	o.Says("#files [aria-current]", "calls.thru")
	o.Shows(".pane.ready .cm-content")
	editorHas(o, "// by Bo, and more")
	o.Wait(`document.querySelector("#unsent textarea")?.value === "unsent line"`) // still offered
	o.Wait(`"live" in document.documentElement.dataset`)
	o.Click("[data-unsent=put]")
	s.settled(o, "calls.thru", "unsent line")
	o.Wait(`document.querySelector("#unsent").hidden`)
	o.Forgive("ERR_INTERNET_DISCONNECTED")
	o.Forgive("WebSocket connection")
}

// TestScriptless: without script the board is read, a text written, a mistake told where it stands,
// what was written put in force; and the display is chosen.
func TestScriptless(t *testing.T) {
	_, p := authoring(t)
	p.Scriptless()
	p.Go("/w/east/board")
	p.Says(".board", "First call")
	p.Click(`a[href$="/text"]`)
	write := func(text string) {
		t.Helper()
		p.Click(`a[href$='form=write']`)
		p.Do(chromedp.Focus(chromedp.CSS("#write-text")))
		p.Keys(kb.Home, chromedp.KeyModifiers(chromedp.ModifierCtrl))
		p.Keys(text)
		p.Click("#write-form .main")
		p.Wait(`document.querySelector("#write-text").defaultValue.startsWith("` + text + `")`)
	}
	write("rule Odd on Nothing { when yes }")
	p.Says("#problems", "Nothing")
	write("// mine ")
	p.Says("#problems", "No problems found")
	p.Click("#bar a.main")
	p.Click("button[value=publish]")
	p.Says(".note.good", "in force")
	p.Click("[popovertarget=display]")
	p.Click("button[value=zh]")
	p.Says(".rail", "旅程看板")
	p.Shot("scriptless")
}

func (s *site) keyNow(name string) string {
	s.t.Helper()
	d, err := s.b.desk(s.t.Context(), "east")
	if err != nil {
		s.t.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.keyOf(name)
}

// TestUnsent: what is typed without a connection is there when the page is loaded again, and sent
// once there is one; where the draft was begun anew meanwhile it is offered, not put into what may
// be another text.
func TestUnsent(t *testing.T) {
	s, p := authoring(t)
	cut := func() { s.cut(p) }
	ready(p, "/w/east/text")
	p.Shows(".pane.ready .cm-content")
	cut()
	caret(p, "// A small", 3)
	p.Keys("mine ")
	s.gesture(`{"do":"move","what":["Sale","New","must FirstCall within 4wh"],"into":["Sale","Talks"]}`)
	p.Offline(false)
	p.Do(chromedp.Reload())
	p.Shows(".pane.ready .cm-content")
	editorHas(p, "// mine A small")
	p.Wait(`!Object.values(sessionStorage).some(v => v.includes('"sets"'))`) // a copy of the tab is another author
	p.Wait(`document.querySelector("#unsent").hidden`)
	s.holds(p, "// mine A small")
	if n := strings.Count(s.draftNow(), "mine "); n != 1 {
		t.Errorf("it came %d times", n)
	}

	cut()
	caret(p, "// mine A small", 3)
	p.Keys("lost? ")
	s.post("/w/east/publish", "do", "again").wants(200)
	p.Offline(false)
	p.Wait(`document.querySelector("#unsent textarea")?.value === "lost?"`) // the page came again
	p.Shows("#unsent")
	p.Accessible("what was not sent is offered")
	p.Shot("unsent")
	if text := s.draftNow(); text != exampleText(t) {
		t.Errorf("the draft is not as it was begun anew:\n%s", text)
	}
	p.Do(chromedp.Reload())
	p.Shows("#unsent") // it stays until somebody decides
	p.Wait(`"live" in document.documentElement.dataset`)
	caret(p, "// A small", 3)
	p.Click("[data-unsent=put]")
	s.holds(p, "// lost?A small")
	p.Do(chromedp.Reload())
	p.Shows(".pane.ready .cm-content")
	p.Wait(`document.querySelector("#unsent").hidden`)

	// Where the tab has no room for the text, it goes on in the server's.
	cut()
	browsertest.Eval[bool](p, `(set => { Storage.prototype.setItem = function(k, v) {
		if (v.includes("journey Sale")) throw new DOMException("full", "QuotaExceededError");
		set.call(this, k, v);
	}; return true })(Storage.prototype.setItem)`)
	caret(p, "// lost?A", 3)
	p.Do(chromedp.KeyEvent(kb.Delete), chromedp.KeyEvent(kb.Delete))
	p.Offline(false)
	p.Do(chromedp.Reload())
	p.Shows(".pane.ready .cm-content")
	s.holds(p, "// st?A small")
	p.Wait(`document.querySelector("#unsent").hidden`)
	p.Forgive("ERR_INTERNET_DISCONNECTED")
	p.Forgive("WebSocket connection")
}

// TestUnsentOfAnother: what somebody typed and could not send is not shown to who comes after them
// in the same tab, and is there when they come back themselves.
func TestUnsentOfAnother(t *testing.T) {
	ann, p := authoring(t)
	bea := ann.enrol("Bea", everywhere)
	is := func(s *site) {
		u, err := url.Parse(s.url)
		if err != nil {
			t.Fatal(err)
		}
		p.Cookies(s.client.Jar.Cookies(u)...)
		ready(p, "/w/east/text")
		p.Shows(".pane.ready .cm-content")
	}
	is(ann)
	ann.cut(p)
	caret(p, "// A small", 3)
	p.Keys("between us ")
	p.Do(chromedp.Navigate("about:blank")) // nothing is sent any more
	p.Offline(false)
	is(bea)
	if browsertest.Eval[bool](p, `document.body.innerText.includes("between us")`) {
		t.Error("another is shown it")
	}
	is(ann)
	editorHas(p, "// between us A small")
	ann.holds(p, "// between us A small")
	p.Forgive("ERR_INTERNET_DISCONNECTED")
	p.Forgive("WebSocket connection")
}
