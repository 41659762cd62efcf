package evidence

import (
	"slices"
	"strings"
	"unicode"

	"github.com/throughline/throughline/dsl/value"
)

// Word lists. They are general on purpose: what an industry says goes into a policy's own lists.
var (
	// vagueWords say nothing that could turn out wrong.
	vagueWords = words("满意 考虑 再看看 看看 了解一下 了解 有兴趣 感兴趣 回去商量 商量 研究研究 再说 还可以 挺好 不错 一般 " +
		"还行 有意向 认可 沟通良好 气氛融洽 良好 愉快 再联系 再约 等消息 等通知 等待回复 satisfied consider considering " +
		"interested positive promising good fine okay")
	// emptyWords are what every note of a visit has.
	emptyWords = words("今天 今日 上午 下午 客户 对方 老板 门店 店里 拜访 走访 沟通 交流 介绍 表示 觉得 认为 说 产品 优势 特点 " +
		"新品 方案 情况 内容 后续 继续 跟进 跟踪 维护 关系 进行 已经 已 了 的 和 与 我们 他们 我 他 她 会 再 也 都 很 比较 " +
		"非常 需要 内部 讨论 下次 下周 联系 回复 一下 the a to of and is was with customer client visit visited met " +
		"discussed product today will very follow up they we he she")
	painWords = words("库存 积压 临期 滞销 动销差 动销慢 回款慢 账期 压货 窜货 断货 缺货 退货 成本高 涨价 投诉 故障 停机 效率低 " +
		"人手不足 预算不足 合规 风险 流失 亏损 overstock shortage complaint downtime churn late cost budget")
	objectionWords = words("太贵 价格高 嫌贵 担心 顾虑 不放心 拒绝 反对 质疑 不同意 犹豫 concern concerned objection worried " +
		"expensive refused")
	answerWords = words("解释 说明 答复 演示 对比 承诺 给出 提供 补充 案例 试用 折扣 赠品 explained offered showed " +
		"demonstrated agreed trial discount")
	roleWords = words("总经理 董事长 院长 主任 科长 处长 采购 采购部 决策人 决策者 拍板 负责人 财务 店长 老板娘 区域经理 影响者 使用者 " +
		"ceo cfo buyer procurement director decision owner")
	nextWords = words("约定 约好 约了 预约 下次 下周 下月 月底前 之前 提交 送样 报价 签约 复诊 回访 安排 due next schedule " +
		"scheduled deliver send sign")
	negations = words("没有 没 无 不存在 并无 并非 不再 未 不 no not without never")
	units     = "箱件个台家元万块盒瓶吨天周月年折批单套支人点次米升斤克项份辆桶袋包排小时分钟%％亿"
	numerals  = "零一二两三四五六七八九十百千半0123456789"
)

func words(s string) []string { return strings.Fields(s) }

// text is a note cut into clauses.
type text struct {
	runes   []rune
	clauses []Span
}

// read folds a note and cuts it where a clause ends. The enumeration comma 、 does not end one.
func read(note string) text {
	t := text{runes: []rune(strings.ToLower(value.Fold(note)))}
	from := 0
	for i, r := range t.runes {
		if strings.ContainsRune(",;.!?，。；！？\n\r", r) && !point3(t.runes, i) {
			t.clauses = append(t.clauses, Span{from, i})
			from = i + 1
		}
	}
	t.clauses = append(t.clauses, Span{from, len(t.runes)})
	return t
}

// point3 reports whether a sign stands inside a number, such as 3.5 and 1,200.
func point3(r []rune, i int) bool {
	return i > 0 && i+1 < len(r) && unicode.IsDigit(r[i-1]) && unicode.IsDigit(r[i+1])
}

// find returns where a word begins in a clause, from a place on; -1 where it does not. Latin words
// are whole words.
func (t text) find(c Span, word []rune, from int) int {
	for i := from; i+len(word) <= c.To; i++ {
		if slices.Equal(t.runes[i:i+len(word)], word) && t.whole(i, len(word)) {
			return i
		}
	}
	return -1
}

func (t text) whole(i, n int) bool {
	latin := func(k int) bool {
		return k >= 0 && k < len(t.runes) && t.runes[k] < 0x250 && unicode.IsLetter(t.runes[k])
	}
	return !(latin(i-1) && latin(i)) && !(latin(i+n-1) && latin(i+n))
}

// negated reports whether a negation stands within four characters before a place (for Latin
// words, before the word).
func (t text) negated(c Span, at int) bool {
	for _, n := range negations {
		w := []rune(n)
		reach := 4
		if w[0] < 0x250 {
			reach = 8
		}
		if i := t.find(Span{max(c.From, at-reach-len(w)), at}, w, max(c.From, at-reach-len(w))); i >= 0 {
			return true
		}
	}
	return false
}

// lexicon are the words of a list that a note uses: each once, not negated, and not where the list
// itself was pasted, which is at least four of them in a clause that says little else.
func (t text) lexicon(list []string) []string {
	var out []string
	for _, c := range t.clauses {
		var here []string
		said := 0
		for _, w := range list {
			r := []rune(strings.ToLower(value.Fold(strings.TrimSpace(w))))
			if len(r) == 0 {
				continue
			}
			if i := t.find(c, r, c.From); i >= 0 {
				said += len(r)
				if !t.negated(c, i) {
					here = append(here, w)
				}
			}
		}
		if len(here) >= 4 && t.letters(c)-said < 4 {
			continue
		}
		for _, w := range here {
			if !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	return out
}

func (t text) letters(c Span) int {
	n := 0
	for _, r := range t.runes[c.From:c.To] {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// Hits are the words of a list that a note uses, in the order of the list by clauses.
func Hits(note string, list []string) []string { return read(note).lexicon(list) }

// numbered reports whether a note has a number with a unit, or a date.
func (t text) numbered() bool {
	for i, r := range t.runes {
		if !strings.ContainsRune(numerals, r) || i > 0 && strings.ContainsRune(numerals, t.runes[i-1]) {
			continue
		}
		j := i
		for j < len(t.runes) && (strings.ContainsRune(numerals, t.runes[j]) ||
			strings.ContainsRune(".,-/: ", t.runes[j])) {
			j++
		}
		if j < len(t.runes) && strings.ContainsRune(units, t.runes[j]) && t.runes[i] != '一' ||
			unicode.IsDigit(r) && j-i >= 2 {
			return true
		}
	}
	return false
}

// Vague reports whether a note says nothing that could turn out wrong: no number, no word of the
// general lists or of the policy's own, and after the words that every note has fewer than six
// letters are left. An empty note is unknown.
func Vague(note string, own []string) value.Tri {
	t := read(note)
	all := Span{0, len(t.runes)}
	if t.letters(all) == 0 {
		return value.Unknown
	}
	for _, l := range [][]string{painWords, objectionWords, roleWords, own} {
		if len(t.lexicon(l)) > 0 {
			return value.False
		}
	}
	if t.numbered() || t.rest() >= 6 {
		return value.False
	}
	return value.True
}

// rest counts the letters that are left when vague and empty words are taken out.
func (t text) rest() int {
	runes := slices.Clone(t.runes)
	x := text{runes: runes}
	all := Span{0, len(runes)}
	left := 0
	list := slices.Concat(vagueWords, emptyWords)
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
	for _, w := range list {
		r := []rune(w)
		for i := x.find(all, r, 0); i >= 0; i = x.find(all, r, i) {
			for k := range r {
				runes[i+k] = ' '
			}
		}
	}
	inLatin := false
	for _, r := range runes {
		switch {
		case r < 0x250 && unicode.IsLetter(r):
			if !inLatin {
				left += 2 // a Latin word counts as two characters
			}
			inLatin = true
			continue
		case unicode.IsLetter(r):
			left++
		}
		inLatin = false
	}
	return left
}
