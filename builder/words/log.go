package words

// What became of a record.
var (
	Accepted  = Text{"accepted", "已接受"}
	Held      = Text{"held", "已拦下"}
	Rejected  = Text{"rejected", "已拒绝"}
	Duplicate = Text{"duplicate", "重复"}
	Dropped   = Text{"dropped", "已剔除"}
)

// Values that are truths.
var (
	Yes = Text{"yes", "是"}
	No  = Text{"no", "否"}
)

// What a decision does.
var (
	EffectTask    = Text{"Task", "任务"}
	EffectNotify  = Text{"Message", "通知"}
	EffectSet     = Text{"Sets", "设置"}
	EffectSuggest = Text{"Suggestion", "建议"}
	EffectNote    = Text{"Note", "备注"}
	EffectFlag    = Text{"Flag", "标记"}
	EffectAssign  = Text{"Given to somebody", "指派"}
	EffectPool    = Text{"Into the pool", "进入公海"}
	EffectCall    = Text{"Call", "调用"}
	EffectAlert   = Text{"Alert", "预警"}
	EffectSegment = Text{"Segment", "分群"}
)

// Effects are the kinds of effects by their names in the API.
func Effects() map[string]Text {
	return map[string]Text{"task": EffectTask, "notify": EffectNotify, "set": EffectSet,
		"suggest": EffectSuggest, "note": EffectNote, "flag": EffectFlag, "assign": EffectAssign,
		"pool": EffectPool, "call": EffectCall, "alert": EffectAlert, "segment": EffectSegment}
}
