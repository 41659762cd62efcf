package words

// Coming into a sample server.
var (
	GuestsAs   = Text{"Come in as", "以此身份进入"}
	GuestsLead = Text{
		"A sample workspace on this machine. Choose who you are; you can change it at any time.",
		"本机上的样例工作区。选择您的身份，随时可以更换。"}
	GuestAdmin   = Text{"administers everything", "管理一切"}
	GuestManager = Text{"manages %s", "负责%s"}
	GuestRep     = Text{"sells in %s", "%s业务员"}
	GuestAuditor = Text{"looks at everything, changes nothing", "查看一切，不作改动"}
)
