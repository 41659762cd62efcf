package api

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/ask"
)

// What a route takes that is no verb.
const (
	anyone   access.Verb = "anyone"   // who is not known
	somebody access.Verb = "somebody" // who is known, whatever they may do
)

// caller is who asks, and how.
type caller struct {
	who       *access.Who // nil: not known, where the route lets anyone in
	verb      access.Verb // by which they were let in
	workspace string
	lang      string       // asked for; "": none
	route     string       // the path of what they ask, with its wildcards
	http      huma.Context // nil: a page asks
}

type callerKey struct{}

func callerOf(ctx context.Context) *caller { return ctx.Value(callerKey{}).(*caller) }

// view is how much they see of the workspace that they ask about.
func (c *caller) view() ask.View { return c.who.View(c.verb, c.workspace) }

// enter lets nobody in who may not do what they ask. Whoever does not open a workspace learns
// nothing about it, not even whether it is there.
func (s *Server) enter(ctx huma.Context, next func(huma.Context)) {
	c := &caller{lang: language(ctx.Header("Accept-Language")), workspace: ctx.Param("workspace"),
		route: ctx.Operation().Path}
	meta := ctx.Operation().Metadata
	verb, _ := meta[verbOf].(access.Verb)
	or, _ := meta[orVerb].(access.Verb)
	defer s.counted(ctx, c, time.Now())
	if p := s.admit(ctx, c, verb, or); p != nil {
		s.refuse(ctx, p)
		return
	}
	ctx = huma.WithValue(ctx, callerKey{}, c)
	c.http = ctx
	next(ctx)
}

// admit finds out who asks and by what right; a problem: they may not.
func (s *Server) admit(ctx huma.Context, c *caller, verb, or access.Verb) *Problem {
	r, _ := humago.Unwrap(ctx)
	who, err := s.known(r)
	foreign := r.Header.Get("Authorization") == "" && s.csrf.Check(r) != nil
	switch {
	case foreign: // a browser brings cookies along whichever page asks it to
		return s.problem("foreign-page", "", "")
	case verb == anyone:
	case errors.Is(err, access.ErrUnknown), errors.Is(err, access.ErrSession):
		return s.problem("no-key", "", "")
	case err != nil:
		return s.problem("expired-key", err.Error(), "")
	case verb == somebody:
	case verb != "" && who.May(verb, c.workspace):
	case or != "" && who.May(or, c.workspace):
		verb = or
	default:
		return s.problem("not-allowed", "it takes "+string(verb), "需要 "+string(verb))
	}
	c.who, c.verb = who, verb
	if all, _ := ctx.Operation().Metadata[ofAll].(bool); all && !c.view().All {
		return s.notAll()
	}
	return nil
}

func (s *Server) notAll() *Problem {
	return s.problem("not-allowed", "it takes somebody who sees all records", "需要能看到全部记录的人")
}

// known is who asks: the bearer of a key, or somebody who has come in.
func (s *Server) known(r *http.Request) (*access.Who, error) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return s.o.Access.Bears(token)
	}
	if r.Header.Get("Authorization") != "" {
		return nil, access.ErrUnknown
	}
	cookie, err := r.Cookie(s.cookie())
	if err != nil {
		return nil, access.ErrUnknown
	}
	return s.o.Access.Came(cookie.Value)
}

// cookie is what the session's token is called. Over TLS its name binds it to this very server.
func (s *Server) cookie() string {
	if s.o.Secure {
		return "__Host-thru"
	}
	return "thru"
}

// session is the header that gives a browser a token, or takes it away.
func (s *Server) session(token string) string {
	c := &http.Cookie{Name: s.cookie(), Value: token, Path: "/", HttpOnly: true, Secure: s.o.Secure,
		SameSite: http.SameSiteLaxMode}
	if token == "" {
		c.MaxAge = -1
	}
	return c.String()
}

// address is where a request comes from, as far as tries are counted: a network of one household,
// where addresses are given out by the network.
func (s *Server) address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if s.o.Proxied { // what is in front says it last
		if all := r.Header.Values("X-Forwarded-For"); len(all) > 0 {
			list := strings.Split(all[len(all)-1], ",")
			host = strings.TrimSpace(list[len(list)-1])
		}
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	if ip = ip.Unmap(); ip.Is6() {
		if network, err := ip.WithZone("").Prefix(64); err == nil {
			return network.String()
		}
	}
	return ip.String()
}

// refuse answers with a problem.
func (s *Server) refuse(ctx huma.Context, p *Problem) {
	for name, values := range p.headers() {
		ctx.SetHeader(name, values[0])
	}
	ctx.SetHeader("Content-Type", problemType)
	ctx.SetStatus(p.Status)
	p = p.in(language(ctx.Header("Accept-Language")))
	if err := s.api.Marshal(ctx.BodyWriter(), "application/json", p); err != nil {
		s.o.Log.Debug("answer", "err", err) // who asked is gone
	}
}
