package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/split"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/ask"
)

// canaries is the routes of a policy that some subjects are under. It is a policy of its own with
// both policies' rules, so one engine decides, and the log replays as any does
// (docs/decisions/0007-a-canary-is-a-policy.md).
func (s *Server) canaries(policyAt string) {
	at := policyAt + "/canary"
	add(s, route{verb: access.Publish, method: http.MethodPost, path: at, id: "canary",
		sum: "Put some subjects under a policy, and leave the others under the one in force",
		more: "By share of an entity's records, as their ids fall, or by a condition over them. The " +
			"two may differ in rules and alerts about one subject; what else differs would be two " +
			"truths about one record, and is refused."}, s.beginCanary)
	add(s, route{verb: access.Draft, method: http.MethodGet, path: at, id: "canaried",
		sum: "How both sides do since"}, s.canaried)
	add(s, route{verb: access.Publish, method: http.MethodDelete, path: at, id: "stop-canary",
		sum: "Put everybody under the policy again that was in force before"}, s.stopCanary)
	add(s, route{verb: access.Publish, method: http.MethodPost, path: at + "/promote",
		id: "promote-canary", sum: "Put everybody under it, as publishing does"}, s.promoteCanary)
}

// Some says who is under a canary.
type Some struct {
	Of    string  `json:"of" minLength:"1" doc:"Entity whose records are parted" example:"Rep"`
	Share float64 `json:"share,omitempty" minimum:"0" maximum:"99.99" doc:"Percent of them, as their ids fall"`
	When  string  `json:"when,omitempty" maxLength:"2000" doc:"Or a condition over them" example:"region == \"north\""`
}

type canaryIn struct {
	InWorkspace
	Body struct {
		Files
		Some
	}
}

// Canary is a policy that some subjects are under.
type Canary struct {
	Shadow
	Some
	In    string       `json:"in" doc:"Hash of the policy in force that has both"`
	Back  string       `json:"back" doc:"Hash of the one that the others are under"`
	Rules []split.Pair `json:"rules" doc:"What stands twice: as it was, and as it is for some"`
	Field string       `json:"field" doc:"Of the entity: who is in"`
}

// begunCanary is a canary as the log has it.
type begunCanary struct {
	candidate
	Some  Some         `json:"some"`
	In    string       `json:"in"`
	Back  string       `json:"back"`
	Rules []split.Pair `json:"rules"`
	Field string       `json:"field"`
}

func (s *Server) beginCanary(ctx context.Context, i *canaryIn) (*body[Canary], error) {
	var out Canary
	err := s.inTurn(ctx, &filesIn{i.InWorkspace, i.Body.Files}, func(l *loaded, t Tested) error {
		if !t.Passed {
			return s.problem("wrong-policy", "its tests do not pass", "策略的测试没有通过")
		}
		return s.use(ctx, i.Workspace, func(w *runtime.Workspace) (err error) {
			out, err = s.putCanary(ctx, w, i, l)
			return err
		})
	})
	return &body[Canary]{out}, err
}

func (s *Server) putCanary(
	ctx context.Context, w *runtime.Workspace, i *canaryIn, l *loaded,
) (out Canary, err error) {
	if ok, err := s.o.Access.Setting(i.Workspace, tryingSetting, new(trying)); err != nil || ok {
		return out, errors.Join(err, s.problem("exists", "a policy is tried already; stop it first",
			"已有策略在试运行，请先停止"))
	}
	old, err := inForce(ctx, w)
	if err != nil {
		return out, err
	}
	both, x, err := s.bothOf(old, l.policy, i.Body.Some)
	if err != nil {
		return out, err
	}
	by := callerOf(ctx).who.ID()
	x.candidate = candidate{Do: "canary", By: by, Why: i.Body.Why, Hash: hashOf(l.policy),
		Files: i.Body.Files.Files}
	b, err := json.Marshal(x)
	if err != nil {
		return out, err
	}
	// What it is stands in the log before it is in force, so that it can always be ended.
	t := trying{}
	if t.Seq, err = w.Command(context.WithoutCancel(ctx), b); err != nil {
		return out, err
	}
	done, err := s.activate(ctx, &change{i.Workspace, x.Back,
		runtime.Given{How: "canary", Why: i.Body.Why},
		func(*runtime.Workspace) (*policy.Policy, error) { return both, nil }})
	if err != nil {
		return out, err
	}
	if t.From, err = momentAt(w, done.Body.Seq); err != nil {
		return out, err
	}
	err = s.o.Access.Set(ctx, access.Setting{Workspace: i.Workspace, Name: tryingSetting,
		Value: t}, by)
	return s.canaryOf(x, t), err
}

// bothOf is the policy that has both, and what the log keeps of it.
func (s *Server) bothOf(
	old, next *policy.Policy, some Some,
) (*policy.Policy, *begunCanary, error) {
	x := &begunCanary{Some: some, Back: hashOf(old), Field: "canary_" + hashOf(next)[:8]}
	both, err := split.Policies(old, next,
		split.By{Of: some.Of, Share: some.Share, When: some.When, Field: x.Field})
	if no := (*split.Refused)(nil); errors.As(err, &no) {
		return nil, nil, s.problem("wrong-policy", no.En, no.Zh)
	}
	if err != nil {
		return nil, nil, err
	}
	var files []File
	for _, f := range both.Files {
		files = append(files, File{f.Name, f.Text})
	}
	l, err := s.sound(files, "")
	if err != nil {
		return nil, nil, err
	}
	x.In, x.Rules = hashOf(l.policy), both.Pairs
	return l.policy, x, nil
}

func (s *Server) canaryOf(x *begunCanary, t trying) Canary {
	return Canary{Shadow: s.shadowOf(&x.candidate, t), Some: x.Some, In: x.In, Back: x.Back,
		Rules: x.Rules, Field: x.Field}
}

// triedOnSome is the canary of a workspace; a problem: there is none.
func (s *Server) triedOnSome(
	w *runtime.Workspace, workspace string,
) (x *begunCanary, t trying, err error) {
	ok, err := s.o.Access.Setting(workspace, tryingSetting, &t)
	x = new(begunCanary)
	if err == nil && ok {
		err = w.Entries(t.Seq, t.Seq, false, func(l *runtime.Logged) error {
			return json.Unmarshal(l.Payload, x)
		})
	}
	if err == nil && x.Do != "canary" {
		err = s.problem("no-candidate", "", "")
	}
	return x, t, err
}

// Canaried is how both sides of a canary do.
type Canaried struct {
	Canary
	Over   bool   `json:"over,omitempty" doc:"Another policy was put in force meanwhile"`
	Upto   uint64 `json:"upto" doc:"The entry up to which was counted"`
	Inside int    `json:"inside" doc:"Records of the entity that are under the new rules"`
	Others int    `json:"others" doc:"The others"`
	Sides  []Side `json:"sides" doc:"By rule"`
}

// Side is what one rule did on either side.
type Side struct {
	Rule   string `json:"rule"`
	Inside Did    `json:"inside"`
	Others Did    `json:"others"`
}

// Did is what a rule did.
type Did struct {
	Effects  int `json:"effects"`
	Subjects int `json:"subjects" doc:"That they are about"`
}

func (s *Server) canaried(ctx context.Context, i *InWorkspace) (*body[Canaried], error) {
	leave, err := s.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, s.patience(ctx, backtestWithin))
	defer cancel()
	var out Canaried
	err = s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		x, t, err := s.triedOnSome(w, i.Workspace)
		if err != nil {
			return err
		}
		p, err := inForce(ctx, w)
		if err != nil {
			return err
		}
		out = Canaried{Canary: s.canaryOf(x, t), Over: hashOf(p) != x.In, Upto: w.Last()}
		if !out.Over {
			if err := out.members(ctx, w, p); err != nil {
				return err
			}
		}
		return out.count(ctx, w)
	})
	return &body[Canaried]{out}, err
}

// members counts who is in and who is not.
func (c *Canaried) members(ctx context.Context, w *runtime.Workspace, p *policy.Policy) error {
	q, err := ask.New(p, c.Of, []string{c.Field})
	if err != nil {
		return err
	}
	var bad error
	err = w.View(ctx, func(e *engine.Engine) {
		if e.Policy() != p {
			return
		}
		bad = q.Answers(e, e.IDs(q.Of), true, func(_ string, v []value.Value) error {
			if v[0].Kind != value.Missing && v[0].N != 0 {
				c.Inside++
			} else {
				c.Others++
			}
			return nil
		})
	})
	return errors.Join(err, bad)
}

// count goes through what was decided since.
func (c *Canaried) count(ctx context.Context, w *runtime.Workspace) error {
	type rule struct {
		side   int
		inside bool
	}
	of, met := map[string]rule{}, map[rule]map[decision.Ref]bool{}
	c.Sides = []Side{}
	for n, pair := range c.Rules {
		name := pair.Name
		if name == "" {
			name = pair.New
		} else {
			of[pair.Name] = rule{n, false}
		}
		if pair.New != "" {
			of[pair.New] = rule{n, true}
		}
		c.Sides = append(c.Sides, Side{Rule: name})
	}
	var d decision.Decision
	return w.Entries(c.Seq+1, c.Upto, false, func(l *runtime.Logged) error {
		if hashOf(l.Policy()) != c.In {
			return ctx.Err()
		}
		if err := l.Decode(&d); err != nil {
			if gone := (*runtime.ErasedError)(nil); errors.As(err, &gone) {
				return nil
			}
			return err
		}
		for i := range d.Effects {
			r, ok := of[d.Effects[i].Rule]
			if !ok {
				continue
			}
			did := &c.Sides[r.side].Others
			if r.inside {
				did = &c.Sides[r.side].Inside
			}
			did.Effects++
			if met[r] == nil {
				met[r] = map[decision.Ref]bool{}
			}
			met[r][d.Effects[i].Subject] = true
			did.Subjects = len(met[r])
		}
		return ctx.Err()
	})
}

func (s *Server) stopCanary(ctx context.Context, i *InWorkspace) (*body[Published], error) {
	out := &body[Published]{}
	err := s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		x, _, err := s.triedOnSome(w, i.Workspace)
		if err != nil {
			return err
		}
		now, err := inForce(ctx, w)
		if err != nil {
			return err
		}
		if out.Body.Hash = hashOf(now); out.Body.Hash == x.In {
			out, err = s.activate(ctx, &change{i.Workspace, x.In, runtime.Given{How: "stop"},
				func(w *runtime.Workspace) (*policy.Policy, error) {
					return s.former(ctx, w, x.Back)
				}})
		}
		if err != nil {
			return err
		}
		_, err = s.stopTrying(ctx, w, i.Workspace, &x.candidate)
		return err
	})
	return out, err
}

func (s *Server) promoteCanary(ctx context.Context, i *promoteIn) (*body[Published], error) {
	return s.promote(ctx, i, func(w *runtime.Workspace) (*candidate, error) {
		x, _, err := s.triedOnSome(w, i.Workspace)
		return &x.candidate, err
	})
}

// promote puts a candidate in force, and ends its trial.
func (s *Server) promote(ctx context.Context, i *promoteIn,
	which func(*runtime.Workspace) (*candidate, error)) (out *body[Published], err error) {
	var x *candidate
	err = s.use(ctx, i.Workspace, func(w *runtime.Workspace) (err error) {
		x, err = which(w)
		return err
	})
	if err != nil {
		return nil, err
	}
	in := &filesIn{i.InWorkspace, Files{Files: x.Files, Expect: i.Body.Expect, Why: i.Body.Why,
		Confirm: i.Body.Confirm}}
	if out, err = s.publishAs(ctx, in, "promote"); err != nil {
		return nil, err
	}
	return out, s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		_, err := s.stopTrying(ctx, w, i.Workspace, x)
		return err
	})
}
