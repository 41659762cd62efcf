package runtime

import (
	"context"
	"errors"
	"io"

	"github.com/throughline/throughline/runtime/store"
)

// Lines yields one record after another, a JSON object each, and io.EOF after the last. The bytes
// are used until the next call.
type Lines func() ([]byte, error)

// importWindow is how many requests of an import are under way at once.
const importWindow = 8

// Import decides on many records in their order and returns when all are durable. each, where it
// is not nil, is told of every answer in order. It waits where the queue is full, so others are
// still served. Where an import ends early, everything that each was told of is durable.
func (w *Workspace) Import(ctx context.Context, next Lines, each func(*Answer) error) error {
	if w.cfg.ReadOnly {
		return store.ErrReadOnly
	}
	if each == nil {
		each = func(*Answer) error { return nil }
	}
	var under []*request
	settle := func(most int) error {
		for len(under) > most {
			r := under[0]
			under = under[1:]
			if err := w.wait(ctx, r); err != nil {
				return err
			}
			for i := range r.answers {
				if err := each(&r.answers[i]); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for more := true; more; {
		r, err := w.chunk(next)
		if more = err == nil; !more && !errors.Is(err, io.EOF) {
			return errors.Join(err, settle(0))
		}
		if len(r.lines) == 0 {
			break
		}
		select {
		case w.queue <- r:
			under = append(under, r)
		case <-w.quit:
			return w.ended()
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := settle(importWindow); err != nil {
			return err
		}
	}
	return settle(0)
}

// chunkLines and chunkBytes bound one request of an import.
const (
	chunkLines = 128
	chunkBytes = 1 << 20
)

// chunk copies some lines into a request.
func (w *Workspace) chunk(next Lines) (*request, error) {
	r := newRequest()
	r.imported = w.cfg.Import
	arena := make([]byte, 0, 1<<15)
	for size := 0; len(r.lines) < chunkLines && size < chunkBytes; {
		line, err := next()
		if err != nil {
			return r, err
		}
		if cap(arena)-len(arena) < len(line) {
			arena = make([]byte, 0, max(1<<15, len(line)))
		}
		from := len(arena)
		arena = append(arena, line...)
		r.lines = append(r.lines, arena[from:len(arena):len(arena)])
		size += len(line)
	}
	return r, nil
}
