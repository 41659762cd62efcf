// Package gauge is figures about a running server, in the form that Prometheus asks for.
package gauge

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Gauges are the figures. All methods may be called from any goroutine.
type Gauges struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	records  *prometheus.CounterVec
}

// New makes the figures of a server; version is the program's.
func New(version string) *Gauges {
	g := &Gauges{registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "throughline_request_seconds", Help: "Requests, by how long they took.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}},
			[]string{"method", "route", "status"}),
		records: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "throughline_records_total", Help: "Records that were answered, by what became of them."},
			[]string{"outcome"})}
	built := prometheus.NewGauge(prometheus.GaugeOpts{Name: "throughline_build_info",
		Help: "1, with the version of the program.", ConstLabels: prometheus.Labels{"version": version}})
	built.Set(1)
	g.registry.MustRegister(g.requests, g.records, built, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return g
}

// A Request is one that was answered. Route is the pattern and not the address, which may name
// somebody.
type Request struct {
	Method, Route string
	Status        int
	Took          time.Duration
}

// Request counts a request.
func (g *Gauges) Request(r *Request) {
	g.requests.WithLabelValues(r.Method, r.Route, strconv.Itoa(r.Status)).Observe(r.Took.Seconds())
}

// Record counts a record that was answered.
func (g *Gauges) Record(outcome string) { g.records.WithLabelValues(outcome).Inc() }

// A Figure is a value that is looked up when somebody asks.
type Figure struct {
	Of    *Kind
	Value float64
	Label []string // values of the kind's labels, in order
}

// Kind is what a figure says.
type Kind struct {
	desc *prometheus.Desc
	typ  prometheus.ValueType
}

// NewKind makes a kind of figure; one that only grows is a counter.
func NewKind(name, help string, grows bool, labels ...string) *Kind {
	typ := prometheus.GaugeValue
	if grows {
		typ = prometheus.CounterValue
	}
	return &Kind{prometheus.NewDesc("throughline_"+name, help, labels, nil), typ}
}

// Watch has figures looked up whenever somebody asks.
func (g *Gauges) Watch(look func(yield func(Figure))) { g.registry.MustRegister(watcher{look}) }

type watcher struct{ look func(func(Figure)) }

// Describe tells nothing: which figures there are is known when they are looked up.
func (watcher) Describe(chan<- *prometheus.Desc) {}

// Collect looks them up.
func (w watcher) Collect(to chan<- prometheus.Metric) {
	w.look(func(f Figure) {
		to <- prometheus.MustNewConstMetric(f.Of.desc, f.Of.typ, f.Value, f.Label...)
	})
}

// Handler answers with the figures.
func (g *Gauges) Handler() http.Handler {
	return promhttp.HandlerFor(g.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2,
		Timeout: 10 * time.Second})
}
