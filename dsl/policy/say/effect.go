package say

import (
	"github.com/throughline/throughline/dsl/policy"
)

// Effect says what an effect does, as an order.
func (s Speaker) Effect(e *policy.Effect) Phrase {
	out := s.does(e)
	if e.With != nil {
		out = s.form("{1}, with {2}", "{1}，附上{2}", out, s.value(e.With))
	}
	for next := e.Else; next != nil; next = next.Else {
		out = s.form("{1}; else give it to {2}", "{1}；否则交给{2}", out, s.someone(next.Who))
		if next.Due != nil {
			out = s.form("{1}, due within {2}", "{1}，期限 {2}", out, s.Due(*next.Due))
		}
	}
	if l := e.AtMost; l != nil && l.Open {
		n := Plain(s.Count(int64(l.N), "open task", "件未结任务"))
		out = s.form("{1} (unless they have {2})", "{1}（已有 {2}者除外）", out, n)
	} else if l != nil {
		n := Plain(s.Count(int64(e.AtMost.N), "time", "次"))
		out = s.form("{1} (at most {2} in {3})", "{1}（每 {3}至多 {2}）", out, n,
			Plain(s.Span(e.AtMost.Per)))
	}
	if e.When != nil {
		out = s.form("where {2}: {1}", "若{2}：{1}", out, s.cond(e.When))
	}
	return out
}

func (s Speaker) does(e *policy.Effect) Phrase {
	text, who := s.Message(e.Text), s.someone(e.Who)
	switch e.Kind {
	case policy.Task:
		out := s.form("give {1} the task {2}", "给{1}安排任务{2}", who, text)
		if e.Due != nil {
			out = s.form("{1}, due within {2}", "{1}，期限 {2}", out, s.Due(*e.Due))
		}
		if m := e.Until; m != nil && m.N > 0 {
			n := Plain(s.Count(int64(m.N), "time", "次"))
			name := Phrase{{Text: m.Name, Own: true}}
			if m.Of != nil {
				name = s.of(m.Of, name)
			}
			return s.form("{1}, done by {2}, {3}", "{1}，以{2} {3}完成", out, name, n)
		} else if m != nil && m.Of != nil {
			return s.form("{1}, done when of {3} {2}", "{1}，对{3}而言{2}即完成", out, s.cond(m.X), s.value(m.Of))
		} else if m != nil {
			return s.form("{1}, done when {2}", "{1}，{2}即完成", out, s.cond(m.X))
		}
		return out
	case policy.Notify:
		if e.Via != "" {
			via := Phrase{{Text: e.Via, Own: true}}
			return s.form("tell {1} by {3}: {2}", "经 {3} 通知{1}：{2}", who, text, via)
		}
		return s.form("tell {1}: {2}", "通知{1}：{2}", who, text)
	case policy.Set:
		return s.form("set {1} to {2}", "把{1}设为{2}", s.target(e), s.Expr(e.Value))
	case policy.Suggest:
		return s.form("suggest {1}", "建议{1}", text)
	case policy.Note:
		return s.form("note {1}", "记下{1}", text)
	case policy.Flag:
		if text == nil {
			return Plain(s.Say("flag it", "加上标记"))
		}
		return s.form("flag it: {1}", "加上标记：{1}", text)
	case policy.Assign:
		return s.form("make {1} its {2}", "把{2}指派给{1}", who, s.target(e))
	case policy.Pool:
		if e.For == nil {
			return Plain(s.Say("put it into the pool", "放入公海"))
		}
		return s.form("put it into the pool for {1}", "放入公海 {1}", s.Due(*e.For))
	}
	name := Phrase{{Text: e.Name, Own: true}}
	if text == nil {
		return s.form("call {1}", "调用 {1}", name)
	}
	return s.form("call {1} with {2}", "调用 {1}：{2}", name, text)
}

func (s Speaker) someone(x *policy.Expr) Phrase {
	if x == nil {
		return Plain(s.Say("the one in charge", "负责人"))
	}
	return s.value(x)
}

func (s Speaker) target(e *policy.Effect) Phrase {
	if e.Field == nil {
		return Plain(s.Say("owner", "负责人"))
	}
	if e.Target == nil {
		return s.Field(e.Field)
	}
	return s.of(e.Target, s.Field(e.Field))
}

// Message is a text in quotes; where a value is filled in stands what it is, in brackets.
func (s Speaker) Message(m *policy.Message) Phrase {
	if m == nil {
		return nil
	}
	parts := m.Parts
	if len(m.Other) > 0 && m.Lang == s.Say("en", "zh") {
		parts = m.Other
	}
	out := Phrase{{Text: "“"}}
	for _, p := range parts {
		if p.X == nil {
			out = append(out, Run{Text: p.Lit, Own: true})
			continue
		}
		out = append(out, s.form("[{1}]", "［{1}］", s.value(p.X))...)
	}
	return append(out, Run{Text: "”"})
}
