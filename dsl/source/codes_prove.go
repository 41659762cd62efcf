package source

// What is proved of a policy whose every line is right by itself (reference, section 11).
const (
	NeverTrue     Code = "T0801"
	ExcludesThis  Code = "T0802"
	AlwaysTrue    Code = "T0803"
	RangeNever    Code = "T0804"
	RangeAlways   Code = "T0805"
	RowHidden     Code = "T0806"
	RowTakes      Code = "T0807"
	RowsHide      Code = "T0808"
	ElseUnreached Code = "T0809"
	RowGap        Code = "T0810"
	SetTwice      Code = "T0811"
	SetHere       Code = "T0812"
	SetInVain     Code = "T0813"
	EndlessChain  Code = "T0814"
	KeepsRows     Code = "T0815"
	MissingToo    Code = "T0816"
	CalendarDue   Code = "T0817"
	PeriodSoFar   Code = "T0818"
	UntilMeets    Code = "T0819"
	TermFixed     Code = "T0820"

	StageUnreached Code = "T0821"
	AskedHere      Code = "T0822"
	StageStuck     Code = "T0823"
	TooManyKinds   Code = "T0824"
	NoneCounts     Code = "T0825"
	NeverInTime    Code = "T0826"
	AskedAlready   Code = "T0827"
	FlagsByLuck    Code = "T0831"
	FlagsOfNothing Code = "T0832"
	TermGrows      Code = "T0841"
)

//tidy:long one flat table
func proofCodes() []Entry {
	return []Entry{
		{NeverTrue, Warning, "this is never true, whatever the record holds",
			"无论记录为何，此条件永远不成立"},
		{ExcludesThis, Note, "it cannot hold together with this", "它与此处不能同时成立"},
		{AlwaysTrue, Warning, "this is never false, whatever the record holds",
			"无论记录为何，此条件永远不为假"},
		{RangeNever, Warning, "{0} is {1}: this is never true", "{0} 的范围是 {1}：此条件永远不成立"},
		{RangeAlways, Warning, "{0} is {1}: this is never false", "{0} 的范围是 {1}：此条件永远不为假"},
		{RowHidden, Warning, "nothing reaches this row: an earlier row takes every case of it",
			"没有任何值会到达此行：前面的一行已包含其全部情况"},
		{RowTakes, Note, "this row takes them", "由此行取走"},
		{RowsHide, Warning, "nothing reaches this row: the rows before it together take every case",
			"没有任何值会到达此行：前面各行合起来已包含全部情况"},
		{ElseUnreached, Note, "`else` is never reached: the rows before it take every case",
			"`否则` 永远不会用到：前面各行已包含全部情况"},
		{RowGap, Warning, "no row holds where {0}: add a row or `else`",
			"当 {0} 时没有任何一行成立：请补一行或 `否则`"},
		{SetTwice, Warning, "{0} and {1} set {2} differently where {3}",
			"当 {3} 时，{0} 与 {1} 对 {2} 的设置不同"},
		{SetHere, Note, "the other sets it here", "另一处在此设置"},
		{SetInVain, Warning, "{0} sets {2} in vain: whenever it does, {1} sets it after it",
			"{0} 对 {2} 的设置不起作用：每次设置之后 {1} 都会再次设置"},
		{EndlessChain, Warning, "these set one another off without end where {1}: {0}; the chain is " +
			"cut after 16 steps",
			"当 {1} 时，它们会无休止地相互触发：{0}；链条在 16 步后被截断"},
		{KeepsRows, Note, "this keeps a row of every {0} for ever, about {1} bytes each: a window " +
			"such as `in 365d` bounds it",
			"此处会永久保留每一条 {0}，每条约 {1} 字节：加上 `属于 365天` 之类的窗口即可限定"},
		{MissingToo, Note, "this also holds where {0} is missing: write `has {0} and …` if that is " +
			"not meant",
			"{0} 缺失时此条件也成立：若非本意，请写 `已有 {0} 并且 …`"},
		{CalendarDue, Note, "{0} counts rest days too: a person's deadline is better in workdays, {1}",
			"{0} 会把休息日也算进去：给人的期限宜用工作日，如 {1}"},
		{PeriodSoFar, Warning, "a look each day sees only the part of the period that has passed: " +
			"this holds early in it and says little; use a sliding window such as `in 7d`",
			"每天检查只看到周期已过去的部分：周期之初此条件总会成立，意义不大；请用 `属于 7天` 之类的滑动窗口"},
		{UntilMeets, Warning, "`until` holds where `when` does: the alert never opens where {0}",
			"`直到` 与 `每当` 同时成立：当 {0} 时预警不会打开"},
		{TermFixed, Warning, "this term is always {0} of its weight: it tells no two records apart",
			"此项始终为其权重的 {0}：不能区分任何两条记录"},
		{StageUnreached, Warning, "nothing enters {0}: what is asked on the way cannot hold together",
			"没有记录能进入 {0}：进入前的要求不能同时成立"},
		{AskedHere, Note, "this is asked", "此处要求"},
		{StageStuck, Warning, "nothing goes on from {0}: what it asks cannot hold together",
			"没有记录能从 {0} 向前：其要求不能同时成立"},
		{TooManyKinds, Warning, "{0} different {1} are asked for, and there are only {2}",
			"要求 {0} 个不同的 {1}，而总共只有 {2} 个"},
		{NoneCounts, Warning, "no {0} that counts is ever so", "计入的 {0} 永远不会如此"},
		{NeverInTime, Warning, "this cannot be met before its deadline, which counts from entering {0}",
			"期限从进入 {0} 算起，在此之前不可能满足"},
		{AskedAlready, Note, "this asks nothing more: it holds wherever the other does",
			"此处没有更多要求：另一项成立时它总是成立"},
		{TermGrows, Warning, "{0} grows with what it gives, `{1}`: whoever has most gets the next",
			"{0} 随分到的增多而变大（`{1}`）：手上最多的人得到下一个"},
		{FlagsByLuck, Note, "among 100 {1} who all meet their target on average, chance alone " +
			"raises {2} flags of {0} in {3} looks",
			"100 个平均都达标的 {1} 中，{3} 次检查仅因偶然就会产生 {2} 个 {0} 预警"},
		{FlagsOfNothing, Note, "among 100 groups of {1} in which nothing changes, chance alone " +
			"raises {2} flags of {0} in {3} looks",
			"{1} 的 100 个毫无变化的分组中，{3} 次检查仅因偶然就会产生 {2} 个 {0} 预警"},
	}
}
