package words

// What is open, and what is done about it.
var (
	Alerts     = Text{"Alerts", "预警"}
	AlertsLead = Text{
		"What is open now, by the rule that says so. Each opens at the moment its condition " +
			"has held long enough, and ends by itself.",
		"当前打开的预警，按规则归类。条件持续够久时打开，不再成立时自动解除。"}
	AlertsNone      = Text{"No alert is open", "没有打开的预警"}
	AlertsNoneTeach = Text{
		"An alert opens when its condition holds as long as its rule asks. The policy has %d " +
			"of them; what they saw is in the log.",
		"条件持续到规则要求的时间，预警才会打开。策略中有 %d 条预警；它们看到的内容见日志。"}
	AlertsOpen    = Text{"%d open", "%d 个打开"}
	AlertSubject  = Text{"On whom or what", "对象"}
	AlertSince    = Text{"Since", "起始"}
	AlertLasts    = Text{"Lasts", "已持续"}
	AlertNext     = Text{"What is asked for", "待办"}
	AlertNoTask   = Text{"nobody was given a task", "没有派发任务"}
	AlertDays     = Text{"%d day{|s}", "%d 天"}
	AlertHours    = Text{"%d hour{|s}", "%d 小时"}
	AlertRule     = Text{"The rule", "规则"}
	AlertWhen     = Text{"For each {1}: when {2}", "对每个{1}：当{2}"}
	AlertAction   = Text{"{1} and the action {2}", "{1}和动作“{2}”"}
	AlertInRow    = Text{"{1}, for {2} in a row", "{1}，连续 {2}"}
	AlertFor      = Text{"{1}, for {2} without a break", "{1}，持续 {2}"}
	AlertCheck    = Text{"{1}, {2}", "{1}，{2}查看"}
	AlertNeeds    = Text{"{1}, only where {2}", "{1}。前提：{2}"}
	AlertUntil    = Text{"It ends when {1}.", "当{1}时解除。"}
	AlertEnds     = Text{"It ends as soon as this no longer holds.", "条件不再成立时解除。"}
	AlertSeries   = Text{"What it looked at", "它看到的数字"}
	AlertMark     = Text{"the mark", "阈值"}
	AlertMean     = Text{"mean of the six before", "前六期均值"}
	AlertOpened   = Text{"opened", "打开"}
	AlertFigures  = Text{"Figures", "数字"}
	AlertTasks    = Text{"What is to be done", "要做的事"}
	AlertDone     = Text{"Done", "已完成"}
	AlertDrop     = Text{"Close without doing it", "不做，关闭"}
	AlertReason   = Text{"Why it is closed", "关闭的原因"}
	AlertFor1     = Text{"for %s", "负责人 %s"}
	AlertDue      = Text{"due %s", "期限 %s"}
	TaskOpen      = Text{"open", "待办"}
	TaskDone      = Text{"done", "已完成"}
	TaskExpired   = Text{"not done in time", "逾期未做"}
	TaskCancelled = Text{"closed", "已关闭"}
	AlertLate     = Text{"overdue", "逾期"}
	AlertGone     = Text{"This alert is not open any more.", "这个预警已经解除。"}
	AlertNow      = Text{"How it stands now", "现在的情况"}
	AlertReasons  = Text{"A reason is needed: it stands in the log.", "需要写明原因：它会写入日志。"}
	AlertSimilar  = Text{"The same rule is open on", "同一规则还打开于"}
)
