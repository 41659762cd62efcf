package words

// The case bench.
var (
	Bench     = Text{"Case bench", "试算台"}
	BenchLead = Text{
		"Records that are pinned beside the draft. What it decides on them is worked out at every " +
			"change; nothing is carried out, and the log stays as it is.",
		"固定在草稿旁的记录。每次修改都会重新试算；不会执行任何操作，日志也不变。"}
	BenchLines = Text{"Pinned records", "固定的记录"}
	BenchHint  = Text{
		"One record a line, as JSON. Without \"at\" a record happens when the one before did.",
		"每行一条 JSON 记录。没有 \"at\" 时，与上一条同时发生。"}
	BenchLeft = Text{
		"What you typed here without a connection is back. It is pinned as soon as the server answers.",
		"断网时在此输入的内容已恢复，连接后会自动固定。"}
	BenchUntil = Text{"Time goes on until", "时间推进到"}
	BenchTake  = Text{
		"Pin a record of the log, with all that names it", "从日志固定一条记录及所有引用它的记录"}
	BenchTakeDo   = Text{"Pin", "固定"}
	BenchTakeNone = Text{"The log has no such record.", "日志中没有这条记录。"}
	BenchResult   = Text{"What the draft decides", "草稿的决定"}
	BenchNow      = Text{"As of %s.", "截至 %s。"}
	BenchNone     = Text{"Nothing is pinned yet.", "还没有固定的记录。"}
	BenchWrong    = Text{
		"The draft has mistakes; it decides once they are mended.", "草稿有错误，改正后即可试算。"}
	BenchTime      = Text{"time goes on", "时间推进"}
	BenchLacks     = Text{"lacks %s", "缺 %s"}
	BenchLacksNone = Text{"lacks nothing", "无缺项"}
	BenchWhy       = Text{"Why", "原因"}
	BenchEffects   = Text{"effects: %d", "效果：%d"}
	BenchHere      = Text{"pinned here: %s", "固定记录在此：%s"}
	CasesName      = Text{"On the pinned records", "固定记录的结果"}
	CasesNone      = Text{"No records are pinned beside the draft.", "尚未固定记录。"}
	CasesNothing   = Text{"It does nothing on what is pinned.", "对固定的记录没有作用。"}
	CasesNotHere   = Text{"No pinned record is in this stage.", "没有固定记录处于此阶段。"}
	CasesMore      = Text{"%d more", "另有 %d 条"}
	CaseHolds      = Text{"holds", "成立"}
	CaseNot        = Text{"does not hold", "不成立"}
	CaseUnknown    = Text{"unknown: data is missing", "未知：缺少数据"}
	CaseCounts     = Text{"counts", "计入"}
	CaseDone       = Text{"done, waits for its proof", "已完成，待核验"}
	CaseNotDone    = Text{"not done", "未完成"}
	StateOpen      = Text{"opened", "打开"}
	StateResolved  = Text{"resolved", "解除"}
	StateWithdrawn = Text{"withdrawn", "撤回"}
	StateEnter     = Text{"entered", "进入"}
	StateLeave     = Text{"left", "离开"}
	BenchMet       = Text{"met", "已满足"}
	BenchUnmet     = Text{"not met", "未满足"}
)
