package words

// What authors work with: the board, the text, publishing.
var (
	Board      = Text{"Journey board", "旅程看板"}
	BoardLead  = Text{"Stages as columns, what each asks for as cards.", "每个阶段一列，阶段的要求是卡片。"}
	BoardText  = Text{"The same as text", "对应的文本"}
	BoardNone  = Text{"No journey yet", "还没有旅程"}
	BoardBegin = Text{
		"A journey says which stages something goes through and what each stage asks for. Write the " +
			"first in the text: the board shows it at once, and from then on both are the same.",
		"旅程说明一件事经过哪些阶段、每个阶段要求什么。先在文本里写下第一条：看板会立即显示，" +
			"之后两者始终一致。"}
	BoardWrite    = Text{"Write it in the text", "在文本中编写"}
	BoardReadOnly = Text{
		"You see the draft; changing it takes the role of an author.",
		"您可以查看草稿；修改需要编制者角色。"}
	BoardHelp = Text{
		"Space lifts a card, arrows move it, space drops it, Escape puts it back. Enter " +
			"shows it in detail, E edits, N or / adds below, Delete removes, Ctrl+Z undoes.",
		"空格键拿起卡片，方向键移动，再按空格放下，Esc 放回原处。回车查看详情，E 编辑，N 或 / 在下方添加，" +
			"Delete 删除，Ctrl+Z 撤销。"}

	Grip       = Text{"Move %s", "移动 %s"}
	CardMenu   = Text{"What to do with %s", "对 %s 的操作"}
	AddHere    = Text{"Add to %s", "添加到 %s"}
	AddStage   = Text{"Add a stage", "添加阶段"}
	StageNew   = Text{"stage NewStage \"New stage\"", "stage 新阶段 \"新阶段\""}
	Edit       = Text{"Edit", "编辑"}
	Delete     = Text{"Delete", "删除"}
	MoveUp     = Text{"Move up", "上移"}
	MoveDown   = Text{"Move down", "下移"}
	MoveTo     = Text{"Move to {0}", "移到 {0}"}
	InText     = Text{"Show in the text", "在文本中查看"}
	LineText   = Text{"How it is written", "写法"}
	LineHint   = Text{"One line of the policy, in either vocabulary.", "策略中的一行，中英文词汇均可。"}
	Change     = Text{"Change it", "确定修改"}
	Add        = Text{"Add", "添加"}
	AddWhat    = Text{"What is asked for here", "这里要求什么"}
	AddFilter  = Text{"Search actions and events, or write a line", "搜索动作和事件，或直接写一行"}
	AddOwn     = Text{"Put this in as it is written", "按所写的内容放入"}
	AddNothing = Text{"Nothing fits; what you wrote can be put in as it is.", "没有匹配项；可按所写的内容放入。"}
)

// What a card of a stage is.
var (
	KindMust   = Text{"to leave", "必做"}
	KindEntry  = Text{"to enter", "准入"}
	KindSLA    = Text{"time limit", "时限"}
	KindEnter  = Text{"on entering", "进入时"}
	KindLeave  = Text{"on leaving", "离开时"}
	KindLate   = Text{"when late", "逾期时"}
	KindText   = Text{"text", "文本"}
	KindWon    = Text{"won", "赢单"}
	KindLost   = Text{"lost", "丢单"}
	KindUnmet  = Text{"if unmet", "未满足时"}
	UnmetBlock = Text{"the next stage is barred", "不能进入下一阶段"}
	UnmetWarn  = Text{"it is only told", "只提示"}
	Times      = Text{"%s times", "%s 次"}
	WithinFor  = Text{"within %s", "%s内"}
	StageHolds = Text{"%d card{|s}", "%d 张卡片"}
)

// What is told after something was done, and what undo calls it.
var (
	DidMove    = Text{"move “%s”", "移动「%s」"}
	DidInsert  = Text{"add “%s”", "添加「%s」"}
	DidDelete  = Text{"delete “%s”", "删除「%s」"}
	DidReplace = Text{"change “%s”", "修改「%s」"}
	DidType    = Text{"typing in %s", "%s 中的输入"}
	DidFix     = Text{"mend %s", "修正 %s"}
	Done       = Text{"Done: %s.", "已完成：%s。"}
	Undo       = Text{"Undo: %s", "撤销：%s"}
	Redo       = Text{"Redo: %s", "重做：%s"}
	UndoNone   = Text{"Undo", "撤销"}
	RedoNone   = Text{"Redo", "重做"}
	Undone     = Text{"Undone: %s.", "已撤销：%s。"}
	Redone     = Text{"Done again: %s.", "已重做：%s。"}
	TextBeside = Text{"Text beside", "并排显示文本"}
	TextAway   = Text{"Board alone", "只看看板"}
	DidNothing = Text{"That changes nothing.", "没有改变任何内容。"}
	NothingTo  = Text{"There is nothing of yours to take back.", "没有可以撤销的操作。"}
	InTheWay   = Text{
		"This cannot be undone: %s has changed the same text since (%s).",
		"无法撤销：%s 之后改过同一处文本（%s）。"}
	NotAllowed = Text{
		"This takes the role of an author in this workspace.", "此操作需要本工作区的编制者角色。"}
	NotUnderstood = Text{"The page asked for something that there is not. Load it again.",
		"页面请求了不存在的操作，请重新加载。"}
	TooLarge = Text{
		"That is too much text: a file of a policy has at most 4 MB.",
		"文本过大：策略的一个文件最多 4 MB。"}
	FixStale = Text{
		"The text has changed since: look at the problem again.", "文本已有变化，请再看一遍这个问题。"}
	NotWritten = Text{
		"It could not be written to disk, so it was not done. Try again.", "无法写入磁盘，操作没有完成，请重试。"}
	SayLifted = Text{
		"{0} lifted: place {1} of {2} in {3}. Arrows move it, space drops it, Escape puts it back.",
		"已拿起 {0}：在 {3} 中第 {1} 位，共 {2} 位。方向键移动，空格放下，Esc 放回。"}
	SayOver = Text{"Place {1} of {2} in {3}.", "在 {3} 中第 {1} 位，共 {2} 位。"}
	SayBack = Text{"{0} put back.", "{0} 已放回原处。"}
)

// The state of a draft.
var (
	DraftSame    = Text{"as in force", "与生效版本一致"}
	DraftOther   = Text{"draft", "草稿"}
	DraftErrors  = Text{"mistakes: %d", "%d 处错误"}
	DraftWarns   = Text{"warnings: %d", "%d 处警告"}
	Problems     = Text{"Problems", "问题"}
	ProblemsNone = Text{"No problems found.", "没有发现问题。"}
	ProblemFix   = Text{"Mend it", "修正"}
	ProblemAt    = Text{"%s, line %d", "%s 第 %d 行"}
	SeverityErr  = Text{"mistake", "错误"}
	SeverityWarn = Text{"warning", "警告"}
	SeverityNote = Text{"note", "提示"}
	Here         = Text{"Here now", "正在编辑"}

	Source      = Text{"Policy text", "策略文本"}
	SourceLead  = Text{"The policy itself; the board is a view of it.", "策略本身；看板是它的一种视图。"}
	SourceFiles = Text{"Files", "文件"}
	SourceEdit  = Text{"Text of %s", "%s 的文本"}
	SourceLeave = Text{"Escape, then Tab, leaves the text.", "按 Esc 再按 Tab 可离开文本框。"}
)

// Publishing a draft.
var (
	Publish     = Text{"Publish", "发布"}
	PublishLead = Text{
		"What becomes different from now on, for whom, and what speaks against it.",
		"从现在起会有哪些不同、影响谁、有没有问题。"}
	PublishDo         = Text{"Put it in force", "使其生效"}
	PublishAllTheSame = Text{"Put it in force all the same", "仍然使其生效"}
	PublishNothing    = Text{"Nothing to publish", "没有可发布的内容"}
	PublishSame       = Text{"The draft is what is in force.", "草稿与生效版本完全一致。"}
	PublishReworded   = Text{
		"It means the same as what is in force: nothing that is decided changes, and what is running " +
			"goes on. Put in force, it becomes the text that everybody sees and goes on from.",
		"含义与当前生效的策略相同：所有判定都不变，进行中的事项和预警照常继续。生效后，大家看到的、继续修改的都是这份文本。"}
	PublishWrong = Text{"It has mistakes", "存在错误"}
	PublishMend  = Text{"Mend them first: a policy with mistakes is not put in force.",
		"请先改正：有错误的策略不能生效。"}
	PublishFailed   = Text{"%d of %d test{|s} failed", "%[2]d 项测试中有 %[1]d 项未通过"}
	PublishPassed   = Text{"%d test{|s} pass{es|}", "%d 项测试全部通过"}
	PublishUntested = Text{"It has no tests", "没有测试"}
	PublishChanges  = Text{"What changes", "变更内容"}
	PublishTests    = Text{"Its tests", "测试"}
	PublishBy       = Text{"Changed by %s", "修改者：%s"}
	PublishNow      = Text{"It is in force.", "已经生效。"}
	PublishMoved    = Text{
		"Somebody put another policy in force since this draft began. Look at the differences below " +
			"once more before you publish.",
		"在此草稿开始之后，已有其他策略生效。发布前请再看一遍下面的差异。"}
	PublishNumbers = Text{
		"Your role may change numbers, not structure.", "您的角色只能修改数字，不能修改结构。"}
	Flight    = Text{"Open records on their way", "进行中的记录"}
	FlightSum = Text{"%d stay{s|}, %d move{s|}, %d need{s|} somebody to decide",
		"%d 条留在原处，%d 条移动，%d 条需要有人决定"}
	FlightIn       = Text{"%s (%d): %s", "%s（%d 条）：%s"}
	FlightStay     = Text{"stay", "留在原处"}
	FlightMove     = Text{"move to %s", "移到%s"}
	FlightStranded = Text{"have no stage any more and would begin anew at %s",
		"阶段已不存在，将从%s重新开始"}
	FlightGone  = Text{"have no journey any more", "旅程已不存在"}
	FlightRules = Text{"held to another %s from then on", "此后按新的%s要求"}
	FlightMore  = Text{"and %d more", "另有 %d 条"}
	FlightEntry = Text{"entry", "进入条件"}
	FlightMust  = Text{"must", "必做"}
	FlightSla   = Text{"time limit", "时限"}
	FlightHeld  = Text{
		"Who is to go on as they began, the policy says: must created < 2026-03-01 or …",
		"要让此前开始的按原来的要求走完，请写在策略里：必做 created < 2026-03-01 或者 …"}
	DraftAgain    = Text{"Begin the draft anew", "重新开始草稿"}
	DraftAgainFor = Text{
		"The draft becomes the policy in force again. What it is now is kept in a file of the server.",
		"草稿将恢复为当前生效的策略。现有内容会保留在服务器的文件中。"}
)
