package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// serverAt is a server that is asked over HTTP.
type serverAt struct{ base, key, lang string }

// serverOf is the server at an address, with a key that a file holds.
func serverOf(base, keyFile string) (*serverAt, error) {
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, err
	}
	return &serverAt{base: strings.TrimSuffix(base, "/"), key: strings.TrimSpace(string(key))}, nil
}

// get reads an answer as it comes.
func (s *serverAt) get(ctx context.Context, path string, read func(io.Reader) error) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+path, nil)
	if err != nil {
		return err
	}
	return s.do(r, read)
}

// inquiry is a question to a server: JSON that is sent and JSON that is read; nil: there is none.
type inquiry struct {
	method, path string
	in, out      any
}

func (s *serverAt) ask(ctx context.Context, x inquiry) error {
	var body io.Reader
	if x.in != nil {
		b, err := json.Marshal(x.in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, x.method, s.base+x.path, body)
	if err != nil {
		return err
	}
	return s.do(r, func(r io.Reader) error {
		if x.out == nil {
			return nil
		}
		return json.NewDecoder(r).Decode(x.out)
	})
}

// parcel is a body that is no JSON.
type parcel struct {
	path, typ string
	body      io.Reader
}

func (s *serverAt) send(ctx context.Context, x *parcel, out any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+x.path, x.body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", x.typ)
	return s.do(r, func(r io.Reader) error { return json.NewDecoder(r).Decode(out) })
}

func (s *serverAt) do(r *http.Request, read func(io.Reader) error) error {
	r.Header.Set("Authorization", "Bearer "+s.key)
	if s.lang != "" {
		r.Header.Set("Accept-Language", s.lang)
	}
	if r.Body != nil && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close() // read to its end, or of no use
	if answer.StatusCode/100 != 2 {
		return problemIn(answer)
	}
	return read(answer.Body)
}

// problemIn is what a server says is wrong.
func problemIn(answer *http.Response) error {
	at := answer.Request.URL
	b, _ := io.ReadAll(io.LimitReader(answer.Body, 16<<10)) // only to tell
	var p struct {
		Code, Title, Detail string
		Errors              []struct{ Message, Location string }
	}
	if json.Unmarshal(b, &p) != nil || p.Title == "" {
		return fmt.Errorf("%s: %s: %s", at, answer.Status, b)
	}
	text := p.Title
	if p.Detail != "" {
		text += ": " + p.Detail
	}
	for _, e := range p.Errors {
		text += "\n  " + e.Location + ": " + e.Message
	}
	return &refusal{p.Code, fmt.Sprintf("%s: %s: %s", at, answer.Status, text)}
}

// refusal is a problem that a server tells, with its code.
type refusal struct{ code, text string }

func (r *refusal) Error() string { return r.text }

// distant is what the flags say of which server is meant.
type distant struct{ server, key string }

func (a *app) remoteFlags(c *cobra.Command, o *distant) {
	f := c.PersistentFlags()
	f.StringVar(&o.server, "server", "", a.say("address of a running server", "运行中服务器的地址"))
	f.StringVar(&o.key, "key", "", a.say("file with a key of the server that may `admin`",
		"存有服务器密钥（须有 admin 权限）的文件"))
	_ = c.RegisterFlagCompletionFunc("server", cobra.NoFileCompletions) // the flag is there
}

// reach is the server that is meant.
func (a *app) reach(o *distant) (*serverAt, error) {
	if o.server == "" || o.key == "" {
		return nil, usageError{errors.New(a.say("name the server, --server URL, and the key, --key FILE",
			"请给出服务器 --server URL 和密钥文件 --key FILE"))}
	}
	s, err := serverOf(o.server, o.key)
	if err == nil {
		s.lang = a.lang.String()
	}
	return s, err
}
