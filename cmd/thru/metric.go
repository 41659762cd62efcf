package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
	"github.com/throughline/throughline/runtime/ingest"
)

// measured is what the flags of metric say.
type measured struct {
	db     string
	by     []string
	period string
	csv    bool
}

func (a *app) metric() *cobra.Command {
	var o measured
	c := &cobra.Command{
		Use:   "metric --db FILE NAME",
		Short: a.say("Show a metric: its figures and what they were before.", "查看指标：各期数值与此前的基线。"),
		Long: a.say(
			"metric shows a metric of the policy, period by period, as a whole or by some of its `by` "+
				"lines.\n"+
				"What the workspace has in memory is read at once: entities, and what alerts look at.\n"+
				"The rest is worked out from the log. Beside each figure stand the mean and the sample\n"+
				"deviation of the 12 periods before it (three at least), the figure of the period before, "+
				"and that of\n"+
				"a year ago.",
			"metric 逐期显示策略中的一个指标，可看整体，也可按它的 `按照` 维度拆分。\n"+
				"工作区内存中已有的（对象，以及预警所看的数值）直接读出，其余从日志算出。\n"+
				"每个数值旁边是此前 12 期（至少三期）的均值与样本标准差、上一期的值和去年同期的值。"),
		Example: "  thru metric --db team.db SigningCycle\n" +
			"  thru metric --db team.db WinRate --by region --period quarter\n" +
			"  thru metric --db team.db WinRate --by owner --csv",
		Args:              a.takes(cobra.ExactArgs(1)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.measure(&o, args[0])
		},
	}
	f := c.Flags()
	f.StringVar(&o.db, "db", "", a.say("database to look into", "要查看的数据库"))
	f.StringSliceVar(&o.by, "by", nil, a.say("break down by this `by` of the metric; may be repeated",
		"按指标的这个维度拆分；可重复"))
	f.StringVar(&o.period, "period", "", a.say("day, week, month, quarter or year, instead of `every`",
		"代替 `每逢` 的周期：day、week、month、quarter 或 year"))
	f.BoolVar(&o.csv, "csv", false, a.say("answer as CSV", "输出 CSV"))
	_ = c.RegisterFlagCompletionFunc("period", cobra.FixedCompletions(ask.Periods(),
		cobra.ShellCompDirectiveNoFileComp)) // the flag is there: just made
	return c
}

func (a *app) measure(o *measured, name string) error {
	switch {
	case o.csv && a.json:
		return usageError{errors.New(a.say("--csv or --json, not both", "--csv 与 --json 只能选一个"))}
	case o.db == "":
		return usageError{errors.New(a.say("name the database with --db", "请用 --db 指明数据库"))}
	}
	w, err := a.open(o.db, runtime.Config{ReadOnly: true, MustExist: true})
	if err != nil {
		return err
	}
	return firstOf(a.figures(w, o, name), w.Close())
}

// figures works a metric out and writes it.
func (a *app) figures(w *runtime.Workspace, o *measured, name string) error {
	x, err := ask.Metric(context.Background(), w, ask.Measure{Name: name, By: o.by, Period: o.period,
		Lang: a.lang.String()}, nil)
	if err != nil {
		return a.asked(err)
	}
	t := &measurement{Figures: x, app: a, out: bufio.NewWriter(a.out)}
	switch {
	case a.json:
		err = t.lines()
	case o.csv:
		err = t.table()
	default:
		err = t.grid()
	}
	return firstOf(err, t.out.Flush())
}

// nothingCalled tells that a name is wrong, and what there is.
func (a *app) nothingCalled(text, name string, have []string) error {
	text = fmt.Sprintf(text, name)
	switch near := source.Nearest(name, have); {
	case near != "":
		text += fmt.Sprintf(a.say("; the nearest is %q", "；最接近的是 %q"), near)
	case len(have) > 0:
		text += a.say("; there are ", "；可用的有 ") + strings.Join(have, a.say(", ", "、"))
	}
	return usageError{errors.New(text)}
}

// measurement is a metric's figures on their way out.
type measurement struct {
	*ask.Figures
	app *app
	out *bufio.Writer
}

// lines are JSON objects (reference, section 14).
func (t *measurement) lines() error {
	for i := range t.List {
		if _, err := t.out.Write(append(t.AppendJSON(nil, &t.List[i]), '\n')); err != nil {
			return err
		}
	}
	return nil
}

// table is CSV: values as JSON gives them, nothing where one is missing.
func (t *measurement) table() error {
	w := csv.NewWriter(t.out)
	var head []string
	for _, d := range t.By {
		head = append(head, d.Name)
	}
	head = append(head, "period", "value", "n", "mean", "sd", "previous", "last_year")
	_ = w.Write(head) // kept, and told by Error
	cell := func(of policy.Type, v value.Value) string {
		if !v.Known() {
			return ""
		}
		b := t.Words.AppendValueJSON(nil, of, v)
		var text string
		if json.Unmarshal(b, &text) == nil {
			return ingest.Harmless(text)
		}
		return string(b)
	}
	for i := range t.List {
		f := &t.List[i]
		var row []string
		for j, d := range t.By {
			row = append(row, cell(d.X.Type, f.By[j]))
		}
		row = append(row, t.Label(f), cell(t.Type(), f.Value), strconv.FormatInt(f.N, 10))
		for _, s := range t.Beside(f) {
			row = append(row, cell(s.Type, s.Value))
		}
		_ = w.Write(row) // likewise
	}
	w.Flush()
	return w.Error()
}

// grid is a table for a terminal. What people call a group stands there, and – for none.
func (t *measurement) grid() error {
	var head []string
	for _, d := range t.By {
		head = append(head, d.Name)
	}
	say := t.app.say
	g := &grid{shown: &shown{out: t.out}}
	head = append(head, say("period", "周期"), say("value", "取值"), "n", say("mean", "均值"),
		say("sd", "标准差"), say("previous", "上期"), say("last year", "去年同期"))
	g.rows = append(g.rows, head)
	for i := range t.List {
		f := &t.List[i]
		var row []string
		for j, d := range t.By {
			name := f.Called[j]
			if name == "" {
				name = string(t.Words.AppendValue(nil, d.X.Type, f.By[j]))
			}
			row = append(row, name)
		}
		label := t.Label(f)
		if label == "" {
			label = "–"
		}
		row = append(row, label, string(t.Words.AppendValue(nil, t.Type(), f.Value)),
			strconv.FormatInt(f.N, 10))
		for _, s := range t.Beside(f) {
			row = append(row, string(t.Words.AppendValue(nil, s.Type, s.Value)))
		}
		g.rows = append(g.rows, row)
	}
	if len(t.List) == 0 {
		_, err := fmt.Fprintln(t.out, say("no rows", "没有数据"))
		return err
	}
	return g.end()
}
