package live

import (
	"context"
	"errors"
	"net"
	"net/http"

	"github.com/gorilla/websocket"
)

// Listener is the other end of a Conn.
type Listener struct{ ws *websocket.Conn }

// ErrAway says that the server is going away: a listener comes back later.
var ErrAway = errors.New("the server is going away")

// Dial begins to listen at a ws or wss address. Cancelling ctx does not end it; Close does.
func Dial(ctx context.Context, url string, h http.Header) (*Listener, error) {
	ws, answer, err := websocket.DefaultDialer.DialContext(ctx, url, h)
	if answer != nil && answer.Body != nil {
		err = errors.Join(err, answer.Body.Close())
	}
	if err != nil {
		return nil, err
	}
	return &Listener{ws}, nil
}

// Next waits for the next text. Pings are answered meanwhile.
func (l *Listener) Next() ([]byte, error) {
	_, text, err := l.ws.ReadMessage()
	if websocket.IsCloseError(err, websocket.CloseGoingAway) {
		err = ErrAway
	}
	return text, err
}

// Say says a text to the other side.
func (l *Listener) Say(text []byte) error { return l.ws.WriteMessage(websocket.TextMessage, text) }

// Close ends listening, without a word to the other side.
func (l *Listener) Close() error {
	if err := l.ws.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
