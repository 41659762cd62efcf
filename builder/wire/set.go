package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/source"
)

// A Set is a change of a whole text as the editor writes it: parts in order, each of which says how
// many units of UTF-16 it covers and whether they stay.
type Set []Part

// A Part covers a piece of the text. In JSON it is a number where the piece stays, else a list: the
// number and the lines that stand there now.
type Part struct {
	Len  int
	Put  bool // Lines stand in its place
	Text string
}

// ErrSet says that a change does not fit the text that it is said to be of.
var ErrSet = errors.New("the change does not fit the text")

// MarshalJSON writes the part as the editor does.
func (p Part) MarshalJSON() ([]byte, error) {
	if !p.Put {
		return json.Marshal(p.Len)
	}
	list := []any{p.Len}
	if p.Text != "" {
		for line := range strings.SplitSeq(p.Text, "\n") {
			list = append(list, line)
		}
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads it.
func (p *Part) UnmarshalJSON(b []byte) error {
	if b = bytes.TrimSpace(b); len(b) > 0 && b[0] != '[' {
		return json.Unmarshal(b, &p.Len)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	if len(list) == 0 {
		return ErrSet
	}
	if err := json.Unmarshal(list[0], &p.Len); err != nil {
		return err
	}
	lines := make([]string, len(list)-1)
	for i, raw := range list[1:] {
		if err := json.Unmarshal(raw, &lines[i]); err != nil {
			return err
		}
	}
	p.Put, p.Text = true, strings.Join(lines, "\n")
	return nil
}

// Edits are the edits that the set makes of a file's text. A set that does not cover the text
// exactly, or cuts a character in two, is refused.
func (s Set) Edits(file int32, text string) ([]source.Edit, error) {
	var out []source.Edit
	at := int32(0)
	for _, p := range s {
		n, ok := bytesOf(text[at:], p.Len)
		if !ok {
			return nil, ErrSet
		}
		if p.Put && (n > 0 || p.Text != "") {
			if strings.ContainsRune(p.Text, '\r') {
				return nil, fmt.Errorf("%w: a line end of its own", ErrSet)
			}
			out = append(out, source.Edit{New: p.Text,
				Span: source.Span{File: file, Off: at, End: at + n}})
		}
		at += n
	}
	if int(at) != len(text) {
		return nil, ErrSet
	}
	return out, nil
}

// bytesOf is how many bytes so many units of UTF-16 are.
func bytesOf(text string, units int) (int32, bool) {
	if units < 0 {
		return 0, false
	}
	at := 0
	for units > 0 && at < len(text) {
		r, n := utf8.DecodeRuneInString(text[at:])
		at += n
		if units--; r > 0xFFFF {
			units--
		}
	}
	return int32(at), units == 0
}

// Units is how many units of UTF-16 a text has.
func Units(text string) int {
	n := 0
	for _, r := range text {
		if n++; r > 0xFFFF {
			n++
		}
	}
	return n
}

// Bytes is how many bytes the first units of UTF-16 of a text take; beyond its end, all.
func Bytes(text string, units int) int {
	for i, r := range text {
		if units <= 0 {
			return i
		}
		if units--; r > 0xFFFF {
			units--
		}
	}
	return len(text)
}

// SetOf is the set of some edits, in order and apart from each other, of one file's text.
func SetOf(text string, edits []source.Edit) Set {
	var out Set
	at := int32(0)
	for _, e := range edits {
		if e.Span.Off > at {
			out = append(out, Part{Len: Units(text[at:e.Span.Off])})
		}
		out = append(out, Part{Len: Units(text[e.Span.Off:e.Span.End]), Put: true, Text: e.New})
		at = e.Span.End
	}
	if int(at) < len(text) || len(out) == 0 {
		out = append(out, Part{Len: Units(text[at:])})
	}
	return out
}
