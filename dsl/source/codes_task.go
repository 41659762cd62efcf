package source

// What the checker tells about tasks.
const (
	OpenTasks  Code = "T0357" // at most N open, of what is no task
	UntilAbout Code = "T0358" // a task that ends by itself is about nothing that lasts
	ElseNoDue  Code = "T0359" // handed on, but never due
)

// What the engine tells about tasks and suggestions.
const (
	TaskMet           Code = "T0685" // what ends a task holds
	TaskByItself      Code = "T0686" // Done names a task that a condition ends
	TaskCapped        Code = "T0687" // who would get a task has as many as the effect allows
	TaskDeputy        Code = "T0688" // a task goes to somebody's deputy
	TaskHanded        Code = "T0689" // an open task goes to somebody's deputy
	NoDeputy          Code = "T0690" // Away names a deputy that there is not
	SuggestionUnknown Code = "T0691" // Dismiss names no suggestion
	SuggestionClosed  Code = "T0692" // Dismiss names a suggestion that was dismissed
)

// taskCodes are the rows of what is told about tasks and suggestions.
func taskCodes() []Entry {
	return []Entry{
		{OpenTasks, Error, "only a task can be limited by how many are open",
			"只有任务才能按未结件数限制"},
		{UntilAbout, Error,
			"`until` looks at one entity: say which, as in `until Visit of customer`, and leave {names} out",
			"`直到` 只看一个对象：写明是哪一个，如 `直到 Visit 之于 customer`，并且不用 {names}"},
		{ElseNoDue, Error, "a task is handed on when it is late: give it a `due` before `else`",
			"任务逾期才会转交：请在 `否则` 之前写明 `期限`"},
		{TaskMet, Note, "task {1} is done: {2}", "任务 {1} 已完成：{2}"},
		{TaskByItself, Warning, "task {0} is not done by hand: it is done by {1}",
			"任务 {0} 不能手工完成，以 {1} 为准"},
		{TaskCapped, Note, "{1} has {2} open tasks and gets no more of this rule",
			"{1} 已有 {2} 件未结任务，此规则不再派给他"},
		{TaskDeputy, Note, "{1} is away: the task goes to {2}", "{1} 不在岗，任务交给 {2}"},
		{TaskHanded, Note, "{1} is away when task {0} falls due: it goes to {2}",
			"任务 {0} 到期时 {1} 不在岗，交给 {2}"},
		{NoDeputy, Warning, "there is nobody called {0} to be the deputy", "没有名为 {0} 的代理人"},
		{SuggestionUnknown, Warning, "there is no suggestion {0}; nothing is dismissed",
			"没有建议 {0}，此记录不驳回任何建议"},
		{SuggestionClosed, Note, "suggestion {0} was dismissed already; nothing changes",
			"建议 {0} 先前已被驳回，不再改变"},
	}
}
