package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/throughline/throughline/internal/live"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
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
	c := callerOf(ctx)
	r, answer := humago.Unwrap(c.http)
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer leave()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(s.ends, cancel)()
		if i.Upgrade == "" {
			hc.SetHeader("Content-Type", "text/event-stream")
			x := &events{w: answer, control: http.NewResponseController(answer),
				within: s.o.Within.Answer}
			s.follow(ctx, &following{w: w, after: after, c: c, to: x})
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
		s.follow(ctx, &following{w: w, after: after, c: c, to: socket{conn}})
		_ = conn.Close() // it may be closed already
	}}, nil
}

// following is somebody who listens to a workspace.
type following struct {
	w     *runtime.Workspace
	after uint64
	c     *caller
	to    listener

	list []*told // read, and not looked through yet
}

// follow ends when the listener is gone, too slow, or may not listen any more, or the server stops.
func (s *Server) follow(ctx context.Context, f *following) {
	for {
		// What somebody may see can change while they listen.
		view, err := s.allowed(f.c)
		if err != nil || f.to.beat() != nil {
			return
		}
		quiet, cancel := context.WithTimeout(ctx, beat)
		f.list = nil
		err = f.w.Watch(quiet, f.after, func(l *runtime.Logged) error {
			t, err := tell(l)
			if err != nil {
				return err
			}
			if t == nil { // it was erased
				t = &told{seq: l.Seq}
			}
			f.list = append(f.list, t)
			if len(f.list) < atOnce && l.Seq < f.w.Last() {
				return nil
			}
			return s.pass(quiet, f, view)
		})
		over := quiet.Err()
		cancel()
		if ctx.Err() != nil || errors.Is(err, errLeft) {
			return
		}
		if over == nil {
			s.o.Log.Warn("feed", "err", err)
			return
		}
	}
}

// pass passes on what was read, as far as it is seen.
func (s *Server) pass(ctx context.Context, f *following, v ask.View) error {
	last := f.list[len(f.list)-1].seq
	there := slices.DeleteFunc(f.list, func(t *told) bool { return t.d == nil })
	list, err := s.sift(ctx, f.w, v, there)
	f.list = nil
	if err == nil {
		err = s.lookedAt(f.c, v, list)
	}
	if err != nil {
		return err
	}
	for _, t := range list {
		line, err := s.appendTold(nil, t, f.c.lang)
		if err != nil {
			return err
		}
		if f.to.send(t.seq, line) != nil {
			return errLeft
		}
		f.after = t.seq
	}
	f.after = last
	return nil
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
