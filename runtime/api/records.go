package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
)

// InWorkspace is what every request to a workspace names.
type InWorkspace struct {
	Workspace string `path:"workspace" doc:"Name of the workspace" example:"east"`
}

func (s *Server) records() {
	add(s, route{verb: "submit", method: http.MethodPost, path: "/v1/{workspace}/records",
		id: "submit", sum: "Submit records",
		more: "Takes one record, a list of them, or a stream with one a line, and answers each with " +
			"the decision on it once that is durable, in order. A record that is rejected is answered " +
			"as well, with its reason. Submitting a record of the same id again is safe: it is answered " +
			"as a duplicate. Where too much waits the answer is 429 with Retry-After; a stream waits.",
		raw: map[string]string{
			"application/json":     "A record, or a list of at most 1000",
			"application/x-ndjson": "A record a line; the answer is a decision a line, as they come",
		},
		answers: true,
	}, s.submit)
}

// submit takes records in whichever form.
func (s *Server) submit(ctx context.Context, i *InWorkspace) (*huma.StreamResponse, error) {
	c := callerOf(ctx)
	typ, _, _ := strings.Cut(c.http.Header("Content-Type"), ";")
	if strings.TrimSpace(typ) == "application/x-ndjson" {
		return s.stream(ctx, c, i.Workspace)
	}
	body, err := s.body(c.http)
	if err != nil {
		return nil, err
	}
	lines, one := [][]byte{body}, true
	if len(body) > 0 && body[0] == '[' {
		var list []json.RawMessage
		if err := json.Unmarshal(body, &list); err != nil {
			return nil, s.noJSON(body, err)
		}
		lines, one = make([][]byte, len(list)), false
		for n := range list {
			lines[n] = list[n]
		}
	}
	if err := s.fits(lines); err != nil {
		return nil, err
	}
	var out []byte
	err = s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		list, err := s.decide(ctx, w, c.view(), lines)
		if err != nil {
			return err
		}
		if !one {
			out = append(out, '[')
		}
		for n, t := range list {
			if n > 0 {
				out = append(out, ',')
			}
			if out, err = s.appendTold(out, t, c.lang); err != nil {
				return err
			}
		}
		if !one {
			out = append(out, ']')
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answerJSON(out), nil
}

// answerJSON is an answer that is JSON already.
func answerJSON(b []byte) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "application/json")
		ctx.SetHeader("Content-Length", strconv.Itoa(len(b)+1))
		_, _ = ctx.BodyWriter().Write(append(b, '\n')) // who asked is gone otherwise
	}}
}

// body reads a whole request without the blanks around it.
func (s *Server) body(c huma.Context) ([]byte, error) {
	body, err := s.bytes(c)
	return bytes.TrimSpace(body), err
}

// smallBody is how much memory a request gets before it has come.
const smallBody = 16 << 10

// bytes reads a whole request, as much as one may hold, in the time that one may take.
func (s *Server) bytes(c huma.Context) ([]byte, error) {
	r, w := humago.Unwrap(c)
	from := http.MaxBytesReader(w, r.Body, maxBody)
	if n := r.ContentLength; n > 0 && n <= smallBody { // of one that is large little may come
		body := make([]byte, n)
		if _, err := io.ReadFull(from, body); err == nil {
			return body, nil
		} else if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return nil, s.problem("cut-short", "", "")
		} else {
			return nil, err
		}
	}
	body, err := io.ReadAll(from)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, s.problem("cut-short", "", "")
	}
	return body, err
}

// fits refuses what is more than one request may bring.
func (s *Server) fits(lines [][]byte) error {
	if len(lines) > maxBatch {
		return s.problem("too-large", "a list holds at most 1000 records; a stream has no end",
			"一个列表最多 1000 条记录；流没有上限")
	}
	for _, line := range lines {
		if len(line) > maxRecord {
			return s.problem("too-large", "a record has at most 1 MiB", "一条记录最多 1 MiB")
		}
		if len(line) == 0 {
			return s.problem("wrong-request", "there is no record", "没有记录")
		}
	}
	return nil
}

// decide submits records for somebody and answers as much as they see. None is taken where one is
// not theirs to submit.
func (s *Server) decide(
	ctx context.Context, w *runtime.Workspace, v ask.View, lines [][]byte,
) ([]*told, error) {
	if !v.All {
		var no error
		err := s.glance(ctx, w, v, func(x *ask.Sight) {
			for n := 0; n < len(lines) && no == nil; n++ {
				no = x.MaySubmit(lines[n])
			}
		})
		if err == nil && no != nil {
			err = s.notTheirs(no)
		}
		if err != nil {
			return nil, err
		}
	}
	lines, done, err := s.filled(ctx, w, v, lines)
	if err != nil {
		return nil, err
	}
	defer done()
	answers, err := w.SubmitAll(ctx, lines)
	if err != nil {
		return nil, err
	}
	list := make([]*told, len(answers))
	for n := range answers {
		a := &answers[n]
		d, err := a.Decision()
		if err != nil {
			return nil, err
		}
		list[n] = &told{seq: a.Seq, d: d, policy: a.Policy()}
		s.gauges.Record(d.Outcome.String())
	}
	if v.Whole() {
		return list, nil
	}
	return list, s.glance(ctx, w, v, func(x *ask.Sight) {
		for _, t := range list {
			x.Mine(t.d, s.lens(t.policy, v))
		}
	})
}

func (s *Server) notTheirs(err error) error {
	var no *ask.Mistake
	if errors.As(err, &no) {
		return s.problem("not-allowed", no.In("en"), no.In("zh"))
	}
	return err
}

// stream takes records as long as they come. It reads no faster than they are written.
func (s *Server) stream(
	ctx context.Context, c *caller, workspace string,
) (*huma.StreamResponse, error) {
	w, leave, err := s.o.Host.Use(ctx, workspace)
	if err != nil {
		return nil, err
	}
	r, answer := humago.Unwrap(c.http)
	control := http.NewResponseController(answer)
	// Where the connection cannot do both at once the answers come when the request ends.
	_ = control.EnableFullDuplex()
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer leave()
		hc.SetHeader("Content-Type", "application/x-ndjson")
		x := &lineStream{s: s, w: w, lang: c.lang, c: c, control: control,
			in: bufio.NewReaderSize(r.Body, 64<<10), out: bufio.NewWriterSize(answer, 64<<10)}
		if err := x.run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			x.tell(err)
		}
	}}, nil
}

// lineStream is records coming in and decisions going out on one connection.
type lineStream struct {
	s       *Server
	w       *runtime.Workspace
	lang    string
	c       *caller
	control *http.ResponseController
	in      *bufio.Reader
	out     *bufio.Writer
	lines   [][]byte
	buf     []byte
}

// streamBatch is how many records of a stream are submitted at once, at most.
const streamBatch = 256

// run ends with the request.
func (x *lineStream) run(ctx context.Context) error {
	for {
		x.extend()
		end, err := x.gather()
		if err != nil {
			return err
		}
		if len(x.lines) > 0 {
			if err := x.decide(ctx); err != nil {
				return err
			}
		}
		if end {
			return x.flush()
		}
	}
}

// extend gives the other side time again, since it has shown that it is there.
func (x *lineStream) extend() {
	now := time.Now()
	// Where a connection has no deadlines the server's own stand.
	_ = x.control.SetReadDeadline(now.Add(x.s.o.Within.Body))
	_ = x.control.SetWriteDeadline(now.Add(x.s.o.Within.Answer))
}

// gather reads what has come, a line at least; end says that nothing will.
func (x *lineStream) gather() (end bool, err error) {
	x.lines = nil
	for len(x.lines) < streamBatch && (len(x.lines) == 0 || x.in.Buffered() > 0) {
		line, err := x.line()
		if line = bytes.TrimSpace(line); len(line) > 0 && (err == nil || errors.Is(err, io.EOF)) {
			x.lines = append(x.lines, line)
		}
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// line reads one line.
func (x *lineStream) line() (line []byte, err error) {
	for {
		part, err := x.in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxRecord+1 {
			return nil, x.s.problem("too-large", "a record has at most 1 MiB", "一条记录最多 1 MiB")
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// decide submits the lines, again where too much waits, and writes the decisions.
func (x *lineStream) decide(ctx context.Context) error {
	for {
		view, err := x.s.allowed(x.c)
		if err != nil {
			return err
		}
		list, err := x.s.decide(ctx, x.w, view, x.lines)
		var busy *runtime.BusyError
		if errors.As(err, &busy) {
			select {
			case <-time.After(busy.After):
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err != nil {
			return err
		}
		for _, t := range list {
			if x.buf, err = x.s.appendTold(x.buf[:0], t, x.lang); err != nil {
				return err
			}
			if _, err := x.out.Write(append(x.buf, '\n')); err != nil {
				return context.Canceled // who asked is gone
			}
		}
		if x.in.Buffered() > 0 {
			return nil // more is there to be answered with
		}
		return x.flush()
	}
}

func (x *lineStream) flush() error {
	if x.out.Flush() != nil || x.control.Flush() != nil {
		return context.Canceled // who asked is gone
	}
	return nil
}

// tell ends a stream with a line that says why: the status has long been sent.
func (x *lineStream) tell(err error) {
	p := x.s.problemOf(err)
	line, err := json.Marshal(struct {
		Problem *Problem `json:"problem"`
	}{p.in(x.lang)})
	if err != nil {
		return
	}
	_, _ = x.out.Write(append(line, '\n')) // the last words
	_ = x.flush()
}

// Decision is the decision on an entry of the log (reference, section 14).
type Decision struct {
	Seq    uint64    `json:"seq" doc:"Number of the entry in the log"`
	At     string    `json:"at" doc:"Its moment"`
	Record *struct { // nil: what a timer did
		Type string `json:"type"`
		ID   string `json:"id"`
	} `json:"record"`
	Cause    uint64           `json:"cause,omitempty" doc:"The entry that caused it"`
	Outcome  string           `json:"outcome,omitempty" enum:"accepted,held,rejected,duplicate,dropped"`
	Findings []map[string]any `json:"findings,omitempty"`
	Scores   map[string]any   `json:"scores,omitempty"`
	Actions  map[string]any   `json:"actions,omitempty"`
	Effects  []map[string]any `json:"effects,omitempty"`
}

// schemaOf is the schema of a form, kept once.
func schemaOf[T any](reg huma.Registry) *huma.Schema {
	return reg.Schema(typeOf[T](), true, "")
}
