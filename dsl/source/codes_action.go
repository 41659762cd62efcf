package source

// What the checker tells about actions and their proof.
const (
	ActionNotUsed    Code = "T0351"
	VerifiedOf       Code = "T0352"
	CompletionWindow Code = "T0353"
	CompletionTarget Code = "T0354"
	CompletionOf     Code = "T0355"
	OverdueAbout     Code = "T0356"
	UsesApart        Code = "T0371"
	NothingUses      Code = "T0372"
	StageElsewhere   Code = "T0373"
	ActionNoEvent    Code = "T0430"
	NoSteps          Code = "T0431"
	NoTicks          Code = "T0432"
	StepAbout        Code = "T0433"
	PresetField      Code = "T0434"
	EveryNobody      Code = "T0435"
	NoActions        Code = "T0436"
	NoWeight         Code = "T0437"
	ReviewNever      Code = "T0438"
	ProofNotRun      Code = "T0505"
)

// What the engine tells about tasks, actions and their proof.
const (
	TaskUnknown Code = "T0671" // Done names no task
	TaskClosed  Code = "T0672" // Done names a task that is not open
	TaskLate    Code = "T0673" // done after it fell due
	KeptCycle   Code = "T0674" // tasks and alerts that set each other off without end

	ProofFails     Code = "T0675" // a line of proof does not hold
	ProofUnknown   Code = "T0676" // a line of proof cannot be told
	ProofSays      Code = "T0677" // the same, in the policy's words
	ProofWaived    Code = "T0678" // an exemption stands against a line
	CountsNow      Code = "T0679" // a completion counts since this entry
	CountsNoMore   Code = "T0680" // a completion counts no more
	ScoreCorrected Code = "T0681" // a score fixed on arrival was corrected
	LateValues     Code = "T0682" // an event that waits was given values
	NothingOpen    Code = "T0683" // Review names a record without open lines
	WaiveUnknown   Code = "T0684" // Waive names no check
	ProofUnclear   Code = "T0695" // a line of proof cannot be told from what is there
)

// actionCodes are the rows of what the engine tells about tasks, actions and their proof.
func actionCodes() []Entry {
	return []Entry{
		{ActionNotUsed, Error, "{0} is a template: `use` it before something counts it",
			"{0} 是模板：先 `采用`，才能计数"},
		{VerifiedOf, Error, "verified({0}) is about a {1}: it stands where one is at hand",
			"已核实({0}) 针对 {1}，只能用在 {1} 之中"},
		{CompletionWindow, Error,
			"completion needs a window of days, such as `in this week` or `in 7d`",
			"完成率需要一段日子，例如 `属于 本周` 或 `属于 7天`"},
		{CompletionTarget, Error,
			"{0} has no completion: it needs `by`, who does it, and a `target`",
			"{0} 没有完成率：它需要 `执行人` 和 `目标量`"},
		{CompletionOf, Error,
			"completion({0}) is of a {1}; a {2} is not one, and no one field of {1} names a {2}",
			"完成率({0}) 属于 {1}；{2} 不是，{1} 也没有唯一指向 {2} 的字段"},
		{OverdueAbout, Error, "`overdue` needs {0} to be about a {1}", "`待做` 要求 {0} 关于 {1}"},
		{UsesApart, Error,
			"{0} is used in several ways, and its package takes `{1}` of it, which has no meaning " +
				"over different events or fields: use it once",
			"{0} 以几种方式被采用，而它的程序包要对它取 `{1}`；不同的事件或字段合在一起没有意义：请只采用一次"},
		{NothingUses, Warning,
			"{0} reads {1}, which nothing uses here: none of it ever counts",
			"{0} 读取 {1}，而这里没有采用它：它一次也不会计数"},
		{StageElsewhere, Note,
			"{0} reads the stage {1}, which your journey {2} does not have: that is unknown here",
			"{0} 读取阶段 {1}，而你的旅程 {2} 没有这个阶段：在这里一律为未知"},
		{ActionNoEvent, Error, "{0} needs `on`: the event that it is done by",
			"{0} 需要 `基于`：由哪个事件完成"},
		{NoSteps, Error, "{0} asks for all steps and has none", "{0} 要求全部步骤，却没有步骤"},
		{NoTicks, Error,
			"a step without `is` is ticked in {0}.steps: add `steps list of text` to {0}",
			"没有 `凭` 的步骤要在 {0}.steps 中勾选：请给 {0} 加 `steps 一组 文本`"},
		{StepAbout, Error, "{0} needs `about` or `by`, so that a step can look for records",
			"{0} 需要 `关于` 或 `执行人`，步骤才能查找记录"},
		{PresetField, Error,
			"proof {0} has nothing to read for `{1}`: there is no field such as {2}",
			"凭证 {0} 的 `{1}` 无从读取：没有 {2} 之类的字段"},
		{EveryNobody, Error, "{0} is about nothing, so `every` needs `for`",
			"{0} 不关于任何对象，`每逢` 需要 `针对`"},
		{NoActions, Warning, "{0} has no cells: no action of this policy is by a {1}",
			"{0} 没有单元：本策略没有由 {1} 执行的动作"},
		{NoWeight, Error, "a term of {0} has no weight, and no action that it reads gives one",
			"{0} 有一项没有权重，所读的动作也没有给出权重"},
		{ReviewNever, Error,
			"no review of {0} can be due: neither `else` nor `unknown` asks for one",
			"{0} 不会有到期的复核：`否则` 和 `未知` 都没有要求复核"},
		{ProofNotRun, Warning,
			"the proof line {0} needs `{1}`, which this version does not run: it is left out",
			"凭证 {0} 需要 `{1}`，本版本尚不执行，已略去"},
		{TaskUnknown, Warning, "there is no task {0}; nothing is done by this",
			"没有任务 {0}，此记录不完成任何任务"},
		{TaskClosed, Note, "task {0} was {1} already; nothing changes", "任务 {0} 已是 {1}，不再改变"},
		{ProofFails, Warning, "{0} does not hold", "{0} 不成立"},
		{ProofUnknown, Warning, "{0} cannot be told: {1} is missing", "{0} 无法判断：缺少 {1}"},
		{ProofUnclear, Warning, "{0} cannot be told from what is there", "{0} 由现有的值无法判断"},
		{ProofSays, Warning, "{1}", "{1}"},
		{ProofWaived, Note, "{0} is waived by {1} until {3}: {2}", "{0} 由 {1} 豁免至 {3}：{2}"},
		{CountsNow, Note, "{0}: {1} counts", "{0}：{1} 计入"},
		{CountsNoMore, Note, "{0}: {1} counts no more", "{0}：{1} 不再计入"},
		{ScoreCorrected, Note, "{0} of {1} was {2} and is {3}", "{1} 的 {0} 由 {2} 更正为 {3}"},
		{LateValues, Note, "{0} waited for these values", "{0} 等到了这些值"},
		{NothingOpen, Warning, "{0} has no open line: there is nothing to review",
			"{0} 没有待复核的凭证"},
		{WaiveUnknown, Warning, "no check is called {0}; nothing is waived", "没有名为 {0} 的检查，未作豁免"},
		{KeptCycle, Error, "alerts and tasks set each other off more than 16 times and were stopped",
			"预警与任务相互触发超过 16 次，已停止"},
		{TaskLate, Note, "task {0} was done after it fell due", "任务 {0} 在到期之后完成"},
	}
}
