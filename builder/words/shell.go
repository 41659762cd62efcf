package words

// The frame around every page.
var (
	Product    = Text{"Throughline", "动线"}
	Skip       = Text{"Skip to the content", "跳到正文"}
	Pages      = Text{"Pages", "页面"}
	Menu       = Text{"Menu", "菜单"}
	Display    = Text{"You and your display", "账号与显示"}
	Language   = Text{"Language", "语言"}
	Theme      = Text{"Appearance", "外观"}
	ThemeAuto  = Text{"As the device", "跟随系统"}
	ThemeLight = Text{"Light", "浅色"}
	ThemeDark  = Text{"Dark", "深色"}
	Home       = Text{"All workspaces", "全部工作区"}
	Close      = Text{"Close", "关闭"}
	Cancel     = Text{"Cancel", "取消"}
	Offline    = Text{
		"Not connected. What you type is kept and sent when the server answers again.",
		"未连接。您输入的内容会保留，恢复连接后自动发送。"}
)

// Where navigation puts a page.
var (
	BeingMade     = Text{"Being worked out from the log", "正在根据全部记录计算"}
	BeingMadeHint = Text{"That takes a while where there are many records. It comes by itself.",
		"记录较多时需要一些时间，完成后会自动显示。"}
	Working   = Text{"Working", "执行"}
	Authoring = Text{"Authoring", "编制"}
	Steering  = Text{"Steering", "管理"}
	Governing = Text{"Workspace", "工作区"}
)

// Coming in and going out.
var (
	SignIn       = Text{"Sign in", "登录"}
	SignOut      = Text{"Sign out", "退出登录"}
	SignInLead   = Text{"From a target to what is done on a day.", "从目标，到每一天的行动。"}
	SignInOther  = Text{"Sign in with your organization", "用企业账号登录"}
	SignInUnset  = Text{"Nobody administers this server yet.", "这台服务器还没有管理员。"}
	SignInFirst  = Text{"Set it up", "开始设置"}
	Login        = Text{"Login", "用户名"}
	Password     = Text{"Password", "密码"}
	SetUp        = Text{"Set up this server", "设置服务器"}
	SetUpLead    = Text{"You become its first administrator.", "您将成为它的第一位管理员。"}
	SetUpCode    = Text{"Set-up code", "设置码"}
	SetUpCodeAt  = Text{"The server prints it where it was started.", "服务器启动时会在终端显示。"}
	SetUpDo      = Text{"Become administrator", "成为管理员"}
	SetUpDone    = Text{"This server has an administrator.", "这台服务器已有管理员。"}
	YourName     = Text{"Your name", "您的姓名"}
	PasswordRule = Text{
		"10 to 200 characters; your login in it does not count.", "10 到 200 个字符，其中的用户名不计入长度。"}
)

// The list of workspaces.
var (
	Workspaces      = Text{"Workspaces", "工作区"}
	WorkspacesLead  = Text{"Each has a policy, a log and people of its own.", "每个工作区有自己的策略、日志和人员。"}
	WorkspaceOpen   = Text{"Open", "打开"}
	WorkspaceBroken = Text{"It cannot be opened at the moment.", "暂时无法打开。"}
	WorkspaceCounts = Text{
		"%d journey{|s} · %d action{|s} · %d rule{|s}", "%d 条旅程 · %d 个动作 · %d 条规则"}
	NoWorkspace     = Text{"No workspace yet", "还没有工作区"}
	NoWorkspaceMake = Text{
		"A workspace holds the policy of a team and everything that happened under it. Name the " +
			"first one; it begins with a small example that you can change at once.",
		"工作区保存一个团队的策略，以及在策略之下发生的一切。给第一个工作区取个名字；" +
			"它从一个小例子开始，可以马上修改。"}
	NoWorkspaceYours = Text{
		"Nobody has let you into a workspace yet. Ask an administrator of this server.",
		"您还没有进入任何工作区的权限，请联系服务器管理员。"}
	WorkspaceNew       = Text{"New workspace", "新建工作区"}
	WorkspaceTitle     = Text{"Name", "名称"}
	WorkspaceTitleLong = Text{"A name has up to %d characters.", "名称最多 %d 个字。"}
	WorkspaceName      = Text{"In addresses", "网址中的写法"}
	WorkspaceNameFor   = Text{
		"Small letters, digits and hyphens; made from the name if left empty. It stays.",
		"小写字母、数字和连字符；留空则由名称的拼音首字母得出。以后不变。"}
	WorkspaceMake = Text{"Make it", "新建"}
)

// What goes wrong with a request for a page.
var (
	Wrong       = Text{"This did not work", "没有成功"}
	NoPage      = Text{"There is no such page", "没有这个页面"}
	NoPageNext  = Text{"The address may be mistyped, or what it showed is gone.", "网址可能有误，或内容已不存在。"}
	NotYours    = Text{"You may not see this", "您无权查看"}
	NotYoursFor = Text{
		"It takes more than your roles in this workspace allow. An administrator can change that.",
		"您在这个工作区的角色不允许此操作，管理员可以调整。"}
	ForeignPage = Text{
		"The request came from another site's page. Open this address directly and try again.",
		"请求来自其他网站的页面。请直接打开本站地址后重试。"}
	GoBack = Text{"Back", "返回"}
	Colon  = Text{": ", "："}
)

// What the policy in force is made of.
var (
	Overview        = Text{"Overview", "概览"}
	OverviewLead    = Text{"What the policy in force is made of.", "当前生效的策略由哪些部分组成。"}
	OverviewVersion = Text{"version %s", "版本 %s"}
)
