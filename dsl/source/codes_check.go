package source

// Names and imports.
const (
	UnknownName     Code = "T0201"
	UnknownHere     Code = "T0202"
	UnknownField    Code = "T0203"
	UnknownType     Code = "T0204"
	UnknownIn       Code = "T0205"
	UnknownPackage  Code = "T0206"
	ParamUnread     Code = "T0240"
	UnknownFunction Code = "T0207"
	UnknownSource   Code = "T0208"
	UnknownValue    Code = "T0209"
	UnknownCalendar Code = "T0210"
	UnknownParam    Code = "T0211"
	TwoAlike        Code = "T0212"
	FirstHere       Code = "T0213"
	TwoFields       Code = "T0214"
	TwoImports      Code = "T0215"
	HidesImport     Code = "T0216"
	HiddenHere      Code = "T0217"
	ImportCycle     Code = "T0218"
	OtherPackage    Code = "T0219"
	ReservedField   Code = "T0220"
	BuiltinName     Code = "T0221"
	WasExists       Code = "T0222"
	NotA            Code = "T0223"
	NoValue         Code = "T0224"
	OfOther         Code = "T0225"
	ParamIsField    Code = "T0226"
	ParamMissing    Code = "T0227"
	ParamRange      Code = "T0228"
	UseActs         Code = "T0229"
	ValueTwice      Code = "T0230"
	OneValue        Code = "T0231"
	ExtendNeeds     Code = "T0232"
	TwoJourneys     Code = "T0233"
	NotPath         Code = "T0234"
	Cycle           Code = "T0235"
	BadSetting      Code = "T0236"
	UnknownSetting  Code = "T0237"
	SettingNeeds    Code = "T0238"
	BindMissing     Code = "T0239"
	NoNull          Code = "T0241"
)

func nameCodes() []Entry {
	return []Entry{
		{UnknownName, Error, "nothing is called {0} here", "此处没有名为 {0} 的内容"},
		{UnknownHere, Error, "{1} has no {0}, and nothing else is called so", "{1} 没有 {0}，别处也没有这个名称"},
		{UnknownField, Error, "{0} has no field {1}", "{0} 没有字段 {1}"},
		{UnknownType, Error, "there is no type {0}", "没有类型 {0}"},
		{UnknownIn, Error, "package {1} has no {0}", "程序包 {1} 中没有 {0}"},
		{UnknownPackage, Error, "there is no package {0}", "没有程序包 {0}"},
		{UnknownFunction, Error, "there is no function {0}", "没有函数 {0}"},
		{UnknownSource, Error,
			"{0} is nothing that can be counted: neither an event nor an entity nor a list field",
			"{0} 不能计数：它不是事件、对象，也不是列表字段"},
		{UnknownValue, Error, "{0} is no value of {1}", "{0} 不是 {1} 的取值"},
		{UnknownCalendar, Error, "there is no calendar {0}", "没有日历 {0}"},
		{UnknownParam, Error, "{0} has no parameter {1}", "{0} 没有参数 {1}"},
		{TwoAlike, Error, "{0} is declared twice", "{0} 重复声明"},
		{FirstHere, Note, "it is declared here", "它在此处声明"},
		{TwoFields, Error, "field {0} of {1} is declared twice", "{1} 的字段 {0} 重复声明"},
		{TwoImports, Error,
			"{0} comes from two imports, {1} and {2}: write the package before it",
			"{0} 同时来自引入的 {1} 和 {2}：请在名称前写明程序包"},
		{HidesImport, Note, "{0} hides the {0} of package {1}", "{0} 遮住了程序包 {1} 中的 {0}"},
		{HiddenHere, Note, "this one is hidden", "被遮住的在此处"},
		{ImportCycle, Error,
			"package {0} imports itself, directly or through others",
			"程序包 {0} 直接或间接引入了自己"},
		{OtherPackage, Error,
			"this file says package {0}, another of the same folder says {1}",
			"本文件写的是程序包 {0}，同一文件夹的另一文件写的是 {1}"},
		{ReservedField, Error, "{0} is a built-in field and cannot be declared", "{0} 是内置字段，不能声明"},
		{BuiltinName, Error, "{0} is built in: it can be extended, not declared",
			"{0} 是内置的：可以扩展，不能重新声明"},
		{WasExists, Error,
			"{0} still exists: `was` names what a declaration was called before",
			"{0} 仍然存在：`曾名` 写的是改名之前的名称"},
		{NotA, Error, "{0} is {1}, where {2} is wanted", "{0} 是 {1}，此处需要 {2}"},
		{NoValue, Error, "{0} is {1} and has no value of its own", "{0} 是 {1}，本身没有值"},
		{OfOther, Error,
			"{0} is of {1}: reach it through a reference to {1}",
			"{0} 属于 {1}：请通过对 {1} 的引用来取"},
		{ParamUnread, Warning, "nothing in {1} reads its parameter {0}", "{1} 中没有任何地方读取参数 {0}"},
		{ParamIsField, Error,
			"{1} has a field {0} already: a parameter needs another name",
			"{1} 已有字段 {0}：参数需要另取名称"},
		{ParamMissing, Error, "{0} needs a value for its parameter {1}", "{0} 的参数 {1} 需要给值"},
		{ParamRange, Error, "{0} is from {1} to {2}", "{0} 的范围是 {1} 到 {2}"},
		{UseActs, Error,
			"{0} is {1}: importing its package puts it in force, only what acts is used",
			"{0} 是 {1}：引入程序包即生效，只有会动作的声明才需要采用"},
		{ValueTwice, Error, "value {0} stands twice", "取值 {0} 写了两次"},
		{OneValue, Error,
			"a choice has at least two values, this one has only {0}",
			"选项至少有两个取值，这里只有 {0}"},
		{ExtendNeeds, Error,
			"an added field is optional ({0} …?), computed, or has a `fill`",
			"扩展的字段须可缺（{0} …?）、由计算得出或有 `补全`"},
		{TwoJourneys, Error, "{0} has a journey already: an entity has at most one",
			"{0} 已有旅程：一个对象至多一个"},
		{NotPath, Error,
			"what is allocated is a reference of a type, such as Lead.owner",
			"分配的是某类型的引用字段，例如 Lead.owner"},
		{Cycle, Error, "this is computed from itself: {0}", "计算依赖了自身：{0}"},
		{BadSetting, Error, "thru.toml: {0}", "thru.toml：{0}"},
		{UnknownSetting, Warning, "thru.toml has no setting {0}", "thru.toml 没有设置项 {0}"},
		{SettingNeeds, Error, "thru.toml: {0} is {1}, where {2} is wanted",
			"thru.toml：{0} 是 {1}，应为 {2}"},
		{BindMissing, Error, "{0} has no field {1}, which {2} reads: bind one with `{1} = …`",
			"{0} 没有 {2} 要读取的字段 {1}：请用 `{1} = …` 对应"},
	}
}

// checkCodes are the checker's rows: names and imports T02xx, types and units T03xx,
// declarations T04xx, what no engine runs yet T05xx, tests T07xx.
func checkCodes() []Entry {
	var all []Entry
	for _, rows := range [][]Entry{nameCodes(), typeCodes(), declarationCodes(), testCodes()} {
		all = append(all, rows...)
	}
	return all
}
