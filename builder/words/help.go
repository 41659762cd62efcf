package words

// Help is what a page is for, in its first line, and what can be done there, a line each.
var (
	Help      = Text{"Help", "帮助"}
	HelpOf    = Text{"Help: %s", "帮助：%s"}
	HelpBack  = Text{"Back to the page", "返回页面"}
	HelpOther = Text{"Help on other pages", "其他页面的帮助"}
	HelpCan   = Text{"What you can do here", "在这里可以做什么"}

	HelpToday = Text{
		"One list of what is due for you, the most urgent first, each with the reason " +
			"why it stands there.\n" +
			"Press Hand in to record a visit or a call with a photo and your position; " +
			"what it counts for is told at once.\n" +
			"Claim a lead from the pool. Whoever is faster has it, so claiming takes a " +
			"connection.\n" +
			"Without a connection the list stays as it was, and what you hand in is kept " +
			"and sent by itself.\n" +
			"Why leads to the entry of the log with everything that was looked at.",
		"按紧急程度排列的待办清单，每一项都写明为什么排在这里。\n" +
			"点“提交”记录拜访或通话，附上照片和位置，是否计入会立即告知。\n" +
			"从公海认领线索。先到先得，所以认领需要联网。\n" +
			"断网时清单保持原样，提交的内容会保存在本机，联网后自动送出。\n" +
			"点“为什么”可打开日志条目，查看当时看过的全部内容。"}
	HelpBoard = Text{
		"Journeys as a board: a stage is a column, what it asks for is a card. It is " +
			"a view of the policy's text.\n" +
			"Drag a card, lift it with the space key and move it with the arrows, or use " +
			"its menu: all three do the same.\n" +
			"Press + at a gap to add something; the search understands initials of pinyin.\n" +
			"Enter on a card opens its rule in detail, where every number has a control.\n" +
			"Ctrl+Z takes back what you did last, on the board and in the text alike. " +
			"Nothing is in force before it is published.",
		"以看板显示旅程：阶段是列，要求是卡片，它是策略文本的另一种视图。\n" +
			"拖动卡片、用空格拿起后按方向键移动，或使用卡片菜单，三种方式效果相同。\n" +
			"在空隙处点 + 添加，搜索支持拼音首字母。\n" +
			"在卡片上按回车打开规则详情，每个数值都有控件。\n" +
			"Ctrl+Z 撤销您的上一步，看板和文本共用。发布之前一切都不生效。"}
	HelpRules = Text{
		"Every declaration of the draft, each in sentences and with a control for " +
			"every number, unit and choice.\n" +
			"Search by name, or by the initials of its pinyin.\n" +
			"The fx button turns a condition into free text, with completion at the caret.\n" +
			"Beside a rule stands how often it would have fired in the last 90 days, and " +
			"what uses it.\n" +
			"Rename everywhere changes a name wherever it stands, at once.",
		"草稿中的全部声明，以句子显示，每个数值、单位和选项都有控件。\n" +
			"可按名称或拼音首字母搜索。\n" +
			"fx 按钮把条件变为自由文本，光标处有补全。\n" +
			"规则旁边显示它在最近 90 天会触发多少次，以及谁在使用它。\n" +
			"“到处改名”会一次改掉所有引用。"}
	HelpText = Text{
		"The policy as it is written. Board and text show the same draft, and several " +
			"people can write in it at once.\n" +
			"What the checker finds stands under the text and at its line; a fix is " +
			"offered where it is certain.\n" +
			"F12 goes to where a name is declared, F2 renames it everywhere, Shift+Alt+F " +
			"lays the text out.\n" +
			"What you type without a connection is kept and sent when the server answers " +
			"again.",
		"策略的原文。看板和文本是同一份草稿，可多人同时编写。\n" +
			"检查结果显示在文本下方和对应的行上，确定能修的会给出修复。\n" +
			"F12 转到定义，F2 到处改名，Shift+Alt+F 整理格式。\n" +
			"断网时输入的内容会保留，恢复后自动送出。"}
	HelpBench = Text{
		"Records pinned beside the draft, decided by it at every change. Nothing is " +
			"carried out, and the log stays as it is.\n" +
			"Write a record by hand or take one from the log.\n" +
			"Let time go on to see what becomes due.\n" +
			"Each record shows its outcome and the reasons; the board shows what it has " +
			"and lacks in its stage.",
		"把记录固定在草稿旁，每次改动都会重新决定。不会执行任何操作，日志不变。\n" +
			"手写一条记录，或从日志中选取。\n" +
			"推进时间，查看哪些事项会到期。\n" +
			"每条记录显示结果和原因，看板显示它在所处阶段已有和缺少的内容。"}
	HelpPublish = Text{
		"What becomes different from now on, for whom, and what speaks against it.\n" +
			"Read the changes in sentences, on the board and in the text.\n" +
			"Errors and failing tests stop it; warnings are told.\n" +
			"Publish only your own changes, where others have written in the draft too.",
		"从现在起有什么不同、影响谁，以及有什么问题。\n" +
			"可以按句子、看板和文本查看改动。\n" +
			"错误和未通过的测试会阻止发布，警告会提示。\n" +
			"草稿中也有他人改动时，可只发布自己的改动。"}
	HelpVersions = Text{
		"Every policy that was put in force: when, by whom, and what it changed.\n" +
			"Choose one to see what it changed in meaning, on the board and line by line.\n" +
			"Put any of them in force again.",
		"每一次生效的策略：时间、发布人和改动。\n" +
			"选择一个版本，查看它在含义、看板和逐行文本上的改动。\n" +
			"可让任何一个版本重新生效。"}
	HelpStart = Text{
		"Three quick starts for a new workspace, with few questions.\n" +
			"Choose one and answer: what comes of it is a draft.\n" +
			"Look at it, change it, and publish it when it fits.",
		"为新工作区准备的三种快速起步，只需回答几个问题。\n" +
			"选一个并作答，得到的是一份草稿。\n" +
			"查看、修改，合适时再发布。"}
	HelpHealth = Text{
		"How much of each target was done in a week, by team and by person.\n" +
			"Choose a week above. A team leads to its people, a figure to the records " +
			"behind it.\n" +
			"A dot marks what has been too low for days on end: an alert is open on it.\n" +
			"The score adds up the actions by their weights; it opens what each adds.",
		"一周内各目标的完成情况，按团队和人员显示。\n" +
			"在上方选择一周。点团队进入成员，点数字查看背后的记录。\n" +
			"圆点表示连续多日偏低，已有预警。\n" +
			"得分按权重汇总各动作，点开可看每个动作贡献了多少。"}
	HelpAlerts = Text{
		"What is open now, by the rule that says so, and what is to be done about it.\n" +
			"Open one to see the rule as a sentence, its figures with the mark, and the " +
			"moment at which it opened.\n" +
			"Take a task and close it, with a reason where it was not done.\n" +
			"An alert ends by itself once its condition has ended.",
		"当前打开的预警，按规则归类，以及需要做什么。\n" +
			"点开可看规则的句子、数值与阈值，以及触发的时刻。\n" +
			"领取任务，做完后关闭；没有做的要写原因。\n" +
			"条件不再成立时，预警会自行结束。"}
	HelpReviews = Text{
		"Records whose proof is in doubt, with what was handed in beside what it was " +
			"held against.\n" +
			"Look at the map, the photo and the earlier note. What both notes say is " +
			"marked.\n" +
			"Say whether it is right. Only a person decides; no rule accuses anybody.\n" +
			"Exempt somebody from a check until a day, with a reason.",
		"凭证存疑的记录，提交的内容与比对的依据并排显示。\n" +
			"查看地图、照片和此前的备注，相同的文字会标出。\n" +
			"判断是否属实。只有人能下结论，规则不会指控任何人。\n" +
			"可对某人豁免某项检查到某日，并写明原因。"}
	HelpCoaching = Text{
		"Cases of people whose figures stay low: the evidence, what was agreed, and " +
			"what came of it.\n" +
			"Write down what is to change; each side signs for themselves.\n" +
			"Expected without action is what luck alone would have made of the figure. " +
			"Compare it with what came.\n" +
			"Closed cases stay below the open ones.",
		"持续偏低者的档案：证据、约定和结果。\n" +
			"写下要改变什么，双方各自签字。\n" +
			"“若无人干预”是单凭运气会达到的数值，请与实际对照。\n" +
			"已结束的档案列在下方。"}
	HelpAllocation = Text{
		"Who got what by a rule in the last 30 days, and why.\n" +
			"Open a record to see everybody who was weighed, how far each was behind, " +
			"and by which term.\n" +
			"Try other weights in the lab: the same records are given out again, and " +
			"nothing is carried out.\n" +
			"Let somebody on leave get nothing until they are back.",
		"最近 30 天谁按规则得到了什么，以及为什么。\n" +
			"点开一条记录，查看所有候选人、各自落后多少，差在哪一项。\n" +
			"在分配实验中试用其他权重：同样的记录重新分配一遍，不会执行。\n" +
			"请假的人在回来之前不参与分配。"}
	HelpImport = Text{
		"Tables on their way in: Excel or CSV as people keep them.\n" +
			"Choose a file. Columns are matched with fields, and headers in Chinese are " +
			"understood.\n" +
			"See what would come of every row before anything is taken in.\n" +
			"Get back the rows that could not be taken, with the reason in a column.\n" +
			"Take back what came in, for seven days.",
		"导入 Excel 或 CSV 表格，保持平时的格式即可。\n" +
			"选择文件，列会与字段匹配，能识别中文表头。\n" +
			"导入之前先看每一行会怎样。\n" +
			"未能导入的行可以取回，表中有一列写明原因。\n" +
			"七天之内可以撤销导入。"}
	HelpPeople = Text{
		"Who comes in, as what, and what they see.\n" +
			"Add a person with a role, and say who of the records that is.\n" +
			"Hide a field from a role: it is not seen anywhere, in no page, text or figure.\n" +
			"Make a key for a program. Passwords and keys are shown once.",
		"谁能进入、以什么身份，以及能看到什么。\n" +
			"添加人员和角色，并指明对应哪条人员记录。\n" +
			"对某个角色隐藏字段后，任何页面、文字和数字中都看不到。\n" +
			"为程序创建密钥。密码和密钥只显示一次。"}
	HelpChannels = Text{
		"How people and systems are told what was decided.\n" +
			"Add a channel and try it before it is used.\n" +
			"See how each fares, and send again what could not be sent.",
		"如何把决定告知人员和系统。\n" +
			"添加通道，使用前先试发。\n" +
			"查看各通道的情况，重发未能送出的内容。"}
	HelpOverview = Text{
		"What the policy in force is made of: actions, scores, alerts, journeys and " +
			"records.\n" +
			"Look up what something is called before you write it.\n" +
			"Changes are made on the board, in the rules or in the text.",
		"生效的策略由哪些部分组成：动作、评分、预警、旅程和记录。\n" +
			"编写之前先查名称。\n" +
			"修改请到看板、规则或文本。"}
	HelpLog = Text{
		"Every record that came and every decision, in order. Nothing in it can be " +
			"changed without being noticed.\n" +
			"Find an entry by its number, or a record by its type and id.\n" +
			"Open one to read what came, what was decided, why, and why not otherwise.\n" +
			"Verify that the log is whole.",
		"所有到达的记录和决定，按顺序排列，任何改动都会被发现。\n" +
			"按编号查找条目，或按类型和编号查找记录。\n" +
			"点开可读到达的内容、决定、原因，以及为什么不是别的。\n" +
			"可校验日志是否完整。"}
)
