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
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/insight"
	"github.com/throughline/throughline/runtime"
)

// measured is what the flags of metric say.
type measured struct {
	db     string
	by     []string
	period string
	csv    bool
}

// periods are the words of --period, in order.
func periods() []string { return []string{"day", "week", "month", "quarter", "year"} }

func (a *app) metric() *cobra.Command {
	var o measured
	c := &cobra.Command{
		Use:   "metric --db FILE NAME",
		Short: a.say("Show a metric: its figures and what they were before.", "查看指标：各期数值与此前的基线。"),
		Long: a.say(
			"metric works a metric of the policy out from the log, period by period, as a whole or by "+
				"some of\n"+
				"its `by` lines. Beside each figure stand the mean and the sample deviation of the 12 "+
				"periods\n"+
				"before it (three at least), the figure of the period before, and that of a year ago.",
			"metric 从日志逐期算出策略中的一个指标，可看整体，也可按它的 `按照` 维度拆分。\n"+
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
	_ = c.RegisterFlagCompletionFunc("period", cobra.FixedCompletions(periods(),
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
	ctx := context.Background()
	var q *insight.Question
	var show *decision.Writer
	var bad error
	err := w.View(ctx, func(e *engine.Engine) {
		if q, bad = a.metricQuestion(e.Policy(), o, name); bad == nil {
			show = decision.NewWriter(q.Policy,
				decision.Options{Zone: e.Zone(), Lang: a.lang.String()})
		}
	})
	if err = firstOf(err, bad); err != nil {
		return err
	}
	closes := q.Closes
	if !q.Metric.Taken() || q.Period == policy.NoPeriod {
		closes = nil
	}
	if err := w.ViewClosing(ctx, q.Policy, closes, q.Take); err != nil {
		return err
	}
	t := &measurement{app: a, q: q, w: show, out: bufio.NewWriter(a.out)}
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

// metricQuestion finds the metric, its dimensions and the period.
func (a *app) metricQuestion(
	p *policy.Policy, o *measured, name string,
) (*insight.Question, error) {
	var m *policy.Metric
	var names []string
	for _, x := range p.Metrics {
		names = append(names, x.Full)
		if x.Full == name || x.Label.Main == name || x.Label.En == name || x.Label.Zh == name {
			m = x
		}
	}
	if m == nil {
		return nil, a.nothingCalled(a.say("no metric is called %q", "没有名为 %q 的指标"), name, names)
	}
	var by []policy.Dimension
	for _, word := range o.by {
		d := m.Dimension(word)
		if d == nil {
			var have []string
			for _, x := range m.By {
				have = append(have, x.Name)
			}
			return nil, a.nothingCalled(a.say("the metric has no `by %s`", "该指标没有维度 %s"), word, have)
		}
		by = append(by, *d)
	}
	every := m.Every
	if o.period != "" {
		every = policy.NoPeriod
		for i, is := range []policy.Period{policy.Daily, policy.Weekly, policy.Monthly,
			policy.Quarterly, policy.Yearly} {
			if periods()[i] == o.period {
				every = is
			}
		}
		if every == policy.NoPeriod {
			return nil, a.nothingCalled(a.say("%q is no period", "%q 不是周期"), o.period, periods())
		}
	}
	return insight.Ask(p, m, by, every), nil
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
	app *app
	q   *insight.Question
	w   *decision.Writer
	out *bufio.Writer
}

// side are the figures beside the value, with their names in JSON and their types.
func (t *measurement) side(f *insight.Figure) []struct {
	name string
	of   policy.Type
	v    value.Value
} {
	own, mean := t.q.Type(), t.q.MeanType()
	return []struct {
		name string
		of   policy.Type
		v    value.Value
	}{{"mean", mean, f.Mean}, {"sd", mean, f.SD}, {"previous", own, f.Previous},
		{"last_year", own, f.LastYear}}
}

// lines are JSON objects (reference, section 14).
func (t *measurement) lines() error {
	figures := t.q.Figures()
	for i := range figures {
		f := &figures[i]
		b := []byte(`{"by":{`)
		for j, d := range t.q.By {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(value.AppendQuoted(b, d.Name), ':')
			b = t.w.AppendValueJSON(b, d.X.Type, f.By[j])
		}
		b = append(b, `},"period":`...)
		if label := t.q.Label(f); label != "" {
			b = value.AppendQuoted(b, label)
		} else {
			b = append(b, "null"...)
		}
		b = t.w.AppendValueJSON(append(b, `,"value":`...), t.q.Type(), f.Value)
		b = strconv.AppendInt(append(b, `,"n":`...), f.N, 10)
		for _, s := range t.side(f) {
			b = append(value.AppendQuoted(append(b, ','), s.name), ':')
			b = t.w.AppendValueJSON(b, s.of, s.v)
		}
		if _, err := t.out.Write(append(b, "}\n"...)); err != nil {
			return err
		}
	}
	return nil
}

// table is CSV: values as JSON gives them, nothing where one is missing.
func (t *measurement) table() error {
	w := csv.NewWriter(t.out)
	var head []string
	for _, d := range t.q.By {
		head = append(head, d.Name)
	}
	head = append(head, "period", "value", "n", "mean", "sd", "previous", "last_year")
	_ = w.Write(head) // kept, and told by Error
	cell := func(of policy.Type, v value.Value) string {
		if !v.Known() {
			return ""
		}
		b := t.w.AppendValueJSON(nil, of, v)
		var text string
		if json.Unmarshal(b, &text) == nil {
			return text
		}
		return string(b)
	}
	figures := t.q.Figures()
	for i := range figures {
		f := &figures[i]
		var row []string
		for j, d := range t.q.By {
			row = append(row, cell(d.X.Type, f.By[j]))
		}
		row = append(row, t.q.Label(f), cell(t.q.Type(), f.Value), strconv.FormatInt(f.N, 10))
		for _, s := range t.side(f) {
			row = append(row, cell(s.of, s.v))
		}
		_ = w.Write(row) // likewise
	}
	w.Flush()
	return w.Error()
}

// grid is a table for a terminal. What people call a group stands there, and – for none.
func (t *measurement) grid() error {
	var head []string
	for _, d := range t.q.By {
		head = append(head, d.Name)
	}
	say := t.app.say
	g := &grid{shown: &shown{out: t.out}}
	head = append(head, say("period", "周期"), say("value", "取值"), "n", say("mean", "均值"),
		say("sd", "标准差"), say("previous", "上期"), say("last year", "去年同期"))
	g.rows = append(g.rows, head)
	figures := t.q.Figures()
	for i := range figures {
		f := &figures[i]
		var row []string
		for j, d := range t.q.By {
			name := f.Called[j]
			if name == "" {
				name = string(t.w.AppendValue(nil, d.X.Type, f.By[j]))
			}
			row = append(row, name)
		}
		label := t.q.Label(f)
		if label == "" {
			label = "–"
		}
		row = append(row, label, string(t.w.AppendValue(nil, t.q.Type(), f.Value)),
			strconv.FormatInt(f.N, 10))
		for _, s := range t.side(f) {
			row = append(row, string(t.w.AppendValue(nil, s.of, s.v)))
		}
		g.rows = append(g.rows, row)
	}
	if len(figures) == 0 {
		_, err := fmt.Fprintln(t.out, say("no rows", "没有数据"))
		return err
	}
	return g.end()
}
