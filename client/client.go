// Package client asks a Throughline server. It needs nothing else of this module.
//
// A key is shown with every request. What cannot be taken at the moment is tried again after as
// long as the server asks for; a record is given an id before it is first sent, so that trying
// again never makes two of it.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client asks one server. Its methods may be called from any goroutine.
type Client struct {
	Base string // as https://rules.example.com
	Key  string // thru_…
	Lang string // of what people read: en or zh; "": English

	HTTP *http.Client // nil: http.DefaultClient
	Try  int          // how often a request is tried; 0: 8
}

// In asks about one workspace.
func (c *Client) In(workspace string) *Space { return &Space{c, workspace} }

// Space is a workspace of a server.
type Space struct {
	client *Client
	name   string
}

// Error is the problem in the language asked for.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return p.Code + ": " + p.Title
	}
	return p.Code + ": " + p.Title + ": " + p.Detail
}

// request is a question in JSON.
type request struct {
	method, path string
	query        url.Values
	in, out      any
}

func (c *Client) do(ctx context.Context, r request) error {
	var text []byte
	typ := ""
	if r.in != nil {
		var err error
		if text, err = json.Marshal(r.in); err != nil {
			return err
		}
		typ = "application/json"
	}
	path := r.path
	if len(r.query) > 0 {
		path += "?" + r.query.Encode()
	}
	answer, err := c.send(ctx, &parcel{r.method, path, typ, text})
	if err != nil {
		return err
	}
	defer answer.Body.Close() // read to its end, or of no use
	if r.out == nil {
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(r.out)
}

// parcel is a request that can be sent again.
type parcel struct {
	method, path, typ string
	body              []byte
}

// send sends a request until it is answered with something else than that it has to wait. Requests
// that change something are sent again only where that is what the server asks for, or where the
// connection was not made.
func (c *Client) send(ctx context.Context, p *parcel) (*http.Response, error) {
	most := c.Try
	if most == 0 {
		most = 8
	}
	for n := 1; ; n++ {
		r, err := c.request(ctx, p.method, p.path, bytes.NewReader(p.body))
		if err != nil {
			return nil, err
		}
		if p.typ != "" {
			r.Header.Set("Content-Type", p.typ)
		}
		answer, err := c.http().Do(r)
		var wait time.Duration
		switch {
		case err != nil:
			if n == most || ctx.Err() != nil || p.method != http.MethodGet {
				return nil, err
			}
			wait = backoff(n)
		case answer.StatusCode/100 == 2:
			return answer, nil
		default:
			problem := problemIn(answer)
			if wait = after(answer, n); wait < 0 || n == most {
				return nil, problem
			}
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

func (c *Client) request(
	ctx context.Context, method, path string, body io.Reader,
) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.Base, "/")+path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+c.Key)
	if c.Lang != "" {
		r.Header.Set("Accept-Language", c.Lang)
	}
	return r, nil
}

func (c *Client) http() *http.Client {
	if c.HTTP != nil {
		return c.HTTP
	}
	return http.DefaultClient
}

// after is how long the server asks to wait; below 0: it does not.
func after(answer *http.Response, n int) time.Duration {
	if answer.StatusCode != http.StatusTooManyRequests &&
		answer.StatusCode != http.StatusServiceUnavailable {
		return -1
	}
	seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return -1
	}
	return max(time.Duration(seconds)*time.Second, backoff(n)) + jitter()
}

// backoff doubles with every try, up to half a minute.
func backoff(n int) time.Duration { return min(50*time.Millisecond<<min(n, 12), 30*time.Second) }

func jitter() time.Duration {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(100*time.Millisecond)))
	if err != nil {
		return 0
	}
	return time.Duration(n.Int64())
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// mostOfProblem is how many bytes of what went wrong are read.
const mostOfProblem = 1 << 20

// problemIn is why a request was not done.
func problemIn(answer *http.Response) error {
	defer answer.Body.Close() // of no more use
	b, err := io.ReadAll(io.LimitReader(answer.Body, mostOfProblem))
	p := new(Problem)
	if err != nil || json.Unmarshal(b, p) != nil || p.Code == "" {
		return fmt.Errorf("%s: %s: %.200s", answer.Request.URL, answer.Status, b)
	}
	return p
}

// NewID is an id that nobody else makes.
func NewID() string {
	var b [15]byte
	_, _ = rand.Read(b[:]) // it never fails
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}

// Record is a record: its type, id and fields.
type Record map[string]any

var errDecisions = errors.New("the server answered another number of decisions")

// Submit submits records, 1000 at most, and returns the decisions on them in order, once they are
// durable. Events without an id are given one first, so that trying again makes none of them twice.
func (s *Space) Submit(ctx context.Context, records ...Record) ([]Decision, error) {
	for _, r := range records {
		named(r)
	}
	var out []Decision
	err := s.client.do(ctx, request{http.MethodPost, "/v1/" + url.PathEscape(s.name) + "/records", nil,
		records, &out})
	if err == nil && len(out) != len(records) {
		err = errDecisions
	}
	return out, err
}

// named gives a record an id that has none.
func named(r Record) {
	if id, _ := r["id"].(string); id == "" {
		r["id"] = NewID()
	}
}

// set puts what was said into a query.
func set(q url.Values, name string, v any) {
	switch v := v.(type) {
	case string:
		if v != "" {
			q.Set(name, v)
		}
	case int64:
		if v != 0 {
			q.Set(name, strconv.FormatInt(v, 10))
		}
	case bool:
		if v {
			q.Set(name, "true")
		}
	case float64:
		if v != 0 {
			q.Set(name, strconv.FormatFloat(v, 'f', -1, 64))
		}
	case time.Time:
		if !v.IsZero() {
			q.Set(name, v.Format(time.RFC3339Nano))
		}
	case []string:
		q[name] = v
	}
}
