package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
)

func (s *Server) state() {
	add(s, route{verb: "read", method: http.MethodGet, path: "/v1/{workspace}/state/{type}",
		id: "state", sum: "Expressions over the records of a type",
		more: "Anything that a policy could say: fields, scores, `count(Visit in 7d)`. Without `expr` " +
			"every field, score and tier. What the policy does not keep is worked out from the log, as " +
			"if it had always been in the policy: that takes long where the log is long."}, s.stateOf)
	add(s, route{verb: "read", method: http.MethodGet, path: "/v1/{workspace}/state/{type}/{id}",
		id: "state-record", sum: "Expressions over one record"}, s.stateOfOne)
	s.metrics()
	add(s, route{verb: "read", method: http.MethodGet, path: "/v1/{workspace}/tasks",
		id: "tasks", sum: "Tasks, those due first first"}, s.tasks)
	add(s, route{verb: "read", method: http.MethodGet, path: "/v1/{workspace}/alerts",
		id: "alerts", sum: "Which alerts are open, on whom"}, s.alerts)
	add(s, route{verb: "read", method: http.MethodGet, path: "/v1/{workspace}/segments",
		id: "segments", sum: "Who is in which segment"}, s.segments)
}

type stateIn struct {
	InWorkspace
	Type  string   `path:"type" doc:"Name of the record type"`
	Expr  []string `query:"expr,explode" maxItems:"50" doc:"An expression; may be repeated"`
	After string   `query:"after" doc:"The id after which to begin"`
	Limit int      `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type oneStateIn struct {
	OfRecord
	Expr []string `query:"expr,explode" maxItems:"50" doc:"An expression; may be repeated"`
}

// State is what expressions are for records.
type State struct {
	Type  string   `json:"type"`
	Exprs []string `json:"exprs" doc:"What the values stand for, in order"`
	Rows  []Row    `json:"rows" doc:"In the order of ids"`
	Next  string   `json:"next,omitempty" doc:"What to ask for after next time; without it there is no more"`
}

// Row is what expressions are for one record.
type Row struct {
	ID     string            `json:"id"`
	Values []json.RawMessage `json:"values" doc:"In the order of the expressions; missing is null"`
}

func (s *Server) stateOf(ctx context.Context, i *stateIn) (*body[State], error) {
	q := &question{i.Workspace, i.Type, i.Expr}
	out, err := s.answer(ctx, q, func(e *engine.Engine, x *ask.Sight, q *ask.Question) (
		ids []string, next string,
	) {
		all := e.IDs(q.Of)
		if i.After != "" {
			n, found := slices.BinarySearch(all, i.After)
			if found {
				n++
			}
			all = all[n:]
		}
		for _, id := range all {
			if !x.Sees(q.Of, id) {
				continue
			}
			if len(ids) == i.Limit {
				return ids, ids[i.Limit-1]
			}
			ids = append(ids, id)
		}
		return ids, ""
	})
	return &body[State]{out}, err
}

func (s *Server) stateOfOne(ctx context.Context, i *oneStateIn) (*body[State], error) {
	out, err := s.answer(ctx, &question{i.Workspace, i.Type, i.Expr},
		func(_ *engine.Engine, x *ask.Sight, q *ask.Question) ([]string, string) {
			if !x.Sees(q.Of, i.ID) {
				return nil, ""
			}
			return []string{i.ID}, ""
		})
	if err == nil && len(out.Rows) == 0 {
		err = &ask.NoRecordError{Type: out.Type, ID: i.ID}
	}
	return &body[State]{out}, err
}

// question is what is asked of a workspace.
type question struct {
	workspace, typ string
	exprs          []string
}

// pick chooses the records that are answered for; next says after which to go on.
type pick func(*engine.Engine, *ask.Sight, *ask.Question) (ids []string, next string)

// answer works expressions out for some records.
func (s *Server) answer(ctx context.Context, x *question, which pick) (out State, err error) {
	err = s.use(ctx, x.workspace, func(w *runtime.Workspace) error {
		for {
			var now bool
			if out, now, err = s.answerNow(ctx, w, x, which); err != nil || now {
				return err
			}
		}
	})
	return out, err
}

// answerNow does that for the policy in force; now is false where another came in force meanwhile.
func (s *Server) answerNow(
	ctx context.Context, w *runtime.Workspace, x *question, which pick,
) (out State, now bool, err error) {
	p, err := inForce(ctx, w)
	if err != nil {
		return out, false, err
	}
	q, err := ask.New(p, x.typ, x.exprs)
	if err != nil {
		return out, false, err
	}
	lens := s.lens(p, callerOf(ctx).view())
	if err := q.Limit(lens, len(x.exprs) == 0); err != nil {
		return out, false, err
	}
	var bad error
	view := func(w *runtime.Workspace) error {
		err := q.View(ctx, w, func(e *engine.Engine) {
			if now = e.Policy() == q.Policy; !now {
				return
			}
			out, bad = rows(e, q, func(e *engine.Engine, q *ask.Question) ([]string, string) {
				return which(e, lens.On(e), q)
			})
		})
		return errors.Join(err, bad)
	}
	if q.Kept() {
		err = view(w)
	} else {
		err = s.long(ctx, w)(view)
	}
	if err == nil && now {
		err = s.lookedAtState(callerOf(ctx), q, out.Rows)
	}
	return out, now, err
}

// long is how questions are asked that take the whole log: one by one, of a workspace of their own,
// so that nobody's record waits for the answer.
func (s *Server) long(ctx context.Context, w *runtime.Workspace) ask.Long {
	return func(f func(*runtime.Workspace) error) error {
		leave, err := s.turn(ctx)
		if err != nil {
			return err
		}
		defer leave()
		aside, err := w.Aside()
		if err != nil {
			return err
		}
		return errors.Join(f(aside), aside.Close())
	}
}

func rows(
	e *engine.Engine, q *ask.Question, which func(*engine.Engine, *ask.Question) ([]string, string),
) (State, error) {
	out := State{Type: q.Of.Full, Exprs: q.Texts, Rows: []Row{}}
	show := decision.NewWriter(q.Policy, decision.Options{Zone: e.Zone()})
	var ids []string
	ids, out.Next = which(e, q)
	err := q.Answers(e, ids, true, func(id string, values []value.Value) error {
		r := Row{ID: id, Values: make([]json.RawMessage, len(values))}
		for i, v := range values {
			r.Values[i] = show.AppendValueJSON(nil, q.Exprs[i].Type, v)
		}
		out.Rows = append(out.Rows, r)
		return nil
	})
	return out, err
}

type tasksIn struct {
	InWorkspace
	For   string `query:"for" doc:"Of a person only: an id, or Rep/li"`
	All   bool   `query:"all" doc:"Closed ones too"`
	Limit int    `query:"limit" minimum:"1" maximum:"10000" default:"1000"`
}

// Task is one task as it stands.
type Task struct {
	Task      string     `json:"task"`
	Rule      string     `json:"rule"`
	For       string     `json:"for,omitempty"`
	InsteadOf string     `json:"instead_of,omitempty"`
	About     string     `json:"about"`
	Text      string     `json:"text"`
	State     string     `json:"state" enum:"open,done,expired,cancelled"`
	How       string     `json:"how,omitempty"`
	By        string     `json:"by,omitempty"`
	Why       string     `json:"why,omitempty"`
	Until     string     `json:"until,omitempty" doc:"What ends it; without it, it is done by hand"`
	Created   time.Time  `json:"created"`
	Due       *time.Time `json:"due,omitempty"`
	DoneAt    *time.Time `json:"done_at,omitempty"`
}

// Tasks are the tasks that were asked for.
type Tasks struct {
	Tasks []Task `json:"tasks"`
	All   int    `json:"all" doc:"How many there are, where not all are told"`
}

func (s *Server) tasks(ctx context.Context, i *tasksIn) (*body[Tasks], error) {
	out := Tasks{Tasks: []Task{}}
	v := callerOf(ctx).view()
	var p *policy.Policy
	var told []engine.Task
	var zone *time.Location
	err := s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		err := w.View(ctx, func(e *engine.Engine) {
			p = e.Policy()
			sight := s.lens(e.Policy(), v).On(e)
			list := slices.DeleteFunc(e.Tasks(i.All), func(t engine.Task) bool {
				_, id, _ := strings.Cut(t.For, "/")
				return i.For != "" && i.For != t.For && i.For != id || !sight.SeesTask(&t)
			})
			slices.SortStableFunc(list, func(x, y engine.Task) int {
				switch {
				case x.Due == y.Due:
					return 0
				case x.Due == 0 || y.Due != 0 && y.Due < x.Due:
					return 1
				}
				return -1
			})
			out.All, told, zone = len(list), list[:min(len(list), i.Limit)], e.Zone()
			for n := range told {
				if !sight.Tells(told[n].Rule) {
					told[n].Text, told[n].Other = value.MissingText, ""
				}
			}
		})
		return cmp.Or(err, w.Retell(told, callerOf(ctx).lang))
	})
	for n := range told {
		out.Tasks = append(out.Tasks, taskOf(&told[n], zone))
	}
	if err == nil {
		err = s.lookedAtTasks(callerOf(ctx), p, out.Tasks)
	}
	return &body[Tasks]{out}, err
}

func taskOf(t *engine.Task, zone *time.Location) Task {
	at := func(moment int64) *time.Time {
		if moment == 0 {
			return nil
		}
		is := time.UnixMicro(moment).In(zone)
		return &is
	}
	return Task{Task: t.ID, Rule: t.Rule, For: t.For, InsteadOf: t.InsteadOf, About: t.About,
		Text: t.Text, State: t.State, How: t.How, By: t.By, Why: t.Why, Until: t.Until,
		Created: time.UnixMicro(t.Created).In(zone), Due: at(t.Due), DoneAt: at(t.DoneAt)}
}

// Standing is a declaration with the records on which it holds.
type Standing struct {
	Name string   `json:"name" doc:"Qualified name"`
	Of   string   `json:"of,omitempty" doc:"Their type; none: groups of a metric"`
	IDs  []string `json:"ids" doc:"In order"`
}

// Standings are declarations with the records on which they hold.
type Standings struct {
	List []Standing `json:"list"`
}

func (s *Server) alerts(ctx context.Context, i *InWorkspace) (*body[Standings], error) {
	return s.standings(ctx, i.Workspace, func(e *engine.Engine, x *ask.Sight) (out []Standing) {
		for _, a := range e.Policy().Alerts {
			var of *policy.Record
			if a.Metric == nil {
				of = a.Of
			}
			out = append(out, standingOf(x, a.Full, of, e.OpenAlerts(a.Full)))
		}
		return out
	})
}

func (s *Server) segments(ctx context.Context, i *InWorkspace) (*body[Standings], error) {
	return s.standings(ctx, i.Workspace, func(e *engine.Engine, x *ask.Sight) (out []Standing) {
		for _, g := range e.Policy().Segments {
			if g.Kinds == nil { // a partition is asked for as an expression
				out = append(out, standingOf(x, g.Full, g.Of, e.Members(g.Full)))
			}
		}
		return out
	})
}

// standingOf keeps the records that are seen. The groups of a metric are nobody's own.
func standingOf(x *ask.Sight, full string, of *policy.Record, ids []string) Standing {
	out := Standing{Name: full, IDs: []string{}}
	if of != nil {
		out.Of = of.Full
	}
	for _, id := range ids {
		if x.Sees(of, id) {
			out.IDs = append(out.IDs, id)
		}
	}
	return out
}

func (s *Server) standings(
	ctx context.Context, workspace string, of func(*engine.Engine, *ask.Sight) []Standing,
) (*body[Standings], error) {
	out := Standings{List: []Standing{}}
	v := callerOf(ctx).view()
	err := s.use(ctx, workspace, func(w *runtime.Workspace) error {
		return w.View(ctx, func(e *engine.Engine) {
			out.List = append(out.List, of(e, s.lens(e.Policy(), v).On(e))...)
		})
	})
	return &body[Standings]{out}, err
}
