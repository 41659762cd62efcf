package kind

import (
	"slices"
	"strings"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// both is a text in both languages.
func both(en, zh string) policy.Text { return policy.Text{Main: en, En: en, Zh: zh} }

// In returns a part's or a kind's text in a language.
func In(t policy.Text, lang string) string {
	if lang == "zh" && t.Zh != "" {
		return t.Zh
	}
	if t.En != "" {
		return t.En
	}
	return t.Main
}

// Named is a kind's word, or the name of a part, in a language. Words of ours are translated; a
// name that an author gave stays as it is, and so does all behind a word that a name follows.
func Named(name, lang string) string {
	if lang != "zh" {
		return name
	}
	words := strings.Split(name, " ")
	var out []string
	for len(words) > 0 {
		zh, n := known(words)
		if n == 0 {
			out, words = append(out, words[0]), words[1:]
			continue
		}
		names := slices.Contains([]string{"term", "field", "fill", "personal", "row", "value",
			"stage", "proof", "way", "group"}, words[0])
		out, words = append(out, zh), words[n:]
		if names {
			out, words = append(out, words...), nil
		}
	}
	return strings.Join(out, " ")
}

// known finds the longest of our words that a name begins with, and how many words it is.
func known(words []string) (zh string, n int) {
	for i := min(3, len(words)); i > 0; i-- {
		if zh := chinese()[strings.Join(words[:i], " ")]; zh != "" {
			return zh, i
		}
	}
	return "", 0
}

// chinese are the words of kinds and parts, as the language has them where it does (reference,
// section 13).
func chinese() map[string]string {
	return map[string]string{
		"score": "评分", "alert": "预警", "segment": "分群", "rule": "规则", "record": "记录",
		"choice": "选项", "calendar": "日历", "extern": "外部函数", "declaration": "声明",
		"test": "测试", "settings": "设定", "journey": "旅程", "action": "动作", "mode": "模式",
		"check each": "检查 每个", "late": "迟到", "needs": "需要", "when": "每当", "where": "条件",
		"for": "持续", "until": "直到", "every": "每逢", "top": "前列", "do": "执行",
		"enter": "进入", "leave": "离开", "row": "行", "order": "次序", "term": "评分项",
		"field": "字段", "fill": "补全", "drop": "剔除", "personal": "个人信息", "value": "值",
		"from": "沿用", "open": "工作时段", "work": "上班", "rest": "休息", "version": "版本",
		"parameter": "参数", "result": "结果", "of": "面向", "kind": "种类", "timezone": "时区",
		"datum": "坐标基准", "package": "程序包", "stage": "阶段", "way": "转移", "entry": "准入",
		"must": "必做", "within": "不超过", "sla": "时限", "on enter": "进入时",
		"on leave": "离开时", "on late": "逾期时", "unmet": "未满足", "by": "执行人",
		"about": "关于", "done": "达成", "proof": "凭证", "step": "步骤", "target": "目标量",
		"weight": "权重", "at": "时点",
		"group": "分组", "better": "向好", "metric": "指标", "why": "理由", "feedback": "反馈",
		"allocate": "分配", "share by": "份额 按照", "limit": "上限",
		"accept within": "接受 不超过", "recycle after": "收回 之后",
		"recycle where": "收回 条件", "recycle at most": "收回 至多", "warn after": "提醒 之后",
		"accept top": "接受 前列", "hold": "留待", "away within": "休假 不超过",
		"cool": "冷却", "same": "同一",
		"else": "否则", "pool for": "公海 持续",
		"to": "分给", "goal": "目标", "remedy": "对策", "template": "模板",
	}
}

func show(v value.Value) policy.Text {
	return both(value.Style{}.Text(v), value.Style{Lang: "zh"}.Text(v))
}

func span(micro int64) policy.Text { return show(value.OfWord(value.Duration, micro)) }

func due(d policy.Due) policy.Text {
	switch {
	case d.Work && d.Days != 0:
		return show(value.OfWord(value.WorkDays, d.Days))
	case d.Work:
		return show(value.OfWord(value.WorkHours, d.Micro))
	}
	return span(d.Micro)
}

func percent(f float64) string { return value.Style{}.Text(value.OfFloat(value.Percent, f)) }

func clock(micro int64) string {
	return time.UnixMicro(micro).UTC().Format("15:04")
}

func modeOf(m policy.Mode) policy.Text {
	return [...]policy.Text{policy.Enforce: both("enforce", "生效"), policy.Warn: both("warn", "提醒"),
		policy.Shadow: both("shadow", "试运行"), policy.Off: both("off", "关闭")}[m]
}

func period(p policy.Period) policy.Text {
	return [...]policy.Text{policy.NoPeriod: {}, policy.Daily: both("day", "自然日"),
		policy.Workday: both("workday", "工作日"), policy.Weekly: both("week", "星期"),
		policy.Monthly: both("month", "月份"), policy.Quarterly: both("quarter", "季度"),
		policy.Yearly: both("year", "年度")}[p]
}

func weekday(n int) policy.Text {
	en := strings.ToLower(time.Weekday(n % 7).String())
	return both(en, "周"+string([]rune("日一二三四五六")[n%7]))
}

func schedule(s *policy.Schedule) policy.Text {
	each := period(s.Each)
	if s.Weekday > 0 {
		each = weekday(s.Weekday)
	}
	return both(each.En+" at "+clock(s.At), each.Zh+" 时刻 "+clock(s.At))
}

func days(rules []policy.DayRule) policy.Text {
	var en, zh []string
	for _, r := range rules {
		t := show(value.OfWord(value.Date, r.Date))
		if r.Weekday > 0 {
			t = weekday(r.Weekday)
		}
		en, zh = append(en, t.En), append(zh, t.Zh)
	}
	return both(strings.Join(en, ", "), strings.Join(zh, "、"))
}

func personal(p *policy.Personal) policy.Text {
	keep := span(p.Keep)
	t := both(p.Purpose, p.Purpose)
	if p.Keep > 0 {
		t = both(t.En+" keep "+keep.En, t.Zh+" 保留期 "+keep.Zh)
	}
	return both(strings.TrimSpace("personal "+t.En), strings.TrimSpace("个人信息 "+t.Zh))
}

// typeOf is a type as the language writes it.
func typeOf(t policy.Type) policy.Text {
	w := kindWord(t)
	if t.Maybe {
		w = both(w.En+"?", w.Zh+"?")
	}
	return w
}

func kindWord(t policy.Type) policy.Text {
	switch {
	case t.Choice != nil && t.Choice.Name != "":
		return both(t.Choice.Name, t.Choice.Name)
	case t.Choice != nil:
		var names []string
		for _, v := range t.Choice.Values {
			names = append(names, v.Name)
		}
		all := strings.Join(names, " | ")
		return both(all, all)
	case t.Kind == value.Row && t.Record != nil && t.Record.Kind == policy.Rows:
		return rows(t.Record)
	case t.Record != nil:
		return both(t.Record.Name, t.Record.Name)
	case t.Elem != nil:
		e := typeOf(*t.Elem)
		return both("list of "+e.En, "一组 "+e.Zh)
	}
	return plain(t.Kind)
}

func rows(r *policy.Record) policy.Text {
	var en, zh []string
	for _, f := range r.Fields {
		t := typeOf(f.Type)
		en, zh = append(en, f.Name+" "+t.En), append(zh, f.Name+" "+t.Zh)
	}
	return both("{ "+strings.Join(en, "; ")+" }", "{ "+strings.Join(zh, "; ")+" }")
}

func plain(k value.Kind) policy.Text {
	words := [...]policy.Text{value.Bool: both("bool", "是非"), value.Int: both("int", "整数"),
		value.Number: both("number", "数值"), value.Percent: both("percent", "百分比"),
		value.Money: both("money", "金额"), value.Text: both("text", "文本"),
		value.Date: both("date", "日期"), value.Time: both("time", "时间"),
		value.Duration: both("duration", "时长"), value.Distance: both("distance", "距离"),
		value.Point: both("point", "位置"), value.Area: both("area", "区域"),
		value.Photo: both("photo", "照片"), value.Audio: both("audio", "录音"),
		value.File: both("file", "文件")}
	if int(k) < len(words) {
		return words[k]
	}
	return policy.Text{}
}
