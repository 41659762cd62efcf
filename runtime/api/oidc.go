package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/access/provider"
)

// Paths of coming in through an identity provider. The second is told to the provider.
const (
	providerLogin    = "/v1/-/oidc/login"
	ProviderCallback = "/v1/-/oidc/callback"
)

func (s *Server) provider() {
	if s.o.Provider == nil {
		return
	}
	add(s, route{verb: anyone, method: http.MethodGet, path: providerLogin, id: "oidc-login",
		sum: "Come in through the identity provider"}, s.sendAway)
	add(s, route{verb: anyone, method: http.MethodGet, path: ProviderCallback, id: "oidc-callback",
		sum: "Come back from the identity provider",
		more: "Lets in whose account has the address that the provider has verified. From then on " +
			"it is the provider's own name for them that counts."}, s.comeBack)
}

// sent sends a browser on, and gives it cookies.
type sent struct {
	Status    int
	Location  string   `header:"Location"`
	SetCookie []string `header:"Set-Cookie"`
}

// onTheWay is how long somebody may be away at the provider.
const onTheWay = 10 * time.Minute

// keeping is the cookie that holds what a browser keeps while somebody is away.
func (s *Server) keeping(keep string) string {
	c := &http.Cookie{Name: s.cookie() + "-way", Value: keep, Path: "/", HttpOnly: true,
		Secure: s.o.Secure, SameSite: http.SameSiteLaxMode, MaxAge: int(onTheWay.Seconds())}
	if keep == "" {
		c.MaxAge = -1
	}
	return c.String()
}

func (s *Server) sendAway(ctx context.Context, _ *struct{}) (*sent, error) {
	address, keep, err := s.o.Provider.Begin(ctx)
	if err != nil {
		return nil, s.unreached(err)
	}
	return &sent{http.StatusFound, address, []string{s.keeping(keep)}}, nil
}

type comeBackIn struct {
	State string `query:"state" maxLength:"500"`
	Code  string `query:"code" maxLength:"4000"`
	Error string `query:"error" maxLength:"500" doc:"Why the provider sends nobody"`
}

func (s *Server) comeBack(ctx context.Context, i *comeBackIn) (*sent, error) {
	r, _ := humago.Unwrap(callerOf(ctx).http)
	keep := ""
	if c, err := r.Cookie(s.cookie() + "-way"); err == nil {
		keep = c.Value
	}
	k, err := s.o.Provider.Finish(ctx, provider.Back{Keep: keep, State: i.State, Code: i.Code})
	switch {
	case errors.Is(err, provider.ErrRefused):
		s.o.Log.Info("identity provider", "err", err, "said", i.Error)
		return nil, access.ErrLogin
	case err != nil:
		return nil, s.unreached(err)
	}
	token, _, err := s.o.Access.Admit(ctx, k.Subject, k.Email)
	if errors.Is(err, access.ErrNobody) {
		return nil, s.problem("no-account", "", "")
	}
	if err != nil {
		return nil, err
	}
	return &sent{http.StatusSeeOther, s.o.Home, []string{s.session(token), s.keeping("")}}, nil
}

// unreached is a provider that does not answer as it should.
func (s *Server) unreached(err error) error {
	s.o.Log.Error("identity provider", "err", err)
	p := s.problem("provider", "", "")
	p.after = 10 * time.Second
	return p
}
