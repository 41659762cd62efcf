package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
)

// seen is a view of a policy.
type seen struct {
	policy *policy.Policy
	view   string
}

// keyOf tells views apart.
func keyOf(v *ask.View) string {
	fields := make([]string, 0, len(v.Hidden))
	for f := range v.Hidden {
		fields = append(fields, f)
	}
	slices.Sort(fields)
	return fmt.Sprintf("%v %q %v %v %q", v.All, v.As, v.Team, v.Personal, strings.Join(fields, " "))
}

// mostLenses bounds what is kept of views.
const mostLenses = 1024

// lens is what a view means for a policy.
func (s *Server) lens(p *policy.Policy, v ask.View) *ask.Lens {
	key := seen{p, keyOf(&v)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.lenses[key]; l != nil {
		return l
	}
	if len(s.lenses) >= mostLenses {
		clear(s.lenses)
	}
	l := ask.NewLens(p, v)
	s.lenses[key] = l
	return l
}

// glance looks at a workspace through a view. Those who look at the same time look together, so
// that a thousand feeds do not make the writer stop a thousand times.
func (s *Server) glance(
	ctx context.Context, w *runtime.Workspace, v ask.View, f func(*ask.Sight),
) error {
	g := s.glances.of(w)
	x := &glance{do: func(e *engine.Engine) { f(s.lens(e.Policy(), v).On(e)) },
		done: make(chan error, 1)}
	defer x.leave()
	g.mu.Lock()
	g.waiting = append(g.waiting, x)
	first := !g.looking
	g.looking = true
	g.mu.Unlock()
	if first {
		go s.glances.look(w, g)
	}
	select {
	case err := <-x.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// glance is one who wants to look.
type glance struct {
	do   func(*engine.Engine)
	done chan error

	mu   sync.Mutex
	left bool
}

func (x *glance) look(e *engine.Engine) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.left {
		x.do(e)
	}
}

// leave waits for a look that has begun; one that has not does not begin.
func (x *glance) leave() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.left = true
}

// gallery is those who want to look at one workspace.
type gallery struct {
	mu      sync.Mutex
	waiting []*glance
	looking bool
}

// galleries are those of all workspaces in which somebody looks.
type galleries struct {
	mu  sync.Mutex
	all map[*runtime.Workspace]*gallery
}

func (g *galleries) of(w *runtime.Workspace) *gallery {
	g.mu.Lock()
	defer g.mu.Unlock()
	x := g.all[w]
	if x == nil {
		if g.all == nil {
			g.all = map[*runtime.Workspace]*gallery{}
		}
		x = new(gallery)
		g.all[w] = x
	}
	return x
}

// look lets all who wait look, until nobody does.
func (g *galleries) look(w *runtime.Workspace, x *gallery) {
	for {
		x.mu.Lock()
		now := x.waiting
		x.waiting = nil
		if len(now) == 0 {
			x.looking = false
			g.mu.Lock()
			delete(g.all, w)
			g.mu.Unlock()
			x.mu.Unlock()
			return
		}
		x.mu.Unlock()
		err := w.View(context.Background(), func(e *engine.Engine) {
			for _, l := range now {
				l.look(e)
			}
		})
		for _, l := range now {
			l.done <- err
		}
	}
}

// allowed is how much somebody sees by now of what they asked about a while ago; a problem: they
// may not ask any more.
func (s *Server) allowed(c *caller) (ask.View, error) {
	who, in := s.o.Access.Again(c.who)
	switch {
	case !in:
		return ask.View{}, s.problem("expired-key", "", "")
	case !who.May(c.verb, c.workspace):
		return ask.View{}, s.problem("not-allowed", "", "")
	}
	return who.View(c.verb, c.workspace), nil
}

// told is a decision on its way to somebody.
type told struct {
	seq    uint64
	d      *decision.Decision
	policy *policy.Policy
	line   []byte // the record as it came
	unseen bool
}

// tell makes a logged entry one; nil: it was erased.
func tell(l *runtime.Logged) (*told, error) {
	t := &told{seq: l.Seq, d: new(decision.Decision), policy: l.Policy()}
	var gone *runtime.ErasedError
	if err := l.Decode(t.d); errors.As(err, &gone) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if decision.Kind(l.Kind) == decision.Record {
		t.line = bytes.Clone(l.Payload)
	}
	t.d = t.d.Clone() // its texts are views of the log
	return t, nil
}

// sift takes out of decisions what a view does not show.
func (s *Server) sift(
	ctx context.Context, w *runtime.Workspace, v ask.View, list []*told,
) ([]*told, error) {
	if v.Whole() || len(list) == 0 {
		return list, nil
	}
	err := s.glance(ctx, w, v, func(x *ask.Sight) {
		for _, t := range list {
			t.unseen = !x.Filter(t.d, t.line, s.lens(t.policy, v))
		}
	})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(t *told) bool { return t.unseen }), nil
}

// appendTold writes a decision.
func (s *Server) appendTold(dst []byte, t *told, lang string) ([]byte, error) {
	w, err := s.writer(t.policy, lang)
	if err != nil {
		return nil, err
	}
	return w.AppendJSON(dst, t.d), nil
}
