package words

// Who does how much of what is asked of them.
var (
	Health     = Text{"Health", "健康度"}
	HealthLead = Text{
		"How much of each action's target was done, by team and by person. Open a figure to " +
			"see what it is made of.",
		"每个动作的目标量完成了多少，按团队和人员。点开数字可看它由什么构成。"}
	HealthNone      = Text{"No action has a target yet", "还没有动作设定目标量"}
	HealthNoneTeach = Text{
		"An action that says who does it and how often becomes a column here: target 15 per week. " +
			"Three workdays in a row below the mark turn its cell red.",
		"动作写明执行人和目标量（例如：目标量 15 每一 星期），就成为这里的一列。连续三个工作日低于标准，单元格变红。"}
	HealthNobody = Text{"Nobody to show", "没有可显示的人员"}
	HealthYours  = Text{
		"You see the people who belong to you; there is none with a target yet.",
		"您能看到属于您的人员；目前没有人有目标量。"}
	HealthSoon     = Text{"Nothing is due yet", "还没有到期的应做动作"}
	HealthSoonWhen = Text{
		"A workday counts when it is over: what is owed and done today stands here when it has ended.",
		"一个工作日结束后才计入：今天应做和已做的动作，当天结束后显示在这里。"}
	HealthWeek      = Text{"Week of %s", "%s 起的一周"}
	HealthThis      = Text{"this week", "本周"}
	HealthWeeks     = Text{"Weeks", "各周"}
	HealthAll       = Text{"All teams", "全部团队"}
	HealthScore     = Text{"Score", "得分"}
	HealthScoreOf   = Text{"Score of %s: %s", "%s 的得分：%s"}
	HealthScoreLead = Text{
		"How much of each action was done, by the weight of the action. " +
			"What has nothing due is left out.",
		"各动作的完成率按动作权重相加；没有应做的动作不计入。",
	}
	HealthAction     = Text{"Action", "动作"}
	HealthCompletion = Text{"Completion", "完成率"}
	HealthWeight     = Text{"Weight", "权重"}
	HealthPoints     = Text{"Points", "得分贡献"}
	HealthRed        = Text{"red since %s", "自 %s 起变红"}
	HealthRow        = Text{"below for %d of %d look{|s}", "已连续 %d 次偏低，共需 %d 次"}
	HealthNothing    = Text{"nothing is due", "没有应做"}
	HealthOf         = Text{"%d of %s", "%d，应做 %s"}
	HealthEvents     = Text{"What was handed in", "提交的记录"}
	HealthEmpty      = Text{"Nothing was handed in that week.", "这一周没有提交记录。"}
	HealthCounts     = Text{"counts", "计入"}
	HealthNot        = Text{"not done", "未达成"}
	HealthWaits      = Text{"waits for a review", "待复核"}
	HealthWhen       = Text{"When", "时间"}
	HealthWhat       = Text{"Record", "记录"}
	HealthAbout      = Text{"About", "对象"}
	HealthState      = Text{"Counts?", "是否计入"}
	HealthWhy        = Text{"Why", "原因"}
	HealthBack       = Text{"Back to all", "返回总览"}
	HealthMany       = Text{"%d more {is|are} in the log.", "另有 %d 条，见日志。"}
	HealthFresh      = Text{"Nothing was handed in this week yet: this is the week before.",
		"本周还没有提交任何记录：以下是上周的情况。"}
	HealthTarget = Text{"Target", "目标量"}
	HealthDone   = Text{"Done", "已完成"}
	HealthSeries = Text{"Week by week", "逐周"}
)

// A record of the log, explained.
var (
	Log     = Text{"Log", "日志"}
	LogLead = Text{
		"Every record that came and every decision, in order. Nothing in it can be changed " +
			"without being noticed.",
		"到达的每条记录和每个决定，按顺序排列。任何改动都会被发现。"}
	LogEntry     = Text{"Entry %d", "第 %d 条"}
	LogWhat      = Text{"What came", "收到的内容"}
	LogDid       = Text{"What was decided", "作出的决定"}
	LogWhy       = Text{"Why, and why not otherwise", "为什么这样，为什么不是别样"}
	LogUnread    = Text{"what cannot be read", "无法读取的内容"}
	LogTimer     = Text{"time", "时间到期"}
	LogActivate  = Text{"a policy was put in force", "策略生效"}
	LogCommand   = Text{"done by hand", "人工操作"}
	LogStep      = Text{"set by a rule", "规则写入"}
	LogErase     = Text{"erased", "抹除"}
	LogSeq       = Text{"No", "序号"}
	LogOutcome   = Text{"Outcome", "结果"}
	LogEffects   = Text{"What it did", "产生的动作"}
	LogVerify    = Text{"Verify the log", "校验日志"}
	LogWhole     = Text{"The log is whole", "日志完整"}
	LogBroken    = Text{"The log is not what it was", "日志与原来不符"}
	LogWholeText = Text{
		"%d {entry was|entries were} checked from the first to the last: every link, every commitment, " +
			"every policy. The hash of the last stands for all: %s",
		"已从第一条到最后一条检查 %d 条：每个链接、每个承诺、每份策略。最后一条的哈希代表全部：%s"}
	LogOlder   = Text{"Older", "更早"}
	LogNewest  = Text{"Newest", "最新"}
	LogFind    = Text{"Record", "记录"}
	LogFindFor = Text{
		"As Visit/visit-1 or Rep/r01, or the number of an entry",
		"如 Visit/visit-1、Rep/r01，或条目序号"}
	LogGo      = Text{"Find", "查找"}
	LogNothing = Text{"Nothing here yet", "还没有内容"}
	LogTeach   = Text{
		"Every record that is submitted, every timer and every decision gets an entry here, " +
			"with the reasons for it.",
		"每条提交的记录、每个到期的时间和每个决定都会在这里留下一条，并附原因。"}
	LogCause   = Text{"caused by", "起因"}
	LogField   = Text{"Field", "字段"}
	LogValue   = Text{"Value", "值"}
	LogNow     = Text{"How it stands now", "现在的情况"}
	LogAbout   = Text{"Decisions about it", "有关的决定"}
	LogErased  = Text{"erased", "已删除"}
	LogUnknown = Text{"No entry or record is called that.", "没有这样的条目或记录。"}
)
