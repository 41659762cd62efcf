package source

// What the checker tells about metrics and their alerts.
const (
	MetricEvery      Code = "T0448"
	NeedsMetricValue Code = "T0449"
	UnknownBy        Code = "T0450"
	BadPeriods       Code = "T0451"
	LateTaken        Code = "T0452"
	NoChance         Code = "T0453"
	NoBand           Code = "T0454"
)

// What the engine tells about looks that late facts change.
const (
	LookCorrected  Code = "T0693" // a look was judged otherwise
	AlertCorrected Code = "T0694" // an alert should not have opened
)

// metricCodes are the rows of what the checker tells about metrics and their alerts.
func metricCodes() []Entry {
	return []Entry{
		{MetricEvery, Error, "a metric is of each day, week, month, quarter or year: `every month`",
			"指标按天、周、月、季度或年计算：`每逢 月份`"},
		{NeedsMetricValue, Error, "{0} does not say what it measures: a line `value …` is missing",
			"{0} 没有说明取值：缺少 `取值 …`"},
		{UnknownBy, Error, "{0} has no `by {1}`", "{0} 没有 `按照 {1}`"},
		{BadPeriods, Error, "a baseline is of 3 to 120 periods", "基线取 3 到 120 个周期"},
		{LateTaken, Error, "`late` needs a metric whose rows have a moment: {0} is of what is there " +
			"when a period closes, which no later record changes",
			"`迟到` 需要行有时刻的指标：{0} 取周期结束时的状态，之后的记录不会改变它"},
		{NoChance, Error, "`chance` can be told of one `share`, `avg` or `count`, which {0} is not",
			"`偶然率` 只能用于单个 `占比`、`平均` 或 `计数`，{0} 不是"},
		{NoBand, Error, "`band` can be told of one `share`, which {0} is not",
			"`偶然极差` 只能用于单个 `占比`，{0} 不是"},
		{LookCorrected, Note, "{0}: the look at {1} of {2} was {3} and is {4}",
			"{0}：{2} 对 {1} 的查看由 {3} 更正为 {4}"},
		{AlertCorrected, Note, "{0} of {1}, opened by decision {2}, should not have opened",
			"{1} 的 {0} 由第 {2} 号决定打开，本不该打开"},
	}
}
