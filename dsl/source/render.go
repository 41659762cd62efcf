package source

import (
	"strconv"
	"strings"
)

// mostWanted is how many of the accepted words a message lists before it says that there are more.
const mostWanted = 12

// phrases are the words of Render that no code has.
type phrases struct {
	found, endOfLine, expected, mean, ask, or, and, more, comma, open, close string

	severity [3]string
	kinds    map[string]string // what a production accepts that is no word of the language
}

func english() phrases {
	return phrases{found: "found ", endOfLine: "the end of the line", expected: "expected ",
		or: " or ", more: " and more", mean: "did you mean ", open: "`", close: "`", comma: ", ",
		and: "; ", ask: "?", severity: [3]string{"error", "warning", "note"},
		kinds: map[string]string{"name": "a name", "number": "a number", "text": "a text",
			"moment": "a date or time", "operator": "an operator",
			"end of line": "the end of the line"}}
}

func chinese() phrases {
	return phrases{found: "此处是 ", endOfLine: "行尾", expected: "应为 ", or: " 或 ", more: " 等",
		mean: "是否想写 ", open: "`", close: "`", comma: "、", and: "；", ask: "？",
		severity: [3]string{"错误", "警告", "提示"},
		kinds: map[string]string{"name": "名称", "number": "数", "text": "文本", "moment": "日期或时间",
			"operator": "运算符", "end of line": "行尾"}}
}

func phrasesIn(lang string) phrases {
	if lang == "zh" {
		return chinese()
	}
	return english()
}

// Message is the code's text in a language, en or zh, with its arguments filled in.
func (c Code) Message(lang string, args []string) string {
	e, ok := Lookup(c)
	if !ok {
		return string(c) + " " + strings.Join(args, " ")
	}
	text := e.En
	if lang == "zh" {
		text = e.Zh
	}
	var holes []string
	for i, a := range args {
		n := strconv.Itoa(i)
		holes = append(holes, "{"+n+"}", a, "{"+n+":type}", typesIn(lang, a))
	}
	return strings.NewReplacer(holes...).Replace(text)
}

// typesIn says types, which arguments name in English, in a language: {0:type} in a code's text
// takes it.
func typesIn(lang, types string) string {
	if lang != "zh" {
		return types
	}
	words := strings.Fields(strings.ReplaceAll(types, "list of ", "一组 "))
	for i, w := range words {
		if zh, ok := chineseTypes()[w]; ok {
			words[i] = zh
		}
	}
	return strings.Join(words, " ")
}

// chineseTypes are the types as the language calls them in Chinese; a test of dsl holds it against
// the vocabulary.
func chineseTypes() map[string]string {
	return map[string]string{"text": "文本", "int": "整数", "number": "数值", "percent": "百分比",
		"money": "金额", "bool": "是非", "date": "日期", "time": "时间", "duration": "时长",
		"distance": "距离", "point": "位置", "area": "区域", "photo": "照片", "audio": "录音", "file": "文件",
		"list": "列表", "reference": "引用", "choice": "选项", "record": "记录", "wd": "工作日数", "wh": "工时数",
		"pp": "百分点", "missing": "缺失"}
}

// Render says what a diagnostic says in one sentence of a language, en or zh: the code's text,
// what was found, what was expected, and the nearest right name.
func Render(d Diagnostic, lang string) string {
	p := phrasesIn(lang)
	parts := []string{d.Code.Message(lang, d.Args)}
	switch {
	case d.Found != "":
		parts = append(parts, p.found+p.quoted(oneLine(d.Found)))
	case len(d.Want) > 0:
		parts = append(parts, p.found+p.endOfLine)
	}
	if len(d.Want) > 0 {
		parts = append(parts, p.expected+p.list(d.Want))
	}
	if d.Near != "" {
		parts = append(parts, p.mean+p.quoted(d.Near)+p.ask)
	}
	return strings.Join(parts, p.and)
}

func (p phrases) quoted(s string) string { return p.open + s + p.close }

// list is "a, b or c", with kinds of token in words.
func (p phrases) list(want []string) string {
	var items []string
	for _, w := range want {
		if k, ok := p.kinds[w]; ok {
			items = append(items, k)
		} else {
			items = append(items, p.quoted(w))
		}
	}
	if len(items) > mostWanted {
		return strings.Join(items[:mostWanted], p.comma) + p.more
	}
	if n := len(items); n > 1 {
		return strings.Join(items[:n-1], p.comma) + p.or + items[n-1]
	}
	return strings.Join(items, p.comma)
}

// oneLine keeps what was found short enough to stand in a sentence.
func oneLine(s string) string {
	s, _, cut := strings.Cut(strings.ReplaceAll(s, "\r", "\n"), "\n")
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	} else if cut {
		return s + "…"
	}
	return s
}
