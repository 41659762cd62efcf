package api

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/ask"
)

// A Caller is who asks for a page, what they were let in for, and in which language they are told.
// Route is the page's path with its wildcards: it is kept with what is personal of what they see.
type Caller struct {
	Who                    *access.Who
	Verb                   access.Verb
	Workspace, Lang, Route string
}

// Asking is the routes' own answers about one workspace, for pages: what somebody does not see
// there they do not see here.
type Asking struct {
	s   *Server
	ctx context.Context
	in  InWorkspace
	c   *caller
}

// Ask lets a page ask about a workspace. Who may do so was looked at before.
func (p Pages) Ask(ctx context.Context, by Caller) Asking {
	c := &caller{who: by.Who, verb: by.Verb, workspace: by.Workspace, lang: by.Lang,
		route: by.Route}
	return Asking{p.s, context.WithValue(ctx, callerKey{}, c), InWorkspace{by.Workspace}, c}
}

// most is all of a queue: pages choose what they show.
const most = 1 << 30

func bodyOf[T any](b *body[T], err error) (T, error) {
	if err != nil {
		var none T
		return none, err
	}
	return b.Body, nil
}

// Tasks are those for somebody, or where nobody is named all that are seen.
func (a Asking) Tasks(whose string, all bool) (Tasks, error) {
	return bodyOf(a.s.tasks(a.ctx, &tasksIn{InWorkspace: a.in, For: whose, All: all, Limit: most}))
}

// Alerts are the open ones.
func (a Asking) Alerts() (Standings, error) { return bodyOf(a.s.alerts(a.ctx, &a.in)) }

// Reviews are the lines of proof that wait.
func (a Asking) Reviews() (Reviews, error) {
	return bodyOf(a.s.reviews(a.ctx, &queueIn{a.in, most}))
}

// Pool is what is nobody's yet.
func (a Asking) Pool() (Pool, error) { return bodyOf(a.s.pool(a.ctx, &queueIn{a.in, most})) }

// Why explains an entry.
func (a Asking) Why(seq uint64) (Explanation, error) {
	return bodyOf(a.s.why(a.ctx, &seqIn{a.in, seq}))
}

// WhyRecord explains how a record stands.
func (a Asking) WhyRecord(typ, id string) (Explanation, error) {
	return bodyOf(a.s.whyRecord(a.ctx, &OfRecord{a.in, typ, id}))
}

// State answers expressions about one record; without any, all that is seen of it.
func (a Asking) State(typ, id string, exprs ...string) (State, error) {
	return bodyOf(a.s.stateOfOne(a.ctx, &oneStateIn{OfRecord{a.in, typ, id}, exprs}))
}

// Decisions are those of a part of the log, as far as they are seen.
func (a Asking) Decisions(from, to uint64) (out []Told, err error) {
	err = a.s.use(a.ctx, a.in.Workspace, func(w *runtime.Workspace) error {
		list, err := a.s.between(a.ctx, w, from, min(to, w.Last()))
		if err != nil {
			return err
		}
		out, err = a.told(list)
		return err
	})
	return out, err
}

// A Search says which decisions of a part of the log are looked for.
type Search struct {
	From, To uint64
	Of       string           // the full name of the record's type; "": of any, or none
	Is       func(*Told) bool // asked before anything is put into words; nil: all
	Most     int
}

// Parts of the log that are read at once, from its end on: what lies there is mostly found soon,
// and a page costs little however long the log is.
const (
	firstPart = 256
	mostPart  = 4096
)

// Latest are the decisions that are looked for, as far as they are seen, the latest first.
func (a Asking) Latest(x Search) (out []Told, err error) {
	err = a.s.use(a.ctx, a.in.Workspace, func(w *runtime.Workspace) error {
		end := min(x.To, w.Last()) + 1
		for part := uint64(firstPart); end > x.From && len(out) < x.Most; part = min(4*part, mostPart) {
			in := x
			in.From, in.To, in.Most = max(x.From, end-min(end, part)), end-1, x.Most-len(out)
			list, err := a.found(w, &in)
			if err != nil {
				return err
			}
			out, end = append(out, list...), in.From
		}
		return nil
	})
	return out, err
}

// found are those of one part.
func (a Asking) found(w *runtime.Workspace, x *Search) ([]Told, error) {
	list, err := entries(w, x.From, x.To, x.Of)
	if err != nil {
		return nil, err
	}
	if list, err = a.s.sift(a.ctx, w, a.c.view(), list); err != nil {
		return nil, err
	}
	slices.Reverse(list)
	kept := list[:0]
	for _, t := range list {
		if len(kept) == x.Most {
			break
		}
		if x.Is == nil || x.Is(&Told{Decision: t.d, Policy: t.policy, Fields: a.fields(t)}) {
			kept = append(kept, t)
		}
	}
	if err := a.s.lookedAt(a.c, a.c.view(), kept); err != nil {
		return nil, err
	}
	return a.told(kept)
}

// Decision is one of them, with all that was seen of whom an allocation weighed.
func (a Asking) Decision(seq uint64) (out *Told, err error) {
	err = a.s.use(a.ctx, a.in.Workspace, func(w *runtime.Workspace) error {
		t, err := a.s.logged(a.ctx, w, seq, true)
		if err != nil {
			return err
		}
		list, err := a.told([]*told{t})
		if err == nil {
			out = &list[0]
		}
		return err
	})
	return out, err
}

// Submit decides on records for somebody.
func (a Asking) Submit(records ...any) (out []Told, err error) {
	lines := make([][]byte, len(records))
	for i, r := range records {
		if lines[i], err = json.Marshal(r); err != nil {
			return nil, err
		}
	}
	if err := a.s.fits(lines); err != nil {
		return nil, err
	}
	err = a.s.use(a.ctx, a.in.Workspace, func(w *runtime.Workspace) error {
		list, err := a.s.decide(a.ctx, w, a.c.view(), lines)
		if err != nil {
			return err
		}
		out, err = a.told(list)
		return err
	})
	return out, err
}

// Told is a decision as somebody sees it: as data, in words, and the record as it came, without
// what is hidden from them.
type Told struct {
	*decision.Decision
	Policy *policy.Policy
	Words  Decision
	Fields map[string]json.RawMessage // of the record; nil: it was none
}

func (a Asking) told(list []*told) (out []Told, err error) {
	for _, t := range list {
		line, err := a.s.appendTold(nil, t, a.c.lang)
		if err != nil {
			return nil, err
		}
		x := Told{Decision: t.d, Policy: t.policy}
		if err := json.Unmarshal(line, &x.Words); err != nil {
			return nil, err
		}
		x.Fields = a.fields(t)
		out = append(out, x)
	}
	return out, nil
}

// fields are those of a record as it came that are seen; nil: it was no record.
func (a Asking) fields(t *told) map[string]json.RawMessage {
	var came map[string]json.RawMessage
	if t.d.Record.Type == nil || json.Unmarshal(t.line, &came) != nil {
		return nil
	}
	lens := a.s.lens(t.policy, a.c.view())
	out := map[string]json.RawMessage{}
	for _, f := range t.d.Record.Type.Fields {
		for _, key := range []string{f.Name, f.Label.Main, f.Label.En, f.Label.Zh} {
			if v, ok := came[key]; ok && lens.Shows(f) {
				out[f.Name] = v
			}
		}
	}
	return out
}

// Look looks at the workspace as it stands, and at how much of it is seen. What f is handed is not
// to be kept.
func (a Asking) Look(f func(*engine.Engine, *ask.Sight)) error {
	v := a.c.view()
	return a.s.use(a.ctx, a.in.Workspace, func(w *runtime.Workspace) error {
		return w.View(a.ctx, func(e *engine.Engine) { f(e, a.s.lens(e.Policy(), v).On(e)) })
	})
}

// Long lets a question that reads the whole log be asked of a workspace of its own.
func (a Asking) Long(f func(*runtime.Workspace) error) error {
	return a.s.use(a.ctx, a.in.Workspace, func(w *runtime.Workspace) error {
		return a.s.long(a.ctx, w)(f)
	})
}

// Workspace hands out the workspace itself: what is asked of it is nobody's to hide.
func (a Asking) Workspace(f func(*runtime.Workspace) error) error {
	return a.s.use(a.ctx, a.in.Workspace, f)
}

// Noted is what the proof of events was held against, by their entries in order. It tells of other
// records, which whoever asks may not see. It takes a replay of the log, for which it waits its
// turn.
func (a Asking) Noted(seqs []uint64) (out map[uint64]*decision.Noted, err error) {
	leave, err := a.s.turn(a.ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	err = a.s.use(a.ctx, a.in.Workspace, func(w *runtime.Workspace) error {
		out, err = ask.Noted(w, seqs)
		return err
	})
	return out, err
}

// Span is the part of the log between two moments, the second left out: its first and last entry.
func (a Asking) Span(from, until int64) (first, last uint64, err error) {
	err = a.s.use(a.ctx, a.in.Workspace, func(w *runtime.Workspace) error {
		if first, err = atLeast(w, from); err == nil {
			last, err = atLeast(w, until)
			last--
		}
		return err
	})
	return first, last, err
}

// atLeast is the first entry at or after a moment: moments never go back.
func atLeast(w *runtime.Workspace, moment int64) (uint64, error) {
	low, high := uint64(1), w.Last()+1
	for low < high {
		middle := (low + high) / 2
		var at int64
		err := w.Entries(middle, middle, false, func(l *runtime.Logged) error {
			at = l.Moment
			return nil
		})
		if err != nil {
			return 0, err
		}
		if at < moment {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, nil
}
