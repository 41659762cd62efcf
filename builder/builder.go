// Package builder is the pages of a server: where people author policies, steer by them and work
// under them. It stands on what the API stands on; what a page does, the same checks stand before.
//
// A page of a workspace is a Screen: see screens.go for the list of them and docs/builder.md for
// how to add one.
package builder

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/host"
)

// Options are what pages work with.
type Options struct {
	API    *api.Server
	Host   *host.Host
	Access *access.Access
	Drafts string       // folder that keeps what authors are changing
	Log    *slog.Logger // nil: nothing is logged

	Guests []Guest // of a sample server, which only its own machine reaches

	// Patience is how long a page waits in all for what takes a pass over the log; 0: a second.
	// After that it comes without, says so, and comes again by itself when it is there.
	Patience time.Duration
}

// Builder answers requests for pages. It is an http.Handler; what it has no page for that begins
// with /v1 it hands to the API.
type Builder struct {
	o        Options
	doors    api.Pages
	mux      *http.ServeMux
	assets   *assets
	screens  []Screen
	desks    desks
	heats    heats
	series   coachings
	works    works
	labs     labs
	follows  follows
	evidence evidences
	pings    time.Duration // how often a page is told that the server is there
}

// New makes the pages of a server.
func New(o Options) *Builder {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Patience == 0 {
		o.Patience = time.Second
	}
	b := &Builder{o: o, doors: o.API.Pages(), mux: http.NewServeMux(), assets: readAssets(),
		screens: screens(), pings: pingEvery}
	for _, path := range []string{"/v1/", "/openapi.json", "/openapi.yaml", "/openapi-3.0.json",
		"/openapi-3.0.yaml", "/healthz", "/readyz"} {
		b.mux.Handle(path, o.API)
	}
	b.mux.Handle("GET /assets/{name}", b.assets)
	b.mux.HandleFunc("GET /sw.js", b.assets.worker)
	b.page("GET /{$}", b.home)
	b.page("GET /sign-in", b.signIn)
	b.page("POST /sign-in", b.comeIn)
	b.page("GET /set-up", b.setUp)
	b.page("POST /set-up", b.becomeAdmin)
	b.page("POST /sign-in/as", b.comeInAs)
	b.page("POST /sign-out", b.signOut)
	b.page("POST /settings", b.settings)
	b.page("GET /password", b.myPassword)
	b.page("POST /password", b.changePassword)
	b.page("POST /workspaces", b.makeWorkspace)
	b.page("GET /w/{workspace}/{$}", b.enterWorkspace)
	for i := range b.screens {
		b.screen(&b.screens[i])
	}
	b.page("/", b.nowhere)
	return b
}

// ServeHTTP answers one request.
func (b *Builder) ServeHTTP(w http.ResponseWriter, r *http.Request) { b.mux.ServeHTTP(w, r) }

// use calls f with a workspace.
func (b *Builder) use(ctx context.Context, name string, f func(*runtime.Workspace) error) error {
	w, leave, err := b.o.Host.Use(ctx, name)
	if err != nil {
		return err
	}
	defer leave()
	return f(w)
}

// inForce is the policy in force in a workspace.
func (b *Builder) inForce(ctx context.Context, name string) (p *policy.Policy, err error) {
	err = b.use(ctx, name, func(w *runtime.Workspace) error {
		p, err = runtimePolicy(ctx, w)
		return err
	})
	return p, err
}
