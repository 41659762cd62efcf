package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/ask"
	"github.com/throughline/throughline/runtime/beside"
)

// shadows is the routes of a policy that runs beside the one in force. Nothing of it leaves.
func (s *Server) shadows(policyAt string) {
	at := policyAt + "/shadow"
	add(s, route{verb: access.Draft, method: http.MethodPost, path: at, id: "shadow",
		sum: "Run a policy beside the one in force",
		more: "From now on what it decides otherwise is counted. None of its effects is carried out. " +
			"One at a time; it stands in the log until it is stopped or promoted."}, s.beginShadow)
	add(s, route{verb: access.Draft, method: http.MethodGet, path: at, id: "shadowed",
		sum: "What it decides otherwise",
		more: "It takes somebody who sees every record whole, as a backtest does: both policies " +
			"decide on the log's records."}, s.shadowed)
	add(s, route{verb: access.Draft, method: http.MethodGet, path: at + "/state/{type}",
		id: "shadow-state", sum: "How things stand under it: expressions over the records of a type",
		more: "Fields, scores and whatever else the policy keeps; nothing that would be worked out " +
			"from the whole log."}, s.shadowState)
	add(s, route{verb: access.Draft, method: http.MethodDelete, path: at, id: "stop-shadow",
		sum: "Stop it"}, s.stopShadow)
	add(s, route{verb: access.Publish, method: http.MethodPost, path: at + "/promote",
		id: "promote-shadow", sum: "Put it in force, as publishing does"}, s.promoteShadow)
}

// candidate is a policy that is tried in a workspace, as the log has it.
type candidate struct {
	Do    string `json:"do"` // shadow or canary
	By    string `json:"by"`
	Why   string `json:"why,omitempty"`
	Hash  string `json:"hash"`
	Files []File `json:"files"`
}

// trying is where a workspace's candidate stands.
type trying struct {
	Seq  uint64 `json:"seq"` // of the entry that has it
	From int64  `json:"from"`
}

// tryingSetting is what that is called among the workspace's settings.
const tryingSetting = "candidate"

// besides are the candidates that are followed, by workspace.
type besides struct {
	mu  sync.Mutex
	all map[string]*followed
}

// followed is a candidate that is followed, as long as somebody asks now and then.
type followed struct {
	*beside.Run
	w     *runtime.Workspace
	since trying
	in    *policy.Policy // in force
	new   *policy.Policy
	rest  *time.Timer
}

// followedFor is how long a candidate is followed that nobody asks about. It is begun anew then,
// and comes to the same.
const followedFor = 10 * time.Minute

func (b *besides) drop(workspace string, f *followed) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if x := b.all[workspace]; x != nil && (f == nil || x == f) {
		x.rest.Stop()
		go x.Close() // whoever it answers is waited for
		delete(b.all, workspace)
	}
}

// end lets all of them go, when the server stops.
func (b *besides) end() {
	b.mu.Lock()
	var names []string
	for name := range b.all { //tidy:order each by itself
		names = append(names, name)
	}
	b.mu.Unlock()
	for _, name := range names {
		b.drop(name, nil)
	}
}

func (s *Server) beginShadow(ctx context.Context, i *filesIn) (*body[Shadow], error) {
	c := callerOf(ctx)
	l, err := s.sound(i.Body.Files, c.lang)
	if err != nil {
		return nil, err
	}
	var out Shadow
	err = s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		leave, err := s.publishing.lock(ctx, i.Workspace)
		if err != nil {
			return err
		}
		defer leave()
		var t trying
		if ok, err := s.o.Access.Setting(i.Workspace, tryingSetting, &t); err != nil || ok {
			return errors.Join(err, s.problem("exists", "a policy is tried already; stop it first",
				"已有策略在试运行，请先停止"))
		}
		x := candidate{Do: "shadow", By: c.who.ID(), Why: i.Body.Why, Hash: hashOf(l.policy),
			Files: i.Body.Files}
		b, err := json.Marshal(x)
		if err != nil {
			return err
		}
		if t.Seq, err = w.Command(context.WithoutCancel(ctx), b); err != nil {
			return err
		}
		t.From, err = momentAt(w, t.Seq)
		if err == nil {
			err = s.o.Access.Set(ctx, access.Setting{Workspace: i.Workspace, Name: tryingSetting,
				Value: t}, c.who.ID())
		}
		out = s.shadowOf(&x, t)
		return err
	})
	return &body[Shadow]{out}, err
}

func momentAt(w *runtime.Workspace, seq uint64) (at int64, err error) {
	err = w.Entries(seq, seq, false, func(l *runtime.Logged) error {
		at = l.Moment
		return nil
	})
	return at, err
}

// tried is the candidate of a workspace; a problem: there is none.
func (s *Server) tried(w *runtime.Workspace, workspace string) (x candidate, t trying, err error) {
	ok, err := s.o.Access.Setting(workspace, tryingSetting, &t)
	if err == nil && !ok {
		err = s.problem("no-candidate", "", "")
	}
	if err != nil {
		return x, t, err
	}
	err = w.Entries(t.Seq, t.Seq, false, func(l *runtime.Logged) error {
		return json.Unmarshal(l.Payload, &x)
	})
	if err == nil && x.Do != "shadow" {
		err = s.problem("no-candidate", "", "")
	}
	return x, t, err
}

// Shadow is a policy that runs beside the one in force.
type Shadow struct {
	Hash string    `json:"hash"`
	Seq  uint64    `json:"seq" doc:"The entry that began it"`
	From time.Time `json:"from" doc:"What differs since is counted"`
	By   string    `json:"by"`
	Name string    `json:"name,omitempty" doc:"What that is called"`
	Why  string    `json:"why,omitempty"`
}

func (s *Server) shadowOf(x *candidate, t trying) Shadow {
	return Shadow{Hash: x.Hash, Seq: t.Seq, From: time.UnixMicro(t.From).UTC(), By: x.By,
		Name: s.o.Access.Called(x.By), Why: x.Why}
}

// Shadowed is what a policy that runs beside the one in force decides otherwise.
type Shadowed struct {
	Shadow
	InForce     string            `json:"in_force" doc:"Hash of the policy that it is compared with"`
	Upto        uint64            `json:"upto" doc:"The entry up to which both were compared"`
	Decisions   int               `json:"decisions" doc:"Made since it began"`
	Differ      int               `json:"differ" doc:"Of these"`
	Percent     float64           `json:"percent" doc:"Likewise"`
	Subjects    int               `json:"subjects" doc:"That this is about"`
	Differences int               `json:"differences" doc:"Things that are said otherwise; a decision may say several"`
	Rules       []Differing       `json:"rules" doc:"By declaration"`
	First       json.RawMessage   `json:"first,omitempty" doc:"The first difference"`
	Newest      []json.RawMessage `json:"newest" doc:"The last of them, the newest last: at, kind, rule, of, person, old, new"`
}

// Differing is how many differences have a declaration in common.
type Differing struct {
	Name    string `json:"name,omitempty" doc:"None: whether records are accepted"`
	OnlyOld int    `json:"only_old" doc:"What the policy in force alone says"`
	OnlyNew int    `json:"only_new" doc:"What this one alone says"`
	Changed int    `json:"changed" doc:"What both say, and not alike"`
}

type shadowedIn struct {
	InWorkspace
	Limit int `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"Of the differences that are told one by one"`
}

func (s *Server) shadowed(ctx context.Context, i *shadowedIn) (*body[Shadowed], error) {
	var out Shadowed
	err := s.besideOf(ctx, i.Workspace, func(x *candidate, f *followed, seen *beside.Seen) error {
		r := trial.Reach{Decisions: seen.Decisions, Differ: seen.Differ}
		out = Shadowed{Shadow: s.shadowOf(x, f.since), InForce: hashOf(f.in), Upto: seen.Upto,
			Decisions: seen.Decisions, Differ: seen.Differ, Percent: r.Percent(),
			Subjects: seen.Subjects, Differences: seen.Differences, Rules: []Differing{},
			Newest: []json.RawMessage{}}
		for _, n := range seen.Rules {
			out.Rules = append(out.Rules, Differing{n.Name, n.OnlyOld, n.OnlyNew, n.Change})
		}
		if seen.First != nil {
			out.First = seen.First.AppendJSON(nil)
		}
		for n := max(0, len(seen.Newest)-i.Limit); n < len(seen.Newest); n++ {
			out.Newest = append(out.Newest, seen.Newest[n].AppendJSON(nil))
		}
		return nil
	})
	return &body[Shadowed]{out}, err
}

// besideOf brings the candidate of a workspace up to the log's end and hands both sides to f.
func (s *Server) besideOf(ctx context.Context, workspace string,
	f func(*candidate, *followed, *beside.Seen) error) error {
	leave, err := s.turn(ctx)
	if err != nil {
		return err
	}
	defer leave()
	within := s.patience(ctx, backtestWithin)
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return s.use(ctx, workspace, func(w *runtime.Workspace) error {
		x, t, err := s.tried(w, workspace)
		if err != nil {
			return err
		}
		if v := callerOf(ctx).view(); !v.Whole() {
			return s.problem("not-allowed", "it takes somebody who sees every record whole",
				"需要能看到全部记录及其全部字段的人")
		}
		in, err := inForce(ctx, w)
		if err != nil {
			return err
		}
		run, err := s.runOf(workspace, &followed{w: w, since: t, in: in}, &x)
		if err != nil {
			return err
		}
		var bad error
		err = run.Ask(ctx, func(seen *beside.Seen) { bad = f(&x, run, seen) })
		if err != nil {
			s.besides.drop(workspace, run) // the next one who asks begins anew
		}
		return errors.Join(err, bad)
	})
}

// runOf finds the run of a candidate, or begins it.
func (s *Server) runOf(workspace string, want *followed, x *candidate) (*followed, error) {
	b := &s.besides
	b.mu.Lock()
	have := b.all[workspace]
	b.mu.Unlock()
	if have != nil && have.w == want.w && have.since == want.since && have.in == want.in {
		have.rest.Reset(followedFor)
		return have, nil
	}
	l, err := s.sound(x.Files, "")
	if err != nil {
		return nil, err
	}
	b.drop(workspace, nil)
	b.mu.Lock()
	defer b.mu.Unlock()
	want.new = l.policy
	want.Run = beside.Begin(want.w, want.in, l.policy,
		beside.Options{From: want.since.From, Lang: "en"})
	want.rest = time.AfterFunc(followedFor, func() { b.drop(workspace, want) })
	if b.all == nil {
		b.all = map[string]*followed{}
	}
	b.all[workspace] = want
	return want, nil
}

func (s *Server) shadowState(ctx context.Context, i *stateIn) (*body[State], error) {
	var out State
	err := s.besideOf(ctx, i.Workspace, func(_ *candidate, f *followed, seen *beside.Seen) error {
		q, err := ask.New(f.new, i.Type, i.Expr)
		if err != nil {
			return err
		}
		if !q.Kept() {
			return s.problem("wrong-question", "the policy does not keep this", "该策略没有保存这项内容")
		}
		out, err = rows(seen.New, q, func(e *engine.Engine, q *ask.Question) ([]string, string) {
			return page(e.IDs(q.Of), i.After, i.Limit)
		})
		return err
	})
	return &body[State]{out}, err
}

// page is a part of a sorted list, and what the next one comes after.
func page(all []string, after string, limit int) (some []string, next string) {
	n, found := slices.BinarySearch(all, after)
	if found {
		n++
	}
	if after == "" {
		n = 0
	}
	if all = all[n:]; len(all) > limit {
		return all[:limit], all[limit-1]
	}
	return all, ""
}

// Stopped says that no policy is tried any more.
type Stopped struct {
	Hash string `json:"hash" doc:"Of the one that was"`
	Seq  uint64 `json:"seq" doc:"The entry that says so"`
}

func (s *Server) stopShadow(ctx context.Context, i *InWorkspace) (*body[Stopped], error) {
	var out Stopped
	err := s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		x, _, err := s.tried(w, i.Workspace)
		if err != nil {
			return err
		}
		out.Hash = x.Hash
		out.Seq, err = s.stopTrying(ctx, w, i.Workspace, &candidate{Hash: x.Hash})
		return err
	})
	return &body[Stopped]{out}, err
}

// stopTrying lets a candidate go.
func (s *Server) stopTrying(
	ctx context.Context, w *runtime.Workspace, workspace string, x *candidate,
) (uint64, error) {
	by := callerOf(ctx).who.ID()
	b, err := json.Marshal(candidate{Do: "stop-trying", By: by, Hash: x.Hash, Files: []File{}})
	if err != nil {
		return 0, err
	}
	seq, err := w.Command(context.WithoutCancel(ctx), b)
	if err == nil {
		err = s.o.Access.Set(ctx, access.Setting{Workspace: workspace, Name: tryingSetting}, by)
	}
	s.besides.drop(workspace, nil)
	return seq, err
}

type promoteIn struct {
	InWorkspace
	Body struct {
		Why     string  `json:"why,omitempty" maxLength:"2000"`
		Expect  string  `json:"expect,omitempty" doc:"Hash of the policy that is thought to be in force"`
		Confirm Confirm `json:"confirm,omitempty"`
	}
}

func (s *Server) promoteShadow(ctx context.Context, i *promoteIn) (*body[Published], error) {
	return s.promote(ctx, i, func(w *runtime.Workspace) (*candidate, error) {
		x, _, err := s.tried(w, i.Workspace)
		return &x, err
	})
}
