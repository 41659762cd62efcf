//go:build browser

package builder

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/throughline/throughline/builder/browsertest"
)

// TestBenchEverywhere pins records by hand, and looks at what is decided with axe.
func TestBenchEverywhere(t *testing.T) {
	_, p := authoring(t)
	ready(p, "/w/east/bench")
	p.Fill("#bench-lines", benchLines)
	p.Says("#bench-result", "lacks nothing")
	p.Everywhere("/w/east/bench", func() {
		p.Shows("#bench-result .cases .card")
		p.Click("#bench-result .cases summary")
	})
	p.Walk(t)
	ready(p, "/w/east/board")
	p.Shows(".item .chip.good")
	p.Accessible("a board with a pinned record")
	p.Shot("bench-board")
}

// TestBenchOfTwo: two write on one bench at once; each sees the other's lines and keeps their own, and
// the caret where it was.
func TestBenchOfTwo(t *testing.T) {
	s, p := authoring(t)
	o := s.enrol("Bo", everywhere).tab(t)
	ready(p, "/w/east/bench")
	ready(o, "/w/east/bench")
	value := func(p *browsertest.Page, want string) {
		t.Helper()
		p.Wait(`document.querySelector("#bench-lines").value === ` + "`" + want + "`")
	}
	p.Fill("#bench-lines", "// one\n// two")
	value(o, "// one\n// two")
	for _, p := range []*browsertest.Page{p, o} {
		p.Do(chromedp.Focus(chromedp.CSS("#bench-lines")))
	}
	browsertest.Eval[bool](p, `document.querySelector("#bench-lines").setSelectionRange(6, 6) ?? true`)
	browsertest.Eval[bool](o, `document.querySelector("#bench-lines").setSelectionRange(13, 13) ?? true`)
	p.Keys(" first") // both, before either has heard of the other
	o.Keys(" last")
	p.Keys(kb.Enter + "// between")
	o.Keys(", really")
	value(p, "// one first\n// between\n// two last, really")
	value(o, "// one first\n// between\n// two last, really")
	o.Keys("!")
	value(p, "// one first\n// between\n// two last, really!")
	if at := browsertest.Eval[int](p, `document.querySelector("#bench-lines").selectionStart`); at != 23 {
		t.Errorf("the caret is at %d", at)
	}
	p.Fill("#bench-until", "")
	browsertest.Eval[bool](p, `(e => { e.value = "2026-02-05T10:00";
		e.dispatchEvent(new Event("input", {bubbles: true})); return true })(document.querySelector("#bench-until"))`)
	o.Wait(`document.querySelector("#bench-until").value === "2026-02-05T10:00"`)
	s.holdsPinned(p, "// one first\n// between\n// two last, really!")
}

// TestBenchIsLeft: what was typed last is pinned, whoever leaves at once.
func TestBenchIsLeft(t *testing.T) {
	s, p := authoring(t)
	ready(p, "/w/east/bench")
	p.Fill("#bench-lines", "// typed, and away")
	p.Go("/w/east/overview")
	s.holdsPinned(p, "// typed, and away")
	ready(p, "/w/east/bench")
	p.Do(chromedp.Focus(chromedp.CSS("#bench-lines")))
	p.Keys(kb.End + ", by a link")
	p.Do(chromedp.Click(chromedp.CSS(`.rail a[href$="/board"]`)))
	s.holdsPinned(p, "// typed, and away, by a link")
}

// TestBenchIsLeftOffline: what was typed without a connection is there when the page comes again, and
// pinned beside what others pinned meanwhile. It is told, once.
func TestBenchIsLeftOffline(t *testing.T) {
	s, p := authoring(t)
	s.pinNow("// one\n// two")
	ready(p, "/w/east/bench")
	s.cut(p)
	p.Fill("#bench-lines", "// one, mine\n// two")
	p.Do(chromedp.Navigate("about:blank"))
	s.pinNow("// one\n// two\n// three")
	p.Offline(false)
	ready(p, "/w/east/bench")
	s.holdsPinned(p, "// one, mine\n// two\n// three")
	p.Wait("document.querySelector(\"#bench-lines\").value === `// one, mine\n// two\n// three`")
	p.Says("#bench-left", "without a connection")
	p.Accessible("a bench that was left without a connection")
	p.Shot("bench-left")
	s.pinNow("// another")
	ready(p, "/w/east/bench")
	p.Wait(`document.querySelector("#bench-lines").value === "// another"`)
	p.Wait(`document.querySelector("#bench-left").hidden`)
	s.holdsPinned(p, "// another")
	p.Forgive("ERR_INTERNET_DISCONNECTED")
	p.Forgive("WebSocket connection")
}

// pinNow pins lines as somebody else does.
func (s *site) pinNow(lines string) {
	s.t.Helper()
	d, err := s.b.desk(s.t.Context(), "east")
	if err != nil {
		s.t.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.pin(pinned{Lines: lines}); err != nil {
		s.t.Fatal(err)
	}
}

// holdsPinned waits until the bench holds something.
func (s *site) holdsPinned(p *browsertest.Page, want string) {
	s.t.Helper()
	d, err := s.b.desk(s.t.Context(), "east")
	if err != nil {
		s.t.Fatal(err)
	}
	got := ""
	if !p.Soon(func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		got = d.pinned.Lines
		return got == want
	}) {
		s.t.Fatalf("pinned is %q, want %q", got, want)
	}
}
