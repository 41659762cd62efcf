package source

// What the checker tells about allocations.
const (
	WeighAndShare  Code = "T0419"
	AllocateTo     Code = "T0420"
	AllocateNeeded Code = "T0421"
	PoolOf         Code = "T0422"
	OpenUnsaid     Code = "T0423"
	OfferedInTurn  Code = "T0424"
	AfterAll       Code = "T0425"
)

// What records of the past tell about allocations.
const (
	CircleSeen    Code = "T0426" // teams' cycles differ, and the rule overloads one or starves it
	CircleByCount Code = "T0427" // beside it: what the fewest open records come to
	CircleByRate  Code = "T0428" // beside it: what open ÷ closed comes to
	CircleByTurn  Code = "T0429" // beside it: what giving in turn comes to
)

// What the engine tells about allocations.
const (
	AllotNobody  Code = "T0901" // nobody is left to get a record
	AllotPaused  Code = "T0902" // a pause sends a record to the pool
	OfferLapsed  Code = "T0903" // an offer was not accepted in time
	NotOffered   Code = "T0904" // Accept of what is not offered to them
	ClaimTaken   Code = "T0905" // Claim of what is in no pool
	ClaimOut     Code = "T0906" // Claim by somebody who may not have it
	ClaimNobody  Code = "T0907" // Claim by nobody that is known
	HandUnknown  Code = "T0908" // Accept or Claim of what no allocation gives out
	PauseUnknown Code = "T0909" // Pause or Resume names no allocation
	PauseOver    Code = "T0910" // Pause whose end has passed
	NotPaused    Code = "T0911" // Resume of what is not paused
	ClaimUnsure  Code = "T0912" // Claim by somebody of whom it cannot be told
	Recycled     Code = "T0913" // nothing was done about a record
	ClaimCool    Code = "T0914" // Claim by whoever had it not long ago
	AllotHeld    Code = "T0915" // a record waits for the next opening
	KeptLong     Code = "T0916" // somebody had a record as long as anybody may
	OfferOver    Code = "T0917" // Accept of what lies in the pool since the offer lapsed
)

// allocationCodes are the rows of what is told about allocations.
func allocationCodes() []Entry {
	return []Entry{
		{WeighAndShare, Error,
			"{0} has two of `weigh`, `share by` and `by`: one says who comes first",
			"{0} 同时写了 `权衡`、`份额 按照`、`按照` 中的两种：只能由其中一种决定先后"},
		{AllocateTo, Error, "{0} leads to {1}, and is to be given to {2}", "{0} 指向 {1}，却要分给 {2}"},
		{AllocateNeeded, Error,
			"{0} may not be missing, so nothing is ever left to allocate: a {1} without it is rejected",
			"{0} 不可缺失，因此没有可分配的：缺少它的 {1} 会被拒绝"},
		{PoolOf, Error, "`pool` is for records that an allocation gives out, and none gives out {0}",
			"`公海` 只适用于由分配分出的记录，而没有分配分出 {0}"},
		{OpenUnsaid, Error, "{0} has no journey that says which are open: add `where …`",
			"{0} 没有旅程说明哪些未结：请加上 `条件 …`"},
		{OfferedInTurn, Error,
			"{0} gives in turn by `share by`, so it cannot be offered to several: whose turn would it be?",
			"{0} 用 `份额 按照` 轮流分配，不能同时提供给多人：轮到的是谁？"},
		{AfterAll, Warning, "`{0}` never comes: `{1}` is sooner", "`{0}` 不会到来：`{1}` 更早"},
		{CircleSeen, Warning, "{0}: {1} keeps a record {2} days and {3} {4}, at {5} times the effort; " +
			"of what came to both {1} got {6} where capacity would give {7}, {8} times the work " +
			"for its capacity",
			"{0}：{1} 一条记录要 {2} 天，{3} 要 {4} 天，工作量是后者的 {5} 倍；两者来件中 " +
				"{1} 得 {6}，按产能应为 {7}，按产能折算其工作量是后者的 {8} 倍"},
		{CircleByCount, Note, "`least_open` comes to {1} for {0}, {2} times the work: open records are " +
			"arrivals × days, so equal counts starve whoever works long cycles",
			"`least_open` 会给 {0} {1}，工作量 {2} 倍：未结数 = 到达数 × 天数，" +
				"按未结数均分会饿死周期长的一方"},
		{CircleByRate, Note, "`load_rate` comes to {1} for {0}, {2} times the work: open ÷ closed is " +
			"the days alone and never depends on what is given, so short cycles always come first",
			"`load_rate` 会给 {0} {1}，工作量 {2} 倍：未结 ÷ 办结就是天数，" +
				"与分配多少无关，周期短的永远优先"},
		{CircleByTurn, Note, "`round_robin` comes to {1} for {0}, {2} times the work: everybody gets " +
			"as many, whatever work they are",
			"`round_robin` 会给 {0} {1}，工作量 {2} 倍：不论工作量，每人条数相同"},
		{AllotNobody, Warning, "nobody gets {1}: of all {2}, {3} do not meet `where`, {4} are over " +
			"`limit`, {5} are away, {6} let it lapse, {7} have no share, {8} had it not long ago",
			"{1} 无人可分：在所有 {2} 中，{3} 个不符合 `条件`，{4} 个超过 `上限`，{5} 个休假，{6} 个逾期未接受，{7} 个没有份额，{8} 个不久前持有过"},
		{AllotPaused, Note, "{1} goes to the pool: {2} has paused the allocation ({3})",
			"{1} 进入公海：{2} 已暂停分配（{3}）"},
		{OfferLapsed, Note, "{1} did not accept {2} in time", "{1} 未按时接受 {2}"},
		{NotOffered, Error, "{0} is not offered to {1}, so it cannot be accepted; it is with: {2}",
			"{0} 并未分给 {1}，不能接受；目前归属：{2}"},
		{OfferOver, Error,
			"the offer of {0} to {1} has lapsed: it lies in the pool, where it can be claimed",
			"向 {1} 提供 {0} 的要约已逾期：它在公海中，可以认领"},
		{ClaimTaken, Error, "{0} is in no pool and cannot be claimed; it is with: {1}",
			"{0} 不在公海，不能认领；目前归属：{1}"},
		{ClaimOut, Error, "{0} may not claim {1}: `{2}` does not hold",
			"{0} 不能认领 {1}：`{2}` 不成立"},
		{ClaimUnsure, Error, "{0} may not claim {1}: `{2}` cannot be told, because {3} is missing",
			"{0} 不能认领 {1}：`{2}` 无法判断，因为 {3} 缺失"},
		{ClaimNobody, Error, "there is no {0} called {1}, so nobody claims", "没有名为 {1} 的 {0}，无人认领"},
		{Recycled, Note, "{1} did nothing about {2} in time: it goes back to the pool",
			"{1} 未按时跟进 {2}，退回公海"},
		{ClaimCool, Error, "{0} may not claim {1} yet: they had it not long ago",
			"{0} 暂不能认领 {1}：不久前刚持有过"},
		{AllotHeld, Note, "{1} waits in the pool until working time begins, {2}",
			"{1} 在公海等到上班：{2}"},
		{KeptLong, Note, "{1} has had {2} as long as anybody may: it goes back to the pool",
			"{1} 持有 {2} 已到最长时限，退回公海"},
		{HandUnknown, Error, "{0} is no record that an allocation gives out: write Type/id",
			"{0} 不是分配所分出的记录：请写 类型/编号"},
		{PauseUnknown, Error, "there is no allocation {0}: write it like Lead.owner",
			"没有名为 {0} 的分配：请写成 Lead.owner 的样子"},
		{PauseOver, Error, "this pause of {0} has ended already", "{0} 的这次暂停已经结束"},
		{NotPaused, Note, "{0} is not paused", "{0} 并未暂停"},
	}
}
