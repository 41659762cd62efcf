// Package live sends texts over a websocket to whoever listens. It is the one place that knows
// which library speaks the protocol.
package live

import (
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// Conn is a connection on which only we speak. One goroutine at a time sends.
type Conn struct {
	ws   *websocket.Conn
	gone chan struct{}
}

const (
	sendWithin = 10 * time.Second // who takes a text more slowly is let go
	quietFor   = time.Minute      // who answers no ping for so long is gone
	hears      = 512              // bytes of a message that nobody asked for
)

// Accept makes a request a connection. Where it cannot be one, the request is answered with why.
func Accept(w http.ResponseWriter, r *http.Request) (*Conn, error) {
	up := websocket.Upgrader{HandshakeTimeout: sendWithin, WriteBufferSize: 4 << 10,
		ReadBufferSize: 1 << 10}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return nil, err
	}
	c := &Conn{ws: ws, gone: make(chan struct{})}
	ws.SetReadLimit(hears)
	ws.SetPongHandler(func(string) error { return ws.SetReadDeadline(time.Now().Add(quietFor)) })
	if err := ws.SetReadDeadline(time.Now().Add(quietFor)); err != nil {
		return nil, err
	}
	go c.hear()
	return c, nil
}

// hear reads what the other side says, which is only that it is there, until it is not.
func (c *Conn) hear() {
	defer close(c.gone)
	for {
		if _, _, err := c.ws.NextReader(); err != nil {
			return
		}
	}
}

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
	<-c.gone
	return err
}
