// Package trace tells a collector which requests a server answered (OpenTelemetry, OTLP over HTTP).
// Nothing is told unless whoever runs the server names a collector; what is told is routes,
// statuses and times, not what was in a request or who asked.
package trace

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Options are what a tracer works with.
type Options struct {
	To      string  // address of a collector, as http://127.0.0.1:4318
	Share   float64 // of requests that nobody else traces already, in (0, 1]
	Version string  // of the program
	Log     *slog.Logger
}

// Sound says what is wrong with the address of a collector.
func Sound(to string) error {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return fmt.Errorf("a collector is http://HOST:4318, not %q", to)
	}
	return nil
}

// A Tracer tells of requests, a batch at a time. A collector that does not answer holds nobody up:
// what it does not take in time is dropped.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
	context  propagation.TraceContext
}

// Start makes a tracer.
func Start(ctx context.Context, o Options) (*Tracer, error) {
	if err := Sound(o.To); err != nil {
		return nil, err
	}
	u, err := url.Parse(o.To)
	if err != nil {
		return nil, err
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces"
	}
	to, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(u.String()),
		otlptracehttp.WithTimeout(10*time.Second))
	if err != nil {
		return nil, err
	}
	if o.Log != nil {
		otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
			o.Log.Warn("traces", "err", err)
		}))
	}
	p := sdk.NewTracerProvider(sdk.WithBatcher(to),
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(o.Share))),
		sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", "throughline"),
			attribute.String("service.version", o.Version))))
	return &Tracer{provider: p, tracer: p.Tracer("github.com/throughline/throughline")}, nil
}

// Request is one request that was answered.
type Request struct {
	Method, Route, Workspace string
	Status                   int
	Since                    time.Time
	Took                     time.Duration
	Parent                   string // its traceparent header; "": it belongs to no other trace
}

// Request tells of a request.
func (t *Tracer) Request(r *Request) {
	ctx := t.context.Extract(context.Background(),
		propagation.HeaderCarrier(http.Header{"Traceparent": {r.Parent}}))
	_, span := t.tracer.Start(ctx, r.Method+" "+r.Route, trace.WithTimestamp(r.Since),
		trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
			attribute.String("http.request.method", r.Method),
			attribute.String("http.route", r.Route),
			attribute.Int("http.response.status_code", r.Status),
			attribute.String("throughline.workspace", r.Workspace)))
	if r.Status >= 500 {
		span.SetStatus(codes.Error, http.StatusText(r.Status))
	}
	span.End(trace.WithTimestamp(r.Since.Add(r.Took)))
}

// Stop tells what is left, as long as the context goes on.
func (t *Tracer) Stop(ctx context.Context) error { return t.provider.Shutdown(ctx) }
