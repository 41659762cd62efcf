//go:build browser

package browsertest

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// axe is the script of axe-core (MPL-2.0), which npm puts beside our sources. It is evaluated in
// tested pages and is no part of anything that we hand out.
var axe = sync.OnceValues(func() (string, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "builder", "ui",
		"node_modules", "axe-core", "axe.min.js"))
	return string(text), err
})

// Accessible looks at the page as it is with axe, by the rules of WCAG 2.2 AA and its best
// practices; what it finds fails the test.
func (p *Page) Accessible(what string) {
	p.t.Helper()
	script, err := axe()
	if err != nil {
		p.t.Fatal("axe is missing; npm ci in builder/ui brings it: ", err)
	}
	if !Eval[bool](p, "!!window.axe") {
		Eval[bool](p, script+";true")
	}
	// Half of a change of colours is nobody's page.
	p.Wait(`document.getAnimations().every(a => a.playState !== "running" ||
		a.effect.getComputedTiming().endTime === Infinity)`)
	found := Eval[[]string](p, `axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a",
		"wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => r.violations.flatMap(v =>
		v.nodes.map(n => v.id + ": " + v.help + "\n  " + n.html.slice(0, 300) + "\n  " +
			n.failureSummary)))`)
	for _, f := range found {
		p.t.Errorf("%s: %s", what, f)
	}
	if len(found) > 0 {
		p.Shot("axe-" + strings.NewReplacer("/", "-", " ", "-").Replace(what))
	}
}

// Everywhere looks at a page with axe in both languages, light and dark, on a desk and on a phone,
// and that nothing of it is cut off or makes the window scroll sideways. Then, if it is not nil,
// with brings the page into a state of its own before it is looked at again. Unless THRU_FULL is
// set it looks at four of the eight: each pair of a language, a theme and a width comes once.
func (p *Page) Everywhere(path string, with func()) {
	p.t.Helper()
	all := os.Getenv("THRU_FULL") != ""
	for i, lang := range []string{"en", "zh"} {
		for j, theme := range []string{"light", "dark"} {
			p.Cookies(&http.Cookie{Name: "thru-lang", Value: lang},
				&http.Cookie{Name: "thru-theme", Value: theme})
			for k, width := range []string{"desk", "phone"} {
				if !all && (i+j+k)%2 == 1 {
					continue
				}
				if width == "phone" {
					p.Phone()
				} else {
					p.Size(1200, 800)
				}
				p.Go(path)
				if with != nil {
					with()
				}
				what := fmt.Sprint(path, " ", lang, " ", theme, " ", width)
				p.Accessible(what)
				// On a phone the window grows with what is too wide; the page's own width does not.
				if n := Eval[int](p, `(e => e.scrollWidth - e.clientWidth)(document.documentElement)`); n > 0 {
					p.t.Errorf("%s is %d pixels wider than the window", what, n)
				}
				for _, out := range Eval[[]string](p, spills) {
					p.t.Errorf("%s: beyond the box that it is in: %s", what, out)
				}
				p.Shot(strings.NewReplacer("/", "-", " ", "-").Replace(strings.Trim(what, "/")))
			}
		}
	}
	p.Size(1200, 800)
}

// spills are controls that stand out of the box that they are in, which does not scroll to them.
const spills = `[...document.querySelectorAll(
	"input, select, textarea, button, .button")].filter(e => {
	const box = e.closest(".scroll, .card, .note, dialog, main");
	const scrolls = e => /auto|scroll/.test(getComputedStyle(e).overflowX);
	for (let at = e.parentElement; at; at = at.parentElement)
		if (scrolls(at) && at.scrollWidth > at.clientWidth && !at.matches(".stacks")) return false;
	return box && e.checkVisibility() &&
		e.getBoundingClientRect().right > box.getBoundingClientRect().right + 1;
}).map(e => e.outerHTML.slice(0, 120))`

// Walk presses Tab through the page: every stop is seen, its focus is marked, it ends, and nothing
// that can be operated is left out. A text editor keeps Tab to itself until Escape is pressed,
// which the page must say beside it. It returns what was stopped at, in order.
func (p *Page) Walk(t testing.TB) []string {
	t.Helper()
	var stops []string
	// From the top, wherever somebody clicked before.
	Eval[bool](p, `(b => { getSelection().removeAllRanges(); b.tabIndex = -1; b.focus(); b.blur();
		b.removeAttribute("tabindex"); scrollTo(0, 0); window.walked = new WeakSet();
		return true })(document.body)`)
	for range 200 {
		p.Keys("\t")
		p.Wait(`(e => !e?.matches(".cm-content") || e.closest(".cm-focused"))(
			document.activeElement)`)
		at := Eval[struct {
			Name, Wrong string
			Editor      bool
		}](p, `(() => { const e = document.activeElement;
			if (!e || e === document.body) return {Name: "", Wrong: ""};
			const own = e.matches(".cm-content"), marked = own ? e.closest(".cm-editor") : e;
			const s = getComputedStyle(marked), r = e.getBoundingClientRect();
			const by = document.getElementById(e.getAttribute("aria-labelledby"));
			const label = e.getAttribute("aria-label") || by?.textContent;
			const name = (label || e.textContent || e.name || e.id).trim();
			let wrong = "";
			if (s.outlineStyle === "none" || s.outlineWidth === "0px") wrong = "has no mark of the focus";
			if (r.width < 1 || r.height < 1) wrong = "is not seen";
			if (window.walked.has(e) && e !== window.walkedLast) wrong = "comes a second time";
			const told = document.getElementById(e.getAttribute("aria-describedby"));
			if (own && !/Esc/.test(told?.textContent)) wrong = "does not say how it is left";
			window.walked.add(window.walkedLast = e); // a date is stopped at in each of its parts
			return {Name: e.tagName + " " + name.slice(0, 60), Wrong: wrong, Editor: own}; })()`)
		if at.Name == "" {
			for _, left := range p.unreached() {
				t.Errorf("Tab does not reach %s", left)
			}
			return stops
		}
		if at.Wrong != "" {
			t.Errorf("%s %s", at.Name, at.Wrong)
		}
		stops = append(stops, at.Name)
		if at.Editor {
			p.Keys(kb.Escape)
		}
	}
	t.Errorf("the focus never comes out: %v", stops)
	return stops
}

// unreached is what can be operated in sight and was not stopped at. Of radio buttons one is.
func (p *Page) unreached() []string {
	return Eval[[]string](p, `[...document.querySelectorAll(
		"a[href], button, input, select, textarea, summary, " +
		"[contenteditable=true], [tabindex='0']")].filter(e => !e.disabled &&
		e.tabIndex >= 0 && e.type !== "radio" &&
		e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length &&
		!window.walked.has(e)).map(e => e.outerHTML.slice(0, 160))`)
}
