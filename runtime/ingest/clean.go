package ingest

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// cleaner takes off what a table puts around a value.
type cleaner struct {
	kind   value.Kind
	empty  []string
	values map[string]string
	times  *big.Rat
	unit   string
	form   *form
	alike  string // clean or key
	key    bool
	pepper string
}

// cleaner is that of a column.
func (m *Mapping) cleaner(c *Column, f *policy.Field) (cleaner, error) {
	out := cleaner{kind: value.Text, empty: m.Empty, values: c.Values, unit: c.Unit}
	switch {
	case f != nil:
		out.kind = f.Type.Kind
	case c.To == "at" || c.To == "received":
		out.kind = value.Time
	case c.To == "deleted" || c.To == "retracted":
		out.kind = value.Bool
	}
	if m.Empty == nil {
		out.empty = standardEmpty
	}
	var err error
	if out.times, err = factor(c); err != nil {
		return out, err
	}
	if out.alike = c.Clean; c.Key != "" {
		out.alike, out.key, out.pepper = c.Key, true, m.Pepper
	}
	if out.alike != "" && ways[out.alike] == nil || c.Clean != "" && c.Key != "" {
		return out, &Fault{BadClean, []string{c.From, c.Clean + c.Key}}
	}
	if c.Form != "" {
		if out.form = readForm(c.Form); out.form == nil {
			return out, &Fault{BadForm, []string{c.From, c.Form}}
		}
	}
	return out, nil
}

// of is a cell as engine/record reads it; "" says nothing. What is not understood stays as it is,
// so that the record's own finding shows what was written.
func (c *cleaner) of(cell string) string {
	if cell == "" || slices.Contains(c.empty, cell) {
		return ""
	}
	if v, ok := c.values[cell]; ok {
		return v
	}
	if c.alike != "" {
		cell = ways[c.alike](cell)
		if c.key && cell != "" {
			return keyOf(c.alike, cell, c.pepper)
		}
	}
	switch c.kind {
	case value.Text, value.Ref, value.Choice, value.List, value.Row, value.Point, value.Area,
		value.Photo, value.Audio, value.File:
		return cell
	case value.Bool:
		return truth(cell)
	case value.Date, value.Time:
		if c.form != nil {
			return c.form.read(cell, c.kind == value.Date)
		}
		return moment(cell, c.kind == value.Date)
	}
	return c.number(cell)
}

// truth knows more ways of saying yes and no than a record does.
func truth(cell string) string {
	switch strings.ToLower(value.Fold(cell)) {
	case "y", "yes", "√", "✓", "✔", "有", "对", "真":
		return "true"
	case "n", "no", "×", "✗", "✘", "x", "无", "没有", "错", "假":
		return "false"
	}
	return cell
}

// around are the signs of money that stand around a number.
var around = regexp.MustCompile(`^(?i:rmb|cny|[¥￥$])\s*|\s*(?i:rmb|cny|元|圆)$`)

// grouped is a number with separators of thousands: 1,234,567.80.
var grouped = regexp.MustCompile(`^[-+]?\d{1,3}(,\d{3})+(\.\d+)?`)

// bracketed is a negative number as accountants write it: (1,234.00).
var bracketed = regexp.MustCompile(`^\(([^()]*\d[^()]*)\)$`)

// lasting is a length of time as telephones and Excel write it: 0:03:25.
var lasting = regexp.MustCompile(`^(\d{1,6}):([0-5]?\d):([0-5]?\d)$`)

// digits is a plain decimal number.
var digits = regexp.MustCompile(`^[-+]?\d+(\.\d+)?$`)

// number takes off signs of money, separators and blanks, and scales.
func (c *cleaner) number(cell string) string {
	text := strings.TrimSpace(around.ReplaceAllString(value.Fold(cell), ""))
	if m := bracketed.FindStringSubmatch(text); m != nil {
		text = "-" + m[1]
	}
	if g := grouped.FindString(text); g != "" {
		text = strings.ReplaceAll(g, ",", "") + text[len(g):]
	}
	text = strings.ReplaceAll(text, " ", "")
	if m := lasting.FindStringSubmatch(text); m != nil && c.kind == value.Duration {
		h, _ := strconv.Atoi(m[1]) // they are digits
		min, _ := strconv.Atoi(m[2])
		s, _ := strconv.Atoi(m[3])
		return strconv.Itoa(h*3600+min*60+s) + "s"
	}
	if !digits.MatchString(text) || len(text) > longestNumber {
		return text
	}
	if c.times != nil {
		n, _ := new(big.Rat).SetString(text)
		n.Mul(n, c.times)
		places, exact := n.FloatPrec()
		if !exact {
			places = 12
		}
		text = n.FloatString(places)
	}
	return text + c.unit
}

// longestNumber is how many letters a number may have that is scaled exactly.
const longestNumber = 100
