package builder

import (
	"strconv"
	"strings"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/explain"
	"github.com/throughline/throughline/engine/trial"
)

// mostCases is how many pinned records an inspector tells of.
const mostCases = 12

// A casing tells what one declaration makes of what is pinned.
type casing struct {
	v    *view.Viewer
	d    *desk
	decl kind.Decl
	say  *explain.Explainer
	out  *view.Pins
}

// casesOf is what the declaration that somebody looks at makes of the pinned records, as the draft
// is written; nil: it decides nothing.
func (d *desk) casesOf(v *view.Viewer, look looking) *view.Pins {
	l, err := d.checked.text.Find(look.path, look.file)
	if err != nil {
		return nil
	}
	if s, ok := l.Node.(*syntax.Stage); ok && len(look.path) == 2 {
		return d.inStage(v, look.path[0], l.Name(s.Name.Tok))
	}
	decl, is := d.declared(l)
	if !is || !decl.Kind.State && decl.Kind.Word != "score" && decl.Kind.Word != "action" {
		return nil
	}
	out := &view.Pins{Bench: v.In("bench")}
	x := d.checked.played
	switch {
	case dsl.HasErrors(d.checked.diags):
		out.Note = v.Say(words.BenchWrong)
	case x == nil:
		out.Note = v.Say(words.CasesNone)
	case x.wrong != nil:
		out.Note = x.wrong.Error()
	default:
		c := casing{v: v, d: d, decl: decl, out: out, say: explain.New(d.checked.policy,
			decision.Options{Zone: x.run.Engine.Zone(), Lang: v.Lang})}
		c.standing()
		c.steps()
		if len(out.List) == 0 {
			out.Note = v.Say(words.CasesNothing)
		}
	}
	return out
}

// inStage is what the pinned records that are in a stage have and lack there.
func (d *desk) inStage(v *view.Viewer, journey, stage string) *view.Pins {
	out := &view.Pins{Bench: v.In("bench")}
	for i := range d.checked.traces {
		t := &d.checked.traces[i]
		if t.journey != journey || t.stage != stage {
			continue
		}
		c := view.Pin{Name: t.of, Tone: view.Good, Is: v.Say(words.BenchLacksNone)}
		if len(t.unmet) > 0 {
			lacks := listed(t.lacks(d.checked.policy, v.Lang), v.Lang)
			c.Tone, c.Is = view.Warn, v.Sayf(words.BenchLacks, lacks)
		}
		out.List = append(out.List, c)
	}
	if len(out.List) == 0 {
		out.Note = v.Say(words.CasesNotHere)
	}
	return out
}

func (c *casing) add(x view.Pin) {
	if len(c.out.List) < mostCases {
		c.out.List = append(c.out.List, x)
	} else {
		c.out.More++
	}
}

// standing is how each pinned record stands with the declaration now.
func (c *casing) standing() {
	e, of := c.d.checked.played.run.Engine, c.decl.Of
	if of == nil || of.Kind != policy.Entity {
		return
	}
	for _, id := range e.IDs(of) {
		x := view.Pin{Name: of.Name + "/" + id}
		if c.decl.Kind.Word == "journey" {
			c.onJourney(&x, id)
		} else if s := c.score(); s != nil {
			self := &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: of}}
			v, _ := e.Program(&policy.Expr{Op: policy.OpScore, Score: s, Args: []*policy.Expr{self},
				Type: policy.Type{Kind: value.Number, Maybe: true}}).Ask(of, id)
			x.Tone, x.Is = view.Info, value.Style{Lang: c.v.Lang}.Text(v)
		} else if s := c.tiers(); s != nil {
			e.Within(s, func(in string, row int) {
				if in == id {
					x.Tone, x.Is = view.Accent, rowName(s, row, c.v.Lang)
				}
			})
		} else {
			c.holds(&x, trial.WhyNot(e, c.decl.Head.Full, id))
		}
		if x.Is != "" {
			c.add(x)
		}
	}
}

func (c *casing) score() *policy.Score {
	for _, s := range c.d.checked.policy.Scores {
		if s.Full == c.decl.Head.Full {
			return s
		}
	}
	return nil
}

// tiers is the declaration as a segment of which each record is in one row; nil: it is none.
func (c *casing) tiers() *policy.Segment {
	for _, s := range c.d.checked.policy.Segments {
		if s.Full == c.decl.Head.Full && s.Tiers != nil {
			return s
		}
	}
	return nil
}

func (c *casing) onJourney(x *view.Pin, id string) {
	for i := range c.d.checked.traces {
		t := &c.d.checked.traces[i]
		if t.journey != c.decl.Head.Name || t.id != id {
			continue
		}
		x.Tone, x.Is = view.Accent, t.called(c.d.checked.policy, c.v.Lang)
		if len(t.unmet) > 0 {
			x.Why = c.v.Sayf(words.BenchLacks, listed(t.lacks(c.d.checked.policy, c.v.Lang), c.v.Lang))
		}
	}
}

// holds is whether a condition holds of a record, and what it saw.
func (c *casing) holds(x *view.Pin, d *decision.Decision) {
	if len(d.Receipts) == 0 {
		return
	}
	verdict := value.True
	for _, r := range d.Receipts {
		verdict = min(verdict, r.Verdict)
	}
	switch verdict {
	case value.True:
		x.Tone, x.Is = view.Good, c.v.Say(words.CaseHolds)
	case value.Unknown:
		x.Tone, x.Is = view.Warn, c.v.Say(words.CaseUnknown)
	default:
		x.Tone, x.Is = view.Plain, c.v.Say(words.CaseNot)
	}
	x.Why = strings.TrimSpace(c.say.Rule(d, c.decl.Head.Full))
}

// steps is what the declaration did as the pinned records came, one after the other.
func (c *casing) steps() {
	x := c.d.checked.played
	for _, s := range x.run.Steps {
		for _, one := range s.Decisions {
			did := c.did(one)
			if len(did) == 0 {
				continue
			}
			y := view.Pin{Name: c.v.Say(words.BenchTime), Tone: view.Info,
				When: stamp(one.Moment, x.run.Engine.Zone()), Is: listed(did, c.v.Lang),
				Why: strings.TrimSpace(c.say.Text(one, nil))}
			if s.Input >= 0 {
				y.Name = short(x.of[s.Input])
			}
			c.add(y)
		}
	}
}

// did is what a decision has of the declaration: what it did, scored, or found done.
func (c *casing) did(d *decision.Decision) (out []string) {
	full := c.decl.Head.Full
	for i := range d.Effects {
		e := &d.Effects[i]
		if of, _ := decision.CellOf(e.Rule); of != full {
			continue
		}
		says := syntax.WordIn(e.Kind.String(), "", c.v.Lang)
		if e.State != decision.NoState {
			says += " " + stateIn(e.State, c.v.Lang)
		}
		out = append(out, says)
	}
	for _, k := range d.Scores {
		if k.Score.Full == full && k.Known {
			out = append(out, strconv.FormatFloat(k.Value, 'f', 1, 64))
		}
	}
	for _, k := range d.Actions {
		if k.Action.Full == full {
			out = append(out, c.counts(k))
		}
	}
	return out
}

// counts is whether a record counts for an action.
func (c *casing) counts(k decision.Completion) string {
	switch {
	case k.Counted == value.True:
		return c.v.Say(words.CaseCounts)
	case k.Done == value.True:
		return c.v.Say(words.CaseDone)
	}
	return c.v.Say(words.CaseNotDone)
}

// stateIn is what became of an alert or a membership.
func stateIn(s decision.State, lang string) string {
	return map[decision.State]words.Text{decision.Open: words.StateOpen,
		decision.Resolved: words.StateResolved, decision.Withdrawn: words.StateWithdrawn,
		decision.Enter: words.StateEnter, decision.Leave: words.StateLeave}[s].In(lang)
}
