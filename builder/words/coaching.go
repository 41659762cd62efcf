package words

// Coaching: a case, its evidence and what came of it.
var (
	Coaching     = Text{"Coaching", "辅导"}
	CoachingLead = Text{
		"A case for somebody whose figures stay low: the evidence first, then what both agree on.",
		"为持续偏低的人建立的档案：先看证据，再商定改进。"}
	CoachingNone  = Text{"No case is open", "没有进行中的档案"}
	CoachingTeach = Text{
		"An alert whose task brings records along (with last(Visit, 5)) opens a case here.",
		"任务附带记录的预警（附带 最近(Visit, 5)）会在这里建立档案。"}
	CoachingOpen   = Text{"Open cases", "进行中的档案"}
	CoachingClosed = Text{"Closed cases", "已结束的档案"}
	CoachingEnded  = Text{"Ended", "结束时间"}
	CoachingMore   = Text{"%d more {is|are} in the log.", "另有 %d 个，见日志。"}
	CoachingCause  = Text{"Case", "档案"}
	CoachingBefore = Text{"Before", "立案前"}
	CoachingExpect = Text{"Expected without action", "若无人干预"}
	CoachingAfter  = Text{"Actual since", "立案后实际"}
	CoachingOpened = Text{"Opened", "立案时间"}
	CoachingSigned = Text{"Signed", "签字"}
	CoachingOf     = Text{"%d of %d", "已签 %d / %d"}
	CoachingLittle = Text{"not enough", "数据不足"}
	CoachingLuck   = Text{
		"Who was low gets nearer to the others by luck alone. What lies beyond the expected figure may " +
			"be an effect; by itself it proves none.",
		"偏低的人单凭运气也会向平均靠近。超出预期的部分才可能是辅导的效果，但这本身不是证明。"}
	CoachingList   = Text{"What was agreed on", "改进清单"}
	CoachingBoth   = Text{"Each side signs for themselves.", "双方各自签字。"}
	CoachingTrail  = Text{"The last five", "最近五次"}
	CoachingNoItem = Text{"Nothing was agreed on yet.", "还没有商定内容。"}
	CoachingAdd    = Text{"Add to it", "添加一项"}
	CoachingSign   = Text{"Sign", "签字"}
	CoachingHow    = Text{
		"An event of the policy with a text field “case” takes down what is agreed: event Improvement " +
			"{ case text; item text }.",
		"策略中含有文本字段 case 的事件可记录约定：事件 Improvement { case 文本; item 文本 }。"}
	CoachingTasks = Text{"Sign or change it", "签字或修改"}

	WaiverAdd    = Text{"Exempt for a time", "添加限时豁免"}
	WaiverAddFor = Text{
		"A check is not held against somebody until a day. It is said each time, and ends by itself.",
		"在某日之前，不以某项检查约束某人或某处。每次都会说明，到期自动结束。"}
	WaiverAny   = Text{"everybody", "所有人"}
	PhotoTaken  = Text{"Photo taken", "照片拍摄时间"}
	PhotoWhere  = Text{"Photo's place", "照片位置"}
	PhotoDevice = Text{"Device", "设备"}
	PhotoEdited = Text{"Software", "处理软件"}
	PhotoSize   = Text{"Size", "大小"}
	PhotoOf     = Text{"Photo: %s", "照片：%s"}
)
