package value

import (
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/throughline/throughline/internal/decimal"
)

// JSON returns a value as decisions and `thru show` write it (reference, sections 3 and 14).
func (st Style) JSON(v Value) string { return string(st.AppendJSON(nil, v)) }

// AppendJSON writes a value in the form in which a record would give it: money as an exact number,
// percents as fractions, times as RFC 3339 in the zone, durations in seconds, distances in metres,
// points in WGS-84, references by S, choices by what Style.Choice returns, and null where missing.
func (st Style) AppendJSON(dst []byte, v Value) []byte {
	switch v.Kind {
	case Missing:
		return append(dst, "null"...)
	case Bool:
		return strconv.AppendBool(dst, v.N != 0)
	case Int, WorkDays:
		return strconv.AppendInt(dst, v.N, 10)
	case Number, Percent, Distance:
		return appendFloat(dst, v.Float())
	case Money:
		return decimal.Append(dst, v.N)
	case Text, Ref:
		return AppendQuoted(dst, v.S)
	case Choice:
		return AppendQuoted(dst, st.choice(v))
	case Date:
		return append(appendDate(append(dst, '"'), v.N), '"')
	case Time:
		return append(AppendTime(append(dst, '"'), v.N, st.zone()), '"')
	case Duration, WorkHours:
		rest := uint64(v.N)
		if v.N < 0 {
			dst, rest = append(dst, '-'), -rest
		}
		return appendSmall(dst, rest, uint64(Second))
	}
	return st.appendWideJSON(dst, v)
}

// AppendTime writes a moment as RFC 3339 in a zone, with a fraction only where there is one. Local
// mean times of long ago have seconds in their offset, which RFC 3339 has not: those are in UTC.
func AppendTime(dst []byte, moment int64, zone *time.Location) []byte {
	sec := floorDiv(moment, Second)
	t := time.Unix(sec, (moment-sec*Second)*1000).In(zone)
	if _, offset := t.Zone(); offset%60 != 0 {
		t = t.UTC()
	}
	return t.AppendFormat(dst, "2006-01-02T15:04:05.999999Z07:00")
}

func (st Style) appendWideJSON(dst []byte, v Value) []byte {
	switch x := v.X.(type) {
	case *Place:
		return appendPlace(dst, x)
	case *Region:
		return appendRegion(dst, x)
	case *Media:
		return st.appendMedia(dst, x)
	case []Value:
		dst = append(dst, '[')
		for i, e := range x {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = st.AppendJSON(dst, e)
		}
		return append(dst, ']')
	}
	return append(dst, "null"...)
}

// appendPlace writes a point with the datum that it is kept in: a bare pair would be read in the
// workspace's own, which may be another.
func appendPlace(dst []byte, p *Place) []byte {
	dst = appendFloat(append(dst, `{"lat":`...), p.Lat)
	dst = appendFloat(append(dst, `,"lng":`...), p.Lng)
	if p.Accuracy != 0 {
		dst = appendFloat(append(dst, `,"accuracy":`...), p.Accuracy)
	}
	if p.Mock {
		dst = append(dst, `,"mock":true`...)
	}
	return append(dst, `,"datum":"wgs84"}`...)
}

func appendRegion(dst []byte, r *Region) []byte {
	if r.Radius > 0 && len(r.Points) == 1 {
		dst = appendPlace(append(dst, `{"center":`...), &r.Points[0])
		return append(appendFloat(append(dst, `,"radius":`...), r.Radius), '}')
	}
	dst = append(dst, '[')
	for i := range r.Points {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendPlace(dst, &r.Points[i])
	}
	return append(dst, ']')
}

func (st Style) appendMedia(dst []byte, m *Media) []byte {
	dst = AppendQuoted(append(dst, `{"sha256":`...), m.SHA256)
	if m.Name != "" {
		dst = AppendQuoted(append(dst, `,"name":`...), m.Name)
	}
	dst = strconv.AppendInt(append(dst, `,"size":`...), m.Size, 10)
	for _, part := range [...]struct {
		name string
		v    Value
	}{{"taken", m.Taken}, {"device", m.Device}, {"software", m.Software}, {"location", m.Location},
		{"look", m.Look}, {"measured", m.Measured}, {"length", m.Length}} {
		if !part.v.Known() {
			continue
		}
		dst = append(append(append(dst, `,"`...), part.name...), `":`...)
		if part.name == "look" {
			dst = append(dst, '"')
			dst = append(appendHex(dst, uint64(part.v.N)), '"')
			continue
		}
		dst = st.AppendJSON(dst, part.v)
	}
	return append(dst, '}')
}

// appendHex writes 64 bits as 16 hex digits: more bits than a JSON number is sure to keep.
func appendHex(dst []byte, n uint64) []byte {
	const hex = "0123456789abcdef"
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, hex[n>>shift&15])
	}
	return dst
}

// appendFloat writes the shortest decimal that reads back as the same number.
func appendFloat(dst []byte, f float64) []byte {
	switch a := math.Abs(f); {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return append(dst, "null"...)
	case a != 0 && (a < 1e-6 || a >= 1e21):
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

// AppendQuoted writes a text as a JSON string. Bytes that are no UTF-8 become U+FFFD.
func AppendQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[from:i]...), `\ufffd`...)
				from = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\r':
			dst = append(dst, '\\', 'r')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		from = i
	}
	return append(append(dst, s[from:]...), '"')
}
