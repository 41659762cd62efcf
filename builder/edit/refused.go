package edit

import "strings"

// Why is the reason for which an operation was refused.
type Why uint8

// The reasons.
const (
	NotThere    Why = iota + 1 // nothing has this name, any longer
	Twice                      // two files declare it
	Unbalanced                 // the file's braces do not match
	LeftOpen                   // the braces of what was to be put in do not match
	IntoItself                 // a line cannot go into its own block
	HoldsNone                  // the line has no block and can have none
	NoSuchFile                 // a line at file level was to go into a file that is not there
	Empty                      // there is no line in what was to be put in
	DoesNotFit                 // where it was to go, the line means nothing
	WouldChange                // the edits would change other lines as well
	Unknown                    // no such operation
	Moved                      // the words that were to be changed are others by now
	NoName                     // a file was to have none
	NotThru                    // it was to have one that does not end in .thru
	NoPlace                    // it leads elsewhere, or not every system can write it
	NameTaken                  // another file has it
	LastFile                   // no other file of the policy is there
	NotPolicy                  // the file is not of the policy's text
)

// Refused says why an operation was not done; nothing was changed.
type Refused struct {
	Why  Why
	What string // the line or file it is about
}

// Error is the sentence in English.
func (r *Refused) Error() string { return r.In("en") }

// In is the sentence in a language, en or zh.
func (r *Refused) In(lang string) string {
	s := sentences[r.Why]
	if lang == "zh" {
		return strings.ReplaceAll(s.zh, "{0}", r.What)
	}
	return strings.ReplaceAll(s.en, "{0}", r.What)
}

var sentences = map[Why]struct{ en, zh string }{
	NotThere: {"There is no {0} any longer: somebody may have renamed or removed it.",
		"已没有 {0}：可能有人改了名或删除了它。"},
	Twice: {"{0} is declared twice: give one of them another name in the text first.",
		"{0} 声明了两次：请先在文本里给其中一个改名。"},
	Unbalanced: {"The braces of {0} do not match: mend them in the text first.",
		"{0} 的大括号不成对：请先在文本里改好。"},
	LeftOpen:   {"The braces of “{0}” do not match.", "“{0}” 的大括号不成对。"},
	IntoItself: {"{0} cannot go into itself.", "不能把 {0} 移到它自己里面。"},
	HoldsNone:  {"{0} holds no lines.", "{0} 里面不能放内容。"},
	NoSuchFile: {"There is no file {0}.", "没有文件 {0}。"},
	Empty:      {"There is nothing to put in.", "没有要放入的内容。"},
	DoesNotFit: {"“{0}” means nothing where it was to go.", "“{0}” 放在那里没有意义。"},
	WouldChange: {"“{0}” cannot be changed so without changing what stands beside it: " +
		"do it in the text.",
		"这样改 “{0}” 会影响旁边的内容：请在文本里改。"},
	Unknown: {"There is no operation {0}.", "没有 {0} 这种操作。"},
	Moved: {"{0} has changed since: look at it again.",
		"{0} 已有变化，请再看一遍。"},
	NoName: {"Give the file a name, such as visits.thru.", "请给文件起名，例如 visits.thru。"},
	NotThru: {"A policy file's name ends in .thru: “{0}” does not. Try visits.thru.",
		"策略文件名以 .thru 结尾，“{0}” 不是。例如 visits.thru。"},
	NoPlace: {"No file can be called “{0}”: a name is letters, digits and hyphens, in folders of " +
		"the policy at most (sales/visits.thru).",
		"文件不能叫 “{0}”：请用文字、数字和连字符，最多放在策略的文件夹里（sales/visits.thru）。"},
	NameTaken: {"There is a file {0} already: choose another name.", "已有文件 {0}：请换一个名字。"},
	LastFile: {"A policy has at least one file: make another before this one goes.",
		"策略至少要有一个文件：请先新建另一个。"},
	NotPolicy: {"{0} holds the settings of the workspace and stays as it is called.",
		"{0} 是工作区的设置，不能改名或删除。"},
}
