package source

// What the engine tells about records when it decides.
const (
	RecordDuplicate Code = "T0640" // an event that was taken in before
	RecordSame      Code = "T0641" // an update that changes nothing and came again
	RecordRequired  Code = "T0642" // a field that must have a value has none
	RecordRetract   Code = "T0646" // only events can be taken back
	RecordStub      Code = "T0643" // a reference to an id that no record has come for yet
	RecordLate      Code = "T0644" // an update from before the latest one
	RecordNotThere  Code = "T0645" // nothing to delete or to take back
	EffectNobody    Code = "T0647" // the recipient of an effect is missing
	SetNobody       Code = "T0648" // the record to set a field of is missing
	SetStub         Code = "T0649" // the record to set a field of has no record of its own
	SetCycle        Code = "T0650" // a chain of sets that is too long
	EntryCount      Code = "T0660" // a stage that cannot be entered yet: too few of something
	EntryUnmet      Code = "T0661" // the same: a condition that does not hold
	EntryUnknown    Code = "T0662" // the same: a condition with a missing value
	MustCount       Code = "T0663" // a stage that cannot be left yet: too few of something
	MustUnmet       Code = "T0664"
	MustUnknown     Code = "T0665"
	StayLate        Code = "T0666" // a record that is in a stage for too long
	DoneLate        Code = "T0667" // a requirement that was not met in time
	DoneInTime      Code = "T0668" // one that was, as a late record shows
	EntryOpen       Code = "T0669" // a stage that cannot be entered yet: what is open may count
	MustOpen        Code = "T0670" // the same: a stage that cannot be left yet
)

// engineCodes are the rows of what the engine tells about records.
func engineCodes() []Entry {
	return []Entry{
		{RecordDuplicate, Note, "{0} {1} came before, as entry {2}; nothing changes",
			"{0} {1} 先前已收到（第 {2} 条），不再生效"},
		{RecordSame, Note, "this update of {0} {1} equals its latest one; nothing changes",
			"对 {0} {1} 的更新与最近一次相同，不再生效"},
		{RecordRequired, Error,
			"{0}.{1} is missing: give it, make the field optional with ?, or add a fill",
			"缺少 {0}.{1}：请补上，或用 ? 设为可缺失，或添加补全"},
		{RecordRetract, Error, "only events are retracted; {0} is an entity, which is deleted",
			"只有事件可以撤回；{0} 是对象，应当删除"},
		{RecordStub, Note, "{0} refers to {1} {2}, for which no record has come yet",
			"{0} 指向 {1} {2}，但尚未收到它的记录"},
		{RecordLate, Note, "this update of {0} {1} is from before its latest one; it is applied",
			"对 {0} {1} 的更新早于最近一次更新，仍予采用"},
		{RecordNotThere, Warning, "there is no {0} {1} to take away", "没有可以移除的 {0} {1}"},
		{EffectNobody, Warning, "{0}: nobody is named as the recipient", "{0}：没有接收人"},
		{SetNobody, Warning,
			"{0}: the record to set is missing, so nothing was set",
			"{0}：要设置的记录缺失，未作设置"},
		{SetStub, Error, "{0}: {1} {2} has no record of its own yet, so nothing was set",
			"{0}：{1} {2} 还没有自己的记录，未作设置"},
		{SetCycle, Error, "{0}: rules set each other off more than 16 times and were stopped: {1}",
			"{0}：规则相互触发超过 16 次，已停止：{1}"},
		{EntryCount, Warning, "to enter {0}: {1} of {2} {3}", "进入 {0}：{3} {1}/{2}"},
		{EntryUnmet, Warning, "to enter {0}: `{1}` does not hold", "进入 {0}：`{1}` 不成立"},
		{EntryUnknown, Warning, "to enter {0}: `{1}` cannot be known, {2} is missing",
			"进入 {0}：`{1}` 无法判断，缺少 {2}"},
		{MustCount, Warning, "to go on from {0}: {1} of {2} {3}", "离开 {0}：{3} {1}/{2}"},
		{MustUnmet, Warning, "to go on from {0}: `{1}` does not hold", "离开 {0}：`{1}` 不成立"},
		{MustUnknown, Warning, "to go on from {0}: `{1}` cannot be known, {2} is missing",
			"离开 {0}：`{1}` 无法判断，缺少 {2}"},
		{StayLate, Warning, "{1} has been in {0} past its time", "{1} 在 {0} 停留超过时限"},
		{DoneLate, Warning, "{1} in {0}: {2} was not done in time", "{1} 在 {0}：{2} 未按时完成"},
		{DoneInTime, Note, "{1} in {0}: {2} was done in time, as was known only later",
			"{1} 在 {0}：{2} 按时完成，只是后来才得知"},
		{EntryOpen, Warning, "to enter {0}: {1} of {2} {3} count, {4} more may",
			"进入 {0}：{3} 已计 {1}/{2}，另有 {4} 项待定"},
		{MustOpen, Warning, "to go on from {0}: {1} of {2} {3} count, {4} more may",
			"离开 {0}：{3} 已计 {1}/{2}，另有 {4} 项待定"},
	}
}
