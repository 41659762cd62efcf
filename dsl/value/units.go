package value

// unit is one suffix of a number.
type unit struct {
	name string   // plain form
	zh   string   // Chinese form
	kind Kind     // of the literal; Number for 万 and 亿
	size int64    // in the kind's own small unit; for Distance metres
	alt  []string // what people write instead; only ever offered, never read
}

// units are all suffixes of section 1, larger before smaller within a kind.
var units = [...]unit{
	{"亿", "亿", Number, 100_000_000, []string{"億", "亿元"}},
	{"万", "万", Number, 10_000, []string{"萬", "万元", "w元"}},
	{"%", "%", Percent, 1, []string{"percent", "百分之"}},
	{"pp", "个百分点", Percent, 1, []string{"百分点", "%pt", "pt", "ppt", "个点"}},
	{"w", "周", Duration, Week,
		[]string{"week", "weeks", "wk", "wks", "星期", "个星期", "个周"}},
	{"d", "天", Duration, Day, []string{"day", "days", "日", "个自然日", "个天"}},
	{"h", "小时", Duration, Hour,
		[]string{"hr", "hrs", "hour", "hours", "个小时", "钟头", "个钟头", "时", "H"}},
	{"min", "分钟", Duration, Minute,
		[]string{"mins", "minute", "minutes", "分", "个分钟", "mi", "mn", "M"}},
	{"s", "秒", Duration, Second, []string{"sec", "secs", "second", "seconds", "秒钟", "S"}},
	{"wd", "个工作日", WorkDays, 1,
		[]string{"工作日", "workday", "workdays", "bd", "wds"}},
	{"wh", "个工时", WorkHours, Hour,
		[]string{"工时", "个工作小时", "工作小时", "whs", "bh"}},
	{"km", "公里", Distance, 1000, []string{"千米", "kms", "Km", "KM", "kilometers"}},
	{"m", "米", Distance, 1,
		[]string{"meter", "meters", "metre", "metres", "ms"}},
}

// unitNamed returns the unit that reads so in either vocabulary.
func unitNamed(text string) (unit, bool) {
	for _, u := range units {
		if text == u.name || text == u.zh {
			return u, true
		}
	}
	return unit{}, false
}

// unitMeant returns the unit that somebody who wrote text most likely meant.
func unitMeant(text string) (unit, bool) {
	for _, u := range units {
		for _, a := range u.alt {
			if text == a {
				return u, true
			}
		}
	}
	return unit{}, false
}
