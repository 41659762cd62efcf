package builder

import (
	"context"
	"errors"
	"hash/maphash"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/wire"
	"github.com/throughline/throughline/internal/live"
	"github.com/throughline/throughline/runtime"
)

// An open page of a screen that is live follows the log: when entries came it is drawn again, and
// the parts that are others than before are sent. What that costs is bounded for each workspace,
// whatever its traffic and however many look: see rests.

// follows are the open pages of workspaces.
type follows struct {
	mu  sync.Mutex
	all map[string]*audience
}

// audience are the open pages of a workspace.
type audience struct {
	mu    sync.Mutex
	pages map[chan struct{}]bool
}

func (f *follows) of(workspace string) *audience {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == nil {
		f.all = map[string]*audience{}
	}
	a := f.all[workspace]
	if a == nil {
		a = &audience{pages: map[chan struct{}]bool{}}
		f.all[workspace] = a
	}
	return a
}

// come adds a page, which hears of what is no part of the log.
func (a *audience) come() (kicks chan struct{}, leave func()) {
	kicks = make(chan struct{}, 1)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pages[kicks] = true
	return kicks, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.pages, kicks)
	}
}

// kick says that pages may be others now.
func (a *audience) kick() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for c := range a.pages {
		select {
		case c <- struct{}{}:
		default: // it knows
		}
	}
}

func (a *audience) size() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.pages)
}

// Bounds on how often a page is drawn.
const (
	restLeast = time.Second
	restShare = 20 // pages of a workspace together take a twentieth of one processor
	turnEvery = time.Minute
)

// rests is how long a page is left as it is after it was drawn, which took so long.
func rests(took time.Duration, pages int) time.Duration {
	return max(restLeast, restShare*took*time.Duration(max(pages, 1)))
}

// liveAddress is where a page of a live screen follows the log; "": it does not.
func (v *Visit) liveAddress(s *Screen, seen uint64) string {
	if !s.Live || v.R.Method != http.MethodGet {
		return ""
	}
	q := v.R.URL.Query()
	q.Set("seen", strconv.FormatUint(seen, 10))
	return strings.TrimSuffix(v.R.URL.Path, "/") + "/live?" + q.Encode()
}

// last is where the log of the workspace ends; 0: it cannot be said.
func (v *Visit) last() (seq uint64) {
	_ = v.Use(func(w *runtime.Workspace) error { // whoever asks for more is told
		seq = w.Last()
		return nil
	})
	return seq
}

// follow serves an open page of a screen until it goes.
func (v *Visit) follow(s *Screen) {
	conn, err := live.Talk(v.W, v.R, mostLooked)
	if err != nil {
		return // it was answered
	}
	defer func() { _ = conn.Close() }() // it may be gone
	ctx, cancel := context.WithCancel(v.b.doors.Ends())
	defer cancel()
	all := v.b.follows.of(v.Workspace)
	kicks, leave := all.come()
	defer leave()
	seen, err := strconv.ParseUint(v.R.URL.Query().Get("seen"), 10, 64)
	if err != nil {
		seen = 0
	}
	f := &follower{v: v, s: s, ctx: ctx, conn: conn, all: all, kicks: kicks}
	err = v.Use(func(w *runtime.Workspace) error { return f.serve(w, seen) })
	if err != nil && ctx.Err() == nil && !errors.Is(err, errAway) {
		v.b.o.Log.Warn("live page", "path", v.R.URL.Path, "err", err)
	}
}

// errAway says that a page has gone, or that whoever opened it may not see it any more.
var errAway = errors.New("the page has gone")

// A follower is one open page.
type follower struct {
	v     *Visit
	s     *Screen
	ctx   context.Context
	conn  *live.Conn
	all   *audience
	kicks chan struct{}
	shown parts
}

func (f *follower) serve(w *runtime.Workspace, seen uint64) error {
	ctx, cancel := context.WithCancel(f.ctx)
	defer cancel()
	moved, failed := make(chan uint64), make(chan error, 1)
	at := w.Last()
	go func() { // says where the log ends, whenever that is elsewhere
		for after := at; ; {
			last, err := w.Moved(ctx, after)
			if err != nil {
				failed <- err
				return
			}
			after = last
			select {
			case moved <- last:
			case <-ctx.Done():
				return
			}
		}
	}()
	// The page is as it was drawn first if nothing came until it was drawn again.
	took, err := f.draw(func() bool { return w.Last() == seen })
	if err != nil {
		return err
	}
	pings, turn := time.NewTicker(f.v.b.pings), time.NewTicker(turnEvery)
	defer pings.Stop()
	defer turn.Stop()
	rest := time.NewTimer(rests(took, f.all.size()))
	defer rest.Stop()
	stale, rested := false, false
	for {
		if stale && rested {
			if took, err = f.draw(func() bool { return false }); err != nil {
				return err
			}
			stale, rested = false, false
			rest.Reset(rests(took, f.all.size()))
		}
		select {
		case <-f.conn.Gone():
			return errAway
		case <-f.ctx.Done():
			return errAway
		case err := <-failed:
			return err
		case <-moved:
			stale = true
		case <-f.kicks:
			stale = true
		case <-turn.C: // how much time is left is another every minute
			stale = true
		case <-rest.C:
			rested = true
		case <-pings.C:
			if ping(f.conn) != nil {
				return errAway
			}
		case <-f.conn.Said(): // it has nothing to say
		}
	}
}

// draw draws the page and sends what of it is another than before; same says, once it is drawn,
// whether the browser shows it so.
func (f *follower) draw(same func() bool) (time.Duration, error) {
	begun := time.Now()
	v := *f.v
	now, ok := v.b.o.Access.Again(v.Who)
	if !ok || !now.May(f.s.Needs, v.Workspace) {
		return 0, errAway
	}
	v.Who = now
	v.R = v.R.WithContext(f.ctx)
	u := *v.R.URL
	u.Path = strings.TrimSuffix(u.Path, "/live")
	q := u.Query()
	q.Del("seen")
	u.RawQuery = q.Encode()
	v.R.URL, v.R.Form = &u, nil
	body, err := v.drawn(f.s, f.s.Show)
	if err != nil {
		return 0, err
	}
	html := draw(view.Main(v.liveAddress(f.s, 0), body))
	next := split(html)
	if !same() {
		if list := next.against(&f.shown); len(list) > 0 {
			if f.conn.Send(encode(&wire.Update{HTML: list})) != nil {
				return 0, errAway
			}
		}
	}
	f.shown = parts{own: next.own} // what was sent is known by its hashes
	return time.Since(begun), nil
}

// parts are the elements of a page that have ids, in the order in which they begin.
type parts struct {
	html string
	list []span
	own  map[string]uint64
}

// A span is an element with an id: where it is, and a hash of it in which those inside it count by
// their ids alone.
type span struct {
	id       string
	from, to int
	own      uint64
}

var seed = maphash.MakeSeed()

// split finds the parts of a page that the components drew: every element is closed, or is one that
// has no end, and texts are escaped.
func split(html string) parts {
	p := parts{html: html, own: map[string]uint64{}}
	type open struct {
		in    int // whose text it is; below: nobody's
		named bool
	}
	var stack []open
	sums := []*maphash.Hash{}
	in, at := -1, 0
	add := func(s string) {
		if in >= 0 {
			_, _ = sums[in].WriteString(s) // it never fails
		}
	}
	for at < len(html) {
		i := strings.IndexByte(html[at:], '<')
		if i < 0 {
			break
		}
		add(html[at : at+i])
		at += i
		end := strings.IndexByte(html[at:], '>')
		if end < 0 {
			break
		}
		tag := html[at : at+end+1]
		name, _, _ := strings.Cut(strings.Trim(tag, "<>/"), " ")
		switch {
		case strings.HasPrefix(tag, "<!"), endless(name), strings.HasSuffix(tag, "/>"):
			add(tag)
		case strings.HasPrefix(tag, "</"):
			add(tag)
			if len(stack) > 0 {
				last := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				if last.named {
					x := &p.list[in]
					x.to, x.own = at+end+1, sums[in].Sum64()
					p.own[x.id] = x.own
				}
				in = last.in
			}
		default:
			id := idOf(tag)
			stack = append(stack, open{in, id != ""})
			if id != "" {
				add("#" + id)
				p.list = append(p.list, span{id: id, from: at})
				h := new(maphash.Hash)
				h.SetSeed(seed)
				sums = append(sums, h)
				in = len(p.list) - 1
			}
			add(tag)
		}
		at += end + 1
	}
	return p
}

// endless reports whether an element has no end.
func endless(name string) bool {
	switch name {
	case "br", "hr", "img", "input", "link", "meta", "source", "wbr", "col":
		return true
	}
	return false
}

func idOf(tag string) string {
	_, rest, ok := strings.Cut(tag, ` id="`)
	if !ok {
		return ""
	}
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// against are the parts that are others than they were; what lies inside of one goes with it.
func (p *parts) against(was *parts) (out []string) {
	until := 0
	for i := range p.list {
		x := &p.list[i]
		if own, ok := was.own[x.id]; x.from < until || ok && own == x.own {
			continue
		}
		out = append(out, p.html[x.from:x.to])
		until = x.to
	}
	return out
}
