package words

// What a person has to look at.
var (
	Reviews     = Text{"Reviews", "复核"}
	ReviewsLead = Text{
		"Records whose proof is in doubt, the oldest first, with what was handed in beside " +
			"what is in doubt. Nobody is accused by a rule: a person decides.",
		"凭证存疑的记录，最早的在前，提交的内容与疑点并排。规则不下结论，由人判断。"}
	ReviewsNone      = Text{"Nothing waits for a review", "没有待复核的内容"}
	ReviewsNoneTeach = Text{
		"A line of proof that is not met, with else review in the policy, puts its record " +
			"here until somebody has looked at it.",
		"凭证行不成立且策略写明 否则 复核 时，该记录会在这里等待，直到有人复核。"}
	ReviewsWaiting = Text{"%d record{ waits|s wait}", "%d 条记录待复核"}
	ReviewsDoubts  = Text{"What is in doubt", "疑点"}
	ReviewsGiven   = Text{"What was handed in", "提交的内容"}
	ReviewsPass    = Text{"It is right", "通过"}
	ReviewsFail    = Text{"It is not", "不通过"}
	ReviewsNote    = Text{"A word about it", "说明"}
	ReviewsMap     = Text{"Taken %s from %s", "距 %[2]s %[1]s"}
	ReviewsMore    = Text{"%d more wait{s|}; these are the oldest.", "另有 %d 条待复核；这里是最早的。"}
	ReviewsWeak    = Text{"weak evidence", "弱证据"}
	ReviewsStrong  = Text{"strong evidence", "强证据"}
	ReviewsAgain   = Text{"the same photo as in", "与此记录照片相同："}

	Waivers     = Text{"Exemptions in force", "生效中的豁免"}
	WaiversLead = Text{
		"Checks that are not held against somebody for a time. What is waived is still said, each time.",
		"在一段时间内对某人或某处不适用的检查。被豁免的内容每次仍会说明。"}
	WaiversCheck = Text{"Check", "检查"}
	WaiversWhom  = Text{"For", "适用"}
	WaiversAll   = Text{"everybody", "所有人"}
	WaiversBy    = Text{"By", "批准人"}
	WaiversWhy   = Text{"Why", "原因"}
	WaiversUntil = Text{"Until", "截至"}
	WaiversClose = Text{"Close all of them", "全部收回"}
	WaiversNone  = Text{"No check is waived.", "没有豁免任何检查。"}

	Allocation     = Text{"Allocation", "分配"}
	AllocationLead = Text{
		"Who got what in the last %d day{|s}, and why: open one to see everybody who was weighed.",
		"最近 %d 天谁得到了什么以及原因：点开一条可看所有候选人。"}
	AllocationNone  = Text{"Nothing is given out by a rule yet", "还没有按规则分配"}
	AllocationTeach = Text{
		"An allocation weighs everybody who may have a record, gives it to one of them, and " +
			"keeps what it saw of each.",
		"分配规则权衡所有候选人，把记录交给其中一人，并保留对每个人看到的内容。"}
	AllocationNobody = Text{
		"Nothing was given out in this time. Records are given out as they come in.",
		"这段时间没有分配。记录到达时自动分配。"}
	AllocationWhom   = Text{"By person", "按人员"}
	AllocationLast   = Text{"The last ones", "最近的分配"}
	AllocationCount  = Text{"Got", "得到"}
	AllocationPool   = Text{"In the pool", "公海"}
	AllocationTo     = Text{"To", "分给"}
	AllocationScore  = Text{"Score", "得分"}
	AllocationOut    = Text{"left out: %s", "未参与：%s"}
	AllocationBehind = Text{"Points behind", "落后分数"}
	AllocationBy     = Text{"By which term", "差在哪一项"}
	AllocationWon    = Text{"got it", "得到"}
	AllocationOther  = Text{"Candidate", "候选人"}
	AllocationResult = Text{"Result", "结果"}
	AllocationWeigh  = Text{"Everybody who was weighed", "所有候选人"}
)

// What a record in doubt was held against.
var (
	EvidenceLooking = Text{"Earlier records that it is like are being looked for.",
		"正在查找与它相似的既往记录。"}
	EvidenceNote  = Text{"The note is %s like an earlier one", "备注与既往一条相似 %s"}
	EvidenceThis  = Text{"This note", "本条备注"}
	EvidenceBytes = Text{"The same file was handed in before", "同一份文件此前已提交过"}
	EvidenceLooks = Text{"A photo that looks the same was handed in before (%d of 64 marks differ)",
		"此前提交过看起来一样的照片（64 个特征中 %d 个不同）"}
	EvidenceWay    = Text{"The way from the record before or to the one after", "与前一条或后一条记录之间的路程"}
	EvidenceTrip   = Text{"%s in %s minutes, which is %s km/h:", "%s，%s 分钟，相当于 %s 公里/小时："}
	EvidenceOnce   = Text{"%s at the same moment:", "%s，同一时刻："}
	EvidenceMock   = Text{"The phone says itself that the position was made up.", "手机自己报告该位置是模拟的。"}
	EvidenceUnseen = Text{"a record that you do not see", "您无权查看的一条记录"}
)
