package api

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/internal/plural"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/ask"
)

// gate is the routes about what a policy is held to before it is put in force.
func (s *Server) gate(at string) {
	add(s, route{verb: access.Read, method: http.MethodGet, path: at + "/budget", id: "budget",
		sum: "How much a policy may change without somebody confirming it"}, s.budget)
	add(s, route{verb: access.Admin, method: http.MethodPut, path: at + "/budget", id: "set-budget",
		sum: "Say how much"}, s.setBudget)
	add(s, route{verb: access.Draft, method: http.MethodPost, path: at + "/plan", id: "plan",
		sum: "What would become of the open records on journeys",
		more: "By stage: who stays, who moves (`was`), and who is stranded in a stage that would be " +
			"gone."}, s.plan)
}

// Budget is how much of what was decided lately a policy may decide otherwise without somebody
// confirming it.
type Budget struct {
	Days      int     `json:"days" minimum:"1" maximum:"366" doc:"That are decided on again"`
	Percent   float64 `json:"percent" minimum:"0" maximum:"100" doc:"Of the decisions in them"`
	Decisions int     `json:"decisions,omitempty" minimum:"0" doc:"So many at most, whatever share that is; 0: any number"`
	Least     int     `json:"least" minimum:"0" doc:"With fewer decisions than these nobody is asked: a share of few says nothing"`
	Off       bool    `json:"off,omitempty" doc:"Nothing is decided on again"`
}

// budgetSetting is what the setting is called.
const budgetSetting = "budget"

// usualBudget is that of a workspace where nothing was set.
func usualBudget() Budget { return Budget{Days: 30, Percent: 20, Least: 100} }

func (s *Server) budgetOf(workspace string) (Budget, error) {
	b := usualBudget()
	_, err := s.o.Access.Setting(workspace, budgetSetting, &b)
	return b, err
}

func (s *Server) budget(ctx context.Context, i *InWorkspace) (*body[Budget], error) {
	var out Budget
	err := s.use(ctx, i.Workspace, func(*runtime.Workspace) (err error) {
		out, err = s.budgetOf(i.Workspace)
		return err
	})
	return &body[Budget]{out}, err
}

type budgetIn struct {
	InWorkspace
	Body Budget
}

func (s *Server) setBudget(ctx context.Context, i *budgetIn) (*body[Budget], error) {
	err := s.use(ctx, i.Workspace, func(*runtime.Workspace) error {
		return s.o.Access.Set(ctx, access.Setting{Workspace: i.Workspace, Name: budgetSetting,
			Value: i.Body}, callerOf(ctx).who.ID())
	})
	return &body[Budget]{i.Body}, err
}

// Plan is what would become of the open records on journeys.
type Plan struct {
	runtime.Flight
	Stages []ask.InStage `json:"stages" doc:"By journey and stage"`
}

func (s *Server) plan(ctx context.Context, i *filesIn) (*body[Plan], error) {
	l, err := s.sound(i.Body.Files, callerOf(ctx).lang)
	if err != nil {
		return nil, err
	}
	var out Plan
	err = s.use(ctx, i.Workspace, func(w *runtime.Workspace) (err error) {
		out, err = planOf(ctx, w, l.policy)
		return err
	})
	return &body[Plan]{out}, err
}

// strandedNamed is how many stranded records an activation names.
const strandedNamed = 1000

func planOf(ctx context.Context, w *runtime.Workspace, next *policy.Policy) (out Plan, err error) {
	err = w.View(ctx, func(e *engine.Engine) { out.Stages = ask.InFlight(e, next) })
	for _, f := range out.Stages {
		switch f.Fate {
		case ask.Stays:
			out.Stays += f.Count
		case ask.Moves:
			out.Moves += f.Count
		case ask.Stranded:
			out.Stranded += f.Count
			for _, id := range f.IDs {
				if len(out.Who) < strandedNamed {
					out.Who = append(out.Who, f.Type+"/"+id)
				}
			}
		}
	}
	if out.Stages == nil {
		out.Stages = []ask.InStage{}
	}
	return out, err
}

// Confirm is what somebody was told that a policy would change, and wants.
type Confirm struct {
	Differ   int `json:"differ,omitempty" minimum:"-1" doc:"So many decisions; -1: though it is not known"`
	Stranded int `json:"stranded,omitempty" minimum:"0" doc:"So many open records that begin their journey anew"`
}

// ToConfirm is what stands between a policy and its taking force, until somebody confirms it.
type ToConfirm struct {
	Confirm Confirm         `json:"confirm" doc:"What to send to go on"`
	Blast   *runtime.Blast  `json:"blast,omitempty"`
	Flight  *runtime.Flight `json:"flight,omitempty"`
}

// gateWithin is how long a backtest may take that somebody waits for who publishes; by way of a
// page, pageWithin.
const (
	gateWithin = 5 * time.Minute
	pageWithin = 30 * time.Second
)

// held holds a policy that is sound and tested to the budget, and to what becomes of open records.
// What it found goes into the activation's entry.
func (s *Server) held(ctx context.Context, i *filesIn, l *loaded, as *runtime.Given) error {
	var told ToConfirm
	err := s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		old, err := inForce(ctx, w)
		if err != nil || old.Hash == l.policy.Hash {
			return err
		}
		plan, err := planOf(ctx, w, l.policy)
		if err != nil {
			return err
		}
		as.Flight = &plan.Flight
		if plan.Stranded > i.Body.Confirm.Stranded {
			told.Flight = as.Flight
		}
		as.Blast, err = s.blast(ctx, w, i.Workspace, l.policy)
		if err == nil && as.Blast != nil && as.Blast.Over && !i.Body.Confirm.covers(as.Blast) {
			told.Blast = as.Blast
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case told.Flight == nil && told.Blast == nil:
		if b := as.Blast; b != nil && b.Over {
			if b.Confirmed = true; callerOf(ctx).verb == access.Tune {
				return s.problem("not-allowed", "it changes more than the budget allows: it takes publish",
					"改动超出预算，需要 publish")
			}
		}
		return nil
	}
	return s.confirming(&told, as)
}

// covers reports whether somebody confirmed about as much as a policy changes: the log grows while
// they think.
func (c Confirm) covers(b *runtime.Blast) bool {
	if b.Unknown {
		return c.Differ < 0
	}
	return b.Differ <= c.Differ+c.Differ/10
}

// confirming is the problem that tells what there is to confirm.
func (s *Server) confirming(t *ToConfirm, as *runtime.Given) *Problem {
	var en, zh string
	if b := t.Blast; b != nil {
		t.Confirm.Differ = b.Differ
		en = plural.Sprintf("%d of %d decision{|s} of the last %d day{|s} (%.1f%%) would "+
			"differ, about %d subject{|s}", b.Differ, b.Decisions, b.Days, b.Percent, b.Subjects)
		zh = fmt.Sprintf("最近 %[3]d 天的 %[2]d 个决定中有 %[1]d 个（%.1[4]f%%）会不同，涉及 %[5]d 个对象",
			b.Differ, b.Decisions, b.Days, b.Percent, b.Subjects)
		if b.Unknown {
			t.Confirm.Differ = -1
			en = "how much would differ could not be worked out in time"
			zh = "未能在限定时间内算出会有多少不同"
		}
	} else if b := as.Blast; b != nil && b.Over {
		t.Confirm.Differ = b.Differ // it was confirmed, and has to be again
		if b.Unknown {
			t.Confirm.Differ = -1
		}
	}
	if f := t.Flight; f != nil {
		t.Confirm.Stranded = f.Stranded
		if en != "" {
			en, zh = en+"; ", zh+"；"
		}
		some := f.Who[:min(len(f.Who), 5)]
		en += plural.Sprintf("%d open record{ is|s are} in stages that are gone, and would begin "+
			"anew: %v; `was` says what a stage has become", f.Stranded, some)
		zh += fmt.Sprintf("%d 条进行中的记录所在阶段已不存在，将从头开始：%v；可用「曾名」说明阶段的去向", f.Stranded, some)
	} else if f := as.Flight; f != nil {
		t.Confirm.Stranded = f.Stranded
	}
	p := s.problem("confirm", en, zh)
	p.Told = t
	return p
}

// blast decides on a log again and tells how much of what was decided in the budget's days comes
// out otherwise; nil: nobody has to know.
func (s *Server) blast(
	ctx context.Context, w *runtime.Workspace, workspace string, next *policy.Policy,
) (*runtime.Blast, error) {
	b, err := s.budgetOf(workspace)
	if err != nil || b.Off {
		return nil, err
	}
	old, err := inForce(ctx, w)
	if err != nil {
		return nil, err
	}
	within := s.patience(ctx, gateWithin)
	short, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	out := &runtime.Blast{Days: b.Days}
	x, err := trial.RunBacktest(old, next, ask.Inputs(short, w), trial.BacktestOptions{
		From: time.Now().AddDate(0, 0, -b.Days).UnixMicro()})
	switch {
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		out.Unknown, out.Over = true, true
		return out, nil
	case err != nil:
		return nil, err
	}
	r := x.Reach
	out.Decisions, out.Differ, out.Subjects = r.Decisions, r.Differ, r.Subjects
	out.Percent = math.Round(r.Percent()*10) / 10
	out.Over = r.Decisions >= b.Least &&
		(r.Percent() > b.Percent || b.Decisions > 0 && r.Differ > b.Decisions)
	return out, nil
}

// patience makes the connection of a request wait for an answer that takes long, and says how long
// that may be.
func (s *Server) patience(ctx context.Context, within time.Duration) time.Duration {
	c := callerOf(ctx)
	if c.http == nil {
		return min(within, pageWithin)
	}
	_, answer := humago.Unwrap(c.http)
	end := time.Now().Add(within + s.o.Within.Answer)
	_ = http.NewResponseController(answer).SetWriteDeadline(end) // where there is none, ours stands
	return within
}
