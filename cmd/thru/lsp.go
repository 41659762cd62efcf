package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl/lsp"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
	"github.com/throughline/throughline/templates/pack"
)

// sampleSize is how many records a hover shows.
const sampleSize = 5

func (a *app) languageServer() *cobra.Command {
	db, records := "", []string(nil)
	c := &cobra.Command{
		Use:   "lsp [--db FILE] [--records FILE…]",
		Short: a.say("Serve an editor over the Language Server Protocol.", "为编辑器提供语言服务（LSP）。"),
		Long: a.say(
			"lsp speaks the Language Server Protocol on its standard input and output: an editor\n"+
				"starts it. With a database, hovering over a field, score or segment also shows what some\n"+
				"records have for it now, over a metric its latest figures, and over a rule, alert or\n"+
				"segment how often it would have fired in the last 90 days, as it is typed; that is told of\n"+
				"the records of --records too.\n"+
				"The database is only read, and only while one hovers.",
			"lsp 通过标准输入输出使用语言服务器协议，由编辑器启动。\n"+
				"给出数据库时，悬停在字段、评分或分群上还会显示几条记录的当前值，悬停在指标上显示最近的数值；\n"+
				"悬停在规则、预警或分群上还会显示按正在编辑的内容，最近 90 天会触发多少次，给出 --records 的记录时也会显示。\n"+
				"数据库只读取，而且只在悬停时打开。"),
		Example: "  thru lsp\n  thru lsp --db team.db --lang zh",
		Args:    a.takes(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			o := lsp.Options{Lang: a.lang.String(), Version: built().Version, Idle: rested,
				Packages: pack.Open}
			if db != "" {
				o.Live = func(ctx context.Context, typ, expr string) (lsp.Sample, error) {
					return a.sample(ctx, db, typ, expr)
				}
				o.Metric = func(ctx context.Context, name, lang string) (string, error) {
					return a.lastFigures(ctx, db, ask.Measure{Name: name, Lang: lang})
				}
			}
			if db != "" || len(records) > 0 {
				o.Fired = (&author{app: a, db: db, records: records}).fired
			}
			err := lsp.Serve(c.Context(), a.in, a.out, o)
			if errors.Is(err, lsp.ErrNotShutDown) {
				return errFault // the protocol wants no more than the exit code
			}
			return err
		},
	}
	c.Flags().StringVar(&db, "db", "", a.say("database to show live values from", "显示实时值的数据库"))
	_ = c.MarkFlagFilename("db", "db") // the flag is there: just made
	c.Flags().StringArrayVar(&records, "records", nil,
		a.say("records to try rules on while they are typed", "编辑规则时用来试算的记录"))
	return c
}

// author is somebody who writes a policy beside records of the past.
type author struct {
	app     *app
	db      string
	records []string

	of   policy.Hash // what was tried last
	last uint64      // of the database
	past *trial.Past
}

// What somebody who hovers waits for: the last 90 days, of a log of at most so many records.
const (
	pastDays  = 90
	pastLimit = 300_000
)

// fired says how often a declaration would have fired. A policy is tried once, however many of its
// declarations are asked for.
func (x *author) fired(
	ctx context.Context, p *policy.Policy, name, lang string,
) (text string, err error) {
	log, last, err := x.log(p)
	if err != nil {
		return "", err
	}
	defer func() { err = firstOf(err, log.close()) }()
	if x.past == nil || x.of != p.Hash || x.last != last {
		x.past = nil
		past, err := trial.Fired(p, x.within(ctx, log.Log), pastDays, trial.Options{Lang: lang})
		if err != nil {
			return "", err
		}
		x.past, x.of, x.last = past, p.Hash, last
	}
	return x.past.Says(name, lang), nil
}

func (x *author) log(p *policy.Policy) (*past, uint64, error) {
	if x.db == "" {
		log, err := x.app.logOf(&folder{policy: p}, &backtested{records: x.records})
		return log, 0, err
	}
	w, err := x.app.open(x.db, runtime.Config{ReadOnly: true, MustExist: true})
	if err != nil {
		return nil, 0, err
	}
	return &past{ask.Inputs(context.Background(), w), int(w.Last()), w.Close}, w.Last(), nil
}

// within gives up a log that is too long, or that nobody waits for any more.
func (x *author) within(ctx context.Context, log trial.Log) trial.Log {
	return func(each func(trial.Input) error) error {
		n := 0
		return log(func(in trial.Input) error {
			switch n++; {
			case n > pastLimit:
				text := x.app.say("there are over %d records: use thru backtest",
					"记录超过 %d 条：请用 thru backtest")
				return fmt.Errorf(text, pastLimit)
			case n%1024 == 0 && ctx.Err() != nil:
				return ctx.Err()
			}
			return each(in)
		})
	}
}

// rest is how long a text is left alone before what can be proved of it is told.
const rest = 300 * time.Millisecond

// rested does some work after a rest, unless that is cut short.
func rested(ctx context.Context, work func()) {
	go func() {
		select {
		case <-time.After(rest):
			work()
		case <-ctx.Done():
		}
	}()
}

// lastFigures are a metric's last figures, over all groups, the last first.
func (a *app) lastFigures(ctx context.Context, db string, m ask.Measure) (string, error) {
	w, err := a.open(db, runtime.Config{ReadOnly: true, MustExist: true})
	if err != nil {
		return "", err
	}
	x, err := ask.Metric(ctx, w, m, nil)
	if err = firstOf(err, w.Close()); err != nil {
		return "", err
	}
	in := func(en, zh string) string { return map[bool]string{true: zh, false: en}[m.Lang == "zh"] }
	if len(x.List) == 0 {
		return in("now: no rows", "现在：没有数据"), nil
	}
	lines := []string{in("now, the last first:", "现在（最近的在前）：")}
	for i := len(x.List) - 1; i >= 0 && len(lines) <= sampleSize; i-- {
		f := &x.List[i]
		line := "- "
		if label := x.Label(f); label != "" {
			line += "`" + label + "` "
		}
		lines = append(lines, fmt.Sprintf("%s%s (n %d)", line,
			x.Words.AppendValue(nil, x.Type(), f.Value), f.N))
	}
	return strings.Join(lines, "\n"), nil
}

// sample works an expression out for the first few records of a type in a database.
func (a *app) sample(ctx context.Context, db, typ, expr string) (lsp.Sample, error) {
	w, err := a.open(db, runtime.Config{ReadOnly: true, MustExist: true})
	if err != nil {
		return lsp.Sample{}, err
	}
	var out lsp.Sample
	var bad error
	err = w.View(ctx, func(e *engine.Engine) {
		var q *ask.Question
		if q, bad = a.question(e, typ, []string{expr}); bad != nil {
			return
		}
		ids, p := e.IDs(q.Of), e.Program(q.Exprs[0])
		text := decision.NewWriter(q.Policy, decision.Options{Zone: e.Zone(), Lang: a.lang.String()})
		out.Total = len(ids)
		for _, id := range ids[:min(len(ids), sampleSize)] {
			if v, ok := p.Ask(q.Of, id); ok {
				out.IDs = append(out.IDs, id)
				out.Values = append(out.Values, string(text.AppendValue(nil, q.Exprs[0].Type, v)))
			}
		}
	})
	return out, firstOf(err, bad, w.Close())
}
