package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime/deliver/agenda"
)

// listed is what the flags of tasks say.
type listed struct {
	viewed
	all bool
	ics bool
}

func (a *app) tasks() *cobra.Command {
	var o listed
	c := &cobra.Command{
		Use:   "tasks {DIR | --db FILE} [PERSON…]",
		Short: a.say("List tasks: whose, until when, and what ends them.", "列出任务：归谁、期限、如何完成。"),
		Long: a.say(
			"tasks lists the open tasks, those due first first; of some people where they are named, by "+
				"id or\n"+
				"as Rep/li. With --ics it writes them as a calendar that other programs read (iCalendar, RFC "+
				"5545):\n"+
				"one to-do a task, each with the same UID whenever it is written.",
			"tasks 列出未结的任务，先到期的在前；可以只看某些人的，用编号或 Rep/li 指明。\n"+
				"用 --ics 则输出其他程序可读的日历（iCalendar，RFC 5545）：每个任务一个待办，每次输出的 UID 相同。"),
		Example: "  thru tasks --db team.db\n" +
			"  thru tasks --db team.db li --all\n" +
			"  thru tasks --db team.db Rep/li --ics >li.ics",
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: folderThen(),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.listTasks(&o, args)
		},
	}
	f := c.Flags()
	a.viewFlags(c, &o.viewed)
	f.BoolVar(&o.all, "all", false, a.say("closed ones too", "包括已结的"))
	f.BoolVar(&o.ics, "ics", false, a.say("write a calendar", "输出日历"))
	return c
}

// viewFlags are the flags of a command that looks into a database, or at what a policy makes of
// some records.
func (a *app) viewFlags(c *cobra.Command, o *viewed) {
	f := c.Flags()
	f.StringVar(&o.db, "db", "", a.say("database to look into", "要查看的数据库"))
	a.recordsFlag(c, &o.records)
	f.BoolVar(&o.virtual, "virtual", false,
		a.say("take records that are later than the clock", "接受晚于本机时钟的记录"))
}

// folder takes the policy's folder off the arguments where no database is named.
func (a *app) folder(o *viewed, args []string) (dir string, rest []string, err error) {
	switch {
	case o.db != "":
		return "", args, nil
	case len(args) == 0:
		return "", nil, usageError{fmt.Errorf("%s", a.say("name a folder, or a database with --db",
			"请给出目录，或用 --db 指明数据库"))}
	}
	return args[0], args[1:], nil
}

func (a *app) listTasks(o *listed, args []string) error {
	if o.ics && a.json {
		return usageError{fmt.Errorf("%s", a.say("--ics or --json, not both", "--ics 与 --json 只能选一个"))}
	}
	dir, people, err := a.folder(&o.viewed, args)
	if err != nil {
		return err
	}
	w, err := a.state(&o.viewed, dir)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(a.out)
	var list []engine.Task
	var zone *time.Location
	err = w.View(context.Background(), func(e *engine.Engine) {
		list, zone = chosenTasks(e.Tasks(o.all || o.ics), people), e.Zone()
	})
	if err == nil && !a.json {
		err = w.Retell(list, a.lang.String())
	}
	var bad error
	switch {
	case o.ics:
		of := filepath.Base(o.db + dir)
		bad = agenda.Write(out, of, a.calendarOf(list, of))
	case a.json:
		bad = tasksJSON(out, list, zone)
	default:
		bad = a.tasksText(out, list, zone)
	}
	return firstOf(err, bad, w.Close(), out.Flush())
}

// chosenTasks are those of some people, all where none is named, by due: what is never due is last.
func chosenTasks(list []engine.Task, people []string) []engine.Task {
	if len(people) > 0 {
		list = slices.DeleteFunc(list, func(t engine.Task) bool {
			_, id, _ := strings.Cut(t.For, "/")
			return !slices.Contains(people, t.For) && !slices.Contains(people, id)
		})
	}
	slices.SortStableFunc(list, func(x, y engine.Task) int {
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

// moment writes a moment for people; – where there is none.
func moment(t int64, zone *time.Location) string {
	if t == 0 {
		return value.MissingText
	}
	return time.UnixMicro(t).In(zone).Format("2006-01-02 15:04")
}

func (a *app) tasksText(out *bufio.Writer, list []engine.Task, zone *time.Location) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(out, a.say("no tasks", "没有任务"))
		return err
	}
	rows := [][]string{{a.say("task", "任务"), a.say("for", "归"), a.say("due", "期限"),
		a.say("state", "状态"), a.say("text", "内容"), a.say("about", "关于"), a.say("done by", "完成方式")}}
	for i := range list {
		t := &list[i]
		state := a.taskState(t.State)
		if t.Why != "" {
			state += a.say(" (", "（") + t.Why + a.say(")", "）")
		}
		whose := t.For
		if t.InsteadOf != "" {
			whose += a.say(" for ", " 代 ") + t.InsteadOf
		}
		rows = append(rows, []string{t.ID, whose, moment(t.Due, zone), state, t.Text, t.About, t.Until})
	}
	return writeRows(out, rows)
}

func (a *app) taskState(s string) string {
	zh := map[string]string{"open": "未结", "done": "已完成", "expired": "已过期", "cancelled": "已取消"}
	return a.say(s, zh[s])
}

// tasksJSON writes one object a task; what there is not is left out.
func tasksJSON(out *bufio.Writer, list []engine.Task, zone *time.Location) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	at := func(t int64) string {
		if t == 0 {
			return ""
		}
		return string(value.AppendTime(nil, t, zone))
	}
	for i := range list {
		t := &list[i]
		err := enc.Encode(struct {
			Task      string `json:"task"`
			Rule      string `json:"rule"`
			For       string `json:"for,omitempty"`
			InsteadOf string `json:"instead_of,omitempty"`
			About     string `json:"about"`
			Text      string `json:"text"`
			State     string `json:"state"`
			How       string `json:"how,omitempty"`
			By        string `json:"by,omitempty"`
			Why       string `json:"why,omitempty"`
			Until     string `json:"until,omitempty"`
			Created   string `json:"created"`
			Due       string `json:"due,omitempty"`
			DoneAt    string `json:"done_at,omitempty"`
		}{t.ID, t.Rule, t.For, t.InsteadOf, t.About, t.Text, t.State, t.How, t.By, t.Why, t.Until,
			at(t.Created), at(t.Due), at(t.DoneAt)})
		if err != nil {
			return err
		}
	}
	return nil
}

// calendarOf makes tasks a calendar. A task has the same UID in every calendar of a database.
func (a *app) calendarOf(list []engine.Task, of string) (out []agenda.Todo) {
	for i := range list {
		t := &list[i]
		todo := agenda.Todo{UID: strings.ReplaceAll(t.ID, "/", "-") + "@" + of, Summary: t.Text,
			About: a.described(t), Created: time.UnixMicro(t.Created), State: t.State,
			Changed: time.UnixMicro(max(t.Created, t.DoneAt))}
		if t.Due != 0 {
			todo.Due = time.UnixMicro(t.Due)
		}
		out = append(out, todo)
	}
	return out
}

// described is what a calendar says of a task besides its text.
func (a *app) described(t *engine.Task) string {
	lines := []string{fmt.Sprintf(a.say("%s, about %s", "%s，关于 %s"), t.Rule, t.About)}
	if t.For != "" {
		lines = append(lines, a.say("for ", "归 ")+t.For)
	}
	if t.InsteadOf != "" {
		lines = append(lines, a.say("instead of ", "代 ")+t.InsteadOf)
	}
	if t.Until != "" {
		lines = append(lines, a.say("done by ", "完成方式：")+t.Until)
	}
	if t.Why != "" {
		lines = append(lines, t.Why)
	}
	return strings.Join(lines, "\n")
}

// writeRows writes a table whose columns are as wide as they need.
func writeRows(out *bufio.Writer, rows [][]string) error {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], width(cell))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString(pad(cell, widths[i]+2))
		}
		if _, err := fmt.Fprintln(out, strings.TrimRight(b.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}
