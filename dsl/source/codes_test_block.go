package source

// Tests.
const (
	TestExpects  Code = "T0701"
	TestBack     Code = "T0702"
	TestTwice    Code = "T0703"
	TestNoRecord Code = "T0704"
	TestValue    Code = "T0705"
	TestAbout    Code = "T0708"
	TestComputed Code = "T0709"
	TestNotRun   Code = "T0710"
	TestOne      Code = "T0712"
	TestClose    Code = "T0713"
	TestStranger Code = "T0714"
	TestPeriod   Code = "T0715"
	TestFigure   Code = "T0716"
	TestCell     Code = "T0717"
)

func testCodes() []Entry {
	return []Entry{
		{TestExpects, Error, "a test that expects nothing cannot fail", "没有期望的测试不会失败"},
		{TestBack, Warning, "the clock of a test does not go back", "测试的时钟不能倒退"},
		{TestTwice, Error, "there is a test \"{0}\" already", "已有测试 \"{0}\""},
		{TestNoRecord, Error, "this test has no record {0}", "本测试没有记录 {0}"},
		{TestValue, Error, "{0} cannot hold this: {1} is wanted", "{0:type} 不能是这个值：需要 {1:type}"},
		{TestAbout, Error, "{0} is of {1}, {2} is a {3}", "{0} 属于 {1}，而 {2} 是 {3}"},
		{TestComputed, Error, "{0} is computed: a record cannot give it", "{0} 由计算得出：记录不能给出"},
		{TestNotRun, Warning,
			"this expectation needs `{0}`, which this version does not run: the test is left out",
			"此期望需要 `{0}`，本版本尚不执行：该测试略过"},
		{TestStranger, Warning, "this test has made no record {0}", "本测试没有记录 {0}"},
		{TestOne, Error,
			"an expectation is about one record, this one is about {0} and {1}",
			"一条期望只针对一个记录，这里有 {0} 和 {1}"},
		{TestPeriod, Error,
			"a metric has figures of periods: `in this month`, `in last week`",
			"指标按周期取值：`属于 本月`、`属于 上周`"},
		{TestFigure, Error,
			"{0} is a figure over many records: it cannot be expected of the event {1}",
			"{0} 是许多记录的数值：不能对事件 {1} 期望它"},
		{TestCell, Error, "{0} is about cells such as \"{1}\"", "{0} 针对的单元形如 \"{1}\""},
		{TestClose, Error, "`±` stands behind `a == b`", "`±` 用在 `a == b` 之后"},
	}
}
