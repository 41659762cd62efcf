package words

// The files of a draft.
var (
	DidMakeFile    = Text{"make the file %s", "新建文件 %s"}
	DidRenameFile  = Text{"rename the file %s", "文件改名 %s"}
	DidRemoveFile  = Text{"delete the file %s", "删除文件 %s"}
	DidRestoreFile = Text{"bring back the file %s", "恢复文件 %s"}

	FileDo      = Text{"Do to files", "文件操作"}
	FileName    = Text{"Name", "名称"}
	FileNameFor = Text{
		"It ends in .thru, and may lie in a folder: sales/visits.thru. What it declares belongs to the " +
			"whole policy, wherever it stands.",
		"以 .thru 结尾，可放在文件夹里：sales/visits.thru。声明写在哪个文件都属于整个策略。"}
	FileMake      = Text{"New file", "新建文件"}
	FileMakeDo    = Text{"Make it", "新建"}
	FileRename    = Text{"Rename file", "文件改名"}
	FileRenameOf  = Text{"Rename %s", "%s 改名"}
	FileNameNew   = Text{"New name of %s", "%s 的新名称"}
	FileRenameFor = Text{
		"Nothing in the policy changes with it, and whoever writes in the file goes on writing.",
		"策略内容不变，正在写这个文件的人可以继续写。"}
	FileRenameDo  = Text{"Rename it", "改名"}
	FileRemove    = Text{"Delete file", "删除文件"}
	FileRemoveOf  = Text{"Delete %s", "删除 %s"}
	FileRemoveFor = Text{
		"Everything that %s declares goes from the draft with it, also what others wrote in it. " +
			"Whoever has it open is told so. Undo brings it all back; what is in force stays until " +
			"you publish.",
		"%s 里的全部声明（包括其他人写的）都会从草稿中移除，打开着它的人会收到提示。撤销可全部恢复；发布之前，生效版本不变。"}
	FileRemoveDo = Text{"Delete %s", "删除 %s"}

	FileGone       = Text{"%s is no longer a file of the draft.", "草稿中已没有文件 %s。"}
	FileGoneUnmade = Text{"Whoever made it took that back.", "新建它的人撤销了新建。"}
	FileGoneBy     = Text{
		"%s deleted it. All that was written in it is kept, and comes back with it.",
		"%s 删除了它。其中写过的内容都保留着，恢复文件即可找回。"}
	FileRestore = Text{"Bring it back", "恢复文件"}
	Unsent      = Text{"What you typed last had not been sent.", "您最后输入的内容还没有发送。"}
	UnsentFor   = Text{
		"The draft was begun anew, or its file went, before it could be. " +
			"Put it where the caret is, or copy it.",
		"发送之前草稿重新开始了，或者文件已不在。可以放到光标处，也可以复制。"}
	UnsentPut  = Text{"Put it at the caret", "放到光标处"}
	UnsentDrop = Text{"Throw it away", "丢弃"}

	FileWrite     = Text{"Write in this file", "编辑此文件"}
	FileWriteDo   = Text{"Save", "保存"}
	FileText      = Text{"Text of the file", "文件的文本"}
	FileTextNow   = Text{"The text as it is now", "现在的文本"}
	FileTextOther = Text{
		"Somebody changed this file meanwhile, so nothing was saved. What you typed is here, and the " +
			"text as it is now below it: take over what is new there, and save again.",
		"期间有人改了这个文件，因此没有保存。这里是您输入的内容，下面是现在的文本：请并入其中的新内容后再保存。"}
	FileOtherOne = Text{
		"The draft was begun anew meanwhile, so nothing was done. Look at it and try again.",
		"草稿已重新开始，因此没有执行。请查看后再试。"}
)
