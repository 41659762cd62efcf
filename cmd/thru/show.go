package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
)

// viewed is what the flags of show say.
type viewed struct {
	db      string
	records []string
	csv     bool
	virtual bool
}

func (a *app) show() *cobra.Command {
	var o viewed
	c := &cobra.Command{
		Use:   "show {DIR | --db FILE} TYPE[/ID] [EXPR…]",
		Short: a.say("Show what is so: expressions over the state.", "查看现状：对状态求表达式的值。"),
		Long: a.say(
			"show works expressions out for one entity, or for all of a type: fields, scores, "+
				"segments, or\n"+
				"anything that a policy could say. Without expressions it shows every field. The state is\n"+
				"that of a database, or what a policy makes of some records. What the policy does not "+
				"keep is\n"+
				"worked out from the log, as if it had always been in the policy.",
			"show 对一个对象或某类型的全部对象求表达式的值：字段、评分、分群，或者策略里能写的任何表达式。\n"+
				"不写表达式则列出全部字段。状态来自数据库，或者来自策略对一些记录的处理。\n"+
				"策略没有保存的量会从日志算出，如同它一直就在策略里。"),
		Example: "  thru show --db team.db Rep\n" +
			"  thru show --db team.db Rep/li RepHealth 'count(Visit in 7d)'\n" +
			"  thru show . --records visits.ndjson --csv Store name 'count(Visit)'",
		Args:              a.takes(cobra.MinimumNArgs(1)),
		ValidArgsFunction: folderThen(),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.showAll(&o, args)
		},
	}
	a.viewFlags(c, &o)
	c.Flags().BoolVar(&o.csv, "csv", false, a.say("answer as CSV", "输出 CSV"))
	return c
}

func (a *app) showAll(o *viewed, args []string) error {
	if o.csv && a.json {
		return usageError{errors.New(a.say("--csv or --json, not both", "--csv 与 --json 只能选一个"))}
	}
	dir := ""
	if o.db == "" {
		dir, args = args[0], args[1:]
	}
	if len(args) == 0 {
		return usageError{errors.New(a.say("name a type, such as Rep, or one record, such as Rep/li",
			"请给出类型，例如 Rep，或者一条记录，例如 Rep/li"))}
	}
	w, err := a.state(o, dir)
	if err != nil {
		return err
	}
	err = a.ask(w, o, args[0], args[1:])
	return firstOf(err, w.Close())
}

// state opens a database to look into, or makes one in memory out of records.
func (a *app) state(o *viewed, dir string) (*runtime.Workspace, error) {
	if o.db != "" {
		if len(o.records) > 0 {
			return nil, usageError{errors.New(a.say(
				"--db shows what is there; put records into it with thru run --db",
				"--db 只查看已有内容；请用 thru run --db 写入记录"))}
		}
		return a.open(o.db, runtime.Config{ReadOnly: true, MustExist: true})
	}
	p, err := a.loadSound(dir)
	if err != nil {
		return nil, err
	}
	a.notYet(p)
	in, err := a.recordsOf(p.policy, o.records)
	if err != nil {
		return nil, err
	}
	w, err := a.open("", runtime.Config{Policy: p.policy, Import: true, Virtual: o.virtual})
	if err != nil {
		return nil, err
	}
	r := &running{app: a, w: w, in: in, sum: newSummary()}
	return w, r.quietly(o.virtual)
}

func (a *app) ask(w *runtime.Workspace, o *viewed, what string, texts []string) error {
	ctx := context.Background()
	var q *ask.Question
	var bad error
	err := w.View(ctx, func(e *engine.Engine) { q, bad = a.question(e, what, texts) })
	if err = firstOf(err, bad); err != nil {
		return err
	}
	_, id, one := strings.Cut(what, "/")
	err = q.View(ctx, w, func(e *engine.Engine) {
		ids := e.IDs(q.Of)
		if one {
			ids = []string{id}
		}
		bad = a.answer(e, q, ids, o.csv)
	})
	return firstOf(err, bad)
}

// question checks what is asked against the policy in force.
func (a *app) question(e *engine.Engine, what string, texts []string) (*ask.Question, error) {
	name, _, _ := strings.Cut(what, "/")
	q, err := ask.New(e.Policy(), name, texts)
	return q, a.asked(err)
}

// asked makes a question that cannot be meant a wrong command line.
func (a *app) asked(err error) error {
	var m *ask.Mistake
	if errors.As(err, &m) {
		return usageError{errors.New(m.In(a.lang.String()))}
	}
	return err
}
