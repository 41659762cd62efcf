package record

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// cell writes a cell that is not blank as the JSON value that means the same. What does not look
// like a value of the field stays a text, so that decoding says what is wrong with it.
func (c *CSV) cell(dst []byte, k *key, text string) []byte {
	switch {
	case k == nil:
		return quote(dst, text)
	case k.role == asField:
		return typed(dst, &k.field.Type, text)
	case k.role == asDeleted || k.role == asRetracted:
		return typed(dst, &policy.Type{Kind: value.Bool}, text)
	}
	return quote(dst, strings.TrimSpace(text))
}

// typed writes a cell of a type.
func typed(dst []byte, t *policy.Type, text string) []byte {
	if t.Kind == value.Text {
		return quote(dst, text)
	}
	text = strings.TrimSpace(text)
	switch t.Kind {
	case value.Bool:
		if v, ok := value.ParseText(value.Bool, text, nil); ok {
			return value.Style{}.AppendJSON(dst, v)
		}
	case value.Int, value.Number:
		if n, ok := number(text); ok {
			return append(dst, n...)
		}
	case value.Point:
		if a, b, ok := two(text); ok {
			return append(append(append(append(append(dst, '['), a...), ','), b...), ']')
		}
		return nestedCell(dst, text)
	case value.Photo, value.Audio, value.File:
		if len(text) == 64 {
			return append(quote(append(dst, `{"sha256":`...), text), '}')
		}
		return nestedCell(dst, text)
	case value.List:
		if strings.HasPrefix(text, "[") && json.Valid([]byte(text)) {
			return append(dst, text...)
		}
		return listed(dst, t, text)
	case value.Area, value.Row:
		return nestedCell(dst, text)
	}
	return quote(dst, text)
}

// listed writes a list whose elements stand between semicolons.
func listed(dst []byte, t *policy.Type, text string) []byte {
	dst = append(dst, '[')
	first := true
	for _, e := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '；' }) {
		if e = strings.TrimSpace(e); e == "" {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if t.Elem == nil {
			dst = quote(dst, e)
		} else {
			dst = typed(dst, t.Elem, e)
		}
	}
	return append(dst, ']')
}

// nestedCell writes a cell that holds JSON itself.
func nestedCell(dst []byte, text string) []byte {
	if (text[0] == '[' || text[0] == '{') && json.Valid([]byte(text)) {
		return append(dst, text...)
	}
	return quote(dst, text)
}

// number returns a number as JSON writes it: tables have signs and zeros before it too.
func number(text string) (string, bool) {
	text = strings.TrimPrefix(value.Fold(text), "+")
	sign, digits := "", text
	if strings.HasPrefix(text, "-") {
		sign, digits = "-", text[1:]
	}
	for len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		digits = digits[1:]
	}
	text = sign + digits
	return text, digits != "" && digits[0] >= '0' && digits[0] <= '9' && json.Valid([]byte(text))
}

// two splits `31.23, 121.47` into its numbers.
func two(text string) (a, b string, ok bool) {
	parts := strings.FieldsFunc(value.Fold(text), func(r rune) bool {
		return r == ',' || r == ';' || r == ' '
	})
	if len(parts) != 2 {
		return "", "", false
	}
	a, ok1 := number(parts[0])
	b, ok2 := number(parts[1])
	return a, b, ok1 && ok2
}

// quote writes a text as a JSON string. Bytes that are no UTF-8 stay, so that decoding refuses
// the line and the log has what came.
func quote(dst []byte, s string) []byte {
	if utf8.ValidString(s) {
		return value.AppendQuoted(dst, s)
	}
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}
