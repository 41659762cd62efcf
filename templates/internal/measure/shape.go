package measure

import (
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/value"
)

// Shape is what a template is made of.
type Shape struct {
	Params   int  // typed parameters, each with a default and bounds
	Proof    int  // proof lines
	Feedback bool // history or the next step is shown
	Both     bool // every text stands in Chinese and in English
	Moves    bool // a metric and a why are named

	Cadence bool // a target or a schedule of its own gives it
	Stage   bool // a journey asks for it, or gives a task that it ends
	Rule    bool // a rule, an alert or a segment gives a task that it ends

	Place, Photo, Sound, Paper, Words bool // what proves it

	Passes bool // a test completes it
	Fails  bool // a test in which it fails its acceptance or its proof
}

// shapes are those of a package's own templates.
func shapes(p *policy.Policy) map[*policy.Action]*Shape {
	out := map[*policy.Action]*Shape{}
	for _, a := range p.Actions {
		if int(a.Span.File) >= p.Own {
			continue
		}
		s := &Shape{Params: params(p, a), Proof: len(a.Proof), Feedback: len(a.Feedback) > 0,
			Both: bilingual(a), Moves: a.Moves != "" && a.Why != nil, Cadence: a.Target != nil}
		for _, l := range a.Proof {
			s.evidence(l.X)
		}
		out[a] = s
	}
	started(p, out)
	proven(p, out)
	return out
}

// params counts what stands in the brackets behind the action's name.
func params(p *policy.Policy, a *policy.Action) int {
	head, _, _ := strings.Cut(p.Files[a.Span.File].Text[a.Span.Off:], "\n")
	return strings.Count(head, " = ")
}

func bilingual(a *policy.Action) bool {
	both := func(t policy.Text) bool { return t.En != "" && chinese(t) != "" }
	ok := both(a.Label) && a.Why != nil && len(a.Why.Other) > 0
	for _, s := range a.Steps {
		ok = ok && both(s.Text)
	}
	for _, l := range a.Proof {
		ok = ok && (l.Text == nil || len(l.Text.Other) > 0)
	}
	return ok
}

// evidence marks what a proof line looks at.
func (s *Shape) evidence(x *policy.Expr) {
	kind.Visit(x, func(x *policy.Expr) bool {
		if x.Op == policy.OpCall && (x.Fn == "original" || x.Fn == "vague") {
			s.Words = true
		}
		switch x.Type.Kind {
		case value.Point:
			s.Place = true
		case value.Photo:
			s.Photo = true
		case value.Audio:
			s.Sound = true
		case value.File:
			s.Paper = true
		}
		return true
	})
}

// started marks what gives each template to somebody.
func started(p *policy.Policy, all map[*policy.Action]*Shape) {
	mark := func(x *policy.Expr, f func(*Shape)) {
		kind.Visit(x, func(x *policy.Expr) bool {
			if x.Agg != nil {
				if s := all[x.Agg.Action]; s != nil {
					f(s)
				}
			}
			return true
		})
	}
	ends := func(effects []*policy.Effect, f func(*Shape)) {
		for _, e := range effects {
			if e.Until != nil {
				mark(e.Until.X, f)
			}
		}
	}
	stage, rule := func(s *Shape) { s.Stage = true }, func(s *Shape) { s.Rule = true }
	for _, j := range p.Journeys {
		for _, g := range j.Stages {
			for _, r := range g.Requirements() {
				mark(r.X, stage)
			}
			for _, h := range g.Hooks() {
				ends(h.Do, stage)
			}
		}
	}
	for _, r := range p.Rules {
		ends(r.Do, rule)
	}
	for _, a := range p.Alerts {
		ends(a.Do, rule)
	}
	for _, g := range p.Segments {
		ends(g.Enter, rule)
	}
}

// proven marks which templates a test completes, and which a test sees fail. Where an expectation
// names no action it is about the one that its record can complete.
func proven(p *policy.Policy, all map[*policy.Action]*Shape) {
	for _, t := range p.Tests {
		for _, step := range t.Steps {
			x := step.Expect
			if x == nil || x.Kind != policy.ExpectOutcome {
				continue
			}
			for a, s := range all {
				done := x.Word == "done" || x.Word == "verified"
				if a.On != x.Type || done && x.Name != "" && x.Name != a.Full {
					continue
				}
				switch {
				case done && !x.No:
					s.Passes = true
				case done, x.Word == "flagged" && !x.No, x.Word == "rejected" && !x.No:
					s.Fails = true
				}
			}
		}
	}
}
