package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/throughline/throughline/internal/live"
	"github.com/throughline/throughline/runtime"
)

func (s *Server) feeds() {
	add(s, route{verb: "read", method: http.MethodGet, path: "/v1/{workspace}/feed",
		id: "feed", sum: "Decisions as they are made",
		more: "A websocket where the request asks for one: a decision a message. Else server-sent " +
			"events: a decision an event, with its seq as `id`. Both begin after `after`, or after the " +
			"Last-Event-ID that a browser sends by itself when it comes back, so that nothing is " +
			"missed; without either they begin with what comes next. Who listens too slowly is let go."},
		s.feed)
}

type feedIn struct {
	InWorkspace
	After   string `query:"after" pattern:"^[0-9]{1,19}$" doc:"The entry after which to begin"`
	LastID  string `header:"Last-Event-ID" pattern:"^[0-9]{1,19}$"`
	Upgrade string `header:"Upgrade" doc:"websocket, or none"`
}

// beat is how long nothing is said before the other side is asked whether it is there.
const beat = 15 * time.Second

// listener is where a feed goes.
type listener interface {
	send(seq uint64, decision []byte) error
	beat() error // also makes sure that what was sent is on its way
}

func (s *Server) feed(ctx context.Context, i *feedIn) (*huma.StreamResponse, error) {
	w, leave, err := s.o.Host.Use(ctx, i.Workspace)
	if err != nil {
		return nil, err
	}
	after := w.Last()
	for _, text := range []string{i.After, i.LastID} { // what came back knows better
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			after = n
		}
	}
	lang := callerOf(ctx).lang
	r, answer := humago.Unwrap(callerOf(ctx).http)
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer leave()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(s.ends, cancel)()
		if i.Upgrade == "" {
			hc.SetHeader("Content-Type", "text/event-stream")
			x := &events{w: answer, control: http.NewResponseController(answer),
				within: s.o.Within.Answer}
			s.follow(ctx, &following{w, after, lang, x})
			return
		}
		conn, err := live.Accept(answer, r)
		if err != nil {
			return // it was answered
		}
		go func() {
			select {
			case <-conn.Gone():
				cancel()
			case <-ctx.Done():
			}
		}()
		s.follow(ctx, &following{w, after, lang, socket{conn}})
		_ = conn.Close() // it may be closed already
	}}, nil
}

// following is somebody who listens to a workspace.
type following struct {
	w     *runtime.Workspace
	after uint64
	lang  string
	to    listener
}

// follow ends when the listener is gone or too slow, or the server stops.
func (s *Server) follow(ctx context.Context, f *following) {
	for {
		if f.to.beat() != nil {
			return
		}
		quiet, cancel := context.WithTimeout(ctx, beat)
		err := f.w.Watch(quiet, f.after, func(l *runtime.Logged) error {
			line, err := s.oneDecision(nil, l, f.lang)
			var gone *runtime.ErasedError
			if errors.As(err, &gone) {
				f.after = l.Seq
				return nil
			}
			if err != nil {
				return err
			}
			if err := f.to.send(l.Seq, line); err != nil {
				return errLeft
			}
			f.after = l.Seq
			return nil
		})
		cancel()
		if ctx.Err() != nil || errors.Is(err, errLeft) {
			return
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			s.o.Log.Warn("feed", "err", err)
			return
		}
	}
}

// errLeft ends a feed to which nobody listens any more.
var errLeft = errors.New("the listener left")

// socket is a websocket.
type socket struct{ *live.Conn }

func (x socket) send(_ uint64, decision []byte) error { return x.Send(decision) }

func (x socket) beat() error { return x.Ping() }

// events are server-sent events.
type events struct {
	w       http.ResponseWriter
	control *http.ResponseController
	within  time.Duration // for the listener to take one
	buf     []byte
}

func (x *events) send(seq uint64, decision []byte) error {
	x.buf = strconv.AppendUint(append(x.buf[:0], "id: "...), seq, 10)
	x.buf = append(append(append(x.buf, "\ndata: "...), decision...), "\n\n"...)
	return x.write(x.buf)
}

// beat is a comment, which listeners pass over.
func (x *events) beat() error { return x.write([]byte(":\n\n")) }

func (x *events) write(b []byte) error {
	if err := x.control.SetWriteDeadline(time.Now().Add(x.within)); err != nil {
		return err
	}
	if _, err := x.w.Write(b); err != nil {
		return err
	}
	return x.control.Flush()
}
