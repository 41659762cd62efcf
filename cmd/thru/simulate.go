package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/fair"
	"github.com/throughline/throughline/internal/plural"
)

// simulated is what the flags of simulate say.
type simulated struct {
	allotted
	weights []string
	rules   []string
}

func (a *app) simulate() *cobra.Command {
	var o simulated
	c := &cobra.Command{
		Use: "simulate {[DIR] --records FILE… | --db FILE} [ALLOCATION] " +
			"[--weights NAME=N,…] [--rule RULE]",
		Short: a.say("Give a period's records out again by other weights or rules.",
			"用其他权重或规则把一段时间的记录重新分配。"),
		Long: a.say(
			"simulate gives the records of a period out again, in the order in which they came: by the\n"+
				"rule as it stands, by other weights of its terms, or by a rule with a name: round_robin,\n"+
				"least_open, load_rate. It sets beside each other who gets what, how much work that is, "+
				"how\nbusy it makes people, and how many records can be expected to be won: by their effort, "+
				"by\nwhoever has them, and by how busy they are. Whoever has a record does what was done "+
				"about it,\nand it closes when it did: a rule changes who, not how long. Nothing is "+
				"carried out.",
			"simulate 按到达顺序把一段时间的记录重新分配：按现行规则、按其他权重，或按有名称的规则：\n"+
				"round_robin（依次轮流）、least_open（最少在手）、load_rate（最低负载率）。并列给出谁得到多少、\n"+
				"工作量、负载，以及预计赢单数（按工作量、由谁跟进、有多忙）。得到记录的人做当时所做的事，\n"+
				"记录在当时的时刻结束：规则改变的是由谁跟进，而不是要多久。不会执行任何效果。"),
		Example: "  thru simulate leads --records leads.ndjson Lead.owner --weights idle=80,fit=20\n" +
			"  thru simulate --db team.db Lead.owner --rule least_open --rule round_robin\n" +
			"  thru simulate --db team.db --weights idle=100 --from 2026-03-01 --json",
		Args:              a.takes(cobra.MaximumNArgs(2)),
		ValidArgsFunction: folderThen(),
		RunE:              func(_ *cobra.Command, args []string) error { return a.runSimulate(&o, args) },
	}
	a.allottedFlags(c, &o.allotted)
	f := c.Flags()
	f.StringSliceVar(&o.weights, "weights", nil, a.say(
		"weights of terms in percent, brought to 100 together: idle=80,fit=20",
		"各项的权重（百分数），合计按 100 折算：idle=80,fit=20"))
	f.StringArrayVar(&o.rules, "rule", nil, a.say(
		"a rule with a name: round_robin, least_open or load_rate; may be repeated",
		"有名称的规则：round_robin、least_open 或 load_rate；可重复"))
	_ = c.RegisterFlagCompletionFunc("rule", cobra.FixedCompletions(baselineNames(),
		cobra.ShellCompDirectiveNoFileComp)) // the flag is there: just made
	return c
}

func baselineNames() []string {
	return []string{string(policy.RoundRobin), string(policy.LeastOpen), string(policy.LoadRate)}
}

// played is one way in which the period was given out.
type played struct {
	name   string
	report *fair.Report
}

func (a *app) runSimulate(o *simulated, args []string) error {
	rivals, err := a.rivals(o)
	if err != nil {
		return err
	}
	l, err := a.ledgerOf(&o.allotted, args)
	if err != nil {
		return err
	}
	model := fair.NewModel(l.book.Was())
	list := []played{{"was", fair.NewReport(l.book.Was(), model, l.until)}}
	add := func(name string, p *policy.Policy) error {
		x, err := l.book.Play(p)
		if err != nil {
			return err
		}
		list = append(list, played{name, fair.NewReport(x, model, l.until)})
		return nil
	}
	if err := add("as it stands", l.policy); err != nil {
		return err
	}
	for _, r := range rivals {
		r.rival.Open = l.ask.Open
		if err := a.rivalSound(l, &r.rival); err != nil {
			return err
		}
		p, err := r.rival.With(l.policy, l.of.Full)
		if err != nil {
			return usageError{err}
		}
		if err := add(r.name, p); err != nil {
			return err
		}
	}
	out := bufio.NewWriter(a.out)
	if a.json {
		err = tellPlays(out, list)
	} else {
		a.printPlays(out, l, list)
	}
	return firstOf(err, out.Flush())
}

type contender struct {
	name  string
	rival dsl.Rival
}

// rivals are what the flags ask to be tried.
func (a *app) rivals(o *simulated) (list []contender, err error) {
	if len(o.weights) > 0 {
		r := contender{name: strings.Join(o.weights, ","),
			rival: dsl.Rival{Weights: map[string]float64{}}}
		for _, w := range o.weights {
			name, text, ok := strings.Cut(w, "=")
			x, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
			if !ok || err != nil {
				return nil, usageError{fmt.Errorf(a.say("a weight is NAME=N, such as idle=80, not %q",
					"权重写成 名称=数值，例如 idle=80，而不是 %q"), w)}
			}
			r.rival.Weights[strings.TrimSpace(name)] = x / 100
		}
		list = append(list, r)
	}
	for _, name := range o.rules {
		if !slices.Contains(baselineNames(), name) {
			return nil, a.nothingCalled(a.say("no rule is called %q", "没有名为 %q 的规则"), name,
				baselineNames())
		}
		list = append(list, contender{name: name, rival: dsl.Rival{Rule: policy.Baseline(name)}})
	}
	if len(list) == 0 {
		return nil, usageError{errors.New(a.say("name --weights or --rule: what is to be tried",
			"请给出 --weights 或 --rule：要试什么"))}
	}
	return list, nil
}

// rivalSound says in both languages what of a rival cannot be meant.
func (a *app) rivalSound(l *ledger, r *dsl.Rival) error {
	if r.Rule != "" {
		if r.Open == nil && r.Rule != policy.RoundRobin {
			return usageError{fmt.Errorf(a.say("%s counts open records: say with --open which are",
				"%s 要统计未结记录：请用 --open 说明哪些未结"), r.Rule)}
		}
		return nil
	}
	var names []string
	all := 0.0
	for _, t := range l.of.Weigh {
		names = append(names, t.Name)
		if w, ok := r.Weights[t.Name]; ok {
			all += w
		} else {
			all += t.Weight
		}
	}
	for name, w := range r.Weights { //tidy:order one at most is told, and any will do
		switch {
		case !slices.Contains(names, name):
			return a.nothingCalled(a.say("no term is called %q", "没有名为 %q 的项"), name, names)
		case w < 0:
			return usageError{fmt.Errorf(a.say("the weight of %s is below 0", "%s 的权重小于 0"), name)}
		}
	}
	if all <= 0 {
		return usageError{errors.New(a.say("the weights add up to 0", "权重之和为 0"))}
	}
	return nil
}

// tellPlays writes one JSON object for each way and person.
func tellPlays(out *bufio.Writer, list []played) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	type line struct {
		Rule     string   `json:"rule"`
		To       string   `json:"to"` // "": nobody
		Team     string   `json:"team,omitempty"`
		Count    int      `json:"count"`
		Effort   float64  `json:"effort"`
		Load     *float64 `json:"load"`
		LoadHigh *float64 `json:"load_p95"`
		Over     *float64 `json:"over"`
		Value    *float64 `json:"value"`
		Won      *float64 `json:"expected_won"`
	}
	for _, x := range list {
		r := x.report
		for i := range r.People {
			p := &r.People[i]
			l := line{Rule: x.name, To: p.Name, Team: p.Team, Count: p.Count, Effort: p.Effort}
			if r.Loads {
				l.Load, l.LoadHigh, l.Over = &p.Load, &p.LoadHigh, &p.Over
			}
			if r.Worth {
				l.Value = &p.Expected
			}
			if r.Closed > 0 {
				l.Won = &p.Outlook
			}
			if err := enc.Encode(l); err != nil {
				return err
			}
		}
		if err := enc.Encode(line{Rule: x.name, Count: r.Nobody}); err != nil {
			return err
		}
	}
	return nil
}

// printPlays sets the ways side by side, a person a line and then a team a line.
func (a *app) printPlays(out *bufio.Writer, l *ledger, list []played) {
	was := list[0].report
	plural.Fprintf(out, a.say("%s: %d record{|s} for %d {person|people}\n", "%s：%d 条记录，%d 人\n"),
		l.of.Full, was.Cases, len(was.People))
	names := map[string]string{"was": a.say("as it was", "实际"),
		"as it stands": a.say("the rule as it stands", "现行规则")}
	for _, x := range list {
		name := x.name
		if n := names[name]; n != "" {
			name = n
		}
		r := x.report
		fmt.Fprintf(out, "\n%s\n", name)
		t := &board{head: a.playHead(r)}
		for i := range r.People {
			t.add(playRow(r, &r.People[i])...)
		}
		for i := range r.Teams {
			t.add(playRow(r, &r.Teams[i])...)
		}
		t.write(out)
		if r.Nobody > 0 {
			fmt.Fprintf(out, a.say("  nobody has %d of them\n", "  其中 %d 条无人负责\n"), r.Nobody)
		}
		a.evenLines(out, r)
	}
	a.circleLines(out, l.of, was)
}

func (a *app) playHead(r *fair.Report) []string {
	head := []string{"", a.say("records", "条数"), a.say("share", "占比"), a.say("effort", "工作量")}
	if r.Loads {
		head = append(head, a.say("load", "负载"), a.say("95 of 100 days", "95% 的日子低于"),
			a.say("days over 1", "超负荷天数"))
	}
	if r.Worth {
		head = append(head, a.say("expected value", "预期价值"))
	}
	if r.Closed > 0 {
		head = append(head, a.say("expected won", "预计赢单"))
	}
	return head
}

func playRow(r *fair.Report, l *fair.Line) []string {
	row := []string{l.Name, strconv.Itoa(l.Count), percent(l.Share), decimal(l.Effort, 1)}
	if r.Loads {
		row = append(row, decimal(l.Load, 2), decimal(l.LoadHigh, 2), percent(l.Over))
	}
	if r.Worth {
		row = append(row, decimal(l.Expected, 0))
	}
	if r.Closed > 0 {
		row = append(row, decimal(l.Outlook, 1))
	}
	return row
}

func percent(f float64) string { return decimal(100*f, 1) + "%" }

func decimal(f float64, places int) string { return strconv.FormatFloat(f, 'f', places, 64) }
