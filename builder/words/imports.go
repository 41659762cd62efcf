package words

// Tables that come in.
var (
	Import     = Text{"Import", "导入"}
	ImportLead = Text{
		"Tables as people keep them: Excel or CSV, Chinese headers understood.",
		"平时使用的表格：Excel 或 CSV，识别中文表头。"}
	ImportNone  = Text{"Nothing was brought in yet", "还没有导入过数据"}
	ImportTeach = Text{
		"Choose a table. Its columns are matched with fields, its rows are tried, and nothing is taken " +
			"in before you say so. What came in can be taken back for seven days.",
		"选择一个表格：列会与字段匹配，行会先试算，确认之前不会写入。七天之内可以撤销。"}
	ImportOff   = Text{"This server takes no tables in", "本服务器不接收表格"}
	ImportOffOf = Text{"It was started as a sample or a copy.", "它以样例或副本的方式启动。"}
	ImportFile  = Text{"Table", "表格"}
	ImportForms = Text{
		".xlsx, .csv, .tsv; at most 24 MB here.", ".xlsx、.csv、.tsv；此处不超过 24 MB。"}
	ImportType  = Text{"What its rows are", "每行是什么"}
	ImportGuess = Text{"find out", "自动判断"}
	ImportSaved = Text{"Mapping", "匹配方案"}
	ImportNew   = Text{"suggest one", "自动建议"}
	ImportLook  = Text{"Look at it", "查看"}
	ImportList  = Text{"Tables that came", "收到的表格"}
	ImportRows  = Text{"Rows", "行数"}
	ImportWhen  = Text{"When", "时间"}

	ImportReady     = Text{"looked at, not taken in", "已查看，未导入"}
	ImportRunning   = Text{"being taken in", "导入中"}
	ImportDone      = Text{"taken in", "已导入"}
	ImportCancelled = Text{"ended", "已终止"}
	ImportFailed    = Text{"failed", "失败"}
	ImportUndoing   = Text{"being taken back", "撤销中"}
	ImportUndone    = Text{"taken back", "已撤销"}

	ImportColumns = Text{"Columns and fields", "列与字段"}
	ImportColumn  = Text{"Column", "列"}
	ImportSamples = Text{"What stands in it", "内容示例"}
	ImportField   = Text{"Field", "字段"}
	ImportSure    = Text{"How sure", "把握"}
	ImportSkip    = Text{"is left out", "不导入"}
	ImportID      = Text{"id of the record", "记录编号"}
	ImportAt      = Text{"when it happened", "发生时间"}
	ImportFieldOf = Text{"Field of %s", "%s 对应的字段"}
	ImportAgain   = Text{"Try it like this", "按此试算"}

	ImportNoID = Text{
		"Which column is the id of a record? Choose “id of the record” for it below, and try it.",
		"哪一列是编号？请在下面为它选择“记录编号”，再按此试算。"}

	ImportTrial    = Text{"What would come of it", "试算结果"}
	ImportNews     = Text{"new", "新增"}
	ImportUpdates  = Text{"changed", "更新"}
	ImportTwice    = Text{"twice in the table", "表内重复"}
	ImportRefused  = Text{"not taken in", "不导入"}
	ImportProblem  = Text{"What is wrong", "问题"}
	ImportExamples = Text{"For example", "例如"}
	ImportRowN     = Text{"row %d", "第 %d 行"}
	ImportFine     = Text{"Every row can be taken in.", "每一行都可以导入。"}
	ImportRefuses  = Text{"not taken in", "不导入"}
	ImportRemarks  = Text{"a remark", "仅提示"}

	ImportStart   = Text{"Take %d row{|s} in", "导入 %d 行"}
	ImportGo      = Text{"Go on with it", "继续导入"}
	ImportCancel  = Text{"End it", "终止"}
	ImportUndo    = Text{"Take it back", "撤销导入"}
	ImportUndoFor = Text{
		"Until %s. Events are retracted, new records deleted, changed ones get what they had. What " +
			"somebody has changed since stays.",
		"%s 之前可撤销。事件收回、新增记录删除、被修改的恢复原值；之后又被他人修改的保持不变。"}
	ImportUndid = Text{
		"%d row{ was|s were} taken back; %d stay{s|}, since somebody has changed {it|them}.",
		"已撤销 %d 行；%d 行此后被修改，保持不变。"}
	ImportProgress = Text{"%d of %d row{|s}", "%d / %d 行"}
	ImportReturned = Text{
		"The rows that were not taken in, with the reason", "未导入的行（含原因）"}
	ImportKeep       = Text{"Keep this mapping as", "将匹配方案保存为"}
	ImportKept       = Text{"The mapping is kept.", "匹配方案已保存。"}
	ImportKeepDo     = Text{"Keep", "保存"}
	ImportNoFile     = Text{"Choose a table first.", "请先选择表格。"}
	ImportCounts     = Text{"What became of the rows", "各行结果"}
	ImportBackground = Text{
		"It goes on by itself; you may leave this page.", "导入在后台进行，可以离开本页。"}
)
