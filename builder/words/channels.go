package words

// How people and systems are told.
var (
	Channels     = Text{"Channels", "通道"}
	ChannelsLead = Text{
		"How people and systems are told what was decided.", "决定如何通知到人和系统。"}
	ChannelsNone = Text{"Nobody is told anything yet", "还没有任何通知通道"}
	ChannelsHow  = Text{
		"A rule says notify or task; a channel carries it to a group's robot, by mail, as a text " +
			"message or to another system. Choose a kind to begin with.",
		"规则写 通知 或 任务，由通道送达：群机器人、邮件、短信或其他系统。选择一种开始。"}
	ChannelsOff = Text{"This server sends nothing", "本服务器不发送消息"}
	ChannelsAre = Text{
		"It was started without delivery, as a sample or a copy is. Channels can be set on the server " +
			"that does the work.",
		"它以不发送消息的方式启动（样例或测试副本）。请在正式服务器上设置通道。"}
	ChannelAdd  = Text{"Add", "添加"}
	ChannelKind = Text{"Kind", "类型"}

	KindWeCom    = Text{"WeCom group robot", "企业微信群机器人"}
	KindDingTalk = Text{"DingTalk group robot", "钉钉群机器人"}
	KindFeishu   = Text{"Feishu group robot", "飞书群机器人"}
	KindMail     = Text{"Mail", "邮件"}
	KindSMS      = Text{"Text message", "短信"}
	KindWebhook  = Text{"Another system (webhook)", "其他系统（webhook）"}

	ChannelWorks   = Text{"works", "正常"}
	ChannelPaused  = Text{"paused", "已暂停"}
	ChannelUnset   = Text{"named by the policy, not set", "策略中提到，尚未设置"}
	ChannelBroken  = Text{"its settings need a look", "设置有误"}
	ChannelShut    = Text{"rests until %s", "暂停至 %s"}
	ChannelWaiting = Text{"Waiting", "等待"}
	ChannelSent    = Text{"Sent", "已发送"}
	ChannelDead    = Text{"Not delivered", "未送达"}
	ChannelState   = Text{"State", "状态"}
	ChannelPause   = Text{"Pause", "暂停"}
	ChannelGoOn    = Text{"Go on", "恢复"}
	ChannelTest    = Text{"Send a test", "发送测试"}
	ChannelTestTo  = Text{"Address to write to", "接收地址"}
	ChannelTook    = Text{"The test was taken", "测试消息已送达"}
	ChannelRefused = Text{"The test was refused", "测试消息被拒绝"}

	ChannelSettings = Text{"Settings", "设置"}
	ChannelName     = Text{"Name", "名称"}
	ChannelNameFor  = Text{"As the policy says it after via.", "策略中 经由 之后写的名称。"}
	ChannelURL      = Text{"Address", "地址"}
	ChannelURLMail  = Text{
		"smtp://HOST:587 or smtps://HOST:465", "smtp://主机:587 或 smtps://主机:465"}
	ChannelFrom    = Text{"Who writes", "发件人"}
	ChannelUser    = Text{"Login of the mail server", "邮件服务器用户名"}
	ChannelBody    = Text{"What is sent, as JSON", "发送内容（JSON）"}
	ChannelBodyFor = Text{
		"With {to}, {text}, {id} and {key} in its texts.",
		"文本中可用 {to}、{text}、{id}、{key}。"}
	ChannelExpect    = Text{"What an answer says that took it", "成功时应答的内容"}
	ChannelExpectFor = Text{"As code=0; several with commas.", "如 code=0；多个用逗号分隔。"}
	ChannelAddress   = Text{"Field with a person's address", "人员记录中的地址字段"}
	ChannelTakes     = Text{"It also takes what names no channel", "同时接收未指明通道的内容"}
	ChannelTakesN    = Text{"notices", "通知"}
	ChannelTakesT    = Text{"tasks", "任务"}
	ChannelTakesC    = Text{"calls", "调用"}
	ChannelQuiet     = Text{"Only alerts between", "仅发送预警的时段"}
	ChannelQuietFor  = Text{"As 21:00-08:00.", "如 21:00-08:00。"}
	ChannelDigest    = Text{"All but alerts in one message at", "除预警外每日汇总时间"}
	ChannelDigestFor = Text{"As 09:00.", "如 09:00。"}
	ChannelInstead   = Text{"Channel that takes over", "接替的通道"}
	ChannelInsteadOf = Text{
		"While this one is throttled or broken.", "本通道受限或出错时使用。"}
	ChannelMore      = Text{"More settings", "更多设置"}
	ChannelLang      = Text{"Language", "语言"}
	ChannelLangBoth  = Text{"as the policy has it", "按策略原文"}
	ChannelSecrets   = Text{"What is secret", "密钥"}
	ChannelSecretFor = Text{
		"It is kept sealed and never shown. Give it again only to change it, then all of it.",
		"加密保存，不再显示。只在更换时重新填写，且需全部填写。"}
	ChannelKept       = Text{"A secret is kept.", "已保存密钥。"}
	ChannelSecretURL  = Text{"The robot's address, with its token", "机器人地址（含令牌）"}
	ChannelSecretKey  = Text{"Signing key", "签名密钥"}
	ChannelSecretPass = Text{"Password of the mail server", "邮件服务器密码"}
	ChannelSecretHead = Text{"Headers to send along, one a line", "附加请求头，每行一个"}
	ChannelSet        = Text{"Set it", "确定"}
	ChannelSetDone    = Text{"It is set.", "设置完成。"}

	ChannelDrop    = Text{"Take it away", "移除通道"}
	ChannelDropFor = Text{
		"What waits for it waits on, for a day.", "等待它的消息会再等一天。"}
	DeadLead = Text{
		"What the other side refused for good, or did not take in time. Nothing of it is lost.",
		"对方明确拒绝或超时未接收的消息，全部保留。"}
	DeadAgain    = Text{"Send again", "重新发送"}
	DeadAgainAll = Text{"Send all again", "全部重新发送"}
	DeadDrop     = Text{"Give all up", "全部放弃"}
	DeadWhy      = Text{"Why", "原因"}
	DeadTo       = Text{"For", "接收人"}
	DeadText     = Text{"What", "内容"}
	DeadDid      = Text{"Sent again: %d", "已重新发送：%d 条"}
	DeadDropped  = Text{"Given up: %d", "已放弃：%d 条"}
)
