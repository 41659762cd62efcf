package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/explain"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
)

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

func (s *Server) decisions() {
	add(s, route{verb: "read", method: http.MethodGet, path: "/v1/{workspace}/decisions",
		id: "decisions", sum: "Decisions in the order of the log",
		more: "A page of decisions after an entry. `next` is what to ask for `after` next time; where " +
			"it has not moved there is nothing new."}, s.page)
	add(s, route{verb: "read", method: http.MethodGet, path: "/v1/{workspace}/decisions/{seq}",
		id: "decision", sum: "One decision"}, s.decision)
	add(s, route{verb: "read", method: http.MethodGet, path: "/v1/{workspace}/decisions/{seq}/why",
		id: "why", sum: "Why it was decided like this, and why not otherwise",
		more: "Which rules looked, what they saw, and what kept the others from holding."}, s.why)
	add(s, route{verb: "read", method: http.MethodGet, path: "/v1/{workspace}/why/{type}/{id}",
		id: "why-record", sum: "Why a record stands as it does",
		more: "An event is explained by the decision that took it in, an entity by how it stands now. " +
			"`decisions` are the last ones about it."}, s.whyRecord)
}

type pageIn struct {
	InWorkspace
	After uint64 `query:"after" doc:"The entry after which to begin; 0: at the beginning"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// Page is a part of a log.
type Page struct {
	Decisions []json.RawMessage `json:"decisions" doc:"In the order of the log"`
	Next      uint64            `json:"next" doc:"The last entry of this page"`
	Last      uint64            `json:"last" doc:"The last entry of the log"`
}

type body[T any] struct{ Body T }

func (s *Server) page(ctx context.Context, i *pageIn) (*body[Page], error) {
	out := Page{Decisions: []json.RawMessage{}, Next: i.After}
	c := callerOf(ctx)
	err := s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		out.Last = w.Last()
		to := min(out.Last, i.After+uint64(i.Limit))
		for out.Next < to {
			next := min(to, out.Next+atOnce)
			list, err := s.between(ctx, w, out.Next+1, next)
			if err != nil {
				return err
			}
			for _, t := range list {
				line, err := s.appendTold(nil, t, c.lang)
				if err != nil {
					return err
				}
				out.Decisions = append(out.Decisions, line)
			}
			out.Next = next
		}
		return nil
	})
	return &body[Page]{out}, err
}

// atOnce is how many decisions are looked through at once: a record may have a megabyte.
const atOnce = 64

// between are the decisions of a part of the log, as far as the caller sees them.
func (s *Server) between(
	ctx context.Context, w *runtime.Workspace, from, to uint64,
) (list []*told, err error) {
	if list, err = entries(w, from, to, ""); err != nil {
		return nil, err
	}
	c := callerOf(ctx)
	v := c.view()
	if list, err = s.sift(ctx, w, v, list); err != nil {
		return nil, err
	}
	return list, s.lookedAt(c, v, list)
}

// entries are the decisions of a part of the log, those on records of a type alone or all.
func entries(w *runtime.Workspace, from, to uint64, of string) (list []*told, err error) {
	err = w.Entries(from, to, false, func(l *runtime.Logged) error {
		t, err := tell(l)
		if t != nil && (of == "" || t.d.Record.Type != nil && t.d.Record.Type.Full == of) {
			list = append(list, t)
		}
		return err
	})
	return list, err
}

type seqIn struct {
	InWorkspace
	Seq uint64 `path:"seq" minimum:"1"`
}

func (s *Server) decision(ctx context.Context, i *seqIn) (*huma.StreamResponse, error) {
	var out []byte
	err := s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		t, err := s.logged(ctx, w, i.Seq, false)
		if err != nil {
			return err
		}
		out, err = s.appendTold(nil, t, callerOf(ctx).lang)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answerJSON(out), nil
}

// Explanation is why something is so.
type Explanation struct {
	Seq       uint64          `json:"seq" doc:"The entry that is explained; of an entity, where the log ends"`
	Text      string          `json:"text" doc:"For people"`
	Data      json.RawMessage `json:"data" doc:"The same for programs"`
	Decisions []uint64        `json:"decisions,omitempty" doc:"The last decisions about the record"`
}

func (s *Server) why(ctx context.Context, i *seqIn) (*body[Explanation], error) {
	var out Explanation
	err := s.use(ctx, i.Workspace, func(w *runtime.Workspace) (err error) {
		out, err = s.explained(ctx, w, i.Seq)
		return err
	})
	return &body[Explanation]{out}, err
}

// logged is one decision, as far as the caller sees it: what they do not see is not there.
func (s *Server) logged(
	ctx context.Context, w *runtime.Workspace, seq uint64, why bool,
) (t *told, err error) {
	last := w.Last()
	if seq > last {
		return nil, &ask.NoSeqError{Seq: seq, Last: last}
	}
	err = w.Entries(seq, seq, why, func(l *runtime.Logged) (err error) {
		if t, err = tell(l); err == nil && t == nil {
			err = &runtime.ErasedError{Seq: seq}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	c := callerOf(ctx)
	v := c.view()
	list, err := s.sift(ctx, w, v, []*told{t})
	if err == nil && len(list) == 0 {
		err = &ask.NoSeqError{Seq: seq, Last: last}
	}
	if err != nil {
		return nil, err
	}
	return t, s.lookedAt(c, v, list)
}

// explained explains an entry. What was not looked at then is looked at again on a replay.
func (s *Server) explained(
	ctx context.Context, w *runtime.Workspace, seq uint64,
) (Explanation, error) {
	was, err := s.logged(ctx, w, seq, true)
	if err != nil {
		return Explanation{}, err
	}
	d, p := was.d, was.policy
	leave, err := s.turn(ctx)
	if err != nil {
		return Explanation{}, err
	}
	defer leave()
	excluded, err := ask.Excluded(w, seq, func(uint64, uint64) {})
	var gone *runtime.ErasedError
	if err != nil && !errors.As(err, &gone) { // what was decided on what was erased still stands
		return Explanation{}, err
	}
	v := callerOf(ctx).view()
	if v.Whole() { // it tells of others than the record
		more, err := ask.MoreOf(w, d, p, func(uint64, uint64) {})
		if err != nil && !errors.As(err, &gone) {
			return Explanation{}, err
		}
		return explanation(&toExplain{p, d, excluded, &more}, callerOf(ctx).lang)
	}
	if excluded != nil {
		if d.Record != excluded.Record { // it is not theirs: only effects on them are
			return explanation(&toExplain{p, d, nil, nil}, callerOf(ctx).lang)
		}
		excluded = excluded.Clone()
		excluded.Noted = nil // it tells of somebody else's note
		err := s.glance(ctx, w, v, func(x *ask.Sight) { x.Mine(excluded, s.lens(p, v)) })
		if err != nil {
			return Explanation{}, err
		}
	}
	return explanation(&toExplain{p, d, excluded, nil}, callerOf(ctx).lang)
}

// turn waits for the right to work something out that takes long: few do so at once.
func (s *Server) turn(ctx context.Context) (leave func(), err error) { return token(ctx, s.aside) }

// token takes one of a few tokens, and waits where there is none.
func token(ctx context.Context, of chan struct{}) (leave func(), err error) {
	select {
	case of <- struct{}{}:
		return func() { <-of }, nil
	default:
	}
	select {
	case of <- struct{}{}:
		return func() { <-of }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// toExplain is a decision with all that is said of it.
type toExplain struct {
	policy      *policy.Policy
	d, excluded *decision.Decision
	more        *ask.More // nil: it is not theirs to know
}

func explanation(x *toExplain, lang string) (Explanation, error) {
	zone, err := calendar.Zone(x.policy.Settings.Timezone)
	if err != nil {
		return Explanation{}, err
	}
	if lang == "" {
		lang = "en"
	}
	show := decision.Options{Zone: zone, Lang: lang}
	e := explain.New(x.policy, show)
	out := Explanation{Seq: x.d.Seq, Text: e.Text(x.d, x.excluded),
		Data: e.AppendJSON(nil, x.d, x.excluded)}
	if x.more != nil {
		words := decision.NewWriter(x.policy, show)
		out.Text += x.more.Text(e, words, lang)
		out.Data = x.more.AppendJSON(out.Data, words)
	}
	return out, nil
}

// OfRecord names a record of a workspace.
type OfRecord struct {
	InWorkspace
	Type string `path:"type" doc:"Name of the record type"`
	ID   string `path:"id"`
}

// Bounds of looking for decisions about a record: as many as are told, and how far back.
const (
	mostAbout    = 20
	farthestBack = 200_000 // entries
)

func (s *Server) whyRecord(ctx context.Context, i *OfRecord) (*body[Explanation], error) {
	var out Explanation
	err := s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		now, err := s.standsAs(ctx, w, i)
		if err != nil {
			return err
		}
		last := w.Last()
		found, err := ask.About(w, now.of, i.ID, func(n int, from uint64) bool {
			return ctx.Err() != nil || n >= mostAbout || last-from > farthestBack
		})
		if err != nil {
			return err
		}
		none := &ask.NoRecordError{Type: now.of.Full, ID: i.ID}
		switch {
		case now.d != nil:
			out, err = explanation(&toExplain{now.policy, now.d, nil, nil}, callerOf(ctx).lang)
		case len(found) == 0:
			return none
		default:
			var seq uint64
			if seq, err = ask.TookIn(w, found); err == nil {
				out, err = s.explained(ctx, w, seq)
			}
			var unseen *ask.NoSeqError
			if errors.As(err, &unseen) {
				return none
			}
		}
		out.Decisions = found[:min(len(found), mostAbout)]
		return err
	})
	return &body[Explanation]{out}, err
}

// standing is how a record stands now.
type standing struct {
	of     *policy.Record
	policy *policy.Policy
	d      *decision.Decision // nil: it is an event
}

// standsAs looks at every condition about an entity, as far as the caller sees it.
func (s *Server) standsAs(
	ctx context.Context, w *runtime.Workspace, i *OfRecord,
) (standing, error) {
	v := callerOf(ctx).view()
	type answer struct {
		standing
		err error
	}
	got := make(chan answer, 1)
	err := w.View(ctx, func(e *engine.Engine) {
		x := answer{standing: standing{policy: e.Policy()}}
		defer func() { got <- x }()
		if x.of, x.err = ask.Type(x.policy, i.Type); x.err != nil || x.of.Kind == policy.Event {
			return
		}
		sight := s.lens(x.policy, v).On(e)
		d, ok := e.Why(x.of, i.ID)
		if !ok || !sight.Sees(x.of, i.ID) {
			x.err = &ask.NoRecordError{Type: x.of.Full, ID: i.ID}
			return
		}
		x.d = d.Clone()
		x.d.Seq = e.Seq()
		if !v.Whole() {
			sight.Mine(x.d, s.lens(x.policy, v))
		}
	})
	if err != nil {
		return standing{}, err
	}
	x := <-got
	if x.err == nil && x.d != nil && v.Personal && personal(x.of) {
		x.err = s.looked(callerOf(ctx), []string{x.of.Full + "/" + i.ID})
	}
	return x.standing, x.err
}
