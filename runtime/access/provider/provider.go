// Package provider lets people in whom an identity provider knows: OpenID Connect, by its
// authorization code flow with PKCE. It is the one place that knows which library speaks that.
package provider

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Config says which provider, and who this server is to it.
type Config struct {
	Issuer   string // as the provider calls itself
	Client   string
	Secret   string
	Redirect string // the address of this server that the provider sends people back to
}

// Provider is an identity provider. Nothing is asked of it before somebody comes.
type Provider struct {
	c      Config
	client *http.Client

	mu    sync.Mutex
	found *found
}

// found is what the provider says of itself.
type found struct {
	*oidc.Provider
	verifier *oidc.IDTokenVerifier
	flow     oauth2.Config
}

// ErrConfig says that a provider cannot be used like this.
var ErrConfig = errors.New("an identity provider is https://…, with a client")

// within is how long the provider may take to answer.
const within = 15 * time.Second

// New takes a provider. What tokens say is believed because of who is asked for them, so it is
// asked over TLS; on this machine it need not be.
func New(c Config) (*Provider, error) {
	u, err := url.Parse(c.Issuer)
	if err != nil || u.Host == "" || c.Client == "" || c.Redirect == "" ||
		u.Scheme != "https" && !(u.Scheme == "http" && own(u.Hostname())) {
		return nil, ErrConfig
	}
	return &Provider{c: c, client: &http.Client{Timeout: within}}, nil
}

func own(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// find asks the provider about itself, until it has answered once.
func (p *Provider) find(ctx context.Context) (*found, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	// Its keys are fetched later with this context: it outlives whoever comes first.
	x, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.c.Issuer)
	if err != nil {
		return nil, fmt.Errorf("identity provider: %w", err)
	}
	p.found = &found{Provider: x, verifier: x.Verifier(&oidc.Config{ClientID: p.c.Client}),
		flow: oauth2.Config{ClientID: p.c.Client, ClientSecret: p.c.Secret, Endpoint: x.Endpoint(),
			RedirectURL: p.c.Redirect, Scopes: []string{oidc.ScopeOpenID, "email"}}}
	return p.found, nil
}

// Begin says where to send somebody who wants to come in, and what their browser keeps until they
// come back.
func (p *Provider) Begin(ctx context.Context) (address, keep string, err error) {
	x, err := p.find(ctx)
	if err != nil {
		return "", "", err
	}
	state, nonce, verifier := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	address = x.flow.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))
	return address, state + "." + nonce + "." + verifier, nil
}

// ErrRefused says that somebody came back who had not been sent, or whom the provider does not
// vouch for.
var ErrRefused = errors.New("the identity provider does not vouch for this")

// Back is what somebody brings back from the provider.
type Back struct {
	Keep        string // what their browser kept
	State, Code string
}

// Known is somebody whom the provider vouches for.
type Known struct {
	Subject string // who they are there; it stays the same
	Email   string // that the provider has verified; "": none
}

// Finish finds out who came back.
func (p *Provider) Finish(ctx context.Context, b Back) (Known, error) {
	kept := strings.Split(b.Keep, ".")
	if len(kept) != 3 || b.Code == "" ||
		subtle.ConstantTimeCompare([]byte(kept[0]), []byte(b.State)) != 1 {
		return Known{}, ErrRefused
	}
	x, err := p.find(ctx)
	if err != nil {
		return Known{}, err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), within)
	defer cancel()
	token, err := x.flow.Exchange(ctx, b.Code, oauth2.VerifierOption(kept[2]))
	if err != nil {
		return Known{}, errors.Join(ErrRefused, err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := x.verifier.Verify(ctx, raw)
	if err != nil {
		return Known{}, errors.Join(ErrRefused, err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(kept[1])) != 1 || id.Subject == "" {
		return Known{}, ErrRefused
	}
	return x.known(ctx, id, token)
}

// known reads the verified address from the token, or asks for it where the token has none.
func (x *found) known(ctx context.Context, id *oidc.IDToken, t *oauth2.Token) (Known, error) {
	out := Known{Subject: id.Issuer + " " + id.Subject}
	var claims struct {
		Email    string `json:"email"`
		Verified any    `json:"email_verified"` // some write it as a text
	}
	if err := id.Claims(&claims); err != nil {
		return Known{}, errors.Join(ErrRefused, err)
	}
	if claims.Email == "" && x.UserInfoEndpoint() != "" {
		info, err := x.UserInfo(ctx, oauth2.StaticTokenSource(t))
		if err != nil {
			return Known{}, fmt.Errorf("identity provider: %w", err)
		}
		if info.Subject != id.Subject {
			return Known{}, ErrRefused
		}
		claims.Email, claims.Verified = info.Email, info.EmailVerified
	}
	if claims.Verified == true || claims.Verified == "true" {
		out.Email = claims.Email
	}
	return out, nil
}
