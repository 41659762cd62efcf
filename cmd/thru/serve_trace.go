package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/runtime/trace"
)

// traced is what the flags of serve say of telling a collector which requests were answered.
type traced struct {
	to    string
	share float64
}

func (a *app) traceFlags(c *cobra.Command, o *traced) {
	f := c.Flags()
	f.StringVar(&o.to, "trace", "", a.say(
		"collector to tell of requests (OpenTelemetry), as http://127.0.0.1:4318; nobody if not given",
		"接收请求追踪（OpenTelemetry）的收集器，如 http://127.0.0.1:4318；默认不发送"))
	f.Float64Var(&o.share, "trace-share", 100, a.say(
		"percent of requests that it is told of", "发送其中百分之多少的请求"))
	for _, name := range []string{"trace", "trace-share"} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions) // the flags are there
	}
}

// sound says what is wrong with the flags; "": nothing.
func (o *traced) sound(a *app) string {
	switch {
	case o.to != "" && trace.Sound(o.to) != nil:
		return fmt.Sprintf(a.say("--trace is a collector, as http://127.0.0.1:4318, not %q",
			"--trace 应为收集器地址，如 http://127.0.0.1:4318，而不是 %q"), o.to)
	case o.share <= 0 || o.share > 100:
		return a.say("--trace-share is a percentage, more than 0", "--trace-share 应为大于 0 的百分比")
	}
	return ""
}

// tracer tells the collector; nil: there is none.
func (o *traced) tracer(log *slog.Logger) (*trace.Tracer, error) {
	if o.to == "" {
		return nil, nil
	}
	return trace.Start(context.Background(), trace.Options{To: o.to, Share: o.share / 100,
		Version: built().Version, Log: log})
}
