// Package door is the way out to addresses that people of a workspace have set: not into the
// networks that this machine is part of, unless the operator says so.
package door

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// A Door lets connections out.
type Door struct {
	own    []netip.Prefix
	dialer *net.Dialer
	client *http.Client
}

// Via makes a door whose requests go through something of the embedder's own, a company's proxy for
// one. It is that which has to look where they lead.
func (d *Door) Via(t http.RoundTripper) *Door {
	out, client := *d, *d.client
	client.Transport = t
	out.client = &client
	return &out
}

// Within is how long an attempt may take.
const Within = 15 * time.Second

// New makes a door. Own are networks of one's own that may be gone to.
func New(own []netip.Prefix) *Door {
	d := &Door{own: own}
	// Names are looked at when they have become addresses, at every dialling anew: what a name
	// leads to may change between a look and the connection.
	d.dialer = &net.Dialer{Timeout: Within / 2,
		Control: func(_, address string, _ syscall.RawConn) error { return d.check(address) }}
	d.client = &http.Client{
		Timeout: Within,
		// A redirect is an answer: secrets go where they were sent and nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{ // without a proxy, which would dial for us
			DialContext:         d.dialer.DialContext,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: Within / 2, ResponseHeaderTimeout: Within,
			MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute,
			MaxResponseHeaderBytes: 16 << 10, DisableCompression: true,
		},
	}
	return d
}

// ErrInside says that an address is one of a network that is not open to everybody.
var ErrInside = errors.New("it is in a network of its own")

func (d *Door) check(address string) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !d.Open(to.Addr()) {
		return fmt.Errorf("dial %s: %w", to.Addr(), ErrInside)
	}
	return nil
}

// inside are networks that nobody outside reaches, or through which one gets into them.
var inside = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
	"::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
	"2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
	"ff00::/8",
)

func prefixes(texts ...string) (out []netip.Prefix) {
	for _, t := range texts {
		out = append(out, netip.MustParsePrefix(t))
	}
	return out
}

// Open reports whether an address may be gone to.
func (d *Door) Open(a netip.Addr) bool {
	a = a.Unmap()
	if d.Own(a) {
		return true
	}
	a = a.WithZone("")
	for _, p := range inside {
		if p.Contains(a) {
			return false
		}
	}
	return a.IsGlobalUnicast()
}

// Own reports whether an address is in a network of one's own.
func (d *Door) Own(a netip.Addr) bool {
	for _, p := range d.own {
		if p.Contains(a.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}

// OwnHost is Own for a host as it stands in an address on the web: a name is not looked up, and is
// none of ours.
func (d *Door) OwnHost(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && d.Own(a)
}

// Dial connects to somewhere.
func (d *Door) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return d.dialer.DialContext(ctx, network, address)
}

// An Answer is what the other side said, as far as anybody wants to know.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// mostAnswer is how much of an answer is read.
const mostAnswer = 64 << 10

// Do asks, and reads the answer's beginning.
func (d *Door) Do(r *http.Request) (*Answer, error) {
	answer, err := d.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close() // read as far as it counts
	b, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	if err != nil {
		return nil, err
	}
	return &Answer{answer.StatusCode, answer.Header, b}, nil
}

// Close lets go of what is connected and not in use.
func (d *Door) Close() { d.client.CloseIdleConnections() }
