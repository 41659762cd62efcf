package explain

import (
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// words are what the explanation itself says, in one language.
type words struct {
	timer, did, held, missed, scores, findings    string
	inForce, byHand, erased                       string
	nothing, nobody, always, missing, unclear     string
	noData, skipped, due, shadow, more, to, equal string
	journey, isIn, runs, met, passed, wayOn       string
	free, atEnd, count, open, waits               string
	gets, getsNobody, claimed, behind, leftOut    string
	others, andMore, turn, tied, colon, comma     string
	outs                                          [decision.Others + 1]string
	why, isWinner, hadOf, against, change         string
	atLeast, notAlone, wouldBe, stillNot, unheard string
	notWhere, never, longer, byName               string
	ofDue, noneDue                                string
	noted, like, rich, points, noPoints, listed   string
	novelty, copied, by                           string
	file, bytes, looks, place, trip, atOnce, mock string
	phone, noPhone, usually, noUsual, hits        string
	features                                      map[string]string
	moved, tried, noFact, fewer, instead          string
	otherwise                                     string
	verdicts                                      [3]string
	whats                                         map[string]string
	effects                                       [decision.Segment + 1]string
	states                                        [decision.Leave + 1]string
	outcomes                                      [decision.Dropped + 1]string
}

func wordsIn(lang string) words {
	if lang == "zh" {
		return chinese()
	}
	return english()
}

func english() words {
	return words{
		inForce: "a policy was put in force", byHand: "done by hand", erased: "something was erased",
		timer: "a timer", did: "What it did", held: "What holds",
		missed: "What does not hold, the nearest first", scores: "Scores", findings: "Remarks",
		nothing: "No condition looked at it.", nobody: "nobody", always: "always",
		missing: "is missing", unclear: "cannot be known from these values",
		noted:  "Its note",
		like:   "like that of {0} (seq {1}, {2}): {3} of the pairs of letters are the same",
		rich:   "richness {0}",
		points: "{0}: {1} of {2}", noPoints: "{0}: 0 of {1}", listed: ", ", by: ", by ",
		novelty: "{0} of it is new against the last five about the same: times {1}",
		copied:  "a copy has 20 at most",
		file:    "Its files", bytes: "came before, byte by byte, with {0} (seq {1})",
		looks: "looks like one that came with {0} (seq {1}): {2} of 64 bits differ",
		place: "Its place", trip: "{0} km from where {1} was (seq {2}, {3}), in {4}: {5} km/h",
		atOnce: "{0} km from where {1} was (seq {2}) at the same moment",
		mock:   "the phone says itself that the position was made up",
		phone:  "Its photo was taken by {0}; {1}", noPhone: "a device that it does not name",
		usually: "usually it is {0}",
		noUsual: "no device is usual yet",
		hits:    "Words that were looked for: {0}",
		features: map[string]string{"pain": "what hurts", "answer": "an objection, and its answer",
			"role": "who it was", "number": "a number", "competitor": "a competitor",
			"next": "what is next", "quote": "a quotation"},
		ofDue: " ({0} of {1} due)", noneDue: " ({0} done, nothing due)",
		noData: "no data", skipped: "left out", due: "due", shadow: "shadow: without effect",
		more: "of %d conditions the first that does not hold", to: "for", equal: " = ",
		journey: "On its journey", isIn: "{0}: in {1} since {2}", runs: "{0}: due {1}",
		met: "{0}: done, due {1}", passed: "{0}: was due {1}, and is late",
		wayOn: "The way on, to {0}, still asks for this, the nearest first", count: "{2}: {0} of {1}",
		free: "Nothing stands in the way to {0}", atEnd: "It is at the end",
		open:       "{2}: {0} of {1} count, {3} more may",
		waits:      "{0}: was due {1}, what is still open decides",
		gets:       "Who gets {0}, by {1}",
		getsNobody: "nobody", claimed: "{0} claimed it", behind: "{0} behind",
		colon: ": ", comma: ", ",
		leftOut: "left out", others: "{0} more do not meet `where`",
		andMore: "and {0} more", turn: "turn", tied: "a tie: {0}",
		never: "never assigned before", longer: "not assigned for longer", byName: "first by id",
		outs: [...]string{"", "has no record of its own", "`where` does not hold",
			"is on leave, or will be before the offer lapses", "let the offer lapse",
			"`limit` does not hold", "has no share",
			"had it not long ago", "somebody else has others of the same"},
		why: "Why not {0}", isWinner: "{0} got it.", hadOf: "{0} had {1}, {2} had {3}.",
		against: "{0} {1}: {2} against {3}", change: "What would have to change",
		atLeast: "{0} at least {1} instead of {2}", notAlone: "{0}: not even 1 would do by itself",
		wouldBe:  "Without that it would have been theirs.",
		stillNot: "Without that {0} would still have got it.",
		unheard:  "{0} was no candidate that anything is known of.",
		notWhere: "{0} was no candidate: `where` did not hold.",
		moved:    "What the allocation read of {0}, before and after",
		tried:    "Decided again with one fact changed (trials: {1}), {0} would have got it with",
		noFact:   "Decided again with one fact changed (trials: {1}), {0} would never have got it.",
		fewer:    "{0} fewer {1}", instead: "{0} {1} instead of {2}",
		otherwise: "Decided again it comes out otherwise, so no change can be tried.",
		verdicts:  [...]string{value.False: "no", value.Unknown: "unknown", value.True: "yes"},
		whats: map[string]string{"when": "", "where": "where", "needs": "needs", "until": "until",
			"entry": "", "must": "", "limit": "limit",
			"tier": "tier", "drop": "drop when", "effect": "effect when"},
		effects: [...]string{"task", "notify", "set", "suggest", "note", "flag", "assign", "pool",
			"call", "alert", "segment"},
		states:   [...]string{"", "opens", "is resolved", "is withdrawn", "is entered", "is left"},
		outcomes: [...]string{"", "accepted", "held", "rejected", "duplicate", "dropped"},
	}
}

func chinese() words {
	return words{
		inForce: "策略生效", byHand: "人工操作", erased: "抹除",
		timer: "定时", did: "做了什么", held: "成立的条件",
		missed: "未成立的条件（最接近的在前）", scores: "评分", findings: "备注",
		nothing: "没有条件看过这条记录。", nobody: "无人", always: "总是",
		missing: "缺失", unclear: "由这些值无法判断",
		noted: "备注", like: "与 {0}（seq {1}，{2}）的备注雷同：{3} 的字对相同",
		rich: "丰富度 {0}", points: "{0}：{1}/{2}", noPoints: "{0}：0/{1}", listed: "、", by: "，因为 ",
		novelty: "相对同一对象的前五条，{0} 是新的：乘以 {1}", copied: "雷同的至多 20",
		file: "文件", bytes: "与 {0}（seq {1}）带来的文件逐字节相同",
		looks: "与 {0}（seq {1}）带来的图片相像：64 位中有 {2} 位不同",
		place: "位置", trip: "距 {1}（seq {2}，{3}）所在处 {0} 公里，其间 {4}：时速 {5} 公里",
		atOnce: "距 {1}（seq {2}）同一时刻所在处 {0} 公里", mock: "手机自己说明位置是模拟的",
		phone: "照片由 {0} 拍摄；{1}", noPhone: "未说明的设备", usually: "常用的是 {0}",
		noUsual: "尚无常用设备", hits: "找到的词：{0}",
		features: map[string]string{"pain": "痛点", "answer": "异议与回应", "role": "对方身份", "number": "数字",
			"competitor": "竞品", "next": "下一步", "quote": "原话或报价"},
		ofDue: "（应做 {1}，已做 {0}）", noneDue: "（已做 {0}，没有应做）",
		noData: "无数据", skipped: "不计入", due: "期限", shadow: "试运行：不产生效果",
		more: "共 %d 个条件，这是第一个未成立的", to: "给", equal: " = ",
		journey: "旅程中的位置", isIn: "{0}：自 {2} 起在 {1}", runs: "{0}：期限 {1}",
		met: "{0}：已完成，期限 {1}", passed: "{0}：期限 {1}，已逾期",
		wayOn: "向前到 {0} 还需要以下内容（最接近的在前）", count: "{2}：{0}/{1}",
		free: "到 {0} 没有阻碍", atEnd: "已到终点",
		open:       "{2}：已计 {0}/{1}，另有 {3} 项待定",
		waits:      "{0}：期限 {1} 已到，由待定事项决定",
		gets:       "{0} 归谁（{1}）",
		getsNobody: "无人", claimed: "由 {0} 认领", behind: "差 {0}",
		colon: "：", comma: "、",
		leftOut: "被排除", others: "另有 {0} 个不符合 `条件`",
		andMore: "另有 {0} 个", turn: "轮次", tied: "同分：{0}",
		never: "从未分到过", longer: "更久没有分到", byName: "编号在前",
		outs: [...]string{"", "没有自己的记录", "不符合 `条件`", "正在休假，或在要约到期前将休假", "要约逾期未接受",
			"超过 `上限`", "没有份额", "不久前持有过", "同一对象由他人负责"},
		why: "为什么不是 {0}", isWinner: "就是 {0}。", hadOf: "{0} 得 {1}，{2} 得 {3}。",
		against: "{0} {1}：{2}，对方 {3}", change: "需要怎样改变",
		atLeast: "{0} 至少 {1}，而不是 {2}", notAlone: "{0}：单凭此项，到 1 也不够",
		wouldBe:  "若非如此，就会归其所有。",
		stillNot: "即使不因此，仍会归 {0}。",
		unheard:  "{0} 不是已知的候选人。",
		notWhere: "{0} 不是候选人：不符合 `条件`。",
		moved:    "分配前后读到的 {0}",
		tried:    "每次改动一个事实重新决定，共 {1} 次：在以下情况下会归 {0}",
		noFact:   "每次改动一个事实重新决定，共 {1} 次：都不会归 {0}。",
		fewer:    "{1} 少 {0} 条", instead: "{0} 为 {1}，而不是 {2}",
		otherwise: "重新决定的结果不同，无法验证改动。",
		verdicts:  [...]string{value.False: "否", value.Unknown: "未知", value.True: "是"},
		whats: map[string]string{"when": "", "where": "条件", "needs": "需要", "until": "直到",
			"entry": "", "must": "", "limit": "上限",
			"tier": "分层", "drop": "剔除 每当", "effect": "效果 每当"},
		effects: [...]string{"任务", "通知", "设置", "建议", "备注", "标记", "指派", "公海", "调用",
			"预警", "分群"},
		states:   [...]string{"", "打开", "解除", "撤回", "进入", "离开"},
		outcomes: [...]string{"", "已接受", "已拦下", "已拒绝", "重复", "已剔除"},
	}
}

// fill puts texts into a sentence, at {0}, {1}, ….
func (words) fill(text string, args ...string) string {
	var holes []string
	for i, a := range args {
		holes = append(holes, "{"+strconv.Itoa(i)+"}", a)
	}
	return strings.NewReplacer(holes...).Replace(text)
}
