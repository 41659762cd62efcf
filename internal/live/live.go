// Package live sends texts over a websocket to whoever listens. It is the one place that knows
// which library speaks the protocol.
package live

import (
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Conn is a connection. One goroutine at a time sends, and one hears where the other side speaks.
type Conn struct {
	ws   *websocket.Conn
	gone chan struct{}
	over func()        // we close it
	done chan struct{} // closed then
	said chan []byte   // what the other side says; nil: it has nothing to say
}

const (
	sendWithin = 10 * time.Second // who takes a text more slowly is let go
	quietFor   = time.Minute      // who answers no ping for so long is gone
	hears      = 512              // bytes of a message that nobody asked for
)

// Accept makes a request a connection on which only we speak. Where it cannot be one, the request
// is answered with why.
func Accept(w http.ResponseWriter, r *http.Request) (*Conn, error) {
	c, err := accept(w, r, hears)
	if err == nil {
		go c.hear()
	}
	return c, err
}

// Talk is Accept for a connection on which both sides speak. A message of the other side that has
// more bytes than most ends it.
func Talk(w http.ResponseWriter, r *http.Request, most int64) (*Conn, error) {
	c, err := accept(w, r, most)
	if err == nil {
		c.said = make(chan []byte)
		go c.hear()
	}
	return c, err
}

func accept(w http.ResponseWriter, r *http.Request, most int64) (*Conn, error) {
	up := websocket.Upgrader{HandshakeTimeout: sendWithin, WriteBufferSize: 4 << 10,
		ReadBufferSize: 1 << 10}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return nil, err
	}
	c := &Conn{ws: ws, gone: make(chan struct{}), done: make(chan struct{})}
	c.over = sync.OnceFunc(func() { close(c.done) })
	ws.SetReadLimit(most)
	ws.SetPongHandler(func(string) error { return ws.SetReadDeadline(time.Now().Add(quietFor)) })
	if err := ws.SetReadDeadline(time.Now().Add(quietFor)); err != nil {
		return nil, err
	}
	return c, nil
}

// hear reads what the other side says, until it is not there any more.
func (c *Conn) hear() {
	defer close(c.gone)
	for {
		if c.said == nil {
			if _, _, err := c.ws.NextReader(); err != nil {
				return
			}
			continue
		}
		_, text, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		// Who speaks is there: a page whose pongs wait behind a long message as well.
		if c.ws.SetReadDeadline(time.Now().Add(quietFor)) != nil {
			return
		}
		select {
		case c.said <- text:
		case <-c.done:
			return
		}
	}
}

// Said is what the other side says, message by message.
func (c *Conn) Said() <-chan []byte { return c.said }

// Gone is closed when the other side has gone.
func (c *Conn) Gone() <-chan struct{} { return c.gone }

// Send sends a text.
func (c *Conn) Send(text []byte) error {
	if err := c.ws.SetWriteDeadline(time.Now().Add(sendWithin)); err != nil {
		return err
	}
	return c.ws.WriteMessage(websocket.TextMessage, text)
}

// Ping asks whether the other side is there; it is gone where no answer comes.
func (c *Conn) Ping() error {
	return c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(sendWithin))
}

// Close ends the connection, saying that the server is going away.
func (c *Conn) Close() error {
	bye := websocket.FormatCloseMessage(websocket.CloseGoingAway, "")
	_ = c.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second)) // or it is gone
	err := c.ws.Close()
	c.over()
	<-c.gone
	return err
}
