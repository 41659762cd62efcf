package explain

import (
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// words are what the explanation itself says, in one language.
type words struct {
	timer, did, held, missed, scores, findings    string
	nothing, nobody, always, missing, unclear     string
	noData, skipped, due, shadow, more, to, equal string
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
		timer: "a timer", did: "What it did", held: "What holds",
		missed: "What does not hold, the nearest first", scores: "Scores", findings: "Remarks",
		nothing: "No condition looked at it.", nobody: "nobody", always: "always",
		missing: "is missing", unclear: "cannot be known from these values",
		noData: "no data", skipped: "left out", due: "due", shadow: "shadow: without effect",
		more: "of %d conditions the first that does not hold", to: "for", equal: " = ",
		verdicts: [...]string{value.False: "no", value.Unknown: "unknown", value.True: "yes"},
		whats: map[string]string{"when": "", "where": "where", "needs": "needs", "until": "until",
			"tier": "tier", "drop": "drop when", "effect": "effect when"},
		effects: [...]string{"task", "notify", "set", "suggest", "note", "flag", "assign", "pool",
			"call", "alert", "segment"},
		states:   [...]string{"", "opens", "is resolved", "is withdrawn", "is entered", "is left"},
		outcomes: [...]string{"", "accepted", "held", "rejected", "duplicate", "dropped"},
	}
}

func chinese() words {
	return words{
		timer: "定时", did: "做了什么", held: "成立的条件",
		missed: "未成立的条件（最接近的在前）", scores: "评分", findings: "备注",
		nothing: "没有条件看过这条记录。", nobody: "无人", always: "总是",
		missing: "缺失", unclear: "由这些值无法判断",
		noData: "无数据", skipped: "不计入", due: "期限", shadow: "试运行：不产生效果",
		more: "共 %d 个条件，这是第一个未成立的", to: "给", equal: " = ",
		verdicts: [...]string{value.False: "否", value.Unknown: "未知", value.True: "是"},
		whats: map[string]string{"when": "", "where": "条件", "needs": "需要", "until": "直到",
			"tier": "分层", "drop": "剔除 每当", "effect": "效果 每当"},
		effects: [...]string{"任务", "通知", "设置", "建议", "备注", "标记", "指派", "公海", "调用",
			"预警", "分群"},
		states:   [...]string{"", "打开", "解除", "撤回", "进入", "离开"},
		outcomes: [...]string{"", "已接受", "已拦下", "已拒绝", "重复", "已剔除"},
	}
}
