package doc

import (
	"strconv"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
)

// action tells of an action as one explains it to who does it: what, when it counts, what proves
// it, how often, why.
func (v *view) action(x *policy.Action) []block {
	out := []block{{lead: v.actionLead(x)}}
	add := func(en, zh string, items []say.Phrase) {
		if len(items) > 0 {
			out = append(out, block{title: v.Say(en, zh), items: items})
		}
	}
	var steps []say.Phrase
	for i := range x.Steps {
		s := &x.Steps[i]
		steps = append(steps, say.Form(v.Say("{1} (done when {2})", "{1}（{2}即完成）"), own(v.Text(s.Text)),
			v.Expr(s.X)))
	}
	add("Steps", "步骤", steps)
	var done []say.Phrase
	for _, c := range v.Conds(x.Done) {
		done = append(done, v.sentence("{1}.", "{1}。", c))
	}
	if x.DoneWithin != nil {
		done = append(done, v.sentence("What is still missing may come within {1}.", "尚缺的内容可在 {1}内补上。",
			v.Due(*x.DoneWithin)))
	}
	add("It is done when", "何时算完成", done)
	var proof []say.Phrase
	for _, p := range x.Proof {
		proof = append(proof, v.proof(p))
	}
	add("What proves it", "凭证", proof)
	if t := x.Target; t != nil {
		add("How often", "目标", []say.Phrase{v.target(t)})
	}
	if x.Why != nil {
		out = append(out, block{title: v.Say("Why", "为什么"), lead: v.Message(x.Why)})
	}
	if x.Moves != "" {
		out = append(out, block{title: v.Say("What it moves", "影响什么"), lead: v.moves(x)})
	}
	return append(out, v.doing("What one hears back", "反馈", x.Feedback)...)
}

func (v *view) actionLead(x *policy.Action) say.Phrase {
	lead := v.sentence("Done with each {1}", "通过每个{1}完成", v.each(x.On))
	if x.By != nil {
		lead = say.Form(v.Say("{1}, by its {2}", "{1}，执行人是其{2}"), lead, v.Expr(x.By))
	}
	if x.About != nil {
		lead = say.Form(v.Say("{1}, for its {2}", "{1}，对象是其{2}"), lead, v.Expr(x.About))
	}
	lead = say.Form(v.Say("{1}.", "{1}。"), lead)
	if x.Weight > 0 {
		lead = say.Form(v.Say("{1} It weighs {2}.", "{1}权重 {2}。"), lead, say.Plain(v.Percent(x.Weight)))
	}
	return lead
}

// verdict says what becomes of what a proof line does not hold of.
func (v *view) verdict(x policy.Verdict) string {
	switch x {
	case policy.Reject:
		return v.Say("it is refused", "不予接受")
	case policy.Remark:
		return v.Say("it counts and is remarked on", "计入但加备注")
	}
	return v.Say("a person looks at it before it counts", "经人复核后才计入")
}

func (v *view) proof(p *policy.ProofLine) say.Phrase {
	out := v.sentence("{1}; else {2}", "{1}；否则{2}", v.Expr(p.X), say.Plain(v.verdict(p.Else)))
	if p.Unknown != p.Else {
		out = say.Form(v.Say("{1}, and where it is not known {2}", "{1}，无法判断时{2}"), out,
			say.Plain(v.verdict(p.Unknown)))
	}
	if p.Text != nil {
		out = say.Form(v.Say("{1}: {2}", "{1}：{2}"), out, v.Message(p.Text))
	}
	if p.Within != nil {
		out = say.Form(v.Say("{1}, reviewed within {2}", "{1}，{2}内复核"), out, v.Due(*p.Within))
	}
	if p.Strength == policy.Strong {
		out = say.Form(v.Say("{1} (strong)", "{1}（强证据）"), out)
	}
	return say.Form(v.Say("{1}.", "{1}。"), out)
}

func (v *view) target(t *policy.Target) say.Phrase {
	n := say.Plain(strconv.Itoa(t.N))
	out := v.sentence("{1} each {2}", "每{2} {1} 次", n, say.Plain(v.Period(t.Per)))
	if t.Distinct != nil {
		out = say.Form(v.Say("{1}, of different {2}", "{1}，{2}各不相同"), out, v.Expr(t.Distinct))
	}
	return say.Form(v.Say("{1}.", "{1}。"), out)
}

// moves names the metric that an action is meant to move.
func (v *view) moves(x *policy.Action) say.Phrase {
	metric := own(x.Moves)
	for _, m := range v.policy.Metrics {
		if m.Full == x.Moves {
			metric = v.Head(&m.Head)
		}
	}
	if x.MovesUp {
		return v.sentence("It is meant to raise {1}.", "目的是提高{1}。", metric)
	}
	return v.sentence("It is meant to lower {1}.", "目的是降低{1}。", metric)
}
