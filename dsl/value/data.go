package value

import (
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/internal/decimal"
)

// ParseText reads the text form of a value in data: a JSON text or a CSV cell (reference,
// section 3). Numbers have a sign and may have an exponent; percents are 0.4 or 40%, durations
// seconds or 4h, distances metres or 500m, moments RFC 3339 or without offset in the zone, truths
// true, false, 是, 否, 1 and 0. Kinds that a text cannot hold by itself (choices, points, lists …)
// are not read.
func ParseText(k Kind, text string, zone *time.Location) (Value, bool) {
	switch k {
	case Text, Ref:
		return Value{Kind: k, S: text}, true
	case Bool:
		return parseBool(text)
	case Date, Time:
		return parseWhen(k, Fold(text), zone)
	}
	text = Fold(text)
	sign, rest := 1, text
	if text != "" && (text[0] == '-' || text[0] == '+') {
		rest = text[1:]
		if text[0] == '-' {
			sign = -1
		}
	}
	if rest == "" || !isDigit(rest[0]) {
		return Value{}, false
	}
	if v, ok := parsePlain(k, text); ok {
		return v, true
	}
	l, err := ParseLiteral(rest, zone)
	if err != nil {
		return Value{}, false
	}
	return l.as(k, sign)
}

// parsePlain reads numbers without a unit: what JSON calls a number.
func parsePlain(k Kind, text string) (Value, bool) {
	if !isNumber(text) {
		return Value{}, false
	}
	switch k {
	case Number, Percent, Distance:
		f, err := strconv.ParseFloat(text, 64)
		if f == 0 {
			f = 0 // there is no negative zero in the language
		}
		return OfFloat(k, f), err == nil
	case Int, Money, Duration:
		text, ok := plain(text)
		if !ok {
			return Value{}, false
		}
		return parseWord(k, text)
	}
	return Value{}, false
}

// parseWord reads a decimal without exponent as a kind of whole small units.
func parseWord(k Kind, text string) (Value, bool) {
	switch k {
	case Money:
		amount, _, fault := decimal.Parse(text)
		return OfWord(Money, amount), fault == decimal.NoFault
	case Int:
		whole, frac, _ := strings.Cut(text, ".")
		n, err := strconv.ParseInt(whole, 10, 64)
		return OfWord(Int, n), err == nil && strings.Trim(frac, "0") == ""
	}
	rest := strings.TrimLeft(text, "+-")
	n, ok := scaled(rest, Second)
	if rest != text && text[0] == '-' {
		n = -n
	}
	return OfWord(k, n), ok && len(text)-len(rest) <= 1 && decimalText(rest)
}

// plain writes a decimal with an exponent without it. Exponents beyond any use are refused.
func plain(text string) (string, bool) {
	at := strings.IndexAny(text, "eE")
	if at < 0 {
		return text, true
	}
	exp, err := strconv.Atoi(text[at+1:])
	num := strings.TrimLeft(text[:at], "+-")
	if err != nil || !decimalText(num) || exp > 400 || exp < -400 {
		return "", false
	}
	whole, frac, _ := strings.Cut(num, ".")
	if exp >= 0 {
		return text[:at-len(num)] + shifted(num, exp), true
	}
	whole = strings.Repeat("0", max(0, 1-exp-len(whole))) + whole
	cut := len(whole) + exp
	return text[:at-len(num)] + whole[:cut] + "." + whole[cut:] + frac, true
}

// decimalText reports whether text is digits with at most one point inside.
func decimalText(text string) bool {
	whole, frac, point := strings.Cut(text, ".")
	for _, part := range [...]string{whole, frac} {
		for i := range len(part) {
			if !isDigit(part[i]) {
				return false
			}
		}
	}
	return whole != "" && (!point || frac != "")
}

// isNumber keeps out what strconv reads beyond decimals: hex, underscores, inf and nan.
func isNumber(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case isDigit(c), c == '.', c == '-', c == '+', c == 'e', c == 'E':
		default:
			return false
		}
	}
	return true
}

// as gives a literal with a sign the kind of a field, where it fits.
func (l Literal) as(k Kind, sign int) (Value, bool) {
	v := l.Value
	switch {
	case k == Money && (v.Kind == Int || v.Kind == Number):
		if !l.Exact {
			return Value{}, false
		}
		v = OfWord(Money, l.Money)
	case k == Number && v.Kind == Int:
		v = OfFloat(Number, float64(v.N))
	case k != v.Kind || l.Diff:
		return Value{}, false
	}
	if sign < 0 {
		if k.Class() == Float {
			return OfFloat(k, -v.Float()), true
		}
		v.N = -v.N
	}
	return v, true
}

func parseBool(text string) (Value, bool) {
	switch text {
	case "true", "TRUE", "True", "是", "1", "真", "为真":
		return OfBool(true), true
	case "false", "FALSE", "False", "否", "0", "假", "为假":
		return OfBool(false), true
	}
	return Value{}, false
}

// parseWhen reads a date, or a moment of the years 0001 to 9999.
func parseWhen(k Kind, text string, zone *time.Location) (Value, bool) {
	m, fault := ReadMoment(strings.TrimSpace(text))
	switch {
	case fault != MomentOK:
		return Value{}, false
	case k == Date:
		return OfWord(Date, m.Date), !m.Timed
	}
	if zone == nil {
		zone = time.UTC
	}
	t := m.In(zone)
	return OfWord(Time, t), InRange(t, zone)
}
