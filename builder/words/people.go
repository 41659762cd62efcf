package words

// Who comes in, and what they may do.
var (
	People     = Text{"People and access", "人员与权限"}
	PeopleLead = Text{
		"Who comes in, as what, and what they see.", "谁可以进入、以什么角色、能看到什么。"}
	PeopleNone = Text{"Only you come into this workspace", "只有您可以进入此工作区"}
	PeopleAdd  = Text{"Add a person", "添加人员"}
	PeopleHere = Text{"In this workspace", "本工作区"}
	PeopleFar  = Text{"In other workspaces", "其他工作区"}
	PeopleNo   = Text{"Comes in no more", "已停用"}
	PeopleYes  = Text{"Comes in", "可登录"}

	Person         = Text{"Person", "人员"}
	PersonName     = Text{"Name", "姓名"}
	PersonEmail    = Text{"Mail address", "邮箱"}
	PersonEmailFor = Text{
		"By which the organization's own sign-in knows them; it may be empty.",
		"企业账号登录时据此识别；可以不填。"}
	PersonRole    = Text{"Role", "角色"}
	PersonState   = Text{"State", "状态"}
	PersonNobody  = Text{"not here", "不在此工作区"}
	PersonAll     = Text{"In every workspace", "适用于所有工作区"}
	PersonNumbers = Text{
		"An author who may change numbers, not structure", "编制者只能修改数字，不能修改结构"}
	PersonAs    = Text{"Who that is in the workspace", "对应工作区中的谁"}
	PersonAsFor = Text{
		"Of a manager or rep: their own record. A manager sees all that leads to it.",
		"经理和代表填写：他们自己的记录。经理能看到指向自己的一切。"}
	PersonOff    = Text{"Comes in no more", "停用登录"}
	PersonChange = Text{"Change", "修改"}
	PersonReset  = Text{"New password", "重置密码"}
	PersonResets = Text{
		"They are signed out everywhere, and come in with the new one.", "此人会在所有设备退出，之后用新密码登录。"}
	PersonOther = Text{"%s in %s", "%[2]s 中的%[1]s"}
	PersonYou   = Text{"you", "您"}
	PersonDone  = Text{"%s can come in now", "%s 现在可以登录"}
	PersonPass  = Text{"The password, shown once", "密码（只显示一次）"}
	PersonHand  = Text{
		"Hand it to them yourself. They change it under their name at the top right.",
		"请亲自交给对方；对方可在右上角自己的名字下修改。"}

	Roles          = Text{"What roles may do and see", "角色能做什么、看到什么"}
	RoleAdmin      = Text{"Administrator", "管理员"}
	RoleAuthor     = Text{"Author", "编制者"}
	RoleAuditor    = Text{"Auditor", "审计员"}
	RoleManager    = Text{"Manager", "经理"}
	RoleConsultant = Text{"Consultant", "顾问"}
	RoleRep        = Text{"Rep", "代表"}
	RoleAdminIs    = Text{
		"Everything, people and channels included.", "一切，包括人员与通道。"}
	RoleAuthorIs = Text{
		"Writes and publishes the policy. Sees every record.", "编写并发布策略。看到全部记录。"}
	RoleAuditorIs = Text{
		"Reads everything, and who did what.", "查看一切，以及谁做过什么。"}
	RoleManagerIs = Text{
		"Submits, reviews and takes tasks. Sees the team's records.",
		"提交、复核、处理任务。看到本团队的记录。"}
	RoleConsultIs = Text{
		"Drafts without publishing. Sees no personal data.",
		"编写草稿，不能发布。看不到个人信息。"}
	RoleRepIs = Text{
		"Hands in and claims. Sees own records.", "提交与领取。只看到自己的记录。"}
	Keys     = Text{"Keys for programs", "程序密钥"}
	KeysLead = Text{
		"A key lets a program in instead of a person.", "密钥让程序代替人员访问。"}
	KeysNone      = Text{"No program comes in yet.", "还没有程序访问。"}
	KeyMake       = Text{"Make a key", "新建密钥"}
	KeyLabel      = Text{"What it is for", "用途"}
	KeyVerbs      = Text{"It may", "允许"}
	KeyWhere      = Text{"Where", "范围"}
	KeyHere       = Text{"this workspace", "本工作区"}
	KeyEverywhere = Text{"every workspace", "所有工作区"}
	KeyExpires    = Text{"Until", "有效期至"}
	KeyExpiresFor = Text{"Empty: it does not end.", "不填则长期有效。"}
	KeyForever    = Text{"without end", "长期"}
	KeyRevoke     = Text{"Revoke", "吊销"}
	KeyRevoked    = Text{"revoked", "已吊销"}
	KeyOver       = Text{"ended", "已过期"}
	KeyValid      = Text{"valid", "有效"}
	KeyToken      = Text{"The key, shown once", "密钥（只显示一次）"}
	KeyTokenKeep  = Text{
		"Keep it where programs keep secrets: nobody can be shown it again.",
		"请存入程序的密钥库：以后无法再次查看。"}
	KeyCopy     = Text{"Copy", "复制"}
	KeyCopied   = Text{"Copied.", "已复制。"}
	VerbRead    = Text{"read", "读取"}
	VerbSubmit  = Text{"submit records", "提交记录"}
	VerbDraft   = Text{"check and try policies", "检查与试算策略"}
	VerbTune    = Text{"publish changed numbers", "发布数字修改"}
	VerbPublish = Text{"publish", "发布"}
	VerbAudit   = Text{"read who did what", "查看操作记录"}
	VerbAdmin   = Text{"administer", "管理"}
	Hidings     = Text{"Hidden fields", "隐藏的字段"}
	HidingsLead = Text{
		"What a role does not see, wherever it would stand.",
		"某个角色在任何地方都看不到的内容。"}
	HidingsNone = Text{
		"Every role sees every field of the records it sees.",
		"各角色能看到其可见记录的全部字段。"}
	HidingField     = Text{"Field", "字段"}
	HidingFrom      = Text{"Hidden from", "对谁隐藏"}
	HidingHide      = Text{"Hide", "隐藏"}
	HidingShow      = Text{"Show again", "恢复显示"}
	MyPassword      = Text{"Change your password", "修改密码"}
	MyPasswordOld   = Text{"Present password", "当前密码"}
	MyPasswordNew   = Text{"New password", "新密码"}
	MyPasswordAfter = Text{
		"You sign in again with the new one.", "修改后请用新密码重新登录。"}
	NoKeyPassword = Text{"A key has no password.", "密钥没有密码。"}
)
