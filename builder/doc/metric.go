package doc

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
)

// metric tells how a figure comes about and which way it should go.
func (v *view) metric(x *policy.Metric) []block {
	lead := v.sentence("A figure over {1}: {2}", "{1}的数字：{2}", v.each(x.Of), v.Expr(x.Value))
	if x.Every != policy.NoPeriod {
		lead = say.Form(v.Say("{1}, for each {2}", "{1}，按{2}计"), lead, say.Plain(v.Period(x.Every)))
	}
	var items []say.Phrase
	add := func(en, zh string, args ...say.Phrase) {
		items = append(items, v.sentence(en, zh, args...))
	}
	if x.Where != nil {
		add("Only those count where {1}.", "只计入满足以下条件的：{1}。", v.Expr(x.Where))
	}
	if x.At != nil {
		add("What places one in time: {1}.", "归入时间的依据：{1}。", v.Expr(x.At))
	}
	if len(x.By) > 0 {
		var by []say.Phrase
		for i := range x.By {
			by = append(by, v.Expr(x.By[i].X))
		}
		add("It can be broken down by {1}.", "可按以下各项分解：{1}。", say.Join(by, v.Say(", ", "、")))
	}
	switch x.Better {
	case policy.Lower:
		add("Lower is better.", "越低越好。")
	case policy.Higher:
		add("Higher is better.", "越高越好。")
	case policy.NoBetter:
	}
	return []block{{lead: say.Form(v.Say("{1}.", "{1}。"), lead), items: items}}
}
