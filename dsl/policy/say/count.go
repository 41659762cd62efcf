package say

import (
	"strconv"

	"github.com/throughline/throughline/dsl/policy"
)

// aggregate says what is counted, over what, and since when.
func (s Speaker) aggregate(g *policy.Aggregate) Phrase {
	w := s.window(g)
	within := func(p Phrase) Phrase {
		if w == nil {
			return p
		}
		return s.form("{1} {2}", "{2}{1}", p, w)
	}
	var what Phrase
	if g.Fn == policy.Share { // the condition stands last, so that the window is not taken for its own
		what = s.counted(g, within(s.source(g)))
	} else {
		what = within(s.counted(g, s.source(g)))
	}
	if g.Where != nil {
		what = s.form("{1} where {2}", "{1}（限{2}）", what, s.cond(g.Where))
	}
	switch {
	case g.Of != nil && g.Of.Op != policy.OpSelf:
		what = s.form("{1} of {2}", "{2}的{1}", what, s.value(g.Of))
	case g.Subject == nil && g.List == nil:
		what = s.form("{1} of all", "全部{1}", what)
	}
	return what
}

func (s Speaker) counted(g *policy.Aggregate, of Phrase) Phrase {
	v := Phrase(nil)
	switch {
	case g.Value == nil:
	case g.Fn == policy.Share:
		v = s.Expr(g.Value)
	default:
		v = s.value(g.Value)
	}
	if g.N > 0 {
		n := Plain(strconv.Itoa(g.N))
		if g.Fn == policy.First {
			return s.form("the first {1} of {2}", "最早 {1} 条{2}", n, of)
		}
		return s.form("the last {1} of {2}", "最近 {1} 条{2}", n, of)
	}
	if v == nil {
		switch g.Fn {
		case policy.First:
			return s.form("the first of {1}", "最早一条{1}", of)
		case policy.Last:
			return s.form("the last of {1}", "最近一条{1}", of)
		}
		return s.form("number of {1}", "{1}的数量", of)
	}
	en, zh := aggregated(g.Fn)
	var second Phrase
	if g.Value2 != nil {
		second = s.value(g.Value2)
	}
	return s.form(en, zh, of, v, second)
}

func aggregated(fn policy.AggFn) (en, zh string) {
	words := [...][2]string{
		policy.Count:    {"number of {1} with {2}", "有{2}的{1}的数量"},
		policy.Sum:      {"total {2} of {1}", "{1}的{2}合计"},
		policy.Avg:      {"average {2} of {1}", "{1}的{2}平均值"},
		policy.SD:       {"spread of {2} of {1}", "{1}的{2}标准差"},
		policy.Min:      {"smallest {2} of {1}", "{1}的{2}最小值"},
		policy.Max:      {"largest {2} of {1}", "{1}的{2}最大值"},
		policy.Median:   {"median {2} of {1}", "{1}的{2}中位数"},
		policy.P90:      {"{2} that nine of ten {1} stay within", "{1}的{2}九成值"},
		policy.Share:    {"share of {1} for which {2}", "{1}中满足（{2}）的占比"},
		policy.Distinct: {"number of different {2} of {1}", "{1}的不同{2}的数量"},
		policy.First:    {"{2} of the first {1}", "最早一条{1}的{2}"},
		policy.Last:     {"{2} of the last {1}", "最近一条{1}的{2}"},
		policy.Corr:     {"how {2} and {3} of {1} go together", "{1}的{2}与{3}的相关系数"},
	}[fn]
	return words[0], words[1]
}

func (s Speaker) source(g *policy.Aggregate) Phrase {
	switch {
	case g.Action != nil:
		return s.form("completions of {1}", "完成的{1}", s.Head(&g.Action.Head))
	case g.List != nil:
		return s.value(g.List)
	case g.Source == nil:
		return Plain(s.Say("records", "记录"))
	}
	return s.Head(&g.Source.Head)
}

func (s Speaker) window(g *policy.Aggregate) Phrase {
	w := g.Window
	d := Plain(s.Span(w.D))
	switch w.Kind {
	case policy.Sliding:
		return s.form("in the last {1}", "最近 {1}内", d)
	case policy.This:
		if w.Period == policy.Daily || w.Period == policy.Workday {
			return Plain(s.Say("today", "今天"))
		}
		return s.form("this {1}", "本{1}", Plain(s.Period(w.Period)))
	case policy.Prior:
		if w.Period == policy.Daily {
			return Plain(s.Say("yesterday", "昨天"))
		}
		return s.form("in the {1} before", "上一{1}", Plain(s.Period(w.Period)))
	case policy.After:
		return s.form("in the {1} after {2}", "{2}之后 {1}内", d, s.value(w.T))
	case policy.Before:
		return s.form("in the {1} before {2}", "{2}之前 {1}内", d, s.value(w.T))
	case policy.InStage:
		return Plain(s.Say("since it entered its stage", "进入当前阶段以来"))
	}
	return nil
}

// completed is the share of an action's due completions that were made.
func (s Speaker) completed(x *policy.Expr) Phrase {
	of := []Phrase{s.Head(&x.Action.Head)}
	for _, y := range x.Args {
		of = append(of, s.Head(&y.Action.Head))
	}
	out := s.form("completion of {1}", "{1}的完成率", Join(of, s.Say(" and ", "与")))
	if w := s.window(x.Agg); w != nil {
		out = s.form("{1} {2}", "{2}{1}", out, w)
	}
	return out
}

// call is a function of the language.
func (s Speaker) call(x *policy.Expr) Phrase {
	args := make([]Phrase, len(x.Args))
	for i, a := range x.Args {
		args[i] = s.value(a)
	}
	switch {
	case x.Fn == "names" && len(args) == 0: // of a digest
		return Plain(s.Say("their names", "他们的名称"))
	case x.Fn == "count" && len(args) == 0:
		return Plain(s.Say("how many", "数量"))
	}
	words, ok := functions()[x.Fn]
	if x.Figure() {
		words, ok = figures()[x.Fn]
	}
	if !ok {
		return s.other(x)
	}
	if x.Op == policy.OpRank && len(args) > 1 {
		return s.form(words[0]+" among those of the same {2}", "{2}相同者中"+words[1], args...)
	}
	return s.form(words[0], words[1], args...)
}

// figures are what an alert of a metric reads, in words; {1} is the number of periods.
func figures() map[string][2]string {
	return map[string][2]string{
		"value": {"the figure", "本期数字"}, "n": {"the number of rows", "样本数"},
		"previous":   {"the figure of the period before", "上期数字"},
		"last_year":  {"the figure of a year ago", "去年同期数字"},
		"change":     {"the change against the period before", "较上期的变化率"},
		"difference": {"the difference from the period before", "较上期的差"},
		"mean":       {"the mean of the {1} periods before", "前 {1} 期的均值"},
		"sd":         {"the deviation of the {1} periods before", "前 {1} 期的标准差"},
		"median":     {"the median of the {1} periods before", "前 {1} 期的中位数"},
		"mad":        {"the median deviation of the {1} periods before", "前 {1} 期的绝对中位差"},
		"spread":     {"how far the groups are apart", "各组的极差"},
		"chance":     {"the likelihood of that by chance", "出于偶然的可能"},
		"band":       {"the range that chance alone stays below in 95 of 100", "偶然之下 95% 不会超过的极差"},
	}
}

// functions are the functions of the language in words; {1} is the first argument.
func functions() map[string][2]string {
	return map[string][2]string{
		"abs": {"{1} without its sign", "{1}的绝对值"}, "round": {"{1}, rounded", "{1}（四舍五入）"},
		"floor": {"{1}, rounded down", "{1}（向下取整）"}, "ceil": {"{1}, rounded up", "{1}（向上取整）"},
		"sqrt": {"the square root of {1}", "{1}的平方根"},
		"min":  {"the smaller of {1} and {2}", "{1}与{2}中较小者"},
		"max":  {"the larger of {1} and {2}", "{1}与{2}中较大者"},
		"clamp": {"{1}, kept between {2} and {3}",
			"{1}（限于 {2} 至 {3}）"},
		"scale": {"{1}, from {2} (nothing) to {3} (full)", "{1}（{2} 为零分，{3} 为满分）"},
		"len":   {"the length of {1}", "{1}的长度"}, "lower": {"{1} in small letters", "{1}（小写）"},
		"days": {"{1} in days", "{1}的天数"}, "hours": {"{1} in hours", "{1}的小时数"},
		"minutes": {"{1} in minutes", "{1}的分钟数"}, "hour": {"the hour of {1}", "{1}的钟点"},
		"weekday": {"the day of the week of {1}", "{1}是星期几"}, "date": {"the day of {1}", "{1}的日期"},
		"month":     {"the month of {1}", "{1}的月份"},
		"workdays":  {"working days from {1} to {2}", "{1}至 {2}的工作日数"},
		"workhours": {"working hours from {1} to {2}", "{1}至 {2}的工作小时数"},
		"age":       {"the time since {1}", "距{1}的时间"},
		"distance":  {"the distance from {1} to {2}", "{1}到{2}的距离"},
		"missing":   {"{1} is missing", "{1}缺失"}, "bucket": {"the bucket of {1}", "{1}的分桶"},
		"rank":       {"the rank by {1}", "按{1}的名次"},
		"quintile":   {"the fifth by {1}", "按{1}的五分位"},
		"percentile": {"the percentile by {1}", "按{1}的百分位"},
		"time_in":    {"the time in stage {2}", "在阶段{2}的时长"},
		"entered":    {"the moment of entering stage {2}", "进入阶段{2}的时间"},
		"left":       {"the moment of leaving stage {2}", "离开阶段{2}的时间"},
		"fresh":      {"{1} was taken just then", "{1}是当时拍摄的"},
		"original":   {"{1} was not seen before", "{1}未曾出现过"},
		"vague":      {"{1} says nothing in particular", "{1}内容空泛"},
		"plausible":  {"it is plausible where it was", "所在位置可信"},
		"usual_device": {"it came from the usual device",
			"来自常用设备"},
		"prompt":   {"it was reported promptly", "上报及时"},
		"hits":     {"the number of words of {2} in {1}", "{1}中出现{2}的次数"},
		"burst":    {"the number of records within {1}", "{1}内的记录数"},
		"richness": {"the richness of {1}", "{1}的内容丰富度"},
		"origin":   {"where it came from", "来源"},
	}
}
