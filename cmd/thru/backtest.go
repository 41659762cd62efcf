package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
)

// backtested is what the flags of backtest say.
type backtested struct {
	records []string
	db      string
	days    int
	show    int
	code    bool
}

func (a *app) backtest() *cobra.Command {
	var o backtested
	c := &cobra.Command{
		Use: "backtest OLD [NEW] --records FILE…|--db FILE",
		Short: a.say("Decide on the same records under two policies.",
			"让同样的记录经过两个策略。"),
		Long: a.say(
			"backtest decides on records, from files or from a database's log, under two policies and\n"+
				"tells every decision that differs, for whom, and the first of them; how often each rule\n"+
				"fired and how long alerts and segments stayed open under both; and sums by person and\n"+
				"region. Declarations renamed with was are the same ones. Nothing is carried out, and the\n"+
				"database is only read. With one policy it tells how often its rules would have fired.",
			"backtest 让文件中或数据库日志中的记录经过两个策略，列出每一处不同的决定、关系到谁、最早的一处；\n"+
				"每条规则在两个策略下触发的次数，预警和分群持续的时间；以及按人员和区域的合计。\n"+
				"用曾名改名的声明视为同一个。不会执行任何效果，数据库只读不写。\n"+
				"只给一个策略时，说明各条规则会触发多少次。"),
		Example: "  thru backtest main draft --records visits.ndjson\n" +
			"  thru backtest main draft --db team.db --json\n" +
			"  thru backtest draft --db team.db --days 90",
		Args:              a.takes(cobra.RangeArgs(1, 2)),
		ValidArgsFunction: folders(2),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.runBacktest(args, &o)
		},
	}
	a.recordsFlag(c, &o.records)
	f := c.Flags()
	f.StringVar(&o.db, "db", "", a.say("database whose log is read", "读取其日志的数据库"))
	f.IntVar(&o.days, "days", 0,
		a.say("count only the last days of the records; for one policy", "只统计最后若干天；用于单个策略"))
	f.IntVar(&o.show, "show", most,
		a.say("how many differences are told one by one; --json tells all", "逐一列出多少处不同；--json 列出全部"))
	f.BoolVar(&o.code, "exit-code", false,
		a.say("exit with 1 if anything differs", "有不同时以 1 退出"))
	return c
}

func (a *app) runBacktest(dirs []string, o *backtested) error {
	if (len(o.records) == 0) == (o.db == "") {
		return usageError{errors.New(a.say("name --records or --db, one of them",
			"请给出 --records 或 --db 其中之一"))}
	}
	if o.days < 0 || o.days > 0 && len(dirs) == 2 {
		return usageError{errors.New(a.say("--days is a number of days, and for one policy",
			"--days 是天数，用于单个策略"))}
	}
	var all []*folder
	for _, dir := range dirs {
		p, err := a.loadSound(dir)
		if err != nil {
			return err
		}
		a.notYet(p)
		all = append(all, p)
	}
	log, err := a.logOf(all[len(all)-1], o)
	if err != nil {
		return err
	}
	if len(all) == 1 {
		err = a.tellFired(all[0], log.Log, o.days)
	} else {
		err = a.tellBacktest(all[0], all[1], log, o)
	}
	return firstOf(err, log.close())
}

// past is a log to be gone through, with about how many records it has.
type past struct {
	trial.Log
	about int
	close func() error
}

// logOf is the log of the files or of the database.
func (a *app) logOf(p *folder, o *backtested) (*past, error) {
	if o.db != "" {
		w, err := a.open(o.db, runtime.Config{ReadOnly: true, MustExist: true})
		if err != nil {
			return nil, err
		}
		return &past{ask.Inputs(context.Background(), w), int(w.Last()), w.Close}, nil
	}
	in, err := a.recordsOf(p.policy, o.records)
	if err != nil {
		return nil, err
	}
	list := make([]trial.Input, len(in.list))
	for i := range in.list {
		list[i].Line = in.list[i].text
	}
	return &past{trial.Slice(list), len(list), func() error { return nil }}, nil
}

// tellFired tells how often one policy's rules would have fired.
func (a *app) tellFired(p *folder, log trial.Log, days int) error {
	past, err := trial.Fired(p.policy, log, days, trial.Options{Lang: a.lang.String()})
	if err != nil {
		return err
	}
	all := past.All
	out := bufio.NewWriter(a.out)
	width := 0
	for i := range all {
		width = max(width, len(all[i].Kind)+len(all[i].Name)+1)
	}
	for i := range all {
		line := all[i].AppendJSON(nil)
		if !a.json {
			line = all[i].AppendText(nil, a.lang.String(), width)
		}
		fmt.Fprintf(out, "%s\n", strings.TrimRight(string(line), " "))
	}
	return out.Flush()
}

func (a *app) tellBacktest(p, q *folder, log *past, o *backtested) error {
	bar := a.meter(a.say("comparing", "比较"), log.about)
	out := bufio.NewWriterSize(a.out, 1<<16)
	told := 0
	b, err := trial.RunBacktest(p.policy, q.policy, log.Log, trial.BacktestOptions{
		Options:  trial.Options{Lang: a.lang.String()},
		Both:     atOnce,
		Progress: func(done int) { bar.at(int64(done)) },
		Each: func(d *trial.Difference) error {
			var line []byte
			switch {
			case a.json:
				line = d.AppendJSON(nil)
			case told < o.show:
				line = d.AppendText(nil)
			default:
				return nil
			}
			told++
			_, err := out.Write(append(line, '\n'))
			return err
		},
	})
	bar.done()
	if err != nil {
		return firstOf(err, out.Flush())
	}
	text := b.AppendJSON(nil)
	if !a.json {
		if b.Differences > told {
			fmt.Fprintf(out, a.say("… and %d more\n", "……另有 %d 处\n"), b.Differences-told)
		}
		text = b.AppendText(nil, a.lang.String())
	}
	_, err = out.Write(text)
	if err := firstOf(err, out.Flush()); err != nil {
		return err
	}
	if o.code && b.Differences > 0 {
		return errFault
	}
	return nil
}

// atOnce runs two functions on two goroutines.
func atOnce(one, other func()) {
	var both sync.WaitGroup
	both.Go(one)
	both.Go(other)
	both.Wait()
}
