package deliver

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/runtime/deliver/channel"
)

// ErrNotOpen says that nobody delivers for a workspace.
var ErrNotOpen = errors.New("nothing is delivered for this workspace")

// Status is how a channel fares.
type Status struct {
	Waiting   int       `json:"waiting" doc:"Messages that wait"`
	Dead      int       `json:"dead" doc:"Messages that could not be delivered and are kept"`
	Sent      uint64    `json:"sent" doc:"Effects that were told, since the log began"`
	Messages  uint64    `json:"messages" doc:"Messages in which they were"`
	Cancelled uint64    `json:"cancelled,omitempty" doc:"Alerts that were over before anybody was told"`
	Shut      time.Time `json:"shut,omitzero" doc:"Nothing is sent until then"`
	Broken    bool      `json:"broken,omitempty" doc:"Its settings need a look"`
	Why       string    `json:"why,omitempty" doc:"What the other side said last"`
}

// Statuses says how the channels of a workspace fare, those included that are named and not there.
func (s *Service) Statuses(ctx context.Context, workspace string) (map[string]Status, error) {
	out := map[string]Status{}
	err := s.inside(ctx, workspace, func(w *worker) error {
		for name, l := range w.lines { //tidy:order each by itself
			x := Status{Broken: l.broken, Why: l.why}
			if l.shut > w.now() {
				x.Shut = time.UnixMicro(l.shut).In(w.zone)
			}
			out[name] = x
		}
		add := func(name string, f func(*Status)) {
			x := out[name]
			f(&x)
			out[name] = x
		}
		for _, x := range w.state.Waiting {
			for _, q := range w.left(x) {
				add(q.Channel, func(x *Status) { x.Waiting++ })
			}
		}
		for i := range w.state.Dead {
			add(w.state.Dead[i].Part.Channel, func(x *Status) { x.Dead++ })
		}
		for name, c := range w.state.Counts { //tidy:order each by itself
			if name != "" {
				add(name, func(x *Status) { x.Sent, x.Messages, x.Cancelled = c.Sent, c.Messages, c.Cancelled })
			}
		}
		return nil
	})
	return out, err
}

// inside calls f in the goroutine that delivers for a workspace.
func (s *Service) inside(ctx context.Context, workspace string, f func(*worker) error) error {
	w := s.worker(workspace)
	var err error
	if w == nil || !w.do(ctx, func() { err = f(w) }) {
		if err := ctx.Err(); err != nil {
			return err
		}
		return ErrNotOpen
	}
	return err
}

// A Delivery is one part of an effect and what became of it.
type Delivery struct {
	ID      string    `json:"id" doc:"SEQ/N CHANNEL TO; the deputy of the first recipient is 0-deputy"`
	Effect  Key       `json:"effect" doc:"Entry and place of the effect, as 17/0"`
	Channel string    `json:"channel"`
	For     []string  `json:"for,omitempty" doc:"Who is told"`
	State   string    `json:"state" enum:"waiting,sent,dead"`
	Kind    string    `json:"kind,omitempty"`
	Rule    string    `json:"rule,omitempty"`
	Text    string    `json:"text,omitempty" doc:"None: it was erased"`
	At      time.Time `json:"at" doc:"When it was decided; of what was sent or is dead, since when"`
	Tries   int       `json:"tries,omitempty"`
	Why     string    `json:"why,omitempty" doc:"What the other side said last"`
	Next    time.Time `json:"next,omitzero" doc:"Not before"`
}

// ID is what a part is called by.
func (p Part) ID() string {
	to := "all"
	switch {
	case p.To >= 0:
		to = strconv.Itoa(p.To)
	case p.To < everybody:
		to = strconv.Itoa(deputyOf(p.To)) + "-deputy"
	}
	return p.Effect.String() + " " + p.Channel + " " + to
}

// Wanted says which deliveries are asked for.
type Wanted struct {
	State   string // waiting, sent or dead
	Channel string // "": of any
	Lang    string
	Limit   int
}

// List lists deliveries, the oldest first, and says how many there are.
func (s *Service) List(
	ctx context.Context, workspace string, x Wanted,
) (out []Delivery, all int, err error) {
	err = s.inside(ctx, workspace, func(w *worker) error {
		list := w.list(x)
		all = len(list)
		if x.State == asSent { // of these the last ones
			slices.Reverse(list)
		}
		for i := range list[:min(all, x.Limit)] {
			if err := w.tell(&list[i], x.Lang); err != nil {
				return err
			}
			out = append(out, list[i].Delivery)
		}
		return nil
	})
	return out, all, err
}

// listed is a delivery before it is put into words.
type listed struct {
	Delivery
	of waiting
}

func (w *worker) list(x Wanted) (out []listed) {
	add := func(q Part, of waiting, at int64, d Delivery) {
		if x.Channel != "" && q.Channel != x.Channel {
			return
		}
		d.ID, d.Effect, d.Channel, d.State = q.ID(), q.Effect, q.Channel, x.State
		d.At, d.Rule = time.UnixMicro(at).In(w.zone), of.Rule
		if d.For == nil {
			d.For = of.For
		}
		if to := of.to(q.To); to != "" {
			d.For = []string{to}
		}
		out = append(out, listed{d, of})
	}
	switch x.State {
	case asDead:
		for i := range w.state.Dead {
			l := &w.state.Dead[i]
			d := Delivery{Why: l.Why, Tries: l.Tries}
			if l.For != "" {
				d.For = []string{l.For}
			}
			add(l.Part, l.Of, l.Died, d)
		}
	case asSent:
		for _, v := range w.state.Sent {
			var d Delivery
			if v.For != "" {
				d.For = []string{v.For}
			}
			add(v.Part, waiting{Key: v.Part.Effect}, v.At, d)
		}
	default:
		for _, of := range w.state.Waiting {
			for _, q := range w.left(of) {
				d := Delivery{}
				if t := w.tries[q]; t != nil {
					d.Tries, d.Why = t.n, t.why
					if t.next > w.now() {
						d.Next = time.UnixMicro(t.next).In(w.zone)
					}
				}
				if w.lines[q.Channel] == nil {
					d.Why = "there is no channel of this name"
				}
				add(q, *of, of.At, d)
			}
		}
	}
	return out
}

// tell puts a delivery into words.
func (w *worker) tell(d *listed, lang string) error {
	l, err := w.line(&d.of, lang)
	if errors.Is(err, errGone) {
		return nil
	}
	if err != nil {
		return err
	}
	d.Kind, d.Rule, d.Text = l.Kind, l.Rule, channel.Cut(l.Text, 2000)
	if len(d.For) == 0 {
		d.For = l.For
	}
	return nil
}

// Letters says which dead letters are meant.
type Letters struct {
	IDs     []string // as deliveries are called; none: all
	Channel string   // "": of any
	By      string   // who wants it
}

// Replay sends dead letters again, and says how many.
func (s *Service) Replay(ctx context.Context, workspace string, x Letters) (int, error) {
	return s.act(ctx, workspace, x, doRedeliver)
}

// Discard gives dead letters up, and says how many.
func (s *Service) Discard(ctx context.Context, workspace string, x Letters) (int, error) {
	return s.act(ctx, workspace, x, doDiscard)
}

func (s *Service) act(
	ctx context.Context, workspace string, x Letters, do string,
) (n int, err error) {
	err = s.inside(ctx, workspace, func(w *worker) error {
		var parts []Part
		for i := range w.state.Dead {
			p := w.state.Dead[i].Part
			if x.Channel != "" && p.Channel != x.Channel ||
				len(x.IDs) > 0 && !slices.Contains(x.IDs, p.ID()) {
				continue
			}
			parts = append(parts, p)
		}
		if n = len(parts); n == 0 {
			return nil
		}
		for _, p := range parts {
			if l := w.lines[p.Channel]; l != nil && do == doRedeliver {
				l.shut = 0 // somebody has looked
			}
		}
		return w.command(&report{Do: do, Parts: parts, By: strings.TrimSpace(x.By)})
	})
	return n, err
}
