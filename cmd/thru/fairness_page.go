package main

import (
	_ "embed" // the page
	"html/template"
	"io"
	"time"

	"github.com/throughline/throughline/engine/fair"
)

//go:embed fairness.html
var fairTemplate string

// fairMethod is one of the methods that the page names, with where it is from.
type fairMethod struct{ Name, Says, From string }

// methods are what the report rests on.
func (a *app) methods() []fairMethod {
	return []fairMethod{
		{a.say("Target", "目标"),
			a.say("Each record, parted by capacity among those who could have got it.",
				"每条记录按产能在当时可分的人之间折算。"), ""},
		{a.say("Interval of a share", "占比的区间"), a.say("95 %, score interval.", "95%，得分区间。"),
			"E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927"},
		{a.say("Interval of hours", "小时数的区间"), a.say("95 %, between order statistics around the median.",
			"95%，取中位数两侧的次序统计量。"), "H. A. David, H. N. Nagaraja, Order Statistics, 2003"},
		{"Gini", a.say("0 is all alike.", "0 表示完全相同。"), "C. Gini, Variabilità e mutabilità, 1912"},
		{"Jain", a.say("1 is all alike, 1/n one has everything.", "1 表示完全相同，1/n 表示一人独占。"),
			"R. Jain, D. Chiu, W. Hawe, A Quantitative Measure of Fairness, DEC-TR-301, 1984"},
		{a.say("Chance", "偶然率"), a.say("Permutation test with fixed random numbers: the same page "+
			"twice is the same.", "置换检验，随机数固定：同样的数据得到同样的页面。"),
			"E. J. G. Pitman, Significance tests which may be applied to samples from any " +
				"populations, 1937"},
		{a.say("Expected value", "预期价值"), a.say("Worth × share won among records of the same effort, "+
			"drawn towards that of all: chances are compared, not luck.",
			"价值 × 同等工作量记录的赢单率（向总体收缩）：比较的是机会，而不是运气。"),
			"B. Efron, C. Morris, Stein's estimation rule and its competitors, 1973"},
		{a.say("Vicious circle", "恶性循环"), a.say("Open records = arrivals × days.", "未结数 = 到达数 × 天数。"),
			"J. D. C. Little, A proof for the queuing formula L = λW, 1961"},
	}
}

// fairPage writes the report as one file that can be printed.
func (a *app) fairPage(w io.Writer, l *ledger, r *fair.Report) error {
	t, err := template.New("page").Parse(fairTemplate)
	if err != nil {
		return err
	}
	day := func(at int64) string { return time.UnixMicro(at).In(l.zone).Format("2006-01-02") }
	period := ""
	if was := l.book.Was(); len(was.Cases) > 0 {
		period = day(was.Cases[0].Came) + " – " + day(l.until)
	}
	return t.Execute(w, map[string]any{
		"Lang":  a.lang.String(),
		"Title": a.say("Fairness report", "公平性报告"), "Of": l.of.Full, "Period": period,
		"Summary": a.summaryLine(l, r), "Sections": a.sections(r), "Circle": a.circle(l.of, r),
		"Methods": a.methods(), "How": a.say("How it was worked out", "如何得出"),
		"Never": a.say(
			"People are compared by capacity and by what they could have got, never by who they are.",
			"只按产能和当时可分的记录比较，从不按个人属性比较。"),
	})
}
