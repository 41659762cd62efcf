package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/ask"
)

// backtests is the route by which a policy is tried on what was.
func (s *Server) backtests() {
	add(s, route{verb: access.Draft, method: http.MethodPost,
		path: "/v1/{workspace}/policy/backtest", id: "backtest",
		sum: "Decide on the log's records again, under the policy in force and under this one",
		more: "Told are the decisions that differ, how often each rule fires under both, and sums by " +
			"person and region. Nothing is carried out. It takes somebody who sees every record " +
			"whole: a policy could be written to tell of what is hidden."}, s.backtest)
}

// backtestWithin is how long a backtest may take.
const backtestWithin = 10 * time.Minute

type backtestIn struct {
	InWorkspace
	Limit int `query:"limit" minimum:"1" maximum:"10000" default:"100" doc:"Of differences that are told one by one"`
	Body  Files
}

// Backtested is what a policy would have decided otherwise.
type Backtested struct {
	From        string            `json:"from" doc:"Hash of the policy in force"`
	To          string            `json:"to" doc:"Hash of the one that came"`
	Records     int               `json:"records" doc:"That were decided on"`
	All         int               `json:"all" doc:"Differences"`
	Differences []json.RawMessage `json:"differences" doc:"The first of them: at, kind, rule, of, person, region, old, new"`
	Sums        []json.RawMessage `json:"sums" doc:"By declaration, person, region, and in all"`
	Text        string            `json:"text" doc:"The sums for people"`
}

func (s *Server) backtest(ctx context.Context, i *backtestIn) (*body[Backtested], error) {
	c := callerOf(ctx)
	if v := c.view(); !v.Whole() {
		return nil, s.problem("not-allowed", "it takes somebody who sees every record whole",
			"需要能看到全部记录及其全部字段的人")
	}
	l, err := s.sound(i.Body.Files, c.lang)
	if err != nil {
		return nil, err
	}
	leave, err := s.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, backtestWithin)
	defer cancel()
	s.patience(ctx, backtestWithin)
	var out Backtested
	err = s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		p, err := inForce(ctx, w)
		if err != nil {
			return err
		}
		out = Backtested{From: hashOf(p), To: hashOf(l.policy), Differences: []json.RawMessage{}}
		b, err := trial.RunBacktest(p, l.policy, ask.Inputs(ctx, w), trial.BacktestOptions{
			Options: trial.Options{Lang: langOr(c.lang)},
			Each: func(d *trial.Difference) error {
				if len(out.Differences) < i.Limit {
					out.Differences = append(out.Differences, d.AppendJSON(nil))
				}
				return ctx.Err()
			}})
		if err != nil {
			return err
		}
		out.Records, out.All = b.Records, b.Differences
		out.Text = string(b.AppendText(nil, langOr(c.lang)))
		for line := range bytes.Lines(b.AppendJSON(nil)) {
			out.Sums = append(out.Sums, bytes.TrimSpace(line))
		}
		return nil
	})
	return &body[Backtested]{out}, err
}

// langOr is the language asked for, else English.
func langOr(lang string) string {
	if lang == "" {
		return "en"
	}
	return lang
}
