// Package ingest takes tables as people keep them (CSV in whatever encoding, Excel workbooks, with
// headers in Chinese or English) and makes records of them.
//
// A Sheet is a table as it came. A Mapping says which column is which field and how its cells are
// written; it is a small TOML file that is kept and used again, and Suggest drafts it from the
// policy and the sheet. Rows yields the record of each row as the JSON line that goes into the log.
// What a cell means is decided by engine/record alone: this package only finds columns and takes
// off what tables put around values (thousands separators, units in the header, dates as people
// write them).
package ingest

import (
	"fmt"
	"strings"
)

// Why is what is wrong with a sheet or a mapping as a whole.
type Why uint8

// The reasons.
const (
	NoTable       Why = iota + 1 // neither CSV nor a workbook
	Damaged                      // called a workbook, and none that can be opened
	Locked                       // a workbook of the old form, or under a password
	Blank                        // nothing is in it
	TooLarge                     // more bytes, packed or unpacked, than are taken
	TooLong                      // more rows
	TooWide                      // more cells
	NotText                      // bytes in an encoding that is not known
	OpenQuote                    // a quote in a CSV file that is not closed
	NoSheet                      // the workbook has no worksheet of this name
	NoHeader                     // no row names the columns
	NoType                       // the policy has no such entity or event
	NoColumn                     // the sheet has no such column
	NoField                      // the type has no such field
	FieldTwice                   // two columns are one field
	NoID                         // an entity without a column for its id
	BadMapping                   // the mapping's TOML cannot be read
	BadFactor                    // times is no decimal number
	BadClean                     // clean or key is none of those that there are
	BadForm                      // the form of a date has no day or is not known
	NothingMapped                // no column of the sheet is a field of the type
	NothingAtAll                 // nor of any
)

// Fault says why no row could be a record.
type Fault struct {
	Why  Why
	Args []string
}

// Error is the sentence in English.
func (f *Fault) Error() string { return f.In("en") }

// In is the sentence in a language, en or zh.
func (f *Fault) In(lang string) string {
	text := faults[f.Why].en
	if lang == "zh" {
		text = faults[f.Why].zh
	}
	for i, a := range f.Args {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%d}", i), a)
	}
	return text
}

// with is a fault and, where there is one, the nearest right name.
func with(why Why, near string, args ...string) *Fault {
	en, zh := "", ""
	if near != "" {
		en, zh = "; did you mean "+near+"?", "；是不是 "+near+"？"
	}
	return &Fault{Why: why, Args: append(args, en, zh)}
}

var faults = map[Why]struct{ en, zh string }{
	NoTable: {"{0} is no table: it must be .csv, .tsv, .txt or .xlsx",
		"{0} 不是表格：应为 .csv、.tsv、.txt 或 .xlsx"},
	Damaged: {"{0} is damaged, or no workbook by what is in it: open it in Excel or WPS, save it " +
		"again as .xlsx or CSV, and send that",
		"{0} 已损坏，或内容不是工作簿：请用 Excel 或 WPS 打开，另存为 .xlsx 或 CSV 后再上传"},
	Locked: {"{0} is a workbook of the old form (.xls) or under a password: in Excel or WPS, save " +
		"it as .xlsx without a password, and send that",
		"{0} 是旧格式（.xls）或加了密码的工作簿：请用 Excel 或 WPS 取消密码，另存为 .xlsx 后再上传"},
	Blank: {"there is nothing in {0}: send the table with its header and at least one row",
		"{0} 里没有内容：请上传带表头、至少一行数据的表格"},
	TooLarge: {"{0} is too large: at most {1}; split it",
		"{0} 太大：最多 {1}；请拆分"},
	TooLong: {"{0} is too long: at most {1} rows; split it",
		"{0} 太长：最多 {1} 行；请拆分"},
	TooWide: {"{0} has too many cells: at most {1}, blank ones among them; take columns out that " +
		"are blank or not needed, or split it",
		"{0} 的单元格太多：最多 {1} 个（含空白）；请删去空白或不需要的列，或拆分"},
	NotText: {"line {0} is neither UTF-8 nor GB 18030: save the file as CSV UTF-8",
		"第 {0} 行既不是 UTF-8 也不是 GB 18030：请另存为“CSV UTF-8”"},
	OpenQuote: {"line {0}: a quote is opened and not closed", "第 {0} 行：引号没有闭合"},
	NoSheet:   {"there is no worksheet {0}: the workbook has {1}", "没有工作表 {0}：工作簿里有 {1}"},
	NoHeader: {"no row names the columns: one of the first {0} rows must hold their names",
		"找不到表头：前 {0} 行里应有一行写各列的名称"},
	NoType:     {"the policy has no entity or event {0}{1}", "策略里没有对象或事件 {0}{2}"},
	NoColumn:   {"there is no column “{0}”{1}", "没有列“{0}”{2}"},
	NoField:    {"{0} has no field {1}{2}", "{0} 没有字段 {1}{3}"},
	FieldTwice: {"the columns “{0}” and “{1}” are both {2}", "列“{0}”和“{1}”都对应 {2}"},
	NoID: {"no column is the id of {0}: give the column that is, with to = \"id\", or the columns " +
		"that make it up, with id = [...]",
		"没有列是 {0} 的编号：请用 to = \"id\" 指明，或用 id = [...] 给出组成编号的列"},
	BadMapping: {"the mapping cannot be read: {0}", "映射文件读不懂：{0}"},
	BadFactor: {"column “{0}”: times must be a number such as 10000 or 0.01, not “{1}”",
		"列“{0}”：times 应是数，如 10000 或 0.01，而不是“{1}”"},
	BadClean: {"column “{0}”: clean and key are phone, code or plain, one of them at most, not “{1}”",
		"列“{0}”：clean 和 key 应为 phone、code 或 plain，且只用其一，而不是“{1}”"},
	BadForm: {"column “{0}”: the form “{1}” must be made of YYYY YY MM M DD D HH H mm ss and signs, " +
		"with a year, month and day",
		"列“{0}”：写法“{1}”应由 YYYY YY MM M DD D HH H mm ss 和符号组成，且有年月日"},
	NothingAtAll: {"no column is a field of any entity or event: say what its rows are",
		"没有一列是任何对象或事件的字段：请说明每行是什么"},
	NothingMapped: {"no column is a field of {0}", "没有一列是 {0} 的字段"},
}
