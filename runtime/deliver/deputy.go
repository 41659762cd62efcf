package deliver

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime/deliver/channel"
)

// deputies finds out who stood in for whom when what waits was decided, as the engine does for
// tasks. A notification goes to the deputy as well: who is away reads it later, if at all. Tasks
// are the deputy's alone already.
func (w *worker) deputies(ctx context.Context) error {
	var unseen []*waiting
	for _, x := range w.state.Waiting {
		if x.seen {
			continue
		}
		if x.seen = true; x.Kind == decision.Notify && len(x.For) > 0 {
			unseen = append(unseen, x)
		}
	}
	if len(unseen) == 0 {
		return nil
	}
	found := make(chan [][]stead, 1)
	err := w.ws.View(ctx, func(e *engine.Engine) {
		var out [][]stead
		for _, x := range unseen {
			out = append(out, steads(e, x))
		}
		found <- out
	})
	if err != nil {
		return err
	}
	for i, s := range <-found {
		unseen[i].stead = s
	}
	return nil
}

// steads are who stands in for each recipient, nil where nobody does for any. Who is told anyway is
// not told twice.
func steads(e *engine.Engine, x *waiting) (out []stead) {
	for i, who := range x.For {
		to, until := e.Deputy(who, x.At)
		if to == "" || slices.Contains(x.For, to) {
			continue
		}
		if out == nil {
			out = make([]stead, len(x.For))
		}
		out[i] = stead{strings.Clone(to), until}
	}
	return out
}

// everyone is who is told of an effect, deputies behind those whose place they take.
func (x *waiting) everyone() []string {
	if x.stead == nil {
		return x.For
	}
	var out []string
	for i, who := range x.For {
		out = append(out, who)
		if x.stead[i].who != "" {
			out = append(out, x.stead[i].who)
		}
	}
	return out
}

// spot is where a line goes: to whom, by their place, and through what.
type spot struct {
	to int
	c  *channel.Channel
}

// absent says in a line who is away and who stands in: to a deputy, why they are told; to a group,
// whose it is meanwhile; to a program, as data.
func (r *reader) absent(ctx context.Context, l *channel.Line, x *waiting, at spot) error {
	if x.stead == nil || at.to >= 0 {
		return nil
	}
	zh := at.c.Lang == "zh"
	for i, s := range x.stead {
		mine := at.to == deputyOf(i)
		if s.who == "" || at.to < everybody && !mine {
			continue
		}
		until := time.UnixMicro(s.until).In(l.At.Location())
		back := until.Format("2006-01-02 15:04")
		who, err := r.called(ctx, x.For[i])
		if err != nil {
			return err
		}
		deputy, err := r.called(ctx, s.who)
		if err != nil {
			return err
		}
		text := cmp.Or(l.Text, l.Rule)
		switch {
		case at.c.Kind == channel.Webhook:
			l.Away = append(l.Away, channel.Absence{Who: x.For[i], Deputy: s.who, Until: until})
		case mine && zh:
			l.Text = fmt.Sprintf("代 %s（离岗至 %s）：%s", who, back, text)
		case mine:
			l.Text = fmt.Sprintf("for %s, who is away until %s: %s", who, back, text)
		case zh:
			l.Text = fmt.Sprintf("%s（%s 离岗至 %s，由 %s 代理）", text, who, back, deputy)
		default:
			l.Text = fmt.Sprintf("%s (%s is away until %s; %s stands in)", text, who, back, deputy)
		}
	}
	return nil
}

// called is what somebody is called: their name, else their id.
func (r *reader) called(ctx context.Context, ref string) (string, error) {
	name, err := r.field(ctx, ref, "name")
	_, id, _ := strings.Cut(ref, "/")
	return cmp.Or(name, id), err
}
