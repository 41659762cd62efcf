package source

// Records as they are read: engine/record. Args name the field or path first, then what came as
// it was written, then what was expected.
const (
	RecordNotJSON     Code = "T0601"
	RecordTooLong     Code = "T0602"
	RecordNotUTF8     Code = "T0603"
	RecordTooDeep     Code = "T0604"
	RecordNoType      Code = "T0605"
	RecordTypeUnknown Code = "T0606"
	RecordTypeNear    Code = "T0607"
	RecordNoID        Code = "T0608"
	RecordKeyTwice    Code = "T0609"
	RecordWrongType   Code = "T0610"
	RecordChoice      Code = "T0611"
	RecordChoiceNear  Code = "T0612"
	RecordTooBig      Code = "T0614"
	RecordNoMoment    Code = "T0615"
	RecordFuture      Code = "T0616"
	RecordUnknown     Code = "T0617"
	RecordUnknownNear Code = "T0618"
	RecordSystem      Code = "T0619"
	RecordComputed    Code = "T0620"
	RecordPercent     Code = "T0621"
	RecordPlaces      Code = "T0622"
	RecordBuiltin     Code = "T0623"
	RecordDelete      Code = "T0624"
	RecordCells       Code = "T0626"
	RecordQuote       Code = "T0627"
	RecordMore        Code = "T0628"
	RecordOpenQuote   Code = "T0629"
	RecordCut         Code = "T0630"
	RecordAfter       Code = "T0631"
	RecordEarly       Code = "T0632"
)

// recordCodes are the rows of reading a record: T0601 to T0639.
func recordCodes() []Entry {
	return []Entry{
		{RecordNotJSON, Error, "this is no JSON object: {1} came at byte {0}",
			"这不是 JSON 对象：第 {0} 字节处收到 {1}"},
		{RecordTooLong, Error, "this record has {0} bytes; at most {1} are read",
			"此记录有 {0} 字节，最多读取 {1} 字节"},
		{RecordNotUTF8, Error, "byte {0} is not UTF-8: {1}",
			"第 {0} 字节不是 UTF-8：{1}"},
		{RecordTooDeep, Error, "this record is nested more than {0} deep",
			"此记录嵌套超过 {0} 层"},
		{RecordNoType, Error, "this record has no type: {1} came, \"type\":\"…\" was expected",
			"此记录没有类型：收到 {1}，应为 \"type\":\"…\""},
		{RecordTypeUnknown, Error, "no entity or event is called {0}",
			"没有名为 {0} 的对象或事件"},
		{RecordTypeNear, Error, "no entity or event is called {0}; the nearest is {1}",
			"没有名为 {0} 的对象或事件，最接近的是 {1}"},
		{RecordNoID, Error, "this record has no id: {1} came, \"id\":\"…\" was expected",
			"此记录没有标识：收到 {1}，应为 \"id\":\"…\""},
		{RecordKeyTwice, Error, "{0} is given twice",
			"{0} 给了两次"},
		{RecordWrongType, Error, "{0}: {1} came, {2} was expected",
			"{0}：收到 {1}，应为 {2}"},
		{RecordChoice, Error, "{0}: {1} came, one of {2} was expected",
			"{0}：收到 {1}，应为 {2} 之一"},
		{RecordChoiceNear, Error, "{0}: {1} came, one of {2} was expected; the nearest is {3}",
			"{0}：收到 {1}，应为 {2} 之一，最接近的是 {3}"},
		{RecordTooBig, Error, "{0}: {1} came, which is too big for {2}",
			"{0}：收到 {1}，超出 {2} 的范围"},
		{RecordNoMoment, Error, "this record has neither \"at\" nor \"received\"",
			"此记录既没有 \"at\" 也没有 \"received\""},
		{RecordFuture, Error, "at: {0} came, at most 5 minutes after received, {1}, was expected",
			"at：收到 {0}，最多应比 received（{1}）晚 5 分钟"},
		{RecordEarly, Error, "at: {0} came, {1} or later was expected",
			"at：收到 {0}，应不早于 {1}"},
		{RecordUnknown, Warning, "{1} has no field {0}; it is kept in the log and not used",
			"{1} 没有字段 {0}；它保留在日志中，不被使用"},
		{RecordUnknownNear, Warning,
			"{1} has no field {0}; it is kept in the log and not used; the nearest is {2}",
			"{1} 没有字段 {0}；它保留在日志中，不被使用；最接近的是 {2}"},
		{RecordSystem, Warning, "{0} is kept by the program itself; what came is not used",
			"{0} 由程序自身维护；收到的值不被使用"},
		{RecordComputed, Warning, "{0} is computed; what came is not used",
			"{0} 是计算字段；收到的值不被使用"},
		{RecordPercent, Warning, "{0}: {1} came, which is {2}; was {3} meant?",
			"{0}：收到 {1}，即 {2}；是否应为 {3}？"},
		{RecordPlaces, Warning, "{0}: {1} came; money has 4 places, {2} is kept",
			"{0}：收到 {1}；金额保留 4 位小数，记为 {2}"},
		{RecordBuiltin, Error, "{0} is kept by the program itself and takes no records",
			"{0} 由程序自身维护，不接受记录"},
		{RecordDelete, Error, "only entities are deleted; {0} is an event, which is retracted",
			"只有对象可以删除；{0} 是事件，应当撤回"},
		{RecordCells, Error, "line {0} has {1} cells, the header has {2}",
			"第 {0} 行有 {1} 格，表头有 {2} 格"},
		{RecordQuote, Error, "line {0}, column {1}: a quote in a cell that does not begin with one",
			"第 {0} 行第 {1} 列：未以引号开头的单元格中出现引号"},
		{RecordMore, Warning, "{0} more of the kind",
			"另有 {0} 处同类问题"},
		{RecordOpenQuote, Error, "line {0}, column {1}: a quoted cell that is not closed or goes on",
			"第 {0} 行第 {1} 列：加引号的单元格没有闭合，或闭合后还有内容"},
		{RecordCut, Error, "the line ends after {0} bytes, before its JSON object does",
			"此行在第 {0} 字节处结束，JSON 对象不完整"},
		{RecordAfter, Error, "{1} came after the JSON object, at byte {0}",
			"JSON 对象之后第 {0} 字节处还有 {1}"},
	}
}
