package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime"
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

// A question is what is asked of every record of a type.
type question struct {
	of     *policy.Record
	texts  []string
	exprs  []*policy.Expr
	policy *policy.Policy // in force, with the aggregates that only the question has
	more   bool           // there are such
}

func (a *app) ask(w *runtime.Workspace, o *viewed, what string, texts []string) error {
	ctx := context.Background()
	var q *question
	var bad error
	err := w.View(ctx, func(e *engine.Engine) { q, bad = a.question(e, what, texts) })
	if err = firstOf(err, bad); err != nil {
		return err
	}
	_, id, one := strings.Cut(what, "/")
	answer := func(e *engine.Engine) {
		ids := e.IDs(q.of)
		if one {
			ids = []string{id}
		}
		bad = a.answer(e, q, ids, o.csv)
	}
	if q.more {
		err = w.ViewUnder(ctx, q.policy, answer)
	} else {
		err = w.View(ctx, answer)
	}
	return firstOf(err, bad)
}

// question checks what is asked against the policy in force.
func (a *app) question(e *engine.Engine, what string, texts []string) (*question, error) {
	name, _, _ := strings.Cut(what, "/")
	of := record.NewDecoder(e.Policy(), e.Zone()).Type(name)
	switch {
	case of == nil:
		return nil, a.noSuchType(e.Policy(), name)
	case of.Kind == policy.Event:
		text := a.say("%s is an event: its values are fixed on arrival; see thru explain --db FILE %s/ID",
			"%s 是事件，其值在到达时已固定；请用 thru explain --db FILE %s/ID")
		return nil, usageError{fmt.Errorf(text, of.Full, of.Full)}
	}
	q := &question{of: of, policy: e.Policy()}
	if len(texts) == 0 {
		q.everything()
	}
	for _, text := range texts {
		if err := a.check1(q, text); err != nil {
			return nil, err
		}
	}
	return q, nil
}

func (a *app) noSuchType(p *policy.Policy, name string) error {
	var names []string
	for _, r := range p.Records {
		if r.Kind != policy.Rows {
			names = append(names, r.Full)
		}
	}
	text := fmt.Sprintf(a.say("no entity is called %q", "没有名为 %q 的对象"), name)
	if near := source.Nearest(name, names); near != "" {
		text += fmt.Sprintf(a.say("; the nearest is %q", "；最接近的是 %q"), near)
	}
	return usageError{errors.New(text)}
}

// check1 checks one more expression. Its aggregates that the policy does not keep get the numbers
// after those that are there, so the policy in hand grows by them.
func (a *app) check1(q *question, text string) error {
	x, diags := dsl.Expression(q.policy, q.of, text)
	if x == nil {
		files := append(q.policy.Files[:len(q.policy.Files):len(q.policy.Files)],
			source.File{Name: dsl.ExpressionFile, Text: text})
		var b strings.Builder
		for _, d := range diags {
			if d.Code.Severity() == source.Error {
				b.WriteString(source.Text(files, d, a.lang.String()))
			}
		}
		return usageError{errors.New(strings.TrimSpace(b.String()))}
	}
	q.add(text, x)
	kept := len(q.policy.Aggregates)
	further := map[int]*policy.Aggregate{}
	foreign(x, kept, further)
	if len(further) == 0 {
		return nil
	}
	grown := *q.policy
	grown.Aggregates = append([]*policy.Aggregate(nil), q.policy.Aggregates...)
	for id := kept; further[id] != nil; id++ {
		grown.Aggregates = append(grown.Aggregates, further[id])
	}
	q.policy, q.more = &grown, true
	return nil
}

// foreign collects the aggregates of an expression that a policy does not keep.
func foreign(x *policy.Expr, kept int, to map[int]*policy.Aggregate) {
	if x == nil {
		return
	}
	for _, arg := range x.Args {
		foreign(arg, kept, to)
	}
	if g := x.Agg; g != nil {
		if g.ID >= kept {
			to[g.ID] = g
		}
		for _, part := range []*policy.Expr{g.List, g.Of, g.Window.T} {
			foreign(part, kept, to)
		}
	}
}

func (q *question) add(text string, x *policy.Expr) {
	q.texts, q.exprs = append(q.texts, text), append(q.exprs, x)
}

// everything asks for all that the policy says of the type: fields, scores, tiers.
func (q *question) everything() {
	self := &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: q.of}}
	for _, f := range q.of.Fields {
		if f.System == policy.NotSystem {
			q.add(f.Name, &policy.Expr{Op: policy.OpField, Field: f, Type: f.Type,
				Args: []*policy.Expr{self}})
		}
	}
	for _, s := range q.policy.Scores {
		if s.Of == q.of {
			q.add(s.Full, &policy.Expr{Op: policy.OpScore, Score: s, Args: []*policy.Expr{self},
				Type: policy.Type{Kind: value.Number, Maybe: true}})
		}
	}
	for _, s := range q.policy.Segments {
		if s.Of == q.of && s.Kinds != nil {
			q.add(s.Full, &policy.Expr{Op: policy.OpTier, Tier: s, Args: []*policy.Expr{self},
				Type: policy.Type{Kind: value.Choice, Choice: s.Kinds, Maybe: true}})
		}
	}
}
