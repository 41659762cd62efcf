package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl/lsp"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
)

// sampleSize is how many records a hover shows.
const sampleSize = 5

func (a *app) languageServer() *cobra.Command {
	db := ""
	c := &cobra.Command{
		Use:   "lsp [--db FILE]",
		Short: a.say("Serve an editor over the Language Server Protocol.", "为编辑器提供语言服务（LSP）。"),
		Long: a.say(
			"lsp speaks the Language Server Protocol on its standard input and output: an editor\n"+
				"starts it. With a database, hovering over a field, score or segment also shows what some\n"+
				"records have for it now. The database is only read, and only while one hovers.",
			"lsp 通过标准输入输出使用语言服务器协议，由编辑器启动。\n"+
				"给出数据库时，悬停在字段、评分或分群上还会显示几条记录的当前值。\n"+
				"数据库只读取，而且只在悬停时打开。"),
		Example: "  thru lsp\n  thru lsp --db team.db --lang zh",
		Args:    a.takes(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			o := lsp.Options{Lang: a.lang.String(), Version: built().Version, Idle: rested}
			if db != "" {
				o.Live = func(ctx context.Context, typ, expr string) (lsp.Sample, error) {
					return a.sample(ctx, db, typ, expr)
				}
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
	return c
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

// sample works an expression out for the first few records of a type in a database.
func (a *app) sample(ctx context.Context, db, typ, expr string) (lsp.Sample, error) {
	w, err := a.open(db, runtime.Config{ReadOnly: true, MustExist: true})
	if err != nil {
		return lsp.Sample{}, err
	}
	var out lsp.Sample
	var bad error
	err = w.View(ctx, func(e *engine.Engine) {
		var q *question
		if q, bad = a.question(e, typ, []string{expr}); bad != nil {
			return
		}
		ids, p := e.IDs(q.of), e.Program(q.exprs[0])
		text := decision.NewWriter(q.policy, decision.Options{Zone: e.Zone(), Lang: a.lang.String()})
		out.Total = len(ids)
		for _, id := range ids[:min(len(ids), sampleSize)] {
			if v, ok := p.Ask(q.of, id); ok {
				out.IDs = append(out.IDs, id)
				out.Values = append(out.Values, string(text.AppendValue(nil, q.exprs[0].Type, v)))
			}
		}
	})
	return out, firstOf(err, bad, w.Close())
}
