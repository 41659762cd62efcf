package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Stream submits records as they come and yields the decision on each, in order. A stream that
// broke has answered what is durable; what it did not answer is submitted again by whoever has it.
func (s *Space) Stream(ctx context.Context, records iter.Seq[Record]) iter.Seq2[*Decision, error] {
	return func(yield func(*Decision, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		from, to := io.Pipe()
		go func() {
			out := json.NewEncoder(to)
			var err error
			for r := range records {
				named(r)
				if err = out.Encode(r); err != nil {
					break
				}
			}
			_ = to.CloseWithError(err) // always nil
		}()
		defer from.Close() // whoever still writes is told
		r, err := s.client.request(ctx, http.MethodPost, "/v1/"+url.PathEscape(s.name)+"/records", from)
		if err != nil {
			yield(nil, err)
			return
		}
		r.Header.Set("Content-Type", "application/x-ndjson")
		answer, err := s.client.http().Do(r)
		if err != nil {
			yield(nil, err)
			return
		}
		if answer.StatusCode/100 != 2 {
			yield(nil, problemIn(answer))
			return
		}
		defer answer.Body.Close() // read to its end, or of no use
		decisions(answer.Body, yield)
	}
}

// decisions reads a decision a line, and the problem that ends them.
func decisions(from io.Reader, yield func(*Decision, error) bool) {
	in := json.NewDecoder(from)
	for {
		var x struct {
			Decision
			Problem *Problem `json:"problem"`
		}
		err := in.Decode(&x)
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			yield(nil, err)
			return
		case x.Problem != nil:
			yield(nil, x.Problem)
			return
		}
		if d := x.Decision; !yield(&d, nil) {
			return
		}
	}
}

// Feed yields the decisions after an entry and then those that are made, until ctx ends. Where the
// connection breaks it is made again, and nothing is missed or told twice.
func (s *Space) Feed(ctx context.Context, after uint64) iter.Seq2[*Decision, error] {
	return func(yield func(*Decision, error) bool) {
		for n := 1; ctx.Err() == nil; n++ {
			before := after
			err := s.listen(ctx, &after, yield)
			var p *Problem
			switch {
			case errors.Is(err, errEnough), ctx.Err() != nil:
				return
			case errors.As(err, &p) && p.Status/100 == 4 && p.Status != http.StatusTooManyRequests:
				yield(nil, err)
				return
			}
			if after != before {
				n = 1
			}
			if sleep(ctx, backoff(n)) != nil {
				return
			}
		}
	}
}

// errEnough says that whoever listens wants no more.
var errEnough = errors.New("enough")

// longestEvent is how long a decision may be.
const longestEvent = 16 << 20

// listen hears one connection to its end.
func (s *Space) listen(
	ctx context.Context, after *uint64, yield func(*Decision, error) bool,
) error {
	r, err := s.client.request(ctx, http.MethodGet, "/v1/"+url.PathEscape(s.name)+"/feed?after="+
		strconv.FormatUint(*after, 10), nil)
	if err != nil {
		return err
	}
	answer, err := s.client.http().Do(r)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return problemIn(answer)
	}
	defer answer.Body.Close() // it has no end
	in := bufio.NewScanner(answer.Body)
	in.Buffer(nil, longestEvent)
	for in.Scan() {
		text, ok := bytes.CutPrefix(in.Bytes(), []byte("data:"))
		if !ok {
			continue
		}
		d := new(Decision)
		if err := json.Unmarshal(text, d); err != nil {
			return err
		}
		if uint64(d.Seq) <= *after {
			continue
		}
		if !yield(d, nil) {
			return errEnough
		}
		*after = uint64(d.Seq)
	}
	return in.Err()
}

// Upload is a file that is sent.
type Upload struct {
	Name string
	Data []byte
}

// SendFiles sends files that records will name, 10 at most. Sending the same again is safe.
func (s *Space) SendFiles(ctx context.Context, files ...Upload) (*StoredFiles, error) {
	out := new(StoredFiles)
	return out, s.form(ctx, "/v1/"+url.PathEscape(s.name)+"/files", files, out)
}

// SendTable sends a table and tries it; StartImport takes its rows in.
func (s *Space) SendTable(ctx context.Context, table Upload, query url.Values) (*Import, error) {
	out := new(Import)
	path := "/v1/" + url.PathEscape(s.name) + "/imports"
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return out, s.form(ctx, path, []Upload{table}, out)
}

func (s *Space) form(ctx context.Context, path string, files []Upload, out any) error {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for _, f := range files {
		part, err := form.CreateFormFile("file", f.Name)
		if err == nil {
			_, err = part.Write(f.Data)
		}
		if err != nil {
			return err
		}
	}
	if err := form.Close(); err != nil {
		return err
	}
	answer, err := s.client.send(ctx,
		&parcel{http.MethodPost, path, form.FormDataContentType(), b.Bytes()})
	if err != nil {
		return err
	}
	defer answer.Body.Close() // read to its end, or of no use
	return json.NewDecoder(answer.Body).Decode(out)
}

// File opens the bytes of a file that is kept.
func (s *Space) File(ctx context.Context, sha256 string) (io.ReadCloser, error) {
	if strings.Trim(sha256, "0123456789abcdefABCDEF") != "" {
		return nil, fmt.Errorf("%q is no hash", sha256)
	}
	answer, err := s.client.send(ctx, &parcel{method: http.MethodGet,
		path: "/v1/" + url.PathEscape(s.name) + "/files/" + sha256})
	if err != nil {
		return nil, err
	}
	return answer.Body, nil
}
