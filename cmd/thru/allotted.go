package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/fair"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
)

// allotted is what the flags say of commands that look at what an allocation gave out.
type allotted struct {
	backtested
	from, until string
	ask         map[string]*string // by question: an expression
}

// questions are what is asked of records and candidates, with what it says in help.
func (a *app) questions() []struct{ flag, help string } {
	return []struct{ flag, help string }{
		{"effort", a.say("the work that a record is (default: its field effort)",
			"一条记录的工作量（默认取字段 effort）")},
		{"value", a.say("what a record is worth if it is won (default: amount, value)",
			"记录赢单时的价值（默认取 amount、value）")},
		{"open", a.say("whether work on a record goes on (default: as its journey says)",
			"记录是否仍在跟进（默认按旅程）")},
		{"won", a.say("whether a record was won (default: as its journey says, or won)",
			"记录是否赢单（默认按旅程，或字段 won）")},
		{"team", a.say("a candidate's team (default: team, region)", "候选人的团队（默认取 team、region）")},
		{"capacity", a.say("what a candidate can take (default: capacity)",
			"候选人的产能（默认取 capacity）")},
		{"load", a.say("how busy a candidate is, 1 is full (default: load)",
			"候选人的负载，1 为满负荷（默认取 load）")},
	}
}

func (a *app) allottedFlags(c *cobra.Command, o *allotted) {
	a.recordsFlag(c, &o.records)
	f := c.Flags()
	f.StringVar(&o.db, "db", "", a.say("database whose log is read", "读取其日志的数据库"))
	f.StringVar(&o.from, "from", "", a.say("only records that came from this moment on",
		"只统计此时刻起到来的记录"))
	f.StringVar(&o.until, "until", "", a.say("only records that came before this moment",
		"只统计此时刻之前到来的记录"))
	o.ask = map[string]*string{}
	for _, q := range a.questions() {
		o.ask[q.flag] = f.String(q.flag, "", a.say("expression: ", "表达式：")+q.help)
	}
	_ = c.MarkFlagFilename("db") // the flag is there: just made
}

// allottedArgs tells the folder from the allocation: with a database there need be no folder, and
// without one the folder is the one that we are in, unless the first argument is one.
func (a *app) allottedArgs(o *allotted, args []string) (dir, name string, err error) {
	if (len(o.records) == 0) == (o.db == "") {
		return "", "", usageError{errors.New(a.say("name --records or --db, one of them",
			"请给出 --records 或 --db 其中之一"))}
	}
	if len(args) == 2 || len(args) == 1 && o.db == "" && isFolder(args[0]) {
		dir, args = args[0], args[1:]
	}
	if len(args) > 0 {
		name = args[0]
	}
	if dir == "" && o.db == "" {
		if dir = "."; !holdsPolicy(dir) {
			return "", "", a.noFolder(name)
		}
	}
	return dir, name, nil
}

// noFolder says that a policy has to be named: what is no folder would be an allocation.
func (a *app) noFolder(name string) error {
	if name == "" {
		return usageError{errors.New(a.say("name the policy's folder", "请给出策略所在的目录"))}
	}
	return usageError{fmt.Errorf(a.say(
		"there is no folder %s, and no .thru files here of which it could be an allocation",
		"没有名为 %s 的目录，此处也没有 .thru 文件，因此它也不是分配"), name)}
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

func holdsPolicy(dir string) bool {
	found, err := filepath.Glob(filepath.Join(dir, "*.thru"))
	return err == nil && len(found) > 0
}

// ledger is an allocation with the book of its records.
type ledger struct {
	policy *policy.Policy // with what only the questions have
	of     *policy.Allocation
	ask    fair.Questions
	book   *fair.Book
	until  int64
	zone   *time.Location
}

// ledgerOf reads the records of an allocation.
func (a *app) ledgerOf(o *allotted, args []string) (*ledger, error) {
	dir, name, err := a.allottedArgs(o, args)
	if err != nil {
		return nil, err
	}
	p, err := a.policyOf(dir, o.db)
	if err != nil {
		return nil, err
	}
	l := &ledger{policy: p.policy}
	if l.of, err = a.allocationCalled(p.policy, name); err != nil {
		return nil, err
	}
	return l, a.read(l, p, o)
}

// read makes the book of a ledger.
func (a *app) read(l *ledger, p *folder, o *allotted) (err error) {
	if l.zone, err = calendar.Zone(p.policy.Settings.Timezone); err != nil {
		return err
	}
	if err := a.asking(l, o); err != nil {
		return err
	}
	l.ask.Lang = a.lang.String()
	x := fair.Options{Questions: l.ask}
	if x.From, err = a.bound("--from", o.from, l.zone); err != nil {
		return err
	}
	if x.Until, err = a.bound("--until", o.until, l.zone); err != nil {
		return err
	}
	log, err := a.logOf(p, &o.backtested)
	if err != nil {
		return err
	}
	bar := a.meter(a.say("replaying", "重放"), log.about)
	l.book, err = fair.NewBook(l.policy, l.of, log.Log, x)
	bar.done()
	if err = firstOf(err, log.close()); err != nil {
		return err
	}
	if l.until = x.Until; l.until == 0 {
		l.until = l.book.Last()
	}
	return nil
}

// policyOf is the policy of a folder, else the one that is in force in a database.
func (a *app) policyOf(dir, db string) (*folder, error) {
	if dir != "" {
		p, err := a.loadSound(dir)
		if err == nil {
			a.notYet(p)
		}
		return p, err
	}
	w, err := a.open(db, runtime.Config{ReadOnly: true, MustExist: true})
	if err != nil {
		return nil, err
	}
	p := &folder{}
	err = w.View(context.Background(), func(e *engine.Engine) { p.policy = e.Policy() })
	return p, firstOf(err, w.Close())
}

// allocationCalled finds an allocation; without a name, the only one.
func (a *app) allocationCalled(p *policy.Policy, name string) (*policy.Allocation, error) {
	var names []string
	for _, x := range p.Allocations {
		if x.Full == name || x.Label.Main == name || x.Label.En == name || x.Label.Zh == name {
			if name != "" {
				return x, nil
			}
		}
		names = append(names, x.Full)
	}
	switch {
	case len(names) == 0:
		return nil, usageError{errors.New(a.say("the policy has no allocation", "策略中没有分配"))}
	case name == "" && len(names) == 1:
		return p.Allocations[0], nil
	case name == "":
		return nil, usageError{errors.New(a.say("name the allocation: ", "请给出分配：") +
			strings.Join(names, a.say(", ", "、")))}
	}
	return nil, a.nothingCalled(a.say("no allocation is called %q", "没有名为 %q 的分配"), name, names)
}

func (a *app) bound(flag, text string, zone *time.Location) (int64, error) {
	if text == "" {
		return 0, nil
	}
	m, fault := value.ReadMoment(text)
	if fault != value.MomentOK {
		return 0, usageError{fmt.Errorf(a.say("%s is a moment such as 2026-03-02T18:00, not %q",
			"%s 是时刻，例如 2026-03-02T18:00，而不是 %q"), flag, text)}
	}
	return m.In(zone), nil
}

// asking makes the expressions of the flags, and of the fields by which things usually go.
func (a *app) asking(l *ledger, o *allotted) error {
	given := map[string]string{}
	for name, text := range o.ask { //tidy:order each by itself
		given[name] = *text
	}
	var err error
	if l.ask, l.policy, err = ask.Fairness(l.policy, l.of, given); err != nil {
		return a.asked(err)
	}
	return nil
}
