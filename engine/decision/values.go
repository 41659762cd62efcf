package decision

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/value"
)

// A stored value begins with one byte: its kind in the low five bits, and in the high three what
// is small enough to need no more bytes: a word from 0 to 6, the length of a text up to 6 bytes,
// or the number of a float's bytes that are not trailing zeros. 7 means that more follows.
const (
	kindBits = 5
	kindMask = 1<<kindBits - 1
	inlined  = 7
	deepest  = 16 // lists in lists; decoding refuses more, so that no input can exhaust the stack
)

// appendValue stores a value. A reference is stored as its text: handles mean nothing outside the
// engine that gave them.
func appendValue(dst []byte, v value.Value) []byte {
	k := byte(v.Kind)
	switch {
	case v.Kind == value.Missing:
		return append(dst, k)
	case v.Kind == value.Ref || v.Kind.Class() == value.String:
		if len(v.S) < inlined {
			return append(append(dst, k|byte(len(v.S))<<kindBits), v.S...)
		}
		return appendText(append(dst, k|inlined<<kindBits), v.S)
	case v.Kind.Class() == value.Word:
		if v.N >= 0 && v.N < inlined {
			return append(dst, k|byte(v.N)<<kindBits)
		}
		return binary.AppendVarint(append(dst, k|inlined<<kindBits), v.N)
	case v.Kind.Class() == value.Float:
		return appendFloat(append(dst, k), uint64(v.N))
	}
	return appendWide(append(dst, k), v)
}

// appendFloat stores the bytes of a float without its trailing zero bytes, and their number in
// the byte before. Thresholds, percents and scores have few digits and take two to four bytes.
func appendFloat(dst []byte, f uint64) []byte {
	n := 8 - bits.TrailingZeros64(f)/8
	if n >= inlined {
		dst[len(dst)-1] |= inlined << kindBits
		return binary.BigEndian.AppendUint64(dst, f)
	}
	dst[len(dst)-1] |= byte(n) << kindBits
	for i := range n {
		dst = append(dst, byte(f>>(56-8*i)))
	}
	return dst
}

func appendWide(dst []byte, v value.Value) []byte {
	switch x := v.X.(type) {
	case *value.Place:
		return appendPlace(dst, x)
	case *value.Region:
		dst = appendNumber(dst, x.Radius)
		dst = binary.AppendUvarint(dst, uint64(len(x.Points)))
		for i := range x.Points {
			dst = appendPlace(dst, &x.Points[i])
		}
		return dst
	case *value.Media:
		dst = appendText(appendText(dst, x.SHA256), x.Name)
		dst = binary.AppendVarint(dst, x.Size)
		for _, p := range mediaValues(x) {
			dst = appendValue(dst, *p)
		}
		return dst
	}
	list, _ := v.X.([]value.Value)
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	for _, e := range list {
		dst = appendValue(dst, e)
	}
	return dst
}

func appendPlace(dst []byte, p *value.Place) []byte {
	dst = appendNumber(appendNumber(appendNumber(dst, p.Lat), p.Lng), p.Accuracy)
	flags := byte(p.Datum) << 1
	if p.Mock {
		flags |= 1
	}
	return append(dst, flags)
}

func appendNumber(dst []byte, f float64) []byte {
	return appendValue(dst, value.OfFloat(value.Number, f))
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// Receipts show a value to a person, so a long one is cut: the whole stands in the payload.
const (
	briefText = 48
	briefList = 5
	ellipsis  = "…"
)

// appendBrief stores a value for a receipt. Cutting what is cut already changes nothing.
func appendBrief(dst []byte, v value.Value) []byte {
	switch x := v.X.(type) {
	case *value.Region:
		return appendWide(append(dst, byte(v.Kind)), value.Value{X: &value.Region{Radius: x.Radius}})
	case *value.Media:
		return appendWide(append(dst, byte(v.Kind)), value.Value{X: &value.Media{Name: called(x)}})
	case []value.Value:
		return appendBriefList(append(dst, byte(v.Kind)), x)
	}
	if n := len(v.S); n > briefText {
		cut := briefText - len(ellipsis)
		for cut > 0 && !utf8.RuneStart(v.S[cut]) {
			cut--
		}
		dst = append(dst, byte(v.Kind)|inlined<<kindBits)
		dst = binary.AppendUvarint(dst, uint64(cut+len(ellipsis)))
		return append(append(dst, v.S[:cut]...), ellipsis...)
	}
	return appendValue(dst, v)
}

func appendBriefList(dst []byte, list []value.Value) []byte {
	if len(list) <= briefList {
		dst = binary.AppendUvarint(dst, uint64(len(list)))
		for _, e := range list {
			dst = appendBrief(dst, e)
		}
		return dst
	}
	dst = binary.AppendUvarint(dst, briefList)
	for _, e := range list[:briefList-1] {
		dst = appendBrief(dst, e)
	}
	return appendValue(dst, value.OfText(ellipsis))
}

// equal reports whether two values are stored alike.
func equal(a, b value.Value) bool {
	if a.Kind != b.Kind || a.S != b.S || a.Kind != value.Ref && a.N != b.N {
		return false
	}
	if a.X == nil && b.X == nil {
		return true
	}
	return string(appendValue(nil, a)) == string(appendValue(nil, b))
}

// value reads what appendValue stored.
func (r *reader) value() value.Value {
	head := r.byte()
	k, small := value.Kind(head&kindMask), head>>kindBits
	if k > value.WorkHours || r.depth > deepest {
		r.fail("no value begins with byte %#x here", head)
		return value.Value{}
	}
	switch {
	case k == value.Ref || k.Class() == value.String:
		return value.Value{Kind: k, S: r.valueText(small)}
	case k.Class() == value.Word:
		return value.Value{Kind: k, N: r.valueWord(small)}
	case k.Class() == value.Float:
		return value.Value{Kind: k, N: int64(r.valueFloat(small))}
	case small != 0:
		r.fail("no value begins with byte %#x here", head)
		return value.Value{}
	case k == value.Missing:
		return value.Value{}
	}
	r.depth++
	defer func() { r.depth-- }()
	return value.Value{Kind: k, X: r.wide(k)}
}

func (r *reader) valueText(small byte) string {
	if small < inlined {
		return string(r.take(uint64(small)))
	}
	s := r.text()
	if len(s) < inlined {
		r.fail("text %q is stored too long", s)
	}
	return s
}

func (r *reader) valueWord(small byte) int64 {
	if small < inlined {
		return int64(small)
	}
	n := r.varint()
	if n >= 0 && n < inlined {
		r.fail("word %d is stored too long", n)
	}
	return n
}

func (r *reader) valueFloat(small byte) uint64 {
	n := small
	if small == inlined {
		n = 8
	}
	var f uint64
	for i, b := range r.take(uint64(n)) {
		f |= uint64(b) << (56 - 8*i)
	}
	stored := 8 - bits.TrailingZeros64(f)/8
	if stored != int(small) && (small < inlined || stored < inlined) {
		r.fail("float %#x is stored too long", f)
	}
	return f
}

func (r *reader) wide(k value.Kind) any {
	switch k {
	case value.Point:
		return r.place()
	case value.Area:
		g := &value.Region{Radius: r.number()}
		for n := r.count(); n > 0 && r.err == nil; n-- {
			g.Points = append(g.Points, *r.place())
		}
		return g
	case value.Photo, value.Audio, value.File:
		m := &value.Media{SHA256: r.text(), Name: r.text(), Size: r.varint()}
		for _, p := range mediaValues(m) {
			*p = r.value()
		}
		return m
	}
	var list []value.Value
	for n := r.count(); n > 0 && r.err == nil; n-- {
		list = append(list, r.value())
	}
	return list
}

func (r *reader) place() *value.Place {
	p := &value.Place{Lat: r.number(), Lng: r.number(), Accuracy: r.number()}
	flags := r.byte()
	if flags > byte(value.BD09)<<1|1 {
		r.fail("no point has flags %#x", flags)
	}
	p.Datum, p.Mock = value.Datum(flags>>1), flags&1 == 1
	return p
}

func (r *reader) number() float64 {
	v := r.value()
	if v.Kind != value.Number && r.err == nil {
		r.fail("a number was expected, not kind %d", v.Kind)
	}
	return v.Float()
}

// text reads a text. It is copied, because the bytes belong to the store.
func (r *reader) text() string { return string(r.take(r.uvarint())) }

// called is what a file is shown as: of one without a name, how its hash begins.
func called(m *value.Media) string {
	if m.Name != "" {
		return m.Name
	}
	return m.SHA256[:min(len(m.SHA256), 12)]
}
