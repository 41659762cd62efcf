package value

import (
	"math"
	"strconv"
	"time"

	"github.com/throughline/throughline/internal/decimal"
)

// Style says how values are written for people in messages (reference, section 7).
type Style struct {
	Zone *time.Location // of moments; nil is UTC
	Lang string         // "zh" writes the Chinese forms of units and truths; else the plain ones

	// Choice returns what is written for a choice's value by its index: the label, or in JSON its
	// name. It is not asked where the value's own S says it. Nil writes the index.
	Choice func(index int64) string
}

// MissingText is written where a message's value is missing.
const MissingText = "–"

// Text returns a value as messages show it.
func (st Style) Text(v Value) string { return string(st.Append(nil, v)) }

// Append writes a value as messages show it: numbers with at most two places, money with two,
// 72.5%, 2026-03-02 09:30, durations and distances as literals, a choice's label, a reference's S
// (the caller puts the name there, else the id), lists joined by 、 and – where missing.
func (st Style) Append(dst []byte, v Value) []byte {
	switch v.Kind {
	case Missing:
		return append(dst, MissingText...)
	case Bool:
		return st.appendBool(dst, v.N != 0)
	case Int:
		return strconv.AppendInt(dst, v.N, 10)
	case Number:
		return appendPlaces(dst, v.Float())
	case Percent:
		return append(appendPlaces(dst, percentage(v.Float())), '%')
	case Money:
		return decimal.AppendFixed(dst, v.N)
	case Text, Ref:
		return append(dst, v.S...)
	case Choice:
		return append(dst, st.choice(v)...)
	case Date:
		return appendDate(dst, v.N)
	case Time:
		return appendMinute(dst, wallAt(v.N, st.zone()))
	case Duration, WorkHours, WorkDays:
		return st.appendSpan(dst, v)
	case Distance:
		return st.appendDistance(dst, v.Float())
	}
	return st.appendWide(dst, v)
}

func (st Style) zone() *time.Location {
	if st.Zone == nil {
		return time.UTC
	}
	return st.Zone
}

func (st Style) choice(v Value) string {
	switch {
	case v.S != "":
		return v.S
	case st.Choice != nil:
		return st.Choice(v.N)
	}
	return strconv.FormatInt(v.N, 10)
}

func (st Style) appendBool(dst []byte, b bool) []byte {
	switch {
	case st.Lang != "zh":
		return strconv.AppendBool(dst, b)
	case b:
		return append(dst, "是"...)
	}
	return append(dst, "否"...)
}

// unitName returns a unit in the style's language.
func (st Style) unitName(name string) string {
	if st.Lang != "zh" {
		return name
	}
	u, _ := unitNamed(name)
	return u.zh
}

// appendSpan writes a duration or working time as its canonical literal: 1d12h, 1h30min, 3wd.
func (st Style) appendSpan(dst []byte, v Value) []byte {
	if v.Kind == WorkDays {
		return append(strconv.AppendInt(dst, v.N, 10), st.unitName("wd")...)
	}
	rest := uint64(v.N)
	if v.N < 0 {
		dst, rest = append(dst, '-'), -rest
	}
	if v.Kind == WorkHours {
		return append(appendSmall(dst, rest, uint64(Hour)), st.unitName("wh")...)
	}
	zero := rest == 0
	for _, u := range [...]struct {
		name string
		size int64
	}{{"d", Day}, {"h", Hour}, {"min", Minute}} {
		if n := rest / uint64(u.size); n > 0 {
			dst = append(strconv.AppendUint(dst, n, 10), st.unitName(u.name)...)
			rest %= uint64(u.size)
		}
	}
	if rest > 0 || zero {
		dst = append(appendSmall(dst, rest, uint64(Second)), st.unitName("s")...)
	}
	return dst
}

// appendSmall writes n/unit exactly where six places suffice, without trailing zeros.
func appendSmall(dst []byte, n, unit uint64) []byte {
	dst = strconv.AppendUint(dst, n/unit, 10)
	rest := n % unit
	if rest == 0 {
		return dst
	}
	dst = append(dst, '.')
	for i := 0; i < 10 && rest > 0; i++ {
		rest *= 10
		dst = append(dst, byte('0'+rest/unit))
		rest %= unit
	}
	return dst
}

func (st Style) appendDistance(dst []byte, metres float64) []byte {
	if math.Abs(metres) < 1000 {
		return append(appendPlaces(dst, metres), st.unitName("m")...)
	}
	return append(appendPlaces(dst, metres/1000), st.unitName("km")...)
}

// appendWide writes points, areas, media, lists and rows.
func (st Style) appendWide(dst []byte, v Value) []byte {
	switch x := v.X.(type) {
	case *Place:
		return appendPoint(dst, x)
	case *Region:
		for i := range x.Points {
			if i > 0 {
				dst = append(dst, "、"...)
			}
			dst = appendPoint(dst, &x.Points[i])
		}
		if x.Radius > 0 {
			dst = st.appendDistance(append(dst, " ± "...), x.Radius)
		}
		return dst
	case *Media:
		if x.Name != "" {
			return append(dst, x.Name...)
		}
		return append(dst, x.SHA256[:min(len(x.SHA256), 12)]...)
	case []Value:
		for i, e := range x {
			if i > 0 {
				dst = append(dst, "、"...)
			}
			if e.Kind == Row || e.Kind == List {
				dst = append(st.Append(append(dst, '('), e), ')')
				continue
			}
			dst = st.Append(dst, e)
		}
		return dst
	}
	return append(dst, MissingText...)
}

func appendPoint(dst []byte, p *Place) []byte {
	dst = appendDegrees(dst, p.Lat)
	return appendDegrees(append(dst, ',', ' '), p.Lng)
}

// appendDegrees writes up to six places, a tenth of a metre.
func appendDegrees(dst []byte, f float64) []byte {
	return trimZeros(strconv.AppendFloat(dst, f, 'f', 6, 64), len(dst))
}

// percentage returns a fraction times 100, rounded once to fifteen digits, so that what was
// written as 7% is not shown as 7.000000000000001%.
func percentage(f float64) float64 {
	p, err := strconv.ParseFloat(strconv.FormatFloat(f, 'f', -1, 64)+"e2", 64)
	if err == nil {
		return p
	}
	return float64(f * 100)
}

// appendPlaces writes at most two places, half to even, without trailing zeros.
func appendPlaces(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, MissingText...)
	}
	at := len(dst)
	dst = trimZeros(strconv.AppendFloat(dst, f, 'f', 2, 64), at)
	if string(dst[at:]) == "-0" {
		return append(dst[:at], '0')
	}
	return dst
}

// trimZeros takes zeros after the point away, and the point with the last of them.
func trimZeros(dst []byte, from int) []byte {
	end := len(dst)
	for end > from && dst[end-1] == '0' {
		end--
	}
	if end > from && dst[end-1] == '.' {
		end--
	}
	return dst[:end]
}

func appendDate(dst []byte, days int64) []byte {
	return time.Unix(days*86_400, 0).UTC().AppendFormat(dst, "2006-01-02")
}

// appendMinute writes wall time without seconds.
func appendMinute(dst []byte, wall int64) []byte {
	return time.Unix(floorDiv(wall, Second), 0).UTC().AppendFormat(dst, "2006-01-02 15:04")
}
