package files

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime/media"
)

// Kinds are what the fields of a policy's records hold, by any of their names: of a list, what it
// is a list of.
func Kinds(d *record.Decoder) media.Kinds {
	return func(typ, key string) value.Kind {
		of := d.Type(typ)
		if first, rest, in := strings.Cut(key, "."); in {
			f := fieldOf(of, first)
			if f == nil || f.Type.Kind != value.List || f.Type.Elem.Kind != value.Row {
				return value.Missing
			}
			return kindIn(f.Type.Elem.Record, rest)
		}
		return kindIn(of, key)
	}
}

func kindIn(row *policy.Record, key string) value.Kind {
	if f := fieldOf(row, key); f != nil {
		if f.Type.Kind == value.List {
			return f.Type.Elem.Kind
		}
		return f.Type.Kind
	}
	return value.Missing
}

// fieldOf is a record's field by any of its names; nil: it has none of it.
func fieldOf(of *policy.Record, key string) *policy.Field {
	if of == nil || key == "" {
		return nil
	}
	for _, f := range of.Fields {
		if f.Name == key || f.Label.Main == key || f.Label.En == key || f.Label.Zh == key ||
			slices.Contains(f.Was, key) {
			return f
		}
	}
	return nil
}

// Tells reports whether a line may tell of a file. Almost none does, and looking closer takes time.
func Tells(line []byte) bool {
	from, _ := nextHash(line, 0)
	return from >= 0 || bytes.Contains(line, []byte("measured")) || bytes.Contains(line, []byte(`\u`))
}

// A Filling is records that name files, on their way into the log.
type Filling struct {
	Kinds media.Kinds
	May   func(*File) bool // whoever sends them may name this one; nil: any

	s    *Store
	pins []string
}

// Fill begins to fill in records. Until Done none of the files that they name is deleted.
func (s *Store) Fill(kinds media.Kinds, may func(*File) bool) *Filling {
	return &Filling{Kinds: kinds, May: may, s: s}
}

// Line writes into a record what the server measured of the files that it names. Missing are the
// files that it names and that are not there: those of which it says nothing but the hash. Of any
// other the sender's word stays, as that.
func (x *Filling) Line(line []byte) (out []byte, missing []media.Remark, err error) {
	find := func(c media.Claim) (*media.Result, string, string) {
		if c.Hash == "" && c.Alone {
			c.Hash = strings.ToLower(c.Name)
		}
		if !hashed.MatchString(c.Hash) {
			return nil, "", ""
		}
		f, bad := x.pin(c.Hash)
		switch {
		case errors.Is(bad, ErrNone) && c.Alone:
			return nil, media.Missing, c.Hash
		case bad != nil && !errors.Is(bad, ErrNone):
			err = bad
		}
		if bad != nil {
			return nil, "", ""
		}
		name := c.Name
		if name == "" || strings.EqualFold(name, c.Hash) {
			name = f.Name
		}
		return &f.Measured, "", Called(name)
	}
	out, missing = media.Fill(line, x.Kinds, find)
	return out, missing, err
}

// pin holds a file fast that may be named.
func (x *Filling) pin(hash string) (*File, error) {
	x.s.mu.Lock()
	f, err := x.s.File(hash)
	if err == nil {
		x.s.pins[hash]++
		x.pins = append(x.pins, hash)
	}
	x.s.mu.Unlock()
	if err == nil && x.May != nil && !x.May(f) {
		return nil, ErrNone
	}
	return f, err
}

// Done lets the files go: what became of the records is in the log.
func (x *Filling) Done() {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	for _, hash := range x.pins {
		if x.s.pins[hash]--; x.s.pins[hash] == 0 {
			delete(x.s.pins, hash)
		}
	}
	x.pins = nil
}
