package source

// Syntax: what the scanner, the cutter and the productions find.
const (
	Unexpected       Code = "T0101"
	UnknownHead      Code = "T0102"
	LeftOpen         Code = "T0103"
	Unmatched        Code = "T0104"
	BadToken         Code = "T0105"
	OpenText         Code = "T0106"
	Chained          Code = "T0107"
	CoalesceMixed    Code = "T0108"
	BlankBeforeParen Code = "T0109"
	TooDeep          Code = "T0110"
	BadEscape        Code = "T0111"
	NoBlockHere      Code = "T0114"
	BlockMissing     Code = "T0115"
	TableNotLast     Code = "T0116"
	TwoLabels        Code = "T0117"
	OtherRole        Code = "T0118"
	BadFill          Code = "T0119"
	FirstLabel       Code = "T0120"
	WindowOutside    Code = "T0121"
)

func syntaxCodes() []Entry {
	return []Entry{
		{Unexpected, Error, "this does not fit here", "此处不合语法"},
		{UnknownHead, Error, "no line of this block begins so", "本区块中没有以此开头的行"},
		{LeftOpen, Error, "this bracket is never closed", "此括号没有闭合"},
		{Unmatched, Error, "nothing is open that this closes", "此括号没有对应的开括号"},
		{BadToken, Error, "no word, number or sign of the language looks like this", "这不是语言中的词、数或符号"},
		{OpenText, Error, "this text is not closed on its line", "此文本在本行内没有结束引号"},
		{Chained, Error, "comparisons do not chain: join two with `and`", "比较不能连写：请用 `并且` 连接两个比较"},
		{CoalesceMixed, Error, "beside `{0}`, `??` needs parentheses", "`??` 与 `{0}` 并用时需要加括号"},
		{BlankBeforeParen, Error, "the ( of a function touches its name", "函数名与 ( 之间不能有空格"},
		{TooDeep, Error, "this is nested more than {0} deep", "嵌套超过 {0} 层"},
		{BadEscape, Error,
			"a text has only the escapes \\\" \\\\ \\n \\t \\{; raw text stands in backquotes",
			"文本中只有转义 \\\" \\\\ \\n \\t \\{；原样文本请用反引号"},
		{NoBlockHere, Error, "no block belongs here", "此处不能有区块"},
		{BlockMissing, Error, "a block { … } belongs here", "此处缺少区块 { … }"},
		{TableNotLast, Error,
			"a decision table is the whole right side and ends its line", "决策表必须是整个右侧并结束该行"},
		{TwoLabels, Error, "the text for people is given twice", "显示文字写了两次"},
		{OtherRole, Note, "{0} is the word for another place; here it is {1}", "{0} 用于别处；此处应写 {1}"},
		{BadFill, Error,
			"what stands between { and } of this text is no expression", "文本中 { 与 } 之间不是表达式"},
		{FirstLabel, Note, "the first stands here", "第一处在这里"},
		{WindowOutside, Error,
			"a window stands inside the brackets of its aggregate, before `where`",
			"时间窗写在汇总的括号里、`条件` 之前"},
		{NoNull, Error,
			"there is no value {0}: whether one is missing is asked with `missing(…)` or `has …`",
			"没有 {0} 这样的值：是否缺失请用 `缺失(…)` 或 `已有 …` 来问"},
	}
}
