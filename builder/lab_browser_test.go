//go:build browser

package builder

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/throughline/throughline/builder/browsertest"
	"github.com/throughline/throughline/runtime/access"
)

// TestLabInBrowser: a slider shows at once what it comes to, by mouse and by keys; its number moves
// with it.
func TestLabInBrowser(t *testing.T) {
	site := newDistributor(t, 5)
	p := site.person("root", access.RoleAdmin, "").tab(t)
	p.Go("/w/d/allocation/lab?days=30")
	p.Says("#lab-result", "Every record goes to the same person")
	p.Still("[data-twin=w-idle]")
	p.Click("[data-twin=w-idle]") // the middle of it
	begun := time.Now()
	p.Wait(`!document.querySelector("#lab-result").innerText.includes("Every record goes")`)
	t.Logf("a slider's move is shown after %v", time.Since(begun))
	p.Wait(`document.querySelector("#w-idle").value === "50"`)
	p.Keys(kb.Home)
	p.Wait(`document.querySelector("#w-idle").value === "0"`)
	p.Fill("#w-idle", "25")
	p.Wait(`document.querySelector("[data-twin=w-idle]").value === "25"`)
	p.Wait(`location.search.includes("w.idle=25")`)
	if says := browsertest.Eval[string](p, `document.querySelector(".lab-says").innerText`); !strings.Contains(says,
		"go to somebody else") {
		t.Error(says)
	}
	p.Click(".lab button.main")
	p.Says(".note.good", "The weights are in the draft")
	p.Walk(t)
	p.Everywhere("/w/d/allocation/lab?days=30&w.idle=10", nil)
}

// TestCoachingEverywhere looks at cases with axe.
func TestCoachingEverywhere(t *testing.T) {
	site := newDistributor(t, 5)
	p := site.person("root", access.RoleAdmin, "").tab(t)
	p.Everywhere("/w/d/coaching", nil)
	p.Everywhere("/w/d/case?rule=LowQuality&of=r13", nil)
}
