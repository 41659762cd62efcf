//go:build browser

package builder

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/throughline/throughline/builder/browsertest"
)

// TestTextHelps: the editor offers what fits, explains what is pointed at, renames, leads to
// declarations, folds and lays out; each by keys.
func TestTextHelps(t *testing.T) {
	s, p := studying(t)
	ready(p, "/w/east/text")
	p.Shows(".pane.ready .cm-content")
	caret(p, "of Rep {\\n  check", 8)
	p.Insert("\n  ")
	p.Keys("nee")
	p.Says(".cm-tooltip-autocomplete", "needs")
	p.Accessible("the text with offers")
	p.Shot("text-offers")
	p.Click(".cm-tooltip-autocomplete li")
	s.holds(p, "Rep {\n  needs")
	p.Keys(" has name")
	s.holds(p, "needs has name")
	caret(p, "in 7d) < 3", 4)
	p.Keys(kb.F12)
	p.Do(chromedp.Sleep(50e6))
	caret(p, "count(Call", 7)
	p.Keys(kb.F12)
	p.Wait(`(v => v.state.sliceDoc(v.state.selection.main.head - 6).startsWith("event Call"))(
		document.querySelector(".pane").view)`)
	p.Keys(kb.F2)
	p.Wait(`document.querySelector("#rename").open && document.querySelector("#rename-to").value === "Call"`)
	p.Accessible("renaming")
	p.Fill("#rename-to", "Phone")
	p.Keys(kb.Enter)
	s.holds(p, "event Phone was Call")
	p.Wait(`document.querySelector(".pane").view.state.doc.toString().includes("event Phone was Call")`)
	p.Click(".cm-foldGutter .cm-gutterElement:nth-child(2)")
	p.Wait(`document.querySelector(".cm-foldPlaceholder")`)
	p.Click("[data-text-do=format]")
	s.holds(p, "  needs has name\n")
	spot := browsertest.Eval[browsertest.Spot](p, `(() => { const v = document.querySelector(".pane").view;
		const r = v.coordsAtPos(v.state.doc.toString().indexOf("score Effort") + 2);
		return {X: r.left, Y: (r.top + r.bottom) / 2}; })()`)
	p.Do(chromedp.MouseEvent("mouseMoved", spot.X, spot.Y, chromedp.ButtonNone))
	p.Says(".cm-tooltip-hover", "评分")
	p.Shot("text-hover")
	p.Click("[data-text-do=detail]")
	p.Wait(`location.pathname.endsWith("/rules")`)
}

// TestNamedCarets: where somebody is in the text the others see, with their name.
func TestNamedCarets(t *testing.T) {
	s, p := studying(t)
	bo := s.enrol("Bo", everywhere).tab(t)
	ready(p, "/w/east/text")
	ready(bo, "/w/east/text")
	bo.Shows(".pane.ready .cm-content")
	p.Shows(".pane.ready .cm-content")
	caret(bo, "alert Quiet", 6)
	p.Wait(`document.querySelector(".other")?.dataset.name === "Bo"`)
	caret(p, "entity Rep", 0)
	p.Keys("// x\n")
	bo.Wait(`document.querySelector(".other")`)
	p.Accessible("another's caret")
	p.Shot("carets")
}
