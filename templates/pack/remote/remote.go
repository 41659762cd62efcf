// Package remote is where packages come from and go to over a network: an index of plain files on
// any web server, and any OCI registry.
//
// Both are used with suspicion. What comes is never larger than a package can be, takes no longer
// than a minute, and is compared with the hash that was told before anybody sees it. A server that
// is out of order for a moment is asked again; credentials are those of docker's files and helpers
// and go to the host alone for which they are kept.
package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
	"oras.land/oras-go/v2/registry/remote/retry"

	"github.com/throughline/throughline/templates/pack"
)

// What can be wrong with a place.
var (
	ErrLocation = errors.New("not a place for packages")
	ErrPlain    = errors.New("not encrypted")
	ErrLogin    = errors.New("credentials are needed")
	ErrServer   = errors.New("the server does not answer as it should")
)

// Options say how places are reached. The zero value is right for most.
type Options struct {
	PlainHTTP bool            // http to other machines too, for registries as well
	Cache     string          // a folder for lists of versions, to be sent once only; "": none
	Sent      func(bytes int) // told while a package is sent; nil: nobody is
	Base      *http.Transport // nil: the usual one
	Patience  time.Duration   // for one answer with all retries; 0: a minute
	Pause     time.Duration   // before the first retry; 0: a quarter of a second
}

// A Place is where packages come from and go to.
type Place interface {
	pack.Source
	// Publish adds a package; a version that is there with other bytes is an error.
	Publish(ctx context.Context, p *pack.Package) (pack.Outcome, error)
}

// Is reports whether a location is one of a network, not of a disk.
func Is(location string) bool {
	scheme, _, ok := strings.Cut(location, "://")
	return ok && !strings.ContainsAny(scheme, `/\.`)
}

// Open is the place at a location: https://HOST/PATH, http:// on this machine, or oci://HOST/PATH.
// Nobody is asked yet.
func Open(location string, o Options) (Place, error) {
	u, err := url.Parse(location)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%w: %q is not like https://host/path or oci://host/path",
			ErrLocation, location)
	}
	switch {
	case u.User != nil:
		return nil, fmt.Errorf("%w: %s has a password in it; keep it with: docker login %s",
			ErrLocation, u.Redacted(), u.Host)
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%w: %q has more than a path", ErrLocation, location)
	}
	c := &client{Options: o, host: u.Host}
	u.Path = strings.Trim(u.Path, "/")
	switch u.Scheme {
	case "https":
		return &web{client: c, base: u}, nil
	case "http":
		if !o.PlainHTTP && !loopback(u.Hostname()) {
			return nil, fmt.Errorf("%w: %s; use https, or --plain-http where nobody listens",
				ErrPlain, location)
		}
		return &web{client: c, base: u}, nil
	case "oci":
		return &registry{client: c, base: strings.TrimSuffix(u.Host+"/"+u.Path, "/")}, nil
	}
	return nil, fmt.Errorf("%w: %s:// is neither https:// nor oci://", ErrLocation, u.Scheme)
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// client is what both kinds of places ask with.
type client struct {
	Options
	host string
	made *auth.Client
}

const (
	patience  = time.Minute
	pause     = 250 * time.Millisecond
	attempts  = 4 // besides the first
	redirects = 5
)

// within bounds how long one answer may take, however slowly its bytes come.
func (c *client) within(ctx context.Context) (context.Context, context.CancelFunc) {
	d := c.Patience
	if d == 0 {
		d = patience
	}
	return context.WithTimeout(ctx, d)
}

// asking makes the client when it is first needed: reading credentials may start a helper.
func (c *client) asking() *auth.Client {
	if c.made != nil {
		return c.made
	}
	base := c.Base
	if base == nil {
		base = http.DefaultTransport.(*http.Transport).Clone()
		base.ResponseHeaderTimeout = 20 * time.Second
		base.MaxResponseHeaderBytes = 1 << 20
	}
	wait := c.Pause
	if wait == 0 {
		wait = pause
	}
	policy := &retry.GenericPolicy{Retryable: retry.DefaultPredicate,
		Backoff: retry.ExponentialBackoff(wait, 2, 0.1), MaxWait: 5 * time.Second, MaxRetry: attempts}
	again := retry.NewTransport(&counting{base, c.Sent})
	again.Policy = func() retry.Policy { return policy }
	c.made = &auth.Client{
		Client: &http.Client{Transport: again, CheckRedirect: follow},
		Header: http.Header{"User-Agent": {"thru"}},
		Cache:  auth.NewCache(),
	}
	store, err := credentials.NewStoreFromDocker(credentials.StoreOptions{})
	if err == nil {
		c.made.Credential = credentials.Credential(store)
	} else {
		c.made.Credential = func(context.Context, string) (auth.Credential, error) {
			return auth.EmptyCredential, fmt.Errorf("read credentials: %w", err)
		}
	}
	return c.made
}

// follow goes after redirects, but not from an encrypted place to one that is not.
func follow(r *http.Request, via []*http.Request) error {
	if len(via) >= redirects {
		return fmt.Errorf("%w: more than %d redirects", ErrServer, redirects)
	}
	if via[0].URL.Scheme == "https" && r.URL.Scheme != "https" {
		return fmt.Errorf("%w: it leads to %s://%s", ErrPlain, r.URL.Scheme, r.URL.Host)
	}
	return nil
}

// told is an error of this place with what a person can do about it.
func (c *client) told(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, auth.ErrBasicCredentialNotFound):
		return c.login()
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: %w: it takes too long", c.host, ErrServer)
	}
	var e *url.Error
	if errors.As(err, &e) {
		if errors.Is(err, http.ErrSchemeMismatch) {
			return fmt.Errorf("%s: %w; ask it so with --plain-http", c.host, ErrPlain)
		}
		err = e.Err // the host says enough, and an address may be long
	}
	if strings.HasPrefix(err.Error(), c.host+": ") {
		return err
	}
	return fmt.Errorf("%s: %w", c.host, err)
}

func (c *client) login() error {
	return fmt.Errorf("%s: %w; log in with: docker login %s", c.host, ErrLogin, c.host)
}
