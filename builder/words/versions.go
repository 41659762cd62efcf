package words

// What can be done in the text.
var (
	TextTools  = Text{"At the caret", "光标处"}
	TextDetail = Text{"In detail", "查看详情"}
	TextDefine = Text{"Go to its declaration", "转到声明"}
	TextFormat = Text{"Lay out", "整理格式"}
	DidFormat  = Text{"lay out %s", "整理 %s 的格式"}
)

// The policies that were in force.
var (
	VersionsName = Text{"Versions", "版本"}
	VersionsLead = Text{
		"Every policy that was put in force: when, by whom, and what it changed.",
		"每一个曾经生效的策略：何时、由谁、改了什么。"}
	VersionsOlder  = Text{"%d older one{ is|s are} not listed.", "还有 %d 个更早的版本未列出。"}
	VersionNow     = Text{"in force", "生效中"}
	VersionFirst   = Text{"the first one", "首个版本"}
	VersionBy      = Text{"by %s", "由 %s"}
	VersionEntry   = Text{"Entry %s of the log", "日志第 %s 条"}
	VersionSame    = Text{"It means what the one before meant.", "与前一版本含义相同。"}
	VersionMeaning = Text{"What changed in meaning", "含义的变化"}
	VersionBoard   = Text{"As a board", "看板对照"}
	DiffNone       = Text{"The journeys are what they were.", "旅程没有变化。"}
	DiffSays       = Text{"The same in sentences", "文字说明"}
	DiffAdd        = Text{"+ added", "＋ 新增"}
	DiffCut        = Text{"− removed", "− 删除"}
	DiffChange     = Text{"~ changed", "～ 修改"}
	DiffMove       = Text{"→ moved here from %s", "→ 从「%s」移来"}
	DiffWas        = Text{", was “%s”", "，原为「%s」"}
	VersionText    = Text{"What changed in the text", "文本的变化"}
	VersionNoText  = Text{"The text is the same.", "文本没有变化。"}
	VersionWhy     = Text{"Why", "原因"}
	VersionBack    = Text{"Put this one in force again", "重新启用此版本"}
	VersionBackFor = Text{
		"From now on records are decided as under this version. What was decided stays as it is, and " +
			"so does a draft that somebody is changing.",
		"此后的记录按此版本处理。已有决定不变，正在修改的草稿也保留。"}
	VersionBackDo = Text{"Roll back to this version", "回滚到此版本"}
	VersionDiffer = Text{"What would change now", "现在回滚会改变什么"}
	VersionDone   = Text{"It is in force again.", "已重新生效。"}
	VersionRecent = Text{"Of the last days' decisions %d would have been others.", "近日的决定中有 %d 项会不同。"}

	HowPublish  = Text{"published", "发布"}
	HowRollback = Text{"rolled back", "回滚"}
	HowCanary   = Text{"begun for a part", "部分启用"}
	HowPromote  = Text{"taken on for all", "全部启用"}
	HowStop     = Text{"stopped", "停止"}

	OnlyMine    = Text{"Only my changes", "只发布我的改动"}
	OnlyMineFor = Text{
		"%s changed this draft as well. What is yours can be put in force by itself.",
		"%s 也改过此草稿。您可以只让自己的改动生效。"}
	OnlyMineNow = Text{
		"Below is the policy in force with your changes alone.", "以下只包含您的改动。"}
	OnlyMineNot = Text{
		"Your changes cannot be told apart from those of %s (%s): publish both, or undo one.",
		"您的改动与 %s 的改动（%s）无法分开：请一并发布，或撤销其中之一。"}
	OnlyAll = Text{"All changes", "全部改动"}
)
