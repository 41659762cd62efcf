package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/explain"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/runtime"
)

// A story is one thing that was decided, told with its reasons.
type story struct {
	Kind string `json:"story"` // alert, segment, score, rejected, near
	Seq  uint64 `json:"seq"`
	Of   string `json:"of"`
	Text string `json:"text"`
}

// A teller looks for stories in a log: of every kind the rarest, since that is what somebody would
// want to hear of. It knows nothing of the sample.
type teller struct {
	app     *app
	w       *runtime.Workspace
	sum     *summary
	stories []story

	why    *explain.Explainer
	write  *decision.Writer
	spells []*spell
	score  told
	reject told
	near   told
	miss   float64
	missed string // the rule that was nearly met
}

// A spell is a time for which an alert was open or something was in a segment.
type spell struct {
	kind     decision.EffectKind
	rule     string
	of       decision.Ref
	from, to told
}

// told is a decision that may be told of.
type told struct {
	dec  *decision.Decision
	line string // the record as it came
}

func (t *teller) read() error {
	var d decision.Decision
	err := t.w.Entries(1, t.w.Last(), true, func(l *runtime.Logged) error {
		if t.why == nil {
			zone, err := calendar.Zone(l.Policy().Settings.Timezone)
			if err != nil {
				return err
			}
			show := decision.Options{Zone: zone, Lang: t.app.lang.String()}
			t.why, t.write = explain.New(l.Policy(), show), decision.NewWriter(l.Policy(), show)
		}
		if err := l.Decode(&d); err != nil {
			return err
		}
		t.sum.add(decision.Kind(l.Kind), &d)
		t.look(&d, string(l.Payload))
		return nil
	})
	t.sum.Seq = t.w.Last()
	t.choose()
	return err
}

// look keeps a decision where it is worth telling.
func (t *teller) look(d *decision.Decision, line string) {
	keep := told{line: line}
	is := func() told {
		if keep.dec == nil {
			keep.dec = d.Clone()
		}
		return keep
	}
	for i := range d.Effects {
		switch e := &d.Effects[i]; {
		case e.Shadow || e.Tier != "":
		case e.State == decision.Open, e.State == decision.Enter:
			t.spells = append(t.spells, &spell{kind: e.Kind, rule: e.Rule, of: e.Subject, from: is()})
		case e.State == decision.Resolved, e.State == decision.Leave:
			for _, s := range t.spells {
				if s.rule == e.Rule && s.of == e.Subject && s.to.dec == nil {
					s.to = is()
				}
			}
		}
	}
	if d.Outcome == decision.Rejected {
		t.reject = is()
	}
	if len(d.Scores) > 0 && scored(d) < scored(t.score.dec) {
		t.score = is()
	}
	if rule, far := t.nearest(d); far < t.miss || t.near.dec == nil && rule != "" {
		t.near, t.miss, t.missed = is(), far, rule
	}
}

// scored is the first score of a decision; 101 where there is none with something behind it.
func scored(d *decision.Decision) float64 {
	if d == nil || !d.Scores[0].Known || d.Scores[0].Value == 0 {
		return 101
	}
	return d.Scores[0].Value
}

// nearest is the alert, rule or segment that was closest to holding, by one condition alone.
func (t *teller) nearest(d *decision.Decision) (rule string, far float64) {
	far = 1
	if d.Record == (decision.Ref{}) || len(d.Receipts) == 0 {
		return "", far
	}
	var x struct {
		Looked []struct {
			Rule, What, Verdict string
			Conditions          []struct{ Distance *float64 }
		}
	}
	if json.Unmarshal(t.why.AppendJSON(nil, d, nil), &x) != nil {
		return "", far
	}
	for _, l := range x.Looked {
		if l.Verdict != "false" || l.What != "when" || len(l.Conditions) != 1 {
			continue
		}
		if c := l.Conditions[0].Distance; c != nil && *c > 0 && *c < far {
			rule, far = l.Rule, *c
		}
	}
	return rule, far
}

// choose makes stories of what was kept.
func (t *teller) choose() {
	for _, kind := range []decision.EffectKind{decision.Alert, decision.Segment} {
		if s := t.rarest(kind); s != nil {
			t.add(kind.String(), s.from.dec, s.of.String(), t.spell(s))
		}
	}
	if d := t.score.dec; d != nil {
		t.add("score", d, d.Record.String(), t.terms(d))
	}
	if d := t.reject.dec; d != nil && len(d.Findings) > 0 {
		f := &d.Findings[len(d.Findings)-1]
		t.add("rejected", d, d.Record.String(),
			fmt.Sprintf("%s %s\n%s\n", f.Code, t.write.AppendFinding(nil, f), t.reject.line))
	}
	if d := t.near.dec; d != nil {
		t.add("near", d, d.Record.String(), t.why.Rule(d, t.missed))
	}
}

func (t *teller) add(kind string, d *decision.Decision, of, text string) {
	t.stories = append(t.stories, story{kind, d.Seq, of, strings.TrimRight(text, "\n")})
}

// rarest is a spell that is over, of the declaration with the fewest; rather one whose end did
// something.
func (t *teller) rarest(k decision.EffectKind) *spell {
	count := map[string]int{}
	var over []*spell
	for _, s := range t.spells {
		count[s.rule]++
		if s.kind == k && s.to.dec != nil {
			over = append(over, s)
		}
	}
	if len(over) == 0 {
		return nil
	}
	return slices.MinFunc(over, func(a, b *spell) int {
		return cmp.Or(cmp.Compare(count[a.rule], count[b.rule]), cmp.Compare(t.done(b), t.done(a)),
			cmp.Compare(a.from.dec.Seq, b.from.dec.Seq))
	})
}

// done is how much the end of a spell did.
func (t *teller) done(s *spell) int {
	var b strings.Builder
	t.did(&b, s.to.dec, s)
	return strings.Count(b.String(), "\n")
}

// spell tells how something began, what was done, and how it ended.
func (t *teller) spell(s *spell) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s %s\n", t.when(s.from.dec), s.rule, t.app.word(stateOf(s, s.from.dec)))
	b.WriteString(t.why.Rule(s.from.dec, s.rule))
	t.did(&b, s.from.dec, s)
	fmt.Fprintf(&b, "%s  %s %s\n", t.when(s.to.dec), s.rule, t.app.word(stateOf(s, s.to.dec)))
	t.did(&b, s.to.dec, s)
	return b.String()
}

func stateOf(s *spell, d *decision.Decision) string {
	for i := range d.Effects {
		if e := &d.Effects[i]; e.Rule == s.rule && e.Subject == s.of && e.State != decision.NoState {
			return e.State.String()
		}
	}
	return ""
}

// did lists what a declaration did for its subject.
func (t *teller) did(b *strings.Builder, d *decision.Decision, s *spell) {
	for i := range d.Effects {
		e := &d.Effects[i]
		if e.Rule != s.rule || e.Subject != s.of || e.State != decision.NoState {
			continue
		}
		var whom []string
		for _, r := range e.For {
			whom = append(whom, r.String())
		}
		fmt.Fprintf(b, "  → %s %s “%s”\n", t.app.word(e.Kind.String()), strings.Join(whom, ", "),
			t.write.AppendMessage(nil, e))
	}
}

func (t *teller) when(d *decision.Decision) string {
	return string(value.AppendTime(nil, d.At, t.write.Zone()))
}

// terms tells a score with what it is made of.
func (t *teller) terms(d *decision.Decision) string {
	s := &d.Scores[0]
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s = %.1f\n", s.Score.Full, t.write.Text(s.Score.Label), s.Value)
	for i, v := range s.Terms {
		term := &s.Score.Terms[i]
		name := t.write.Text(term.Label)
		if name == "" {
			name = term.Name
		}
		says := fmt.Sprintf("%.2f", v.Value)
		if !v.Known {
			says = t.app.say("no data", "无数据")
		}
		fmt.Fprintf(&b, "  %s%3.0f%% × %s\n", pad(name, 12), term.Weight*100, says)
	}
	return b.String()
}

// tell prints the stories one after another, and the summary.
func (t *teller) tell() error {
	titles := map[string]string{
		"alert":    t.app.say("An alert opened, and was resolved", "一个预警打开，又解除"),
		"segment":  t.app.say("A segment was entered, and left", "进入一个分群，又离开"),
		"score":    t.app.say("A score, and what it is made of", "一个评分，以及它的构成"),
		"rejected": t.app.say("A record that was rejected, and kept", "一条被拒绝但仍保留的记录"),
		"near":     t.app.say("A near miss", "差一点就成立"),
	}
	for i, s := range t.stories {
		_, err := fmt.Fprintf(t.app.out, "\n%d. %s: %s (seq %d)\n   %s\n", i+1, titles[s.Kind], s.Of,
			s.Seq, strings.ReplaceAll(s.Text, "\n", "\n   "))
		if err != nil {
			return err
		}
	}
	fmt.Fprintln(t.app.err)
	return t.app.tellSummary(t.sum)
}
