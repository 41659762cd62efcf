package words

// What somebody does today.
var (
	Today     = Text{"Today", "今天"}
	TodayLead = Text{"One list, the most pressing first.", "一张清单，最急的在前。"}
	TodayNone = Text{"Nothing is waiting for you", "没有等您处理的事"}
	TodayFree = Text{
		"Tasks, offers and what a week asks of you appear here, the most pressing first, " +
			"each with its reason.",
		"任务、派给您的线索和本周要做的动作会出现在这里，最急的在前，并写明原因。"}
	TodayOver    = Text{"overdue", "逾期"}
	TodayLeft    = Text{"%s left", "还剩 %s"}
	TodayWeek    = Text{"This week", "本周"}
	TodayBehind  = Text{"%s of %s this week", "本周 %s / %s"}
	TodayHandIn  = Text{"Hand in", "提交"}
	TodayClaim   = Text{"Claim", "认领"}
	TodayPool    = Text{"In the pool, first come", "公海，先到先得"}
	TodayUntil   = Text{"until %s", "截至 %s"}
	TodayRule    = Text{"because of %s", "依据：%s"}
	TodayOffered = Text{"offered to you", "派给您"}
	TodayAccept  = Text{"Accept", "接受"}
	TodayDone    = Text{"This was decided", "已作出决定"}
	TodayWhy     = Text{"Why", "为什么"}
	TodayCounts  = Text{"It counts.", "计入完成。"}
	TodayNot     = Text{"It does not count.", "不计入完成。"}
	TodayWaits   = Text{"It counts once somebody has looked at it.", "复核通过后计入。"}
	TodayMinutes = Text{"%d min", "%d 分钟"}
	TodayAll     = Text{"Everybody's tasks", "所有人的任务"}
	TodayNoOne   = Text{
		"You are nobody of this workspace's people, so there is no list of your own. These " +
			"are everybody's.",
		"您不是这个工作区里的人员，因此没有自己的清单。以下是所有人的任务。"}
)

// What waits for a connection.
var (
	Queue    = Text{"Kept on this device", "已保存在本机"}
	QueueFor = Text{
		"Without a connection what you hand in waits here, and is handed in by itself when the line is " +
			"back. Nothing is handed in twice.",
		"没有网络时，提交的内容保存在这里，恢复连接后自动提交，不会重复。"}
	QueueWaits   = Text{"waits for the line", "等待网络"}
	QueueSent    = Text{"handed in", "已提交"}
	QueueRefused = Text{"was not taken", "没有收下"}
	QueueSignIn  = Text{"sign in to hand it in", "登录后提交"}
	QueueNow     = Text{"Try now", "立即重试"}
	QueueDrop    = Text{"Drop it", "放弃"}
	QueueSee     = Text{"What was decided", "查看决定"}
	QueueNot     = Text{"Not connected: this was not done", "未连接：没有执行"}
	QueueNotFor  = Text{
		"A claim or a task cannot wait, since somebody else may be faster. Do it again when the line " +
			"is back.",
		"认领和任务不能等待，因为他人可能更快。请在恢复连接后重试。"}
	QueueOld = Text{"Not connected: this list is as it was last.", "未连接：这是上次看到的清单。"}
)

// Handing something in.
var (
	HandIn         = Text{"Hand in: %s", "提交：%s"}
	HandInChoose   = Text{"choose", "请选择"}
	HandInPlace    = Text{"Where you are", "您的位置"}
	HandInTake     = Text{"Take my position", "获取位置"}
	HandInTaken    = Text{"Position taken, exact to %s m.", "已获取位置，精确到 %s 米。"}
	HandInRefused  = Text{"The browser gave no position.", "浏览器没有提供位置。"}
	HandInPhoto    = Text{"Photo", "照片"}
	HandInMany     = Text{"Several, separated by commas", "多项用逗号分隔"}
	HandInSend     = Text{"Hand in", "提交"}
	HandInSteps    = Text{"What it takes", "要做到"}
	HandInRejected = Text{"It was not taken", "没有收下"}
)
