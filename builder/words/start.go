package words

// The first steps in a new workspace.
var (
	Start     = Text{"How to begin", "如何开始"}
	StartLead = Text{
		"Three quick starts, each of two hours at most. What you choose becomes the draft: you see it, " +
			"change it, and nothing is in force before you publish it.",
		"三种快速起步，每种不超过两小时。所选内容写入草稿：先查看、再修改，发布之前不会生效。"}
	StartGoal    = Text{"Redraw one goal", "重绘一个目标"}
	StartGoalFor = Text{
		"One goal as a line of actions: stages, what is due in each, and a weekly number that somebody " +
			"can do.",
		"把一个目标画成动线：阶段、每个阶段的动作，以及做得到的每周数量。"}
	StartProof    = Text{"Three elements, no way around", "三要素校验，关闭免检"}
	StartProofFor = Text{
		"A visit counts with place, talk and result. What was exempt is listed, and closed in one act.",
		"到场、交谈、产出齐全才算拜访。列出全部免检项，并一次关闭。"}
	StartReview    = Text{"One overlooked proof", "找出一个被忽略的证据"}
	StartReviewFor = Text{
		"First item of the next review: in which of the three last visits before a contract did the " +
			"client say what hurts?",
		"复盘第一议题：签约前最近三次拜访，哪一次客户说出了痛点？"}
	StartSmall    = Text{"A small example", "一个小例子"}
	StartSmallFor = Text{
		"One journey of four stages, to be changed on the board.", "一条四个阶段的旅程，可在看板上修改。"}
	StartTrade   = Text{"Trade", "行业"}
	StartWeek    = Text{"Times a week", "每周次数"}
	StartWeekFor = Text{
		"What a good person of yours does in a usual week.", "您的一位好员工平常一周能做到的次数。"}
	StartStay    = Text{"Shortest talk, in minutes", "最短交谈时间（分钟）"}
	StartWords   = Text{"Words in which clients say what hurts", "客户说痛点时的用词"}
	StartWordsOf = Text{
		"Separated by commas; they are added to the list.", "用逗号分隔，会加入词表。"}
	StartTell    = Text{"Who is told, and how", "如何通知"}
	StartTellFor = Text{
		"Managers get a message as well as a task; the address is set afterwards.",
		"经理除了任务还会收到一条消息；地址在之后设置。"}
	StartLater = Text{"Nobody yet: tasks alone", "暂不通知，只给任务"}
	StartBegin = Text{"Begin with it", "以此开始"}
	StartAnew  = Text{"Instead of the draft that is there", "替换现有草稿"}
	StartKept  = Text{
		"The draft has changes. They are put aside in a file of the server, and can be had again there.",
		"现有草稿已有修改，会存为服务器上的一个文件，需要时可找回。"}
	StartNumber = Text{"A number from 1 to 100.", "请填写 1 到 100 的数字。"}

	StartMade     = Text{"What people will get", "人们会得到什么"}
	StartMadeLead = Text{
		"So says the draft. Nothing of it is in force yet.", "草稿如此规定，尚未生效。"}
	StartInForce = Text{"It is in force.", "已经生效。"}
	StartDo      = Text{"To do", "要做的动作"}
	StartTold    = Text{"Who is told when", "何时提醒谁"}
	StartWay     = Text{"The way", "旅程"}
	StartGives   = Text{"Who gets what", "如何分配"}
	StartNext    = Text{"Next", "接下来"}
	StartPublish = Text{"Look at it once more and publish", "再看一遍并发布"}
	StartImport  = Text{
		"Bring in people, customers and what has happened", "导入人员、客户与历史记录"}
	StartPeople   = Text{"Let your people in", "邀请人员"}
	StartChannels = Text{"Set a channel", "设置通道"}
	StartClose    = Text{"Close all exemptions", "关闭全部免检"}
	StartBoard    = Text{"Change it on the board", "在看板上修改"}
	StartTimes    = Text{"%d a week", "每周 %d 次"}
	StartOther    = Text{"Choose another way", "换一种方式"}
)
