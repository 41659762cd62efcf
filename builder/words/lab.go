package words

// The lab: what other weights would have come to.
var (
	Lab     = Text{"Allocation lab", "分配实验"}
	LabLead = Text{
		"The records of %d day{|s}, given out again by other weights. Nothing is carried out.",
		"用其他权重把 %d 天的记录重新分配一遍，不会真正执行。"}
	LabOpen  = Text{"Try other weights", "试试其他权重"}
	LabNone  = Text{"Nothing to weigh", "没有可调的权重"}
	LabTeach = Text{
		"The lab replays an allocation that weighs terms. This workspace's policy has none yet: write " +
			"allocate … weigh { … } in the text.",
		"实验重放带权重的分配。当前策略还没有：请在文本中编写 分配 … 权衡 { … }。"}
	LabWeights = Text{"Weights", "权重"}
	LabWeight  = Text{"Weight of %s", "%s 的权重"}
	LabOfAll   = Text{"%s of all", "占 %s"}
	LabRule    = Text{"Give out by", "分配方式"}
	LabWeigh   = Text{"these weights", "以上权重"}
	LabRobin   = Text{"everybody in turn", "依次轮流"}
	LabLeast   = Text{"the fewest open first", "在手最少者优先"}
	LabRate    = Text{"the lowest load rate", "负载率最低者优先"}
	LabDays    = Text{"Records of", "记录范围"}
	LabOfDays  = Text{"the last %d day{|s}", "最近 %d 天"}
	LabTry     = Text{"Try it", "试算"}
	LabUse     = Text{"Use these weights", "采用这些权重"}
	LabUseFor  = Text{
		"They go into the draft as one change that can be undone; nothing is in force before it is " +
			"published.",
		"作为一步可撤销的修改写入草稿；发布前不会生效。"}
	LabUsed    = Text{"The weights are in the draft.", "权重已写入草稿。"}
	LabPublish = Text{"See and publish", "查看并发布"}
	LabAsIs    = Text{"The rule as it stands", "现行规则"}
	LabTried   = Text{"What you try", "试算"}
	LabWho     = Text{"Person", "人员"}
	LabGets    = Text{"Records", "条数"}
	LabMore    = Text{"More or less", "增减"}
	LabLoad    = Text{"Mean load", "平均负载"}
	LabOver    = Text{"Days over full", "超负荷天数"}
	LabWon     = Text{"Expected won", "预计赢单"}
	LabMost    = Text{"Busiest", "最多"}
	LabGini    = Text{"Uneven (Gini)", "不均（基尼）"}
	LabJain    = Text{"Even (Jain)", "均匀（Jain）"}
	LabNobody  = Text{"Nobody", "无人负责"}
	LabMoved   = Text{"Go to somebody else", "换人"}
	LabMoves   = Text{"Records that would go to somebody else", "会换人的记录"}
	LabMovesN  = Text{
		"%d of %d; these are the last.", "%[2]d 条中的 %[1]d 条；这里是最近的。"}
	LabSame    = Text{"Every record goes to the same person.", "每条记录都分给同一个人。"}
	LabFigures = Text{"Side by side", "并列比较"}
	LabFigure  = Text{"Figure", "指标"}
	LabSays    = Text{
		"%d of %d record{|s} would go to somebody else. The busiest gets %d instead of %d; " +
			"unevenness is %s instead of %s.",
		"%[2]d 条记录中有 %[1]d 条换人。最多的一人得到 %[3]d 条（现行 %[4]d 条）；不均程度 %[5]s（现行 %[6]s）。"}
	DidWeigh = Text{"weights of %s", "调整 %s 的权重"}

	PauseTitle   = Text{"Pauses and leave", "暂停与请假"}
	PausePerson  = Text{"Give nobody's records to", "暂停分给"}
	PauseUntil   = Text{"Until", "至"}
	PauseDeputy  = Text{"Tasks and messages go to", "代理人（任务与消息）"}
	PauseNoOne   = Text{"nobody", "无"}
	PauseSet     = Text{"Pause", "暂停"}
	PauseOn      = Text{"%s gets nothing until %s", "%s 暂停接收，至 %s"}
	PauseFrom    = Text{"from %s", "自 %s"}
	PauseEnd     = Text{"Is back", "恢复"}
	PauseNone    = Text{"Everybody gets records.", "所有人都在接收。"}
	PauseRule    = Text{"Give out nothing", "暂停全部分配"}
	PauseRuleFor = Text{
		"All that comes lies in the pool until then, where it can be claimed.",
		"在此之前，到来的记录都进入公海，可以认领。"}
	PauseWhy    = Text{"Why", "原因"}
	PauseRuleOn = Text{"Nothing is given out until %s: %s", "暂停分配至 %s：%s"}
	PauseOpen   = Text{"it is resumed", "手动恢复"}
	PauseResume = Text{"Give out again", "恢复分配"}
	PauseWhen   = Text{"Say until when.", "请说明到什么时候。"}
)
