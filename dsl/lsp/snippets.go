package lsp

import "github.com/throughline/throughline/dsl/syntax"

// A snippet is a declaration with places to fill in, in both vocabularies.
type snippet struct{ word, en, zh string }

func snippets() []snippet {
	return []snippet{
		{"entity", "entity ${1:Name} {\n  ${2:name} text\n}", "对象 ${1:Name} {\n  ${2:name} 文本\n}"},
		{"event", "event ${1:Name} {\n  ${2:rep} ${3:Rep}\n}",
			"事件 ${1:Name} {\n  ${2:rep} ${3:Rep}\n}"},
		{"choice", "choice ${1:Name} = ${2:one} | ${3:two}", "选项 ${1:Name} = ${2:one} | ${3:two}"},
		{"score", "score ${1:Name} of ${2:Rep} {\n  ${3:term} 100% = scale(${4:week}, 0, 20)\n}",
			"评分 ${1:Name} 面向 ${2:Rep} {\n  ${3:term} 100% = 折算(${4:week}, 0, 20)\n}"},
		{"rule", "rule ${1:Name} on ${2:Visit} {\n  when has ${3:note}\n  do { flag \"${4:…}\" }\n}",
			"规则 ${1:Name} 基于 ${2:Visit} {\n  每当 已有 ${3:note}\n  执行 { 标记 \"${4:…}\" }\n}"},
		{"alert", "alert ${1:Name} of ${2:Rep} {\n  check each workday\n" +
			"  when count(${3:Visit} in 7d) < ${4:3}\n  do { notify ${5:manager} \"${6:…}\" }\n}",
			"预警 ${1:Name} 面向 ${2:Rep} {\n  检查 每个 工作日\n" +
				"  每当 计数(${3:Visit} 属于 7天) < ${4:3}\n  执行 { 通知 ${5:manager} \"${6:…}\" }\n}"},
		{"segment", "segment ${1:Name} of ${2:Customer} {\n  when has ${3:level}\n}",
			"分群 ${1:Name} 面向 ${2:Customer} {\n  每当 已有 ${3:level}\n}"},
		{"journey", "journey ${1:Name} of ${2:Opportunity} {\n" +
			"  stage ${3:New} { must has ${4:amount} }\n  stage ${5:Won} is won\n}",
			"旅程 ${1:Name} 面向 ${2:Opportunity} {\n  阶段 ${3:New} { 必做 已有 ${4:amount} }\n" +
				"  阶段 ${5:Won} 视为 赢单\n}"},
		{"action", "action ${1:Name} {\n  on ${2:Visit}\n  by ${3:rep}\n  done has ${4:note}\n}",
			"动作 ${1:Name} {\n  基于 ${2:Visit}\n  执行人 ${3:rep}\n  达成 已有 ${4:note}\n}"},
		{"metric", "metric ${1:Name} of ${2:Opportunity} {\n  value avg(${3:amount})\n  every month\n}",
			"指标 ${1:Name} 面向 ${2:Opportunity} {\n  取值 平均(${3:amount})\n  每逢 月份\n}"},
		{"test", "test \"${1:…}\" {\n  given ${2:Rep} ${3:li} { name: \"${4:Li}\" }\n" +
			"  expect no effect\n}",
			"测试 \"${1:…}\" {\n  已知 ${2:Rep} ${3:li} { name: \"${4:Li}\" }\n  期望 没有 效果\n}"},
	}
}

// snippets adds whole declarations where one may begin.
func (c *completer) snippets() {
	if c.place.Block != syntax.FileBlock {
		return
	}
	for _, sn := range snippets() {
		text := sn.en
		if c.lang == "zh" {
			text = sn.zh
		}
		m := c.s.meaning(syntax.Vocable{En: sn.word})
		w := syntax.WordIn(sn.word, "", c.lang)
		c.add(completionItem{Label: w + " …", Kind: completionSnippet, Format: isSnippet, Detail: m,
			FilterText: filter(w, sn.word)}, text, "6")
	}
}
