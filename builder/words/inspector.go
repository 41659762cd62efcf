package words

// The inspector of a rule, and the page that lists all rules.
var (
	Rules     = Text{"Rules", "规则"}
	RulesLead = Text{
		"Everything that the draft declares. Choose one to see what it says and to change it.",
		"草稿声明的全部内容。选择一项查看含义并修改。"}
	RulesFilter  = Text{"Search by name, or by the initials of its pinyin", "按名称或拼音首字母搜索"}
	RulesNothing = Text{"Nothing is called so.", "没有这样的名称。"}
	RulesNew     = Text{"New", "新建"}
	RulesNewWhat = Text{"What is to be declared", "要声明什么"}
	RulesNone    = Text{"Nothing is declared yet", "还没有任何声明"}
	RulesBegin   = Text{"Declare the first with New, or write it in the text.", "点「新建」，或直接在文本里编写。"}
	RulesChoose  = Text{"Choose a rule on the left.", "请在左侧选择一条规则。"}

	Inspect      = Text{"Inspect", "查看与修改"}
	InspectClose = Text{"Close", "关闭"}
	InspectGone  = Text{"This is not there any more: somebody renamed or removed it.",
		"此项已不存在：可能已被改名或删除。"}
	InspectSays   = Text{"In words", "含义"}
	InspectParts  = Text{"What it is made of", "组成"}
	InspectOpens  = Text{"Stands in it", "包含"}
	InspectUses   = Text{"Used by", "被引用"}
	InspectUnused = Text{"Nothing else names it.", "没有其他内容引用它。"}
	InspectPast   = Text{"Who changed it", "修改记录"}
	InspectFirst  = Text{"It is as it was when the workspace began.", "自工作区建立以来没有改动。"}
	PastDraft     = Text{"in this draft", "在本草稿中"}
	PastNobody    = Text{"the server", "服务器"}
	PastPublished = Text{"published", "发布"}

	Mode        = Text{"Mode", "运行方式"}
	ModeOff     = Text{"off", "关闭"}
	ModeShadow  = Text{"on trial, without effect", "试运行，不产生效果"}
	ModeWarn    = Text{"warns only", "只提醒"}
	ModeEnforce = Text{"in force", "生效"}

	Rename     = Text{"Rename everywhere", "到处改名"}
	RenameTo   = Text{"New name in the policy", "策略中的新名称"}
	RenameDo   = Text{"Rename", "改名"}
	RenameHint = Text{
		"Every place that says it is changed with it; what is running stays with the new name.",
		"所有引用处同步修改；运行中的状态沿用到新名称。"}

	BlankIn    = Text{"%s, in: %s", "%s，位于：%s"}
	BlankUnit  = Text{"Unit of %s, in: %s", "%s 的单位，位于：%s"}
	FreeLine   = Text{"As it is written: %s", "按写法修改：%s"}
	FreeExpr   = Text{"Condition or value of %s", "%s 的条件或取值"}
	FreeOpen   = Text{"Write it freely: %s", "自由编写：%s"}
	FreeHint   = Text{"Enter puts it in, Escape leaves it as it was.", "回车写入，Esc 保持原样。"}
	LineAdd    = Text{"Add a line to %s", "在 %s 中添加一行"}
	LineAddDo  = Text{"Add", "添加"}
	LineUp     = Text{"Move up: %s", "上移：%s"}
	LineDown   = Text{"Move down: %s", "下移：%s"}
	LineDelete = Text{"Delete: %s", "删除：%s"}
	RowTable   = Text{"Table: the first row that holds", "表：取第一个成立的行"}
	RowWhen    = Text{"When", "条件"}
	RowThen    = Text{"Then", "结果"}
	RowLabel   = Text{"Called", "名称"}
	RowDo      = Text{"Order", "次序"}
	RowElse    = Text{"otherwise", "否则"}
	CondAll    = Text{"All of these must hold:", "以下条件须全部成立："}
	CondNth    = Text{"Condition %d of %s", "%[2]s 的第 %[1]d 个条件"}
	CondAdd    = Text{"Another condition of %s", "%s 的另一个条件"}
	CondDelete = Text{"Leave out: %s", "去掉：%s"}
	WeightOf   = Text{"Weight of %s", "%s 的权重"}
	WeightsSum = Text{"Weights add up to 100%; moving one moves the others.", "权重合计 100%；调整一项，其余随之变化。"}
	WeightsNot = Text{"The weights do not add up to 100%.", "权重合计不是 100%。"}
	UnitS      = Text{"seconds", "秒"}
	UnitMin    = Text{"minutes", "分钟"}
	UnitH      = Text{"hours", "小时"}
	UnitD      = Text{"days", "天"}
	UnitW      = Text{"weeks", "周"}
	UnitWH     = Text{"working hours", "工时"}
	UnitWD     = Text{"working days", "工作日"}
	UnitM      = Text{"metres", "米"}
	UnitKM     = Text{"kilometres", "公里"}
	UnitPP     = Text{"percentage points", "个百分点"}
	UnitOne    = Text{"units", "个"}

	ReadyName   = Text{"Conditions to put in", "可加入的条件"}
	ReadySearch = Text{"Search conditions", "搜索条件"}
	ReadyFind   = Text{"Search conditions for %s", "搜索可加入 %s 的条件"}
	ReadyAdd    = Text{"Put in: %s", "加入：%s"}
	ReadyNone   = Text{"There is none like that; write it with fx.", "没有这样的条件；可用 fx 自行编写。"}

	DidSet      = Text{"change “%s”", "修改「%s」"}
	DidMode     = Text{"change the mode of %s", "修改 %s 的运行方式"}
	DidRename   = Text{"rename %s", "改名 %s"}
	FileNotOurs = Text{"This comes with the program and cannot be changed here.", "此内容随程序提供，不能在此修改。"}

	Fired        = Text{"In the past", "过往试算"}
	FiredTrying  = Text{"Trying it on the log: %d%%", "正在用历史记录试算：%d%%"}
	FiredStop    = Text{"Stop", "停止"}
	FiredAgain   = Text{"Try it", "试算"}
	FiredStopped = Text{"It was not tried on this text.", "尚未对当前文本试算。"}
	FiredWrong   = Text{"It can be tried once the mistakes are mended.", "改正错误后即可试算。"}
	FiredNone    = Text{"There are no records yet to try it on.", "还没有可用于试算的记录。"}
	FiredLong    = Text{"The log has over %d records: compare policies by thru backtest.",
		"记录超过 %d 条：请用 thru backtest 比较。"}
	SizeName    = Text{"In it now", "当前成员"}
	SizeRunning = Text{"Being worked out from the log…", "正在根据历史记录计算…"}
	SizeOf      = Text{"of %[2]d records of %[3]s", "/ %[2]d 条「%[3]s」记录"}
	SizeQuick   = Text{
		"By the conditions at this moment; the log is being tried for who entered and left.",
		"按条件即时计算；正在用历史记录试算进入与离开。"}
	SizeMany = Text{
		"There are over %d records: who is in it is told, not each condition.",
		"记录超过 %d 条：只列出成员，不逐条统计条件。"}
	SizeUnknown = Text{"Of %d it cannot be said: data is missing.", "%d 条因缺少数据无法判断。"}
	SizeWho     = Text{"Among them", "成员示例"}
	SizeNobody  = Text{"Nobody.", "暂无。"}
	SizeMore    = Text{"and more", "等"}
	SizeDid     = Text{"%s %d time{|s}", "%s %d 次"}
	SizeDone    = Text{"Entering and leaving would have made happen: %s", "进入与离开会触发：%s"}

	FiredWhole = Text{"Trying a rule on the log takes a role that sees every record.",
		"试算需要能看到全部记录的角色。"}
)

// The kinds of declarations, as groups of a list.
var (
	KindJourneys    = Text{"Journeys", "旅程"}
	KindActions     = Text{"Actions", "动作"}
	KindAlerts      = Text{"Alerts", "预警"}
	KindRules       = Text{"Rules", "规则"}
	KindSegments    = Text{"Segments", "分群"}
	KindAllocations = Text{"Allocations", "分配"}
	KindScores      = Text{"Scores", "评分"}
	KindMetrics     = Text{"Metrics", "指标"}
	KindGoals       = Text{"Goals", "目标"}
	KindRemedies    = Text{"Remedies", "对策"}
	KindEntities    = Text{"Entities", "对象"}
	KindEvents      = Text{"Events", "事件"}
	KindExtends     = Text{"Extensions", "扩展"}
	KindChoices     = Text{"Choices", "选项"}
	KindLets        = Text{"Constants", "常量"}
	KindCalendars   = Text{"Calendars", "日历"}
	KindExterns     = Text{"Outside functions", "外部函数"}
	KindUses        = Text{"Templates in use", "采用的模板"}
	KindTests       = Text{"Tests", "测试"}
)
