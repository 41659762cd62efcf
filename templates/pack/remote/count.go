package remote

import (
	"io"
	"net/http"
)

// counting tells how much of what is sent has been.
type counting struct {
	base *http.Transport
	sent func(bytes int)
}

// RoundTrip implements http.RoundTripper.
func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody || c.sent == nil {
		return c.base.RoundTrip(r)
	}
	r = r.Clone(r.Context()) // one that is sent must not be changed
	r.Body = &counted{r.Body, c.sent}
	return c.base.RoundTrip(r)
}

type counted struct {
	io.ReadCloser
	sent func(bytes int)
}

// Read implements io.Reader.
func (c *counted) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.sent(n)
	return n, err
}
