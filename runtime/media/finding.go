package media

// Finding is something about a file that whoever reads its figures should know. A policy judges;
// a finding does not.
type Finding uint8

// The findings.
const (
	Stripped  Finding = iota // a photo without any metadata, as messengers send it
	Broken                   // its metadata is damaged; what was read before the damage counts
	Edited                   // its software is an editor of pictures or of metadata
	Assumed                  // its capture time has no offset: the workspace's zone is assumed
	NoClock                  // its capture time is no time
	NoPlace                  // its position is 0,0 or none on earth
	TooMany                  // its header tells more pixels than are decoded: no look
	Unread                   // its picture cannot be decoded: no look
	NoLook                   // pictures of its form, HEIC, are not decoded: no look
	Blank                    // too small, or too little on it: no look
	NoLength                 // a recording whose length is not told by its header
	OtherKind                // a recording where a photo belongs, or the other way round
	findings
)

// texts are a name for programs and the texts for people, of each finding.
func (f Finding) texts() [3]string {
	if f >= findings {
		return [3]string{"unknown", "unknown", "未知"}
	}
	return [findings][3]string{
		Stripped: {"stripped", "no metadata (missing, which is no sign of fraud)",
			"没有元数据（只是缺失，并不表示造假）"},
		Broken: {"broken", "damaged metadata", "元数据已损坏"},
		Edited: {"edited", "saved by an editor of pictures or metadata",
			"由图片或元数据编辑软件保存"},
		Assumed: {"assumed", "capture time without offset, taken as local", "拍摄时间没有时区，按本地时间理解"},
		NoClock: {"no_clock", "a capture time that is no time", "拍摄时间无法识别"},
		NoPlace: {"no_place", "a position that is none, left missing", "位置无效，按缺失处理"},
		TooMany: {"too_many", "more pixels than are decoded: no look", "像素过多，不解码：没有外观指纹"},
		Unread:  {"unread", "a picture that cannot be decoded: no look", "图片无法解码：没有外观指纹"},
		NoLook: {"no_look", "HEIC, which is not decoded: it cannot be compared by its picture",
			"HEIC 格式不解码：无法按画面比对"},
		Blank:     {"blank", "too small or too even for a look", "画面太小或太单一：没有外观指纹"},
		NoLength:  {"no_length", "a recording of unknown length", "录音长度未知"},
		OtherKind: {"other_kind", "not the kind of file that the field is for", "文件种类与字段不符"},
	}[f]
}

// String is the finding's name for programs.
func (f Finding) String() string { return f.texts()[0] }

// Text is the finding's text for people, in English or, for zh, Chinese.
func (f Finding) Text(lang string) string {
	if lang == "zh" {
		return f.texts()[2]
	}
	return f.texts()[1]
}
