package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/insight"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
)

// heated is what the flags of heatmap say.
type heated struct {
	viewed
	in string
	of string
}

func (a *app) heatmap() *cobra.Command {
	var o heated
	c := &cobra.Command{
		Use:   "heatmap {DIR | --db FILE}",
		Short: a.say("Show who has done how much of every action.", "查看每个人、每个动作完成了多少。"),
		Long: a.say(
			"heatmap shows, for every person and action with a target, the completion: what counts ÷ what "+
				"the\n"+
				"closed workdays owe, and an arrow against the period before. Teams, and whatever else people "+
				"belong\n"+
				"to, are pooled: all that was done ÷ all that was owed. The score weighs the actions that are "+
				"due by\n"+
				"their `weight`. ● is an open alert `by action`; 2/3 that it is below for the second look of "+
				"three;\n"+
				"– that nothing is due.",
			"heatmap 对每个人和每个有目标量的动作给出完成率：计入的 ÷ 已结束的工作日应做的，箭头与上一期相比。\n"+
				"团队等人员所属的对象按汇总计算：全部完成 ÷ 全部应做。得分按各动作的 `权重` 加权，只算应做的动作。\n"+
				"● 表示 `预警 … 按照 action` 已开启；2/3 表示三次查看中已连续两次偏低；– 表示没有应做。"),
		Example: "  thru heatmap --db team.db\n" +
			"  thru heatmap --db team.db --in \"last week\" --of Team\n" +
			"  thru heatmap . --records visits.ndjson --in 7d --json",
		Args:              a.takes(cobra.MaximumNArgs(1)),
		ValidArgsFunction: folderThen(),
		RunE:              func(_ *cobra.Command, args []string) error { return a.heat(&o, args) },
	}
	f := c.Flags()
	a.viewFlags(c, &o.viewed)
	f.StringVar(&o.in, "in", "this week", a.say("window, as in a policy: 7d, this month, last week",
		"时段，写法同策略：7天、本月、上周"))
	f.StringVar(&o.of, "of", "", a.say("only rows of this type, such as Team", "只看此类型的行，例如 Team"))
	return c
}

func (a *app) heat(o *heated, args []string) error {
	dir, _, err := a.folder(&o.viewed, args)
	if err != nil {
		return err
	}
	w, err := a.state(&o.viewed, dir)
	if err != nil {
		return err
	}
	return firstOf(a.heatOf(w, o), w.Close())
}

// A heatTable is the part of a heatmap that is about one type.
type heatTable struct {
	ask.HeatTable
	rows []insight.HeatRow
}

func (a *app) heatOf(w *runtime.Workspace, o *heated) error {
	ctx := context.Background()
	var tables []*heatTable
	var grown *policy.Policy
	var zone *time.Location
	var bad error
	err := w.View(ctx, func(e *engine.Engine) {
		zone = e.Zone()
		tables, grown, bad = a.heatQuestion(e.Policy(), o)
	})
	if err = firstOf(err, bad); err != nil {
		return err
	}
	figures := func(e *engine.Engine) {
		for _, t := range tables {
			t.rows = t.Rows(e)
		}
	}
	err = firstOf(w.ViewUnder(ctx, grown, figures), w.View(ctx, func(e *engine.Engine) {
		for _, t := range tables {
			insight.Redden(e, t.Of, t.Columns, t.rows)
		}
	}))
	if err != nil {
		return err
	}
	out := bufio.NewWriter(a.out)
	if o.of == "" {
		tables = slices.DeleteFunc(tables, func(t *heatTable) bool { return len(t.rows) == 0 })
	}
	for i, t := range tables {
		switch {
		case a.json:
			err = firstOf(err, t.lines(out, zone))
		default:
			if i > 0 {
				fmt.Fprintln(out)
			}
			err = firstOf(err, a.heatText(out, t, zone))
		}
	}
	return firstOf(err, out.Flush())
}

// heatQuestion makes the tables. The policy that comes back keeps what they read.
func (a *app) heatQuestion(p *policy.Policy, o *heated) ([]*heatTable, *policy.Policy, error) {
	q, err := ask.NewHeat(p, o.in)
	if err != nil {
		return nil, nil, a.asked(err)
	}
	var tables []*heatTable
	var names []string
	for _, t := range q.Tables {
		names = append(names, t.Of.Name)
		if o.of == "" || t.Of.Name == o.of || t.Of.Full == o.of || t.Of.Label.Main == o.of {
			tables = append(tables, &heatTable{HeatTable: t})
		}
	}
	if len(tables) == 0 && o.of != "" {
		return nil, nil, a.nothingCalled(a.say("no action has a completion of %q", "没有动作属于 %q 的完成率"),
			o.of, names)
	}
	if len(tables) == 0 {
		return nil, nil, usageError{errors.New(a.say("no action has `by` and a `target`",
			"没有动作写明 `执行人` 和 `目标量`"))}
	}
	return tables, q.Policy, nil
}

// lines are JSON objects, one a row.
func (t *heatTable) lines(out *bufio.Writer, zone *time.Location) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	type cell struct {
		Action   string   `json:"action"`
		Counted  int      `json:"counted"`
		Due      float64  `json:"due"`
		Value    *float64 `json:"completion"`
		Previous *float64 `json:"previous,omitempty"`
		Red      string   `json:"red,omitempty"`
		Since    string   `json:"since,omitempty"`
		Row      int      `json:"row,omitempty"`
		Of       int      `json:"of,omitempty"`
	}
	for _, r := range t.rows {
		var cells []cell
		for i := range r.Cells {
			x := &r.Cells[i]
			c := cell{Action: t.Columns[i].Action.Full, Counted: x.Counted, Due: rounded(x.Due, 1e4),
				Row: x.Row, Of: x.Of}
			if v, due := x.Completion(); due {
				v = rounded(v, 1e4)
				c.Value = &v
			}
			if v := rounded(x.Before, 1e4); x.Known {
				c.Previous = &v
			}
			if x.Red != nil {
				c.Red, c.Since = x.Red.Name, string(value.AppendTime(nil, x.Since, zone))
			}
			cells = append(cells, c)
		}
		var score *float64
		if v := rounded(r.Score, 100); r.Scored {
			score = &v
		}
		err := enc.Encode(struct {
			Type  string   `json:"type"`
			ID    string   `json:"id"`
			Name  string   `json:"name"`
			Score *float64 `json:"score"`
			Cells []cell   `json:"cells"`
		}{t.Of.Full, r.ID, r.Name, score, cells})
		if err != nil {
			return err
		}
	}
	return nil
}

func rounded(f, to float64) float64 { return math.Round(f*to) / to }

func (a *app) heatText(out *bufio.Writer, t *heatTable, zone *time.Location) error {
	head := []string{called(t.Of.Head, a.lang), a.say("score", "得分")}
	for _, c := range t.Columns {
		head = append(head, called(c.Action.Head, a.lang))
	}
	rows := [][]string{head}
	var red []string
	for _, r := range t.rows {
		score := value.MissingText
		if r.Scored {
			score = value.Style{}.Text(value.OfFloat(value.Number, rounded(r.Score, 10)))
		}
		row := []string{r.Name, score}
		for i := range r.Cells {
			x := &r.Cells[i]
			row = append(row, heatCell(x))
			if x.Red != nil {
				red = append(red, fmt.Sprintf(a.say("● %s, %s: %s since %s", "● %s，%s：%s，自 %s"), r.Name,
					head[i+2], called(x.Red.Head, a.lang), moment(x.Since, zone)))
			}
		}
		rows = append(rows, row)
	}
	if err := writeRows(out, rows); err != nil {
		return err
	}
	for _, line := range red {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return nil
}

// called is what a declaration is called for people: its label in a language, else its name.
func called(h policy.Head, l lang) string {
	switch {
	case l == chinese && h.Label.Zh != "":
		return h.Label.Zh
	case l == english && h.Label.En != "":
		return h.Label.En
	case h.Label.Main != "":
		return h.Label.Main
	}
	return h.Name
}

// heatCell is the completion, what it is of, the way it goes, and whether it is red.
func heatCell(x *insight.HeatCell) string {
	v, due := x.Completion()
	if !due {
		if x.Counted > 0 {
			return fmt.Sprintf("– %d/0", x.Counted)
		}
		return value.MissingText
	}
	s := fmt.Sprintf("%.0f%% %d/%s", 100*v, x.Counted,
		value.Style{}.Text(value.OfFloat(value.Number, rounded(x.Due, 10))))
	switch {
	case !x.Known:
	case v > x.Before:
		s += " ▲"
	case v < x.Before:
		s += " ▼"
	}
	switch {
	case x.Red != nil:
		s += " ●"
	case x.Row > 0:
		s += fmt.Sprintf(" %d/%d", x.Row, x.Of)
	}
	return s
}
