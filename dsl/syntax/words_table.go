package syntax

import "strings"

// Word roles: a word that stands in several places has one row, and one Chinese form, for each.
const (
	roleOperator  = "operator"    // within D of y
	roleSource    = "source"      // sum(SellOut.amount in 90d of store)
	roleDeclared  = "declaration" // alert ColdAction of Rep
	roleWhom      = "whom"        // task "…" for owner
	roleDuration  = "duration"    // for 4h
	roleWho       = "who"         // by rep, of an action
	roleDimension = "dimension"   // by industry
	roleStage     = "stage"       // stage Won is won
	roleStep      = "step"        // "检查货架陈列" is lines
	roleGoal      = "goal"        // share by E
	roleFunction  = "function"    // share(c), lower(t), workdays(a, b)
	roleBetter    = "better"      // better lower
	roleWindow    = "window"      // in stage
	roleSpan      = "span"        // after 3 workdays
	roleHours     = "hours"       // open 09:00 .. 18:00, of a calendar
	rolePeriod    = "period"      // every month
	roleTasks     = "tasks"       // at most 5 open
)

// Vocable is one word of the language in both vocabularies. Several English words that belong
// together are one Vocable.
type Vocable struct {
	En   string
	Role string // "" where the word has one form only
	Zh   string
}

// Vocabulary is the one table of words (reference, section 13). Position tells a row from another
// of the same English word; no Chinese form stands for two English ones.
func Vocabulary() []Vocable {
	var all []Vocable
	for _, rows := range [][]Vocable{declarationWords(), typeWords(), operatorWords(), clauseWords(),
		periodWords(), journeyWords(), actionWords(), ruleWords(), goalWords(), testWords(),
		aggregateWords(), functionWords()} {
		all = append(all, rows...)
	}
	return all
}

func declarationWords() []Vocable {
	return []Vocable{
		{"package", "", "程序包"}, {"import", "", "引入"}, {"as", "", "作为"}, {"use", "", "采用"},
		{"was", "", "曾名"}, {"let", "", "常量"}, {"choice", "", "选项"}, {"extern", "", "外部函数"},
		{"version", "", "版本"}, {"calendar", "", "日历"}, {"from", "", "沿用"},
		{"open", roleHours, "工作时段"}, {"open", roleTasks, "件未结"},
		{"work", "", "上班"}, {"rest", "", "休息"}, {"en", "", "英文"},
		{"zh", "", "中文"}, {"entity", "", "对象"}, {"event", "", "事件"}, {"extend", "", "扩展"},
		{"drop", "", "剔除"}, {"fill", "", "补全"}, {"personal", "", "个人信息"}, {"keep", "", "保留期"},
	}
}

func typeWords() []Vocable {
	return []Vocable{
		{"text", "", "文本"}, {"int", "", "整数"}, {"number", "", "数值"}, {"percent", "", "百分比"},
		{"money", "", "金额"}, {"bool", "", "是非"}, {"date", "", "日期"}, {"time", "", "时间"},
		{"duration", "", "时长"}, {"distance", "", "距离"}, {"point", "", "位置"}, {"area", "", "区域"},
		{"photo", "", "照片"}, {"audio", "", "录音"}, {"file", "", "文件"}, {"list of", "", "一组"},
	}
}

// TypeWords are the words of the types that a field can have, in both vocabularies.
func TypeWords() []string {
	var out []string
	for _, v := range typeWords() {
		if !strings.Contains(v.En, " ") {
			out = append(out, v.En, v.Zh)
		}
	}
	return out
}

func operatorWords() []Vocable {
	return []Vocable{
		{"and", "", "并且"}, {"or", "", "或者"}, {"not", "", "并非"}, {"not in", "", "不属于"},
		{"in", "", "属于"}, {"between", "", "介于"}, {"contains", "", "包含"}, {"matches", "", "匹配"},
		{"within", "", "不超过"}, {"of", roleOperator, "相距"}, {"has", "", "已有"}, {"if", "", "如果"},
		{"then", "", "那么"}, {"else", "", "否则"}, {"pick", "", "择一"}, {"true", "", "为真"},
		{"false", "", "为假"}, {"null", "", "空值"}, {"now", "", "此刻"}, {"self", "", "自身"},
		{"candidate", "", "候选人"}, {"workspace", "", "工作区"},
	}
}

func clauseWords() []Vocable {
	return []Vocable{
		{"when", "", "每当"}, {"where", "", "条件"}, {"via", "", "经由"}, {"of", roleSource, "之于"},
		{"for", roleWhom, "针对"}, {"for", roleDuration, "持续"}, {"in a row", "", "连续"},
		{"by", roleWho, "执行人"}, {"by", roleDimension, "按照"}, {"of", roleDeclared, "面向"},
		{"on", "", "基于"}, {"at", "", "时刻"}, {"each", "", "每个"}, {"per", "", "每一"},
		{"every", "", "每逢"}, {"to", "", "分给"}, {"due", "", "期限"}, {"after", "", "之后"},
		{"before", "", "之前"}, {"until", "", "直到"}, {"needs", "", "需要"}, {"with", "", "附上"},
		{"at most", "", "至多"}, {"times", "", "次"}, {"top", "", "前列"}, {"skip", "", "略过"},
	}
}

func periodWords() []Vocable {
	return []Vocable{
		{"day", "", "自然日"}, {"workday", "", "工作日"}, {"week", "", "星期"}, {"month", rolePeriod, "月份"},
		{"quarter", "", "季度"}, {"year", "", "年度"}, {"this day", "", "本日"}, {"this week", "", "本周"},
		{"this month", "", "本月"}, {"this quarter", "", "本季"}, {"this year", "", "本年"},
		{"last day", "", "昨日"}, {"last week", "", "上周"}, {"last month", "", "上月"},
		{"last quarter", "", "上季"}, {"last year", "", "上年"}, {"stage", roleWindow, "本阶段"},
		{"monday", "", "周一"}, {"tuesday", "", "周二"}, {"wednesday", "", "周三"},
		{"thursday", "", "周四"}, {"friday", "", "周五"}, {"saturday", "", "周六"}, {"sunday", "", "周日"},
		{"workdays", roleSpan, "个工作日"},
	}
}

func journeyWords() []Vocable {
	return []Vocable{
		{"journey", "", "旅程"}, {"stage", roleDeclared, "阶段"}, {"entry", "", "准入"},
		{"must", "", "必做"}, {"sla", "", "时限"}, {"on enter", "", "进入时"}, {"on leave", "", "离开时"},
		{"on late", "", "逾期时"},
		{"is", roleStage, "视为"}, {"won", "", "赢单"}, {"lost", "", "丢单"}, {"unmet", "", "未满足"},
		{"block", "", "拦截"}, {"warn", "", "提醒"},
	}
}

func actionWords() []Vocable {
	return []Vocable{
		{"action", "", "动作"}, {"about", "", "关于"}, {"done", "", "达成"}, {"all steps", "", "全部步骤"},
		{"proof", "", "凭证"}, {"review", "", "复核"}, {"reject", "", "拒绝"}, {"note", "", "备注"},
		{"unknown", "", "未知"}, {"strength", "", "证据强度"}, {"weak", "", "偏弱"}, {"strong", "", "偏强"},
		{"target", "", "目标量"}, {"overdue", "", "待做"}, {"why", "", "缘由"}, {"moves", "", "带动"},
		{"steps", "", "步骤"}, {"is", roleStep, "凭"}, {"feedback", "", "反馈"}, {"show", "", "展示"},
		{"suggest", "", "建议"}, {"weight", "", "权重"}, {"triangle", "", "三要素"}, {"strict", "", "严格"},
	}
}

func ruleWords() []Vocable {
	return []Vocable{
		{"score", "", "评分"}, {"rule", "", "规则"}, {"alert", "", "预警"}, {"check", "", "检查"},
		{"do", "", "执行"}, {"segment", "", "分群"}, {"enter", "", "进入"}, {"leave", "", "离开"},
		{"mode", "", "模式"}, {"off", "", "关闭"}, {"shadow", "", "试运行"}, {"enforce", "", "生效"},
		{"late", "", "迟到"}, {"task", "", "任务"}, {"notify", "", "通知"}, {"set", "", "设置"},
		{"flag", "", "标记"}, {"assign", "", "指派"}, {"pool", "", "公海"}, {"call", "", "调用"},
		{"allocate", "", "分配"}, {"weigh", "", "权衡"}, {"limit", "", "上限"}, {"accept", "", "接受"},
		{"recycle", "", "收回"}, {"cool", "", "冷却"}, {"same", "", "同一"},
		{"hold", "", "留待"}, {"away", "", "休假"},
		{"round_robin", "", "依次轮流"}, {"least_open", "", "最少在手"}, {"load_rate", "", "最低负载率"},
	}
}

func goalWords() []Vocable {
	return []Vocable{
		{"metric", "", "指标"}, {"value", "", "取值"}, {"better", "", "向好"},
		{"lower", roleBetter, "越低"}, {"higher", "", "越高"}, {"across", "", "横跨"},
		{"drill", "", "下钻"}, {"goal", "", "目标"}, {"during", "", "期间"}, {"through", "", "通过"},
		{"yields", "", "产出"}, {"learned", "", "学得"}, {"share", roleGoal, "份额"},
		{"split", "", "拆分"}, {"capacity", "", "产能"}, {"remedy", "", "对策"}, {"verify", "", "验证"},
		{"against", "", "对照"}, {"others", "", "其余"},
	}
}

func testWords() []Vocable {
	return []Vocable{
		{"test", "", "测试"}, {"given", "", "已知"}, {"expect", "", "期望"}, {"accepted", "", "已接受"},
		{"held", "", "已拦下"}, {"rejected", "", "已拒绝"}, {"duplicate", "", "重复"},
		{"dropped", "", "已剔除"}, {"flagged", "", "已标记"}, {"waiting", "", "等待中"},
		{"waived", "", "已豁免"}, {"resolved", "", "已解除"}, {"withdrawn", "", "已撤回"},
		{"no", "", "没有"}, {"effect", "", "效果"}, {"because", "", "因为"},
	}
}

func aggregateWords() []Vocable {
	return []Vocable{
		{"count", "", "计数"}, {"sum", "", "合计"}, {"avg", "", "平均"}, {"min", "", "最小"},
		{"max", "", "最大"}, {"median", "", "中位数"}, {"first", "", "首次"}, {"last", "", "末次"},
		{"distinct", "", "去重数"}, {"share", roleFunction, "占比"}, {"p90", "", "九十分位"},
		{"corr", "", "相关"}, {"mean", "", "均值"}, {"sd", "", "标准差"}, {"mad", "", "绝对中位差"},
		{"n", "", "样本数"}, {"previous", "", "上期"}, {"last_year", "", "去年同期"},
		{"change", "", "变化率"}, {"spread", "", "极差"}, {"chance", "", "偶然率"},
		{"band", "", "偶然极差"},
	}
}

func functionWords() []Vocable {
	return []Vocable{
		{"missing", "", "缺失"}, {"abs", "", "绝对值"}, {"round", "", "四舍五入"}, {"floor", "", "下取整"},
		{"ceil", "", "上取整"}, {"sqrt", "", "平方根"}, {"clamp", "", "限幅"}, {"scale", "", "折算"},
		{"len", "", "长度"}, {"lower", roleFunction, "小写"}, {"days", "", "天数"}, {"hours", "", "小时数"},
		{"minutes", "", "分钟数"}, {"hour", "", "几点"}, {"weekday", "", "星期几"},
		{"month", roleFunction, "几月"},
		{"workdays", roleFunction, "工作日数"}, {"workhours", "", "工时数"}, {"age", "", "距今"},
		{"completion", "", "完成率"}, {"verified", "", "已核实"}, {"time_in", "", "停留时长"},
		{"entered", "", "进入于"}, {"left", "", "离开于"}, {"bucket", "", "分桶"}, {"rank", "", "排名"},
		{"quintile", "", "五分位"}, {"percentile", "", "百分位"}, {"fresh", "", "未曾提交"},
		{"original", "", "原创"}, {"vague", "", "空泛"}, {"hits", "", "命中数"}, {"richness", "", "丰富度"},
		{"plausible", "", "行程可信"}, {"usual_device", "", "常用设备"}, {"prompt", "", "及时提交"},
		{"burst", "", "集中提交数"}, {"origin", "", "来源方式"},
	}
}

// Unit is a unit of a number in both vocabularies; it is glued to its number.
type Unit struct{ En, Zh string }

// Units are the units that differ; %, 万 and 亿 are the same in both.
func Units() []Unit {
	return []Unit{
		{"s", "秒"}, {"min", "分钟"}, {"h", "小时"}, {"d", "天"}, {"w", "周"}, {"wh", "个工时"},
		{"wd", "个工作日"}, {"m", "米"}, {"km", "公里"}, {"pp", "个百分点"},
	}
}
