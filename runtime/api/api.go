// Package api is the workspaces of a host over HTTP: records in, decisions and answers out. Its
// description (OpenAPI 3.1) comes from the handlers themselves; what goes wrong is told as
// RFC 9457 has it, with a code for programs and a text in the language asked for.
package api

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/access/provider"
	"github.com/throughline/throughline/runtime/ask"
	"github.com/throughline/throughline/runtime/deliver"
	"github.com/throughline/throughline/runtime/deliver/link"
	"github.com/throughline/throughline/runtime/deliver/vault"
	"github.com/throughline/throughline/runtime/discreet"
	"github.com/throughline/throughline/runtime/files"
	"github.com/throughline/throughline/runtime/gauge"
	"github.com/throughline/throughline/runtime/host"
	"github.com/throughline/throughline/runtime/intake"
	"github.com/throughline/throughline/runtime/looks"
	"github.com/throughline/throughline/runtime/media"
	"github.com/throughline/throughline/runtime/nightly"
	"github.com/throughline/throughline/runtime/trace"
)

// Options are what a server works with.
type Options struct {
	Host   *host.Host
	Access *access.Access
	Log    *slog.Logger // nil: nothing is logged

	Requests bool          // are logged: who asked which route, and how it went
	Trace    *trace.Tracer // tells a collector of requests; nil: nobody is told
	Version  string        // of the program
	Within   Within

	Deliver *deliver.Service // tells people and systems; nil: nobody does

	Nightly *nightly.Keeper // tends to workspaces; nil: nobody does
	Looks   *looks.Log      // keeps who was shown personal data; nil: nobody does
	Files   *files.Cabinet  // keeps what people send; nil: nobody does
	Desk    *intake.Desk    // takes tables in; nil: nobody does
	Vault   *vault.Vault    // keeps the secrets of hooks; nil: there are none

	Provider *provider.Provider    // lets people in as well; nil: none does
	Links    *link.Signer          // knows addresses in messages again; nil: there are none
	Beside   func(io.Writer) error // copies what is kept beside databases; nil: nothing is
	Home     string                // where people go who came in through it; "": to who they are

	Secure  bool     // people reach it over TLS: cookies are for that alone
	Proxied bool     // something in front says whose requests these are (X-Forwarded-For)
	Origins []string // as https://thru.example.com: pages that may ask, beside the server's own
}

// Within is how long the other side of a connection may take. Its zero value is right for almost
// everybody.
type Within struct {
	Header time.Duration // for the headers, and for agreeing on TLS; 0: 5 s
	Body   time.Duration // for a request, or from one line of a stream to the next; 0: 30 s
	Answer time.Duration // from the headers to the end of the answer, so longer than Body; 0: 60 s
}

func (w *Within) defaults() {
	w.Header = cmp.Or(w.Header, headerWithin)
	w.Body = cmp.Or(w.Body, readWithin)
	w.Answer = cmp.Or(w.Answer, writeWithin)
}

// Server answers requests. It is an http.Handler.
type Server struct {
	o        Options
	mux      *http.ServeMux
	api      huma.API
	problems map[string]Problem
	ends     context.Context // done when the server stops
	stop     context.CancelFunc
	aside    chan struct{} // one token for each question that is worked out from a whole log
	trials   chan struct{} // and for each page that runs a policy's own tests
	csrf     *http.CrossOriginProtection
	glances  galleries

	receivers receivers
	gauges    *gauge.Gauges

	publishing locks
	besides    besides
	setting    locks

	mu      sync.Mutex
	writers map[shown]*decision.Writer
	lenses  map[seen]*ask.Lens
	kinds   map[*policy.Policy]media.Kinds
	rules   map[*policy.Policy]*discreet.Rule
}

// shown is a policy in a language.
type shown struct {
	policy *policy.Policy
	lang   string
}

// Limits of a request.
const (
	maxBody      = 8 << 20 // bytes
	maxRecord    = 1 << 20
	maxBatch     = 1000 // records
	readWithin   = 30 * time.Second
	writeWithin  = 60 * time.Second
	headerWithin = 5 * time.Second
	maxHeader    = 16 << 10
	asideAtOnce  = 2
)

// New makes a server. Origins that are none are a mistake of the caller.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Within.defaults()
	o.Home = cmp.Or(o.Home, "/v1/-/me")
	s := &Server{o: o, mux: http.NewServeMux(), problems: problems(),
		aside: make(chan struct{}, asideAtOnce), trials: make(chan struct{}, asideAtOnce),
		writers: map[shown]*decision.Writer{},
		gauges:  gauge.New(o.Version), lenses: map[seen]*ask.Lens{},
		rules: map[*policy.Policy]*discreet.Rule{},
		kinds: map[*policy.Policy]media.Kinds{}, csrf: http.NewCrossOriginProtection()}
	for _, origin := range o.Origins {
		if err := s.csrf.AddTrustedOrigin(origin); err != nil {
			panic(err)
		}
	}
	c := huma.DefaultConfig("Throughline", o.Version)
	c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", nil // its pages would ask others for scripts
	c.Transformers, c.Formats = []huma.Transformer{s.told}, formats(c.Formats)
	c.Info.Description = "Records in, decisions and the reasons for them out."
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key": {Type: "http", Scheme: "bearer", Description: "An API key: thru_…"},
		"session": {Type: "apiKey", In: "cookie", Name: s.cookie(),
			Description: "What coming in with a password sets"}}
	s.api = humago.New(s.mux, c)
	s.ends, s.stop = context.WithCancel(context.Background())
	context.AfterFunc(s.ends, s.besides.end)
	s.api.UseMiddleware(s.enter)
	s.records()
	s.files()
	s.imports()
	s.hooks()
	s.decisions()
	s.feeds()
	s.state()
	s.policies()
	s.admin()
	s.backups()
	s.queues()
	s.channels()
	s.figures()
	s.nights()
	s.proofs()
	s.watching()
	s.backtests()
	s.people()
	s.provider()
	s.health()
	s.links()
	return s
}

// What every answer says. Each has its capacity, so that whoever adds to it copies it.
var (
	nosniff = []string{"nosniff"}
	noStore = []string{"no-store"}
)

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header() // the keys are canonical, and nobody writes to the values
	h["X-Content-Type-Options"], h["Cache-Control"] = nosniff, noStore
	s.mux.ServeHTTP(w, r)
}

// HTTP is a server of the standard library with limits against clients that are slow or never
// end.
func (s *Server) HTTP() *http.Server {
	in := &s.o.Within
	return &http.Server{Handler: s, ReadHeaderTimeout: in.Header, ReadTimeout: in.Body,
		WriteTimeout: in.Answer, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(s.o.Log.Handler(), slog.LevelWarn)}
}

// Drain makes the server say that it is not ready any more, so that no new requests are sent here,
// and ends the feeds, which would not end by themselves.
func (s *Server) Drain() { s.stop() }

// OpenAPI is the description of the API.
func (s *Server) OpenAPI() *huma.OpenAPI { return s.api.OpenAPI() }

// health is asked by whoever watches the server; it needs no key and says nothing else.
func (s *Server) health() {
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("ok\n")) // who asked is gone otherwise
	})
	s.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if s.ends.Err() != nil {
			http.Error(w, "closing", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ok\n")) // likewise
	})
}

// route is an operation with what somebody must be allowed for it.
type route struct {
	verb          access.Verb
	or            access.Verb // another that is enough; the handler looks closer
	all           bool        // it takes somebody who sees all records
	method, path  string
	id, sum, more string
	raw           map[string]string // request bodies that the handler reads itself: type, what
	answers       any               // the form of an answer that the handler writes itself
}

// Names under which an operation keeps its verbs.
const (
	verbOf = "verb"
	orVerb = "or"
	ofAll  = "all"
)

// add registers a handler. Without a verb there is no route.
func add[I, O any](s *Server, r route, f func(context.Context, *I) (*O, error)) {
	op := huma.Operation{OperationID: r.id, Method: r.method, Path: r.path, Summary: r.sum,
		Description: r.more, MaxBodyBytes: maxBody, BodyReadTimeout: s.o.Within.Body,
		Security:  []map[string][]string{{"key": {}}, {"session": {}}},
		Metadata:  map[string]any{verbOf: r.verb, orVerb: r.or, ofAll: r.all},
		Responses: map[string]*huma.Response{},
		Extensions: map[string]any{
			"x-verb": string(r.verb)},
	}
	if r.verb == anyone {
		op.Security = []map[string][]string{}
	}
	reg := s.api.OpenAPI().Components.Schemas
	op.Responses["default"] = &huma.Response{Description: "What went wrong",
		Content: map[string]*huma.MediaType{problemType: {Schema: schemaOf[Problem](reg)}}}
	if r.answers != nil {
		op.Responses["200"] = &huma.Response{Description: "OK", Content: map[string]*huma.MediaType{
			"application/json": {Schema: &huma.Schema{Description: "As the request: one or a list",
				OneOf: []*huma.Schema{schemaOf[Decision](reg),
					{Type: "array", Items: schemaOf[Decision](reg)}}}}}}
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, in)
		return out, s.fault(err)
	})
	if r.raw != nil { // told afterwards: the framework would read it otherwise
		b := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
		for typ, what := range r.raw {
			b.Content[typ] = &huma.MediaType{Schema: rawSchema(typ, what)}
		}
		s.api.OpenAPI().Paths[r.path].Post.RequestBody = b
	}
}

// rawSchema describes a body that a handler reads itself.
func rawSchema(typ, what string) *huma.Schema {
	if typ != formType {
		return &huma.Schema{Description: what}
	}
	return &huma.Schema{Type: huma.TypeObject, Required: []string{"file"},
		Properties: map[string]*huma.Schema{"file": {Type: huma.TypeArray, Description: what,
			Items: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
}

// use calls f with a workspace.
func (s *Server) use(ctx context.Context, name string, f func(*runtime.Workspace) error) error {
	w, leave, err := s.o.Host.Use(ctx, name)
	if err != nil {
		return err
	}
	defer leave()
	return f(w)
}

// mostWriters bounds what is kept of policies that may not be in use any more.
const mostWriters = 64

// writer writes the decisions of a policy in a language; "": texts as they were written.
func (s *Server) writer(p *policy.Policy, lang string) (*decision.Writer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := shown{p, lang}
	if w := s.writers[key]; w != nil {
		return w, nil
	}
	zone, err := calendar.Zone(p.Settings.Timezone)
	if err != nil {
		return nil, err
	}
	if len(s.writers) >= mostWriters {
		clear(s.writers)
	}
	w := decision.NewWriter(p, decision.Options{Zone: zone, Lang: lang})
	s.writers[key] = w
	return w, nil
}
