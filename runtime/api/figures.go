package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/gauge"
	"github.com/throughline/throughline/runtime/trace"
)

// figures are the route by which the server itself is watched, and what it tells.
func (s *Server) figures() {
	add(s, route{verb: access.Admin, method: http.MethodGet, path: "/v1/-/metrics", id: "figures",
		sum: "Figures about the server, as Prometheus asks for them"}, s.gauged)
	all := gauge.NewKind("workspaces", "Workspaces of the server.", false)
	open := gauge.NewKind("workspaces_open", "Workspaces that are open.", false)
	entries := gauge.NewKind("log_entries", "Entries of the log of an open workspace.", false,
		"workspace")
	s.gauges.Watch(func(yield func(gauge.Figure)) {
		opened := s.o.Host.Opened()
		yield(gauge.Figure{Of: all, Value: float64(len(s.o.Host.Names()))})
		yield(gauge.Figure{Of: open, Value: float64(len(opened))})
		for _, x := range opened {
			yield(gauge.Figure{Of: entries, Value: float64(x.Last), Label: []string{x.Name}})
		}
	})
	if s.o.Deliver != nil {
		s.figuresOfChannels()
	}
}

// lookWithin is how long figures of one workspace are waited for.
const lookWithin = time.Second

func (s *Server) figuresOfChannels() {
	labels := []string{"workspace", "channel"}
	waiting := gauge.NewKind("deliveries_waiting", "What waits to be told.", false, labels...)
	dead := gauge.NewKind("deliveries_dead", "Dead letters.", false, labels...)
	broken := gauge.NewKind("channel_broken", "1 where a channel's settings need a look.", false,
		labels...)
	sent := gauge.NewKind("deliveries_total", "Effects that were told since the log began.", true,
		labels...)
	s.gauges.Watch(func(yield func(gauge.Figure)) {
		for _, x := range s.o.Host.Opened() {
			ctx, cancel := context.WithTimeout(s.ends, lookWithin)
			fares, err := s.o.Deliver.Statuses(ctx, x.Name)
			cancel()
			if err != nil {
				continue // it was closed meanwhile
			}
			for name, f := range fares { //tidy:order each is named
				at := []string{x.Name, name}
				yield(gauge.Figure{Of: waiting, Value: float64(f.Waiting), Label: at})
				yield(gauge.Figure{Of: dead, Value: float64(f.Dead), Label: at})
				yield(gauge.Figure{Of: sent, Value: float64(f.Sent), Label: at})
				bad := 0.0
				if f.Broken {
					bad = 1
				}
				yield(gauge.Figure{Of: broken, Value: bad, Label: at})
			}
		}
	})
}

func (s *Server) gauged(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
	r, answer := humago.Unwrap(callerOf(ctx).http)
	return &huma.StreamResponse{Body: func(huma.Context) {
		s.gauges.Handler().ServeHTTP(answer, r)
	}}, nil
}

// counted counts a request that was answered, and where that is wanted tells of it: who asked for
// what route, not what was in it, which may name somebody.
func (s *Server) counted(ctx huma.Context, c *caller, since time.Time) {
	status := ctx.Status()
	if status == 0 {
		status = http.StatusOK
	}
	took := time.Since(since)
	op := ctx.Operation()
	s.gauges.Request(&gauge.Request{Method: op.Method, Route: op.Path, Status: status, Took: took})
	if s.o.Trace != nil {
		s.o.Trace.Request(&trace.Request{Method: op.Method, Route: op.Path, Workspace: c.workspace,
			Status: status, Since: since, Took: took, Parent: ctx.Header("Traceparent")})
	}
	if !s.o.Requests {
		return
	}
	who := ""
	if c.who != nil {
		who = c.who.ID()
	}
	s.o.Log.Info("request", "method", op.Method, "route", op.Path, "workspace", c.workspace,
		"who", who, "status", status, "ms", took.Milliseconds())
}
