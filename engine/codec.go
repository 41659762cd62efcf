package engine

import (
	"encoding/binary"
	"errors"

	"github.com/throughline/throughline/dsl/value"
)

// writer builds the canonical bytes of the state: equal states give equal bytes.
type writer struct{ b []byte }

func (w *writer) uint(n uint64) { w.b = binary.AppendUvarint(w.b, n) }
func (w *writer) int(n int64)   { w.b = binary.AppendVarint(w.b, n) }

func (w *writer) text(s string) {
	w.uint(uint64(len(s)))
	w.b = append(w.b, s...)
}

func (w *writer) bool(v bool) {
	if v {
		w.b = append(w.b, 1)
	} else {
		w.b = append(w.b, 0)
	}
}

// errState is what a snapshot that cannot be read gives; the log is then replayed instead.
var errState = errors.New("the snapshot is damaged")

// scanner reads what writer wrote. After the first mistake everything it yields is zero.
type scanner struct {
	b      []byte
	bad    bool
	before bool // it is of the format before
}

func (r *scanner) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *scanner) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads a length that at least that many bytes must follow.
func (r *scanner) count() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return 0
	}
	return int(n)
}

func (r *scanner) text() string {
	n := r.count()
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *scanner) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *scanner) bool() bool     { return r.byte() == 1 }
func (r *scanner) tri() value.Tri { return value.Tri(min(r.byte(), 2)) }
