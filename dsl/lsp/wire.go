package lsp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/sourcegraph/jsonrpc2"
)

// maxMessage bounds one message. A policy file has at most 16 MB, which JSON may make longer.
const maxMessage = 64 << 20

// maxHeader bounds what stands before a message.
const maxHeader = 4 << 10

// wire reads and writes messages as the protocol frames them. The library's own codec trusts the
// lengths that it reads and gives up at the first message that is none; ours bounds them, answers
// what it cannot read, and reads on.
type wire struct {
	in  *bufio.Reader
	out io.Writer
	mu  sync.Mutex // of out

	over     chan struct{} // closed when nothing more comes
	released chan struct{} // closed when nothing more is answered
	why      error         // why nothing more comes, set before over is closed
}

func newWire(in io.Reader, out io.Writer) *wire {
	return &wire{in: bufio.NewReader(in), out: out, over: make(chan struct{}),
		released: make(chan struct{})}
}

var errHeader = errors.New("a message without a readable Content-Length")

// ReadObject reads the next message that is one.
func (w *wire) ReadObject(v any) error {
	for {
		body, err := w.frame()
		if err != nil { // the library would close the way out as well, with answers still to come
			w.why = err
			close(w.over)
			<-w.released
			return err
		}
		if body == nil {
			w.refuse(jsonrpc2.CodeInvalidRequest, "message larger than 64 MB")
			continue
		}
		if err := json.Unmarshal(body, v); err == nil {
			return nil
		}
		reflect.ValueOf(v).Elem().SetZero() // half a message must not become part of the next
		code, text := int64(jsonrpc2.CodeInvalidRequest), "not a request or an answer"
		if !json.Valid(body) {
			code, text = jsonrpc2.CodeParseError, "not JSON"
		}
		w.refuse(code, text)
	}
}

// frame reads one message's bytes; nil for one that is too long, which is skipped.
func (w *wire) frame() ([]byte, error) {
	length, left := int64(-1), maxHeader
	for {
		line, err := w.in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return nil, errHeader
		}
		if err != nil {
			return nil, err
		}
		if left -= len(line); left < 0 {
			return nil, errHeader
		}
		text := strings.TrimSpace(string(line))
		if text == "" {
			break
		}
		name, val, ok := strings.Cut(text, ":")
		if !ok {
			return nil, errHeader
		}
		if strings.EqualFold(name, "Content-Length") {
			length, err = strconv.ParseInt(strings.TrimSpace(val), 10, 64)
			if err != nil || length < 0 {
				return nil, errHeader
			}
		}
	}
	switch {
	case length < 0:
		return nil, errHeader
	case length > maxMessage:
		_, err := io.CopyN(io.Discard, w.in, length)
		return nil, err
	}
	var body bytes.Buffer // grows with what comes, not with what was promised
	if n, err := io.CopyN(&body, w.in, length); err != nil {
		return nil, fmt.Errorf("message cut off after %d of %d bytes: %w", n, length,
			io.ErrUnexpectedEOF)
	}
	return body.Bytes(), nil
}

// refuse answers a message that has no name to be answered by.
func (w *wire) refuse(code int64, text string) {
	_ = w.WriteObject(map[string]any{"jsonrpc": "2.0", "id": nil,
		"error": jsonrpc2.Error{Code: code, Message: text}})
}

// WriteObject writes one message.
func (w *wire) WriteObject(v any) error {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	text := bytes.TrimRight(body.Bytes(), "\n")
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := fmt.Fprintf(w.out, "Content-Length: %d\r\n\r\n%s", len(text), text)
	return err
}

// Close leaves the streams to who opened them.
func (w *wire) Close() error { return nil }
