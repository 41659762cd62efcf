//go:build browser

package browsertest

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Main runs a package's tests with one browser for all of them. Without one they fail: whoever runs
// them asked for them by a build tag, and what go test prints of a package that passes nobody sees.
func Main(m *testing.M, browser *Browser) int {
	flag.Parse()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if p, err := exec.LookPath(name); err == nil && path == "" {
			path = p
		}
	}
	if path == "" {
		fmt.Println("there is no browser to test the pages in; install chromium")
		return 1
	}
	o := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), o...)
	defer stop()
	ctx, end := chromedp.NewContext(ctx)
	defer end()
	if err := chromedp.Do(ctx); err != nil {
		fmt.Println("the browser does not start:", err)
		return 1
	}
	browser.ctx = ctx
	return m.Run()
}

// Browser is a running browser.
type Browser struct{ ctx context.Context }

// Page is one tab, with cookies of its own.
type Page struct {
	t    testing.TB
	ctx  context.Context
	base string

	mu    sync.Mutex
	wrong []string
}

// within is how long a step of a test may take. The machine may be busy.
const within = 30 * time.Second

// Open opens a tab on a server. It is closed when the test ends.
func (b *Browser) Open(t testing.TB, base string) *Page {
	t.Helper()
	ctx, end := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	p := &Page{t: t, ctx: ctx, base: base}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	said := chromedp.Console(ctx)
	go func() {
		for m, err := range said {
			if err != nil {
				return
			}
			if m.Type == chromedp.ConsoleError || m.IsException() {
				p.mu.Lock()
				p.wrong = append(p.wrong, m.Text)
				p.mu.Unlock()
			}
		}
	}()
	t.Cleanup(func() {
		end()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, text := range p.wrong {
			t.Errorf("the console says: %s", text)
		}
	})
	p.Size(1200, 800)
	return p
}

// Forgive takes what the console said so far as expected, where it contains a text: a server that
// a test ended, say.
func (p *Page) Forgive(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var left []string
	for _, w := range p.wrong {
		if !strings.Contains(w, text) {
			left = append(left, w)
		}
	}
	p.wrong = left
}

// Do runs steps.
func (p *Page) Do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, end := context.WithTimeout(p.ctx, within)
	defer end()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.Shot("failed-" + strings.ReplaceAll(p.t.Name(), "/", "-"))
		p.t.Fatal(err)
	}
}

// Eval is the value of an expression in the page.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, end := context.WithTimeout(p.ctx, within)
	defer end()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return out
}

// Go opens a page of the server.
func (p *Page) Go(path string) {
	p.t.Helper()
	p.Do(chromedp.Navigate(p.base + path))
}

// Cookies gives the tab cookies of the server.
func (p *Page) Cookies(list ...*http.Cookie) {
	p.t.Helper()
	for _, c := range list {
		p.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: c.Name,
				Value: c.Value, URL: p.base})
			return err
		}))
	}
}

// Size is the size of the window.
func (p *Page) Size(width, height int) {
	p.t.Helper()
	p.Do(chromedp.EmulateViewport(int64(width), int64(height)))
}

// Phone makes the window that of the narrowest phone in use, touched.
func (p *Page) Phone() {
	p.t.Helper()
	p.Do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch))
}

// Wait waits until an expression in the page is true.
func (p *Page) Wait(expression string) {
	p.t.Helper()
	end := time.Now().Add(within)
	for {
		ctx, stop := context.WithTimeout(p.ctx, within)
		// A page that is being left has nothing yet: it is asked again.
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		stop()
		if err == nil && is {
			return
		}
		if time.Now().After(end) {
			p.Shot("failed-" + strings.ReplaceAll(p.t.Name(), "/", "-"))
			p.t.Fatalf("it never came: %s", expression)
		}
		time.Sleep(15 * time.Millisecond)
	}
}

// Soon waits until something is so that is not of the page: whether it came to be.
func (p *Page) Soon(is func() bool) bool {
	p.t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(15 * time.Millisecond) {
		if is() {
			return true
		}
	}
	return is()
}

// Shows waits until an element is there and seen.
func (p *Page) Shows(css string) {
	p.t.Helper()
	p.Wait(fmt.Sprintf("document.querySelector(%q)?.checkVisibility()", css))
}

// Says waits until an element has a text in it.
func (p *Page) Says(css, text string) {
	p.t.Helper()
	p.Wait(fmt.Sprintf("document.querySelector(%q)?.textContent.includes(%q)", css, text))
}

// Still waits until an element is where it was a moment ago, and nothing moves it: a card that
// glides to its new place is missed by who points at where it was.
func (p *Page) Still(css string) {
	p.t.Helper()
	p.Shows(css)
	p.Wait(fmt.Sprintf(`(e => {
		if (document.getAnimations().some(a =>
			a.playState === "running" && a.effect.target?.contains(e))) return;
		const r = e?.getBoundingClientRect(), at = r && [r.x, r.y, r.width, r.height].join();
		if (!at || at !== window.stillAt) { window.stillAt = at; window.stillFrom = performance.now(); }
		return at && performance.now() - window.stillFrom > 60; })(document.querySelector(%q))`, css))
}

// Click clicks the middle of an element with the mouse.
func (p *Page) Click(css string) {
	p.t.Helper()
	p.Still(css)
	p.Do(chromedp.Click(chromedp.CSS(css)))
}

// Fill makes a text the value of a control, as typing does.
func (p *Page) Fill(css, text string) {
	p.t.Helper()
	p.Shows(css)
	Eval[bool](p, fmt.Sprintf("(e => { e.focus(); e.select(); return true })("+
		"document.querySelector(%q))", css))
	p.Insert(text)
}

// Keys presses keys where the focus is; see package kb of chromedp for those without a sign.
func (p *Page) Keys(keys string, o ...chromedp.KeyOption) {
	p.t.Helper()
	p.Do(chromedp.KeyEvent(keys, o...))
}

// Spot is a place in the window.
type Spot struct{ X, Y float64 }

// Middle is the middle of an element, which is scrolled into the window.
func (p *Page) Middle(css string) Spot {
	p.t.Helper()
	p.Still(css)
	return Eval[Spot](p, fmt.Sprintf(`(() => { const e = document.querySelector(%q);
		e.scrollIntoView({block: "nearest", inline: "nearest"}); const r = e.getBoundingClientRect();
		return {X: r.x + r.width / 2, Y: r.y + r.height / 2}; })()`, css))
}

// Drag presses the mouse at a place and lets it go at another, on the way as a hand goes.
func (p *Page) Drag(from, to Spot, end bool) {
	p.t.Helper()
	mouse := func(typ input.DispatchMouseEventType, s Spot) {
		p.t.Helper()
		p.Do(chromedp.MouseEvent(typ, s.X, s.Y, chromedp.ButtonLeft))
	}
	mouse(input.DispatchMouseEventTypeMousePressed, from)
	const steps = 8
	for i := 1; i <= steps; i++ {
		f := float64(i) / steps
		mouse(input.DispatchMouseEventTypeMouseMoved,
			Spot{from.X + f*(to.X-from.X), from.Y + f*(to.Y-from.Y)})
	}
	if end {
		mouse(input.DispatchMouseEventTypeMouseReleased, to)
	}
}

// Shot writes a picture of the window into THRU_SHOTS, if that is set.
func (p *Page) Shot(name string) {
	dir := os.Getenv("THRU_SHOTS")
	if dir == "" {
		return
	}
	ctx, end := context.WithTimeout(p.ctx, within)
	defer end()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil {
		p.t.Log(err)
	}
}

// Picture writes a picture of the window, small enough to be kept.
func (p *Page) Picture(file string) {
	p.t.Helper()
	ctx, end := context.WithTimeout(p.ctx, within)
	defer end()
	quality := int64(40)
	webp, err := chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		r, err := cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{
			Format: page.CaptureScreenshotFormatWebp, Quality: &quality})
		if err != nil {
			return nil, err
		}
		return r.Data, nil
	})
	if err == nil {
		err = os.WriteFile(file, webp, 0o644)
	}
	if err != nil {
		p.t.Error(err)
	}
}

// Touch puts a finger down at a place, rests, goes to another, and lifts.
func (p *Page) Touch(from, to Spot, rest int) {
	p.t.Helper()
	touch := func(typ input.DispatchTouchEventType, points ...*input.TouchPoint) {
		p.t.Helper()
		p.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := chromedp.Call(ctx, input.DispatchTouchEvent,
				input.DispatchTouchEventParams{Type: typ, TouchPoints: points})
			return err
		}))
	}
	touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: from.X, Y: from.Y})
	p.Do(chromedp.Sleep(time.Duration(rest) * time.Millisecond))
	const steps = 6
	for i := 1; i <= steps; i++ {
		f := float64(i) / steps
		touch(input.DispatchTouchEventTypeTouchMove,
			&input.TouchPoint{X: from.X + f*(to.X-from.X), Y: from.Y + f*(to.Y-from.Y)})
	}
	touch(input.DispatchTouchEventTypeTouchEnd)
}

// Compose shows what an input method has so far, without giving it to the page.
func (p *Page) Compose(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := chromedp.Call(ctx, input.ImeSetComposition, input.ImeSetCompositionParams{
				Text: text, SelectionStart: int64(len(text)), SelectionEnd: int64(len(text))})
			return err
		}))
	}
}

// Insert gives the page what an input method has come to.
func (p *Page) Insert(text string) {
	p.t.Helper()
	p.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

// Offline cuts the tab off from every server, or lets it back, and lets it know as a browser does
// whose machine has lost its network. What is open already stays so: nothing more comes of it.
func (p *Page) Offline(yes bool) {
	p.t.Helper()
	p.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule,
			network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{
				{Offline: yes, DownloadThroughput: -1, UploadThroughput: -1}}})
		if err != nil {
			return err
		}
		_, err = chromedp.Call(ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{
			Offline: yes, DownloadThroughput: -1, UploadThroughput: -1})
		return err
	}))
}

// Scriptless takes script from the pages that come.
func (p *Page) Scriptless() {
	p.t.Helper()
	p.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}
