package source

// Declarations, and what no engine runs yet.
const (
	NotStored       Code = "T0401"
	SetEvent        Code = "T0402"
	RowCompute      Code = "T0403"
	LineTwice       Code = "T0404"
	WeightsSum      Code = "T0405"
	EmptyBlock      Code = "T0406"
	NeedsWhen       Code = "T0407"
	NeedsCheck      Code = "T0408"
	NeedsEvery      Code = "T0409"
	EveryAlone      Code = "T0410"
	EveryFor        Code = "T0411"
	EventScheduled  Code = "T0412"
	NoEffects       Code = "T0413"
	NotRecipient    Code = "T0414"
	WhenAndPick     Code = "T0415"
	TierName        Code = "T0416"
	NoTiers         Code = "T0417"
	BadHours        Code = "T0418"
	NoStages        Code = "T0440"
	EndsFirst       Code = "T0441"
	NoWon           Code = "T0442"
	EntryUnasked    Code = "T0443"
	MustUnasked     Code = "T0444"
	NeverLate       Code = "T0445"
	TwoMeanings     Code = "T0446"
	NeedsJourney    Code = "T0447"
	TrustNeedsEvent Code = "T0460"
	NotRun          Code = "T0501"
	NeedsNotRun     Code = "T0502"
	ReadsLater      Code = "T0503"
	AskNotRun       Code = "T0504"
)

func declarationCodes() []Entry {
	return []Entry{
		{NotStored, Error, "{0} is not stored: it cannot be set or filled", "{0} 不是存储的字段：不能设置或补全"},
		{SetEvent, Error, "{0} is a field of the event {1}, which is a fact: only entities can be " +
			"set, through a reference",
			"{0} 是事件 {1} 的字段，事件是事实：只能通过引用设置对象"},
		{RowCompute, Error, "{0}: the rows of a list hold values only, nothing computed",
			"{0}：列表的行只存值，不能计算"},
		{LineTwice, Error, "`{0}` stands twice here", "`{0}` 在此写了两次"},
		{WeightsSum, Error, "the weights of {0} add up to {1}, not 100%", "{0} 的权重合计 {1}，而不是 100%"},
		{EmptyBlock, Error, "{0} has no terms", "{0} 没有评分项"},
		{NeedsWhen, Error, "{0} does not say when: a line `when …` is missing", "{0} 没有说明条件：缺少 `每当 …`"},
		{NeedsCheck, Error, "`{1}` needs `check each …` in {0}", "{0} 中的 `{1}` 需要 `检查 每个 …`"},
		{NeedsEvery, Error, "`top` and `where` in {0} need `every …`", "{0} 中的 `前列` 与 `条件` 需要 `每逢 …`"},
		{EveryAlone, Error, "{0} acts at its times: beside `every` stand `where` and `top`, not " +
			"`when` or `check`",
			"{0} 按时间执行：`每逢` 旁边用 `条件` 和 `前列`，不用 `每当` 或 `检查`"},
		{EveryFor, Error, "a rule is for its own subject: {0} is another", "规则针对自己的对象：{0} 是另一种"},
		{EventScheduled, Error, "{0} is on an event, which is looked at once, when it comes: " +
			"`check` and `every` need an entity",
			"{0} 基于事件，事件只在到达时查看一次：`检查` 与 `每逢` 需要对象"},
		{NoEffects, Warning, "{0} does nothing: a block `do { … }` is missing",
			"{0} 不做任何事：缺少 `执行 { … }`"},
		{NotRecipient, Error, "a recipient is a reference or a list of them, this is {0}",
			"接收人应为引用或引用的列表，这是 {0:type}"},
		{WhenAndPick, Error, "a segment has `when` or a `pick`, not both", "分群用 `每当` 或 `择一`，不能都用"},
		{TierName, Error, "a row of a segment gives a bare name", "分群的行给出的是名称"},
		{NoTiers, Error, "{0} has no tiers: write `enter { … }` without a name",
			"{0} 没有分层：请写不带名称的 `进入 { … }`"},
		{BadHours, Error, "the hours end before they begin, or before the hours in front of them end",
			"工作时段的终点早于起点，或起点早于前一段的终点"},
		{NoStages, Error, "{0} has no stages", "{0} 没有阶段"},
		{EndsFirst, Error, "a journey begins in its first stage, and {0} ends it",
			"旅程从第一个阶段开始，而 {0} 是终点"},
		{NoWon, Warning, "no stage of {0} `is won`: nobody gets to its end",
			"{0} 没有 `视为 赢单` 的阶段：无法到达终点"},
		{EntryUnasked, Warning, "`entry` of {0} is never asked: the first stage is where a journey " +
			"begins, and a lost one can always be entered",
			"{0} 的 `准入` 不会被检查：旅程从第一个阶段开始，丢单阶段随时可以进入"},
		{MustUnasked, Warning, "`must` of {0} is never asked: no stage lies ahead of it",
			"{0} 的 `必做` 不会被检查：后面没有阶段"},
		{NeverLate, Warning,
			"`on late` of {0} never acts: the stage has no deadline, neither `sla` nor `within`",
			"{0} 的 `逾期时` 不会触发：该阶段没有期限（`时限` 或 `不超过`）"},
		{TwoMeanings, Error,
			"{0} is both {1} and a field of {2}: write `count({0}) >= 1` or `self.{0}`",
			"{0} 既是 {1}，又是 {2} 的字段：请写 `计数({0}) >= 1` 或 `自身.{0}`"},
		{NeedsJourney, Error, "`{0}` needs a journey of {1}, which has none",
			"`{0}` 需要 {1} 的旅程，而它没有旅程"},
		{TrustNeedsEvent, Error, "`{0}` judges an event as it arrives, and here is none",
			"`{0}` 在事件到达时作出判断，而这里没有事件"},
		{NotRun, Warning, "this {0} is checked, and not run by this version: {1} does nothing yet",
			"此 {0} 已检查，但本版本尚不执行：{1} 暂不起作用"},
		{NeedsNotRun, Warning, "{1} needs `{2}`, which this version does not run: the {0} is " +
			"checked and does nothing yet",
			"{1} 需要 `{2}`，本版本尚不执行：此 {0} 已检查，暂不起作用"},
		{ReadsLater, Warning, "{0} needs `{1}`, which this version does not run: it stays missing",
			"{0} 需要 `{1}`，本版本尚不执行：其值保持缺失"},
		{AskNotRun, Error, "this needs `{0}`, which this version does not run", "此式需要 `{0}`，本版本尚不执行"},
	}
}
