package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
)

func (s *Server) metrics() {
	add(s, route{verb: "read", method: http.MethodGet, path: "/v1/{workspace}/metrics/{name}",
		id: "metric", sum: "A metric's figures, by group and period",
		more: "Beside each figure stand the mean and the sample deviation of the 12 periods before it, " +
			"the figure of the period before, and that of a year ago. Of entities, and of what alerts " +
			"look at, they are read at once; others are worked out from the log, which takes long where " +
			"the log is long. Who does not see all asks by people, and sees the groups of theirs."},
		s.metric)
}

type metricIn struct {
	InWorkspace
	Name   string   `path:"name" doc:"The metric's name or label"`
	By     []string `query:"by,explode" maxItems:"20" doc:"A \x60by\x60 of the metric; may be repeated"`
	Period string   `query:"period" enum:"day,week,month,quarter,year" doc:"Instead of the metric's own"`
}

// Metric is a metric's figures.
type Metric struct {
	Metric  string            `json:"metric" doc:"Qualified name"`
	By      []string          `json:"by" doc:"What it is broken down by"`
	Figures []json.RawMessage `json:"figures" doc:"{by period value n mean sd previous last_year}; missing is null"`
}

func (s *Server) metric(ctx context.Context, i *metricIn) (*body[Metric], error) {
	out := Metric{By: []string{}, Figures: []json.RawMessage{}}
	err := s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		x, err := ask.Metric(ctx, w, ask.Measure{Name: i.Name, By: i.By, Period: i.Period},
			s.long(ctx, w))
		if err != nil {
			return err
		}
		v := callerOf(ctx).view()
		if err := x.Limit(ask.NewLens(x.Policy, v)); err != nil {
			return err
		}
		if !v.All {
			err := s.glance(ctx, w, v, func(sight *ask.Sight) { x.Sift(sight) })
			if err != nil {
				return err
			}
		}
		out.Metric = x.Metric.Full
		for _, d := range x.By {
			out.By = append(out.By, d.Name)
		}
		for n := range x.List {
			out.Figures = append(out.Figures, x.AppendJSON(nil, &x.List[n]))
		}
		return nil
	})
	return &body[Metric]{out}, err
}
