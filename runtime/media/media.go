// Package media measures the files that people send: once, on arrival, from their bytes (reference,
// section 3). What it finds is written into the record before the entry is made, so replay needs no
// bytes and no decoder.
//
// Files come from strangers. Whatever the bytes are, measuring ends, within time that grows with
// their number, within memory that Options bounds, and with a result that says what could not be
// read. What is missing is missing: no finding here is a verdict.
package media

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/throughline/throughline/dsl/value"
)

// The limits that hold where Options gives none.
const (
	MaxBytes  = 50 << 20
	MaxPixels = 100_000_000
)

// ErrTooLarge says that a file has more bytes than Options allows; what came is not kept.
var ErrTooLarge = errors.New("the file is larger than is read")

// Options say how files are read.
type Options struct {
	Zone   *time.Location // of capture times without offset; nil is UTC
	Bytes  int64          // a file of more is refused
	Pixels int64          // a picture that calls itself larger is not decoded
}

// Result is what the bytes of a file say of it.
type Result struct {
	value.Media
	Kind     value.Kind // Photo, Audio or File: what the bytes are, whatever the name says
	Findings []Finding  // in the order in which they are declared, each once
}

// Has reports whether a result has a finding.
func (r *Result) Has(f Finding) bool {
	for _, x := range r.Findings {
		if x == f {
			return true
		}
	}
	return false
}

func (r *Result) find(f Finding) {
	if !r.Has(f) {
		r.Findings = append(r.Findings, f)
	}
}

// Measure reads a file to its end and measures it. It fails where reading does, and with
// ErrTooLarge; damage in the file is a finding.
func Measure(r io.Reader, o Options) (Result, error) {
	if o.Bytes <= 0 {
		o.Bytes = MaxBytes
	}
	if o.Pixels <= 0 {
		o.Pixels = MaxPixels
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	var b bytes.Buffer
	b.Grow(int(min(told(r), o.Bytes)) + bytes.MinRead)
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(sum, &b), io.LimitReader(r, o.Bytes+1))
	if err != nil {
		return Result{}, fmt.Errorf("read file: %w", err)
	}
	if n > o.Bytes {
		return Result{}, ErrTooLarge
	}
	m := Result{Media: value.Media{SHA256: hex.EncodeToString(sum.Sum(nil)), Size: n}}
	m.contents(b.Bytes(), o)
	return m, nil
}

// told is how long a reader says it is, 0 where it does not.
func told(r io.Reader) int64 {
	switch r := r.(type) {
	case interface{ Len() int }:
		return int64(max(r.Len(), 0))
	case fs.File:
		if info, err := r.Stat(); err == nil {
			return max(info.Size(), 0)
		}
	}
	return 0
}

// contents measures what the form of the file allows.
func (r *Result) contents(data []byte, o Options) {
	form := sniff(data)
	r.Kind = form.kind()
	switch r.Kind {
	case value.Photo:
		turned := r.metadata(form, data, o)
		r.look(form, data, view{o.Pixels, turned})
		r.Measured = value.OfText("server")
	case value.Audio:
		if l, ok := length(form, data); ok {
			r.Length = value.OfWord(value.Duration, l)
		} else {
			r.find(NoLength)
		}
	}
}

// form is what the first bytes say a file is.
type form uint8

const (
	unknownForm form = iota
	jpegForm
	pngForm
	webpForm
	heifForm
	wavForm
	mp4Form
	mp3Form
)

func (f form) kind() value.Kind {
	switch f {
	case jpegForm, pngForm, webpForm, heifForm:
		return value.Photo
	case wavForm, mp4Form, mp3Form:
		return value.Audio
	}
	return value.File
}

// HeadSize is how many of a file's first bytes say what form it has.
const HeadSize = 16

// TypeOf is the type by which HTTP knows the form that a file's first bytes say: one that a browser
// shows or plays and never runs.
func TypeOf(head []byte) string {
	switch sniff(head) {
	case jpegForm:
		return "image/jpeg"
	case pngForm:
		return "image/png"
	case webpForm:
		return "image/webp"
	case heifForm:
		return "image/heic"
	case wavForm:
		return "audio/wav"
	case mp4Form:
		return "audio/mp4"
	case mp3Form:
		return "audio/mpeg"
	}
	return "application/octet-stream"
}

func sniff(b []byte) form {
	at := func(from int, s string) bool {
		return len(b) >= from+len(s) && string(b[from:from+len(s)]) == s
	}
	switch {
	case at(0, "\xff\xd8\xff"):
		return jpegForm
	case at(0, pngMagic):
		return pngForm
	case at(0, "RIFF") && at(8, "WEBP"):
		return webpForm
	case at(0, "RIFF") && at(8, "WAVE"):
		return wavForm
	case at(4, "ftypM4A"):
		return mp4Form
	case at(4, "ftyphei"), at(4, "ftyphev"), at(4, "ftypmif1"), at(4, "ftypmsf1"):
		return heifForm
	case at(0, "ID3"), len(b) > 2 && b[0] == 0xff && b[1]&0xe6 == 0xe2:
		return mp3Form
	}
	return unknownForm
}
