package source

// What the engine tells about tasks, actions and their proof.
const (
	TaskUnknown Code = "T0671" // Done names no task
	TaskClosed  Code = "T0672" // Done names a task that is not open
	TaskLate    Code = "T0673" // done after it fell due
	KeptCycle   Code = "T0674" // tasks and alerts that set each other off without end
)

// actionCodes are the rows of what the engine tells about tasks, actions and their proof.
func actionCodes() []Entry {
	return []Entry{
		{TaskUnknown, Warning, "there is no task {0}; nothing is done by this",
			"没有任务 {0}，此记录不完成任何任务"},
		{TaskClosed, Note, "task {0} was {1} already; nothing changes", "任务 {0} 已是 {1}，不再改变"},
		{KeptCycle, Error, "alerts and tasks set each other off more than 16 times and were stopped",
			"预警与任务相互触发超过 16 次，已停止"},
		{TaskLate, Note, "task {0} was done after it fell due", "任务 {0} 在到期之后完成"},
	}
}
