package syntax

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/source"
)

// Signs and words of other languages, formulas and everyday speech, with what they are here. They
// are no part of the language: they only make a mistake's message name the right word.

// borrowedSigns are runs of signs as programs and formulas have them.
func borrowedSigns() map[string]string {
	return map[string]string{"&&": "and", "&": "and", "||": "or", "|": "or", "!": "not", "=": "==",
		"===": "==", "!==": "!=", "<>": "!=", "=<": "<=", "=>": ">=", "~=": "!=", "**": "*"}
}

// borrowedWords are words that people write for those of the language.
func borrowedWords() map[string]string {
	return map[string]string{
		"is": "==", "equals": "==", "eq": "==", "等于": "==", "是": "==", "为": "==",
		"不等于": "!=", "不是": "!=",
		"大于": ">", "高于": ">", "超过": ">", "多于": ">", "晚于": ">", "above": ">", "over": ">",
		"小于": "<", "低于": "<", "少于": "<", "不足": "<", "早于": "<", "below": "<", "under": "<",
		"大于等于": ">=", "不小于": ">=", "不低于": ">=", "不少于": ">=", "至少": ">=",
		"小于等于": "<=", "不大于": "<=", "不高于": "<=", "不多于": "<=",
		"且": "and", "而且": "and", "同时": "and", "或": "or", "或是": "or", "非": "not", "不": "not",
		"like": "contains", "includes": "contains", "含": "contains", "含有": "contains", "包括": "contains",
		"在": "in", "exists": "has", "有": "has", "elsif": "else", "otherwise": "else",
		"if": "when", "then": "do", "当": "when", "如果": "when", "若": "when", "那么": "do",
		"给": "for", "对": "for", "send": "notify", "tell": "notify", "message": "notify",
		"提醒": "notify", "告知": "notify", "发送": "notify",
		"remind": "task", "todo": "task", "待办": "task", "update": "set", "设为": "set", "更新": "set",
		"days": "day", "daily": "day", "日": "day", "天": "day", "每天": "day",
		"weeks": "week", "weekly": "week", "周": "week", "months": "month",
		"monthly": "month", "月": "month",
		"quarters": "quarter", "季": "quarter", "季度": "quarter", "years": "year", "年": "year",
		"workdays": "workday",
	}
}

// unitWords are units that people write apart from their number.
func unitWords() map[string]string {
	return map[string]string{
		"s": "s", "second": "s", "seconds": "s", "sec": "s", "秒": "秒", "秒钟": "秒",
		"min": "min", "mins": "min", "minute": "min", "minutes": "min", "分钟": "分钟", "分": "分钟",
		"h": "h", "hour": "h", "hours": "h", "hr": "h", "小时": "小时", "个小时": "小时",
		"d": "d", "day": "d", "days": "d", "天": "天", "日": "天", "w": "w", "week": "w",
		"weeks": "w", "周": "周",
		"wd": "wd", "workday": "wd", "workdays": "wd", "工作日": "个工作日", "个工作日": "个工作日",
		"wh": "wh", "工时": "个工时", "个工时": "个工时", "m": "m", "metre": "m", "metres": "m",
		"meter": "m", "meters": "m", "米": "米", "km": "km", "公里": "公里", "千米": "公里",
		"pp": "pp", "百分点": "个百分点", "个百分点": "个百分点", "万": "万", "亿": "亿", "%": "%", "percent": "%",
	}
}

// offer names what a token that does not fit was meant to be, where somebody who knows another
// language would write it so and the production takes it; the fix is certain then.
func (p *parser) offer(l *Line, at int, d *source.Diagnostic) {
	i := l.from + at
	if i >= l.to {
		return
	}
	for _, try := range []func(*Line, int, *source.Diagnostic) bool{offerUnit, offerLast, offerQuotes,
		offerThousands, offerCurrency, offerSign, offerWord} {
		if try(l, i, d) {
			return
		}
	}
}

// becomes puts the tokens [from, to) of the file into a diagnostic as found, with what they become.
func (l *Line) becomes(d *source.Diagnostic, from, to int, text string) bool {
	s := l.file.tokenSpan(from)
	s.End = l.file.Tokens[to-1].End
	d.Span, d.Found = s, l.file.Text[s.Off:s.End]
	d.Near, d.Fix = text, &source.Fix{Edits: []source.Edit{{Span: s, New: text}}}
	return true
}

// takes reports whether the production would have taken a word or sign.
func takes(d *source.Diagnostic, word string) bool {
	if slices.Contains(d.Want, word) {
		return true
	}
	switch word {
	case "not", "has":
		return slices.Contains(d.Want, "name") // any word would do, and stands for these
	}
	return precedence(word) > 0 && slices.Contains(d.Want, "operator")
}

// spoken is a word of the language in the vocabulary of the line.
func (l *Line) spoken(word string) string { return l.inItsWords([]string{word})[0] }

// before is the token that matters before one of the line; touching: nothing stands between.
func (l *Line) before(i int) (at int, touching bool) {
	for j := i - 1; j >= l.from; j-- {
		if ofKind[l.file.Tokens[j].Kind] != 0 {
			return j, j == i-1
		}
	}
	return -1, false
}

// offerUnit: `7 days`, `40 %`.
func offerUnit(l *Line, i int, d *source.Diagnostic) bool {
	n, touching := l.before(i)
	if n < 0 || touching || l.file.Tokens[n].Kind != KindNumber {
		return false
	}
	unit, ok := unitWords()[strings.ToLower(fold(l.file.tokenText(i)))]
	number := fold(l.file.tokenText(n))
	if !ok || strings.Trim(number, "0123456789_.") != "" {
		return false
	}
	return l.becomes(d, n, i+1, number+unit)
}

// offerLast: a sliding window is `in 7d`, not `in last 7d`.
func offerLast(l *Line, i int, d *source.Diagnostic) bool {
	n, _ := l.before(i)
	if n < 0 || l.file.Tokens[i].Kind != KindNumber || !isSpan(fold(l.file.tokenText(i))) {
		return false
	}
	switch canon(l.file.tokenText(n)) {
	case "last", "past", "this", "最近", "过去":
		return l.becomes(d, n, i+1, fold(l.file.tokenText(i)))
	}
	return false
}

// offerQuotes: a text stands in double quotes.
func offerQuotes(l *Line, i int, d *source.Diagnostic) bool {
	end := "'"
	switch l.file.tokenText(i) {
	case "'":
	case "‘":
		end = "’"
	default:
		return false
	}
	for j := i + 1; j < l.to; j++ {
		if l.file.tokenText(j) == end {
			inner := l.file.Text[l.file.Tokens[i].End:l.file.Tokens[j].Off]
			return !strings.ContainsAny(inner, `"\{`) && l.becomes(d, i, j+1, `"`+inner+`"`)
		}
	}
	return false
}

// offerThousands: `1,000` is `1_000`.
func offerThousands(l *Line, i int, d *source.Diagnostic) bool {
	if l.file.tokenText(i) != "," || i == l.from || i+1 >= l.to {
		return false
	}
	a, b := l.file.Tokens[i-1], l.file.Tokens[i+1]
	if a.Kind != KindNumber || b.Kind != KindNumber || len(fold(l.file.tokenText(i+1))) != 3 {
		return false
	}
	return l.becomes(d, i-1, i+2, fold(l.file.tokenText(i-1))+"_"+fold(l.file.tokenText(i+1)))
}

// offerCurrency: money is a plain number.
func offerCurrency(l *Line, i int, d *source.Diagnostic) bool {
	if i+1 >= l.to || l.file.Tokens[i+1].Kind != KindNumber {
		return false
	}
	switch fold(l.file.tokenText(i)) {
	case "$", "¥", "€", "£", "￥":
		return l.becomes(d, i, i+2, fold(l.file.tokenText(i+1)))
	}
	return false
}

// offerSign: runs of signs, also one with a blank inside such as `> =`.
func offerSign(l *Line, i int, d *source.Diagnostic) bool {
	from, to := i, i+1
	if !l.isSign(i) {
		return false
	}
	for {
		n, touching := l.before(from)
		apart := from == i && n >= 0 && strings.Contains("<>!", fold(l.file.tokenText(n))) &&
			l.file.tokenText(i) == "="
		if n < 0 || !l.isSign(n) || !touching && !apart {
			break
		}
		from = n
	}
	for to < l.to && l.isSign(to) {
		to++
	}
	var run strings.Builder
	for j := from; j < to; j++ {
		if ofKind[l.file.Tokens[j].Kind] != 0 {
			run.WriteString(fold(l.file.tokenText(j)))
		}
	}
	if s := signOf(run.String()); s != 0 && from < i { // `> =`
		return l.becomes(d, from, to, run.String())
	}
	word := borrowedSigns()[run.String()]
	// A run that began before the place has an operator where one may stand.
	if word == "" || from == i && !takes(d, word) {
		return false
	}
	word = l.spoken(word)
	if isWord(word) && to < l.to && ofKind[l.file.Tokens[to].Kind] != 0 {
		word += " "
	}
	l.becomes(d, from, to, word)
	d.Near = strings.TrimSpace(word)
	return true
}

// offerInside: `action Call on Visit {`. What the block takes as a line of its own goes into it; a
// fix is certain where the word ends the header with what follows.
func (p *parser) offerInside(l *Line, h *head, at int, d *source.Diagnostic) {
	i := l.from + at
	if d.Fix != nil || l.open < 0 || i >= l.to || h.body == NoBlock {
		return
	}
	for j := i; j < l.to; j++ {
		if at == 0 || p.grammar.heads[h.body][canon(p.file.tokenText(j))] != nil != (j == i) {
			return // nothing that goes inside, or more than one such thing
		}
	}
	before, _ := l.before(i)
	from, to := p.file.Tokens[before].End, p.file.Tokens[l.to-1].End
	brace := p.file.Tokens[l.open].End
	text := " " + p.file.Text[p.file.Tokens[i].Off:to]
	switch rest := strings.TrimLeft(p.file.Text[brace:], " \t"); {
	case strings.HasPrefix(rest, "\n"), strings.HasPrefix(rest, "\r"), strings.HasPrefix(rest, "//"):
		text = "\n " + text
	case !strings.HasPrefix(rest, "}"):
		text += ";"
	}
	file := p.file.Index
	d.Fix = &source.Fix{Edits: []source.Edit{{Span: source.Span{File: file, Off: from, End: to}},
		{Span: source.Span{File: file, Off: brace, End: brace}, New: text}}}
}

// isSign reports whether a token is one that comparisons of other languages are made of.
func (l *Line) isSign(i int) bool {
	return strings.Contains("&|!<>=~*", fold(l.file.tokenText(i))[:1]) &&
		(l.file.Tokens[i].Kind == KindSign || l.file.Tokens[i].Kind == KindBad)
}

func isWord(s string) bool {
	r, _ := firstRune(s)
	return isLetter(r)
}

// offerWord: everyday words, and words of the language in capitals.
func offerWord(l *Line, i int, d *source.Diagnostic) bool {
	if l.file.Tokens[i].Kind != KindWord {
		return false
	}
	word := strings.ToLower(fold(l.file.tokenText(i)))
	if !takes(d, word) || word == l.file.tokenText(i) {
		if word = borrowedWords()[word]; word == "" || !takes(d, word) {
			return false
		}
	}
	return l.becomes(d, i, i+1, l.spoken(word))
}
