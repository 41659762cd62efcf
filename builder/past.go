package builder

import (
	"context"
	"errors"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/wire"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/ask"
)

// A past is what the draft would have done over the last days of the log: the figure beside a rule.
// It is worked out beside the conversation, for one text at a time: another text ends it.
type past struct {
	hash    policy.Hash // of the policy that it is of
	at      time.Time   // when it was worked out
	told    *trial.Past // nil: it is not known
	long    bool        // the log is too long for it
	done    int         // of 100
	end     context.CancelFunc
	stopped policy.Hash // somebody said that this one need not be tried
	wait    *time.Timer

	tried  *policy.Policy // the last one that was tried to the end, while a segment is looked at
	engine *engine.Engine // as the log left it
	size   *trial.Size    // of the segment that was asked for last
	sized  sizing
}

// What a past is of, and how long it holds while records go on coming.
const (
	pastDays   = 90
	pastLimit  = 300_000
	pastFresh  = 10 * time.Minute
	pastRest   = 700 * time.Millisecond // a text rests so long before it is tried
	pastNotice = 300 * time.Millisecond // between two figures of how far it is
)

var errLong = errors.New("the log is too long to try a rule on while it is written")

// tryPast tries the draft on the log, if somebody looks at what that tells of and it was not tried.
// Whoever calls has the desk.
func (d *desk) tryPast() {
	x := &d.past
	p := d.checked.policy
	who := d.looksAtPast()
	known := x.told != nil && time.Since(x.at) < pastFresh && (x.tried != nil || who == nil) ||
		x.long || x.end != nil
	if x.hash == p.Hash && known {
		return
	}
	if x.wait != nil {
		x.wait.Stop()
	}
	if x.end != nil {
		x.end()
		x.end = nil
	}
	x.told, x.long, x.hash = nil, false, p.Hash
	if who == nil || dsl.HasErrors(d.checked.diags) || x.stopped == p.Hash {
		return
	}
	ctx, end := context.WithCancel(d.b.doors.Ends())
	x.end, x.done = end, 0
	ask := d.b.doors.Ask(ctx, api.Caller{Who: who, Verb: access.Draft, Workspace: d.workspace,
		Route: "/w/{workspace}/rules"})
	x.wait = time.AfterFunc(pastRest, func() { d.trying(ctx, ask, p) })
}

// looksAtPast is somebody who looks at a rule and sees every record.
func (d *desk) looksAtPast() *access.Who {
	for s := range d.seats {
		if s.whole && s.at.path != nil {
			return s.who
		}
	}
	return nil
}

// trying works a past out, and tells how far it is.
func (d *desk) trying(ctx context.Context, by api.Asking, p *policy.Policy) {
	var told *trial.Past
	err := by.Long(func(w *runtime.Workspace) error {
		n, all, last := 0, 2*int(w.Last()), time.Now()
		log := ask.Inputs(ctx, w)
		counted := func(each func(trial.Input) error) error {
			return log(func(in trial.Input) error {
				if n++; n > 2*pastLimit {
					return errLong
				}
				if n%512 == 0 && time.Since(last) > pastNotice {
					last = time.Now()
					d.tellPast(ctx, func(x *past) { x.done = min(99, 100*n/max(all, 1)) })
				}
				return each(in)
			})
		}
		var err error
		told, err = trial.Fired(p, counted, pastDays, trial.Options{})
		return err
	})
	d.tellPast(ctx, func(x *past) {
		x.end()
		x.end, x.told, x.at, x.long = nil, told, time.Now(), errors.Is(err, errLong)
		if told != nil {
			x.tried, x.engine, x.size = p, told.Engine, nil
			time.AfterFunc(pastFresh, d.forget)
		}
		if err != nil && !x.long {
			d.b.o.Log.Error("trying a draft", "workspace", d.workspace, "err", err)
		}
	})
}

// forget lets the engine go that a draft was tried on, once nobody looks at what it tells of: it
// takes as much memory as the workspace.
func (d *desk) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	x := &d.past
	switch {
	case x.tried == nil:
	case d.looksAtPast() == nil:
		x.tried, x.engine, x.size = nil, nil, nil
	default:
		time.AfterFunc(pastFresh, d.forget)
	}
}

// tellPast changes what is known, as long as it is still wanted, and tells who looks.
func (d *desk) tellPast(ctx context.Context, f func(*past)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	f(&d.past)
	for s := range d.seats {
		if s.at.path == nil {
			continue
		}
		d.tellFired(s)
	}
}

// tellFired tells a page the figures beside what it looks at.
func (d *desk) tellFired(s *seat) {
	box := d.firedOf(s)
	if box == nil {
		return
	}
	html := []string{draw(view.FiredBox(s.view, box))}
	if size := d.sizeOf(s.view, s.at, s.whole); size != nil {
		html = append(html, draw(view.SizeBox(s.view, size)))
	}
	s.tell(&wire.Update{HTML: html})
	delete(s.shown, "inspector") // the page is another than what was sent last
}

// firedOf is the figure of what somebody looks at; nil: it is nothing that fires.
func (d *desk) firedOf(s *seat) *view.Fired {
	l, err := d.checked.text.Find(s.at.path, s.at.file)
	if err != nil {
		return nil
	}
	return d.firedIn(l, s.whole, s.lang)
}

func (d *desk) firedIn(l *syntax.Line, whole bool, lang string) *view.Fired {
	decl, is := d.declared(l)
	if !is || !decl.Kind.State || decl.Kind.Word == "allocate" {
		return nil
	}
	return d.fired(&decl, whole, lang)
}

// fired is how often a declaration would have fired, or why that is not known.
func (d *desk) fired(decl *kind.Decl, whole bool, lang string) *view.Fired {
	x := &d.past
	switch {
	case !whole:
		return &view.Fired{Text: words.FiredWhole.In(lang)}
	case dsl.HasErrors(d.checked.diags):
		return &view.Fired{Text: words.FiredWrong.In(lang)}
	case x.hash != d.checked.policy.Hash:
		return &view.Fired{Running: true}
	case x.end != nil:
		return &view.Fired{Running: true, Done: x.done}
	case x.long:
		return &view.Fired{Text: words.FiredLong.With(pastLimit).In(lang)}
	case x.told == nil:
		return &view.Fired{Stopped: true, Text: words.FiredStopped.In(lang)}
	}
	if text := x.told.Says(decl.Head.Full, lang); text != "" {
		return &view.Fired{Text: text}
	}
	return &view.Fired{Text: words.FiredNone.In(lang)}
}

// try begins to try the text as it is, or ends that.
func (d *desk) try(_ *seat, c *wire.Command) {
	d.mu.Lock()
	defer d.mu.Unlock()
	x := &d.past
	x.stopped = policy.Hash{}
	if c.Do == "untry" {
		x.stopped = d.checked.policy.Hash
		if x.end != nil {
			x.end()
			x.end = nil
		}
	}
	d.tryPast()
	for s := range d.seats {
		if s.at.path != nil {
			d.tellFired(s)
		}
	}
}
