package kind

import (
	"github.com/throughline/throughline/dsl/policy"
)

func journeys() *Kind {
	return &Kind{Word: "journey", Label: both("journeys", "旅程"), State: true, Stays: true,
		decls: func(p *policy.Policy) []Decl { return each(p.Journeys, journey) }}
}

// journey takes a journey apart, stage by stage. A way leads from each stage to the next and to
// every lost one: a move that skips stages goes through all of them.
func journey(j *policy.Journey) Decl {
	l := list{mode(&j.Head)}
	if j.Warn {
		l.set("unmet", both("warn", "提醒"), j.Span)
	} else {
		l.set("unmet", both("block", "拦截"), j.Span)
	}
	var last *policy.Stage
	for _, g := range j.Stages {
		l.stage(g)
		if g.Kind == policy.StageLost {
			l.add(Part{Role: Transition, Name: TransitionName("", g.Name), Span: g.Span,
				Names: []Thing{Of(&g.Head)}})
			continue
		}
		if last != nil {
			l.add(Part{Role: Transition, Name: TransitionName(last.Name, g.Name), Span: g.Span,
				Names: []Thing{Of(&last.Head), Of(&g.Head)}})
		}
		last = g
	}
	return Decl{Head: &j.Head, Of: j.Of, Parts: l}
}

// StageName is how the part of a stage is called.
func StageName(stage string) string { return "stage " + stage }

// TransitionName is how the part of a way between two stages is called; a lost stage is reached
// from anywhere, and from is "".
func TransitionName(from, to string) string { return "way " + from + " → " + to }

func (l *list) stage(g *policy.Stage) {
	from := len(*l)
	says := map[policy.StageKind]policy.Text{policy.StageWon: both("is won", "视为 赢单"),
		policy.StageLost: both("is lost", "视为 丢单")}[g.Kind]
	l.add(Part{Role: Stage, Name: StageName(g.Name), Was: stageNames(g), Says: says, Span: g.Span})
	for i, r := range g.Entry {
		l.requirement(g.Name+" "+numbered("entry", i), r)
	}
	for i, r := range g.Must {
		l.requirement(g.Name+" "+numbered("must", i), r)
	}
	if g.Sla != nil {
		l.set(g.Name+" sla", due(g.Sla.Due), g.Sla.Span)
	}
	for _, h := range []struct {
		name string
		hook *policy.Hook
	}{{"on enter", g.Enter}, {"on leave", g.Leave}, {"on late", g.Late}} {
		if h.hook != nil {
			l.effects(g.Name+" "+h.name, h.hook.Do)
		}
	}
	l.named(from, Of(&g.Head))
}

func (l *list) requirement(name string, r *policy.Requirement) {
	l.cond(name, r.X)
	if r.Within != nil {
		l.set(name+" within", due(*r.Within), r.Span)
	}
}

// stageNames are the stages' own former names.
func stageNames(g *policy.Stage) (was []string) {
	for _, w := range g.Was {
		for i := len(w) - 1; i >= 0; i-- {
			if w[i] == '.' {
				was = append(was, StageName(w[i+1:]))
				break
			}
		}
	}
	return was
}
