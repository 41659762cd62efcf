// Package say puts what a checked policy says into sentences for people who do not read policies,
// in English or Chinese. A sentence calls things by their labels and keeps, for every name in it,
// what the name is of, so that a page can lead there.
//
// It is told from the checked expressions and not from their text: two ways to write a condition
// are one sentence. Where the author's own words are wanted, a part's span leads to them.
package say

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// A Run is a piece of a sentence.
type Run struct {
	Text string
	To   *policy.Head  // the declaration that the text names; nil: it names none
	In   *policy.Field // the field of it, where it names one
	Own  bool          // words of the author's own: a label, a name, a message
}

// A Phrase is a sentence or a piece of one.
type Phrase []Run

// String is the phrase without its links.
func (p Phrase) String() string {
	var b strings.Builder
	for _, r := range p {
		b.WriteString(r.Text)
	}
	return b.String()
}

// Plain is a phrase of words.
func Plain(s string) Phrase {
	if s == "" {
		return nil
	}
	return Phrase{{Text: s}}
}

// Form fills phrases into a pattern: {1} is the first.
func Form(pattern string, args ...Phrase) Phrase {
	var out Phrase
	for pattern != "" {
		at := strings.IndexByte(pattern, '{')
		if at < 0 || at+2 >= len(pattern) {
			return append(out, Plain(pattern)...)
		}
		out = append(out, Plain(pattern[:at])...)
		if i := int(pattern[at+1] - '1'); i >= 0 && i < len(args) {
			out = append(out, args[i]...)
		}
		pattern = pattern[at+3:]
	}
	return out
}

// Join puts a separator between phrases.
func Join(list []Phrase, sep string) Phrase {
	var out Phrase
	for i, p := range list {
		if i > 0 {
			out = append(out, Plain(sep)...)
		}
		out = append(out, p...)
	}
	return out
}

// A Speaker speaks one language.
type Speaker struct{ zh bool }

// In is the speaker of a language: zh, else English.
func In(lang string) Speaker { return Speaker{zh: lang == "zh"} }

// Say is the one of two texts that is the speaker's.
func (s Speaker) Say(en, zh string) string {
	if s.zh {
		return zh
	}
	return en
}

func (s Speaker) form(en, zh string, args ...Phrase) Phrase { return Form(s.Say(en, zh), args...) }

// Text is an author's text in the speaker's language, or as it was written.
func (s Speaker) Text(t policy.Text) string {
	if own := s.Say(t.En, t.Zh); own != "" {
		return own
	}
	return t.Main
}

// Name is how people call a declaration: by its label, else by its name. An English reader reads a
// name in Latin letters rather than a label that is Chinese only. One of several by action says
// which.
func (s Speaker) Name(h *policy.Head) string {
	if h.Cell == nil {
		return s.Label(h)
	}
	return s.Label(h) + s.Say(" (", "（") + s.Label(h.Cell) + s.Say(")", "）")
}

// Label is the same for what several by action are one of.
func (s Speaker) Label(h *policy.Head) string {
	if label := s.Text(h.Label); label != "" && (s.zh || latin(label) || !latin(h.Name)) {
		return label
	}
	if words := builtins()[h.Name]; s.zh && words != "" && h.Full == h.Name {
		return words
	}
	return h.Name
}

// latin reports whether a text is written without Chinese signs.
func latin(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// Head names a declaration and leads to it.
func (s Speaker) Head(h *policy.Head) Phrase {
	return Phrase{{Text: s.Name(h), To: h, Own: true}}
}

// Field names a field and leads to it.
func (s Speaker) Field(f *policy.Field) Phrase {
	if f.System != policy.NotSystem {
		return Plain(s.systemField(f))
	}
	name := s.FieldName(f)
	r := Run{Text: name, Own: true}
	if f.Of != nil && f.Of.Kind != policy.Rows {
		r.To, r.In = &f.Of.Head, f
	}
	return Phrase{r}
}

// FieldName is how people call a field: by its label, else by its name. The names that fields of
// the standard vocabulary have are said in Chinese to those who read it.
func (s Speaker) FieldName(f *policy.Field) string {
	if label := s.Text(f.Label); label != "" {
		return label
	}
	if word := standard()[f.Name]; s.zh && word != "" {
		return word
	}
	return f.Name
}

// standard is what the fields of the standard vocabulary are called, wherever they stand.
func standard() map[string]string {
	return map[string]string{"rep": "销售", "owner": "负责人", "manager": "上级", "customer": "客户",
		"store": "门店", "contact": "联系人", "opportunity": "商机", "lead": "线索", "team": "团队",
		"name": "名称", "title": "职务", "phone": "电话", "region": "区域", "industry": "行业",
		"level": "级别", "tags": "标签", "size": "规模", "channel": "渠道", "active": "在职",
		"joined": "入职日期", "capacity": "承载量", "skill": "专长", "source": "来源",
		"location": "位置", "photo": "照片", "recording": "录音", "note": "备注", "attachments": "附件",
		"document": "文件", "quote": "报价", "need": "需求", "appointment": "下次约定", "plan": "拜访计划",
		"amount": "金额", "expected": "预计日期", "priority": "优先级", "won_at": "赢单时间",
		"freezer": "冰柜", "custom": "定制", "features": "功能点", "paid": "已付款", "sku": "品项", "quantity": "数量",
		"first_response": "首次响应时间", "answered": "已接通", "steps": "已勾选的步骤", "taken": "拍摄时间"}
}

func (s Speaker) systemField(f *policy.Field) string {
	switch f.System {
	case policy.SysID:
		return s.Say("id", "编号")
	case policy.SysAt:
		return s.Say("moment", "发生时间")
	case policy.SysReceived:
		return s.Say("moment of receipt", "接收时间")
	case policy.SysCreated:
		return s.Say("moment of creation", "创建时间")
	case policy.SysUpdated:
		return s.Say("moment of the last change", "更新时间")
	case policy.SysStage:
		return s.Say("stage", "所在阶段")
	case policy.SysStageSince:
		return s.Say("moment of entering its stage", "进入阶段的时间")
	case policy.SysOpen:
		return s.Say("whether it is open", "是否未结束")
	case policy.SysSubject:
		return s.Say("subject", "主体")
	}
	return f.Name
}

// builtins are the records that the engine writes itself, as Chinese readers call them.
func builtins() map[string]string {
	return map[string]string{"Task": "任务", "Alert": "预警", "Finding": "发现", "Assignment": "指派",
		"Review": "复核", "Claim": "认领", "Workspace": "工作区",
		"Suggestion": "建议", "Accept": "接受", "Pause": "暂停", "Resume": "恢复", "Away": "离岗", "Waive": "豁免",
		"Done": "完成", "Cancel": "取消", "Dismiss": "不采纳"}
}

// Type says what values a field takes.
func (s Speaker) Type(t policy.Type) Phrase {
	switch {
	case t.Choice != nil && t.Choice.Name != "":
		return s.form("one of {1}", "{1}之一", s.Head(&t.Choice.Head))
	case t.Choice != nil:
		var names []Phrase
		for _, v := range t.Choice.Values {
			names = append(names, Phrase{{Text: s.choiceValue(v), Own: true}})
		}
		return s.form("one of: {1}", "其一：{1}", Join(names, s.Say(", ", "、")))
	case t.Kind == value.Row && t.Record != nil && t.Record.Kind == policy.Rows:
		var list []Phrase
		for _, f := range t.Record.Fields {
			list = append(list, s.form("{1} ({2})", "{1}（{2}）", s.Field(f), s.Type(f.Type)))
		}
		return Join(list, s.Say(", ", "、"))
	case t.Record != nil:
		return s.form(article(s.Name(&t.Record.Head))+" {1}", "一个{1}", s.Head(&t.Record.Head))
	case t.Elem != nil:
		return s.form("a list, each with: {1}", "一组，每项：{1}", s.Type(*t.Elem))
	}
	return Plain(s.kindOf(t.Kind))
}

// article is the English one before a name, as far as its first letter tells.
func article(name string) string {
	if name != "" && strings.ContainsRune("AEIOUaeiou", rune(name[0])) {
		return "an"
	}
	return "a"
}

func (s Speaker) kindOf(k value.Kind) string {
	words := map[value.Kind][2]string{
		value.Bool: {"yes or no", "是或否"}, value.Int: {"whole number", "整数"},
		value.Number: {"number", "数值"}, value.Percent: {"percentage", "百分比"},
		value.Money: {"amount of money", "金额"}, value.Text: {"text", "文本"},
		value.Date: {"date", "日期"}, value.Time: {"moment", "时刻"},
		value.Duration: {"length of time", "时长"}, value.Distance: {"distance", "距离"},
		value.Point: {"place", "位置"}, value.Area: {"area", "区域"}, value.Photo: {"photo", "照片"},
		value.Audio: {"recording", "录音"}, value.File: {"file", "文件"},
	}[k]
	return s.Say(words[0], words[1])
}

func (s Speaker) choiceValue(v policy.ChoiceValue) string {
	if label := s.Text(v.Label); label != "" {
		return label
	}
	return v.Name
}

// Percent is a fraction as people read it.
func (s Speaker) Percent(f float64) string {
	return value.Style{}.Text(value.OfFloat(value.Percent, f))
}

// Span is a length of time in words: 3 days, 3 天.
func (s Speaker) Span(micro int64) string {
	var out []string
	for _, u := range []struct {
		size   int64
		en, zh string
	}{{value.Day, "day", "天"}, {value.Hour, "hour", "小时"}, {value.Minute, "minute", "分钟"},
		{value.Second, "second", "秒"}} {
		if n := micro / u.size; n != 0 {
			out = append(out, s.Count(n, u.en, u.zh))
			micro %= u.size
		}
	}
	if micro != 0 || len(out) == 0 {
		return value.Style{Lang: s.Say("en", "zh")}.Text(value.OfWord(value.Duration, micro))
	}
	return strings.Join(out, " ")
}

// Count is a number of things: 1 day, 2 days.
func (s Speaker) Count(n int64, en, zh string) string {
	if n != 1 && n != -1 {
		en += "s"
	}
	return strconv.FormatInt(n, 10) + " " + s.Say(en, zh)
}

// Due is a span of time or of working time.
func (s Speaker) Due(d policy.Due) Phrase {
	var text string
	switch {
	case d.Work && d.Days != 0:
		text = s.Count(d.Days, "working day", "个工作日")
	case d.Work:
		text = s.Span(d.Micro) + s.Say(" of working time", "工作时间")
	default:
		text = s.Span(d.Micro)
	}
	if d.Calendar != nil {
		return s.form("{1} ({2})", "{1}（{2}）", Plain(text), s.Head(&d.Calendar.Head))
	}
	return Plain(text)
}

// Period is a calendar period: day, working day.
func (s Speaker) Period(p policy.Period) string {
	en := [...]string{"", "day", "working day", "week", "month", "quarter", "year"}
	zh := [...]string{"", "天", "个工作日", "周", "月", "季度", "年"}
	return s.Say(en[p], zh[p])
}

// Check says when a condition is looked at.
func (s Speaker) Check(c *policy.Check) Phrase {
	out := s.form("at the end of each {1}", "每{1}结束时", Plain(s.Period(c.Each)))
	if c.Late > 0 {
		out = s.form("{1} (and again when records come, up to {2} late)", "{1}（记录迟到不超过 {2}则再次）",
			out, Plain(s.Span(c.Late)))
	}
	return out
}

// Schedule says when a rule acts by itself.
func (s Speaker) Schedule(c *policy.Schedule) Phrase {
	each := s.Period(c.Each)
	if c.Weekday > 0 {
		each = s.Weekday(c.Weekday)
	}
	return s.form("every {1} at {2}", "每{1} {2}", Plain(each), Plain(Clock(c.At)))
}

// Weekday names a day of the week; 1 is Monday.
func (s Speaker) Weekday(n int) string {
	en := [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
	return s.Say(en[n%7], "周"+string([]rune("日一二三四五六")[n%7]))
}

// Clock is a time of day.
func Clock(micro int64) string {
	m := micro / value.Minute
	two := func(n int64) string { return strconv.FormatInt(100+n, 10)[1:] }
	return two(m/60) + ":" + two(m%60)
}
