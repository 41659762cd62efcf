package trial

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/cover"
	"github.com/throughline/throughline/engine/insight"
)

// measures are the metrics that a test expects something of. A metric costs nothing until somebody
// asks: the engine of such a test keeps what they read of a row, and the figures are those of
// `thru metric` at the test's clock.
type measures struct {
	of   map[*policy.Asked]*insight.Question
	past []*insight.Question // of states: their figures are taken as periods close
}

// measuring prepares what a test asks, and answers the policy that its engine must run.
func measuring(p *policy.Policy, t *policy.Test) (*policy.Policy, measures) {
	m := measures{of: map[*policy.Asked]*insight.Question{}}
	for _, s := range t.Steps {
		if s.Expect == nil || s.Expect.X == nil {
			continue
		}
		kind.Visit(s.Expect.X, func(x *policy.Expr) bool {
			if x.Op != policy.OpMetric {
				return true
			}
			a := x.Asked
			by := make([]policy.Dimension, len(a.Dims))
			for i, d := range a.Dims {
				by[i] = a.Metric.By[d]
			}
			q := insight.Ask(p, a.Metric, by, a.Period)
			p, m.of[a] = q.Policy, q
			if a.Prior && a.Metric.Taken() && a.Period != policy.NoPeriod {
				m.past = append(m.past, q)
			}
			return true
		})
	}
	return p, m
}

// close takes the figures of states whose periods close up to a moment, right before they do.
func (r *run) close(to int64) {
	for len(r.asked.past) > 0 {
		next := to + 1
		for _, q := range r.asked.past {
			next = min(next, q.Closes(r.engine, r.engine.Now()))
		}
		if next > to {
			return
		}
		r.engine.Advance(next-1, r.keep)
		for _, q := range r.asked.past {
			if q.Closes(r.engine, next-1) == next {
				q.Take(r.engine)
			}
		}
		r.engine.Advance(next, r.keep)
	}
}

// figure is what a metric is at the test's clock.
func (r *run) figure(a *policy.Asked) value.Value {
	q := r.asked.of[a]
	if !slices.Contains(r.asked.past, q) {
		q.Clear()
		q.Take(r.engine)
	}
	if r.opts.Recorder != nil {
		r.opts.Recorder.Fired(a.Metric.Full, 1)
	}
	return q.Of(a.Of, r.engine.Now(), a.Prior)
}

// filled is an expression with the figures of metrics in it.
func (r *run) filled(x *policy.Expr) *policy.Expr {
	if len(r.asked.of) == 0 {
		return x
	}
	out := *x
	if x.Op == policy.OpMetric {
		out.Op, out.Const = policy.OpConst, r.figure(x.Asked)
		return &out
	}
	out.Args = make([]*policy.Expr, len(x.Args))
	for i, a := range x.Args {
		out.Args[i] = r.filled(a)
	}
	return &out
}

// lookedAt tells of the metrics whose alerts looked at them.
func (r *run) lookedAt(to *cover.Recorder) {
	seen := r.engine.Counters()
	for _, a := range r.policy.Alerts {
		if n := seen[a.Full]; a.Metric != nil && n.True+n.False > 0 {
			to.Fired(a.Metric.Full, n.True+n.False)
		}
	}
}
