//go:build browser

package builder

import (
	"testing"

	"github.com/throughline/throughline/builder/browsertest"
	"github.com/throughline/throughline/runtime/access"
)

// TestHandInWithoutALine: what is handed in without a connection is kept on the device and told of,
// and handed in by itself when the line is back, with the time at which it was done.
func TestHandInWithoutALine(t *testing.T) {
	s := newDistributor(t, 2)
	p := s.person("deng", access.RoleRep, "Rep/r13").tab(t)
	p.Phone()
	p.Go("/w/d/today")
	p.Wait(`!!navigator.serviceWorker.controller`)
	p.Go("/w/d/hand-in/Distribution")
	p.Go("/w/d/today")
	hand := func() {
		p.Click(`a[href$="/hand-in/Distribution"]`)
		p.Shows("select[name=store]")
		browsertest.Eval[bool](p, `(() => { const s = document.querySelector("select[name=store]");
			s.value = s.options[1].value; return true; })()`)
		p.Fill("input[name=skus]", "tea, cola, water")
		p.Click("form.handin button.main")
	}
	s.line.cut.Store(true)
	hand()
	p.Says("#queue", "waits for the line")
	hand()
	p.Wait(`document.querySelectorAll("#queue li").length === 2`)
	p.Says("#stale", "as it was last")
	p.Accessible("a list that waits")
	p.Click("#queue li:nth-child(2) [data-drop]")
	p.Wait(`document.querySelectorAll("#queue li").length === 1`)
	p.Walk(t)
	p.Go("/w/d/today") // it is still there, as the page is
	p.Says("#queue", "Effective distribution")
	p.Shot("today-offline")

	p.Wait(`!document.querySelector("#stale").hidden`)
	s.line.cut.Store(false)
	// Not by the mouse: the page tries by itself too, and the button may be gone by then.
	browsertest.Eval[bool](p, `(document.querySelector("[data-try]").click(), true)`)
	p.Says("#queue", "handed in")
	p.Click("#queue [data-see]")
	p.Says(".card.done", "accepted")
	p.Wait(`document.querySelector("#queue").hidden`)
	browsertest.Eval[bool](p, `fetch("/sign-out", {method: "POST"}).then(() => true)`)
	p.Wait(`caches.has("throughline-pages").then(has => document.documentElement.dataset.kept = has) &&
		document.documentElement.dataset.kept === "false"`)
	p.Forgive("net::ERR_EMPTY_RESPONSE")
	p.Forgive("WebSocket connection to") // the page looked whether the line is back
}
