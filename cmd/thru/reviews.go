package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime/ask"
)

// reviewed is what the flags of reviews say.
type reviewed struct {
	viewed
	all, checks bool
}

func (a *app) reviews() *cobra.Command {
	var o reviewed
	c := &cobra.Command{
		Use: "reviews {DIR | --db FILE} [PERSON…]",
		Short: a.say("List what waits for a review, and how often each check was right.",
			"列出待复核的内容，以及各项检查有多少次是对的。"),
		Long: a.say(
			"reviews lists the lines of proof that wait for a person, those due first first; with --all "+
				"the settled\n"+
				"ones too, with the outcome. With --checks it tells of every check how often it doubted, and "+
				"of the\n"+
				"doubts that were looked at how many were right (its precision, with the Wilson interval at "+
				"95 %). A\n"+
				"review settles all lines of its record: `alone` counts the doubts that were the only one.",
			"reviews 列出等待人工复核的凭证行，先到期的在前；用 --all 也列出已有结果的。\n"+
				"用 --checks 则说明每项检查存疑多少次，已复核的存疑中有多少是对的（精确率，附 95% 的威尔逊区间）。\n"+
				"一次复核了结该记录的所有行：`单独` 是该记录只有这一行存疑的次数。"),
		Example: "  thru reviews --db team.db\n" +
			"  thru reviews --db team.db Rep/li --all --json\n" +
			"  thru reviews --db team.db --checks",
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: folderThen(),
		RunE:              func(_ *cobra.Command, args []string) error { return a.listReviews(&o, args) },
	}
	a.viewFlags(c, &o.viewed)
	c.Flags().BoolVar(&o.all, "all", false, a.say("settled ones too", "包括已有结果的"))
	c.Flags().BoolVar(&o.checks, "checks", false, a.say("by check: how often it was right",
		"按检查统计：有多少次是对的"))
	return c
}

func (a *app) listReviews(o *reviewed, args []string) error {
	dir, people, err := a.folder(&o.viewed, args)
	if err != nil {
		return err
	}
	w, err := a.state(&o.viewed, dir)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(a.out)
	var bad error
	err = w.View(context.Background(), func(e *engine.Engine) {
		list := doubtsOf(e.Doubts(), people)
		now, zone := e.Now(), e.Zone()
		switch {
		case o.checks && a.json:
			bad = precisionJSON(out, ask.Precisions(list, now))
		case o.checks:
			bad = a.precisionText(out, ask.Precisions(list, now))
		case a.json:
			bad = doubtsJSON(out, queued(list, o.all), now, zone)
		default:
			bad = a.doubtsText(out, queued(list, o.all), now, zone)
		}
	})
	return firstOf(err, bad, w.Close(), out.Flush())
}

// doubtsOf are the doubts about some people's records, all where none is named.
func doubtsOf(list []engine.Doubt, people []string) []engine.Doubt {
	if len(people) == 0 {
		return list
	}
	return slices.DeleteFunc(list, func(d engine.Doubt) bool {
		_, id, _ := strings.Cut(d.Person, "/")
		return !slices.Contains(people, d.Person) && !slices.Contains(people, id)
	})
}

// queued are the doubts in the order in which they are to be looked at: what is never due is last.
func queued(list []engine.Doubt, all bool) []engine.Doubt {
	list = slices.Clone(list)
	if !all {
		list = slices.DeleteFunc(list, func(d engine.Doubt) bool { return d.Settled != "" })
	}
	slices.SortStableFunc(list, func(x, y engine.Doubt) int {
		switch {
		case x.Due == y.Due:
			return 0
		case x.Due == 0 || y.Due != 0 && y.Due < x.Due:
			return 1
		}
		return -1
	})
	return list
}

// stands says how it stands with a doubt.
func (a *app) stands(d *engine.Doubt, now int64) string {
	by := ""
	if d.By != "" {
		by = a.say(", by ", "，复核人 ") + d.By
	}
	late := ""
	if d.Overdue(now) {
		late = a.say(", late", "，逾期")
	}
	switch d.Settled {
	case "pass":
		return a.say("passed", "通过") + by + late
	case "fail":
		return a.say("failed", "未通过") + by + late
	}
	return a.say("waits", "待复核") + late
}

func (a *app) doubtsText(
	out *bufio.Writer, list []engine.Doubt, now int64, zone *time.Location,
) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(out, a.say("nothing waits", "没有待复核的内容"))
		return err
	}
	rows := [][]string{{a.say("finding", "发现"), a.say("record", "记录"), a.say("check", "检查"),
		a.say("person", "人员"), a.say("at", "发生"), a.say("due", "期限"), a.say("state", "状态")}}
	for i := range list {
		d := &list[i]
		person := d.Person
		if person == "" {
			person = value.MissingText
		}
		rows = append(rows, []string{d.ID, d.Record, d.Rule, person, moment(d.At, zone),
			moment(d.Due, zone), a.stands(d, now)})
	}
	return writeRows(out, rows)
}

// doubtsJSON writes one object a doubt; what there is not is left out.
func doubtsJSON(out *bufio.Writer, list []engine.Doubt, now int64, zone *time.Location) error {
	enc := json.NewEncoder(out)
	at := func(t int64) string {
		if t == 0 {
			return ""
		}
		return string(value.AppendTime(nil, t, zone))
	}
	for i := range list {
		d := &list[i]
		err := enc.Encode(struct {
			Finding   string `json:"finding"`
			Record    string `json:"record"`
			Check     string `json:"check"`
			Person    string `json:"person,omitempty"`
			Strength  string `json:"strength"`
			At        string `json:"at"`
			Due       string `json:"due,omitempty"`
			Late      bool   `json:"late"`
			Settled   string `json:"settled,omitempty"`
			By        string `json:"by,omitempty"`
			SettledAt string `json:"settled_at,omitempty"`
		}{d.ID, d.Record, d.Rule, d.Person, d.Strength, at(d.At), at(d.Due), d.Overdue(now), d.Settled,
			d.By, at(d.SettledAt)})
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *app) precisionText(out *bufio.Writer, list []ask.Precision) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(out, a.say("no check has doubted anything", "没有检查存疑过"))
		return err
	}
	rows := [][]string{{a.say("check", "检查"), a.say("doubts", "存疑"), a.say("alone", "单独"),
		a.say("waiting", "待复核"), a.say("late", "逾期"), a.say("passed", "通过"),
		a.say("failed", "未通过"), a.say("right", "精确率"), a.say("95 %", "95% 区间")}}
	percent := func(f float64) string {
		return value.Style{}.Text(value.OfFloat(value.Percent, f))
	}
	for i := range list {
		p := &list[i]
		right, in := a.say("too few", "太少"), value.MissingText
		if p.Pass+p.Fail > 0 {
			in = percent(p.In.Low) + "–" + percent(p.In.High)
		}
		if p.Enough() {
			right = percent(p.Share())
		}
		row := []string{p.Rule}
		for _, n := range []int{p.Doubts, p.Alone, p.Waiting, p.Late, p.Pass, p.Fail} {
			row = append(row, fmt.Sprint(n))
		}
		rows = append(rows, append(row, right, in))
	}
	return writeRows(out, rows)
}

// precisionJSON writes one object a check. A share of too few is null.
func precisionJSON(out *bufio.Writer, list []ask.Precision) error {
	enc := json.NewEncoder(out)
	for i := range list {
		p := &list[i]
		var right *float64
		if p.Enough() {
			s := p.Share()
			right = &s
		}
		err := enc.Encode(struct {
			Check   string   `json:"check"`
			Doubts  int      `json:"doubts"`
			Alone   int      `json:"alone"`
			Waiting int      `json:"waiting"`
			Late    int      `json:"late"`
			Pass    int      `json:"pass"`
			Fail    int      `json:"fail"`
			Right   *float64 `json:"right"`
			Low     float64  `json:"low"`
			High    float64  `json:"high"`
		}{p.Rule, p.Doubts, p.Alone, p.Waiting, p.Late, p.Pass, p.Fail, right, p.In.Low, p.In.High})
		if err != nil {
			return err
		}
	}
	return nil
}
