package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/fair"
	"github.com/throughline/throughline/internal/plural"
)

// reported is what the flags of fairness say.
type reported struct {
	allotted
	html string
}

func (a *app) fairness() *cobra.Command {
	var o reported
	c := &cobra.Command{
		Use: "fairness {[DIR] --records FILE… | --db FILE} [ALLOCATION]",
		Short: a.say("Report how fairly a period's records were given out.",
			"报告一段时间的记录分配得是否公平。"),
		Long: a.say(
			"fairness says who got what of an allocation in a period, by person and team: how many "+
				"records,\nhow much work, what they are worth, how soon they were begun, with intervals; how "+
				"evenly by\ncapacity (Gini, Jain); whether chance alone could explain it, by giving every "+
				"record again and\nagain to one of those who could have got it; how far shares drifted from "+
				"target; and whether\nteams' results differ by more than chance, of records old enough to "+
				"have ended. With --html it\nwrites a page to print.",
			"fairness 按人和团队说明一段时间内某个分配给了谁什么：条数、工作量、价值、多快开始跟进，并给出区间；\n"+
				"按产能折算后有多均匀（基尼系数、Jain 指数）；偶然能否解释（把每条记录反复随机分给当时可分的人）；\n"+
				"实际份额偏离目标多少；以及各团队的结果之差是否超出偶然，只看已足够久、本应有结果的记录。\n"+
				"用 --html 输出可打印的页面。"),
		Example: "  thru fairness leads --records leads.ndjson Lead.owner\n" +
			"  thru fairness --db team.db --from 2026-03-01 --until 2026-04-01 --html march.html\n" +
			"  thru fairness --db team.db --json",
		Args:              a.takes(cobra.MaximumNArgs(2)),
		ValidArgsFunction: folderThen(),
		RunE:              func(_ *cobra.Command, args []string) error { return a.runFairness(&o, args) },
	}
	a.allottedFlags(c, &o.allotted)
	c.Flags().StringVar(&o.html, "html", "", a.say("write a page to this file", "把页面写入此文件"))
	_ = c.MarkFlagFilename("html", "html") // the flag is there: just made
	return c
}

func (a *app) runFairness(o *reported, args []string) error {
	l, err := a.ledgerOf(&o.allotted, args)
	if err != nil {
		return err
	}
	was := l.book.Was()
	r := fair.NewReport(was, fair.NewModel(was), l.until)
	out := bufio.NewWriter(a.out)
	switch {
	case a.json:
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		err = enc.Encode(fairJSON(l, r))
	default:
		a.printFairness(out, l, r)
	}
	if o.html != "" && err == nil {
		err = a.writePage(o.html, l, r)
	}
	return firstOf(err, out.Flush())
}

func (a *app) writePage(name string, l *ledger, r *fair.Report) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	err = a.fairPage(w, l, r)
	return firstOf(err, firstOf(w.Flush(), f.Close()))
}

// section is one table of the report with what is said below it.
type section struct {
	Title string
	Head  []string
	Rows  [][]string
	Notes []string
}

// sections are the report as tables, for the terminal and for the page.
func (a *app) sections(r *fair.Report) []section {
	list := []section{a.who(r, a.say("By person", "按人"), r.People)}
	if len(r.Teams) > 0 {
		list = append(list, a.who(r, a.say("By team", "按团队"), r.Teams))
	}
	if len(r.Even) > 0 {
		s := section{Title: a.say("How evenly, by capacity", "按产能折算是否均匀"),
			Head: []string{"", a.say("Gini", "基尼系数"), a.say("Jain", "Jain 指数"),
				a.say("chance", "偶然率"), ""}}
		for _, e := range r.Even {
			s.Rows = append(s.Rows, []string{a.evenName(e.Of), decimal(e.Gini, 3), decimal(e.Jain, 3),
				percent(e.Chance), a.couldBe(e.Chance)})
		}
		s.Notes = []string{plural.Sprintf(a.say("Chance: how often %d draw{|s}, each record given by "+
			"capacity to one of those who could have got it, lie at least as far from the target.",
			"偶然率：%d 次抽取中（每条记录按产能随机分给当时可分的人），与目标相差不小于实际的比例。"), r.Draws)}
		list = append(list, s)
	}
	if r.Spread != nil {
		list = append(list, a.outcome(r.Spread))
	}
	return list
}

func (a *app) couldBe(chance float64) string {
	if chance < 0.05 {
		return a.say("chance does not explain it", "偶然不足以解释")
	}
	return a.say("chance could explain it", "可以用偶然解释")
}

func (a *app) evenName(of string) string {
	switch of {
	case "count":
		return a.say("records", "条数")
	case "effort":
		return a.say("effort", "工作量")
	}
	return a.say("expected value", "预期价值")
}

// who is the table of people or teams.
func (a *app) who(r *fair.Report, title string, lines []fair.Line) section {
	s := section{Title: title, Head: []string{"", a.say("records", "条数"), a.say("share", "占比"),
		a.say("interval", "区间"), a.say("target", "目标"), a.say("drift", "偏差"), a.say("effort", "工作量")}}
	if r.Worth {
		s.Head = append(s.Head, a.say("expected value", "预期价值"))
	}
	if r.Started {
		s.Head = append(s.Head, a.say("hours to begin", "几小时内开始"), a.say("interval", "区间"))
	}
	if r.Closed > 0 {
		s.Head = append(s.Head, a.say("closed", "已结束"), a.say("won", "赢单"), a.say("days", "天数"))
	}
	if r.Loads {
		s.Head = append(s.Head, a.say("load", "负载"), a.say("days over 1", "超负荷天数"))
	}
	for i := range lines {
		l := &lines[i]
		row := []string{l.Name, strconv.Itoa(l.Count), percent(l.Share), interval(l.In),
			percent(l.Target), drift(l.Share - l.Target), decimal(l.Effort, 1)}
		if r.Worth {
			row = append(row, decimal(l.Expected, 0))
		}
		if r.Started {
			row = append(row, speed(l)...)
		}
		if r.Closed > 0 {
			row = append(row, strconv.Itoa(l.Closed), strconv.Itoa(l.Won), decimal(l.Days, 1))
		}
		if r.Loads {
			row = append(row, decimal(l.Load, 2), percent(l.Over))
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// interval writes where a share lies; of nothing it may be anything, which says nothing.
func interval(r fair.Range) string {
	if r.Low == 0 && r.High == 1 {
		return value.MissingText
	}
	return decimal(100*r.Low, 1) + "–" + percent(r.High)
}

func drift(f float64) string {
	text := decimal(100*f, 1) + "pp"
	if f > 0 {
		text = "+" + text
	}
	return text
}

func speed(l *fair.Line) []string {
	switch {
	case l.Started == 0:
		return []string{value.MissingText, value.MissingText}
	case !l.SpeedKnown:
		return []string{decimal(l.Speed, 1), value.MissingText}
	}
	return []string{decimal(l.Speed, 1),
		decimal(l.SpeedIn.Low, 1) + "–" + decimal(l.SpeedIn.High, 1)}
}

// outcome is the table of what became of records, by team.
func (a *app) outcome(x *fair.Outcome) section {
	s := section{Title: a.say("What became of them", "结果"), Head: []string{"",
		a.say("old enough", "已足够久"), a.say("won", "赢单"), a.say("share", "占比"),
		a.say("interval", "区间"), a.say("still open", "仍未结"), a.say("too young", "还太新")}}
	for _, t := range x.Teams {
		share := value.MissingText
		if t.N > 0 {
			share = percent(float64(t.Won) / float64(t.N))
		}
		s.Rows = append(s.Rows, []string{t.Name, strconv.Itoa(t.N), strconv.Itoa(t.Won), share,
			interval(t.In), strconv.Itoa(t.Open), strconv.Itoa(t.Young)})
	}
	pp := func(f float64) string { return decimal(100*f, 1) + "pp" }
	text := fmt.Sprintf(a.say("Range %s; where teams are truly alike, 95 of 100 ranges are below %s.",
		"极差 %s；各团队真的相同时，95%% 的极差低于 %s。"), pp(x.Range), pp(x.Band))
	if x.Known {
		text += fmt.Sprintf(a.say(" Chance %s: %s.", "偶然率 %s：%s。"), percent(x.Chance),
			a.couldBe(x.Chance))
	} else {
		text += a.say(" Too few to tell more.", "数量太少，无法进一步判断。")
	}
	s.Notes = []string{text, fmt.Sprintf(a.say(
		"A record counts from %s days after it was given: "+
			"nine in ten of the slowest team have ended by then.",
		"记录在分出 %s 天之后才计入：到那时最慢的团队十之八九已有结果。"), decimal(x.After, 1))}
	return s
}

func (a *app) printFairness(out *bufio.Writer, l *ledger, r *fair.Report) {
	fmt.Fprintln(out, a.summaryLine(l, r))
	for _, s := range a.sections(r) {
		fmt.Fprintf(out, "\n%s\n", s.Title)
		t := &board{head: s.Head}
		for _, row := range s.Rows {
			t.add(row...)
		}
		t.write(out)
		for _, n := range s.Notes {
			fmt.Fprintf(out, "  %s\n", n)
		}
	}
	a.circleLines(out, l.of, r)
}

func (a *app) summaryLine(l *ledger, r *fair.Report) string {
	text := plural.Sprintf(a.say("%s: %d record{|s} for %d {person|people}", "%s：%d 条记录，%d 人"),
		l.of.Full, r.Cases, len(r.People))
	if r.Nobody > 0 {
		text += fmt.Sprintf(a.say("; nobody has %d of them", "；其中 %d 条无人负责"), r.Nobody)
	}
	return text
}

// evenLines says how evenly things are shared out in one line.
func (a *app) evenLines(out *bufio.Writer, r *fair.Report) {
	for _, e := range r.Even {
		fmt.Fprintf(out, a.say("  %s: Gini %s, Jain %s\n", "  %s：基尼系数 %s，Jain 指数 %s\n"),
			a.evenName(e.Of), decimal(e.Gini, 3), decimal(e.Jain, 3))
	}
}

// circle says what counting open records does where cycles differ.
func (a *app) circle(of *policy.Allocation, r *fair.Report) string {
	c := r.Circle
	if c == nil {
		return ""
	}
	title := a.say("Cycles differ: ", "周期不同：")
	if of.Base == policy.LeastOpen || of.Base == policy.LoadRate {
		title = a.say("Vicious circle: ", "恶性循环：")
	}
	return title + fmt.Sprintf(a.say(
		"%s keeps a record %s days and %s keeps one %s, at %s times the effort. Open records are "+
			"arrivals × days, so a rule that evens out how many are open gives %s %s of what comes to "+
			"both; by capacity it would be %s, and it got %s. Open ÷ closed is the days alone and never "+
			"depends on what is given. Weigh effort ÷ expected days ÷ capacity instead.",
		"%s 一条记录要 %s 天，%s 只要 %s 天，工作量是后者的 %s 倍。未结数 = 到达数 × 天数，因此按未结数均分的规则只会把"+
			"两者来件的 %[7]s 给 %[6]s；按产能应为 %[8]s，实际为 %[9]s。未结 ÷ 办结就是天数，与分配多少无关。"+
			"请改为权衡 工作量 ÷ 预计天数 ÷ 产能。"),
		c.Long, decimal(c.LongDays, 1), c.Short, decimal(c.ShortDays, 1), decimal(c.Effort, 1), c.Long,
		percent(c.ByCount), percent(c.ByPeople), percent(c.LongShare))
}

func (a *app) circleLines(out *bufio.Writer, of *policy.Allocation, r *fair.Report) {
	if text := a.circle(of, r); text != "" {
		fmt.Fprintf(out, "\n%s\n", text)
	}
}

// fairJSON is the report as one object. What is not known is null.
func fairJSON(l *ledger, r *fair.Report) map[string]any {
	lines := func(list []fair.Line) (out []map[string]any) {
		for i := range list {
			x := &list[i]
			m := map[string]any{"name": x.Name, "team": x.Team, "capacity": x.Capacity, "count": x.Count,
				"share": x.Share, "share_in": []float64{x.In.Low, x.In.High}, "target": x.Target,
				"drift": x.Share - x.Target, "effort": x.Effort, "closed": x.Closed, "won": x.Won,
				"value": nil, "hours": nil, "hours_in": nil, "days": nil, "load": nil, "over": nil}
			if r.Worth {
				m["value"] = x.Expected
			}
			if x.Started > 0 {
				m["hours"] = x.Speed
			}
			if x.SpeedKnown {
				m["hours_in"] = []float64{x.SpeedIn.Low, x.SpeedIn.High}
			}
			if x.Closed > 0 {
				m["days"] = x.Days
			}
			if r.Loads {
				m["load"], m["over"] = x.Load, x.Over
			}
			out = append(out, m)
		}
		return out
	}
	m := map[string]any{"allocation": l.of.Full, "records": r.Cases, "nobody": r.Nobody,
		"people": lines(r.People), "teams": lines(r.Teams), "draws": r.Draws,
		"spread": nil, "circle": nil}
	var even []map[string]any
	for _, e := range r.Even {
		even = append(even, map[string]any{"of": e.Of, "gini": e.Gini, "jain": e.Jain,
			"chance": e.Chance})
	}
	m["even"] = even
	if x := r.Spread; x != nil {
		var teams []map[string]any
		for _, t := range x.Teams {
			teams = append(teams, map[string]any{"name": t.Name, "n": t.N, "won": t.Won,
				"share_in": []float64{t.In.Low, t.In.High}, "open": t.Open, "young": t.Young})
		}
		s := map[string]any{"teams": teams, "after_days": x.After, "range": x.Range, "band": x.Band,
			"chance": nil}
		if x.Known {
			s["chance"] = x.Chance
		}
		m["spread"] = s
	}
	if c := r.Circle; c != nil {
		m["circle"] = map[string]any{"long": c.Long, "short": c.Short, "long_days": c.LongDays,
			"short_days": c.ShortDays, "share": c.LongShare, "by_count": c.ByCount,
			"by_capacity": c.ByPeople, "effort": c.Effort}
	}
	return m
}

// board is a table of texts: the first column to the left, the others to the right.
type board struct {
	head []string
	rows [][]string
}

func (g *board) add(row ...string) { g.rows = append(g.rows, row) }

func (g *board) write(out *bufio.Writer) {
	cols := make([]int, len(g.head))
	for _, row := range append([][]string{g.head}, g.rows...) {
		for i, text := range row {
			cols[i] = max(cols[i], width(text))
		}
	}
	for _, row := range append([][]string{g.head}, g.rows...) {
		var b strings.Builder
		for i, text := range row {
			pad := strings.Repeat(" ", cols[i]-width(text))
			if i == 0 {
				b.WriteString("  " + text + pad)
				continue
			}
			b.WriteString("  " + pad + text)
		}
		fmt.Fprintln(out, strings.TrimRight(b.String(), " "))
	}
}
