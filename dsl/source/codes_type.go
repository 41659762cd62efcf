package source

// Types and units.
const (
	WrongType      Code = "T0301"
	NotAlike       Code = "T0302"
	NotOrdered     Code = "T0303"
	NoArithmetic   Code = "T0304"
	WrongArgument  Code = "T0305"
	Arity          Code = "T0306"
	WrongUnit      Code = "T0307"
	BadLiteral     Code = "T0308"
	MoneyPlaces    Code = "T0309"
	PercentAbove   Code = "T0310"
	PointsAlone    Code = "T0311"
	TextForChoice  Code = "T0312"
	TextForRef     Code = "T0313"
	NoFields       Code = "T0314"
	NotList        Code = "T0315"
	EmptyIn        Code = "T0316"
	NoContains     Code = "T0317"
	PatternConst   Code = "T0318"
	BadPattern     Code = "T0319"
	NoNear         Code = "T0320"
	NotRef         Code = "T0321"
	RefText        Code = "T0322"
	NotConstant    Code = "T0323"
	NotLiteral     Code = "T0324"
	NoSelf         Code = "T0325"
	NotInWhere     Code = "T0326"
	NoSource       Code = "T0327"
	NoSubject      Code = "T0328"
	NoReference    Code = "T0329"
	TwoReferences  Code = "T0330"
	OwnKind        Code = "T0331"
	ViaType        Code = "T0332"
	ViaLink        Code = "T0350"
	ViaWorkspace   Code = "T0333"
	ListClauses    Code = "T0334"
	NoClauses      Code = "T0335"
	CountValue     Code = "T0336"
	NeedsValue     Code = "T0337"
	ShareTest      Code = "T0338"
	BadCount       Code = "T0339"
	WindowNow      Code = "T0340"
	RankNeedsLook  Code = "T0341"
	NeedsCheckEach Code = "T0342"
	AfterElse      Code = "T0343"
	BadClock       Code = "T0344"
	BadRange       Code = "T0345"
)

//tidy:long one flat table
func typeCodes() []Entry {
	return []Entry{
		{WrongType, Error, "this is {1}, where {0} is wanted", "这是 {1:type}，此处需要 {0:type}"},
		{NotAlike, Error, "{0} and {1} cannot be compared", "{0:type} 与 {1:type} 不能比较"},
		{NotOrdered, Error, "`{0}` does not work on {1}", "`{0}` 不能用于 {1:type}"},
		{NoArithmetic, Error, "there is no `{0}` of {1} and {2}",
			"{1:type} 与 {2:type} 之间没有 `{0}` 运算"},
		{WrongArgument, Error, "{0} does not work on {1}: it takes {2}",
			"{0} 不能用于 {1:type}：它接受 {2:type}"},
		{Arity, Error, "{0} takes {1} arguments, here are {2}", "{0} 需要 {1} 个参数，这里有 {2} 个"},
		{WrongUnit, Error, "this is {1}, where {0} is wanted", "这是 {1:type}，此处需要 {0:type}"},
		{BadLiteral, Error, "{0} cannot be read", "无法读懂 {0}"},
		{MoneyPlaces, Error, "money has at most four places and fits 15 digits", "金额至多四位小数、十五位整数"},
		{PercentAbove, Warning,
			"beside a percent 1 is 100%: is a % missing?",
			"与百分比相比时 1 就是 100%：是否漏写了 %？"},
		{PointsAlone, Error,
			"pp are percentage points: they stand only beside a difference, spread or change of " +
				"percents",
			"pp 是百分点：只能与百分比的差、极差或变化相比"},
		{TextForChoice, Error,
			"beside {1} stands a value's name, not the text \"{0}\"",
			"{1} 应与取值的名称相比，而不是文本 \"{0}\""},
		{TextForRef, Error,
			"a reference compares with a reference: write {0}(\"{1}\")",
			"引用只能与引用比较：请写 {0}(\"{1}\")"},
		{NoFields, Error, "{0} has no fields: there is no {1}", "{0:type} 没有字段，取不到 {1}"},
		{NotList, Error, "a list is wanted here, this is {0}", "此处需要列表，这是 {0:type}"},
		{EmptyIn, Error, "nothing is in an empty list", "空列表中什么也没有"},
		{NoContains, Error, "`contains` works on text and lists, this is {0}",
			"`包含` 用于文本和列表，这是 {0:type}"},
		{PatternConst, Error, "a pattern is a text that is written out", "匹配式必须是写明的文本"},
		{BadPattern, Error, "this is no pattern (RE2): {0}", "这不是合法的匹配式（RE2）：{0}"},
		{NoNear, Error,
			"`within … of` works on two places or two moments, these are {0} and {1}",
			"`不超过 … 相距` 用于两个位置或两个时刻，这里是 {0:type} 与 {1:type}"},
		{NotRef, Error, "`of` takes a reference, this is {0}", "`之于` 需要引用，这是 {0:type}"},
		{RefText, Error, "a constant reference is {0}(\"id\")", "固定的引用写作 {0}(\"编号\")"},
		{NotConstant, Error,
			"{0} is a constant: it cannot read records or the clock",
			"{0} 是常量：不能读取记录或时钟"},
		{NotLiteral, Error,
			"a {1} that is written out is wanted here, {0} is none",
			"此处需要写明的 {1:type}，{0} 不是"},
		{NoSelf, Error, "there is no record here that a name could be a field of", "此处没有可取字段的记录"},
		{NotInWhere, Error,
			"{0} cannot stand inside an aggregate: a test reads the counted record and what it " +
				"refers to; make it a computed field of that record",
			"汇总内部不能用 {0}：条件只能读取被计数的记录及其引用；请改为该记录的计算字段"},
		{NoSource, Error,
			"{0} takes a source: an event, an entity or a list field",
			"{0} 需要来源：事件、对象或列表字段"},
		{NoSubject, Error,
			"whom this counts for is not said: add `of X`, or `of workspace` for all records",
			"没有说明为谁计数：请加 `之于 X`，全部记录用 `之于 workspace`"},
		{NoReference, Error,
			"{0} has no reference to {1}: say whose it is with `of X`, or `of workspace`",
			"{0} 没有指向 {1} 的引用：请用 `之于 X` 或 `之于 workspace` 说明归属"},
		{TwoReferences, Error,
			"{0} refers to {1} by {2}: say which with `via`",
			"{0} 通过 {2} 指向 {1}：请用 `经由` 指明一个"},
		{OwnKind, Error,
			"no {0} refers to a {0}: say whose are counted with `of X`, or `of workspace`",
			"{0} 没有指向 {0} 的引用：请用 `之于 X` 或 `之于 workspace` 说明归属"},
		{ViaLink, Error, "the rows of {0} are found by {1}", "{0} 的行按 {1} 查找"},
		{ViaType, Error, "`via` takes a reference to {1}, this is {0}",
			"`经由` 需要指向 {1} 的引用，这是 {0:type}"},
		{ViaWorkspace, Error,
			"all records are of the workspace: there is nothing to choose with `via`",
			"所有记录都属于工作区：无需 `经由`"},
		{ListClauses, Error, "a list field is counted whole: it takes `where` only",
			"列表字段整体计数：只能加 `条件`"},
		{NoClauses, Error, "{0} does not take such a clause", "{0} 不接受这样的子句"},
		{CountValue, Error,
			"count counts records, not values: use distinct, or `where has …`",
			"计数数的是记录而不是值：请用 去重数，或 `条件 已有 …`"},
		{NeedsValue, Error,
			"{0} needs a value behind the source, such as Order.amount",
			"{0} 需要来源后面的值，例如 Order.amount"},
		{ShareTest, Error,
			"share needs a test: a bool behind the source, or `where`",
			"占比需要条件：来源后面的是非字段，或 `条件`"},
		{BadCount, Error, "how many is a whole number from 1 to 1000", "个数应为 1 到 1000 的整数"},
		{WindowNow, Error, "the moment of a window cannot depend on now", "窗口的时刻不能依赖此刻"},
		{RankNeedsLook, Error,
			"{0} compares the subjects of one look: it stands directly in a declaration with " +
				"`check each`",
			"{0} 在一次检查的对象之间比较：只能直接用在有 `检查 每个` 的声明里"},
		{NeedsCheckEach, Error,
			"when this changes with time cannot be foreseen: add `check each day`, or compare " +
				"now or age(…) with something free of time",
			"无法预知它何时随时间变化：请加 `检查 每个 自然日`，或让 此刻、距今(…) 只与不随时间变化的值比较"},
		{AfterElse, Error, "no row is reached behind `else`", "`否则` 之后的行不会用到"},
		{BadClock, Error, "{0} is no time of day", "{0} 不是一天中的时刻"},
		{BadRange, Error, "the range ends before it begins, or is longer than a year",
			"范围的终点早于起点，或超过一年"},
	}
}
